//! Where a client takes the access token of its next call from.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use jiff::{SignedDuration, Timestamp};
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
/// many calls wait for the token. A waiting call that is dropped does not take the renewal away from
/// the others. Clones share the token.
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
/// let user = UserClient::builder(source).build()?;
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
            let mut slot = self.0.slot.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = slot.held.as_ref().filter(|held| held.renew_at.is_none_or(|at| now < at));
            if let Some(held) = fresh {
                return Ok(held.ticket.clone());
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

    /// Forgets a token that the server refused, unless it has been replaced already.
    pub(crate) fn invalidate(&self, refused: &Ticket) {
        let mut slot = self.0.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.held.as_ref().is_some_and(|held| held.ticket.number == refused.number) {
            slot.held = None;
        }
    }

    async fn renew(self, now: Timestamp) -> Result<Ticket, SourceError> {
        let token = (self.0.fetch)().await?;
        if token.secret.expose().is_empty() {
            return Err(SourceError::from(Box::<dyn StdError + Send + Sync>::from(
                "an empty token",
            )));
        }
        let mut slot = self.0.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.number += 1;
        let ticket = Ticket { secret: token.secret, number: slot.number };
        let renew_at = token.valid_until.map(|end| end - MARGIN.min(now.duration_until(end) / 10));
        slot.held = Some(Held { ticket: ticket.clone(), renew_at });
        Ok(ticket)
    }
}
