//! The classifier: walks two states of the spec side by side.
//!
//! It relies on what the generated client promises: structs and enumerations are
//! `#[non_exhaustive]`, what is sent is made by `new` with the required fields and by setters
//! for the rest, and errors are one type whatever the status.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::document::child;
use crate::spec::{Node, Operation, Spec, placeholders};

use super::rust::{
    Kind, answer_type, bare_type, body_schema, field, field_type, operation_type, variant,
};
use super::{Change, Impact, Thing, Verb};

/// Lists every change, breaking ones first, then in the order of the working spec.
pub(super) fn compare(old: Spec<'_>, new: Spec<'_>) -> Vec<Change> {
    let mut comparison = Comparison {
        sent: Sent { old: sent(&old), new: sent(&new) },
        old,
        new,
        documented: HashSet::new(),
        changes: Vec::new(),
    };
    comparison.api();
    comparison.operations();
    comparison.error_type();
    comparison.shared_answers();
    comparison.types();
    let mut changes = comparison.changes;
    let (before, now) = (old.document.value(), new.document.value());
    // As text, since the order of operations and values shows in the client, too.
    if changes.is_empty() && format!("{before}") != format!("{now}") {
        changes.push(Change {
            impact: Impact::Documentation,
            thing: Thing::Api,
            verb: Verb::Changed,
            subject: "spec".to_owned(),
            line: if before == now {
                "Changed the order of the spec.".to_owned()
            } else {
                "Changed parts of the spec that the client does not show.".to_owned()
            },
            note: None,
            position: None,
        });
    }
    changes.sort_by(|a, b| {
        let key = |change: &Change| (change.impact, change.position.is_none(), change.position);
        key(a).cmp(&key(b))
    });
    changes
}

/// The named schemas that callers send.
fn sent<'a>(spec: &Spec<'a>) -> BTreeSet<&'a str> {
    let mut roots = spec.request_schemas();
    for operation in spec.operations() {
        for parameter in spec.parameters(&operation) {
            roots.extend(parameter.get("schema"));
        }
    }
    spec.reachable(roots)
}

struct Sent<'a> {
    old: BTreeSet<&'a str>,
    new: BTreeSet<&'a str>,
}

struct Comparison<'a> {
    old: Spec<'a>,
    new: Spec<'a>,
    sent: Sent<'a>,
    /// Places whose words have been compared already: components are met more than once.
    documented: HashSet<String>,
    changes: Vec<Change>,
}

impl<'a> Comparison<'a> {
    fn push(
        &mut self,
        (impact, thing, verb): (Impact, Thing, Verb),
        subject: impl Into<String>,
        at: Option<&str>,
        line: String,
        note: Option<&str>,
    ) {
        let position = at.map(|pointer| self.new.document.locate_key(pointer));
        self.changes.push(Change {
            impact,
            thing,
            verb,
            subject: subject.into(),
            line,
            note: note.map(str::to_owned),
            position,
        });
    }

    fn api(&mut self) {
        let (old, new) = (self.old.root(), self.new.root());
        if let (Some(old), Some(new)) = (old.get("info"), new.get("info")) {
            self.words(&old, &new, "the API");
            for key in ["title", "version"] {
                let (before, now) = (old.text(key), new.text(key));
                if before != now {
                    self.push(
                        (Impact::Documentation, Thing::Api, Verb::Changed),
                        key,
                        Some(&child("/info", key)),
                        format!(
                            "The {key} of the API is {} (before {}).",
                            now.unwrap_or("none"),
                            before.unwrap_or("none")
                        ),
                        None,
                    );
                }
            }
        }
        let address = |root: &Node<'a>| root.items("servers").first().and_then(|s| s.text("url"));
        let (before, now) = (address(&old), address(&new));
        if before != now {
            self.push(
                (Impact::Compatible, Thing::Api, Verb::Changed),
                "servers",
                Some("/servers"),
                format!(
                    "The service is at {} (before {}).",
                    now.unwrap_or("no address"),
                    before.unwrap_or("no address")
                ),
                Some("behaviour: clients that are given no base URL call the new one"),
            );
        }
    }

