//! The store of a fleet: one set of rules, held by SQLite and by Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use xs2a::sync::{Action, Observation, SyncHistory, SyncJob, SyncReport};
use xs2a::{Snapshot, SyncPolicy};
use xs2a_fleet::rules::{Span, Verdict};
use xs2a_fleet::store::{Ending, Postgres, PostgresTls, Sqlite, Store};
use xs2a_fleet::{Enrolment, Error, Lane, Outcome, Parked, Priority, Report, Row, State};
use xs2a_tests::postgres::{PgBouncer, PostgresServer};
use xs2a_tests::tls_front::Authority;

static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// An empty store of each kind, and what keeps it alive: SQLite, Postgres, and Postgres behind
/// PgBouncer in transaction mode.
async fn stores() -> Vec<(Store, Box<dyn std::any::Any>)> {
    let folder = TempDir::new().unwrap();
    let sqlite = Sqlite::new(folder.path().join("fleet.db")).open().await.unwrap();
    let mut stores = vec![(sqlite, Box::new(folder) as Box<dyn std::any::Any>)];
    if let Some(server) = PostgresServer::shared() {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test{number}");
        let address = server.database(&name);
        stores.push((
            Postgres::new(&address).unwrap().open().await.unwrap(),
            Box::new(server.clone()),
        ));
        if let Some(bouncer) = PgBouncer::start(&server) {
            let behind = format!("{name}_behind");
            server.database(&behind);
            let store = Postgres::new(&bouncer.address(&behind)).unwrap().open().await.unwrap();
            stores.push((store, Box::new(bouncer)));
        }
    }
    stores
}

const SYNCS: Lane = Lane::Sync(Priority::Normal);
const LEASE: Duration = Duration::from_secs(2);

fn ago(seconds: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(seconds)
}

/// Enrols connections `con-0` and so on, `each` of one user, the first due first.
async fn enrol(store: &Store, connections: usize, each: usize) {
    for n in 0..connections {
        let enrolment = Enrolment::new(format!("usr-{}", n / each), format!("con-{n}"));
        let due = ago(10_000 - i64::try_from(n).unwrap());
        assert!(store.enrol(&enrolment, due).await.unwrap());
    }
}

async fn claim(store: &Store, worker: &str, most: usize) -> Vec<Row> {
    store.claim(worker, SYNCS, most, 5, true).await.unwrap().rows
}

fn ids(rows: &[Row]) -> Vec<&str> {
    let mut ids: Vec<_> = rows.iter().map(|row| row.connection_id.as_str()).collect();
    ids.sort_unstable();
    ids
}

fn verdict(state: State, lane: Lane, due: Timestamp) -> Verdict {
    Verdict { state, lane, due, tries: 0, outcome: None }
}

fn ending<'a>(verdict: &'a Verdict, history: &'a SyncHistory) -> Ending<'a> {
    Ending { verdict, job: None, history, seen: None, report: None, tell: false }
}

/// A job that is about to call.
fn calling(row: &Row) -> SyncJob {
    let now = Timestamp::now();
    let mut job = SyncJob::new(row.connection_id.clone(), SyncPolicy::unattended(), now);
    let _ = job.step(Observation::Begin, now);
    let action = job.step(Observation::Looked(Snapshot::default()), now);
    assert!(matches!(action, Action::Call { .. }));
    job
}

