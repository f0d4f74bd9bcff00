//! Nights of a large fleet as a simulation: the rules, the store and the loops of several workers in
//! virtual time, over a model of the service. Nothing goes over a network, so a million connections
//! take minutes.
//!
//! [`service`] is the model: every connection, what happens to it, and the limits that it holds its
//! callers to. [`worker`] drives the rules and the store as a worker of the fleet does.

pub mod service;
pub mod worker;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep_until};
use xs2a::SyncPolicy;
use xs2a_fleet::rules::{Forecast, Plan};
use xs2a_fleet::store::{Sqlite, Store};
use xs2a_fleet::{Enrolment, FleetPolicy, Outcome};

use self::service::Service;
use self::worker::Worker;

/// Half an hour before the first night, in Berlin.
const START: &str = "2026-01-31T23:30:00Z";

/// How far the service's clock is ahead of the store's.
pub const AHEAD: SignedDuration = SignedDuration::from_secs(420);

/// After how long without a heartbeat a worker counts as dead.
pub const LEASE: Duration = Duration::from_secs(60);

/// The age from which on a healthy connection is synced, which the service should have done.
pub const STALE: Duration = Duration::from_secs(50 * 3600);

/// How large the fleet is, and how much the nights hold.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Connections.
    pub connections: usize,
    /// Connections of each user.
    pub per_user: usize,
    /// How long a night is, from one o'clock on.
    pub hours: i8,
    /// How many nights.
    pub nights: i64,
    /// Requests a second.
    pub per_second: u32,
    /// Connections in hand at once.
    pub at_once: usize,
}

/// What a simulation showed.
#[derive(Debug)]
pub struct Summary {
    /// What the plan said beforehand.
    pub forecast: Forecast,
    /// Connections by the word of their last report of each night.
    pub nights: Vec<BTreeMap<&'static str, u64>>,
    /// Connections without any report.
    pub unreported: usize,
    /// Connections that had no turn in two nights in a row.
    pub missed_twice: usize,
    /// Calls that are open in the end.
    pub open: u64,
    /// What the service counted.
    pub counts: service::Counts,
    /// Real time for enrolling all.
    pub enrolled_in: Duration,
    /// Real time for the nights.
    pub took: Duration,
    /// Bytes of the database.
    pub database: u64,
}

