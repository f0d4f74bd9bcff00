//! The controls over HTTP, as clients in other languages use them.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::bank::{Bank, Reply};

async fn order(bank: &Bank, method: Method, path: &str, body: Value) -> Reply {
    let url = format!("{}{path}", bank.sandbox.base_url());
    let request = Client::new().request(method, url).body(body.to_string());
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

async fn post(bank: &Bank, path: &str, body: Value) -> Value {
    let (status, value) = order(bank, Method::POST, path, body).await;
    assert!(status.is_success(), "{path}: {value}");
    value
}

#[tokio::test]
async fn everything_can_be_ordered_from_outside() {
    let bank = Bank::open().await;
    let user = post(&bank, "/sandbox/users", json!({ "name": "Eve" })).await;
    let token = user["token"].as_str().unwrap();
    let made = json!({ "user": user["id"], "mode": "shared", "failures": 2, "login": "eve" });
    let made = post(&bank, "/sandbox/connections", made).await;
    let connection = format!("/v1/api/connections/{}", made["id"].as_str().unwrap());
    let sync = format!("{connection}/sync");
    let forced = json!({ "credentials": made["credentials"], "force": true });
    let half = json!({ "credentials": made["credentials"] });
    let look = async || bank.send(token, Method::GET, &connection, None).await.1;
    assert_eq!(look().await["sync_fail_counter"], 2);

    // A sync that succeeds, one that takes long, one that fails.
    assert_eq!(bank.send(token, Method::POST, &sync, Some(forced)).await.0, 204);
    assert_eq!(look().await["sync_fail_counter"], 0);
    let script = format!("/sandbox/connections/{}/bank", made["id"].as_str().unwrap());
    post(&bank, &script, json!({ "next": "slow", "seconds": 3600 })).await;
    let before = look().await["last_synced"].clone();
    assert_eq!(bank.send(token, Method::POST, &sync, Some(half.clone())).await.0, 204);
    assert_eq!(look().await["last_synced"], before);
    let clock = post(&bank, "/sandbox/clock", json!({ "hours": 1 })).await;
    assert!(clock["berlin"].as_str().unwrap().starts_with("2026-01-31 11:"));
    assert_ne!(look().await["last_synced"], before);
    post(&bank, "/sandbox/logins/eve", json!({ "bank": "wrong_password" })).await;
    bank.send(token, Method::POST, &sync, Some(half.clone())).await;
    assert_eq!(look().await["sync_fail_counter"], 1);
    post(&bank, "/sandbox/logins/eve", json!({ "bank": null })).await;

    // A broken call, and one that is well again.
    let fault =
        json!({ "fault": "throttle", "retry_after": 7, "operation": "get_connection", "call": 1 });
    post(&bank, "/sandbox/faults", fault).await;
    assert_eq!(look().await["code"], 429);
    assert_eq!(look().await["sync_fail_counter"], 1);
    post(&bank, "/sandbox/faults", json!({ "fault": "html" })).await;
    assert_eq!(bank.send(token, Method::GET, &connection, None).await.0, 502);
    order(&bank, Method::DELETE, "/sandbox/faults", Value::Null).await;
    assert_eq!(bank.send(token, Method::GET, &connection, None).await.0, 200);

    // The wizard without a user, and with one who approves.
    let (_, session) = bank.send(token, Method::PUT, "/v1/api/connections", Some(json!({}))).await;
    let session = format!("/sandbox/sessions/{}", session["transaction"].as_str().unwrap());
    post(&bank, &format!("{session}/approve"), Value::Null).await;
    let done = post(&bank, &format!("{session}/complete"), Value::Null).await;
    assert!(done["connection"].is_string());
    assert_eq!(
        order(&bank, Method::POST, &format!("{session}/complete"), Value::Null).await.0,
        404
    );

    let (_, log) = order(&bank, Method::GET, "/sandbox/log", Value::Null).await;
    assert_eq!(log["operations"]["sync_connection"], json!({ "received": 3, "acted": 3 }));
    let faults =
        log["requests"].as_array().unwrap().iter().filter(|entry| entry["fault"] == "html");
    assert_eq!(faults.count(), 1);
    assert!(!log.to_string().contains(token));
    let (_, violations) = order(&bank, Method::GET, "/sandbox/violations", Value::Null).await;
    assert_eq!(violations, json!({ "violations": [] }));
    post(&bank, "/sandbox/reset", Value::Null).await;
    assert_eq!(bank.send(token, Method::GET, &connection, None).await.0, 401);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused() {
    let bank = Bank::open().await;
    for (method, path, body, status) in [
        (Method::POST, "/sandbox/clock", json!({}), 422),
        (Method::POST, "/sandbox/clock", json!({ "days": 1_000_000 }), 422),
        (Method::POST, "/sandbox/faults", json!({ "fault": "flood" }), 422),
        (Method::POST, "/sandbox/faults", json!({ "fault": "empty", "operation": "sync" }), 422),
        (Method::POST, "/sandbox/faults", json!({ "fault": "status", "status": 99 }), 422),
        (Method::POST, "/sandbox/connections", json!({}), 422),
        (Method::POST, "/sandbox/connections", json!({ "user": "none" }), 404),
        (Method::POST, "/sandbox/connections/none/bank", json!({ "next": "slow" }), 404),
        (Method::POST, "/sandbox/connections/none/bank", json!({}), 422),
        (Method::POST, "/sandbox/connections/none/accounts", json!({ "type": "sack" }), 422),
        (Method::POST, "/sandbox/logins/a", json!({ "bank": "robbed" }), 422),
        (Method::POST, "/sandbox/sessions/none/approve", json!({}), 404),
        (Method::POST, "/sandbox/users", json!([1]), 400),
        (Method::POST, "/sandbox/log", json!({}), 404),
        (Method::GET, "/sandbox/none", json!({}), 404),
    ] {
        let (found, error) = order(&bank, method, path, body).await;
        assert_eq!((found.as_u16(), &error["code"]), (status, &json!(status)), "{path}");
    }
    assert_eq!(order(&bank, Method::GET, "/sandbox", Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_port_that_was_told_to_refuse_comes_back_by_itself() {
    let bank = Bank::open().await;
    let (status, _) = order(&bank, Method::POST, "/sandbox/refuse", json!({ "millis": 1 })).await;
    assert_eq!(status, 200);
    bank.sandbox.accept_connections().await;
    assert_eq!(bank.look("/v1/api/connections").await["total"], 0);
}