fn report(row: &Row, outcome: Outcome) -> Report {
    let json = serde_json::json!({
        "id": format!("{}/{}", row.connection_id, row.fence),
        "connection_id": row.connection_id, "user_id": row.user_id, "outcome": outcome,
        "parked": null, "consent_ends": null, "at": Timestamp::now(),
    });
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_row_is_claimed_by_one_worker_and_the_longest_due_come_first() {
    for (store, _folder) in stores().await {
        enrol(&store, 6, 1).await;
        let first = claim(&store, "a", 2).await;
        assert_eq!(ids(&first), ["con-0", "con-1"]);
        let second = claim(&store, "b", 9).await;
        assert_eq!(ids(&second), ["con-2", "con-3", "con-4", "con-5"]);
        assert!(claim(&store, "a", 9).await.is_empty());
        assert!(first.iter().chain(&second).all(|row| row.fence == 1));
    }
}

#[tokio::test]
async fn a_user_is_in_one_workers_hand_and_a_handful_of_the_connections_at_a_time() {
    for (store, _folder) in stores().await {
        enrol(&store, 30, 10).await;
        let held = claim(&store, "a", 7).await;
        let of =
            |rows: &[Row], user: &str| rows.iter().filter(|r| r.user_id.as_str() == user).count();
        assert_eq!((held.len(), of(&held, "usr-0")), (5, 5), "a handful of the first user");
        let others = claim(&store, "b", 30).await;
        assert_eq!(of(&others, "usr-0"), 0, "whom another worker holds");
        assert_eq!((of(&others, "usr-1"), of(&others, "usr-2")), (5, 5));
        assert!(claim(&store, "a", 9).await.is_empty(), "the hands are full");
        let (later, history) = (Timestamp::MAX, SyncHistory::default());
        let done = verdict(State::Waiting, SYNCS, later - SignedDuration::from_hours(9));
        let row = &held[0];
        assert!(
            store
                .finish("a", &row.connection_id, row.fence, &ending(&done, &history))
                .await
                .unwrap()
        );
        assert_eq!(claim(&store, "a", 9).await.len(), 1);
    }
}

#[tokio::test]
async fn who_holds_an_older_fence_changes_nothing() {
    for (store, _folder) in stores().await {
        enrol(&store, 1, 1).await;
        store.beat("dead", LEASE).await.unwrap();
        let old = claim(&store, "dead", 1).await.remove(0);
        assert!(
            store.put_back("dead", &old.connection_id, old.fence, Duration::ZERO).await.unwrap()
        );
        let new = claim(&store, "alive", 1).await.remove(0);
        assert_eq!(new.fence, old.fence + 1);
        let (id, job, history) = (&old.connection_id, calling(&old), SyncHistory::default());
        let done = verdict(State::Waiting, SYNCS, ago(0));
        for (worker, fence) in [("dead", old.fence), ("dead", new.fence), ("alive", old.fence)] {
            assert!(!store.save(worker, id, fence, &job).await.unwrap());
            assert!(!store.finish(worker, id, fence, &ending(&done, &history)).await.unwrap());
            assert!(!store.told(worker, id, fence).await.unwrap());
            assert!(!store.put_back(worker, id, fence, Duration::ZERO).await.unwrap());
        }
        let (row, worker) = store.find(id.as_str()).await.unwrap().unwrap();
        assert_eq!((row.job, worker.as_deref()), (None, Some("alive")));
        assert!(store.save("alive", id, new.fence, &job).await.unwrap());
    }
}

#[tokio::test]
async fn a_saved_job_comes_back_as_it_was_from_a_worker_that_died() {
    for (store, _folder) in stores().await {
        enrol(&store, 1, 1).await;
        store.beat("a", LEASE).await.unwrap();
        store.beat("b", LEASE).await.unwrap();
        let row = claim(&store, "a", 1).await.remove(0);
        let job = calling(&row);
        assert!(store.save("a", &row.connection_id, row.fence, &job).await.unwrap());
        // Only b goes on to beat.
        let mut freed = 0;
        for _ in 0..100 {
            freed += store.beat("b", LEASE).await.unwrap().freed;
            if freed > 0 {
                break;
            }
            tokio::time::sleep(LEASE / 20).await;
        }
        assert_eq!(freed, 1);
        let row = claim(&store, "b", 1).await.remove(0);
        assert_eq!((row.state, row.job), (State::Open, Some(job)));
    }
}

#[tokio::test]
async fn who_comes_back_after_an_outage_does_not_take_the_others_for_dead_at_once() {
    for (store, _folder) in stores().await {
        enrol(&store, 1, 1).await;
        store.beat("a", LEASE).await.unwrap();
        assert_eq!(claim(&store, "a", 1).await.len(), 1);
        // The database was away for longer than a lease.
        tokio::time::sleep(LEASE + LEASE / 4).await;
        let beat = store.beat("b", LEASE).await.unwrap();
        assert_eq!((beat.freed, beat.live, beat.rank), (0, 2, 1));
        assert_eq!(beat.steady, SignedDuration::ZERO);
        let beat = store.beat("a", LEASE).await.unwrap();
        assert_eq!((beat.freed, beat.steady), (0, SignedDuration::ZERO), "a gap begins anew");
    }
}

#[tokio::test]
async fn a_report_stays_with_its_row_until_it_is_told() {
    for (store, _folder) in stores().await {
        enrol(&store, 1, 1).await;
        let row = claim(&store, "a", 1).await.remove(0);
        let (id, history) = (&row.connection_id, SyncHistory::default());
        let told = report(&row, Outcome::Sync(SyncReport::Succeeded { last_synced: None }));
        let tonight = ago(0) + SignedDuration::from_hours(20);
        let done = verdict(State::Waiting, SYNCS, tonight);
        let ending = Ending { report: Some(&told), tell: true, ..ending(&done, &history) };
        assert!(store.finish("a", id, row.fence, &ending).await.unwrap());
        // The worker dies before it is told.
        store.leave("a").await.unwrap();
        let none = store.claim("b", Lane::Look, 9, 5, false).await.unwrap().rows;
        assert!(none.is_empty(), "a worker that tells nothing leaves it alone");
        let again = store.claim("b", Lane::Look, 9, 5, true).await.unwrap().rows.remove(0);
        assert_eq!((again.is_untold, &again.report), (true, &Some(told)));
        assert!(store.told("b", id, again.fence).await.unwrap());
        let (row, worker) = store.find(id.as_str()).await.unwrap().unwrap();
        assert_eq!((row.is_untold, row.lane, worker), (false, SYNCS, None));
        assert_eq!(row.due.as_millisecond(), tonight.as_millisecond());
    }
}

#[tokio::test]
async fn a_nudge_brings_a_look_also_where_a_worker_holds_the_row() {
    for (store, _folder) in stores().await {
        enrol(&store, 1, 1).await;
        let row = claim(&store, "a", 1).await.remove(0);
        assert!(store.nudge("con-0").await.unwrap());
        assert!(!store.nudge("con-9").await.unwrap());
        let history = SyncHistory::default();
        let parked = verdict(
            State::Parked(Parked::UserNeeded),
            Lane::Look,
            Timestamp::MAX - SignedDuration::from_hours(1),
        );
        let ending = ending(&parked, &history);
        assert!(store.finish("a", &row.connection_id, row.fence, &ending).await.unwrap());
        let row = store.claim("b", Lane::Look, 9, 5, true).await.unwrap().rows.remove(0);
        assert_eq!(row.state, State::Parked(Parked::UserNeeded));
        assert!(store.finish("b", &row.connection_id, row.fence, &ending).await.unwrap());
        let claimed = store.claim("b", Lane::Look, 9, 5, true).await.unwrap();
        assert!(claimed.rows.is_empty(), "heard once");
    }
}

#[tokio::test]
async fn what_was_not_reached_comes_first_in_the_next_night_in_the_same_order() {
    for (store, _folder) in stores().await {
        enrol(&store, 5, 1).await;
        let night = Span { start: ago(20_000), end: ago(9_998) + SignedDuration::from_millis(500) };
        let next = ago(3600);
        assert_eq!(store.not_reached(SYNCS, night, next, 100, 1000, false).await.unwrap(), 3);
        let places = |row: Row| row.due.duration_since(next).as_millis();
        let mut rows = Vec::new();
        for n in 0..3 {
            let (row, _) = store.find(&format!("con-{n}")).await.unwrap().unwrap();
            assert_eq!(row.report.as_ref().map(|r| &r.outcome), Some(&Outcome::NotReached));
            rows.push(places(row));
        }
        assert!(rows.is_sorted() && rows[0] >= 0 && rows[2] < 10_300_000 / 100, "{rows:?}");
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.reports["not_reached"], counts.unreported), (3, 2));
    }
}

