//! The two clients, one per kind of secret, and how they are built.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::{Host, Url};
use xs2a_client::{Credentials, Secret};

use crate::call::{Auth, Caller, Shared};
use crate::ids::UserId;
use crate::nudge::Nudges;
use crate::retry::{Bucket, RetryBudget, RetryPolicy};
use crate::tokens::{AccessTokens, TokenSource};

/// What an API key gives access to: users and their access tokens, sessions, events, bank codes.
///
/// Cheap to clone; clones share connections and the retry budget. Any number of clients, with
/// different keys, live side by side. Connections and accounts belong to a bank user: see
/// [`user`](Self::user).
///
/// ```
/// # fn right(api: xs2a::ApiClient) {
/// let _ = (api.users(), api.sessions(), api.events(), api.bank_codes());
/// let _ = api.user("usr-1").connections();
/// # }
/// ```
///
/// An API key has no connections, a bank user has. This does not compile:
///
/// ```compile_fail,E0599
/// # fn wrong(api: xs2a::ApiClient) {
/// let _ = api.connections();
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn wrong(api: xs2a::ApiClient) {
/// let _ = api.accounts();
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn wrong(api: xs2a::ApiClient) {
/// let _ = api.wizard("wizard-session-key");
/// # }
/// ```
#[derive(Clone)]
pub struct ApiClient {
    pub(crate) caller: Caller,
}

/// What a bank user's access token gives access to: connections, accounts, the wizard.
///
/// Cheap to clone; clones share connections and the retry budget. Made from a token that is at
/// hand ([`builder`](Self::builder)), from a [`TokenSource`], or from an API key
/// ([`ApiClient::user`]).
///
/// ```
/// # fn right(user: xs2a::UserClient) {
/// let _ = (user.connections(), user.accounts(), user.wizard("wizard-session-key"));
/// # }
/// ```
///
/// A bank user does not manage bank users, an API key does. This does not compile:
///
/// ```compile_fail,E0599
/// # fn wrong(user: xs2a::UserClient) {
/// let _ = user.users();
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn wrong(user: xs2a::UserClient) {
/// let _ = user.access_tokens("usr-1");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn wrong(user: xs2a::UserClient) {
/// let _ = user.events();
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn wrong(user: xs2a::UserClient) {
/// let _ = user.sessions();
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn wrong(user: xs2a::UserClient) {
/// let _ = user.bank_codes();
/// # }
/// ```
///
/// Nor does one client pass for the other:
///
/// ```compile_fail,E0308
/// # fn wrong(api: xs2a::ApiClient) {
/// let _: xs2a::UserClient = api;
/// # }
/// ```
#[derive(Clone)]
pub struct UserClient {
    pub(crate) caller: Caller,
}

impl ApiClient {
    /// Begins a client that holds an API key.
    pub fn builder(key: impl Into<Secret>) -> ClientBuilder<ApiClient> {
        ClientBuilder::new(Auth::Fixed(key.into()))
    }

    /// The access tokens of a bank user.
    pub fn access_tokens(&self, user: impl Into<UserId>) -> AccessTokens {
        AccessTokens::new(self.caller.clone(), user.into())
    }

    /// A source of access tokens for a bank user: creates one when it is first needed and renews it
    /// by the hour. To give tokens another life span see [`AccessTokens::source`].
    pub fn token_source(&self, user: impl Into<UserId>) -> TokenSource {
        self.access_tokens(user).source(SignedDuration::from_hours(1))
    }

    /// A client for one bank user, with tokens from [`token_source`](Self::token_source). It shares
    /// the connections and the retry budget of this client. No call is made before the first one.
    ///
    /// Keep it, and clone it: each call of this method gives a client with a token source of its own,
    /// which creates another token, and with an own count of the syncs that are in flight.
    pub fn user(&self, user: impl Into<UserId>) -> UserClient {
        let auth = Auth::Source(self.token_source(user));
        UserClient {
            caller: Caller {
                auth,
                // What one user syncs is not shown to another.
                in_flight: Arc::default(),
                ..self.caller.clone()
            },
        }
    }

    /// The generated client underneath: every operation as it is, one attempt per call.
    pub fn generated(&self) -> &xs2a_client::Client {
        &self.caller.client
    }
}

impl UserClient {
    /// Begins a client that holds a bank user's access token, or a [`TokenSource`] of them.
    pub fn builder(token: impl Into<UserAuth>) -> ClientBuilder<UserClient> {
        ClientBuilder::new(token.into().0)
    }

    /// The generated client underneath, with the token of this moment: every operation as it is,
    /// one attempt per call.
    ///
    /// # Errors
    /// That of the token source, if there is one.
    pub async fn generated(
        &self,
    ) -> Result<xs2a_client::Client, Arc<dyn std::error::Error + Send + Sync>> {
        let (client, _) = self.caller.authorized().await?;
        Ok(client)
    }
}

/// What a client offers of one kind: the type, and the method that gives it.
macro_rules! resource {
    (#[doc = $summary:literal] $(#[$doc:meta])* $name:ident by $client:ident::$method:ident) => {
        #[doc = $summary]
        #[doc = concat!(" Created by [`", stringify!($client), "::", stringify!($method), "`](crate::",
            stringify!($client), "::", stringify!($method), ").")]
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            pub(crate) caller: crate::call::Caller,
        }

        impl crate::client::$client {
            #[doc = $summary]
            pub fn $method(&self) -> $name {
                $name { caller: self.caller.clone() }
            }
        }
    };
}

pub(crate) use resource;

macro_rules! both_clients {
    ($($client:ident)*) => {$(
        impl $client {
            /// The same client with another policy, for single calls. Connections and the retry
            /// budget stay shared.
            ///
            /// So does the [time-out for connecting](ClientBuilder::connect_timeout). Where the
            /// policy gives less time than that, a call that ends while it connects is of
            /// unknown [fate](crate::Fate).
            #[must_use]
            pub fn with_retry(&self, policy: RetryPolicy) -> Self {
                Self { caller: Caller { policy, ..self.caller.clone() } }
            }

            /// The policy of this client's calls.
            pub fn retry_policy(&self) -> &RetryPolicy {
                &self.caller.policy
            }
        }

        impl fmt::Debug for $client {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($client))
                    .field("base_url", &self.caller.shared.base_url.as_str())
                    .field("retry", &self.caller.policy)
                    .finish_non_exhaustive()
            }
        }

        impl ClientBuilder<$client> {
            /// Builds the client. Makes no call.
            ///
            /// # Errors
            /// See [`BuildError`]: an address or secret that cannot be meant, time-outs out of
            /// order, an HTTP client that cannot be set up.
            pub fn build(self) -> Result<$client, BuildError> {
                Ok($client { caller: self.caller()? })
            }
        }
    )*};
}

