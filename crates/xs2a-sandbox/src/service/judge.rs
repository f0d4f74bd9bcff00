//! Requests and answers are held against the spec.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::spec::SPEC;
use crate::{
    answer::{Answer, Body},
    request::Received,
    routes::Operation,
};

/// Who has broken the spec. [`Violation`] has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client, with a request.
    Request,
    /// The sandbox, with an answer.
    Response,
}

/// Something in a request or in an answer that the spec does not allow.
///
/// ```
/// use xs2a_sandbox::{Sandbox, Side};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let url = format!("{}/v1/api/users?page=first", sandbox.base_url());
/// let key = sandbox.api_key();
/// reqwest::Client::new().get(url).basic_auth("api", Some(key)).send().await.unwrap();
/// let violations = sandbox.violations();
/// assert_eq!((violations.len(), violations[0].side), (1, Side::Request));
/// assert_eq!(
///     violations[0].to_string(),
///     "request of list_users leaves the spec at query parameter page: type"
/// );
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Who has broken the spec.
    pub side: Side,
    /// Id of the operation.
    pub operation: &'static str,
    /// The place and the broken rule. The value is left out, because it may be a secret.
    pub detail: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = match self.side {
            Side::Request => "request",
            Side::Response => "response",
        };
        write!(f, "{side} of {} leaves the spec at {}", self.operation, self.detail)
    }
}

/// A validator for each schema, made when it is first needed.
type Cache = Mutex<HashMap<(Side, String), Arc<Validator>>>;

static VALIDATORS: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(Cache::default);

/// What the spec does not allow in this request.
pub(crate) fn request(operation: Operation, received: &Received<'_>) -> Vec<String> {
    let Some((_, _, found)) = SPEC.operation(operation) else {
        return vec!["the operation is not in the spec".to_owned()];
    };
    let mut broken = query(found, received.query);
    body_of_request(found, received, &mut broken);
    broken
}

fn query(operation: &Value, raw: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let declared: Vec<&Value> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| SPEC.resolve(parameter))
        .filter(|parameter| parameter["in"] == "query")
        .collect();
    let mut sent = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
        if sent.insert(name.to_string(), value.to_string()).is_some() {
            broken.push(format!("query parameter {name}: sent twice"));
        }
    }
    for parameter in declared {
        let name = parameter["name"].as_str().unwrap_or_default();
        let Some(text) = sent.remove(name) else {
            if parameter["required"] == true {
                broken.push(format!("query parameter {name}: missing"));
            }
            continue;
        };
        let schema = &parameter["schema"];
        let value = match schema["type"].as_str() {
            Some("integer" | "number" | "boolean") => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            _ => Value::String(text),
        };
        // The official clients send an empty text for a parameter without a value. A client made
        // from the spec leaves the parameter out.
        if value == "" {
            broken.push(format!("query parameter {name}: empty"));
        }
        let place = format!("query parameter {name}");
        broken.extend(errors(Side::Request, schema, &value, &place));
    }
    broken.extend(sent.keys().map(|name| format!("query parameter {name}: not in the spec")));
    broken
}

fn body_of_request(operation: &Value, received: &Received<'_>, broken: &mut Vec<String>) {
    let Ok(bytes) = received.body else {
        broken.push("body: too large, or cut".to_owned());
        return;
    };
    let declared = SPEC.resolve(&operation["requestBody"]);
    if declared.is_null() {
        if !bytes.is_empty() {
            broken.push("body: none is expected".to_owned());
        }
        return;
    }
    if bytes.is_empty() {
        if declared["required"] == true {
            broken.push("body: missing".to_owned());
        }
        return;
    }
    if received.content_type().is_none_or(|text| media_type(text) != "application/json") {
        broken.push("content-type: not application/json".to_owned());
    }
    let schema = &declared["content"]["application/json"]["schema"];
    match serde_json::from_slice(bytes) {
        Ok(value) => broken.extend(errors(Side::Request, schema, &value, "body")),
        Err(_) => broken.push("body: not JSON".to_owned()),
    }
}

/// Kinds of wizard elements that only the provider's own applications know. As long as the spec
/// does not know them either, they cannot be held against it.
const HINTED_KINDS: &[&str] =
    &["hidden", "paragraph", "description", "submit", "restart", "abort", "autosubmit", "logo"];

