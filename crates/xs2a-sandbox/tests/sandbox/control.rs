//! The orders over HTTP, as clients in other languages give them.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use xs2a_sandbox::Sandbox;

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

    // A call that is broken, and the next one that is not.
    let fault =
        json!({ "fault": "throttle", "retry_after": 7, "operation": "get_connection", "call": 1 });
    post(&bank, "/sandbox/faults", fault).await;
    assert_eq!(look().await["code"], 429);
    assert_eq!(look().await["sync_fail_counter"], 1);
    post(&bank, "/sandbox/faults", json!({ "fault": "html" })).await;
    assert_eq!(bank.send(token, Method::GET, &connection, None).await.0, 502);
    order(&bank, Method::DELETE, "/sandbox/faults", Value::Null).await;
    assert_eq!(bank.send(token, Method::GET, &connection, None).await.0, 200);

    // An answer with a number that no float holds, and with a null.
    let edits =
        r#"[{"pointer":"/id","set":210000000003139471430009017},{"pointer":"/bic","set":null}]"#;
    let fault = format!(
        r#"{{"fault":"edit","id":"{}","times":1,"edits":{edits}}}"#,
        made["id"].as_str().unwrap()
    );
    let url = format!("{}/sandbox/faults", bank.sandbox.base_url());
    assert_eq!(Client::new().post(url).body(fault).send().await.unwrap().status(), 200);
    let url = format!("{}{connection}", bank.sandbox.base_url());
    let odd = Client::new().get(url).basic_auth("api", Some(token)).send().await.unwrap();
    let odd = odd.text().await.unwrap();
    assert!(odd.starts_with(r#"{"id":210000000003139471430009017,"#), "{odd}");
    assert!(odd.contains(r#""bic":null"#), "{odd}");
    assert_eq!(look().await["id"], made["id"]);

    // The user approves, and walks through the rest of the wizard.
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
async fn an_order_that_makes_no_sense_is_refused_and_told_why() {
    let bank = Bank::open().await;
    for (path, body, reason) in [
        ("clock", json!({}), "say how far"),
        ("clock", json!({ "seconds": 0 }), "say how far"),
        ("clock", json!({ "days": 1_000_000 }), "ten years at most"),
        ("clock", json!({ "days": -1 }), "days: must be a whole number from 0 to"),
        ("clock", json!({ "day": 1 }), "unknown field `day`, expected one of `seconds`"),
        (
            "faults",
            json!({ "fault": "flood" }),
            "unknown variant `flood`, expected one of `status`",
        ),
        ("faults", json!({}), "missing field `fault`"),
        ("faults", json!({ "fault": "empty", "operation": "sync" }), "no such operation"),
        ("faults", json!({ "fault": "status", "status": 99 }), "from 200 to 599"),
        ("faults", json!({ "fault": "status", "millis": 9 }), "millis: does not belong to"),
        ("faults", json!({ "fault": "delay", "millis": 600_001 }), "from 0 to 600000"),
        ("faults", json!({ "fault": "html", "call": 0 }), "call: must be a whole number from 1"),
        ("faults", json!({ "fault": "html", "call": 1, "every": 2 }), "only one of call, times"),
        ("faults", json!({ "fault": "html", "answered": 202 }), "answered: the service does not"),
        ("faults", json!({ "fault": "html", "answered": 99 }), "answered: must be a whole"),
        ("faults", json!({ "fault": "cut_body", "after_acting": true }), "after_acting: the"),
        ("faults", json!({ "fault": "header", "name": "date" }), "missing field `value`"),
        ("faults", json!({ "fault": "header", "name": "a b", "value": "" }), "name: is not the"),
        ("faults", json!({ "fault": "edit" }), "missing field `edits`"),
        ("faults", json!({ "fault": "edit", "edits": [] }), "edits: there is none"),
        ("faults", json!({ "fault": "edit", "edits": [{ "pointer": "" }] }), "set or remove"),
        ("faults", json!({ "fault": "edit", "edits": [{ "pointer": "a", "set": 1 }] }), "slash"),
        ("faults", json!({ "fault": "cut_body", "edits": [] }), "edits: does not belong to"),
        ("connections", json!({}), "missing field `user`"),
        ("connections", json!({ "user": "x", "failures": 4 }), "failures: must be"),
        ("connections", json!({ "user": "x", "mode": "most" }), "mode: unknown variant `most`"),
        ("connections", json!({ "user": "x", "consent_valid_until": "soon" }), "consent_valid"),
        ("connections", json!({ "user": "x", "count": 50_001 }), "count: must be a whole number"),
        ("connections", json!({ "user": "x", "never_synced": true, "spread": 1 }), "never_synced"),
        ("users", json!({ "connections": [{ "user": "x" }] }), "connections: these belong"),
        ("users", json!({ "connections": [{ "mode": "most" }] }), "connections[0].mode: unknown"),
        (
            "users",
            json!({ "count": 50_000, "connections": [{ "count": 3 }] }),
            "100000 connections",
        ),
        ("connections/none/bank", json!({}), "missing field `next`"),
        ("connections/none/bank", json!({ "seconds": 1 }), "seconds: only slow takes seconds"),
        ("connections/none/bank", json!({ "begins_after": -1 }), "begins_after: must be a whole"),
        ("connections/none/bank", json!({ "shows_after": "1 h" }), "shows_after: invalid type"),
        ("connections/none/bank", json!({ "next": "tan_required", "seconds": 1 }), "only slow"),
        ("connections/none/accounts", json!({ "type": "sack" }), "type: unknown variant `sack`"),
        ("logins/a", json!({ "bank": "robbed" }), "bank: unknown variant `robbed`"),
        ("users", json!([1]), "invalid type"),
        ("users", json!("text"), "invalid type"),
        ("users", json!({ "name": 7 }), "name: invalid type"),
    ] {
        let (status, error) = order(&bank, Method::POST, &format!("/sandbox/{path}"), body).await;
        assert_eq!((status.as_u16(), &error["code"]), (400, &json!(400)), "{path}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(reason), "{path}: {message}");
    }
    for (method, path, body) in [
        (Method::POST, "/sandbox/connections", json!({ "user": "none" })),
        (Method::POST, "/sandbox/connections/none/bank", json!({ "next": "slow" })),
        (Method::POST, "/sandbox/connections/none/accounts", json!({ "type": "loan" })),
        (Method::GET, "/sandbox/connections/none/counts", json!({})),
        (Method::GET, "/sandbox/connections/none/sessions", json!({})),
        (Method::DELETE, "/sandbox/users/none", json!({})),
        (Method::POST, "/sandbox/sessions/none/approve", json!({})),
        (Method::POST, "/sandbox/log", json!({})),
        (Method::GET, "/sandbox/none", json!({})),
        (Method::GET, "/sandbox/bank/none", json!({})),
    ] {
        let (status, error) = order(&bank, method, path, body).await;
        assert_eq!((status.as_u16(), &error["code"]), (404, &json!(404)), "{path}");
    }
    assert_eq!(order(&bank, Method::GET, "/sandbox", Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_fleet_is_made_by_one_order_and_counted_by_another() {
    let bank = Bank::open().await;
    let kinds = json!([
        { "mode": "full", "count": 4, "spread": 86_400, "accounts": false },
        { "mode": "shared", "credentials": "half", "synced_ago": 3_600, "accounts": false },
    ]);
    let made = post(&bank, "/sandbox/users", json!({ "count": 250, "connections": kinds })).await;
    let users = made["users"].as_array().unwrap();
    assert_eq!(users.len(), 250);
    let (token, connections) =
        (&users[249]["token"], users[249]["connections"].as_array().unwrap());
    let token = token.as_str().unwrap();
    let page = bank.send(token, Method::GET, "/v1/api/connections", None).await.1;
    assert_eq!(page["total"], 5);
    let last_syncs: Vec<&str> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["last_synced"].as_str().unwrap())
        .collect();
    assert_eq!(
        last_syncs,
        [
            "2026-01-31 10:00:00",
            "2026-01-31 04:00:00",
            "2026-01-30 22:00:00",
            "2026-01-30 16:00:00",
            "2026-01-31 09:00:00",
        ]
    );
    assert_eq!(
        (&connections[0]["credentials"], &connections[4]["credentials"]),
        (&Value::Null, &json!("half"))
    );
    let accounts = bank.send(token, Method::GET, "/v1/api/accounts", None).await.1;
    assert_eq!(accounts["total"], 0);

    // The service syncs those in mode full within a day. One sync is asked for, and begins late.
    let id = connections[4]["id"].as_str().unwrap();
    let plan = json!({ "next": "wrong_password", "begins_after": 7_200, "shows_after": 3_600 });
    post(&bank, &format!("/sandbox/connections/{id}/bank"), plan).await;
    let sync = format!("/v1/api/connections/{id}/sync");
    let half = json!({ "credentials": "half" });
    assert_eq!(bank.send(token, Method::POST, &sync, Some(half)).await.0, 204);
    let failures = async || {
        let (_, counts) =
            order(&bank, Method::GET, &format!("/sandbox/connections/{id}/counts"), Value::Null)
                .await;
        counts["failures"].clone()
    };
    post(&bank, "/sandbox/clock", json!({ "hours": 2, "minutes": 30 })).await;
    assert_eq!(failures().await, 0);
    post(&bank, "/sandbox/clock", json!({ "hours": 21, "minutes": 30 })).await;
    assert_eq!(failures().await, 1);
    let (_, counts) = order(&bank, Method::GET, "/sandbox/counts", Value::Null).await;
    assert_eq!(counts["total"]["automatic_syncs"], 1_000);
    assert_eq!(
        (&counts["total"]["syncs_acted"], &counts["total"]["failures"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(counts["connections"].as_object().unwrap().len(), 1_250);
    assert_eq!(counts["connections"][id]["syncs_received"], 1);

    // More for one user, and their sessions.
    let order_more = json!({ "user": users[0]["id"], "mode": "none", "count": 2 });
    let more = post(&bank, "/sandbox/connections", order_more).await;
    let id = more["connections"][1]["id"].as_str().unwrap();
    let token = users[0]["token"].as_str().unwrap();
    let sync = format!("/v1/api/connections/{id}/sync");
    let (_, session) = bank.send(token, Method::POST, &sync, Some(json!({}))).await;
    let sessions = format!("/sandbox/connections/{id}/sessions");
    let (_, sessions) = order(&bank, Method::GET, &sessions, Value::Null).await;
    assert_eq!(sessions, json!({ "transactions": [session["transaction"]] }));
    let user = format!("/sandbox/users/{}", users[0]["id"].as_str().unwrap());
    assert_eq!(order(&bank, Method::DELETE, &user, Value::Null).await.0, 200);
    assert_eq!(bank.send(token, Method::POST, &sync, Some(json!({}))).await.0, 401);
}

#[tokio::test]
async fn the_port_is_closed_for_ten_minutes_at_most_and_only_for_a_time_that_is_one() {
    let bank = Bank::open().await;
    for millis in
        ["9223372036854775807", "18446744073709551616", "-800", "\"800\"", "1.5", "600001"]
    {
        let url = format!("{}/sandbox/refuse", bank.sandbox.base_url());
        let body = format!("{{\"millis\":{millis}}}");
        let answer = Client::new().post(url).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{millis}");
        let error: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(error["message"].as_str().unwrap().starts_with("millis: "), "{error}");
    }
    // The port is open as before.
    assert_eq!(bank.look("/v1/api/connections").await["total"], 0);
}

#[tokio::test]
async fn every_fault_can_be_ordered_by_the_name_that_the_log_shows() {
    let bank = Bank::open().await;
    let readme = include_str!("../../README.md").split("### Faults").nth(1).unwrap();
    let table = readme.split("These fields").next().unwrap();
    let first_cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let mut names: Vec<&str> = first_cells.flat_map(|cell| cell.split("`, `")).collect();
    names.iter_mut().for_each(|name| *name = name.trim_matches([' ', '`']));
    names.retain(|name| *name != "fault");
    assert_eq!(names.len(), 22, "{names:?}");
    // These keep the client waiting.
    names.retain(|name| !["delay", "refuse"].contains(name) && !name.starts_with("stall"));
    for name in names {
        let mut fault = json!({ "fault": name, "call": 1 });
        match name {
            "edit" => fault["edits"] = json!([{ "pointer": "/total", "remove": true }]),
            "header" => (fault["name"], fault["value"]) = (json!("x-a"), json!("b")),
            _ => {}
        }
        post(&bank, "/sandbox/faults", fault).await;
        let url = format!("{}/v1/api/connections", bank.sandbox.base_url());
        let call = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let _ = call.get(url).basic_auth("api", Some(bank.user.token())).send().await;
        assert_eq!(bank.sandbox.log().last().unwrap().fault, Some(name));
    }
}

/// The status of a request with these lines in its head.
async fn status_under(bank: &Bank, path: &str, head: &str) -> String {
    let address = bank.sandbox.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\n{head}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn orders_are_taken_under_loopback_names_and_under_those_that_were_allowed() {
    let closed = Bank::open().await;
    let open =
        Bank::with(Sandbox::builder().control_host("Sandbox").control_host("10.0.0.9")).await;
    for (head, by_default, allowed) in [
        ("host: localhost\r\n", "200", "200"),
        ("host: 127.0.0.1:4010\r\n", "200", "200"),
        ("host: [::1]:4010\r\n", "200", "200"),
        ("host: sandbox:4010\r\n", "403", "200"),
        ("host: 10.0.0.9\r\n", "403", "200"),
        ("host: evil.example.com\r\n", "403", "403"),
        ("host: 127.0.0.1.evil.example.com\r\n", "403", "403"),
        ("host: localhost\r\nhost: evil.example.com\r\n", "403", "403"),
        ("host: \r\n", "403", "403"),
        ("", "403", "403"),
    ] {
        for path in ["/sandbox", "/sandbox/log", "/", "/sandbox/page.js", "/sandbox/state"] {
            assert_eq!(status_under(&closed, path, head).await, by_default, "{head}");
            assert_eq!(status_under(&open, path, head).await, allowed, "{head}");
        }
    }
    // A server that is named in the first line counts.
    let evil = "http://evil.example.com/sandbox";
    assert_eq!(status_under(&closed, evil, "host: localhost\r\n").await, "403");
    // The calls of the service and the page of the bank are answered under every name.
    let head = "host: evil.example.com\r\n";
    assert_eq!(status_under(&closed, "/v1/api/users", head).await, "401");
    assert_eq!(status_under(&closed, "/sandbox/bank/none", head).await, "404");
}

#[tokio::test]
async fn an_allowed_name_that_is_none_is_told_at_the_start() {
    for name in ["", "http://sandbox", "sandbox:4010"] {
        let error = Sandbox::builder().control_host(name).start().await.unwrap_err();
        assert!(error.to_string().contains("is not a host name"), "{error}");
    }
}

#[tokio::test]
async fn a_port_that_was_told_to_refuse_comes_back_by_itself() {
    let bank = Bank::open().await;
    let (status, _) = order(&bank, Method::POST, "/sandbox/refuse", json!({ "millis": 1 })).await;
    assert_eq!(status, 200);
    bank.sandbox.accept_connections().await;
    assert_eq!(bank.look("/v1/api/connections").await["total"], 0);
}
