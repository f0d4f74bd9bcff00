//! A client for [XS2A.api](https://api.xs2a.com) that knows what its answers mean.
//!
//! XS2A.api is the account-information service of the XS2A platform (FinTecSystems, today Tink
//! Germany): it reads the bank accounts of people who let it. This crate takes you from an API key
//! to a synced bank connection, and tells you at each step what can happen, what has happened, and
//! what is right to do next.
//!
//! # The five things to know
//!
//! - A **bank user** is a person whose accounts you read. You create her with your **API key**, and
//!   act for her with an **access token**.
//! - A **bank connection** is one login of hers at one bank. It owns her **accounts** there, each
//!   with a balance and **turnovers**.
//! - She logs in through the **wizard**: a series of forms that you show, or that the service's own
//!   page shows. A wizard session has a key, and a transaction id that finds the connection
//!   afterwards.
//! - A **sync** logs in at the bank again and fetches what is new. It runs in the background, or it
//!   needs the user. In mode `full` the service syncs by itself, daily.
//! - After **three failed syncs in a row** a connection is disabled for good, and she has to start
//!   over. So the third attempt is precious, and a sync of unknown fate is never repeated blindly.
//!
//! # From an API key to turnovers
//!
//! ```
//! use std::time::Duration;
//! use xs2a::types::{CreateBankUserRequest, CreateConnectionRequest, GetAccountTurnoversQuery};
//! use xs2a::{ApiClient, Step, SyncReport};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = xs2a_sandbox::Sandbox::start().await?;
//! # let (key, base_url) = (sandbox.api_key(), sandbox.base_url());
//! let api = ApiClient::builder(key)
//! #   .base_url(base_url)
//!     .build()?;
//! let erika = CreateBankUserRequest::new("erika@example.com", "Erika Mustermann");
//! let erika = api.users().create(&erika).await?;
//!
//! // Everything below is hers. Her access token is made and renewed when it is needed.
//! let user = api.user(&erika.id);
//! let session = user.connections().create(&CreateConnectionRequest::new()).await?;
//!
//! // She logs in. A program shows her the forms; this one knows the test bank.
//! let wizard = user.wizard(session.wizard_session_key.clone());
//! let mut step = wizard.open().await?;
//! loop {
//!     step = match step {
//!         Step::Form(form) => {
//!             let answers = form.answers();
//!             let answers = match form.name() {
//!                 "bank" => answers.choose("country_id", "DE")?.enter("bank_code", "88888888")?,
//!                 _ => answers
//!                     .enter("USER_NAME", "abcdef")?
//!                     .enter("USER_PIN", "123456")?
//!                     .tick("privacy_policy", true)?,
//!             };
//!             wizard.send(answers).await?
//!         }
//!         // She approves in the app of her bank.
//!         Step::Waiting(waiting) => wizard.wait(&waiting, Duration::from_secs(300)).await?,
//!         Step::Finished(_) => break,
//!         Step::Failed(failure) => return Err(failure.into()),
//!     };
//! }
//!
//! // She is through. Later: what is new?
//! let connection = user.connections().get(&session.transaction).await?;
//! let sync = user.connections().sync_and_wait(&connection.id).await?;
//! match &sync.report {
//!     SyncReport::Succeeded { .. } => {
//!         let mut accounts = user.accounts().of_connection(&connection.id);
//!         while let Some(account) = accounts.next().await {
//!             let all = GetAccountTurnoversQuery::new();
//!             let found = user.accounts().turnovers(&account?.id, &all).await?;
//!             println!("{} turnovers", found.turnovers.len());
//!         }
//!     }
//!     SyncReport::UserNeeded => println!("show her the wizard again: {:?}", sync.session),
//!     other => println!("{other}"),
//! }
//! # assert!(matches!(sync.report, SyncReport::Succeeded { .. }), "{}", sync.report);
//! # Ok(())
//! # }
//! ```
//!
//! The same, told at length: `cargo run -p xs2a --example sync`, and `from_nothing`, and `webhook`.
//!
//! # Where to find what
//!
//! | you have | you want | it is |
//! |---|---|---|
//! | an API key | users, tokens | [`ApiClient::users`], [`ApiClient::access_tokens`] |
//! | | to act for a user | [`ApiClient::user`] |
//! | | what happened | [`ApiClient::events`], [`ApiClient::sessions`], [`Delivery`] for webhooks |
//! | | banks | [`ApiClient::bank_codes`] |
//! | an access token | to create, sync, delete connections | [`UserClient::connections`] |
//! | | the right next step for one | [`Snapshot`] |
//! | | the user to log in | [`UserClient::wizard`], [`Connections::wait_for_user`] |
//! | | balances, turnovers, reports | [`UserClient::accounts`] |
//! | another client's code | the method here | [a table of them](official_clients) |
//!
//! The two kinds of client are two types: a call that your secret does not open does not compile.
//! Any number of them live side by side in a process.
//!
//! # What you can rely on
//!
//! 1. **At most once.** The server acts at most once per call that creates, syncs, resets or answers
//!    a form, whatever the network does. (A 429 is taken at its word.)
//! 2. **Three strikes.** On what the last look showed, no default makes the third failure happen. A
//!    bare [`sync`](Connections::sync) with `force` is your own word.
//! 3. **In time.** Every call ends by its deadline, 60 seconds unless you say otherwise.
//! 4. **In the open.** Every failure is an [`Error`] with its operation, status,
//!    [fate](Error::fate) and attempts. Nothing panics on what a server sends.
//! 5. **Secret.** No key, token, credential, PIN or wizard key prints, is logged or is stored with a
//!    job; none goes to another host, or in plain HTTP further than loopback unless
//!    [asked by name](ClientBuilder::allow_plain_http).
//! 6. **Bounded.** An answer over [the limit](ClientBuilder::response_limit) is an error, and an
//!    outage meets at most a tenth more requests than calls, and a burst: [`RetryBudget`].
//! 7. **Forward.** A value or key that does not exist yet breaks no call: enumerations keep its text.
//!
//! [The retry rules](retry_rules) have the tables behind 1 to 3, and how to tune, store and resume.
//!
//! # Errors
//!
//! A call fails with one type, [`Error`]. Match its [`kind`](Error::kind) for what went wrong and
//! its [`fate`](Error::fate) for whether the server acted; print it for people. What is not a failure
//! is not an error: a sync that needs the user is a value, and so is a form that comes back with a
//! PIN rejected.
//!
//! # Lists, money, time
//!
//! - Lists are streams over all pages, each entry once: [`Pages`]. One page costs one call.
//! - Amounts are exact decimals, with their currency: [`Money`].
//! - Date-times are instants ([`jiff::Timestamp`]); the service writes Berlin's local time. Days are
//!   [`jiff::civil::Date`].
//!
//! # In production
//!
//! - Make one client and clone it: clones share connections, tokens and the retry budget.
//! - Calls run on tokio. Futures may be dropped at any point; what was sent stays sent.
//! - Each call is a `tracing` span `xs2a.call` with OpenTelemetry's HTTP attributes, each attempt an
//!   event in it: a warning when it failed, unless with a 404.
//! - Proxies, client certificates and the rest of HTTP: [`ClientBuilder::http_client_builder`].
//! - Tests need no API key: the crate `xs2a-sandbox` plays the service, faults included.
//! - What this layer does not offer, the [generated client](ApiClient::generated) underneath does.
//! - The crates whose types show here, in their versions: [`jiff`], [`reqwest`], [`rust_decimal`],
//!   [`xs2a_client`].

