//! The answer to a request, read within limits.

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::wire::{self, DecodeError, Decoded, Lenient};
use crate::{Error, ErrorKind, Operation};

/// How much of the body of an error is kept, in bytes. No message is as long.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// A success: the result of the operation, with the status and the headers of the answer.
#[derive(Clone)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    inner: T,
    skipped: Vec<DecodeError>,
}

impl<T> Response<T> {
    /// The status. The specification lists it as a success of the operation.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The result of the operation.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// What could not be read of the properties around entries or elements, such as the `total` of a
    /// page. These properties are absent in the result, so that all else can be read.
    pub fn skipped(&self) -> &[DecodeError] {
        &self.skipped
    }

    /// The result of the operation, without the status and the headers.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The same answer with another result, made from this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Response<U> {
        let Self { status, headers, inner, skipped } = self;
        Response { status, headers, inner: make(inner), skipped }
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// Without the headers: a gateway may add a cookie, for instance.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

/// What the client expects of the body of a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The body is the result of the operation.
    Body,
    /// The body is empty, or is not read.
    Nothing,
}

/// An answer whose status is a success of the operation, with a body that is still to be read:
/// [`Call::into_parts`](crate::Call::into_parts) says how.
pub struct Answer {
    operation: Operation,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    limit: usize,
}

/// How the reading of a body ended.
enum End {
    Whole,
    Cut(reqwest::Error),
    TooLarge,
}

/// Reads an answer. The status decides how much of the body is read.
pub(crate) async fn receive(
    operation: Operation,
    mut response: reqwest::Response,
    limit: usize,
) -> Result<Answer, Error> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    match operation.expects(status.as_u16()) {
        Some(Expected::Nothing) => {
            // The beginning alone: what the service says there is read by nobody, and may be cut.
            let begin = response.chunk().await.ok().flatten().unwrap_or_default();
            if is_a_page(&headers, &begin) {
                let begin = Bytes::copy_from_slice(&begin[..begin.len().min(ERROR_BODY_LIMIT)]);
                return Err(
                    Error::new(operation, ErrorKind::Foreign).answered(status, headers, begin)
                );
            }
            Ok(Answer { operation, status, headers, body: Bytes::new(), limit })
        }
        Some(Expected::Body) => {
            let (body, end) = read(response, limit).await;
            let error = |kind| Error::new(operation, kind);
            match end {
                End::Whole => Ok(Answer { operation, status, headers, body, limit }),
                End::Cut(cause) => {
                    Err(error(ErrorKind::Body).caused_by(cause).answered(status, headers, body))
                }
                End::TooLarge => {
                    let start = Bytes::copy_from_slice(&body[..body.len().min(ERROR_BODY_LIMIT)]);
                    Err(error(ErrorKind::TooLarge { limit }).answered(status, headers, start))
                }
            }
        }
        None => {
            // The status is known, so a body that is cut or too long is no further error.
            let (body, _) = read(response, limit.min(ERROR_BODY_LIMIT)).await;
            Err(Error::new(operation, ErrorKind::Status).answered(status, headers, body))
        }
    }
}

/// Whether the answer is a page for people, whatever it says it is. The service sends JSON or nothing.
fn is_a_page(headers: &HeaderMap, begin: &[u8]) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin).trim_ascii_start();
    let begins = |tag: &[u8]| begin.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag));
    media_type.is_some_and(|media_type| media_type.to_ascii_lowercase().contains("html"))
        || begins(b"<!doctype html")
        || begins(b"<html")
}

/// Reads a body piece by piece, and holds at most `limit` bytes of it.
async fn read(mut response: reqwest::Response, limit: usize) -> (Bytes, End) {
    let mut body = BytesMut::new();
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = limit - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    break End::TooLarge;
                }
            }
            Ok(None) => break End::Whole,
            Err(error) => break End::Cut(error),
        }
    };
    (body.freeze(), end)
}

impl Answer {
    /// The status. The specification lists it as a success of the operation.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl fmt::Debug for Answer {
    /// Without the headers and the body, which may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The ways in which generated methods read an answer.
impl Answer {
    /// The body as JSON.
    pub(crate) fn json<T: Lenient>(self) -> Result<Response<T>, Error> {
        let Self { operation, status, headers, body, limit } = self;
        match wire::decode_within(&body, wire::elements_in(limit)) {
            Ok(Decoded { value: inner, skipped }) => {
                Ok(Response { status, headers, inner, skipped })
            }
            Err(error) => {
                let kind = ErrorKind::Decode {
                    path: error.path().to_owned(),
                    expected: error.expected().to_owned(),
                };
                Err(Error::new(operation, kind).answered(status, headers, body))
            }
        }
    }

    /// The body as it is.
    pub(crate) fn bytes(self) -> Result<Response<Bytes>, Error> {
        let Self { status, headers, body, .. } = self;
        Ok(Response { status, headers, inner: body, skipped: Vec::new() })
    }

    /// The head alone.
    pub(crate) fn empty(self) -> Result<Response<()>, Error> {
        let Self { status, headers, .. } = self;
        Ok(Response { status, headers, inner: (), skipped: Vec::new() })
    }

    /// The error for a status that the method does not know.
    pub(crate) fn unexpected(self) -> Error {
        let Self { operation, status, headers, body, .. } = self;
        Error::new(operation, ErrorKind::Status).answered(status, headers, body)
    }
}
