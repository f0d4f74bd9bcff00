//! What the service's documentation leaves open is marked `x-assumed`.

use super::Findings;

/// Properties that are in no documentation, or whose meaning is guessed: schema, property, and
/// what is assumed. Kept by hand: an entry goes the day it is checked against the service.
const PROPERTIES: &[(&str, &str, &str)] = &[
    (
        "Connection",
        "sync_message",
        "how a connection without a failure says that there is none",
    ),
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
];

/// Successes and properties that are known to be assumptions are marked.
pub(super) fn check(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        for (status, response) in findings.spec.responses(&operation) {
            if status == "2XX" && !response.flag("x-assumed") {
                findings.key(
                    &response.pointer,
                    format!(
                        "which success {} answers with is an assumption",
                        operation.label()
                    ),
                    "add `x-assumed: true`, or the exact status if it is known by now",
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
