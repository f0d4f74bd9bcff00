//! The public API of the published crates, as rustdoc sees it: what the snapshots in `docs/api/` hold.
//!
//! rustdoc describes a crate as JSON on a nightly toolchain only. Without one there is nothing to
//! compare, and [`Unavailable`] says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::process::Command;

use public_api::PublicApi;
use public_api::tokens::Token;
use serde::Deserialize;

/// The folder of the snapshots.
pub const FOLDER: &str = "docs/api";

/// The name of the list of other crates' types.
const OTHERS: &str = "other-crates";

/// Features that choose the TLS and add nothing to the API. Some of them need C libraries.
const TLS: [&str; 4] = ["default", "rustls", "rustls-ring", "native-tls"];

/// A file of the folder: its name without `.txt`, and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The name of the crate, or of a list about all of them.
    pub name: String,
    /// One item a line.
    pub text: String,
}

/// Why there is no snapshot to be had on this machine.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// rustup has no nightly toolchain, or there is no rustup.
    #[error("no nightly toolchain is installed (`rustup toolchain install nightly`)")]
    NoNightly,
    /// The JSON of this nightly is older or newer than what the crate public-api reads.
    #[error("the JSON of the installed nightly is not what the crate public-api reads: {0}")]
    OtherFormat(public_api::Error),
}

/// Why the API was not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This machine cannot say.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A program cannot be started.
    #[error("{program} cannot be started: {error}")]
    Start {
        /// The program.
        program: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// cargo has said why.
    #[error("cargo cannot describe the crates:\n{0}")]
    Cargo(String),
    /// What cargo says of the workspace cannot be read.
    #[error("what cargo says of the workspace cannot be read: {0}")]
    Metadata(#[from] serde_json::Error),
}

/// The snapshots of a workspace's published libraries, and the list of other crates' types in them.
pub fn read(root: &Path) -> Result<Vec<Snapshot>, Error> {
    let libraries = libraries(root)?;
    let folder = describe(root, &libraries)?;
    let mut snapshots = Vec::new();
    let mut seen = BTreeMap::new();
    for library in &libraries {
        let api = public_api::Builder::from_rustdoc_json(folder.join(&library.json))
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .build()
            .map_err(Unavailable::OtherFormat)?;
        for name in foreign(&api) {
            seen.entry(name).or_insert_with(BTreeSet::new).insert(library.name.as_str());
        }
        snapshots.push(Snapshot { name: library.name.clone(), text: lines(&api) });
    }
    let text = list(&seen, &libraries);
    snapshots.push(Snapshot { name: OTHERS.to_owned(), text });
    Ok(snapshots)
}

/// One item a line, in the order that keeps items of one type together.
fn lines(api: &PublicApi) -> String {
    api.items().map(|item| format!("{item}\n")).collect()
}

/// The full names of the types and traits of other crates, except those of the language.
fn foreign(api: &PublicApi) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in api.items() {
        let mut path = String::new();
        for token in item.tokens() {
            match token {
                // A path is a row of names with `::` between them.
                Token::Identifier(text) | Token::Type(text) => path.push_str(text),
                Token::Symbol(text) if text == "::" => path.push_str(text),
                _ => names.extend(Some(std::mem::take(&mut path)).filter(|path| is_foreign(path))),
            }
        }
        names.extend(Some(path).filter(|path| is_foreign(path)));
    }
    names
}

fn is_foreign(path: &str) -> bool {
    let Some((krate, rest)) = path.split_once("::") else { return false };
    let first = krate.chars().next();
    first.is_some_and(char::is_lowercase)
        && rest.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase))
        && !["std", "core", "alloc"].contains(&krate)
        && !krate.starts_with("xs2a")
}

/// The list: a crate with its version, and below it each type with the crates of ours that show it.
fn list(seen: &BTreeMap<String, BTreeSet<&str>>, libraries: &[Library]) -> String {
    let mut text = String::from(
        "# Types and traits of other crates in the public API, and the crates that show them.\n",
    );
    let mut current = "";
    for (name, shown) in seen {
        let krate = name.split("::").next().unwrap_or_default();
        if krate != current {
            let requirement = libraries.iter().find_map(|library| {
                library.requirements.iter().find(|(name, _)| name.replace('-', "_") == krate)
            });
            let version = match requirement {
                Some((_, requirement)) => requirement.trim_start_matches('^'),
                None => "(not named by us)",
            };
            text += &format!("\n{krate} {version}\n");
            current = krate;
        }
        let shown: Vec<_> = shown.iter().copied().collect();
        text += &format!("  {name}: {}\n", shown.join(", "));
    }
    text
}

