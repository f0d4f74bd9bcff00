//! One sync in flight per connection: who asks second waits for the report of the first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::sync_and_wait::FinishedSync;
use crate::sync_job::SyncJob;

/// The syncs that a client has in flight, by connection.
#[derive(Default)]
pub(crate) struct InFlight(Mutex<HashMap<String, watch::Receiver<Shown>>>);

/// So long past its deadline a sync that was dropped with its fate open is still gone on with.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// What the first asker shows to those who come after.
pub(crate) struct Shown {
    pub(crate) job: SyncJob,
    pub(crate) finished: Option<FinishedSync>,
}

pub(crate) enum Role {
    Lead(Lead),
    Follow(watch::Receiver<Shown>),
}

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Shown>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the sync that is in flight, or begins one. What a dropped future left with the call's
    /// fate open is taken over, unless that is too long ago to say what is new.
    pub(crate) fn join(self: &Arc<Self>, job: &mut SyncJob, now: Timestamp) -> Role {
        let mut syncs = self.lock();
        let is_alive = |shown: &watch::Receiver<Shown>| shown.has_changed().is_ok();
        let is_recent = |shown: &watch::Receiver<Shown>| {
            now.duration_since(shown.borrow().job.deadline()) < REMEMBERED
        };
        syncs.retain(|_, shown| is_alive(shown) || is_recent(shown));
        match syncs.get(job.connection_id()) {
            Some(shown) if is_alive(shown) => return Role::Follow(shown.clone()),
            Some(left) => job.take_over(&left.borrow().job),
            None => {}
        }
        let (shown, receiver) = watch::channel(Shown { job: job.clone(), finished: None });
        let connection_id = job.connection_id().to_owned();
        syncs.insert(connection_id.clone(), receiver);
        Role::Lead(Lead { in_flight: Arc::clone(self), connection_id, shown, has_reported: false })
    }
}

/// Held by the asker who runs the sync of a connection; others wait for as long as it lives.
pub(crate) struct Lead {
    in_flight: Arc<InFlight>,
    connection_id: String,
    shown: watch::Sender<Shown>,
    has_reported: bool,
}

impl Lead {
    pub(crate) fn show(&self, job: &SyncJob) {
        self.shown.send_modify(|shown| shown.job = job.clone());
    }

    /// Gives the report to those who wait, where it tells of a sync that was called. What was not
    /// sent, they may be able to send; and a sync that is open, they may have longer to watch.
    pub(crate) fn finish(mut self, finished: &FinishedSync) {
        self.has_reported = true;
        if finished.report.is_of_a_call() {
            self.shown.send_modify(|shown| shown.finished = Some(finished.clone()));
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        // What was dropped with its call's fate open stays, for the next asker to take over.
        if self.has_reported || !self.shown.borrow().job.is_open() {
            self.in_flight.lock().remove(&self.connection_id);
        }
    }
}