both_clients! { ApiClient UserClient }

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

/// Builds an [`ApiClient`] or a [`UserClient`].
///
/// ```
/// use std::time::Duration;
/// use xs2a::{RetryPolicy, UserClient};
///
/// # fn main() -> Result<(), xs2a::BuildError> {
/// let user = UserClient::builder("access-token")
///     .connect_timeout(Duration::from_secs(2))
///     .retry(RetryPolicy::default().deadline(Duration::from_secs(30)))
///     .build()?;
/// # let _ = user;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it builds"]
pub struct ClientBuilder<C> {
    auth: Auth,
    base_url: String,
    allow_plain_http: bool,
    connect_timeout: Duration,
    idle_timeout: Duration,
    response_limit: Option<usize>,
    policy: RetryPolicy,
    budget: RetryBudget,
    seed: Option<u64>,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    http: Option<reqwest::ClientBuilder>,
    client: PhantomData<fn() -> C>,
}

/// Why a client cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL is not an absolute HTTP URL.
    #[error("the base URL is not a plain http(s) address: {0}")]
    BaseUrl(&'static str),
    /// The base URL would send secrets in the clear to another machine.
    #[error(
        "{host} would get secrets over plain HTTP: use https, or allow_plain_http() if that is meant"
    )]
    PlainHttp {
        /// The host of the base URL.
        host: String,
    },
    /// The secret is empty, or blank.
    #[error("the API key or access token is empty")]
    EmptySecret,
    /// The secret holds a line break or another control character, as one read from a file may.
    #[error("the API key or access token holds a line break or another control character")]
    MalformedSecret,
    /// A time-out while connecting must be told from one after sending, which needs it to come first.
    #[error(
        "the connect time-out ({connect:?}) has to be shorter than an attempt's ({attempt:?}) and the deadline ({deadline:?})"
    )]
    ConnectTimeout {
        /// The time-out for connecting.
        connect: Duration,
        /// The time-out of an attempt.
        attempt: Duration,
        /// The deadline of a call.
        deadline: Duration,
    },
    /// The HTTP client cannot be set up (certificates, proxies).
    #[error("the HTTP client cannot be set up")]
    Http(#[source] reqwest::Error),
}

/// Takes the place of a time-out that would end an attempt before its own.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

impl<C> ClientBuilder<C> {
    fn new(auth: Auth) -> Self {
        Self {
            auth,
            base_url: xs2a_client::DEFAULT_BASE_URL.to_owned(),
            allow_plain_http: false,
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(4),
            response_limit: None,
            policy: RetryPolicy::default(),
            budget: RetryBudget::default(),
            seed: None,
            clock: Box::new(Timestamp::now),
            http: None,
            client: PhantomData,
        }
    }

