//! A stand-in for XS2A.api: a real HTTP server with the service's behaviour behind it, to run and
//! test against without an API key.
//!
//! ```
//! use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let sandbox = Sandbox::start().await.unwrap();
//! let user = sandbox.add_user("Ada");
//! let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
//! // A client under test gets `sandbox.base_url()` and `user.token()`.
//! # drop((user, connection));
//! # });
//! ```

mod answer;
mod bank;
mod clock;
mod control;
mod dialect;
mod faults;
mod judge;
mod line;
#[cfg(test)]
mod properties;
mod record;
mod routes;
mod server;
mod service;
mod spec;
mod webhook;
mod words;
mod world;

use std::{net::SocketAddr, sync::Arc, time::Duration};

pub use faults::Fault;
use faults::When;
use jiff::{Timestamp, civil::Date};
pub use judge::{Side, Violation};
use line::{Grip, Port, Switch};
pub use record::Entry;
use routes::Operation;
use server::{Server, Shared};
use service::{Plan, Service};
use webhook::Post;
pub use world::{AccountType, BankFault, SyncMode};
use world::{Seed, Settings, World};

/// A running sandbox. It ends when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    shared: Shared,
    switch: Arc<Switch>,
    base_url: String,
    task: tokio::task::JoinHandle<()>,
}

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
    /// # Errors
    /// [`StartError`], when the address cannot be listened on or the webhook's is none.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let post = self.webhook_url.map(open_post).transpose()?;
        let opened = Port::open(self.listen).await;
        let (port, switch) = opened.map_err(|source| StartError::Listen {
            address: self.listen,
            source,
        })?;
        let base_url = format!("http://{}", port.address());
        let settings = Settings {
            seed: self.seed,
            start: self.start,
            sync_takes: self.sync_takes,
        };
        let shared = Shared::new(Service::new(Plan {
            api_key: self.api_key,
            world: settings,
            dialect: self.dialect,
            judged: self.judged,
            post,
        }));
        let server = Server {
            shared: shared.clone(),
            switch: Arc::clone(&switch),
        };
        let router = server
            .router()
            .into_make_service_with_connect_info::<Grip>();
        let task = tokio::spawn(async move {
            // Serving ends only with the task.
            let _ = axum::serve(port, router).await;
        });
        Ok(Sandbox {
            shared,
            switch,
            base_url,
            task,
        })
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

impl Sandbox {
    /// Starts a sandbox with the default settings; see [`Builder::start`].
    ///
    /// # Errors
    /// [`StartError`], when no port of the loopback address can be listened on.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// The settings to start from.
    pub fn builder() -> Builder {
        Builder {
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

    /// Where it listens, as `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The API key that it accepts.
    pub fn api_key(&self) -> String {
        self.shared.lock().api_key().to_owned()
    }

    /// Makes a bank user with an access token that is valid for a year.
    pub fn add_user(&self, name: &str) -> BankUser {
        let name = name.to_owned();
        let (id, token) = self.change(|world| world.add_user_with_token(name));
        BankUser { id, token }
    }

    /// Makes a connection that is ready, without a wizard, and gives its id.
    ///
    /// # Panics
    /// When the user is not there any more.
    #[allow(clippy::expect_used, reason = "a test that lost its user cannot go on")]
    pub fn add_connection(&self, user: &BankUser, seed: ConnectionSeed) -> String {
        self.change(|world| world.add_connection(&user.id, &seed.0))
            .expect("the bank user is there")
    }

    /// Lets the user of a wizard session walk through it, and gives the id of the connection.
    /// None when there is no such session or it is over.
    pub fn complete_session(&self, transaction: &str) -> Option<String> {
        self.change(|world| world.complete_session(transaction))
    }

    /// The customer's half of the credentials of a connection in mode shared.
    pub fn credentials(&self, connection: &str) -> Option<String> {
        self.shared
            .lock()
            .look(|world| world.credentials(connection))
    }

    /// Has the bank do this at the connection's next login without the user; several calls line
    /// up.
    ///
    /// # Panics
    /// When there is no such connection.
    pub fn fail_next_sync(&self, connection: &str, fault: BankFault) {
        let found = self.change(|world| world.script(connection, fault));
        assert!(found, "there is no connection {connection:?}");
    }

    /// Has the bank do this at every login with this user name from now on, also in the wizard;
    /// none has it let them through again. What [`Sandbox::fail_next_sync`] has lined up for a
    /// connection goes first.
    pub fn set_login(&self, user_name: &str, fault: Option<BankFault>) {
        self.change(|world| world.set_login(user_name, fault));
    }

    /// Has the bank open an account, which the next successful sync of the connection finds.
    ///
    /// # Panics
    /// When there is no such connection.
    pub fn open_account(&self, connection: &str, kind: AccountType) {
        let found = self.change(|world| world.open_account_at_bank(connection, kind));
        assert!(found, "there is no connection {connection:?}");
    }

    /// Approves what a wizard session waits for, in the app of the bank or at the address that
    /// the user was sent to. The next request of the wizard shows it. False when there is no
    /// open session of this transaction.
    pub fn approve(&self, transaction: &str) -> bool {
        self.change(|world| world.approve(transaction))
    }

    /// Starts to say which calls a fault hits: `sandbox.fault(fault).on("sync_connection").call(2)`.
    pub fn fault(&self, fault: Fault) -> FaultRule<'_> {
        FaultRule {
            sandbox: self,
            fault,
            operation: None,
        }
    }

    /// Has nothing listen on the port any more, and ends the connections that are open: whoever
    /// connects from now on is refused. Returns when the port is closed.
    pub async fn refuse_connections(&self) {
        self.switch.refuse(None).await;
    }

    /// Listens again after [`Sandbox::refuse_connections`]. Returns when the port is open.
    pub async fn accept_connections(&self) {
        self.switch.listen().await;
    }

    /// Takes back every fault that has not hit.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Lets time pass on the sandbox's clock: syncs end, daily syncs run, tokens and consents
    /// expire. Costs no time.
    pub fn advance(&self, by: Duration) {
        self.change(|world| world.advance(by));
    }

    /// What the sandbox's clock shows.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().now()
    }

