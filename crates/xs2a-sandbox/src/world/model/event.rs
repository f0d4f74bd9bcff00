//! Events: what has happened, for the list of events and for webhooks.

use jiff::Timestamp;

use crate::{
    clock,
    json::{Json, object},
};

/// The type of the event that a wizard session was opened.
pub(crate) const SESSION_OPENED: &str = "transaction.created";

/// Something that has happened.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) transaction: Option<String>,
    pub(crate) kind: &'static str,
    pub(crate) message: &'static str,
    pub(crate) data: Json,
    pub(crate) at: Timestamp,
}

// The data of a session's event contains the key of the session, which must not be printed.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Event {
    pub(crate) fn opens_a_session(&self) -> bool {
        self.kind == SESSION_OPENED
    }

    pub(crate) fn json(&self) -> Json {
        object! {
            "id": self.id,
            "transaction": self.transaction,
            "type": self.kind,
            "data": self.data,
            "testmode": true,
            "message": self.message,
            "created_at": clock::local(self.at),
            "object": "xs2a_event",
        }
    }
}
