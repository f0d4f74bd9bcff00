//! The tool as the maintainer runs it, on a copy of the spec and of the generated client.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const SPEC: &str = "spec/xs2a.yaml";
const CLIENT: &str = "crates/xs2a-client/src/generated/mod.rs";
const SPEC_COPY: &str = "crates/xs2a-sandbox/spec/xs2a.yaml";

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
        for file in [SPEC, CLIENT, SPEC_COPY] {
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
    let at = || fs::metadata(workspace.path(CLIENT)).unwrap().modified().unwrap();
    let before = at();
    let second = workspace.run(&["generate"]);
    assert!(second.success && second.stdout.contains("is up to date"));
    assert_eq!(workspace.read(CLIENT), written);
    assert_eq!(at(), before);
}

#[test]
fn an_edited_client_fails_the_check_with_a_diff_and_the_command_that_mends_it() {
    let workspace = Workspace::new();
    workspace.edit(CLIENT, "Operation::SyncConnection", "Operation::GetConnection");
    let edited = workspace.read(CLIENT);
    let check = workspace.run(&["generate", "--check"]);
    assert!(!check.success);
    assert!(check.stdout.starts_with(&format!("--- {CLIENT} (checked in)\n+++ {CLIENT} (from")));
    assert!(check.stdout.contains("\n@@ -"));
    assert!(check.stderr.contains("run `cargo xtask generate`"));
    assert_eq!(workspace.read(CLIENT), edited, "a check writes nothing");

    assert!(workspace.run(&["generate"]).success);
    assert!(workspace.run(&["generate", "--check"]).success);
}

#[test]
fn a_checkout_with_carriage_returns_is_what_the_spec_gives() {
    let workspace = Workspace::new();
    for file in [SPEC, CLIENT, SPEC_COPY] {
        fs::write(workspace.path(file), workspace.read(file).replace('\n', "\r\n")).unwrap();
    }
    let check = workspace.run(&["generate", "--check"]);
    assert!(check.success, "{}{}", check.stdout, check.stderr);
    let written = workspace.run(&["generate"]);
    assert!(written.stdout.contains("is up to date"), "{}", written.stdout);

    let description = "description: Name of the bank.";
    workspace.edit(SPEC, description, "description: What the bank is called.");
    let check = workspace.run(&["generate", "--check"]);
    let changed: Vec<_> =
        check.stdout.lines().filter(|line| line.starts_with(['-', '+'])).collect();
    // The headers and one line of the client, and the same of the copy of the spec.
    assert_eq!(changed.len(), 8, "{}", check.stdout);
}

#[test]
fn a_client_that_is_read_only_is_reported_and_not_replaced() {
    let workspace = Workspace::new();
    workspace.edit(CLIENT, "Operation::SyncConnection", "Operation::GetConnection");
    let edited = workspace.read(CLIENT);
    let mut permissions = fs::metadata(workspace.path(CLIENT)).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(workspace.path(CLIENT), permissions).unwrap();
    let run = workspace.run(&["generate"]);
    assert!(!run.success);
    assert!(
        run.stderr.contains("mod.rs: the file is read-only: make it writable"),
        "{}",
        run.stderr
    );
    assert_eq!(workspace.read(CLIENT), edited);
}

#[test]
fn a_spec_on_one_line_is_shown_around_the_place() {
    let workspace = Workspace::new();
    let spec = xtask::document::Document::parse(SPEC, &workspace.read(SPEC)).unwrap();
    let line = spec.value().to_string();
    assert!(line.len() > 50_000, "{}", line.len());
    fs::write(workspace.path("spec.json"), line.replacen("\"unsent\"", "\"never\"", 1)).unwrap();
    let run = workspace.run(&["lint", "--spec", "spec.json"]);
    assert!(!run.success);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(lines[0].ends_with(": `never` is no retry class [retry-class]"), "{}", run.stderr);
    assert!(lines[2].contains("\"x-retry\":\"never\",\"requestBody\""), "{}", run.stderr);
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap();
    assert!(longest < 140, "{}", run.stderr);
}

#[test]
fn an_edited_schema_fails_the_check() {
    let workspace = Workspace::new();
    let description = "description: Name of the bank.";
    workspace.edit(SPEC, description, "description: What the bank is called.");
    let check = workspace.run(&["generate", "--check"]);
    assert!(!check.success);
    assert!(check.stdout.contains("+        /// What the bank is called."), "{}", check.stdout);
}

#[test]
fn a_broken_spec_is_a_diagnostic_with_its_place_and_changes_no_file() {
    for (what, from, to, diagnostics) in BREAKS {
        let workspace = Workspace::new();
        workspace.edit(SPEC, from, to);
        let before = workspace.read(CLIENT);
        for arguments in [&["generate"][..], &["generate", "--check"], &["lint"], &["diff"]] {
            let run = workspace.run(arguments);
            assert!(!run.success, "{what}");
            assert_eq!(run.stdout, "", "{what}");
            let found: Vec<_> = run
                .stderr
                .lines()
                .filter_map(|line| {
                    let (place, message) =
                        line.strip_prefix("spec/xs2a.yaml:")?.split_once(": ")?;
                    let (line, column) = place.split_once(':')?;
                    assert!(line.parse::<usize>().unwrap() > 1, "{what}: {place}");
                    assert!(column.parse::<usize>().unwrap() >= 1, "{what}: {place}");
                    Some(message)
                })
                .collect();
            assert_eq!(found, *diagnostics, "{what}: {}", run.stderr);
            assert_eq!(workspace.read(CLIENT), before, "{what}");
        }
    }
}

