//! Every example and every default is a value that its own schema takes.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::json_schema::{forgive_unknown, to_json_schema, validator};
use crate::spec::Node;

use super::{Findings, SUPPORTED, structure};

/// Validates the examples of schemas, parameters, headers and bodies.
pub(super) fn check(findings: &mut Findings<'_>) {
    let spec = findings.spec;
    let mut pairs: Vec<(Node<'_>, Node<'_>)> = Vec::new();
    for schema in spec.schemas() {
        if let Some(example) = schema.node.get("example") {
            pairs.push((schema.node, example));
        }
    }
    for owner in owners(findings) {
        if let (Some(schema), Some(example)) = (owner.get("schema"), owner.get("example")) {
            pairs.push((schema, example));
        }
    }
    let hint = "correct the example, or the schema if the service really sends this";
    validate(findings, &pairs, "example", hint);
}

/// Validates the defaults of parameters.
pub(super) fn defaults(findings: &mut Findings<'_>) {
    let schemas = findings.spec.schemas().into_iter();
    let pairs: Vec<_> = schemas
        .filter_map(|schema| Some((schema.node.clone(), schema.node.get("default")?)))
        .collect();
    validate(findings, &pairs, "default", "correct the default");
}

/// Validates values against their schemas.
fn validate(findings: &mut Findings<'_>, pairs: &[(Node<'_>, Node<'_>)], what: &str, hint: &str) {
    let broken = broken_schemas(findings);
    let components = findings.spec.components("schemas").into_iter();
    let components: Map<String, Value> =
        components.map(|(name, node)| (name.to_owned(), to_json_schema(&node, &broken))).collect();
    // All values are validated by one schema, each under its number, because compiling takes the time.
    let numbered = |nodes: Vec<Value>| -> Map<String, Value> {
        (0..).map(|index: usize| index.to_string()).zip(nodes).collect()
    };
    let schemas = pairs.iter().map(|(schema, _)| to_json_schema(schema, &broken));
    let values = pairs.iter().map(|(_, value)| value.value.clone());
    let known = components.keys().cloned().collect();
    let mut all = json!({
        "properties": numbered(schemas.collect()),
        "components": { "schemas": components },
    });
    forgive_unknown(&mut all, &known);
    let Ok(validator) = validator(&all) else {
        // The rules about schemas report a schema that cannot be compiled.
        return;
    };
    for error in validator.iter_errors(&Value::Object(numbered(values.collect()))) {
        let path = error.instance_path().to_string();
        let inside = path.trim_start_matches('/');
        let (number, inside) = inside.split_at(inside.find('/').unwrap_or(inside.len()));
        let index: Option<usize> = number.parse().ok();
        let Some((_, value)) = index.and_then(|index| pairs.get(index)) else {
            continue;
        };
        findings.value(
            &format!("{}{inside}", value.pointer),
            format!("the {what} does not fit its schema: {error}"),
            hint,
        );
    }
}

/// The schemas that something else is wrong with: what they would take is open.
fn broken_schemas(findings: &Findings<'_>) -> HashSet<String> {
    let schemas: HashSet<String> =
        findings.spec.schemas().into_iter().map(|schema| schema.node.pointer).collect();
    let malformed = findings
        .places
        .iter()
        .filter(|(rule, _)| [structure::NAME, SUPPORTED].contains(rule))
        .map(|(_, pointer)| pointer.as_str());
    malformed
        .filter_map(|pointer| {
            let mut around = Some(pointer);
            while let Some(place) = around.filter(|place| !schemas.contains(*place)) {
                around = place.rsplit_once('/').map(|(parent, _)| parent);
            }
            around.map(str::to_owned)
        })
        .collect()
}

/// Everything that has both a schema and an example.
fn owners<'a>(findings: &Findings<'a>) -> Vec<Node<'a>> {
    let spec = findings.spec;
    let mut responses: Vec<Node<'_>> = Vec::new();
    let mut owners: Vec<Node<'_>> = Vec::new();
    owners.extend(spec.components("parameters").into_iter().map(|(_, node)| node));
    responses.extend(spec.components("responses").into_iter().map(|(_, node)| node));
    for operation in spec.operations() {
        owners.extend(operation.node.items("parameters"));
        if let Some(body) = operation.node.get("requestBody") {
            owners.extend(body.entries("content").into_iter().map(|(_, node)| node));
        }
        responses.extend(operation.node.entries("responses").into_iter().map(|(_, node)| node));
    }
    for response in responses {
        owners.extend(response.entries("content").into_iter().map(|(_, node)| node));
        owners.extend(response.entries("headers").into_iter().map(|(_, node)| node));
    }
    owners
}
