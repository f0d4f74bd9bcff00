//! The maintainer's tool: `cargo xtask --help`.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};
use xtask::diagnostic::{self, Diagnostic};
use xtask::diff::{self, BaseError, Format, Impact};
use xtask::document::Document;
use xtask::output::{self, Outcome};
use xtask::public_api;
use xtask::{generate, lint, live};

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
        /// Write nothing. Show the difference and fail if the client is not what the spec gives.
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        files: Files,
    },
    /// Check the spec against the rules, and show all findings at once.
    Lint {
        /// List the rules and their reasons instead.
        #[arg(long)]
        list: bool,
        /// The spec to read, instead of this workspace's.
        #[arg(long, value_name = "PATH")]
        spec: Option<PathBuf>,
    },
    /// Say what the working spec changes for users of the client.
    Diff {
        /// The revision to compare with: by default the last tag of a version, else HEAD.
        #[arg(long, value_name = "REV")]
        base: Option<String>,
        /// How to write the report.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Fail, after the report, if a change is at least this grave.
        #[arg(long, value_enum, value_name = "IMPACT")]
        fail_on: Option<Impact>,
        /// The spec to read, instead of this workspace's.
        #[arg(long, value_name = "PATH")]
        spec: Option<PathBuf>,
    },
    /// Write the public API of the published crates to docs/api. Needs a nightly toolchain.
    Api {
        /// Write nothing. Show the difference and fail if the API is not what is checked in; without
        /// a nightly toolchain, say so and pass.
        #[arg(long)]
        check: bool,
    },
    /// Ask the service itself: hold its answers against the spec, in the test bank only.
    ///
    /// The API key is read from XS2A_API_KEY, the address from XS2A_BASE_URL (by default that of the
    /// service). What is made is deleted. The exit code is 0 if the spec holds, 1 if the service does
    /// something else, 2 if it could not be asked.
    Live {
        /// How to write the report.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Go on with a key that is not in test mode.
        #[arg(long)]
        not_in_test_mode: bool,
    },
    /// Measure what the client costs. The arguments are passed on to the benchmark.
    #[command(disable_help_flag = true)]
    Bench(Arguments),
    /// Run random scenarios against the sandbox. The arguments are passed on to the soak test.
    #[command(disable_help_flag = true)]
    Soak(Arguments),
}

#[derive(Debug, clap::Args)]
struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

