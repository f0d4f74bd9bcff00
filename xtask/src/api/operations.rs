//! Paths, methods, parameters, bodies and answers.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::names::{field_ident, is_method_name};
use super::{
    Answer, Content, Kind, Operation, Parameter, Reader, Retry, Schema, Scope, Status, referenced,
    text,
};
use crate::document::child;
use crate::spec::{METHODS, is_path_template, placeholders};

/// A parameter, and where it is declared.
struct Declared {
    place: String,
    pointer: String,
    own: bool,
    parameter: Parameter,
}

impl<'a> Reader<'a> {
    pub(super) fn operations(&mut self, schemas: &IndexMap<String, Schema>) -> Vec<Operation> {
        let Some(paths) = self.spec.pointer("/paths").and_then(Value::as_object) else {
            self.problem("", "there are no `paths`", "a client needs one operation at least");
            return Vec::new();
        };
        let mut operations = Vec::new();
        for (path, item) in paths {
            let at = child("/paths", path);
            let Some(item) = item.as_object() else {
                self.problem(&at, "has to be a mapping", "name method by method");
                continue;
            };
            if path.starts_with("x-") {
                continue;
            }
            for (key, value) in item {
                let at = child(&at, key);
                if METHODS.contains(&key.as_str()) {
                    operations.extend(self.operation(
                        &at,
                        path,
                        key,
                        value,
                        item.get("parameters"),
                        schemas,
                    ));
                } else if !matches!(key.as_str(), "parameters" | "summary" | "description")
                    && !key.starts_with("x-")
                {
                    self.problem(
                        &at,
                        format!("`{key}` is not supported on a path"),
                        format!("one of {}", METHODS.join(", ")),
                    );
                }
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
        shared: Option<&'a Value>,
        schemas: &IndexMap<String, Schema>,
    ) -> Option<Operation> {
        if !value.is_object() {
            self.problem(at, "an operation has to be a mapping", "say its `operationId`");
            return None;
        }
        let count = self.problems.len();
        let id = match value.get("operationId").and_then(Value::as_str) {
            Some(id) if is_method_name(id) => id.to_owned(),
            Some(id) => {
                self.problem(
                    &child(at, "operationId"),
                    format!("`{}` cannot become the name of a method", id.escape_debug()),
                    "write verb_noun in snake_case",
                );
                return None;
            }
            None => {
                self.problem(
                    at,
                    "has no `operationId`",
                    "it names the method: verb_noun in snake_case",
                );
                return None;
            }
        };
        let retry = match value.get("x-retry").and_then(Value::as_str) {
            Some("safe") => Some(Retry::Safe),
            Some("idempotent") => Some(Retry::Idempotent),
            Some("unsent") => Some(Retry::Unsent),
            _ => {
                self.problem(
                    at,
                    format!("`{id}` does not say what may be repeated"),
                    "say `x-retry: safe`, `idempotent` or `unsent`",
                );
                None
            }
        };
        let scope = self.scope(at, value);
        let (path_parameters, query_parameters) = self.parameters(at, path, value, shared, schemas);
        let body = self.body(at, value);
        let (answers, errors) = self.answers(at, value);
        if answers.is_empty() && self.problems.len() == count {
            self.problem(
                &child(at, "responses"),
                "there is no success among the responses",
                "declare one status from 200 to 299, or 2XX",
            );
        }
        if self.problems.len() > count {
            return None;
        }
        Some(Operation {
            id,
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            retry: retry?,
            scope: scope?,
            summary: text(value, "summary"),
            description: text(value, "description"),
            path_parameters,
            query_parameters,
            body,
            answers,
            errors,
            pointer: at.to_owned(),
        })
    }

    fn scope(&mut self, at: &str, value: &Value) -> Option<Scope> {
        let (at, security) = match value.get("security") {
            Some(security) => (child(at, "security"), Some(security)),
            None => (at.to_owned(), self.spec.get("security")),
        };
        let scheme = security
            .and_then(Value::as_array)
            .filter(|schemes| schemes.len() == 1)
            .and_then(|schemes| schemes[0].as_object())
            .filter(|schemes| schemes.len() == 1)
            .and_then(|schemes| schemes.keys().next());
        match scheme.map(String::as_str) {
            Some("apiKey") => Some(Scope::ApiKey),
            Some("accessToken") => Some(Scope::AccessToken),
            _ => {
                self.problem(
                    &at,
                    "has to declare one of the two secrets",
                    "say `security: [{apiKey: []}]` or `security: [{accessToken: []}]`",
                );
                None
            }
        }
    }

    fn parameters(
        &mut self,
        at: &str,
        path: &str,
        operation: &'a Value,
        shared: Option<&'a Value>,
        schemas: &IndexMap<String, Schema>,
    ) -> (Vec<Parameter>, Vec<Parameter>) {
        if !is_path_template(path) {
            let item = at.rsplit_once('/').map_or(at, |(item, _)| item);
            self.problem(
                item,
                format!("`{path}` is not a path the client can build"),
                "start with `/`; each segment is plain text or one `{name}`",
            );
            return Default::default();
        }
        let template = placeholders(path);
        let count = self.problems.len();
        let mut found: Vec<Declared> = Vec::new();
        let item_at = at.rsplit_once('/').map_or("", |(item, _)| item);
        for (at, list, own) in [
            (child(item_at, "parameters"), shared, false),
            (child(at, "parameters"), operation.get("parameters"), true),
        ] {
            let list = match list {
                None => continue,
                Some(Value::Array(list)) => list,
                Some(_) => {
                    self.problem(&at, "has to be a list", "write `- name: …`");
                    continue;
                }
            };
            for (index, parameter) in list.iter().enumerate() {
                let pointer = child(&at, &index.to_string());
                let Some((at, parameter)) = self.resolve(&pointer, parameter, "parameters") else {
                    continue;
                };
                let Some((place, parameter)) = self.parameter(&at, parameter, schemas) else {
                    continue;
                };
                let declared = Declared { place, pointer, own, parameter };
                match found.iter_mut().find(|known| {
                    known.place == declared.place && known.parameter.name == declared.parameter.name
                }) {
                    // An operation may say otherwise than its path.
                    Some(known) if own && !known.own => *known = declared,
                    Some(_) => self.problem(
                        &declared.pointer,
                        format!(
                            "the {} parameter `{}` is declared twice",
                            declared.place, declared.parameter.name
                        ),
                        "remove one of the two",
                    ),
                    None => found.push(declared),
                }
            }
        }
        let mut idents: BTreeMap<(String, String), String> = BTreeMap::new();
        for Declared { place, pointer, parameter, .. } in &found {
            if let Some(ident) = field_ident(&parameter.name)
                && let Some(other) =
                    idents.insert((place.clone(), ident.clone()), parameter.name.clone())
            {
                self.problem(
                    pointer,
                    format!("`{}` and `{other}` would both become `{ident}`", parameter.name),
                    "rename one of the two",
                );
            }
            if place == "path" && !template.contains(&parameter.name.as_str()) {
                self.problem(
                    pointer,
                    format!("`{}` does not occur in the path `{path}`", parameter.name),
                    "remove it, or name it in the path",
                );
            }
        }
        let mut in_path = Vec::new();
        for name in &template {
            match found.iter().find(|found| found.place == "path" && found.parameter.name == *name)
            {
                Some(found) => in_path.push(found.parameter.clone()),
                // It may be the one that has been refused above.
                None if self.problems.len() > count => {}
                None => self.problem(
                    at,
                    format!("the path parameter `{name}` is not declared"),
                    "declare it under `parameters`, with `in: path`",
                ),
            }
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
        let (Some(name), Some(place)) =
            (value.get("name").and_then(Value::as_str), value.get("in").and_then(Value::as_str))
        else {
            self.problem(at, "a parameter needs `name` and `in`", "say both");
            return None;
        };
        if !matches!(place, "path" | "query") {
            self.problem(
                &child(at, "in"),
                format!("`in: {place}` is not supported"),
                "one of path, query",
            );
            return None;
        }
        if field_ident(name)
            .is_none_or(|ident| matches!(ident.as_str(), "body" | "query") && place == "path")
        {
            self.problem(
                &child(at, "name"),
                format!("`{}` cannot become the name of an argument", name.escape_debug()),
                "use letters, digits and `_`; `body` and `query` are taken",
            );
            return None;
        }
        let required = match value.get("required") {
            None => false,
            Some(Value::Bool(required)) => *required,
            Some(_) => {
                self.problem(&child(at, "required"), "has to be true or false", "write `true`");
                return None;
            }
        };
        if place == "path" && !required {
            self.problem(
                at,
                format!("the path parameter `{name}` has to be required"),
                "say `required: true`",
            );
            return None;
        }
        for unsupported in ["content", "style", "explode", "allowReserved", "allowEmptyValue"] {
            if value.get(unsupported).is_some() {
                self.problem(
                    &child(at, unsupported),
                    format!("`{unsupported}` is not supported on a parameter"),
                    "remove it",
                );
                return None;
            }
        }
        let Some(schema) = value.get("schema") else {
            self.problem(at, "a parameter needs a `schema`", "say its `type`");
            return None;
        };
        let schema_at = child(at, "schema");
        let count = self.problems.len();
        self.field(&schema_at, schema);
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
        let format = schema.get("format").and_then(Value::as_str);
        if !scalar
            || schema.get("nullable") == Some(&Value::Bool(true))
            || matches!(format, Some("password" | "local-date-time"))
        {
            self.problem(
                &schema_at,
                "a parameter has to be a string, a date, an integer, a boolean or an enumeration",
                "what is secret or has parts belongs into the body",
            );
            return None;
        }
        Some((
            place.to_owned(),
            Parameter {
                name: name.to_owned(),
                required,
                description: text(value, "description"),
                schema: schema.clone(),
            },
        ))
    }

    fn body(&mut self, at: &str, operation: &'a Value) -> Option<String> {
        let at = child(at, "requestBody");
        let body = operation.get("requestBody")?;
        let (at, body) = self.resolve(&at, body, "requestBodies")?;
        if body.get("required") != Some(&Value::Bool(true)) {
            self.problem(
                &at,
                "a request body has to be required",
                "say `required: true`; the client always sends one",
            );
        }
        let at = child(&at, "content");
        let Some(content) = body.get("content").and_then(Value::as_object) else {
            self.problem(&at, "a request body needs `content`", "say `application/json`");
            return None;
        };
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

    fn answers(&mut self, at: &str, operation: &'a Value) -> (Vec<Answer>, Vec<(String, String)>) {
        let mut answers = Vec::new();
        let mut errors = Vec::new();
        let at = child(at, "responses");
        let Some(responses) = operation.get("responses").and_then(Value::as_object) else {
            self.problem(&at, "an operation needs `responses`", "declare one status at least");
            return (answers, errors);
        };
        for (key, response) in responses {
            if key.starts_with("x-") {
                continue;
            }
            let at = child(&at, key);
            let status = match key.as_str() {
                "2XX" => Some(Status::AnySuccess),
                "default" | "3XX" | "4XX" | "5XX" => None,
                key => match key.parse::<u16>() {
                    Ok(status @ 200..=299) => Some(Status::Exact(status)),
                    Ok(300..=599) => None,
                    _ => {
                        self.problem(
                            &at,
                            format!(
                                "`{}` is not a status that an answer can have",
                                key.escape_debug()
                            ),
                            "a number from 200 to 599, or 2XX, 4XX, 5XX, default",
                        );
                        continue;
                    }
                },
            };
            let Some((at, response)) = self.resolve(&at, response, "responses") else {
                continue;
            };
            if !response.is_object() {
                self.problem(&at, "a response has to be a mapping", "say its `description`");
                continue;
            }
            let content = self.content(&at, response);
            let description = text(response, "description");
            match (status, content) {
                (None, _) => errors.push((key.clone(), description)),
                (Some(status), Some(content)) => {
                    answers.push(Answer { status, content, description })
                }
                (Some(_), None) => {}
            }
        }
        answers.sort_by_key(|answer| answer.status);
        (answers, errors)
    }

    fn content(&mut self, at: &str, response: &Value) -> Option<Content> {
        let at = child(at, "content");
        let content = match response.get("content") {
            None => return Some(Content::Empty),
            Some(Value::Object(content)) => content,
            Some(_) => {
                self.problem(&at, "has to be a mapping", "name media type by media type");
                return None;
            }
        };
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
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for operation in operations {
            let at = child(&operation.pointer, "operationId");
            if !ids.insert(&operation.id) {
                self.problem(
                    &at,
                    format!("the operationId `{}` is taken", operation.id),
                    "every operation has its own",
                );
                continue;
            }
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

/// Whether a media type is written in the one form that it can be told by.
fn is_media_type(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$&-^_.+*".contains(c))
    };
    name.split_once('/').is_some_and(|(kind, of_kind)| plain(kind) && plain(of_kind))
}
