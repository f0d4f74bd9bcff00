//! How the clients are built.

use std::error::Error as StdError;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use url::{Host, Url};
use xs2a_client::{Credentials, Secret};

use crate::call::{Auth, Bucket, Caller, Gate, RetryBudget, RetryPolicy, ServerClock, Shared};

/// Builds an [`ApiClient`](crate::ApiClient) or a [`UserClient`](crate::UserClient).
///
/// ```
/// use std::time::Duration;
/// use xs2a::{RetryPolicy, UserClient};
///
/// # fn main() -> Result<(), xs2a::BuildError> {
/// let user = UserClient::builder("access-token")
/// #   .base_url("http://127.0.0.1:1")
///     .connect_timeout(Duration::from_secs(2))
///     .retry(RetryPolicy::default().with_deadline(Duration::from_secs(30)))
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
    gates: Vec<Arc<dyn Gate>>,
    pub(super) reuses_tokens: bool,
    http: Option<reqwest::ClientBuilder>,
    client: PhantomData<fn() -> C>,
}

/// Why a client cannot be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL is not an absolute HTTP URL.
    BaseUrl(&'static str),
    /// The base URL would send secrets in the clear to another machine.
    PlainHttp {
        /// The host of the base URL.
        host: String,
    },
    /// The environment lacks the variable, or its value is no text.
    Environment {
        /// The name of the variable.
        name: &'static str,
    },
    /// The secret is empty, or blank.
    EmptySecret,
    /// The secret holds a line break or another control character. Check for a line break at the end
    /// of a file.
    MalformedSecret,
    /// The connect time-out is not the shortest. It has to be, so that a time-out while connecting is
    /// told from a time-out after sending.
    ConnectTimeout {
        /// The time-out for connecting.
        connect: Duration,
        /// The time-out of an attempt.
        attempt: Duration,
        /// The deadline of a call.
        deadline: Duration,
    },
    /// The address is an https address, and this build has no TLS.
    NoTls,
    /// The HTTP client names a proxy, and plain HTTP would pass by it: a proxy is another host, which
    /// would get secrets in the clear.
    Proxy,
    /// The HTTP client cannot be set up (certificates, proxies).
    Http(reqwest::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUrl(why) => write!(f, "the base URL is not a plain http(s) address: {why}"),
            Self::PlainHttp { host } => write!(
                f,
                "{host} would get secrets over plain HTTP: use https, or allow_plain_http() if that is meant"
            ),
            Self::Environment { name } => {
                write!(f, "the environment variable {name} is not set, or is no text")
            }
            Self::EmptySecret => f.write_str("the API key or access token is empty"),
            Self::MalformedSecret => f.write_str(
                "the API key or access token holds a line break or another control character",
            ),
            Self::ConnectTimeout { connect, attempt, deadline } => write!(
                f,
                "the connect time-out ({connect:?}) has to be shorter than an attempt's ({attempt:?}) \
                 and the deadline ({deadline:?})"
            ),
            Self::NoTls => f.write_str(
                "the base URL is https, and xs2a was built without TLS: switch on one of its features \
                 `rustls`, `rustls-ring` or `native-tls`, or bring TLS with http_client_builder()",
            ),
            Self::Proxy => f.write_str(
                "plain HTTP would pass by the proxy of the HTTP client: use https, take the proxy out, \
                 or allow_plain_http() if the proxy may see the secrets",
            ),
            Self::Http(_) => f.write_str("the HTTP client cannot be set up"),
        }
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Http(error) => Some(error),
            _ => None,
        }
    }
}

/// Stands for a time-out that must not end an attempt before the attempt's own.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

