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
//! # What the sandbox plays
//!
//! The sandbox plays the state machine of the service: bank users and their access tokens, the
//! wizard of the test bank, connections in their three modes with everything that a sync means,
//! accounts whose turnovers grow with each sync, sessions, events and their deliveries, and the
//! directory of banks. The README of this crate lists what the test bank asks for, and what had to
//! be decided where the documentation of the service is silent.
//!
//! # What a test orders
//!
//! - The state to start from: [`Sandbox::add_user`], [`Sandbox::add_connection`], and
//!   [`Sandbox::add_connections`] for thousands.
//! - What the bank does: [`Sandbox::fail_next_sync`], [`Sandbox::set_login`],
//!   [`Sandbox::open_account`].
//! - When the service begins a sync, and when the outcome shows: [`Sandbox::plan_next_sync`].
//! - What the user does: [`Sandbox::complete_session`], [`Sandbox::approve`], or the wizard itself
//!   over HTTP.
//! - What the wizard shows, in the words of the test: [`Sandbox::set_forms`],
//!   [`Sandbox::script_next_session`].
//! - What the network and the gateways do, and which values an answer has: [`Sandbox::fault`],
//!   [`Sandbox::refuse_connections`].
//! - How much time passes: [`Sandbox::advance`].
//!
//! Afterwards the test asks what has happened with [`Sandbox::received`], [`Sandbox::acted`] and
//! [`Sandbox::log`], what has happened to each connection with [`Sandbox::counts`], what was posted
//! to the wizard with [`Sandbox::posts`], and whether both sides kept to the spec with
//! [`Sandbox::violations`].
//!
//! # Time
//!
//! The sandbox has a clock of its own. By default the clock starts at the same instant each time.
//! It moves one second with each request that has valid credentials, and otherwise only by
//! [`Sandbox::advance`]. Nothing in an answer comes from the clock of the machine. So with the same
//! seed, the same requests give the same bytes. A sync that was started is over after a second of
//! this clock: the next look at the connection shows it, and no real time passes. Automatic syncs
//! run, and tokens, consents and wizard sessions expire on this clock, too. The header `Date` tells
//! this clock.
//!
//! Five settings change this: [`Builder::starts_at`], [`Builder::starts_at_now`] for code that
//! compares the dates of answers with today, [`Builder::sync_takes`], [`Builder::tick`] for
//! thousands of requests, and [`Builder::follows_tokio`] for tests that share their paused time with
//! the sandbox.
//!
//! Two faults take time of the runtime, and so no time under tokio's paused clock:
//! [`Fault::Delay`] and [`Fault::Refuse`].

mod answer;
mod clock;
mod json;
mod line;
mod pages;
mod request;
mod routes;
mod sandbox;
mod server;
mod service;
mod world;

pub use sandbox::{BankUser, Builder, FaultRule, Sandbox, StartError};
pub use service::{Edit, Entry, Fault, Side, Violation};
pub use world::{
    AccountType, BankFault, ConnectionSeed, Counts, Posted, ScriptedForm, SyncMode, SyncPlan,
    WizardScript,
};
