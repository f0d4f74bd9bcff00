//! The spec as it was at a revision, out of git.

use std::io;
use std::path::Path;
use std::process::{Command, Output};

use crate::diagnostic::{self, Diagnostic};
use crate::document::Document;
use crate::generate::SPEC;

const MANIFEST: &str = "Cargo.toml";

/// A state of the spec to compare with.
#[derive(Debug)]
pub(super) struct Base {
    /// The name of the revision: a tag, a branch, a commit.
    pub(super) name: String,
    /// The abbreviated id of its commit.
    pub(super) commit: String,
    /// The spec at that commit.
    pub(super) document: Document,
    /// The version of the client at that commit, if the manifest names one.
    pub(super) version: Option<semver::Version>,
}

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// git is not installed, or cannot be started.
    #[error("git cannot be started: {0}")]
    Git(#[from] io::Error),
    /// The folder is not under version control, or has no commit yet.
    #[error("there is no revision to compare with: {0}")]
    NoRevision(String),
    /// The repository has no such revision.
    #[error("git knows no revision `{0}`")]
    UnknownRevision(String),
    /// The revision has no spec.
    #[error("there is no {SPEC} at `{0}`")]
    NoSpec(String),
    /// The spec of that revision cannot be read.
    #[error("the spec at `{name}` cannot be read:\n{}", diagnostic::render(findings))]
    Unreadable {
        /// The revision.
        name: String,
        /// What is wrong with it.
        findings: Vec<Diagnostic>,
    },
}

impl Base {
    pub(super) fn find(root: &Path, revision: Option<&str>) -> Result<Self, BaseError> {
        let name = match revision {
            Some(revision) => revision.to_owned(),
            None => last_version(root)?.unwrap_or_else(|| "HEAD".to_owned()),
        };
        let wanted = format!("{name}^{{commit}}");
        let parsed = git(
            root,
            &["rev-parse", "--verify", "--quiet", "--short", "--end-of-options", &wanted],
        )?;
        if !parsed.status.success() {
            return Err(match revision {
                Some(_) => BaseError::UnknownRevision(name),
                None => BaseError::NoRevision(first_line(&parsed.stderr)),
            });
        }
        let commit = first_line(&parsed.stdout);
        // `./` counts from the workspace, which may be a folder of its repository.
        let shown = git(root, &["show", &format!("{commit}:./{SPEC}")])?;
        if !shown.status.success() {
            return Err(BaseError::NoSpec(name));
        }
        let text = String::from_utf8_lossy(&shown.stdout);
        let document = Document::parse(&format!("{name}:{SPEC}"), &text)
            .map_err(|findings| BaseError::Unreadable { name: name.clone(), findings })?;
        let manifest = git(root, &["show", &format!("{commit}:./{MANIFEST}")])?;
        let version = version_in(&String::from_utf8_lossy(&manifest.stdout));
        Ok(Self { name, commit, document, version })
    }
}

/// The version that all published crates of the workspace share.
fn version_in(manifest: &str) -> Option<semver::Version> {
    let manifest: toml::Table = manifest.parse().ok()?;
    let version = manifest.get("workspace")?.get("package")?.get("version")?;
    semver::Version::parse(version.as_str()?).ok()
}

/// The last tag of a version. Other tags say nothing about what users have.
fn last_version(root: &Path) -> Result<Option<String>, BaseError> {
    let described =
        git(root, &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*.[0-9]*.[0-9]*"])?;
    let tag = first_line(&described.stdout);
    Ok((described.status.success() && !tag.is_empty()).then_some(tag))
}

fn git(root: &Path, arguments: &[&str]) -> Result<Output, BaseError> {
    Ok(Command::new("git").current_dir(root).args(arguments).output()?)
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().next().unwrap_or("no commit yet").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_workspace() {
        let version = version_in("[workspace.package]\nversion = \"0.2.0+api.1.0.0\"\n");
        assert_eq!(version.unwrap().to_string(), "0.2.0+api.1.0.0");
        assert_eq!(version_in("[package]\nname = \"x\"\n"), None);
    }
}
