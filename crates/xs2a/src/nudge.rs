//! Hints that a connection has changed, for those who wait for one.

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::client::ApiClient;
use crate::connections::Connections;
use crate::ids::ConnectionKey;

/// Carries hints to everybody who waits.
pub(crate) struct Nudges(broadcast::Sender<ConnectionKey>);

impl Default for Nudges {
    fn default() -> Self {
        Self(broadcast::Sender::new(64))
    }
}

impl Nudges {
    fn send(&self, key: ConnectionKey) {
        // Nobody may be waiting.
        let _ = self.0.send(key);
    }

    pub(crate) fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// Hears what is sent from its making on.
pub(crate) struct Listener(broadcast::Receiver<ConnectionKey>);

impl Listener {
    /// Returns when a hint comes for one of these names; or when so many came that one may have
    /// been missed. All that came until then count as one.
    pub(crate) async fn hear(&mut self, is_meant: impl Fn(&str) -> bool) {
        loop {
            match self.0.recv().await {
                Ok(key) if !is_meant(key.as_str()) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
        let none_left = |heard| matches!(heard, Err(TryRecvError::Empty | TryRecvError::Closed));
        while !none_left(self.0.try_recv()) {}
    }
}

macro_rules! nudging {
    ($($client:ident)*) => {$(
        impl $client {
            /// Says that a connection may have changed: a webhook arrived. Whoever waits for it,
            /// in [`Connections::sync_and_wait`] or [`Connections::wait_for_user`], looks now
            /// instead of at the next poll; but not within a second of its last look, and not
            /// before the server allows, so that a flood of deliveries, which are not signed,
            /// becomes no flood of calls. Reaches all clones of a client, and all clients of bank
            /// users made from it. Costs one look per waiting sync, and nothing when nobody waits.
            /// A burst of more than 64 nudges may make those look, too, who wait for another
            /// connection.
            pub fn nudge(&self, key: impl Into<ConnectionKey>) {
                self.caller.shared.nudges.send(key.into());
            }
        }
    )*};
}

nudging! { ApiClient Connections }
