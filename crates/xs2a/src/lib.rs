//! A client for XS2A.api that knows what its answers mean.

mod call;
mod client;
mod connections;
mod error;
mod ids;
mod pages;
mod retry;
mod state;
mod sync_job;
mod tokens;
mod users;

pub use client::{ApiClient, BuildError, ClientBuilder, UserAuth, UserClient};
pub use connections::{Connections, SyncStart};
pub use error::{Error, ErrorKind};
pub use ids::{
    AccountId, ConnectionId, ConnectionKey, EventId, ReportId, TokenId, TransactionId, UserId,
};
pub use pages::{Page, Pages};
pub use retry::{RetryBudget, RetryPolicy};
pub use state::{ConnectionState, FAILURES_UNTIL_DISABLED, Mode, NextStep, Snapshot};
pub use sync_job::{
    Action, CallFailure, CallFailureKind, Event, LastAttempt, Refusal, SyncJob, SyncPolicy, SyncReport,
};
pub use tokens::{AccessTokens, Token, TokenSource};
pub use users::Users;
pub use xs2a_client::{Fate, Operation, RetryClass, Secret, types};
