//! Where calls go, and with which secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::Secret;

/// The secret that calls are made with: an API key, or the access token of one bank user.
///
/// The service takes either as the password of HTTP Basic, with the user name `api`. Which of the
/// two an operation wants says [`Operation::scope`](crate::Operation::scope).
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Secret);

impl Credentials {
    /// Credentials of an API key or an access token.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// The client: one method per operation, each of which makes one HTTP request.
///
/// It never repeats, sleeps or decides. Clones are cheap and share the connections of the HTTP
/// client.
///
/// What the HTTP client does is up to whoever builds it. For at-most-once and for the safety of
/// the secret it must not follow redirects or retry by itself, and should have time-outs; the
/// crate `xs2a` sees to all of that.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    base_url: Url,
    http: reqwest::Client,
    credentials: Credentials,
    response_limit: usize,
    timeout: Option<Duration>,
}

impl Client {
    /// Answers with a body of more bytes than this are an error, unless said otherwise.
    pub const DEFAULT_RESPONSE_LIMIT: usize = 16 * 1024 * 1024;

    /// A client that calls the server at `base_url`, whose path stands before every other.
    pub fn new(base_url: Url, http: reqwest::Client, credentials: Credentials) -> Self {
        Self {
            inner: Arc::new(Inner {
                base_url,
                http,
                credentials,
                response_limit: Self::DEFAULT_RESPONSE_LIMIT,
                timeout: None,
            }),
        }
    }

    /// The same client with another secret; this one keeps its own.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        let mut inner = Inner::clone(&self.inner);
        inner.credentials = credentials;
        Self { inner: Arc::new(inner) }
    }

    /// The same client with another limit for the bodies of answers, in bytes.
    #[must_use]
    pub fn with_response_limit(&self, bytes: usize) -> Self {
        let mut inner = Inner::clone(&self.inner);
        inner.response_limit = bytes;
        Self { inner: Arc::new(inner) }
    }

    /// The same client with a time-out for each request, from connecting to the last byte of the
    /// answer, in place of that of the HTTP client.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut inner = Inner::clone(&self.inner);
        inner.timeout = Some(timeout);
        Self { inner: Arc::new(inner) }
    }

    /// Where the server is.
    pub fn base_url(&self) -> &Url {
        &self.inner.base_url
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.inner.http
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.inner.timeout
    }

    pub(crate) fn response_limit(&self) -> usize {
        self.inner.response_limit
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address without a user name or password that may stand in it.
        f.debug_struct("Client")
            .field("host", &self.inner.base_url.host_str())
            .field("credentials", &self.inner.credentials)
            .finish_non_exhaustive()
    }
}
