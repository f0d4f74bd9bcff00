//! The sandbox from outside: plain HTTP, and the methods that a test in the same process has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod answers;
mod bank;
mod contract;
mod control;
mod events;
mod network;
mod page;
mod robust;
mod rules;
mod scopes;
mod scripts;
mod syncs;
mod wizard;
