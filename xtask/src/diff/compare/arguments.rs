//! What a call takes: path parameters, query parameters and the body.

use crate::spec::{Node, Operation, Spec, placeholders};

use super::super::Thing;
use super::super::rust::{bare_type, body_schema, field, field_type, query_type, takes_text};
use super::Comparison;
use super::entry::{PLACES_CHANGED, breaking, documentation};
use super::fields::{Field, Owner};
use super::words::enumerate;

impl<'a> Comparison<'a> {
    pub(super) fn path_parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let (before, now) = (PathArguments::of(&self.old, old), PathArguments::of(&self.new, new));
        let arguments_are = |now: Vec<String>, before: Vec<String>| {
            let (now, before) = (now.join(", "), before.join(", "));
            breaking(format!("The path arguments of `{id}` are ({now}) (before ({before}))."))
                .changed(Thing::Parameter, id)
                .at(&new.node.pointer)
        };
        match before.difference(&now) {
            Difference::Types => {
                if !self.shared_path_parameters(&before, &now) {
                    self.push(arguments_are(now.types(), before.types()));
                }
            }
            Difference::Order => {
                self.push(arguments_are(now.names(), before.names()).note(PLACES_CHANGED));
            }
            Difference::NamesAtMost => self.path_names(id, &before, &now),
        }
    }

    fn path_names(&mut self, id: &str, before: &PathArguments<'a>, now: &PathArguments<'a>) {
        for ((before, old), (now, new)) in before.0.iter().zip(&now.0) {
            if before != now {
                self.push(
                    documentation(format!("The argument `{before}` of `{id}` is called `{now}`."))
                        .renamed(Thing::Parameter, format!("{id}({now})"))
                        .at(&new.pointer),
                );
            }
            let users = match self.operations_with(new).as_slice() {
                [] => vec![format!("`{id}`")],
                shared => shared.iter().map(|id| format!("`{id}`")).collect(),
            };
            self.words(old, new, &format!("`{now}` of {}", enumerate(&users)));
        }
    }

    /// One line for a shared parameter whose edit changes the arguments of several operations.
    /// Whether that explains all that is different.
    fn shared_path_parameters(
        &mut self,
        before: &PathArguments<'a>,
        now: &PathArguments<'a>,
    ) -> bool {
        let pairs = before.0.iter().zip(&now.0);
        let changed: Vec<_> =
            pairs.filter(|((_, old), (_, new))| argument_type(old) != argument_type(new)).collect();
        let shared = |old: &Node<'a>, new: &Node<'a>| {
            old.pointer == new.pointer && self.operations_with(new).len() > 1
        };
        if before.0.len() != now.0.len()
            || !changed.iter().all(|((_, old), (_, new))| shared(old, new))
        {
            return false;
        }
        for ((_, old), (name, new)) in changed {
            if self.shared.insert(new.pointer.clone()) {
                let users: Vec<_> =
                    self.operations_with(new).iter().map(|id| format!("`{id}`")).collect();
                self.push(
                    breaking(format!(
                        "The path argument `{name}` of {} is `{}` (before `{}`).",
                        enumerate(&users),
                        argument_type(new),
                        argument_type(old)
                    ))
                    .changed(Thing::Parameter, *name)
                    .at(&new.pointer),
                );
            }
        }
        true
    }

    /// The operations that take a parameter which stands among the components. None otherwise.
    pub(super) fn operations_with(&self, parameter: &Node<'a>) -> Vec<&'a str> {
        if !parameter.pointer.starts_with("/components/parameters/") {
            return Vec::new();
        }
        let takes = |operation: &Operation<'a>| {
            let parameters = self.new.parameters(operation);
            parameters.iter().any(|taken| taken.pointer == parameter.pointer)
        };
        let operations = self.new.operations();
        operations.iter().filter(|operation| takes(operation)).filter_map(Operation::id).collect()
    }

    /// Whether calls of an operation look the same as before.
    pub(super) fn takes_the_same(&self, old: &Operation<'a>, new: &Operation<'a>) -> bool {
        let (before, now) = (PathArguments::of(&self.old, old), PathArguments::of(&self.new, new));
        let query = |spec: &Spec<'a>, operation: &Operation<'a>| {
            let fields = query_fields(spec, operation).into_iter();
            fields.map(|field| (field.ident, field.ty, field.required)).collect::<Vec<_>>()
        };
        let body = |operation: &Operation<'a>| {
            operation.node.get("requestBody").and_then(|body| body_schema(&body))
        };
        before.difference(&now) == Difference::NamesAtMost
            && query(&self.old, old) == query(&self.new, new)
            && body(old) == body(new)
    }

    pub(super) fn query_parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let id = new.id().unwrap_or_default();
        let query = query_type(id);
        let before = query_fields(&self.old, old);
        let now = query_fields(&self.new, new);
        let entry =
            match (before.is_empty(), now.is_empty()) {
                (true, false) => breaking(format!("`{id}` takes a query: `&{query}`."))
                    .added(Thing::Parameter, id),
                (false, true) => breaking(format!("`{id}` no longer takes a query."))
                    .removed(Thing::Parameter, id),
                _ => {
                    let owner = Owner {
                        name: &query,
                        place: &new.node.pointer,
                        fields: Thing::Parameter,
                        made: true,
                        read: false,
                    };
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
                    self.words_of_the_spec(old, new, &format!("the body of `{id}`"));
                }
                return;
            }
        };
        self.push(entry.at(place));
    }
}

/// The path parameters with their names, in the order of the path.
struct PathArguments<'a>(Vec<(&'a str, Node<'a>)>);

/// How the path arguments of an operation differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    /// Their number or their types, so that calls no longer compile.
    Types,
    /// Their order, which no compiler sees.
    Order,
    /// Their names, or nothing.
    NamesAtMost,
}

impl<'a> PathArguments<'a> {
    fn of(spec: &Spec<'a>, operation: &Operation<'a>) -> Self {
        let parameters = spec.parameters(operation);
        let arguments = placeholders(operation.path).into_iter().filter_map(|name| {
            let wanted = |node: &&Node<'a>| {
                node.text("in") == Some("path") && node.text("name") == Some(name)
            };
            Some((name, parameters.iter().find(wanted)?.clone()))
        });
        Self(arguments.collect())
    }

    fn types(&self) -> Vec<String> {
        self.0.iter().map(|(_, node)| argument_type(node)).collect()
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn difference(&self, now: &Self) -> Difference {
        let (before, after) = (self.names(), now.names());
        let moved = |(index, name): (usize, &String)| {
            before.iter().position(|known| known == name).is_some_and(|was| was != index)
        };
        if self.types() != now.types() {
            Difference::Types
        } else if after.iter().enumerate().any(moved) {
            Difference::Order
        } else {
            Difference::NamesAtMost
        }
    }
}

/// What the method takes: text, ids and enumerations by reference.
fn argument_type(parameter: &Node<'_>) -> String {
    match parameter.get("schema").map(|schema| bare_type(&schema)) {
        None => "&str".to_owned(),
        Some(ty) => match ty.as_str() {
            "String" => "&str".to_owned(),
            "Date" | "Timestamp" | "bool" | "i32" | "i64" => ty,
            _ => format!("&{ty}"),
        },
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
                ident: field(name, &node),
                ty: field_type(&schema, required),
                is_text: takes_text(&schema),
                required,
                format: schema.text("format"),
                default: schema.value.get("default"),
                node,
            })
        })
        .collect()
}
