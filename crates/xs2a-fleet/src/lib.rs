//! A fleet.
#![warn(missing_debug_implementations)]

mod error;
mod row;

pub mod rules;

pub mod store;

mod fleet;

pub use error::Error;
pub use fleet::{Builder, Enrolled, Fleet, NotEnrolled, Stats, UserSessionFor};
pub use jiff;
pub use row::{Enrolment, Lane, Outcome, Parked, Priority, Report, Row, Seen, State};
pub use rules::{FleetPolicy, Forecast};
