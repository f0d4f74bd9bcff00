//! What came back: the head at once, the body within bounds.

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};

use crate::wire::{self, Lenient};
use crate::{Error, ErrorKind, Operation};

/// How much of the body of an error is kept: more than any message needs.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// A success: what the operation gives, with the status and headers it came with.
#[derive(Clone)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    inner: T,
}

impl<T> Response<T> {
    /// The status, always one that the specification names as a success of the operation.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// What the operation gives.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// What the operation gives, without the rest.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The same answer with something made of what the operation gives.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Response<U> {
        Response { status: self.status, headers: self.headers, inner: make(self.inner) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// Without the headers, which may hold a cookie or whatever else a gateway adds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

/// An answer of which only the head has been read.
pub(crate) struct Answer {
    operation: Operation,
    response: reqwest::Response,
    limit: usize,
}

/// How the reading of a body ended.
enum End {
    Whole,
    Cut(reqwest::Error),
    TooLarge,
}

impl Answer {
    pub(crate) fn new(operation: Operation, response: reqwest::Response, limit: usize) -> Self {
        Self { operation, response, limit }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The body as JSON.
    pub(crate) async fn json<T: Lenient>(self) -> Result<Response<T>, Error> {
        let operation = self.operation;
        let Response { status, headers, inner: body } = self.bytes().await?;
        match wire::decode(&body) {
            Ok(inner) => Ok(Response { status, headers, inner }),
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
    pub(crate) async fn bytes(self) -> Result<Response<Bytes>, Error> {
        let (operation, limit) = (self.operation, self.limit);
        let (status, headers, body, end) = read(self.response, limit).await;
        let error =
            |kind, body| Error::new(operation, kind).answered(status, headers.clone(), body);
        match end {
            End::Whole => Ok(Response { status, headers, inner: body }),
            End::Cut(cause) => Err(error(ErrorKind::Body, body).caused_by(cause)),
            End::TooLarge => {
                let start = Bytes::copy_from_slice(&body[..body.len().min(ERROR_BODY_LIMIT)]);
                Err(error(ErrorKind::TooLarge { limit }, start))
            }
        }
    }

    /// The head alone, for an answer that has no body or none worth reading.
    pub(crate) fn empty(self) -> Response<()> {
        Response {
            status: self.response.status(),
            headers: self.response.headers().clone(),
            inner: (),
        }
    }

    /// The error for a status that is no success of the operation, whatever its body is.
    pub(crate) async fn unexpected(self) -> Error {
        let limit = self.limit.min(ERROR_BODY_LIMIT);
        // A body that is cut or too long still says what it says; the status stands either way.
        let (status, headers, body, _) = read(self.response, limit).await;
        Error::new(self.operation, ErrorKind::Status).answered(status, headers, body)
    }
}

/// Reads a body piece by piece, so that what is too large is never held.
async fn read(
    mut response: reqwest::Response,
    limit: usize,
) -> (StatusCode, HeaderMap, Bytes, End) {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
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
    (status, headers, body.freeze(), end)
}
