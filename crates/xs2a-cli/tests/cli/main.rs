//! The command as people and programs call it: real processes against the sandbox of the test.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod commands;
mod failures;
mod output;
mod secrets;
mod stage;
mod syncs;
mod terminal;
mod wizard;
