//! The two clients, one for each kind of secret.

mod bank_users;
mod builder;

use std::fmt;
use std::sync::Arc;

pub(crate) use bank_users::BankUser;
use bank_users::BankUsers;
pub use builder::{BuildError, ClientBuilder};
use xs2a_client::Secret;
use xs2a_client::types::Connection;

use crate::call::{Auth, Caller, RetryPolicy, TokenSource};
use crate::error::SourceError;
use crate::ids::ConnectionKey;
use crate::sync::{Nudges, Snapshot};

/// What an API key gives access to: users and their access tokens, sessions, events, bank codes.
///
/// Connections and accounts belong to a bank user: see [`user`](Self::user). An API key is no access
/// token, so calls for a bank user do not compile on this type.
///
/// Cheap to clone. Clones share connections, the retry budget, access tokens and the syncs in
/// flight. Any number of clients, with different keys, live side by side.
///
/// ```
/// # fn main() -> Result<(), xs2a::BuildError> {
/// let api = xs2a::ApiClient::builder("api-key")
/// #   .base_url("http://127.0.0.1:1")
///     .build()?;
/// let _ = (api.users(), api.sessions(), api.events(), api.bank_codes());
/// let _ = api.user("usr-1").connections();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ApiClient {
    /// Shared with what makes the tokens of each bank user.
    pub(crate) caller: Arc<Caller>,
    pub(crate) nudges: Arc<Nudges>,
    /// Whether a token that still holds is looked for before one is made.
    pub(crate) reuses_tokens: bool,
    users: Arc<BankUsers>,
}

/// What a bank user's access token gives access to: connections, accounts, the wizard.
///
/// Made from a token ([`builder`](Self::builder)), from a [`TokenSource`], or from an API key
/// ([`ApiClient::user`]). A bank user does not manage bank users, so calls of an API key do not
/// compile on this type.
///
/// Cheap to clone. Clones share connections, the retry budget and the syncs in flight.
///
/// ```
/// # fn main() -> Result<(), xs2a::BuildError> {
/// let user = xs2a::UserClient::builder("access-token")
/// #   .base_url("http://127.0.0.1:1")
///     .build()?;
/// let _ = (user.connections(), user.accounts(), user.wizard("wizard-session-key"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct UserClient {
    pub(crate) caller: Caller,
    pub(crate) nudges: Arc<Nudges>,
    pub(crate) user: Arc<BankUser>,
}

impl ApiClient {
    /// Begins a client that holds an API key.
    pub fn builder(key: impl Into<Secret>) -> ClientBuilder<ApiClient> {
        ClientBuilder::new(Auth::Fixed(key.into()))
    }

    /// Begins a client with the API key in `XS2A_API_KEY`, and the address in `XS2A_BASE_URL` where
    /// that is set.
    ///
    /// ```no_run
    /// let api = xs2a::ApiClient::from_env()?.build()?;
    /// # let _ = api;
    /// # Ok::<(), xs2a::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// [`BuildError::Environment`] when a variable is missing or no text.
    pub fn from_env() -> Result<ClientBuilder<ApiClient>, BuildError> {
        builder::from_env("XS2A_API_KEY", ApiClient::builder)
    }

    /// What the clients of this bank user share. `auth` says where the user's tokens come from.
    pub(crate) fn bank_user(
        &self,
        user: crate::ids::UserId,
        auth: impl FnOnce(crate::ids::UserId) -> Auth,
    ) -> Arc<BankUser> {
        self.users.get(user, self.caller.now(), |user| BankUser::new(auth(user)))
    }

    /// A client of this bank user.
    pub(crate) fn client_of(&self, user: Arc<BankUser>) -> UserClient {
        let caller = Caller { auth: user.auth.clone(), ..Caller::clone(&self.caller) };
        UserClient { caller, nudges: Arc::clone(&self.nudges), user }
    }

    /// The same client with another policy, for single calls. Connections, tokens, syncs in flight
    /// and the retry budget stay shared.
    ///
    /// The [time-out for connecting](ClientBuilder::connect_timeout) stays, too. Under a policy that
    /// gives less time than that, a call that ends while it connects is of unknown
    /// [fate](crate::Fate).
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        let mut client = self.clone();
        Arc::make_mut(&mut client.caller).policy = Arc::new(policy);
        client
    }

    /// The policy of this client's calls.
    pub fn retry_policy(&self) -> &RetryPolicy {
        &self.caller.policy
    }

    /// What the rules need of a connection that this client has shown, such as that of an event.
    /// `Snapshot::from` does the same, but knows no secret that the server's words may repeat. Makes
    /// no call.
    pub fn snapshot(&self, connection: &Connection) -> Snapshot {
        Snapshot::concealing(connection, &self.caller.secrets())
    }

    /// The generated client underneath: every operation as it is, one attempt per call.
    pub fn generated(&self) -> &xs2a_client::Client {
        &self.caller.client
    }

    /// The time by the service's clock, as far as its answers have told it: our clock until the first
    /// answer. The service's own instants (`last_synced`, the ends of tokens) are compared with it.
    pub fn server_now(&self) -> jiff::Timestamp {
        self.caller.server_now()
    }

    /// Says that a connection may have changed: a webhook arrived. Reaches the clients of all bank
    /// users that were made from this client or its clones; see [`UserClient::nudge`].
    pub fn nudge(&self, connection: impl Into<ConnectionKey>) {
        self.nudges.send(&connection.into());
    }
}

