//! What an operator gets wrong, and what machines do: a clear error, and nothing lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tempfile::TempDir;
use xs2a::ApiClient;
use xs2a_fleet::store::{Postgres, Sqlite, Store};
use xs2a_fleet::{Enrolment, Error, Fleet, FleetPolicy};
use xs2a_tests::postgres::PostgresServer;

/// A file system of its own, of this size.
struct Disk(TempDir);

impl Disk {
    /// `None`, with a line, where this user may not mount.
    fn of(size: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let options = format!("size={size}");
        let disk = Self(folder);
        let mounted = disk.mount(&["-t", "tmpfs", "-o", &options, "tmpfs"]);
        if !mounted {
            println!("this user may not mount a file system: a full disk is not tested");
        }
        mounted.then_some(disk)
    }

    fn mount(&self, arguments: &[&str]) -> bool {
        let mut mount = Command::new("mount");
        mount.args(arguments).arg(self.0.path()).output().is_ok_and(|out| out.status.success())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("fleet.db")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

async fn open(path: &Path) -> Result<Store, Error> {
    Sqlite::new(path).patience(Duration::from_millis(100)).open().await
}

fn enrolment(n: usize) -> Enrolment {
    Enrolment::new(format!("usr-{n}"), format!("con-{n}"))
}

#[tokio::test]
async fn a_full_disk_is_told_and_what_was_stored_stays() {
    let Some(disk) = Disk::of("300k") else { return };
    let store = open(&disk.path()).await.unwrap();
    let mut stored = 0;
    let error = loop {
        match store.enrol(&enrolment(stored), Timestamp::now()).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 100_000);
    };
    assert!(matches!(error, Error::Full { .. }), "{error:?}");
    assert!(error.may_pass() && error.to_string().contains("no space left"), "{error}");
    assert!(stored > 10, "{stored}");
    assert_eq!(store.counts().await.unwrap().enrolled, stored as u64);
    // There is space again.
    assert!(disk.mount(&["-o", "remount,size=9m", "tmpfs"]));
    assert!(store.enrol(&enrolment(stored), Timestamp::now()).await.unwrap());
    drop(store);
    let store = open(&disk.path()).await.unwrap();
    assert_eq!(store.counts().await.unwrap().enrolled, stored as u64 + 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told() {
    let error = open(Path::new("/proc/fleet.db")).await.unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("the right to write"), "{error}");
    let Some(disk) = Disk::of("1m") else { return };
    drop(open(&disk.path()).await.unwrap());
    assert!(disk.mount(&["-o", "remount,ro", "tmpfs"]));
    let error = open(&disk.path()).await.unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_another_program_has_locked_is_waited_for_and_then_told() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("fleet.db");
    let store = open(&path).await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.enrol(&enrolment(1), Timestamp::now()).await.unwrap_err();
    assert!(matches!(error, Error::Locked { .. }) && error.may_pass(), "{error:?}");
    assert!(error.to_string().contains("locked by another program"), "{error}");
    assert!(matches!(open(&path).await.unwrap_err(), Error::Locked { .. }));
    other.execute_batch("ROLLBACK").unwrap();
    assert!(store.enrol(&enrolment(1), Timestamp::now()).await.unwrap());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("fleet.db");
    let letter = "a letter to Ada, which is no database. ".repeat(40);
    std::fs::write(&path, &letter).unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

#[tokio::test]
async fn a_schema_of_a_later_version_is_refused_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("fleet.db");
    drop(open(&path).await.unwrap());
    let schema = "UPDATE xs2a_fleet SET value = '99' WHERE name = 'schema'";
    rusqlite::Connection::open(&path).unwrap().execute_batch(schema).unwrap();
    let mut errors = vec![open(&path).await.unwrap_err()];
    if let Some(server) = PostgresServer::shared() {
        let address = server.database("newer");
        drop(Postgres::new(&address).unwrap().open().await.unwrap());
        server.execute("newer", schema);
        errors.push(Postgres::new(&address).unwrap().open().await.unwrap_err());
        errors.push(Postgres::new(&address).unwrap().open().await.unwrap_err());
    }
    for error in errors {
        let told = error.to_string();
        assert!(matches!(error, Error::NewerSchema { found: 99, known: 2 }), "{error:?}");
        assert!(told.contains("run the version that made it"), "{told}");
    }
}

#[tokio::test]
async fn two_workers_of_different_policies_do_not_share_a_store() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("fleet.db");
    let fleet = async |policy: FleetPolicy| {
        let api = ApiClient::builder("key").base_url("http://127.0.0.1:9");
        Fleet::builder(api, open(&path).await.unwrap()).policy(policy).open().await
    };
    let lease = FleetPolicy::default().with_lease(Duration::from_secs(1));
    let first = fleet(lease.clone()).await.unwrap();
    // Nobody works yet: the policy may change.
    let second = fleet(lease.clone().with_pace(7, 7)).await.unwrap();
    let running = {
        let second = second.clone();
        tokio::spawn(async move { second.run_until(std::future::pending()).await })
    };
    while second.store().workers(Duration::from_secs(60)).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let error = fleet(lease.clone()).await.unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, Error::OtherPolicy { workers: 1, .. }), "{error:?}");
    assert!(told.contains("at_once") && told.contains("per_second"), "{told}");
    // Who opened before and begins to work now is told, too.
    let error = first.run_until(std::future::pending()).await.unwrap_err();
    assert!(matches!(error, Error::OtherPolicy { .. }), "{error:?}");
    running.abort();
}

