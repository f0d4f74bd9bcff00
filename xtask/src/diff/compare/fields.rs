//! The fields of a struct, or of a query.

use serde_json::Value;

use crate::api::Properties;
use crate::spec::Node;

use super::super::Thing;
use super::super::rust::{field, field_type, query_type, takes_text};
use super::Comparison;
use super::entry::{OTHER_ANSWERS, PLACES_CHANGED, RESPELT, breaking, compatible, respelt};
use super::words::{enumerate, first_sentence};

/// A struct, or a query, whose fields are compared.
pub(super) struct Owner<'n> {
    pub(super) name: &'n str,
    /// Where it stands in the new spec.
    pub(super) place: &'n str,
    /// What its fields are: properties or parameters.
    pub(super) fields: Thing,
    /// Whether callers make it, before and now: it has `new` and setters.
    pub(super) made: bool,
    /// Whether it is read from answers.
    pub(super) read: bool,
}

/// A field of a struct or a query.
pub(super) struct Field<'a> {
    /// Its name on the wire.
    pub(super) name: &'a str,
    /// Its name in Rust.
    pub(super) ident: String,
    pub(super) ty: String,
    /// Whether `new` and the setter take any text for it.
    pub(super) is_text: bool,
    pub(super) required: bool,
    pub(super) format: Option<&'a str>,
    pub(super) default: Option<&'a Value>,
    pub(super) node: Node<'a>,
}

/// What a line calls a field.
struct Called {
    /// As in `Connection::id`.
    subject: String,
    /// The same as a piece of a sentence.
    shown: String,
}

