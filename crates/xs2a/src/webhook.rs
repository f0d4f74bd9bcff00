//! Webhook deliveries: events that the service posts to an address of yours.

use xs2a_client::types::{Connection, Event};
use xs2a_client::wire::{DecodeError, decode};

use crate::ids::{ConnectionId, ConnectionKey, EventId};

/// An event as it was delivered by the service's POST, or by anybody else's.
///
/// **Deliveries are not signed**, as far as is known. Whoever finds your address can post there, and
/// a delivery may be invented, repeated, late or out of order. So take a delivery as a hint that it
/// is time to look, and as nothing else: look up the connection by the id in the delivery
/// ([`Connections::get`](crate::Connections::get)), or the event itself
/// ([`Events::get`](crate::Events::get)), and act on that answer. The service answers an id of
/// another account with a 404. Answer the POST with a 2xx before you look, so that the service does
/// not wait for you.
///
/// ```
/// use xs2a::Delivery;
///
/// let body = br#"{"id":"evt-1","type":"connection.synced","data":{
///     "object":"bank_connection","id":"con-1","sync_active":"1","sync_fail_counter":"0"}}"#;
/// let delivery = Delivery::parse(body)?;
/// assert_eq!(delivery.event().type_, "connection.synced");
/// assert_eq!(delivery.connection_key().unwrap().as_str(), "con-1");
/// # Ok::<(), xs2a::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery(Event);

impl Delivery {
    /// Reads the body of a delivery.
    ///
    /// # Errors
    /// When the body is not an event. The error names the field and shows nothing of the body.
    pub fn parse(body: &[u8]) -> Result<Self, DecodeError> {
        decode(body).map(Self)
    }

    /// The event: its type as open text, its data as JSON.
    pub fn event(&self) -> &Event {
        &self.0
    }

    /// The id of the event, to look it up with [`Events::get`](crate::Events::get).
    pub fn event_id(&self) -> EventId {
        self.0.id.clone()
    }

    /// The key of the connection that the event is about, to look it up with
    /// [`Connections::get`](crate::Connections::get): the id where the data is a connection, the
    /// `bank_connection_id` where the data is an account, else the transaction of the event.
    pub fn connection_key(&self) -> Option<ConnectionKey> {
        let id = self.id_in("bank_connection", "id");
        let id = id.or_else(|| self.id_in("bank_account", "bank_connection_id"));
        match (id, &self.0.transaction) {
            (Some(id), _) => Some(ConnectionKey::from(id)),
            (None, transaction) => transaction.as_ref().map(ConnectionKey::from),
        }
    }

    /// The connection's id, where the data is this kind of object.
    fn id_in(&self, object: &str, key: &str) -> Option<ConnectionId> {
        let id = self.data_of(object)?.get(key)?;
        let id = decode::<ConnectionId>(&serde_json::to_vec(id).ok()?).ok()?;
        (!id.as_str().is_empty()).then_some(id)
    }

    /// The connection as the delivery describes it, where the data is a connection that can be read.
    /// Show it, and do not trust it.
    pub fn connection(&self) -> Option<Connection> {
        decode(&serde_json::to_vec(self.data_of("bank_connection")?).ok()?).ok()
    }

    fn data_of(&self, object: &str) -> Option<&indexmap::IndexMap<String, serde_json::Value>> {
        let data = &self.0.data.as_ref()?.0;
        (data.get("object")?.as_str() == Some(object)).then_some(data)
    }
}

impl From<Event> for Delivery {
    /// Reads an event that was asked for like a delivered one.
    fn from(event: Event) -> Self {
        Self(event)
    }
}
