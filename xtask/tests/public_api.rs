//! The record of the public API, on a workspace with one small library.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn workspace(code: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let manifest =
        "[package]\nname = \"thing\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    write(folder.path(), code);
    folder
}

fn write(root: &Path, code: &str) {
    fs::write(root.join("src/lib.rs"), code).unwrap();
}

fn api(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    // The workspace is the folder above the manifest that cargo names.
    command.arg("api").args(arguments).env("CARGO_MANIFEST_DIR", root.join("xtask"));
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_removed_item_fails_the_check_and_shows() {
    let folder = workspace("pub fn stays() {}\npub fn goes(_: &str) {}\n");
    let written = api(folder.path(), &[]).output().unwrap();
    if !written.status.success() && text(&written).contains("nightly") {
        eprintln!("skipped: {}", text(&written).trim());
        return;
    }
    assert!(written.status.success(), "{}", text(&written));
    let check = || api(folder.path(), &["--check"]).output().unwrap();
    let same = check();
    assert!(same.status.success(), "{}", text(&same));

    write(folder.path(), "pub fn stays() {}\n");
    let other = check();
    assert!(!other.status.success(), "{}", text(&other));
    assert!(text(&other).contains("\n-pub fn thing::goes(&str)\n"), "{}", text(&other));
    assert!(text(&other).contains("run `cargo xtask api`"), "{}", text(&other));
    let snapshot = fs::read_to_string(folder.path().join("docs/api/thing.txt")).unwrap();
    assert!(snapshot.contains("goes"), "a check writes nothing: {snapshot}");
}

#[test]
fn without_a_nightly_the_check_says_so_in_one_line_and_passes() {
    let folder = workspace("pub fn stays() {}\n");
    let no_rustup = |arguments| api(folder.path(), arguments).env("PATH", "").output().unwrap();
    let checked = no_rustup(&["--check"]);
    assert!(checked.status.success(), "{}", text(&checked));
    assert_eq!(
        text(&checked),
        "the public API is not checked: no nightly toolchain is installed (`rustup toolchain install nightly`)\n"
    );
    let written = no_rustup(&[]);
    assert!(!written.status.success(), "nothing was written: {}", text(&written));
}
