//! A fleet.
#![warn(missing_debug_implementations)]

mod error;
mod row;
pub mod rules;
pub mod store;

pub use error::Error;
pub use jiff;
pub use row::{Enrolment, Lane, Outcome, Parked, Priority, Report, Row, Seen, State};
pub use rules::{FleetPolicy, Forecast};
