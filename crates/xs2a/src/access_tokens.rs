//! Access tokens: what a bank user's calls are made with.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use xs2a_client::types::{
    AccessToken, CreateAccessTokenRequest, ListAccessTokensQuery, RefreshAccessTokenRequest,
};
use xs2a_client::wire::berlin;

use crate::call::{Auth, Caller, Pages, Token, TokenSource};
use crate::client::{ApiClient, UserClient};
use crate::error::{Error, ErrorKind};
use crate::ids::{TokenId, UserId};

/// The access tokens of one bank user. [`ApiClient::access_tokens`] gives them.
#[derive(Clone)]
pub struct AccessTokens {
    caller: Arc<Caller>,
    user: UserId,
}

impl ApiClient {
    /// The access tokens of a bank user.
    pub fn access_tokens(&self, user: impl Into<UserId>) -> AccessTokens {
        AccessTokens { caller: Arc::clone(&self.caller), user: user.into() }
    }

    /// A client for one bank user. It makes an access token with the first call and renews the token
    /// by the hour. It shares the connections and the retry budget of this client. Makes no call.
    ///
    /// All clients of one user, from this client and its clones, share one token and one register of
    /// syncs in flight, so a web service may call this for each request. At most 10,000 users whose
    /// clients are dropped are remembered, the longest unused are forgotten first; a user with an
    /// open sync is never forgotten.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// let user = api.user(ada.id());
    /// let connections = user.connections().list().all().await?;
    /// # assert!(connections.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn user(&self, user: impl Into<UserId>) -> UserClient {
        self.client_of(self.bank_user(user.into(), |user| {
            let hour = SignedDuration::from_hours(1);
            let tokens = self.access_tokens(user);
            Auth::Source(tokens.source_that(self.reuses_tokens, hour))
        }))
    }
}

