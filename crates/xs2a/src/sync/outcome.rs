//! What a sync ends with, for the caller who waited for it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use xs2a_client::Fate;
use xs2a_client::types::Connection;

use super::job::SyncJob;
use super::report::SyncReport;
use super::session::UserSession;
use crate::error::Error;

/// How a sync ended, where nothing went wrong: the data is fresh, or the user is needed. The
/// `Display` form is a sentence for a person.
///
/// Two variants and no others: a `match` that forgets the user does not compile. Every other end is a
/// [`SyncError`].
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a sync may need the user, who has to be sent through the wizard"]
pub enum SyncOutcome {
    /// The connection has been synced.
    Succeeded(Synced),
    /// The bank wants the user. Send the user through this wizard session, then
    /// [wait](crate::Connections::wait_for_user).
    UserNeeded(UserSession),
}

impl fmt::Display for SyncOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(Synced { last_synced, .. }) => {
                write!(f, "{}", SyncReport::Succeeded { last_synced: *last_synced })
            }
            Self::UserNeeded(_) => write!(f, "{}", SyncReport::UserNeeded),
        }
    }
}

/// A connection that has been synced.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Synced {
    /// The connection's new `last_synced`. `None` where the service did not send one.
    pub last_synced: Option<Timestamp>,
    /// The connection as the look showed it that proved the success. `None` for a job that had ended
    /// before it was resumed: then nothing was asked.
    pub connection: Option<Connection>,
}

/// How a sync began: what [`SyncRun::start`](crate::connections::SyncRun::start) hands back.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a sync may need the user, who has to be sent through the wizard"]
pub enum SyncStart {
    /// 204: the sync runs in the background, without the user. Store the job, or
    /// [resume](crate::Connections::resume) it to learn how the sync ends.
    Started(SyncJob),
    /// 202: the bank wants the user. Send the user through this wizard session, then
    /// [wait](crate::Connections::wait_for_user).
    UserNeeded(UserSession),
    /// The sync of another caller, which this caller joined, has succeeded meanwhile.
    Ended(Synced),
}

/// A sync that did not succeed: refused, failed, not sent, or not ended by its deadline.
///
/// Match [`report`](Self::report) for what happened; print the error for people. The
/// [`source`](std::error::Error::source) is the last [`Error`] of a call on the way, if there was
/// one. A sync that still runs, or whose fate is unknown, can be [resumed](crate::Connections::resume)
/// from [`job`](Self::job) [with a later deadline](SyncJob::with_deadline); asking for another sync
/// instead may sync twice.
///
/// ```
/// use xs2a::sync::{Refusal, SyncReport};
///
/// fn advice(error: &xs2a::SyncError) -> &'static str {
///     match error.report() {
///         SyncReport::Failed { .. } => "tell the user",
///         SyncReport::Refused(Refusal::LastAttempt { .. }) => "ask the user for a reset",
///         SyncReport::StillRunning | SyncReport::FateUnknown => "resume the job later",
///         _ => "log it",
///     }
/// }
/// # let _ = advice;
/// ```
#[derive(Clone)]
pub struct SyncError(Box<Ended>);

/// How a run of a job ended.
#[derive(Clone)]
pub(crate) struct Ended {
    pub(crate) report: SyncReport,
    pub(crate) job: SyncJob,
    pub(crate) session: Option<UserSession>,
    pub(crate) connection: Option<Connection>,
    pub(crate) error: Option<Arc<Error>>,
}

impl Ended {
    /// An end that no look or call of this process has to do with.
    pub(crate) fn new(report: SyncReport, job: SyncJob) -> Self {
        Self { report, job, session: None, connection: None, error: None }
    }

    pub(crate) fn outcome(self) -> Result<SyncOutcome, SyncError> {
        match (&self.report, self.session) {
            (SyncReport::Succeeded { last_synced }, _) => {
                let (last_synced, connection) = (*last_synced, self.connection);
                Ok(SyncOutcome::Succeeded(Synced { last_synced, connection }))
            }
            (SyncReport::UserNeeded, Some(session)) => Ok(SyncOutcome::UserNeeded(session)),
            (_, session) => Err(SyncError(Box::new(Self { session, ..self }))),
        }
    }
}

impl SyncError {
    /// How the sync ended. [`SyncReport::UserNeeded`] says here that the wizard session is lost: its
    /// answer did not arrive whole, or it went to the process that made the call. A
    /// [`reset`](crate::Connections::reset) opens another session.
    pub fn report(&self) -> &SyncReport {
        &self.0.report
    }

    /// The job as it ended, to be stored or resumed.
    pub fn job(&self) -> &SyncJob {
        &self.0.job
    }

    /// The connection as the last look showed it, if there was a look.
    pub fn connection(&self) -> Option<&Connection> {
        self.0.connection.as_ref()
    }

    /// The last error of a call on the way, if there was one.
    pub fn error(&self) -> Option<&Error> {
        self.0.error.as_deref()
    }

    /// Whether the server acted on the sync, as far as is known.
    pub fn fate(&self) -> Fate {
        self.0.job.fate()
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.report() {
            SyncReport::UserNeeded => f.write_str(
                "the bank wants the user to log in, and the wizard session is lost; \
                 a reset opens another",
            ),
            report => write!(f, "{report}"),
        }
    }
}

impl fmt::Debug for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncError")
            .field("report", self.report())
            .field("connection_id", self.job().connection_id())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}

impl StdError for SyncError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.error()?)
    }
}