    fn operations(&mut self) {
        let (olds, news) = (self.old.operations(), self.new.operations());
        let mut renamed: Vec<&str> = Vec::new();
        for old in &olds {
            let Some(id) = old.id() else { continue };
            if let Some(new) = news.iter().find(|new| new.id() == Some(id)) {
                self.operation(old, new);
                continue;
            }
            let successor = news.iter().find(|new| {
                (new.path, new.method) == (old.path, old.method)
                    && !olds.iter().any(|old| old.id() == new.id())
            });
            match successor.and_then(|new| Some((new, new.id()?))) {
                Some((new, name)) => {
                    renamed.push(name);
                    self.push(
                        (Impact::Breaking, Thing::Operation, Verb::Renamed),
                        id,
                        Some(&new.node.pointer),
                        format!("Renamed `{id}` to `{name}`."),
                        None,
                    );
                    self.operation(old, new);
                }
                None => self.push(
                    (Impact::Breaking, Thing::Operation, Verb::Removed),
                    id,
                    None,
                    format!("Removed `{id}` ({}).", address(old)),
                    None,
                ),
            }
        }
        for new in &news {
            let Some(id) = new.id() else { continue };
            if olds.iter().any(|old| old.id() == Some(id)) || renamed.contains(&id) {
                continue;
            }
            let summary = new.node.text("summary").map(sentence).unwrap_or_default();
            self.push(
                (Impact::Compatible, Thing::Operation, Verb::Added),
                id,
                Some(&new.node.pointer),
                format!("Added `{id}` ({}){summary}.", address(new)),
                None,
            );
        }
    }

