//! Events and the directory of banks.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use xs2a_sandbox::{BankFault, ConnectionSeed, SyncMode};

use crate::bank::Bank;

fn kinds(page: &Value) -> Vec<&str> {
    let events = page["data"].as_array().unwrap().iter();
    events.map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_happens_to_a_session_and_its_connection_is_told_in_order() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    wizard.log_in("abcdef").await;
    let id = bank.get(&wizard.transaction).await.1["id"].as_str().unwrap().to_owned();
    bank.sandbox.fail_next_sync(&id, BankFault::WrongPassword);
    bank.sandbox.advance(Duration::from_secs(25 * 60 * 60));

    let path = format!("/v1/events?transaction_id={}", wizard.transaction);
    let (_, events) = bank.admin(Method::GET, &path, None).await;
    assert_eq!(
        kinds(&events),
        [
            "transaction.created",
            "bank_connection.created",
            "transaction.updated",
            "bank_connection.sync_started",
            "bank_connection.sync_failed",
        ]
    );
    let last = &events["data"][4];
    assert_eq!(last["data"]["sync_fail_counter"], 1);
    assert_eq!(last["data"]["object"], "bank_connection");
    let one = format!("/v1/events/{}", last["id"].as_str().unwrap());
    assert_eq!(bank.admin(Method::GET, &one, None).await.1, *last);
    assert_eq!(bank.admin(Method::GET, "/v1/events/none", None).await.0, 404);
}

#[tokio::test]
async fn events_are_narrowed_by_type_and_time() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.advance(Duration::from_secs(60 * 60));
    bank.sync(&id, json!({})).await;
    for (query, count) in [
        ("", 2),
        ("?type=bank_connection.created&from=&to=", 1),
        ("?type=nothing", 0),
        ("?from=2026-01-31T10:30:00%2B01:00", 1),
        ("?to=2026-01-31T09:30:00Z", 1),
        ("?from=2026-02-01", 0),
        ("?from=2026-01-31&to=2026-02-01", 3),
    ] {
        let (status, page) = bank.admin(Method::GET, &format!("/v1/events{query}"), None).await;
        assert_eq!(status, 200);
        let found = page["total"].as_u64().unwrap();
        assert!(found >= count && (count > 0 || found == 0), "{query}: {found}");
    }
    assert_eq!(bank.admin(Method::GET, "/v1/events?from=once", None).await.0, 422);
}

#[tokio::test]
async fn banks_are_found_by_code_by_country_and_while_typing() {
    let bank = Bank::open().await;
    let (_, test_bank) = bank.admin(Method::GET, "/v1/bankcodes?bank_code=88888888", None).await;
    assert_eq!(test_bank["country_id"], "DE");
    assert_eq!(bank.admin(Method::GET, "/v1/bankcodes?bank_code=1", None).await.0, 404);
    assert_eq!(bank.admin(Method::GET, "/v1/bankcodes", None).await.0, 422);
    let (_, all) =
        bank.admin(Method::GET, "/v1/bankcodes/all?country_id=AT&per_page=1", None).await;
    assert_eq!((&all["total"], &all["last_page"]), (&json!(2), &json!(2)));
    assert_eq!(all["next_page_url"], "/v1/bankcodes/all?page=2&per_page=1&country_id=AT");
    let path = "/v1/bankcodes/autocomplete?q=testb&country_id=&product=xs2a_api&x=1";
    let (_, found) = bank.admin(Method::GET, path, None).await;
    assert_eq!(found["total"], 6);
}
