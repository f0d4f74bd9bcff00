//! What is right to do with a connection. This folder makes no call.
//!
//! - [`SyncPolicy`] is what the caller may choose, [`Snapshot`] is one look at a connection,
//!   [`ConnectionState`] and [`NextStep`] follow from both.
//! - [`SyncJob`] is one sync as a state machine without I/O. It is told an [`Observation`] and
//!   answers with the next [`Action`], up to its [`SyncReport`].
//! - [`SyncOutcome`] and [`SyncError`] are what [`Connections::sync`](crate::Connections::sync)
//!   ends with.

mod baseline;
mod history;
mod in_flight;
mod job;
mod nudges;
mod outcome;
mod policy;
mod report;
mod session;
mod shrink;
mod snapshot;
mod state;
mod store;

pub(crate) use baseline::Baseline;
pub use history::SyncHistory;
pub(crate) use in_flight::{Follower, InFlight, Lead, Role};
pub use job::{Action, CallFailure, CallFailureKind, Observation, SyncJob};
pub(crate) use nudges::{Listener, Nudges};
pub(crate) use outcome::Ended;
pub use outcome::{SyncError, SyncOutcome, SyncStart, Synced};
pub use policy::{LastAttempt, SyncPolicy};
pub(crate) use policy::{SHORTEST_TO_NUDGED, with_a_last_look};
pub use report::{FAILURES_UNTIL_DISABLED, Refusal, SyncReport, UserNeeded};
pub use session::{LoginOutcome, PendingSession, UserSession};
pub use snapshot::Snapshot;
pub use state::{ConnectionState, NextStep};
pub use store::{JobUpdate, Stored};
