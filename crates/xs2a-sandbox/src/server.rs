//! The service on a TCP port.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::HttpBody as _,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

use crate::{
    answer::{Answer, Body, Refusal},
    clock, control,
    faults::{Fault, Portion},
    line::{Grip, Switch, Takeover},
    service::{Received, Service},
};

/// Bodies beyond this are refused with 413.
const MAX_BODY: usize = 1024 * 1024;
/// The service as requests share it.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Mutex<Service>>);

impl Shared {
    pub(crate) fn new(service: Service) -> Self {
        Self(Arc::new(Mutex::new(service)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Service> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the handlers of requests need.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) shared: Shared,
    pub(crate) switch: Arc<Switch>,
}

impl Server {
    pub(crate) fn router(self) -> Router {
        control::router()
            .method_not_allowed_fallback(answer)
            .fallback(answer)
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(self)
    }

    /// Nothing listens for so long; the connection that asked for it ends by itself.
    pub(crate) async fn refuse_for(&self, lasting: Duration, but: &Grip) {
        self.switch.refuse(Some(but)).await;
        let switch = Arc::clone(&self.switch);
        tokio::spawn(async move {
            tokio::time::sleep(lasting).await;
            switch.listen().await;
        });
    }
}

async fn answer(
    State(server): State<Server>,
    ConnectInfo(grip): ConnectInfo<Grip>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = read(body).await;
    let sent = server.shared.lock().handle(&Received {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: body.as_deref().map_err(Clone::clone),
    });
    match sent.fault {
        Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
        Some(Fault::Refuse { lasting }) => server.refuse_for(lasting, &grip).await,
        _ => {}
    }
    let response = Http::new(sent.answer, sent.now);
    if let Some((portion, then)) = sent.fault.as_ref().and_then(Fault::on_the_wire) {
        let bytes = response.bytes(portion);
        grip.take_over(Takeover { bytes, then });
    }
    response.into()
}

/// The whole body, or why not. What is too large is read to its end and forgotten, so that clients
/// which send first and read later see the refusal.
async fn read(mut body: axum::body::Body) -> Result<Vec<u8>, Refusal> {
    let mut kept = Vec::new();
    let mut too_large = false;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            return Err(Refusal::new(400, "The body has not arrived as a whole"));
        };
        if let Ok(data) = frame.into_data() {
            too_large |= kept.len() + data.len() > MAX_BODY;
            if !too_large {
                kept.extend_from_slice(&data);
            }
        }
    }
    if too_large {
        return Err(Refusal::new(413, "The request is too large"));
    }
    Ok(kept)
}

/// An answer as HTTP.
pub(crate) struct Http {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Http {
    pub(crate) fn new(answer: Answer, now: Timestamp) -> Self {
        let (content_type, body) = match answer.body {
            Body::Empty => (None, Bytes::new()),
            Body::Json(value) => {
                (Some("application/json".to_owned()), Bytes::from(value.to_string()))
            }
            Body::Raw { content_type, bytes } => (Some(content_type), Bytes::from(bytes)),
        };
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // The sandbox's own time in the head, too: same requests, same bytes.
        let mut fields = vec![("date", clock::http_date(now))];
        fields.extend(content_type.map(|text| ("content-type", text)));
        fields.extend(answer.headers);
        let headers = fields
            .into_iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
            })
            .collect();
        Self { status, headers, body }
    }

    /// What the HTTP server would write, or the first part of it.
    fn bytes(&self, portion: Portion) -> Vec<u8> {
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
