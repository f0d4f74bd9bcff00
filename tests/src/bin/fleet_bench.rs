//! What the store of a fleet costs: claims among a million due rows, claims and saves a second, bytes on
//! disk for a row, and a worker's memory for a connection.
//!
//! `cargo run --release -p xs2a-tests --bin fleet_bench` prints the figures of the fleet's README. Each
//! line tells the load of the machine beside its figure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::time::sleep;
use xs2a::sync::{Observation, SyncHistory, SyncJob};
use xs2a::{ApiClient, Secret, Snapshot, SyncPolicy};
use xs2a_fleet::rules::Verdict;
use xs2a_fleet::store::{Counts, Ending, Postgres, Sqlite, Store};
use xs2a_fleet::{Enrolment, Fleet, FleetPolicy, Lane, Priority, Row, State};
use xs2a_sandbox::{ConnectionSeed, Fault, Sandbox, SyncMode};
use xs2a_tests::postgres::{PostgresServer, cpu_time};

/// Measures the store of a fleet
#[derive(Clone, Parser)]
struct Options {
    /// Rows that are due
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Seconds of claiming and saving
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections to Postgres that a store holds; by default as many as it holds by default
    #[arg(long)]
    connections: Option<usize>,
    /// Works on this file: the process whose memory is measured
    #[arg(long, hide = true, requires = "base_url")]
    works_on: Option<PathBuf>,
    #[arg(long, hide = true)]
    base_url: Option<String>,
}

const LANE: Lane = Lane::Sync(Priority::Normal);
const CLAIMS: usize = 50;
const CLIENTS: usize = 4;
const IN_HAND: usize = 1_000;
const HALF: &str = "our-half";

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if let (Some(path), Some(base_url)) = (&options.works_on, &options.base_url) {
        return work_on(path, base_url).await;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("fleet.db");
    let store = Sqlite::new(&path).open().await.unwrap();
    fill(&path, options.rows);
    let bytes = std::fs::metadata(&path).unwrap().len();
    say(
        "SQLite",
        &format!("{} bytes on disk for a row before its first turn", bytes / options.rows as u64),
    );
    measure("SQLite", &store, &options, || Duration::ZERO).await;
    drop(store);
    drop(folder);
    if let Some(server) = PostgresServer::start() {
        let settings = Postgres::new(&server.database("bench")).unwrap();
        let settings = match options.connections {
            Some(connections) => settings.connections(connections),
            None => settings,
        };
        let store = settings.open().await.unwrap();
        let series = format!("generate_series(0, {}) AS numbers (n)", options.rows - 1);
        server.execute("bench", &insert(options.rows, &series));
        server.execute("bench", "VACUUM (ANALYZE)");
        server.execute("bench", "CHECKPOINT");
        let bytes = server.execute("bench", "SELECT pg_total_relation_size('xs2a_connection')");
        let bytes: u64 = bytes.trim().parse().unwrap();
        say(
            "Postgres",
            &format!(
                "{} bytes on disk for a row before its first turn",
                bytes / options.rows as u64
            ),
        );
        measure("Postgres", &store, &options, || server.cpu_time()).await;
    }
    memory(options.rows).await;
}

/// Prints a figure, and how many processes wanted to run meanwhile.
fn say(of: &str, figure: &str) {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    let load = load.split(' ').next().unwrap();
    let cores = std::thread::available_parallelism().unwrap();
    println!("{of}: {figure} (load {load} on {cores} cores)");
}

/// Rows of a hundred users for each thousand rows, all due, in both dialects of SQL.
fn insert(rows: usize, series: &str) -> String {
    let since = Timestamp::now().as_millisecond() - 100_000_000;
    format!(
        "INSERT INTO xs2a_connection
            (connection_id, user_id, bic, priority, lane, due_at, next_lane, next_at)
        SELECT 'con-' || n, 'usr-' || (CAST(n AS BIGINT) * 7919 % {users}), 'TESTDEFFXXX', 2, 2,
            {since} + CAST(n AS BIGINT) * 50, 2, {since} + CAST(n AS BIGINT) * 50
        FROM {series}",
        users = (rows / 10).max(1),
    )
}

