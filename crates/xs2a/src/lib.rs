//! A client for [XS2A.api](https://api.xs2a.com) that knows what its answers mean.
//!
//! XS2A.api is the account-information service of the XS2A platform (FinTecSystems, today Tink
//! Germany): it reads the bank accounts of people who let it. This crate takes you from an API key
//! to a synced bank connection, and tells you at each step what can happen, what has happened, and
//! what is right to do next.
//!
//! # The five things to know
//!
//! - A **bank user** is a person whose accounts you read. You create bank users with your **API
//!   key**, and act for a bank user with an **access token**.
//! - A **bank connection** is one login of a bank user at one bank. It owns the **accounts** there,
//!   each with a balance and **turnovers**.
//! - The user logs in through the **wizard**: a series of forms that you show, or that the service's
//!   own page shows. A wizard session has a key, and a transaction id that finds the connection
//!   afterwards.
//! - A **sync** logs in at the bank again and fetches what is new. It runs in the background, or it
//!   needs the user. In mode `full` the service syncs by itself, daily.
//! - After **three failed syncs in a row** a connection is disabled for good, and the user has to log
//!   in anew. So the third attempt is precious, and a sync of unknown fate is never repeated blindly.
//!
//! # From an API key to turnovers
//!
//! ```
//! use std::time::Duration;
//! use xs2a::types::{CreateBankUserRequest, CreateConnectionRequest};
//! use xs2a::wizard::WizardStep;
//! use xs2a::{ApiClient, SyncOutcome};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = xs2a_sandbox::Sandbox::start().await?;
//! # let (key, base_url) = (sandbox.api_key(), sandbox.base_url());
//! let api = ApiClient::builder(key)
//! #   .base_url(base_url)
//!     .build()?;
//! let erika = CreateBankUserRequest::new("Erika Mustermann", "erika@example.com");
//! let erika = api.users().create(&erika).await?;
//!
//! // Everything below is for this user. The access token is made and renewed when it is needed.
//! let user = api.user(&erika.id);
//! let session = user.connections().create(&CreateConnectionRequest::new()).await?;
//!
//! // The user logs in. A program shows the forms; this one knows the test bank.
//! let wizard = user.wizard(session.key());
//! let mut step = wizard.open().await?;
//! loop {
//!     step = match step {
//!         WizardStep::Form(form) => {
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
//!         // A program asks the user for other answers; this one has none.
//!         WizardStep::Rejected(form) => return Err(form.rejections()[0].to_string().into()),
//!         // The user approves in the app of the bank.
//!         WizardStep::Waiting(waiting) => wizard.wait(&waiting, Duration::from_secs(300)).await?,
//!         WizardStep::Completed(_) => break,
//!         WizardStep::Failed(failure) => return Err(failure.into()),
//!     };
//! }
//!
//! // The user is through. Later: what is new?
//! let connection = user.connections().get(session.transaction()).await?;
//! match user.connections().sync(&connection.id).await? {
//!     SyncOutcome::Succeeded(_) => {
//!         let mut accounts = user.accounts().of_connection(&connection.id);
//!         while let Some(account) = accounts.next().await {
//!             let found = user.accounts().turnovers(&account?.id).only_new().await?;
//!             println!("{} turnovers", found.turnovers.len());
//!         }
//!     }
//!     SyncOutcome::UserNeeded(session) => println!("show the wizard again: {session:?}"),
//! }
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
//! | | what happened | [`ApiClient::events`], [`ApiClient::sessions`], [`Events::follow`], [`Delivery`] for webhooks |
//! | | banks | [`ApiClient::bank_codes`] |
//! | an access token | to create, sync, delete connections | [`UserClient::connections`] |
//! | | the right next step for a connection | [`Snapshot`] |
//! | | the user to log in | [`UserClient::wizard`], [`Connections::wait_for_user`] |
//! | | balances, turnovers, reports | [`UserClient::accounts`] |
//! | a web service | to show the wizard | [a guide](wizard_in_a_web_app) |
//! | | to sync without waiting | [`SyncRun::start`](connections::SyncRun::start) |
//! | a night | to sync without the user, with a store | [a guide](nightly_job) |
//! | an address, or none | to hear what happened | [webhooks and events](webhooks_and_events) |
//! | a proxy, a client certificate | HTTP as your network wants it | [a guide](network) |
//! | a dashboard | traces, request ids, metrics | [tracing and metrics](tracing_and_metrics) |
//! | no key | to test your code | [the sandbox](testing) |
//! | an error | what to do about it | [each of them](errors) |
//! | another client's code | the method here | [a table of them](official_clients) |
//!
//! The two kinds of client are two types, and each kind of id is a type: a call that your secret does
//! not open does not compile, and neither does an account's id where a connection's is meant. Any
//! number of clients live side by side in a process.
//!
//! # What you can rely on
//!
//! 1. **At most once.** The server acts at most once per call that creates, syncs, resets or answers
//!    a form, whatever the network does. (A 429 is taken at its word.)
//! 2. **Three strikes.** On what the last look showed, no default makes the third failure happen. A
//!    [`sync_without_rules`](Connections::sync_without_rules) with `force` is your own word.
//! 3. **In time.** Every call ends by its deadline, 60 seconds unless you set another.
//! 4. **In the open.** Every failure is an [`Error`] with its operation, status,
//!    [fate](Error::fate) and attempts. Nothing panics on what a server sends.
//! 5. **Secret.** No key, token, credential, PIN or wizard key prints, is logged or is stored with a
//!    job. None goes to another host, or in plain HTTP further than loopback unless
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
//! its [`fate`](Error::fate) for whether the server acted; print it for people. A sync that did not
//! succeed is a [`SyncError`]. A sync that needs the user is no error, and neither is a form that
//! comes back because a PIN was rejected: both are values.
//!
//! # Lists, money, time
//!
//! - Lists are streams over all pages, each entry once: [`Pages`]. A page costs one call.
//! - An entry that cannot be read costs no other entry: [`Entries`] and [`Error::unreadable`] have it.
//! - Amounts are exact decimals, with their currency: [`Money`].
//! - Date-times are instants ([`jiff::Timestamp`]); the service writes Berlin's local time. Days are
//!   [`jiff::civil::Date`].
//!
//! # In production
//!
//! - Make one client and clone it: clones share connections, tokens, syncs in flight and the retry
//!   budget. So do the clients of bank users that [`ApiClient::user`] gives.
//! - Calls run on tokio. Futures may be dropped at any point; what was sent stays sent.
//! - Each call is a `tracing` span `xs2a.call` with OpenTelemetry's HTTP attributes. Each attempt is
//!   an event in the span: a warning when it failed, but for a 404.
//! - Proxies, client certificates and the rest of HTTP: [`ClientBuilder::http_client_builder`].
//! - Tests need no API key: the crate `xs2a-sandbox` plays the service, faults included.
//! - The [generated client](ApiClient::generated) underneath offers what this layer does not.
//! - The crates whose types show here, in their versions: [`jiff`], [`reqwest`], [`rust_decimal`],
//!   [`xs2a_client`].

