//! What a call is answered with: successes that become its return type, and errors.

use crate::document::child;
use crate::spec::{Node, Operation, Spec};

use super::super::Thing;
use super::super::rust::{BYTES, answer_type, body_schema, operation_type};
use super::Comparison;
use super::entry::{breaking, compatible, documentation};

impl<'a> Comparison<'a> {
    pub(super) fn answers(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let before = Answers::of(&self.old, old);
        let now = Answers::of(&self.new, new);
        let place = child(&new.node.pointer, "responses");
        let returns = now.return_type(new);
        let difference = Difference::between(&before, &now, old, new);
        match difference {
            Difference::ReturnType => self.push(
                breaking(format!(
                    "`{id}` returns `{returns}` (before `{}`), for status {}.",
                    before.return_type(old),
                    now.statuses()
                ))
                .changed(Thing::Answer, id)
                .at(&place),
            ),
            Difference::Range => {
                let entry = compatible(format!(
                    "`{id}` succeeds with status {} (before {}).",
                    now.statuses(),
                    before.statuses()
                ))
                .changed(Thing::Answer, id)
                .at(&place);
                self.push(if before.take_any_success() {
                    entry.note("behaviour: every other success status is an error now")
                } else {
                    entry
                });
            }
            Difference::Statuses => {}
        }
        for success in &now.successes {
            let Success { status, ty, node } = success;
            match before.success(status) {
                Some(former) => {
                    if difference != Difference::ReturnType && *ty != former.ty {
                        self.push(
                            breaking(format!(
                                "`{returns}` holds `{ty}` for status {status} (before `{}`).",
                                former.ty
                            ))
                            .changed(Thing::Answer, id)
                            .at(child(&place, status)),
                        );
                    }
                    self.media_types(id, former, success);
                    self.answer_words(&former.node, node, id, status);
                }
                None if difference == Difference::Statuses => {
                    let line = if now.have_several_types() {
                        format!("`{returns}` has a variant for status {status} (`{ty}`).")
                    } else {
                        format!("`{id}` also succeeds with status {status}.")
                    };
                    self.push(compatible(line).added(Thing::Answer, id).at(child(&place, status)));
                }
                None => {}
            }
        }
        if difference == Difference::Statuses {
            for Success { status, .. } in &before.successes {
                if now.success(status).is_some() {
                    continue;
                }
                let verdict = if now.have_several_types() {
                    breaking(format!("`{returns}` no longer has a variant for status {status}."))
                } else {
                    compatible(format!("`{id}` no longer succeeds with status {status}."))
                };
                self.push(verdict.removed(Thing::Answer, id));
            }
        }
        self.errors(id, &place, &before, &now);
    }

    /// An answer that is handed on as bytes may hold any of several media types.
    fn media_types(&mut self, id: &str, old: &Success<'a>, new: &Success<'a>) {
        let media_types = |success: &Success<'a>| -> Vec<&'a str> {
            success.node.entries("content").into_iter().map(|(name, _)| name).collect()
        };
        let (before, now) = (media_types(old), media_types(new));
        let same = before.len() == now.len() && before.iter().all(|name| now.contains(name));
        if old.ty == BYTES && new.ty == BYTES && !same {
            let shown = |names: &[&str]| {
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            };
            let (before, now) = (shown(&before), shown(&now));
            let status = new.status;
            self.push(
                compatible(format!(
                    "The answer {status} of `{id}` is bytes of {now} (before {before})."
                ))
                .changed(Thing::Answer, id)
                .at(child(&new.node.pointer, "content"))
                .note("behaviour: `Accept` lists these types, and the bytes are of one of them"),
            );
        }
    }