impl AccessTokens {
    /// Creates a token that ends at `valid_until`. One call, acted on at most once.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let valid_until = "2027-01-31T12:00:00Z".parse()?;
    /// let token = api.access_tokens(ada.id()).create(valid_until).await?;
    /// println!("{} is valid until {:?}", token.id, token.valid_until);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn create(&self, valid_until: Timestamp) -> Result<AccessToken, Error> {
        let request = CreateAccessTokenRequest::new(valid_until);
        self.caller.call(self.caller.client.create_access_token(&self.user, &request)).await
    }

    /// All tokens of the user, page by page: one call per page.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let valid_until = "2027-01-31T12:00:00Z".parse()?;
    /// # api.access_tokens(ada.id()).create(valid_until).await?;
    /// let tokens = api.access_tokens(ada.id()).list().all().await?;
    /// # assert!(!tokens.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list(&self) -> Pages<AccessToken> {
        let user = self.user.clone();
        self.caller.pages(move |client, page, per_page| {
            let query = ListAccessTokensQuery::new().page(page).per_page(per_page);
            client.list_access_tokens(&user, &query)
        })
    }

    /// One token. One call; [`ErrorKind::NotFound`] when there is no such token.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let valid_until = "2027-01-31T12:00:00Z".parse()?;
    /// # let id = api.access_tokens(ada.id()).create(valid_until).await?.id;
    /// let token = api.access_tokens(ada.id()).get(&id).await?;
    /// # assert_eq!(token.id, id);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, id: impl Into<TokenId>) -> Result<AccessToken, Error> {
        self.caller.call(self.caller.client.get_access_token(&self.user, &id.into())).await
    }

    /// Moves the end of a token to `valid_until`. One call.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let valid_until = "2027-01-31T12:00:00Z".parse()?;
    /// # let id = api.access_tokens(ada.id()).create(valid_until).await?.id;
    /// let token = api.access_tokens(ada.id()).refresh(&id, valid_until).await?;
    /// assert_eq!(token.valid_until, Some(valid_until));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn refresh(
        &self,
        id: impl Into<TokenId>,
        valid_until: Timestamp,
    ) -> Result<AccessToken, Error> {
        let request = RefreshAccessTokenRequest::new(valid_until);
        let client = &self.caller.client;
        self.caller.call(client.refresh_access_token(&self.user, &id.into(), &request)).await
    }

    /// Deletes a token. One call; [`ErrorKind::NotFound`] when there is no such token.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let valid_until = "2027-01-31T12:00:00Z".parse()?;
    /// # let id = api.access_tokens(ada.id()).create(valid_until).await?.id;
    /// api.access_tokens(ada.id()).delete(&id).await?;
    /// # assert!(api.access_tokens(ada.id()).get(&id).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn delete(&self, id: impl Into<TokenId>) -> Result<(), Error> {
        self.caller.delete(self.caller.client.delete_access_token(&self.user, &id.into())).await
    }

    /// A new source of tokens of this user. It creates a token when it is first asked, and refreshes
    /// the token for `lifetime` each time the token nears its end. A token that is gone, or that the
    /// service does not refresh any more, is replaced. One call each time; two where a refresh is
    /// refused.
    ///
    /// [`ApiClient::user`] has a source of its own. This one is for tokens of another life span:
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::UserClient;
    ///
    /// # let ada = sandbox.add_user("Ada");
    /// let minutes = xs2a::jiff::SignedDuration::from_mins(10);
    /// let source = api.access_tokens(ada.id()).source(minutes);
    /// let user = UserClient::builder(source).base_url(sandbox.base_url()).build()?;
    /// user.connections().list().all().await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn source(&self, lifetime: SignedDuration) -> TokenSource {
        self.source_that(false, lifetime)
    }

    /// A source that looks for a token that still holds before it makes one, where it `reuses`.
    fn source_that(&self, reuses: bool, lifetime: SignedDuration) -> TokenSource {
        let tokens = self.clone();
        let current = Arc::new(Mutex::new(None::<TokenId>));
        TokenSource::new(move || {
            let (tokens, current) = (tokens.clone(), Arc::clone(&current));
            async move {
                let known = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let valid_until = told_for_certain(end_of_life(&tokens.caller, lifetime));
                let held = match &known {
                    None if reuses => tokens.that_holds().await?,
                    _ => None,
                };
                let refreshed = match (&known, held) {
                    (_, Some(token)) => Ok(token),
                    (Some(id), _) => tokens.refresh(id, valid_until).await,
                    (None, _) => tokens.create(valid_until).await,
                };
                let token = match refreshed {
                    Err(error) if known.is_some() && is_final(&error) => {
                        tokens.create(valid_until).await?
                    }
                    result => result?,
                };
                *current.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.id.clone());
                Ok::<_, Error>(Token::from(token))
            }
        })
    }
}

impl AccessTokens {
    /// The token of the first page that holds longest, if it holds for five minutes at least.
    async fn that_holds(&self) -> Result<Option<AccessToken>, Error> {
        const LEAST: SignedDuration = SignedDuration::from_mins(5);
        let tokens = self.list().per_page(100).page(1).await?.items;
        let least = self.caller.server_now().saturating_add(LEAST).unwrap_or(Timestamp::MAX);
        let holds = |token: &AccessToken| token.valid_until.is_some_and(|end| end > least);
        Ok(tokens.into_iter().filter(holds).max_by_key(|token| token.valid_until))
    }
}

/// The end of a token's life by the server's clock, and at most a day later than by ours: a server
/// whose clock is wrong makes no token that lives for ever.
fn end_of_life(caller: &Caller, lifetime: SignedDuration) -> Timestamp {
    let ends = |now: Timestamp| now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
    let latest = ends(caller.now()).saturating_add(SignedDuration::from_hours(24));
    ends(caller.server_now()).min(latest.unwrap_or(Timestamp::MAX))
}

/// The end itself, or two hours later in the hour that autumn repeats. The end comes back as local
/// time, so in that hour it would come back as an earlier instant, and the token would seem to have
/// ended.
fn told_for_certain(end: Timestamp) -> Timestamp {
    let local = end.to_zoned_datetime(berlin().clone()).datetime();
    let is_told_twice = berlin().to_ambiguous_timestamp(local).is_ambiguous();
    if is_told_twice { end + SignedDuration::from_hours(2) } else { end }
}

/// Whether the service will not refresh the token any more.
fn is_final(error: &Error) -> bool {
    let passes = error.status().is_some_and(|status| matches!(status.as_u16(), 408 | 425));
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Rejected) && !passes
}
