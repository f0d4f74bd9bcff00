//! One request: its address made of checked parts, its headers and its body.

#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderMap,
    HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::response::{Answer, receive};
use crate::secret;
use crate::{Client, Credentials, Error, ErrorKind, Operation};

/// The characters that are escaped in a segment: all except those that RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Headers that belong to HTTP or to this crate, and that nobody adds.
const RESERVED: [HeaderName; 9] = [
    ACCEPT,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    COOKIE,
    HOST,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The request of a [`Call`](crate::Call), without the type of its answer. It can be sent several times.
///
/// Clones are cheap, because they share the body.
///
/// ```no_run
/// # async fn run(client: xs2a_client::Client) -> Result<(), xs2a_client::Error> {
/// use std::time::Duration;
///
/// let (mut request, read) = client.get_connection(&"con-7d1f0c2a5b9e".into()).into_parts();
/// assert_eq!(request.path_parameter("connection_id").as_deref(), Some("con-7d1f0c2a5b9e"));
/// request.set_timeout(Duration::from_secs(5));
/// let connection = read(request.send().await?)?.into_inner();
/// # let _ = connection;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Request {
    client: Client,
    operation: Operation,
    /// What is sent, or the reason why the request cannot be sent at all.
    prepared: Result<Prepared, String>,
}

/// The parts of a request that are its own.
#[derive(Clone)]
struct Prepared {
    url: Url,
    body: Option<Bytes>,
    headers: HeaderMap,
}

impl Request {
    /// A request to the path of the operation. The parameters stand in the order of the template.
    pub(crate) fn new(client: &Client, operation: Operation, parameters: &[&dyn Display]) -> Self {
        let prepared = address(client.base_url(), operation.path_template(), parameters)
            .map(|url| Prepared { url, body: None, headers: HeaderMap::new() });
        Self { client: client.clone(), operation, prepared }
    }

    /// The value of a parameter in the path, by its name in the
    /// [template](Operation::path_template). `None` where there is no such parameter, or where the
    /// request cannot be sent.
    pub fn path_parameter(&self, name: &str) -> Option<String> {
        let path = self.prepared.as_ref().ok()?.url.path();
        let template = self.operation.path_template().rsplit('/');
        // From the end, because the base may have a path of its own.
        let (_, value) = template.zip(path.rsplit('/')).find(|(segment, _)| {
            segment.strip_prefix('{').and_then(|it| it.strip_suffix('}')) == Some(name)
        })?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    /// Adds the query parameters that are set.
    pub(crate) fn query(mut self, query: &impl Query) -> Self {
        if let Ok(prepared) = &mut self.prepared {
            query.write(&mut Pairs(prepared.url.query_pairs_mut()));
            // Without any parameter, there is no question mark.
            if prepared.url.query() == Some("") {
                prepared.url.set_query(None);
            }
        }
        self
    }

    /// Sets a JSON body.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        if let Ok(prepared) = &mut self.prepared {
            match encode(body) {
                Ok(json) => prepared.body = Some(json),
                Err(error) => {
                    self.prepared = Err(format!("the body cannot be written as JSON: {error}"));
                }
            }
        }
        self
    }

    /// The operation that is called.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Sends another secret from now on.
    pub fn set_credentials(&mut self, credentials: Credentials) {
        self.client = self.client.with_credentials(credentials);
    }

    /// Sends these headers beside those of the crate, in place of any that were set before: a trace
    /// context or a request id. Headers of HTTP itself, and those that this crate sets, stay as they are.
    pub fn set_headers(&mut self, headers: HeaderMap) {
        if let Ok(prepared) = &mut self.prepared {
            prepared.headers = headers;
        }
    }

    /// Sets the time-out for each sending, from connecting to the last byte of the answer. It replaces the
    /// time-out of the client.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.client = self.client.with_timeout(timeout);
    }

    /// Makes one HTTP request, and takes in its answer. What the answer says is still to be read.
    ///
    /// # Errors
    ///
    /// All that [`ErrorKind`] lists, except for [`ErrorKind::Decode`]. A status that is no success of the
    /// operation is an [`ErrorKind::Status`].
    pub async fn send(&self) -> Result<Answer, Error> {
        let request = self.build().map_err(|reason| invalid(self.operation, reason))?;
        match self.client.http().execute(request).await {
            Ok(response) => {
                let limit = self.client.response_limit();
                let limit = limit.unwrap_or(self.operation.response_limit());
                receive(self.operation, response, limit).await
            }
            Err(error) => Err(failed(self.operation, error)),
        }
    }

    fn build(&self) -> Result<reqwest::Request, String> {
        let prepared = self.prepared.as_ref().map_err(String::clone)?;
        let authorization = self.client.credentials().authorization();
        let authorization =
            authorization.ok_or_else(|| "no header can hold the secret".to_owned())?;
        let mut request = reqwest::Request::new(self.operation.method(), prepared.url.clone());
        *request.timeout_mut() = self.client.timeout();
        let headers = request.headers_mut();
        let is_free = |name: &HeaderName| !RESERVED.contains(name);
        let added = prepared.headers.iter().filter(|(name, _)| is_free(name));
        headers.extend(added.map(|(name, value)| (name.clone(), value.clone())));
        headers.insert(AUTHORIZATION, authorization.clone());
        headers.insert(ACCEPT, HeaderValue::from_static(self.operation.accept()));
        if let Some(body) = &prepared.body {
            headers.insert(CONTENT_TYPE, JSON);
            *request.body_mut() = Some(body.clone().into());
        }
        Ok(request)
    }
}

