//! Sync jobs run to their report against the sandbox, on tokio's paused clock: no test waits for
//! real time, whatever the job waits for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use xs2a::types::CreateConnectionRequest;
use xs2a::{
    Connections, ErrorKind, Fate, LastAttempt, Operation, Refusal, SyncJob, SyncPolicy, SyncReport,
    UserClient,
};
use xs2a_sandbox::{BankFault, BankUser, ConnectionSeed, Fault, Sandbox, SyncMode};

const HOUR: Duration = Duration::from_secs(3600);

struct Scene {
    sandbox: Sandbox,
    user: BankUser,
    connections: Connections,
}

impl Scene {
    async fn new() -> Self {
        Self::with_syncs_that_take(Duration::from_secs(1)).await
    }

    async fn with_syncs_that_take(span: Duration) -> Self {
        let sandbox = Sandbox::builder().sync_takes(span).start().await.unwrap();
        let user = sandbox.add_user("Ada");
        let connections = connections(&sandbox, user.token());
        Self { sandbox, user, connections }
    }

    fn connection(&self, seed: ConnectionSeed) -> String {
        self.sandbox.add_connection(&self.user, seed)
    }

    fn healthy(&self) -> String {
        self.connection(ConnectionSeed::new(SyncMode::Full))
    }

    /// The same user's connections, as another process has them.
    fn another_process(&self) -> Connections {
        connections(&self.sandbox, self.user.token())
    }

    fn syncs_received(&self) -> usize {
        self.sandbox.received("sync_connection")
    }

    fn syncs_acted(&self) -> usize {
        self.sandbox.acted("sync_connection")
    }
}

fn connections(sandbox: &Sandbox, token: &str) -> Connections {
    let now = sandbox.now();
    let user = UserClient::builder(token).base_url(sandbox.base_url()).clock(move || now);
    user.build().unwrap().connections()
}

/// Where a job is stored; the last one is what a crash leaves.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<String>>>);

impl Store {
    async fn save(self, job: SyncJob) -> Result<(), serde_json::Error> {
        self.0.lock().unwrap().push(serde_json::to_string(&job)?);
        Ok(())
    }

    fn all(&self) -> Vec<SyncJob> {
        self.0.lock().unwrap().iter().map(|job| serde_json::from_str(job).unwrap()).collect()
    }

    fn last(&self) -> SyncJob {
        self.all().pop().expect("a job was stored")
    }
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
        .sync_and_wait(&id)
        .on_progress(move |action| seen.lock().unwrap().push(action.name()))
        .await
        .unwrap();

