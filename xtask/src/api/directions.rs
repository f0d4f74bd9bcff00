//! Which schemas requests reach, and which ones answers do.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::{Content, Operation, Schema, referenced};
use crate::document::child;

/// Marks every schema; what nothing reaches (bodies that nobody reads, say) counts as decoded.
pub(super) fn mark(spec: &Value, operations: &[Operation], schemas: &mut IndexMap<String, Schema>) {
    let mut sent = Vec::new();
    // Every error may come with one, whatever the operation declares.
    let mut decoded = vec!["ApiError".to_owned()];
    for operation in operations {
        sent.extend(operation.body.clone());
        sent.extend(
            operation
                .query_parameters
                .iter()
                .chain(&operation.path_parameters)
                .filter_map(|parameter| referenced(&parameter.schema))
                .map(str::to_owned),
        );
        decoded.extend(operation.answers.iter().filter_map(|answer| match &answer.content {
            Content::Json(name) => Some(name.clone()),
            _ => None,
        }));
    }
    for name in reach(spec, sent) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.sent = true;
        }
    }
    for name in reach(spec, decoded) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.decoded = true;
        }
    }
    let unreached = schemas
        .iter()
        .filter(|(_, schema)| !schema.sent && !schema.decoded)
        .map(|(name, _)| name.clone())
        .collect();
    for name in reach(spec, unreached) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.decoded = true;
        }
    }
}

fn reach(spec: &Value, from: Vec<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut next = from;
    while let Some(name) = next.pop() {
        if seen.insert(name.clone())
            && let Some(schema) = spec.pointer(&child("/components/schemas", &name))
        {
            collect_references(schema, &mut next);
        }
    }
    seen
}

/// Goes by the places of schemas, never by names alone: a property may be called `default`.
fn collect_references(schema: &Value, into: &mut Vec<String>) {
    for (key, value) in schema.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("$ref", Value::String(target)) => {
                into.extend(target.strip_prefix("#/components/schemas/").map(str::to_owned));
            }
            ("properties", Value::Object(properties)) => {
                properties.values().for_each(|property| collect_references(property, into));
            }
            ("items" | "additionalProperties", inner) => collect_references(inner, into),
            ("allOf" | "oneOf", Value::Array(parts)) => {
                parts.iter().for_each(|part| collect_references(part, into));
            }
            _ => {}
        }
    }
}
