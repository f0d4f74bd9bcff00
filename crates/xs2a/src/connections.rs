//! Bank connections: logins at banks.

use futures_util::FutureExt;
use xs2a_client::types::{
    self, Connection, CreateConnectionRequest, SyncConnectionRequest, WizardSession,
};
use xs2a_client::{Client, Fate, Operation};

use crate::call::Caller;
use crate::error::{Error, ErrorKind};
use crate::ids::{ConnectionId, ConnectionKey};
use crate::pages::{Page, Pages, count};

/// The bank connections of one bank user. Created by [`UserClient::connections`](crate::UserClient::connections).
#[derive(Clone)]
pub struct Connections {
    pub(crate) caller: Caller,
}

/// What the server said to a sync. Neither is an error.
///
/// Told apart by the status of the answer (XS2A.api documentation, "Sync a bank connection").
/// Two variants and no others: a `match` that forgets the user does not compile.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a sync may need the user, who has to be sent through the wizard"]
pub enum SyncStart {
    /// 204: the sync runs in the background, without the user. How it ends shows in the connection,
    /// later: see [`Connections::sync_and_wait`].
    Started,
    /// 202: the bank wants the user. Send her through this wizard session.
    UserNeeded(WizardSession),
}

impl Connections {
    pub(crate) fn new(caller: Caller) -> Self {
        Self { caller }
    }

    /// Begins a new connection: the user has to walk through the wizard session that comes back.
    /// Its transaction id finds the connection afterwards ([`get`](Self::get)).
    ///
    /// One call, acted on at most once.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`] where the request names a bank or mode that cannot be. After a
    /// [`Fate::Unknown`] nothing is lost by creating again: a session that nobody walks through
    /// leaves no connection.
    pub async fn create(&self, request: &CreateConnectionRequest) -> Result<WizardSession, Error> {
        let create = |client: Client| async move { client.create_connection(request).await };
        self.caller.call(Operation::CreateConnection, create).await
    }

    /// All connections, page by page. One call per page.
    pub fn list(&self) -> Pages<Connection> {
        let connections = self.clone();
        Pages::new(Operation::ListConnections, move |page, per_page| {
            let connections = connections.clone();
            async move { connections.list_page(page, per_page).await }.boxed()
        })
    }

    /// One page of the connections, counted from 1. One call.
    pub async fn list_page(&self, page: u32, per_page: u32) -> Result<Page<Connection>, Error> {
        let query = &types::ListConnectionsQuery::new().page(count(page)).per_page(count(per_page));
        let list = |client: Client| async move { client.list_connections(query).await };
        self.caller.call(Operation::ListConnections, list).await.map(Page::from)
    }

    /// One connection, by its id or by the transaction id of the session that created it (XS2A.api
    /// documentation, "Get a bank connection"). One call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, or none yet: before
    /// the user is through the wizard.
    pub async fn get(&self, id: impl Into<ConnectionKey>) -> Result<Connection, Error> {
        let id = &id.into();
        let get = |client: Client| async move { client.get_connection(id.as_str()).await };
        self.caller.call(Operation::GetConnection, get).await
    }

    /// Deletes a connection. Its accounts stay and are deleted on their own
    /// ([`Accounts::delete`](crate::Accounts::delete)). One call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there was none. Finding none after an attempt that may have
    /// deleted it is no error.
    pub async fn delete(&self, id: impl Into<ConnectionId>) -> Result<(), Error> {
        let id = &id.into();
        let delete = |client: Client| async move { client.delete_connection(id.as_str()).await };
        self.caller.delete(Operation::DeleteConnection, delete).await
    }

    /// Begins a connection's login anew, whatever its sync mode: always needs the user (XS2A.api
    /// documentation, "Reset a bank connection"). One call, acted on at most once.
    pub async fn reset(&self, id: impl Into<ConnectionId>) -> Result<WizardSession, Error> {
        let id = &id.into();
        let reset = |client: Client| async move { client.reset_connection(id.as_str()).await };
        self.caller.call(Operation::ResetConnection, reset).await
    }

    /// Asks for a sync, and says only how it began. One call, acted on at most once.
    ///
    /// This is the bare call: it knows nothing of the connection's state, and a `force` in the
    /// request is the caller's own word, up to the third failure that disables the connection for
    /// good. [`sync_and_wait`](Self::sync_and_wait) looks first and watches until the end.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`] where the service's rules forbid the sync, with its message. After a
    /// [`Fate::Unknown`] the sync may be running: look at the connection before asking again.
    pub async fn sync(
        &self,
        id: impl Into<ConnectionId>,
        request: &SyncConnectionRequest,
    ) -> Result<SyncStart, Error> {
        let id = &id.into();
        let sync =
            |client: Client| async move { client.sync_connection(id.as_str(), request).await };
        let caller = self.caller.concealing(request.credentials.clone());
        match caller.call(Operation::SyncConnection, sync).await? {
            types::SyncConnectionResponse::Accepted(session) => Ok(SyncStart::UserNeeded(session)),
            types::SyncConnectionResponse::NoContent => Ok(SyncStart::Started),
            // A success that is new to this version.
            _ => {
                Err(Error::new(Operation::SyncConnection, ErrorKind::UnexpectedStatus, Fate::Acted))
            }
        }
    }
}
