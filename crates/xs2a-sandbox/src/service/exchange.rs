//! A request and its answer as people may see them: short, and without secrets.
//!
//! Shown is what the spec declares and does not call secret. So a value that nobody has thought of
//! is concealed.

use serde_json::Value;

use super::{record::Entry, spec::SPEC};
use crate::{
    answer::{Answer, Body},
    json::{CONCEALED, Json, ToJson as _, object},
    request::{Fields, Query, Received},
    routes::Operation,
    world::Event,
};

/// How many entries of a list and how many characters of a text are shown.
const ENTRIES: usize = 20;
const CHARACTERS: usize = 300;

/// The line of a call in the trail, and its details. `caller` says in words whose credentials were
/// sent.
pub(super) fn show(
    entry: &Entry,
    operation: Operation,
    received: &Received<'_>,
    caller: &str,
    answer: &Answer,
) -> (Json, Json) {
    let mut secrets: Vec<String> = received.secret().into_iter().collect();
    let schema = SPEC.schema_of_request(operation);
    let request = match &received.body {
        Ok(body) if body.trim_ascii().is_empty() => Json::Null,
        Ok(body) => match Fields::read(body) {
            Ok(fields) => {
                let fields = fields.to_json();
                collect_secrets(&fields, schema, &mut secrets);
                shown(&fields, schema)
            }
            Err(_) => format!("({} bytes that are no JSON object)", body.len()).to_json(),
        },
        Err(refusal) => refusal.message.to_json(),
    };
    let (body, opened) = match &answer.body {
        Body::Empty => (Json::Null, None),
        Body::Json(body) => {
            let opened =
                body.text_of("wizard_session_key").and_then(|_| body.text_of("transaction"));
            (shown(body, SPEC.schema_of_answer(operation, answer.status)), opened)
        }
        Body::Raw { content_type, bytes } => match serde_json::from_slice::<Value>(bytes) {
            // A test may have written the JSON.
            Ok(body) => {
                (shown(&body.into(), SPEC.schema_of_answer(operation, answer.status)), None)
            }
            Err(_) => (format!("({} bytes of {content_type})", bytes.len()).to_json(), None),
        },
    };
    let headers = answer.headers.iter();
    let headers = headers.map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).to_json())
    });
    let detail = object! {
        "credentials": caller,
        "client": received.client(),
        "query": query(operation, received.query),
        "request": request,
        "headers": Json::Object(headers.collect()),
        "answer": body,
    };
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    (entry.json().with("session", opened).without(&secrets), detail.without(&secrets))
}

/// The line of an event in the trail, and its details.
pub(super) fn show_event(event: &Event) -> (Json, Json) {
    let opened = event.transaction.as_ref().filter(|_| event.opens_a_session());
    let line = object! {
        "at": event.at.to_string(),
        "event": event.kind,
        "message": event.message,
        "transaction": event.transaction,
        "session": opened,
    };
    (line, object! { "event": shown(&event.json(), SPEC.schema("Event")) })
}

fn query(operation: Operation, raw: &str) -> Json {
    let declared = |name: &str| {
        let (_, _, found) = SPEC.operation(operation)?;
        let mut parameters = found["parameters"].as_array()?.iter().map(|p| SPEC.resolve(p));
        parameters.find(|parameter| parameter["in"] == "query" && parameter["name"] == name)
    };
    let parameters = Query::parse(raw).0.into_iter().map(|(name, value)| {
        let schema = declared(&name).map_or(&Value::Null, |parameter| &parameter["schema"]);
        let value = if schema.is_null() { CONCEALED.to_owned() } else { cut(&value) };
        (name, value.to_json())
    });
    Json::Object(parameters.collect())
}

/// A copy of `value`, an instance of `schema`, as people may see it.
fn shown(value: &Json, schema: &Value) -> Json {
    let schema = SPEC.schema_of(schema, value);
    if is_secret(value, schema) {
        return CONCEALED.to_json();
    }
    match value {
        Json::Text(text) => cut(text).to_json(),
        Json::List(values) => {
            let mut entries: Vec<Json> =
                values.iter().take(ENTRIES).map(|entry| shown(entry, &schema["items"])).collect();
            if values.len() > ENTRIES {
                entries.push(format!("({} more)", values.len() - ENTRIES).to_json());
            }
            Json::List(entries)
        }
        Json::Object(fields) => {
            let fields = fields.iter().take(10 * ENTRIES);
            let fields = fields.map(|(name, value)| (cut(name), shown(value, field(schema, name))));
            Json::Object(fields.collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
        Json::Verbatim(text) => match serde_json::from_str::<Value>(text) {
            Ok(value) => shown(&value.into(), schema),
            Err(_) => CONCEALED.to_json(),
        },
    }
}

/// Whether the spec calls the value secret, or does not say that such a value stands here.
fn is_secret(value: &Json, schema: &Value) -> bool {
    let fits = match value {
        Json::Null => return false,
        // In the dialect, a boolean or a number may be a text.
        Json::Text(text) => {
            schema["type"] == "string"
                || text.parse::<f64>().is_ok()
                || text.parse::<bool>().is_ok()
        }
        _ => schema.is_object(),
    };
    !fits || schema["format"] == "password" || schema["x-secret"] == true
}

fn field<'a>(schema: &'a Value, name: &str) -> &'a Value {
    schema["properties"].get(name).unwrap_or(&schema["additionalProperties"])
}

/// The texts of a request that the spec calls secret. The answer may repeat them elsewhere.
fn collect_secrets(value: &Json, schema: &Value, secrets: &mut Vec<String>) {
    let schema = SPEC.schema_of(schema, value);
    match value {
        Json::Text(text) if is_secret(value, schema) => secrets.push(text.clone()),
        Json::Object(fields) => {
            for (name, value) in fields {
                collect_secrets(value, field(schema, name), secrets);
            }
        }
        _ => {}
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}
