//! What the calls of one scope share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use url::Url;
use xs2a_client::{Client, Credentials, Operation, Secret};

use super::gate::Gate;
use super::retry::{Bucket, RetryPolicy};
use super::server_clock::ServerClock;
use super::token_source::{Ticket, TokenSource};
use crate::error::SourceError;

/// What the calls of one scope share; the module `attempts` makes the calls. Cheap to clone: clones
/// have one connection pool and one budget.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    /// Shared, since each bank user has callers of its own.
    pub(crate) policy: Arc<RetryPolicy>,
    pub(crate) auth: Auth,
    pub(crate) shared: Arc<Shared>,
    /// What the call sends beside its own secret, and no error may repeat.
    pub(crate) concealed: Vec<Secret>,
}

/// What all calls of a client have in common.
pub(crate) struct Shared {
    pub(crate) base_url: Url,
    pub(crate) budget: Bucket,
    pub(crate) random: Mutex<fastrand::Rng>,
    pub(crate) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub(crate) server_clock: Mutex<ServerClock>,
    /// What each attempt passes before it is sent.
    pub(crate) gates: Vec<Arc<dyn Gate>>,
    pub(crate) connect_timeout: Duration,
}

/// Where the secret of the next attempt comes from.
#[derive(Clone)]
pub(crate) enum Auth {
    Fixed(Secret),
    Source(TokenSource),
}

impl Caller {
    pub(crate) fn now(&self) -> Timestamp {
        (self.shared.clock)()
    }

    /// The time by the server's clock, as far as its answers have told it. The server judges how
    /// long a token is valid.
    pub(crate) fn server_now(&self) -> Timestamp {
        let ahead = self.server_ahead().unwrap_or_default();
        self.now().saturating_add(ahead).unwrap_or(self.now())
    }

    /// By how much the server's clock is ahead of ours. `None` before its first answer.
    pub(crate) fn server_ahead(&self) -> Option<SignedDuration> {
        self.shared.server_clock.lock().unwrap_or_else(PoisonError::into_inner).ahead()
    }

    /// Takes in what an answer that took as long as `took` says of the server's clock.
    pub(super) fn note(&self, server_time: Option<Timestamp>, took: Duration) {
        if let Some(time) = server_time {
            let mut clock = self.shared.server_clock.lock().unwrap_or_else(PoisonError::into_inner);
            clock.note(time, self.now(), took);
        }
    }

    /// A number between 0 and 1.
    pub(crate) fn random(&self) -> f64 {
        self.shared.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// The same caller for calls that also send these secrets.
    pub(crate) fn concealing(&self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { concealed: secrets.into_iter().collect(), ..self.clone() }
    }

    /// The secrets of a call that has just ended.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let own = match &self.auth {
            Auth::Fixed(secret) => vec![secret.clone()],
            Auth::Source(source) => source.secrets(),
        };
        self.concealed.iter().cloned().chain(own).collect()
    }

    /// The same caller for calls that end at `end`, or earlier by their policy.
    pub(crate) fn until(&self, end: Instant) -> Self {
        let left = end - Instant::now();
        let policy = RetryPolicy::clone(&self.policy).within(left);
        Self { policy: Arc::new(policy), ..self.clone() }
    }

    /// The same caller for calls of one attempt.
    pub(crate) fn once(&self) -> Self {
        let policy = RetryPolicy::clone(&self.policy).with_max_attempts(1);
        Self { policy: Arc::new(policy), ..self.clone() }
    }

    /// The time that has to be left for another attempt. An attempt with less time could end while
    /// it connects, and nobody could say whether it was sent. Under a policy that never leaves as
    /// much, attempts are made all the same, and their fate is unknown.
    pub(super) fn least_time(&self, operation: Operation) -> Duration {
        let connect = self.shared.connect_timeout;
        let policy = &self.policy;
        let longest = policy.attempt_timeout_of(operation).min(policy.deadline_of(operation));
        if connect < longest { connect } else { Duration::ZERO }
    }

    /// Whether a call that has to end at `end` has the time to connect. Without that time its fate
    /// could be left open for nothing. Where `whole`, the time for everything, is shorter than
    /// connecting may take, any time will do.
    pub(crate) fn has_time_to_connect(&self, end: Instant, whole: Duration) -> bool {
        let (left, connect) = (end - Instant::now(), self.shared.connect_timeout);
        if connect < whole { left > connect } else { !left.is_zero() }
    }

    /// The secret of the next attempt.
    pub(super) async fn ticket(&self) -> Result<Ticket, SourceError> {
        match &self.auth {
            Auth::Fixed(secret) => Ok(Ticket::from_secret(secret.clone())),
            Auth::Source(source) => source.ticket(self.server_now()).await,
        }
    }

    pub(super) fn accepted(&self, ticket: &Ticket) {
        if let Auth::Source(source) = &self.auth {
            source.accepted(ticket);
        }
    }

    /// The generated client with the secret of this moment.
    pub(crate) async fn generated(&self) -> Result<Client, SourceError> {
        let ticket = self.ticket().await?;
        Ok(self.client.with_credentials(Credentials::new(ticket.secret)))
    }
}

/// The instant `after` from `start`, at most ten years ahead.
pub(crate) fn instant_after(start: Instant, after: Duration) -> Instant {
    const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
    start.checked_add(after.min(YEARS)).unwrap_or(start)
}
