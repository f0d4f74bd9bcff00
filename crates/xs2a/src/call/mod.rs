//! How a call is made: attempts, repetition, tokens, pages. This folder does not know what a sync is.

mod attempts;
mod caller;
mod gate;
mod pages;
mod retry;
mod server_clock;
mod token_source;

pub(crate) use caller::{Auth, Caller, Shared, instant_after};
pub use gate::{Attempt, Gate, Pace, Pass};
pub use pages::{InPlace, Page, Pages};
pub(crate) use retry::Bucket;
pub use retry::{RetryBudget, RetryPolicy};
pub(crate) use server_clock::ServerClock;
pub use token_source::{Token, TokenSource};
