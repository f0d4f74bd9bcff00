//! What the store of a fleet costs: claims among a million due rows, claims and saves a second, and
//! memory by connection.
//!
//! `cargo run --release -p xs2a-tests --bin fleet_bench` prints the figures of the fleet's README.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::time::sleep;
use xs2a::sync::{Observation, SyncHistory, SyncJob};
use xs2a::{ApiClient, Snapshot, SyncPolicy};
use xs2a_fleet::rules::Verdict;
use xs2a_fleet::store::{Ending, Postgres, Sqlite, Store};
use xs2a_fleet::{Fleet, FleetPolicy, Lane, Priority, Row, State};
use xs2a_tests::postgres::PostgresServer;

/// Measures the store of a fleet
#[derive(Parser)]
struct Options {
    /// Rows that are due
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Seconds of claiming and saving
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

const LANE: Lane = Lane::Sync(Priority::Normal);

/// Rows of a hundred users for each thousand rows, all due, in both dialects of SQL.
fn insert(rows: usize, series: &str) -> String {
    let since = Timestamp::now().as_millisecond() - 100_000_000;
    format!(
        "INSERT INTO xs2a_connection
            (connection_id, user_id, bic, priority, lane, due_at, next_lane, next_at)
        SELECT 'con-' || n, 'usr-' || (CAST(n AS BIGINT) * 7919 % {users}), 'TESTDEFFXXX', 2, 2, {since} + CAST(n AS BIGINT) * 50,
            2, {since} + CAST(n AS BIGINT) * 50
        FROM {series}",
        users = (rows / 10).max(1),
    )
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("fleet.db");
    let store = Sqlite::new(&path).open().await.unwrap();
    let series = format!(
        "(WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers \
          WHERE n + 1 < {}) SELECT n FROM numbers)",
        options.rows
    );
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch(&insert(options.rows, &series)).unwrap();
    drop(file);
    measure("SQLite", &store, &options).await;
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!("SQLite: {} bytes on disk for each row", bytes / options.rows as u64);
    drop(store);

    if let Some(server) = PostgresServer::start() {
        let address = server.database("bench");
        let store = Postgres::new(&address).unwrap().open().await.unwrap();
        let series = format!("generate_series(0, {}) AS numbers (n)", options.rows - 1);
        server.execute("bench", &insert(options.rows, &series));
        server.execute("bench", "ANALYZE");
        measure("Postgres", &store, &options).await;
    }
    memory().await;
}

async fn measure(name: &str, store: &Store, options: &Options) {
    let mut times = Vec::new();
    for n in 0..50 {
        let worker = format!("one-{n}");
        let start = Instant::now();
        let claimed = store.claim(&worker, LANE, 20, 5, true).await.unwrap().rows;
        times.push(start.elapsed());
        assert_eq!(claimed.len(), 20);
    }
    times.sort_unstable();
    println!(
        "{name}: a claim of 20 among {} due rows: median {:.1?}, longest of 50 {:.1?}",
        options.rows, times[25], times[49]
    );
    for n in 0..50 {
        store.leave(&format!("one-{n}")).await.unwrap();
    }

    let until = Instant::now() + Duration::from_secs(options.seconds);
    let workers = (0..4).map(|n| tokio::spawn(work(store.clone(), format!("w{n}"), until)));
    let (mut claims, mut rows) = (0, 0);
    for worker in workers.collect::<Vec<_>>() {
        let (more_claims, more_rows) = worker.await.unwrap();
        claims += more_claims;
        rows += more_rows;
    }
    println!(
        "{name}: four clients in {} s: {:.0} claims of 20 a second, each row saved and finished: {:.0} \
         rows a second",
        options.seconds,
        claims as f64 / options.seconds as f64,
        rows as f64 / options.seconds as f64,
    );
    let start = Instant::now();
    let counts = store.counts().await.unwrap();
    println!("{name}: counting all {} rows: {:.0?}", counts.enrolled, start.elapsed());
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

/// Memory of a worker that has a thousand connections in hand, all waiting for an answer.
async fn memory() {
    const IN_HAND: usize = 1_000;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok(accepted) = listener.accept().await {
            open.push(accepted);
        }
    });
    let folder = TempDir::new().unwrap();
    let store = Sqlite::new(folder.path().join("fleet.db")).open().await.unwrap();
    let due = Timestamp::now() - SignedDuration::from_secs(60);
    for n in 0..IN_HAND {
        let enrolment = xs2a_fleet::Enrolment::new(format!("usr-{}", n / 5), format!("con-{n}"));
        store.enrol(&enrolment, due).await.unwrap();
    }
    let always = jiff::civil::time(0, 0, 0, 0);
    let policy = FleetPolicy::default().with_night("UTC", always, always).with_pace(IN_HAND, 1_000);
    let fleet = Fleet::builder(ApiClient::builder("key").base_url(address), store.clone());
    let fleet = fleet.policy(policy).open().await.unwrap();
    let before = resident();
    let working = tokio::spawn(async move { fleet.run_until(std::future::pending()).await });
    while store.counts().await.unwrap().in_hand < IN_HAND as u64 {
        sleep(Duration::from_millis(50)).await;
    }
    sleep(Duration::from_secs(3)).await;
    println!(
        "A worker: {before} kB before it begins; {:.1} kB for each of {IN_HAND} connections of {} users \
         in hand, their calls under way",
        (resident() - before) as f64 / IN_HAND as f64,
        IN_HAND / 5,
    );
    working.abort();
}

/// Resident memory of this process in kB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
