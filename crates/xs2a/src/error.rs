//! The one error of a call: what failed, whether the server acted, and what it took to find out.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use xs2a_client::{Fate, Operation, Secret, conceal};

use crate::tokens::SourceError;

/// A call that did not succeed.
///
/// Programs match [`kind`](Self::kind) and [`fate`](Self::fate); people read the `Display` form,
/// which says what happened and whether the server acted; the cause is in the
/// [`source`](std::error::Error::source). None of it holds a secret or the URL of a request.
///
/// ```
/// use xs2a::{Error, ErrorKind, Fate};
///
/// fn advice(error: &Error) -> &'static str {
///     match (error.kind(), error.fate()) {
///         (ErrorKind::Throttled, _) => "come back later",
///         (_, Fate::NotActed) => "nothing happened, calling again does no harm",
///         (_, Fate::Unknown) => "look before you call again",
///         (_, Fate::Acted) => "it is done, only the answer was lost",
///     }
/// }
/// # let _ = advice;
/// ```
pub struct Error(Box<Parts>);

struct Parts {
    operation: Operation,
    kind: ErrorKind,
    /// What the server said, or what this side has to say.
    message: Option<String>,
    fate: Fate,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    response: Option<xs2a_client::Error>,
    source: Option<SourceError>,
}

/// What went wrong in the last attempt of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Refused on this side: nothing was sent.
    InvalidRequest,
    /// The token source gave no access token: nothing was sent.
    NoToken,
    /// The job could not be stored; what the store said is the
    /// [`source`](std::error::Error::source). The [fate](Error::fate) is that of the sync: before it
    /// is called nothing was sent, and nothing is; afterwards its report stands, and this is beside
    /// it in [`FinishedSync::error`](crate::FinishedSync::error).
    NotStored,
    /// No connection came about (name resolution, refused, TLS, connect time-out): nothing was sent.
    Connect,
    /// No answer within the attempt's time-out or by the call's deadline.
    Timeout,
    /// The connection ended before the answer.
    Interrupted,
    /// 401: the key or token is unknown or expired.
    Unauthorized,
    /// 403: the key or token may not do this.
    Forbidden,
    /// 404: there is no such thing, for this key or token.
    NotFound,
    /// 429: too many requests; see [`Error::retry_after`].
    Throttled,
    /// Another 4xx answer: the server refused the request.
    Rejected,
    /// A 5xx answer: the server, or a gateway before it, failed.
    Server,
    /// An answer that is neither a success nor an error, such as a redirect (never followed: it
    /// would carry the credentials elsewhere).
    UnexpectedStatus,
    /// A success whose body broke off or did not come in time: the server acted, the answer is lost.
    Truncated,
    /// A success whose body is larger than the limit: the server acted, the answer is lost.
    TooLarge,
    /// A success whose body is not what the specification says: the server acted.
    Undecodable,
    /// A list that still had pages when the walk over it reached its bound.
    EndlessPages,
}

impl ErrorKind {
    pub(crate) fn of_status(status: StatusCode) -> Self {
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

    fn of_client(error: &xs2a_client::Error) -> Self {
        use xs2a_client::ErrorKind as Client;
        match error.kind() {
            Client::InvalidRequest { .. } => Self::InvalidRequest,
            Client::Connect => Self::Connect,
            Client::Timeout => Self::Timeout,
            Client::Status => error.status().map_or(Self::UnexpectedStatus, Self::of_status),
            Client::Body => Self::Truncated,
            Client::TooLarge { .. } => Self::TooLarge,
            Client::Decode { .. } => Self::Undecodable,
            _ => Self::Interrupted,
        }
    }

    /// The word for it in logs and metrics (OpenTelemetry's `error.type`, where there is no status).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::NoToken => "no_token",
            Self::NotStored => "not_stored",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
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
        }))
    }

    /// A call refused on this side, before anything was sent.
    pub(crate) fn refused(operation: Operation, reason: impl Into<String>) -> Self {
        Self::new(operation, ErrorKind::InvalidRequest, Fate::NotActed).saying(reason)
    }

    pub(crate) fn caused_by(mut self, source: SourceError) -> Self {
        self.0.source = Some(source);
        self
    }

    /// What the generated client met. A server that repeats the secrets it was called with does not
    /// get them printed.
    pub(crate) fn of_client(error: xs2a_client::Error, secrets: &[&Secret]) -> Self {
        use xs2a_client::ErrorKind as Client;
        let message = match error.kind() {
            Client::InvalidRequest { reason } => Some(reason.clone()),
            Client::TooLarge { limit } => Some(format!("more than {limit} bytes")),
            Client::Decode { path, expected } if path.is_empty() => Some(format!("not {expected}")),
            Client::Decode { path, expected } => Some(format!("`{path}` is not {expected}")),
            _ => error
                .api_error()
                .map(|body| body.message.clone())
                .filter(|message| !message.is_empty()),
        };
        let mut this = Self::new(error.operation(), ErrorKind::of_client(&error), error.fate());
        this.0.message = message.map(|text| conceal(text, secrets.iter().copied()));
        this.0.response = Some(error);
        this
    }

    pub(crate) fn saying(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// Completes what one attempt told with what the whole call knows.
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

    /// The operation that was called.
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// What went wrong in the last attempt.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the server acted on the call, all attempts taken together: one attempt of unknown
    /// fate leaves the whole call's fate unknown, whatever the attempts after it met.
    pub fn fate(&self) -> Fate {
        self.0.fate
    }

    /// The status of the last answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.response().and_then(xs2a_client::Error::status)
    }

    /// What the server said in its error body, or what exactly is wrong with the request or the
    /// answer.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How many attempts were sent, or tried to be. 0 when the call was refused on this side.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, waiting between the attempts included.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long the server asked to wait with the next request. When it lies past the call's
    /// deadline the call ends at once, and this says when to come back.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
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
            (ErrorKind::NoToken, _) => f.write_str("the token source gave no access token")?,
            (ErrorKind::NotStored, _) => f.write_str("the sync job could not be stored")?,
            (ErrorKind::Connect, _) => f.write_str("no connection to the server")?,
            (ErrorKind::Timeout, _) => f.write_str("no answer in time")?,
            (ErrorKind::Truncated, _) => f.write_str("the answer was cut off")?,
            (ErrorKind::TooLarge, _) => f.write_str("the answer is too large")?,
            (ErrorKind::Undecodable, _) => f.write_str("the answer cannot be read")?,
            (ErrorKind::EndlessPages, _) => f.write_str("the list does not end")?,
            (ErrorKind::UnexpectedStatus, None) => {
                f.write_str("the server answered with a success that is new to this version")?;
            }
            (_, Some(status)) => write!(f, "the server answered {status}")?,
            (_, None) => f.write_str("the connection ended before the answer")?,
        }
        if let Some(text) = self.message() {
            write!(f, ": {text}")?;
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
            .field("source", &self.source())
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
