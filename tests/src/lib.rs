//! What the tests of several crates share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod calls;
pub mod floors;
pub mod forms;
pub mod job_store;
pub mod night;
pub mod postgres;
pub mod raw_server;
pub mod reports;
pub mod scene;
pub mod soak;
pub mod sqlite_store;
pub mod tls_front;

/// Compiles what the README of the workspace shows.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
