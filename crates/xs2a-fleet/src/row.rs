//! What a fleet keeps of a connection: one row.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use xs2a::sync::{SyncHistory, SyncJob, SyncReport};
use xs2a::{ConnectionId, Snapshot, UserId};

/// Which connections come first when the night is too short for all.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before all others.
    High,
    /// The default.
    #[default]
    Normal,
    /// After all others.
    Low,
}

/// What a row waits for. Lanes are served in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// A look, an outcome or a report: at any hour, since no bank is asked.
    Look,
    /// A sync: at night.
    Sync(Priority),
}

impl Lane {
    /// All lanes, in their order.
    pub const ALL: [Self; 4] = [
        Self::Look,
        Self::Sync(Priority::High),
        Self::Sync(Priority::Normal),
        Self::Sync(Priority::Low),
    ];
}

/// Where a connection stands between two turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// It waits for its next turn.
    #[default]
    Waiting,
    /// A call was sent, or may have been, and its outcome has not shown.
    Open,
    /// No sync until something changes: somebody has to see to it.
    Parked(Parked),
}

/// Why a connection is parked: what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Parked {
    /// The user has to log in: mode `none`, consent past, or the bank has asked for the user.
    UserNeeded,
    /// One more failure would disable the connection: the user has to see to it first.
    LastAttempt,
    /// The connection is disabled for good: delete it and create it anew with the user.
    Disabled,
    /// Your half of the shared credentials is missing.
    CredentialsMissing,
    /// Two calls in a row have shown no outcome.
    Unsettled,
    /// There is no such connection any more.
    Gone,
    /// The bank user has been deleted.
    UserGone,
}

impl Parked {
    /// All reasons.
    pub const ALL: [Self; 7] = [
        Self::UserNeeded,
        Self::LastAttempt,
        Self::Disabled,
        Self::CredentialsMissing,
        Self::Unsettled,
        Self::Gone,
        Self::UserGone,
    ];

    /// The word for this reason in the store and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserNeeded => "user_needed",
            Self::LastAttempt => "last_attempt",
            Self::Disabled => "disabled",
            Self::CredentialsMissing => "credentials_missing",
            Self::Unsettled => "unsettled",
            Self::Gone => "gone",
            Self::UserGone => "user_gone",
        }
    }
}

impl fmt::Display for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserNeeded => "the user has to log in",
            Self::LastAttempt => "one more failure disables it for good: the user has to see to it",
            Self::Disabled => "disabled for good: create it anew with the user",
            Self::CredentialsMissing => "your half of the credentials is missing",
            Self::Unsettled => "two calls have shown no outcome: the user has to see to it",
            Self::Gone => "there is no such connection any more",
            Self::UserGone => "the bank user has been deleted",
        })
    }
}

/// The word of [`Outcome::Unreadable`].
pub(crate) const UNREADABLE: &str = "unreadable";

/// How a turn of a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A sync ended so.
    Sync(SyncReport),
    /// Healthy, and synced by the service itself: nothing was called.
    Watched {
        /// The connection's `last_synced`.
        last_synced: Option<Timestamp>,
    },
    /// A limit of the policy, or an open call, forbids a sync before then: nothing was called.
    NotBefore(Timestamp),
    /// Somebody has to see to it: nothing was called.
    Parked(Parked),
    /// The night was too short. Around the clock: the connection has waited for more than a day.
    NotReached,
    /// The connection could not be looked at: nothing was called.
    NotSeen(String),
    /// What the store holds of the connection cannot be read: nothing was called, and nothing is until
    /// a version that can read it works on the store.
    Unreadable(String),
}

impl Outcome {
    /// The word for this outcome in the store and in logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Watched { .. } => "watched",
            Self::NotBefore(_) => "not_before",
            Self::Parked(_) => "parked",
            Self::NotReached => "not_reached",
            Self::NotSeen(_) => "not_seen",
            Self::Unreadable(_) => UNREADABLE,
            Self::Sync(report) => report.as_str(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sync(report) => report.fmt(f),
            Self::Watched { last_synced: Some(at) } => {
                write!(f, "the service syncs it by itself, last at {at}")
            }
            Self::Watched { last_synced: None } => f.write_str("the service syncs it by itself"),
            Self::NotBefore(at) => write!(f, "no sync before {at}"),
            Self::Parked(why) => why.fmt(f),
            Self::NotReached => f.write_str("the night was too short"),
            Self::NotSeen(why) => write!(f, "it could not be looked at: {why}"),
            Self::Unreadable(why) => write!(f, "the store holds what cannot be read: {why}"),
        }
    }
}

