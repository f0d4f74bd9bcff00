//! What is data can be stored: it comes back the same, in words that programs of any language read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Debug;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use xs2a::sync::{
    Action, CallFailure, CallFailureKind, LastAttempt, Observation, Refusal, SyncHistory, SyncJob,
    SyncReport, UserNeeded,
};
use xs2a::types::{SyncConnectionRequest, Turnover};
use xs2a::{
    ConnectionState, ErrorKind, Fate, Money, NextStep, RetryPolicy, Secret, Snapshot, SyncPolicy,
};
use xs2a_sandbox::{ConnectionSeed, Fault, SyncMode};
use xs2a_tests::scene::Scene;

/// The JSON of a value, which is read back as the same value.
#[track_caller]
fn stored<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value, "{json}");
    json
}

fn now() -> Timestamp {
    "2026-01-31T10:00:00.123456789Z".parse().unwrap()
}

#[test]
fn kinds_of_errors_and_fates_are_stored_as_their_words() {
    use ErrorKind::*;
    for kind in [
        InvalidRequest,
        NoToken,
        NotStored,
        Connect,
        Timeout,
        Interrupted,
        Unauthorized,
        Forbidden,
        NotFound,
        Throttled,
        Rejected,
        Server,
        UnexpectedStatus,
        Truncated,
        TooLarge,
        Undecodable,
        EndlessPages,
    ] {
        assert_eq!(stored(&kind), format!("\"{}\"", kind.as_str()));
    }
    for fate in [Fate::NotActed, Fate::Unknown, Fate::Acted] {
        assert_eq!(stored(&fate), format!("\"{}\"", fate.as_str()));
    }
}

fn snapshot(failures: u32, mode: &str, active: bool) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.mode = Some(mode.into());
    snapshot.active = active;
    snapshot.failures = failures;
    snapshot.message = Some("a \"wrong\" PIN".to_owned());
    snapshot.last_synced = Some(now());
    snapshot.consent_valid_until = Some(jiff::civil::date(2026, 1, 31));
    snapshot
}

