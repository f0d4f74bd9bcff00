//! What a program has stored, and somebody may have edited.

use std::fmt::Debug;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use xs2a::sync::{
    Action, CallFailure, CallFailureKind, Observation, PendingSession, SyncHistory, SyncJob,
};
use xs2a::{EventCursor, Snapshot, SyncPolicy, TurnoverBook};

use crate::{assert_fit_to_log, of_two_parts, two_parts};

/// The JSON, a line of three dashes, and what happens then: two bytes for each observation.
pub fn run(data: &[u8]) {
    let (json, script) = two_parts(data);
    if let Some(job) = same::<SyncJob>(json) {
        follow(job, script);
    }
    same::<PendingSession>(json);
    same::<SyncHistory>(json);
    same::<SyncPolicy>(json);
    same::<EventCursor>(json);
    same::<TurnoverBook>(json);
    same::<Snapshot>(json);
}

/// Jobs in each of their phases.
pub fn seeds() -> Vec<Vec<u8>> {
    let start = start();
    let store = |job: &SyncJob, script: &[u8]| {
        of_two_parts(serde_json::to_vec(job).expect("a job can be stored"), script)
    };
    let new = || SyncJob::new("con-1", SyncPolicy::default(), start);
    let mut seeds = vec![store(&new(), &[0, 0, 1, 1, 4, 9]), store(&new(), &[])];
    for answer in 3_u8..9 {
        let mut job = new();
        job.step(Observation::Begin, start);
        job.step(Observation::Looked(Snapshot::default()), start);
        seeds.push(store(&job, &[answer, 1, 1, 7, 9, 30]));
        job.step(observation(answer), start);
        seeds.push(store(&job, &[9, 1, 1, 90, 0, 255]));
    }
    let pending = PendingSession::creating("tra-1");
    seeds.push(serde_json::to_vec(&pending).expect("a session can be stored"));
    let cursor = EventCursor::since(start);
    seeds.push(serde_json::to_vec(&cursor).expect("a cursor can be stored"));
    seeds
}

fn start() -> Timestamp {
    "2026-01-31T10:00:00Z".parse().expect("a timestamp")
}

/// What can be read is the same when it is stored and read again.
fn same<T: DeserializeOwned + Serialize + PartialEq + Debug>(json: &[u8]) -> Option<T> {
    let value: T = match serde_json::from_slice(json) {
        Ok(value) => value,
        Err(_no_such_thing) => return None,
    };
    let stored = serde_json::to_string(&value).expect("what was read can be stored");
    let read: T = serde_json::from_str(&stored).unwrap_or_else(|error| panic!("{error}: {stored}"));
    assert_eq!(read, value, "{stored}");
    Some(value)
}

/// Tells the job what the script says. Whatever was stored, an open call is never made again.
fn follow(job: SyncJob, script: &[u8]) {
    let mut job = job;
    let mut now = start();
    let mut is_open = job.is_open();
    let mut action = job.step(Observation::Begin, now);
    for step in script.chunks_exact(2) {
        let pause = Duration::from_secs(u64::from(step[1]).pow(2));
        now = now.saturating_add(pause).expect("a span of days");
        if let Action::Call { .. } = action {
            assert!(!is_open, "a second call: {job:?}");
            is_open = true;
        }
        if let Action::Finish(report) = &action {
            assert_fit_to_log(&format!("{report:?}").chars().take(1_000).collect::<String>());
            assert!(!report.to_string().is_empty());
        }
        let was_calling = matches!(action, Action::Call { .. });
        let seen = observation(step[0]);
        let not_acted = was_calling
            && matches!(&seen, Observation::CallFailed(failure) if !matches!(failure.kind, CallFailureKind::Lost));
        action = job.step(seen, now);
        is_open = is_open && !not_acted && job.report().is_none();
    }
}

fn observation(byte: u8) -> Observation {
    let failed = |kind| CallFailure { kind, message: "out of order".to_owned() };
    match byte % 12 {
        0 => Observation::Begin,
        1 => Observation::Looked(Snapshot::default()),
        2 => {
            let mut seen = Snapshot::default();
            seen.failures = u32::from(byte / 12) % 4;
            seen.last_synced = Some(start());
            Observation::Looked(seen)
        }
        3 => Observation::Started,
        4 => Observation::UserNeeded,
        5 => Observation::CallFailed(failed(CallFailureKind::Lost)),
        6 => Observation::CallFailed(failed(CallFailureKind::NeverSent)),
        7 => Observation::CallFailed(failed(CallFailureKind::Throttled {
            retry_after: Some(Duration::from_secs(u64::from(byte))),
        })),
        8 => Observation::CallFailed(failed(CallFailureKind::NotStored)),
        9 => Observation::Woken,
        10 => Observation::Nudged,
        _ => Observation::LookFailed(failed(CallFailureKind::Lost)),
    }
}