    fn operation(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let at = new.node.pointer.clone();
        if plain(old) != plain(new) {
            self.push(
                (Impact::Compatible, Thing::Operation, Verb::Changed),
                id,
                Some(&at),
                format!("`{id}` calls {} (before {}).", address(new), address(old)),
                Some("no code changes, but something else is called"),
            );
        }
        let scope = |operation: &Operation<'a>| {
            let alternatives = operation.node.items("security");
            let chosen = alternatives.first().map(Node::members).unwrap_or_default();
            match chosen.first().map(|(name, _)| *name) {
                Some("apiKey") => "the API key",
                Some("accessToken") => "an access token",
                _ => "no secret",
            }
        };
        let (before, now) = (scope(old), scope(new));
        if before != now {
            self.push(
                (Impact::Breaking, Thing::Operation, Verb::Changed),
                id,
                Some(&child(&at, "security")),
                format!("`{id}` takes {now} (before {before})."),
                Some("callers who send the other secret are refused with 401"),
            );
        }
        self.retry_class(old, new);
        self.path_parameters(old, new);
        self.query_parameters(old, new);
        self.body(old, new);
        self.answers(old, new);
        self.words(&old.node, &new.node, &format!("`{id}`"));
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
            (Impact::Compatible, Thing::RetryClass, Verb::Changed),
            id,
            Some(&child(&new.node.pointer, "x-retry")),
            format!("The retry class of `{id}` is `{now}` (before `{before}`)."),
            Some(note),
        );
    }

    fn path_parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let before = path_arguments(&self.old, old);
        let now = path_arguments(&self.new, new);
        let types = |arguments: &[(Node<'a>, &str)]| {
            let types: Vec<_> = arguments.iter().map(|(node, _)| argument_type(node)).collect();
            types.join(", ")
        };
        let names = |arguments: &[(Node<'a>, &str)]| {
            arguments.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
        };
        let moved = |name: &str, index: usize| {
            before.iter().position(|(_, before)| *before == name).is_some_and(|was| was != index)
        };
        let (old_types, new_types) = (types(&before), types(&now));
        let changed = if old_types != new_types {
            Some((old_types, new_types, None))
        } else if now.iter().enumerate().any(|(index, (_, name))| moved(name, index)) {
            let note =
                "behaviour: calls still compile, and send each value in the place of another";
            Some((names(&before), names(&now), Some(note)))
        } else {
            None
        };
        if let Some((before, now, note)) = changed {
            self.push(
                (Impact::Breaking, Thing::Parameter, Verb::Changed),
                id,
                Some(&new.node.pointer),
                format!("The path arguments of `{id}` are ({now}) (before ({before}))."),
                note,
            );
            return;
        }
        for ((old, before), (new, now)) in before.iter().zip(&now) {
            if before != now {
                self.push(
                    (Impact::Documentation, Thing::Parameter, Verb::Renamed),
                    format!("{id}({now})"),
                    Some(&new.pointer),
                    format!("The argument `{before}` of `{id}` is called `{now}`."),
                    None,
                );
            }
            self.words(old, new, &format!("`{now}` of `{id}`"));
        }
    }

    fn query_parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let query = format!("{}Query", operation_type(id));
        let before = query_fields(&self.old, old);
        let now = query_fields(&self.new, new);
        if before.is_empty() != now.is_empty() {
            let (verb, line) = if now.is_empty() {
                (Verb::Removed, format!("`{id}` no longer takes a query."))
            } else {
                (Verb::Added, format!("`{id}` takes a query: `&{query}`."))
            };
            self.push(
                (Impact::Breaking, Thing::Parameter, verb),
                id,
                Some(&new.node.pointer),
                line,
                Some("every call has another number of arguments"),
            );
            return;
        }
        self.fields(Thing::Parameter, &query, &before, &now, true);
    }

    fn body(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let (before, now) = (old.node.get("requestBody"), new.node.get("requestBody"));
        let at = now.as_ref().map_or(&new.node.pointer, |body| &body.pointer);
        let (verb, line) =
            match (before.as_ref().and_then(body_schema), now.as_ref().and_then(body_schema)) {
                (Some(before), Some(now)) if before != now => (
                    Verb::Changed,
                    format!("`{id}` takes `&{now}` as its body (before `&{before}`)."),
                ),
                (None, Some(now)) => (Verb::Added, format!("`{id}` takes a body: `&{now}`.")),
                (Some(_), None) => (Verb::Removed, format!("`{id}` no longer takes a body.")),
                (Some(_), Some(_)) | (None, None) => {
                    if let (Some(old), Some(new)) = (&before, &now) {
                        self.words(old, new, &format!("the body of `{id}`"));
                    }
                    return;
                }
            };
        let at = at.clone();
        self.push((Impact::Breaking, Thing::Body, verb), id, Some(&at), line, None);
    }

    fn answers(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let before = Answers::of(&self.old, old);
        let now = Answers::of(&self.new, new);
        let at = child(&new.node.pointer, "responses");
        let place = |status: &str| child(&at, status);
        let (returned, returns) = (before.return_type(old), now.return_type(new));
        // A renamed operation renames the enumeration of its answers; that is said already.
        let same = returned == returns || (before.several() && now.several());
        if !same {
            let statuses: Vec<_> = now.successes.iter().map(|(status, ..)| *status).collect();
            self.push(
                (Impact::Breaking, Thing::Answer, Verb::Changed),
                id,
                Some(&at),
                format!(
                    "`{id}` returns `{returns}` (before `{returned}`), for status {}.",
                    statuses.join(" and ")
                ),
                None,
            );
        }
        let ranges = (before.is_open(), now.is_open());
        if same && ranges.0 != ranges.1 {
            let statuses = |answers: &Answers<'a>| {
                let statuses: Vec<_> =
                    answers.successes.iter().map(|(status, ..)| *status).collect();
                statuses.join(" and ")
            };
            self.push(
                (Impact::Compatible, Thing::Answer, Verb::Changed),
                id,
                Some(&at),
                format!(
                    "`{id}` succeeds with status {} (before {}).",
                    statuses(&now),
                    statuses(&before)
                ),
                ranges.0.then_some("behaviour: every other success status is an error now"),
            );
        }
        let named = same && ranges.0 == ranges.1;
        for (status, ty, node) in &now.successes {
            match before.successes.iter().find(|(known, ..)| known == status) {
                Some((_, old_ty, old_node)) => {
                    if same && ty != old_ty {
                        self.push(
                            (Impact::Breaking, Thing::Answer, Verb::Changed),
                            id,
                            Some(&place(status)),
                            format!(
                                "`{returns}` holds `{ty}` for status {status} (before `{old_ty}`)."
                            ),
                            None,
                        );
                    }
                    self.answer_words(old_node, node, id, status);
                }
                None if named => {
                    let line = if now.several() {
                        format!("`{returns}` has a variant for status {status} (`{ty}`).")
                    } else {
                        format!("`{id}` also succeeds with status {status}.")
                    };
                    self.push(
                        (Impact::Compatible, Thing::Answer, Verb::Added),
                        id,
                        Some(&place(status)),
                        line,
                        None,
                    );
                }
                None => {}
            }
        }
        for (status, ..) in &before.successes {
            if named && !now.successes.iter().any(|(known, ..)| known == status) {
                let (impact, line) = if now.several() {
                    (
                        Impact::Breaking,
                        format!("`{returns}` no longer has a variant for status {status}."),
                    )
                } else {
                    (Impact::Compatible, format!("`{id}` no longer succeeds with status {status}."))
                };
                self.push((impact, Thing::Answer, Verb::Removed), id, None, line, None);
            }
        }
        for (status, node) in &now.errors {
            match before.errors.iter().find(|(known, _)| known == status) {
                Some((_, old_node)) => self.answer_words(old_node, node, id, status),
                None => self.push(
                    (Impact::Documentation, Thing::Answer, Verb::Added),
                    id,
                    Some(&place(status)),
                    format!("`{id}` is documented to be refused with status {status}."),
                    None,
                ),
            }
        }
        for (status, _) in &before.errors {
            if !now.errors.iter().any(|(known, _)| known == status) {
                self.push(
                    (Impact::Documentation, Thing::Answer, Verb::Removed),
                    id,
                    None,
                    format!("`{id}` is no longer documented to be refused with status {status}."),
                    None,
                );
            }
        }
    }

    /// What stands at the answer itself; shared answers are compared once, by themselves.
    fn answer_words(&mut self, old: &Node<'a>, new: &Node<'a>, id: &str, status: &str) {
        if new.pointer.starts_with("/paths/") {
            let what = format!("the answer {status} of `{id}`");
            self.words(old, new, &what);
        }
    }

    fn shared_answers(&mut self) {
        for (name, new) in self.new.components("responses") {
            let olds = self.old.components("responses");
            if let Some((_, old)) = olds.into_iter().find(|(known, _)| *known == name) {
                let what = format!("the answer `{name}`");
                self.words(&old, &new, &what);
            }
        }
    }

    /// Errors are one type, whatever the operation and the status.
    fn error_type(&mut self) {
        let types = |spec: &Spec<'a>| {
            let mut names: Vec<_> = spec
                .operations()
                .iter()
                .flat_map(|operation| Answers::of(spec, operation).errors)
                .filter_map(|(_, response)| Some((body_schema(&response)?, response.pointer)))
                .collect();
            names.sort();
            names.dedup_by(|(a, _), (b, _)| a == b);
            names
        };
        let known = types(&self.old);
        for (name, pointer) in types(&self.new) {
            if !known.is_empty() && !known.iter().any(|(old, _)| *old == name) {
                let before: Vec<_> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
                self.push(
                    (Impact::Breaking, Thing::Answer, Verb::Changed),
                    name,
                    Some(&pointer),
                    format!("Errors carry `{name}` (before {}).", before.join(", ")),
                    None,
                );
            }
        }
    }

    fn types(&mut self) {
        let olds = self.old.components("schemas");
        let news = self.new.components("schemas");
        for (name, _) in &olds {
            if !news.iter().any(|(known, _)| known == name) {
                self.push(
                    (Impact::Breaking, Thing::Type, Verb::Removed),
                    *name,
                    None,
                    format!("Removed the type `{name}`."),
                    None,
                );
            }
        }
        for (name, new) in &news {
            match olds.iter().find(|(known, _)| known == name) {
                Some((_, old)) => self.named_type(name, old, new),
                None => {
                    let about = new.text("description").map(sentence).unwrap_or_default();
                    self.push(
                        (Impact::Compatible, Thing::Type, Verb::Added),
                        *name,
                        Some(&new.pointer),
                        format!("Added the type `{name}`{about}."),
                        None,
                    );
                }
            }
        }
    }

    fn named_type(&mut self, name: &'a str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (Kind::of(old), Kind::of(new));
        if before != now {
            self.push(
                (Impact::Breaking, Thing::Type, Verb::Changed),
                name,
                Some(&new.pointer),
                format!("`{name}` is {} (before {}).", now.noun(), before.noun()),
                None,
            );
            return;
        }
        match now {
            Kind::Struct => self.structure(name, old, new),
            Kind::Map => {
                let (before, now) = (bare_type(old), bare_type(new));
                if before != now {
                    self.push(
                        (Impact::Breaking, Thing::Type, Verb::Changed),
                        name,
                        Some(&new.pointer),
                        format!("`{name}` is a map `{now}` (before `{before}`)."),
                        None,
                    );
                }
            }
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
            self.push(
                (Impact::Compatible, Thing::Type, Verb::Changed),
                name,
                Some(&new.pointer),
                line,
                None,
            );
        }
        self.words(old, new, &format!("`{name}`"));
    }

    fn structure(&mut self, name: &'a str, old: &Node<'a>, new: &Node<'a>) {
        let sent = self.sent.new.contains(&name);
        if self.sent.old.contains(&name) && !sent {
            self.push(
                (Impact::Breaking, Thing::Type, Verb::Changed),
                name,
                Some(&new.pointer),
                format!("`{name}` is no longer sent, so it has no `new` and no setters."),
                None,
            );
        }
        let (before, now) = (property_fields(old), property_fields(new));
        self.fields(Thing::Property, name, &before, &now, sent);
    }

    /// The fields of a struct, or of a query.
    fn fields(
        &mut self,
        thing: Thing,
        owner: &str,
        before: &[Field<'a>],
        now: &[Field<'a>],
        sent: bool,
    ) {
        let moved = sent.then(|| moved_arguments(before, now)).flatten();
        for (index, new) in now.iter().enumerate() {
            let path = format!("{owner}::{}", new.ident);
            let shown = format!("`{path}: {}`", new.ty);
            if let Some(old) = before.iter().find(|old| old.name == new.name) {
                self.field(thing, &path, old, new, sent);
            } else if let Some(old) = respelt(before, now, new) {
                self.push(
                    (Impact::Compatible, thing, Verb::Changed),
                    path.as_str(),
                    Some(&new.node.pointer),
                    on_the_wire(&path, new.name, old.name),
                    Some(RESPELT),
                );
                self.field(thing, &path, old, new, sent);
            } else if let Some(old) = replaced(before, now, index) {
                self.push(
                    (Impact::Breaking, thing, Verb::Renamed),
                    path,
                    Some(&new.node.pointer),
                    format!("Renamed `{owner}::{}` to `{}`.", old.ident, new.ident),
                    moved.as_deref().filter(|_| new.required),
                );
            } else {
                let about = new.node.text("description").map(sentence).unwrap_or_default();
                let (impact, note) = match (sent, new.required) {
                    (true, true) => {
                        (Impact::Breaking, Some("it is required, so `new` has one more argument"))
                    }
                    (false, true) => {
                        (Impact::Compatible, Some("answers that lack it can no longer be read"))
                    }
                    (_, false) => (Impact::Compatible, None),
                };
                self.push(
                    (impact, thing, Verb::Added),
                    path,
                    Some(&new.node.pointer),
                    format!("Added {shown}{about}."),
                    note,
                );
            }
        }
        for (index, old) in before.iter().enumerate() {
            let kept = now.iter().any(|new| new.ident == old.ident);
            if !kept && replaced(now, before, index).is_none() {
                let path = format!("{owner}::{}", old.ident);
                let line = format!("Removed `{path}: {}`.", old.ty);
                self.push((Impact::Breaking, thing, Verb::Removed), path, None, line, None);
            }
        }
    }

    fn field(&mut self, thing: Thing, path: &str, old: &Field<'a>, new: &Field<'a>, sent: bool) {
        if old.ty != new.ty {
            self.push(
                (Impact::Breaking, thing, Verb::Changed),
                path,
                Some(&new.node.pointer),
                format!("`{path}` is `{}` (before `{}`).", new.ty, old.ty),
                (sent && old.required != new.required).then_some(if new.required {
                    "it is required, so `new` has one more argument"
                } else {
                    "it is optional, so `new` has one argument less and there is a setter"
                }),
            );
        } else if old.required != new.required {
            let word = if new.required { "required" } else { "optional" };
            let (impact, note) = if sent {
                (Impact::Breaking, "the arguments of `new` differ")
            } else if new.required {
                (Impact::Compatible, "answers that lack it can no longer be read")
            } else {
                (Impact::Compatible, "answers that lack it can be read")
            };
            self.push(
                (impact, thing, Verb::Changed),
                path,
                Some(&new.node.pointer),
                format!("`{path}` is {word}, and still `{}`.", new.ty),
                Some(note),
            );
        } else if old.format != new.format {
            self.push(
                (Impact::Compatible, thing, Verb::Changed),
                path,
                Some(&new.node.pointer),
                format!(
                    "`{path}` has the format {} (before {}), and still is `{}`.",
                    new.format.unwrap_or("none"),
                    old.format.unwrap_or("none"),
                    new.ty
                ),
                None,
            );
        }
        self.words(&old.node, &new.node, &format!("`{path}`"));
        if old.default != new.default {
            let shown = |default: Option<&Value>| match default {
                Some(value) => format!("`{value}`"),
                None => "nothing".to_owned(),
            };
            self.push(
                (Impact::Compatible, thing, Verb::Changed),
                path,
                Some(&new.node.pointer),
                format!(
                    "`{path}` defaults to {} (before {}).",
                    shown(new.default),
                    shown(old.default)
                ),
                Some("behaviour: what the service takes where it is left out"),
            );
        }
    }

    fn enumeration(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (old.texts("enum"), new.texts("enum"));
        for (index, value) in now.iter().enumerate() {
            let path = format!("{name}::{}", variant(value));
            let at = format!("{}/enum/{index}", new.pointer);
            if before.contains(value) {
                continue;
            }
            let former = former_value(&before, &now, index);
            match former {
                Some(former) if variant(former) == variant(value) => self.push(
                    (Impact::Compatible, Thing::Value, Verb::Changed),
                    path.clone(),
                    Some(&at),
                    on_the_wire(&path, value, former),
                    Some(RESPELT),
                ),
                Some(former) => self.push(
                    (Impact::Breaking, Thing::Value, Verb::Renamed),
                    path.clone(),
                    Some(&at),
                    format!(
                        "Renamed `{name}::{}` (`{former}`) to `{path}` (`{value}`).",
                        variant(former)
                    ),
                    None,
                ),
                None => self.push(
                    (Impact::Compatible, Thing::Value, Verb::Added),
                    path.clone(),
                    Some(&at),
                    format!("Added `{path}` (`{value}`)."),
                    None,
                ),
            }
        }
        for value in &before {
            let mut formers = (0..now.len()).filter_map(|index| former_value(&before, &now, index));
            let renamed = formers.any(|former| former == *value);
            if !now.contains(value) && !renamed {
                let path = format!("{name}::{}", variant(value));
                let line = format!("Removed `{path}` (`{value}`).");
                self.push((Impact::Breaking, Thing::Value, Verb::Removed), path, None, line, None);
            }
        }
        let variants = |values: &[&str], others: &[&str]| -> Vec<String> {
            let others: Vec<_> = others.iter().map(|value| variant(value)).collect();
            values.iter().map(|value| variant(value)).filter(|name| others.contains(name)).collect()
        };
        let (were, are) = (variants(&before, &now), variants(&now, &before));
        if were != are {
            self.push(
                (Impact::Compatible, Thing::Type, Verb::Changed),
                name,
                Some(&child(&new.pointer, "enum")),
                format!(
                    "The values of `{name}` come in the order {} (before {}).",
                    are.join(", "),
                    were.join(", ")
                ),
                Some("behaviour: they compare by it, and `KNOWN` lists them in it"),
            );
        }
        let open = |node: &Node<'a>| node.flag("x-extensible-enum");
        if open(old) != open(new) {
            let (line, note) = if open(new) {
                (
                    format!("`{name}` is open: unknown values become `{name}::Unknown`."),
                    "it is no longer `Copy`, and parsing it no longer fails",
                )
            } else {
                (
                    format!("`{name}` is closed: `{name}::Unknown` is gone."),
                    "it can no longer be read from answers",
                )
            };
            self.push(
                (Impact::Breaking, Thing::Type, Verb::Changed),
                name,
                Some(&new.pointer),
                line,
                Some(note),
            );
        }
    }

    fn union(&mut self, name: &str, old: &Node<'a>, new: &Node<'a>) {
        let (before, now) = (members(old), members(new));
        for (tag, target) in &now {
            let path = format!("{name}::{}", variant(tag));
            match before.iter().find(|(known, _)| known == tag) {
                None => self.push(
                    (Impact::Compatible, Thing::Variant, Verb::Added),
                    path.clone(),
                    Some(&new.pointer),
                    format!("Added `{path}({target})`."),
                    None,
                ),
                Some((_, former)) if former != target => self.push(
                    (Impact::Breaking, Thing::Variant, Verb::Changed),
                    path.clone(),
                    Some(&new.pointer),
                    format!("`{path}` holds `{target}` (before `{former}`)."),
                    None,
                ),
                Some(_) => {}
            }
        }
        for (tag, target) in &before {
            if !now.iter().any(|(known, _)| known == tag) {
                let path = format!("{name}::{}", variant(tag));
                let line = format!("Removed `{path}({target})`.");
                self.push(
                    (Impact::Breaking, Thing::Variant, Verb::Removed),
                    path,
                    None,
                    line,
                    None,
                );
            }
        }
        let tag = |node: &Node<'a>| {
            let discriminator = node.get("discriminator");
            discriminator.and_then(|discriminator| discriminator.text("propertyName"))
        };
        let (before, now) = (tag(old), tag(new));
        if before != now {
            self.push(
                (Impact::Compatible, Thing::Type, Verb::Changed),
                name,
                Some(&new.pointer),
                format!(
                    "The variants of `{name}` are told apart by `{}` (before `{}`).",
                    now.unwrap_or_default(),
                    before.unwrap_or_default()
                ),
                Some("no code changes, but other answers can be read"),
            );
        }
    }

    /// What is only read: descriptions and marks of assumptions. Examples are not in the client.
    fn words(&mut self, old: &Node<'a>, new: &Node<'a>, what: &str) {
        if !self.documented.insert(new.pointer.clone()) {
            return;
        }
        let text = |node: &Node<'a>, key: &str| node.text(key).map(|text| text.trim().to_owned());
        let reworded =
            ["summary", "description"].into_iter().find(|key| text(old, key) != text(new, key));
        if let Some(key) = reworded {
            let at = child(&new.pointer, key);
            self.push(
                (Impact::Documentation, Thing::Description, Verb::Changed),
                bare(what),
                Some(&at),
                format!("Reworded the description of {what}."),
                None,
            );
        }
        let assumed = |node: &Node<'a>| node.flag("x-assumed");
        if assumed(old) != assumed(new) {
            let (verb, line) = if assumed(new) {
                (Verb::Added, format!("Marked {what} as an assumption."))
            } else {
                (Verb::Removed, format!("Confirmed {what}: no assumption any more."))
            };
            self.push(
                (Impact::Documentation, Thing::Assumption, verb),
                bare(what),
                Some(&new.pointer),
                line,
                None,
            );
        }
    }
}

