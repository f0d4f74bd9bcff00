//! What went wrong with one request, and whether the server acted on it.

use std::fmt;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use crate::types::ApiError;
use crate::{Operation, wire};

/// A request that did not end in a success of its operation.
///
/// The error keeps the status, the headers and the body of the answer as far as they arrived.
/// `Display` and `Debug` show no payload, no address and no secret.
pub struct Error(Box<Inner>);

struct Inner {
    operation: Operation,
    kind: ErrorKind,
    answer: Option<Answered>,
    cause: Option<reqwest::Error>,
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    api_error: Option<ApiError>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request itself is wrong, and nothing was sent.
    InvalidRequest {
        /// What is wrong, without the value itself.
        reason: String,
    },
    /// No connection to the server was made, so nothing was sent. Also where the server demands a
    /// client certificate that there is not: rustls tells that, the system's TLS does not.
    Connect,
    /// No answer arrived in time.
    Timeout,
    /// The connection broke before an answer arrived.
    Interrupted,
    /// The status of the answer is not a success of the operation: an error, a redirect, or a
    /// success that the specification does not list.
    Status,
    /// The answer is a page for people, with the status of a success: something between here and the
    /// service sent it.
    Foreign,
    /// The answer is a success, but its body broke off or did not arrive in time.
    Body,
    /// The answer is a success, but its body is longer than the limit.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The answer is a success, but its body is not what the specification says.
    Decode {
        /// The field, such as `data[3].sync_fail_counter`. Empty for the body as a whole.
        path: String,
        /// What was expected in its place.
        expected: String,
    },
}

/// Whether the server did what the request asked for. Serialises as [`as_str`](Self::as_str).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The server did not act: nothing was sent, or the service refused with a status from 400 to 499.
    NotActed,
    /// Nobody knows: the request may have arrived, or the answer does not say.
    Unknown,
    /// The server acted: the answer is a success, although its body cannot be read.
    Acted,
}

impl Fate {
    /// The word for this fate in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotActed => "not_acted",
            Self::Unknown => "unknown",
            Self::Acted => "acted",
        }
    }
}

impl Error {
    pub(crate) fn new(operation: Operation, kind: ErrorKind) -> Self {
        Self(Box::new(Inner { operation, kind, answer: None, cause: None }))
    }

    /// The address is removed from the cause, because it may contain ids.
    pub(crate) fn caused_by(mut self, cause: reqwest::Error) -> Self {
        self.0.cause = Some(cause.without_url());
        self
    }

    pub(crate) fn answered(mut self, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        self.0.answer = Some(Answered {
            status,
            headers,
            api_error: match self.0.kind {
                ErrorKind::Status => wire::decode(&body).ok().filter(ApiError::says_something),
                _ => None,
            },
            body,
        });
        self
    }

