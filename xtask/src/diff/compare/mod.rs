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
mod deprecations;
mod entry;
mod enumerations;
mod fields;
mod ids;
mod operations;
mod types;
mod unions;
mod words;

use std::collections::HashSet;

use crate::api::{Directions, Properties, boxed};
use crate::spec::Spec;

use super::Change;
use entry::Entry;

/// Lists every change, breaking ones first, then in the order of the working spec.
pub(super) fn compare(old: Spec<'_>, new: Spec<'_>) -> Vec<Change> {
    let mut comparison = Comparison {
        were: Directions::of(old.document.value()),
        are: Directions::of(new.document.value()),
        boxed_before: boxed(old.document.value()),
        boxed_now: boxed(new.document.value()),
        old,
        new,
        documented: HashSet::new(),
        shared: HashSet::new(),
        changes: Vec::new(),
    };
    comparison.api();
    comparison.operations();
    comparison.error_type();
    comparison.shared_answers();
    comparison.id_kinds();
    comparison.types();
    let mut changes = comparison.changes;
    changes.sort_by(|a, b| {
        let key = |change: &Change| (change.impact, change.position.is_none(), change.position);
        key(a).cmp(&key(b))
    });
    changes
}

struct Comparison<'a> {
    old: Spec<'a>,
    new: Spec<'a>,
    /// The directions in which the old schemas travel.
    were: Directions<'a>,
    /// The directions in which the new schemas travel.
    are: Directions<'a>,
    /// The old properties that hold their own schema in a box.
    boxed_before: Properties<'a>,
    /// The new properties that hold their own schema in a box.
    boxed_now: Properties<'a>,
    /// Places whose words have been compared already: components are met more than once.
    documented: HashSet<String>,
    /// Parameters of several operations, compared once.
    shared: HashSet<String>,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn push(&mut self, entry: Entry) {
        let Entry { impact, thing, verb, subject, line, note, place } = entry;
        let position = place.map(|pointer| self.new.document.locate_key(&pointer));
        self.changes.push(Change { impact, thing, verb, subject, line, note, position });
    }
}
