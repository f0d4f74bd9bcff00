//! Wizard sessions that a test has written, and banks and users that are out of the ordinary.

use reqwest::Method;
use serde_json::{Value, json};
use xs2a_sandbox::{ConnectionSeed, Sandbox, ScriptedForm, SyncMode, WizardScript};

use crate::bank::{Bank, Wizard, element};

const ODD: &str = r#"{"name":"odd","elements":[
    {"type":"hidden","name":"state","value":"abc"},
    {"type":"radio","name":"method","options":["App","SMS"],"checked":false},
    {"type":"tabs","action":"switch-login-tabs","tabs":{"pin":"PIN"}},
    {"type":"hologram","name":"H","big":210000000003139471430009017}]}"#;

/// The bytes that the wizard answers to these values.
async fn bytes(bank: &Bank, session: &Value, values: Value) -> String {
    let mut body = values;
    body["key"] = session["wizard_session_key"].clone();
    let url = format!("{}/v1/api/wizard", bank.sandbox.base_url());
    let request = reqwest::Client::new().post(url).basic_auth("api", Some(bank.user.token()));
    let response = request.json(&body).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    response.text().await.unwrap()
}

fn name(answer: &Value) -> &str {
    answer["form"]["name"].as_str().unwrap_or("none")
}

async fn at_bank<'a>(bank: &'a Bank, bic: &str, login: &str) -> (Wizard<'a>, Value) {
    let wizard = bank.create(json!({ "bic": bic, "sync_mode": "shared" })).await;
    let answer = wizard.log_in(login).await;
    (wizard, answer)
}

#[tokio::test]
async fn written_forms_are_shown_letter_by_letter_in_sessions_of_their_user_name() {
    for dialect in [false, true] {
        let bank = Bank::with(Sandbox::builder().dialect(dialect)).await;
        let script = WizardScript::new([ScriptedForm::form(ODD).requires("state", "abc")]);
        bank.sandbox.set_forms("eve", Some(script));
        let id = bank.connection(ConnectionSeed::new(SyncMode::None).login("eve"));
        let (_, session) = bank.sync(&id, json!({})).await;
        let shown = bytes(&bank, &session, json!({})).await;
        let expected = format!(
            r#"{{"code":200,"message":"OK","error":null,"polling":null,"form":{ODD},"additional_data":null}}"#
        );
        assert_eq!(shown, expected);
        // Without the hidden value the form stays.
        assert_eq!(bytes(&bank, &session, json!({ "H": "1" })).await, expected);
        let values = json!({ "H": "PIN-1234", "method": 1, "state": "abc" });
        let end: Value = serde_json::from_str(&bytes(&bank, &session, values).await).unwrap();
        assert_eq!(name(&end), "finish");
        assert_eq!(bank.sandbox.counts(&id).successes, 1);

        let transaction = session["transaction"].as_str().unwrap();
        let posts = bank.sandbox.posts(transaction);
        assert_eq!(posts.len(), 3);
        assert_eq!(posts[0].names().count(), 0);
        assert_eq!(posts[2].names().collect::<Vec<_>>(), ["H", "method", "state"]);
        assert_eq!(posts[2].value("H"), Some(&json!("PIN-1234")));
        assert_eq!((posts[2].action(), posts[2].value("key")), (None, None));
        assert!(posts[1].at() < posts[2].at());
        let printed = format!("{posts:?}{:?}", bank.sandbox.log());
        assert!(!printed.contains("PIN-1234"), "{printed}");

        // Another user name sees the forms of the bank, and so does this one afterwards.
        let other = bank.connection(ConnectionSeed::new(SyncMode::None));
        let (_, session) = bank.sync(&other, json!({})).await;
        assert_eq!(name(&bank.wizard(&session).post(json!({})).await), "login");
        bank.sandbox.set_forms("eve", None);
        let (_, session) = bank.sync(&id, json!({})).await;
        assert_eq!(name(&bank.wizard(&session).post(json!({})).await), "login");
    }
}

