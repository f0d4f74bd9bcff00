//! What a sync ended with, in one type whatever the end.

use xs2a::Fate;
use xs2a::sync::{SyncError, SyncOutcome, SyncReport};

/// The report of a sync: that of the error, or what the outcome says.
pub fn report_of(ended: &Result<SyncOutcome, SyncError>) -> SyncReport {
    match ended {
        Ok(SyncOutcome::Succeeded(synced)) => {
            SyncReport::Succeeded { last_synced: synced.last_synced }
        }
        Ok(SyncOutcome::UserNeeded(_)) => SyncReport::UserNeeded,
        Err(error) => error.report().clone(),
    }
}

/// Whether the server acted, as the caller is told.
pub fn fate_of(ended: &Result<SyncOutcome, SyncError>) -> Fate {
    ended.as_ref().err().map_or(Fate::Acted, SyncError::fate)
}
