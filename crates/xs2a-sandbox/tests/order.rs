//! The sandbox itself keeps the order of the fields in every answer. So the bytes of the answers do
//! not depend on whether some crate of the build switches on `preserve_order` of serde_json. Two
//! commands show it: `cargo test -p xs2a-sandbox --test order`, and the same with
//! `--features serde_json/preserve_order`. With `UPDATE_EXPECTED=1` the test writes `order.txt`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use reqwest::{Client, Method};
use serde_json::Value;
use xs2a_sandbox::{Builder, ConnectionSeed, Sandbox, SyncMode};

/// The requests so far and the bytes of their answers.
struct Record {
    sandbox: Sandbox,
    http: Client,
    text: String,
}

impl Record {
    async fn start(title: &str, builder: Builder) -> Self {
        let sandbox = builder.start().await.unwrap();
        Self { sandbox, http: Client::new(), text: format!("# {title}\n") }
    }

    async fn send(&mut self, secret: &str, method: Method, path: &str, body: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.base_url());
        let request = self.http.request(method.clone(), url).basic_auth("api", Some(secret));
        let request = request.header("content-type", "application/json").body(body.to_owned());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        // The port is a different one each time. The address in a redirect form contains it.
        let answer = response.text().await.unwrap();
        let answer = answer.replace(self.sandbox.base_url(), "http://HOST");
        writeln!(self.text, "{method} {path} {body}\n{status} {answer}").unwrap();
        serde_json::from_str(&answer).unwrap_or_default()
    }
}

/// Every kind of answer, from a new user to the turnovers of an account.
async fn story(title: &str, builder: Builder) -> String {
    let mut record = Record::start(title, builder).await;
    let key = record.sandbox.api_key();
    let ada = r#"{"name":"Ada","email":"ada@example.com"}"#;
    record.send(&key, Method::PUT, "/v1/api/users", ada).await;
    let user = record.sandbox.add_user("Eve");
    let tokens = format!("/v1/api/users/{}/accesstokens", user.id());
    record.send(&key, Method::GET, &tokens, "").await;
    let token = user.token();

    let order = r#"{"sync_mode":"shared","zone":{"b":[{"d":1,"c":2}],"a":2},"days":9,"alpha":1.5}"#;
    let opened = record.send(token, Method::PUT, "/v1/api/connections", order).await;
    let transaction = opened["transaction"].as_str().unwrap();
    let session = format!("/v1/sessions/{transaction}");
    record.send(&key, Method::GET, &session, "").await;
    let wizard = opened["wizard_session_key"].as_str().unwrap();
    let login = r#""USER_PIN":"123456","privacy_policy":true"#;
    for values in [
        String::new(),
        r#","country_id":"DE","bank_code":"1""#.to_owned(),
        r#","country_id":"DE","bank_code":"88888889""#.to_owned(),
        r#","USER_PIN":"000000","privacy_policy":true,"USER_NAME":"a""#.to_owned(),
        format!(r#","USER_NAME":"flicker-captcha-accounts-redirect-app",{login}"#),
        r#","TAN":"1""#.to_owned(),
        r#","CAPTCHA":"1""#.to_owned(),
        r#","account_1":true"#.to_owned(),
    ] {
        let body = format!(r#"{{"key":"{wizard}"{values}}}"#);
        record.send(token, Method::POST, "/v1/api/wizard", &body).await;
    }
    record.sandbox.approve(transaction);
    for _ in 0..4 {
        let body = format!(r#"{{"action":"poll","key":"{wizard}"}}"#);
        record.send(token, Method::POST, "/v1/api/wizard", &body).await;
    }
    record.send(&key, Method::GET, &session, "").await;

    let listed = record.send(token, Method::GET, "/v1/api/connections?per_page=1", "").await;
    let id = listed["data"][0]["id"].as_str().unwrap();
    let wrong = r#"{"secret":[],"force":"yes","credentials":[]}"#;
    record.send(token, Method::POST, &format!("/v1/api/connections/{id}/sync"), wrong).await;
    record.sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::None));
    let accounts = record.send(token, Method::GET, "/v1/api/accounts?per_page=1", "").await;
    let account = format!("/v1/api/accounts/{}", accounts["data"][0]["id"].as_str().unwrap());
    for path in ["/balance", "/turnovers?from=2026-01-31", "/turnovers", "/report/month"] {
        record.send(token, Method::GET, &format!("{account}{path}"), "").await;
    }
    record.send(&key, Method::GET, "/v1/bankcodes?bank_code=88888888", "").await;
    record.send(&key, Method::GET, "/v1/events?per_page=2", "").await;
    for path in ["clock", "log", "violations"] {
        record.send("", Method::GET, &format!("/sandbox/{path}"), "").await;
    }
    record.text
}

#[tokio::test]
async fn every_answer_has_these_bytes_whatever_serde_json_is_built_with() {
    let told = story("plain", Sandbox::builder()).await
        + &story("in the dialect", Sandbox::builder().dialect(true)).await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/order.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, &told).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    for (told, expected) in told.lines().zip(expected.lines()) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.lines().count(), expected.lines().count());
    assert!(told.contains(r#""options":{"DE":"Germany","AT":"Austria","CH":"Switzerland"}"#));
}