#[tokio::test]
async fn written_forms_come_after_the_login_of_a_new_connection_and_go_on_to_their_end() {
    let bank = Bank::open().await;
    let forms = [
        ScriptedForm::answer(r#"{"form":{"name":"first"},"error":"login_failed"}"#),
        ScriptedForm::form(r#"{"name":"second"}"#).until_poll(2),
        ScriptedForm::form(r#"{"name":"third"}"#).until_poll(9),
    ];
    let script = WizardScript::new(forms).finish(r#"{"additional_data":"half","form":false}"#);
    bank.sandbox.set_forms("eve", Some(script));
    let (wizard, first) = at_bank(&bank, "TESTDE88XXX", "eve").await;
    assert_eq!((name(&first), &first["error"]), ("first", &json!("login_failed")));
    assert_eq!(wizard.session().await["current_step"], "WizardScriptedStep");
    let tabs = json!({ "action": "switch-login-tabs", "tab": "pin" });
    let second = wizard.post(tabs).await;
    assert_eq!((name(&second), &second["polling"]["interval"]), ("second", &json!(200)));
    let poll = json!({ "action": "poll" });
    assert_eq!(name(&wizard.post(json!({ "a": "b" })).await), "second");
    assert_eq!(name(&wizard.post(poll.clone()).await), "second");
    assert_eq!(name(&wizard.post(poll.clone()).await), "third");
    assert!(bank.sandbox.approve(&wizard.transaction));
    let end = wizard.post(poll.clone()).await;
    assert_eq!(end, json!({ "additional_data": "half", "form": false }));
    assert_eq!(wizard.post(json!({})).await, end);
    assert_eq!(wizard.session().await["finished"], true);
    assert_eq!(bank.get(&wizard.transaction).await.0, 200);
    let posts = bank.sandbox.posts(&wizard.transaction);
    assert_eq!(posts[1].action(), Some("switch-login-tabs"));
    assert_eq!(posts[1].value("tab"), Some(&json!("pin")));
}

#[tokio::test]
async fn a_written_session_can_begin_with_its_first_form_and_end_with_a_failure() {
    let bank = Bank::open().await;
    let failed = r#"{"error":"tan_failed","recoverable":false}"#;
    let script = || WizardScript::new([ScriptedForm::form(r#"{"name":"only"}"#)]).fail(failed);
    bank.sandbox.script_next_session(script());
    bank.sandbox.script_next_session(WizardScript::new([]).finish("[]"));
    let wizard = bank.create(json!({})).await;
    assert_eq!(name(&wizard.post(json!({})).await), "only");
    assert_eq!(wizard.post(json!({ "x": true })).await["error"], "tan_failed");
    assert_eq!(wizard.session().await["finished"], false);
    assert_eq!(bank.look("/v1/api/connections").await["total"], 0);

    // A session without a form is over with the first request.
    let wizard = bank.create(json!({})).await;
    assert_eq!(wizard.post(json!({})).await, json!([]));
    assert_eq!(wizard.session().await["finished"], true);
    // The third session is as usual.
    let wizard = bank.create(json!({})).await;
    assert_eq!(name(&wizard.post(json!({})).await), "bank");

    // In the session of a sync, the end is a failure of the sync.
    let id = bank.connection(ConnectionSeed::new(SyncMode::None));
    bank.sandbox.script_next_session(script());
    let (_, session) = bank.sync(&id, json!({})).await;
    let answer = bytes(&bank, &session, json!({ "x": "y" })).await;
    assert_eq!(answer, failed);
    assert_eq!(bank.sandbox.counts(&id).failures, 1);
}

#[tokio::test]
async fn a_form_that_stays_for_good_stays_until_the_user_aborts_or_the_session_expires() {
    let bank = Bank::open().await;
    let form = ScriptedForm::form(r#"{"name":"pin"}"#).for_good();
    bank.sandbox.set_forms("eve", Some(WizardScript::new([form])));
    let (wizard, _) = at_bank(&bank, "TESTDE88XXX", "eve").await;
    for _ in 0..20 {
        assert_eq!(name(&wizard.post(json!({ "USER_PIN": "1" })).await), "pin");
    }
    assert_eq!(name(&wizard.post(json!({ "action": "poll" })).await), "pin");
    let aborted = wizard.post(json!({ "action": "abort" })).await;
    assert_eq!(aborted["error"]["recoverable"], false);
    let (wizard, _) = at_bank(&bank, "TESTDE88XXX", "eve").await;
    bank.sandbox.advance(std::time::Duration::from_secs(21 * 60));
    assert_eq!(wizard.session().await["last_error"], "session_expired");
}

#[tokio::test]
async fn a_patient_bank_keeps_the_form_open_however_often_the_pin_or_the_tan_is_wrong() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    let wrong = json!({ "USER_NAME": "tan-patient", "USER_PIN": "000000", "privacy_policy": true });
    for _ in 0..50 {
        let again = wizard.post(wrong.clone()).await;
        assert_eq!((name(&again), &again["error"]["recoverable"]), ("login", &json!(true)));
    }
    assert_eq!(name(&wizard.log_in("tan-patient").await), "tan");
    for _ in 0..50 {
        assert_eq!(name(&wizard.post(json!({ "TAN": "000000" })).await), "tan");
    }
    assert_eq!(name(&wizard.post(json!({ "TAN": "1" })).await), "finish");
    let tries = bank.sandbox.posts(&wizard.transaction);
    assert_eq!(tries.iter().filter(|post| post.value("TAN") == Some(&json!("000000"))).count(), 50);
}

#[tokio::test]
async fn an_approval_that_nobody_gives_is_waited_for_until_it_is_ordered() {
    let bank = Bank::open().await;
    let (wizard, _) = at_bank(&bank, "TESTDE88XXX", "app-nobody").await;
    for _ in 0..30 {
        let waiting = wizard.post(json!({ "action": "poll" })).await;
        assert_eq!((name(&waiting), &waiting["polling"]["interval"]), ("app", &json!(200)));
    }
    assert!(bank.sandbox.approve(&wizard.transaction));
    assert_eq!(name(&wizard.post(json!({ "action": "poll" })).await), "finish");
}

#[tokio::test]
async fn a_form_with_a_countdown_is_another_one_at_each_poll() {
    let bank = Bank::open().await;
    let (wizard, first) = at_bank(&bank, "TESTDE88XXX", "app-countdown-nobody").await;
    let mut seen = vec![first["form"].to_string()];
    assert!(seen[0].contains("120 seconds left"), "{}", seen[0]);
    for _ in 0..70 {
        seen.push(wizard.post(json!({ "action": "poll" })).await["form"].to_string());
    }
    assert!(seen[..60].windows(2).all(|two| two[0] != two[1]));
    assert!(seen[70].contains("\"0 seconds left\""), "{}", seen[70]);
}

#[tokio::test]
async fn the_customer_s_half_can_be_a_bare_text_at_the_end() {
    let bank = Bank::open().await;
    let (wizard, end) = at_bank(&bank, "TESTDE88XXX", "half").await;
    assert_eq!(name(&end), "finish");
    let half = end["additional_data"].as_str().unwrap();
    let id = bank.get(&wizard.transaction).await.1["id"].as_str().unwrap().to_owned();
    assert_eq!(bank.sandbox.credentials(&id).as_deref(), Some(half));
    assert_eq!(bank.sync(&id, json!({ "credentials": half })).await.0, 204);
}

#[tokio::test]
async fn a_bank_with_a_hidden_field_takes_no_form_without_it_or_with_another_value() {
    for dialect in [false, true] {
        let bank = Bank::with(Sandbox::builder().dialect(dialect)).await;
        let wizard = bank.create(json!({})).await;
        let login = wizard.post(json!({ "country_id": "DE", "bank_code": "88888890" })).await;
        let kinds: Vec<&Value> =
            login["form"]["elements"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
        let expected = ["paragraph", "text", "password", "checkbox", "hidden", "submit"];
        assert_eq!(kinds, expected);
        let state = element(&login, "state")["value"].as_str().unwrap().to_owned();

        let values = json!({ "USER_NAME": "tan", "USER_PIN": "1", "privacy_policy": "true" });
        for (sent, rule) in [(None, "required"), (Some(""), "same"), (Some("x"), "same")] {
            let mut values = values.clone();
            if let Some(sent) = sent {
                values["state"] = json!(sent);
            }
            let again = wizard.post(values).await;
            assert_eq!(name(&again), "login");
            let hidden = element(&again, "state");
            assert_eq!(
                (&hidden["value"], &hidden["failed_validation_rules"]),
                (&json!(state), &json!([rule]))
            );
        }
        let mut with_state = values.clone();
        with_state["state"] = json!(state);
        let tan = wizard.post(with_state).await;
        assert_eq!(name(&tan), "tan");
        // Each form has a value of its own.
        let next = element(&tan, "state")["value"].as_str().unwrap();
        assert_ne!(next, state);
        assert_eq!(name(&wizard.post(json!({ "TAN": "1", "state": state })).await), "tan");
        assert_eq!(name(&wizard.post(json!({ "TAN": "1", "state": next })).await), "finish");
    }
}

#[tokio::test]
async fn a_form_that_nobody_has_seen_can_be_ordered_from_outside() {
    let bank = Bank::open().await;
    let order = async |method: Method, path: &str, body: String| {
        let url = format!("{}{path}", bank.sandbox.base_url());
        let response = reqwest::Client::new().request(method, url).body(body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).unwrap())
    };
    let forms = format!(
        r#"{{"forms":[{{"form":{ODD},"requires":{{"state":"abc"}}}},{{"answer":{{"form":{{"name":"b"}}}},"until_poll":1}}],"finish":{{"additional_data":null}}}}"#
    );
    assert_eq!(order(Method::POST, "/sandbox/logins/eve/forms", forms.clone()).await.0, 200);
    let id = bank.connection(ConnectionSeed::new(SyncMode::None).login("eve"));
    let (_, session) = bank.sync(&id, json!({})).await;
    assert!(bytes(&bank, &session, json!({})).await.contains(ODD));
    let second = bytes(&bank, &session, json!({ "state": "abc", "H": "x" })).await;
    assert_eq!(second, r#"{"form":{"name":"b"}}"#);
    let end = bytes(&bank, &session, json!({ "action": "poll" })).await;
    assert_eq!(end, r#"{"additional_data":null}"#);
    let posts = format!("/sandbox/sessions/{}/posts", session["transaction"].as_str().unwrap());
    let (_, posts) = order(Method::GET, &posts, String::new()).await;
    assert_eq!(posts["posts"][1]["values"], json!({ "state": "abc", "H": "x" }));
    assert_eq!(posts["posts"][2]["values"], json!({ "action": "poll" }));
    assert_eq!(order(Method::DELETE, "/sandbox/logins/eve/forms", String::new()).await.0, 200);
    let (_, session) = bank.sync(&id, json!({})).await;
    assert_eq!(name(&bank.wizard(&session).post(json!({})).await), "login");

    let only = r#"{"forms":[{"form":{"name":"only"},"for_good":true}]}"#;
    assert_eq!(order(Method::POST, "/sandbox/forms", only.to_owned()).await.0, 200);
    let wizard = bank.create(json!({})).await;
    assert_eq!(name(&wizard.post(json!({ "a": "b" })).await), "only");

    for (body, reason) in [
        ("{}", "missing field `forms`"),
        (r#"{"forms":[{}]}"#, "either form or answer"),
        (r#"{"forms":[{"form":1,"answer":1}]}"#, "either form or answer"),
        (
            r#"{"forms":[{"form":1,"for_good":true,"until_poll":1}]}"#,
            "either until_poll or for_good",
        ),
        (r#"{"forms":[{"form":1,"until_poll":0}]}"#, "forms[0].until_poll: must be a whole number"),
        (r#"{"forms":[{"form":1,"requires":{"a":1}}]}"#, "forms[0].requires.a: invalid type"),
        (r#"{"forms":[],"finish":1,"fail":2}"#, "either finish or fail"),
        (r#"{"forms":[{"form":}]}"#, "expected value"),
    ] {
        for path in ["/sandbox/forms", "/sandbox/logins/a/forms"] {
            let (status, error) = order(Method::POST, path, body.to_owned()).await;
            let message = error["message"].as_str().unwrap();
            assert!(status == 400 && message.contains(reason), "{body}: {message}");
        }
    }
    assert_eq!(order(Method::GET, "/sandbox/sessions/none/posts", String::new()).await.0, 404);
}
