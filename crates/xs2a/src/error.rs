//! The error of a call: what failed, whether the server acted, and how many attempts were made.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use xs2a_client::types::ApiError;
use xs2a_client::{Fate, Operation, Secret, UnreadableEntry, quote};

/// What a token source or a store failed with, shared by all calls that waited for it.
pub(crate) type SourceError = Arc<dyn StdError + Send + Sync>;

/// An error and its causes in one line, for people. A cause that the line says already is left out.
///
/// Works with any error. A cause that a token source or a store of the program made says what the
/// program made it say.
///
/// ```
/// use std::io;
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("the list cannot be kept")]
/// struct NotKept(#[source] io::Error);
///
/// let error = NotKept(io::Error::other("the disk is full"));
/// assert_eq!(xs2a::with_causes(&error), "the list cannot be kept: the disk is full");
/// ```
pub fn with_causes(error: &(dyn StdError + 'static)) -> String {
    let mut line = error.to_string();
    for cause in std::iter::successors(error.source(), |&cause| cause.source()) {
        let cause = cause.to_string();
        if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

/// A call that did not succeed.
///
/// Programs match [`kind`](Self::kind) and [`fate`](Self::fate). People read the `Display` form,
/// which says what happened and whether the server acted. The
/// [`source`](std::error::Error::source) has the cause. No part of an error shows a secret or the
/// URL of a request. `Debug` does not print what a token source or a store says of itself; the source
/// has their error.
///
/// ```
/// use xs2a::{Error, ErrorKind, Fate};
///
/// fn advice(error: &Error) -> &'static str {
///     match (error.kind(), error.fate()) {
///         (ErrorKind::Throttled, _) => "come back later",
///         (_, Fate::NotActed) => "nothing happened, calling again does no harm",
///         (_, Fate::Unknown) => "look before you call again",
///         (_, Fate::Acted) => "the server did it, only the answer was lost",
///     }
/// }
/// # let _ = advice;
/// ```
pub struct Error(Box<Parts>);

struct Parts {
    operation: Operation,
    kind: ErrorKind,
    /// What the server said, or what this crate says where the server said nothing.
    message: Option<String>,
    fate: Fate,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    response: Option<xs2a_client::Error>,
    source: Option<SourceError>,
    unreadable: Unreadable,
}

/// Entries of a list that could not be read.
#[derive(Default)]
pub(crate) struct Unreadable {
    kept: Vec<UnreadableEntry>,
    count: usize,
    /// How many bytes the JSON of those that are kept has.
    bytes: usize,
}

impl Unreadable {
    /// How many entries an error keeps, and how many bytes of their JSON: the server decides how many
    /// there are. The first one is always kept.
    const MOST_KEPT: usize = 1_000;
    const MOST_BYTES: usize = 1 << 20;

    pub(crate) fn add(&mut self, entry: UnreadableEntry) {
        let bytes = self.bytes + entry.json().len();
        if self.kept.is_empty() || self.kept.len() < Self::MOST_KEPT && bytes <= Self::MOST_BYTES {
            self.kept.push(entry);
            self.bytes = bytes;
        }
        self.count += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What is said of them, unless there are none.
    pub(crate) fn text(&self) -> Option<String> {
        let first = self.kept.first()?;
        let entries = if self.count == 1 { "entry" } else { "entries" };
        let (count, position, reason) = (self.count, first.position(), first.reason());
        Some(format!("{count} {entries} could not be read; entry {position}: {reason}"))
    }
}

/// What went wrong in the last attempt of a call. Serialises as [`as_str`](Self::as_str).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// This crate refused the call: nothing was sent.
    InvalidRequest,
    /// The token source gave no access token: nothing was sent.
    NoToken,
    /// The store refused the sync job. The [`source`](std::error::Error::source) is the store's own
    /// error. The [fate](Error::fate) is that of the sync: a job that cannot be stored before its
    /// call is not called.
    NotStored,
    /// No connection to the server (name resolution, refused, TLS, connect time-out): nothing was
    /// sent.
    Connect,
    /// No answer within the attempt's time-out or by the call's deadline.
    Timeout,
    /// The connection ended before the answer.
    Interrupted,
    /// A 401, 403 or 404, or a page with the status of a success, that the service itself did not
    /// send: something between here and the service did. That the service's own errors are JSON
    /// objects with their status as `code` and a `message` is assumed.
    Gateway,
    /// 401: the key or token is unknown or expired.
    Unauthorized,
    /// 403: the key or token may not do this.
    Forbidden,
    /// 404: this key or token has no such thing.
    NotFound,
    /// 429: too many requests; see [`Error::retry_after`].
    Throttled,
    /// Another 4xx answer: the server refused the request.
    Rejected,
    /// A 5xx answer: the server, or a gateway before it, failed.
    Server,
    /// An answer that is neither a success nor an error, such as a redirect. Redirects are never
    /// followed, because they would carry the credentials to another host.
    UnexpectedStatus,
    /// A success whose body was cut off or came too late: the server acted, the answer is lost.
    Truncated,
    /// A success whose body is larger than the limit: the server acted, the answer is lost.
    TooLarge,
    /// A success whose body does not match the specification: the server acted. At the end of a
    /// list: some of its entries do not; [`Error::unreadable`] has them.
    Undecodable,
    /// A list that had further pages when the walk over it reached its bound.
    EndlessPages,
}

impl ErrorKind {
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::Throttled,
            400..=499 => Self::Rejected,
            500..=599 => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    fn from_client(error: &xs2a_client::Error) -> Self {
        use xs2a_client::ErrorKind as Client;
        match error.kind() {
            Client::InvalidRequest { .. } => Self::InvalidRequest,
            Client::Connect => Self::Connect,
            Client::Timeout => Self::Timeout,
            Client::Foreign => Self::Gateway,
            Client::Status => match error.status().map(Self::from_status) {
                Some(Self::Unauthorized | Self::Forbidden | Self::NotFound)
                    if !error.is_from_service() =>
                {
                    Self::Gateway
                }
                kind => kind.unwrap_or(Self::UnexpectedStatus),
            },
            Client::Body => Self::Truncated,
            Client::TooLarge { .. } => Self::TooLarge,
            Client::Decode { .. } => Self::Undecodable,
            _ => Self::Interrupted,
        }
    }

    /// The word for this kind in logs and metrics: OpenTelemetry's `error.type` where there is no
    /// status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::NoToken => "no_token",
            Self::NotStored => "not_stored",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Gateway => "gateway",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Throttled => "throttled",
            Self::Rejected => "rejected",
            Self::Server => "server",
            Self::UnexpectedStatus => "unexpected_status",
            Self::Truncated => "truncated",
            Self::TooLarge => "too_large",
            Self::Undecodable => "undecodable",
            Self::EndlessPages => "endless_pages",
        }
    }
}

impl Error {
    pub(crate) fn new(operation: Operation, kind: ErrorKind, fate: Fate) -> Self {
        Self(Box::new(Parts {
            operation,
            kind,
            message: None,
            fate,
            attempts: 0,
            elapsed: Duration::ZERO,
            retry_after: None,
            response: None,
            source: None,
            unreadable: Unreadable::default(),
        }))
    }

    /// A call that this crate refused, before anything was sent.
    pub(crate) fn refused(operation: Operation, reason: impl Into<String>) -> Self {
        Self::new(operation, ErrorKind::InvalidRequest, Fate::NotActed).saying(reason)
    }

    pub(crate) fn caused_by(mut self, source: SourceError) -> Self {
        self.0.source = Some(source);
        self
    }

    /// The error of the generated client, with the server's words [quoted](quote).
    pub(crate) fn from_client(error: xs2a_client::Error, secrets: &[&Secret]) -> Self {
        use xs2a_client::ErrorKind as Client;
        let message = match error.kind() {
            Client::InvalidRequest { reason } => Some(reason.clone()),
            Client::TooLarge { limit } => Some(format!("more than {limit} bytes")),
            Client::Decode { path, expected } if path.is_empty() => Some(format!("not {expected}")),
            Client::Decode { path, expected } => Some(format!("`{path}` is not {expected}")),
            _ => error.api_error().and_then(ApiError::text),
        };
        let mut this = Self::new(error.operation(), ErrorKind::from_client(&error), error.fate());
        this.0.message = message.map(|text| quote(&text, secrets.iter().copied()));
        this.0.response = Some(error);
        this
    }

    pub(crate) fn saying(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(quote(&message.into(), []));
        self
    }

    /// Adds what is known of the whole call to the error of its last attempt.
    pub(crate) fn after(mut self, attempts: u32, elapsed: Duration, fate: Fate) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self.0.fate = fate;
        self
    }

    pub(crate) fn asking(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    /// Adds the entries that could not be read before.
    pub(crate) fn with_unreadable(mut self, unreadable: Unreadable) -> Self {
        self.0.unreadable = unreadable;
        self
    }

    /// The operation that was called.
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// What went wrong in the last attempt.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the server acted on the call, over all its attempts. One attempt of unknown fate
    /// leaves the fate of the whole call unknown, whatever the later attempts met.
    pub fn fate(&self) -> Fate {
        self.0.fate
    }

    /// The status of the last answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.response().and_then(xs2a_client::Error::status)
    }

    /// What the server said in its error body, or what is wrong with the request or the answer. The
    /// server's words are [quoted](xs2a_client::quote): without secrets of the call, and cut and
    /// escaped.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How many attempts were made. 0 when this crate refused the call.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, waiting between the attempts included.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long the server asked to wait before the next request. A call whose deadline comes
    /// earlier ends at once with this error.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The entries of a list that could not be read, in their order. [`Pages`](crate::Pages) says
    /// when an error has such entries. Their positions are those in the whole list.
    ///
    /// At most 1,000 entries, with 1 MiB of JSON together, are kept, and in any case the first one.
    /// [`unreadable_count`](Self::unreadable_count) counts them all.
    pub fn unreadable(&self) -> &[UnreadableEntry] {
        &self.0.unreadable.kept
    }

    /// How many entries of a list could not be read.
    pub fn unreadable_count(&self) -> usize {
        self.0.unreadable.count
    }

    /// The cause, unless a token source or a store of the program made it: that may say anything.
    fn own_source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source().filter(|source| source.is::<reqwest::Error>() || source.is::<Self>())
    }

    /// A sentence that may be stored: without what the program's own token source says.
    pub(crate) fn sentence(&self) -> String {
        match (self.message(), self.kind()) {
            (Some(message), _) => message.to_owned(),
            (None, ErrorKind::NoToken) => match self.own_source() {
                Some(source) => format!("no access token: {source}"),
                None => "the token source gave no access token".to_owned(),
            },
            (None, _) => self.to_string(),
        }
    }

    /// The generated client's error: headers and the raw body of the answer.
    pub fn response(&self) -> Option<&xs2a_client::Error> {
        self.0.response.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { operation, kind, fate, attempts, .. } = &*self.0;
        write!(f, "{}: ", operation.id())?;
        match (kind, self.status()) {
            (ErrorKind::InvalidRequest, _) => f.write_str("refused before it was sent")?,
            (ErrorKind::NoToken, _) => {
                f.write_str("the token source gave no access token")?;
                if let Some(cause) = &self.0.source {
                    write!(f, ": {}", quote(&cause.to_string(), []))?;
                }
            }
            (ErrorKind::NotStored, _) => f.write_str("the sync job could not be stored")?,
            (ErrorKind::Connect, _) => f.write_str("no connection to the server")?,
            (ErrorKind::Timeout, _) => f.write_str("no answer in time")?,
            (ErrorKind::Truncated, _) => f.write_str("the answer was cut off")?,
            (ErrorKind::TooLarge, _) => f.write_str("the answer is too large")?,
            (ErrorKind::Undecodable, None) if self.unreadable_count() > 0 => {
                f.write_str("part of the list cannot be read")?;
            }
            (ErrorKind::Undecodable, _) => f.write_str("the answer cannot be read")?,
            (ErrorKind::EndlessPages, _) => f.write_str("the list does not end")?,
            (ErrorKind::UnexpectedStatus, None) => {
                f.write_str("the server answered with a success that is new to this version")?;
            }
            (ErrorKind::Gateway, Some(status)) => {
                write!(f, "something before the server answered {status}")?;
            }
            (_, Some(status)) => write!(f, "the server answered {status}")?,
            (_, None) => f.write_str("the connection ended before the answer")?,
        }
        if let Some(text) = self.message() {
            write!(f, ": {text}")?;
        }
        if let Some(text) = self.0.unreadable.text() {
            let before = if self.message().is_some() { "; " } else { ": " };
            write!(f, "{before}{text}")?;
        }
        if let Some(after) = self.retry_after() {
            write!(f, "; it asks to wait {} s", after.as_secs())?;
        }
        let told = match fate {
            Fate::NotActed => "the server did not act",
            Fate::Unknown => "whether the server acted is unknown",
            Fate::Acted => "the server acted",
        };
        match (attempts, fate) {
            (0, Fate::NotActed) => write!(f, " (nothing was sent)"),
            (0 | 1, _) => write!(f, " ({told})"),
            _ => {
                write!(f, " ({told}; {attempts} attempts in {:.1} s)", self.elapsed().as_secs_f64())
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.operation)
            .field("kind", &self.0.kind)
            .field("status", &self.status())
            .field("message", &self.message())
            .field("fate", &self.0.fate)
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .field("retry_after", &self.0.retry_after)
            .field("unreadable", &self.0.unreadable.count)
            .field("source", &self.own_source())
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.0.response, &self.0.source) {
            (Some(response), _) => response.source(),
            (None, source) => Some(source.as_deref()?),
        }
    }
}
