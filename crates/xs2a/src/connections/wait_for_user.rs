//! Waiting until a user is through the wizard.

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::StatusCode;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::calls::Connections;
use crate::call::instant_after;
use crate::error::Error;
use crate::ids::ConnectionKey;
use crate::sync::{
    CallFailure, CallFailureKind, LoginOutcome, PendingSession, SHORTEST_TO_NUDGED, SyncPolicy,
    with_a_last_look,
};

impl Connections {
    /// Waits until the user is through a wizard session, and gives the connection.
    ///
    /// Takes the session of a [`create`](Self::create), a [`reset`](Self::reset) or a
    /// [`sync`](Self::sync), or what was [stored](crate::UserSession::pending) of it, in another
    /// process perhaps. The user of a create is through when the transaction finds a connection; the
    /// user of a reset or sync is through when `last_synced` differs from the look before the session
    /// was opened. So it does not matter when the waiting begins.
    ///
    /// Costs looks at a growing distance, at most ten seconds apart. The wait cannot see that the
    /// user gave up: whoever holds the API key can ask for the session
    /// ([`Sessions::get`](crate::Sessions::get)). The future can be dropped at any point, and the
    /// waiting can begin again.
    ///
    /// # Errors
    /// When a look is refused, or when the last look before the deadline failed.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::sync::{LoginOutcome, PendingSession};
    /// use xs2a::types::CreateConnectionRequest;
    ///
    /// let session = user.connections().create(&CreateConnectionRequest::new()).await?;
    /// let stored = serde_json::to_string(session.pending())?;
    /// // Send the user through the wizard. Then, in this process or in another:
    /// # sandbox.complete_session(session.transaction().as_str());
    /// let pending: PendingSession = serde_json::from_str(&stored)?;
    /// match user.connections().wait_for_user(pending).await? {
    ///     LoginOutcome::Through(connection) => println!("{} is connected", connection.id),
    ///     other => println!("{other}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn wait_for_user(&self, session: impl Into<PendingSession>) -> UserWait {
        let (connections, session) = (self.clone(), session.into());
        UserWait { connections, session, deadline: Duration::from_secs(15 * 60) }
    }
}

/// A wait for a user that begins when it is awaited. [`Connections::wait_for_user`] gives it.
#[must_use = "nobody is waited for until it is awaited"]
pub struct UserWait {
    connections: Connections,
    session: PendingSession,
    deadline: Duration,
}

impl UserWait {
    /// Sets how long to wait. Default: fifteen minutes.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    async fn run(self) -> Result<LoginOutcome, Error> {
        let mut nudges = self.connections.client.nudges.listen();
        let deadline = instant_after(Instant::now(), self.deadline);
        let seed = self.connections.caller().random().to_bits();
        let pauses =
            SyncPolicy::default().with_pauses(Duration::from_secs(2), Duration::from_secs(10));
        let key = self.session.connection_key();
        let transaction = self.session.transaction();
        nudges.listen_for(key.clone());
        nudges.listen_for(ConnectionKey::from(transaction));
        let mut looks = 0;
        loop {
            let connections = self.connections.until(deadline);
            let last = match connections.get(&key).await {
                Ok(connection) => {
                    match self.session.outcome(connection, &connections.caller().secrets()) {
                        Some(outcome) => return Ok(outcome),
                        None => Ok(LoginOutcome::StillOpen),
                    }
                }
                Err(error) if self.is_final(&error) => return Err(error),
                // No connection yet; a gateway's 404 says nothing else.
                Err(error) if self.is_expected(&error) => Ok(LoginOutcome::StillOpen),
                Err(error) => Err(error),
            };
            let asked = last.as_ref().err().and_then(Error::retry_after).unwrap_or_default();
            let now = Instant::now();
            let pause = with_a_last_look(pauses.pause(looks, seed), deadline - now).max(asked);
            let next_look = instant_after(now, pause);
            if next_look >= deadline {
                return last;
            }
            if timeout_at(next_look, nudges.hear()).await.is_ok() {
                let earliest = instant_after(now, asked.max(SHORTEST_TO_NUDGED));
                sleep_until(earliest.min(next_look)).await;
            }
            looks += 1;
        }
    }

    /// Whether another look would fail in the same way.
    fn is_final(&self, error: &Error) -> bool {
        let kind = CallFailure::from_look(error).kind;
        matches!(kind, CallFailureKind::Refused { .. }) && !self.is_expected(error)
    }

    /// A 404 is expected before a new connection is there.
    fn is_expected(&self, error: &Error) -> bool {
        let is_new = self.session.connection_id().is_none();
        is_new && error.status() == Some(StatusCode::NOT_FOUND)
    }
}

impl IntoFuture for UserWait {
    type Output = Result<LoginOutcome, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.run().boxed()
    }
}