/// A field of a struct or a query.
struct Field<'a> {
    name: &'a str,
    ident: String,
    ty: String,
    required: bool,
    format: Option<&'a str>,
    default: Option<&'a Value>,
    node: Node<'a>,
}

fn property_fields<'a>(schema: &Node<'a>) -> Vec<Field<'a>> {
    let required = schema.texts("required");
    let mut fields: Vec<_> = schema
        .entries("properties")
        .into_iter()
        .map(|(name, node)| Field {
            name,
            ident: field(name),
            ty: field_type(&node, required.contains(&name)),
            required: required.contains(&name),
            format: node.text("format"),
            default: None,
            node,
        })
        .collect();
    // Beside known keys, unknown ones of a known type have a field of their own.
    if let Some(node) = schema.get("additionalProperties")
        && node.value.is_object()
    {
        fields.push(Field {
            name: "additionalProperties",
            ident: "extra".to_owned(),
            ty: format!("IndexMap<String, {}>", field_type(&node, true)),
            required: false,
            format: node.text("format"),
            default: None,
            node,
        });
    }
    fields
}

fn query_fields<'a>(spec: &Spec<'a>, operation: &Operation<'a>) -> Vec<Field<'a>> {
    spec.parameters(operation)
        .into_iter()
        .filter(|parameter| parameter.text("in") == Some("query"))
        .filter_map(|node| {
            let schema = node.get("schema")?;
            let name = node.text("name")?;
            let required = node.flag("required");
            Some(Field {
                name,
                ident: field(name),
                ty: field_type(&schema, required),
                required,
                format: schema.text("format"),
                default: schema.value.get("default"),
                node,
            })
        })
        .collect()
}

