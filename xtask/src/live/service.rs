//! The way to the service: one call, one answer, no redirects, no attempt but the first.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};
use url::{Host, Url};

use super::exchange::Exchange;

/// The address of the service, unless another one is named.
pub(super) const BASE_URL: &str = "https://api.xs2a.com";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long an answer may take for which the service asks the bank.
const PATIENCE_WITH_BANK: Duration = Duration::from_secs(180);

/// How large an answer may be.
const LARGEST: usize = 32 * 1024 * 1024;

/// Operations whose answer waits for the bank.
const OF_THE_BANK: [&str; 4] =
    ["create_connection", "advance_wizard", "sync_connection", "reset_connection"];

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The address is none.
    #[error("XS2A_BASE_URL is no address: {0}")]
    Address(#[from] url::ParseError),
    /// The key would be readable on the way.
    #[error("XS2A_BASE_URL has to begin with https://, or to name this machine")]
    Plaintext,
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[source] reqwest::Error),
    /// The call failed before an answer was complete.
    #[error("{operation}: no answer: {reason}")]
    Transport {
        /// The call.
        operation: &'static str,
        /// What happened, without the address.
        reason: String,
    },
    /// The answer has no end.
    #[error("{operation}: the answer is larger than {} MiB", LARGEST / 1024 / 1024)]
    TooLarge {
        /// The call.
        operation: &'static str,
    },
}

/// One call.
pub(super) struct Call<'a> {
    pub(super) operation: &'static str,
    pub(super) method: &'a str,
    /// The segments of the path.
    pub(super) path: Vec<&'a str>,
    pub(super) query: &'a [(String, String)],
    pub(super) accept: &'a str,
    pub(super) secret: &'a str,
    pub(super) body: Option<String>,
}

/// The service behind an address.
pub(super) struct Service {
    base: Url,
    client: Client,
}

impl Service {
    pub(super) fn new(base: &str) -> Result<Self, NoAnswer> {
        let base = Url::parse(base)?;
        let is_here = match base.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        };
        if base.cannot_be_a_base() || base.scheme() != "https" && !is_here {
            return Err(NoAnswer::Plaintext);
        }
        let mut client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(20))
            .user_agent(concat!("xs2a-xtask/", env!("CARGO_PKG_VERSION")));
        if is_here {
            client = client.no_proxy();
        }
        Ok(Self { base, client: client.build().map_err(NoAnswer::Client)? })
    }

    /// The host, to be shown.
    pub(super) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    pub(super) async fn send(&self, call: Call<'_>) -> Result<Exchange, NoAnswer> {
        let operation = call.operation;
        let failed = |error: reqwest::Error| NoAnswer::Transport {
            operation,
            reason: causes(&error.without_url()),
        };
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let method = Method::from_bytes(call.method.to_uppercase().as_bytes()).unwrap_or_default();
        let patience = if OF_THE_BANK.contains(&operation) { PATIENCE_WITH_BANK } else { PATIENCE };
        let mut request = self
            .client
            .request(method.clone(), url)
            .basic_auth("api", Some(call.secret))
            .header(ACCEPT, call.accept)
            .timeout(patience);
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let mut answer = request.send().await.map_err(failed)?;
        let status: StatusCode = answer.status();
        let header = |name| {
            let value = answer.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let media_type = header(CONTENT_TYPE)
            .and_then(|value| Some(value.split(';').next()?.trim().to_ascii_lowercase()));
        let date = header(DATE).and_then(|date| clock(&date));
        let retry_after = header(RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(NoAnswer::TooLarge { operation });
            }
        }
        Ok(Exchange {
            operation,
            method: method.to_string(),
            target,
            sent: call.body,
            status: status.as_u16(),
            media_type,
            date,
            retry_after,
            body,
        })
    }
}

/// The time that a `Date` header tells.
fn clock(text: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp())
}

/// An error with its causes.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    text
}
