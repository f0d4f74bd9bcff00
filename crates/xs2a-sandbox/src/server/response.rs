//! An answer as HTTP: for the HTTP server, or as the bytes that the server would write.

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use crate::{
    answer::{Answer, Body},
    clock,
    service::Portion,
};

/// An answer as HTTP.
pub(super) struct Http {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Http {
    pub(super) fn new(answer: Answer, now: Timestamp) -> Self {
        let (content_type, body) = match answer.body {
            Body::Empty => (None, Bytes::new()),
            Body::Json(value) => {
                (Some("application/json".to_owned()), Bytes::from(value.to_string()))
            }
            Body::Raw { content_type, bytes } => (Some(content_type), Bytes::from(bytes)),
        };
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // The head, too, has the time of the sandbox's clock: the same requests give the same
        // bytes.
        let own =
            [(header::DATE, Some(clock::http_date(now))), (header::CONTENT_TYPE, content_type)];
        let mut headers: HeaderMap = own
            .into_iter()
            .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value?).ok()?)))
            .collect();
        for (name, value) in &answer.headers {
            headers.insert(name, value.clone());
        }
        Self { status, headers, body }
    }

    /// What the HTTP server would write, or the first part of that.
    pub(super) fn bytes(&self, portion: Portion) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        if self.status != StatusCode::NO_CONTENT {
            head.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        match portion {
            Portion::Nothing => Vec::new(),
            Portion::Half if self.body.is_empty() => head[..head.len() / 2].to_vec(),
            Portion::Half => [&head, &self.body[..self.body.len() / 2]].concat(),
            Portion::All => [&head[..], &self.body].concat(),
        }
    }
}

impl From<Http> for Response {
    fn from(http: Http) -> Self {
        let mut response = Self::new(axum::body::Body::from(http.body));
        *response.status_mut() = http.status;
        *response.headers_mut() = http.headers;
        response
    }
}
