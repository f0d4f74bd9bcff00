//! Where a client takes the access token of its next call from.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use xs2a_client::Secret;
use xs2a_client::types::AccessToken;

use crate::error::SourceError;

/// A bank user's access token as a [`TokenSource`] hands it out.
#[derive(Clone, Debug)]
pub struct Token {
    secret: Secret,
    valid_until: Option<Timestamp>,
}

impl Token {
    /// A token that ends at `valid_until`. `None` says that its end is not known.
    ///
    /// ```
    /// let token = xs2a::Token::new("access-token", Some(jiff::Timestamp::MAX));
    /// # let _ = token;
    /// ```
    pub fn new(secret: impl Into<Secret>, valid_until: Option<Timestamp>) -> Self {
        Self { secret: secret.into(), valid_until }
    }
}

impl From<AccessToken> for Token {
    fn from(token: AccessToken) -> Self {
        Self { secret: token.token, valid_until: token.valid_until }
    }
}

/// Gives a client the access token of its bank user, and a new token before the old one ends.
///
/// The source asks its function for a token in three cases: there is none, the present one is about
/// to end, or the server refused the present one with a 401. The function is asked once, however
/// many calls wait for the token. A server that refuses the next token, too, does not want another:
/// then the source keeps the token, and asks again after five seconds at the earliest, which double up
/// to ten minutes until a token is accepted. Where the function fails in place of a refused token, the
/// function is not asked again for as long, and all calls meanwhile fail with its error. A waiting call
/// that is dropped does not take the renewal away from the others. Clones share the token.
///
/// [`AccessTokens::source`](crate::AccessTokens::source) makes one from an API key. Where the
/// key lives in another service, ask that service:
///
/// ```
/// use xs2a::{Token, TokenSource, UserClient};
///
/// # async fn ask_our_vault() -> Result<(String, jiff::Timestamp), std::io::Error> {
/// #     Ok(("access-token".to_owned(), jiff::Timestamp::now()))
/// # }
/// # fn main() -> Result<(), xs2a::BuildError> {
/// let source = TokenSource::new(|| async {
///     let (secret, valid_until) = ask_our_vault().await?;
///     Ok::<_, std::io::Error>(Token::new(secret, Some(valid_until)))
/// });
/// let user = UserClient::builder(source)
/// #   .base_url("http://127.0.0.1:1")
///     .build()?;
/// # let _ = user;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TokenSource(Arc<Source>);

struct Source {
    fetch: Box<dyn Fn() -> BoxFuture<'static, Result<Token, SourceError>> + Send + Sync>,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    held: Option<Held>,
    /// The secret of the token before, which a call that has just ended may have sent.
    before: Option<Secret>,
    /// How often the source was asked for a token in place of a refused one, since one was accepted.
    refusals: u32,
    /// Before this instant, the source is not asked for a token in place of a refused one.
    not_before: Option<Instant>,
    /// Why there is no token in the place of a refused one.
    failure: Option<SourceError>,
    /// Counts the tokens fetched, so that a refused token is told from its replacement.
    number: u64,
    /// Weak: the renewal ends when its last waiter is dropped, and the next call starts another.
    renewal: Option<WeakShared<Renewal>>,
}

type Renewal = BoxFuture<'static, Result<Ticket, SourceError>>;

#[derive(Clone)]
struct Held {
    ticket: Ticket,
    renew_at: Option<Timestamp>,
}

/// A token in use, with its number.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) secret: Secret,
    number: u64,
}

impl Ticket {
    /// A secret that comes from no source and cannot be renewed.
    pub(crate) fn from_secret(secret: Secret) -> Self {
        Self { secret, number: 0 }
    }
}

/// How long before its end a token is renewed: a minute, or a tenth of what is left of its life if
/// that is less.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// How long the source is not asked again after it was asked for a token in place of a refused one.
/// Doubled each time, until a token is accepted.
const SHORTEST_BETWEEN_REFUSALS: Duration = Duration::from_secs(5);
const LONGEST_BETWEEN_REFUSALS: Duration = Duration::from_secs(600);

impl Slot {
    /// Whether it is too early to ask the source for a token in place of a refused one.
    fn is_pausing(&self) -> bool {
        self.not_before.is_some_and(|instant| Instant::now() < instant)
    }

