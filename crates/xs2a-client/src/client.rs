//! Where calls go, and with which secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use url::Url;
use zeroize::Zeroizing;

use crate::Secret;

/// The user name that goes with every secret.
const USER: &str = "api";

/// What stands before user name and secret.
const SCHEME: &str = "Basic ";

/// The secret that calls are made with: an API key, or the access token of one bank user.
///
/// The service takes either as the password of HTTP Basic, with the user name `api`. Which of the
/// two an operation wants says [`Operation::scope`](crate::Operation::scope).
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// None for what no header can hold.
    authorization: Option<HeaderValue>,
}

impl Credentials {
    /// Credentials of an API key or an access token.
    pub fn new(secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        let secret = secret.expose();
        // Buffers that do not grow, since growing leaves copies behind that nobody wipes.
        let mut pair = Zeroizing::new(String::with_capacity(USER.len() + 1 + secret.len()));
        pair.push_str(USER);
        pair.push(':');
        pair.push_str(secret);
        let encoded = pair.len().div_ceil(3) * 4;
        let mut value = Zeroizing::new(String::with_capacity(SCHEME.len() + encoded));
        value.push_str(SCHEME);
        BASE64_STANDARD.encode_string(pair.as_bytes(), &mut value);
        // All copies of the header share these bytes, which are wiped with the last one.
        let mut authorization = HeaderValue::from_maybe_shared(Bytes::from_owner(value)).ok();
        if let Some(authorization) = &mut authorization {
            authorization.set_sensitive(true);
        }
        Self { authorization }
    }

    /// The value of the header `Authorization`.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// The client: one method per operation, each of which makes a [`Call`](crate::Call).
///
/// The client never repeats, sleeps or decides. Clones are cheap and share the connections of the
/// HTTP client.
///
/// What the HTTP client does is up to whoever builds it. For at-most-once and for the safety of
/// the secret it must not follow redirects or retry by itself, and should have time-outs; the
/// crate `xs2a` sees to all of that.
#[derive(Clone)]
pub struct Client {
    server: Arc<Server>,
    credentials: Credentials,
    response_limit: usize,
    timeout: Option<Duration>,
}

/// What all copies of a client share.
struct Server {
    base_url: Url,
    http: reqwest::Client,
}

impl Client {
    /// Answers with a body of more bytes than this are an error, unless said otherwise.
    pub const DEFAULT_RESPONSE_LIMIT: usize = 16 * 1024 * 1024;

    /// A client that calls the server at `base_url`, whose path stands before every other.
    pub fn new(base_url: Url, http: reqwest::Client, credentials: Credentials) -> Self {
        Self {
            server: Arc::new(Server { base_url, http }),
            credentials,
            response_limit: Self::DEFAULT_RESPONSE_LIMIT,
            timeout: None,
        }
    }

    /// The same client with another secret; this one keeps its own.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        Self { credentials, ..self.clone() }
    }

    /// The same client with another limit for the bodies of answers, in bytes.
    #[must_use]
    pub fn with_response_limit(&self, bytes: usize) -> Self {
        Self { response_limit: bytes, ..self.clone() }
    }

    /// The same client with a time-out for each request, from connecting to the last byte of the
    /// answer, in place of that of the HTTP client.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// Where the server is.
    pub fn base_url(&self) -> &Url {
        &self.server.base_url
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.server.http
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn response_limit(&self) -> usize {
        self.response_limit
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address without a user name or password that may stand in it.
        f.debug_struct("Client")
            .field("host", &self.server.base_url.host_str())
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
