//! Holds an exchange against the spec.

use std::collections::{BTreeSet, HashSet};

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value, json};

use crate::document::{Document, child};
use crate::json_schema::{forgive_unknown, to_json_schema, validator};
use crate::spec::{Operation, Spec};

use super::exchange::Exchange;
use super::forms::{Note, Reader, kind};

/// How a call was meant to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// In a success.
    Success,
    /// In this status, as this answer of the spec describes it.
    Refusal(u16, &'static str),
    /// In anything that the spec lists.
    Either,
}

/// What the service does otherwise than the spec says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The place in the spec.
    pub pointer: String,
    /// The answer of the spec that the exchange was held against, if the difference is about the
    /// answer as a whole.
    pub response: Option<String>,
    /// What is different.
    pub what: String,
    /// The edit of the spec that would mend it.
    pub edit: String,
}

/// The verdict on one exchange.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) differences: Vec<Difference>,
    pub(super) notes: Vec<(String, Note)>,
    pub(super) touched: BTreeSet<String>,
    /// Whether the answer has a body.
    pub(super) has_body: bool,
}

/// The spec as a contract.
pub(super) struct Contract<'a> {
    document: &'a Document,
    components: Map<String, Value>,
    shown: BTreeSet<String>,
}

impl<'a> Contract<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let none = HashSet::new();
        let spec = Spec::new(document);
        let schemas = spec.components("schemas").into_iter();
        let components =
            schemas.map(|(name, node)| (name.to_owned(), to_json_schema(&node, &none))).collect();
        let mut shown = BTreeSet::new();
        let mut secret = BTreeSet::new();
        for schema in spec.schemas() {
            for (name, property) in schema.node.entries("properties") {
                let is_secret = property.text("format") == Some("password");
                if is_secret { &mut secret } else { &mut shown }.insert(name.to_owned());
            }
        }
        shown.retain(|name| !secret.contains(name));
        Self { document, components, shown }
    }

    /// The names of the properties whose values are no secrets.
    pub(super) fn shown(&self) -> &BTreeSet<String> {
        &self.shown
    }

    pub(super) fn operation(&self, id: &str) -> Option<Operation<'a>> {
        let operations = Spec::new(self.document).operations();
        operations.into_iter().find(|operation| operation.id() == Some(id))
    }

    /// Holds the exchange against what the spec says of the operation.
    pub(super) fn judge(&self, exchange: &Exchange, expected: Expected) -> Verdict {
        let has_body = !exchange.body.is_empty();
        let mut verdict = Verdict { has_body, ..Verdict::default() };
        let Some(operation) = self.operation(exchange.operation) else {
            return verdict;
        };
        let status = exchange.status;
        let is_throttled = status == 429;
        let found = self.response(&operation, status);
        match expected {
            Expected::Success if status >= 400 && !is_throttled => {
                let success = self.success(&operation);
                verdict.differences.push(Difference {
                    pointer: success.clone().unwrap_or_else(|| operation.node.pointer.clone()),
                    response: success,
                    what: format!("{} was refused with {status}", operation.label()),
                    edit: "describe what the request lacks, if the answer says so".to_owned(),
                });
            }
            Expected::Refusal(wanted, component) if status != wanted && !is_throttled => {
                let is_success = status < 400;
                let what = if is_success {
                    format!("{} was accepted with {status}, not {wanted}", operation.label())
                } else {
                    format!("{} was refused with {status}, not {wanted}", operation.label())
                };
                let edit = if is_success {
                    format!("say in the description that this is accepted, and drop `'{wanted}'`")
                } else {
                    format!(
                        "under `responses` of {}, write `'{status}'` in the place of `'{wanted}'`",
                        operation.label()
                    )
                };
                let listed = operation.node.get("responses");
                let listed = listed.and_then(|responses| responses.get(&wanted.to_string()));
                let pointer =
                    listed.map_or(operation.node.pointer.clone(), |answer| answer.pointer);
                let response = Some(format!("/components/responses/{component}"));
                verdict.differences.push(Difference { pointer, response, what, edit });
            }
            _ => {}
        }
        match found {
            Some((use_pointer, response)) => {
                verdict.touched.extend([use_pointer, response.clone()]);
                self.judge_body(exchange, &response, &mut verdict);
            }
            // The wrong status is named already.
            None if !verdict.differences.is_empty() => {}
            None => {
                let listed = self.success(&operation).filter(|_| status < 400);
                let pointer = child(&operation.node.pointer, "responses");
                let edit = match listed.as_deref().and_then(|place| place.rsplit('/').next()) {
                    Some(old) => format!(
                        "under `responses` of {}, write `'{status}'` beside `'{old}'`, or in its \
                         place",
                        operation.label()
                    ),
                    None => format!("add `'{status}'` to the `responses` of {}", operation.label()),
                };
                let what =
                    format!("{} answers with {status}, which is not listed", operation.label());
                let response = listed;
                verdict.differences.push(Difference { pointer, response, what, edit });
            }
        }
        verdict
    }

    /// Where the spec describes this status: the place at the operation, and the place behind its
    /// reference.
    fn response(&self, operation: &Operation<'a>, status: u16) -> Option<(String, String)> {
        let responses = operation.node.get("responses")?;
        let range = format!("{}XX", status / 100);
        let keys = [status.to_string(), range, "default".to_owned()];
        let found = keys.iter().find_map(|key| responses.get(key))?;
        let behind = Spec::new(self.document).resolve(found.clone())?;
        Some((found.pointer, behind.pointer))
    }

    /// Where the spec describes the success of the operation.
    fn success(&self, operation: &Operation<'a>) -> Option<String> {
        let responses = operation.node.entries("responses").into_iter();
        let mut successes = responses.filter(|(status, _)| status.starts_with('2'));
        successes.next().map(|(_, node)| node.pointer)
    }

    fn judge_body(&self, exchange: &Exchange, response: &str, verdict: &mut Verdict) {
        let described = self.document.value().pointer(response).unwrap_or(&Value::Null);
        let content = described["content"].as_object();
        let as_whole = |pointer: String, what: String, edit: String| Difference {
            pointer,
            response: Some(response.to_owned()),
            what,
            edit,
        };
        let status = exchange.status;
        let operation = exchange.operation;
        if exchange.body.is_empty() {
            let may_be_empty = content.is_none() || described["x-optional-body"] == true;
            if !may_be_empty {
                verdict.differences.push(as_whole(
                    response.to_owned(),
                    format!("`{operation}` answers {status} without a body"),
                    "add `x-optional-body: true` to the answer, or remove its `content`".to_owned(),
                ));
            }
            return;
        }
        let Some(content) = content else {
            verdict.differences.push(as_whole(
                response.to_owned(),
                format!("`{operation}` answers {status} with a body, and the spec has none"),
                "add `content` to the answer".to_owned(),
            ));
            return;
        };
        let media_type = exchange.media_type.as_deref().unwrap_or("no content type");
        let Some((listed, described)) = content.get_key_value(media_type) else {
            let types: Vec<&str> = content.keys().map(String::as_str).collect();
            verdict.differences.push(as_whole(
                format!("{response}/content"),
                format!(
                    "`{operation}` answers {status} with {media_type}, not with {}",
                    types.join(" or ")
                ),
                format!("add `{media_type}` to the `content` of the answer"),
            ));
            return;
        };
        if listed != "application/json" || described.get("schema").is_none() {
            return;
        }
        let pointer = format!("{}/schema", child(&format!("{response}/content"), listed));
        match exchange.json() {
            Some(body) => self.judge_json(&body, &pointer, response, operation, verdict),
            None => verdict.differences.push(as_whole(
                pointer,
                format!("`{operation}` answers {status} with a body that is not JSON"),
                "say the media type that the body really has".to_owned(),
            )),
        }
    }

    fn judge_json(
        &self,
        body: &Value,
        pointer: &str,
        response: &str,
        operation: &str,
        verdict: &mut Verdict,
    ) {
        let mut reader = Reader::new(self.document.value());
        let read = reader.read(pointer, "", body).unwrap_or_default();
        let reading = reader.finish();
        let schema = self.document.value().pointer(pointer).unwrap_or(&Value::Null);
        let node = crate::spec::Node { pointer: pointer.to_owned(), value: schema };
        let mut schema = json!({
            "allOf": [to_json_schema(&node, &HashSet::new())],
            "components": { "schemas": self.components },
        });
        forgive_unknown(&mut schema, &self.components.keys().cloned().collect());
        match validator(&schema) {
            Ok(validator) => {
                for error in validator.iter_errors(&read) {
                    let place = error.instance_path().to_string();
                    let at = reading.places.get(&place).map_or(pointer, String::as_str);
                    let found = read.pointer(&place).unwrap_or(&Value::Null);
                    let mut difference = self.describe(&error, at, &place, found, &reading.notes);
                    difference.what = format!("`{operation}`: {}", difference.what);
                    difference.response = place.is_empty().then(|| response.to_owned());
                    if !verdict.differences.contains(&difference) {
                        verdict.differences.push(difference);
                    }
                }
            }
            Err(error) => verdict.differences.push(Difference {
                pointer: pointer.to_owned(),
                response: None,
                what: format!("`{operation}`: the schema cannot be used: {error}"),
                edit: "run `cargo xtask lint`".to_owned(),
            }),
        }
        verdict.notes.extend(reading.notes);
        verdict.touched.extend(reading.touched);
    }

    /// Names a difference and the edit. The value itself is not shown, because it may be secret.
    fn describe(
        &self,
        error: &jsonschema::ValidationError<'_>,
        pointer: &str,
        place: &str,
        found: &Value,
        notes: &[(String, Note)],
    ) -> Difference {
        let pointer = self.target(pointer);
        let name = place_name(place);
        let (pointer, what, edit) = match error.kind() {
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default();
                let others: Vec<String> = notes
                    .iter()
                    .filter_map(|(at, note)| match note {
                        Note::Key(key, _) if *at == pointer => Some(format!("`{key}`")),
                        _ => None,
                    })
                    .collect();
                let edit = match others.as_slice() {
                    [] => format!("remove `{property}` from `required`"),
                    others => format!(
                        "rename `{property}` to {}, or remove `{property}` from `required`",
                        others.join(" or ")
                    ),
                };
                let at = child(&format!("{pointer}/properties"), property);
                (at, format!("{name} has no `{property}`"), edit)
            }
            ValidationErrorKind::Type { .. } => {
                let edit = match found {
                    Value::Null => "add `nullable: true`".to_owned(),
                    value => format!("write `type: {}`", schema_type(value)),
                };
                (pointer, format!("{name} is {}", kind(found)), edit)
            }
            ValidationErrorKind::Enum { .. } => (
                pointer,
                format!("{name} has a value that the list of values does not have"),
                "add the value to `enum`, or `x-extensible-enum: true`".to_owned(),
            ),
            ValidationErrorKind::Format { format } => (
                pointer,
                format!("{name} is {} that is no `{format}`: {}", kind(found), shape(found)),
                format!(
                    "remove `format: {format}`, so that it is a text, until the decoding reads \
                     this form"
                ),
            ),
            ValidationErrorKind::Maximum { .. } | ValidationErrorKind::Minimum { .. } => {
                (pointer, format!("{name} is out of bounds"), "write `format: int64`".to_owned())
            }
            other => (
                pointer,
                format!("{name} does not fit its schema ({})", other.keyword()),
                "correct the schema".to_owned(),
            ),
        };
        Difference { pointer, response: None, what, edit }
    }

    /// The schema behind references.
    fn target(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        loop {
            let schema = self.document.value().pointer(&pointer).unwrap_or(&Value::Null);
            match schema["$ref"].as_str() {
                Some(reference) => pointer = reference.trim_start_matches('#').to_owned(),
                None => return pointer,
            }
        }
    }
}