/// A library that is published.
#[derive(Debug)]
struct Library {
    name: String,
    /// The name of the file that rustdoc writes.
    json: String,
    /// Its features, but for those that choose the TLS.
    features: Vec<String>,
    /// What it needs, with the versions.
    requirements: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    publish: Option<Vec<String>>,
    targets: Vec<Target>,
    features: BTreeMap<String, Vec<String>>,
    dependencies: Vec<Requirement>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Requirement {
    name: String,
    req: String,
    kind: Option<String>,
}

/// The published libraries of the workspace.
fn libraries(root: &Path) -> Result<Vec<Library>, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(|error| Error::Start { program: "cargo", error })?;
    if !output.status.success() {
        return Err(Error::Cargo(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let mut libraries: Vec<_> = metadata.packages.into_iter().filter_map(library).collect();
    libraries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(libraries)
}

fn library(package: Package) -> Option<Library> {
    // An empty list of registries is `publish = false`.
    if package.publish.is_some_and(|registries| registries.is_empty()) {
        return None;
    }
    let target = package.targets.iter().find(|target| target.kind.iter().any(|k| k == "lib"))?;
    let json = format!("{}.json", target.name.replace('-', "_"));
    let features = package.features.into_keys().filter(|name| !TLS.contains(&name.as_str()));
    let used = package.dependencies.into_iter().filter(|needed| needed.kind.is_none());
    Some(Library {
        name: package.name,
        json,
        features: features.collect(),
        requirements: used.map(|needed| (needed.name, needed.req)).collect(),
    })
}

/// Lets rustdoc describe the libraries, and says where.
fn describe(root: &Path, libraries: &[Library]) -> Result<std::path::PathBuf, Error> {
    let rustup = |arguments: &[&str]| {
        Command::new("rustup")
            .current_dir(root)
            .args(["run", "nightly"])
            .args(arguments)
            .env("RUSTDOCFLAGS", "-Zunstable-options --output-format json")
            .output()
    };
    match rustup(&["rustdoc", "--version"]) {
        Ok(output) if output.status.success() => {}
        _ => return Err(Unavailable::NoNightly.into()),
    }
    let features: Vec<_> = libraries
        .iter()
        .flat_map(|library| library.features.iter().map(|name| format!("{}/{name}", library.name)))
        .collect();
    let features = features.join(",");
    // A folder of its own: in that of the documentation, cargo would take the HTML for up to date.
    let target = "target/public-api";
    let mut arguments =
        vec!["cargo", "doc", "--quiet", "--no-deps", "--lib", "--target-dir", target];
    arguments.extend(["--no-default-features", "--features", features.as_str()]);
    for library in libraries {
        arguments.extend(["--package", library.name.as_str()]);
    }
    let output = rustup(&arguments).map_err(|error| Error::Start { program: "rustup", error })?;
    if !output.status.success() {
        return Err(Error::Cargo(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(root.join(target).join("doc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_other_crates_are_told_from_our_own_and_the_language() {
        assert!(is_foreign("reqwest::async_impl::client::ClientBuilder"));
        assert!(!is_foreign("core::option::Option"));
        assert!(!is_foreign("xs2a_client::secret::Secret"));
        assert!(!is_foreign("Self::Item"));
        assert!(!is_foreign("T"));
    }

    #[test]
    fn the_list_names_the_version_that_our_manifest_asks_for() {
        let library = Library {
            name: "xs2a".to_owned(),
            json: "xs2a.json".to_owned(),
            features: Vec::new(),
            requirements: vec![("futures-core".to_owned(), "^0.3".to_owned())],
        };
        let mut seen = BTreeMap::new();
        seen.insert("futures_core::stream::Stream".to_owned(), BTreeSet::from(["xs2a"]));
        seen.insert("serde_core::de::Deserialize".to_owned(), BTreeSet::from(["xs2a"]));
        let text = list(&seen, &[library]);
        assert!(
            text.contains("\nfutures_core 0.3\n  futures_core::stream::Stream: xs2a\n"),
            "{text}"
        );
        assert!(text.contains("\nserde_core (not named by us)\n"), "{text}");
    }
}
