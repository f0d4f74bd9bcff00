//! Events: what has happened, by asking for it.

use xs2a_client::Client;
use xs2a_client::types::{Event, ListEventsQuery};

use crate::call::{Caller, Pages};
use crate::client::ApiClient;
use crate::error::Error;
use crate::ids::EventId;

/// The events of an account, of all its bank users. [`ApiClient::events`] gives them.
///
/// The service delivers the same events to a webhook address as they happen: see
/// [`Delivery`](crate::Delivery), also for what an event says about a connection.
#[derive(Clone)]
pub struct Events {
    caller: Caller,
}

impl ApiClient {
    /// The events of the account, of all its bank users.
    pub fn events(&self) -> Events {
        Events { caller: Caller::clone(&self.caller) }
    }
}

impl Events {
    /// All events, page by page: one call per page.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// let mut events = api.events().list();
    /// while let Some(event) = events.next().await {
    ///     println!("{}", event?.type_);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list(&self) -> Pages<Event> {
        self.list_by(&ListEventsQuery::new())
    }

    /// The events that the query asks for, page by page: one call per page. A page set in the query
    /// is the first one read, a page size the size of all.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::types::ListEventsQuery;
    ///
    /// let query = ListEventsQuery::new().type_("transaction.created").per_page(50);
    /// let events = api.events().list_by(&query).all().await?;
    /// # assert!(events.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list_by(&self, query: &ListEventsQuery) -> Pages<Event> {
        let query = query.clone();
        let (first, size) = (query.page, query.per_page);
        let call = move |client: &Client, page, per_page| {
            client.list_events(&query.clone().page(page).per_page(per_page))
        };
        self.caller.pages(call).starting_with(first, size)
    }

    /// One event. One call; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such
    /// event.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let request = xs2a::types::CreateConnectionRequest::new();
    /// # api.user(ada.id()).connections().create(&request).await?;
    /// # let id = api.events().list().all().await?.remove(0).id;
    /// let event = api.events().get(&id).await?;
    /// println!("{} {:?}", event.type_, event.transaction);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, id: impl Into<EventId>) -> Result<Event, Error> {
        self.caller.call(self.caller.client.get_event(&id.into())).await
    }
}
