//! The delivery of events to the customer's webhook.

use std::time::Duration;

use axum::body::Body;
use http::{Request, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::json::Json;

/// How long a receiver may take for one event.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes events for delivery.
#[derive(Clone, Debug)]
pub(crate) struct Post(mpsc::UnboundedSender<Json>);

impl Post {
    /// Starts a task that delivers one event after the other, each once.
    pub(crate) fn open(address: Uri) -> Self {
        let http = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let (sender, mut events) = mpsc::unbounded_channel::<Json>();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let request = Request::post(&address)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(Body::from(event.to_string()));
                let Ok(request) = request else { continue };
                match timeout(PATIENCE, http.request(request)).await {
                    Ok(Ok(answer)) if answer.status().is_success() => {}
                    Ok(Ok(answer)) => {
                        tracing::warn!("the webhook has answered {}", answer.status());
                    }
                    Ok(Err(error)) => tracing::warn!("the webhook was not reached: {error}"),
                    Err(_) => tracing::warn!("the webhook has not answered in {PATIENCE:?}"),
                }
            }
        });
        Self(sender)
    }

    pub(crate) fn send(&self, event: Json) {
        // The task ends with the runtime. Then nobody waits for events.
        let _ = self.0.send(event);
    }
}