#[tokio::test]
async fn a_connection_that_was_withdrawn_is_worked_on_no_more_and_remembers_its_calls() {
    for (store, _folder) in stores().await {
        enrol(&store, 3, 2).await;
        let row = claim(&store, "a", 1).await.remove(0);
        let job = calling(&row);
        let (history, id) = (job.history().clone(), &row.connection_id);
        let done = verdict(State::Waiting, SYNCS, ago(5));
        assert!(store.finish("a", id, row.fence, &ending(&done, &history)).await.unwrap());
        let row = claim(&store, "a", 1).await.remove(0);
        assert!(store.withdraw(id).await.unwrap());
        assert!(!store.withdraw(id).await.unwrap());
        assert!(!store.save("a", id, row.fence, &job).await.unwrap());
        assert_eq!(store.withdraw_user(&"usr-0".into()).await.unwrap(), 1);
        assert_eq!(store.counts().await.unwrap().enrolled, 1);
        let again = Enrolment::new("usr-0", id.clone());
        assert!(!store.enrol(&again, ago(20_000)).await.unwrap());
        let rows = claim(&store, "a", 2).await;
        let row = rows.iter().find(|row| &row.connection_id == id).expect("it is due again");
        assert_eq!(row.history.debts(), 1);
    }
}

#[tokio::test]
async fn rows_of_a_claim_whose_answer_was_lost_are_freed() {
    for (store, _folder) in stores().await {
        enrol(&store, 4, 1).await;
        let known = claim(&store, "a", 2).await;
        let lost = claim(&store, "a", 2).await;
        let is_in_hand =
            |id: &_, fence| known.iter().any(|r| &r.connection_id == id && r.fence == fence);
        assert_eq!(store.free_strays("a", is_in_hand).await.unwrap(), 2);
        assert_eq!(ids(&claim(&store, "b", 9).await), ids(&lost));
    }
}