    /// How many calls of an operation arrived, such as `sync_connection`.
    pub fn received(&self, operation: &str) -> usize {
        self.shared.lock().log.received(operation)
    }

    /// How many calls of an operation were carried out.
    pub fn acted(&self, operation: &str) -> usize {
        self.shared.lock().log.acted(operation)
    }

    /// The latest 10,000 requests, in the order of their arrival.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.lock().log.entries().cloned().collect()
    }

    /// What requests and answers had that the spec does not allow. A test of a client of the
    /// spec asserts that it is empty; clients that are not made from the spec may well have
    /// violations of [`Side::Request`].
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.lock().log.violations().cloned().collect()
    }

    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.shared.lock().change(change)
    }

    /// Back to the start: no users, the first ids, the first second.
    pub fn reset(&self) {
        self.shared.lock().reset();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
        self.switch.close_lines(None);
    }
}

/// A bank user made by [`Sandbox::add_user`].
#[derive(Clone)]
pub struct BankUser {
    id: String,
    token: String,
}

impl BankUser {
    /// Id of the user.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Her access token.
    pub fn token(&self) -> &str {
        &self.token
    }
}

impl std::fmt::Debug for BankUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BankUser")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A connection for [`Sandbox::add_connection`]. As it is made: synced just now, no failures,
/// consent for 90 days.
#[derive(Clone)]
#[must_use]
pub struct ConnectionSeed(Seed);

impl ConnectionSeed {
    /// A healthy connection in this mode.
    pub fn new(mode: SyncMode) -> Self {
        Self(Seed {
            mode,
            ..Seed::default()
        })
    }

    /// With so many failures in a row behind it, and so inactive. Three disable it.
    pub fn failures(mut self, failures: u32) -> Self {
        self.0.failures = failures;
        self
    }

    /// Whether the service syncs it by itself. Default: yes in mode full without failures.
    pub fn active(mut self, active: bool) -> Self {
        self.0.active = Some(active);
        self
    }

    /// Why the last sync failed.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// Without a first sync: `last_synced` is null.
    pub fn never_synced(mut self) -> Self {
        self.0.never_synced = true;
        self
    }

    /// With a consent that ends after this day.
    pub fn consent_valid_until(mut self, day: Date) -> Self {
        self.0.consent_until = Some(day);
        self
    }

    /// With this user name at the bank. Default `abcdef`.
    pub fn login(mut self, user_name: impl Into<String>) -> Self {
        self.0.login = user_name.into();
        self
    }

    /// With this as the customer's half of the credentials, in mode shared.
    pub fn credentials(mut self, half: impl Into<String>) -> Self {
        self.0.credentials = Some(half.into());
        self
    }
}

impl std::fmt::Debug for ConnectionSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionSeed")
            .field("mode", &self.0.mode)
            .field("failures", &self.0.failures)
            .finish_non_exhaustive()
    }
}

/// A fault that still has to be told which calls it hits; made by [`Sandbox::fault`].
#[derive(Debug)]
#[must_use = "a fault is armed by call, next or always"]
pub struct FaultRule<'a> {
    sandbox: &'a Sandbox,
    fault: Fault,
    operation: Option<Operation>,
}

impl FaultRule<'_> {
    /// Only calls of this operation, such as `sync_connection`. Default: any.
    ///
    /// # Panics
    /// When there is no such operation: a fault that could never hit would make a test pass for
    /// nothing.
    #[allow(
        clippy::panic,
        reason = "a test with a misspelt operation must not pass"
    )]
    pub fn on(mut self, operation: &str) -> Self {
        let found = Operation::ALL.iter().find(|known| known.id() == operation);
        match found {
            Some(found) => self.operation = Some(*found),
            None => panic!("there is no operation {operation:?}"),
        }
        self
    }

    /// Arms it for the nth such call from now on, counted from 1.
    pub fn call(self, number: usize) {
        self.arm(When::Call(number.max(1)));
    }

    /// Arms it for the next such call.
    pub fn next(self) {
        self.call(1);
    }

    /// Arms it for every such call until [`Sandbox::clear_faults`].
    pub fn always(self) {
        self.arm(When::Always);
    }

    fn arm(self, when: When) {
        self.sandbox
            .shared
            .lock()
            .faults
            .arm(self.fault, self.operation, when);
    }
}
