//! HTTP client for XS2A.api, one method per operation, generated from the specification.
//!
//! Most users want the crate `xs2a`, which knows what the answers mean and when to repeat a call.
//! This one is what lies beneath: [`Client`] makes one request per call, and gives back what the
//! specification says about the answer, or an [`Error`] that keeps all there is to know.
//!
//! ```no_run
//! use xs2a_client::types::{SyncConnectionRequest, SyncConnectionResponse};
//! use xs2a_client::{Client, Credentials};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let http = reqwest::Client::builder()
//!     .redirect(reqwest::redirect::Policy::none())
//!     .retry(reqwest::retry::never())
//!     .http1_only()
//!     .timeout(std::time::Duration::from_secs(30))
//!     .build()?;
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
//! [`types`], [`Operation`] and the methods of [`Client`] come from `spec/xs2a.yaml` by
//! `cargo xtask generate`; everything else is written by hand.
//!
//! - Structs that are sent have `new` with what is required and setters for the rest, so that a
//!   new optional field breaks nobody.
//! - An operation with several kinds of success answers with an enumeration of them, by status.
//! - Enumerations keep values that this version does not know, as text; objects ignore keys that
//!   it does not know.
//! - [`wire`] says in which forms a value may come.

mod call;
#[cfg(test)]
mod canary;
mod client;
mod error;
mod id;
mod open_enum;
mod operation;
mod request;
mod response;
pub mod secret;
pub mod wire;

// Its form is prettyplease's; names and sizes are the specification's.
#[rustfmt::skip]
#[allow(
    clippy::large_enum_variant,
    clippy::should_implement_trait,
    clippy::too_many_arguments,
    clippy::wrong_self_convention
)]
mod generated;

pub use call::Call;
pub use client::{Client, Credentials};
pub use error::{Error, ErrorKind, Fate};
pub use generated::ids::*;
pub use generated::{DEFAULT_BASE_URL, Operation, types};
pub use open_enum::{UnknownValue, UnknownVariant};
pub use operation::{RetryClass, Scope};
pub use response::Response;
pub use secret::{Secret, conceal};
