//! Every form in which the service sends a value, read through the generated types.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use xs2a_client::types::{
    AccessToken, Account, AccountType, Balance, BankUserPage, Connection, ConnectionPage, Event,
    Session, SessionErrorCode, SyncMode, Turnovers, WizardElement, WizardForm, WizardResponse,
};
use xs2a_client::wire::{Lenient, decode};
use xs2a_client::{BankDate, secret};

fn connection() -> Value {
    json!({
        "id": "con-1", "transaction": "tra-1", "bic": "TESTDE88XXX", "bank_name": "Testbank",
        "country_id": "DE", "sync_mode": "full", "sync_active": true, "sync_message": "No",
        "sync_fail_counter": 3, "last_synced": "2026-01-31 10:11:12",
        "consent_valid_until": "2026-05-01", "testmode": true,
        "created_at": "2026-01-31 10:09:54", "object": "bank_connection",
    })
}

fn page() -> Value {
    json!({
        "total": 1, "per_page": 15, "current_page": 1, "last_page": 1, "next_page_url": "/2",
        "prev_page_url": "/0", "from": 1, "to": 1, "data": [connection()],
    })
}

fn balance() -> Value {
    json!({
        "id": "acc-1", "available": 12.34, "limit": 500, "balance": -0.01, "currency_id": "EUR",
        "date": "2026-01-31 10:11:12", "created_at": "2026-01-31 10:11:12",
        "object": "bank_account_balance",
    })
}

fn turnovers() -> Value {
    json!({
        "id": "acc-1", "days": 90, "date": "2026-01-31 10:11:12",
        "created_at": "2026-01-31 10:11:12", "object": "bank_account_turnovers",
        "turnovers": [{
            "id": "tur-1", "transaction_id": "tra-1", "booking_date": "2026-01-30",
            "amount": 12.34, "currency": "EUR", "purpose": ["Invoice 4711", "Thank you"],
            "counter_iban": "DE02", "counter_bic": "TESTDE88XXX", "counter_holder": "Bookshop",
            "prebooked": false, "canceled": false, "tags": ["shopping"], "category_id": "K.1.2",
            "creditor_id": "DE98ZZZ09999999999", "new": true,
        }],
    })
}

fn step() -> Value {
    json!({
        "code": 200, "message": "OK", "error": {"message": "wrong PIN", "recoverable": true},
        "polling": {"interval": 2000}, "additional_data": {"credentials": "half"},
        "form": {"name": "login", "parameters": {"step": 2}, "elements": [
            {"type": "text", "name": "USER_NAME", "label": "User name", "value": "abc",
             "validation": "required", "invalid": true, "failed_validation_rules": ["required"],
             "validation_error": "missing"},
            {"type": "select", "name": "country_id", "selected": "DE",
             "options": {"DE": "Germany", "AT": "Austria"}},
            {"type": "radio", "name": "method", "checked": 1,
             "options": [{"label": "App", "disabled": false}, {"label": "SMS", "disabled": true}]},
        ]},
    })
}

/// The body with the value at `pointer` replaced.
fn with(mut body: Value, pointer: &str, form: &Value) -> Value {
    *body.pointer_mut(pointer).unwrap() = form.clone();
    body
}

/// The body without the key at `pointer`.
fn without(mut body: Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    body
}

fn read<T: Lenient>(body: &Value) -> Result<T, String> {
    decode(body.to_string().as_bytes()).map_err(|error| error.to_string())
}

/// One place in a body, and the decoded value of that place.
struct Place<T, F> {
    body: fn() -> Value,
    pointer: &'static str,
    field: fn(&T) -> F,
}

impl<T: Lenient, F: PartialEq + std::fmt::Debug> Place<T, F> {
    #[track_caller]
    fn reads(&self, forms: Value, expected: &F) {
        for form in forms.as_array().unwrap() {
            let decoded = read::<T>(&with((self.body)(), self.pointer, form));
            let decoded =
                decoded.unwrap_or_else(|error| panic!("{form} at {}: {error}", self.pointer));
            assert_eq!((self.field)(&decoded), *expected, "{form} at {}", self.pointer);
        }
    }

