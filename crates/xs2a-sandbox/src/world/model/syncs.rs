//! The syncs of a connection that are under way, and what happens to them next.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

use super::sync_plan::SyncPlan;
use crate::clock;

/// How a sync ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Success,
    Failure { message: &'static str },
}

/// Who wants a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A client has asked for the sync.
    Client,
    /// The service syncs by itself.
    Service,
}

/// A sync that the service has taken and has not begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    begins: Timestamp,
    pub(crate) plan: SyncPlan,
    pub(crate) origin: Origin,
}

/// A sync that runs.
#[derive(Clone, Copy, Debug)]
struct Running {
    ends: Timestamp,
    ending: Ending,
    shows_after: Duration,
    origin: Origin,
}

/// A sync that is over and whose outcome does not show yet.
#[derive(Clone, Copy, Debug)]
struct Unseen {
    shows: Timestamp,
    ending: Ending,
    origin: Origin,
}

/// The syncs of one connection that are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Syncs {
    waiting: VecDeque<Waiting>,
    running: Option<Running>,
    unseen: Vec<Unseen>,
    next_automatic: Option<Timestamp>,
}

/// What happens to the connection without anybody asking for it.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A sync is over, and its outcome does not show yet.
    Ends,
    /// The outcome of a sync shows.
    Shows(Ending),
    /// A sync that has waited begins.
    Begins(Waiting),
    /// The service wants to sync by itself.
    Automatic,
}

impl Syncs {
    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether a sync has to wait for others to begin.
    pub(crate) fn is_queueing(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether a sync that a client has asked for has no outcome yet that shows.
    pub(crate) fn is_client_waiting(&self) -> bool {
        let waiting = self.waiting.iter().map(|sync| sync.origin);
        let running = self.running.iter().map(|sync| sync.origin);
        let unseen = self.unseen.iter().map(|sync| sync.origin);
        waiting.chain(running).chain(unseen).any(|origin| origin == Origin::Client)
    }

    /// Lines the sync up behind those that wait already.
    pub(crate) fn queue(&mut self, now: Timestamp, plan: SyncPlan, origin: Origin) {
        let begins = clock::after(now, plan.begins_after);
        self.waiting.push_back(Waiting { begins, plan, origin });
    }

    /// Begins a sync that ends in this way after this time.
    pub(crate) fn run(
        &mut self,
        now: Timestamp,
        (ending, takes): (Ending, Duration),
        plan: &SyncPlan,
        origin: Origin,
    ) {
        let (ends, shows_after) = (clock::after(now, takes), plan.shows_after);
        self.running = Some(Running { ends, ending, shows_after, origin });
    }

    /// Forgets the sync that runs: its outcome will not count.
    pub(crate) fn stop(&mut self) {
        self.running = None;
    }

    pub(crate) fn plan_automatic(&mut self, at: Option<Timestamp>) {
        self.next_automatic = at;
    }

    /// When the sync that runs ends.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.running.map(|sync| sync.ends)
    }

    /// When the next sync begins that has to wait.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.waiting.front().map(|sync| sync.begins)
    }

    pub(super) fn next_automatic(&self) -> Option<Timestamp> {
        self.next_automatic
    }

    /// When something happens next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let ends = self.running.map(|sync| sync.ends);
        let shows = self.unseen.iter().map(|sync| sync.shows).min();
        // One sync runs at a time.
        let begins = self.waiting.front().map(|sync| sync.begins);
        let begins = [begins, self.next_automatic].into_iter().flatten().min();
        let begins = begins.filter(|_| self.running.is_none());
        [ends, shows, begins].into_iter().flatten().min()
    }

    /// Takes what is due by now, one thing after the other.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Happening> {
        let is_due = |instant: Timestamp| instant <= now;
        if let Some(sync) = self.running.take_if(|sync| is_due(sync.ends)) {
            if sync.shows_after.is_zero() {
                return Some(Happening::Shows(sync.ending));
            }
            let shows = clock::after(now, sync.shows_after);
            self.unseen.push(Unseen { shows, ending: sync.ending, origin: sync.origin });
            return Some(Happening::Ends);
        }
        let first = self.unseen.iter().enumerate().min_by_key(|(_, sync)| sync.shows);
        if let Some((position, _)) = first.filter(|(_, sync)| is_due(sync.shows)) {
            return Some(Happening::Shows(self.unseen.remove(position).ending));
        }
        if self.running.is_some() {
            return None;
        }
        if self.waiting.front().is_some_and(|sync| is_due(sync.begins)) {
            return self.waiting.pop_front().map(Happening::Begins);
        }
        self.next_automatic.take_if(|due| is_due(*due)).map(|_| Happening::Automatic)
    }
}