impl UserClient {
    /// Begins a client that holds a bank user's access token, or a [`TokenSource`].
    pub fn builder(token: impl Into<UserAuth>) -> ClientBuilder<UserClient> {
        ClientBuilder::new(token.into().0)
    }

    /// Begins a client with the access token in `XS2A_ACCESS_TOKEN`, and the address in
    /// `XS2A_BASE_URL` where that is set.
    ///
    /// ```no_run
    /// let user = xs2a::UserClient::from_env()?.build()?;
    /// # let _ = user;
    /// # Ok::<(), xs2a::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// [`BuildError::Environment`] when a variable is missing or no text.
    pub fn from_env() -> Result<ClientBuilder<UserClient>, BuildError> {
        builder::from_env("XS2A_ACCESS_TOKEN", UserClient::builder)
    }

    /// The same client with another policy, for single calls. Connections, tokens, syncs in flight
    /// and the retry budget stay shared.
    ///
    /// The [time-out for connecting](ClientBuilder::connect_timeout) stays, too. Under a policy that
    /// gives less time than that, a call that ends while it connects is of unknown
    /// [fate](crate::Fate).
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        let mut client = self.clone();
        client.caller.policy = Arc::new(policy);
        client
    }

    /// The policy of this client's calls.
    pub fn retry_policy(&self) -> &RetryPolicy {
        &self.caller.policy
    }

    /// What the rules need of a connection that this client has shown. `Snapshot::from` does the same,
    /// but knows no secret that the server's words may repeat. Makes no call.
    pub fn snapshot(&self, connection: &Connection) -> Snapshot {
        Snapshot::concealing(connection, &self.caller.secrets())
    }

    /// The generated client underneath, with the token of this moment: every operation as it is,
    /// one attempt per call.
    ///
    /// # Errors
    /// The error of the token source, if there is one.
    pub async fn generated(&self) -> Result<xs2a_client::Client, SourceError> {
        self.caller.generated().await
    }

    /// The time by the service's clock, as far as its answers have told it: our clock until the first
    /// answer. A connection's state depends on it.
    ///
    /// ```
    /// # fn main() -> Result<(), xs2a::BuildError> {
    /// let user = xs2a::UserClient::builder("access-token")
    /// #   .base_url("http://127.0.0.1:1")
    ///     .build()?;
    /// let now = user.server_now();
    /// # let _ = now;
    /// # Ok(())
    /// # }
    /// ```
    pub fn server_now(&self) -> jiff::Timestamp {
        self.caller.server_now()
    }

    /// Says that a connection may have changed: a webhook arrived. A run that waits for the
    /// connection, in [`Connections::sync`](crate::Connections::sync) or
    /// [`Connections::wait_for_user`](crate::Connections::wait_for_user), looks now instead of at its
    /// next poll. It looks at most once a second, and not before the server allows, so that a flood
    /// of deliveries, which are not signed, becomes no flood of calls.
    ///
    /// Costs one look per run that waits for this connection, and nothing when nobody waits.
    pub fn nudge(&self, connection: impl Into<ConnectionKey>) {
        self.nudges.send(&connection.into());
    }
}

impl ClientBuilder<ApiClient> {
    /// Has the clients of bank users look for a token of the user that still holds before they make
    /// one: one call more for each user and process, and no token more. For fleets of processes that
    /// act for the same users. Default: each process makes its own.
    pub fn reuse_tokens(mut self) -> Self {
        self.reuses_tokens = true;
        self
    }

    /// Builds the client. Makes no call.
    ///
    /// # Errors
    /// See [`BuildError`]: an address or secret that cannot be meant, time-outs out of order, an
    /// HTTP client that cannot be set up.
    pub fn build(self) -> Result<ApiClient, BuildError> {
        let reuses_tokens = self.reuses_tokens;
        let caller = self.caller()?;
        let (caller, nudges, users) = (Arc::new(caller), Arc::default(), Arc::default());
        Ok(ApiClient { caller, nudges, reuses_tokens, users })
    }
}

impl ClientBuilder<UserClient> {
    /// Builds the client. Makes no call.
    ///
    /// # Errors
    /// See [`BuildError`]: an address or secret that cannot be meant, time-outs out of order, an
    /// HTTP client that cannot be set up.
    pub fn build(self) -> Result<UserClient, BuildError> {
        let caller = self.caller()?;
        let user = Arc::new(BankUser::new(caller.auth.clone()));
        Ok(UserClient { caller, nudges: Arc::default(), user })
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "ApiClient", &self.caller)
    }
}

impl fmt::Debug for UserClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "UserClient", &self.caller)
    }
}

fn debug(f: &mut fmt::Formatter<'_>, name: &str, caller: &Caller) -> fmt::Result {
    f.debug_struct(name)
        .field("base_url", &caller.shared.base_url.as_str())
        .field("retry", &caller.policy)
        .finish_non_exhaustive()
}

/// What a [`UserClient`] authorizes itself with: an access token, or a [`TokenSource`].
pub struct UserAuth(Auth);

impl From<TokenSource> for UserAuth {
    fn from(source: TokenSource) -> Self {
        Self(Auth::Source(source))
    }
}

impl<T: Into<Secret>> From<T> for UserAuth {
    fn from(token: T) -> Self {
        Self(Auth::Fixed(token.into()))
    }
}