#[derive(Debug, clap::Args)]
struct Files {
    /// The spec to read, instead of this workspace's; to write, say `--out` too.
    #[arg(long, value_name = "PATH")]
    spec: Option<PathBuf>,
    /// The file to write, instead of this workspace's.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

impl Files {
    /// The flags that write the file which these flags compare. A spec is never named without a file.
    fn flags(&self) -> String {
        let mut flags = String::new();
        if let Some(spec) = &self.spec {
            flags += &format!(" --spec {}", spec.display());
        }
        match &self.out {
            Some(out) => flags += &format!(" --out {}", out.display()),
            None if self.spec.is_some() => flags += &format!(" --out {CLIENT}"),
            None => {}
        }
        flags
    }
}

const CLIENT: &str = "crates/xs2a-client/src/generated/mod.rs";

/// The spec in the package of the sandbox.
const SPEC_COPY: &str = "crates/xs2a-sandbox/spec/xs2a.yaml";

/// Why a task ended without success.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}", diagnostic::render(.0))]
    Spec(Vec<Diagnostic>),
    #[error("the generated client is not what the spec gives; run `cargo xtask generate{flags}`")]
    Outdated {
        /// The flags of the check that also apply to writing.
        flags: String,
    },
    #[error(
        "another spec must not become this workspace's client; say `--out PATH` beside `--spec`"
    )]
    NoOut,
    #[error("{}: {error}", path.display())]
    File {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error(
        "the public API is not what docs/api says: if that is meant, run `cargo xtask api` and commit \
         what it writes"
    )]
    OtherApi,
    #[error(transparent)]
    Api(#[from] public_api::Error),
    #[error(transparent)]
    Base(#[from] BaseError),
    #[error("`--fail-on {limit}`: {summary}")]
    TooGrave { limit: &'static str, summary: String },
    #[error("cargo cannot be started: {0}")]
    Cargo(#[source] io::Error),
    /// The program itself has said why.
    #[error("`{0}` did not succeed")]
    Program(&'static str),
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Generate { check, files } => generate_client(check, &files),
        Task::Lint { list: true, .. } => {
            say(lint::listing());
            Ok(())
        }
        Task::Lint { list: false, spec } => lint_spec(spec.as_deref()),
        Task::Diff { base, format, fail_on, spec } => {
            report_changes(base.as_deref(), format, fail_on, spec.as_deref())
        }
        Task::Api { check } => record_api(check),
        Task::Live { format, not_in_test_mode } => return ask_service(format, not_in_test_mode),
        Task::Bench(Arguments { arguments }) => run_program("xs2a-bench", "xs2a-bench", &arguments),
        Task::Soak(Arguments { arguments }) => run_program("xs2a-tests", "soak", &arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.to_string().trim_end());
            if let Failure::Spec(findings) = &failure {
                let count = findings.len();
                let plural = if count == 1 { "" } else { "s" };
                eprintln!("\n{count} problem{plural} in the spec");
            }
            ExitCode::FAILURE
        }
    }
}

/// Prints a text. The reader may stop early (`| head`), which is not an error.
fn say(text: impl Display) {
    let _ = write!(io::stdout(), "{text}");
}

fn generate_client(check: bool, files: &Files) -> Result<(), Failure> {
    let root = workspace();
    let other = files.spec.as_deref().is_some_and(|path| name_of(&root, path) != generate::SPEC);
    if other && files.out.is_none() && !check {
        return Err(Failure::NoOut);
    }
    let path = files.out.clone().unwrap_or_else(|| root.join(CLIENT));
    let name =
        files.out.as_ref().map_or_else(|| CLIENT.to_owned(), |path| path.display().to_string());
    let document = read_spec(&root, files.spec.as_deref())?;
    check_spec(&document)?;
    let made = generate::generate(&document).map_err(Failure::Spec)?;
    let what = format!("{} operations, {} types", made.operations, made.types);
    let mut outputs = vec![(path, name, made.text, what)];
    // The sandbox judges by the spec, and its package has to contain the spec.
    if !other && files.out.is_none() {
        let (path, name) = (root.join(SPEC_COPY), SPEC_COPY.to_owned());
        outputs.push((path, name, document.text(), "a copy of the spec".to_owned()));
    }
    let mut outdated = false;
    for (path, name, text, what) in outputs {
        let in_file = |error| Failure::File { path: path.clone(), error };
        if check {
            match output::difference(&path, &name, &text, "from the spec").map_err(in_file)? {
                None => say(format_args!("{name} is what the spec gives: {what}\n")),
                Some(difference) => {
                    say(difference);
                    outdated = true;
                }
            }
            continue;
        }
        match output::write(&path, &text).map_err(in_file)? {
            Outcome::Written => say(format_args!("wrote {name}: {what}\n")),
            Outcome::Unchanged => say(format_args!("{name} is up to date: {what}\n")),
        }
    }
    if check {
        return if outdated { Err(Failure::Outdated { flags: files.flags() }) } else { Ok(()) };
    }
    say(diff::summary_line(&root, &document) + "\n");
    Ok(())
}

fn lint_spec(path: Option<&Path>) -> Result<(), Failure> {
    let document = read_spec(&workspace(), path)?;
    check_spec(&document)?;
    let rules = lint::RULES.len();
    say(format_args!("{} keeps all {rules} rules\n", document.name()));
    Ok(())
}

fn check_spec(document: &Document) -> Result<(), Failure> {
    match lint::check(document) {
        findings if findings.is_empty() => Ok(()),
        findings => Err(Failure::Spec(findings)),
    }
}

fn report_changes(
    base: Option<&str>,
    format: Format,
    fail_on: Option<Impact>,
    path: Option<&Path>,
) -> Result<(), Failure> {
    let root = workspace();
    let document = read_spec(&root, path)?;
    check_spec(&document)?;
    let report = diff::against(&root, &document, base)?;
    say(report.render(format));
    match fail_on.filter(|limit| report.changes().iter().any(|change| change.impact <= *limit)) {
        Some(limit) => Err(Failure::TooGrave { limit: limit.name(), summary: report.summary() }),
        None => Ok(()),
    }
}

/// Writes the snapshots of the public API, or compares them.
fn record_api(check: bool) -> Result<(), Failure> {
    let root = workspace();
    let snapshots = match public_api::read(&root) {
        Ok(snapshots) => snapshots,
        Err(public_api::Error::Unavailable(reason)) if check => {
            say(format_args!("the public API is not checked: {reason}\n"));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let mut differs = false;
    for snapshot in snapshots {
        let name = format!("{}/{}.txt", public_api::FOLDER, snapshot.name);
        let path = root.join(&name);
        let in_file = |error| Failure::File { path: path.clone(), error };
        if !check {
            let outcome = output::write(&path, &snapshot.text).map_err(in_file)?;
            let verb = if outcome == Outcome::Written { "wrote" } else { "unchanged:" };
            say(format_args!("{verb} {name}\n"));
        } else if let Some(difference) =
            output::difference(&path, &name, &snapshot.text, "from the code").map_err(in_file)?
        {
            say(difference);
            differs = true;
        } else {
            say(format_args!("{name} is what the code says\n"));
        }
    }
    if differs { Err(Failure::OtherApi) } else { Ok(()) }
}

/// Holds the service against the spec.
fn ask_service(format: Format, not_in_test_mode: bool) -> ExitCode {
    let settings = live::Settings::from_env(not_in_test_mode);
    let document = match read_spec(&workspace(), None) {
        Ok(document) => document,
        Err(failure) => {
            eprintln!("{failure}");
            return ExitCode::from(live::COULD_NOT_RUN);
        }
    };
    match settings.and_then(|settings| live::run(&document, &settings)) {
        Ok(report) => {
            say(report.render(format));
            ExitCode::from(report.exit_code())
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(live::COULD_NOT_RUN)
        }
    }
}

/// Runs a program of the test package. This package must not depend on that one, because it has to
/// generate the client even when nothing else compiles.
fn run_program(package: &str, name: &'static str, arguments: &[OsString]) -> Result<(), Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(workspace())
        .args(["run", "--quiet", "--release", "--package", package, "--bin", name, "--"])
        .args(arguments)
        .status()
        .map_err(Failure::Cargo)?;
    if status.success() { Ok(()) } else { Err(Failure::Program(name)) }
}

/// Reads the spec that is named, or else the spec of the workspace.
fn read_spec(root: &Path, path: Option<&Path>) -> Result<Document, Failure> {
    let (path, name) = match path {
        Some(path) => (path.to_owned(), name_of(root, path)),
        None => (root.join(generate::SPEC), generate::SPEC.to_owned()),
    };
    let bytes =
        std::fs::read(&path).map_err(|error| Failure::File { path: path.clone(), error })?;
    Document::from_bytes(&name, &bytes).map_err(Failure::Spec)
}

/// The name of a spec. Inside the workspace it is the path from the root of the workspace, however
/// the path was typed and whatever the working folder is, because the generated client contains the
/// name.
fn name_of(root: &Path, path: &Path) -> String {
    let whole = (root.canonicalize(), path.canonicalize());
    let inside = match &whole {
        (Ok(root), Ok(path)) => path.strip_prefix(root).ok(),
        _ => None,
    };
    match inside {
        Some(path) => {
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            parts.join("/")
        }
        None => path.display().to_string(),
    }
}

/// The root of the workspace. Cargo names it, also in a copy of the workspace.
fn workspace() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or(manifest.clone(), Path::to_owned)
}
