//! Requests that no client should send, and what they must not do.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};

use crate::bank::Bank;

async fn raw(
    bank: &Bank,
    method: Method,
    path: &str,
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    let request = Client::new()
        .request(method, format!("{}{path}", bank.sandbox.base_url()))
        .basic_auth("api", Some(bank.user.token()))
        .body(body);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_the_service_s_own_form_and_changes_nothing() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let before = bank.get(&id).await.1;
    let sync = format!("/v1/api/connections/{id}/sync");
    for (method, path, body, status) in [
        (Method::POST, sync.as_str(), "{\"force\":".to_owned(), 400),
        (Method::POST, &sync, "\u{0}\u{1}".to_owned(), 400),
        (Method::POST, &sync, "[1]".to_owned(), 400),
        (Method::POST, &sync, "\"text\"".to_owned(), 400),
        (Method::POST, &sync, "[".repeat(100_000), 400),
        (Method::POST, &sync, json!({ "force": { "a": 1 } }).to_string(), 422),
        (Method::POST, &sync, json!({ "credentials": [] }).to_string(), 422),
        (Method::POST, &sync, "x".repeat(10 * 1024 * 1024), 413),
        (Method::GET, "/none", String::new(), 404),
        (Method::GET, "/v2/api/connections", String::new(), 404),
        (Method::GET, "/v1/api/connections/", String::new(), 404),
        (Method::GET, "/v1/api/connections/%2e%2e%2fusers", String::new(), 404),
        (Method::GET, "/v1/api/connections/%00%ff", String::new(), 404),
        (Method::POST, "/v1/api/connections", String::new(), 405),
        (Method::PATCH, &sync, String::new(), 405),
        (Method::PUT, "/v1/api/connections", json!({ "sync_mode": "most" }).to_string(), 422),
        (Method::PUT, "/v1/api/connections", json!({ "days": -1 }).to_string(), 422),
        (Method::PUT, "/v1/api/connections", json!({ "country_id": "Germany" }).to_string(), 422),
        (Method::GET, "/v1/api/connections?page=0", String::new(), 422),
    ] {
        let shown = body.chars().take(20).collect::<String>();
        let (found, error) = raw(&bank, method, path, body).await;
        assert_eq!(found, status, "{path} {shown}");
        assert_eq!(error["code"], status);
        assert!(error["message"].is_string());
    }
    let mut after = bank.get(&id).await.1;
    after["last_synced"] = before["last_synced"].clone();
    assert_eq!(after, before);
    assert_eq!(bank.sandbox.acted("sync_connection"), 0);
    assert_eq!(bank.sandbox.acted("create_connection"), 0);
}

#[tokio::test]
async fn only_basic_credentials_of_the_user_api_are_read() {
    let bank = Bank::open().await;
    let url = format!("{}/v1/api/users", bank.sandbox.base_url());
    let key = bank.sandbox.api_key();
    let http = Client::new();
    for request in [
        http.get(&url),
        http.get(&url).bearer_auth(&key),
        http.get(&url).basic_auth("admin", Some(&key)),
        http.get(&url).header("authorization", "Basic"),
        http.get(&url).header("authorization", "Basic !!!"),
        http.get(&url).header("authorization", "Basic YXBp"),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    assert_eq!(http.get(&url).basic_auth("api", Some(&key)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_official_clients_send_is_understood() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    assert_eq!(bank.sync(&id, Value::Null).await.0, 204);
    let path = format!("/v1/api/connections/{id}/sync");
    assert_eq!(bank.user(Method::POST, &path, None).await.0, 204);
    let page = bank.look("/v1/api/connections?page=1&per_page=15&x-unknown=1&country_id=").await;
    assert_eq!(page["total"], 1);
}

async fn story(seed: u64) -> Vec<String> {
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    let http = Client::new();
    let mut answers = Vec::new();
    let mut send = async |method: Method, path: &str, secret: &str, body: Value| {
        let request = http
            .request(method, format!("{}{path}", sandbox.base_url()))
            .basic_auth("api", Some(secret))
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let head = format!("{} {:?}", response.status(), response.headers());
        let body = response.text().await.unwrap();
        answers.push(head);
        answers.push(body.clone());
        serde_json::from_str(&body).unwrap_or(Value::Null)
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let key = sandbox.api_key();
    let ada = json!({ "name": "Ada", "email": "ada@example.com" });
    let user = text(&send(Method::PUT, "/v1/api/users", &key, ada).await["id"]);
    let tokens = format!("/v1/api/users/{user}/accesstokens");
    let until = json!({ "valid_until": "2027-01-01 00:00:00" });
    let token = text(&send(Method::PUT, &tokens, &key, until).await["token"]);
    let order = json!({ "bic": "TESTDE88XXX" });
    let session = send(Method::PUT, "/v1/api/connections", &token, order).await;
    let login = json!({
        "key": session["wizard_session_key"],
        "USER_NAME": "abcdef",
        "USER_PIN": "123456",
        "privacy_policy": true,
    });
    send(Method::POST, "/v1/api/wizard", &token, login).await;
    sandbox.advance(std::time::Duration::from_secs(48 * 60 * 60));
    let accounts = send(Method::GET, "/v1/api/accounts?per_page=1", &token, json!({})).await;
    let account = text(&accounts["data"][0]["id"]);
    for path in ["balance", "turnovers"] {
        send(Method::GET, &format!("/v1/api/accounts/{account}/{path}"), &token, json!({})).await;
    }
    send(Method::GET, "/v1/events", &key, json!({})).await;
    answers
}

#[tokio::test]
async fn the_same_seed_and_the_same_requests_give_the_same_bytes() {
    let first = story(7).await;
    assert_eq!(first, story(7).await);
    assert_ne!(first, story(8).await);
}

#[tokio::test]
async fn a_reset_brings_back_the_start() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.reset();
    assert_eq!(bank.get(&id).await.0, 401);
    assert_eq!(bank.admin(Method::GET, "/v1/api/users", None).await.1["total"], 0);
    assert_eq!(bank.sandbox.add_user("Ada").id(), bank.user.id());
}