#[tokio::test]
async fn the_longest_pause_that_the_service_asked_for_holds_for_all() {
    for (store, _folder) in stores().await {
        store.hold(Duration::from_secs(60)).await.unwrap();
        store.hold(Duration::from_secs(5)).await.unwrap();
        let beat = store.beat("a", LEASE).await.unwrap();
        let left = beat.now.duration_until(beat.hold.unwrap());
        assert!(left > SignedDuration::from_secs(50), "{left}");
    }
}

#[tokio::test]
async fn statements_that_come_together_are_all_kept_and_one_that_fails_fails_alone() {
    for (store, _folder) in stores().await {
        enrol(&store, 60, 1).await;
        let rows = claim(&store, "a", 60).await;
        let store = &store;
        let saves = rows.iter().zip(0..).map(|(row, n)| async move {
            // Every seventh holder is an older one.
            let fence = row.fence - i64::from(n % 7 == 0);
            let is_kept = store.save("a", &row.connection_id, fence, &calling(row)).await.unwrap();
            assert_eq!(is_kept, n % 7 != 0);
        });
        // Postgres takes no text with a zero in it.
        let odd = store.nudge("con-\0");
        let (_, odd) = tokio::join!(join_all(saves), odd);
        assert!(matches!(odd, Ok(false) | Err(Error::Database { .. })), "{odd:?}");
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.open, counts.in_hand), (51, 60));
    }
}

#[test]
fn a_store_outlives_a_runtime_that_ends_in_the_middle_of_its_statements() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let stores = first.block_on(stores());
    first.block_on(async {
        for (n, (store, _)) in (0..30).flat_map(|n| stores.iter().map(move |store| (n, store))) {
            let (store, enrolment) = (store.clone(), Enrolment::new("usr-1", format!("con-{n}")));
            tokio::spawn(async move { store.enrol(&enrolment, ago(1)).await });
        }
        tokio::task::yield_now().await;
    });
    drop(first);
    runtime().block_on(async {
        for (store, _) in &stores {
            let enrolment = Enrolment::new("usr-2", "con-99");
            let enrolled = store.enrol(&enrolment, ago(1));
            let enrolled = tokio::time::timeout(Duration::from_secs(60), enrolled).await;
            assert!(enrolled.expect("the store hangs").unwrap());
        }
    });
}

#[tokio::test]
async fn ten_workers_that_claim_at_once_share_no_row_and_leave_none() {
    for (store, _folder) in stores().await {
        enrol(&store, 200, 2).await;
        let claims = (0..10).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let (mut mine, mut idle) = (Vec::new(), 0);
                while idle < 3 {
                    let rows = claim(&store, &format!("w{n}"), 3).await;
                    idle = if rows.is_empty() { idle + 1 } else { 0 };
                    mine.extend(rows.into_iter().map(|row| row.connection_id));
                }
                mine
            })
        });
        let mut all = Vec::new();
        for claimed in claims.collect::<Vec<_>>() {
            all.extend(claimed.await.unwrap());
        }
        // A user belongs to one worker at a time. So what is left of a user, while others had her row
        // locked, is for the worker that has her already.
        for n in 0..10 {
            let rows = claim(&store, &format!("w{n}"), 200).await;
            all.extend(rows.into_iter().map(|row| row.connection_id));
        }
        let total = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), total), (200, 200), "each row is claimed, and once");
    }
}

