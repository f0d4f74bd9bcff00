//! Bodies made of the examples in the spec.

use serde_json::{Map, Value, json};
use xs2a::Operation;
use xtask::document::Document;

/// The text of the spec.
pub(crate) const SPEC: &str = include_str!("../../../spec/xs2a.yaml");

/// How deep lists are nested that contain lists of their own kind.
const DEPTH: usize = 8;

/// For each operation whose success has a JSON body: the operation, and a body for each member of the
/// unions in it, in turn.
pub(crate) fn bodies() -> Vec<(Operation, Value)> {
    let document = Document::parse("spec/xs2a.yaml", SPEC).expect("the spec can be read");
    let spec = document.value();
    let mut bodies = Vec::new();
    for operation in Operation::ALL {
        for success in successes(spec, *operation) {
            let all: Vec<Value> = (0..20).map(|turn| sample(spec, success, turn, DEPTH)).collect();
            for (at, body) in all.iter().enumerate() {
                if !all[..at].contains(body) {
                    bodies.push((*operation, body.clone()));
                }
            }
        }
    }
    bodies
}

/// The schemas of the JSON successes of an operation.
fn successes(spec: &Value, operation: Operation) -> Vec<&Value> {
    let path = spec["paths"].get(operation.path_template()).expect("the operation's path");
    let method = operation.method().as_str().to_ascii_lowercase();
    let responses = path[method]["responses"].as_object().expect("responses");
    responses
        .iter()
        .filter(|(status, _)| status.starts_with('2'))
        .filter_map(|(_, response)| {
            resolve(spec, response).pointer("/content/application~1json/schema")
        })
        .collect()
}

fn resolve<'a>(spec: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(pointer) => {
            resolve(spec, spec.pointer(pointer.trim_start_matches('#')).expect("a reference"))
        }
        None => value,
    }
}

/// A value of a schema, by its examples.
fn sample(spec: &Value, schema: &Value, turn: usize, depth: usize) -> Value {
    let schema = resolve(spec, schema);
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    let members =
        |key: &str| schema.get(key).and_then(Value::as_array).filter(|all| !all.is_empty());
    if let Some(parts) = members("allOf") {
        let mut merged = Map::new();
        for part in parts {
            match sample(spec, part, turn, depth) {
                Value::Object(fields) => merged.extend(fields),
                other => return other,
            }
        }
        return merged.into();
    }
    if let Some(members) = members("oneOf") {
        return sample(spec, &members[turn % members.len()], turn, depth);
    }
    if let Some(values) = members("enum") {
        return values[turn % values.len()].clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let fields = schema.get("properties").and_then(Value::as_object);
            let fields = fields.into_iter().flatten();
            fields
                .map(|(name, field)| (name.clone(), sample(spec, field, turn, depth)))
                .collect::<Map<_, _>>()
                .into()
        }
        Some("array") if depth == 0 => json!([]),
        Some("array") => match schema.get("items") {
            Some(items) => json!([
                sample(spec, items, turn, depth - 1),
                sample(spec, items, turn + 1, depth.saturating_sub(4)),
            ]),
            None => json!([]),
        },
        Some("string") => json!("text"),
        Some("integer") => json!(1),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        _ => json!({}),
    }
}
