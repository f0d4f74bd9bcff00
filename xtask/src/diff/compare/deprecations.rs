//! What callers are told not to use any more.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::Comparison;
use super::entry::{compatible, documentation};
use super::words::without_backticks;

impl<'a> Comparison<'a> {
    /// Compares what is said of something before and now, if anything is said of it at all.
    pub(super) fn deprecation(
        &mut self,
        old: &Option<Node<'a>>,
        new: &Option<Node<'a>>,
        shown: &str,
        place: &str,
    ) {
        let reason = |facts: &Option<Node<'a>>| {
            let facts = facts.as_ref().filter(|facts| facts.flag("deprecated"))?;
            let words = facts.text("x-deprecated-reason").unwrap_or_default();
            Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let subject = without_backticks(shown);
        let entry = match (reason(old), reason(new)) {
            (None, Some(reason)) => compatible(format!("Deprecated {shown}: {reason}"))
                .added(Thing::Deprecation, subject)
                .note("code that uses it compiles with a warning"),
            (Some(_), None) => compatible(format!("{shown} is no longer deprecated."))
                .removed(Thing::Deprecation, subject),
            (Some(before), Some(now)) if before != now => {
                documentation(format!("Reworded why {shown} is deprecated."))
                    .changed(Thing::Description, subject)
            }
            _ => return,
        };
        let at = new.as_ref().filter(|facts| facts.has("deprecated"));
        self.push(entry.at(at.map_or(place.to_owned(), |at| child(&at.pointer, "deprecated"))));
    }
}
