//! The maintainer's tool: `cargo xtask --help`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::diagnostic::{self, Diagnostic};
use xtask::document::Document;
use xtask::generate;
use xtask::output::{self, Outcome};

/// Turns the spec into the client, checks it, and says what a change means for users.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write the generated client from the spec.
    Generate {
        /// Write nothing; show the difference and fail if the client is not what the spec gives.
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        files: Files,
    },
}

#[derive(Debug, clap::Args)]
struct Files {
    /// The spec to read, instead of this workspace's.
    #[arg(long, value_name = "PATH")]
    spec: Option<PathBuf>,
    /// The file to write, instead of this workspace's.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

const SPEC: &str = "spec/xs2a.yaml";
const CLIENT: &str = "crates/xs2a-client/src/generated/mod.rs";
const MEND: &str = "cargo xtask generate";

/// Why a task ended without success.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}", diagnostic::render(.0))]
    Spec(Vec<Diagnostic>),
    #[error("the generated client is not what the spec gives; run `{MEND}`")]
    Outdated,
    #[error("{}: {error}", path.display())]
    File {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Generate { check, files } => generate_client(check, &files),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.to_string().trim_end());
            if let Failure::Spec(findings) = &failure {
                let count = findings.len();
                let plural = if count == 1 { "" } else { "s" };
                eprintln!("\n{count} problem{plural} in the spec; nothing was written");
            }
            ExitCode::FAILURE
        }
    }
}

fn generate_client(check: bool, files: &Files) -> Result<(), Failure> {
    let root = workspace();
    let path = files.out.clone().unwrap_or_else(|| root.join(CLIENT));
    let name = files
        .out
        .as_ref()
        .map_or_else(|| CLIENT.to_owned(), |path| path.display().to_string());
    let document = read_spec(&root, files.spec.as_deref())?;
    let made = generate::generate(&document).map_err(Failure::Spec)?;
    let in_file = |error| Failure::File {
        path: path.clone(),
        error,
    };
    let what = format!("{} operations, {} types", made.operations, made.types);
    if check {
        return match output::difference(&path, &name, &made.text).map_err(in_file)? {
            None => {
                println!("{name} is what the spec gives: {what}");
                Ok(())
            }
            Some(difference) => {
                print!("{difference}");
                Err(Failure::Outdated)
            }
        };
    }
    match output::write(&path, &made.text).map_err(in_file)? {
        Outcome::Written => println!("wrote {name}: {what}"),
        Outcome::Unchanged => println!("{name} is up to date: {what}"),
    }
    Ok(())
}

/// Reads the spec; the workspace's own goes by its short name whatever the working folder is.
fn read_spec(root: &Path, path: Option<&Path>) -> Result<Document, Failure> {
    let (path, name) = match path {
        Some(path) => (path.to_owned(), path.display().to_string()),
        None => (root.join(SPEC), SPEC.to_owned()),
    };
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::File {
        path: path.clone(),
        error,
    })?;
    Document::parse(&name, &text).map_err(Failure::Spec)
}

/// The workspace that is being worked on: cargo says so, also in a copy of it.
fn workspace() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or(manifest.clone(), Path::to_owned)
}
