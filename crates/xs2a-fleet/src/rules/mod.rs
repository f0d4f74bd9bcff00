//! What is right to do, without I/O: which connection is due and may be called, each worker's share
//! of the pace, and what fits into a night.

mod event;
mod forecast;
mod night;
mod plan;
mod policy;
mod share;
mod turnstile;

pub use event::Heard;
pub use forecast::Forecast;
pub use night::Span;
pub use plan::{Clocks, Decision, Plan, Verdict};
pub use policy::{ClosedHours, FleetPolicy};
pub use share::Share;
pub use turnstile::{Turn, Turnstile};
