//! What a call takes: path parameters, query parameters and the body.

use crate::spec::{Node, Operation, Spec, placeholders};

use super::super::Thing;
use super::super::rust::{bare_type, body_schema, field, field_type, operation_type};
use super::Comparison;
use super::entry::{breaking, documentation};
use super::fields::{Field, Owner};

impl<'a> Comparison<'a> {
    pub(super) fn path_parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let before = path_arguments(&self.old, old);
        let now = path_arguments(&self.new, new);
        let types = |arguments: &[(&str, Node<'a>)]| {
            let types: Vec<_> = arguments.iter().map(|(_, node)| argument_type(node)).collect();
            types.join(", ")
        };
        let names = |arguments: &[(&str, Node<'a>)]| {
            arguments.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
        };
        let moved = |name: &str, index: usize| {
            before.iter().position(|(before, _)| *before == name).is_some_and(|was| was != index)
        };
        let arguments_are = |now: &str, before: &str| {
            breaking(format!("The path arguments of `{id}` are ({now}) (before ({before}))."))
                .changed(Thing::Parameter, id)
                .at(&new.node.pointer)
        };
        if types(&before) != types(&now) {
            self.push(arguments_are(&types(&now), &types(&before)));
            return;
        }
        if now.iter().enumerate().any(|(index, (name, _))| moved(name, index)) {
            self.push(arguments_are(&names(&now), &names(&before)).note(
                "behaviour: calls still compile, and send each value in the place of another",
            ));
            return;
        }
        for ((before, old), (now, new)) in before.iter().zip(&now) {
            if before != now {
                self.push(
                    documentation(format!("The argument `{before}` of `{id}` is called `{now}`."))
                        .renamed(Thing::Parameter, format!("{id}({now})"))
                        .at(&new.pointer),
                );
            }
            self.words(old, new, &format!("`{now}` of `{id}`"));
        }
    }

    pub(super) fn query_parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let query = format!("{}Query", operation_type(id));
        let before = query_fields(&self.old, old);
        let now = query_fields(&self.new, new);
        let entry =
            match (before.is_empty(), now.is_empty()) {
                (true, false) => breaking(format!("`{id}` takes a query: `&{query}`."))
                    .added(Thing::Parameter, id),
                (false, true) => breaking(format!("`{id}` no longer takes a query."))
                    .removed(Thing::Parameter, id),
                _ => {
                    let owner = Owner { name: &query, fields: Thing::Parameter, sent: true };
                    self.fields(&owner, &before, &now);
                    return;
                }
            };
        self.push(entry.at(&new.node.pointer).note("every call has another number of arguments"));
    }

    pub(super) fn body(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let (before, now) = (old.node.get("requestBody"), new.node.get("requestBody"));
        let place = now.as_ref().map_or(&new.node.pointer, |body| &body.pointer);
        let schemas = (before.as_ref().and_then(body_schema), now.as_ref().and_then(body_schema));
        let entry = match schemas {
            (Some(before), Some(now)) if before != now => {
                breaking(format!("`{id}` takes `&{now}` as its body (before `&{before}`)."))
                    .changed(Thing::Body, id)
            }
            (None, Some(now)) => {
                breaking(format!("`{id}` takes a body: `&{now}`.")).added(Thing::Body, id)
            }
            (Some(_), None) => {
                breaking(format!("`{id}` no longer takes a body.")).removed(Thing::Body, id)
            }
            (Some(_), Some(_)) | (None, None) => {
                if let (Some(old), Some(new)) = (&before, &now) {
                    self.words(old, new, &format!("the body of `{id}`"));
                }
                return;
            }
        };
        self.push(entry.at(place));
    }
}

/// The path parameters with their names, in the order of the path.
fn path_arguments<'a>(spec: &Spec<'a>, operation: &Operation<'a>) -> Vec<(&'a str, Node<'a>)> {
    let parameters = spec.parameters(operation);
    placeholders(operation.path)
        .into_iter()
        .filter_map(|name| {
            let wanted = |node: &&Node<'a>| {
                node.text("in") == Some("path") && node.text("name") == Some(name)
            };
            Some((name, parameters.iter().find(wanted)?.clone()))
        })
        .collect()
}

fn argument_type(parameter: &Node<'_>) -> String {
    match parameter.get("schema").map(|schema| bare_type(&schema)) {
        Some(ty) if ty != "String" => ty,
        _ => "&str".to_owned(),
    }
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
