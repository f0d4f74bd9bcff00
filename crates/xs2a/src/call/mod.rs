//! How a call is made: attempts, repetition, tokens, pages. This folder does not know what a sync is.

mod caller;
mod pages;
mod retry;
mod token_source;

pub(crate) use caller::{Auth, Caller, Shared, instant_after};
pub use pages::{Page, Pages};
pub(crate) use retry::Bucket;
pub use retry::{RetryBudget, RetryPolicy};
pub use token_source::{Token, TokenSource};