/// Fills the file of a store, and leaves nothing of that to its next commit.
fn fill(path: &Path, rows: usize) {
    let series = format!(
        "(WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers \
          WHERE n + 1 < {rows}) SELECT n FROM numbers)"
    );
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(&insert(rows, &series)).unwrap();
    file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

async fn measure(name: &str, store: &Store, options: &Options, database: impl Fn() -> Duration) {
    let mut times = Vec::new();
    for n in 0..CLAIMS {
        let worker = format!("one-{n}");
        let start = Instant::now();
        let claimed = store.claim(&worker, LANE, 20, 5, true).await.unwrap().rows;
        times.push(start.elapsed());
        assert_eq!(claimed.len(), 20);
    }
    times.sort_unstable();
    let figure = format!(
        "a claim of 20 among {} due rows: shortest {:.1?}, median {:.1?}, longest of {CLAIMS} {:.1?}",
        options.rows,
        times[0],
        times[CLAIMS / 2],
        times[CLAIMS - 1],
    );
    say(name, &figure);
    for n in 0..CLAIMS {
        store.leave(&format!("one-{n}")).await.unwrap();
    }

    let cpu = || cpu_time(std::process::id()) + database();
    let before = cpu();
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let clients = (0..CLIENTS).map(|n| tokio::spawn(work(store.clone(), format!("w{n}"), until)));
    let (mut claims, mut rows) = (0, 0);
    for client in clients.collect::<Vec<_>>() {
        let (more_claims, more_rows) = client.await.unwrap();
        claims += more_claims;
        rows += more_rows;
    }
    let figure = format!(
        "{CLIENTS} clients in {} s: {:.0} claims of 20 a second, each row saved and finished: {:.0} rows \
         a second, {:.2} ms of CPU time for each",
        options.seconds,
        claims as f64 / options.seconds as f64,
        rows as f64 / options.seconds as f64,
        (cpu() - before).as_secs_f64() * 1e3 / rows as f64,
    );
    say(name, &figure);
    let start = Instant::now();
    let counts = store.counts().await.unwrap();
    say(name, &format!("counting all {} rows: {:.0?}", counts.enrolled, start.elapsed()));
}

/// Claims, saves an intention, and ends the turn.
async fn work(store: Store, worker: String, until: Instant) -> (u64, u64) {
    let (mut claims, mut rows) = (0, 0);
    while Instant::now() < until {
        let claimed = store.claim(&worker, LANE, 20, 5, true).await.unwrap().rows;
        claims += 1;
        let turns = claimed.iter().map(|row| turn(&store, &worker, row));
        rows += futures_util::future::join_all(turns).await.len() as u64;
    }
    (claims, rows)
}

async fn turn(store: &Store, worker: &str, row: &Row) {
    let now = Timestamp::now();
    let mut job = SyncJob::new(row.connection_id.clone(), SyncPolicy::unattended(), now);
    let _ = job.step(Observation::Begin, now);
    let _ = job.step(Observation::Looked(Snapshot::default()), now);
    let id = &row.connection_id;
    assert!(store.save(worker, id, row.fence, &job).await.unwrap());
    let due = now + SignedDuration::from_hours(20);
    let verdict = Verdict { state: State::Waiting, lane: LANE, due, tries: 0, outcome: None };
    let history = SyncHistory::default();
    let ending = Ending {
        verdict: &verdict,
        job: None,
        history: &history,
        seen: None,
        report: None,
        tell: false,
    };
    assert!(store.finish(worker, id, row.fence, &ending).await.unwrap());
}

/// The memory of a worker process: with an empty store, with rows that wait, with calls under way, and
/// with syncs that run at the service.
async fn memory(rows: usize) {
    let sandbox = Sandbox::builder().starts_at_now().follows_tokio(true).judged(false);
    let sandbox =
        sandbox.api_key("key").sync_takes(Duration::from_secs(3600)).start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("fleet.db");
    let store = Sqlite::new(&path).open().await.unwrap();
    let start = |path: &Path| Worker::start(path, sandbox.base_url());

    let empty = start(&path).rests_at().await;
    fill(&path, rows);
    let later =
        "UPDATE xs2a_connection SET due_at = due_at + 200000000, next_at = next_at + 200000000";
    rusqlite::Connection::open(&path).unwrap().execute_batch(later).unwrap();
    let waiting = start(&path).rests_at().await;
    let figure = format!("{empty} kB with an empty store, {waiting} kB with {rows} rows that wait");
    say("A worker", &figure);

    let due = Timestamp::now() - SignedDuration::from_secs(60);
    for n in 0..IN_HAND / 5 {
        let user = sandbox.add_user(&format!("User {n}"));
        for _ in 0..5 {
            let seed = ConnectionSeed::new(SyncMode::Shared).never_synced().credentials(HALF);
            let connection = sandbox.add_connection(&user, seed);
            store.enrol(&Enrolment::new(user.id(), connection), due).await.unwrap();
        }
    }
    // The calls of the first worker are never answered.
    sandbox.fault(Fault::StallBeforeActing).on("sync_connection").always();
    let worker = start(&path);
    until(&store, |counts| counts.open == IN_HAND as u64 && counts.in_hand == IN_HAND as u64).await;
    let calling = worker.rests_at().await;
    sandbox.clear_faults();
    let of_each = |kilobytes: u64| kilobytes.saturating_sub(waiting) as f64 / IN_HAND as f64;
    let figure = format!(
        "{:.1} kB more for each of {IN_HAND} connections of {} users whose calls are under way",
        of_each(calling),
        IN_HAND / 5,
    );
    say("A worker", &figure);
}

async fn until(store: &Store, is_so: impl Fn(&Counts) -> bool) {
    while !is_so(&store.counts().await.unwrap()) {
        sleep(Duration::from_millis(200)).await;
    }
}

/// This program as a worker. The process ends with this value.
struct Worker(Child);

impl Worker {
    fn start(path: &Path, base_url: &str) -> Self {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.arg("--works-on").arg(path).arg("--base-url").arg(base_url);
        Self(program.spawn().unwrap())
    }

    /// The resident memory in kB, when it has not changed for a while.
    async fn rests_at(self) -> u64 {
        let (mut last, mut same) = (0, 0);
        while same < 10 {
            sleep(Duration::from_millis(300)).await;
            let now = resident(self.0.id());
            same = if now == last { same + 1 } else { 0 };
            last = now;
        }
        last
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn work_on(path: &Path, base_url: &str) {
    let store = Sqlite::new(path).open().await.unwrap();
    let always = jiff::civil::time(0, 0, 0, 0);
    let sync = SyncPolicy::unattended().with_deadline(Duration::from_secs(600));
    let policy = FleetPolicy::default().with_night("UTC", always, always).with_sync(sync);
    let fleet = Fleet::builder(ApiClient::builder("key").base_url(base_url), store)
        .policy(policy.with_pace(IN_HAND, 10_000))
        .credentials(|_, _| async { Some(Secret::from(HALF)) });
    fleet.open().await.unwrap().run_until(std::future::pending()).await.unwrap();
}

/// Resident memory of a process in kB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
