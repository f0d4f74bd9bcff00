//! Compiles many states of the generated client at once: one workspace, a crate per state.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What may fail to compile: the client itself, or the code of somebody who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Client,
    User,
}

/// A workspace in the target folder. It stays, so that the next run compiles only what changed.
pub(crate) struct Variants {
    root: PathBuf,
    names: BTreeSet<String>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Variants {
    pub(crate) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(root.join("variants")).unwrap();
        let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
        let edited = |line: &str| match line.split(" = ").next() {
            Some("members") => "members = [\"variants/*\"]\n".to_owned(),
            _ => format!("{line}\n"),
        };
        let manifest: String = manifest.lines().map(edited).collect();
        assert!(manifest.contains("variants/*"));
        write(&root.join("Cargo.toml"), &manifest);
        let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
        fs::write(root.join("Cargo.lock"), lock).unwrap();
        Self { root, names: BTreeSet::new() }
    }

    /// Adds a state of the client, and code that uses it.
    pub(crate) fn add(&mut self, name: &str, generated: &str, users: &[(&str, &str)]) {
        let client = repository().join("crates/xs2a-client");
        let variant = self.root.join("variants").join(name);
        let manifest = fs::read_to_string(client.join("Cargo.toml")).unwrap();
        let (manifest, _) = manifest.split_once("[dev-dependencies]").unwrap();
        let manifest = manifest
            .replace("name = \"xs2a-client\"", &format!("name = \"{name}\"\npublish = false"));
        // Without TLS, which takes minutes to build, and which no generated code uses.
        assert!(manifest.contains("default = [\"rustls\"]"));
        let manifest = manifest.replace("default = [\"rustls\"]", "default = []");
        let library = "[lib]\nname = \"xs2a_client\"\n\n[lints]\nworkspace = true\n";
        write(&variant.join("Cargo.toml"), &(manifest + library));
        for entry in fs::read_dir(client.join("src")).unwrap() {
            copy(&entry.unwrap().path(), &variant.join("src"));
        }
        write(&variant.join("src/generated/mod.rs"), generated);
        let _ = fs::remove_dir_all(variant.join("examples"));
        for (user, code) in users {
            let path = variant.join("examples").join(format!("{name}-{user}.rs"));
            write(&path, &format!("#![allow(missing_docs)]\n{code}\nfn main() {{}}\n"));
        }
        self.names.insert(name.to_owned());
    }

    /// What rustdoc warns of in the generated files.
    pub(crate) fn warnings_of_rustdoc(&self) -> Vec<String> {
        let output =
            self.cargo(&["doc", "--no-deps", "--lib", "--message-format=json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8(output.stdout).unwrap();
        let messages = messages.lines().filter_map(|line| serde_json::from_str(line).ok());
        messages
            .filter(|message: &Value| {
                let spans = message.pointer("/message/spans").and_then(Value::as_array);
                let names =
                    spans.into_iter().flatten().filter_map(|span| span["file_name"].as_str());
                names.into_iter().any(|name| name.ends_with("generated/mod.rs"))
            })
            .filter_map(|message| Some(message.pointer("/message/rendered")?.as_str()?.to_owned()))
            .collect()
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .current_dir(&self.root)
            // Each state is compiled once; what would be kept for the next time fills the disk.
            .env("CARGO_INCREMENTAL", "0")
            .args(arguments)
            .args(["--offline", "--workspace", "--target-dir"])
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("variants-target"));
        command
    }

    /// The errors of the compiler, and its warnings about clients, by state and part.
    pub(crate) fn errors(&self) -> BTreeMap<(String, Part), String> {
        for entry in fs::read_dir(self.root.join("variants")).unwrap() {
            let entry = entry.unwrap();
            if !self.names.contains(entry.file_name().to_str().unwrap()) {
                fs::remove_dir_all(entry.path()).unwrap();
            }
        }
        let arguments = ["check", "--lib", "--examples", "--keep-going", "--message-format=json"];
        let output = self.cargo(&arguments).output().unwrap();
        let messages = String::from_utf8(output.stdout).unwrap();
        let mut errors: BTreeMap<(String, Part), String> = BTreeMap::new();
        let mut checked = BTreeSet::new();
        for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok())
        {
            let Some(path) = message.pointer("/target/src_path").and_then(Value::as_str) else {
                continue;
            };
            let Some(inside) = path.split("/variants/").nth(1) else {
                continue;
            };
            let name = inside.split('/').next().unwrap().to_owned();
            checked.insert(name.clone());
            let part = if inside.contains("/examples/") { Part::User } else { Part::Client };
            // The client has to compile without a warning; its users may well be warned.
            match (message.pointer("/message/level").and_then(Value::as_str), part) {
                (Some("error"), _) | (Some("warning"), Part::Client) => {}
                _ => continue,
            }
            let rendered = message.pointer("/message/rendered").and_then(Value::as_str);
            errors.entry((name, part)).or_default().push_str(rendered.unwrap_or_default());
        }
        // A client that does not compile has no message of success, but it has an error.
        assert_eq!(checked, self.names, "{}", String::from_utf8_lossy(&output.stderr));
        errors
    }
}

fn copy(from: &Path, folder: &Path) {
    let to = folder.join(from.file_name().unwrap());
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            copy(&entry.unwrap().path(), &to);
        }
    } else if !from.ends_with("generated/mod.rs") {
        write(&to, &fs::read_to_string(from).unwrap());
    }
}

/// Writes only what differs, so that cargo need not look at it again.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() != Some(text) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
