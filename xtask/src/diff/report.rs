//! The report: text for people, JSON for programs, and one line for the end of a generation.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::document::Document;

use super::base::Base;
use super::version::Bump;
use super::{Change, Impact, changes};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// What changed since a revision, and the version that follows.
#[derive(Debug)]
pub struct Report {
    base: Base,
    spec: String,
    api_version: String,
    changes: Vec<Change>,
}

impl Report {
    pub(super) fn new(base: Base, new: &Document) -> Self {
        let api_version = new.value().pointer("/info/version").and_then(Value::as_str);
        Self {
            changes: changes(&base.document, new),
            spec: new.name().to_owned(),
            api_version: api_version.unwrap_or_default().to_owned(),
            base,
        }
    }

    /// The revision that was compared with.
    pub fn base_name(&self) -> &str {
        &self.base.name
    }

    /// The changes, breaking ones first.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The whole report in one line.
    pub fn summary(&self) -> String {
        summary(&self.changes)
    }

    /// The report in a format.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => format!("{:#}\n", self.json()),
        }
    }

    fn next_version(&self) -> Option<(String, String)> {
        let current = self.base.version.as_ref()?;
        let next = bump(&self.changes).next(current, &self.api_version);
        Some((current.to_string(), next.to_string()))
    }

    fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ =
            writeln!(out, "{} compared with {} ({})", self.spec, self.base.name, self.base.commit);
        for (impact, title) in [
            (Impact::Breaking, "Breaking"),
            (Impact::Compatible, "Compatible"),
            (Impact::Documentation, "Documentation only"),
            (Impact::Spec, "In the spec only, so nothing for the changelog"),
        ] {
            let mut of_impact = self.changes.iter().filter(|c| c.impact == impact).peekable();
            if of_impact.peek().is_none() {
                continue;
            }
            let _ = writeln!(out, "\n{title}");
            for change in of_impact {
                let bullet = if impact == Impact::Spec { ' ' } else { '-' };
                let _ = writeln!(out, "{bullet} {}", change.line);
                let place =
                    change.position.map(|at| format!("{}:{}:{}", self.spec, at.line, at.column));
                let beneath: Vec<_> =
                    place.iter().chain(&change.note).map(String::as_str).collect();
                if !beneath.is_empty() {
                    let _ = writeln!(out, "    {}", beneath.join("  "));
                }
            }
        }
        let _ = writeln!(out, "\n{}", self.summary());
        if let Some((current, next)) = self.next_version()
            && current != next
        {
            let shifted = if current.starts_with("0.") {
                " (below 1.0.0, what is major raises the second number, all else the third)"
            } else {
                ""
            };
            let _ = writeln!(out, "{current} becomes {next}{shifted}");
        }
        out
    }

    fn json(&self) -> Value {
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|change| {
                json!({
                    "impact": change.impact,
                    "thing": change.thing,
                    "verb": change.verb,
                    "subject": change.subject,
                    "line": change.line,
                    "note": change.note,
                    "position": change.position.map(|at| json!({
                        "file": self.spec,
                        "line": at.line,
                        "column": at.column,
                    })),
                })
            })
            .collect();
        let versions = self.next_version();
        json!({
            "base": { "revision": self.base.name, "commit": self.base.commit },
            "summary": self.summary(),
            "breaking": self.changes.iter().any(|change| change.impact == Impact::Breaking),
            "bump": bump(&self.changes),
            "version": versions.as_ref().map(|(current, next)| json!({
                "current": current,
                "next": next,
            })),
            "changes": changes,
        })
    }
}

fn bump(changes: &[Change]) -> Bump {
    Bump::of(changes.iter().map(|change| change.impact).min())
}

/// `1 property added, not breaking, minor version`.
pub(super) fn summary(changes: &[Change]) -> String {
    let mut counts: Vec<((super::Thing, super::Verb), usize)> = Vec::new();
    for change in changes {
        let kind = (change.thing, change.verb);
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((kind, 1)),
        }
    }
    let impact = match changes.iter().map(|change| change.impact).min() {
        None => return "nothing changed".to_owned(),
        Some(Impact::Breaking) => "breaking",
        Some(Impact::Compatible) => "not breaking",
        Some(Impact::Documentation) => "documentation only",
        Some(Impact::Spec) => "the client is the same",
    };
    let counted: Vec<_> = counts
        .iter()
        .map(|((thing, verb), count)| format!("{} {}", thing.counted(*count), verb.word()))
        .collect();
    format!("{}, {impact}, {} version", counted.join(", "), bump(changes).word())
}
