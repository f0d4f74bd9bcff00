//! The client: which server it calls, and with which secret.

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

/// The scheme of the header `Authorization`.
const SCHEME: &str = "Basic ";

/// The secret that calls are made with: an API key, or the access token of one bank user.
///
/// The service takes either of them as the password of HTTP Basic, with the user name `api`.
/// [`Operation::scope`](crate::Operation::scope) says which of the two an operation takes.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `None` if no header can hold the secret.
    authorization: Option<HeaderValue>,
}

impl Credentials {
    /// Credentials of an API key or an access token.
    pub fn new(secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        let secret = secret.expose();
        // The buffers never grow: growing would leave copies behind that nobody wipes.
        let mut pair = Zeroizing::new(String::with_capacity(USER.len() + 1 + secret.len()));
        pair.push_str(USER);
        pair.push(':');
        pair.push_str(secret);
        let encoded = pair.len().div_ceil(3) * 4;
        let mut value = Zeroizing::new(String::with_capacity(SCHEME.len() + encoded));
        value.push_str(SCHEME);
        BASE64_STANDARD.encode_string(pair.as_bytes(), &mut value);
        // All copies of the header share these bytes, which are wiped with the last copy.
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
/// Redirects, retries and time-outs are settings of the HTTP client. It must not retry by itself,
/// since a repeated request may act twice, and it must not follow redirects, which carry secrets to
/// other hosts: [`one_request_per_call`](crate::one_request_per_call) sees to both. It should have time-outs.
#[derive(Clone)]
pub struct Client {
    server: Arc<Server>,
    credentials: Credentials,
    /// `None` for the limit of the operation.
    response_limit: Option<usize>,
    timeout: Option<Duration>,
}

/// What all copies of a client share.
struct Server {
    base_url: Url,
    http: reqwest::Client,
}

impl Client {
    /// A client that calls the server at `base_url`. The path of each operation is appended to the
    /// path of `base_url`.
    pub fn new(base_url: Url, http: reqwest::Client, credentials: Credentials) -> Self {
        Self {
            server: Arc::new(Server { base_url, http }),
            credentials,
            response_limit: None,
            timeout: None,
        }
    }

    /// The same client with another secret. The original client keeps its own.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        Self { credentials, ..self.clone() }
    }

    /// The same client with one limit for the bodies of all answers, in bytes. A longer body is an
    /// error. Without this limit, each operation has
    /// [its own](crate::Operation::response_limit).
    #[must_use]
    pub fn with_response_limit(&self, bytes: usize) -> Self {
        Self { response_limit: Some(bytes), ..self.clone() }
    }

    /// The same client with a time-out for each request. The time-out covers everything from
    /// connecting to the last byte of the answer, and replaces the time-out of the HTTP client.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// The address of the server.
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

    pub(crate) fn response_limit(&self) -> Option<usize> {
        self.response_limit
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the user name and the password that the address may contain.
        f.debug_struct("Client")
            .field("host", &self.server.base_url.host_str())
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
