//! What one look at a connection shows.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use xs2a_client::types::{Connection, SyncMode};
use xs2a_client::{Secret, quote};

/// One look at a connection: what the rules need of it, and nothing else. Plain data that can be
/// stored.
///
/// ```
/// use xs2a::sync::SyncHistory;
/// use xs2a::{NextStep, Snapshot, SyncPolicy};
///
/// let mut snapshot = Snapshot::default();
/// snapshot.failures = 1;
/// let now = "2026-01-31T10:00:00Z".parse()?;
/// let state = snapshot.state(now);
/// assert_eq!(state.to_string(), "the last sync failed; 2 attempts left until it is disabled");
/// let next = snapshot.next_step(&SyncPolicy::default(), &SyncHistory::default(), now);
/// assert_eq!(next, NextStep::Sync { force: true, credentials: false });
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// `sync_mode`.
    pub mode: Option<SyncMode>,
    /// `sync_active`: false once the service has stopped syncing by itself.
    pub active: bool,
    /// `sync_message`, [quoted](xs2a_client::quote): why the last sync failed.
    pub message: Option<String>,
    /// `sync_fail_counter`: failures in a row.
    pub failures: u32,
    /// `last_synced`, by the server's clock.
    pub last_synced: Option<Timestamp>,
    /// `consent_valid_until`.
    pub consent_valid_until: Option<Date>,
}

impl Snapshot {
    /// The snapshot of a connection, whose words may repeat these secrets.
    pub(crate) fn concealing(connection: &Connection, secrets: &[Secret]) -> Self {
        Self {
            mode: connection.sync_mode.clone(),
            active: connection.sync_active,
            message: connection.sync_message.as_ref().map(|words| quote(words, secrets)),
            failures: u32::try_from(connection.sync_fail_counter).unwrap_or(0),
            last_synced: connection.last_synced,
            consent_valid_until: connection.consent_valid_until,
        }
    }
}

/// Knows no secrets that the server's words may repeat;
/// [`UserClient::snapshot`](crate::UserClient::snapshot) does.
impl From<&Connection> for Snapshot {
    fn from(connection: &Connection) -> Self {
        Self::concealing(connection, &[])
    }
}