impl<C> ClientBuilder<C> {
    pub(super) fn new(auth: Auth) -> Self {
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
            gates: Vec::new(),
            reuses_tokens: false,
            http: None,
            client: PhantomData,
        }
    }

    /// Where the service is. Default: [`DEFAULT_BASE_URL`](xs2a_client::DEFAULT_BASE_URL).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Permits a base URL that sends secrets over plain HTTP to another machine, and a proxy on the
    /// way of plain HTTP. Plain HTTP to loopback, without a proxy, is always permitted. Without this,
    /// plain HTTP passes by a proxy that the environment names, and a proxy of
    /// [`http_client_builder`](Self::http_client_builder) is [`BuildError::Proxy`].
    pub fn allow_plain_http(mut self) -> Self {
        self.allow_plain_http = true;
        self
    }

    /// The longest that connecting may take, TLS included. Default: 5 s. It has to be shorter than
    /// the other time limits, and no attempt begins with less time left: only then is it certain
    /// that an attempt which ran out of time while connecting has sent nothing.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long an idle connection is kept for the next call. Default: 4 s, which is shorter than
    /// servers usually keep connections. A request on a connection that the server is closing may be
    /// lost with its fate unknown.
    ///
    /// Zero opens a new connection for each call, which costs a TLS handshake each. Set zero where a
    /// server or a gateway is broken in such a way that it sends an answer too many: HTTP/1.1 tells
    /// answers by their order alone, so an answer that was left over on a kept connection is taken for
    /// that of the next call, and a sync that was not acted on seems to be. Zero is also right where
    /// no fate may be left open by a connection that closes while it is idle.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// The largest body of any answer, in bytes. A larger body is
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). Default: a limit for each operation
    /// ([`Operation::response_limit`](crate::Operation::response_limit)), from 64 KiB to 16 MiB. In
    /// memory, an answer takes at most some 40 times its limit.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = Some(bytes);
        self
    }

    /// Time limits and repetition of the client's calls. Default: that of [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// How many repetitions the client may send beyond its calls. Default: that of
    /// [`RetryBudget`].
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Makes jitter reproducible. Default: seeded by the system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The clock that the ends of consents and tokens are compared with. For tokens and for
    /// Retry-After dates, what the server's answers say about its own clock comes first. Default:
    /// the system's. Waiting is measured by tokio's clock, which tests can pause.
    pub fn clock(mut self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Box::new(now);
        self
    }

    /// Adds what each attempt passes before it is sent, such as a [`Pace`](crate::Pace). Several gates
    /// are passed in the order in which they were added. Default: none.
    pub fn gate(mut self, gate: impl Gate) -> Self {
        self.gates.push(Arc::new(gate));
        self
    }

    /// The HTTP client to start from: for proxies, certificates, name resolution, anything of
    /// [`reqwest::ClientBuilder`].
    ///
    /// The following is set afterwards, whatever the builder says: no redirects and no retries of
    /// reqwest's own, HTTP/1.1, the time limits of this builder, no logging of raw traffic. Promises
    /// about secrets and repetition rest on these settings.
    ///
    /// Without a feature for TLS, this builder is taken to bring TLS: reqwest does not tell whether it
    /// does. Where it brings none, each call to an https address fails with
    /// [`ErrorKind::Connect`](crate::ErrorKind::Connect).
    pub fn http_client_builder(mut self, http: reqwest::ClientBuilder) -> Self {
        self.http = Some(http);
        self
    }

    pub(super) fn caller(self) -> Result<Caller, BuildError> {
        let base_url = checked_base_url(&self.base_url, self.allow_plain_http)?;
        let (connect, (attempt, deadline)) = (self.connect_timeout, self.policy.shortest());
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
        let has_tls = self.http.is_some() || HAS_TLS;
        if base_url.scheme() == "https" && !has_tls {
            return Err(BuildError::NoTls);
        }
        let http = match self.http {
            // Its time limits give way to ours. Each limit costs a timer per call, so that none is set
            // where none has to give way.
            Some(http) => http.timeout(NEVER).read_timeout(NEVER),
            None => reqwest::Client::builder()
                .user_agent(concat!("xs2a-rust/", env!("CARGO_PKG_VERSION"))),
        };
        // Loopback is trusted with plain HTTP; a proxy is another host.
        let http = match base_url.scheme() {
            "http" if !self.allow_plain_http && names_a_proxy(&http) => {
                return Err(BuildError::Proxy);
            }
            "http" if !self.allow_plain_http => http.no_proxy(),
            _ => http,
        };
        let http = xs2a_client::one_request_per_call(http)
            .connect_timeout(connect)
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
            server_clock: Mutex::new(ServerClock::default()),
            gates: self.gates,
            connect_timeout: connect,
        };
        Ok(Caller {
            client,
            policy: Arc::new(self.policy),
            auth: self.auth,
            shared: Arc::new(shared),
            concealed: Vec::new(),
        })
    }
}

/// Whether a proxy was added to the builder. Only its `Debug` form tells: reqwest prints the proxies,
/// if there are any, before the headers.
fn names_a_proxy(http: &reqwest::ClientBuilder) -> bool {
    let printed = format!("{http:?}");
    printed.split("default_headers").next().is_some_and(|before| before.contains(" proxies: "))
}

/// Whether a feature of this crate brings TLS.
const HAS_TLS: bool =
    cfg!(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"));

/// Reads a secret and, where it is set, the base URL from the environment.
pub(super) fn from_env<C>(
    name: &'static str,
    begin: impl FnOnce(Secret) -> ClientBuilder<C>,
) -> Result<ClientBuilder<C>, BuildError> {
    let variable = |name| std::env::var(name).map_err(|_| BuildError::Environment { name });
    let builder = begin(Secret::from(variable(name)?));
    const BASE_URL: &str = "XS2A_BASE_URL";
    match std::env::var_os(BASE_URL) {
        Some(_) => Ok(builder.base_url(variable(BASE_URL)?)),
        None => Ok(builder),
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
