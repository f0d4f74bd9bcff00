//! Events: what has happened, by asking for it.

use xs2a_client::types::{self, Event};
use xs2a_client::{Client, Operation};

use crate::call::Caller;
use crate::client::ApiClient;
use crate::error::Error;
use crate::ids::EventId;
use crate::pages::Pages;

/// The events of an account, of all its bank users. Created by [`ApiClient::events`].
///
/// The service delivers the same events to a webhook address as they happen: see
/// [`Delivery`](crate::Delivery), also for what an event says about a connection.
#[derive(Clone)]
pub struct Events {
    caller: Caller,
}

impl ApiClient {
    /// The events of all bank users.
    #[must_use]
    pub fn events(&self) -> Events {
        Events { caller: self.caller.clone() }
    }
}

impl Events {
    /// The events that the query asks for, page by page; its page numbers are not used. One call
    /// per page.
    pub fn list(&self, query: types::ListEventsQuery) -> Pages<Event> {
        Pages::of(&self.caller, Operation::ListEvents, move |client, page, per_page| {
            let query = query.clone().page(page).per_page(per_page);
            async move { client.list_events(&query).await }
        })
    }

    /// One event. One call.
    pub async fn get(&self, id: impl Into<EventId>) -> Result<Event, Error> {
        let id = &id.into();
        let get = |client: Client| async move { client.get_event(id.as_str()).await };
        self.caller.call(Operation::GetEvent, get).await
    }
}
