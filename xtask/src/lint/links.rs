//! Links lead to operations of this spec, with values that are there.

use serde_json::Value;

use crate::spec::{Node, Operation, Spec};

use super::Findings;
use super::references::nearest;

/// Every link names an operation and its parameters, and takes each value from where there is one.
pub(super) fn check(findings: &mut Findings<'_>) {
    let operations = findings.spec.operations();
    for from in &operations {
        for (_, response) in findings.spec.responses(from) {
            for (name, link) in response.entries("links") {
                let Some(id) = link.text("operationId") else { continue };
                match operations.iter().find(|operation| operation.id() == Some(id)) {
                    Some(to) => arguments(findings, &link, from, &response, to),
                    None => findings.value(
                        &format!("{}/operationId", link.pointer),
                        format!("the link `{name}` leads to no operation: there is no `{id}`"),
                        match nearest(id, operations.iter().filter_map(Operation::id)) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "write the operationId of an operation".to_owned(),
                        },
                    ),
                }
            }
        }
    }
}

fn arguments<'a>(
    findings: &mut Findings<'a>,
    link: &Node<'a>,
    from: &Operation<'a>,
    response: &Node<'a>,
    to: &Operation<'a>,
) {
    let spec = findings.spec;
    let taken = spec.parameters(to);
    let given = link.entries("parameters");
    for (parameter, value) in &given {
        if !taken.iter().any(|taken| taken.text("name") == Some(parameter)) {
            findings.key(
                &value.pointer,
                format!("{} has no parameter `{parameter}`", to.label()),
                match nearest(parameter, taken.iter().filter_map(|taken| taken.text("name"))) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "remove it".to_owned(),
                },
            );
        }
    }
    if findings.is_malformed() {
        // A misspelt key may hide the property that a value is taken from.
        return;
    }
    let mut values: Vec<Node<'a>> = given.into_iter().map(|(_, value)| value).collect();
    let body = link.get("requestBody");
    values.extend(body.into_iter().flat_map(|body| body.members()).map(|(_, value)| value));
    for value in values {
        if let Some(expression) = value.value.as_str().filter(|text| text.starts_with('$'))
            && !is_there(spec, expression, from, response)
        {
            findings.value(
                &value.pointer,
                format!("`{expression}` leads to no value here"),
                "write `$response.body#/PROPERTY`, or `$request.path.PARAMETER`",
            );
        }
    }
}

/// Whether an expression leads to a value: a property of the answer, or a path parameter.
fn is_there<'a>(
    spec: Spec<'a>,
    expression: &str,
    from: &Operation<'a>,
    response: &Node<'a>,
) -> bool {
    if let Some(name) = expression.strip_prefix("$request.path.") {
        let parameters = spec.parameters(from);
        return parameters
            .iter()
            .any(|taken| taken.text("in") == Some("path") && taken.text("name") == Some(name));
    }
    let Some(path) = expression.strip_prefix("$response.body#/") else {
        return false;
    };
    let content = response.entries("content");
    let mut schema = content.first().and_then(|(_, media)| media.get("schema"));
    for segment in path.split('/') {
        schema = schema.and_then(|schema| {
            let schema = component(spec, schema)?;
            match schema.value.get("type").and_then(Value::as_str) {
                Some("array") if segment.parse::<usize>().is_ok() => schema.get("items"),
                _ => schema.get("properties")?.get(segment),
            }
        });
    }
    schema.is_some()
}

/// The schema behind a reference, or behind an `allOf` around one.
fn component<'a>(spec: Spec<'a>, schema: Node<'a>) -> Option<Node<'a>> {
    match schema.items("allOf").into_iter().next() {
        Some(only) => spec.resolve(only),
        None => spec.resolve(schema),
    }
}
