//! What has happened, for the list of events and for webhooks.

use jiff::Timestamp;

use super::World;
use crate::{
    answer::{Answer, Outcome, Query, Refusal, page},
    clock,
    json::{Json, object},
};

/// How many events can be looked up: the latest.
const KEPT: usize = 10_000;

/// Something that has happened.
#[derive(Clone)]
pub(crate) struct Event {
    id: String,
    transaction: Option<String>,
    kind: &'static str,
    message: &'static str,
    data: Json,
    at: Timestamp,
}

// The data of a session holds its key.
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

impl World {
    /// Takes down an event, and puts it into the post.
    pub(super) fn happened(
        &mut self,
        kind: &'static str,
        message: &'static str,
        transaction: Option<String>,
        data: Json,
    ) {
        let event = Event { id: self.new_id(), transaction, kind, message, data, at: self.now() };
        if self.events.len() == KEPT {
            self.events.pop_front();
        }
        self.events.push_back(event.clone());
        self.outbox.push(event);
    }

    /// The events that were not delivered yet.
    pub(crate) fn take_outbox(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.outbox)
    }

    pub(super) fn list_events(&self, query: &Query) -> Outcome {
        let (from, to) = (query.instant("from")?, query.instant("to")?);
        let (transaction, kind) = (query.text("transaction_id"), query.text("type"));
        let wanted: Vec<&Event> = self
            .events
            .iter()
            .filter(|event| {
                transaction.is_none_or(|wanted| event.transaction.as_deref() == Some(wanted))
                    && kind.is_none_or(|wanted| event.kind == wanted)
                    && from.is_none_or(|from| event.at >= from)
                    && to.is_none_or(|to| event.at <= to)
            })
            .collect();
        page("/v1/events", query, &wanted, |event| event.json())
    }

    pub(super) fn get_event(&self, id: &str) -> Outcome {
        let event = self.events.iter().find(|event| event.id == id);
        let event = event.ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(200, event.json()))
    }
}