/// What is broken, how, and the diagnostics without their places.
type Break = (&'static str, &'static str, &'static str, &'static [&'static str]);

const BREAKS: &[Break] = &[
    (
        "the syntax",
        "\npaths:\n",
        "\npaths: [\n",
        &["while parsing a flow mapping, did not find expected ',' or '}' [yaml]"],
    ),
    (
        "an unknown reference",
        "$ref: '#/components/schemas/SyncMode'",
        "$ref: '#/components/schemas/SyncMood'",
        &["there is no `SyncMood` in `components.schemas` [unknown-ref]"],
    ),
    (
        "an operationId twice",
        "operationId: autocomplete_bank_codes",
        "operationId: list_bank_codes",
        &[
            "the operationId `list_bank_codes` is already that of GET /v1/bankcodes/all [duplicate-operation-id]",
        ],
    ),
    (
        "no retry class",
        "x-retry: unsent",
        "x-assumed: true",
        &["`create_user` has no `x-retry` [retry-class]"],
    ),
    (
        "a path parameter that is not declared",
        "/v1/api/connections/{connection_id}/sync:",
        "/v1/api/connections/{connection_id}/sync/{how}:",
        &["`sync_connection` does not declare the path parameter `how` [path-parameters]"],
    ),
    (
        "a placeholder without a name",
        "/v1/api/connections/{connection_id}/sync:",
        "/v1/api/connections/{}/sync:",
        &["a placeholder of `/v1/api/connections/{}/sync` has no name [path-form]"],
    ),
];

#[test]
fn another_spec_never_becomes_the_client_of_the_workspace() {
    let workspace = Workspace::new();
    let other = workspace.read(SPEC).replacen("1.0.0", "9.0.0", 1);
    fs::write(workspace.path("other.yaml"), other).unwrap();
    let before = workspace.read(CLIENT);

    let refused = workspace.run(&["generate", "--spec", "other.yaml"]);
    assert!(!refused.success);
    assert!(refused.stderr.contains("say `--out PATH`"), "{}", refused.stderr);
    assert_eq!(workspace.read(CLIENT), before);

    for (arguments, mend) in [
        (
            &["--spec", "other.yaml"][..],
            "--spec other.yaml --out crates/xs2a-client/src/generated/mod.rs",
        ),
        (&["--spec", "other.yaml", "--out", "other.rs"], "--spec other.yaml --out other.rs"),
        (&["--out", "other.rs"], "--out other.rs"),
    ] {
        let check = workspace.run(&[&["generate", "--check"], arguments].concat());
        assert!(!check.success);
        let line = format!("run `cargo xtask generate {mend}`\n");
        assert!(check.stderr.ends_with(&line), "{}", check.stderr);
    }
    assert_eq!(workspace.read(CLIENT), before);

    let written = workspace.run(&["generate", "--spec", "other.yaml", "--out", "other.rs"]);
    assert!(written.success, "{}", written.stderr);
    let written = workspace.read("other.rs");
    assert!(
        written.starts_with("// Generated from other.yaml (XS2A.api 9.0.0). Do not edit"),
        "{}",
        &written[..200]
    );
}

#[test]
fn the_workspaces_own_spec_is_the_same_however_its_path_is_typed() {
    let workspace = Workspace::new();
    let before = workspace.read(CLIENT);
    let absolute = workspace.path(SPEC);
    for path in [&format!("./{SPEC}"), "spec/../spec/xs2a.yaml", absolute.to_str().unwrap()] {
        let check = workspace.run(&["generate", "--check", "--spec", path]);
        assert!(check.success, "{path}: {}{}", check.stdout, check.stderr);
        let written = workspace.run(&["generate", "--spec", path]);
        assert!(written.success && written.stdout.contains("is up to date"), "{path}");
        assert_eq!(workspace.read(CLIENT), before, "{path}");
        let lint = workspace.run(&["lint", "--spec", path]);
        assert!(lint.stdout.starts_with(&format!("{SPEC} keeps all ")), "{path}: {}", lint.stdout);
    }
}

#[test]
fn a_workspace_may_be_a_folder_of_its_repository() {
    let workspace = Workspace::new();
    let inside = workspace.path("tool");
    fs::create_dir(&inside).unwrap();
    for name in ["spec", "crates"] {
        fs::rename(workspace.path(name), inside.join(name)).unwrap();
    }
    let manifest = "[workspace.package]\nversion = \"1.2.3\"\n";
    fs::write(inside.join("Cargo.toml"), manifest).unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(workspace.0.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "All"]);
    let spec = format!("tool/{SPEC}");
    workspace.edit(&spec, "description: Name of the bank.", "description: Its name.");
    let mut command = workspace.command(&["diff"]);
    let output = command.env("CARGO_MANIFEST_DIR", inside.join("xtask")).output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{report}");
    assert!(report.contains("Reworded the description"), "{report}");
    assert!(report.contains("1.2.4"), "{report}");
}

#[test]
fn what_is_not_text_is_a_diagnostic_with_its_place() {
    let workspace = Workspace::new();
    fs::write(workspace.path(SPEC), b"openapi: 3.0.3\ninfo: \xff\n").unwrap();
    let run = workspace.run(&["generate"]);
    assert!(!run.success);
    assert!(run.stderr.starts_with("spec/xs2a.yaml:2:7: "), "{}", run.stderr);
}
