//! The values of an enumeration: which there are, their order, and whether others may come.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::super::rust::variant;
use super::Comparison;
use super::entry::{RESPELT, UNKNOWN_BEFORE, breaking, compatible, respelt};

impl<'a> Comparison<'a> {
    pub(super) fn enumeration(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (old.texts("enum"), new.texts("enum"));
        let place = child(&new.pointer, "enum");
        for (index, value) in now.iter().enumerate() {
            if before.contains(value) {
                continue;
            }
            let path = format!("{name}::{}", variant(value));
            let entry = match former_value(&before, &now, index) {
                Some(former) if variant(former) == variant(value) => {
                    respelt(&format!("`{path}`"), value, former)
                        .changed(Thing::Value, path)
                        .note(RESPELT)
                }
                Some(former) => breaking(format!(
                    "Renamed `{name}::{}` (`{former}`) to `{path}` (`{value}`).",
                    variant(former)
                ))
                .renamed(Thing::Value, path),
                None => {
                    let entry = compatible(format!("Added `{path}` (`{value}`)."))
                        .added(Thing::Value, path);
                    // A closed enumeration is never read.
                    if is_open(old) && is_open(new) { entry.note(UNKNOWN_BEFORE) } else { entry }
                }
            };
            self.push(entry.at(format!("{place}/{index}")));
        }
        for value in &before {
            let mut formers = (0..now.len()).filter_map(|index| former_value(&before, &now, index));
            let renamed = formers.any(|former| former == *value);
            if !now.contains(value) && !renamed {
                let path = format!("{name}::{}", variant(value));
                self.push(
                    breaking(format!("Removed `{path}` (`{value}`).")).removed(Thing::Value, path),
                );
            }
        }
        let (were, are) = (kept_variants(&before, &now), kept_variants(&now, &before));
        if were != are {
            self.push(
                compatible(format!(
                    "The values of `{name}` come in the order {} (before {}).",
                    are.join(", "),
                    were.join(", ")
                ))
                .changed(Thing::Type, name)
                .at(place)
                .note("behaviour: they compare by it, and `KNOWN` lists them in it"),
            );
        }
        self.openness(name, old, new);
    }

    fn openness(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (verdict, note) = match (is_open(old), is_open(new)) {
            (false, true) => (
                breaking(format!("`{name}` is open: unknown values become `{name}::Unknown`.")),
                "it is no longer `Copy`, and parsing it no longer fails",
            ),
            (true, false) => (
                breaking(format!("`{name}` is closed: `{name}::Unknown` is gone.")),
                "it can no longer be read from answers",
            ),
            (true, true) | (false, false) => return,
        };
        self.push(verdict.changed(Thing::Type, name).at(&new.pointer).note(note));
    }
}

fn is_open(schema: &Node<'_>) -> bool {
    schema.flag("x-extensible-enum")
}

/// The variants of these values that the others have, too.
fn kept_variants(values: &[&str], others: &[&str]) -> Vec<String> {
    let others: Vec<_> = others.iter().map(|value| variant(value)).collect();
    values.iter().map(|value| variant(value)).filter(|name| others.contains(name)).collect()
}

/// The value that has become this one: the same variant by another spelling, else the one that
/// stood at its place.
fn former_value<'a>(before: &[&'a str], now: &[&'a str], index: usize) -> Option<&'a str> {
    let new = now.get(index).filter(|new| !before.contains(new))?;
    let gone = |old: &&&'a str| !now.contains(old);
    let same = |old: &&&'a str| variant(old) == variant(new);
    let respelt = before.iter().filter(gone).find(same);
    respelt
        .or_else(|| {
            let old = before.get(index).filter(gone)?;
            let lives_on =
                now.iter().any(|new| !before.contains(new) && variant(new) == variant(old));
            (!lives_on).then_some(old)
        })
        .copied()
}