    #[track_caller]
    fn refuses(&self, forms: Value, message: &str) {
        for form in forms.as_array().unwrap() {
            let error =
                read::<T>(&with((self.body)(), self.pointer, form)).map(|_| ()).unwrap_err();
            assert_eq!(error, message, "{form} at {}", self.pointer);
        }
    }
}

impl<T: Lenient, F: PartialEq + std::fmt::Debug> Place<T, Option<F>> {
    /// A missing key and each of the absent forms are read alike.
    #[track_caller]
    fn is_none(&self, forms: Value) {
        self.reads(forms, &None);
        let decoded = read::<T>(&without((self.body)(), self.pointer)).unwrap();
        assert_eq!((self.field)(&decoded), None, "missing at {}", self.pointer);
    }
}

fn absent_dates() -> Value {
    json!([
        null,
        "",
        false,
        "0000-00-00",
        "0000-00-00 00:00:00",
        "-0001-11-30 00:00:00",
        "-0001-11-30"
    ])
}

#[test]
fn booleans() {
    let required =
        Place { body: connection, pointer: "/sync_active", field: |c: &Connection| c.sync_active };
    required.reads(json!([true, "true", "1", 1, "Y", "yes"]), &true);
    required.reads(json!([false, "false", "0", 0, "N", "no"]), &false);
    required.refuses(json!([null, "", "maybe", 2, [], {}]), "expected a boolean at `sync_active`");

    let optional =
        Place { body: connection, pointer: "/testmode", field: |c: &Connection| c.testmode };
    optional.reads(json!([true, "true", "1", 1]), &Some(true));
    optional.reads(json!([false, "false", "0", 0]), &Some(false));
    optional.is_none(json!([null, ""]));

    let nested = Place {
        body: step,
        pointer: "/form/elements/0/invalid",
        field: |step: &WizardResponse| match element(step, 0) {
            WizardElement::Text(text) => text.invalid,
            _ => panic!("no text"),
        },
    };
    nested.reads(json!([true, "true", "1", 1]), &Some(true));
    nested.is_none(json!([null, ""]));
    let broken: WizardResponse =
        read(&with(step(), nested.pointer, &json!("maybe"))).expect("a form");
    let WizardElement::Unknown(unknown) = element(&broken, 0) else { panic!("known") };
    let reason = unknown.reason().map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("expected a boolean at `form.elements[0].invalid`"));
    assert_eq!((unknown.tag(), unknown.text("name")), ("text", Some("USER_NAME")));
}

fn element(step: &WizardResponse, position: usize) -> &WizardElement {
    &step.form.as_ref().unwrap().elements[position]
}

#[test]
fn integers() {
    let required = Place {
        body: connection,
        pointer: "/sync_fail_counter",
        field: |c: &Connection| c.sync_fail_counter,
    };
    required.reads(json!([3, "3"]), &3);
    required.refuses(
        json!([null, "", 3.5, "three", true, [], 3_000_000_000_u64]),
        "expected a 32-bit integer at `sync_fail_counter`",
    );
    let optional = Place { body: turnovers, pointer: "/days", field: |t: &Turnovers| t.days };
    optional.reads(json!([90, "90"]), &Some(90));
    optional.is_none(json!([null, ""]));
    let on_a_page =
        Place { body: page, pointer: "/from", field: |page: &ConnectionPage| page.from };
    on_a_page.reads(json!([1, "1"]), &Some(1));
    on_a_page.is_none(json!([null, ""]));
    let interval = Place {
        body: step,
        pointer: "/polling/interval",
        field: |step: &WizardResponse| step.polling.as_ref().and_then(|polling| polling.interval),
    };
    interval.reads(json!([2000, "2000"]), &Some(2000));
    interval.is_none(json!([null, ""]));
}

