//! What the service answers, before the answer becomes HTTP.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::json::{Json, object};

/// An answer of the service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Whether the body is sent as it stands: neither held against the spec nor put into the
    /// dialect.
    pub(crate) verbatim: bool,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Empty,
    Json(Json),
    Raw { content_type: String, bytes: Vec<u8> },
}

/// Why the service does not act on a request: a status, and a sentence for the caller.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// The answer to one request, or the refusal.
pub(crate) type Outcome = Result<Answer, Refusal>;

impl Answer {
    fn new(status: u16, body: Body) -> Self {
        Self { status, headers: HeaderMap::new(), body, verbatim: false }
    }

    pub(crate) fn json(status: u16, body: Json) -> Self {
        Self::new(status, Body::Json(body))
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, Body::Empty)
    }

    pub(crate) fn raw(
        status: u16,
        content_type: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Self {
        let body = Body::Raw { content_type: content_type.into(), bytes: bytes.into() };
        Self::new(status, body)
    }

    /// The success that has nothing to tell.
    pub(crate) fn acknowledged() -> Self {
        Self::json(200, object! { "code": 200, "message": "OK" })
    }

    /// With this header, in place of one of the same name. A value that no header can have is left
    /// out.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same answer, with a body that is sent as it stands.
    pub(crate) fn verbatim(mut self) -> Self {
        self.verbatim = true;
        self
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// The same refusal, with the place of what is wrong before its message.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not found")
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(422, message)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::json(refusal.status, object! { "code": refusal.status, "message": refusal.message })
    }
}