#[tokio::test]
async fn workers_that_claim_at_once_share_no_user_and_hold_no_more_than_a_handful_of_each() {
    for (store, _folder) in stores().await {
        enrol(&store, 80, 20).await;
        // Half of them have been nudged: they are in another lane.
        for n in (0..80).step_by(2) {
            assert!(store.nudge(&format!("con-{n}")).await.unwrap());
        }
        let claims = (0..8).map(|n| {
            let store = store.clone();
            let lane = if n % 2 == 0 { SYNCS } else { Lane::Look };
            tokio::spawn(async move {
                let worker = format!("w{n}");
                let claimed = store.claim(&worker, lane, 4, 5, true).await.unwrap();
                claimed.rows.into_iter().map(|row| (row.user_id, worker.clone())).collect()
            })
        });
        let mut held = BTreeMap::<_, Vec<String>>::new();
        for claimed in claims.collect::<Vec<_>>() {
            let claimed: Vec<_> = claimed.await.unwrap();
            for (user, worker) in claimed {
                held.entry(user).or_default().push(worker);
            }
        }
        assert_eq!(held.len(), 4, "{held:?}");
        for (user, mut workers) in held {
            assert!(workers.len() <= 5, "{user}: {workers:?}");
            workers.dedup();
            assert_eq!(workers.len(), 1, "{user}: {workers:?}");
        }
    }
}

#[tokio::test]
async fn withdrawn_connections_keep_their_history_and_forgotten_ones_keep_nothing() {
    for (store, _folder) in stores().await {
        enrol(&store, 6, 2).await;
        assert_eq!(store.forget_user(&"usr-1".into()).await.unwrap(), 2);
        assert_eq!(store.withdraw_all().await.unwrap(), 4);
        assert_eq!(store.withdraw_all().await.unwrap(), 0);
        assert_eq!(store.counts().await.unwrap().enrolled, 0);
        let again = |user: &str, n| Enrolment::new(user, format!("con-{n}"));
        assert!(!store.enrol(&again("usr-0", 0), ago(1)).await.unwrap());
        assert!(store.enrol(&again("usr-1", 2), ago(1)).await.unwrap());
        assert_eq!(store.forget_user(&"usr-1".into()).await.unwrap(), 1);
    }
}

/// Somebody has a row locked, in a session that he has forgotten.
#[tokio::test]
async fn a_statement_that_waits_for_a_locked_row_keeps_no_other_waiting() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database("locked");
    let store = Postgres::new(&address).unwrap().connections(1).open().await.unwrap();
    enrol(&store, 20, 1).await;
    let rows = claim(&store, "a", 20).await;
    let held = "BEGIN; UPDATE xs2a_connection SET bic = bic WHERE connection_id = 'con-7'; \
        SELECT pg_sleep(40); COMMIT";
    let session = {
        let server = server.clone();
        std::thread::spawn(move || server.execute("locked", held))
    };
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while server.execute("locked", waits).trim() != "1" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let store = &store;
    let saves = rows.iter().map(|row| async move {
        let kept = store.save("a", &row.connection_id, row.fence, &calling(row)).await;
        (row.connection_id.as_str().to_owned(), kept)
    });
    let (saves, beat) = tokio::join!(join_all(saves), store.beat("a", LEASE));
    assert!(!session.is_finished(), "the others waited for the session");
    beat.unwrap();
    for (id, kept) in saves {
        match id.as_str() {
            "con-7" => assert!(matches!(kept, Err(Error::Locked { .. })), "{kept:?}"),
            _ => assert!(kept.unwrap(), "{id}"),
        }
    }
    let ends = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    server.execute("locked", ends);
    // It says that it was ended.
    let _ = session.join();
}

