//! Which named types there are, and what kind of type each of them is.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::super::rust::{Kind, bare_type};
use super::Comparison;
use super::entry::{OTHER_ANSWERS, breaking, compatible};
use super::fields::{Owner, property_fields};
use super::words::first_sentence;

impl<'a> Comparison<'a> {
    pub(super) fn types(&mut self) {
        let olds = self.old.components("schemas");
        let news = self.new.components("schemas");
        for (name, _) in &olds {
            if !news.iter().any(|(known, _)| known == name) {
                self.push(
                    breaking(format!("Removed the type `{name}`.")).removed(Thing::Type, *name),
                );
            }
        }
        for (name, new) in &news {
            match olds.iter().find(|(known, _)| known == name) {
                Some((_, old)) => self.named_type(name, old, new),
                None => {
                    let about = new.text("description").map(first_sentence).unwrap_or_default();
                    self.push(
                        compatible(format!("Added the type `{name}`{about}."))
                            .added(Thing::Type, *name)
                            .at(&new.pointer),
                    );
                }
            }
        }
    }

    fn named_type(&mut self, name: &'a str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (Kind::of(old), Kind::of(new));
        if before != now {
            self.push(
                breaking(format!("`{name}` is {} (before {}).", now.noun(), before.noun()))
                    .changed(Thing::Type, name)
                    .at(&new.pointer),
            );
            return;
        }
        if now != Kind::Enumeration {
            self.decoding(name, new);
        }
        match now {
            Kind::Struct => self.structure(name, old, new),
            Kind::Map => self.map(name, old, new),
            Kind::Enumeration => self.enumeration(name, old, new),
            Kind::Union => self.union(name, old, new),
        }
        let secret = |node: &Node<'a>| node.flag("x-secret");
        if secret(old) != secret(new) {
            let line = if secret(new) {
                format!("`{name}` no longer shows its content in `Debug`.")
            } else {
                format!("`{name}` shows its content in `Debug`.")
            };
            self.push(compatible(line).changed(Thing::Type, name).at(&new.pointer));
        }
        self.tolerance(name, old, new);
        self.words(old, new, &format!("`{name}`"));
    }

    /// Which answers can be read as the type.
    fn tolerance(&mut self, name: &'a str, old: &Node<'a>, new: &Node<'a>) {
        let is_frame = |node: &Node<'a>| node.flag("x-frame");
        if is_frame(old) != is_frame(new) {
            let (line, note) = if is_frame(new) {
                (
                    format!("A property of `{name}` that cannot be read is absent."),
                    "behaviour: the answer was an error before, and says now what is absent",
                )
            } else {
                (
                    format!("A property of `{name}` that cannot be read is an error."),
                    "behaviour: the property was absent before",
                )
            };
            let entry = compatible(line).changed(Thing::Type, name);
            self.push(entry.at(child(&new.pointer, "x-frame")).note(note));
        }
        let (before, now) = (old.text("x-bare"), new.text("x-bare"));
        if before != now {
            let line = match now {
                Some(now) => {
                    format!("What stands in the place of a whole `{name}` is read as its `{now}`.")
                }
                None => format!("What stands in the place of a whole `{name}` is an error."),
            };
            let entry = compatible(line).changed(Thing::Type, name);
            self.push(entry.at(child(&new.pointer, "x-bare")).note(OTHER_ANSWERS));
        }
    }

    fn structure(&mut self, name: &'a str, old: &Node<'a>, new: &Node<'a>) {
        let (was_sent, is_sent) = (self.were.sent.contains(name), self.are.sent.contains(name));
        if was_sent != is_sent {
            let verdict = if is_sent {
                compatible(format!("`{name}` is sent now, so it has `new` and setters."))
            } else {
                breaking(format!("`{name}` is no longer sent, so it has no `new` and no setters."))
            };
            self.push(verdict.changed(Thing::Type, name).at(&new.pointer));
        }
        let owner = Owner {
            name,
            place: &new.pointer,
            fields: Thing::Property,
            made: was_sent && is_sent,
            read: self.are.decoded.contains(name),
        };
        let before = property_fields(name, old, &self.boxed_before);
        let now = property_fields(name, new, &self.boxed_now);
        self.fields(&owner, &before, &now);
    }

    /// Whether answers can be read as a type. Of enumerations, `x-extensible-enum` decides that.
    fn decoding(&mut self, name: &str, new: &Node<'a>) {
        let entry = match (self.were.decoded.contains(name), self.are.decoded.contains(name)) {
            (true, false) => {
                breaking(format!("`{name}` is only sent now, so it has no `Deserialize`."))
            }
            (false, true) => {
                compatible(format!("`{name}` can be read from answers: it has `Deserialize` now."))
            }
            (true, true) | (false, false) => return,
        };
        self.push(entry.changed(Thing::Type, name).at(&new.pointer));
    }

    fn map(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (bare_type(old), bare_type(new));
        if before != now {
            self.push(
                breaking(format!("`{name}` is a map `{now}` (before `{before}`)."))
                    .changed(Thing::Type, name)
                    .at(&new.pointer),
            );
        }
    }
}
