//! Paths, methods, parameters, bodies and answers.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value};

use super::names::{
    Named, Names, deprecation, field_ident, is_method_name, is_setter_name, setter_hint,
};
use super::{
    Answer, Content, FLAG, Kind, Operation, Parameter, Reader, Retry, Schema, Scope, Status, text,
};
use crate::document::child;
use crate::spec::{placeholders, referenced};

/// A parameter, and where it is declared.
struct Declared {
    place: String,
    pointer: String,
    parameter: Parameter,
}

/// What an operation may be answered with.
struct Answers {
    answers: Vec<Answer>,
    errors: Vec<(String, String)>,
    media_types: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn operations(&mut self, schemas: &IndexMap<String, Schema>) -> Vec<Operation> {
        let mut operations = Vec::new();
        let paths = self.spec.get("paths").and_then(Value::as_object);
        for (path, item) in paths.into_iter().flatten() {
            let at = child("/paths", path);
            let Some(item) = self.linted(&at, item.as_object()) else {
                continue;
            };
            for (method, value) in item {
                operations.extend(self.operation(
                    &child(&at, method),
                    path,
                    method,
                    value,
                    schemas,
                ));
            }
        }
        operations
    }

    fn operation(
        &mut self,
        at: &str,
        path: &str,
        method: &str,
        value: &'a Value,
        schemas: &IndexMap<String, Schema>,
    ) -> Option<Operation> {
        let count = self.problems.len();
        let id = self.linted(at, value.get("operationId").and_then(Value::as_str))?;
        if !is_method_name(id) {
            self.problem(
                &child(at, "operationId"),
                format!("`{}` cannot become the name of a method", id.escape_debug()),
                "write verb_noun in snake_case",
            );
            return None;
        }
        let retry = self.linted(at, retry(value));
        let timeout = self.linted(at, value.get("x-timeout").and_then(Value::as_u64));
        let body_limit = self.linted(at, value.get("x-body-limit").and_then(Value::as_u64));
        let scope = self.linted(&child(at, "security"), scope(value));
        let (path_parameters, query_parameters) = self.parameters(at, path, value, schemas);
        let body = self.body(at, value);
        let Answers { answers, errors, media_types } = self.answers(at, value);
        if self.problems.len() == count {
            self.linted(&child(at, "responses"), answers.first());
        }
        if self.problems.len() > count {
            return None;
        }
        Some(Operation {
            id: id.to_owned(),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            retry: retry?,
            timeout: timeout?,
            body_limit: body_limit?,
            scope: scope?,
            summary: text(value, "summary"),
            description: text(value, "description"),
            deprecated: deprecation(value),
            path_parameters,
            query_parameters,
            body,
            answers,
            errors,
            media_types,
            pointer: at.to_owned(),
        })
    }

    fn parameters(
        &mut self,
        at: &str,
        path: &str,
        operation: &'a Value,
        schemas: &IndexMap<String, Schema>,
    ) -> (Vec<Parameter>, Vec<Parameter>) {
        let count = self.problems.len();
        let mut found: Vec<Declared> = Vec::new();
        let list_at = child(at, "parameters");
        let list = operation.get("parameters");
        let list = list.and_then(|list| self.linted(&list_at, list.as_array()));
        for (index, parameter) in list.into_iter().flatten().enumerate() {
            let pointer = child(&list_at, &index.to_string());
            let Some((at, parameter)) = self.resolve(&pointer, parameter, "parameters") else {
                continue;
            };
            let Some((place, parameter)) = self.parameter(&at, parameter, schemas) else {
                continue;
            };
            let twice = found.iter().any(|known| {
                known.place == place && known.parameter.named.wire == parameter.named.wire
            });
            if twice {
                self.problem(
                    &pointer,
                    format!("the {place} parameter `{}` is declared twice", parameter.named.wire),
                    "remove one of the two",
                );
            } else {
                found.push(Declared { place, pointer, parameter });
            }
        }
        let mut idents: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for Declared { place, pointer, parameter } in &found {
            let Named { wire, ident, .. } = &parameter.named;
            if let Some(other) = idents.insert((place.as_str(), ident.as_str()), wire) {
                self.problem(
                    pointer,
                    format!("`{wire}` and `{other}` would both become `{ident}`"),
                    if place == "path" {
                        "rename the placeholder of one of the two: it is no part of the address"
                    } else {
                        "choose another name for one of the two in Rust: `x-rust-name: NAME`"
                    },
                );
            }
        }
        let mut in_path = Vec::new();
        for name in placeholders(path) {
            let declared = found
                .iter()
                .find(|found| found.place == "path" && found.parameter.named.wire == name)
                .map(|found| found.parameter.clone());
            // It may be the one that has been refused above.
            if self.problems.len() == count {
                self.linted(at, declared.as_ref());
            }
            in_path.extend(declared);
        }
        let in_query = found
            .into_iter()
            .filter(|found| found.place == "query")
            .map(|found| found.parameter)
            .collect();
        (in_path, in_query)
    }