/// The amounts are written as text, because the JSON macro would turn them into floats.
#[test]
fn amounts() {
    let required = |form: &str| {
        let body =
            turnovers().to_string().replace("\"amount\":12.34", &format!("\"amount\":{form}"));
        let entries = decode::<Turnovers>(body.as_bytes()).unwrap().turnovers;
        entries.first().map(|turnover| turnover.amount).ok_or_else(|| {
            let unreadable = &entries.unreadable()[0];
            assert_eq!(unreadable.position(), 0);
            unreadable.reason().to_string()
        })
    };
    let optional = |form: &str| {
        let body =
            balance().to_string().replace("\"available\":12.34", &format!("\"available\":{form}"));
        decode::<Balance>(body.as_bytes())
            .map(|balance| balance.available)
            .map_err(|error| error.to_string())
    };
    for text in ["12.34", "12", "0.1", "-0.01", "131072.01", "123456789012345.67", "0"] {
        let amount = Decimal::from_str_exact(text).unwrap();
        for form in [text.to_owned(), format!("\"{text}\"")] {
            assert_eq!(required(&form), Ok(amount), "{form}");
            assert_eq!(optional(&form), Ok(Some(amount)), "{form}");
        }
    }
    for absent in ["null", "\"\""] {
        assert_eq!(optional(absent), Ok(None));
        assert_eq!(
            required(absent).unwrap_err(),
            "expected an amount of at most 28 digits, such as 12.34 at `turnovers[0].amount`"
        );
    }
    for garbage in ["\"12,345.60\"", "\"12.345,60\"", "\"EUR 12\"", "true", "[]", "{}"] {
        assert_eq!(
            required(garbage).unwrap_err(),
            "expected an amount of at most 28 digits, such as 12.34 at `turnovers[0].amount`"
        );
        assert_eq!(
            optional(garbage).unwrap_err(),
            "expected an amount of at most 28 digits, such as 12.34 at `available`"
        );
    }
    let missing = read::<Turnovers>(&without(turnovers(), "/turnovers/0/amount")).unwrap();
    assert_eq!(
        missing.turnovers.unreadable()[0].reason().to_string(),
        "expected a value, the field is missing at `turnovers[0].amount`"
    );
    assert_eq!(read::<Balance>(&without(balance(), "/available")).unwrap().available, None);
}

#[test]
fn date_times() {
    let instant = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let synced =
        Place { body: connection, pointer: "/last_synced", field: |c: &Connection| c.last_synced };
    synced.reads(
        json!([
            "2026-01-31 10:11:12",
            "2026-01-31T10:11:12",
            "2026-01-31 10:11:12.000",
            "2026-01-31T10:11:12.000000",
            "2026-01-31T10:11:12+01:00",
            "2026-01-31 10:11:12+01:00",
            "2026-01-31T10:11:12.000+01:00",
            "2026-01-31T10:11:12+0100",
            "2026-01-31T09:11:12Z",
            "2026-01-31T09:11:12.000Z",
        ]),
        &instant("2026-01-31T09:11:12Z"),
    );
    synced.reads(json!(["2026-07-31 10:11:12"]), &instant("2026-07-31T08:11:12Z"));
    synced.reads(json!(["2026-01-31"]), &instant("2026-01-30T23:00:00Z"));
    synced.reads(json!(["2026-07-31"]), &instant("2026-07-30T22:00:00Z"));
    synced.reads(json!(["2026-10-25 02:30:00"]), &instant("2026-10-25T00:30:00Z"));
    synced.reads(json!(["2026-10-25 02:30:00+01:00"]), &instant("2026-10-25T01:30:00Z"));
    synced.reads(json!(["2026-03-29 02:30:00"]), &instant("2026-03-29T01:30:00Z"));
    synced.is_none(absent_dates());
    synced.refuses(
        json!(["soon", 1769850672, "2026-02-30 10:11:12", true, [], {}]),
        "expected a date-time such as 2026-01-31 10:11:12 at `last_synced`",
    );
    let token = || json!({"id": "tok-1", "token": "secret", "valid_until": "2026-01-31 10:11:12"});
    let valid_until =
        Place { body: token, pointer: "/valid_until", field: |t: &AccessToken| t.valid_until };
    valid_until.reads(json!(["2026-01-31T10:11:12+01:00"]), &instant("2026-01-31T09:11:12Z"));
    valid_until.is_none(absent_dates());
}