    fn errors(&mut self, id: &str, place: &str, before: &Answers<'a>, now: &Answers<'a>) {
        for (status, node) in &now.errors {
            match before.errors.iter().find(|(known, _)| known == status) {
                Some((_, former)) => self.answer_words(former, node, id, status),
                None => self.push(
                    documentation(format!(
                        "`{id}` is documented to be refused with status {status}."
                    ))
                    .added(Thing::Answer, id)
                    .at(child(place, status)),
                ),
            }
        }
        for (status, _) in &before.errors {
            if !now.errors.iter().any(|(known, _)| known == status) {
                self.push(
                    documentation(format!(
                        "`{id}` is no longer documented to be refused with status {status}."
                    ))
                    .removed(Thing::Answer, id),
                );
            }
        }
    }

    /// The words at the answer itself. Shared answers are compared once, by themselves.
    fn answer_words(&mut self, old: &Node<'a>, new: &Node<'a>, id: &str, status: &str) {
        if new.pointer.starts_with("/paths/") {
            self.words(old, new, &format!("the answer {status} of `{id}`"));
        }
    }

    pub(super) fn shared_answers(&mut self) {
        for (name, new) in self.new.components("responses") {
            let olds = self.old.components("responses");
            if let Some((_, old)) = olds.into_iter().find(|(known, _)| *known == name) {
                self.words(&old, &new, &format!("the answer `{name}`"));
            }
        }
    }

    /// Errors are one type, whatever the operation and the status.
    pub(super) fn error_type(&mut self) {
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
                    breaking(format!("Errors carry `{name}` (before {}).", before.join(", ")))
                        .changed(Thing::Answer, name)
                        .at(pointer),
                );
            }
        }
    }
}

/// How the successes of an operation differ, as the type that its method returns shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    /// The method returns another type, so every caller has to change.
    ReturnType,
    /// The type stays; `2XX` became exact statuses, or exact statuses became `2XX`.
    Range,
    /// The type stays; single statuses may have come, gone, or hold something else.
    Statuses,
}

impl Difference {
    fn between<'a>(
        before: &Answers<'a>,
        now: &Answers<'a>,
        old: &Operation<'a>,
        new: &Operation<'a>,
    ) -> Self {
        // The enumeration of a renamed operation has another name, too; the rename says so.
        let same_type = before.return_type(old) == now.return_type(new)
            || (before.have_several_types() && now.have_several_types());
        if !same_type {
            Self::ReturnType
        } else if before.take_any_success() != now.take_any_success() {
            Self::Range
        } else {
            Self::Statuses
        }
    }
}

/// What an operation may be answered with.
struct Answers<'a> {
    /// In the order of their statuses.
    successes: Vec<Success<'a>>,
    errors: Vec<(&'a str, Node<'a>)>,
}

struct Success<'a> {
    status: &'a str,
    /// What the caller is handed.
    ty: String,
    node: Node<'a>,
}

impl<'a> Answers<'a> {
    fn of(spec: &Spec<'a>, operation: &Operation<'a>) -> Self {
        let (successes, errors): (Vec<_>, Vec<_>) =
            spec.responses(operation).into_iter().partition(|(status, _)| status.starts_with('2'));
        let mut successes: Vec<_> = successes
            .into_iter()
            .map(|(status, node)| Success { status, ty: answer_type(&node), node })
            .collect();
        successes.sort_by_key(|success| success.status);
        Self { successes, errors }
    }

    fn success(&self, status: &str) -> Option<&Success<'a>> {
        self.successes.iter().find(|success| success.status == status)
    }

    /// Whether the successes differ in type, so that they become an enumeration.
    fn have_several_types(&self) -> bool {
        self.successes.iter().any(|success| success.ty != self.successes[0].ty)
    }

    /// Whether any success status will do.
    fn take_any_success(&self) -> bool {
        self.success("2XX").is_some()
    }

    fn statuses(&self) -> String {
        let statuses: Vec<_> = self.successes.iter().map(|success| success.status).collect();
        statuses.join(" and ")
    }

    fn return_type(&self, operation: &Operation<'a>) -> String {
        match self.successes.first() {
            Some(_) if self.have_several_types() => {
                format!("{}Response", operation_type(operation.id().unwrap_or_default()))
            }
            Some(success) => success.ty.clone(),
            None => "()".to_owned(),
        }
    }
}
