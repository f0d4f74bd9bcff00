//! How a sync ends, as plain data without secrets.

use std::fmt;
use std::time::Duration;

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
    /// `last_synced` moved and the fail counter did not rise, or the counter fell.
    Succeeded {
        /// The connection's `last_synced`. `None` where the service did not send one.
        last_synced: Option<Timestamp>,
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
    ///
    /// The report is about this holder of the job. Where two hold one stored job, the other may have
    /// called meanwhile, and the store has what it did.
    NotSent {
        /// What was in the way.
        message: Option<String>,
    },
    /// There is no such connection (any more).
    Gone,
    /// The bank user was deleted while the sync ran.
    UserGone,
    /// The server answered 429 three times, or asked for a longer pause than there is time. Nothing
    /// was acted on. This answer is often a limit of the day.
    Throttled {
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// The fate of the call stayed open for an hour past the deadline, and nothing has shown. The job
    /// never calls again; another sync may. The call is left as a debt in the
    /// [history](super::SyncHistory).
    NotSeenToAct,
    /// Another holder has gone on with the stored job. This run made no call since.
    Superseded,
    /// The run only watched, and nothing changed by its deadline.
    NoChange,
}

impl SyncReport {
    /// The word for this end in logs, in stores and for programs, without the details.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::UserNeeded => "user_needed",
            Self::Refused(_) => "refused",
            Self::RefusedByServer { .. } => "refused_by_server",
            Self::StillRunning => "still_running",
            Self::FateUnknown => "fate_unknown",
            Self::NotSent { .. } => "not_sent",
            Self::Gone => "gone",
            Self::UserGone => "user_gone",
            Self::Throttled { .. } => "throttled",
            Self::NotSeenToAct => "not_seen_to_act",
            Self::Superseded => "superseded",
            Self::NoChange => "no_change",
        }
    }

    /// Whether the report tells what became of a call.
    pub(super) fn tells_of_a_call(&self) -> bool {
        !matches!(
            self,
            Self::Refused(_)
                | Self::NotSent { .. }
                | Self::Throttled { .. }
                | Self::Superseded
                | Self::NoChange
                | Self::StillRunning
                | Self::FateUnknown
        )
    }
}

impl fmt::Display for SyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded { last_synced: Some(at) } => write!(f, "synced at {at}"),
            Self::Succeeded { last_synced: None } => f.write_str("synced"),
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
            Self::UserGone => f.write_str("the bank user has been deleted"),
            Self::Throttled { retry_after: Some(pause) } => {
                write!(f, "not synced: the server asks to wait {} s", pause.as_secs())
            }
            Self::Throttled { retry_after: None } => {
                f.write_str("not synced: too many requests; try again later")
            }
            Self::NotSeenToAct => f.write_str(
                "nothing has come of the sync; another may be tried, and this one counts as a \
                 failure that has not shown yet",
            ),
            Self::Superseded => f.write_str("another holder has gone on with this sync"),
            Self::NoChange => f.write_str("nothing changed"),
        }
    }
}

/// Why a sync was not sent: the rule that the sync would have broken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The connection is disabled for good.
    Disabled {
        /// Why the last sync failed.
        message: Option<String>,
    },
    /// One more failure would disable the connection, and the policy keeps the last attempt.
    LastAttempt {
        /// Why the last sync failed.
        message: Option<String>,
    },
    /// The last sync is more recent than the policy's shortest interval.
    TooSoon {
        /// When the connection may be synced again.
        not_before: Timestamp,
    },
    /// There were as many calls in the last 24 hours as the policy allows.
    TooManyCalls {
        /// When the connection may be synced again.
        not_before: Timestamp,
    },
    /// An earlier call may still be under way, or its outcome has not shown and nobody is there to
    /// notice what it asks for.
    Unsettled {
        /// When the connection may be synced again.
        not_before: Timestamp,
    },
    /// Two calls in a row have shown no outcome. Unattended syncs end until the user has logged in,
    /// or an outcome shows.
    Parked,
    /// The sync would need the user, and the policy is unattended.
    UserNeeded(UserNeeded),
    /// The connection's mode is `shared` and your half of the credentials is missing.
    CredentialsMissing,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled { message } => write!(
                f,
                "the connection is disabled for good{}; delete it and create it anew with the user",
                why(message)
            ),
            Self::LastAttempt { message } => write!(
                f,
                "one more failure would disable the connection for good{}; the user should see to it first",
                why(message)
            ),
            Self::TooSoon { not_before } => {
                write!(f, "the last sync is too recent; sync again from {not_before}")
            }
            Self::TooManyCalls { not_before } => write!(
                f,
                "as many calls in 24 hours as the policy allows; sync again from {not_before}"
            ),
            Self::Unsettled { not_before } => write!(
                f,
                "the outcome of an earlier call has not shown; sync again from {not_before}"
            ),
            Self::Parked => f.write_str(
                "the outcome of two calls has not shown; the user should see to it first",
            ),
            Self::UserNeeded(why) => write!(f, "the user is needed ({why}), and nobody is there"),
            Self::CredentialsMissing => {
                f.write_str("your half of the shared credentials is missing")
            }
        }
    }
}

impl std::error::Error for Refusal {}

/// How it is known that a sync would need the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UserNeeded {
    /// The mode is `none`: nothing is stored, so every sync needs the user.
    ModeNone,
    /// The consent is past.
    ConsentExpired,
    /// The bank has asked for the user, and there was no success since.
    AskedBefore,
}

impl fmt::Display for UserNeeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ModeNone => "no credentials are stored",
            Self::ConsentExpired => "the consent has ended",
            Self::AskedBefore => "the bank has asked for the user since the last success",
        })
    }
}

/// The server's message in brackets, where there is a message.
pub(super) fn why(message: &Option<String>) -> String {
    message.as_ref().map_or_else(String::new, |message| format!(" ({message})"))
}