/// The field that has become this one by another spelling on the wire, its name in Rust being
/// the same.
fn respelt<'f, 'a>(
    before: &'f [Field<'a>],
    now: &[Field<'a>],
    new: &Field<'a>,
) -> Option<&'f Field<'a>> {
    let known = |fields: &[Field<'a>], name| fields.iter().any(|field| field.name == name);
    before
        .iter()
        .find(|old| old.ident == new.ident && !known(now, old.name) && !known(before, new.name))
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

fn on_the_wire(path: &str, now: &str, before: &str) -> String {
    format!("`{path}` is `{now}` on the wire (before `{before}`).")
}

const RESPELT: &str = "behaviour: no code changes, but the old spelling is no longer read or sent";

/// The field that stood at this place, if both have changed nothing but the name.
fn replaced<'f, 'a>(
    before: &'f [Field<'a>],
    now: &[Field<'a>],
    index: usize,
) -> Option<&'f Field<'a>> {
    let (old, new) = (before.get(index)?, now.get(index)?);
    // By their names in Rust: what lives on by another spelling was not replaced.
    let gone = !now.iter().any(|field| field.ident == old.ident);
    let fresh = !before.iter().any(|field| field.ident == new.ident);
    let alike = (&old.ty, old.required) == (&new.ty, new.required);
    (gone && fresh && alike && before.len() == now.len()).then_some(old)
}

/// What is to be said where `new` takes the same types as before, but some value in the place of
/// another: no compiler sees that.
fn moved_arguments(before: &[Field<'_>], now: &[Field<'_>]) -> Option<String> {
    let (olds, news) = (arguments(before), arguments(now));
    if !olds.iter().map(accepted).eq(news.iter().map(accepted)) {
        return None;
    }
    let successor = |old: &Field<'_>| {
        now.iter().enumerate().find_map(|(index, new)| {
            let follows = new.ident == old.ident
                || replaced(before, now, index).is_some_and(|former| former.ident == old.ident);
            follows.then_some(&new.ident)
        })
    };
    olds.iter().zip(&news).find(|(old, new)| successor(old).is_some_and(|i| *i != new.ident))?;
    let idents = |arguments: &[&Field<'_>]| {
        arguments.iter().map(|field| field.ident.as_str()).collect::<Vec<_>>().join(", ")
    };
    Some(format!(
        "behaviour: `new` takes ({}) (before ({})): calls still compile, and send each value in \
         the place of another",
        idents(&news),
        idents(&olds)
    ))
}

/// The fields that `new` takes, in the order of their names in Rust.
fn arguments<'f, 'a>(fields: &'f [Field<'a>]) -> Vec<&'f Field<'a>> {
    let mut arguments: Vec<_> = fields.iter().filter(|field| field.required).collect();
    arguments.sort_by(|a, b| a.ident.cmp(&b.ident));
    arguments
}

