//! The fleet against the sandbox, in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};
use xs2a::{ApiClient, Secret};
use xs2a_fleet::store::{Sqlite, Store};
use xs2a_fleet::{Builder, Fleet, FleetPolicy, NotEnrolledReason, Report};
use xs2a_sandbox::{BankFault, BankUser, ConnectionSeed, Edit, Fault, Sandbox, SyncMode};

/// Three o'clock at night in Berlin.
const NIGHT: &str = "2026-02-01T02:00:00Z";

/// A sandbox, a store, and what was reported.
struct Stage {
    sandbox: Arc<Sandbox>,
    store: Store,
    start: Instant,
    reports: Arc<Mutex<Vec<Report>>>,
    folder: tempfile::TempDir,
}

impl Stage {
    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("fleet.db")
    }

    async fn new() -> Self {
        let start = Instant::now();
        let at: Timestamp = NIGHT.parse().unwrap();
        let sandbox = Sandbox::builder().starts_at(at).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::new(folder.path().join("fleet.db")).clock(move || now(start));
        let store = store.open().await.unwrap();
        let (sandbox, reports) = (Arc::new(sandbox), Arc::default());
        Self { sandbox, store, start, reports, folder }
    }

    fn add(&self, user: &BankUser, seed: ConnectionSeed) -> String {
        self.sandbox.add_connection(user, seed)
    }

    fn builder(&self) -> Builder {
        let start = self.start;
        let api = ApiClient::builder(self.sandbox.api_key());
        let api = api.base_url(self.sandbox.base_url()).clock(move || now(start));
        let (reports, sandbox) = (Arc::clone(&self.reports), Arc::clone(&self.sandbox));
        Fleet::builder(api, self.store.clone())
            .policy(policy())
            .on_report(move |report| {
                reports.lock().unwrap().push(report);
                async { Ok::<_, std::io::Error>(()) }
            })
            .credentials(move |_, id| {
                let half = sandbox.credentials(id.as_str()).map(Secret::from);
                async { half }
            })
    }

    /// The words of the reports, by connection.
    fn reports(&self) -> BTreeMap<String, Vec<&'static str>> {
        let mut words: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for report in self.reports.lock().unwrap().iter() {
            let id = report.connection_id.as_str().to_owned();
            words.entry(id).or_default().push(report.outcome.as_str());
        }
        words
    }
}

fn policy() -> FleetPolicy {
    FleetPolicy::default().with_pace(20, 50)
}