#[test]
fn dates() {
    let day = |text: &str| Some(text.parse::<Date>().unwrap());
    let consent = Place {
        body: connection,
        pointer: "/consent_valid_until",
        field: |c: &Connection| c.consent_valid_until,
    };
    consent.reads(
        json!([
            "2026-05-01",
            "2026-05-01 00:00:00",
            "2026-05-01T23:59:59.999",
            "2026-04-30T22:00:00Z"
        ]),
        &day("2026-05-01"),
    );
    consent.is_none(absent_dates());
    consent.refuses(
        json!(["soon", 20260501, "2026-02-30", [], {}]),
        "expected a date such as 2026-01-31 at `consent_valid_until`",
    );
    let booked = Place {
        body: turnovers,
        pointer: "/turnovers/0/booking_date",
        field: |t: &Turnovers| t.turnovers[0].booking_date,
    };
    booked.reads(
        json!(["2026-01-30", "2026-01-30 10:11:12"]),
        &day("2026-01-30").map(BankDate::from),
    );
    booked.is_none(absent_dates());
    let moved = |form: &str| {
        let body = with(turnovers(), booked.pointer, &json!(form));
        read::<Turnovers>(&body).unwrap().turnovers[0].booking_date.unwrap()
    };
    for form in ["2026-02-29", "2026-02-30", "2026-02-31"] {
        assert_eq!(moved(form), jiff::civil::date(2026, 2, 28));
        assert_eq!(moved(form).moved_from().as_deref(), Some(form));
    }
}

#[test]
fn strings() {
    let required = Place { body: connection, pointer: "/id", field: |c: &Connection| c.id.clone() };
    required.reads(json!(["7", 7]), &"7".into());
    required.reads(json!([""]), &"".into());
    required.refuses(json!([null, [], {}]), "expected a string at `id`");
    let optional = Place {
        body: connection,
        pointer: "/sync_message",
        field: |c: &Connection| c.sync_message.clone(),
    };
    optional.reads(json!(["No"]), &Some("No".to_owned()));
    optional.is_none(json!([null, ""]));
    let selected = Place {
        body: step,
        pointer: "/form/elements/1/selected",
        field: |step: &WizardResponse| match element(step, 1) {
            WizardElement::Select(select) => select.selected.clone(),
            _ => panic!("no select"),
        },
    };
    selected.reads(json!([0, "0"]), &Some("0".to_owned()));
    selected.is_none(json!([null, ""]));
}

#[test]
fn open_enumerations() {
    let mode = Place {
        body: connection,
        pointer: "/sync_mode",
        field: |c: &Connection| c.sync_mode.clone(),
    };
    mode.reads(json!(["full"]), &Some(SyncMode::Full));
    mode.is_none(json!([null, ""]));
    let unknown: Connection = read(&with(connection(), "/sync_mode", &json!("hourly"))).unwrap();
    assert_eq!(unknown.sync_mode.as_ref().map(SyncMode::as_str), Some("hourly"));
    assert!(matches!(unknown.sync_mode, Some(SyncMode::Unknown(_))));
    let on_a_page = read::<ConnectionPage>(&with(page(), "/data/0/sync_mode", &json!("hourly")));
    assert_eq!(on_a_page.unwrap().data.len(), 1);

    let account =
        |kind: &str| read::<Account>(&json!({"id": "acc-1", "type": kind})).unwrap().type_;
    assert_eq!(account("giro"), Some(AccountType::Giro));
    assert_eq!(account("crypto").unwrap().as_str(), "crypto");

    let session = |code: Value| {
        let body = json!({"id": "s", "transaction": "t", "finished": "0", "last_error": code, "parameters": []});
        read::<Session>(&body).unwrap().last_error
    };
    assert_eq!(session(json!("login_failed")), Some(SessionErrorCode::LoginFailed));
    assert_eq!(session(json!("")), None);
    assert_eq!(session(json!("moon_phase")).unwrap().as_str(), "moon_phase");
}

