//! Syncs of workers that have many connections and no user about: two holders of a stored job, nights
//! without the user, services that answer late, outages. On tokio's paused clock.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use tokio::time::{Instant, sleep, timeout};
use xs2a::sync::{
    JobUpdate, LastAttempt, Refusal, Stored, SyncHistory, SyncJob, SyncReport, UserNeeded,
};
use xs2a::{
    ApiClient, Attempt, Connections, Delivery, EventCursor, Gate, Operation, Pace, Pass, SyncError,
    SyncOutcome, SyncPolicy, UserClient,
};
use xs2a_sandbox::{BankFault, ConnectionSeed, Edit, Fault, Sandbox, SyncMode, SyncPlan};
use xs2a_tests::calls::success;
use xs2a_tests::job_store::JobStore;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};
use xs2a_tests::scene::{Scene, api, client};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// How a run ended.
fn report(ended: &Result<SyncOutcome, SyncError>) -> SyncReport {
    match ended {
        Ok(SyncOutcome::Succeeded(synced)) => {
            SyncReport::Succeeded { last_synced: synced.last_synced }
        }
        Ok(SyncOutcome::UserNeeded(_)) => SyncReport::UserNeeded,
        Err(error) => error.report().clone(),
    }
}

fn is_success(ended: &Result<SyncOutcome, SyncError>) -> bool {
    matches!(ended, Ok(SyncOutcome::Succeeded(_)))
}

/// The user's connections by the clock that the sandbox shows now.
fn connections_now(scene: &Scene) -> Connections {
    client(&scene.sandbox, scene.user.token()).connections()
}

