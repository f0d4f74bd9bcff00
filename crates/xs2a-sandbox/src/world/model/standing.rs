//! How a connection stands and what is to be done next, in words for people.

use jiff::civil::Date;

use super::connection::{Connection, STRIKES, SyncMode};
use crate::{
    clock,
    json::{Json, object},
};

impl Connection {
    /// The tone (`good`, `busy`, `user`, `bad`), the state and the next step. The first that
    /// applies counts.
    pub(crate) fn standing(&self, today: Date) -> Json {
        let (tone, state, next) = if self.is_disabled() {
            (
                "bad",
                format!("Disabled for good after {} failures in a row{}", STRIKES, self.reason()),
                "Delete the connection and make a new one. The user logs in again.",
            )
        } else if let Some(ends) = self.syncs.ends() {
            (
                "busy",
                format!("A sync is running until {}.", clock::local(ends)),
                "Look again when the sync is over.",
            )
        } else if let Some(begins) = self.syncs.begins() {
            (
                "busy",
                format!("A sync waits for its turn at {}.", clock::local(begins)),
                "Look again when the sync is over.",
            )
        } else if self.consent_until < today {
            (
                "user",
                format!("The consent of the user ended on {}.", self.consent_until),
                "Sync or reset. Either opens a wizard session for the user.",
            )
        } else if self.failures > 0 {
            let left = STRIKES - self.failures;
            let next = match (left, self.active) {
                (1, _) => {
                    "The last attempt is left: another failure disables the connection for good. \
                     Mend the cause first; then sync with force."
                }
                (_, true) => "Sync.",
                (_, false) => "Sync with force. Without force, the sync is refused.",
            };
            let failed = format!("Failed {} of {STRIKES} times in a row", self.failures);
            ("bad", failed + &self.reason(), next)
        } else {
            self.healthy()
        };
        object! { "tone": tone, "state": state, "next": next }
    }

    fn healthy(&self) -> (&'static str, String, &'static str) {
        let synced = match self.last_synced {
            Some(instant) => format!("Last synced at {}.", clock::local(instant)),
            None => "Never synced.".to_owned(),
        };
        match (self.mode, self.syncs.next_automatic()) {
            (SyncMode::None, _) => (
                "user",
                format!("{synced} Nobody keeps the credentials."),
                "Sync when new data are needed. Each sync opens a wizard session for the user.",
            ),
            (SyncMode::Shared, _) => (
                "good",
                format!("{synced} The credentials are shared."),
                "Sync when new data are needed, with the customer's half of the credentials.",
            ),
            (SyncMode::Full, Some(due)) => (
                "good",
                format!("{synced} The next automatic sync is at {}.", clock::local(due)),
                "Nothing: the service syncs by itself.",
            ),
            (SyncMode::Full, None) => (
                "good",
                format!("{synced} There are no automatic syncs."),
                "Sync when new data are needed.",
            ),
        }
    }

    /// Why the last sync failed, as the end of a sentence.
    fn reason(&self) -> String {
        match &self.message {
            Some(message) => format!(": {}.", message.trim_end_matches('.')),
            None => ".".to_owned(),
        }
    }
}
