//! The settings of a sandbox.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::Timestamp;
use url::Host;

use crate::{
    clock, server,
    service::{Plan, Post},
    world::Settings,
};

/// The settings of a sandbox; made by [`Sandbox::builder`](crate::Sandbox::builder).
///
/// ```
/// use std::time::Duration;
/// use xs2a_sandbox::Sandbox;
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::builder()
///     .api_key("my-key")
///     .seed(7)
///     .listen("127.0.0.1:0".parse().unwrap())
///     .starts_at("2026-06-30T12:00:00Z".parse().unwrap())
///     .sync_takes(Duration::from_secs(30))
///     .tick(Duration::ZERO)
///     .dialect(true)
///     .judged(false)
///     .webhook_url("http://127.0.0.1:9/events")
///     .control_host("sandbox.example.com")
///     .cors(true)
///     .scenario("mine.yaml", "users: [{name: Ada, token: ada-token}]")
///     .start()
///     .await
///     .unwrap();
/// assert_eq!(sandbox.api_key(), "my-key");
/// assert_eq!(sandbox.now().to_string(), "2026-06-30T12:00:00Z");
/// # });
/// ```
#[derive(Clone)]
#[must_use]
pub struct Builder {
    seed: u64,
    api_key: String,
    listen: SocketAddr,
    start: Timestamp,
    sync_takes: Duration,
    tick: Duration,
    follows_tokio: bool,
    dialect: bool,
    judged: bool,
    webhook_url: Option<String>,
    control_hosts: Vec<String>,
    cors: bool,
    scenario: Option<(String, String)>,
}

// The API key must not be printed.
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
            tick: Duration::from_secs(1),
            follows_tokio: false,
            dialect: false,
            judged: true,
            webhook_url: None,
            control_hosts: Vec::new(),
            cors: false,
            scenario: None,
        }
    }
}

impl Builder {
    /// Sets the seed of everything random: ids, secrets and amounts. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the API key that is accepted. Default: `sandbox-api-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// Sets the address to listen on. Default: the loopback address, on a free port.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Sets what the sandbox's clock shows at the start. Default: 2026-01-31 10:00:00 in Berlin, so
    /// that the same requests give the same bytes on every day.
    pub fn starts_at(mut self, start: Timestamp) -> Self {
        self.start = start;
        self
    }

    /// Sets the clock at the start to the time of the machine, in whole seconds. Choose this for
    /// code that compares the dates of answers with its own clock: the consent of a healthy
    /// connection ends 90 days after the start. Nothing else comes from the clock of the machine,
    /// which does not move the sandbox's clock afterwards.
    ///
    /// ```
    /// use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let sandbox = Sandbox::builder().starts_at_now().start().await.unwrap();
    /// let user = sandbox.add_user("Ada");
    /// // Healthy in the eyes of code that asks the machine which day it is.
    /// sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
    /// # });
    /// ```
    pub fn starts_at_now(self) -> Self {
        self.starts_at(clock::of_the_machine())
    }

    /// Sets how far each request with valid credentials moves the sandbox's clock. Default: one
    /// second, so that every answer has a time of its own. Zero is for thousands of requests, which
    /// would move the clock by hours.
    pub fn tick(mut self, span: Duration) -> Self {
        self.tick = span;
        self
    }

    /// Has the sandbox's clock run with the clock of tokio, too: with real time, or with the paused
    /// time of a test. Default: no; the clock moves with requests and by
    /// [`Sandbox::advance`](crate::Sandbox::advance) alone.
    ///
    /// In a test whose time is paused, the code under test and the sandbox then share one time:
    ///
    /// ```
    /// use std::time::Duration;
    /// use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
    ///
    /// # let mut runtime = tokio::runtime::Builder::new_current_thread();
    /// # runtime.enable_all().start_paused(true).build().unwrap().block_on(async {
    /// let builder = Sandbox::builder().follows_tokio(true).tick(Duration::ZERO);
    /// let sandbox = builder.start().await.unwrap();
    /// let user = sandbox.add_user("Ada");
    /// let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
    /// // Ten nights, in which the service syncs by itself. No real time passes.
    /// tokio::time::sleep(Duration::from_secs(10 * 24 * 60 * 60 + 60)).await;
    /// assert_eq!(sandbox.counts(&connection).automatic_syncs, 10);
    /// # });
    /// ```
    pub fn follows_tokio(mut self, follows: bool) -> Self {
        self.follows_tokio = follows;
        self
    }

    /// Sets how long a background sync runs on the sandbox's clock, which moves one second with
    /// each request. Default: one second, so that the next look at the connection shows that the
    /// sync is over.
    pub fn sync_takes(mut self, span: Duration) -> Self {
        self.sync_takes = span;
        self
    }