#[tokio::test(start_paused = true)]
async fn two_holders_of_a_job_that_waits_after_a_429_make_one_call() {
    for round in 0..15 {
        let scene = Scene::new().await;
        let (id, store) = (scene.healthy(), JobStore::default());
        scene.sandbox.fault(Fault::Throttle { retry_after: None }).on("sync_connection").next();
        let run = scene.connections.sync(&id).save_with(store.saver());
        assert!(timeout(Duration::from_millis(500), run.into_future()).await.is_err());
        let job = store.last().unwrap();
        assert!(!job.is_open(), "the 429 was not acted on");

        let workers = [connections_now(&scene), connections_now(&scene)];
        let runs = workers.map(|worker| worker.resume(job.clone()).save_with(store.saver()));
        let ended = join_all(runs.map(IntoFuture::into_future)).await;
        let superseded = ended.iter().filter(|it| report(it) == SyncReport::Superseded).count();
        assert_eq!((superseded, ended.iter().filter(|it| is_success(it)).count()), (1, 1));
        assert_eq!(scene.syncs_acted(), 1, "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_tried_three_times_and_the_sync_is_not_sent() {
    let scene = Scene::new().await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let save = move |_: JobUpdate| {
        // The last save is of the end, which is no intention.
        counted.fetch_add(1, Ordering::Relaxed);
        async { Err::<Stored, _>(std::io::Error::other("disk full")) }
    };
    let ended = scene.connections.sync(scene.healthy()).save_with(save).await;
    assert!(matches!(report(&ended), SyncReport::NotSent { .. }), "{ended:?}");
    assert!(tries.load(Ordering::Relaxed) <= 7, "{tries:?}");
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cut_while_its_store_writes_leaves_the_connection_free() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let hangs = |_: JobUpdate| std::future::pending::<Result<Stored, std::io::Error>>();
    let run = scene.connections.sync(&id).save_with(hangs);
    assert!(timeout(Duration::from_millis(500), run.into_future()).await.is_err());

    let begun = Instant::now();
    assert!(is_success(&scene.connections.sync(&id).await));
    assert!(begun.elapsed() < MINUTE, "it watched what was never sent");
    assert_eq!(scene.syncs_acted(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_was_lost_is_settled_after_an_hour_and_another_one_may_try() {
    let scene = Scene::new().await;
    let (id, store) = (scene.healthy(), JobStore::default());
    scene.sandbox.fault(Fault::ResetBeforeActing).on("sync_connection").next();
    let ended = scene.connections.sync(&id).save_with(store.saver()).await;
    assert_eq!(report(&ended), SyncReport::FateUnknown);

    scene.sandbox.advance(20 * HOUR);
    let tonight = connections_now(&scene);
    let later = scene.sandbox.now().saturating_add(MINUTE).unwrap();
    let job = store.last().unwrap().with_deadline(later);
    let ended = tonight.resume(job).save_with(store.saver()).await;
    assert_eq!(report(&ended), SyncReport::NotSeenToAct);
    let history = store.last().unwrap().history().clone();
    assert_eq!((history.debts(), scene.syncs_acted()), (1, 0));

    // It never calls again; another one does.
    let again = tonight.resume(store.last().unwrap()).await;
    assert_eq!(report(&again), SyncReport::NotSeenToAct);
    let next = tonight.sync(&id).history(history).save_with(store.saver()).await;
    assert!(is_success(&next), "{next:?}");
    assert_eq!(scene.syncs_acted(), 1);
}

#[tokio::test(start_paused = true)]
async fn outcomes_that_show_hours_late_never_make_the_third_failure() {
    let scene = Scene::new().await;
    let (id, mut history) = (scene.healthy(), SyncHistory::default());
    let mut reports = Vec::new();
    for _night in 0..6 {
        // The bank rejects each login, and the service learns of it nine hours later.
        let plan = SyncPlan::new().bank(BankFault::WrongPassword).shows_after(9 * HOUR);
        scene.sandbox.plan_next_sync(id.as_str(), plan);
        let store = JobStore::default();
        let ended = connections_now(&scene).sync(&id).history(history).save_with(store.saver());
        let mut ended = ended.await;
        if matches!(report(&ended), SyncReport::StillRunning) {
            scene.sandbox.advance(2 * HOUR);
            ended = connections_now(&scene).resume(store.last().unwrap()).await;
        }
        reports.push(report(&ended));
        history = store.last().map_or_else(SyncHistory::default, |job| job.history().clone());
        scene.sandbox.advance(3 * HOUR);
    }
    let counts = scene.sandbox.counts(id.as_str());
    assert_eq!(counts.third_failures, 0, "{reports:?}");
    assert!(counts.syncs_acted <= 2, "{reports:?}");
    assert_eq!(scene.connections.get(&id).await.unwrap().sync_fail_counter, 2);
}

/// Runs of one connection, half an hour apart, as a worker without the user makes them.
async fn unattended_runs(scene: &Scene, id: &xs2a::ConnectionId, runs: usize) -> Vec<SyncReport> {
    let mut history = SyncHistory::default();
    let mut reports = Vec::new();
    for _ in 0..runs {
        let store = JobStore::default();
        let run = connections_now(scene).sync(id).policy(SyncPolicy::unattended());
        let ended = run.history(history.clone()).save_with(store.saver()).await;
        reports.push(report(&ended));
        if let Some(job) = store.last() {
            history = job.history().clone();
        }
        scene.sandbox.advance(HOUR / 2);
    }
    reports
}

#[tokio::test(start_paused = true)]
async fn unattended_runs_open_no_session_where_the_user_is_known_to_be_needed() {
    let scene = Scene::new().await;
    let none = scene.connection(ConnectionSeed::new(SyncMode::None));
    let reports = unattended_runs(&scene, &none, 10).await;
    let refused = SyncReport::Refused(Refusal::UserNeeded(UserNeeded::ModeNone));
    assert!(reports.iter().all(|it| *it == refused), "{reports:?}");
    assert_eq!(scene.sandbox.counts(none.as_str()).sessions, 0);

    // The bank asks for a TAN each time: known after the first.
    let asking = scene.connection(ConnectionSeed::new(SyncMode::Full).active(false));
    scene.sandbox.fail_next_sync(asking.as_str(), BankFault::TanRequired);
    let reports = unattended_runs(&scene, &asking, 10).await;
    assert_eq!(reports[0], SyncReport::UserNeeded);
    let refused = SyncReport::Refused(Refusal::UserNeeded(UserNeeded::AskedBefore));
    let none_stored = SyncReport::Refused(Refusal::UserNeeded(UserNeeded::ModeNone));
    assert!(reports[1..].iter().all(|it| *it == refused || *it == none_stored), "{reports:?}");
    assert_eq!(scene.sandbox.counts(asking.as_str()).sessions, 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_202_is_tried_again_after_a_day_and_parked_after_two() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Full).active(false));
    let mut history = SyncHistory::default();
    let mut reports = Vec::new();
    for _hour in 0..80 {
        scene.sandbox.fail_next_sync(id.as_str(), BankFault::TanRequired);
        scene.sandbox.clear_faults();
        scene.sandbox.fault(Fault::ResetAfterActing).on("sync_connection").always();
        let store = JobStore::default();
        let run = connections_now(&scene).sync(&id).policy(SyncPolicy::unattended());
        let mut ended = run.history(history.clone()).save_with(store.saver()).await;
        if report(&ended) == SyncReport::FateUnknown {
            scene.sandbox.advance(2 * HOUR);
            let run = connections_now(&scene).resume(store.last().unwrap());
            ended = run.save_with(store.saver()).await;
        }
        reports.push(report(&ended));
        if let Some(job) = store.last() {
            history = job.history().clone();
        }
        scene.sandbox.advance(HOUR);
    }
    let sessions = scene.sandbox.counts(id.as_str()).sessions;
    assert_eq!(sessions, 2, "{reports:?}");
    assert_eq!(reports.iter().filter(|it| **it == SyncReport::NotSeenToAct).count(), 2);
    let last = reports.last().unwrap();
    assert!(
        matches!(last, SyncReport::Refused(Refusal::Parked | Refusal::LastAttempt { .. })),
        "{last:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_calls_at_most_four_times_in_any_24_hours() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Full).active(false));
    let reports = unattended_runs(&scene, &id, 120).await;
    let counts = scene.sandbox.counts(id.as_str());
    assert!(counts.most_syncs_in_24_hours <= 4, "{counts:?}");
    let told = reports.iter().filter_map(|it| match it {
        SyncReport::Refused(Refusal::TooManyCalls { not_before }) => Some(*not_before),
        _ => None,
    });
    assert!(told.count() > 50, "{reports:?}");
    assert!(counts.syncs_acted >= 8, "nothing starves: {counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_shortest_interval_goes_by_the_servers_clock_and_not_by_a_future_of_its() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let last = scene.connections.get(&id).await.unwrap().last_synced.unwrap();
    scene.sandbox.advance(6 * HOUR + MINUTE);
    let policy = SyncPolicy::default().with_shortest_interval(6 * HOUR);
    // This machine's clock is an hour slow.
    let slow = scene.sandbox.now().saturating_sub(HOUR).unwrap();
    let user = UserClient::builder(scene.user.token()).base_url(scene.sandbox.base_url());
    let user = user.clock(move || slow).build().unwrap();
    assert!(last < slow);
    let ended = user.connections().sync(&id).policy(policy.clone()).await;
    assert!(is_success(&ended), "{ended:?}");

    let edit = Edit::set("/last_synced", r#""2099-01-01 00:00:00""#);
    scene.sandbox.fault(Fault::Edit(vec![edit])).on("get_connection").times(1);
    let ended = connections_now(&scene).sync(&id).policy(policy).start().await;
    assert!(ended.is_ok(), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn three_429s_without_a_pause_end_a_sync_as_throttled() {
    let scene = Scene::new().await;
    scene.sandbox.fault(Fault::Throttle { retry_after: None }).on("sync_connection").always();
    let ended = scene.connections.sync(scene.healthy()).await;
    assert_eq!(report(&ended), SyncReport::Throttled { retry_after: None });
    assert!(scene.syncs_received() <= 3, "{}", scene.syncs_received());
}

#[tokio::test(start_paused = true)]
async fn the_sync_of_another_worker_can_be_watched_without_a_call() {
    // The sandbox's clock moves on by a second with each request.
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    let request = xs2a::types::SyncConnectionRequest::new();
    let other = scene.another_process();
    let _ = other.sync_without_rules(&id, &request).await.unwrap();
    let watched = scene.connections.watch(&id).await;
    assert!(is_success(&watched), "{watched:?}");
    assert_eq!(scene.syncs_received(), 1);

    // The server refuses ours while the other one runs: watched where the policy says so.
    let _ = other.sync_without_rules(&id, &request).await.unwrap();
    let refused = scene.connections.sync(&id).await;
    assert!(matches!(report(&refused), SyncReport::RefusedByServer { .. }), "{refused:?}");
    let policy = SyncPolicy::default().with_watching_on_refusal();
    let watched = scene.connections.sync(&id).policy(policy).await;
    assert!(is_success(&watched), "{watched:?}");
    assert_eq!(scene.syncs_acted(), 2);
}

/// `JOBS=5000` makes it five thousand.
#[tokio::test(start_paused = true)]
async fn an_outage_of_five_minutes_meets_at_most_four_requests_of_each_job() {
    let jobs: usize = std::env::var("JOBS").map_or(300, |jobs| jobs.parse().unwrap());
    let scene = Scene::new().await;
    let ids: Vec<_> = (0..jobs).map(|_| scene.healthy()).collect();
    scene.sandbox.fault(Fault::Html(503)).always();
    let runs = ids.iter().map(|id| scene.connections.sync(id).into_future());
    let ended = join_all(runs).await;
    assert!(ended.iter().all(|it| matches!(report(it), SyncReport::NotSent { .. })));
    let requests = scene.sandbox.received("get_connection");
    println!("{requests} requests of {jobs} jobs");
    assert!(requests <= 4 * jobs, "{requests} requests of {jobs} jobs");
}

#[tokio::test(start_paused = true)]
async fn a_nudge_makes_the_run_look_that_is_meant_and_no_other() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let quiet = SyncPolicy::default().with_pauses(HOUR, HOUR).with_deadline(2 * HOUR);
    let ids = [scene.healthy(), scene.healthy()];
    let runs = ids
        .clone()
        .map(|id| tokio::spawn(scene.connections.sync(id).policy(quiet.clone()).into_future()));
    sleep(MINUTE).await;
    let before = scene.sandbox.received("get_connection");
    for n in 0..1000 {
        scene.client.nudge(format!("con-of-somebody-{n}"));
    }
    sleep(MINUTE).await;
    assert_eq!(scene.sandbox.received("get_connection"), before);
    scene.client.nudge(&ids[0]);
    sleep(MINUTE).await;
    assert_eq!(scene.sandbox.received("get_connection"), before + 1);
    runs.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn the_event_feed_tells_once_of_an_event_that_it_cannot_read_and_loses_no_other() {
    let scene = Scene::new().await;
    let api = api(&scene.sandbox, &scene.sandbox.api_key());
    let id = scene.healthy();
    assert!(is_success(&scene.connections.sync(&id).await));
    let there = api.events().list().all().await.unwrap().len();
    assert!(there > 1);
    let broken = Fault::Edit(vec![Edit::set("/data/1/id", "null")]);
    scene.sandbox.fault(broken).on("list_events").always();

    let mut feed = api.events().follow(EventCursor::default());
    for _ in 1..there {
        timeout(HOUR, feed.next()).await.unwrap().unwrap();
    }
    let error = timeout(HOUR, feed.next()).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.unreadable_count()), (xs2a::ErrorKind::Undecodable, 1));
    assert_eq!(error.unreadable()[0].reason().path(), "data[1].id");
    let polls = scene.sandbox.received("list_events");
    assert!(timeout(HOUR, feed.next()).await.is_err(), "the event was told of again");
    // Every 30 seconds: an event that cannot be read is no failure of the poll.
    assert!(scene.sandbox.received("list_events") >= polls + 119);
}

#[tokio::test(start_paused = true)]
async fn a_user_with_an_entry_that_cannot_be_read_is_not_forgotten_and_all_else_is() {
    let scene = Scene::new().await;
    let api = api(&scene.sandbox, &scene.sandbox.api_key());
    let user = scene.sandbox.add_user("Grace");
    for _ in 0..3 {
        scene.sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
    }
    let broken = Fault::Edit(vec![Edit::set("/data/1/sync_fail_counter", "[]")]);
    scene.sandbox.fault(broken).on("list_connections").next();
    let error = api.forget_user(user.id()).await.unwrap_err();
    assert_eq!((error.forgotten.connections, error.forgotten.accounts), (2, 0));
    assert_eq!(error.source.unreadable()[0].position(), 1);
    assert!(api.users().get(user.id()).await.is_ok());
    let forgotten = api.forget_user(user.id()).await.unwrap();
    assert_eq!(forgotten.connections, 1);
    assert!(api.users().get(user.id()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_event_feed_goes_on_behind_a_stored_cursor_and_nudges_by_an_account_too() {
    let scene = Scene::new().await;
    let api = api(&scene.sandbox, &scene.sandbox.api_key());
    let id = scene.healthy();
    assert!(is_success(&scene.connections.sync(&id).await));

    let mut feed = api.events().follow(EventCursor::default());
    let first = feed.next().await.unwrap();
    let stored = serde_json::to_string(feed.cursor()).unwrap();
    let mut kinds = vec![first.type_.clone()];
    let mut again = api.events().follow(serde_json::from_str(&stored).unwrap());
    while kinds.len() < 3 {
        let event = timeout(HOUR, again.next()).await.expect("an event comes").unwrap();
        assert_ne!(event.id, first.id, "an event came twice");
        kinds.push(event.type_);
    }
    // A failed poll is an error, and the feed goes on.
    scene.sandbox.fault(Fault::Status(422)).on("list_events").next();
    assert!(timeout(HOUR, again.next()).await.unwrap().is_err());
    assert!(is_success(&scene.connections.sync(&id).await));
    assert!(timeout(HOUR, again.next()).await.unwrap().is_ok());

    let account = br#"{"id":"evt-9","type":"account.updated","data":{
        "object":"bank_account","id":"acc-1","bank_connection_id":"con-7"}}"#;
    let key = Delivery::parse(account).unwrap().connection_key().unwrap();
    assert_eq!(key.as_str(), "con-7");
}

#[tokio::test(start_paused = true)]
async fn a_user_who_is_deleted_while_a_sync_runs_ends_it_with_that_reason() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let user = api(&scene.sandbox, &scene.sandbox.api_key()).user(scene.user.id());
    let run = tokio::spawn(user.connections().sync(&id).into_future());
    sleep(Duration::from_secs(5)).await;
    scene.sandbox.delete_user(&scene.user);
    let begun = Instant::now();
    assert_eq!(report(&run.await.unwrap()), SyncReport::UserGone);
    assert!(begun.elapsed() < 2 * MINUTE);
}

/// Counts how many attempts hold a pass at once.
#[derive(Default)]
struct Counter {
    at_once: Arc<AtomicUsize>,
    most: AtomicUsize,
    connections: Mutex<Vec<String>>,
}

struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Shared(Arc<Counter>);

impl Gate for Shared {
    fn pass<'a>(
        &'a self,
        attempt: &'a Attempt,
    ) -> std::pin::Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async move {
            let at_once = self.0.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.0.most.fetch_max(at_once, Ordering::SeqCst);
            let mut connections = self.0.connections.lock().unwrap();
            connections.extend(attempt.connection.iter().map(ToString::to_string));
            Pass::holding(Held(Arc::clone(&self.0.at_once)))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_pace_lets_so_many_attempts_through_at_once_and_so_many_a_second() {
    let scene = Scene::new().await;
    scene.sandbox.fault(Fault::Delay(Duration::from_secs(1))).on("get_connection").always();
    let counter = Arc::new(Counter::default());
    let user = UserClient::builder(scene.user.token()).base_url(scene.sandbox.base_url());
    let user = user.gate(Pace::new(3, 10)).gate(Shared(Arc::clone(&counter))).build().unwrap();
    let (id, begun) = (scene.healthy(), Instant::now());
    let connections = user.connections();
    let looks = (0..30).map(|_| connections.get(&id));
    assert!(join_all(looks).await.iter().all(Result::is_ok));
    assert_eq!(counter.most.load(Ordering::SeqCst), 3);
    assert!(begun.elapsed() >= Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(counter.connections.lock().unwrap().iter().all(|it| it == id.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_next_attempt_keeps_nobody_at_the_gate() {
    let scene = Scene::new().await;
    let throttled = Fault::Throttle { retry_after: Some("20".to_owned()) };
    scene.sandbox.fault(throttled).on("get_connection").next();
    let user = UserClient::builder(scene.user.token()).base_url(scene.sandbox.base_url());
    let user = user.gate(Pace::new(1, 100)).build().unwrap();
    let (id, begun, connections) = (scene.healthy(), Instant::now(), user.connections());
    let look = || async {
        connections.get(&id).await.unwrap();
        begun.elapsed().as_secs()
    };
    let looks = join_all([look(), look()]).await;
    assert!(looks[0] >= 20 && looks[1] < 20, "{looks:?}");
}

/// What a gate hears of the ends of attempts: the number, and the status of the error if there is one.
#[derive(Default)]
struct Ends(Mutex<Vec<(u32, Option<u16>)>>);

struct Hears(Arc<Ends>);

impl Gate for Hears {
    fn pass<'a>(
        &'a self,
        _: &'a Attempt,
    ) -> std::pin::Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async { Pass::free() })
    }

    fn ended(&self, attempt: &Attempt, error: Option<&xs2a::Error>) {
        let status = error.map(|error| error.status().map_or(0, |status| status.as_u16()));
        self.0.0.lock().unwrap().push((attempt.number, status));
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_hears_how_each_attempt_of_a_call_ended() {
    let scene = Scene::new().await;
    let (id, ends) = (scene.healthy(), Arc::new(Ends::default()));
    let user = UserClient::builder(scene.user.token()).base_url(scene.sandbox.base_url());
    let user = user.gate(Hears(Arc::clone(&ends))).build().unwrap();
    scene.sandbox.fault(Fault::Throttle { retry_after: None }).on("get_connection").next();
    user.connections().get(&id).await.unwrap();
    assert!(user.connections().get("con-of-nobody").await.is_err());
    let ends = ends.0.lock().unwrap();
    assert_eq!(ends[..], [(1, Some(429)), (2, None), (1, Some(404))]);
}

#[tokio::test(start_paused = true)]
async fn each_poll_of_the_event_feed_reaches_back_as_far_as_its_overlap() {
    for minutes in [1, 30] {
        let dated = r#""id":"evt-1","created_at":"2026-01-31T12:00:00Z","#;
        let page = success(Operation::ListEvents).text().replace(r#""id":"evt-1","#, dated);
        let react = Reaction::by(move |_| Answer::json(200, page.clone()));
        let server = RawServer::start([], react).await;
        let api = ApiClient::builder("api-key").base_url(server.url()).build().unwrap();
        let feed = api.events().follow(EventCursor::default());
        let mut feed = feed.overlap(Duration::from_secs(minutes * 60));
        let latest = feed.next().await.unwrap().created_at.unwrap();
        assert!(timeout(HOUR, feed.next()).await.is_err(), "the same event again");
        let lines: Vec<_> = server.log().requests.into_iter().map(|request| request.line).collect();
        assert!(lines.len() > 100 && !lines[0].contains("from="), "{}", lines.len());
        let from = latest - SignedDuration::from_mins(i64::try_from(minutes).unwrap());
        let local = from.to_zoned_datetime(TimeZone::get("Europe/Berlin").unwrap());
        let times = [from.to_string(), local.strftime("%Y-%m-%d+%H:%M:%S").to_string()];
        let plain = lines[1].replace("%3A", ":").replace("%20", "+").replace("%2B", "+");
        assert!(times.iter().any(|time| plain.contains(time)), "{plain}: {times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_services_time_is_our_own_until_its_answers_tell_another() {
    let scene = Scene::new().await;
    let behind = scene.sandbox.now() - SignedDuration::from_hours(3);
    let api = ApiClient::builder(scene.sandbox.api_key()).base_url(scene.sandbox.base_url());
    let api = api.clock(move || behind).build().unwrap();
    assert_eq!(api.server_now(), behind);
    for _ in 0..3 {
        api.users().list().all().await.unwrap();
    }
    let apart = api.server_now().duration_since(scene.sandbox.now()).abs();
    assert!(apart < SignedDuration::from_mins(1), "{apart}");
}

#[tokio::test(start_paused = true)]
async fn connections_that_a_list_has_shown_are_synced_without_another_look() {
    let scene = Scene::new().await;
    (0..20).for_each(|_| drop(scene.healthy()));
    for connection in scene.connections.list().all().await.unwrap() {
        let run = scene.connections.sync(&connection.id).seen(connection);
        assert!(run.start().await.is_ok());
    }
    assert_eq!(scene.sandbox.received("get_connection"), 0);
    assert_eq!(scene.syncs_acted(), 20);
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_is_not_spent_by_a_debt_unless_the_policy_says_so() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Full).failures(1));
    scene.sandbox.fault(Fault::ResetBeforeActing).on("sync_connection").next();
    let store = JobStore::default();
    let lost = scene.connections.sync(&id).save_with(store.saver()).await;
    assert_eq!(report(&lost), SyncReport::FateUnknown);
    let history = store.last().unwrap().history().clone();
    scene.sandbox.advance(30 * HOUR);

    let later = connections_now(&scene);
    let kept = later.sync(&id).history(history.clone()).await;
    let rule = report(&kept);
    assert!(matches!(rule, SyncReport::Refused(Refusal::LastAttempt { .. })), "{rule:?}");
    let spend = SyncPolicy::default().with_last_attempt(LastAttempt::Spend);
    assert!(is_success(&later.sync(&id).policy(spend).history(history).await));
}

#[tokio::test(start_paused = true)]
async fn no_sync_begins_while_another_holders_call_may_be_under_way() {
    let scene = Scene::new().await;
    let (id, store) = (scene.healthy(), JobStore::default());
    scene.sandbox.fault(Fault::StallBeforeActing).on("sync_connection").next();
    let run = scene.connections.sync(&id).save_with(store.saver());
    assert!(timeout(Duration::from_secs(1), run.into_future()).await.is_err());
    let calling: SyncJob = store.last().unwrap();
    let run = connections_now(&scene).sync(&id).history(calling.history().clone());
    let ended = run.await;
    let SyncReport::Refused(Refusal::Unsettled { not_before }) = report(&ended) else {
        panic!("{ended:?}");
    };
    assert!(not_before > calling.deadline());
    assert_eq!(scene.sandbox.acted("sync_connection"), 0);
}

/// The sandbox is used by name where a test needs nothing else of a scene.
#[tokio::test(start_paused = true)]
async fn a_machine_whose_clock_jumps_by_one_odd_date_keeps_its_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let ada = sandbox.add_user("Ada");
    let api = api(&sandbox, &sandbox.api_key());
    let user = api.user(ada.id());
    user.connections().list().all().await.unwrap();
    let odd = Fault::Header { name: "Date".into(), value: "Tue, 01 Jan 9980 00:00:00 GMT".into() };
    sandbox.fault(odd).on("list_connections").next();
    for _ in 0..20 {
        user.connections().list().all().await.unwrap();
    }
    sandbox.advance(2 * HOUR);
    sleep(Duration::from_secs(1)).await;
    user.connections().list().all().await.unwrap();
    user.connections().list().all().await.unwrap();
    let tokens = api.access_tokens(ada.id()).list().all().await.unwrap();
    let ours = tokens.iter().filter(|token| token.token.expose() != ada.token());
    for token in ours {
        let end = token.valid_until.unwrap();
        assert!(end < sandbox.now().saturating_add(25 * HOUR).unwrap(), "{end}");
    }
}

/// What the bank and the network do to each sync of a kind of connection.
type Trouble = fn(&Scene, &xs2a::ConnectionId);

/// The kinds of connections, and what each sync of theirs meets.
fn kinds() -> Vec<(&'static str, ConnectionSeed, Trouble)> {
    let full = || ConnectionSeed::new(SyncMode::Full);
    vec![
        ("full, healthy", full(), |_, _| {}),
        ("full, stopped", full().active(false), |_, _| {}),
        ("full, failed once", full().failures(1), |_, _| {}),
        ("full, wrong password", full().active(false), |scene, id| {
            scene.sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
        }),
        ("full, wrong password, shown 5 h late", full().active(false), |scene, id| {
            let plan = SyncPlan::new().bank(BankFault::WrongPassword).shows_after(5 * HOUR);
            scene.sandbox.plan_next_sync(id.as_str(), plan);
        }),
        ("full, asks for a TAN", full().active(false), |scene, id| {
            scene.sandbox.fail_next_sync(id.as_str(), BankFault::TanRequired);
        }),
        ("full, asks for a TAN, answer lost", full().active(false), |scene, id| {
            scene.sandbox.fail_next_sync(id.as_str(), BankFault::TanRequired);
            scene.sandbox.clear_faults();
            scene.sandbox.fault(Fault::ResetAfterActing).on("sync_connection").next();
        }),
        ("full, lost before acting", full().active(false), |scene, _| {
            scene.sandbox.clear_faults();
            scene.sandbox.fault(Fault::ResetBeforeActing).on("sync_connection").next();
        }),
        (
            "shared, half at hand",
            ConnectionSeed::new(SyncMode::Shared).credentials("half"),
            |_, _| {},
        ),
        ("none", ConnectionSeed::new(SyncMode::None), |_, _| {}),
    ]
}

#[tokio::test(start_paused = true)]
async fn ten_unattended_nights_of_each_kind_stay_within_every_limit() {
    println!("{:38} {:>5} {:>8} {:>11} {:>5}", "kind", "calls", "sessions", "in 24 hours", "third");
    for (kind, seed, trouble) in kinds() {
        let scene = Scene::new().await;
        let id = scene.connection(seed);
        let mut history = SyncHistory::default();
        for _night in 0..10 {
            for _run in 0..4 {
                trouble(&scene, &id);
                let store = JobStore::default();
                let run = connections_now(&scene).sync(&id).policy(SyncPolicy::unattended());
                let run = run.credentials("half").history(history.clone());
                let ended = run.save_with(store.saver()).await;
                if let Some(job) = store.last().filter(SyncJob::is_open) {
                    assert!(matches!(
                        report(&ended),
                        SyncReport::StillRunning | SyncReport::FateUnknown
                    ));
                    scene.sandbox.advance(2 * HOUR);
                    let _ = connections_now(&scene).resume(job).save_with(store.saver()).await;
                }
                if let Some(job) = store.last() {
                    history = job.history().clone();
                }
                scene.sandbox.advance(2 * HOUR);
            }
            scene.sandbox.advance(14 * HOUR);
        }
        let counts = scene.sandbox.counts(id.as_str());
        println!(
            "{kind:38} {:5} {:8} {:11} {:5}",
            counts.syncs_received,
            counts.sessions,
            counts.most_syncs_in_24_hours,
            counts.third_failures
        );
        assert_eq!(counts.third_failures, 0, "{kind}: {counts:?}");
        assert!(counts.most_syncs_in_24_hours <= 4, "{kind}: {counts:?}");
        assert!(counts.sessions <= 2, "{kind}: {counts:?}");
    }
}
