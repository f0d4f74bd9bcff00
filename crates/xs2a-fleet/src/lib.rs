//! Keeps the bank connections of thousands of users fresh, on one machine or many, and says in the
//! morning what became of each.
//!
//! The service syncs healthy connections of mode `full` by itself, daily. A fleet never does that
//! again, unless their data is older than a span that you set. It watches them, and acts on the rest
//! by [`next_step`](xs2a::Snapshot::next_step): it syncs what is due, parks what needs the user, and
//! looks again when something has changed. The rules of one sync stay those of [`xs2a`]: nothing is
//! synced twice, and no last attempt is spent.
//!
//! ```no_run
//! use xs2a::ApiClient;
//! use xs2a_fleet::jiff::civil::time;
//! use xs2a_fleet::store::Sqlite;
//! use xs2a_fleet::{Fleet, FleetPolicy};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Sqlite::new("fleet.db").open().await?;
//! let policy = FleetPolicy::default()
//!     .with_night("Europe/Berlin", time(22, 0, 0, 0), time(6, 0, 0, 0))
//!     .with_pace(20, 100);
//! let fleet = Fleet::builder(ApiClient::from_env()?, store)
//!     .policy(policy)
//!     .on_report(|report| async move {
//!         println!("{report:?}");
//!         Ok::<_, std::io::Error>(())
//!     })
//!     .open()
//!     .await?;
//! let enrolled = fleet.enrol_all(None).await?;
//! println!("{} connections of {} users", enrolled.connections, enrolled.users);
//! fleet.run_until(async { /* the signal to stop */ }).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # The parts
//!
//! - [`rules`] is the plan, without I/O: from a row, the policy and the time, when a connection is due
//!   and whether it may be called.
//! - [`store`] keeps one row per connection: schedule, owner, fence, history, job, report.
//!   [`store::Sqlite`] is one file; Postgres, by the feature `postgres`, is for many machines.
//! - [`Fleet`] is a worker. Run as many as you like on one store: each claim raises a fence, and a
//!   holder whose fence is old is superseded without a call. The rows of a worker that died are freed
//!   when its heartbeat is late.
//! - Reports come at least once, by the job's id ([`Builder::on_report`]). A wizard session is handed
//!   out at once and never stored ([`Builder::on_session`]).
//!
//! [The guide](guide) tells what each report asks of you, how large a night can be, how to look in with
//! SQL, and how an engine of your own drives the same job.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

mod error;
mod lock;
mod row;

pub mod rules;

pub mod store;

mod fleet;

#[doc = include_str!("guide.md")]
pub mod guide {}

pub use error::Error;
pub use fleet::{Builder, Enrolled, Fleet, NotEnrolled, NotEnrolledReason, Stats, UserSessionFor};
pub use row::{Enrolment, Lane, Outcome, Parked, Priority, Report, Row, Seen, State, Unreadable};
pub use rules::{ClosedHours, FleetPolicy, Forecast};
pub use {jiff, xs2a};
