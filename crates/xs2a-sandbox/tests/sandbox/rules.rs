//! What a sync means.

use std::time::Duration;

use serde_json::{Value, json};
use xs2a_sandbox::{BankFault, ConnectionSeed, Fault, SyncMode};

use crate::bank::Bank;

#[tokio::test]
async fn a_sync_of_a_full_connection_starts_and_shows_in_the_connection() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full).never_synced());
    assert_eq!(bank.get(&id).await.1["last_synced"], Value::Null);

    assert_eq!(bank.sync(&id, json!({})).await.0, 204);

    let after = bank.get(&id).await.1;
    assert_eq!(after["sync_fail_counter"], 0);
    assert!(after["last_synced"].is_string());
}

#[tokio::test]
async fn a_sync_without_stored_credentials_needs_the_user() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::None));

    let (status, session) = bank.sync(&id, json!({})).await;
    assert_eq!(status, 202);
    assert!(session["wizard_session_key"].is_string());

    let before = bank.get(&id).await.1;
    let transaction = session["transaction"].as_str().unwrap();
    assert_eq!(bank.sandbox.complete_session(transaction), Some(id.clone()));
    assert_ne!(bank.get(&id).await.1["last_synced"], before["last_synced"]);
}

#[tokio::test]
async fn failures_count_stop_the_automatic_syncs_and_the_third_disables_for_good() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    for failures in 1..=3 {
        bank.sandbox.fail_next_sync(&id, BankFault::WrongPassword);
        assert_eq!(bank.sync(&id, json!({ "force": failures > 1 })).await.0, 204);
        let connection = bank.get(&id).await.1;
        assert_eq!(connection["sync_fail_counter"], failures);
        assert_eq!(connection["sync_active"], false);
        assert!(connection["sync_message"].is_string());
        // Without force, no further sync starts.
        assert_eq!(bank.sync(&id, json!({})).await.0, 422);
    }
    assert_eq!(bank.sync(&id, json!({ "force": true })).await.0, 422);
    assert_eq!(bank.get(&id).await.1["sync_fail_counter"], 3);
}

#[tokio::test]
async fn a_forced_sync_that_succeeds_starts_the_count_anew() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full).failures(2));
    assert_eq!(bank.sync(&id, json!({ "force": true })).await.0, 204);
    let connection = bank.get(&id).await.1;
    assert_eq!(connection["sync_fail_counter"], 0);
    assert_eq!(connection["sync_active"], true);
    assert_eq!(connection["sync_message"], Value::Null);
}

#[tokio::test]
async fn a_shared_connection_is_synced_only_with_the_other_half() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Shared));
    assert_eq!(bank.sync(&id, json!({})).await.0, 422);
    assert_eq!(bank.sync(&id, json!({ "credentials": "no" })).await.0, 422);
    let half = bank.sandbox.credentials(&id).unwrap();
    assert_eq!(bank.sync(&id, json!({ "credentials": half })).await.0, 204);
}

#[tokio::test]
async fn a_scripted_status_takes_the_place_of_acting() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.fault(Fault::Html(502)).on("sync_connection").call(2);
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
    assert_eq!(bank.sync(&id, json!({})).await.0, 502);
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
    assert_eq!(bank.sandbox.received("sync_connection"), 3);
    assert_eq!(bank.sandbox.acted("sync_connection"), 2);
}

#[tokio::test]
async fn a_full_connection_is_synced_daily_without_being_asked() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let before = bank.get(&id).await.1["last_synced"].clone();
    bank.sandbox.advance(Duration::from_secs(25 * 60 * 60));
    assert_ne!(bank.get(&id).await.1["last_synced"], before);
}
