//! What is only read: descriptions and marks of assumptions. Examples are not in the client.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::Comparison;
use super::entry::documentation;

impl<'a> Comparison<'a> {
    /// Compares the words at a place, once.
    pub(super) fn words(&mut self, old: &Node<'a>, new: &Node<'a>, what: &str) {
        if !self.documented.insert(new.pointer.clone()) {
            return;
        }
        let text = |node: &Node<'a>, key: &str| node.text(key).map(|text| text.trim().to_owned());
        let reworded =
            ["summary", "description"].into_iter().find(|key| text(old, key) != text(new, key));
        if let Some(key) = reworded {
            self.push(
                documentation(format!("Reworded the description of {what}."))
                    .changed(Thing::Description, without_backticks(what))
                    .at(child(&new.pointer, key)),
            );
        }
        let subject = without_backticks(what);
        let entry = match (old.flag("x-assumed"), new.flag("x-assumed")) {
            (false, true) => documentation(format!("Marked {what} as an assumption."))
                .added(Thing::Assumption, subject),
            (true, false) => documentation(format!("Confirmed {what}: no assumption any more."))
                .removed(Thing::Assumption, subject),
            (true, true) | (false, false) => return,
        };
        self.push(entry.at(&new.pointer));
    }
}

/// The first sentence of a description, as the continuation of a line.
pub(super) fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = text.split(". ").next().unwrap_or_default();
    match first.trim_end_matches('.') {
        "" => String::new(),
        first => format!(": {first}"),
    }
}

fn without_backticks(what: &str) -> String {
    what.replace('`', "")
}
