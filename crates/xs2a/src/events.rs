//! Events: what has happened, by asking for it.

use xs2a_client::types::{Event, ListEventsQuery};

use crate::call::call;
use crate::client::resource;
use crate::error::Error;
use crate::ids::EventId;
use crate::pages::{Pages, pages};

resource! {
    /// The events of an account, of all its bank users.
    ///
    /// The service delivers the same events to a webhook address as they happen: see
    /// [`Delivery`](crate::Delivery), also for what an event says about a connection.
    Events by ApiClient::events
}

impl Events {
    /// The events that the query asks for, page by page; its page numbers are not used. One call
    /// per page.
    pub fn list(&self, query: ListEventsQuery) -> Pages<Event> {
        pages!(self, ListEvents, list_events(), query)
    }

    /// One event. One call.
    pub async fn get(&self, id: impl Into<EventId>) -> Result<Event, Error> {
        let id = &id.into();
        call!(self.call, GetEvent, get_event(id.as_str()))
    }
}
