//! A stand-in for XS2A.api: a real HTTP server with the service's behaviour behind it, to write,
//! run and test an integration without an API key.
//!
//! ```
//! use xs2a_sandbox::{BankFault, ConnectionSeed, Sandbox, SyncMode};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let sandbox = Sandbox::start().await.unwrap();
//! let user = sandbox.add_user("Ada");
//! let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
//! sandbox.fail_next_sync(&connection, BankFault::WrongPassword);
//!
//! // The code under test gets `sandbox.base_url()` and `user.token()`. Here it is one call.
//! let url = format!("{}/v1/api/connections/{connection}/sync", sandbox.base_url());
//! let call = reqwest::Client::new().post(url).basic_auth("api", Some(user.token()));
//! let answer = call.json(&serde_json::json!({})).send().await.unwrap();
//! assert_eq!(answer.status(), 204);
//!
//! assert_eq!(sandbox.acted("sync_connection"), 1);
//! assert_eq!(sandbox.violations(), []);
//! # });
//! ```
//!
//! # What it plays
//!
//! The state machine of the service: bank users and their access tokens, the wizard of the test
//! bank, connections in their three modes with everything that a sync means, accounts whose
//! turnovers grow with each sync, sessions, events and their deliveries, the directory of banks.
//! The README of this crate tells what the test bank asks for, and what was decided where the
//! documentation of the service is silent.
//!
//! # What a test orders
//!
//! - the state to start from: [`Sandbox::add_user`], [`Sandbox::add_connection`];
//! - what the bank does: [`Sandbox::fail_next_sync`], [`Sandbox::set_login`],
//!   [`Sandbox::open_account`];
//! - what the user does: [`Sandbox::complete_session`], [`Sandbox::approve`], or the wizard itself
//!   over HTTP;
//! - what the network does: [`Sandbox::fault`], [`Sandbox::refuse_connections`];
//! - what time it is: [`Sandbox::advance`].
//!
//! And it asks afterwards what has happened: [`Sandbox::received`], [`Sandbox::acted`],
//! [`Sandbox::log`], and whether both sides kept to the spec: [`Sandbox::violations`].
//!
//! # Time
//!
//! The sandbox has a clock of its own. It starts at the same instant each time
//! ([`Builder::starts_at`]), moves one second with each request that is let in, and else only by
//! [`Sandbox::advance`]. Nothing in an answer comes from the clock of the machine, so the same
//! seed and the same requests give the same bytes. A sync that was started is over after a second
//! of this clock ([`Builder::sync_takes`]): when the connection is next looked at, and in no real
//! time. Daily syncs run, tokens, consents and wizard sessions expire on this clock, too.
//!
//! Two things take time of the runtime, and so none under tokio's paused clock: [`Fault::Delay`]
//! and [`Fault::Refuse`].

mod answer;
mod bank;
mod builder;
mod clock;
mod control;
mod dialect;
mod faults;
mod json;
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

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, civil::Date};

pub use builder::{Builder, StartError};
pub use faults::Fault;
use faults::When;
pub use judge::{Side, Violation};
use line::Switch;
pub use record::Entry;
use routes::Operation;
use server::Shared;
pub use world::{AccountType, BankFault, SyncMode};
use world::{Seed, World};

/// A running sandbox. It ends when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    shared: Shared,
    switch: Arc<Switch>,
    base_url: String,
    task: tokio::task::JoinHandle<()>,
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
        Builder::default()
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
        self.shared.lock().look(|world| world.credentials(connection))
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
        FaultRule { sandbox: self, fault, operation: None }
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
        f.debug_struct("BankUser").field("id", &self.id).finish_non_exhaustive()
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
        Self(Seed { mode, ..Seed::default() })
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
    #[allow(clippy::panic, reason = "a test with a misspelt operation must not pass")]
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
        self.sandbox.shared.lock().faults.arm(self.fault, self.operation, when);
    }
}
