//! The delivery of events to the customer's webhook.

use std::time::Duration;

use tokio::sync::mpsc;
use url::Url;

use crate::json::Json;

/// How long a receiver may take for one event.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes events for delivery.
#[derive(Clone, Debug)]
pub(crate) struct Post(mpsc::UnboundedSender<Json>);

impl Post {
    /// Starts a task that delivers one event after the other, each once.
    pub(crate) fn open(address: Url) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        let (sender, mut events) = mpsc::unbounded_channel::<Json>();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let sent = http.post(address.clone()).json(&event).send().await;
                match sent.map(|answer| answer.status()) {
                    Ok(status) if status.is_success() => {}
                    Ok(status) => tracing::warn!("the webhook has answered {status}"),
                    Err(error) => {
                        let error = error.without_url();
                        tracing::warn!("the webhook was not reached: {error}");
                    }
                }
            }
        });
        Ok(Self(sender))
    }

    pub(crate) fn send(&self, event: Json) {
        // The task ends with the runtime. Then nobody waits for events.
        let _ = self.0.send(event);
    }
}
