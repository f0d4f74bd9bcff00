//! What the spec says of single names: what they are in Rust, and that they should not be used.

use crate::spec::{Node, Role};

use super::Findings;

/// Whoever is warned learns what to do instead, and where the warning can be given.
pub(super) fn deprecated(findings: &mut Findings<'_>) {
    for (place, node) in places(findings) {
        let (deprecated, reason) = ("deprecated", "x-deprecated-reason");
        if !node.has(deprecated) && !node.has(reason) {
            continue;
        }
        if !place.can_be_deprecated {
            findings.key(
                &format!("{}/{deprecated}", node.pointer),
                format!("{} cannot be deprecated by itself", place.what),
                "deprecate the operations, query parameters, properties or values that lead to it",
            );
        } else if !node.has(deprecated) {
            findings.key(
                &format!("{}/{reason}", node.pointer),
                format!("{} has a reason to be deprecated, and is not", place.what),
                "add `deprecated: true`, or remove the reason",
            );
        } else if node.text(reason).is_none_or(|text| text.trim().is_empty()) {
            findings.key(
                &format!("{}/{deprecated}", node.pointer),
                format!("{} is deprecated without a reason", place.what),
                "add `x-deprecated-reason`, which says what to use instead",
            );
        }
    }
}

/// A name in Rust can be chosen where a name on the wire would become one.
pub(super) fn rust_name(findings: &mut Findings<'_>) {
    for (place, node) in places(findings) {
        if node.has("x-rust-name") && !place.has_rust_name {
            findings.key(
                &format!("{}/x-rust-name", node.pointer),
                format!(
                    "{} has no name on the wire, so its own name is the one in Rust",
                    place.what
                ),
                "remove it, and rename what it stands at",
            );
        }
    }
}

/// Something that has a name, and what can be said of that.
struct Place {
    what: String,
    can_be_deprecated: bool,
    has_rust_name: bool,
}

fn places<'a>(findings: &Findings<'a>) -> Vec<(Place, Node<'a>)> {
    let spec = findings.spec;
    let mut places = Vec::new();
    let mut parameters: Vec<Node<'a>> =
        spec.components("parameters").into_iter().map(|(_, node)| node).collect();
    for operation in spec.operations() {
        parameters.extend(operation.node.items("parameters"));
        let place =
            Place { what: operation.label(), can_be_deprecated: true, has_rust_name: false };
        places.push((place, operation.node));
    }
    for parameter in parameters {
        let what = match parameter.text("name") {
            Some(name) => format!("the parameter `{name}`"),
            None => "a parameter".to_owned(),
        };
        let in_query = parameter.text("in") == Some("query");
        places.push((
            Place { what, can_be_deprecated: in_query, has_rust_name: in_query },
            parameter,
        ));
    }
    for schema in spec.schemas() {
        let is_property = matches!(schema.role, Role::Property(_));
        let what = match schema.role {
            Role::Property(name) => format!("the property `{name}`"),
            Role::Component(name) => format!("the schema `{name}`"),
            _ => "a schema".to_owned(),
        };
        for (value, node) in schema.node.entries("x-values") {
            let what = format!("the value `{value}`");
            places.push((Place { what, can_be_deprecated: true, has_rust_name: true }, node));
        }
        places.push((
            Place { what, can_be_deprecated: is_property, has_rust_name: is_property },
            schema.node,
        ));
    }
    places
}