#[tokio::test]
async fn a_postgres_of_an_older_schema_is_brought_up_to_date_once_and_as_a_whole_or_not_at_all() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database("older");
    let open = || async { Postgres::new(&address).unwrap().open().await };
    let ask = |sql: &str| server.execute("older", sql).trim().to_owned();
    let (schema, options) = (
        "SELECT value FROM xs2a_fleet WHERE name = 'schema'",
        "SELECT reloptions FROM pg_class WHERE relname = 'xs2a_connection'",
    );
    // Workers that come to an empty database at once.
    let mut stores = join_all((0..4).map(|_| open())).await;
    let store = stores.remove(0).unwrap();
    assert!(stores.iter().all(Result::is_ok), "{stores:?}");
    enrol(&store, 3, 1).await;
    assert_eq!(claim(&store, "a", 1).await.len(), 1);
    let newest = (ask(schema), ask(options));

    // What the first version left. From now on the database notes each change of a table.
    ask("ALTER TABLE xs2a_connection RESET (autovacuum_vacuum_scale_factor)");
    ask("UPDATE xs2a_fleet SET value = '1' WHERE name = 'schema'");
    let oldest = (ask(schema), ask(options));
    assert_ne!(oldest.1, newest.1);
    ask("CREATE TABLE noted (command TEXT)");
    let note = |does: &str| {
        ask(&format!(
            "CREATE OR REPLACE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ \
             BEGIN INSERT INTO noted VALUES (tg_tag); {does} END $$"
        ))
    };
    note("RAISE EXCEPTION 'no change today';");
    ask("CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('ALTER TABLE') \
         EXECUTE FUNCTION note()");
    let error = open().await.unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error:?}");
    assert!(error.to_string().contains("no change today"), "{error}");
    assert_eq!((ask(schema), ask(options)), oldest);

    note("");
    let stores = join_all((0..4).map(|_| open())).await;
    assert!(stores.iter().all(Result::is_ok), "{stores:?}");
    assert_eq!((ask(schema), ask(options)), newest);
    assert_eq!(ask("SELECT command FROM noted"), "ALTER TABLE", "by one of the four");
    let (row, worker) = store.find("con-0").await.unwrap().unwrap();
    assert_eq!((row.fence, worker.as_deref()), (1, Some("a")));
    assert_eq!(store.counts().await.unwrap().enrolled, 3);
}

#[tokio::test]
async fn a_nudge_wakes_the_workers_of_other_processes_also_behind_pgbouncer() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database("nudges");
    let mut ways = vec![(Postgres::new(&address).unwrap(), None)];
    if let Some(bouncer) = PgBouncer::start(&server) {
        let behind = Postgres::new(&bouncer.address("nudges")).unwrap();
        ways.push((behind.listen_at(&address).unwrap(), Some(bouncer)));
    }
    for (way, _bouncer) in ways {
        let (listening, nudging) =
            (way.open().await.unwrap(), Postgres::new(&address).unwrap().open().await.unwrap());
        let _ = nudging.enrol(&Enrolment::new("usr-1", "con-1"), ago(1)).await.unwrap();
        let heard = listening.nudged();
        // Who does not listen yet hears of the next one.
        let nudges = async {
            loop {
                assert!(nudging.nudge("con-1").await.unwrap());
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::select! {
            () = heard => {}
            () = nudges => {}
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("nothing was heard"),
        }
    }
}

#[tokio::test]
async fn postgres_is_spoken_to_over_tls_and_trusted_by_its_certificate_alone() {
    let authority = Authority::new("the operator's own");
    let certificate = authority.certify("localhost", 2040).pem();
    let Some(server) = PostgresServer::start_with_tls(&certificate) else { return };
    server.database("fleet");
    let address = format!("postgres://fleet@localhost:{}/fleet?sslmode=require", server.port());
    let trusting = |authority: &Authority| {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ClientConfig::builder().with_root_certificates(roots);
        PostgresTls::new(config.with_no_client_auth())
    };
    let open = |tls| Postgres::new(&address).unwrap().tls(tls).open();
    let store = open(trusting(&authority)).await.unwrap();
    assert!(store.enrol(&Enrolment::new("usr-1", "con-1"), ago(1)).await.unwrap());
    assert_eq!(claim(&store, "a", 9).await.len(), 1);
    assert!(store.nudge("con-1").await.unwrap());

    let stranger = open(trusting(&Authority::new("the operator's own"))).await.unwrap_err();
    assert!(matches!(stranger, Error::Unreachable { .. }), "{stranger:?}");
    assert!(stranger.to_string().contains("certificate"), "{stranger}");
    let plain = Postgres::new(&address).unwrap().open().await.unwrap_err();
    assert!(plain.to_string().contains("TLS"), "{plain:?}");
    let unasked = server.address("fleet") + "?sslmode=disable";
    let refused = Postgres::new(&unasked).unwrap().open().await.unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "{refused:?}");
}
