//! What changed between two states of the spec, for someone who uses the Rust client.
//!
//! One classifier decides for every change whether it breaks code that compiles today. The text
//! for people and the JSON for programs show the same list.

mod base;
mod client;
mod compare;
mod report;
mod rust;
mod version;

use std::path::Path;

pub use base::BaseError;
pub use report::{Format, Report};

use client::Clients;

use serde_json::Value;

use crate::diagnostic::Position;
use crate::document::Document;
use crate::spec::Spec;

/// What a change means for code that uses the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Some code that compiles today no longer compiles, or silently sends or reads something else.
    Breaking,
    /// Code that compiles today still compiles; a note says where its behaviour changes.
    Compatible,
    /// Only what people read has changed.
    Documentation,
    /// Only the spec has changed: the client does not show it, so nothing follows.
    #[value(skip)]
    Spec,
}

impl Impact {
    /// Its name, as the report writes it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Compatible => "compatible",
            Self::Documentation => "documentation",
            Self::Spec => "spec",
        }
    }
}

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thing {
    /// A call.
    Operation,
    /// A path or query parameter.
    Parameter,
    /// What is sent with a call.
    Body,
    /// What a call answers with.
    Answer,
    /// What may be repeated after a failure.
    RetryClass,
    /// How long an attempt may take, or how long an answer may be.
    Bound,
    /// A struct, an enumeration, a union or a map.
    Type,
    /// A field of a struct.
    Property,
    /// A value of an enumeration.
    Value,
    /// A variant of a union.
    Variant,
    /// A summary or a description.
    Description,
    /// The warning not to use something any more.
    Deprecation,
    /// The mark that the service does not document something.
    Assumption,
    /// The title, the version or the address of the API.
    Api,
}

impl Thing {
    fn counted(self, count: usize) -> String {
        let (one, many) = match self {
            Self::Operation => ("operation", "operations"),
            Self::Parameter => ("parameter", "parameters"),
            Self::Body => ("request body", "request bodies"),
            Self::Answer => ("answer", "answers"),
            Self::RetryClass => ("retry class", "retry classes"),
            Self::Bound => ("time-out or limit", "time-outs and limits"),
            Self::Type => ("type", "types"),
            Self::Property => ("property", "properties"),
            Self::Value => ("enum value", "enum values"),
            Self::Variant => ("variant", "variants"),
            Self::Description => ("description", "descriptions"),
            Self::Deprecation => ("deprecation", "deprecations"),
            Self::Assumption => ("assumption", "assumptions"),
            Self::Api => ("fact about the API", "facts about the API"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// What was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// It was not there before.
    Added,
    /// It is no longer there.
    Removed,
    /// It has another name.
    Renamed,
    /// It is different.
    Changed,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Changed => "changed",
        }
    }
}

/// One change, as a user of the client meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it means for existing code.
    pub impact: Impact,
    /// What was changed.
    pub thing: Thing,
    /// What was done to it.
    pub verb: Verb,
    /// Its name in Rust, such as `Connection::bank_name`.
    pub subject: String,
    /// The line for the changelog.
    pub line: String,
    /// What follows for callers, where the line does not say it already.
    pub note: Option<String>,
    /// Where it stands in the working spec, unless it is gone.
    pub position: Option<Position>,
}

/// Compares two states of the spec.
pub fn changes(old: &Document, new: &Document) -> Vec<Change> {
    let mut changes = compare::compare(Spec::new(old), Spec::new(new));
    let clients = client::compare(old, new, &changes);
    if clients == Some(Clients::Same) {
        for change in &mut changes {
            change.impact = Impact::Spec;
            change.note = None;
        }
    }
    let complete = match clients {
        Some(Clients::Same) | None => !changes.is_empty(),
        Some(Clients::Differ) => changes.iter().any(|change| change.impact != Impact::Spec),
    };
    if !complete {
        changes.splice(0..0, rest(old, new, clients));
    }
    changes
}

/// The same spec with each text on one line.
fn rewrapped(value: &Value) -> Value {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        Value::Array(items) => items.iter().map(rewrapped).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), rewrapped(value))).collect()
        }
        other => other.clone(),
    }
}

/// What has changed beyond all that the comparison has a name for.
fn rest(old: &Document, new: &Document, clients: Option<Clients>) -> Option<Change> {
    let (before, now) = (old.value(), new.value());
    let line = match clients {
        // As text, since values that differ in the order of their keys alone are equal.
        _ if format!("{before}") == format!("{now}") => return None,
        _ if before == now => "Changed the order of the spec.",
        _ if rewrapped(before) == rewrapped(now) => "Changed where lines of descriptions end.",
        Some(Clients::Differ) => "Changed the client in ways that this report has no name for.",
        Some(Clients::Same) | None => "Changed parts of the spec that the client does not show.",
    };
    Some(Change {
        impact: match clients {
            Some(Clients::Same) => Impact::Spec,
            Some(Clients::Differ) | None => Impact::Documentation,
        },
        thing: Thing::Api,
        verb: Verb::Changed,
        subject: "spec".to_owned(),
        line: line.to_owned(),
        note: None,
        position: None,
    })
}

/// Compares the working spec with the spec of a revision: the named one, else the last tag of a
/// version, else HEAD.
pub fn against(root: &Path, new: &Document, revision: Option<&str>) -> Result<Report, BaseError> {
    let base = base::Base::find(root, revision)?;
    Ok(Report::new(base, new))
}

/// One line for the end of a generation: what changed since the last release.
pub fn summary_line(root: &Path, new: &Document) -> String {
    match against(root, new, None) {
        Ok(report) => format!("Since {}: {}", report.base_name(), report.summary()),
        Err(error) => format!("What changed is not known: {error}"),
    }
}
