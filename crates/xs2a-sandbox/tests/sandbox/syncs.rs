//! Syncs that wait, that show late, that are lost or doubled, and how they are counted.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use xs2a_sandbox::{BankFault, ConnectionSeed, Fault, Sandbox, SyncMode, SyncPlan};

use crate::bank::Bank;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Counter and time of the last success, as a look shows them.
async fn shown(bank: &Bank, id: &str) -> (u64, Value) {
    let connection = bank.get(id).await.1;
    (connection["sync_fail_counter"].as_u64().unwrap(), connection["last_synced"].clone())
}

#[tokio::test]
async fn an_outcome_that_shows_late_changes_nothing_until_then() {
    for (fault, failures) in [(None, 0), (Some(BankFault::WrongPassword), 1)] {
        let bank = Bank::open().await;
        let id = bank.connection(ConnectionSeed::new(SyncMode::Shared));
        let half = json!({ "credentials": bank.sandbox.credentials(&id) });
        let plan = fault.map_or_else(SyncPlan::new, SyncPlan::from);
        bank.sandbox.plan_next_sync(&id, plan.shows_after(5 * HOUR));
        let before = shown(&bank, &id).await;
        assert_eq!(bank.sync(&id, half.clone()).await.0, 204);
        bank.sandbox.advance(4 * HOUR);
        assert_eq!(shown(&bank, &id).await, before);

        // The connection does not count as syncing, so the service takes another sync.
        assert_eq!(bank.sync(&id, half).await.0, 204);
        let second = shown(&bank, &id).await;
        assert_eq!(second.0, 0);
        assert_ne!(second.1, before.1);
        bank.sandbox.advance(HOUR);
        let late = shown(&bank, &id).await;
        assert_eq!((late.0, late.1 == second.1), (failures, failures == 1));
        let counts = bank.sandbox.counts(&id);
        assert_eq!((counts.successes, counts.failures), (2 - failures as u32, failures as u32));
        assert_eq!((counts.syncs_acted, counts.syncs_overlapping), (2, 1));
    }
}

#[tokio::test]
async fn a_sync_that_waits_lets_others_wait_behind_it_and_each_has_its_outcome() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let wrong = SyncPlan::new().bank(BankFault::WrongPassword);
    bank.sandbox.plan_next_sync(&id, wrong.begins_after(2 * HOUR));
    bank.sandbox.plan_next_sync(&id, wrong);
    // The answer to the first one is lost, and nobody knows that the service will work it off.
    bank.sandbox.fault(Fault::ResetAfterActing).on("sync_connection").of(&id).next();
    let url = format!("{}/v1/api/connections/{id}/sync", bank.sandbox.base_url());
    let lost = reqwest::Client::new().post(url).basic_auth("api", Some(bank.user.token()));
    lost.send().await.unwrap_err();
    bank.sandbox.advance(HOUR);
    assert_eq!(shown(&bank, &id).await.0, 0);
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
    bank.sandbox.advance(HOUR / 2);
    assert_eq!(shown(&bank, &id).await.0, 0);
    bank.sandbox.advance(HOUR);
    assert_eq!(shown(&bank, &id).await.0, 2);
    let counts = bank.sandbox.counts(&id);
    assert_eq!((counts.syncs_acted, counts.syncs_overlapping, counts.failures), (2, 1, 2));
    assert_eq!((counts.third_failures, counts.automatic_syncs), (0, 0));
}

#[tokio::test]
async fn a_sync_that_has_waited_does_not_begin_on_a_disabled_connection() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full).failures(2));
    let wrong = SyncPlan::new().bank(BankFault::WrongPassword);
    for hours in [1, 2, 3] {
        bank.sandbox.plan_next_sync(&id, wrong.begins_after(hours * HOUR));
        assert_eq!(bank.sync(&id, json!({ "force": true })).await.0, 204);
    }
    bank.sandbox.advance(4 * HOUR);
    assert_eq!(shown(&bank, &id).await.0, 3);
    let counts = bank.sandbox.counts(&id);
    assert_eq!((counts.failures, counts.third_failures), (1, 1));
    assert_eq!(bank.sync(&id, json!({ "force": true })).await.0, 422);
}

#[tokio::test]
async fn a_sync_that_has_waited_fails_when_the_bank_asks_for_the_user() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let plan = SyncPlan::new().bank(BankFault::TanRequired).begins_after(HOUR);
    bank.sandbox.plan_next_sync(&id, plan);
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
    bank.sandbox.advance(HOUR);
    let connection = bank.get(&id).await.1;
    assert_eq!(
        (&connection["sync_fail_counter"], &connection["sync_mode"]),
        (&json!(1), &json!("none"))
    );
    assert_eq!(bank.sandbox.sessions(&id), [""; 0]);
}

#[tokio::test]
async fn a_202_whose_answer_is_lost_has_opened_a_session_that_counts() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.fault(Fault::CutBody).on("sync_connection").of(&id).answered(202).next();
    // A 204 is let through, and the first 202 is not.
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
    bank.sandbox.set_login("abcdef", Some(BankFault::TanRequired));
    let url = format!("{}/v1/api/connections/{id}/sync", bank.sandbox.base_url());
    let lost = reqwest::Client::new().post(url).basic_auth("api", Some(bank.user.token()));
    lost.send().await.unwrap().bytes().await.unwrap_err();
    assert_eq!(bank.sandbox.acted("sync_connection"), 2);
    assert_eq!(bank.sandbox.counts(&id).sessions, 1);

    let [lost] = bank.sandbox.sessions(&id).try_into().unwrap();
    let session = bank.admin(Method::GET, &format!("/v1/sessions/{lost}"), None).await.1;
    assert_eq!(
        (&session["finished"], &session["current_step"]),
        (&json!(false), &json!("WizardTanStep"))
    );
    // As long as that session is open, a further sync is a double one.
    assert_eq!(bank.sync(&id, json!({})).await.0, 202);
    assert_eq!(bank.sandbox.counts(&id).syncs_overlapping, 1);
    for transaction in bank.sandbox.sessions(&id) {
        assert_eq!(bank.sandbox.complete_session(&transaction).as_deref(), Some(id.as_str()));
    }
    bank.sync(&id, json!({})).await;
    let counts = bank.sandbox.counts(&id);
    assert_eq!((counts.syncs_acted, counts.syncs_overlapping, counts.sessions), (4, 1, 3));
}

