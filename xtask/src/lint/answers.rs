//! The answers of an operation: successes, which become its return type, and errors.

use crate::spec::{SCHEMA_PREFIX, placeholders};

use super::Findings;

/// Every operation has a success; statuses are exact, or `2XX` where nothing is known.
pub(super) fn success_response(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        let Some(responses) = operation.node.get("responses") else {
            continue;
        };
        let mut successes = Vec::new();
        for (status, node) in responses.members() {
            match status {
                "2XX" => successes.push((status, node)),
                "default" => findings.key(
                    &node.pointer,
                    "`default` says nothing: is it a success or an error?",
                    "name the statuses; errors that are not named reach the caller all the same",
                ),
                _ => match status.parse::<u16>() {
                    Ok(200..=208 | 226) if status.len() == 3 => successes.push((status, node)),
                    Ok(400..=599) if status.len() == 3 => {}
                    Ok(300..=399) => findings.key(
                        &node.pointer,
                        format!("a redirect ({status}) is not followed"),
                        "leave it out, and say in the description when it comes: it reaches the \
                         caller as an error with its status and its `Location`",
                    ),
                    _ => findings.key(
                        &node.pointer,
                        format!("`{status}` is no status that an answer can be told by"),
                        "write each status from 200 or from 400 on that is known, or `2XX` for a \
                         success whose status is not known",
                    ),
                },
            }
        }
        if successes.is_empty() {
            findings.key(
                &responses.pointer,
                format!("{} never succeeds", operation.label()),
                "add the status of its success, or `2XX` where it is not known",
            );
        }
        for (status, node) in &successes {
            if *status == "2XX" && successes.len() > 1 {
                findings.key(
                    &node.pointer,
                    "`2XX` beside an exact success status leaves open which of them holds",
                    "name all of them exactly, or none",
                );
            }
            let empty = matches!(*status, "204" | "205");
            let resolved = findings.spec.resolve(node.clone());
            if empty && resolved.is_some_and(|response| response.has("content")) {
                findings.key(
                    &node.pointer,
                    format!("an answer with status {status} has no body"),
                    "remove `content`, or name another status",
                );
            }
        }
    }
}

/// `x-optional-body` stands only on the single success of an operation.
pub(super) fn optional_body(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        let responses = findings.spec.responses(&operation);
        let successes = responses.iter().filter(|(status, _)| status.starts_with('2')).count();
        for (status, response) in responses {
            if !response.has("x-optional-body") {
                continue;
            }
            if !status.starts_with('2') || successes > 1 || !response.has("content") {
                findings.key(
                    &format!("{}/x-optional-body", response.pointer),
                    format!("the body of this {status} cannot be optional"),
                    "it is for the only success of an operation, and one that may have a body",
                );
            }
        }
    }
}

/// Every operation declares the errors that are always possible.
pub(super) fn error_responses(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        let Some(responses) = operation.node.get("responses") else {
            continue;
        };
        let mut wanted = vec![("401", "it takes a secret, which may be wrong")];
        if !placeholders(operation.path).is_empty() {
            wanted.push(("404", "it takes an id, which may not exist"));
        }
        if operation.node.has("requestBody") {
            wanted.push(("400", "it takes a body, which may be malformed"));
        }
        for (status, reason) in wanted {
            if !responses.has(status) {
                findings.key(
                    &responses.pointer,
                    format!("{} does not declare the error {status}", operation.label()),
                    format!("add `'{status}'`: {reason}"),
                );
            }
        }
    }
}

/// The schema that the client reads of an error.
const ERROR_SCHEMA: &str = "ApiError";

/// All errors have that schema.
pub(super) fn one_error_schema(findings: &mut Findings<'_>) {
    let wanted = format!("{SCHEMA_PREFIX}{ERROR_SCHEMA}");
    let hint = format!(
        "write `$ref: '{wanted}'`, or leave `content` out and describe the body in words: it \
         reaches the caller whole, as `Error::body`"
    );
    for operation in findings.spec.operations() {
        for (status, response) in findings.spec.responses(&operation) {
            if !status.starts_with(['4', '5']) {
                continue;
            }
            if !response.has("content") {
                continue;
            }
            let content = response.entries("content");
            let schema = match content.as_slice() {
                [("application/json", media)] => media.get("schema"),
                _ => {
                    findings.key(
                        &response.pointer,
                        "the client reads only one kind of error, as `application/json`",
                        &hint,
                    );
                    continue;
                }
            };
            if let Some(schema) = schema
                && schema.text("$ref") != Some(&wanted)
            {
                findings.value(
                    &schema.pointer,
                    format!("the client reads only `{ERROR_SCHEMA}` of an error"),
                    &hint,
                );
            }
        }
    }
}