#[test]
fn lists() {
    let rules = Place {
        body: step,
        pointer: "/form/elements/0/failed_validation_rules",
        field: |step: &WizardResponse| match element(step, 0) {
            WizardElement::Text(text) => text.failed_validation_rules.clone(),
            _ => panic!("no text"),
        },
    };
    rules.reads(json!([["required"]]), &vec!["required".to_owned()]);
    rules.reads(json!(["", null, [], {}]), &Vec::new());
    assert!(read::<WizardResponse>(&without(step(), rules.pointer)).is_ok());
    rules.reads(json!(["required", [null, "required"]]), &vec!["required".to_owned()]);
    let data =
        Place { body: page, pointer: "/data", field: |page: &ConnectionPage| page.data.len() };
    data.reads(json!(["", null, [], {}]), &0);
    let purpose = Place {
        body: turnovers,
        pointer: "/turnovers/0/purpose",
        field: |t: &Turnovers| t.turnovers[0].purpose.clone(),
    };
    purpose.reads(json!(["", null, [], {}]), &Vec::new());
    purpose.reads(json!([["a", 1], ["a", null, 1]]), &vec!["a".to_owned(), "1".to_owned()]);
    purpose.reads(json!(["text"]), &vec!["text".to_owned()]);
}

#[test]
fn empty_objects() {
    let error =
        Place { body: step, pointer: "/error", field: |step: &WizardResponse| step.error.clone() };
    error.is_none(json!([[], {}, null, ""]));
    let polling = Place {
        body: step,
        pointer: "/polling",
        field: |step: &WizardResponse| step.polling.as_ref().and_then(|polling| polling.interval),
    };
    polling.is_none(json!([[], {}, null, ""]));
    let form =
        Place { body: step, pointer: "/form", field: |step: &WizardResponse| step.form.clone() };
    form.is_none(json!([[], {}, null, ""]));
    let parameters = Place {
        body: step,
        pointer: "/form/parameters",
        field: |step: &WizardResponse| step.form.as_ref().unwrap().parameters.len(),
    };
    parameters.reads(json!([[], {}, null, ""]), &0);
    let options = Place {
        body: step,
        pointer: "/form/elements/1/options",
        field: |step: &WizardResponse| match element(step, 1) {
            WizardElement::Select(select) => select.options.keys().cloned().collect::<Vec<_>>(),
            _ => panic!("no select"),
        },
    };
    options.reads(json!([[], {}, null, ""]), &Vec::new());
    options.reads(json!([["Germany", "Austria"]]), &vec!["0".to_owned(), "1".to_owned()]);
    let data = Place {
        body: step,
        pointer: "/additional_data",
        field: |step: &WizardResponse| step.additional_data.as_ref().map_or(0, |data| data.0.len()),
    };
    data.reads(json!([[], {}, null, ""]), &0);
    let event = || json!({"id": "e", "type": "t", "data": {"id": "c"}});
    let event = Place {
        body: event,
        pointer: "/data",
        field: |event: &Event| event.data.as_ref().map_or(0, |data| data.0.len()),
    };
    event.reads(json!([[], {}, null, ""]), &0);
}

/// serde buffers what it reads for a tagged enum, and amounts become floats in the buffer. Only
/// with its feature `arbitrary_precision` does serde_json keep their digits there.
#[test]
fn inside_an_enum_that_serde_buffers_an_amount_of_a_float_costs_its_entry() {
    #[derive(serde::Deserialize)]
    #[serde(tag = "kind")]
    enum Message {
        Connection(Connection),
        Turnovers(Turnovers),
    }
    let mut synced = connection();
    synced["kind"] = json!("Connection");
    synced["sync_fail_counter"] = json!("2");
    let Ok(Message::Connection(read)) = serde_json::from_value(synced) else { panic!("unread") };
    assert_eq!(read.sync_fail_counter, 2);
    let booked = turnovers().to_string().replacen('{', r#"{"kind":"Turnovers","#, 1);
    let Ok(Message::Turnovers(read)) = serde_json::from_str(&booked) else { panic!("unread") };
    match read.turnovers.unreadable() {
        [] => assert_eq!(read.turnovers[0].amount.to_string(), "12.34"),
        [entry] => assert_eq!((read.turnovers.len(), entry.reason().path()), (0, "[0].amount")),
        more => panic!("{more:?}"),
    }
    let whole = booked.replace("12.34", "12");
    let Ok(Message::Turnovers(read)) = serde_json::from_str(&whole) else { panic!("unread") };
    assert_eq!(read.turnovers[0].amount.to_string(), "12");
}

#[test]
fn keys_that_are_not_listed_are_ignored() {
    let mut body = page();
    body["new"] = json!({"deep": [1, 2]});
    body["data"][0]["newer"] = json!(null);
    assert_eq!(read::<ConnectionPage>(&body), read::<ConnectionPage>(&page()));
}

#[test]
fn options_and_objects_of_a_new_kind_keep_the_order_in_which_they_came() {
    let form = r#"{"name":"x","elements":[
        {"type":"select","name":"country_id","options":{"DE":"Germany","CH":"Swiss","AT":"Austria"}},
        {"zoom":1,"type":"hologram","depth":{"b":1,"a":2.5}}]}"#;
    let form: WizardForm = decode(form.as_bytes()).unwrap();
    let WizardElement::Select(select) = &form.elements[0] else { panic!("no select") };
    assert_eq!(select.options.keys().collect::<Vec<_>>(), ["DE", "CH", "AT"]);
    let WizardElement::Unknown(unknown) = &form.elements[1] else { panic!("known") };
    assert_eq!(unknown.json(), r#"{"zoom":1,"type":"hologram","depth":{"b":1,"a":2.5}}"#);
}

