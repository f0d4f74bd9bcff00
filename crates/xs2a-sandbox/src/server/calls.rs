//! The calls of the service over HTTP.

use std::{future::poll_fn, pin::Pin};

use axum::{
    body::HttpBody as _,
    extract::{ConnectInfo, Request, State},
    response::Response,
};

use tracing::Instrument as _;

use super::{response::Http, shared::Server};
use crate::{
    answer::Refusal,
    line::{Grip, Takeover},
    request::Received,
    service::Fault,
};

/// A larger body is refused with 413.
pub(super) const MAX_BODY: usize = 1024 * 1024;

/// How much of a body that is too large is read before the connection is closed.
const MOST_READ: usize = 32 * MAX_BODY;

/// Answers in a span that names the trace of the request, so that the two sides of a call can be seen
/// together.
pub(super) async fn answer(
    State(server): State<Server>,
    ConnectInfo(grip): ConnectInfo<Grip>,
    request: Request,
) -> Response {
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let method = request.method().as_str();
    let span = tracing::debug_span!("call", http.request.method = method, traceparent);
    handle(server, grip, request).instrument(span).await
}

async fn handle(server: Server, grip: Grip, request: Request) -> Response {
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

/// The whole body, or why there is none. A body that is too large is read on and dropped, so that a
/// client that sends everything before it reads sees the refusal; a body without end is not.
async fn read(mut body: axum::body::Body) -> Result<Vec<u8>, Refusal> {
    let (mut kept, mut read) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            return Err(Refusal::new(400, "The body has not arrived as a whole"));
        };
        if let Ok(data) = frame.into_data() {
            read = read.saturating_add(data.len());
            if read <= MAX_BODY {
                kept.extend_from_slice(&data);
            }
        }
        if read > MOST_READ {
            break;
        }
    }
    let too_large = read > MAX_BODY;
    if too_large {
        return Err(Refusal::new(413, "The request is too large"));
    }
    Ok(kept)
}
