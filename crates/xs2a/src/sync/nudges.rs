//! Hints that a connection has changed, for those who wait for the change.

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::ids::ConnectionKey;

/// Carries hints to everybody who waits.
pub(crate) struct Nudges(broadcast::Sender<ConnectionKey>);

impl Default for Nudges {
    fn default() -> Self {
        Self(broadcast::Sender::new(64))
    }
}

impl Nudges {
    pub(crate) fn send(&self, key: ConnectionKey) {
        // The channel reports an error when nobody waits.
        let _ = self.0.send(key);
    }

    pub(crate) fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// Receives the hints that are sent after it was created.
pub(crate) struct Listener(broadcast::Receiver<ConnectionKey>);

impl Listener {
    /// Returns when a hint comes for one of these names, or when so many hints came that one may
    /// have been missed. All hints that came until then count as one.
    pub(crate) async fn hear(&mut self, is_meant: impl Fn(&str) -> bool) {
        loop {
            match self.0.recv().await {
                Ok(key) if !is_meant(key.as_str()) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
        while !matches!(self.0.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
    }
}