#[test]
fn an_element_of_a_new_kind_and_a_broken_known_one_keep_their_json() {
    let unknown = json!({"type": "hologram", "name": "TAN", "depth": 3});
    let form = json!({"name": "tan", "elements": [unknown, {"type": "text", "name": "USER_NAME"}]});
    let decoded = read::<WizardForm>(&form).unwrap();
    assert_eq!(decoded.elements[0].tag(), "hologram");
    let WizardElement::Unknown(kept) = &decoded.elements[0] else { panic!("known") };
    assert_eq!(serde_json::from_str::<Value>(kept.json()).unwrap(), unknown);
    assert_eq!(serde_json::from_str::<Value>(&exposed(&decoded.elements[0])).unwrap(), unknown);
    assert_eq!(serde_json::to_value(kept).unwrap(), json!({"type": "hologram"}));
    assert_eq!(
        (kept.text("name"), kept.text("depth"), kept.text("x")),
        (Some("TAN"), Some("3"), None)
    );
    assert!(matches!(decoded.elements[1], WizardElement::Text(_)));

    let nested = json!({"name": "x", "elements": [{"type": "multi", "name": "m", "elements": [
        {"label": "a", "value": "A", "elements": [{"type": "checkbox", "name": "c", "checked": "perhaps"}]}]}]});
    let form = read::<WizardForm>(&nested).unwrap();
    let WizardElement::Multi(multi) = &form.elements[0] else { panic!("no multi") };
    let WizardElement::Unknown(unknown) = &multi.elements[0].elements[0] else { panic!("known") };
    assert_eq!(
        unknown.reason().map(ToString::to_string).as_deref(),
        Some("expected a boolean at `elements[0].elements[0].elements[0].checked`")
    );
}

#[test]
fn a_decode_error_names_the_field_and_never_shows_the_payload() {
    let body = with(page(), "/data/0/sync_fail_counter", &json!("hunter2"));
    let page = decode::<ConnectionPage>(body.to_string().as_bytes()).unwrap();
    let unreadable = &page.data.unreadable()[0];
    assert!(!format!("{unreadable} {unreadable:?} {page:?}").contains("hunter2"), "{page:?}");
    let error = unreadable.reason();
    assert_eq!(error.path(), "data[0].sync_fail_counter");
    assert_eq!(error.expected(), "a 32-bit integer");
    for body in [
        r#"{"id":{"hunter2":"hunter2"}}"#,
        r#"{"id":"hunter2","sync_active":"hunter2"}"#,
        r#"{"id":"hunter2","#,
        r#"["hunter2"]"#,
        r#""hunter2""#,
        r#"{"HUNTER2":hunter2}"#,
        "<html>hunter2</html>",
    ] {
        let error = decode::<Connection>(body.as_bytes()).unwrap_err();
        assert!(!format!("{error} {error:?}").to_lowercase().contains("hunter2"), "{error:?}");
    }
}

