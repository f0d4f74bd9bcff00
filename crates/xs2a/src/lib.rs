//! A client for XS2A.api that knows what its answers mean.

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
pub use retry::{RetryBudget, RetryPolicy};
pub use sessions::Sessions;
pub use state::{ConnectionState, FAILURES_UNTIL_DISABLED, NextStep, Snapshot};
pub use sync_and_wait::{FinishedSync, SyncRun};
pub use sync_job::{LastAttempt, Refusal, SyncJob, SyncPolicy, SyncReport};
pub use tokens::{AccessTokens, Token, TokenSource};
pub use users::Users;
pub use wait_for_user::UserWait;
pub use webhook::Delivery;
pub use wizard::{AnswerError, Answers, Failure, Finished, Form, Step, Waiting, Wizard};
pub use xs2a_client::wire::DecodeError;
pub use xs2a_client::{Fate, Operation, RetryClass, Secret, types};
