//! Schemas of OpenAPI 3.0 as JSON Schema.

use std::collections::{BTreeSet, HashSet};
use std::str::FromStr;

use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::api::FLAG;
use crate::spec::{Node, SCHEMA_PREFIX};

/// The types of JSON Schema.
const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "object", "array"];

/// Compiles a JSON Schema, with the formats that the spec uses.
pub(crate) fn validator(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::draft7::options()
        .should_validate_formats(true)
        .with_format("local-date-time", is_local_date_time)
        .with_format("date", is_date)
        .build(schema)
}

/// What a reference to nowhere would take is open, and it is a finding of its own.
pub(crate) fn forgive_unknown(schema: &mut Value, known: &HashSet<String>) {
    match schema {
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str);
            let leads_nowhere = reference.is_some_and(|reference| {
                let name = reference.strip_prefix(SCHEMA_PREFIX);
                name.is_none_or(|name| !known.contains(name))
            });
            if leads_nowhere {
                *schema = Value::Bool(true);
            } else {
                map.values_mut().for_each(|value| forgive_unknown(value, known));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| forgive_unknown(item, known)),
        _ => {}
    }
}

/// Translates a schema of OpenAPI 3.0 into JSON Schema: `nullable`, `discriminator`, and the size of
/// integers. Undeclared keys are refused, so that a misspelt key shows.
pub(crate) fn to_json_schema(schema: &Node<'_>, broken: &HashSet<String>) -> Value {
    let Some(map) = schema.value.as_object().filter(|_| !broken.contains(&schema.pointer)) else {
        return Value::Bool(true);
    };
    let mut out = Map::new();
    for (key, value) in map {
        match key.as_str() {
            // A malformed value is a finding of its own, and must not silence all examples.
            "$ref" | "format" if value.is_string() => {
                out.insert(key.clone(), value.clone());
            }
            "type" if value.as_str().is_some_and(|name| TYPES.contains(&name)) => {
                out.insert(key.clone(), value.clone());
            }
            "enum" => {
                let mut values: Vec<&Value> = Vec::new();
                for value in value.as_array().into_iter().flatten() {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                if !values.is_empty() {
                    out.insert(key.clone(), values.into_iter().cloned().collect());
                }
            }
            // An undeclared name is a finding of its own, and not a fault of the example.
            "required" => {
                let names: BTreeSet<_> =
                    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let properties = map.get("properties");
                let declared = |name: &&str| {
                    properties.is_some_and(|properties| properties.get(name).is_some())
                };
                out.insert(key.clone(), names.into_iter().filter(declared).collect());
            }
            "items" | "additionalProperties" => {
                let inner = schema.get(key).filter(|_| !value.is_boolean());
                let inner = inner.map(|inner| to_json_schema(&inner, broken));
                out.insert(key.clone(), inner.unwrap_or_else(|| value.clone()));
            }
            "properties" => {
                let properties = schema.entries(key).into_iter();
                out.insert(
                    key.clone(),
                    properties
                        .map(|(name, schema)| (name.to_owned(), to_json_schema(&schema, broken)))
                        .collect(),
                );
            }
            "allOf" => {
                let parts = schema.items(key).into_iter();
                out.insert(key.clone(), parts.map(|part| to_json_schema(&part, broken)).collect());
            }
            _ => {}
        }
    }
    if let Some(discriminator) = map.get("discriminator") {
        out.extend(discriminated(discriminator));
    }
    if map.contains_key("properties") && !map.contains_key("additionalProperties") {
        out.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    let bounds = match map.get("format").and_then(Value::as_str) {
        Some("int32") => Some((i32::MIN, i32::MAX)),
        Some(FLAG) => Some((0, 1)),
        _ => None,
    };
    if let Some((minimum, maximum)) = bounds {
        out.insert("minimum".to_owned(), minimum.into());
        out.insert("maximum".to_owned(), maximum.into());
    }
    let out = Value::Object(out);
    if map.get("nullable") == Some(&Value::Bool(true)) {
        // So an error is about the value, and not about two alternatives.
        json!({ "if": { "not": { "type": "null" } }, "then": out })
    } else {
        out
    }
}

/// The tag decides which schema applies.
fn discriminated(discriminator: &Value) -> Map<String, Value> {
    let tag = discriminator.get("propertyName").and_then(Value::as_str);
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mapping = mapping.filter(|mapping| mapping.values().all(Value::is_string));
    let (Some(tag), Some(mapping)) = (tag, mapping) else {
        return Map::new();
    };
    let tags: Vec<&String> = mapping.keys().collect();
    let cases: Vec<Value> = mapping
        .iter()
        .map(|(value, target)| {
            json!({
                "if": { "properties": { tag: { "const": value } }, "required": [tag] },
                "then": { "$ref": target },
            })
        })
        .collect();
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("object"));
    out.insert("required".to_owned(), json!([tag]));
    out.insert("properties".to_owned(), json!({ tag: { "enum": tags } }));
    out.insert("allOf".to_owned(), Value::Array(cases));
    out
}

/// `YYYY-MM-DD hh:mm:ss`, the only form that the client sends.
fn is_local_date_time(text: &str) -> bool {
    jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text)
        .is_ok_and(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string() == text)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && jiff::civil::Date::from_str(text).is_ok()
}