    /// Begins the pause before the source is asked again.
    fn pause(&mut self) {
        let doubled = SHORTEST_BETWEEN_REFUSALS.saturating_mul(1 << self.refusals.min(10));
        self.not_before = Some(Instant::now() + doubled.min(LONGEST_BETWEEN_REFUSALS));
        self.refusals = self.refusals.saturating_add(1);
    }

    /// Takes in that the source has failed. Unless the token was in place of a refused one, the next call
    /// asks again.
    fn failed(&mut self, error: &SourceError) {
        if self.refusals > 0 && self.held.is_none() {
            if !self.is_pausing() {
                self.pause();
            }
            self.failure = Some(error.clone());
        }
    }
}

impl TokenSource {
    /// A source that asks `fetch` for each token it needs.
    pub fn new<F, R, E>(fetch: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<Token, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let fetch = move || {
            fetch().map(|result| result.map_err(|error| SourceError::from(error.into()))).boxed()
        };
        Self(Arc::new(Source { fetch: Box::new(fetch), slot: Mutex::default() }))
    }

    /// The token to use now. Fetches one when there is none or the present one is about to end.
    pub(crate) async fn ticket(&self, now: Timestamp) -> Result<Ticket, SourceError> {
        let renewal = {
            let mut slot = self.slot();
            let fresh = slot.held.as_ref().filter(|held| held.renew_at.is_none_or(|at| now < at));
            if let Some(held) = fresh {
                return Ok(held.ticket.clone());
            }
            // The source would fail again as it failed before.
            if let Some(failure) = slot.failure.as_ref().filter(|_| slot.is_pausing()) {
                return Err(failure.clone());
            }
            // A renewal that is through has given its token already.
            let running = slot.renewal.as_ref().and_then(WeakShared::upgrade);
            match running.filter(|renewal| renewal.peek().is_none()) {
                Some(renewal) => renewal,
                None => {
                    let renewal: Shared<Renewal> = self.clone().renew(now).boxed().shared();
                    slot.renewal = renewal.downgrade();
                    renewal
                }
            }
        };
        renewal.await
    }

    /// Takes in that the server refused a token. Whether the call is worth repeating: there is a new
    /// token, or there will be, and `may_repeat` allows it to whoever has it made.
    pub(crate) fn refused(&self, refused: &Ticket, may_repeat: impl FnOnce() -> bool) -> bool {
        let mut slot = self.slot();
        let is_replaced =
            slot.held.as_ref().is_none_or(|held| held.ticket.number != refused.number);
        if is_replaced {
            return true;
        }
        // Another token would be refused as this one was.
        if slot.is_pausing() {
            return false;
        }
        slot.pause();
        slot.held = None;
        slot.before = Some(refused.secret.clone());
        may_repeat()
    }

    /// Takes in that the server accepted a token.
    pub(crate) fn accepted(&self, accepted: &Ticket) {
        let mut slot = self.slot();
        if slot.held.as_ref().is_some_and(|held| held.ticket.number == accepted.number) {
            slot.refusals = 0;
        }
    }

    /// The secrets that a call which has just ended may have sent.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let slot = self.slot();
        let held = slot.held.as_ref().map(|held| held.ticket.secret.clone());
        held.into_iter().chain(slot.before.clone()).collect()
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew(self, now: Timestamp) -> Result<Ticket, SourceError> {
        let token = (self.0.fetch)().await.and_then(|token| match token.secret.expose() {
            "" => Err(SourceError::from(Box::<dyn StdError + Send + Sync>::from("an empty token"))),
            _ => Ok(token),
        });
        let token = token.inspect_err(|error| self.slot().failed(error))?;
        let mut slot = self.slot();
        slot.number += 1;
        slot.failure = None;
        let ticket = Ticket { secret: token.secret, number: slot.number };
        let renew_at = token.valid_until.map(|end| end - MARGIN.min(now.duration_until(end) / 10));
        let before = slot.held.replace(Held { ticket: ticket.clone(), renew_at });
        if let Some(before) = before {
            slot.before = Some(before.ticket.secret);
        }
        Ok(ticket)
    }
}
