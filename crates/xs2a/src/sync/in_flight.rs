//! One sync in flight per connection: a second caller waits for the outcome of the first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::job::SyncJob;
use super::outcome::Ended;
use crate::ids::ConnectionId;

/// The syncs of one bank user that are in flight, by connection.
#[derive(Default)]
pub(crate) struct InFlight(Mutex<HashMap<ConnectionId, Follower>>);

/// How long past its deadline a sync that was dropped with an open call is still remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// What the first caller shows to those who come after.
pub(crate) struct Shown {
    pub(crate) job: SyncJob,
    pub(crate) ended: Option<Ended>,
}

/// Watches the sync of another caller.
pub(crate) type Follower = watch::Receiver<Shown>;

pub(crate) enum Role {
    Lead(Lead),
    Follow(Follower),
}

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Follower>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the sync that is in flight, or begins one. An open call that a dropped future left is
    /// taken over, unless its deadline is too long ago to say what came of it.
    pub(crate) fn join(self: &Arc<Self>, job: &mut SyncJob, now: Timestamp) -> Role {
        let mut syncs = self.lock();
        syncs.retain(|_, shown| is_remembered(shown, now));
        match syncs.get(job.connection_id()) {
            Some(shown) if is_running(shown) => return Role::Follow(shown.clone()),
            Some(left) => job.take_over(&left.borrow().job),
            None => {}
        }
        let (shown, follower) = watch::channel(Shown { job: job.clone(), ended: None });
        let connection_id = job.connection_id().clone();
        syncs.insert(connection_id.clone(), follower);
        Role::Lead(Lead { in_flight: Arc::clone(self), connection_id, shown, has_ended: false })
    }

    /// Whether nothing runs here, and nothing that a dropped future left is open.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        self.lock().values().all(|shown| !is_remembered(shown, now))
    }
}

fn is_running(shown: &Follower) -> bool {
    shown.has_changed().is_ok()
}

fn is_remembered(shown: &Follower, now: Timestamp) -> bool {
    let deadline = shown.borrow().job.deadline();
    is_running(shown) || now.duration_since(deadline) < REMEMBERED
}

/// Held by the caller who runs the sync of a connection. Others wait for as long as it lives.
pub(crate) struct Lead {
    in_flight: Arc<InFlight>,
    connection_id: ConnectionId,
    shown: watch::Sender<Shown>,
    has_ended: bool,
}

impl Lead {
    pub(crate) fn show(&self, job: &SyncJob) {
        self.shown.send_modify(|shown| shown.job = job.clone());
    }

    /// Gives the end to those who wait, where it tells of a sync that was called. What was not sent,
    /// another caller may be able to send; a sync that is open, another caller may have longer to
    /// watch.
    pub(crate) fn end(mut self, ended: &Ended) {
        self.has_ended = true;
        if ended.report.tells_of_a_call() {
            self.shown.send_modify(|shown| shown.ended = Some(ended.clone()));
        }
    }

    /// Leaves a sync that has started to the next caller, who watches it.
    pub(crate) fn leave(self, job: &SyncJob) {
        self.show(job);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        // A sync whose call is open stays, for the next caller to take over.
        if self.has_ended || !self.shown.borrow().job.is_open() {
            self.in_flight.lock().remove(&self.connection_id);
        }
    }
}
