//! What the spec knows, the layer handles. A kind or a value that is new in the spec fails here,
//! until somebody has decided what the layer makes of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;
use xs2a::types::{SyncMode, WizardAction, WizardElement};
use xs2a::wizard::Form;

/// The kinds that show nothing beside them.
const WITHOUT_LABEL: [&str; 3] = ["hidden", "autosubmit", "logo"];

/// The kinds of elements, and an answer that each takes; none for what is only shown.
const KINDS: [(&str, Option<&str>); 20] = [
    ("text", Some("Erika")),
    ("password", Some("12345")),
    ("captcha", Some("x7")),
    ("flicker", Some("123456")),
    ("image", None),
    ("checkbox", Some("true")),
    ("radio", Some("0")),
    ("select", Some("0")),
    ("tabs", None),
    ("multi", Some("0")),
    ("redirect", None),
    ("help_text", None),
    ("paragraph", None),
    ("description", None),
    ("submit", None),
    ("hidden", Some("state")),
    ("autosubmit", None),
    ("restart", None),
    ("abort", None),
    ("logo", None),
];

/// A form with one element of a kind, which has all that any kind has.
fn form(kind: &str) -> Form {
    let options = match kind {
        "radio" => json!([{"label": "One"}]),
        _ => json!({"0": "One"}),
    };
    let element = json!({
        "type": kind, "name": "FIELD", "label": "Label", "title": "Label", "text": "Label", "code": [], "data": "",
        "url": "https://bank.example", "options": options, "tabs": ["One"],
        "elements": [{"label": "One", "value": "0", "elements": []}],
    });
    let form = json!({"form": {"name": "login", "elements": [element]}, "message": null});
    serde_json::from_value(form).unwrap_or_else(|error| {
        panic!("`{kind}` needs more than the element in this test has: {error}")
    })
}

#[test]
fn every_kind_of_element_is_shown_and_answered() {
    for kind in WizardElement::KNOWN {
        let (_, answer) = KINDS.iter().find(|(known, _)| known == kind).unwrap_or_else(|| {
            panic!("`{kind}` is new: handle it in src/wizard/, then say here what it takes")
        });
        let form = form(kind);
        let element = form.elements().next().unwrap();
        assert_eq!(element.kind(), *kind);
        let label = (!WITHOUT_LABEL.contains(kind)).then_some("Label");
        assert_eq!(element.label(), label, "form.rs shows no label of `{kind}`");
        assert_eq!(element.name(), answer.map(|_| "FIELD"), "whether `{kind}` takes an answer");
        if let Some(answer) = answer {
            let answers = form.answers().fill([("FIELD", *answer)]);
            assert!(answers.is_ok(), "answers.rs takes no answer to `{kind}`: {answers:?}");
        }
    }
}

#[test]
fn every_mode_of_a_sync_has_its_rules() {
    let known = [SyncMode::Full, SyncMode::Shared, SyncMode::None];
    assert_eq!(SyncMode::KNOWN, known, "a mode is new: its rules belong into src/sync/state.rs");
}

#[test]
fn every_action_of_the_wizard_has_a_method() {
    let known = [
        WizardAction::Back,
        WizardAction::SwitchLoginTabs,
        WizardAction::Poll,
        WizardAction::ChangeLanguage,
        WizardAction::Abort,
    ];
    assert_eq!(WizardAction::KNOWN, known, "an action is new: src/wizard/calls.rs should offer it");
}