impl<'a> Comparison<'a> {
    pub(super) fn fields(&mut self, owner: &Owner<'_>, before: &[Field<'a>], now: &[Field<'a>]) {
        if owner.made {
            self.constructor(owner, before, now);
        }
        for (index, new) in now.iter().enumerate() {
            let same_name = before.iter().find(|old| old.name == new.name);
            let respelt_from = || former_spelling(before, now, new);
            let renamed_from = || replaced(before, now, index);
            let Some(old) = same_name.or_else(respelt_from).or_else(renamed_from) else {
                self.added_field(owner, new);
                continue;
            };
            // One edit of a parameter that several operations share is one line.
            let sharers = self.operations_with(&new.node);
            let shared = sharers.len() > 1 && old.node.pointer == new.node.pointer;
            if shared && !self.shared.insert(new.node.pointer.clone()) {
                continue;
            }
            let called = |field: &Field<'a>| {
                if shared { Called::in_queries(&sharers, field) } else { Called::of(owner, field) }
            };
            let facts = (Some(old.node.clone()), Some(new.node.clone()));
            self.deprecation(&facts.0, &facts.1, &called(new).shown, &new.node.pointer);
            let entry = if old.ident != new.ident {
                let line = format!("Renamed {} to `{}`.", called(old).shown, new.ident);
                breaking(line).renamed(owner.fields, called(new).subject)
            } else {
                self.field(owner, &called(new), old, new);
                if old.name == new.name {
                    continue;
                }
                let Called { subject, shown } = called(new);
                respelt(&shown, new.name, old.name).changed(owner.fields, subject).note(RESPELT)
            };
            self.push(entry.at(&new.node.pointer));
        }
        for (index, old) in before.iter().enumerate() {
            let kept = now.iter().any(|new| new.ident == old.ident);
            if !kept && replaced(now, before, index).is_none() {
                let path = Called::of(owner, old).subject;
                self.push(
                    breaking(format!("Removed `{path}: {}`.", old.ty)).removed(owner.fields, path),
                );
            }
        }
    }

    /// Whether `new` takes in another order what it has taken before: no compiler sees that where
    /// the types are the same.
    fn constructor(&mut self, owner: &Owner<'_>, before: &[Field<'a>], now: &[Field<'a>]) {
        let olds: Vec<_> = before.iter().filter(|field| field.required).collect();
        let news: Vec<_> = now.iter().filter(|field| field.required).collect();
        // Each new argument by the name that it had.
        let formers: Vec<_> = now
            .iter()
            .enumerate()
            .filter(|(_, new)| new.required)
            .map(|(index, new)| {
                let same = olds.iter().find(|old| old.ident == new.ident).copied();
                same.or_else(|| replaced(before, now, index)).map(|old| old.ident.as_str())
            })
            .collect();
        let stay: Vec<_> = olds
            .iter()
            .map(|old| Some(old.ident.as_str()))
            .filter(|old| formers.contains(old))
            .collect();
        let kept: Vec<_> = formers.iter().copied().filter(|former| stay.contains(former)).collect();
        let compiles = olds.iter().map(accepted).eq(news.iter().map(accepted));
        let displaced =
            olds.iter().zip(&formers).any(|(old, former)| Some(old.ident.as_str()) != *former);
        if stay == kept && !(compiles && displaced) {
            return;
        }
        let idents = |fields: &[&Field<'a>]| {
            fields.iter().map(|field| field.ident.as_str()).collect::<Vec<_>>().join(", ")
        };
        let path = format!("{}::new", owner.name);
        let line = format!("`{path}` takes ({}) (before ({})).", idents(&news), idents(&olds));
        let entry = breaking(line).changed(Thing::Type, path).at(owner.place);
        self.push(if compiles { entry.note(PLACES_CHANGED) } else { entry });
    }

    fn added_field(&mut self, owner: &Owner<'_>, new: &Field<'a>) {
        let path = Called::of(owner, new).subject;
        let about = new.node.text("description").map(first_sentence).unwrap_or_default();
        let line = format!("Added `{path}: {}`{about}.", new.ty);
        let entry = if owner.made && new.required {
            breaking(line)
                .added(owner.fields, path)
                .note("it is required, so `new` has one more argument")
        } else if owner.read && new.required {
            compatible(line)
                .added(owner.fields, path)
                .note("answers that lack it can no longer be read")
        } else {
            compatible(line).added(owner.fields, path)
        };
        self.push(entry.at(&new.node.pointer));
    }

    fn field(&mut self, owner: &Owner<'_>, called: &Called, old: &Field<'a>, new: &Field<'a>) {
        let Called { subject, shown } = called;
        let place = &new.node.pointer;
        if old.ty != new.ty {
            let entry = breaking(format!("{shown} is `{}` (before `{}`).", new.ty, old.ty))
                .changed(owner.fields, subject)
                .at(place);
            self.push(match (owner.made && old.required != new.required, new.required) {
                (true, true) => entry.note("it is required, so `new` has one more argument"),
                (true, false) => entry
                    .note("it is optional, so `new` has one argument less and there is a setter"),
                (false, _) => entry,
            });
        } else if old.required != new.required {
            let word = if new.required { "required" } else { "optional" };
            let line = format!("{shown} is {word}, and still `{}`.", new.ty);
            let (verdict, note) = if owner.made {
                (breaking(line), "the arguments of `new` differ")
            } else if new.required {
                (compatible(line), "answers that lack it can no longer be read")
            } else {
                (compatible(line), "answers that lack it can be read")
            };
            self.push(verdict.changed(owner.fields, subject).at(place).note(note));
        } else if old.format != new.format {
            self.push(
                compatible(format!(
                    "{shown} has the format {} (before {}), and still is `{}`.",
                    new.format.unwrap_or("none"),
                    old.format.unwrap_or("none"),
                    new.ty
                ))
                .changed(owner.fields, subject)
                .at(place),
            );
        }
        let (before, now) = (has_prose(&old.node), has_prose(&new.node));
        if before != now {
            let line = if now {
                format!("{shown} is also read from a list or an object of words.")
            } else {
                format!("{shown} is no longer read from a list or an object of words.")
            };
            let entry = compatible(line).changed(owner.fields, subject);
            self.push(entry.at(place).note(OTHER_ANSWERS));
        }
        self.words(&old.node, &new.node, shown);
        if old.default != new.default {
            let value = |default: Option<&Value>| match default {
                Some(value) => format!("`{value}`"),
                None => "nothing".to_owned(),
            };
            self.push(
                compatible(format!(
                    "{shown} defaults to {} (before {}).",
                    value(new.default),
                    value(old.default)
                ))
                .changed(owner.fields, subject)
                .at(place)
                .note("behaviour: what the service takes where it is left out"),
            );
        }
    }
}