#[tokio::test]
async fn with_a_user_a_sync_that_runs_is_gone_and_so_is_every_token() {
    for by_call in [false, true] {
        let bank = Bank::open().await;
        let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
        bank.sandbox.fail_next_sync(&id, BankFault::Slow(HOUR));
        assert_eq!(bank.sync(&id, json!({})).await.0, 204);
        let user = format!("/v1/api/users/{}", bank.user.id());
        if by_call {
            assert_eq!(bank.admin(Method::DELETE, &user, None).await.0, 200);
        } else {
            bank.sandbox.delete_user(&bank.user);
        }
        bank.sandbox.advance(2 * HOUR);
        let (status, told) = bank.get(&id).await;
        assert_eq!((status.as_u16(), &told["code"]), (401, &json!(401)));
        let tokens = format!("{user}/accesstokens");
        let (status, told) = bank.admin(Method::PUT, &tokens, Some(json!({}))).await;
        assert_eq!((status.as_u16(), &told["code"]), (404, &json!(404)));
        assert_eq!(bank.admin(Method::GET, &user, None).await.0, 404);
        let counts = bank.sandbox.counts(&id);
        assert_eq!((counts.syncs_acted, counts.successes, counts.failures), (1, 0, 0));
        let events = bank.admin(Method::GET, "/v1/events?per_page=100", None).await.1;
        let mut of_it = events["data"].as_array().unwrap().iter();
        let last = of_it.rfind(|event| event["data"]["id"] == id.as_str());
        assert_eq!(last.unwrap()["type"], "bank_connection.deleted");
    }
}

#[tokio::test]
async fn what_arrives_is_counted_for_each_connection_whatever_becomes_of_it() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::None));
    let other = bank.connection(ConnectionSeed::new(SyncMode::None));
    bank.sandbox.fault(Fault::Html(503)).of(&id).times(5);
    for _ in 0..3 {
        bank.get(&id).await;
        bank.sync(&id, json!({})).await;
    }
    let transaction = bank.get(&id).await.1["transaction"].as_str().unwrap().to_owned();
    bank.get(&transaction).await;
    bank.user(Method::POST, &format!("/v1/api/connections/{id}/reset"), None).await;
    let counts = bank.sandbox.counts(&id);
    assert_eq!((counts.looks, counts.syncs_received, counts.syncs_acted), (5, 3, 1));
    assert_eq!((counts.sessions, counts.most_syncs_in_24_hours), (2, 1));
    assert_eq!(bank.sandbox.counts(&other).looks, 0);

    bank.user(Method::DELETE, &format!("/v1/api/connections/{id}"), None).await;
    bank.get(&id).await;
    assert_eq!(bank.sandbox.counts(&id).looks, 6);
    let all: Vec<String> = bank.sandbox.all_counts().into_iter().map(|(id, _)| id).collect();
    assert_eq!(all, [id, other]);
    assert_eq!((bank.sandbox.total_counts().looks, bank.sandbox.total_counts().sessions), (6, 2));
}

#[tokio::test]
async fn the_service_s_own_syncs_are_among_those_of_24_hours() {
    let bank = Bank::open().await;
    let daily = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.advance(10 * 24 * HOUR);
    let counts = bank.sandbox.counts(&daily);
    assert_eq!((counts.automatic_syncs, counts.successes), (9, 9));
    assert_eq!((counts.most_syncs_in_24_hours, counts.syncs_overlapping), (1, 0));
    // Three more on the same day.
    for _ in 0..3 {
        bank.sandbox.advance(HOUR);
        assert_eq!(bank.sync(&daily, json!({})).await.0, 204);
    }
    let counts = bank.sandbox.counts(&daily);
    assert_eq!((counts.most_syncs_in_24_hours, counts.syncs_overlapping), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_follows_tokio_shares_the_paused_time_of_the_test() {
    let builder = Sandbox::builder().follows_tokio(true).tick(Duration::ZERO);
    let bank = Bank::with(builder.sync_takes(60 * Duration::from_secs(1))).await;
    let start = bank.sandbox.now();
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let before = shown(&bank, &id).await;
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(shown(&bank, &id).await, before);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(shown(&bank, &id).await, before);
    // Orders move it, too, and a reset brings back the start.
    bank.sandbox.advance(HOUR);
    let passed = bank.sandbox.now().duration_since(start).as_secs();
    assert!(passed >= 3_660, "{passed}");
    bank.sandbox.reset();
    assert_eq!(bank.sandbox.now(), start);
}

#[tokio::test]
async fn a_clock_without_ticks_stands_still_however_many_requests_come() {
    let bank = Bank::with(Sandbox::builder().tick(Duration::ZERO)).await;
    let start = bank.sandbox.now();
    for _ in 0..20 {
        bank.look("/v1/api/connections").await;
    }
    assert_eq!(bank.sandbox.now(), start);
}
