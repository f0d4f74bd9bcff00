//! How a sandbox is to be, and its start.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    Sandbox, clock,
    line::{Grip, Port},
    server::{Server, Shared},
    service::{Plan, Service},
    webhook::Post,
    world::Settings,
};

/// How a sandbox is to be; see [`Sandbox::builder`].
#[derive(Clone)]
#[must_use]
pub struct Builder {
    seed: u64,
    api_key: String,
    listen: SocketAddr,
    start: Timestamp,
    sync_takes: Duration,
    dialect: bool,
    judged: bool,
    webhook_url: Option<String>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("seed", &self.seed)
            .field("listen", &self.listen)
            .field("start", &self.start)
            .field("sync_takes", &self.sync_takes)
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            seed: 0,
            api_key: "sandbox-api-key".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            start: clock::DEFAULT_START,
            sync_takes: Duration::from_secs(1),
            dialect: false,
            judged: true,
            webhook_url: None,
        }
    }
}

impl Builder {
    /// The seed of everything random: ids, secrets, amounts. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The API key that is accepted. Default `sandbox-api-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// Where to listen. Default: loopback, on a free port.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// What the sandbox's clock shows at the start. Default: 2026-01-31 10:00:00 in Berlin.
    pub fn starts_at(mut self, start: Timestamp) -> Self {
        self.start = start;
        self
    }

    /// How long a background sync runs on the sandbox's clock, which moves one second with each
    /// request. Default: one second, so that a sync is over when the connection is next looked
    /// at.
    pub fn sync_takes(mut self, span: Duration) -> Self {
        self.sync_takes = span;
        self
    }

    /// Whether every answer comes in the loose forms in which the service really writes JSON:
    /// booleans and numbers as text, absent values in every way, empty objects as lists, times
    /// with and without `T`, fraction and offset. The seed chooses. Default: no.
    pub fn dialect(mut self, dialect: bool) -> Self {
        self.dialect = dialect;
        self
    }

    /// Whether requests and answers are held against the spec, for [`Sandbox::violations`].
    /// Default: yes. Switch it off where speed is measured.
    pub fn judged(mut self, judged: bool) -> Self {
        self.judged = judged;
        self
    }

    /// Where events are posted, one after the other, each once, without a signature. Default:
    /// nowhere.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Listens, and answers in the background of the current tokio runtime.
    ///
    /// A port is taken and a task is spawned; nothing else is used. To use tokio's paused clock,
    /// start the sandbox on the runtime of the test.
    ///
    /// # Errors
    /// [`StartError`], when the address cannot be listened on or the webhook's is none.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let post = self.webhook_url.map(open_post).transpose()?;
        let opened = Port::open(self.listen).await;
        let (port, switch) =
            opened.map_err(|source| StartError::Listen { address: self.listen, source })?;
        let base_url = format!("http://{}", port.address());
        let settings = Settings { seed: self.seed, start: self.start, sync_takes: self.sync_takes };
        let shared = Shared::new(Service::new(Plan {
            api_key: self.api_key,
            world: settings,
            dialect: self.dialect,
            judged: self.judged,
            post,
        }));
        let server = Server { shared: shared.clone(), switch: Arc::clone(&switch) };
        let router = server.router().into_make_service_with_connect_info::<Grip>();
        let task = tokio::spawn(async move {
            // Serving ends only with the task.
            let _ = axum::serve(port, router).await;
        });
        Ok(Sandbox { shared, switch, base_url, task })
    }
}

fn open_post(url: String) -> Result<Post, StartError> {
    let url = url::Url::parse(&url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or(StartError::WebhookUrl)?;
    Post::open(url).map_err(StartError::WebhookClient)
}

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address of the webhook is not one.
    #[error("the webhook needs an address that starts with http:// or https://")]
    WebhookUrl,
    /// The HTTP client of the webhook cannot be made.
    #[error("webhooks cannot be sent")]
    WebhookClient(#[source] reqwest::Error),
}