#![warn(missing_debug_implementations)]

/// Setters that take the whole and give it back.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($($value:ident: $type:ty),*) => $($field:ident = $to:expr),*;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $($value: $type),*) -> Self {
            $(self.$field = $to;)*
            self
        }
    )*};
}

mod accounts;
mod bank_codes;
mod call;
mod client;
mod connections;
mod error;
mod events;
mod ids;
mod in_flight;
mod nudge;
mod pages;
mod policy;
mod retry;
mod sessions;
mod state;
mod sync_and_wait;
pub mod sync_job;
mod tokens;
mod users;
mod wait_for_user;
mod webhook;
mod wizard;

#[doc = include_str!("docs/retry_rules.md")]
pub mod retry_rules {}

#[doc = include_str!("docs/official_clients.md")]
pub mod official_clients {}

pub use accounts::{Accounts, Money, Report};
pub use bank_codes::BankCodes;
pub use client::{ApiClient, BuildError, ClientBuilder, UserAuth, UserClient};
pub use connections::{Connections, SyncStart};
pub use error::{Error, ErrorKind};
pub use events::Events;
pub use ids::{
    AccountId, ConnectionId, ConnectionKey, EventId, ReportId, TokenId, TransactionId, UserId,
};
pub use pages::{Page, Pages};
pub use policy::{LastAttempt, SyncPolicy};
pub use retry::{RetryBudget, RetryPolicy};
pub use sessions::Sessions;
pub use state::{ConnectionState, FAILURES_UNTIL_DISABLED, NextStep, Refusal, Snapshot};
pub use sync_and_wait::{FinishedSync, SyncRun};
pub use sync_job::{SyncJob, SyncReport};
pub use tokens::{AccessTokens, Token, TokenSource};
pub use users::Users;
pub use wait_for_user::UserWait;
pub use webhook::Delivery;
pub use wizard::{AnswerError, Answers, Failure, Finished, Form, Step, Waiting, Wizard};
pub use xs2a_client::wire::DecodeError;
pub use xs2a_client::{Fate, Operation, RetryClass, Secret, types};
pub use {jiff, reqwest, rust_decimal, xs2a_client};

/// `Debug` by the name alone: all that these types hold is secret, or of no use in a log.
macro_rules! opaque {
    ($($name:ident $(<$of:ident>)?)*) => {$(
        impl$(<$of>)? std::fmt::Debug for $name$(<$of>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

opaque! {
    Accounts AccessTokens BankCodes Connections Events Sessions Users
    ClientBuilder<C> Pages<T> SyncRun TokenSource UserAuth UserWait Wizard
}

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