/// What `new` takes for a field: whatever is text, also for a secret.
fn accepted<'f>(field: &&'f Field<'_>) -> &'f str {
    if field.ty == "Secret" { "String" } else { &field.ty }
}

/// The path parameters in the order of the path, with their names.
fn path_arguments<'a>(spec: &Spec<'a>, operation: &Operation<'a>) -> Vec<(Node<'a>, &'a str)> {
    let parameters = spec.parameters(operation);
    placeholders(operation.path)
        .into_iter()
        .filter_map(|name| {
            let wanted = |node: &&Node<'a>| {
                node.text("in") == Some("path") && node.text("name") == Some(name)
            };
            Some((parameters.iter().find(wanted)?.clone(), name))
        })
        .collect()
}

fn argument_type(parameter: &Node<'_>) -> String {
    match parameter.get("schema").map(|schema| bare_type(&schema)) {
        Some(ty) if ty != "String" => ty,
        _ => "&str".to_owned(),
    }
}

/// Method and path; the names of placeholders are no part of the address.
fn plain(operation: &Operation<'_>) -> (&'static str, String) {
    let segments = operation
        .path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    (operation.method, segments.collect::<Vec<_>>().join("/"))
}

fn address(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

/// What an operation may be answered with.
struct Answers<'a> {
    successes: Vec<(&'a str, String, Node<'a>)>,
    errors: Vec<(&'a str, Node<'a>)>,
}