/// The body of the wizard's answer without the elements that the spec cannot judge.
fn without_hinted_kinds(mut body: Value) -> Value {
    let known = &SPEC.schema("WizardElement")["discriminator"]["mapping"];
    if let Some(Value::Array(elements)) = body.pointer_mut("/form/elements") {
        elements.retain(|element| {
            let kind = element["type"].as_str().unwrap_or_default();
            !known[kind].is_null() || !HINTED_KINDS.contains(&kind)
        });
    }
    body
}

/// What the spec does not allow in this answer.
pub(crate) fn response(operation: Operation, answer: &Answer) -> Vec<String> {
    let status = answer.status;
    let declared = match SPEC.response(operation, status) {
        Some(declared) => declared,
        // These statuses concern HTTP itself, and are the same for every operation.
        None if matches!(status, 400 | 413) => {
            let Body::Json(value) = &answer.body else {
                return vec![format!("{status}: without an error body")];
            };
            return errors(
                Side::Response,
                &json!({ "$ref": "#/components/schemas/ApiError" }),
                &value.to_value(),
                "body",
            );
        }
        None => return vec![format!("{status}: not in the spec")],
    };
    let content = declared["content"].as_object();
    match (&answer.body, content) {
        (Body::Empty, None) => Vec::new(),
        (Body::Empty, Some(_)) if declared["x-optional-body"] == true => Vec::new(),
        (Body::Empty, Some(_)) => vec![format!("{status}: without the body that it has")],
        (_, None) => vec![format!("{status}: with a body that it has not")],
        (Body::Json(value), Some(content)) => match content.get("application/json") {
            Some(media) => {
                let value = match operation {
                    Operation::AdvanceWizard => without_hinted_kinds(value.to_value()),
                    _ => value.to_value(),
                };
                errors(Side::Response, &media["schema"], &value, "body")
            }
            None => vec![format!("{status}: JSON is not in the spec")],
        },
        (Body::Raw { content_type, .. }, Some(content)) => {
            let known = content.contains_key(media_type(content_type));
            let detail = || format!("{status}: {content_type} is not in the spec");
            (!known).then(detail).into_iter().collect()
        }
    }
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn errors(side: Side, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let Some(validator) = validator(side, schema) else {
        return vec![format!("{place}: its schema cannot be read")];
    };
    let errors = validator.iter_errors(value).map(|error| {
        let rule = error.schema_path().to_string();
        let rule = rule.rsplit('/').next().unwrap_or_default();
        format!("{place}{}: {rule}", error.instance_path())
    });
    // The validator's order depends on the maps of serde_json, so the errors are sorted.
    let mut errors: Vec<String> = errors.collect();
    errors.sort();
    errors
}

fn validator(side: Side, schema: &Value) -> Option<Arc<Validator>> {
    let mut cache = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (side, schema.to_string());
    if let Some(known) = cache.get(&key) {
        return Some(Arc::clone(known));
    }
    let document = json!({
        "allOf": [json_schema(side, schema)],
        "components": json_schema(side, SPEC.components()),
    });
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("local-date-time", is_local_date_time)
        .build(&document)
        .ok()?;
    let validator = Arc::new(validator);
    cache.insert(key, Arc::clone(&validator));
    Some(validator)
}

fn is_local_date_time(text: &str) -> bool {
    text.len() == 19 && text.as_bytes()[10] == b' ' && text.parse::<jiff::civil::DateTime>().is_ok()
}

/// The schema as JSON Schema. OpenAPI 3.0 says some things in other words.
fn json_schema(side: Side, openapi: &Value) -> Value {
    let Value::Object(fields) = openapi else {
        return match openapi {
            Value::Array(values) => values.iter().map(|value| json_schema(side, value)).collect(),
            other => other.clone(),
        };
    };
    let mut schema: Map<String, Value> = fields
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "example" | "nullable" | "discriminator"))
        .map(|(key, value)| (key.clone(), json_schema(side, value)))
        .collect();
    // A server may send values that do not exist yet. A client has to know what it sends.
    if side == Side::Response && fields.get("x-extensible-enum") == Some(&json!(true)) {
        schema.remove("enum");
    }
    // Neither side sends a field that the spec does not list.
    if schema.get("properties").is_some_and(Value::is_object) {
        schema.entry("additionalProperties").or_insert(json!(false));
    }
    if fields.get("format") == Some(&json!("int32")) {
        schema.insert("minimum".to_owned(), json!(i32::MIN));
        schema.insert("maximum".to_owned(), json!(i32::MAX));
    }
    if let Some(mapping) = fields.get("discriminator").and_then(|d| d["mapping"].as_object()) {
        schema.remove("oneOf");
        schema.insert("required".to_owned(), json!(["type"]));
        let kinds: Vec<&String> = mapping.keys().collect();
        schema.insert("properties".to_owned(), json!({ "type": { "enum": kinds } }));
        let cases = mapping.iter().map(|(kind, target)| {
            json!({
                "if": { "properties": { "type": { "const": kind } } },
                "then": { "$ref": target },
            })
        });
        schema.insert("allOf".to_owned(), cases.collect());
        schema.remove("additionalProperties");
    }
    if fields.get("nullable") == Some(&json!(true)) {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;

    fn judged(body: Value) -> Vec<String> {
        response(Operation::GetConnection, &Answer::json(200, body.into()))
    }

    #[test]
    fn an_answer_outside_the_spec_is_told_by_place_and_rule() {
        let good = json!({ "id": "a", "sync_active": true, "sync_fail_counter": 0 });
        assert_eq!(judged(good.clone()), [""; 0]);
        for (key, value, detail) in [
            ("sync_active", json!("true"), "body/sync_active: type"),
            ("sync_fail_counter", Value::Null, "body/sync_fail_counter: type"),
            ("sync_fail_counter", json!(1_u64 << 40), "body/sync_fail_counter: maximum"),
            ("created_at", json!("2026-01-31T10:00:00"), "body/created_at: anyOf"),
            ("consent_valid_until", json!("0000-00-00"), "body/consent_valid_until: anyOf"),
            ("surprise", json!(1), "body: additionalProperties"),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            assert_eq!(judged(bad), [detail]);
        }
        for (key, value) in [("sync_mode", json!("new")), ("bic", Value::Null)] {
            let mut odd = good.clone();
            odd[key] = value;
            assert_eq!(judged(odd), [""; 0]);
        }
        let teapot = Answer::json(418, json!({ "code": 418, "message": "" }).into());
        assert_eq!(response(Operation::GetConnection, &teapot), ["418: not in the spec"]);
    }

    #[test]
    fn every_kind_of_wizard_element_is_held_against_its_own_schema() {
        let with = |element: Value| {
            let form = json!({ "name": "login", "elements": [element] });
            let answer = Answer::json(200, json!({ "code": 200, "form": form }).into());
            response(Operation::AdvanceWizard, &answer)
        };
        assert_eq!(with(json!({ "type": "text", "name": "a" })), [""; 0]);
        assert_ne!(with(json!({ "type": "text" })), [""; 0]);
        assert_ne!(with(json!({ "type": "flicker" })), [""; 0]);
        assert_ne!(with(json!({ "type": "hologram", "name": "a" })), [""; 0]);
    }

    #[test]
    fn a_request_outside_the_spec_is_told_without_its_values() {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", http::HeaderValue::from_static("application/json"));
        let sync = |query: &str, body: &str| {
            let received = Received {
                method: &Method::POST,
                path: "",
                query,
                headers: &headers,
                body: Ok(body.as_bytes()),
            };
            request(Operation::SyncConnection, &received)
        };
        assert_eq!(sync("", "{}"), [""; 0]);
        assert_eq!(sync("", r#"{"credentials":"half","force":true}"#), [""; 0]);
        assert_eq!(sync("", r#"{"credentials":["secret"]}"#), ["body/credentials: type"]);
        assert_eq!(sync("", "{"), ["body: not JSON"]);
        assert_eq!(sync("", ""), ["body: missing"]);
        assert_eq!(sync("x=1", "{}"), ["query parameter x: not in the spec"]);
    }

    #[test]
    fn every_schema_of_the_spec_can_be_read() {
        for side in [Side::Request, Side::Response] {
            for name in SPEC.components()["schemas"].as_object().unwrap().keys() {
                let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
                assert!(validator(side, &schema).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn the_examples_of_the_spec_keep_its_own_rules() {
        for (name, schema) in SPEC.components()["schemas"].as_object().unwrap() {
            let place = json!({ "$ref": format!("#/components/schemas/{name}") });
            let broken = errors(Side::Response, &place, &schema["example"], name);
            assert_eq!(broken, [""; 0]);
        }
    }
}