/// A place in the body, as `data/0/id`.
fn place_name(place: &str) -> String {
    match place.trim_start_matches('/') {
        "" => "the body".to_owned(),
        place => format!("`{place}`"),
    }
}

/// The type that a schema would name.
fn schema_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) | Value::Null => "string",
    }
}

/// How a text looks, without saying what it says: letters are `a`, digits are `9`.
fn shape(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let shape = text.chars().take(40).map(|c| match c {
        c if c.is_ascii_digit() => '9',
        c if c.is_alphabetic() => 'a',
        c => c,
    });
    format!("`{}`", shape.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(exchange: &Exchange, expected: Expected) -> Verdict {
        let text = include_str!("../../../spec/xs2a.yaml");
        let document = Document::parse("spec/xs2a.yaml", text).unwrap();
        Contract::new(&document).judge(exchange, expected)
    }

    fn answer(operation: &'static str, status: u16, body: &str) -> Exchange {
        Exchange {
            operation,
            method: "GET".to_owned(),
            target: "/".to_owned(),
            sent: None,
            status,
            media_type: Some("application/json".to_owned()),
            date: None,
            retry_after: None,
            body: body.as_bytes().to_owned(),
        }
    }

    fn whats(verdict: &Verdict) -> Vec<&str> {
        verdict.differences.iter().map(|difference| difference.what.as_str()).collect()
    }

    const SESSION: &str = r#"{"id": "1", "transaction": "t", "finished": true}"#;

    #[test]
    fn an_answer_of_the_spec_gives_no_difference() {
        assert!(whats(&judged(&answer("get_session", 200, SESSION), Expected::Success)).is_empty());
        let error = answer("get_session", 404, r#"{"code": "404", "message": "Not found"}"#);
        assert!(whats(&judged(&error, Expected::Refusal(404, "NotFound"))).is_empty());
        let empty = answer("sync_connection", 204, "");
        assert!(whats(&judged(&empty, Expected::Success)).is_empty());
    }

    #[test]
    fn each_kind_of_difference_is_named() {
        for (exchange, expected, what) in [
            (
                answer("get_session", 203, SESSION),
                Expected::Success,
                "`get_session` answers with 203, which is not listed",
            ),
            (
                answer("get_session", 200, ""),
                Expected::Success,
                "`get_session` answers 200 without a body",
            ),
            (
                answer("get_session", 200, "no JSON"),
                Expected::Success,
                "`get_session` answers 200 with a body that is not JSON",
            ),
            (
                answer("sync_connection", 204, "{}"),
                Expected::Success,
                "`sync_connection` answers 204 with a body, and the spec has none",
            ),
            (
                answer(
                    "get_session",
                    200,
                    r#"{"id": "1", "transaction": "t", "finished": "soon"}"#,
                ),
                Expected::Success,
                "`get_session`: `finished` is a text",
            ),
            (
                answer("get_session", 200, SESSION),
                Expected::Refusal(404, "NotFound"),
                "`get_session` was accepted with 200, not 404",
            ),
        ] {
            assert_eq!(whats(&judged(&exchange, expected)), [what]);
        }
    }

    #[test]
    fn what_a_difference_says_shows_no_value() {
        let secret = answer("create_access_token", 201, r#"{"id": "1", "token": ["hush"]}"#);
        let verdict = judged(&secret, Expected::Success);
        assert_eq!(whats(&verdict), ["`create_access_token`: `token` is a list"]);
        assert!(!format!("{:?}", verdict.differences).contains("hush"));
    }

    #[test]
    fn a_throttled_call_is_no_refusal() {
        let body = r#"{"code": 429, "message": "Too many requests"}"#;
        let verdict = judged(&answer("get_session", 429, body), Expected::Success);
        assert!(whats(&verdict).is_empty());
        assert!(verdict.touched.contains("/components/responses/TooManyRequests"));
    }
}
