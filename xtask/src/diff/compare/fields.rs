//! The fields of a struct, or of a query.

use serde_json::Value;

use crate::spec::Node;

use super::super::Thing;
use super::super::rust::{field, field_type};
use super::Comparison;
use super::entry::{breaking, compatible, respelt};
use super::words::first_sentence;

/// A struct, or a query, whose fields are compared.
pub(super) struct Owner<'n> {
    pub(super) name: &'n str,
    /// What its fields are: properties or parameters.
    pub(super) fields: Thing,
    /// Whether callers send it, so that it has `new` and setters.
    pub(super) sent: bool,
}

/// A field of a struct or a query.
pub(super) struct Field<'a> {
    /// Its name on the wire.
    pub(super) name: &'a str,
    /// Its name in Rust.
    pub(super) ident: String,
    pub(super) ty: String,
    pub(super) required: bool,
    pub(super) format: Option<&'a str>,
    pub(super) default: Option<&'a Value>,
    pub(super) node: Node<'a>,
}

impl<'a> Comparison<'a> {
    pub(super) fn fields(&mut self, owner: &Owner<'_>, before: &[Field<'a>], now: &[Field<'a>]) {
        let moved = owner.sent.then(|| moved_arguments(before, now)).flatten();
        for (index, new) in now.iter().enumerate() {
            let path = format!("{}::{}", owner.name, new.ident);
            if let Some(old) = before.iter().find(|old| old.name == new.name) {
                self.field(owner, &path, old, new);
            } else if let Some(old) = former_spelling(before, now, new) {
                self.push(respelt(&path, new.name, old.name, owner.fields).at(&new.node.pointer));
                self.field(owner, &path, old, new);
            } else if let Some(old) = replaced(before, now, index) {
                let line = format!("Renamed `{}::{}` to `{}`.", owner.name, old.ident, new.ident);
                let entry = breaking(line).renamed(owner.fields, path).at(&new.node.pointer);
                self.push(match &moved {
                    Some(note) if new.required => entry.note(note),
                    _ => entry,
                });
            } else {
                self.added_field(owner, &path, new);
            }
        }
        for (index, old) in before.iter().enumerate() {
            let kept = now.iter().any(|new| new.ident == old.ident);
            if !kept && replaced(now, before, index).is_none() {
                let path = format!("{}::{}", owner.name, old.ident);
                self.push(
                    breaking(format!("Removed `{path}: {}`.", old.ty)).removed(owner.fields, path),
                );
            }
        }
    }

    fn added_field(&mut self, owner: &Owner<'_>, path: &str, new: &Field<'a>) {
        let about = new.node.text("description").map(first_sentence).unwrap_or_default();
        let line = format!("Added `{path}: {}`{about}.", new.ty);
        let entry = match (owner.sent, new.required) {
            (true, true) => breaking(line)
                .added(owner.fields, path)
                .note("it is required, so `new` has one more argument"),
            (false, true) => compatible(line)
                .added(owner.fields, path)
                .note("answers that lack it can no longer be read"),
            (_, false) => compatible(line).added(owner.fields, path),
        };
        self.push(entry.at(&new.node.pointer));
    }

    fn field(&mut self, owner: &Owner<'_>, path: &str, old: &Field<'a>, new: &Field<'a>) {
        let place = &new.node.pointer;
        if old.ty != new.ty {
            let entry = breaking(format!("`{path}` is `{}` (before `{}`).", new.ty, old.ty))
                .changed(owner.fields, path)
                .at(place);
            self.push(match (owner.sent && old.required != new.required, new.required) {
                (true, true) => entry.note("it is required, so `new` has one more argument"),
                (true, false) => entry
                    .note("it is optional, so `new` has one argument less and there is a setter"),
                (false, _) => entry,
            });
        } else if old.required != new.required {
            let word = if new.required { "required" } else { "optional" };
            let line = format!("`{path}` is {word}, and still `{}`.", new.ty);
            let (verdict, note) = if owner.sent {
                (breaking(line), "the arguments of `new` differ")
            } else if new.required {
                (compatible(line), "answers that lack it can no longer be read")
            } else {
                (compatible(line), "answers that lack it can be read")
            };
            self.push(verdict.changed(owner.fields, path).at(place).note(note));
        } else if old.format != new.format {
            self.push(
                compatible(format!(
                    "`{path}` has the format {} (before {}), and still is `{}`.",
                    new.format.unwrap_or("none"),
                    old.format.unwrap_or("none"),
                    new.ty
                ))
                .changed(owner.fields, path)
                .at(place),
            );
        }
        self.words(&old.node, &new.node, &format!("`{path}`"));
        if old.default != new.default {
            let shown = |default: Option<&Value>| match default {
                Some(value) => format!("`{value}`"),
                None => "nothing".to_owned(),
            };
            self.push(
                compatible(format!(
                    "`{path}` defaults to {} (before {}).",
                    shown(new.default),
                    shown(old.default)
                ))
                .changed(owner.fields, path)
                .at(place)
                .note("behaviour: what the service takes where it is left out"),
            );
        }
    }
}

pub(super) fn property_fields<'a>(schema: &Node<'a>) -> Vec<Field<'a>> {
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
    // Beside known keys, unknown keys of a known type have a field of their own.
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

/// What `new` takes for a field: any text, also for a secret.
fn accepted<'f>(field: &&'f Field<'_>) -> &'f str {
    if field.ty == "Secret" { "String" } else { &field.ty }
}
