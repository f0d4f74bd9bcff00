//! What a connection showed right before a sync or a login: the yardstick for what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::SyncReport;
use super::snapshot::Snapshot;

/// The server's own values alone, so that no difference between two clocks can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Baseline {
    failures: u32,
    last_synced: Option<Timestamp>,
}

impl Baseline {
    pub(super) fn last_synced(&self) -> Option<Timestamp> {
        self.last_synced
    }

    /// How the sync ended, if that shows.
    pub(crate) fn outcome(&self, seen: &Snapshot) -> Option<SyncReport> {
        if seen.failures > self.failures {
            let (failures, message) = (seen.failures, seen.message.clone());
            return Some(SyncReport::Failed { failures, message });
        }
        // Any other value counts, also an earlier one: the service writes local time, which goes
        // back an hour in autumn.
        let moved = seen.last_synced.filter(|_| seen.last_synced != self.last_synced);
        moved.map(|_| SyncReport::Succeeded { last_synced: moved })
    }

    /// How a sync ended that was answered with 204. A success sets the counter to 0, so a counter
    /// that fell is a success, also where `last_synced` is a bare date that stays the same.
    pub(super) fn outcome_of_started(&self, seen: &Snapshot) -> Option<SyncReport> {
        let fell = seen.failures < self.failures;
        let success = || SyncReport::Succeeded { last_synced: seen.last_synced };
        self.outcome(seen).or_else(|| fell.then(success))
    }

    /// How many outcomes there are at least between this look and a later one.
    pub(super) fn moves_to(&self, later: &Self) -> usize {
        match later.failures.checked_sub(self.failures) {
            Some(0) if later.last_synced == self.last_synced => 0,
            Some(0) | None => 1,
            Some(rise) => rise as usize,
        }
    }
}

impl From<&Snapshot> for Baseline {
    fn from(seen: &Snapshot) -> Self {
        Self { failures: seen.failures, last_synced: seen.last_synced }
    }
}
