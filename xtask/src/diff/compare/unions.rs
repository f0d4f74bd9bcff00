//! The variants of a union, and the property that tells them apart.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::super::rust::variant;
use super::Comparison;
use super::entry::{UNKNOWN_BEFORE, breaking, compatible};

impl<'a> Comparison<'a> {
    pub(super) fn union(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (members(old), members(new));
        for (tag, target) in &now {
            let ident = variant(tag, new);
            let path = format!("{name}::{ident}");
            let known = before.iter().find(|(known, _)| known == tag);
            if known.is_some() {
                let facts = |schema: &Node<'a>| schema.get("x-values")?.get(tag);
                let shown = format!("`{path}`");
                self.deprecation(&facts(old), &facts(new), &shown, &new.pointer);
            }
            let entry = match known {
                Some(_) if variant(tag, old) != ident => breaking(format!(
                    "Renamed `{name}::{}` (`{tag}`) to `{path}`.",
                    variant(tag, old)
                ))
                .renamed(Thing::Variant, path),
                None => {
                    let entry = compatible(format!("Added `{path}({target})`."))
                        .added(Thing::Variant, path);
                    let read = self.were.decoded.contains(name);
                    if read { entry.note(UNKNOWN_BEFORE) } else { entry }
                }
                Some((_, former)) if former != target => {
                    breaking(format!("`{path}` holds `{target}` (before `{former}`)."))
                        .changed(Thing::Variant, path)
                }
                Some(_) => continue,
            };
            self.push(entry.at(child(&format!("{}/discriminator/mapping", new.pointer), tag)));
        }
        for (tag, target) in &before {
            if !now.iter().any(|(known, _)| known == tag) {
                let path = format!("{name}::{}", variant(tag, old));
                self.push(
                    breaking(format!("Removed `{path}({target})`.")).removed(Thing::Variant, path),
                );
            }
        }
        let (before, now) = (discriminator(old), discriminator(new));
        if before != now {
            self.push(
                compatible(format!(
                    "The variants of `{name}` are told apart by `{}` (before `{}`).",
                    now.unwrap_or_default(),
                    before.unwrap_or_default()
                ))
                .changed(Thing::Type, name)
                .at(&new.pointer)
                .note("no code changes, but other answers can be read"),
            );
        }
    }
}

/// The property that tells the variants apart.
fn discriminator<'a>(schema: &Node<'a>) -> Option<&'a str> {
    schema.get("discriminator")?.text("propertyName")
}

/// Tags of a union and the types they lead to.
fn members<'a>(schema: &Node<'a>) -> Vec<(&'a str, &'a str)> {
    schema
        .get("discriminator")
        .map(|discriminator| discriminator.entries("mapping"))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(tag, target)| Some((tag, target.value.as_str()?.rsplit('/').next()?)))
        .collect()
}