#[test]
fn a_fully_loose_body_reads_like_the_canonical_one() {
    let loose = json!({
        "total": "1", "per_page": "15", "current_page": "1", "last_page": "1", "from": "1", "to": "1",
        "next_page_url": "/2", "prev_page_url": "/0", "surprise": {},
        "data": [{
            "id": "con-1", "transaction": "tra-1", "bic": "TESTDE88XXX", "bank_name": "Testbank",
            "country_id": "DE", "sync_mode": "full", "sync_active": "1", "sync_message": "No",
            "sync_fail_counter": "3", "last_synced": "2026-01-31T09:11:12.000Z",
            "consent_valid_until": "2026-05-01 00:00:00", "testmode": 1,
            "created_at": "2026-01-31T10:09:54+01:00", "object": "bank_connection",
        }],
    });
    assert_eq!(read::<ConnectionPage>(&loose).unwrap(), read::<ConnectionPage>(&page()).unwrap());
    let empty = json!({"total": 0, "per_page": 15, "current_page": 1, "last_page": 1, "next_page_url": null,
        "prev_page_url": null, "from": null, "to": null, "data": ""});
    assert_eq!(read::<BankUserPage>(&empty).unwrap().data, Vec::new());
}

/// The JSON of a value with its secrets.
fn exposed<T: Serialize>(value: &T) -> String {
    let mut json = Vec::new();
    secret::exposed::serialize(value, &mut serde_json::Serializer::new(&mut json)).unwrap();
    String::from_utf8(json).unwrap()
}

/// What is decoded, written and decoded again is the same.
#[track_caller]
fn comes_back<T: Lenient + Serialize + PartialEq + std::fmt::Debug>(json: &str) -> String {
    let first: T = decode(json.as_bytes()).unwrap_or_else(|error| panic!("{error} in {json}"));
    let written = exposed(&first);
    let again: T =
        decode(written.as_bytes()).unwrap_or_else(|error| panic!("{error} in {written}"));
    assert_eq!(again, first);
    assert_eq!(exposed(&again), written);
    written
}

#[test]
fn canonical_bodies_are_written_as_they_came() {
    for (body, written) in [
        (connection(), comes_back::<Connection>(&connection().to_string())),
        (page(), comes_back::<ConnectionPage>(&page().to_string())),
        (balance(), comes_back::<Balance>(&balance().to_string())),
        (turnovers(), comes_back::<Turnovers>(&turnovers().to_string())),
    ] {
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), body);
    }
    comes_back::<WizardResponse>(&step().to_string());
}

fn amount() -> impl Strategy<Value = Decimal> {
    let bound = 10_i128.pow(28);
    (1 - bound..bound, 0..=28_u32)
        .prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa, scale))
}