    /// Sets whether every answer comes in the loose forms in which the service really writes JSON:
    /// booleans and numbers as text, absent values in every form, empty objects as lists, times
    /// with and without `T`, fraction and offset. The seed chooses the forms. Default: no.
    pub fn dialect(mut self, dialect: bool) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets whether requests and answers are held against the spec, for
    /// [`Sandbox::violations`](crate::Sandbox::violations). Default: yes. Say no where speed is
    /// measured.
    pub fn judged(mut self, judged: bool) -> Self {
        self.judged = judged;
        self
    }

    /// Sets the address that events are posted to: one after the other, each once, without a
    /// signature. The address is one of plain HTTP: the sandbox brings no TLS. Default: none.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Allows orders over HTTP under this name or address of the server, without the port, as in
    /// `sandbox.example.com`. Several calls allow several names. Default: loopback names only, such
    /// as `localhost` and `127.0.0.1`; other names are answered with 403. Orders need no key, so
    /// whoever reaches the server under this name can give them.
    pub fn control_host(mut self, name: impl Into<String>) -> Self {
        self.control_hosts.push(name.into());
        self
    }

    /// Sets whether the pages of other servers on this machine may call the sandbox from a browser
    /// (CORS): pages from `localhost` and from loopback addresses, at any port. Default: no.
    pub fn cors(mut self, cors: bool) -> Self {
        self.cors = cors;
        self
    }

    /// Sets what the sandbox starts with, as the text of a scenario file in YAML. The README of this
    /// crate says what stands in such a file. `name` is what errors call the file. If the scenario
    /// says when the clock starts, that counts. Default: nothing.
    ///
    /// ```
    /// use xs2a_sandbox::{Sandbox, StartError};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let error = Sandbox::builder().scenario("my.yaml", "users:\n  - nam: Ada").start().await;
    /// let error = error.unwrap_err();
    /// assert!(error.to_string().starts_with("my.yaml:2:5: unknown field `nam`"));
    /// # });
    /// ```
    pub fn scenario(mut self, name: impl Into<String>, yaml: impl Into<String>) -> Self {
        self.scenario = Some((name.into(), yaml.into()));
        self
    }

    pub(super) fn allows_local_pages(&self) -> bool {
        self.cors
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.listen
    }

    pub(super) fn control_hosts(&self) -> Result<Arc<[Host]>, StartError> {
        let parse = |name: &String| {
            Host::parse(name).map_err(|_| StartError::ControlHost { name: name.clone() })
        };
        self.control_hosts.iter().map(parse).collect()
    }

    /// What the service is made from. The delivery of events, if there is one, starts here.
    pub(super) fn plan(self) -> Result<Plan, StartError> {
        let read = |(name, yaml): (String, String)| {
            server::read_scenario(&yaml, self.start).map(Arc::new).map_err(|flaw| {
                StartError::Scenario {
                    name,
                    line: flaw.line,
                    column: flaw.column,
                    message: flaw.message,
                }
            })
        };
        let world = Settings {
            seed: self.seed,
            start: self.start,
            sync_takes: self.sync_takes,
            tick: self.tick,
            delivers: self.webhook_url.is_some(),
        };
        Ok(Plan {
            scenario: self.scenario.map(read).transpose()?,
            address: None,
            api_key: self.api_key,
            world,
            follows_tokio: self.follows_tokio,
            dialect: self.dialect,
            judged: self.judged,
            post: self.webhook_url.map(open_post).transpose()?,
        })
    }
}

fn open_post(url: String) -> Result<Post, StartError> {
    let address = url::Url::parse(&url)
        .ok()
        .filter(|url| url.scheme() == "http")
        .and_then(|url| url.as_str().parse().ok())
        .ok_or(StartError::WebhookUrl)?;
    Ok(Post::open(address))
}

/// Why a sandbox cannot start.
///
/// ```
/// use xs2a_sandbox::{Sandbox, StartError};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let error = Sandbox::builder().webhook_url("my webhook").start().await.unwrap_err();
/// assert!(matches!(error, StartError::WebhookUrl));
/// # });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address of the webhook is not a plain HTTP address.
    #[error("the webhook needs an address that starts with http://")]
    WebhookUrl,
    /// A name for orders is not a host name.
    #[error("{name:?} is not a host name; leave out the port and what stands before the name")]
    ControlHost {
        /// The name.
        name: String,
    },
    /// The scenario file is wrong at this place.
    #[error("{name}:{line}:{column}: {message}")]
    Scenario {
        /// What the file is called.
        name: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
}
