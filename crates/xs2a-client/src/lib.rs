//! HTTP client for XS2A.api with one method per operation, generated from the specification.
//!
//! Most users want the crate `xs2a`, which knows what the answers mean and when a call may be
//! repeated. This crate lies beneath: each method of [`Client`] makes a [`Call`], each
//! [`send`](Call::send) of the call makes one HTTP request, and the result is either what the
//! specification promises or an [`Error`] that keeps the whole answer.
//!
//! ```no_run
//! use xs2a_client::types::{SyncConnectionRequest, SyncConnectionResponse};
//! use xs2a_client::{Client, Credentials, one_request_per_call};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30));
//! let http = one_request_per_call(http).build()?;
//! let credentials = Credentials::new("access token of a bank user");
//! let client = Client::new("https://api.xs2a.com".parse()?, http, credentials);
//!
//! let request = SyncConnectionRequest::new();
//! let answer = client.sync_connection(&"con-7d1f0c2a5b9e".into(), &request).await?;
//! match answer.into_inner() {
//!     SyncConnectionResponse::NoContent => println!("the sync has started"),
//!     SyncConnectionResponse::Accepted(session) => {
//!         println!("the bank wants the user: session {}", session.transaction);
//!     }
//!     _ => println!("a success that is new to this version"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is generated
//!
//! `cargo xtask generate` makes [`types`], the ids, [`Operation`] and the methods of [`Client`] from
//! `spec/xs2a.yaml`. Everything else is written by hand.
//!
//! - Each kind of id is a type of its own, such as [`ConnectionId`], so that the id of a connection
//!   is never sent as the id of an account.
//! - Structs that are sent have `new` with the required fields, and setters for the other fields.
//!   A new optional field breaks no caller.
//! - An operation with several kinds of success answers with an enumeration of them, by status.
//! - Enumerations keep the text of values that this version does not know. Objects ignore keys that
//!   this version does not know.
//! - A list whose entries stand for themselves is [`Entries`]: one entry that cannot be read costs no
//!   other entry.
//! - Types that contain secrets neither print nor serialize them; see [`Secret`]. [`quote`] makes the
//!   server's words fit to be shown.
//! - [`wire`] lists the forms in which a value may arrive.

mod bank_date;
mod call;
#[cfg(test)]
mod canary;
mod client;
mod entries;
mod error;
mod http;
mod id;
mod open_enum;
mod operation;
mod quote;
mod request;
mod response;
pub mod secret;
pub mod wire;

// prettyplease formats this module, and the specification decides on names and sizes.
#[rustfmt::skip]
#[allow(
    clippy::large_enum_variant,
    clippy::should_implement_trait,
    clippy::too_many_arguments,
    clippy::wrong_self_convention
)]
mod generated;

pub use bank_date::BankDate;
pub use call::{Call, ReadAnswer};
pub use client::{Client, Credentials};
pub use entries::{Entries, UnreadableEntry};
pub use error::{Error, ErrorKind, Fate};
pub use generated::ids::*;
pub use generated::{DEFAULT_BASE_URL, Operation, types};
pub use http::one_request_per_call;
pub use open_enum::{UnknownValue, UnknownVariant};
pub use operation::{RetryClass, Scope};
pub use quote::quote;
pub use request::Request;
pub use response::{Answer, Response};
pub use secret::Secret;

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
