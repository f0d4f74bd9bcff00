//! Webhook deliveries: what is read from them, and what they wake.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use xs2a::sync::Action;
use xs2a::{ApiClient, Delivery, SyncOutcome, SyncPolicy};
use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};

#[test]
fn a_delivery_about_a_connection_is_read_in_every_form() {
    let canonical = br#"{"id":"evt-1","type":"connection.synced","transaction":"tra-1","testmode":true,
        "created_at":"2026-01-31 10:09:54","object":"xs2a_event","data":{"object":"bank_connection",
        "id":"con-1","sync_active":true,"sync_fail_counter":2,"last_synced":"2026-01-31 10:09:54"}}"#;
    let loose = br#"{"id":"evt-1","type":"connection.synced","transaction":"tra-1","testmode":"1",
        "created_at":"2026-01-31T09:09:54.000Z","object":"xs2a_event","more":[],"data":{"object":"bank_connection",
        "id":"con-1","sync_active":"1","sync_fail_counter":"2","last_synced":"2026-01-31T10:09:54+01:00"}}"#;
    let [canonical, loose] =
        [&canonical[..], &loose[..]].map(|body| Delivery::parse(body).unwrap());
    assert_eq!(canonical.connection(), loose.connection());
    assert_eq!(canonical.connection().unwrap().sync_fail_counter, 2);
    for delivery in [canonical, loose] {
        assert_eq!(delivery.event_id().as_str(), "evt-1");
        assert_eq!(delivery.event().type_, "connection.synced");
        assert_eq!(delivery.connection_key().unwrap().as_str(), "con-1");
    }
}

#[test]
fn the_name_of_a_connection_is_read_as_loosely_as_the_connection() {
    for (id, key) in [("77", "77"), (r#""""#, "tra-1"), ("null", "tra-1")] {
        let body = format!(
            r#"{{"id":1,"type":"connection.synced","transaction":"tra-1","data":{{
                "object":"bank_connection","id":{id},"sync_active":"1","sync_fail_counter":"0"}}}}"#
        );
        let delivery = Delivery::parse(body.as_bytes()).unwrap();
        assert_eq!(delivery.connection_key().unwrap().as_str(), key);
    }
}

#[test]
fn a_connection_of_which_only_the_id_can_be_read_is_looked_up_by_it() {
    let body = br#"{"id":"evt-1","type":"connection.synced","transaction":"tra-1",
        "data":{"object":"bank_connection","id":"con-1"}}"#;
    let delivery = Delivery::parse(body).unwrap();
    assert_eq!(delivery.connection(), None);
    assert_eq!(delivery.connection_key().unwrap().as_str(), "con-1");
}

#[test]
fn an_event_about_something_else_is_followed_by_its_transaction_if_it_has_one() {
    let session = br#"{"id":"evt-1","type":"transaction.updated","transaction":"tra-1",
        "data":{"object":"wizard_session","id":"ses-1","wizard_session_key":"hunter2"}}"#;
    let session = Delivery::parse(session).unwrap();
    assert_eq!(session.connection_key().unwrap().as_str(), "tra-1");
    assert_eq!(session.connection(), None);
    assert_eq!(session.event().data.as_ref().unwrap().0["id"], "ses-1");
    assert!(!format!("{session:?}").contains("hunter2"));

    for data in ["[]", "{}", "null", r#""""#] {
        let body = format!(r#"{{"id":"evt-1","type":"moon.rose","transaction":"","data":{data}}}"#);
        let nothing = Delivery::parse(body.as_bytes()).unwrap();
        assert_eq!(nothing.event().type_, "moon.rose");
        assert_eq!((nothing.connection_key(), nothing.connection()), (None, None));
    }
}

#[test]
fn a_body_that_is_no_event_is_an_error_that_shows_nothing_of_it() {
    for body in [
        "",
        "hunter2",
        "[]",
        r#""hunter2""#,
        "<html>hunter2</html>",
        r#"{"hunter2":1}"#,
        r#"{"id":{"hunter2":1},"type":"x"}"#,
        r#"{"id":"hunter2"}"#,
        r#"{"id":"hunter2","type":["hunter2"]}"#,
    ] {
        let error = Delivery::parse(body.as_bytes()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    let error = Delivery::parse(br#"{"id":"evt-1"}"#).unwrap_err();
    assert_eq!(error.path(), "type");
}

/// Were it not for the delivery, the job would look again in an hour, and the test would not end.
#[tokio::test]
async fn a_delivery_makes_a_waiting_sync_look_at_once() {
    let api: Arc<OnceLock<ApiClient>> = Arc::default();
    let nudged = Arc::clone(&api);
    let receive = Reaction::by(move |request| {
        let key = Delivery::parse(request.body.as_bytes()).unwrap().connection_key();
        if let (Some(api), Some(key)) = (nudged.get(), key) {
            api.nudge(key);
        }
        Answer::empty(204)
    });
    let receiver = RawServer::start([], receive).await;
    let builder =
        Sandbox::builder().webhook_url(receiver.url()).sync_takes(Duration::from_secs(600));
    let sandbox = Arc::new(builder.start().await.unwrap());
    let client =
        ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let client = api.get_or_init(|| client);
    let erika = sandbox.add_user("Erika");
    let id = sandbox.add_connection(&erika, ConnectionSeed::new(SyncMode::Full));

    let hour = Duration::from_secs(3600);
    let bank = Arc::clone(&sandbox);
    let sync = client
        .user(erika.id())
        .connections()
        .sync(&id)
        .policy(SyncPolicy::default().with_pauses(hour, hour).with_deadline(3 * hour))
        .on_progress(move |action| {
            if matches!(action, Action::WaitUntil(_)) {
                bank.advance(Duration::from_secs(600));
            }
        });
    let outcome = tokio::time::timeout(Duration::from_secs(30), sync);
    let outcome = outcome.await.expect("the delivery did not wake it").unwrap();
    assert!(matches!(outcome, SyncOutcome::Succeeded(_)), "{outcome:?}");
    assert_ne!(receiver.log().requests.len(), 0);
}
