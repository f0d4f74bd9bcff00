//! Waiting until a user is through the wizard.

use std::future::IntoFuture;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};
use xs2a_client::types::{Connection, WizardSession};

use crate::call::later;
use crate::connections::Connections;
use crate::error::{Error, ErrorKind};
use crate::policy::{SHORTEST_TO_NUDGED, SyncPolicy, with_a_last_look};
use crate::sync_job::CallFailureKind;

impl Connections {
    /// Waits until the user is through a wizard session, and gives her connection; None when she
    /// is not through in time.
    ///
    /// After a [`create`](Self::create), the connection is asked for by the session's transaction
    /// id, which finds nothing before she is through. A session that came from a sync or a reset
    /// belongs to a connection that is there already: tell it with [`UserWait::of`], as it was
    /// before, and it is waited for until its `last_synced` moves.
    ///
    /// Costs looks at a growing distance, at most ten seconds. Not seen here is that the user gave
    /// up: whoever holds the API key can ask for the session itself
    /// ([`Sessions::get`](crate::Sessions::get)). The future can be dropped at any point, and the
    /// waiting be begun again.
    ///
    /// # Errors
    /// When a look is refused, or the last one before the time was over failed.
    ///
    /// ```no_run
    /// # use xs2a::types::CreateConnectionRequest;
    /// # async fn run(user: xs2a::UserClient) -> Result<(), xs2a::Error> {
    /// let connections = user.connections();
    /// let session = connections.create(&CreateConnectionRequest::new()).await?;
    /// // Send her through the wizard, then:
    /// if let Some(connection) = connections.wait_for_user(&session).await? {
    ///     println!("{} is connected", connection.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_user(&self, session: &WizardSession) -> UserWait {
        UserWait {
            connections: self.clone(),
            transaction: session.transaction.clone(),
            before: None,
            within: Duration::from_secs(15 * 60),
        }
    }
}

/// A wait for a user that is about to begin, by awaiting it.
#[must_use = "nobody is waited for until it is awaited"]
pub struct UserWait {
    connections: Connections,
    transaction: String,
    before: Option<Before>,
    within: Duration,
}

/// A connection that was there before the session.
struct Before {
    id: String,
    last_synced: Option<Timestamp>,
}

impl UserWait {
    /// The connection that the session belongs to, as it was before.
    pub fn of(mut self, connection: &Connection) -> Self {
        let (id, last_synced) = (connection.id.clone(), connection.last_synced);
        self.before = Some(Before { id, last_synced });
        self
    }

    setters! {
        /// How long to wait. Default: fifteen minutes.
        within(span: Duration) => within = span;
    }

    async fn run(self) -> Result<Option<Connection>, Error> {
        let caller = &self.connections.caller;
        let mut nudges = caller.shared.nudges.listen();
        let deadline = later(Instant::now(), self.within);
        let seed = caller.random().to_bits();
        let pauses = SyncPolicy::default().pauses(Duration::from_secs(2), Duration::from_secs(10));
        let key = self.before.as_ref().map_or(&self.transaction, |before| &before.id);
        let is_meant = |name: &str| name == key || name == self.transaction;
        let mut looks = 0;
        loop {
            let connections = Connections { caller: caller.until(deadline) };
            let last = match connections.get(key.as_str()).await {
                Ok(connection) if self.is_through(&connection) => return Ok(Some(connection)),
                Err(error) if self.is_final(&error) => return Err(error),
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(None),
            };
            let asked = last.as_ref().err().and_then(Error::retry_after).unwrap_or_default();
            let now = Instant::now();
            let pause = with_a_last_look(pauses.pause(looks, seed), deadline - now).max(asked);
            let next_look = later(now, pause);
            if next_look >= deadline {
                return last;
            }
            let hint = nudges.hear(is_meant);
            if timeout_at(next_look, hint).await.is_ok() {
                let earliest = later(now, asked.max(SHORTEST_TO_NUDGED));
                sleep_until(earliest.min(next_look)).await;
            }
            looks += 1;
        }
    }

    fn is_through(&self, connection: &Connection) -> bool {
        self.before.as_ref().is_none_or(|before| {
            connection.last_synced.is_some() && connection.last_synced != before.last_synced
        })
    }

    /// Whether the same would come of another look. That there is nothing of this name is only to
    /// be expected before a new connection is there.
    fn is_final(&self, error: &Error) -> bool {
        let refused = matches!(CallFailureKind::of_look(error), CallFailureKind::Refused { .. });
        refused && (self.before.is_some() || error.kind() != ErrorKind::NotFound)
    }
}

impl IntoFuture for UserWait {
    type Output = Result<Option<Connection>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.run().boxed()
    }
}
