//! Whether a change of the spec shows in the generated client at all.

use std::thread;

use crate::document::Document;
use crate::generate::generate;

use super::{Change, Impact, Thing, Verb};

/// How the clients of two specs compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clients {
    /// They are the same, byte for byte.
    Same,
    /// They differ.
    Differ,
}

/// Compares the clients of two specs that differ by these changes. Nothing is known of a spec that
/// the generator refuses, such as an old one that breaks a rule of today.
pub(super) fn compare(old: &Document, new: &Document, changes: &[Change]) -> Option<Clients> {
    if format!("{}", old.value()) == format!("{}", new.value()) {
        return Some(Clients::Same);
    }
    if changes.iter().any(shows_for_certain) {
        return Some(Clients::Differ);
    }
    // The generated file names its spec, which is the same file at another time.
    let old = old.renamed(new.name());
    let (before, now) = thread::scope(|scope| {
        let before = scope.spawn(|| generate(&old));
        let now = generate(new);
        (before.join(), now)
    });
    let (before, now) = (before.ok()?.ok()?, now.ok()?);
    Some(if before.text == now.text { Clients::Same } else { Clients::Differ })
}

/// Whether there is no need to look: some code no longer compiles, the client has an item more or
/// less, or its documentation has other words.
fn shows_for_certain(change: &Change) -> bool {
    let is_item = matches!(
        change.thing,
        Thing::Operation | Thing::Type | Thing::Property | Thing::Value | Thing::Variant
    );
    change.impact == Impact::Breaking
        || is_item && change.verb != Verb::Changed
        || change.thing == Thing::Description && change.impact == Impact::Documentation
}