    let SyncReport::Succeeded { last_synced } = sync.report else { panic!("{sync:?}") };
    assert!(Some(last_synced) > before);
    assert_eq!(sync.connection.unwrap().last_synced, Some(last_synced));
    assert_eq!(scene.syncs_acted(), 1);
    assert_eq!(*steps.lock().unwrap(), ["look", "call", "wait", "look", "report"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_sync_says_why_and_the_next_one_is_forced() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fail_next_sync(&id, BankFault::WrongPassword);

    let failed = scene.connections.sync_and_wait(&id).await.unwrap();
    let message = Some("The bank has rejected the login".to_owned());
    assert_eq!(failed.report, SyncReport::Failed { failures: 1, message });
    assert_eq!(
        failed.report.to_string(),
        "the sync failed (The bank has rejected the login); 2 more failures disable the \
         connection for good"
    );

    let forced = scene.connections.sync_and_wait(&id).await.unwrap();
    assert!(matches!(forced.report, SyncReport::Succeeded { .. }), "{forced:?}");
    assert_eq!(forced.connection.unwrap().sync_fail_counter, 0);
    assert_eq!(scene.syncs_acted(), 2);
}

#[tokio::test(start_paused = true)]
async fn by_default_no_sync_spends_the_last_attempt() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    for _ in 0..5 {
        scene.sandbox.fail_next_sync(&id, BankFault::WrongPassword);
        let sync = scene.connections.sync_and_wait(&id).await.unwrap();
        println!("{}", sync.report);
    }
    assert_eq!(scene.syncs_received(), 2);
    let refused = scene.connections.sync_and_wait(&id).await.unwrap();
    assert!(matches!(refused.report, SyncReport::Refused(Refusal::LastAttempt { .. })));
    assert_eq!(scene.connections.get(&id).await.unwrap().sync_fail_counter, 2);

    let spend = SyncPolicy::default().last_attempt(LastAttempt::Spend);
    let spent = scene.connections.sync_and_wait(&id).policy(spend.clone()).await.unwrap();
    assert!(matches!(spent.report, SyncReport::Failed { failures: 3, .. }), "{spent:?}");
    assert_eq!(scene.syncs_acted(), 3);

    let lost = scene.connections.sync_and_wait(&id).policy(spend).await.unwrap();
    assert!(matches!(lost.report, SyncReport::Refused(Refusal::Disabled { .. })), "{lost:?}");
    assert_eq!(scene.syncs_received(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_shared_sync_without_our_half_is_refused_before_it_is_sent() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Shared).credentials("half-of-it"));
    let refused = scene.connections.sync_and_wait(&id).await.unwrap();
    assert_eq!(refused.report, SyncReport::Refused(Refusal::CredentialsMissing));
    assert_eq!(scene.syncs_received(), 0);

    let store = Store::default();
    let saved = store.clone();
    let sync = scene
        .connections
        .sync_and_wait(&id)
        .credentials("half-of-it")
        .save_with(move |job| saved.clone().save(job))
        .await
        .unwrap();
    assert!(matches!(sync.report, SyncReport::Succeeded { .. }), "{sync:?}");
    for job in store.0.lock().unwrap().iter() {
        assert!(!job.contains("half-of-it"), "{job}");
    }
}

#[tokio::test(start_paused = true)]
async fn our_half_is_not_in_the_job_either_where_the_connection_repeats_it() {
    let scene = Scene::new().await;
    let seed = ConnectionSeed::new(SyncMode::Shared).credentials("half-of-it");
    let seed = seed.failures(2).message("the half half-of-it is wrong");
    let id = scene.connection(seed);
    let sync = scene.connections.sync_and_wait(&id);
    let finished = sync.credentials("half-of-it").await.unwrap();
    let told = finished.report.to_string();
    assert!(told.contains("the half [secret] is wrong"), "{told}");
    let stored = serde_json::to_string(&finished.job).unwrap();
    assert!(!stored.contains("half-of-it"), "{stored}");
    assert!(!format!("{finished:?}").contains("half-of-it"), "{finished:?}");
}

#[tokio::test(start_paused = true)]
async fn the_session_of_a_sync_that_needs_the_user_goes_to_the_caller_and_not_into_the_job() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::None));
    let store = Store::default();
    let saved = store.clone();
    let run = scene.connections.sync_and_wait(&id).save_with(move |job| saved.clone().save(job));
    let sync = run.await.unwrap();
    assert_eq!(sync.report, SyncReport::UserNeeded);
    let printed = format!("{sync:?}");
    let session = sync.session.unwrap();
    assert!(!printed.contains(session.wizard_session_key.expose()), "{printed}");
    for job in store.0.lock().unwrap().iter() {
        assert!(!job.contains(session.wizard_session_key.expose()), "{job}");
        assert!(!job.contains(&session.transaction), "{job}");
    }

    // She is through: the connection that was there before has been synced.
    let connection = sync.connection.unwrap();
    let waiting = scene.connections.wait_for_user(&session).of(&connection);
    let (sandbox, transaction) = (&scene.sandbox, session.transaction.clone());
    let (synced, ()) = tokio::join!(waiting.into_future(), async move {
        sleep(Duration::from_secs(60)).await;
        sandbox.complete_session(&transaction).unwrap();
    });
    assert!(synced.unwrap().unwrap().last_synced > connection.last_synced);
}

