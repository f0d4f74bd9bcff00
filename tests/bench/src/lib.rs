//! The benchmarks: what the client costs beside what does the same without it.

pub mod against;
pub mod calling;
pub mod compiling;
pub mod decoding;
pub mod idling;
pub mod instructions;
pub mod measure;
pub mod memory;
pub mod payloads;
pub mod report;
pub mod server;
pub mod strict;

/// Why nothing was measured.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A runtime on this thread.
///
/// # Errors
/// When the system has no resources for it.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
