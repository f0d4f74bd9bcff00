//! What is only read: descriptions, and marks of assumptions, which the client does not show.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::Comparison;
use super::entry::{Verdict, documentation, spec_only};

impl<'a> Comparison<'a> {
    /// Compares the words at a place, once. They are in the documentation of the client.
    pub(super) fn words(&mut self, old: &Node<'a>, new: &Node<'a>, what: &str) {
        self.words_read_in(documentation, old, new, what);
    }

    /// Compares the words at a place, once. They are in the spec alone.
    pub(super) fn words_of_the_spec(&mut self, old: &Node<'a>, new: &Node<'a>, what: &str) {
        self.words_read_in(spec_only, old, new, what);
    }

    fn words_read_in(
        &mut self,
        verdict: fn(String) -> Verdict,
        old: &Node<'a>,
        new: &Node<'a>,
        what: &str,
    ) {
        if !self.documented.insert(new.pointer.clone()) {
            return;
        }
        let text = |node: &Node<'a>, key: &str| {
            let words = node.text(key).unwrap_or_default().split_whitespace();
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let reworded =
            ["summary", "description"].into_iter().find(|key| text(old, key) != text(new, key));
        if let Some(key) = reworded {
            self.push(
                verdict(format!("Reworded the description of {what}."))
                    .changed(Thing::Description, without_backticks(what))
                    .at(child(&new.pointer, key)),
            );
        }
        let subject = without_backticks(what);
        let entry = match (old.flag("x-assumed"), new.flag("x-assumed")) {
            (false, true) => spec_only(format!("Marked {what} as an assumption."))
                .added(Thing::Assumption, subject),
            (true, false) => spec_only(format!("Confirmed {what}: no assumption any more."))
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

/// `a`, `b` and 3 more: at most three are named.
pub(super) fn enumerate(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, second, third] => format!("{first}, {second} and {third}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    }
}

pub(super) fn without_backticks(what: &str) -> String {
    what.replace('`', "")
}
