//! The drivers: thin loops around the rules, the store and the service.

mod enrol;
mod feed;
mod gate;
mod handle;
mod run;
mod settle;
mod stats;
mod work;

pub use enrol::{Enrolled, NotEnrolled, NotEnrolledReason};
pub use handle::{Builder, Fleet, UserSessionFor};
pub use stats::Stats;