    fn parameter(
        &mut self,
        at: &str,
        value: &Value,
        schemas: &IndexMap<String, Schema>,
    ) -> Option<(String, Parameter)> {
        let name = self.linted(at, value.get("name").and_then(Value::as_str))?;
        let place = value.get("in").and_then(Value::as_str);
        let place = self.linted(at, place.filter(|place| matches!(*place, "path" | "query")))?;
        let name_at = child(at, "name");
        if place == "path"
            && field_ident(name).is_none_or(|ident| matches!(ident.as_str(), "body" | "query"))
        {
            self.problem(
                &name_at,
                format!("`{}` cannot become the name of an argument", name.escape_debug()),
                "rename the placeholder, which is no part of the address: letters, digits and `_`, \
                 but neither `body` nor `query`",
            );
            return None;
        }
        let named = self.named(&name_at, name, Names::Argument, (at, value))?;
        let required = value.get("required").map_or(Some(false), Value::as_bool);
        let required = self.linted(&child(at, "required"), required)?;
        let schema = self.linted(at, value.get("schema"))?;
        let schema_at = child(at, "schema");
        let count = self.problems.len();
        let format = schema.get("format").and_then(Value::as_str);
        let is_flag = place == "query"
            && format == Some(FLAG)
            && schema.get("type").and_then(Value::as_str) == Some("integer");
        if !is_flag {
            self.field(&schema_at, schema);
        }
        if self.problems.len() > count {
            return None;
        }
        let scalar = match referenced(schema) {
            Some(name) => schemas
                .get(name)
                .is_some_and(|schema| matches!(schema.kind, Kind::Enumeration { .. })),
            None => matches!(
                schema.get("type").and_then(Value::as_str),
                Some("string" | "integer" | "boolean")
            ),
        };
        if !scalar
            || schema.get("nullable") == Some(&Value::Bool(true))
            || matches!(format, Some("password" | "local-date-time"))
        {
            let hint = match (schema.get("type").and_then(Value::as_str), format) {
                (Some("array"), _) => {
                    "write `type: string`, and say in the description how the items are joined, \
                     as in `a,b`"
                }
                (Some("number"), _) => {
                    "write `type: string`, and say in the description how it is written, as in \
                     `12.34`"
                }
                (_, Some("local-date-time")) => "write `format: date-time`",
                (_, Some("password")) => "addresses are logged: send it in a body",
                (Some("string" | "integer" | "boolean"), _) => {
                    "remove `nullable`: what has no value is left out"
                }
                _ => "declare each of its parts as a parameter, or send them in a body",
            };
            self.problem(
                &schema_at,
                "a parameter has to be a string, a date, an integer, a boolean or an enumeration",
                hint,
            );
            return None;
        }
        if place == "query" && !required && !is_setter_name(&named.ident) {
            self.problem(
                &name_at,
                format!("a setter `{}` would hide another method of the query", named.ident),
                setter_hint(&named.ident),
            );
            return None;
        }
        Some((
            place.to_owned(),
            Parameter {
                named,
                required,
                description: text(value, "description"),
                schema: schema.clone(),
            },
        ))
    }

    fn body(&mut self, at: &str, operation: &Value) -> Option<String> {
        let at = child(at, "requestBody");
        let body = operation.get("requestBody")?;
        let at = child(&at, "content");
        let content = self.linted(&at, body.get("content").and_then(Value::as_object))?;
        match content.get("application/json") {
            Some(media) if content.len() == 1 => {
                let at = child(&child(&at, "application/json"), "schema");
                self.reference(&at, media.get("schema").unwrap_or(&Value::Null))
            }
            _ => {
                self.problem(&at, "only JSON can be sent", "say `application/json`, and only that");
                None
            }
        }
    }

