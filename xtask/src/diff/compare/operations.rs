//! Which operations there are, and what each says of itself: address, credentials, retry class.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::document::child;
use crate::spec::{Node, Operation};

use super::super::Thing;
use super::Comparison;
use super::entry::{breaking, compatible};
use super::words::first_sentence;

impl<'a> Comparison<'a> {
    pub(super) fn operations(&mut self) {
        let (olds, news) = (self.old.operations(), self.new.operations());
        let mut stay: Vec<&str> = Vec::new();
        for old in &olds {
            let Some(id) = old.id() else { continue };
            if let Some(new) = news.iter().find(|new| new.id() == Some(id)) {
                stay.push(id);
                self.operation(old, new);
                continue;
            }
            let successor = news.iter().find(|new| {
                (new.path, new.method) == (old.path, old.method)
                    && !olds.iter().any(|old| old.id() == new.id())
            });
            match successor.and_then(|new| Some((new, new.id()?))) {
                Some((new, name)) => {
                    stay.push(name);
                    self.push(
                        breaking(format!("Renamed `{id}` to `{name}`."))
                            .renamed(Thing::Operation, id)
                            .at(&new.node.pointer),
                    );
                    self.operation(old, new);
                }
                None => self.push(
                    breaking(format!("Removed `{id}` ({}).", address(old)))
                        .removed(Thing::Operation, id),
                ),
            }
        }
        for new in &news {
            let Some(id) = new.id() else { continue };
            if stay.contains(&id) {
                continue;
            }
            let summary = new.node.text("summary").map(first_sentence).unwrap_or_default();
            self.push(
                compatible(format!("Added `{id}` ({}){summary}.", address(new)))
                    .added(Thing::Operation, id)
                    .at(&new.node.pointer),
            );
        }
        self.order(&stay, &news);
    }

    /// `Operation` compares by the order of the spec. These are the operations that stay, by their
    /// new names, in their old order.
    fn order(&mut self, stay: &[&str], news: &[Operation<'a>]) {
        let stays = |id: &&str| stay.contains(id);
        let now: Vec<&str> = news.iter().filter_map(Operation::id).filter(stays).collect();
        let mut moves = Vec::new();
        for step in capture_diff_slices(Algorithm::Myers, stay, &now) {
            if step.tag() == DiffTag::Equal {
                continue;
            }
            for index in step.new_range() {
                moves.push(match index.checked_sub(1) {
                    Some(before) => format!("`{}` comes after `{}`", now[index], now[before]),
                    None => format!("`{}` comes first", now[index]),
                });
            }
        }
        if !moves.is_empty() {
            self.push(
                compatible(format!("The operations have another order: {}.", moves.join(", ")))
                    .changed(Thing::Operation, "Operation")
                    .at("/paths")
                    .note("behaviour: `Operation` compares by it, and `ALL` lists them in it"),
            );
        }
    }

    fn operation(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        if plain_address(old) != plain_address(new) {
            let entry =
                compatible(format!("`{id}` calls {} (before {}).", address(new), address(old)))
                    .changed(Thing::Operation, id)
                    .at(&new.node.pointer);
            self.push(if self.takes_the_same(old, new) {
                entry.note("no code changes, but something else is called")
            } else {
                entry
            });
        }
        let (before, now) = (credentials(old), credentials(new));
        if before != now {
            self.push(
                breaking(format!("`{id}` takes {now} (before {before})."))
                    .changed(Thing::Operation, id)
                    .at(child(&new.node.pointer, "security"))
                    .note("callers who send the other secret are refused with 401"),
            );
        }
        self.retry_class(old, new);
        self.bounds(old, new);
        self.path_parameters(old, new);
        self.query_parameters(old, new);
        self.body(old, new);
        self.answers(old, new);
        let shown = format!("`{id}`");
        let facts = (Some(old.node.clone()), Some(new.node.clone()));
        self.deprecation(&facts.0, &facts.1, &shown, &new.node.pointer);
        self.words(&old.node, &new.node, &shown);
    }

    /// How long an attempt may take, and how long an answer may be.
    fn bounds(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        for (key, what, unit, less) in [
            ("x-timeout", "An attempt of", "s", "behaviour: who waits longer gives up now"),
            ("x-body-limit", "An answer of", "KiB", "behaviour: a longer answer is an error now"),
        ] {
            let bound = |operation: &Operation<'a>| operation.node.value.get(key)?.as_u64();
            let (before, now) = (bound(old), bound(new));
            if before == now {
                continue;
            }
            let said = |bound: Option<u64>| match bound {
                Some(count) => format!("{count} {unit}"),
                None => "not said".to_owned(),
            };
            let verb = if key == "x-timeout" { "may take" } else { "may have" };
            let line = format!("{what} `{id}` {verb} {} (before {}).", said(now), said(before));
            let entry =
                compatible(line).changed(Thing::Bound, id).at(child(&new.node.pointer, key));
            self.push(if before.is_some() && now < before { entry.note(less) } else { entry });
        }
    }

    fn retry_class(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let class = |operation: &Operation<'a>| operation.node.text("x-retry").unwrap_or("unknown");
        let (before, now) = (class(old), class(new));
        if before == now {
            return;
        }
        let id = new.id().unwrap_or_default();
        let note = if now == "unsent" {
            "behaviour: a call whose fate is unknown is no longer repeated"
        } else if before == "unsent" {
            "behaviour: a call whose fate is unknown is repeated now"
        } else {
            "behaviour: both are repeated, but only an `idempotent` DELETE takes a later 404 for done"
        };
        self.push(
            compatible(format!("The retry class of `{id}` is `{now}` (before `{before}`)."))
                .changed(Thing::RetryClass, id)
                .at(child(&new.node.pointer, "x-retry"))
                .note(note),
        );
    }
}

/// The secret that an operation takes.
fn credentials(operation: &Operation<'_>) -> &'static str {
    let alternatives = operation.node.items("security");
    let chosen = alternatives.first().map(Node::members).unwrap_or_default();
    match chosen.first().map(|(name, _)| *name) {
        Some("apiKey") => "the API key",
        Some("accessToken") => "an access token",
        _ => "no secret",
    }
}

fn address(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

/// Method and path; the names of placeholders are no part of the address.
fn plain_address(operation: &Operation<'_>) -> (&'static str, String) {
    let segments = operation
        .path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    (operation.method, segments.collect::<Vec<_>>().join("/"))
}
