//! The fleet as real processes that are killed, frozen and left without their database. The sandbox
//! counts what reached it.
//!
//! `FLEET_CONNECTIONS=1000` makes them as large as the figures in the docs; by default they are
//! smaller.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::time::sleep;
use xs2a::{ApiClient, SyncPolicy};
use xs2a_fleet::store::{Postgres, Sqlite, Store};
use xs2a_fleet::{Fleet, FleetPolicy, Outcome, Report};
use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
use xs2a_tests::postgres::PostgresServer;

const LEASE: Duration = Duration::from_secs(2);
const HALF: &str = "our-half";

fn connections() -> usize {
    std::env::var("FLEET_CONNECTIONS").map_or(200, |number| number.parse().unwrap())
}

/// A night that is on now, has been for so long that all are due, and lasts for an hour more.
fn policy() -> FleetPolicy {
    let seconds = |n| Duration::from_secs(n);
    let time = |ahead: i64| {
        let at = Timestamp::now() + SignedDuration::from_hours(ahead);
        at.to_zoned_datetime(jiff::tz::TimeZone::UTC).time()
    };
    let sync = SyncPolicy::unattended().with_deadline(seconds(30)).with_settling(seconds(5));
    FleetPolicy::default()
        .with_night("UTC", time(-22), time(1))
        .with_pace(60, 120)
        .with_lease(LEASE)
        .with_first_look(seconds(4))
        .with_feed_pause(seconds(1))
        .with_back_off(seconds(2))
        .with_sync(sync)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// To be synced once.
    ToSync,
    /// Healthy, and the service's own.
    Healthy,
    /// To be left alone.
    NotToSync,
}

/// A service, a store and a policy, and the workers of a test.
struct Scene {
    name: String,
    sandbox: Sandbox,
    kinds: BTreeMap<String, Kind>,
    store: Store,
    address: String,
    policy: FleetPolicy,
    folder: TempDir,
    server: Option<std::sync::Arc<PostgresServer>>,
    started: usize,
}

/// A worker that ends with this value.
struct Worker {
    child: Child,
}