/// An entry of a page, and its id if it can be read.
fn entry() -> impl Strategy<Value = (String, Option<String>)> {
    let whole = |id: u32| {
        let json = format!(r#"{{"id":{id}, "sync_active":"1","sync_fail_counter":0}}"#);
        (json, Some(id.to_string()))
    };
    let broken = prop_oneof![
        Just("null"),
        Just("7"),
        Just("\"text\""),
        Just("[]"),
        Just("[1]"),
        Just("{}"),
        Just(r#"{"id":null,"sync_active":1,"sync_fail_counter":0}"#),
        Just(r#"{"id":"a","sync_active":"perhaps","sync_fail_counter":0}"#),
        Just(r#"{"id":"a","sync_active":1,"sync_fail_counter":"" }"#),
        Just(r#"{"id":"a","sync_active":1}"#),
        Just(r#"{"id":"a","id":"b","sync_active":1,"sync_fail_counter":0}"#),
        Just(r#"{"id":"a","sync_active":1,"sync_fail_counter":0,"last_synced":"2026-02-30"}"#),
        Just(r#"{"id":["a"],"sync_active":1,"sync_fail_counter":0}"#),
    ];
    prop_oneof![any::<u32>().prop_map(whole), broken.prop_map(|json| (json.to_owned(), None))]
}

/// Seconds on both sides of both changes of the clock in 2026, and anywhere else.
fn local_second() -> impl Strategy<Value = String> {
    let spring = 1_774_746_000_i64;
    let autumn = 1_792_890_000_i64;
    prop_oneof![spring - 9000..spring + 9000, autumn - 9000..autumn + 9000, 0..4_000_000_000_i64]
        .prop_map(|second| {
            let berlin = jiff::tz::get!("Europe/Berlin");
            Timestamp::from_second(second)
                .unwrap()
                .to_zoned_datetime(berlin)
                .strftime("%F %T")
                .to_string()
        })
}

proptest! {
    #[test]
    fn every_canonical_turnover_comes_back_with_all_its_digits(
        amount in amount(), day in 0..40_000_i64, new: bool, lines: Vec<String>, days: i32, at in local_second(),
    ) {
        let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let json = format!(
            r#"{{"id":"a","days":{days},"date":"{at}","turnovers":[{{"amount":{amount},"booking_date":"{date}","new":{new},"purpose":{}}}]}}"#,
            json!(lines),
        );
        let written = comes_back::<Turnovers>(&json);
        let digits = format!("\"amount\":{amount}");
        prop_assert!(written.contains(&digits), "{} in {}", digits, written);
        let at = format!("\"date\":\"{at}\"");
        prop_assert!(written.contains(&at), "{} in {}", at, written);
        let date = format!("\"booking_date\":\"{date}\"");
        prop_assert!(written.contains(&date), "{} in {}", date, written);
    }

    #[test]
    fn every_canonical_connection_comes_back(
        counter: i32, active: bool, message: Option<String>, mode in "[a-z_]{1,12}", at in local_second(),
    ) {
        let json = json!({
            "id": "c", "sync_fail_counter": counter, "sync_active": active, "sync_message": message,
            "sync_mode": mode, "last_synced": at,
        });
        let written: Value = serde_json::from_str(&comes_back::<Connection>(&json.to_string())).unwrap();
        prop_assert_eq!(&written["sync_mode"], &json["sync_mode"]);
        prop_assert_eq!(&written["last_synced"], &json["last_synced"]);
        prop_assert_eq!(&written["sync_fail_counter"], &json["sync_fail_counter"]);
    }

    #[test]
    fn a_page_keeps_all_that_can_be_read_in_order_and_reports_all_else(
        entries in prop::collection::vec(entry(), 0..40), around: bool,
    ) {
        let texts: Vec<&str> = entries.iter().map(|(json, _)| json.as_str()).collect();
        let total = if around { "{}" } else { "3" };
        let body = format!(r#"{{"total":{total},"data":[{}]}}"#, texts.join(","));
        let page: ConnectionPage = decode(body.as_bytes()).unwrap();
        let mut unreadable = page.data.unreadable().iter();
        let mut readable = page.data.iter();
        for (position, ((json, id), in_place)) in entries.iter().zip(page.data.in_place()).enumerate() {
            match (id, in_place) {
                (Some(id), Ok(entry)) => {
                    prop_assert_eq!(&entry.id, id.as_str());
                    prop_assert_eq!(readable.next(), Some(entry));
                }
                (None, Err(entry)) => {
                    prop_assert_eq!((entry.position(), entry.json()), (position, json.as_str()));
                    let place = format!("data[{position}]");
                    prop_assert!(entry.reason().path().starts_with(&place), "{}", place);
                    prop_assert_eq!(unreadable.next(), Some(entry));
                }
                (id, in_place) => prop_assert!(false, "{} ({:?}) is {:?}", json, id, in_place),
            }
        }
        prop_assert_eq!((readable.next(), unreadable.next()), (None, None));
        prop_assert_eq!(page.data.in_place().count(), entries.len());
    }

    #[test]
    fn no_body_makes_a_generated_type_panic(noise: Vec<u8>, cut: usize) {
        let bodies = [page().to_string(), step().to_string(), turnovers().to_string()];
        for body in bodies.iter().map(String::as_bytes).chain([&*noise]) {
            let body = &body[..cut % (body.len() + 1)];
            let _ = decode::<ConnectionPage>(body);
            let _ = decode::<WizardResponse>(body);
            let _ = decode::<Turnovers>(body);
            let _ = decode::<Event>(body);
            let _ = decode::<Session>(body);
        }
    }
}
