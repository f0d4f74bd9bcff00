//! A wizard session, and what is known of the connection that the session belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};
use xs2a_client::Secret;
use xs2a_client::types::{Connection, WizardSession};

use super::baseline::Baseline;
use super::report::{SyncReport, why};
use super::snapshot::Snapshot;
use crate::ids::{ConnectionId, ConnectionKey, TransactionId};

/// A wizard session that the user has to walk through.
///
/// It comes from a [`create`](crate::Connections::create), a [`reset`](crate::Connections::reset), or
/// a sync that needs the user. Give its [`key`](Self::key) to [`UserClient::wizard`], or to the
/// service's own page, and wait for the user with
/// [`Connections::wait_for_user`](crate::Connections::wait_for_user).
///
/// The session of a sync or a reset remembers its connection and what the connection showed right
/// before: the look of [`Connections::sync`](crate::Connections::sync) before its call, or the look
/// that [`reset`](crate::Connections::reset) makes. The wait compares later looks with that one.
///
/// Everything but the key can be stored: [`pending`](Self::pending).
///
/// [`UserClient::wizard`]: crate::UserClient::wizard
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
/// # let ada = sandbox.add_user("Ada");
/// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
/// use xs2a::types::CreateConnectionRequest;
///
/// let session = user.connections().create(&CreateConnectionRequest::new()).await?;
/// let wizard = user.wizard(session.key());
/// let stored = serde_json::to_string(session.pending())?;
/// assert!(stored.contains(session.transaction().as_str()));
/// assert!(!stored.contains(session.key().expose()));
/// assert!(session.connection_id().is_none(), "the connection does not exist yet");
/// # let _ = wizard;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    key: Secret,
    pending: PendingSession,
}

impl UserSession {
    /// A session that creates a connection.
    pub(crate) fn creating(session: WizardSession) -> Self {
        let pending = PendingSession::creating(session.transaction);
        Self { key: session.wizard_session_key, pending }
    }

    /// A session of a connection that showed this before.
    pub(crate) fn renewing(session: WizardSession, id: ConnectionId, baseline: Baseline) -> Self {
        let before = Some(Before { connection_id: id, baseline });
        let pending = PendingSession { transaction: session.transaction, before };
        Self { key: session.wizard_session_key, pending }
    }

    /// The key of the session, to open the wizard with.
    pub fn key(&self) -> &Secret {
        &self.key
    }

    /// The transaction of the session.
    pub fn transaction(&self) -> &TransactionId {
        &self.pending.transaction
    }

    /// The connection of the session. `None` where the session creates one.
    pub fn connection_id(&self) -> Option<&ConnectionId> {
        self.pending.connection_id()
    }

    /// The session without its key: what can be stored, and waited for in another process.
    pub fn pending(&self) -> &PendingSession {
        &self.pending
    }
}

/// A wizard session without its key: what [`Connections::wait_for_user`] needs. Plain data that can
/// be stored.
///
/// [`UserSession::pending`] gives it. In a process that knows the transaction alone, make one by
/// name: [`creating`](Self::creating) for a session that creates a connection,
/// [`renewing`](Self::renewing) for a session of a connection that is there.
///
/// [`Connections::wait_for_user`]: crate::Connections::wait_for_user
///
/// ```
/// use xs2a::sync::PendingSession;
///
/// let pending = PendingSession::creating("tra-1");
/// assert_eq!(pending.transaction().as_str(), "tra-1");
/// assert!(pending.connection_id().is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PendingSession {
    transaction: TransactionId,
    before: Option<Before>,
}

/// The connection as it was before the session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Before {
    connection_id: ConnectionId,
    #[serde(flatten)]
    baseline: Baseline,
}

impl PendingSession {
    /// The session of a [`create`](crate::Connections::create): the user is through when the
    /// transaction finds a connection.
    pub fn creating(transaction: impl Into<TransactionId>) -> Self {
        Self { transaction: transaction.into(), before: None }
    }

    /// The session of a sync or a reset. `before` is the connection as it was before the session
    /// was opened: the user is through when `last_synced` differs from that.
    pub fn renewing(transaction: impl Into<TransactionId>, before: &Connection) -> Self {
        let baseline = Baseline::from(&Snapshot::from(before));
        let before = Some(Before { connection_id: before.id.clone(), baseline });
        Self { transaction: transaction.into(), before }
    }

    /// The transaction of the session.
    pub fn transaction(&self) -> &TransactionId {
        &self.transaction
    }

    /// The connection of the session. `None` where the session creates one.
    pub fn connection_id(&self) -> Option<&ConnectionId> {
        self.before.as_ref().map(|before| &before.connection_id)
    }

    /// What finds the connection.
    pub(crate) fn connection_key(&self) -> ConnectionKey {
        match &self.before {
            Some(before) => ConnectionKey::from(&before.connection_id),
            None => ConnectionKey::from(&self.transaction),
        }
    }

    /// How the login ended, if that shows in the connection, without these secrets in its words.
    pub(crate) fn outcome(
        &self,
        mut connection: Connection,
        secrets: &[Secret],
    ) -> Option<LoginOutcome> {
        let snapshot = Snapshot::concealing(&connection, secrets);
        let report = match &self.before {
            Some(before) => Some(before.baseline.outcome(&snapshot)?),
            None => None,
        };
        connection.sync_message = snapshot.message;
        Some(match report {
            Some(SyncReport::Failed { failures, message }) => {
                LoginOutcome::Failed { failures, message, connection }
            }
            _ => LoginOutcome::Through(connection),
        })
    }
}

impl From<&UserSession> for PendingSession {
    fn from(session: &UserSession) -> Self {
        session.pending.clone()
    }
}

impl From<UserSession> for PendingSession {
    fn from(session: UserSession) -> Self {
        session.pending
    }
}

impl From<&PendingSession> for PendingSession {
    fn from(session: &PendingSession) -> Self {
        session.clone()
    }
}

/// How the wait for a user ended. The `Display` form is a sentence for a person.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the user may not be through the wizard"]
pub enum LoginOutcome {
    /// The user is through the wizard. This is the connection now.
    Through(Connection),
    /// The fail counter of the connection rose while the user was in the wizard. That the counter
    /// rises when a user fails in the wizard is assumed; the documentation does not say it.
    Failed {
        /// Failures in a row, with this one; from 3 on the connection is disabled for good.
        failures: u32,
        /// Why the login failed, in the server's words.
        message: Option<String>,
        /// The connection now.
        connection: Connection,
    },
    /// The user was not through by the deadline of the wait. The session may still be open: wait
    /// again, or ask for it with the API key ([`Sessions::get`](crate::Sessions::get)).
    StillOpen,
}

impl fmt::Display for LoginOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Through(_) => f.write_str("the user is through the wizard"),
            Self::Failed { message, .. } => write!(f, "the login failed{}", why(message)),
            Self::StillOpen => f.write_str("the user is not through the wizard yet"),
        }
    }
}