impl Worker {
    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether the process has been stopped by SIGSTOP.
    fn is_frozen(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        stat.rsplit(')').next().unwrap().trim_start().starts_with('T')
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Scene {
    /// One for each store that there is.
    async fn all(name: &str) -> Vec<Self> {
        let mut scenes = vec![Self::new(name, None).await];
        if let Some(server) = PostgresServer::shared() {
            scenes.push(Self::new(name, Some(server)).await);
        }
        scenes
    }

    async fn new(name: &str, server: Option<std::sync::Arc<PostgresServer>>) -> Self {
        let builder = Sandbox::builder()
            .starts_at_now()
            .tick(Duration::ZERO)
            .follows_tokio(true)
            .judged(false);
        let builder = builder.api_key("key").sync_takes(Duration::from_secs(2));
        let sandbox = builder.start().await.unwrap();
        let mut kinds = BTreeMap::new();
        for n in 0..connections().div_ceil(5) {
            let user = sandbox.add_user(&format!("User {n}"));
            for k in 0..5 {
                let shared = ConnectionSeed::new(SyncMode::Shared).never_synced().credentials(HALF);
                let full = ConnectionSeed::new(SyncMode::Full);
                let (seed, kind) = match (k, n % 4) {
                    (0..3, _) => (shared, Kind::ToSync),
                    (3, _) => (full, Kind::Healthy),
                    (_, 0) => (ConnectionSeed::new(SyncMode::None), Kind::NotToSync),
                    (_, 1) => (full.failures(2), Kind::NotToSync),
                    _ => (full.failures(1).never_synced(), Kind::ToSync),
                };
                kinds.insert(sandbox.add_connection(&user, seed), kind);
            }
        }
        let folder = TempDir::new().unwrap();
        let (store, address, kind) = match &server {
            None => {
                let path = folder.path().join("fleet.db");
                let address = path.to_str().unwrap().to_owned();
                (Sqlite::new(path).open().await.unwrap(), address, "SQLite")
            }
            Some(server) => {
                let address = server.database(&name.replace(' ', "_"));
                (Postgres::new(&address).unwrap().open().await.unwrap(), address, "Postgres")
            }
        };
        let name = format!("{name}, {kind}");
        let policy = policy();
        let scene =
            Self { name, sandbox, kinds, store, address, policy, folder, server, started: 0 };
        let api = ApiClient::builder("key").base_url(scene.sandbox.base_url());
        let fleet = Fleet::builder(api, scene.store.clone()).policy(scene.policy.clone());
        let enrolled = fleet.open().await.unwrap().enrol_all(None).await.unwrap();
        assert_eq!((enrolled.new, enrolled.problems.len()), (scene.kinds.len(), 0));
        scene
    }

    fn start(&mut self, more: &[&str]) -> Worker {
        self.started += 1;
        let log =
            std::fs::File::create(self.file(&format!("worker-{}.log", self.started))).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_fleet_worker"))
            .args(["--store", &self.address, "--base-url", self.sandbox.base_url()])
            .args(["--policy", &serde_json::to_string(&self.policy).unwrap(), "--half", HALF])
            .arg("--reports")
            .arg(self.file("reports"))
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Worker { child }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everything that was reported so far. A killed process may have left half a line.
    fn reports(&self) -> Vec<Report> {
        let text = std::fs::read_to_string(self.file("reports")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    fn reported(&self) -> usize {
        self.reports().into_iter().map(|report| report.connection_id).collect::<BTreeSet<_>>().len()
    }

    async fn wait(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            if start.elapsed() > Duration::from_secs(240) {
                let logs = (1..=self.started).map(|n| self.file(&format!("worker-{n}.log")));
                let logs: String =
                    logs.filter_map(|log| std::fs::read_to_string(log).ok()).collect();
                panic!("{}: {what} after four minutes; workers said: {logs}", self.name);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn wait_for_half(&self) {
        self.wait("not half of them reported", |scene| scene.reported() * 2 >= scene.kinds.len())
            .await;
    }

    /// Waits for the last report, and holds the night against the promises.
    async fn end(self) {
        let start = Instant::now();
        self.wait("not all reported", |scene| scene.reported() == scene.kinds.len()).await;
        self.wait("a call is open", |scene| {
            // The last word on each connection is final.
            let mut last = BTreeMap::new();
            for report in scene.reports() {
                last.insert(report.connection_id.clone(), report.outcome);
            }
            let goes_on = ["still_running", "fate_unknown", "not_sent", "not_seen"];
            !last.values().any(|outcome| goes_on.contains(&outcome.as_str()))
        })
        .await;
        let mut words = BTreeMap::<_, usize>::new();
        let mut last = BTreeMap::new();
        for report in self.reports() {
            last.insert(report.connection_id.as_str().to_owned(), report.outcome);
        }
        let (mut syncs, mut unsynced) = (0, Vec::new());
        for (id, kind) in &self.kinds {
            let (counts, outcome) = (self.sandbox.counts(id), &last[id]);
            *words.entry(outcome.as_str()).or_default() += 1;
            syncs += counts.syncs_acted;
            assert_eq!(counts.syncs_overlapping, 0, "{}: {id} {counts:?}", self.name);
            match kind {
                Kind::ToSync => {
                    assert!(
                        counts.syncs_acted <= 1,
                        "{}: {id} synced twice: {counts:?}",
                        self.name
                    );
                    if counts.syncs_acted == 0 {
                        unsynced.push(outcome.clone());
                    } else {
                        assert_eq!(outcome.as_str(), "succeeded", "{}: {id} {counts:?}", self.name);
                    }
                }
                Kind::Healthy | Kind::NotToSync => {
                    assert_eq!(counts.syncs_received, 0, "{}: {id} {kind:?}", self.name);
                }
            }
        }
        // What was stored as called and never sent is reported as such, and is not called again.
        for outcome in &unsynced {
            assert_eq!(outcome.as_str(), "not_seen_to_act", "{}", self.name);
        }
        println!(
            "{}: {} connections, {syncs} syncs, none twice; {} stored and never sent; last reports \
             {words:?}; {} reports told; {:?} to the end",
            self.name,
            self.kinds.len(),
            unsynced.len(),
            self.reports().len(),
            start.elapsed(),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_half_way_and_started_anew_syncs_none_twice_and_loses_none() {
    for mut scene in Scene::all("killed").await {
        let mut first = scene.start(&[]);
        scene.wait_for_half().await;
        first.kill();
        let _second = scene.start(&[]);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_of_which_one_is_killed_and_a_third_comes() {
    for mut scene in Scene::all("two").await {
        let (mut first, _second) = (scene.start(&[]), scene.start(&[]));
        scene.wait_for_half().await;
        first.kill();
        let _third = scene.start(&[]);
        scene.end().await;
    }
}

/// A worker that freezes itself at an intention wakes up when another has gone on with its rows.
async fn frozen(moment: &str) {
    for mut scene in Scene::all(&format!("frozen {moment}")).await {
        let first = scene.start(&["--freeze", moment, "--freeze-at", "30"]);
        let _second = scene.start(&[]);
        scene.wait("not frozen", |_| first.is_frozen()).await;
        sleep(LEASE * 3).await;
        first.signal("-CONT");
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_frozen_past_its_lease_right_before_it_stores_an_intention() {
    frozen("before").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_frozen_past_its_lease_right_after_it_stored_an_intention() {
    frozen("after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_ends_and_comes_back_after_forty_seconds() {
    // A server of its own: the other tests go on.
    let Some(server) = PostgresServer::start() else { return };
    let mut scene = Scene::new("outage", Some(std::sync::Arc::new(server))).await;
    let _workers = (scene.start(&[]), scene.start(&[]));
    scene.wait("nothing reported", |scene| scene.reported() * 4 >= scene.kinds.len()).await;
    let server = scene.server.clone().unwrap();
    server.down();
    sleep(Duration::from_secs(40)).await;
    server.up();
    scene.end().await;
}

#[test]
fn outcomes_are_told_by_words() {
    assert_eq!(Outcome::NotReached.as_str(), "not_reached");
}