#[test]
fn a_look_its_state_and_the_next_step_come_back_the_same() {
    let policies = [
        SyncPolicy::default(),
        SyncPolicy::default().with_last_attempt(LastAttempt::Spend),
        SyncPolicy::unattended().with_shortest_interval(Duration::from_secs(3600)),
    ];
    let (mut states, mut steps) = (Vec::new(), Vec::new());
    stored(&Snapshot::default());
    for failures in 0..=3 {
        for mode in ["full", "shared", "none", "weekly"] {
            for at in [now(), now() + SignedDuration::from_hours(48)] {
                let snapshot = snapshot(failures, mode, failures == 0);
                stored(&snapshot);
                states.push(stored(&snapshot.state(at)));
                for policy in &policies {
                    let next = snapshot.next_step(policy, &SyncHistory::default(), at);
                    steps.push(stored(&next));
                }
            }
        }
    }
    states.sort();
    states.dedup_by_key(|json| serde_json::from_str::<ConnectionState>(json).unwrap().to_string());
    assert_eq!(states.len(), 8, "every state: {states:?}");
    steps.sort();
    steps.dedup_by_key(|json| serde_json::from_str::<NextStep>(json).unwrap().to_string());
    assert!(steps.len() >= 8, "{steps:?}");
    assert_eq!(stored(&NextStep::SyncWithUser), r#""sync_with_user""#);
    assert_eq!(
        stored(&NextStep::Sync { force: true, credentials: false }),
        r#"{"sync":{"force":true,"credentials":false}}"#
    );
}

fn failures() -> Vec<CallFailure> {
    let kinds = [
        CallFailureKind::NeverSent,
        CallFailureKind::Throttled { retry_after: None },
        CallFailureKind::Throttled { retry_after: Some(Duration::from_millis(90_500)) },
        CallFailureKind::Refused { status: None },
        CallFailureKind::Refused { status: Some(422) },
        CallFailureKind::NotStored,
        CallFailureKind::UserGone,
        CallFailureKind::Lost,
    ];
    kinds.map(|kind| CallFailure { kind, message: "out of \"order\"".to_owned() }).to_vec()
}

#[test]
fn what_a_job_is_told_and_what_it_asks_for_travel_through_any_queue() {
    let mut told = vec![
        Observation::Begin,
        Observation::Looked(snapshot(1, "full", false)),
        Observation::Started,
        Observation::UserNeeded,
        Observation::Nudged,
        Observation::Woken,
        Observation::Superseded,
    ];
    for failure in failures() {
        stored(&failure);
        told.push(Observation::LookFailed(failure.clone()));
        told.push(Observation::CallFailed(failure));
    }
    told.iter().for_each(|observation| drop(stored(observation)));

    // A job that is driven by what was stored of it ends as one that was not.
    let drive = |through_storage: bool| {
        let mut job = SyncJob::new("con-1", SyncPolicy::default(), now());
        let mut actions = Vec::new();
        for observation in [
            Observation::Begin,
            Observation::Looked(snapshot(0, "full", true)),
            Observation::Started,
            Observation::Nudged,
            Observation::Looked(snapshot(1, "full", false)),
        ] {
            let observation = match through_storage {
                true => serde_json::from_str(&stored(&observation)).unwrap(),
                false => observation,
            };
            let action = job.step(observation, now());
            stored(&action);
            job = if through_storage { serde_json::from_str(&stored(&job)).unwrap() } else { job };
            actions.push(action);
        }
        actions
    };
    let actions = drive(true);
    assert_eq!(actions, drive(false));
    assert!(matches!(actions.last(), Some(Action::Finish(SyncReport::Failed { .. }))));
}

#[test]
fn reports_and_refusals_come_back_the_same() {
    let message = Some("wrong PIN".to_owned());
    let refusals = [
        Refusal::Disabled { message: message.clone() },
        Refusal::LastAttempt { message: None },
        Refusal::TooSoon { not_before: now() },
        Refusal::TooManyCalls { not_before: now() },
        Refusal::Unsettled { not_before: now() },
        Refusal::Parked,
        Refusal::UserNeeded(UserNeeded::ModeNone),
        Refusal::UserNeeded(UserNeeded::ConsentExpired),
        Refusal::UserNeeded(UserNeeded::AskedBefore),
        Refusal::CredentialsMissing,
    ];
    let reports = [
        SyncReport::Succeeded { last_synced: Some(now()) },
        SyncReport::Succeeded { last_synced: None },
        SyncReport::Failed { failures: 2, message: message.clone() },
        SyncReport::UserNeeded,
        SyncReport::RefusedByServer { status: Some(422), message: "no".to_owned() },
        SyncReport::StillRunning,
        SyncReport::FateUnknown,
        SyncReport::NotSent { message },
        SyncReport::Gone,
        SyncReport::UserGone,
        SyncReport::Throttled { retry_after: Some(Duration::from_secs(30)) },
        SyncReport::NotSeenToAct,
        SyncReport::Superseded,
        SyncReport::NoChange,
    ];
    for report in reports.into_iter().chain(refusals.map(SyncReport::Refused)) {
        stored(&report);
    }
}

#[test]
fn money_keeps_every_digit() {
    for amount in ["-42.170", "0.10", "123456789012345678.90", "0", "-0.01"] {
        for currency in [r#","currency":"EUR""#, ""] {
            let turnover = format!(r#"{{"amount":{amount}{currency}}}"#);
            let turnover: Turnover = serde_json::from_str(&turnover).unwrap();
            let money = Money::moved(&turnover);
            let json = stored(&money);
            assert!(json.contains(&format!(r#""amount":"{amount}""#)), "{json}");
            let read: Money = serde_json::from_str(&json).unwrap();
            assert_eq!(read.to_string(), money.to_string());
        }
    }
    // As somebody else may write it.
    let read: Money = serde_json::from_str(r#"{"amount":-42.17,"currency":"EUR"}"#).unwrap();
    assert_eq!(read.to_string(), "-42.17 EUR");
}

#[test]
fn a_secret_is_read_from_a_configuration_and_does_not_print() {
    #[derive(Debug, serde::Deserialize)]
    struct Configuration {
        api_key: Secret,
    }
    let read: Configuration = serde_json::from_str(r#"{"api_key":"s3cr3t"}"#).unwrap();
    assert_eq!(read.api_key.expose(), "s3cr3t");
    assert!(!format!("{read:?}").contains("s3cr3t"));
}

/// Whoever drives a job on their own tells it what the errors of its calls mean.
#[tokio::test(start_paused = true)]
async fn the_errors_of_real_calls_become_failures_that_can_be_stored() {
    for (fault, look, call) in [
        (Fault::ResetAfterActing, CallFailureKind::Lost, CallFailureKind::Lost),
        (Fault::Status(503), CallFailureKind::Lost, CallFailureKind::Lost),
        (
            Fault::Status(422),
            CallFailureKind::Refused { status: Some(422) },
            CallFailureKind::Refused { status: Some(422) },
        ),
        (
            Fault::Throttle { retry_after: Some("90".to_owned()) },
            CallFailureKind::Throttled { retry_after: Some(Duration::from_secs(90)) },
            CallFailureKind::Throttled { retry_after: Some(Duration::from_secs(90)) },
        ),
        (
            Fault::CutBody,
            CallFailureKind::Lost,
            // The server acted: only a look can tell what came of it.
            CallFailureKind::Lost,
        ),
    ] {
        let scene = Scene::new().await;
        let id = scene.connection(ConnectionSeed::new(SyncMode::None));
        scene.sandbox.fault(fault.clone()).always();
        let connections = scene.client.with_retry(RetryPolicy::off()).connections();
        let error = connections.get(&id).await.unwrap_err();
        let failure = CallFailure::from_look(&error);
        assert_eq!(failure.kind, look, "{fault:?}");
        assert!(!failure.message.is_empty());
        stored(&failure);
        let request = SyncConnectionRequest::new();
        let error = connections.sync_without_rules(&id, &request).await.unwrap_err();
        let failure = CallFailure::from_call(&error);
        assert_eq!(failure.kind, call, "{fault:?}");
        stored(&Observation::CallFailed(failure));
        stored(&(error.kind(), error.fate()));
    }
}
