//! The service on a TCP port.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use http::{HeaderValue, header};

use crate::{
    answer::{Answer, Body, Refusal},
    service::{Received, Service},
};

/// Bodies beyond this are refused with 413.
const MAX_BODY: usize = 1024 * 1024;
/// How much of a body that is too large is read before the refusal, so that clients which send
/// first and read later see it.
const MAX_DRAIN: usize = 64 * 1024 * 1024;

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

pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/sandbox/bank/{session}", get(approve_at_bank))
        .fallback(answer)
        .with_state(shared)
}

/// The address at the bank that a redirect form sends the user to: being there approves.
async fn approve_at_bank(State(shared): State<Shared>, Path(session): Path<String>) -> Response {
    respond(if shared.lock().world.approve(&session) {
        Answer::raw(
            200,
            "text/html; charset=utf-8",
            "<!doctype html><title>Testbank</title><p>Thank you. You can go back now.</p>\n",
        )
    } else {
        Refusal::not_found().into()
    })
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match axum::body::to_bytes(body, MAX_DRAIN).await {
        Ok(bytes) if bytes.len() <= MAX_BODY => Some(bytes),
        _ => None,
    };
    let sent = shared.lock().handle(&Received {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: body.as_deref(),
    });
    if let Some(delay) = sent.delay {
        tokio::time::sleep(delay).await;
    }
    respond(sent.answer)
}

fn respond(answer: Answer) -> Response {
    let (content_type, bytes) = match answer.body {
        Body::Empty => (None, Bytes::new()),
        Body::Json(value) => (
            Some("application/json".to_owned()),
            Bytes::from(value.to_string()),
        ),
        Body::Raw {
            content_type,
            bytes,
        } => (Some(content_type), Bytes::from(bytes)),
    };
    let mut response = Response::new(axum::body::Body::from(bytes));
    *response.status_mut() = http::StatusCode::from_u16(answer.status)
        .unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(value) = content_type.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}
