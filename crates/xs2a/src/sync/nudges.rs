//! Hints that a connection has changed, for the run that waits for the change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::shrink::shrink;
use crate::ids::ConnectionKey;

/// Carries each hint to those who wait for its connection, and to nobody else.
#[derive(Default)]
pub(crate) struct Nudges(Mutex<HashMap<ConnectionKey, Vec<Arc<Notify>>>>);

impl Nudges {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionKey, Vec<Arc<Notify>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn send(&self, key: &ConnectionKey) {
        for waiting in self.lock().get(key).into_iter().flatten() {
            waiting.notify_one();
        }
    }

    pub(crate) fn listen(self: &Arc<Self>) -> Listener {
        Listener { nudges: Arc::clone(self), notify: Arc::default(), keys: Vec::with_capacity(2) }
    }
}

/// Receives the hints for the keys that it was given. All hints that come between two waits count as
/// one.
pub(crate) struct Listener {
    nudges: Arc<Nudges>,
    notify: Arc<Notify>,
    keys: Vec<ConnectionKey>,
}

impl Listener {
    /// Waits for hints by this key, too.
    pub(crate) fn listen_for(&mut self, key: ConnectionKey) {
        if !self.keys.contains(&key) {
            self.nudges
                .lock()
                .entry(key.clone())
                .or_insert_with(|| Vec::with_capacity(1))
                .push(Arc::clone(&self.notify));
            self.keys.push(key);
        }
    }

    /// Returns when a hint comes, or at once when one came since the last wait.
    pub(crate) async fn hear(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut waiting = self.nudges.lock();
        for key in &self.keys {
            if let Some(notifies) = waiting.get_mut(key) {
                notifies.retain(|notify| !Arc::ptr_eq(notify, &self.notify));
                if notifies.is_empty() {
                    waiting.remove(key);
                }
            }
        }
        shrink(&mut waiting);
    }
}
