//! The values of an enumeration: which there are, their order, and whether others may come.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::super::rust::variant;
use super::Comparison;
use super::entry::{Entry, RESPELT, UNKNOWN_BEFORE, breaking, compatible, respelt};

impl<'a> Comparison<'a> {
    pub(super) fn enumeration(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (Listed::of(old), Listed::of(new));
        let place = child(&new.pointer, "enum");
        for (index, value) in now.iter().enumerate() {
            let at = format!("{place}/{index}");
            let path = format!("{name}::{}", value.ident);
            let former = former_value(&before, &now, index);
            if let Some(former) = former {
                self.deprecation(&former.facts, &value.facts, &format!("`{path}`"), &at);
            }
            let entry: Entry = match former {
                Some(former) if former.ident != value.ident => breaking(format!(
                    "Renamed `{name}::{}` (`{}`) to `{path}` (`{}`).",
                    former.ident, former.wire, value.wire
                ))
                .renamed(Thing::Value, path),
                Some(former) if former.wire != value.wire => {
                    respelt(&format!("`{path}`"), value.wire, former.wire)
                        .changed(Thing::Value, path)
                        .note(RESPELT)
                }
                Some(_) => continue,
                None => {
                    let entry = compatible(format!("Added `{path}` (`{}`).", value.wire))
                        .added(Thing::Value, path);
                    // A closed enumeration is never read.
                    if is_open(old) && is_open(new) { entry.note(UNKNOWN_BEFORE) } else { entry }
                }
            };
            self.push(entry.at(at));
        }
        for value in &before {
            let lives_on = (0..now.len())
                .filter_map(|index| former_value(&before, &now, index))
                .any(|former| former.wire == value.wire);
            if !lives_on {
                let path = format!("{name}::{}", value.ident);
                self.push(
                    breaking(format!("Removed `{path}` (`{}`).", value.wire))
                        .removed(Thing::Value, path),
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

/// A value of an enumeration.
struct Listed<'a> {
    wire: &'a str,
    ident: String,
    /// What the spec says of this value alone.
    facts: Option<Node<'a>>,
}

impl<'a> Listed<'a> {
    fn of(schema: &Node<'a>) -> Vec<Self> {
        let facts = schema.get("x-values");
        let values = schema.texts("enum").into_iter();
        values
            .map(|wire| Self {
                wire,
                ident: variant(wire, schema),
                facts: facts.as_ref().and_then(|facts| facts.get(wire)),
            })
            .collect()
    }
}

fn is_open(schema: &Node<'_>) -> bool {
    schema.flag("x-extensible-enum")
}

/// The variants of these values that the others have, too.
fn kept_variants(values: &[Listed<'_>], others: &[Listed<'_>]) -> Vec<String> {
    let kept = |ident: &&String| others.iter().any(|other| other.ident == **ident);
    values.iter().map(|value| &value.ident).filter(kept).cloned().collect()
}

/// The value that has become this one: itself, else the same variant by another spelling, else
/// the value that stood at its place.
fn former_value<'v, 'a>(
    before: &'v [Listed<'a>],
    now: &[Listed<'a>],
    index: usize,
) -> Option<&'v Listed<'a>> {
    let new = now.get(index)?;
    if let Some(same) = before.iter().find(|old| old.wire == new.wire) {
        return Some(same);
    }
    let gone = |old: &&Listed<'a>| !now.iter().any(|new| new.wire == old.wire);
    let fresh = |new: &Listed<'a>| !before.iter().any(|old| old.wire == new.wire);
    let respelt = before.iter().filter(gone).find(|old| old.ident == new.ident);
    respelt.or_else(|| {
        let old = before.get(index).filter(gone)?;
        let lives_on = now.iter().any(|new| fresh(new) && new.ident == old.ident);
        (!lives_on).then_some(old)
    })
}
