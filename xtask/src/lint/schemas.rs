//! What a schema says beyond its shape: names, open enumerations, numbers, times, secrets.

use serde_json::Value;

use crate::api::FLAG;
use crate::spec::{Node, Role, SCHEMA_PREFIX};

use super::Findings;

/// Objects and enumerations have names, and bodies are references to them.
pub(super) fn named(findings: &mut Findings<'_>) {
    for schema in findings.spec.schemas() {
        let node = &schema.node;
        // A schema that nothing reads or sends needs no name, and what inherits is another rule's.
        if matches!(schema.role, Role::Component(_) | Role::Wrapped)
            || node.has("$ref")
            || is_never_typed(&node.pointer)
        {
            continue;
        }
        let kind = if node.has("enum") {
            if node.items("enum").iter().any(|value| !value.value.is_string()) {
                continue;
            }
            "an enumeration"
        } else if node.has("oneOf") {
            "a union"
        } else if node.has("properties") {
            "an object with properties"
        } else if schema.role == Role::Variant {
            "a variant of a union"
        } else {
            continue;
        };
        findings.key(
            &node.pointer,
            format!("{kind} needs a name"),
            format!("move it to `components.schemas` and write `$ref: '{SCHEMA_PREFIX}NAME'` here"),
        );
    }
    for schema in findings.spec.schemas() {
        let json = schema.role == Role::Body
            && schema.node.pointer.contains("/application~1json/")
            && !is_never_typed(&schema.node.pointer);
        let kind = schema.node.text("type");
        // A body with several media types is handed on as bytes, whatever its schema.
        let alone = !schema.node.pointer.contains("/content/")
            || media_types(findings, &schema.node.pointer) == 1;
        let inline = !schema.node.has("$ref") && !schema.node.has("properties");
        if json && alone && inline && !schema.node.has("enum") && !schema.node.has("oneOf") {
            let sent = schema.node.pointer.contains("/requestBody/");
            match kind {
                // As a component it would be refused.
                Some(kind) if kind != "object" => findings.key(
                    &schema.node.pointer,
                    format!("a body that is no object (its type is {kind}) has no type in Rust"),
                    if sent {
                        "leave the operation out: callers send it with an HTTP client of their own"
                    } else {
                        "write `'*/*'` in place of `application/json`: the answer then reaches \
                         the caller as it is, as bytes"
                    },
                ),
                _ => findings.key(
                    &schema.node.pointer,
                    "a body needs a schema with a name",
                    format!(
                        "move it to `components.schemas` and write `$ref: '{SCHEMA_PREFIX}NAME'` \
                         here"
                    ),
                ),
            }
        }
    }
}

/// Whether a schema is for a body of an operation that the client has no type for: that of an
/// error, or a request that is not JSON.
fn is_never_typed(pointer: &str) -> bool {
    let mut parts = pointer.split('/').skip(4);
    match (parts.next(), parts.next(), parts.next()) {
        (Some("responses"), Some(status), _) => status.starts_with(['4', '5']),
        (Some("requestBody"), Some("content"), Some(media)) => media != "application~1json",
        _ => false,
    }
}

/// The number of media types of the body whose schema is at this pointer.
fn media_types(findings: &Findings<'_>, pointer: &str) -> usize {
    let content = pointer
        .rsplitn(3, '/')
        .last()
        .and_then(|content| findings.spec.document.value().pointer(content));
    content.and_then(Value::as_object).map_or(0, |map| map.len())
}

/// Every required property is declared.
pub(super) fn required_properties(findings: &mut Findings<'_>) {
    for schema in findings.spec.schemas() {
        let properties = schema.node.get("properties");
        let mut seen = Vec::new();
        if findings.misspells(&schema.node, "properties") {
            continue;
        }
        for item in schema.node.items("required") {
            let Some(name) = item.value.as_str() else {
                continue;
            };
            if !properties.as_ref().is_some_and(|declared| declared.has(name)) {
                findings.value(
                    &item.pointer,
                    format!("`{name}` is required but there is no such property"),
                    "add the property or remove the name",
                );
            }
            if seen.contains(&name) {
                findings.value(
                    &item.pointer,
                    format!("`{name}` is required twice"),
                    "remove one of the two",
                );
            }
            seen.push(name);
        }
    }
}

/// Enumerations that the server sends are open.
pub(super) fn open_enum(findings: &mut Findings<'_>) {
    let spec = findings.spec;
    let received = spec.reachable(spec.response_schemas());
    for (name, node) in spec.components("schemas") {
        if node.has("enum") && received.contains(&name) && !node.flag("x-extensible-enum") {
            findings.key(
                &node.pointer,
                format!("the server sends `{name}`, and it is closed"),
                "add `x-extensible-enum: true`",
            );
        }
    }
}

/// Numbers are decimals, and integers have a size.
pub(super) fn number_format(findings: &mut Findings<'_>) {
    for schema in findings.spec.schemas() {
        let node = &schema.node;
        if node.has("enum") {
            // That numbers are listed is what is wrong.
            continue;
        }
        let wanted = match (node.text("type"), node.text("format")) {
            (Some("number"), format) if format != Some("decimal") => "format: decimal",
            (Some("integer"), Some(FLAG)) if schema.role == Role::Parameter => continue,
            (Some("integer"), format) if !matches!(format, Some("int32" | "int64")) => {
                "format: int32` or `format: int64"
            }
            _ => continue,
        };
        findings.key(
            &node.pointer,
            format!("{} does not say how large or exact it is", what(&schema.role)),
            format!("write `{wanted}`"),
        );
    }
}

