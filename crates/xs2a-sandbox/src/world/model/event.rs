//! Events: what has happened, for the list of events and for webhooks.

use jiff::Timestamp;

use crate::{
    clock,
    json::{Json, object},
};

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