#[tokio::test(start_paused = true)]
async fn a_shortest_interval_declines_a_sync_that_comes_too_soon() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let last = scene.connections.get(&id).await.unwrap().last_synced.unwrap();
    let policy = SyncPolicy::default().shortest_interval(6 * HOUR);
    let declined = scene.connections.sync_and_wait(&id).policy(policy.clone()).await.unwrap();
    let not_before = last.checked_add(6 * HOUR).unwrap();
    assert_eq!(declined.report, SyncReport::Refused(Refusal::TooSoon { not_before }));
    assert_eq!(scene.syncs_received(), 0);

    scene.sandbox.advance(6 * HOUR);
    let later = scene.another_process().sync_and_wait(&id).policy(policy).await.unwrap();
    assert!(matches!(later.report, SyncReport::Succeeded { .. }), "{later:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sync_of_unknown_fate_is_settled_by_looking_and_not_repeated() {
    for fault in [Fault::ResetAfterActing, Fault::CloseAfterActing, Fault::StallAfterActing] {
        let scene = Scene::new().await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("sync_connection").next();
        let sync = scene.connections.sync_and_wait(&id).await.unwrap();
        assert!(matches!(sync.report, SyncReport::Succeeded { .. }), "{fault:?}: {sync:?}");
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 1), "{fault:?}");
        assert!(sync.error.is_some(), "{fault:?}");
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
        let sync = scene.connections.sync_and_wait(&id).await.unwrap();
        assert_eq!(sync.report, SyncReport::FateUnknown, "{fault:?}");
        let within = SyncPolicy::default().within;
        assert!(begun.elapsed() < within + Duration::from_secs(1), "{fault:?}");
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 0), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_lost_on_its_way_is_reported_as_such() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::None));
    scene.sandbox.fault(Fault::CutBody).on("sync_connection").next();
    let sync = scene.connections.sync_and_wait(&id).await.unwrap();
    assert_eq!((&sync.report, sync.session.as_ref()), (&SyncReport::UserNeeded, None), "{sync:?}");
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_did_not_act_on_is_called_again_when_it_allows() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let retry_after = Some("90".to_owned());
    scene.sandbox.fault(Fault::Throttle { retry_after }).on("sync_connection").next();
    let begun = Instant::now();
    let sync = scene.connections.sync_and_wait(&id).await.unwrap();
    assert!(matches!(sync.report, SyncReport::Succeeded { .. }), "{sync:?}");
    assert!(begun.elapsed() >= Duration::from_secs(90));
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_refuses_is_reported_with_its_error() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::Status(422)).on("sync_connection").next();
    let sync = scene.connections.sync_and_wait(&id).await.unwrap();
    assert!(
        matches!(sync.report, SyncReport::RefusedByServer { status: Some(422), .. }),
        "{sync:?}"
    );
    assert_eq!(sync.error.unwrap().kind(), ErrorKind::Rejected);
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_there_is_gone() {
    let scene = Scene::new().await;
    let sync = scene.connections.sync_and_wait("con-nobody").await.unwrap();
    assert_eq!(sync.report, SyncReport::Gone);

    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let (sync, ()) = tokio::join!(scene.connections.sync_and_wait(&id).into_future(), async {
        sleep(Duration::from_secs(10)).await;
        scene.connections.delete(&id).await.unwrap();
    });
    assert_eq!(sync.unwrap().report, SyncReport::Gone);
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_was_never_sent_ends_in_the_error_that_was_in_the_way() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let wrong = connections(&scene.sandbox, "no-such-token");
    let error = wrong.sync_and_wait(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);

    scene.sandbox.refuse_connections().await;
    let begun = Instant::now();
    let error = scene.connections.sync_and_wait(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(begun.elapsed() < SyncPolicy::default().within + Duration::from_secs(1));
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_for_good_ends_the_sync_at_once() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let client = |key: &str| {
        let now = scene.sandbox.now();
        let api = xs2a::ApiClient::builder(key).base_url(scene.sandbox.base_url());
        api.clock(move || now).build().unwrap()
    };
    let revoked = client("no-such-key").user(scene.user.id());
    let nobody = client(&scene.sandbox.api_key()).user("usr-nobody");
    for (user, status) in [(revoked, 401), (nobody, 404)] {
        let begun = Instant::now();
        let error = user.connections().sync_and_wait(&id).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(1), "{error}");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::NoToken, 0));
        let refusal = std::error::Error::source(&error).unwrap();
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
    let policy = SyncPolicy::default().within(Duration::from_secs(10));
    let error = scene.connections.sync_and_wait(&id).policy(policy).await.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Throttled, Fate::NotActed));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!((scene.syncs_received(), begun.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_outage_shorter_than_the_deadline_only_delays_the_sync() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.refuse_connections().await;
    let (sync, ()) = tokio::join!(scene.connections.sync_and_wait(&id).into_future(), async {
        sleep(Duration::from_secs(100)).await;
        scene.sandbox.accept_connections().await;
    });
    let report = sync.unwrap().report;
    assert!(matches!(report, SyncReport::Succeeded { .. }), "{report}");
    assert_eq!(scene.syncs_acted(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_nudge_makes_the_job_look_at_once() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let slow = SyncPolicy::default().within(3 * HOUR).pauses(2 * HOUR, 2 * HOUR);
    let begun = Instant::now();
    let run = scene.connections.sync_and_wait(&id).policy(slow);
    let (sync, ()) = tokio::join!(run.into_future(), async {
        sleep(Duration::from_secs(10)).await;
        scene.sandbox.advance(HOUR);
        scene.connections.nudge("con-of-somebody-else");
        sleep(Duration::from_secs(10)).await;
        assert_eq!(scene.sandbox.received("get_connection"), 1);
        scene.connections.nudge(&id);
    });
    let report = sync.unwrap().report;
    assert!(matches!(report, SyncReport::Succeeded { .. }), "{report}");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn who_asks_second_gets_the_report_of_the_first() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    let ask = || scene.connections.sync_and_wait(&id).into_future();
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    let first = first.unwrap().report;
    assert!(matches!(first, SyncReport::Succeeded { .. }), "{first}");
    assert_eq!(second.unwrap().report, first);
    assert_eq!(third.unwrap().report, first);
    assert_eq!(scene.syncs_received(), 1);

    // It is over: who asks now, asks anew.
    let _anew = ask().await.unwrap();
    assert_eq!(scene.syncs_received(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_asks_second_takes_over_when_the_first_is_dropped() {
    // The first is dropped while its call is under way, or while it watches.
    for fault in [Some(Fault::Delay(HOUR)), None] {
        let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
        let id = scene.healthy();
        if let Some(fault) = fault.clone() {
            scene.sandbox.fault(fault).on("sync_connection").next();
        }
        let ask = || scene.connections.sync_and_wait(&id).into_future();
        let first = timeout(Duration::from_secs(1), ask());
        let (first, second) = tokio::join!(first, ask());
        assert!(first.is_err(), "{fault:?}");
        let report = second.unwrap().report;
        assert!(matches!(report, SyncReport::Succeeded { .. }), "{fault:?}: {report}");
        assert_eq!(scene.syncs_received(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_after_the_first_was_dropped_goes_on_from_there() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::StallAfterActing).on("sync_connection").next();
    let dropped =
        timeout(Duration::from_secs(1), scene.connections.sync_and_wait(&id).into_future());
    assert!(dropped.await.is_err());
    assert_eq!(scene.syncs_received(), 1);
    let next = scene.connections.sync_and_wait(&id).await.unwrap();
    assert!(matches!(next.report, SyncReport::Succeeded { .. }), "{next:?}");
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_after_the_first_was_dropped_and_its_time_is_over_goes_on_from_there_too() {
    let sandbox = Sandbox::builder().sync_takes(HOUR).start().await.unwrap();
    let user = sandbox.add_user("Ada");
    let (noon, begun) = (sandbox.now(), Instant::now());
    let clock = move || noon + jiff::SignedDuration::try_from(begun.elapsed()).unwrap();
    let client = UserClient::builder(user.token()).base_url(sandbox.base_url()).clock(clock);
    let connections = client.build().unwrap().connections();
    let id = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
    let policy = SyncPolicy::default().within(Duration::from_secs(10));
    let first = connections.sync_and_wait(&id).policy(policy.clone());
    assert!(timeout(Duration::from_secs(2), first.into_future()).await.is_err());
    sleep(Duration::from_secs(9)).await;
    let second = connections.sync_and_wait(&id).policy(policy).await.unwrap();
    assert_eq!(second.report, SyncReport::StillRunning);
    assert_eq!(sandbox.received("sync_connection"), 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_second_has_a_report_by_the_same_deadline() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let within = Duration::from_secs(30);
    let policy = SyncPolicy::default().within(within);
    let ask = || scene.connections.sync_and_wait(&id).policy(policy.clone()).into_future();
    let begun = Instant::now();
    let (first, second, ()) = tokio::join!(ask(), ask(), async {
        sleep(Duration::from_secs(29)).await;
        let silence = scene.sandbox.fault(Fault::StallBeforeActing);
        silence.on("get_connection").always();
    });
    assert_eq!(first.unwrap().report, SyncReport::StillRunning);
    assert_eq!(second.unwrap().report, SyncReport::StillRunning);
    assert!(begun.elapsed() <= within + Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn who_asks_second_is_not_told_that_a_sync_runs_whose_fate_is_unknown() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let silence = scene.sandbox.fault(Fault::StallBeforeActing);
    silence.on("sync_connection").next();
    let policy = SyncPolicy::default().within(Duration::from_secs(30));
    let ask = || {
        let run = scene.connections.sync_and_wait(&id);
        run.policy(policy.clone()).into_future()
    };
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!(first.unwrap().report, SyncReport::FateUnknown);
    assert_eq!(second.unwrap().report, SyncReport::FateUnknown);
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn who_has_longer_watches_on_where_the_first_had_to_report() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(15)).await;
    let id = scene.healthy();
    let ask = |within| {
        let policy = SyncPolicy::default().within(within);
        scene.connections.sync_and_wait(&id).policy(policy).into_future()
    };
    let (first, second) = tokio::join!(ask(Duration::from_secs(3)), ask(HOUR));
    assert_eq!(first.unwrap().report, SyncReport::StillRunning);
    let second = second.unwrap().report;
    assert!(matches!(second, SyncReport::Succeeded { .. }), "{second}");
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_may_sync_where_the_first_may_not_does_so() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Full).failures(2));
    let spend = SyncPolicy::default().last_attempt(LastAttempt::Spend);
    let (first, second) = tokio::join!(
        scene.connections.sync_and_wait(&id).into_future(),
        scene.connections.sync_and_wait(&id).policy(spend).into_future(),
    );
    let first = first.unwrap().report;
    assert!(matches!(first, SyncReport::Refused(Refusal::LastAttempt { .. })), "{first}");
    let second = second.unwrap().report;
    assert!(matches!(second, SyncReport::Succeeded { .. }), "{second}");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_cannot_be_stored_is_not_called() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let run = scene.connections.sync_and_wait(&id).save_with(|_| async { Err("disk full") });
    let error = run.await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::NotStored, Fate::NotActed, 0)
    );
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "disk full");
    assert_eq!(scene.syncs_received(), 0);
}

/// What a store fails with may tell of its own passwords.
#[tokio::test(start_paused = true)]
async fn what_a_store_says_is_for_the_caller_and_not_for_the_job() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let store = Store::default();
    let saved = store.clone();
    let run = scene.connections.sync_and_wait(&id).save_with(move |job| {
        let (saved, fails) = (saved.clone(), saved.0.lock().unwrap().len() == 1);
        async move {
            saved.save(job).await.unwrap();
            let failed = fails.then_some("no disk at db://me:pa55word@host");
            failed.map_or(Ok(()), Err)
        }
    });
    let sync = run.await.unwrap();
    assert!(matches!(sync.report, SyncReport::Succeeded { .. }), "{sync:?}");
    let error = sync.error.unwrap();
    let cause = std::error::Error::source(&*error).unwrap();
    assert!(cause.to_string().contains("pa55word"), "{cause}");
    let jobs = store.0.lock().unwrap().concat() + &serde_json::to_string(&sync.job).unwrap();
    assert!(!jobs.contains("pa55word"), "{jobs}");
}

#[tokio::test(start_paused = true)]
async fn a_sync_is_not_sent_any_more_where_storing_its_job_used_up_the_time() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::Delay(Duration::from_millis(9_500))).on("get_connection").next();
    let policy = SyncPolicy::default().within(Duration::from_secs(10));
    let slow = |_| async {
        sleep(Duration::from_millis(900)).await;
        Ok::<_, std::convert::Infallible>(())
    };
    let run = scene.connections.sync_and_wait(&id).policy(policy).save_with(slow);
    let error = run.await.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Timeout, Fate::NotActed));
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_after_the_call_does_not_say_that_nothing_was_sent() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let stored = Arc::new(Mutex::new(0));
    let run = scene.connections.sync_and_wait(&id).save_with(move |_| {
        let mut stored = stored.lock().unwrap();
        *stored += 1;
        let result = if *stored == 1 { Ok(()) } else { Err("the disk is full") };
        async move { result }
    });
    let finished = run.await.unwrap();
    assert!(matches!(finished.report, SyncReport::Succeeded { .. }), "{}", finished.report);
    let error = finished.error.unwrap();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::NotStored, Fate::Acted));
    assert!(!error.to_string().contains("nothing was sent"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_taken_over_is_stored_before_it_is_watched() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::StallAfterActing).on("sync_connection").next();
    let first = scene.connections.sync_and_wait(&id).into_future();
    assert!(timeout(Duration::from_secs(1), first).await.is_err());
    scene.sandbox.fault(Fault::StallBeforeActing).on("get_connection").always();
    let store = Store::default();
    let saving = store.clone();
    let second =
        scene.connections.sync_and_wait(&id).save_with(move |job| saving.clone().save(job));
    assert!(timeout(Duration::from_secs(1), second.into_future()).await.is_err());
    assert!(store.last().is_open());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_delays_no_report() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let begun = Instant::now();
    let hanging = |_| std::future::pending::<Result<(), std::io::Error>>();
    let run = scene.connections.sync_and_wait(&id).save_with(hanging);
    assert_eq!(run.await.unwrap_err().kind(), ErrorKind::NotStored);
    assert!(begun.elapsed() < SyncPolicy::default().within + Duration::from_secs(2));
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_report_at_the_deadline_leaves_nothing_for_the_next_asker() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::ResetBeforeActing).on("sync_connection").next();
    let first = scene.connections.sync_and_wait(&id).await.unwrap();
    assert_eq!(first.report, SyncReport::FateUnknown);
    let second = scene.connections.sync_and_wait(&id).await.unwrap();
    assert!(matches!(second.report, SyncReport::Succeeded { .. }), "{second:?}");
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_job_stored_before_its_call_resumes_in_another_process_and_does_not_sync_twice() {
    // The process dies while the call is under way, after the server acted or before.
    for (fault, acted) in [(Fault::StallAfterActing, 1), (Fault::StallBeforeActing, 0)] {
        let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("sync_connection").next();
        let store = Store::default();
        let saved = store.clone();
        let run =
            scene.connections.sync_and_wait(&id).save_with(move |job| saved.clone().save(job));
        assert!(timeout(Duration::from_secs(1), run.into_future()).await.is_err());

        let resumed = scene.another_process().resume(store.last()).await.unwrap();
        match acted {
            1 => assert!(matches!(resumed.report, SyncReport::Succeeded { .. }), "{resumed:?}"),
            _ => assert_eq!(resumed.report, SyncReport::FateUnknown),
        }
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, acted), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_resumed_from_any_stored_step_does_not_sync_twice() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let store = Store::default();
    let saved = store.clone();
    let run = scene.connections.sync_and_wait(&id).save_with(move |job| saved.clone().save(job));
    let report = run.await.unwrap().report;
    assert!(matches!(report, SyncReport::Succeeded { .. }), "{report}");

    let stored = store.all();
    assert_eq!(stored.len(), 3, "before the call, after it, and at the end: {stored:?}");
    for job in stored {
        let again = scene.another_process().resume(job.clone()).await.unwrap();
        assert_eq!(again.report, report, "{job:?}");
        assert_eq!(scene.syncs_received(), 1, "{job:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_outlasts_its_deadline_is_watched_on_by_resuming_it() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let sync = scene.connections.sync_and_wait(&id).await.unwrap();
    assert_eq!(sync.report, SyncReport::StillRunning);

    scene.sandbox.advance(HOUR);
    let later = sync.job.deadline().checked_add(HOUR).unwrap();
    let resumed = scene.another_process().resume(sync.job.with_deadline(later)).await.unwrap();
    assert!(matches!(resumed.report, SyncReport::Succeeded { .. }), "{resumed:?}");
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_is_found_once_its_user_is_through_the_wizard() {
    let scene = Scene::new().await;
    let session = scene.connections.create(&CreateConnectionRequest::new()).await.unwrap();
    let wait = || scene.connections.wait_for_user(&session);

    let begun = Instant::now();
    let nobody = wait().within(Duration::from_secs(30)).await.unwrap();
    assert!(nobody.is_none());
    assert!(begun.elapsed() <= Duration::from_secs(30));

    let (found, id) = tokio::join!(wait().into_future(), async {
        sleep(Duration::from_secs(100)).await;
        let id = scene.sandbox.complete_session(&session.transaction).unwrap();
        scene.connections.nudge(&session.transaction);
        id
    });
    assert_eq!(found.unwrap().unwrap().id, id);
    assert!(begun.elapsed() < Duration::from_secs(140));
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_for_a_user_looks_more_than_once() {
    let scene = Scene::new().await;
    let request = CreateConnectionRequest::new();
    let session = scene.connections.create(&request).await.unwrap();
    let wait = scene.connections.wait_for_user(&session);
    let wait = wait.within(Duration::from_secs(1)).into_future();
    let (found, id) = tokio::join!(wait, async {
        sleep(Duration::from_millis(100)).await;
        let transaction = &session.transaction;
        scene.sandbox.complete_session(transaction).unwrap()
    });
    assert_eq!(found.unwrap().unwrap().id, id);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_nudges_is_no_flood_of_looks() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let request = CreateConnectionRequest::new();
    let session = scene.connections.create(&request).await.unwrap();
    let within = Duration::from_secs(10);
    let policy = SyncPolicy::default().within(within);
    let sync = scene.connections.sync_and_wait(&id).policy(policy);
    let user = scene.connections.wait_for_user(&session).within(within);
    let flood = async {
        loop {
            scene.connections.nudge(&id);
            scene.connections.nudge(&session.transaction);
            sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        (sync, user) = async { tokio::join!(sync.into_future(), user.into_future()) } => {
            assert_eq!(sync.unwrap().report, SyncReport::StillRunning);
            assert!(user.unwrap().is_none());
        }
        () = flood => {}
    }
    let looks = scene.sandbox.received("get_connection");
    // Each may look once a second, and the sync once before its call and once right after it.
    assert!(looks <= 2 + 2 * 11, "{looks}");
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_taken_for_a_user_who_is_not_through() {
    for (fault, kind) in [
        (Fault::StallBeforeActing, ErrorKind::Timeout),
        (Fault::Throttle { retry_after: Some("50".to_owned()) }, ErrorKind::Throttled),
    ] {
        let scene = Scene::new().await;
        let session = scene.connections.create(&CreateConnectionRequest::new()).await.unwrap();
        scene.sandbox.fault(fault).on("get_connection").always();
        let wait = scene.connections.wait_for_user(&session).within(Duration::from_secs(30));
        assert_eq!(wait.await.unwrap_err().kind(), kind);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_user_survives_an_outage_and_ends_where_it_is_refused() {
    let scene = Scene::new().await;
    let session = scene.connections.create(&CreateConnectionRequest::new()).await.unwrap();
    scene.sandbox.refuse_connections().await;
    let wait = scene.connections.wait_for_user(&session).into_future();
    let (found, id) = tokio::join!(wait, async {
        sleep(Duration::from_secs(100)).await;
        scene.sandbox.accept_connections().await;
        scene.sandbox.complete_session(&session.transaction).unwrap()
    });
    assert_eq!(found.unwrap().unwrap().id, id);

    let stranger = connections(&scene.sandbox, "no-such-token");
    let error = stranger.wait_for_user(&session).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[tokio::test(start_paused = true)]
async fn what_one_user_syncs_is_not_shown_to_another() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    let stranger = scene.sandbox.add_user("Eve");
    let api = xs2a::ApiClient::builder(scene.sandbox.api_key()).base_url(scene.sandbox.base_url());
    let now = scene.sandbox.now();
    let api = api.clock(move || now).build().unwrap();
    let (hers, his) = (api.user(scene.user.id()), api.user(stranger.id()));
    let (hers, his) = tokio::join!(
        hers.connections().sync_and_wait(&id).into_future(),
        his.connections().sync_and_wait(&id).into_future(),
    );
    assert!(matches!(hers.unwrap().report, SyncReport::Succeeded { .. }));
    assert_eq!(his.unwrap().report, SyncReport::Gone);
}
