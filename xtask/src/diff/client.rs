//! Whether a change of the spec shows in the generated client at all.

use crate::document::Document;
use crate::generate::generate;

/// How the clients of two specs compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clients {
    /// They are the same, byte for byte.
    Same,
    /// They differ.
    Differ,
}

/// Compares the clients of two specs. Nothing is known of a spec that the generator refuses, such
/// as an old one that breaks a rule of today.
pub(super) fn compare(old: &Document, new: &Document) -> Option<Clients> {
    // The generated file names its spec, which is the same file at another time.
    let before = generate(&old.renamed(new.name())).ok()?;
    let now = generate(new).ok()?;
    Some(if before.text == now.text { Clients::Same } else { Clients::Differ })
}
