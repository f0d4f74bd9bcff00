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
pub use service::{Entry, Fault, Side, Violation};
pub use world::{AccountType, BankFault, ConnectionSeed, SyncMode};
