//! Bank connections: logins at banks.

use xs2a_client::types::{
    self, Connection, CreateConnectionRequest, SyncConnectionRequest, WizardSession,
};
use xs2a_client::{Fate, Operation};

use crate::call::call;
use crate::client::resource;
use crate::error::{Error, ErrorKind};
use crate::ids::{ConnectionId, ConnectionKey};
use crate::pages::{Pages, pages};

resource! {
    /// The bank connections of one bank user.
    Connections by UserClient::connections
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
        call!(self.call, CreateConnection, create_connection(request))
    }

    /// All connections, page by page. One call per page.
    pub fn list(&self) -> Pages<Connection> {
        pages!(self, ListConnections, list_connections(), types::ListConnectionsQuery::new())
    }

    /// One connection, by its id or by the transaction id of the session that created it (XS2A.api
    /// documentation, "Get a bank connection"). One call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, or none yet: before
    /// the user is through the wizard.
    pub async fn get(&self, id: impl Into<ConnectionKey>) -> Result<Connection, Error> {
        let id = &id.into();
        call!(self.call, GetConnection, get_connection(id.as_str()))
    }

    /// Deletes a connection. Its accounts stay and are deleted on their own
    /// ([`Accounts::delete`](crate::Accounts::delete)). One call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there was none. Finding none after an attempt that may have
    /// deleted it is no error.
    pub async fn delete(&self, id: impl Into<ConnectionId>) -> Result<(), Error> {
        let id = &id.into();
        call!(self.delete, DeleteConnection, delete_connection(id.as_str()))
    }

    /// Begins a connection's login anew, whatever its sync mode: always needs the user (XS2A.api
    /// documentation, "Reset a bank connection"). One call, acted on at most once.
    pub async fn reset(&self, id: impl Into<ConnectionId>) -> Result<WizardSession, Error> {
        let id = &id.into();
        call!(self.call, ResetConnection, reset_connection(id.as_str()))
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
        let sending = Self { caller: self.caller.concealing(request.credentials.clone()) };
        match call!(sending.call, SyncConnection, sync_connection(id.as_str(), request))? {
            types::SyncConnectionResponse::Accepted(session) => Ok(SyncStart::UserNeeded(session)),
            types::SyncConnectionResponse::NoContent => Ok(SyncStart::Started),
            // A success that is new to this version.
            _ => {
                Err(Error::new(Operation::SyncConnection, ErrorKind::UnexpectedStatus, Fate::Acted))
            }
        }
    }
}
