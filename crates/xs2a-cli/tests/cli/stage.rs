//! A sandbox, and the command that asks it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use xs2a_sandbox::{BankUser, Builder, Sandbox};

/// What no output may hold. The tests give them to the command, and the sandbox may repeat them.
pub(crate) const KEY: &str = "canary-key-4f1c";
pub(crate) const PIN: &str = "canary-pin-77a2";
pub(crate) const HALF: &str = "canary-half-c3d9";

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) ada: BankUser,
    pub(crate) folder: TempDir,
}

/// How a command ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stage {
    /// A sandbox whose clock runs with the machine's, and a bank user.
    pub(crate) async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        let builder = Sandbox::builder().api_key(KEY).starts_at_now();
        let builder = builder.follows_tokio(true).tick(Duration::ZERO);
        let sandbox = change(builder).start().await.unwrap();
        let ada = sandbox.add_user("Ada");
        Self { sandbox, ada, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that only its owner may read.
    pub(crate) fn secret_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// The command with key and token in its environment, and nothing else of ours.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command
            .env("XS2A_BASE_URL", self.sandbox.base_url())
            .env("XS2A_API_KEY", KEY)
            .env("XS2A_ACCESS_TOKEN", self.ada.token())
            .env("XDG_STATE_HOME", self.path("state"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    /// Runs the command with these lines as standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        self.holds_no_secret(finish(self.command(arguments), input))
    }

    pub(crate) fn holds_no_secret(&self, run: Run) -> Run {
        for secret in [KEY, PIN, HALF, self.ada.token()] {
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains(secret), "{secret} shows in {text}");
            }
        }
        run
    }

    /// Runs a command that succeeds; gives the items of its JSON, held against the schema.
    pub(crate) fn items(&self, arguments: &[&str]) -> Vec<Value> {
        self.items_with(arguments, "")
    }

    pub(crate) fn items_with(&self, arguments: &[&str], input: &str) -> Vec<Value> {
        let arguments = [arguments, &["--output", "json"]].concat();
        let run = self.run_with(&arguments, input);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run.stdout.lines().flat_map(items_of).collect()
    }
}

/// The items of a document, which the schema allows.
pub(crate) fn items_of(json: &str) -> Vec<Value> {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../schema/output.json")).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    });
    let document: Value = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"));
    let kind = document["kind"].as_str().unwrap_or_default();
    let wrong: Vec<_> = SCHEMA.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{kind}: {wrong:?}\n{json}");
    document["items"].as_array().unwrap().clone()
}

/// The command in an empty environment.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xs2a"));
    command.args(arguments).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command, input: &str) -> Run {
    let mut child = command.spawn().unwrap();
    // A command that needs no input may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Run::from(child.wait_with_output().unwrap())
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap_or(-1);
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Sends a signal to a child of the test.
pub(crate) fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
}

/// Waits until something is so, with a generous bound.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never came: {what}");
}