/// The word of the last report and how many there were in this night, by connection.
pub struct Told(Vec<(Option<&'static str>, u32)>);

impl Told {
    fn tell(&mut self, number: usize, outcome: &Outcome) {
        let (word, reports) = &mut self.0[number];
        (*word, *reports) = (Some(outcome.as_str()), *reports + 1);
    }

    /// The last words, and who had no turn at all. Another night begins.
    fn end_night(&mut self) -> (BTreeMap<&'static str, u64>, Vec<bool>) {
        let (mut words, mut missed) = (BTreeMap::new(), Vec::new());
        for (word, reports) in &mut self.0 {
            *words.entry(word.unwrap_or("none")).or_default() += 1;
            missed.push(*word == Some("not_reached") && std::mem::take(reports) == 1);
        }
        (words, missed)
    }
}

/// The time by the store's clock.
pub fn now(start: Instant) -> Timestamp {
    let at: Timestamp = START.parse().unwrap();
    at + SignedDuration::try_from(start.elapsed()).unwrap()
}

/// The policy of the nights.
pub fn policy(size: Size) -> FleetPolicy {
    FleetPolicy::default()
        .with_night("Europe/Berlin", time(1, 0, 0, 0), time(1 + size.hours, 0, 0, 0))
        .with_closed_hours(service::CLOSED_BANK, time(1, 20, 0, 0), time(1, 50, 0, 0))
        .with_stale_after(STALE)
        .with_lease(LEASE)
        .with_pace(size.at_once, size.per_second)
        .with_sync(sync())
}

fn sync() -> SyncPolicy {
    let policy = SyncPolicy::unattended().with_shortest_interval(Duration::from_secs(6 * 3600));
    policy.with_deadline(Duration::from_secs(600))
}

/// Lets the nights pass. By night there are three workers. One of them is killed half-way, and another
/// comes in its place. By day there is none, which changes nothing and saves the time.
///
/// # Panics
/// When the service is called against a limit.
pub async fn pass(size: Size) -> Summary {
    let start = Instant::now();
    // In memory where the system has such a folder: how fast its disk is, is not the question.
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let path = folder.as_ref().unwrap().path().join("fleet.db");
    let store = Sqlite::new(&path).clock(move || now(start)).open().await.unwrap();
    let plan = Arc::new(Plan::new(policy(size)).unwrap());
    let service = Arc::new(Mutex::new(Service::new(size, now(start))));
    let told = Arc::new(Mutex::new(Told(vec![(None, 0); size.connections])));

    let clock = std::time::Instant::now();
    enrol(&store, &plan, &service, start).await;
    let enrolled_in = clock.elapsed();
    let first = plan.next_night(now(start));
    let due = store.due_by(first.end).await.unwrap();
    let forecast = plan.forecast(due, 2.5, now(start));

    let clock = std::time::Instant::now();
    let mut names = 0;
    let mut begin = || {
        names += 1;
        let name = format!("worker-{names}");
        let worker = Worker::new(
            name,
            Arc::clone(&plan),
            store.clone(),
            Arc::clone(&service),
            Arc::clone(&told),
            start,
        );
        tokio::spawn(worker.run())
    };
    let mut workers = Vec::new();
    let (mut nights, mut missed, mut missed_twice) = (Vec::new(), Vec::new(), 0);
    let until = |at: Timestamp| {
        let ahead = at.duration_since(now(start)).max(SignedDuration::ZERO).unsigned_abs();
        sleep_until(Instant::now() + ahead)
    };
    for number in 0..size.nights {
        let night = plan.next_night(first.start + SignedDuration::from_hours(24 * number - 1));
        until(night.start - SignedDuration::from_mins(10)).await;
        workers.extend([begin(), begin(), begin()]);
        until(night.start + night.end.duration_since(night.start) / 2).await;
        workers.remove(0).abort();
        until(now(start) + SignedDuration::from_mins(2)).await;
        workers.push(begin());
        // What shows late has shown by then, and the last of it has been given up.
        until(night.end + SignedDuration::from_hours(4)).await;
        for worker in workers.drain(..) {
            worker.abort();
        }
        let (words, again) = told.lock().unwrap().end_night();
        missed_twice += missed.iter().zip(&again).filter(|(last, now)| **last && **now).count();
        (missed, nights) = (again, [nights, vec![words]].concat());
    }
    let took = clock.elapsed();
    let open = store.counts().await.unwrap().open;
    let unreported = told.lock().unwrap().0.iter().filter(|(word, _)| word.is_none()).count();
    let counts = service.lock().unwrap().counts.clone();
    Summary {
        forecast,
        nights,
        unreported,
        missed_twice,
        open,
        counts,
        enrolled_in,
        took,
        database: std::fs::metadata(&path).unwrap().len(),
    }
}

/// Enrols all at their places in the night. A list has shown every other one in the evening.
async fn enrol(store: &Store, plan: &Plan, service: &Mutex<Service>, start: Instant) {
    let (count, per_user) = {
        let service = service.lock().unwrap();
        (service.connections.len(), service.size.per_user)
    };
    let mut number = 0;
    while number < count {
        let next = (number + 1_000).min(count);
        let enrolments: Vec<_> = {
            let service = service.lock().unwrap();
            (number..next).map(|n| service.enrolment(n, n / per_user, now(start))).collect()
        };
        let enrol = |(enrolment, user, id): (Enrolment, _, _)| async move {
            let due = plan.first_due(&user, &id, now(start));
            assert!(store.enrol(&enrolment, due).await.unwrap());
        };
        futures_util::future::join_all(enrolments.into_iter().map(enrol)).await;
        number = next;
    }
}

/// The most memory that this process has had, as the system tells it.
pub fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}