    setters! {
        /// Where the service is. Default: [`DEFAULT_BASE_URL`](xs2a_client::DEFAULT_BASE_URL).
        base_url(url: impl Into<String>) => base_url = url.into();

        /// Permits a base URL that sends secrets over plain HTTP to another machine, and a proxy on the
        /// way of plain HTTP. To loopback, and straight, it is always permitted.
        allow_plain_http() => allow_plain_http = true;

        /// The longest that connecting may take, TLS included. Default: 5 s. Has to be shorter than the
        /// other time-outs, and no attempt is begun with less time left: only then is it certain that
        /// nothing had been sent.
        connect_timeout(timeout: Duration) => connect_timeout = timeout;

        /// How long an idle connection is kept for the next call. Default: 4 s, below what servers
        /// usually keep them for: a request on a connection that the server is closing may be lost with
        /// its fate unknown. Zero opens a new connection for each call.
        idle_timeout(timeout: Duration) => idle_timeout = timeout;

        /// The largest body of an answer, in bytes, that is read; a larger one is
        /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). Default: 16 MiB.
        response_limit(bytes: usize) => response_limit = Some(bytes);

        /// Time limits and repetition of the client's calls. Default: that of [`RetryPolicy`].
        retry(policy: RetryPolicy) => policy = policy;

        /// How many repetitions the client may send beyond its calls. Default: that of
        /// [`RetryBudget`].
        retry_budget(budget: RetryBudget) => budget = budget;

        /// Makes jitter reproducible. Default: seeded by the system.
        seed(seed: u64) => seed = Some(seed);

        /// The clock that the ends of consents and tokens are held against; for tokens, and for
        /// Retry-After dates, what the server's answers say about its own clock goes first. Default: the
        /// system's. Waiting is measured by tokio's clock, which tests can pause.
        clock(now: impl Fn() -> Timestamp + Send + Sync + 'static) => clock = Box::new(now);

        /// The HTTP client to start from: for proxies, certificates, name resolution, anything of
        /// [`reqwest::ClientBuilder`].
        ///
        /// Set afterwards, whatever it says: no redirects and no retries of reqwest's own, HTTP/1.1, the
        /// time-outs of this builder, no logging of raw traffic. Promises about secrets and repetition
        /// rest on them.
        http_client_builder(http: reqwest::ClientBuilder) => http = Some(http);
    }

    fn caller(self) -> Result<Caller, BuildError> {
        let base_url = checked_base_url(&self.base_url, self.allow_plain_http)?;
        let (connect, attempt, deadline) =
            (self.connect_timeout, self.policy.attempt_timeout, self.policy.deadline);
        if connect >= attempt || connect >= deadline {
            return Err(BuildError::ConnectTimeout { connect, attempt, deadline });
        }
        let credentials = match &self.auth {
            Auth::Fixed(secret) if secret.expose().trim().is_empty() => {
                return Err(BuildError::EmptySecret);
            }
            Auth::Fixed(secret) if secret.expose().contains(char::is_control) => {
                return Err(BuildError::MalformedSecret);
            }
            Auth::Fixed(secret) => Credentials::new(secret.clone()),
            Auth::Source(_) => Credentials::new(Secret::from("")),
        };
        let http = self.http.unwrap_or_else(|| {
            reqwest::Client::builder().user_agent(concat!("xs2a-rust/", env!("CARGO_PKG_VERSION")))
        });
        // A proxy would get what loopback alone is trusted with.
        let http = match base_url.scheme() {
            "http" if !self.allow_plain_http => http.no_proxy(),
            _ => http,
        };
        let http = http
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .connection_verbose(false)
            .connect_timeout(connect)
            .timeout(attempt.max(deadline))
            .read_timeout(NEVER)
            .pool_idle_timeout(self.idle_timeout)
            .build()
            .map_err(|error| BuildError::Http(error.without_url()))?;
        let mut client = xs2a_client::Client::new(base_url.clone(), http, credentials);
        if let Some(bytes) = self.response_limit {
            client = client.with_response_limit(bytes);
        }
        let random = self.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let shared = Shared {
            base_url,
            budget: Bucket::new(self.budget),
            random: Mutex::new(random),
            clock: self.clock,
            server_ahead: AtomicI64::new(0),
            nudges: Nudges::default(),
            connect_timeout: connect,
        };
        Ok(Caller {
            client,
            policy: self.policy,
            auth: self.auth,
            shared: Arc::new(shared),
            in_flight: Arc::default(),
            concealed: Vec::new(),
        })
    }
}

fn checked_base_url(url: &str, allow_plain_http: bool) -> Result<Url, BuildError> {
    let url = Url::parse(url).map_err(|_| BuildError::BaseUrl("it cannot be read"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BuildError::BaseUrl("it holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(BuildError::BaseUrl("it holds a query or fragment"));
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(BuildError::BaseUrl("it names no host")),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback || allow_plain_http => Ok(url),
        "http" => {
            Err(BuildError::PlainHttp { host: url.host_str().unwrap_or_default().to_owned() })
        }
        _ => Err(BuildError::BaseUrl("its scheme is neither https nor http")),
    }
}
