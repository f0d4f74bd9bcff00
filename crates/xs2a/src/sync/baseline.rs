//! What a connection showed right before a sync or a login: the yardstick for what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::SyncReport;
use super::state::Snapshot;

/// The server's own values alone, so that no difference between two clocks can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Baseline {
    failures: u32,
    last_synced: Option<Timestamp>,
}

impl Baseline {
    /// How the sync ended, if that shows.
    pub(crate) fn outcome(&self, seen: &Snapshot) -> Option<SyncReport> {
        if seen.failures > self.failures {
            let (failures, message) = (seen.failures, seen.message.clone());
            return Some(SyncReport::Failed { failures, message });
        }
        // Any other value counts, also an earlier one: the service writes local time, which goes
        // back an hour in autumn.
        let moved = seen.last_synced.filter(|_| seen.last_synced != self.last_synced);
        moved.map(|last_synced| SyncReport::Succeeded { last_synced })
    }
}

impl From<&Snapshot> for Baseline {
    fn from(seen: &Snapshot) -> Self {
        Self { failures: seen.failures, last_synced: seen.last_synced }
    }
}
