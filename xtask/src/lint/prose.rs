//! Descriptions and examples.

use crate::spec::{Node, Role};

use super::Findings;

/// Everything that becomes documentation of the client has a description.
pub(super) fn description(findings: &mut Findings<'_>) {
    let spec = findings.spec;
    let root = spec.root();
    let mut wanted: Vec<(String, Node<'_>)> = Vec::new();
    wanted.extend(root.get("info").map(|node| ("`info`".to_owned(), node)));
    for server in root.items("servers") {
        wanted.push(("the server".to_owned(), server));
    }
    for tag in root.items("tags") {
        wanted.push(("the tag".to_owned(), tag));
    }
    for (name, kind) in root.entries("x-ids") {
        wanted.push((format!("the kind of id `{name}`"), kind));
    }
    for operation in spec.operations() {
        if operation.node.text("summary").is_none_or(|text| text.trim().is_empty()) {
            findings.key(
                &operation.node.pointer,
                format!("{} has no summary", operation.label()),
                "add `summary`: one line that says what it does",
            );
        }
        for parameter in operation.node.items("parameters") {
            wanted.push((label("parameter", &parameter), parameter));
        }
        if let Some(body) = operation.node.get("requestBody") {
            wanted.push((format!("the body of {}", operation.label()), body));
        }
        for (status, response) in operation.node.entries("responses") {
            wanted.extend(headers(&response));
            wanted.push((format!("the answer {status}"), response));
        }
        wanted.push((operation.label(), operation.node));
    }
    for (section, kind) in [
        ("schemas", "schema"),
        ("parameters", "parameter"),
        ("responses", "answer"),
        ("securitySchemes", "secret"),
    ] {
        for (name, node) in spec.components(section) {
            wanted.extend(headers(&node));
            wanted.push((format!("the {kind} `{name}`"), node));
        }
    }
    for schema in spec.schemas() {
        if let Role::Property(name) = schema.role {
            wanted.push((format!("the property `{name}`"), schema.node));
        }
    }
    for (what, node) in wanted {
        let described = node.has("$ref")
            || !node.value.is_object()
            || node.text("description").is_some_and(|text| !text.trim().is_empty());
        if !described {
            findings.key(
                &node.pointer,
                format!("{what} has no description"),
                "add `description`, in words of our own",
            );
        }
    }
}

/// Parameters, headers, schemas and properties have an example.
pub(super) fn example(findings: &mut Findings<'_>) {
    let spec = findings.spec;
    let mut wanted: Vec<(String, Node<'_>)> = Vec::new();
    for operation in spec.operations() {
        for parameter in operation.node.items("parameters") {
            wanted.push((label("parameter", &parameter), parameter));
        }
        for (_, response) in operation.node.entries("responses") {
            wanted.extend(headers(&response));
        }
    }
    for (name, node) in spec.components("parameters") {
        wanted.push((format!("the parameter `{name}`"), node));
    }
    for (_, response) in spec.components("responses") {
        wanted.extend(headers(&response));
    }
    for schema in spec.schemas() {
        match schema.role {
            Role::Component(name) => wanted.push((format!("the schema `{name}`"), schema.node)),
            Role::Property(name) => wanted.push((format!("the property `{name}`"), schema.node)),
            _ => {}
        }
    }
    for (what, node) in wanted {
        if node.value.is_object() && !node.has("$ref") && !node.has("example") {
            findings.key(
                &node.pointer,
                format!("{what} has no example"),
                "add `example` with a value the service could send or take",
            );
        }
    }
}

fn headers<'a>(response: &Node<'a>) -> Vec<(String, Node<'a>)> {
    response
        .entries("headers")
        .into_iter()
        .map(|(name, header)| (format!("the header `{name}`"), header))
        .collect()
}

fn label(kind: &str, node: &Node<'_>) -> String {
    match node.text("name") {
        Some(name) => format!("the {kind} `{name}`"),
        None => format!("a {kind}"),
    }
}
