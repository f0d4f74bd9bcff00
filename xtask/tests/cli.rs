//! The tool as the maintainer runs it, on a copy of the spec and of the generated client.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const SPEC: &str = "spec/xs2a.yaml";
const CLIENT: &str = "crates/xs2a-client/src/generated/mod.rs";

struct Workspace(TempDir);

/// How a run ended, and what it printed.
struct Run {
    success: bool,
    stdout: String,
    stderr: String,
}

impl Workspace {
    fn new() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workspace = Self(tempfile::tempdir().unwrap());
        for file in [SPEC, CLIENT] {
            let path = workspace.path(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::copy(repository.join(file), path).unwrap();
        }
        workspace
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "no `{from}` in {file}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .env("CARGO_MANIFEST_DIR", self.path("xtask"))
            .current_dir(self.0.path())
            .args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Run {
            success: output.status.success(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

#[test]
fn the_checked_in_client_is_what_the_spec_gives() {
    let checked = Workspace::new().run(&["generate", "--check"]);
    assert!(checked.success, "{}{}", checked.stdout, checked.stderr);
}

#[test]
fn a_second_generation_touches_nothing() {
    let workspace = Workspace::new();
    fs::remove_file(workspace.path(CLIENT)).unwrap();
    let first = workspace.run(&["generate"]);
    assert!(first.success && first.stdout.starts_with("wrote crates/"));
    let written = workspace.read(CLIENT);
    let at = || {
        fs::metadata(workspace.path(CLIENT))
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = at();
    let second = workspace.run(&["generate"]);
    assert!(second.success && second.stdout.contains("is up to date"));
    assert_eq!(workspace.read(CLIENT), written);
    assert_eq!(at(), before);
}

#[test]
fn an_edited_client_fails_the_check_with_a_diff_and_the_command_that_mends_it() {
    let workspace = Workspace::new();
    workspace.edit(
        CLIENT,
        "Operation::SyncConnection",
        "Operation::GetConnection",
    );
    let edited = workspace.read(CLIENT);
    let check = workspace.run(&["generate", "--check"]);
    assert!(!check.success);
    assert!(
        check
            .stdout
            .starts_with(&format!("--- {CLIENT} (checked in)\n+++ {CLIENT} (from"))
    );
    assert!(check.stdout.contains("\n@@ -"));
    assert!(check.stderr.contains("run `cargo xtask generate`"));
    assert_eq!(workspace.read(CLIENT), edited, "a check writes nothing");

    assert!(workspace.run(&["generate"]).success);
    assert!(workspace.run(&["generate", "--check"]).success);
}

#[test]
fn an_edited_schema_fails_the_check() {
    let workspace = Workspace::new();
    let description = "description: Name of the bank.";
    workspace.edit(SPEC, description, "description: What the bank is called.");
    let check = workspace.run(&["generate", "--check"]);
    assert!(!check.success);
    assert!(
        check
            .stdout
            .contains("+        /// What the bank is called."),
        "{}",
        check.stdout
    );
}

#[test]
fn a_broken_spec_is_a_diagnostic_with_its_place_and_changes_no_file() {
    for (what, from, to, message) in [
        ("the syntax", "\npaths:\n", "\npaths: [\n", "yaml"),
        (
            "an unknown reference",
            "$ref: '#/components/schemas/SyncMode'",
            "$ref: '#/components/schemas/SyncMood'",
            "unknown-ref",
        ),
        (
            "an operationId twice",
            "operationId: sync_connection",
            "operationId: get_connection",
            "get_connection",
        ),
        (
            "no retry class",
            "x-retry: unsent",
            "x-assumed: true",
            "x-retry",
        ),
        (
            "a path parameter that is not declared",
            "/v1/api/connections/{connection_id}/sync:",
            "/v1/api/connections/{connection_id}/sync/{how}:",
            "how",
        ),
    ] {
        let workspace = Workspace::new();
        workspace.edit(SPEC, from, to);
        let before = workspace.read(CLIENT);
        for arguments in [&["generate"][..], &["generate", "--check"], &["lint"]] {
            let run = workspace.run(arguments);
            assert!(!run.success, "{what}");
            let first = run.stderr.lines().next().unwrap();
            let mut parts = first.splitn(4, ':');
            assert_eq!(parts.next(), Some(SPEC), "{first}");
            assert!(
                parts.next().unwrap().parse::<usize>().unwrap() > 1,
                "{first}"
            );
            assert!(
                parts.next().unwrap().parse::<usize>().unwrap() >= 1,
                "{first}"
            );
            assert!(run.stderr.contains(message), "{what}: {}", run.stderr);
            assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
            assert_eq!(workspace.read(CLIENT), before, "{what}");
        }
    }
}

#[test]
fn what_is_not_text_is_a_diagnostic_with_its_place() {
    let workspace = Workspace::new();
    fs::write(workspace.path(SPEC), b"openapi: 3.0.3\ninfo: \xff\n").unwrap();
    let run = workspace.run(&["generate"]);
    assert!(!run.success);
    assert!(
        run.stderr.starts_with("spec/xs2a.yaml:2:7: "),
        "{}",
        run.stderr
    );
}

#[test]
fn an_interrupted_generation_leaves_the_old_file_or_the_new_one() {
    let workspace = Workspace::new();
    let new = workspace.read(CLIENT);
    let old = "// the old one\n";
    for step in 0..12_u32 {
        fs::write(workspace.path(CLIENT), old).unwrap();
        let mut running = workspace
            .command(&["generate"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(40) * step);
        running.kill().unwrap();
        running.wait().unwrap();
        let left = workspace.read(CLIENT);
        assert!(left == old || left == new, "half a file after step {step}");
    }
}
