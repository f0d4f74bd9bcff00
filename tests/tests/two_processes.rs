//! Jobs that two real processes hold at once, each killed again and again, with one SQLite store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::sleep;
use xs2a::ConnectionId;
use xs2a::sync::SyncReport;
use xs2a_sandbox::{BankFault, ConnectionSeed, Fault, Sandbox, SyncMode};
use xs2a_tests::sqlite_store::SqliteStore;

fn start(sandbox: &Sandbox, token: &str, database: &str, seed: u64) -> Child {
    Command::new(env!("CARGO_BIN_EXE_holder"))
        .args([sandbox.base_url(), token, database, &seed.to_string()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// `JOBS=1000` makes it a thousand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_two_processes_that_are_killed_at_random_are_synced_once_each() {
    let jobs: usize = std::env::var("JOBS").map_or(60, |jobs| jobs.parse().unwrap());
    let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut random = fastrand::Rng::with_seed(seed);
    let sandbox = Sandbox::builder()
        .starts_at_now()
        .judged(false)
        .follows_tokio(true)
        .sync_takes(Duration::from_secs(1))
        .start()
        .await
        .unwrap();
    let ada = sandbox.add_user("Ada");
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("jobs.db").to_str().unwrap().to_owned();
    let store = SqliteStore::open(&database);
    let mut ids: Vec<ConnectionId> = Vec::new();
    for n in 0..jobs {
        let id = sandbox.add_connection(&ada, ConnectionSeed::new(SyncMode::Full));
        if n % 7 == 0 {
            sandbox.fail_next_sync(&id, BankFault::WrongPassword);
        }
        ids.push(id.into());
        store.enrol(ids.last().unwrap());
    }
    sandbox.fault(Fault::ResetAfterActing).on("sync_connection").every(5);
    sandbox.fault(Fault::ResetBeforeActing).on("sync_connection").every(7);
    sandbox.fault(Fault::Throttle { retry_after: None }).on("sync_connection").every(9);

    let worker = |seed| start(&sandbox, ada.token(), &database, seed);
    let mut workers = [worker(1), worker(2)];
    let (mut kills, mut rounds) = (0, 0);
    while !store.open_connections().is_empty() {
        sleep(Duration::from_millis(random.u64(50..400))).await;
        let chosen = random.usize(0..2);
        // Left alone towards the end, so that the last jobs come to their deadline.
        if kills < jobs / 2 {
            workers[chosen].kill().unwrap();
            workers[chosen].wait().unwrap();
            workers[chosen] = worker(random.u64(..));
            kills += 1;
        }
        rounds += 1;
        assert!(rounds < 3000 + 10 * jobs, "{} jobs do not end", store.open_connections().len());
    }
    for worker in &mut workers {
        let _ = worker.kill();
        worker.wait().unwrap();
    }

    let mut ends = std::collections::BTreeMap::new();
    for id in &ids {
        let job = store.load(id).unwrap();
        let (report, counts) = (job.report().unwrap().clone(), sandbox.counts(id.as_str()));
        let told = format!("{id}: {report:?} {counts:?}");
        assert!(counts.syncs_acted <= 1 && counts.syncs_overlapping == 0, "{told}");
        match report {
            SyncReport::Succeeded { .. } => assert_eq!(counts.successes, 1, "{told}"),
            SyncReport::Failed { failures: 1, .. } => assert_eq!(counts.failures, 1, "{told}"),
            SyncReport::NotSeenToAct => assert_eq!(job.history().debts(), 1, "{told}"),
            SyncReport::NotSent { .. } | SyncReport::Throttled { .. } => {
                assert_eq!(counts.syncs_acted, 0, "{told}");
            }
            _ => panic!("{told}"),
        }
        let end = match report {
            SyncReport::Succeeded { .. } => "succeeded",
            SyncReport::Failed { .. } => "failed",
            SyncReport::NotSeenToAct => "not seen to act",
            _ => "not sent",
        };
        *ends.entry(end).or_insert(0) += 1;
    }
    println!("{jobs} jobs, {kills} kills: {ends:?}");
}