impl fmt::Debug for Request {
    /// Without the body, the headers and the values in the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// The query parameters of an operation.
pub(crate) trait Query {
    /// Writes the parameters that are set, under the names that the service knows.
    fn write(&self, pairs: &mut Pairs<'_>);
}

/// The query of an address, to which parameters are appended.
pub(crate) struct Pairs<'a>(form_urlencoded::Serializer<'a, url::UrlQuery<'a>>);

impl Pairs<'_> {
    pub(crate) fn set(&mut self, name: &str, value: &dyn Display) {
        self.0.append_pair(name, &value.to_string());
    }

    pub(crate) fn set_if_some(&mut self, name: &str, value: &Option<impl Display>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

/// Writes a body. The body may contain what a user entered, so it is wiped after its last use.
fn encode(body: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    secret::exposing(|| {
        let mut length = Length(0);
        serde_json::to_writer(&mut length, body)?;
        // The buffer never grows: growing would leave copies behind that nobody wipes.
        let mut json = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *json, body)?;
        Ok(Bytes::from_owner(json))
    })
}

/// Counts what is written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn invalid(operation: Operation, reason: String) -> Error {
    Error::new(operation, ErrorKind::InvalidRequest { reason })
}

fn failed(operation: Operation, error: reqwest::Error) -> Error {
    if error.is_builder() {
        return invalid(operation, "it cannot be put into HTTP".to_owned());
    }
    // Only this proves that nothing was sent. A time-out while connecting is both kinds of error.
    let kind = if error.is_connect() || lacks_a_certificate(&error) {
        ErrorKind::Connect
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Interrupted
    };
    Error::new(operation, kind).caused_by(error)
}

/// Whether the server ended the TLS handshake because the client has shown no certificate.
///
/// With TLS 1.3 the client is through with its part of the handshake before the server has looked at
/// it, so that the request is under way when the server refuses to shake hands. This alert proves
/// that the server never took in the request: a server sends it in the handshake alone.
#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
fn lacks_a_certificate(error: &reqwest::Error) -> bool {
    let first: &(dyn StdError + 'static) = error;
    let causes = std::iter::successors(Some(first), |&cause| cause.source());
    let alerts = causes.filter_map(|cause| {
        // The source of an I/O error is the source of what it contains.
        let contained = cause.downcast_ref::<io::Error>()?.get_ref()?;
        contained.downcast_ref::<rustls::Error>()
    });
    let required = rustls::AlertDescription::CertificateRequired;
    alerts.into_iter().any(|alert| *alert == rustls::Error::AlertReceived(required))
}

/// The system's TLS does not tell its alerts.
#[cfg(not(any(feature = "rustls", feature = "rustls-ring")))]
fn lacks_a_certificate(_: &reqwest::Error) -> bool {
    false
}

/// Fills the template. A parameter can neither add a segment nor remove one.
fn address(base: &Url, template: &str, parameters: &[&dyn Display]) -> Result<Url, String> {
    if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
        return Err("the base URL has to begin with `https://` or `http://`".to_owned());
    }
    let base_path = base.path().trim_end_matches('/');
    // Room for one id of the usual length. A longer path grows.
    let mut path = String::with_capacity(base_path.len() + template.len() + 32);
    path.push_str(base_path);
    let mut parameters = parameters.iter();
    let mut rest = template;
    while let Some((literal, (name, after))) =
        rest.split_once('{').and_then(|(literal, rest)| Some((literal, rest.split_once('}')?)))
    {
        let value = parameters.next().map(ToString::to_string).unwrap_or_default();
        check(&value).map_err(|problem| format!("`{name}` {problem}"))?;
        path.push_str(literal);
        path.extend(utf8_percent_encode(&value, SEGMENT));
        rest = after;
    }
    path.push_str(rest);
    let mut url = base.clone();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    // The base URL may contain a user name and a password, which are not sent.
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    if cleared.is_err() || url.path() != path {
        return Err("the parameters would change the path".to_owned());
    }
    Ok(url)
}

/// Servers and gateways resolve some segments and split others, even when they are encoded.
fn check(value: &str) -> Result<(), &'static str> {
    match value {
        "" => Err("is empty"),
        "." | ".." => Err("would lead to another path"),
        _ if value.contains(['/', '\\']) => Err("has a slash, which would lead to another path"),
        _ if value.chars().any(char::is_control) => Err("has a control character"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(base: &str, template: &str, parameters: &[&dyn Display]) -> Result<String, String> {
        address(&base.parse().unwrap(), template, parameters).map(|url| url.to_string())
    }

    #[test]
    fn parameters_fill_the_template_in_order() {
        let date = jiff::civil::date(2026, 1, 31);
        assert_eq!(
            path("https://a.b", "/v1/{x}/y/{z}", &[&"con-1", &date]).unwrap(),
            "https://a.b/v1/con-1/y/2026-01-31"
        );
    }

    #[test]
    fn the_base_keeps_its_path_and_loses_everything_else() {
        let expected = "https://a.b/proxy/v1/1";
        for base in ["https://a.b/proxy", "https://u:p@a.b/proxy/?q=1#f"] {
            assert_eq!(path(base, "/v1/{x}", &[&1]).unwrap(), expected);
        }
    }

    #[test]
    fn what_would_change_the_path_is_refused() {
        for id in [
            "", ".", "..", "a/b", "a/../b", "../a", "/", "\\", "..\\a", "a\tb", ".\n.", "a\0",
            "\u{7f}", "\u{85}",
        ] {
            let refused = path("https://a.b", "/v1/{x}/y", &[&id]);
            assert!(refused.is_err(), "{id:?} became {refused:?}");
        }
    }

    #[test]
    fn everything_else_is_escaped_and_stays_one_segment() {
        for (id, segment) in [
            ("%2e%2e", "%252e%252e"),
            ("%2F", "%252F"),
            ("a?b#c", "a%3Fb%23c"),
            ("a b;c=d&e", "a%20b%3Bc%3Dd%26e"),
            ("...", "..."),
            ("ü", "%C3%BC"),
            (" ..", "%20.."),
        ] {
            assert_eq!(
                path("https://a.b", "/v1/{x}/y", &[&id]).unwrap(),
                format!("https://a.b/v1/{segment}/y")
            );
        }
    }

    #[test]
    fn only_http_is_spoken() {
        for base in ["mailto:a@b", "file:///a", "ftp://a.b"] {
            assert!(path(base, "/v1", &[]).is_err(), "{base}");
        }
    }
}
