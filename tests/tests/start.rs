//! `sync(id).start()`: a sync up to the server's answer, for those who cannot wait for its end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use xs2a::sync::{LoginOutcome, Refusal, SyncJob, SyncReport, SyncStart};
use xs2a::{ApiClient, Connections, ErrorKind, Fate, SyncError, SyncOutcome, SyncPolicy};
use xs2a_sandbox::{BankFault, ConnectionSeed, Fault, SyncMode};
use xs2a_tests::job_store::JobStore;
use xs2a_tests::reports::report_of;
use xs2a_tests::scene::Scene;

const HOUR: Duration = Duration::from_secs(3600);

#[track_caller]
fn started(start: Result<SyncStart, SyncError>) -> SyncJob {
    match start {
        Ok(SyncStart::Started(job)) => job,
        other => panic!("the sync does not run: {other:?}"),
    }
}

/// A job as another process reads it.
fn through_storage(job: &SyncJob) -> SyncJob {
    serde_json::from_str(&serde_json::to_string(job).unwrap()).unwrap()
}

#[track_caller]
fn assert_succeeded(ended: &Result<SyncOutcome, SyncError>) {
    assert!(matches!(ended, Ok(SyncOutcome::Succeeded(_))), "{ended:?}");
}

/// A web service of one bank user.
#[derive(Clone)]
struct Service {
    api: ApiClient,
    user: String,
    queue: Arc<Mutex<Vec<String>>>,
}

