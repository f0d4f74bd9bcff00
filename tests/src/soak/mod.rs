//! The soak: random scenarios of the real client against the real sandbox over real HTTP, and the
//! promises held against what came of them.
//!
//! A scenario is drawn from a seed: bank users with connections in every mode and state, programs
//! that sync, connect, read and delete for them through clients of their own, and troubles of the
//! network, of the service, of the bank, of the store and of the clocks. It plays on one thread, on tokio's paused clock. What
//! the server did comes from the sandbox's own log, what the callers saw from notes taken around
//! every call.

mod actors;
pub mod evidence;
mod machine_clock;
pub mod promises;
mod sabotage;
mod scenario;
mod stage;
mod summary;
mod syncs;
mod troubled_store;

pub use sabotage::Sabotage;
pub use scenario::play;
pub use summary::Summary;
