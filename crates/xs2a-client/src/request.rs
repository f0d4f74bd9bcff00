//! One request: its path from checked parts, its secret, and nothing the API did not ask for.

use std::fmt::Display;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use url::Url;
use zeroize::Zeroizing;

use crate::response::Answer;
use crate::{Client, Error, ErrorKind, Operation};

/// The user name that goes with every secret.
const USER: &str = "api";

/// What is escaped in a segment: all but what RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Room for any body that the API asks for.
const BODY_CAPACITY: usize = 4096;

/// A request in the making. What is wrong with it shows when it is made or sent.
pub(crate) struct Request<'a> {
    client: &'a Client,
    operation: Operation,
    builder: reqwest::RequestBuilder,
    unwritable: bool,
}

impl<'a> Request<'a> {
    /// A request to the operation's path, with the parameters in the order of its template.
    pub(crate) fn new(
        client: &'a Client,
        operation: Operation,
        parameters: &[&dyn Display],
    ) -> Result<Self, Error> {
        let url = address(client.base_url(), operation.path_template(), parameters)
            .map_err(|reason| invalid(operation, reason))?;
        let mut builder = client
            .http()
            .request(operation.method(), url)
            // Marks the header as sensitive, too.
            .basic_auth(USER, Some(client.credentials().secret().expose()));
        if let Some(timeout) = client.timeout() {
            builder = builder.timeout(timeout);
        }
        Ok(Self { client, operation, builder, unwritable: false })
    }

    /// Adds the query parameters that are set.
    pub(crate) fn query(mut self, query: &impl Serialize) -> Self {
        self.builder = self.builder.query(query);
        self
    }

    /// Sets a JSON body.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        // May hold what a user entered: wiped when sent, and not copied by growing.
        let mut json = Zeroizing::new(Vec::with_capacity(BODY_CAPACITY));
        match serde_json::to_writer(&mut *json, body) {
            Ok(()) => {
                self.builder = self
                    .builder
                    .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                    .body(Bytes::from_owner(json));
            }
            Err(_) => self.unwritable = true,
        }
        self
    }

    /// Says that the answer is expected to be JSON.
    pub(crate) fn accept_json(mut self) -> Self {
        self.builder = self.builder.header(ACCEPT, HeaderValue::from_static("application/json"));
        self
    }

    /// Sends it and waits for the head of the answer.
    pub(crate) async fn send(self) -> Result<Answer, Error> {
        if self.unwritable {
            return Err(invalid(self.operation, "the body cannot be written as JSON".to_owned()));
        }
        match self.builder.send().await {
            Ok(response) => Ok(Answer::new(self.operation, response, self.client.response_limit())),
            Err(error) => Err(failed(self.operation, error)),
        }
    }
}

fn invalid(operation: Operation, reason: String) -> Error {
    Error::new(operation, ErrorKind::InvalidRequest { reason })
}

fn failed(operation: Operation, error: reqwest::Error) -> Error {
    if error.is_builder() {
        return invalid(operation, "it cannot be put into HTTP".to_owned());
    }
    // The one proof that nothing was sent. A time-out while connecting may be both.
    let kind = if error.is_connect() {
        ErrorKind::Connect
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Interrupted
    };
    Error::new(operation, kind).caused_by(error)
}

/// Fills the template. A parameter can neither add nor remove a segment.
fn address(base: &Url, template: &str, parameters: &[&dyn Display]) -> Result<Url, String> {
    if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
        return Err("the base URL has to begin with `https://` or `http://`".to_owned());
    }
    let mut path = base.path().trim_end_matches('/').to_owned();
    let mut parameters = parameters.iter();
    for segment in template.split('/').skip(1) {
        path.push('/');
        let name = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
        match name {
            None => path.push_str(segment),
            Some(name) => {
                let value = parameters.next().map(ToString::to_string);
                let value = value.unwrap_or_default();
                check(&value).map_err(|problem| format!("`{name}` {problem}"))?;
                path.extend(utf8_percent_encode(&value, SEGMENT));
            }
        }
    }
    let mut url = base.clone();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    // Whatever the base URL brings along: the secret is ours alone.
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    if cleared.is_err() || url.path() != path {
        return Err("the parameters would change the path".to_owned());
    }
    Ok(url)
}

/// Servers and gateways resolve some segments and split at others, encoded or not.
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
