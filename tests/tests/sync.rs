//! Syncs run to their end against the sandbox, on tokio's paused clock: no test waits for real time,
//! whatever the sync waits for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::{Instant, sleep, timeout};
use xs2a::sync::{LastAttempt, LoginOutcome, Refusal, Stored, SyncReport, SyncStart};
use xs2a::types::CreateConnectionRequest;
use xs2a::{ErrorKind, Fate, Operation, SyncError, SyncOutcome, SyncPolicy};
use xs2a_sandbox::{BankFault, ConnectionSeed, Fault, Sandbox, SyncMode};
use xs2a_tests::job_store::JobStore;
use xs2a_tests::reports::report_of;
use xs2a_tests::scene::{Scene, api, client, client_with_clock};

const HOUR: Duration = Duration::from_secs(3600);

#[track_caller]
fn assert_succeeded(ended: &Result<SyncOutcome, SyncError>) {
    assert!(matches!(ended, Ok(SyncOutcome::Succeeded(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_starts_is_watched_until_it_succeeds() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let before = scene.connections.get(&id).await.unwrap().last_synced;

    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&steps);
    let sync = scene
        .connections
        .sync(&id)
        .on_progress(move |action| seen.lock().unwrap().push(action.name()))
        .await
        .unwrap();

    let SyncOutcome::Succeeded(synced) = sync else { panic!("{sync:?}") };
    assert!(synced.last_synced > before);
    assert_eq!(synced.connection.unwrap().last_synced, synced.last_synced);
    assert_eq!(scene.syncs_acted(), 1);
    assert_eq!(*steps.lock().unwrap(), ["look", "call", "wait", "look", "finish"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_sync_says_why_and_the_next_one_is_forced() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);

    let failed = scene.connections.sync(&id).await.unwrap_err();
    let message = Some("The bank has rejected the login".to_owned());
    assert_eq!(*failed.report(), SyncReport::Failed { failures: 1, message });
    assert_eq!(
        failed.to_string(),
        "the sync failed (The bank has rejected the login); 2 more failures disable the \
         connection for good"
    );
    assert_eq!(failed.fate(), Fate::Acted);
    assert_eq!(failed.connection().unwrap().sync_fail_counter, 1);
    assert_eq!(failed.job().report(), Some(failed.report()));
    assert!(failed.error().is_none(), "no call went wrong");

    let forced = scene.connections.sync(&id).await.unwrap();
    let SyncOutcome::Succeeded(synced) = forced else { panic!("{forced:?}") };
    assert_eq!(synced.connection.unwrap().sync_fail_counter, 0);
    assert_eq!(scene.syncs_acted(), 2);
}

#[tokio::test(start_paused = true)]
async fn by_default_no_sync_spends_the_last_attempt() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    for _ in 0..5 {
        scene.sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
        println!("{}", scene.connections.sync(&id).await.unwrap_err());
    }
    assert_eq!(scene.syncs_received(), 2);
    let refused = scene.connections.sync(&id).await.unwrap_err();
    let report = refused.report();
    assert!(matches!(report, SyncReport::Refused(Refusal::LastAttempt { .. })), "{report}");
    assert_eq!(refused.fate(), Fate::NotActed);
    assert_eq!(scene.connections.get(&id).await.unwrap().sync_fail_counter, 2);

    let spend = SyncPolicy::default().with_last_attempt(LastAttempt::Spend);
    let spent = scene.connections.sync(&id).policy(spend.clone()).await;
    let report = report_of(&spent);
    assert!(matches!(report, SyncReport::Failed { failures: 3, .. }), "{report}");
    assert_eq!(scene.syncs_acted(), 3);

    let report = report_of(&scene.connections.sync(&id).policy(spend).await);
    assert!(matches!(report, SyncReport::Refused(Refusal::Disabled { .. })), "{report}");
    assert_eq!(scene.syncs_received(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_shared_sync_without_our_half_is_refused_before_it_is_sent() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Shared).credentials("half-of-it"));
    let refused = scene.connections.sync(&id).await;
    assert_eq!(report_of(&refused), SyncReport::Refused(Refusal::CredentialsMissing));
    assert_eq!(scene.syncs_received(), 0);

    let store = JobStore::default();
    let sync = scene.connections.sync(&id).credentials("half-of-it").save_with(store.saver()).await;
    assert_succeeded(&sync);
    assert!(!store.written().contains("half-of-it"), "{}", store.written());
}

#[tokio::test(start_paused = true)]
async fn our_half_is_not_in_the_job_either_where_the_connection_repeats_it() {
    let scene = Scene::new().await;
    let seed = ConnectionSeed::new(SyncMode::Shared).credentials("half-of-it");
    let seed = seed.failures(2).message("the half half-of-it is wrong");
    let id = scene.connection(seed);
    let sync = scene.connections.sync(&id);
    let error = sync.credentials("half-of-it").await.unwrap_err();
    assert!(error.to_string().contains("the half [secret] is wrong"), "{error}");
    let stored = serde_json::to_string(error.job()).unwrap();
    assert!(!stored.contains("half-of-it"), "{stored}");
    assert!(!format!("{error:?}{:?}", error.connection()).contains("half-of-it"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn the_session_of_a_sync_that_needs_the_user_goes_to_the_caller_and_not_into_the_job() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::None));
    let store = JobStore::default();
    let run = scene.connections.sync(&id).save_with(store.saver());
    let sync = run.await.unwrap();
    let printed = format!("{sync:?}");
    let SyncOutcome::UserNeeded(session) = sync else { panic!("{printed}") };
    assert_eq!(session.connection_id(), Some(&id));
    assert!(!printed.contains(session.key().expose()), "{printed}");
    let written = store.written();
    assert!(!written.contains(session.key().expose()), "{written}");
    assert!(!written.contains(session.transaction().as_str()), "{written}");
    assert_eq!(store.last().unwrap().report(), Some(&SyncReport::UserNeeded));
}

#[tokio::test(start_paused = true)]
async fn a_shortest_interval_declines_a_sync_that_comes_too_soon() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let last = scene.connections.get(&id).await.unwrap().last_synced.unwrap();
    let policy = SyncPolicy::default().with_shortest_interval(6 * HOUR);
    let declined = scene.connections.sync(&id).policy(policy.clone()).await;
    let not_before = last.checked_add(6 * HOUR).unwrap();
    assert_eq!(report_of(&declined), SyncReport::Refused(Refusal::TooSoon { not_before }));
    assert_eq!(scene.syncs_received(), 0);

    scene.sandbox.advance(6 * HOUR);
    assert_succeeded(&scene.another_process().sync(&id).policy(policy).await);
}

#[tokio::test(start_paused = true)]
async fn a_sync_of_unknown_fate_is_settled_by_looking_and_not_repeated() {
    for fault in [Fault::ResetAfterActing, Fault::CloseAfterActing, Fault::StallAfterActing] {
        let scene = Scene::new().await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("sync_connection").next();
        assert_succeeded(&scene.connections.sync(&id).await);
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fate_that_stays_unknown_is_reported_at_the_deadline() {
    for fault in
        [Fault::ResetBeforeActing, Fault::StallBeforeActing, Fault::Html(502), Fault::Status(503)]
    {
        let scene = Scene::new().await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("sync_connection").next();
        let begun = Instant::now();
        let error = scene.connections.sync(&id).await.unwrap_err();
        assert_eq!(*error.report(), SyncReport::FateUnknown, "{fault:?}");
        assert_eq!(error.fate(), Fate::Unknown, "{fault:?}");
        let deadline = SyncPolicy::default().deadline();
        assert!(begun.elapsed() < deadline + Duration::from_secs(1), "{fault:?}");
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 0), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_lost_on_its_way_is_an_error_that_says_so() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::None));
    scene.sandbox.fault(Fault::CutBody).on("sync_connection").next();
    let error = scene.connections.sync(&id).await.unwrap_err();
    assert_eq!((error.report(), error.fate()), (&SyncReport::UserNeeded, Fate::Acted));
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Truncated);
    assert!(error.to_string().contains("the wizard session is lost"), "{error}");
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_did_not_act_on_is_called_again_when_it_allows() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let retry_after = Some("90".to_owned());
    scene.sandbox.fault(Fault::Throttle { retry_after }).on("sync_connection").next();
    let begun = Instant::now();
    assert_succeeded(&scene.connections.sync(&id).await);
    assert!(begun.elapsed() >= Duration::from_secs(90));
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_refuses_is_reported_with_its_error() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::Status(422)).on("sync_connection").next();
    let error = scene.connections.sync(&id).await.unwrap_err();
    let report = error.report();
    assert!(matches!(report, SyncReport::RefusedByServer { status: Some(422), .. }), "{report}");
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Rejected);
    assert_eq!(error.fate(), Fate::NotActed);
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_there_is_gone() {
    let scene = Scene::new().await;
    let error = scene.connections.sync("con-nobody").await.unwrap_err();
    assert_eq!(*error.report(), SyncReport::Gone);
    assert_eq!(error.error().unwrap().kind(), ErrorKind::NotFound);

    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let (sync, ()) = tokio::join!(scene.connections.sync(&id).into_future(), async {
        sleep(Duration::from_secs(10)).await;
        scene.connections.delete(&id).await.unwrap();
    });
    assert_eq!(report_of(&sync), SyncReport::Gone);
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_was_never_sent_is_an_error_whose_source_was_in_the_way() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let wrong = client(&scene.sandbox, "no-such-token").connections();
    let error = wrong.sync(&id).await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::NotSent { message: Some(_) }), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    let source: &xs2a::Error = source.downcast_ref().unwrap();
    assert_eq!(source.kind(), ErrorKind::Unauthorized);

    scene.sandbox.refuse_connections().await;
    let begun = Instant::now();
    let error = scene.connections.sync(&id).await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::NotSent { .. }), "{error}");
    assert_eq!((error.error().unwrap().kind(), error.fate()), (ErrorKind::Connect, Fate::NotActed));
    assert!(begun.elapsed() < SyncPolicy::default().deadline() + Duration::from_secs(1));
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_for_good_ends_the_sync_at_once() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let revoked = api(&scene.sandbox, "no-such-key").user(scene.user.id());
    let nobody = scene.api().user("usr-nobody");
    for (user, status, is_gone) in [(revoked, 401, false), (nobody, 404, true)] {
        let begun = Instant::now();
        let error = user.connections().sync(&id).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(1), "{error}");
        match error.report() {
            SyncReport::UserGone => assert!(is_gone),
            SyncReport::NotSent { .. } => assert!(!is_gone),
            other => panic!("{other}"),
        }
        let error = error.error().unwrap();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::NoToken, 0));
        let refusal = std::error::Error::source(error).unwrap();
        let refusal: &xs2a::Error = refusal.downcast_ref().unwrap();
        assert_eq!(refusal.status().unwrap(), status);
        assert_eq!(refusal.operation(), Operation::CreateAccessToken);
    }
    assert_eq!(scene.sandbox.received("create_access_token"), 2);
    assert_eq!(scene.sandbox.received("get_connection"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_is_throttled_past_the_jobs_deadline_ends_at_once_with_that_error() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let throttle = Fault::Throttle { retry_after: Some("30".to_owned()) };
    scene.sandbox.fault(throttle).on("sync_connection").always();
    let begun = Instant::now();
    let policy = SyncPolicy::default().with_deadline(Duration::from_secs(10));
    let error = scene.connections.sync(&id).policy(policy).await.unwrap_err();
    let retry_after = Some(Duration::from_secs(30));
    assert_eq!(*error.report(), SyncReport::Throttled { retry_after });
    let error = error.error().unwrap();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Throttled, Fate::NotActed));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!((scene.syncs_received(), begun.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_outage_shorter_than_the_deadline_only_delays_the_sync() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.refuse_connections().await;
    let (sync, ()) = tokio::join!(scene.connections.sync(&id).into_future(), async {
        sleep(Duration::from_secs(100)).await;
        scene.sandbox.accept_connections().await;
    });
    assert_succeeded(&sync);
    assert_eq!(scene.syncs_acted(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_nudge_makes_the_job_look_at_once() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let slow = SyncPolicy::default().with_deadline(3 * HOUR).with_pauses(2 * HOUR, 2 * HOUR);
    let begun = Instant::now();
    let run = scene.connections.sync(&id).policy(slow);
    let (sync, ()) = tokio::join!(run.into_future(), async {
        sleep(Duration::from_secs(10)).await;
        scene.sandbox.advance(HOUR);
        scene.client.nudge("con-of-somebody-else");
        sleep(Duration::from_secs(10)).await;
        assert_eq!(scene.sandbox.received("get_connection"), 1);
        scene.client.nudge(&id);
    });
    assert_succeeded(&sync);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_second_caller_gets_the_outcome_of_the_first() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    let ask = || scene.connections.sync(&id).into_future();
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    let first = first.unwrap();
    assert!(matches!(first, SyncOutcome::Succeeded(_)), "{first:?}");
    assert_eq!(second.unwrap(), first);
    assert_eq!(third.unwrap(), first);
    assert_eq!(scene.syncs_received(), 1);

    // That sync is over: another caller gets another.
    let _anew = ask().await.unwrap();
    assert_eq!(scene.syncs_received(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_second_caller_takes_over_when_the_first_is_dropped() {
    // The first is dropped while its call is under way, or while it watches.
    for fault in [Some(Fault::Delay(HOUR)), None] {
        let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
        let id = scene.healthy();
        if let Some(fault) = fault.clone() {
            scene.sandbox.fault(fault).on("sync_connection").next();
        }
        let ask = || scene.connections.sync(&id).into_future();
        let first = timeout(Duration::from_secs(1), ask());
        let (first, second) = tokio::join!(first, ask());
        assert!(first.is_err(), "{fault:?}");
        assert_succeeded(&second);
        assert_eq!(scene.syncs_received(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_after_the_first_was_dropped_goes_on_from_there() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::StallAfterActing).on("sync_connection").next();
    let dropped = timeout(Duration::from_secs(1), scene.connections.sync(&id).into_future());
    assert!(dropped.await.is_err());
    assert_eq!(scene.syncs_received(), 1);
    assert_succeeded(&scene.connections.sync(&id).await);
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_after_the_deadline_of_a_dropped_one_goes_on_from_there_too() {
    let sandbox = Sandbox::builder().sync_takes(HOUR).start().await.unwrap();
    let user = sandbox.add_user("Ada");
    let (noon, begun) = (sandbox.now(), Instant::now());
    let clock = move || noon + jiff::SignedDuration::try_from(begun.elapsed()).unwrap();
    let connections = client_with_clock(&sandbox, user.token(), clock).connections();
    let id = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
    let policy = SyncPolicy::default().with_deadline(Duration::from_secs(10));
    let first = connections.sync(&id).policy(policy.clone());
    assert!(timeout(Duration::from_secs(2), first.into_future()).await.is_err());
    sleep(Duration::from_secs(9)).await;
    let second = connections.sync(&id).policy(policy).await;
    assert_eq!(report_of(&second), SyncReport::StillRunning);
    assert_eq!(sandbox.received("sync_connection"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_caller_has_a_report_by_the_same_deadline() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let deadline = Duration::from_secs(30);
    let policy = SyncPolicy::default().with_deadline(deadline);
    let ask = || scene.connections.sync(&id).policy(policy.clone()).into_future();
    let begun = Instant::now();
    let (first, second, ()) = tokio::join!(ask(), ask(), async {
        sleep(Duration::from_secs(29)).await;
        let silence = scene.sandbox.fault(Fault::StallBeforeActing);
        silence.on("get_connection").always();
    });
    assert_eq!(report_of(&first), SyncReport::StillRunning);
    assert_eq!(report_of(&second), SyncReport::StillRunning);
    assert!(begun.elapsed() <= deadline + Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn a_second_caller_is_not_told_that_a_sync_runs_whose_fate_is_unknown() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let silence = scene.sandbox.fault(Fault::StallBeforeActing);
    silence.on("sync_connection").next();
    let policy = SyncPolicy::default().with_deadline(Duration::from_secs(30));
    let ask = || {
        let run = scene.connections.sync(&id);
        run.policy(policy.clone()).into_future()
    };
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!(report_of(&first), SyncReport::FateUnknown);
    assert_eq!(report_of(&second), SyncReport::FateUnknown);
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_caller_with_a_later_deadline_watches_on_where_the_first_had_to_report() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(15)).await;
    let id = scene.healthy();
    let ask = |deadline| {
        let policy = SyncPolicy::default().with_deadline(deadline);
        scene.connections.sync(&id).policy(policy).into_future()
    };
    let (first, second) = tokio::join!(ask(Duration::from_secs(3)), ask(HOUR));
    assert_eq!(report_of(&first), SyncReport::StillRunning);
    assert_succeeded(&second);
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_policy_permits_a_sync_makes_it_where_the_first_may_not() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Full).failures(2));
    let spend = SyncPolicy::default().with_last_attempt(LastAttempt::Spend);
    let (first, second) = tokio::join!(
        scene.connections.sync(&id).into_future(),
        scene.connections.sync(&id).policy(spend).into_future(),
    );
    let first = report_of(&first);
    assert!(matches!(first, SyncReport::Refused(Refusal::LastAttempt { .. })), "{first}");
    assert_succeeded(&second);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_cannot_be_stored_is_not_called() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let run = scene.connections.sync(&id).save_with(|_| async { Err("disk full") });
    let error = run.await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::NotSent { .. }), "{error}");
    assert_eq!(error.fate(), Fate::NotActed);
    let error = error.error().unwrap();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::NotStored, Fate::NotActed, 0)
    );
    let cause = std::error::Error::source(error).unwrap();
    assert_eq!(cause.to_string(), "disk full");
    assert_eq!(scene.syncs_received(), 0);
}

/// What a store fails with may tell of its own passwords.
#[tokio::test(start_paused = true)]
async fn what_a_store_says_is_for_the_caller_and_not_for_the_job() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
    let store = JobStore::default();
    let saved = store.clone();
    let run = scene.connections.sync(&id).save_with(move |update| {
        let fails = saved.all().len() == 1;
        let stored = saved.keep(&update);
        std::future::ready(match fails {
            true => Err("no disk at db://me:pa55word@host"),
            false => Ok(stored),
        })
    });
    let error = run.await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::Failed { failures: 1, .. }), "{error}");
    let cause = std::error::Error::source(error.error().unwrap()).unwrap();
    assert!(cause.to_string().contains("pa55word"), "{cause}");
    let jobs = store.written() + &serde_json::to_string(error.job()).unwrap();
    assert!(!jobs.contains("pa55word"), "{jobs}");
}

#[tokio::test(start_paused = true)]
async fn a_sync_is_not_sent_any_more_where_storing_its_job_used_up_the_time() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::Delay(Duration::from_millis(9_500))).on("get_connection").next();
    let policy = SyncPolicy::default().with_deadline(Duration::from_secs(10));
    let slow = |_| async {
        sleep(Duration::from_millis(900)).await;
        Ok::<_, std::convert::Infallible>(Stored::Kept)
    };
    let run = scene.connections.sync(&id).policy(policy).save_with(slow);
    let error = run.await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::NotSent { .. }), "{error}");
    let error = error.error().unwrap();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Timeout, Fate::NotActed));
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_after_the_call_hides_no_end_and_does_not_say_that_nothing_was_sent() {
    for fault in [None, Some(BankFault::WrongPassword)] {
        let scene = Scene::new().await;
        let id = scene.healthy();
        if let Some(fault) = fault {
            scene.sandbox.fail_next_sync(id.as_str(), fault);
        }
        let stored = Arc::new(Mutex::new(0));
        let run = scene.connections.sync(&id).save_with(move |_| {
            let mut stored = stored.lock().unwrap();
            *stored += 1;
            let result = if *stored == 1 { Ok(Stored::Kept) } else { Err("the disk is full") };
            async move { result }
        });
        match run.await {
            Ok(outcome) => {
                assert!(fault.is_none());
                assert!(matches!(outcome, SyncOutcome::Succeeded(_)), "{outcome:?}");
            }
            Err(failed) => {
                let report = failed.report();
                assert!(matches!(report, SyncReport::Failed { failures: 1, .. }), "{report}");
                let error = failed.error().unwrap();
                assert_eq!((error.kind(), error.fate()), (ErrorKind::NotStored, Fate::Acted));
                assert!(!error.to_string().contains("nothing was sent"), "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_taken_over_is_stored_before_it_is_watched() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::StallAfterActing).on("sync_connection").next();
    let first = scene.connections.sync(&id).into_future();
    assert!(timeout(Duration::from_secs(1), first).await.is_err());
    scene.sandbox.fault(Fault::StallBeforeActing).on("get_connection").always();
    let store = JobStore::default();
    let second = scene.connections.sync(&id).save_with(store.saver());
    assert!(timeout(Duration::from_secs(1), second.into_future()).await.is_err());
    assert!(store.last().unwrap().is_open());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_delays_no_report() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let begun = Instant::now();
    let hanging = |_| std::future::pending::<Result<Stored, std::io::Error>>();
    let run = scene.connections.sync(&id).save_with(hanging);
    let error = run.await.unwrap_err();
    assert_eq!(error.error().unwrap().kind(), ErrorKind::NotStored);
    assert!(begun.elapsed() < SyncPolicy::default().deadline() + Duration::from_secs(2));
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_report_at_the_deadline_leaves_nothing_for_the_next_caller() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::ResetBeforeActing).on("sync_connection").next();
    let first = scene.connections.sync(&id).await;
    assert_eq!(report_of(&first), SyncReport::FateUnknown);
    assert_succeeded(&scene.connections.sync(&id).await);
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_job_stored_before_its_call_resumes_in_another_process_and_does_not_sync_twice() {
    // The process dies while the call is under way, after the server acted or before.
    for (fault, acted) in [(Fault::StallAfterActing, 1), (Fault::StallBeforeActing, 0)] {
        let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("sync_connection").next();
        let store = JobStore::default();
        let run = scene.connections.sync(&id).save_with(store.saver());
        assert!(timeout(Duration::from_secs(1), run.into_future()).await.is_err());

        let resumed = scene.another_process().resume(store.last().unwrap()).await;
        match acted {
            1 => assert_succeeded(&resumed),
            _ => assert_eq!(report_of(&resumed), SyncReport::FateUnknown),
        }
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, acted), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_resumed_from_any_stored_step_does_not_sync_twice() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let store = JobStore::default();
    let run = scene.connections.sync(&id).save_with(store.saver());
    let ended = run.await;
    assert_succeeded(&ended);

    let stored = store.all();
    assert_eq!(stored.len(), 3, "before the call, after it, and at the end: {stored:?}");
    for job in stored {
        let again = scene.another_process().resume(job.clone()).await;
        assert_eq!(report_of(&again), report_of(&ended), "{job:?}");
        assert_eq!(scene.syncs_received(), 1, "{job:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_outlasts_its_deadline_is_watched_on_by_resuming_it() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let error = scene.connections.sync(&id).await.unwrap_err();
    assert_eq!((error.report(), error.fate()), (&SyncReport::StillRunning, Fate::Acted));

    scene.sandbox.advance(HOUR);
    let later = error.job().deadline().checked_add(HOUR).unwrap();
    let job = error.job().clone().with_deadline(later);
    assert_succeeded(&scene.another_process().resume(job).await);
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_nudges_is_no_flood_of_looks() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let request = CreateConnectionRequest::new();
    let session = scene.connections.create(&request).await.unwrap();
    let deadline = Duration::from_secs(10);
    let policy = SyncPolicy::default().with_deadline(deadline);
    let sync = scene.connections.sync(&id).policy(policy);
    let user = scene.connections.wait_for_user(&session).deadline(deadline);
    let flood = async {
        loop {
            scene.client.nudge(&id);
            scene.client.nudge(session.transaction());
            sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        (sync, user) = async { tokio::join!(sync.into_future(), user.into_future()) } => {
            assert_eq!(report_of(&sync), SyncReport::StillRunning);
            assert_eq!(user.unwrap(), LoginOutcome::StillOpen);
        }
        () = flood => {}
    }
    let looks = scene.sandbox.received("get_connection");
    // Each may look once a second, and the sync once before its call and once right after it.
    assert!(looks <= 2 + 2 * 11, "{looks}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_before_the_first_answer_moves_no_deadline() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(100_000)).await;
    let id = scene.healthy();
    let SyncStart::Started(job) = scene.connections.sync(&id).start().await.unwrap() else {
        panic!("a sync that runs");
    };
    for jump in [-3_600, 3_600] {
        let (now, ahead) = (scene.sandbox.now(), Arc::new(AtomicI64::new(0)));
        let seconds = Arc::clone(&ahead);
        let clock = move || now + SignedDuration::from_secs(seconds.load(Ordering::Relaxed));
        let user = client_with_clock(&scene.sandbox, scene.user.token(), clock);
        scene.sandbox.fault(Fault::Delay(Duration::from_secs(10))).on("get_connection").next();
        let started = Instant::now();
        let jumps = async {
            sleep(Duration::from_secs(5)).await;
            ahead.store(jump, Ordering::Relaxed);
        };
        let (ended, ()) = tokio::join!(user.connections().resume(job.clone()).into_future(), jumps);
        assert_eq!(report_of(&ended), SyncReport::StillRunning);
        let (took, deadline) = (started.elapsed(), job.deadline().duration_since(now));
        // The server's clock stands still meanwhile, so the answer is ten seconds behind.
        let most = deadline.unsigned_abs() + Duration::from_secs(11);
        assert!(took <= most, "{jump}: {took:?} of {most:?}");
        assert!(took >= deadline.unsigned_abs() / 2, "{jump}: {took:?}");
    }
}

/// The answer to the look has no date that can be read, so the intention is stored by a wrong clock.
#[tokio::test(start_paused = true)]
async fn a_wrong_clock_that_only_the_answer_to_the_call_sets_right_moves_no_deadline() {
    for wrong_by in [-3_600, 3_600] {
        let scene = Scene::with_syncs_that_take(Duration::from_secs(100_000)).await;
        let id = scene.healthy();
        let now = scene.sandbox.now() + SignedDuration::from_secs(wrong_by);
        let user = client_with_clock(&scene.sandbox, scene.user.token(), move || now);
        scene.sandbox.fault(Fault::date("yesterday")).on("get_connection").next();
        let (store, started) = (JobStore::default(), Instant::now());
        let ended = user.connections().sync(&id).save_with(store.saver()).await;
        assert_eq!(report_of(&ended), SyncReport::StillRunning);
        let (took, span) = (started.elapsed(), SyncPolicy::default().deadline());
        assert!(took <= span + Duration::from_secs(1), "{wrong_by}: {took:?} of {span:?}");
        assert!(took >= span / 2, "{wrong_by}: {took:?} of {span:?}");
        // Whoever takes the job up has its instants by the server's clock.
        let stored = store.last().unwrap();
        let left = stored.deadline().duration_since(scene.sandbox.now());
        assert!(left.unsigned_abs() <= span + Duration::from_secs(2), "{wrong_by}: {left}");
        let called = stored.history().last_call().unwrap();
        let away = called.duration_since(scene.sandbox.now());
        assert!(away.unsigned_abs() <= span, "{wrong_by}: {away}");
    }
}

/// The second caller goes on from where the first has left the sync, whose instants are right already.
#[tokio::test(start_paused = true)]
async fn a_wrong_clock_moves_the_instants_of_a_sync_that_is_taken_over_only_once() {
    for wrong_by in [-7_200, 7_200] {
        let scene = Scene::with_syncs_that_take(Duration::from_secs(100_000)).await;
        let id = scene.healthy();
        let now = scene.sandbox.now() + SignedDuration::from_secs(wrong_by);
        let user = client_with_clock(&scene.sandbox, scene.user.token(), move || now);
        let connections = user.connections();
        let first = connections.sync(&id).start();
        let (first, second) = tokio::join!(first, connections.sync(&id).into_future());
        assert!(matches!(first, Ok(SyncStart::Started(_))), "{wrong_by}: {first:?}");
        assert_eq!(report_of(&second), SyncReport::StillRunning, "{wrong_by}");
        let called = second.unwrap_err().job().history().last_call().unwrap();
        let away = called.duration_since(scene.sandbox.now()).abs();
        assert!(away < SignedDuration::from_mins(5), "{wrong_by}: {away}");
    }
}

/// A bank's login takes longer than a read may, and its answer is the one session that there is.
#[tokio::test(start_paused = true)]
async fn a_bank_that_takes_its_time_to_answer_costs_neither_the_session_nor_the_sync() {
    for seconds in [25, 100, 170] {
        let late = Fault::Delay(Duration::from_secs(seconds));
        let scene = Scene::new().await;
        let id = scene.connection(ConnectionSeed::new(SyncMode::None));
        scene.sandbox.fault(late.clone()).on("sync_connection").next();
        let ended = scene.connections.sync(&id).await.unwrap();
        assert!(matches!(ended, SyncOutcome::UserNeeded(_)), "{seconds}: {ended:?}");

        scene.sandbox.fault(late.clone()).on("reset_connection").next();
        scene.connections.reset(&id).await.unwrap();
        scene.sandbox.fault(late.clone()).on("create_connection").next();
        let request = CreateConnectionRequest::new();
        let session = scene.connections.create(&request).await.unwrap();
        scene.sandbox.fault(late.clone()).on("advance_wizard").next();
        let step = scene.client.wizard(session.key().clone()).open().await.unwrap();
        assert!(matches!(step, xs2a::wizard::WizardStep::Form(_)), "{seconds}: {step:?}");

        let id = scene.healthy();
        scene.sandbox.fault(late).on("sync_connection").next();
        let before = scene.syncs_received();
        assert_succeeded(&scene.connections.sync(&id).await);
        assert_eq!(scene.syncs_received(), before + 1, "{seconds}");
    }
}