#![warn(missing_debug_implementations)]

// Floors, from the ground up: an arrow goes down, never up.
mod error;
mod ids;

mod call;

pub mod sync;

mod client;

pub mod connections;
pub mod wizard;

mod access_tokens;
mod accounts;
mod bank_codes;
mod event_feed;
mod events;
mod forget;
mod sessions;
mod turnovers;
mod users;
mod webhook;

#[doc = include_str!("docs/retry_rules.md")]
pub mod retry_rules {}

#[doc = include_str!("docs/wizard_in_a_web_app.md")]
pub mod wizard_in_a_web_app {}

#[doc = include_str!("docs/nightly_job.md")]
pub mod nightly_job {}

#[doc = include_str!("docs/webhooks_and_events.md")]
pub mod webhooks_and_events {}

#[doc = include_str!("docs/network.md")]
pub mod network {}

#[doc = include_str!("docs/tracing_and_metrics.md")]
pub mod tracing_and_metrics {}

#[doc = include_str!("docs/testing.md")]
pub mod testing {}

#[doc = include_str!("docs/errors.md")]
pub mod errors {}

#[doc = include_str!("docs/official_clients.md")]
pub mod official_clients {}

pub use access_tokens::AccessTokens;
pub use accounts::{AccountReport, Accounts, Money, ReportRequest, TurnoversRequest};
pub use bank_codes::BankCodes;
pub use call::{
    Attempt, Gate, InPlace, Pace, Page, Pages, Pass, RetryBudget, RetryPolicy, Token, TokenSource,
};
pub use client::{ApiClient, BuildError, ClientBuilder, UserAuth, UserClient};
pub use connections::Connections;
pub use error::{Error, ErrorKind, with_causes};
pub use event_feed::{EventCursor, EventFeed};
pub use events::Events;
pub use forget::{ForgetError, Forgotten};
pub use ids::{
    AccountId, ConnectionId, ConnectionKey, EventId, ReportId, TokenId, TransactionId, UserId,
};
pub use sessions::Sessions;
pub use sync::{
    ConnectionState, NextStep, Snapshot, SyncError, SyncOutcome, SyncPolicy, UserSession,
};
pub use turnovers::{TurnoverBook, TurnoverKey};
pub use users::Users;
pub use webhook::Delivery;
pub use wizard::Wizard;
pub use xs2a_client::wire::DecodeError;
pub use xs2a_client::{Entries, Fate, Operation, RetryClass, Secret, UnreadableEntry, types};
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

use connections::{SyncRun, UserWait};

opaque! {
    Accounts AccessTokens BankCodes Connections Events Sessions Users
    ClientBuilder<C> EventFeed InPlace<T> Pages<T> ReportRequest SyncRun TokenSource TurnoversRequest UserAuth UserWait
    Wizard
}

/// Compiles and runs what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Calls that must not compile.
#[cfg(doctest)]
#[doc = include_str!("docs/does_not_compile.md")]
struct DoesNotCompile;