/// What the fleet tells of a connection, to [`Builder::on_report`](crate::Builder::on_report). Plain
/// data without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The same id each time this report is told: a report may come twice.
    pub id: String,
    /// The connection.
    pub connection_id: ConnectionId,
    /// The bank user.
    pub user_id: UserId,
    /// How the turn ended.
    pub outcome: Outcome,
    /// Why the connection is parked now, if it is.
    pub parked: Option<Parked>,
    /// The last day of the consent, where it ends within the policy's notice.
    pub consent_ends: Option<Date>,
    /// When, by the store's clock.
    pub at: Timestamp,
}

/// One look at a connection, and when it was taken by the service's clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    /// What was seen.
    pub snapshot: Snapshot,
    /// When.
    pub at: Timestamp,
}

/// One connection, as the store keeps it and a worker holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The connection.
    pub connection_id: ConnectionId,
    /// The bank user.
    pub user_id: UserId,
    /// BIC of the bank.
    pub bic: Option<String>,
    /// Bank code of the bank, where the operator has told it.
    pub bank_code: Option<String>,
    /// Its rank.
    pub priority: Priority,
    /// Counts the claims: who holds another number holds the row no more.
    pub fence: i64,
    /// Where it stands.
    pub state: State,
    /// What the row waits for.
    pub lane: Lane,
    /// Since when, or from when on.
    pub due: Timestamp,
    /// When its turn is: a row may be looked at before, because something has changed.
    pub turn_at: Timestamp,
    /// Turns in a row that ended without an outcome.
    pub tries: u32,
    /// The job whose call is open, or was when its holder died.
    pub job: Option<SyncJob>,
    /// Calls of the day and debts.
    pub history: SyncHistory,
    /// The last look.
    pub seen: Option<Seen>,
    /// The last report, told or not.
    pub report: Option<Report>,
    /// Whether that report has not been told yet.
    pub is_untold: bool,
}

/// A row that is held, and holds what this version cannot read: the job of another version, for
/// example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The connection.
    pub connection_id: ConnectionId,
    /// The bank user.
    pub user_id: UserId,
    /// The fence of this claim.
    pub fence: i64,
    /// What cannot be read, and why.
    pub reason: String,
    /// Whether that has been reported before.
    pub is_reported: bool,
}

/// A connection to be enrolled.
///
/// ```
/// use xs2a_fleet::{Enrolment, Priority};
///
/// let enrolment = Enrolment::new("usr-1", "con-1").priority(Priority::High).bank_code("12030000");
/// # let _ = enrolment;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is enrolled until the fleet is told"]
pub struct Enrolment {
    pub(crate) user_id: UserId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) transaction: Option<String>,
    pub(crate) bic: Option<String>,
    pub(crate) bank_code: Option<String>,
    pub(crate) priority: Option<Priority>,
    pub(crate) seen: Option<Seen>,
}

impl Enrolment {
    /// A connection of a bank user.
    pub fn new(user: impl Into<UserId>, connection: impl Into<ConnectionId>) -> Self {
        Self {
            user_id: user.into(),
            connection_id: connection.into(),
            transaction: None,
            bic: None,
            bank_code: None,
            priority: None,
            seen: None,
        }
    }

    /// Sets the rank. Default: [`Priority::Normal`], or the rank that the connection has already.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Sets the BIC, for the bank's closed hours. A list of connections tells it by itself.
    pub fn bic(mut self, bic: impl Into<String>) -> Self {
        self.bic = Some(bic.into());
        self
    }

    /// Sets the bank code, for the bank's closed hours. Connections do not tell it.
    pub fn bank_code(mut self, code: impl Into<String>) -> Self {
        self.bank_code = Some(code.into());
        self
    }

    /// Sets what has just been seen of the connection, in place of its first look.
    pub fn seen(mut self, seen: Seen) -> Self {
        self.seen = Some(seen);
        self
    }

    /// A connection as a list has shown it.
    pub(crate) fn of(connection: &xs2a::types::Connection, user: &UserId, seen: Seen) -> Self {
        let mut enrolment = Self::new(user.clone(), connection.id.clone());
        enrolment.transaction = connection.transaction.as_ref().map(|id| id.as_str().to_owned());
        enrolment.bic.clone_from(&connection.bic);
        enrolment.seen(seen)
    }
}
