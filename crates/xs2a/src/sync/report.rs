//! How a sync ends, as plain data without secrets.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// After this many failures in a row the service disables a connection for good (XS2A.api
/// documentation, "Sync a bank connection").
pub const FAILURES_UNTIL_DISABLED: u32 = 3;

/// How a sync ended. The `Display` form is a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SyncReport {
    /// `last_synced` moved, and the fail counter did not rise.
    Succeeded {
        /// The connection's new `last_synced`.
        last_synced: Timestamp,
    },
    /// The fail counter rose.
    Failed {
        /// Failures in a row, with this one; from 3 on the connection is disabled for good.
        failures: u32,
        /// Why the sync failed, in the server's words.
        message: Option<String>,
    },
    /// The bank wants the user. The wizard session goes to the caller and is not kept here.
    UserNeeded,
    /// Not sent, because the sync would have broken a rule.
    Refused(Refusal),
    /// The server refused the sync, and did not act.
    RefusedByServer {
        /// The status of the answer. `None` where the sync was refused before it was sent.
        status: Option<u16>,
        /// What the server said, or else the client.
        message: String,
    },
    /// The sync started and had not ended by the deadline.
    StillRunning,
    /// Whether the server acted is not known, and nothing had shown by the deadline. The sync may
    /// still run, or wait for a user whose session is lost: look before you sync again.
    FateUnknown,
    /// Not sent by the deadline: the connection could not be looked at, the job could not be stored,
    /// or the server could not be reached or kept throttling. The job ends earlier than its deadline
    /// where another look would fail in the same way, or where the server asks for a longer pause.
    NotSent {
        /// What was in the way.
        message: Option<String>,
    },
    /// There is no such connection (any more).
    Gone,
}

impl SyncReport {
    /// Whether the report tells what became of a call.
    pub(super) fn tells_of_a_call(&self) -> bool {
        !matches!(
            self,
            Self::Refused(_) | Self::NotSent { .. } | Self::StillRunning | Self::FateUnknown
        )
    }
}

impl fmt::Display for SyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded { last_synced } => write!(f, "synced at {last_synced}"),
            Self::Failed { failures, message } => {
                write!(f, "the sync failed{}; ", why(message))?;
                match FAILURES_UNTIL_DISABLED.saturating_sub(*failures) {
                    0 => f.write_str("the connection is now disabled for good"),
                    1 => f.write_str("one more failure disables the connection for good"),
                    left => write!(f, "{left} more failures disable the connection for good"),
                }
            }
            Self::UserNeeded => f.write_str("the bank wants the user to log in"),
            Self::Refused(refusal) => write!(f, "not synced: {refusal}"),
            Self::RefusedByServer { message, .. } => {
                write!(f, "the server refused the sync: {message}")
            }
            Self::StillRunning => f.write_str("the sync started and is still running"),
            Self::FateUnknown => f.write_str(
                "it is not known whether the sync was started; look before you sync again",
            ),
            Self::NotSent { message } => write!(f, "the sync was not sent{}", why(message)),
            Self::Gone => f.write_str("there is no such connection"),
        }
    }
}

/// Why a sync was not sent: the rule that the sync would have broken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The connection is disabled for good.
    #[error(
        "the connection is disabled for good{}; delete it and create it anew with the user",
        why(.message)
    )]
    Disabled {
        /// Why the last sync failed.
        message: Option<String>,
    },
    /// One more failure would disable the connection, and the policy keeps the last attempt.
    #[error(
        "one more failure would disable the connection for good{}; the user should see to it first",
        why(.message)
    )]
    LastAttempt {
        /// Why the last sync failed.
        message: Option<String>,
    },
    /// The last sync is more recent than the policy's shortest interval.
    #[error("the last sync is too recent; sync again from {not_before}")]
    TooSoon {
        /// When the connection may be synced again.
        not_before: Timestamp,
    },
    /// The connection's mode is `shared` and your half of the credentials is missing.
    #[error("your half of the shared credentials is missing")]
    CredentialsMissing,
}

/// The server's message in brackets, where there is a message.
pub(super) fn why(message: &Option<String>) -> String {
    message.as_ref().map_or_else(String::new, |message| format!(" ({message})"))
}
