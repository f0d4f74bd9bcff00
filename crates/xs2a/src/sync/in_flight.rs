//! One sync in flight per connection: a second caller waits for the outcome of the first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::job::SyncJob;
use super::outcome::Ended;
use super::shrink::shrink;
use crate::ids::ConnectionId;

/// The syncs of one bank user that are in flight, by connection.
#[derive(Default)]
pub(crate) struct InFlight(Mutex<Syncs>);

#[derive(Default)]
struct Syncs {
    by_connection: HashMap<ConnectionId, Follower>,
    /// Forgetting looks at every sync, so it waits for this many.
    forget_at: usize,
}

/// How long past its deadline a sync that was dropped with an open call is still remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// So few syncs are no burden, remembered or not.
const FEW: usize = 64;

/// What the first caller shows to those who come after.
pub(crate) struct Shown {
    pub(crate) job: SyncJob,
    pub(crate) ended: Option<Box<Ended>>,
}

/// Watches the sync of another caller.
pub(crate) type Follower = watch::Receiver<Shown>;

pub(crate) enum Role {
    Lead(Lead),
    Follow(Follower),
}

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, Syncs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the sync that is in flight, or begins one. An open call that a dropped future left is
    /// taken over, unless its deadline is too long ago to say what came of it.
    pub(crate) fn join(self: &Arc<Self>, job: &mut SyncJob, now: Timestamp) -> Role {
        let mut syncs = self.lock();
        if syncs.by_connection.len() >= syncs.forget_at {
            syncs.by_connection.retain(|_, shown| is_remembered(shown, now));
            shrink(&mut syncs.by_connection);
            syncs.forget_at = (2 * syncs.by_connection.len()).max(FEW);
        }
        let known = syncs.by_connection.get(job.connection_id());
        match known.filter(|shown| is_remembered(shown, now)) {
            Some(shown) if is_running(shown) => return Role::Follow(shown.clone()),
            Some(left) => job.take_over(&left.borrow().job),
            None => {}
        }
        let (shown, follower) = watch::channel(Shown { job: job.clone(), ended: None });
        let connection_id = job.connection_id().clone();
        syncs.by_connection.insert(connection_id.clone(), follower);
        Role::Lead(Lead { in_flight: Arc::clone(self), connection_id, shown, has_ended: false })
    }

    /// Whether nothing runs here, and nothing that a dropped future left is open.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        self.lock().by_connection.values().all(|shown| !is_remembered(shown, now))
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
            self.shown.send_modify(|shown| shown.ended = Some(Box::new(ended.clone())));
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
            let mut syncs = self.in_flight.lock();
            syncs.by_connection.remove(&self.connection_id);
            shrink(&mut syncs.by_connection);
        }
    }
}
