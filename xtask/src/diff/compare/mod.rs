//! The classifier: walks two states of the spec side by side.
//!
//! It relies on what the generated client promises: structs and enumerations are
//! `#[non_exhaustive]`, what is sent is made by `new` with the required fields and by setters
//! for the rest, and errors are one type whatever the status.
//!
//! There is a module for each kind of thing that is compared. Operations lead to their arguments
//! and answers; types lead to their fields, values and variants.

mod answers;
mod api;
mod arguments;
mod entry;
mod enumerations;
mod fields;
mod operations;
mod types;
mod unions;
mod words;

use std::collections::{BTreeSet, HashSet};

use crate::spec::Spec;

use super::{Change, Thing};
use entry::{Entry, documentation};

/// Lists every change, breaking ones first, then in the order of the working spec.
pub(super) fn compare(old: Spec<'_>, new: Spec<'_>) -> Vec<Change> {
    let mut comparison = Comparison {
        sent: Sent { old: sent(&old), new: sent(&new) },
        old,
        new,
        documented: HashSet::new(),
        changes: Vec::new(),
    };
    comparison.api();
    comparison.operations();
    comparison.error_type();
    comparison.shared_answers();
    comparison.types();
    if comparison.changes.is_empty() {
        comparison.remainder();
    }
    let mut changes = comparison.changes;
    changes.sort_by(|a, b| {
        let key = |change: &Change| (change.impact, change.position.is_none(), change.position);
        key(a).cmp(&key(b))
    });
    changes
}

/// The named schemas that callers send.
fn sent<'a>(spec: &Spec<'a>) -> BTreeSet<&'a str> {
    let mut roots = spec.request_schemas();
    for operation in spec.operations() {
        for parameter in spec.parameters(&operation) {
            roots.extend(parameter.get("schema"));
        }
    }
    spec.reachable(roots)
}

struct Sent<'a> {
    old: BTreeSet<&'a str>,
    new: BTreeSet<&'a str>,
}

struct Comparison<'a> {
    old: Spec<'a>,
    new: Spec<'a>,
    sent: Sent<'a>,
    /// Places whose words have been compared already: components are met more than once.
    documented: HashSet<String>,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn push(&mut self, entry: Entry) {
        let Entry { impact, thing, verb, subject, line, note, place } = entry;
        let position = place.map(|pointer| self.new.document.locate_key(&pointer));
        self.changes.push(Change { impact, thing, verb, subject, line, note, position });
    }

    /// What no other comparison has seen.
    fn remainder(&mut self) {
        let (before, now) = (self.old.document.value(), self.new.document.value());
        // As text, since the order of operations and values shows in the client, too.
        if format!("{before}") == format!("{now}") {
            return;
        }
        let line = if before == now {
            "Changed the order of the spec."
        } else {
            "Changed parts of the spec that the client does not show."
        };
        self.push(documentation(line).changed(Thing::Api, "spec"));
    }
}