impl<'a> Answers<'a> {
    fn of(spec: &Spec<'a>, operation: &Operation<'a>) -> Self {
        let (successes, errors): (Vec<_>, Vec<_>) =
            spec.responses(operation).into_iter().partition(|(status, _)| status.starts_with('2'));
        let mut successes: Vec<_> = successes
            .into_iter()
            .map(|(status, node)| (status, answer_type(&node), node))
            .collect();
        successes.sort_by_key(|(status, ..)| *status);
        Self { successes, errors }
    }

    /// Whether the answers differ in shape, so that they become an enumeration.
    fn several(&self) -> bool {
        self.successes.iter().any(|(_, ty, _)| *ty != self.successes[0].1)
    }

    /// Whether any success status will do.
    fn is_open(&self) -> bool {
        self.successes.iter().any(|(status, ..)| *status == "2XX")
    }

    fn return_type(&self, operation: &Operation<'a>) -> String {
        match self.successes.first() {
            Some(_) if self.several() => {
                format!("{}Response", operation_type(operation.id().unwrap_or_default()))
            }
            Some((_, ty, _)) => ty.clone(),
            None => "()".to_owned(),
        }
    }
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

/// The first sentence of a description, as the continuation of a line.
fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = text.split(". ").next().unwrap_or_default();
    match first.trim_end_matches('.') {
        "" => String::new(),
        first => format!(": {first}"),
    }
}

/// A subject without the marks of code.
fn bare(what: &str) -> String {
    what.replace('`', "")
}
