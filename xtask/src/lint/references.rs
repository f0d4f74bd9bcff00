//! References lead to components and stand alone, and every component is used.

use crate::spec::{Node, references_from};

use super::Findings;

/// Every `$ref` leads to a component of the section that belongs at its place.
pub(super) fn unknown_ref(findings: &mut Findings<'_>) {
    for (section, node) in references(findings) {
        let Some(reference) = node.text("$ref") else {
            continue;
        };
        let pointer = format!("{}/$ref", node.pointer);
        let prefix = format!("#/components/{section}/");
        let name = reference.strip_prefix(&prefix);
        let is_name = name.is_some_and(|name| !name.contains('/'));
        if is_name && findings.spec.resolve(node.clone()).is_some() {
            continue;
        }
        let known = findings.spec.components(section);
        match name {
            None => findings.value(
                &pointer,
                format!("the reference `{reference}` does not lead to `{prefix}…`"),
                format!("only components of this file can be referred to here, as `{prefix}NAME`"),
            ),
            Some(name) => {
                let hint = match nearest(name, known.iter().map(|(name, _)| *name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("add `{name}` to `components.{section}`"),
                };
                findings.value(
                    &pointer,
                    format!("there is no `{name}` in `components.{section}`"),
                    hint,
                );
            }
        }
    }
    for schema in findings.spec.schemas() {
        for (tag, target) in discriminator_mapping(&schema.node) {
            let listed = schema
                .node
                .items("oneOf")
                .iter()
                .any(|variant| variant.text("$ref") == target.value.as_str());
            if !listed {
                findings.value(
                    &target.pointer,
                    format!("the tag `{tag}` does not lead to a schema of this `oneOf`"),
                    "write the reference just as it stands in the list",
                );
            }
        }
    }
}

/// Nothing stands beside a `$ref`.
pub(super) fn ref_siblings(findings: &mut Findings<'_>) {
    for (_, node) in references(findings) {
        for (name, member) in node.members() {
            if name != "$ref" {
                // The finding is about the whole object, and is shown at the sibling.
                findings.places.push((findings.rule, node.pointer.clone()));
                findings.key(
                    &member.pointer,
                    format!("`{name}` beside a `$ref` is ignored"),
                    "wrap the reference: `allOf: [$ref: …]`, or move this into the component",
                );
            }
        }
    }
}

/// An operation uses every component, directly or through other components.
pub(super) fn unused(findings: &mut Findings<'_>) {
    if findings.is_malformed() {
        // A misspelt key may be the one that uses it.
        return;
    }
    let spec = findings.spec;
    let paths = spec.root().get("paths").map(|paths| paths.value);
    let used = references_from(spec.document.value(), paths);
    for section in ["schemas", "parameters", "responses"] {
        for (name, node) in spec.components(section) {
            if !used.contains(format!("#/components/{section}/{name}").as_str()) {
                findings.key(
                    &node.pointer,
                    format!("no operation uses `{name}`"),
                    "use it or remove it",
                );
            }
        }
    }
    let operations = spec.operations();
    for (name, node) in spec.components("securitySchemes") {
        let wanted = operations
            .iter()
            .flat_map(|operation| operation.node.items("security"))
            .any(|security| security.has(name));
        if !wanted {
            findings.key(
                &node.pointer,
                format!("no operation uses `{name}`"),
                "use it or remove it",
            );
        }
    }
    for tag in spec.root().items("tags") {
        let Some(name) = tag.text("name") else {
            continue;
        };
        let wanted =
            operations.iter().any(|operation| operation.node.texts("tags").contains(&name));
        if !wanted {
            findings.value(
                &format!("{}/name", tag.pointer),
                format!("no operation uses the tag `{name}`"),
                "use it or remove it",
            );
        }
    }
}

/// Every object with a `$ref` at a place where references may stand, and the section of the components
/// that the reference has to lead to.
fn references<'a>(findings: &Findings<'a>) -> Vec<(&'static str, Node<'a>)> {
    let spec = findings.spec;
    let mut found = Vec::new();
    for operation in spec.operations() {
        for parameter in operation.node.items("parameters") {
            found.push(("parameters", parameter));
        }
        for (_, response) in operation.node.entries("responses") {
            found.push(("responses", response));
        }
    }
    for schema in spec.schemas() {
        found.push(("schemas", schema.node));
    }
    found.retain(|(_, node)| node.has("$ref"));
    found
}

fn discriminator_mapping<'a>(schema: &Node<'a>) -> Vec<(&'a str, Node<'a>)> {
    schema
        .get("discriminator")
        .map(|discriminator| discriminator.entries("mapping"))
        .unwrap_or_default()
}

/// The candidate that was probably meant, if one is similar enough.
pub(super) fn nearest<'n>(
    name: &str,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    candidates
        .into_iter()
        .map(|candidate| {
            let ratio = similar::TextDiff::from_chars(
                name.to_lowercase().as_str(),
                candidate.to_lowercase().as_str(),
            )
            .ratio();
            (ratio, candidate)
        })
        .filter(|(ratio, _)| *ratio > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}
