//! What the page at `/` shows and does, asked for as the page asks.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use xs2a_sandbox::{
    BankFault, ConnectionSeed, Fault, Sandbox, ScriptedForm, StartError, SyncMode, SyncPlan,
    WizardScript,
};

use crate::bank::Bank;

async fn get(bank: &Bank, path: &str) -> Value {
    let response = send(bank, Method::GET, path, "").await;
    assert_eq!(response.status(), 200, "{path}");
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

async fn post(bank: &Bank, path: &str, body: &Value) -> Value {
    let response = send(bank, Method::POST, path, &body.to_string()).await;
    assert!(response.status().is_success(), "{path}: {}", response.status());
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

async fn send(bank: &Bank, method: Method, path: &str, body: &str) -> Response {
    let url = format!("{}{path}", bank.sandbox.base_url());
    Client::new().request(method, url).body(body.to_owned()).send().await.unwrap()
}

/// What the stream tells at first: the lines that are kept.
async fn lines(bank: &Bank) -> Vec<Value> {
    let mut response = send(bank, Method::GET, "/sandbox/stream", "").await;
    let mut text = String::new();
    while !text.contains("\n\n") {
        text += std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap();
    }
    let told: Value = serde_json::from_str(text.trim().strip_prefix("data: ").unwrap()).unwrap();
    told["lines"].as_array().unwrap().clone()
}

async fn details(bank: &Bank) -> String {
    let mut all = String::new();
    for line in lines(bank).await {
        all += &get(bank, &format!("/sandbox/log/{}", line["number"])).await.to_string();
    }
    all
}

#[tokio::test]
async fn the_page_is_sent_with_a_policy_that_lets_nothing_else_in() {
    let bank = Bank::open().await;
    for path in
        ["/", "/sandbox/page.css", "/sandbox/page.js", "/sandbox/form.js", "/sandbox/dom.js"]
    {
        let response = send(&bank, Method::GET, path, "").await;
        assert_eq!(response.status(), 200, "{path}");
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for part in ["default-src 'none'", "script-src 'self';", "require-trusted-types-for"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
    assert_eq!(bank.sandbox.log(), []);
}

#[tokio::test]
async fn the_page_knows_every_kind_of_element_that_the_spec_has() {
    let spec = include_str!("../../spec/xs2a.yaml");
    let script = include_str!("../../page/form.js").split("const KINDS = {").nth(1).unwrap();
    let script = script.split("\n};").next().unwrap();
    let known: Vec<&str> = script
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .flat_map(|line| line.split(&[':', ','][..]).map(str::trim))
        .collect();
    let kinds = spec.lines().filter_map(|line| {
        let (kind, schema) = line.trim().split_once(": '#/components/schemas/")?;
        (line.starts_with("          ") && schema.ends_with("Element'") && kind != "$ref")
            .then_some(kind)
    });
    let kinds: Vec<&str> = kinds.filter(|kind| !kind.starts_with('-')).collect();
    assert!(kinds.len() > 12, "{kinds:?}");
    for kind in kinds {
        assert!(known.contains(&kind), "the page does not draw {kind}");
    }
}

#[tokio::test]
async fn orders_from_pages_of_other_servers_are_refused_unless_they_are_allowed_and_local() {
    let closed = Bank::open().await;
    let open = Bank::with(Sandbox::builder().cors(true)).await;
    for (origin, by_default, allowed) in [
        (None, 200, 200),
        (Some("own"), 200, 200),
        (Some("http://localhost:3000"), 403, 200),
        (Some("http://evil.example.com"), 403, 403),
        (Some("null"), 403, 403),
    ] {
        for (bank, status) in [(&closed, by_default), (&open, allowed)] {
            let own = bank.sandbox.base_url();
            let mut order = Client::new().post(format!("{own}/sandbox/clock"));
            if let Some(origin) = origin {
                order = order.header("origin", if origin == "own" { own } else { origin });
            }
            let answer = order.body(r#"{"seconds":1}"#).send().await.unwrap();
            assert_eq!(answer.status(), status, "{origin:?}");
        }
    }
}

#[tokio::test]
async fn pages_of_this_machine_may_call_the_service_only_where_that_was_asked_for() {
    let ask = async |bank: &Bank, origin: &str| {
        let url = format!("{}/v1/api/connections", bank.sandbox.base_url());
        let before = Client::new().request(Method::OPTIONS, &url).header("origin", origin);
        let before = before
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "authorization,content-type");
        let before = before.send().await.unwrap();
        let call = Client::new().get(url).header("origin", origin).send().await.unwrap();
        let allowed = |response: &Response, name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let origin = allowed(&call, "access-control-allow-origin");
        assert_eq!(allowed(&before, "access-control-allow-origin"), origin);
        (origin, allowed(&before, "access-control-allow-headers"))
    };
    let open = Bank::with(Sandbox::builder().cors(true)).await;
    let local = "http://localhost:3000";
    let headers = "authorization,content-type".to_owned();
    assert_eq!(ask(&open, local).await, (Some(local.to_owned()), Some(headers)));
    assert_eq!(ask(&open, "http://example.com").await.0, None);
    assert_eq!(ask(&Bank::open().await, local).await.0, None);
}

#[tokio::test]
async fn health_and_spec_are_answered_under_any_name_whatever_is_broken() {
    let bank = Bank::open().await;
    bank.sandbox.fault(Fault::Status(500)).always();
    let now = bank.sandbox.now();
    for (path, word) in [("/healthz", "OK"), ("/openapi.yaml", "openapi: 3.0.3")] {
        let url = format!("{}{path}", bank.sandbox.base_url());
        let call = Client::new().get(url).header("host", "sandbox.example.com");
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.text().await.unwrap().contains(word));
    }
    assert_eq!((bank.sandbox.now(), bank.sandbox.log().len()), (now, 0));
}

#[tokio::test]
async fn every_state_of_a_connection_has_its_words_and_its_next_step() {
    let bank = Bank::open().await;
    let full = || ConnectionSeed::new(SyncMode::Full);
    let slow = bank.connection(full());
    bank.sandbox.fail_next_sync(&slow, BankFault::Slow(Duration::from_secs(3600)));
    assert_eq!(bank.sync(&slow, json!({})).await.0, 204);
    let queued = bank.connection(full());
    let plan = SyncPlan::new().begins_after(Duration::from_secs(600));
    bank.sandbox.plan_next_sync(&queued, plan);
    assert_eq!(bank.sync(&queued, json!({})).await.0, 204);
    let expected = [
        (slow, "busy", "A sync is running until 2026-01-31 11:00:01.", "Look again"),
        (queued, "busy", "A sync waits for its turn at 2026-01-31 10:10:02.", "Look again"),
        (bank.connection(full()), "good", "The next automatic sync is at 2026-02-01", "Nothing"),
        (bank.connection(full().active(false)), "good", "no automatic syncs", "Sync when"),
        (bank.connection(full().failures(1)), "bad", "Failed 1 of 3", "Sync with force."),
        (bank.connection(full().failures(1).active(true)), "bad", "Failed 1 of 3", "Sync."),
        (
            bank.connection(full().failures(2).message("No <b>luck</b>.")),
            "bad",
            "Failed 2 of 3 times in a row: No <b>luck</b>.",
            "The last attempt is left",
        ),
        (bank.connection(full().failures(3)), "bad", "Disabled for good", "Delete"),
        (
            bank.connection(full().consent_valid_until("2026-01-30".parse().unwrap())),
            "user",
            "The consent of the user ended on 2026-01-30.",
            "Sync or reset.",
        ),
        (
            bank.connection(ConnectionSeed::new(SyncMode::Shared)),
            "good",
            "The credentials are shared.",
            "customer's half",
        ),
        (
            bank.connection(ConnectionSeed::new(SyncMode::None).never_synced()),
            "user",
            "Never synced. Nobody keeps the credentials.",
            "opens a wizard session",
        ),
    ];
    let state = get(&bank, "/sandbox/state").await;
    let connections = state["users"][0]["connections"].as_array().unwrap();
    assert_eq!(connections.len(), expected.len());
    for ((id, tone, words, next), shown) in expected.iter().zip(connections) {
        assert_eq!(shown["id"], *id);
        assert_eq!(shown["standing"]["tone"], *tone, "{shown}");
        for (key, part) in [("state", words), ("next", next)] {
            let text = shown["standing"][key].as_str().unwrap();
            assert!(text.contains(part), "{text}");
        }
    }
    let account = &connections[0]["accounts"][0];
    let path = format!("/sandbox/accounts/{}/turnovers", account["id"].as_str().unwrap());
    let turnovers = get(&bank, &path).await;
    let count = turnovers["turnovers"].as_array().unwrap().len();
    assert_eq!(json!(count), account["turnovers"]);
}

#[tokio::test]
async fn the_user_is_played_without_a_key_and_what_the_customer_gets_is_not_shown() {
    let bank = Bank::open().await;
    let sessions = format!("/sandbox/users/{}/sessions", bank.user.id());
    let opened = post(&bank, &sessions, &json!({ "sync_mode": "shared" })).await;
    let path = format!("/sandbox/sessions/{}", opened["transaction"].as_str().unwrap());
    let first = get(&bank, &path).await;
    assert_eq!((&first["open"], &first["state"]), (&json!(true), &json!("The user picks a bank.")));
    let pick = json!({ "country_id": "DE", "bank_code": "88888888", "key": "another" });
    assert_eq!(post(&bank, &path, &pick).await["answer"]["form"]["name"], "login");

    let login = |pin: &str| json!({ "USER_NAME": "app", "USER_PIN": pin, "privacy_policy": true });
    let again = post(&bank, &path, &login("000000")).await;
    assert_eq!(again["answer"]["error"]["message"], "The bank has rejected this.");
    let waits = post(&bank, &path, &login("123456")).await;
    assert_eq!(waits["state"], "The user approves the login in the app of the bank.");
    assert!(waits["answer"]["polling"]["interval"].is_number());
    post(&bank, &format!("{path}/approve"), &Value::Null).await;
    let end = post(&bank, &path, &json!({ "action": "poll" })).await;
    assert_eq!((&end["open"], &end["answer"]["form"]["name"]), (&json!(false), &json!("finish")));
    assert_eq!(end["answer"]["additional_data"], Value::Null);

    let state = get(&bank, "/sandbox/state").await;
    let connection = &state["users"][0]["connections"][0];
    assert_eq!(connection["sync_mode"], "shared");
    let half = bank.sandbox.credentials(connection["id"].as_str().unwrap()).unwrap();
    for text in [end, state] {
        assert!(!text.to_string().contains(&half));
    }
    for (method, path) in [(Method::GET, "/sandbox/sessions/none"), (Method::POST, &sessions)] {
        let body = r#"{"sync_mode":"most"}"#;
        assert!(send(&bank, method, path, body).await.status().is_client_error());
    }
}

#[tokio::test]
async fn a_session_that_a_test_has_written_can_be_played_and_shows_no_secret_either() {
    let bank = Bank::open().await;
    let form = r#"{"name":"f","elements":[{"type":"select","name":"s","options":{"z":"Z","a":"A"}},
                   {"type":"text","name":"t","label":"Words","value":"SECRET-VALUE"}]}"#;
    let end = r#"{"form":null,"additional_data":"SECRET-HALF"}"#;
    let script = WizardScript::new([ScriptedForm::form(form), ScriptedForm::answer("no JSON")]);
    bank.sandbox.script_next_session(script.finish(end));
    let wizard = bank.create(json!({})).await;
    wizard.post(json!({})).await;
    let path = format!("/sandbox/sessions/{}", wizard.transaction);
    let shown = send(&bank, Method::GET, &path, "").await.text().await.unwrap();
    // The order of the options stays.
    assert!(shown.contains(r#""options":{"z":"Z","a":"A"}"#), "{shown}");
    let broken = post(&bank, &path, &json!({ "s": "a" })).await;
    assert!(broken["answer"]["error"].as_str().unwrap().contains("no JSON object"));
    let end = post(&bank, &path, &json!({ "s": "a" })).await;
    assert_eq!((&end["open"], &end["answer"]["additional_data"]), (&json!(false), &Value::Null));
    wizard.post(json!({})).await;
    let all = details(&bank).await;
    assert!(all.contains("Words") && !all.contains("SECRET"), "{all}");
}

#[tokio::test]
async fn a_line_of_the_log_opens_to_request_and_answer_without_secrets() {
    let bank = Bank::with(Sandbox::builder().api_key("CANARY-KEY").dialect(true)).await;
    let seed = ConnectionSeed::new(SyncMode::Shared).credentials("CANARY-HALF");
    let id = bank.connection(seed.failures(1));
    let echo = format!("rejected {}", bank.user.token());
    bank.connection(ConnectionSeed::new(SyncMode::Full).message(echo).failures(1));
    bank.user(Method::GET, "/v1/api/connections", None).await;
    bank.sync(&id, json!({ "force": true, "credentials": "CANARY-HALF" })).await;
    bank.sync(&id, json!({ "credentials": ["CANARY-LIST"], "CANARY": "CANARY-FIELD" })).await;
    bank.admin(Method::GET, "/v1/api/users?page=1&secret=CANARY-QUERY", None).await;
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX", "language": "de" })).await;
    wizard.post(json!({ "USER_NAME": "CANARY-NAME", "USER_PIN": "CANARY-PIN" })).await;
    wizard.log_in("redirect").await;
    bank.admin(Method::GET, &format!("/v1/sessions/{}", wizard.transaction), None).await;
    bank.admin(Method::GET, "/v1/events", None).await;
    let tokens = format!("/v1/api/users/{}/accesstokens", bank.user.id());
    let (_, token) = bank.admin(Method::PUT, &tokens, Some(json!({}))).await;
    bank.send("CANARY-WRONG", Method::GET, "/v1/api/connections/CANARY-WRONG", None).await;
    bank.send("CANARY-WRONG", Method::GET, "/CANARY-PATH", None).await;
    let body = "CANARY-ANSWER".to_owned();
    let content_type = "text/plain".to_owned();
    bank.sandbox.fault(Fault::Answer { status: 200, content_type, body }).next();
    bank.admin(Method::GET, "/v1/api/users", None).await;

    let all = details(&bank).await + &get(&bank, "/sandbox/state").await.to_string();
    let all = all.replace("\"CANARY\"", "");
    assert!(!all.contains("CANARY"), "{}", &all[all.find("CANARY").unwrap().saturating_sub(300)..]);
    for secret in [bank.user.token(), &wizard.key, token["token"].as_str().unwrap()] {
        assert!(!all.contains(secret));
    }
    // What is no secret is shown.
    for part in ["TESTDE88XXX", "\"page\":\"1\"", "must be a text", "the API key", "\"force\":true"]
    {
        assert!(all.contains(part), "{part}");
    }
    assert!(all.contains("(13 bytes of text/plain)"));
}

#[tokio::test]
async fn a_day_of_automatic_syncs_leaves_a_log_of_bounded_length() {
    let bank = Bank::open().await;
    for _ in 0..150 {
        bank.connection(ConnectionSeed::new(SyncMode::Full));
    }
    bank.sandbox.advance(Duration::from_secs(24 * 60 * 60 + 60));
    let lines = lines(&bank).await;
    assert_eq!(lines.len(), 200);
    assert_eq!(lines[199]["event"], "bank_connection.synced");
    let numbers: Vec<u64> = lines.iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (150..350).collect::<Vec<_>>());
    assert_eq!(get(&bank, "/sandbox/state").await["users"][0]["more_connections"], 130);
}

#[tokio::test]
async fn the_choices_are_what_the_orders_accept() {
    let bank = Bank::open().await;
    let choices = get(&bank, "/sandbox/choices").await;
    for fault in choices["faults"].as_array().unwrap() {
        let mut order = json!({ "fault": fault, "operation": "get_event", "call": 1 });
        if fault == "edit" {
            order["edits"] = json!([{ "pointer": "/id", "remove": true }]);
        } else if fault == "header" {
            (order["name"], order["value"]) = (json!("x-test"), json!("1"));
        }
        post(&bank, "/sandbox/faults", &order).await;
    }
    for does in choices["bank"].as_array().unwrap() {
        post(&bank, "/sandbox/logins/abcdef", &json!({ "bank": does })).await;
    }
    let state = get(&bank, "/sandbox/state").await;
    assert_eq!(
        state["faults"].as_array().unwrap().len(),
        choices["faults"].as_array().unwrap().len()
    );
    assert_eq!(state["faults"][1], "throttle, get_event, call 1 from now");
    assert_eq!(state["logins"][0], json!({ "login": "abcdef", "bank": "slow" }));
    assert!(choices["fault_fields"].as_array().unwrap().contains(&json!("retry_after")));
    assert!(choices["operations"].as_array().unwrap().contains(&json!("get_event")));
}

#[tokio::test]
async fn a_scenario_is_loaded_at_the_start_or_later_and_a_reset_brings_it_back() {
    let yaml = "
clock: { starts_at: 2026-03-02T05:00:00Z, passes: { hours: 1 } }
logins: { eve: { bank: tan_required } }
users:
  - name: Ada
    token: ada-token
    connections:
      - { login: eve, sync: true }
      - { mode: none, consent_days: 3, finds: [{ type: loan }] }
      - { next: [{ next: slow, seconds: 7200 }], sync: true, count: 2 }
faults: [{ fault: throttle, operation: list_users, call: 1 }]
";
    let bank = Bank::with(Sandbox::builder().scenario("mine.yaml", yaml)).await;
    let told = async || {
        let state = get(&bank, "/sandbox/state").await;
        let ada = &state["users"][0];
        assert_eq!(
            (&ada["name"], &state["berlin"]),
            (&json!("Ada"), &json!("2026-03-02 07:00:00"))
        );
        // Nobody has come for an hour.
        assert_eq!(ada["sessions"], json!([]));
        assert_eq!(ada["connections"][1]["consent_valid_until"], "2026-03-05");
        assert_eq!(ada["connections"][2]["standing"]["tone"], "busy");
        assert_eq!(state["faults"].as_array().unwrap().len(), 1);
        assert_eq!(state["logins"].as_array().unwrap().len(), 1);
    };
    told().await;
    assert_eq!(bank.send("ada-token", Method::GET, "/v1/api/accounts", None).await.1["total"], 12);
    bank.sandbox.reset();
    told().await;

    post(&bank, "/sandbox/scenarios/one-morning", &Value::Null).await;
    let state = get(&bank, "/sandbox/state").await;
    assert_eq!(state["users"][1]["sessions"][0]["state"], "The bank asks for a TAN.");
    let tones: Vec<&str> = state["users"][0]["connections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|connection| connection["standing"]["tone"].as_str().unwrap())
        .collect();
    assert_eq!(tones, ["good", "bad", "bad", "bad", "user", "good", "user", "busy", "busy"]);
    post(&bank, "/sandbox/scenarios/bad-day", &Value::Null).await;
    assert_eq!(get(&bank, "/sandbox/state").await["faults"].as_array().unwrap().len(), 3);
    let bare = send(&bank, Method::POST, "/sandbox/scenario", "").await;
    assert_eq!(bare.status(), 200);
    assert_eq!(get(&bank, "/sandbox/state").await["users"], json!([]));
    assert_eq!(send(&bank, Method::POST, "/sandbox/scenarios/none", "").await.status(), 404);
}

#[tokio::test]
async fn the_scenario_of_the_readme_can_be_loaded() {
    let readme = include_str!("../../README.md");
    let yaml = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let bank = Bank::with(Sandbox::builder().scenario("README.md", yaml)).await;
    let state = get(&bank, "/sandbox/state").await;
    assert_eq!(state["users"][0]["connections"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_scenario_that_is_wrong_is_refused_with_line_and_column_and_changes_nothing() {
    let bank = Bank::open().await;
    for (yaml, place, word) in [
        ("users:\n  - nam: Ada\n", (2, 5), "unknown field `nam`, expected"),
        ("users:\n  - name: 7\n", (2, 5), "expected a string"),
        (
            "users: [{name: A, token: t},\n {name: B, token: t}]",
            (2, 12),
            "token: another user has the same",
        ),
        ("users: [{token: t, count: 2}]", (1, 10), "several users cannot have the same"),
        ("users:\n- connections:\n  - mode: most\n", (3, 5), "unknown variant `most`"),
        ("users:\n- connections:\n  - failures: 4\n", (3, 5), "from 0 to 3"),
        ("users:\n- connections:\n  - user: x\n", (2, 3), "these belong to the new users"),
        (
            "users:\n- connections:\n  - next:\n    - next: slow\n    - next: fast\n",
            (5, 7),
            "unknown variant `fast`",
        ),
        (
            "users:\n- connections:\n  - mode: none\n  - next: [{},\n     {}]\n",
            (4, 12),
            "connections[1]: next[0]: missing field",
        ),
        (
            "users:\n- connections: [{never_synced: true,\n    synced_ago: 1}]\n",
            (2, 18),
            "never_synced: excludes",
        ),
        ("logins:\n  eve: {bank: robbed}\n", (2, 9), "unknown variant `robbed`"),
        ("logins:\n  eve:\n    bank: unavailable\n    seconds: 4\n", (4, 5), "only slow takes"),
        ("faults:\n  - fault: status\n    millis: 9\n", (3, 5), "does not belong to the fault"),
        ("faults: [{fault: html, operation: sync}]\n", (1, 24), "no such operation"),
        ("clock:\n  starts_at: soon\n", (2, 3), "failed to parse"),
        ("clock:\n  passes: {}\n", (2, 3), "say how far"),
        ("clock: 7\n", (1, 1), "expected what the clock does"),
        ("- users\n", (1, 3), "expected what the clock does"),
        ("users: [\n", (2, 1), ""),
        ("users: []\nusers: []\n", (2, 1), "duplicated"),
        ("users: []\n---\nusers: []\n", (3, 1), "second YAML document"),
        ("users: !x []\n", (1, 8), "tags"),
        ("{1.5: x}\n", (1, 2), "a key must be a text"),
        ("users: []\nlogins: .nan\n", (2, 9), "not finite"),
    ] {
        let error = Sandbox::builder().scenario("my.yaml", yaml).start().await.unwrap_err();
        let StartError::Scenario { line, column, message, .. } = &error else { panic!("{error}") };
        assert_eq!((*line, *column), place, "{yaml}{message}");
        assert!(message.contains(word), "{yaml}{message}");
        assert_eq!(error.to_string(), format!("my.yaml:{line}:{column}: {message}"));
        let answer = send(&bank, Method::POST, "/sandbox/scenario", yaml).await;
        assert_eq!(answer.status(), 400);
        let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(told["message"], format!("line {line}, column {column}: {message}"));
    }
    for absurd in ["[", "{a: ", "- ", "? ", "- ? "] {
        let error = Sandbox::builder().scenario("my.yaml", absurd.repeat(10_000)).start().await;
        assert!(matches!(error, Err(StartError::Scenario { .. })), "{absurd}");
    }
    let latin = Client::new().post(format!("{}/sandbox/scenario", bank.sandbox.base_url()));
    assert_eq!(latin.body(vec![0xff]).send().await.unwrap().status(), 400);
    assert_eq!(get(&bank, "/sandbox/state").await["users"][0]["name"], "Ada");
}
