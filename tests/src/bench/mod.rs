//! The benchmarks: what the client costs beside what would do the same with less.

pub mod measure;
pub mod payloads;
pub mod server;
