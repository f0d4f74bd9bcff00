//! The spec, the dialect, and deliveries.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use xs2a_sandbox::{ConnectionSeed, Sandbox, Side, SyncMode};

use crate::bank::Bank;

#[tokio::test]
async fn a_request_that_leaves_the_spec_is_noted_and_one_that_keeps_it_is_not() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sync(&id, json!({ "force": true })).await;
    bank.look("/v1/api/connections?page=1&per_page=5").await;
    assert_eq!(bank.sandbox.violations(), []);

    bank.sync(&id, json!({ "force": "yes", "secret": "hidden" })).await;
    bank.look("/v1/api/connections?page=").await;
    let noted = bank.sandbox.violations();
    assert!(noted.iter().all(|violation| violation.side == Side::Request));
    let noted: Vec<String> = noted.iter().map(ToString::to_string).collect();
    assert_eq!(
        noted,
        [
            "request of sync_connection leaves the spec at body/force: type",
            "request of sync_connection leaves the spec at body: additionalProperties",
            "request of list_connections leaves the spec at query parameter page: empty",
            "request of list_connections leaves the spec at query parameter page: type",
        ]
    );
}

#[tokio::test]
async fn the_dialect_is_judged_before_it_is_spoken_and_means_the_same() {
    let plain = Bank::open().await;
    let loose = Bank::with(Sandbox::builder().dialect(true)).await;
    let mut other_bytes = 0;
    for bank in [&plain, &loose] {
        for mode in [SyncMode::Full, SyncMode::Shared, SyncMode::None] {
            bank.connection(ConnectionSeed::new(mode).never_synced());
        }
    }
    for _ in 0..20 {
        let (plain, loose) =
            (plain.look("/v1/api/connections").await, loose.look("/v1/api/connections").await);
        other_bytes += usize::from(plain != loose);
        for (plain, loose) in
            plain["data"].as_array().unwrap().iter().zip(loose["data"].as_array().unwrap())
        {
            assert_eq!(plain["id"], loose["id"]);
            assert!(
                ["false", "0"].iter().any(|text| loose["sync_active"].to_string().contains(text))
                    != (plain["sync_active"] == true)
            );
            assert!(
                loose["last_synced"].is_null()
                    || ["", "0000-00-00"].iter().any(|text| loose["last_synced"] == *text)
            );
        }
    }
    assert_eq!(other_bytes, 20);
    let (status, error) = loose.get("none").await;
    assert_eq!(status, 404);
    assert_eq!(error["code"].to_string().trim_matches('"'), "404");
}

#[tokio::test]
async fn events_are_posted_to_the_webhook_as_they_are_listed() {
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let bank = Bank::with(Sandbox::builder().webhook_url(url)).await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sync(&id, json!({})).await;
    bank.get(&id).await;

    let (mut stream, _) = receiver.accept().await.unwrap();
    let mut delivered = Vec::new();
    for _ in 0..3 {
        let mut request = Vec::new();
        let body: Value = loop {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
            let text = std::str::from_utf8(&request).unwrap();
            assert!(text.starts_with("POST /hook"));
            if let Some(body) = text.split("\r\n\r\n").nth(1)
                && let Ok(body) = serde_json::from_str(body)
            {
                break body;
            }
        };
        delivered.push(body);
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    }
    let (_, listed) = bank.admin(Method::GET, "/v1/events", None).await;
    assert_eq!(listed["data"], json!(delivered));
    assert_eq!(delivered[2]["type"], "bank_connection.synced");
}

#[tokio::test]
async fn a_webhook_without_an_address_and_a_taken_port_are_told_in_a_sentence() {
    let error = Sandbox::builder().webhook_url("here").start().await.unwrap_err();
    assert!(error.to_string().contains("http://"), "{error}");
    let sandbox = Sandbox::start().await.unwrap();
    let taken = sandbox.base_url().strip_prefix("http://").unwrap().parse().unwrap();
    let error = Sandbox::builder().listen(taken).start().await.unwrap_err();
    assert!(error.to_string().contains(&taken.to_string()), "{error}");
}
