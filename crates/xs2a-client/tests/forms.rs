//! Forms of the wizard as the service, its gateways and its other clients know them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use xs2a_client::types::{WizardAction, WizardElement, WizardError, WizardForm, WizardResponse};
use xs2a_client::wire::decode;
use xs2a_client::{Secret, UnknownVariant, secret};

fn read(answer: &Value) -> WizardResponse {
    decode(answer.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// The first element of a form, beside an element that can always be read.
#[track_caller]
fn element(element: Value) -> WizardElement {
    let answer = read(&json!({"form": {"name": "x", "elements": [
        element,
        {"type": "text", "name": "USER_NAME"},
    ]}}));
    let [element, WizardElement::Text(_)] = &*answer.form.unwrap().elements else {
        panic!("not two elements")
    };
    element.clone()
}

/// The element as a kind, or else a panic that shows it.
macro_rules! known {
    ($kind:ident, $json:expr) => {
        match element($json) {
            WizardElement::$kind(element) => element,
            other => panic!("{other:?}"),
        }
    };
}

#[track_caller]
fn unknown(json: Value) -> UnknownVariant {
    match element(json) {
        WizardElement::Unknown(unknown) => unknown,
        known => panic!("{known:?}"),
    }
}

#[test]
fn the_options_of_a_radio_are_objects_or_texts_in_a_list_or_a_map() {
    for (options, keys) in [
        (
            json!([{"label": "App", "disabled": false}, {"label": "SMS", "disabled": "1"}]),
            ["0", "1"],
        ),
        (json!(["App", "SMS"]), ["0", "1"]),
        (json!([{"label": "App"}, "SMS"]), ["0", "1"]),
        (json!({"a": "App", "s": "SMS"}), ["a", "s"]),
        (json!({"a": {"label": "App"}, "s": {"label": "SMS"}}), ["a", "s"]),
    ] {
        let radio = known!(Radio, json!({"type": "radio", "name": "m", "options": options}));
        let labels: Vec<_> = radio.options.values().filter_map(|it| it.label.as_deref()).collect();
        assert_eq!(labels, ["App", "SMS"], "{options}");
        assert!(radio.options.keys().eq(keys), "{options}");
    }
    for nothing in [json!(null), json!(false), json!([]), json!("")] {
        let radio = known!(Radio, json!({"type": "radio", "name": "m", "options": nothing}));
        assert!(radio.options.is_empty());
    }
    assert!(known!(Radio, json!({"type": "radio", "name": "m"})).options.is_empty());
}

#[test]
fn the_chosen_option_of_a_radio_is_an_index_or_any_other_text() {
    for (checked, expected) in [
        (json!(1), Some("1")),
        (json!("1"), Some("1")),
        (json!("SMS"), Some("SMS")),
        (json!(false), None),
        (json!(null), None),
        (json!(""), None),
    ] {
        let radio = known!(Radio, json!({"type": "radio", "name": "m", "checked": checked}));
        assert_eq!(radio.checked.as_deref(), expected, "{checked}");
    }
}

#[test]
fn tabs_are_a_list_or_a_map_and_need_no_name() {
    let tabs = known!(
        Tabs,
        json!({"type": "tabs", "action": "switch-login-tabs", "selected": "pin",
            "tabs": {"pin": "PIN", "app": "App"}})
    );
    assert_eq!(tabs.name, None);
    assert_eq!(tabs.action, Some(WizardAction::SwitchLoginTabs));
    assert_eq!(tabs.selected.as_deref(), Some("pin"));
    assert_eq!((tabs.tabs["pin"].as_str(), tabs.tabs["app"].as_str()), ("PIN", "App"));
    let list = known!(Tabs, json!({"type": "tabs", "name": "login_tab", "tabs": ["PIN", "App"]}));
    assert!(list.tabs.keys().eq(["0", "1"]) && list.tabs.values().eq(["PIN", "App"]));
}

#[test]
fn the_options_of_a_select_are_a_map_or_a_list() {
    let select =
        known!(Select, json!({"type": "select", "name": "c", "options": {"DE": "Germany"}}));
    assert_eq!(select.options["DE"], "Germany");
    let select = known!(
        Select,
        json!({"type": "select", "name": "c", "selected": 1,
        "options": ["Germany", "Austria"]})
    );
    assert!(select.options.keys().eq(["0", "1"]));
    assert_eq!(select.selected.as_deref(), Some("1"));
}

#[test]
fn what_an_element_shows_may_be_missing() {
    for url in [json!(null), json!(false), json!("")] {
        let redirect = known!(Redirect, json!({"type": "redirect", "url": url, "label": null}));
        assert_eq!((redirect.url, redirect.label), (None, None));
    }
    assert_eq!(known!(Redirect, json!({"type": "redirect"})).url, None);
    let redirect = known!(Redirect, json!({"type": "redirect", "url": "https://bank.example"}));
    assert_eq!(redirect.url, Some(Secret::from("https://bank.example")));
    let captcha = known!(Captcha, json!({"type": "captcha", "name": "c", "data": null}));
    assert_eq!(captcha.data, None);
    assert_eq!(known!(Image, json!({"type": "image"})).data, None);
    let multi = known!(Multi, json!({"type": "multi", "name": "m", "elements": null}));
    assert!(multi.elements.is_empty());
}

#[test]
fn what_was_rejected_is_a_list_of_rules_or_one_of_them() {
    for rules in [json!(["required"]), json!("required"), json!([null, "required"])] {
        let text = known!(
            Text,
            json!({"type": "text", "name": "a", "failed_validation_rules": rules, "invalid": "Y"})
        );
        assert_eq!(
            (text.failed_validation_rules, text.invalid),
            (vec!["required".into()], Some(true))
        );
    }
}

#[test]
fn the_matrix_of_a_flicker_code_is_of_texts_or_numbers() {
    let bars = [["1", "0"], ["0", "1"]].map(|row| row.map(str::to_owned).to_vec());
    for code in [json!([["1", "0"], ["0", "1"]]), json!([[1, 0], [0, 1]])] {
        let flicker = known!(Flicker, json!({"type": "flicker", "name": "TAN", "code": code}));
        assert_eq!(flicker.code, bars);
    }
    assert!(known!(Flicker, json!({"type": "flicker", "name": "TAN"})).code.is_empty());
}

#[test]
fn inputs_say_how_they_want_to_be_filled_in() {
    let text = known!(
        Text,
        json!({"type": "text", "name": "a", "placeholder": "name.surname", "maxlength": "35",
            "disabled": 1, "override_type": "tel"})
    );
    assert_eq!(
        (text.placeholder.as_deref(), text.maxlength, text.disabled),
        (Some("name.surname"), Some(35), Some(true))
    );
    let select = known!(Select, json!({"type": "select", "name": "a", "disabled": true}));
    assert_eq!(select.disabled, Some(true));
}

#[test]
fn kinds_that_only_the_mobile_clients_know_are_typed() {
    let hidden = known!(Hidden, json!({"type": "hidden", "name": "state", "value": "abc"}));
    assert_eq!((hidden.name.as_str(), hidden.value), ("state", Some("abc".into())));
    let paragraph =
        known!(Paragraph, json!({"type": "paragraph", "text": "Wait", "severity": "warning"}));
    assert_eq!((paragraph.text.as_deref(), paragraph.title), (Some("Wait"), None));
    assert_eq!(paragraph.severity.as_deref(), Some("warning"));
    let description = known!(Description, json!({"type": "description", "text": "Log in"}));
    assert_eq!(description.text.as_deref(), Some("Log in"));
    let submit = known!(Submit, json!({"type": "submit", "label": "Go on", "back": "Back"}));
    assert_eq!((submit.label.as_deref(), submit.back.as_deref()), (Some("Go on"), Some("Back")));
    let autosubmit = known!(Autosubmit, json!({"type": "autosubmit", "interval": "3000"}));
    assert_eq!(autosubmit.interval, Some(3000));
    assert_eq!(known!(Restart, json!({"type": "restart"})).label, None);
    let abort = known!(Abort, json!({"type": "abort", "label": "Cancel"}));
    assert_eq!(abort.label.as_deref(), Some("Cancel"));
    known!(Logo, json!({"type": "logo", "src": "https://bank.example/logo.png"}));
}

#[test]
fn an_element_of_a_known_kind_that_cannot_be_read_is_kept_with_its_json() {
    let json = json!({"type": "checkbox", "name": "c", "checked": "perhaps", "value": 7.50});
    let broken = unknown(json.clone());
    assert_eq!((broken.tag(), broken.json()), ("checkbox", json.to_string().as_str()));
    assert_eq!((broken.text("name"), broken.text("value")), (Some("c"), Some("7.5")));
    let reason = broken.reason().unwrap();
    assert_eq!((reason.path(), reason.expected()), ("form.elements[0].checked", "a boolean"));
    assert!(!format!("{broken:?}").contains("perhaps"), "{broken:?}");
    let nameless = unknown(json!({"type": "text", "label": "Name"}));
    assert_eq!(nameless.reason().unwrap().path(), "form.elements[0].name");
    for odd in [json!(null), json!("text"), json!(7), json!(["text"]), json!({})] {
        let odd_one = unknown(odd.clone());
        assert_eq!(
            (odd_one.tag(), odd_one.reason(), odd_one.json()),
            ("", None, &*odd.to_string())
        );
    }
}

#[test]
fn a_lone_element_is_a_list_of_one() {
    let answer = read(&json!({"form": {"elements": {"type": "text", "name": "a"}}}));
    assert!(matches!(&*answer.form.unwrap().elements, [WizardElement::Text(_)]));
}

#[test]
fn an_error_is_an_object_or_its_code_and_false_is_none() {
    let error = |error: Value| read(&json!({"error": error, "form": {"name": "x"}})).error;
    let code = |code: &str| Some(error(json!({"code": code})).unwrap());
    for nothing in [json!(null), json!(false), json!(""), json!([]), json!({})] {
        assert_eq!(error(nothing.clone()), None, "{nothing}");
    }
    assert_eq!(error(json!("login_failed")), code("login_failed"));
    assert_eq!(error(json!("login_failed")).unwrap().code.as_deref(), Some("login_failed"));
    assert_eq!(error(json!(17)), code("17"));
    assert_eq!(error(json!(true)), code("true"));
    assert_eq!(error(json!(["login_failed", "again"])), code("login_failed, again"));
    let words = error(json!({"message": {"pin": ["wrong"]}, "recoverable": "1"})).unwrap();
    assert_eq!((words.message.as_deref(), words.recoverable), (Some("pin: wrong"), Some(true)));
    let beside = read(&json!({"error": "tan_failed", "recoverable": false}));
    assert_eq!(beside.recoverable, Some(false));
    let WizardError { code, .. } = beside.error.unwrap();
    assert_eq!(code.as_deref(), Some("tan_failed"));
}

#[test]
fn polling_is_an_object_or_its_interval_and_false_is_none() {
    let interval = |polling: Value| {
        read(&json!({"polling": polling})).polling.and_then(|polling| polling.interval)
    };
    assert_eq!(interval(json!({"interval": 2000})), Some(2000));
    assert_eq!(interval(json!(2000)), Some(2000));
    assert_eq!(interval(json!("2000")), Some(2000));
    for nothing in [json!(null), json!(false), json!([]), json!({}), json!(""), json!(true)] {
        assert_eq!(interval(nothing.clone()), None, "{nothing}");
    }
}

#[test]
fn the_half_of_the_credentials_at_the_end_is_a_text_or_an_object_and_secret() {
    for (data, expected) in [
        (json!("half-1"), json!({"credentials": "half-1"})),
        (json!({"credentials": "half-1"}), json!({"credentials": "half-1"})),
        (json!({"any": {"deep": "half-1"}}), json!({"any": {"deep": "half-1"}})),
        (json!(["half-1"]), json!({"0": "half-1"})),
    ] {
        let answer = read(&json!({"form": {"name": "finish"}, "additional_data": data}));
        assert!(!format!("{answer:?}").contains("half-1"), "{answer:?}");
        assert!(!serde_json::to_string(&answer).unwrap().contains("half-1"));
        let kept = answer.additional_data.unwrap();
        assert_eq!(serde_json::to_value(kept.0).unwrap(), expected, "{data}");
    }
    let digits = "210000000003139471430009017";
    let answer = format!(r#"{{"additional_data": {digits}}}"#);
    let answer: WizardResponse = decode(answer.as_bytes()).unwrap();
    assert_eq!(answer.additional_data.unwrap().0["credentials"], digits);
}

#[test]
fn what_is_around_a_form_costs_no_form() {
    let answer = read(&json!({"code": "E_42x", "message": ["a", "b"], "recoverable": "perhaps",
        "form": {"name": {"x": 1}, "parameters": 5, "elements": [{"type": "logo"}]}}));
    assert_eq!((answer.code, answer.recoverable), (None, None));
    let form = answer.form.unwrap();
    assert_eq!((form.name, form.elements.len()), (None, 1));
}

/// The JSON of a value with its secrets.
fn exposed(form: &WizardForm) -> String {
    let mut json = Vec::new();
    secret::exposed::serialize(form, &mut serde_json::Serializer::new(&mut json)).unwrap();
    String::from_utf8(json).unwrap()
}

#[test]
fn a_form_that_was_stored_is_read_back_with_and_without_its_secrets() {
    let form = json!({"name": "x", "elements": [
        {"type": "text", "name": "USER_NAME", "value": "abc"},
        {"type": "redirect", "url": "https://bank.example/4711"},
        {"type": "hidden", "name": "state", "value": "4711"},
        {"type": "radio", "name": "m", "checked": 1, "options": ["App", {"label": "SMS"}]},
        {"type": "tabs", "tabs": ["PIN"]},
        {"type": "checkbox", "name": "c", "checked": "perhaps", "value": 12.50},
        {"type": "hologram", "depth": 1e2},
        null,
    ]});
    let form: WizardForm = decode(form.to_string().as_bytes()).unwrap();
    let stored = exposed(&form);
    assert_eq!(serde_json::from_str::<WizardForm>(&stored).unwrap(), form);
    assert_eq!(decode::<WizardForm>(stored.as_bytes()).unwrap(), form);

    let concealed = serde_json::to_string(&form).unwrap();
    assert!(!concealed.contains("4711") && !concealed.contains("perhaps"), "{concealed}");
    let read: WizardForm = serde_json::from_str(&concealed).unwrap();
    assert_eq!(read, decode(concealed.as_bytes()).unwrap());
    let [text, redirect, hidden, _, _, checkbox, hologram, nothing] = &*read.elements else {
        panic!("{read:?}")
    };
    let WizardElement::Text(text) = text else { panic!("{text:?}") };
    let WizardElement::Redirect(redirect) = redirect else { panic!("{redirect:?}") };
    let WizardElement::Hidden(hidden) = hidden else { panic!("{hidden:?}") };
    assert_eq!((&text.value, &redirect.url, &hidden.value), (&None, &None, &None));
    assert_eq!((checkbox.tag(), hologram.tag(), nothing.tag()), ("checkbox", "hologram", ""));
}