fn now(start: Instant) -> Timestamp {
    let at: Timestamp = NIGHT.parse().unwrap();
    at + jiff::SignedDuration::try_from(start.elapsed()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_night_acts_on_what_needs_it_and_leaves_the_rest_alone() {
    let stage = Stage::new().await;
    let (ada, eve) = (stage.sandbox.add_user("Ada"), stage.sandbox.add_user("Eve"));
    let old = || ConnectionSeed::new(SyncMode::Shared).never_synced();
    let rows = [
        (stage.add(&ada, ConnectionSeed::new(SyncMode::Full)), vec!["watched"], 0),
        (stage.add(&ada, ConnectionSeed::new(SyncMode::None)), vec!["parked"], 0),
        (stage.add(&ada, old()), vec!["succeeded"], 1),
        (stage.add(&eve, ConnectionSeed::new(SyncMode::Full).failures(1)), vec!["not_before"], 0),
        (stage.add(&eve, ConnectionSeed::new(SyncMode::Full).failures(2)), vec!["parked"], 0),
        (stage.add(&eve, ConnectionSeed::new(SyncMode::Full).failures(3)), vec!["parked"], 0),
        (stage.add(&eve, old().login("tan")), vec!["user_needed"], 1),
        (stage.add(&eve, old().login("wrong")), vec!["failed"], 1),
    ];
    stage.sandbox.set_login("tan", Some(BankFault::TanRequired));
    stage.sandbox.set_login("wrong", Some(BankFault::WrongPassword));
    let fleet = stage.builder().open().await.unwrap();
    let enrolled = fleet.enrol_all(None).await.unwrap();
    assert_eq!((enrolled.users, enrolled.connections, enrolled.new), (2, 8, 8), "{enrolled:?}");
    fleet.run_until(sleep(Duration::from_secs(4 * 3600))).await.unwrap();
    let reports = stage.reports();
    for (id, expected, _) in &rows {
        assert_eq!(reports.get(id), Some(expected), "{id} {reports:?}");
    }
    let syncs = rows.iter().map(|(.., syncs)| syncs).sum::<usize>();
    assert_eq!(stage.sandbox.received("sync_connection"), syncs);
    let stats = fleet.stats().await.unwrap();
    assert_eq!((stats.counts.enrolled, stats.counts.unreported, stats.counts.open), (8, 0, 0));
    assert_eq!(stats.to_string(), "8 connections: 0 due, 0 in hand, 0 open, 4 parked; 0 s to go");
}

#[tokio::test(start_paused = true)]
async fn a_row_of_another_version_is_reported_once_and_the_others_go_on() {
    let stage = Stage::new().await;
    let ada = stage.sandbox.add_user("Ada");
    let old = stage.add(&ada, ConnectionSeed::new(SyncMode::Shared).never_synced());
    let new = stage.add(&ada, ConnectionSeed::new(SyncMode::Shared).never_synced());
    let fleet = stage.builder().open().await.unwrap();
    fleet.enrol_all(None).await.unwrap();
    let file = rusqlite::Connection::open(stage.path()).unwrap();
    let all_due = "UPDATE xs2a_connection SET due_at = 0";
    let change = "UPDATE xs2a_connection SET job = '{\"version\":\"9\"}' WHERE connection_id = ?1";
    assert_eq!(file.execute(all_due, []).unwrap(), 2);
    assert_eq!(file.execute(change, [&old]).unwrap(), 1);
    let minutes = |n: u64| sleep(Duration::from_secs(n * 60));
    fleet.run_until(minutes(70)).await.unwrap();
    let reports = stage.reports();
    assert_eq!((&reports[&new][..], &reports[&old][..]), (&["succeeded"][..], &["unreadable"][..]));
    assert_eq!(fleet.stats().await.unwrap().counts.reports["unreadable"], 1);
    assert_eq!(stage.sandbox.received("sync_connection"), 1);
    // A version comes that can read it.
    let change = "UPDATE xs2a_connection SET job = NULL, due_at = 0 WHERE connection_id = ?1";
    assert_eq!(file.execute(change, [&old]).unwrap(), 1);
    fleet.run_until(minutes(10)).await.unwrap();
    assert_eq!(stage.reports()[&old], ["unreadable", "succeeded"]);
}

#[tokio::test(start_paused = true)]
async fn who_only_enrols_is_no_worker_any_more_when_that_is_done() {
    let stage = Stage::new().await;
    let ada = stage.sandbox.add_user("Ada");
    stage.add(&ada, ConnectionSeed::new(SyncMode::Full));
    let workers = async || stage.store.workers(Duration::from_secs(3600)).await.unwrap();
    let fleet = stage.builder().open().await.unwrap();
    fleet.enrol_all(None).await.unwrap();
    assert_eq!(workers().await, 0);
    // A worker that runs goes on to run.
    let running = {
        let fleet = fleet.clone();
        tokio::spawn(async move { fleet.run_until(sleep(Duration::from_secs(60))).await })
    };
    sleep(Duration::from_secs(5)).await;
    fleet.enrol_user(ada.id(), None).await.unwrap();
    assert_eq!(workers().await, 1);
    running.await.unwrap().unwrap();
    assert_eq!(workers().await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_cannot_be_read_is_reported_by_itself_and_the_rest_of_the_list_is_enrolled() {
    let stage = Stage::new().await;
    let (ada, eve) = (stage.sandbox.add_user("Ada"), stage.sandbox.add_user("Eve"));
    let ids: Vec<_> =
        (0..5).map(|_| stage.add(&ada, ConnectionSeed::new(SyncMode::Full))).collect();
    stage.add(&eve, ConnectionSeed::new(SyncMode::Full));
    let odd = |index| Edit::set(format!("/data/{index}/sync_fail_counter"), r#""""#);
    let odd = Fault::Edit(vec![odd(1), odd(3)]);
    stage.sandbox.fault(odd).on("list_connections").next();
    let broken_user = Fault::Edit(vec![Edit::set("/data/1/id", "null")]);
    stage.sandbox.fault(broken_user).on("list_users").next();

    let fleet = stage.builder().open().await.unwrap();
    let enrolled = fleet.enrol_all(None).await.unwrap();
    assert_eq!((enrolled.users, enrolled.connections, enrolled.new), (1, 3, 3));
    let reasons: Vec<_> =
        enrolled.problems.iter().map(|problem| problem.reason.to_string()).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    for problem in &enrolled.problems {
        let NotEnrolledReason::Entry(entry) = &problem.reason else { panic!("{problem:?}") };
        match &problem.user_id {
            Some(id) => {
                assert_eq!(*id, ada.id());
                let is_named = |id: &&String| entry.json().contains(id.as_str());
                assert_eq!(ids.iter().filter(is_named).count(), 1, "{}", entry.json());
            }
            None => assert_eq!(entry.reason().path(), "data[1].id"),
        }
    }
    // Enrolled again, when the list can be read.
    let enrolled = fleet.enrol_all(None).await.unwrap();
    assert_eq!((enrolled.connections, enrolled.new, enrolled.problems.len()), (6, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn what_an_enrolment_costs_is_not_taken_for_the_cost_of_a_connection() {
    let stage = Stage::new().await;
    for n in 0..60 {
        let user = stage.sandbox.add_user(&format!("User {n}"));
        stage.add(&user, ConnectionSeed::new(SyncMode::Full));
    }
    let fleet = stage.builder().open().await.unwrap();
    for _ in 0..4 {
        fleet.enrol_all(None).await.unwrap();
    }
    fleet.run_until(sleep(Duration::from_secs(4 * 3600))).await.unwrap();
    assert_eq!(fleet.stats().await.unwrap().counts.reports["watched"], 60);
    let cost = fleet.forecast().await.unwrap().cost;
    assert!(cost < 2.0, "{cost} requests for each connection");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_another_worker_was_asked_for_holds_within_a_second() {
    let stage = Stage::new().await;
    let ada = stage.sandbox.add_user("Ada");
    for _ in 0..40 {
        stage.add(&ada, ConnectionSeed::new(SyncMode::Shared).never_synced());
    }
    // A heartbeat comes every twenty minutes.
    let policy = policy().with_lease(Duration::from_secs(3_600));
    let fleet = stage.builder().policy(policy).open().await.unwrap();
    fleet.enrol_all(None).await.unwrap();
    let ended = fleet.run_until(async {
        sleep(Duration::from_secs(3)).await;
        stage.store.hold(Duration::from_secs(7_200)).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        let before = stage.sandbox.log().len();
        sleep(Duration::from_secs(7_100)).await;
        assert_eq!(stage.sandbox.log().len(), before);
    });
    ended.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_throttled_answer_to_one_fleet_stills_all_fleets_on_the_store_for_as_long_as_it_says() {
    let stage = Stage::new().await;
    for n in 0..10 {
        let user = stage.sandbox.add_user(&format!("User {n}"));
        for _ in 0..12 {
            stage.add(&user, ConnectionSeed::new(SyncMode::Shared).never_synced());
        }
    }
    let throttle = Fault::Throttle { retry_after: Some("900".to_owned()) };
    stage.sandbox.fault(throttle).on("get_connection").call(20);
    // Heartbeats come every twenty minutes, so that the word reaches the other fleet by its claims.
    let policy = || policy().with_lease(Duration::from_secs(3_600)).with_pace(20, 5);
    let one = stage.builder().policy(policy()).open().await.unwrap();
    let other = stage.builder().policy(policy()).open().await.unwrap();
    one.enrol_all(None).await.unwrap();
    let hours = || sleep(Duration::from_secs(4 * 3600));
    let watch = async {
        while stage.sandbox.log().iter().all(|entry| entry.status != 429) {
            sleep(Duration::from_secs(1)).await;
        }
        sleep(Duration::from_secs(2)).await;
        let before = stage.sandbox.log().len();
        sleep(Duration::from_secs(890)).await;
        assert_eq!(stage.sandbox.log().len(), before);
        hours().await;
        assert!(stage.sandbox.log().len() > before + 100);
    };
    let (first, second) = tokio::join!(one.run_until(watch), other.run_until(hours()));
    first.unwrap();
    second.unwrap();
    let reports = stage.reports();
    assert_eq!(reports.len(), 120);
    // What was in hand when the pause began was not sent, and came again.
    let is_done = |words: &Vec<&str>| {
        let (last, before) = words.split_last().unwrap();
        *last == "succeeded" && before.iter().all(|word| *word == "not_sent")
    };
    assert!(reports.values().all(is_done), "{reports:?}");
    assert_eq!(stage.sandbox.received("sync_connection"), 120);
}
