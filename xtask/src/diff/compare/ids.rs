//! The kinds of ids, each of which is a type, and what each can be made of.

use crate::api::id_type;
use crate::spec::Node;

use super::super::Thing;
use super::Comparison;
use super::entry::{breaking, compatible};
use super::words::first_sentence;

impl<'a> Comparison<'a> {
    pub(super) fn id_kinds(&mut self) {
        let (olds, news) = (self.old.root().entries("x-ids"), self.new.root().entries("x-ids"));
        for (kind, _) in &olds {
            if !news.iter().any(|(known, _)| known == kind) {
                let name = id_type(kind);
                self.push(
                    breaking(format!("Removed the type `{name}`.")).removed(Thing::Type, name),
                );
            }
        }
        for (kind, new) in &news {
            let name = id_type(kind);
            if let Some((_, old)) = olds.iter().find(|(known, _)| known == kind) {
                self.accepted_kinds(&name, old, new);
                self.words(old, new, &format!("`{name}`"));
            } else {
                let about = new.text("description").map(first_sentence).unwrap_or_default();
                self.push(
                    compatible(format!("Added the type `{name}`{about}."))
                        .added(Thing::Type, name)
                        .at(&new.pointer),
                );
            }
        }
    }

    fn accepted_kinds(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (old.texts("accepts"), new.texts("accepts"));
        for kind in before.iter().filter(|kind| !now.contains(kind)) {
            self.push(
                breaking(format!("`{name}` can no longer be made of `{}`.", id_type(kind)))
                    .changed(Thing::Type, name)
                    .at(&new.pointer),
            );
        }
        for kind in now.iter().filter(|kind| !before.contains(kind)) {
            self.push(
                compatible(format!("`{name}` can be made of `{}`, too.", id_type(kind)))
                    .changed(Thing::Type, name)
                    .at(&new.pointer),
            );
        }
    }
}