    fn answers(&mut self, at: &str, operation: &'a Value) -> Answers {
        let mut answers = Vec::new();
        let mut errors = Vec::new();
        let (mut of_answers, mut of_errors) = (Vec::new(), Vec::new());
        let at = child(at, "responses");
        let responses = operation.get("responses").and_then(Value::as_object);
        for (key, response) in self.linted(&at, responses).into_iter().flatten() {
            let at = child(&at, key);
            let status = match key.as_str() {
                "2XX" => Some(Status::AnySuccess),
                key => key.parse().ok().map(Status::Exact),
            };
            let Some(status) = self.linted(&at, status) else {
                continue;
            };
            let Some((at, response)) = self.resolve(&at, response, "responses") else {
                continue;
            };
            let content = self.content(&at, response);
            let description = text(response, "description");
            let media_types = response.get("content").and_then(Value::as_object);
            let media_types = media_types.into_iter().flat_map(Map::keys).cloned();
            match status {
                Status::Exact(400..) => of_errors.extend(media_types),
                _ => of_answers.extend(media_types),
            }
            match (status, content) {
                (Status::Exact(400..), _) => errors.push((key.clone(), description)),
                (status, Some(content)) => answers.push(Answer { status, content, description }),
                (_, None) => {}
            }
        }
        answers.sort_by_key(|answer| answer.status);
        let media_types = IndexSet::<_>::from_iter(of_answers.into_iter().chain(of_errors));
        Answers { answers, errors, media_types: media_types.into_iter().collect() }
    }

    fn content(&mut self, at: &str, response: &Value) -> Option<Content> {
        let at = child(at, "content");
        let Some(content) = response.get("content") else {
            return Some(Content::Empty);
        };
        let content = self.linted(&at, content.as_object())?;
        for name in content.keys().filter(|name| !is_media_type(name)) {
            self.problem(
                &child(&at, name),
                format!("`{}` is not a media type in its plain form", name.escape_debug()),
                "write it as in `application/json`: in lower case, and without parameters",
            );
        }
        let json = match content.get("application/json") {
            Some(media) if content.len() == 1 => {
                let at = child(&child(&at, "application/json"), "schema");
                self.reference(&at, media.get("schema").unwrap_or(&Value::Null))
            }
            _ => None,
        };
        if response.get("x-optional-body") == Some(&Value::Bool(true)) || content.is_empty() {
            return Some(Content::Empty);
        }
        match json {
            Some(name) => Some(Content::Json(name)),
            None if content.len() > 1 || !content.contains_key("application/json") => {
                Some(Content::Bytes)
            }
            None => None,
        }
    }

    pub(super) fn check_names(
        &mut self,
        operations: &[Operation],
        schemas: &IndexMap<String, Schema>,
    ) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for operation in operations {
            let at = child(&operation.pointer, "operationId");
            let own = [operation.query_name(), operation.response_name()];
            let unique = names.insert(operation.type_name());
            if !unique || own.iter().any(|name| schemas.contains_key(name)) {
                self.problem(
                    &at,
                    format!(
                        "`{}` needs type names that are taken: {}",
                        operation.id,
                        own.join(", ")
                    ),
                    "rename the operation, or the schema of that name",
                );
            }
        }
    }
}

fn retry(operation: &Value) -> Option<Retry> {
    match operation.get("x-retry")?.as_str()? {
        "safe" => Some(Retry::Safe),
        "idempotent" => Some(Retry::Idempotent),
        "unsent" => Some(Retry::Unsent),
        _ => None,
    }
}

fn scope(operation: &Value) -> Option<Scope> {
    let [alternative] = operation.get("security")?.as_array()?.as_slice() else {
        return None;
    };
    let schemes: Vec<_> = alternative.as_object()?.keys().map(String::as_str).collect();
    match schemes.as_slice() {
        ["apiKey"] => Some(Scope::ApiKey),
        ["accessToken"] => Some(Scope::AccessToken),
        _ => None,
    }
}

/// Whether a media type is written in its plain form.
fn is_media_type(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$&-^_.+*".contains(c))
    };
    name.split_once('/').is_some_and(|(kind, of_kind)| plain(kind) && plain(of_kind))
}