    /// The operation that was called.
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The status of the answer, if one arrived.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.answer.as_ref().map(|answer| answer.status)
    }

    /// The headers of the answer, if one arrived.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|answer| &answer.headers)
    }

    /// The body of the answer as far as it arrived. At most 64 KiB are kept of the body of an error,
    /// and of a body that is too long. The body may contain secrets.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.answer.as_ref().map(|answer| &answer.body)
    }

    /// The service's own description of the error, if the body of the answer is one.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.0.answer.as_ref()?.api_error.as_ref()
    }

    /// Whether the service itself sent the error, and not a gateway before it: the body is an object
    /// with the status as its `code`, and a `message`. That all errors of the service are like that,
    /// and those of gateways are not, is assumed.
    pub fn is_from_service(&self) -> bool {
        let Some(answer) = &self.0.answer else { return false };
        let Some(error) = &answer.api_error else { return false };
        error.code.as_deref() == Some(answer.status.as_str()) && error.message.is_some()
    }

    /// Whether a server that closes an idle connection sent the 408: such a server has not read the
    /// request.
    fn closes_an_idle_connection(&self) -> bool {
        let Some(answer) = &self.0.answer else { return false };
        let closes = answer.headers.get(CONNECTION).and_then(|value| value.to_str().ok());
        let body = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
        closes.is_some_and(|value| value.eq_ignore_ascii_case("close"))
            // The service's own words, also where they are cut.
            && !matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
    }

    /// Whether the server did what the request asked for.
    ///
    /// A 401, 403 or 404 says so only if the service itself [sent it](Self::is_from_service): behind
    /// an answer of a gateway the service may have acted, or not. The same holds for a 408, unless a
    /// server sent it that closes an idle connection.
    pub fn fate(&self) -> Fate {
        match self.0.kind {
            ErrorKind::InvalidRequest { .. } | ErrorKind::Connect => Fate::NotActed,
            ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Foreign => Fate::Unknown,
            ErrorKind::Body | ErrorKind::TooLarge { .. } | ErrorKind::Decode { .. } => Fate::Acted,
            ErrorKind::Status => {
                match self.status() {
                    Some(status) if status.is_success() => Fate::Acted,
                    Some(
                        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND,
                    ) if !self.is_from_service() => Fate::Unknown,
                    Some(StatusCode::REQUEST_TIMEOUT) if !self.closes_an_idle_connection() => {
                        Fate::Unknown
                    }
                    Some(status) if status.is_client_error() => Fate::NotActed,
                    _ => Fate::Unknown,
                }
            }
        }
    }
}

impl ApiError {
    /// The [`message`](Self::message), followed by the [`errors`](Self::errors) of single fields.
    /// `None` if the service gave no reason.
    ///
    /// ```
    /// use xs2a_client::types::ApiError;
    ///
    /// let error = br#"{"code": 422, "message": "Invalid", "errors": {"email": ["taken", "too long"]}}"#;
    /// let error: ApiError = xs2a_client::wire::decode(error)?;
    /// assert_eq!(error.text().as_deref(), Some("Invalid (email: taken, too long)"));
    /// # Ok::<(), xs2a_client::wire::DecodeError>(())
    /// ```
    pub fn text(&self) -> Option<String> {
        let fields = self.errors.iter().filter(|(_, words)| !words.is_empty());
        let fields = fields.map(|(field, words)| format!("{field}: {}", words.join(", ")));
        let fields = fields.collect::<Vec<_>>().join("; ");
        match (&self.message, fields.is_empty()) {
            (message, true) => message.clone(),
            (None, false) => Some(fields),
            (Some(message), false) => Some(format!("{message} ({fields})")),
        }
    }

    fn says_something(&self) -> bool {
        self.code.is_some() || self.message.is_some() || !self.errors.is_empty()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation();
        let status = self.status().unwrap_or_default();
        match &self.0.kind {
            ErrorKind::InvalidRequest { reason } => {
                write!(f, "{operation} was not sent: {reason}")
            }
            ErrorKind::Connect => {
                write!(f, "{operation} was not sent: no connection to the server")
            }
            ErrorKind::Timeout => write!(f, "{operation} got no answer in time"),
            ErrorKind::Interrupted => {
                write!(f, "{operation} got no answer: the connection broke")
            }
            ErrorKind::Status => write!(f, "{operation} was answered with {status}"),
            ErrorKind::Foreign => {
                write!(f, "{operation} was answered with {status}, but not by the service")
            }
            ErrorKind::Body => {
                write!(f, "{operation} was answered with {status}, but the answer broke off")
            }
            ErrorKind::TooLarge { limit } => write!(
                f,
                "{operation} was answered with {status}, but with more than {limit} bytes"
            ),
            ErrorKind::Decode { path, expected } if path.is_empty() => {
                write!(f, "{operation} was answered with {status}, but not with {expected}")
            }
            ErrorKind::Decode { path, expected } => {
                write!(f, "{operation} was answered with {status}, but `{path}` is not {expected}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.0.cause.as_ref()?;
        Some(cause)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.operation())
            .field("kind", self.kind())
            .field("status", &self.status())
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}
