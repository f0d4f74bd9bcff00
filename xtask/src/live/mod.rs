//! Asks the service itself: walks through what the test bank allows, holds each exchange against the
//! spec, and says what became of each assumption.
//!
//! [`walk`] is the only part that calls. [`judge`], [`forms`] and [`assumptions`] are rules about
//! values, [`exchange`] says what of an exchange may be shown, and [`report`] writes.

mod assumptions;
mod exchange;
mod forms;
mod judge;
mod report;
mod service;
mod walk;

use crate::document::Document;

pub use assumptions::{Assumption, State};
pub use judge::Difference;
pub use report::Report;
pub use service::NoAnswer;

use judge::Contract;
use service::Service;
use walk::{Stop, Walk};

/// The exit code when the service could not be asked.
pub const COULD_NOT_RUN: u8 = 2;

/// Whom to ask, and with which key.
#[derive(Clone)]
pub struct Settings {
    /// The API key.
    pub key: String,
    /// The address of the service.
    pub base_url: String,
    /// Whether to go on with a key that is not in test mode.
    pub not_in_test_mode: bool,
}

impl Settings {
    /// Reads the key from `XS2A_API_KEY`, and the address from `XS2A_BASE_URL`.
    ///
    /// # Errors
    /// When there is no key.
    pub fn from_env(not_in_test_mode: bool) -> Result<Self, CannotRun> {
        let read = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
        let key = read("XS2A_API_KEY").ok_or(CannotRun::NoKey)?;
        let base_url = read("XS2A_BASE_URL").unwrap_or_else(|| service::BASE_URL.to_owned());
        Ok(Self { key, base_url, not_in_test_mode })
    }
}

/// Why the service could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum CannotRun {
    /// There is no key.
    #[error("there is no API key: set XS2A_API_KEY to a key in test mode")]
    NoKey,
    /// The address is of no use.
    #[error(transparent)]
    Address(#[from] NoAnswer),
    /// No runtime for the calls.
    #[error("the calls cannot be started: {0}")]
    Runtime(#[source] std::io::Error),
}

/// Walks through the service. Ctrl-C ends the walk, and what was made is deleted all the same. A
/// second Ctrl-C ends the deletion, and the report names what may be left.
///
/// # Errors
/// When nothing could be asked at all. What goes wrong on the way is in the report.
pub fn run(document: &Document, settings: &Settings) -> Result<Report, CannotRun> {
    let service = Service::new(&settings.base_url)?;
    let contract = Contract::new(document);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CannotRun::Runtime)?;
    let (interrupt, interrupted) = tokio::sync::watch::channel(false);
    runtime.block_on(async {
        let mut walk =
            Walk::new(&service, &contract, &settings.key, !settings.not_in_test_mode, interrupted);
        let interrupts = async {
            if tokio::signal::ctrl_c().await.is_ok() {
                let again = tokio::signal::ctrl_c();
                tokio::pin!(again);
                // A second signal is listened for before the user is told of it.
                tokio::select! {
                    biased;
                    _ = &mut again => return,
                    () = std::future::ready(()) => {}
                }
                eprintln!("interrupted: deletes what was made; another Ctrl-C ends that, too");
                interrupt.send_replace(true);
                if again.await.is_ok() {
                    return;
                }
            }
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            ended = walk.run() => Some(ended),
            () = interrupts => None,
        };
        let ended = ended.unwrap_or_else(|| {
            walk.is_given_up();
            Err(Stop::Interrupted)
        });
        Ok(Report::new(document, &contract, &service.host(), walk, ended))
    })
}