impl Called {
    fn of(owner: &Owner<'_>, field: &Field<'_>) -> Self {
        let subject = format!("{}::{}", owner.name, field.ident);
        Self { shown: format!("`{subject}`"), subject }
    }

    fn in_queries(operations: &[&str], field: &Field<'_>) -> Self {
        let queries: Vec<_> = operations.iter().map(|id| format!("`{}`", query_type(id))).collect();
        Self {
            subject: field.ident.clone(),
            shown: format!("`{}` in {}", field.ident, enumerate(&queries)),
        }
    }
}

/// The properties of a schema, some of which are boxed.
pub(super) fn property_fields<'a>(
    owner: &str,
    schema: &Node<'a>,
    boxed: &Properties<'_>,
) -> Vec<Field<'a>> {
    let required = schema.texts("required");
    let ty = |name: &str, node: &Node<'a>| {
        let ty = field_type(node, required.contains(&name));
        match (boxed.contains(&(owner, name)), ty.strip_prefix("Option<")) {
            (true, Some(inner)) => format!("Option<Box<{inner}>"),
            (true, None) => format!("Box<{ty}>"),
            (false, _) => ty,
        }
    };
    let mut fields: Vec<_> = schema
        .entries("properties")
        .into_iter()
        .map(|(name, node)| Field {
            name,
            ident: field(name, &node),
            ty: ty(name, &node),
            is_text: takes_text(&node),
            required: required.contains(&name),
            format: node.text("format"),
            default: None,
            node,
        })
        .collect();
    // Beside known keys, unknown keys of a known type have a field of their own.
    if let Some(node) = schema.get("additionalProperties")
        && node.value.is_object()
    {
        fields.push(Field {
            name: "additionalProperties",
            ident: "extra".to_owned(),
            ty: format!("IndexMap<String, {}>", field_type(&node, true)),
            is_text: false,
            required: false,
            format: node.text("format"),
            default: None,
            node,
        });
    }
    fields
}

/// Whether a property has words for people, in lists and maps, too.
fn has_prose(property: &Node<'_>) -> bool {
    property.flag("x-prose")
        || ["items", "additionalProperties"]
            .iter()
            .any(|key| property.get(key).is_some_and(|inner| has_prose(&inner)))
}

/// The field that has become this one by another spelling on the wire: its name in Rust is the
/// same.
fn former_spelling<'f, 'a>(
    before: &'f [Field<'a>],
    now: &[Field<'a>],
    new: &Field<'a>,
) -> Option<&'f Field<'a>> {
    let known = |fields: &[Field<'a>], name| fields.iter().any(|field| field.name == name);
    before
        .iter()
        .find(|old| old.ident == new.ident && !known(now, old.name) && !known(before, new.name))
}

/// The field that stood at this place, if only the name has changed.
fn replaced<'f, 'a>(
    before: &'f [Field<'a>],
    now: &[Field<'a>],
    index: usize,
) -> Option<&'f Field<'a>> {
    let (old, new) = (before.get(index)?, now.get(index)?);
    // By their names in Rust: a field that lives on by another spelling was not replaced.
    let gone = !now.iter().any(|field| field.ident == old.ident);
    let fresh = !before.iter().any(|field| field.ident == new.ident);
    let alike = (&old.ty, old.required) == (&new.ty, new.required);
    (gone && fresh && alike && before.len() == now.len()).then_some(old)
}

/// What `new` takes for a field, as far as a caller who passes text can tell.
fn accepted<'f>(field: &&'f Field<'_>) -> &'f str {
    if field.is_text { "text" } else { &field.ty }
}
