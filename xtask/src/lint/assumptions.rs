//! Facts that the documentation of the service does not give are marked `x-assumed`.

use super::Findings;

/// What the documentation does not say, or whose meaning is guessed: its place, and the assumption.
/// The list is kept by hand. An entry is removed when it was checked against the service.
const ASSUMED: &[(&str, &str)] = &[
    (
        "/components/schemas/Connection/properties/sync_message",
        "how a connection without a failure says that there is none",
    ),
    (
        "/components/schemas/Connection/properties/sync_fail_counter",
        "that manual syncs count too, and that a success sets it to 0",
    ),
    (
        "/components/schemas/Connection/properties/last_synced",
        "how a connection that was never synced says so, and that a failure does not move it",
    ),
    (
        "/components/schemas/AccessToken/properties/valid_until",
        "that its clock is that of Europe/Berlin",
    ),
    (
        "/components/schemas/CreateAccessTokenRequest/properties/valid_until",
        "that its clock is that of Europe/Berlin",
    ),
    (
        "/components/schemas/RefreshAccessTokenRequest/properties/valid_until",
        "that its clock is that of Europe/Berlin",
    ),
    (
        "/components/schemas/WizardResponse/properties/additional_data",
        "that it hands over our half of the credentials",
    ),
    ("/components/schemas/AdditionalData", "what its keys are"),
    ("/components/schemas/ApiError/properties/errors", "that errors may name fields"),
    (
        "/components/schemas/WizardResponse/properties/recoverable",
        "that it stands beside an error that is a code",
    ),
    ("/components/schemas/WizardError/properties/code", "that an error may be a code, and which"),
    ("/components/schemas/TabsElement/properties/action", "that it names the action to send"),
    ("/components/schemas/HiddenElement", "that its value is sent back"),
    ("/components/schemas/ParagraphElement", "how it looks on the wire"),
    ("/components/schemas/DescriptionElement", "how it looks on the wire"),
    ("/components/schemas/SubmitElement", "how it looks on the wire"),
    ("/components/schemas/AutosubmitElement", "that its interval is in milliseconds"),
    ("/components/schemas/RestartElement", "how it looks on the wire"),
    ("/components/schemas/AbortElement", "how it looks on the wire"),
    ("/components/schemas/LogoElement", "how it looks on the wire"),
    ("/components/schemas/Event/properties/type", "what the events of a connection are called"),
    ("/components/responses/BadRequest", "the status that refuses a malformed body"),
    ("/components/responses/ValidationFailed", "the status that refuses a value of the request"),
    ("/components/responses/RefusedByState", "how a call is refused that the rules forbid"),
    ("/components/responses/TooManyRequests", "that the service limits its callers so"),
    (
        "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/parameters/1",
        "that tokens come in pages, asked for by number",
    ),
    (
        "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/parameters/2",
        "that the size of a page of tokens can be chosen",
    ),
    (
        "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/responses/200",
        "that the list of tokens is a page",
    ),
];

/// What inputs can say beside what is documented, and which of them may say it.
const OF_INPUTS: &[(&str, &[&str])] = &[
    ("TextElement", &["placeholder", "maxlength", "disabled"]),
    ("PasswordElement", &["placeholder", "maxlength", "disabled"]),
    ("CaptchaElement", &["placeholder", "maxlength", "disabled"]),
    ("FlickerElement", &["placeholder", "maxlength", "disabled"]),
    ("CheckboxElement", &["disabled"]),
    ("RadioElement", &["disabled"]),
    ("SelectElement", &["disabled"]),
];

/// All assumptions, each with its place.
pub(crate) fn assumptions() -> impl Iterator<Item = (String, &'static str)> {
    let single = ASSUMED.iter().map(|(place, assumed)| ((*place).to_owned(), *assumed));
    let of_inputs = OF_INPUTS.iter().flat_map(|(schema, properties)| {
        let place = move |property| format!("/components/schemas/{schema}/properties/{property}");
        properties.iter().map(move |property| (place(property), "that an input can say it"))
    });
    single.chain(of_inputs)
}

/// Every known assumption is marked.
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
        }
    }
    for (place, assumed) in assumptions() {
        let node = findings.spec.document.value().pointer(&place);
        if node.is_some_and(|node| node.get("x-assumed") != Some(&true.into())) {
            findings.key(&place, format!("this is assumed: {assumed}"), "add `x-assumed: true`");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::document::{Document, child};

    /// The places of all marks, without those of a `2XX`, whose status is an assumption anyway.
    fn marks(value: &Value, at: &str, found: &mut BTreeSet<String>) {
        let inner: Vec<(String, &Value)> = match value {
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
            }
            _ => return,
        };
        if value.get("x-assumed").is_some() && !at.ends_with("/2XX") {
            found.insert(at.to_owned());
        }
        for (key, value) in inner {
            marks(value, &child(at, &key), found);
        }
    }

    #[test]
    fn the_entries_are_exactly_what_the_spec_marks() {
        let text = include_str!("../../../spec/xs2a.yaml");
        let document = Document::parse("spec/xs2a.yaml", text).unwrap();
        let mut marked = BTreeSet::new();
        marks(document.value(), "", &mut marked);
        let entries = assumptions().map(|(place, _)| place).collect();
        assert_eq!(marked, entries);
    }
}