impl Service {
    async fn refresh(State(service): State<Self>, Path(id): Path<String>) -> (StatusCode, String) {
        let connections = service.api.user(&service.user).connections();
        match connections.sync(&id).start().await {
            Ok(SyncStart::Started(job)) => {
                let job = serde_json::to_string(&job).unwrap();
                service.queue.lock().unwrap().push(job);
                (StatusCode::ACCEPTED, "on its way".to_owned())
            }
            Ok(SyncStart::UserNeeded(session)) => {
                (StatusCode::OK, format!("log in: {}", session.transaction()))
            }
            Ok(SyncStart::Ended(synced)) => {
                (StatusCode::OK, format!("fresh as of {:?}", synced.last_synced))
            }
            Err(error) => (StatusCode::CONFLICT, error.to_string()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_web_request_is_answered_at_once_and_another_process_reports_from_the_stored_job() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let queue = Arc::<Mutex<Vec<String>>>::default();
    let service =
        Service { api: scene.api(), user: scene.user.id().to_owned(), queue: Arc::clone(&queue) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/refresh/{id}", post(Service::refresh)).with_state(service);
    let serving = tokio::spawn(axum::serve(listener, app).into_future());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let refresh = async |id: &str| {
        let answer = http.post(format!("http://{address}/refresh/{id}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };

    let begun = Instant::now();
    assert_eq!(refresh(id.as_str()).await, (202, "on its way".to_owned()));
    let impossible = scene.connection(ConnectionSeed::new(SyncMode::Full).failures(2));
    let (status, words) = refresh(impossible.as_str()).await;
    assert_eq!(status, 409);
    assert!(words.starts_with("not synced: one more failure would disable"), "{words}");
    let with_user = scene.connection(ConnectionSeed::new(SyncMode::None));
    let (status, words) = refresh(with_user.as_str()).await;
    assert_eq!(status, 200);
    assert!(words.starts_with("log in: "), "{words}");
    assert_eq!(begun.elapsed(), Duration::ZERO, "no request waits");
    serving.abort();

    // The web service is gone. A worker has the queue.
    let stored: Vec<String> = std::mem::take(&mut queue.lock().unwrap());
    assert_eq!(stored.len(), 1);
    let job: SyncJob = serde_json::from_str(&stored[0]).unwrap();
    assert_eq!(*job.connection_id(), id);
    scene.sandbox.advance(HOUR);
    assert_succeeded(&scene.another_process().resume(job).await);
    assert_eq!(scene.syncs_received(), 2, "one for the job, one that needs the user");
}

#[tokio::test(start_paused = true)]
async fn a_start_obeys_the_rules_and_sends_nothing_where_they_refuse() {
    let scene = Scene::new().await;
    let seed = ConnectionSeed::new;
    let interval = SyncPolicy::default().with_shortest_interval(6 * HOUR);
    for (seed, policy) in [
        (seed(SyncMode::Full).failures(3), SyncPolicy::default()),
        (seed(SyncMode::Full).failures(2), SyncPolicy::default()),
        (seed(SyncMode::Shared), SyncPolicy::default()),
        (seed(SyncMode::Full), interval),
    ] {
        let id = scene.connection(seed);
        let run = scene.connections.sync(&id).policy(policy);
        let error = run.start().await.unwrap_err();
        let SyncReport::Refused(refusal) = error.report() else { panic!("{error}") };
        assert_eq!(error.fate(), Fate::NotActed, "{refusal}");
        assert_eq!(error.job().report(), Some(error.report()));
        assert_eq!(error.connection().unwrap().id, id);
    }
    assert_eq!(scene.sandbox.received("get_connection"), 4);
    assert_eq!(scene.syncs_received(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_needs_the_user_gives_the_session() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::None));
    let start = scene.connections.sync(&id).start().await.unwrap();
    let SyncStart::UserNeeded(session) = start else { panic!("{start:?}") };
    assert_eq!(session.connection_id(), Some(&id));
    scene.sandbox.complete_session(session.transaction().as_str()).unwrap();
    let waited = scene.another_process().wait_for_user(session.pending()).await.unwrap();
    assert!(matches!(waited, LoginOutcome::Through(_)), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_start_joins_a_sync_that_runs() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let running = tokio::spawn(scene.connections.sync(&id).into_future());
    sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    let job = started(scene.connections.sync(&id).start().await);
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(scene.syncs_received(), 1);
    running.abort();

    scene.sandbox.advance(HOUR);
    assert_succeeded(&scene.another_process().resume(through_storage(&job)).await);
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_starts_at_once_make_one_sync() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let start = || scene.connections.sync(&id).start();
    let (first, second) = tokio::join!(start(), start());
    assert_eq!(started(first).connection_id(), started(second).connection_id());
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_after_a_start_looks_how_far_the_sync_is() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let start = || scene.connections.sync(&id).start();
    let job = started(start().await);
    let _ = started(start().await);
    // The stored job tells the same.
    let _ = started(scene.another_process().resume(through_storage(&job)).start().await);
    assert_eq!(scene.syncs_received(), 1);

    scene.sandbox.advance(HOUR);
    let ended = start().await.unwrap();
    assert!(matches!(ended, SyncStart::Ended(_)), "{ended:?}");
    let resumed = scene.another_process().resume(through_storage(&job)).start().await.unwrap();
    assert_eq!(resumed, ended);
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_of_a_sync_that_has_failed_meanwhile_is_the_error() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    scene.sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
    let _ = started(scene.connections.sync(&id).start().await);
    scene.sandbox.advance(HOUR);
    let error = scene.connections.sync(&id).start().await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::Failed { failures: 1, .. }), "{error}");
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_after_a_start_gets_the_outcome_of_the_sync_that_was_started() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    let _ = started(scene.connections.sync(&id).start().await);
    assert_succeeded(&scene.connections.sync(&id).await);
    assert_eq!(scene.syncs_received(), 1);
}

/// A start has no time to wait until the server allows the sync.
#[tokio::test(start_paused = true)]
async fn a_start_that_is_throttled_ends_at_once_with_a_job_that_can_be_resumed() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let throttle = Fault::Throttle { retry_after: Some("90".to_owned()) };
    scene.sandbox.fault(throttle).on("sync_connection").next();
    let begun = Instant::now();
    let error = scene.connections.sync(&id).start().await.unwrap_err();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert!(matches!(error.report(), SyncReport::NotSent { .. }), "{error}");
    assert_eq!(error.fate(), Fate::NotActed);
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Throttled);
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 0));

    assert_succeeded(&scene.another_process().resume(through_storage(error.job())).await);
    assert!(begun.elapsed() >= Duration::from_secs(90), "the server is obeyed");
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_start_does_not_wait_for_a_run_that_waits_before_its_call() {
    let scene = Scene::new().await;
    let id = scene.healthy();
    let throttle = Fault::Throttle { retry_after: Some("90".to_owned()) };
    scene.sandbox.fault(throttle).on("sync_connection").next();
    let running = tokio::spawn(scene.connections.sync(&id).into_future());
    sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    let error = scene.connections.sync(&id).start().await.unwrap_err();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert!(matches!(error.report(), SyncReport::NotSent { .. }), "{error}");
    assert_succeeded(&running.await.unwrap());
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_start_whose_fate_is_unknown_is_an_error_whose_job_finds_out_and_does_not_call_again() {
    for (fault, acted) in [(Fault::ResetAfterActing, 1), (Fault::ResetBeforeActing, 0)] {
        let scene = Scene::with_syncs_that_take(HOUR).await;
        let id = scene.healthy();
        scene.sandbox.fault(fault).on("sync_connection").next();
        let error = scene.connections.sync(&id).start().await.unwrap_err();
        assert_eq!((error.report(), error.fate()), (&SyncReport::FateUnknown, Fate::Unknown));
        scene.sandbox.advance(HOUR);
        let ended = scene.another_process().resume(through_storage(error.job())).await;
        match acted {
            1 => assert_succeeded(&ended),
            _ => assert_eq!(report_of(&ended), SyncReport::FateUnknown),
        }
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, acted));
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_has_its_job_stored_before_the_call_and_after_the_answer() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.healthy();
    let store = JobStore::default();
    let run = scene.connections.sync(&id).save_with(store.saver());
    let job = started(run.start().await);
    let stored = store.all();
    assert_eq!(stored.len(), 2);
    assert!(stored.iter().all(SyncJob::is_open));
    assert_eq!(stored[1], job);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_want_of_credentials_is_none_where_they_are_given() {
    let scene = Scene::with_syncs_that_take(HOUR).await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Shared).credentials("half-of-it"));
    let sync = |connections: &Connections| connections.sync(&id);
    let error = sync(&scene.connections).start().await.unwrap_err();
    assert_eq!(*error.report(), SyncReport::Refused(Refusal::CredentialsMissing));
    let job = started(sync(&scene.connections).credentials("half-of-it").start().await);
    let stored = serde_json::to_string(&job).unwrap();
    assert!(!stored.contains("half-of-it"), "{stored}");
}
