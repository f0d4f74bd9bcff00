//! Access tokens: what a bank user's calls are made with, and where a client takes the next one from.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use jiff::{SignedDuration, Timestamp};
use xs2a_client::Secret;
use xs2a_client::types::{
    AccessToken, CreateAccessTokenRequest, ListAccessTokensQuery, RefreshAccessTokenRequest,
};

use crate::call::{Caller, call};
use crate::error::{Error, ErrorKind};
use crate::ids::{TokenId, UserId};
use crate::pages::{Pages, pages};
use crate::state::BERLIN;

/// The access tokens of one bank user. Created by [`ApiClient::access_tokens`](crate::ApiClient::access_tokens).
#[derive(Clone)]
pub struct AccessTokens {
    caller: Caller,
    user: UserId,
}

impl AccessTokens {
    pub(crate) fn new(caller: Caller, user: UserId) -> Self {
        Self { caller, user }
    }

    /// Creates a token that ends at `valid_until`. One call, acted on at most once.
    pub async fn create(&self, valid_until: Timestamp) -> Result<AccessToken, Error> {
        let user = self.user.as_str();
        let body = &CreateAccessTokenRequest::new(valid_until);
        call!(self.call, CreateAccessToken, create_access_token(user, body))
    }

    /// All tokens of the user, page by page: one call per page.
    pub fn list(&self) -> Pages<AccessToken> {
        let user = self.user.clone();
        pages!(self, ListAccessTokens, list_access_tokens(user), ListAccessTokensQuery::new())
    }

    /// One token. One call; [`ErrorKind::NotFound`] when there is none of this name.
    pub async fn get(&self, id: impl Into<TokenId>) -> Result<AccessToken, Error> {
        let (user, id) = (self.user.as_str(), &id.into());
        call!(self.call, GetAccessToken, get_access_token(user, id.as_str()))
    }

    /// Moves the end of a token to `valid_until`. One call.
    pub async fn refresh(
        &self,
        id: impl Into<TokenId>,
        valid_until: Timestamp,
    ) -> Result<AccessToken, Error> {
        let (user, id) = (self.user.as_str(), &id.into());
        let body = &RefreshAccessTokenRequest::new(valid_until);
        call!(self.call, RefreshAccessToken, refresh_access_token(user, id.as_str(), body))
    }

    /// Deletes a token. One call.
    pub async fn delete(&self, id: impl Into<TokenId>) -> Result<(), Error> {
        let (user, id) = (self.user.as_str(), &id.into());
        call!(self.delete, DeleteAccessToken, delete_access_token(user, id.as_str()))
    }

    /// A source that creates a token of this user when it is first asked, and refreshes it for
    /// `lifetime` each time it nears its end. One that is gone, or that the service does not refresh
    /// any more, is replaced. One call each time; two where a refresh is refused.
    pub fn source(&self, lifetime: SignedDuration) -> TokenSource {
        let tokens = self.clone();
        let current = Arc::new(Mutex::new(None::<TokenId>));
        TokenSource::new(move || {
            let (tokens, current) = (tokens.clone(), Arc::clone(&current));
            async move {
                let known = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let end = tokens.caller.server_now().saturating_add(lifetime);
                let valid_until = told_for_certain(end.unwrap_or(Timestamp::MAX));
                let refreshed = match &known {
                    Some(id) => tokens.refresh(id, valid_until).await,
                    None => tokens.create(valid_until).await,
                };
                let token = match refreshed {
                    Err(error) if known.is_some() && is_final(&error) => {
                        tokens.create(valid_until).await?
                    }
                    result => result?,
                };
                *current.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(TokenId::from(&token.id));
                Ok::<_, Error>(Token::from(token))
            }
        })
    }
}

/// The end, or a later one that its local time tells for certain: in the hour that autumn repeats
/// it would come back as an earlier instant, and the token seem to have ended.
fn told_for_certain(end: Timestamp) -> Timestamp {
    let local = end.to_zoned(BERLIN.clone()).datetime();
    let is_told_twice = BERLIN.to_ambiguous_timestamp(local).is_ambiguous();
    if is_told_twice { end + SignedDuration::from_hours(2) } else { end }
}

/// Whether the service will refresh a token no more.
fn is_final(error: &Error) -> bool {
    let passes = error.status().is_some_and(|status| matches!(status.as_u16(), 408 | 425));
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Rejected) && !passes
}

/// A bank user's access token as a [`TokenSource`] hands it out.
#[derive(Clone, Debug)]
pub struct Token {
    secret: Secret,
    valid_until: Option<Timestamp>,
}

impl Token {
    /// A token that ends at `valid_until`, or whose end is not known.
    pub fn new(secret: impl Into<Secret>, valid_until: Option<Timestamp>) -> Self {
        Self { secret: secret.into(), valid_until }
    }
}

impl From<AccessToken> for Token {
    fn from(token: AccessToken) -> Self {
        Self { secret: token.token, valid_until: token.valid_until }
    }
}

/// Gives a client the access token of its bank user, and a new one before the old one ends.
///
/// The source asks its function for a token when there is none, when the one at hand is about to
/// end, and when the server refused it with a 401: once, however many calls are waiting. A call that
/// waits and is dropped does not take the renewal away from the others. Clones share the token.
///
/// [`ApiClient::token_source`](crate::ApiClient::token_source) makes one from an API key. Where the
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
    /// Counts the tokens fetched, so that a refused one is told from the one that replaced it.
    number: u64,
    /// Weak: when every waiter is gone the renewal ends with them and the next call starts anew.
    renewal: Option<WeakShared<Renewal>>,
}

type Renewal = BoxFuture<'static, Result<Ticket, SourceError>>;

#[derive(Clone)]
struct Held {
    ticket: Ticket,
    renew_at: Option<Timestamp>,
}

/// A token in use, and which one it is.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) secret: Secret,
    number: u64,
}

impl Ticket {
    /// A secret that no source has given and that cannot be renewed.
    pub(crate) fn of(secret: Secret) -> Self {
        Self { secret, number: 0 }
    }
}

/// What the function of a [`TokenSource`] failed with, shared by all calls that waited for it.
pub(crate) type SourceError = Arc<dyn StdError + Send + Sync>;

/// How long before its end a token is renewed: a minute, less for those that live for minutes only.
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

    /// The token to use now, fetched when there is none or it is about to end.
    pub(crate) async fn ticket(&self, now: Timestamp) -> Result<Ticket, SourceError> {
        let renewal = {
            let mut slot = self.0.slot.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(held) = &slot.held
                && held.renew_at.is_none_or(|at| now < at)
            {
                return Ok(held.ticket.clone());
            }
            // One that is through has given its token, and waits for nothing but to be collected.
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
