//! The kinds of ids.

use std::collections::BTreeSet;

use heck::{ToKebabCase, ToSnakeCase};

use crate::api::NO_KIND;
use crate::spec::{Node, Role};

use super::Findings;
use super::references::nearest;

/// The types that are no strings.
const OTHERS: [&str; 5] = ["integer", "number", "boolean", "object", "array"];

/// Every id names its kind, and every kind is declared and used.
pub(super) fn check(findings: &mut Findings<'_>) {
    let kinds = findings.spec.root().entries("x-ids");
    let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
    declared(findings, &kinds, &names);
    let mut used = BTreeSet::new();
    for schema in findings.spec.schemas() {
        if let Some(kind) = schema.node.get("x-id") {
            // An unknown type is a finding of its own.
            let other = schema.node.text("type").is_none_or(|name| OTHERS.contains(&name));
            if other || schema.node.has("format") || schema.node.has("enum") {
                findings.key(
                    &kind.pointer,
                    "only a string without a format is an id",
                    "remove `x-id`, or write `type: string` and no format",
                );
            }
            if let Some(kind_name) = kind.value.as_str() {
                used.insert(kind_name);
                if kind_name != NO_KIND && !names.contains(&kind_name) {
                    let hint = suggestion(kind_name, &names);
                    let message = format!("there is no kind of id `{kind_name}` in `x-ids`");
                    findings.value(&kind.pointer, message, hint);
                }
            }
        }
    }
    for (name, at, schema) in named(findings) {
        if !is_id(name, &names) {
            continue;
        }
        match schema.text("type") {
            // A secret is no id, whatever its name.
            Some("string") if schema.text("format") == Some("password") => {}
            Some("string") if !schema.has("x-id") => {
                findings.key(
                    &at,
                    format!("`{name}` does not say what it identifies"),
                    "add `x-id` with a kind that `x-ids` declares, or `x-id: none` for a code that \
                     identifies nothing of the service",
                );
            }
            Some("integer" | "number" | "boolean") => findings.key(
                &at,
                format!("`{name}` is an id, and not a string"),
                "write `type: string`: an id that comes as a number is read as its text",
            ),
            _ => {}
        }
    }
    if findings.is_malformed() {
        // What a misspelt key hides may use a kind.
        return;
    }
    for (name, kind) in &kinds {
        let accepting = kinds.iter().any(|(_, kind)| kind.texts("accepts").contains(name));
        if !used.contains(name) && !accepting {
            findings.key(
                &kind.pointer,
                format!("no id is of the kind `{name}`"),
                "use it as an `x-id`, or remove it",
            );
        }
    }
}

/// The declarations of the kinds.
fn declared(findings: &mut Findings<'_>, kinds: &[(&str, Node<'_>)], names: &[&str]) {
    for (name, kind) in kinds {
        if *name == NO_KIND || name.to_kebab_case() != *name {
            findings.key(
                &kind.pointer,
                format!("`{name}` cannot be a kind of id"),
                "write it in kebab-case; `none` says that something is no id",
            );
        }
        if kind.has("accepts") != name.ends_with("-key") {
            findings.key(
                &kind.pointer,
                format!("the name of `{name}` does not tell whether it takes ids of other kinds"),
                "a kind that takes others ends in `-key` and lists them under `accepts`",
            );
        }
        let mut seen = Vec::new();
        for item in kind.items("accepts") {
            let Some(accepted) = item.value.as_str() else {
                continue;
            };
            if !names.contains(&accepted) || accepted.ends_with("-key") {
                let hint = match accepted.ends_with("-key") {
                    true => "list the kinds that it takes itself".to_owned(),
                    false => suggestion(accepted, names),
                };
                findings.value(
                    &item.pointer,
                    format!("`{accepted}` is no kind of id that another one can take"),
                    hint,
                );
            } else if seen.contains(&accepted) {
                let message = format!("`{accepted}` stands here a second time");
                findings.value(&item.pointer, message, "remove one of the two");
            }
            seen.push(accepted);
        }
    }
}

fn suggestion(kind: &str, names: &[&str]) -> String {
    let known = names.iter().copied().filter(|name| *name != kind);
    match nearest(kind, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare `{kind}` under `x-ids`, with a description"),
    }
}

/// Every property and parameter: its name, its place in a diagnostic, and its schema.
fn named<'a>(findings: &Findings<'a>) -> Vec<(&'a str, String, Node<'a>)> {
    let spec = findings.spec;
    let mut found = Vec::new();
    for schema in spec.schemas() {
        if let Role::Property(name) = schema.role {
            found.push((name, schema.node.pointer.clone(), schema.node));
        }
    }
    let shared = spec.components("parameters").into_iter().map(|(_, parameter)| parameter);
    let operations = spec.operations();
    let own = operations.iter().flat_map(|operation| operation.node.items("parameters"));
    let supported = |parameter: &Node<'a>| matches!(parameter.text("in"), Some("path" | "query"));
    for parameter in shared.chain(own).filter(supported) {
        if let (Some(name), Some(schema)) = (parameter.text("name"), parameter.get("schema")) {
            found.push((name, parameter.pointer, schema));
        }
    }
    found
}

/// Whether a property or parameter of this name is an id, or may be taken for one.
fn is_id(name: &str, kinds: &[&str]) -> bool {
    let name = name.to_snake_case();
    name == "id" || name.ends_with("_id") || kinds.iter().any(|kind| kind.to_snake_case() == name)
}
