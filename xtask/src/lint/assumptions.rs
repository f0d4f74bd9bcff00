//! What the service's documentation leaves open is marked `x-assumed`.

use super::Findings;

/// Properties that are in no documentation, or whose meaning is guessed: schema, property, and
/// what is assumed. Kept by hand: an entry goes the day it is checked against the service.
const PROPERTIES: &[(&str, &str, &str)] = &[
    ("Connection", "sync_message", "how a connection without a failure says that there is none"),
    (
        "Connection",
        "sync_fail_counter",
        "that manual syncs count too, and that a success sets it to 0",
    ),
    (
        "Connection",
        "last_synced",
        "how a connection that was never synced says so, and that a failure does not move it",
    ),
    ("AccessToken", "valid_until", "that its clock is that of Europe/Berlin"),
    ("CreateAccessTokenRequest", "valid_until", "that its clock is that of Europe/Berlin"),
    ("RefreshAccessTokenRequest", "valid_until", "that its clock is that of Europe/Berlin"),
    ("WizardResponse", "additional_data", "that it hands over our half of the credentials"),
    ("Event", "type", "what the events of a connection are called"),
];

/// Answers that are in no documentation: operation, status, and what is assumed.
const ANSWERS: &[(&str, &str, &str)] =
    &[("sync_connection", "422", "how a sync is refused that the rules forbid")];

/// Answers and properties that are known to be assumptions are marked.
pub(super) fn check(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        for (status, response) in findings.spec.responses(&operation) {
            if status == "2XX" && !response.flag("x-assumed") {
                findings.key(
                    &response.pointer,
                    format!("which success {} answers with is an assumption", operation.label()),
                    "add `x-assumed: true`, or the exact status if it is known by now",
                );
            }
            let known =
                ANSWERS.iter().find(|(id, of, _)| operation.id() == Some(id) && status == *of);
            if let Some((id, _, assumed)) = known
                && !response.flag("x-assumed")
            {
                findings.key(
                    &response.pointer,
                    format!("the {status} of `{id}` is assumed: {assumed}"),
                    "add `x-assumed: true`",
                );
            }
        }
    }
    let schemas = findings.spec.components("schemas");
    for (schema, property, assumed) in PROPERTIES {
        let node = schemas
            .iter()
            .find(|(name, _)| name == schema)
            .and_then(|(_, node)| node.get("properties")?.get(property));
        if let Some(node) = node
            && !node.flag("x-assumed")
        {
            findings.key(
                &node.pointer,
                format!("`{property}` of `{schema}` is assumed: {assumed}"),
                "add `x-assumed: true`",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::spec::Spec;

    #[test]
    fn every_entry_names_something_in_the_spec() {
        let text = include_str!("../../../spec/xs2a.yaml");
        let document = Document::parse("spec/xs2a.yaml", text).unwrap();
        let spec = Spec::new(&document);
        for (schema, property, _) in PROPERTIES {
            let schemas = spec.components("schemas");
            let (_, node) = schemas.iter().find(|(name, _)| name == schema).unwrap();
            assert!(node.get("properties").unwrap().has(property), "{schema}::{property}");
        }
        for (id, status, _) in ANSWERS {
            let operations = spec.operations();
            let operation = operations.iter().find(|o| o.id() == Some(*id)).unwrap();
            assert!(operation.node.get("responses").unwrap().has(status), "{id} {status}");
        }
    }
}