#[tokio::test]
async fn a_worker_lives_by_its_own_lease_for_a_newcomer_with_a_shorter_one() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder.path().join("fleet.db")).await.unwrap();
    let fleet = async |lease: Duration| {
        let api = ApiClient::builder("key").base_url("http://127.0.0.1:9");
        let policy = FleetPolicy::default().with_lease(lease);
        Fleet::builder(api, store.clone()).policy(policy).open().await
    };
    let hour = Duration::from_secs(3600);
    fleet(hour).await.unwrap();
    store.beat("a", hour).await.unwrap();
    // The beat is older than the lease of the newcomer.
    let second = Duration::from_secs(1);
    while store.workers(second).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let error = fleet(second).await.unwrap_err();
    assert!(matches!(error, Error::OtherPolicy { workers: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn a_postgres_that_refuses_or_is_not_there_is_told() {
    let unreachable = Postgres::new("postgres://fleet@127.0.0.1:9/fleet").unwrap();
    let error = unreachable.open().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }) && error.may_pass(), "{error:?}");
    let error = Postgres::new("postgres://fleet:pa ss@[").unwrap_err().to_string();
    assert!(error.contains("postgres://user@host/database") && !error.contains("pa ss"), "{error}");
    let Some(server) = PostgresServer::shared() else { return };
    let error = Postgres::new(&server.address("nowhere")).unwrap().open().await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }) && !error.may_pass(), "{error:?}");
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[tokio::test]
async fn statements_wait_for_a_postgres_that_is_away_and_no_longer_than_they_may() {
    let Some(server) = PostgresServer::start() else { return };
    let address = server.database("away");
    let open = async |patience| {
        let store = Postgres::new(&address).unwrap().connections(1).patience(patience);
        store.open().await.unwrap()
    };
    let (patient, hasty) =
        (open(Duration::from_secs(300)).await, open(Duration::from_millis(300)).await);
    server.down();
    let enrol = async |store: &Store, n| store.enrol(&enrolment(n), Timestamp::now()).await;
    // More than one connection takes at once: most of them wait behind others.
    let wait = join_all((0..20).map(|n| enrol(&patient, n)));
    let fail = async {
        for told in join_all((20..40).map(|n| enrol(&hasty, n))).await {
            let error = told.unwrap_err();
            assert!(matches!(error, Error::Unreachable { .. }) && error.may_pass(), "{error:?}");
        }
        server.up();
    };
    let (waited, ()) = tokio::join!(wait, fail);
    assert!(waited.iter().all(|is_new| matches!(is_new, Ok(true))), "{waited:?}");
    assert!(enrol(&hasty, 20).await.unwrap(), "the next statement finds the database again");
    assert_eq!(patient.counts().await.unwrap().enrolled, 21);
}
