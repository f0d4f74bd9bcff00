//! Building a program with the client, beside one with what the program would need without it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::Error;
use crate::report::Table;

const REASON: &str = "\
A program from nothing, with `cargo build`: once with reqwest, tokio, serde and serde_json, which whoever \
calls a JSON API has anyhow, and once with this client beside them. Both have the versions of this \
repository and the same TLS, and both make one call. Incremental compilation is off, as it is for all that \
comes from a registry; with it, as for crates of a path, ours cost some two seconds more. CPU time is that of \
cargo and of all compilers and scripts that it starts. Packages are those that the program contains or its \
build runs, without the program itself. The two are built in turns, three times each, and the least counts: \
what else the machine does can only add to it. Of what is added, xs2a takes about a third, xs2a-client \
somewhat less, and jiff a fifth.";

/// How often each program is built.
const TIMES: usize = 3;

const WITHOUT: &str = r#"
#[derive(serde::Deserialize)]
struct Page { total: i64 }

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = "http://127.0.0.1:9/v1/api/connections";
    let body = reqwest::Client::new().get(url).basic_auth("api", Some("token")).send().await?.text().await?;
    println!("{}", serde_json::from_str::<Page>(&body)?.total);
    Ok(())
}
"#;

const WITH: &str = r#"
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let user = xs2a::UserClient::builder("token").base_url("http://127.0.0.1:9").build()?;
    println!("{}", user.connections().list().page(1).await?.total);
    Ok(())
}
"#;

/// Builds both programs, in turns.
///
/// # Errors
/// When a build fails.
pub fn table() -> Result<Table, Error> {
    let ours = format!("xs2a = {{ path = {:?} }}\n", workspace().join("crates/xs2a"));
    let (mut bare, mut with_ours) = (Built::default(), Built::default());
    for _ in 0..TIMES {
        bare.least(build("without", "", WITHOUT)?);
        with_ours.least(build("with", &ours, WITH)?);
    }
    let row = |name: &str, built: &Built| {
        let more = built.packages - bare.packages;
        let ratio = built.cpu.as_secs_f64() / bare.cpu.as_secs_f64();
        let values = [built.packages as f64, more as f64, built.cpu.as_secs_f64(), ratio];
        (name.to_owned(), values.map(Some).to_vec())
    };
    Ok(Table {
        key: "compiling".to_owned(),
        title: "build a program".to_owned(),
        reason: REASON.to_owned(),
        columns: vec![
            ("packages".to_owned(), 0),
            ("more".to_owned(), 0),
            ("CPU s".to_owned(), 1),
            ("ratio".to_owned(), 3),
        ],
        rows: vec![
            row("reqwest, tokio, serde, serde_json", &bare),
            row("the same, and ours", &with_ours),
        ],
    })
}

/// How many packages a program needs, and what its build cost.
struct Built {
    packages: usize,
    cpu: Duration,
}

impl Default for Built {
    fn default() -> Self {
        Self { packages: 0, cpu: Duration::MAX }
    }
}

impl Built {
    /// Takes in another build of the same program.
    fn least(&mut self, other: Self) {
        *self = Self { cpu: self.cpu.min(other.cpu), ..other };
    }
}

/// Builds a program from nothing.
fn build(name: &str, dependency: &str, main: &str) -> Result<Built, Error> {
    let folder = workspace().join("target/bench").join(name);
    let source = folder.join("src");
    fs::create_dir_all(&source)?;
    let manifest = format!(
        "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nreqwest = {{ version = \"0.13\", default-features = false, features = [\"rustls\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n{dependency}"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(source.join("main.rs"), main)?;
    fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let target = folder.join("target");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let tree = run(&folder, &["tree", "--prefix", "none", "--edges", "normal,build"])?;
    let packages: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let before = cpu_of_children()?;
    run(&folder, &["build", "--quiet"])?;
    let cpu = cpu_of_children()?.saturating_sub(before);
    fs::remove_dir_all(target)?;
    Ok(Built { packages: packages.len() - 1, cpu })
}

fn run(folder: &Path, arguments: &[&str]) -> Result<String, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .args(arguments)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The CPU time of all processes that this one has waited for, and of theirs.
fn cpu_of_children() -> Result<Duration, Error> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // Behind the name, which may contain anything: the state is the first field.
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let (user, system) = (ticks(13), ticks(14));
    let ticks = user.zip(system).ok_or("the system does not tell the CPU time of children")?;
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_secs_f64((ticks.0 + ticks.1) as f64 / per_second as f64))
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