/// `nullable` has a `type` beside it.
pub(super) fn nullable_type(findings: &mut Findings<'_>) {
    for schema in findings.spec.schemas() {
        let node = &schema.node;
        if !node.flag("nullable") || ["type", "oneOf", "$ref"].iter().any(|key| node.has(key)) {
            continue;
        }
        let component = node
            .items("allOf")
            .first()
            .and_then(|one| findings.spec.resolve(one.clone()))
            .map(|component| if component.has("enum") { "string" } else { "object" });
        findings.key(
            &format!("{}/nullable", node.pointer),
            format!("{} is nullable without a `type`, which means nothing", what(&schema.role)),
            match component {
                Some(kind) => format!("add `type: {kind}`, which is that of its component"),
                None => "add its `type`; where it may be anything, remove `nullable`".to_owned(),
            },
        );
    }
}

/// What stands around entries and elements costs none of them.
pub(super) fn frame(findings: &mut Findings<'_>) {
    let spec = findings.spec;
    let is_frame = |node: &Node<'_>| {
        let one = node.items("allOf").into_iter().next().unwrap_or_else(|| node.clone());
        spec.resolve(one).is_some_and(|component| component.flag("x-frame"))
    };
    for (name, schema) in spec.components("schemas") {
        let required = schema.texts("required");
        for (property, node) in schema.entries("properties") {
            let kind = node.text("type");
            let items = node.get("items").filter(|items| items.has("$ref"));
            let component = items.and_then(|items| spec.resolve(items));
            let of_objects = component.is_some_and(|component| component.has("properties"));
            let (message, hint) = if !schema.flag("x-frame") {
                if !node.flag("x-entries") {
                    continue;
                }
                (
                    format!("`{property}` has entries, and `{name}` is no frame around them"),
                    format!("add `x-frame: true` to `{name}`, or remove `x-entries`"),
                )
            } else if of_objects && !node.flag("x-entries") {
                (
                    format!("one entry of `{property}` that cannot be read would cost them all"),
                    "add `x-entries: true`".to_owned(),
                )
            } else if required.contains(&property)
                && !matches!(kind, Some("array"))
                && !is_frame(&node)
            {
                (
                    format!(
                        "`{property}` is required: without it, nothing in `{name}` can be read"
                    ),
                    "remove it from `required`; it is then absent where it cannot be read"
                        .to_owned(),
                )
            } else {
                continue;
            };
            findings.key(&node.pointer, message, hint);
        }
    }
}

/// Bodies contain local times, and queries contain instants.
pub(super) fn date_time(findings: &mut Findings<'_>) {
    for schema in findings.spec.schemas() {
        let in_query = schema.role == Role::Parameter;
        let hint = match (schema.node.text("format"), in_query) {
            (Some("date-time"), false) => "write `format: local-date-time`: bodies have no offset",
            (Some("local-date-time"), true) => "write `format: date-time`: queries have an offset",
            _ => continue,
        };
        findings.value(
            &format!("{}/format", schema.node.pointer),
            format!("{} has the wrong kind of time", what(&schema.role)),
            hint,
        );
    }
}

/// The names of properties and parameters that hold secrets.
const SECRETS: [&str; 5] = ["token", "credentials", "wizard_session_key", "password", "pin"];

/// Every property that holds a secret has the format `password`, and no parameter holds one.
pub(super) fn secret(findings: &mut Findings<'_>) {
    for schema in findings.spec.schemas() {
        if let Role::Property(name) = schema.role
            && SECRETS.contains(&name)
            && schema.node.text("format") != Some("password")
        {
            findings.key(
                &schema.node.pointer,
                format!("`{name}` holds a secret and would be printed"),
                "write `type: string` and `format: password`",
            );
        }
    }
    let spec = findings.spec;
    let shared = spec.components("parameters").into_iter().map(|(_, parameter)| parameter);
    let own = spec.operations();
    let own = own.iter().flat_map(|operation| operation.node.items("parameters"));
    for parameter in shared.chain(own) {
        if let Some(name) = parameter.text("name").filter(|name| SECRETS.contains(name)) {
            findings.key(
                &parameter.pointer,
                format!("`{name}` holds a secret, and addresses are logged"),
                "send it in the body, with `format: password`",
            );
        }
    }
}

/// Nothing in a body has a default.
pub(super) fn request_default(findings: &mut Findings<'_>) {
    for schema in findings.spec.schemas() {
        if schema.role != Role::Parameter && schema.node.has("default") {
            findings.key(
                &format!("{}/default", schema.node.pointer),
                format!("{} has a default", what(&schema.role)),
                "say in the description what the service takes when it is left out",
            );
        }
    }
}

fn what(role: &Role<'_>) -> String {
    match role {
        Role::Component(name) | Role::Property(name) => format!("`{name}`"),
        Role::Element => "an element".to_owned(),
        Role::Wrapped | Role::Variant => "a schema".to_owned(),
        Role::Parameter => "a parameter".to_owned(),
        Role::Body => "a body".to_owned(),
    }
}
