//! One call for each thing that the service does with a connection.

use tokio::time::Instant;
use xs2a_client::types::{
    Connection, CreateConnectionRequest, ListConnectionsQuery, SyncConnectionRequest,
    SyncConnectionResponse,
};
use xs2a_client::{Fate, Operation};

use crate::call::{Caller, Pages, instant_after};
use crate::client::UserClient;
use crate::error::{Error, ErrorKind};
use crate::ids::{ConnectionId, ConnectionKey};
use crate::sync::{Baseline, Snapshot, UserSession};

/// The bank connections of one bank user. [`UserClient::connections`] gives them.
#[derive(Clone)]
pub struct Connections {
    pub(super) client: UserClient,
}

impl UserClient {
    /// The bank connections of the bank user.
    pub fn connections(&self) -> Connections {
        Connections { client: self.clone() }
    }
}

impl Connections {
    pub(super) fn caller(&self) -> &Caller {
        &self.client.caller
    }

    /// The same connections, whose calls end at `end`.
    pub(super) fn until(&self, end: Instant) -> Self {
        let mut connections = self.clone();
        connections.client.caller = self.caller().until(end);
        connections
    }

    /// The same connections, whose calls are of one attempt.
    pub(super) fn once(&self) -> Self {
        let mut connections = self.clone();
        connections.client.caller = self.caller().once();
        connections
    }

    /// Begins a new connection. The user has to walk through the wizard session that comes back;
    /// then [`wait_for_user`](Self::wait_for_user) gives the connection.
    ///
    /// One call, acted on at most once.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`](crate::ErrorKind::Rejected) where the request names a bank or mode
    /// that does not exist. After a [`Fate::Unknown`](crate::Fate::Unknown) create again: a session
    /// that nobody walks through leaves no connection.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::types::CreateConnectionRequest;
    ///
    /// let session = user.connections().create(&CreateConnectionRequest::new()).await?;
    /// let wizard = user.wizard(session.key());
    /// # let _ = wizard;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn create(&self, request: &CreateConnectionRequest) -> Result<UserSession, Error> {
        let call = self.caller().client.create_connection(request);
        self.caller().call(call).await.map(UserSession::creating)
    }

    /// All connections, page by page. One call per page.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// let mut connections = user.connections().list();
    /// while let Some(connection) = connections.next().await {
    ///     println!("{:?}", connection?.bank_name);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list(&self) -> Pages<Connection> {
        self.caller().pages(|client, page, per_page| {
            client.list_connections(&ListConnectionsQuery::new().page(page).per_page(per_page))
        })
    }

    /// One connection, by its id or by the transaction id of the session that created it (XS2A.api
    /// documentation, "Get a bank connection"). One call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection, or not
    /// yet: before the user is through the wizard.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::sync::SyncHistory;
    /// use xs2a::{Snapshot, SyncPolicy};
    ///
    /// let connection = user.connections().get(&id).await?;
    /// let snapshot = Snapshot::from(&connection);
    /// let now = xs2a::jiff::Timestamp::now();
    /// let next = snapshot.next_step(&SyncPolicy::default(), &SyncHistory::default(), now);
    /// println!("{}; next: {next}", snapshot.state(now));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, id: impl Into<ConnectionKey>) -> Result<Connection, Error> {
        self.caller().call(self.caller().client.get_connection(&id.into())).await
    }

    /// Deletes a connection. Its accounts stay and are deleted on their own
    /// ([`Accounts::delete`](crate::Accounts::delete)). One call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there was no such connection. A 404
    /// after an attempt that may have deleted the connection is a success.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// user.connections().delete(&id).await?;
    /// # assert!(user.connections().get(&id).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn delete(&self, id: impl Into<ConnectionId>) -> Result<(), Error> {
        self.caller().delete(self.caller().client.delete_connection(&id.into())).await
    }

    /// Begins the login of a connection anew, whatever its sync mode. Always needs the user (XS2A.api
    /// documentation, "Reset a bank connection").
    ///
    /// Two calls: a look, which the session remembers so that
    /// [`wait_for_user`](Self::wait_for_user) can tell when the user is through, and the reset, which
    /// is acted on at most once. Both end by the deadline of one call.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// let session = user.connections().reset(&id).await?;
    /// assert_eq!(session.connection_id().unwrap().as_str(), id);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn reset(&self, id: impl Into<ConnectionId>) -> Result<UserSession, Error> {
        let (id, caller) = (id.into(), self.caller());
        let whole = caller.policy.deadline_of(Operation::ResetConnection);
        let end = instant_after(Instant::now(), whole);
        let before = self.get(&id).await?;
        if !caller.has_time_to_connect(end, whole) {
            let operation = Operation::ResetConnection;
            return Err(Error::new(operation, ErrorKind::Timeout, Fate::NotActed));
        }
        let call = caller.client.reset_connection(&id);
        let session = caller.until(end).call(call).await?;
        let baseline = Baseline::from(&Snapshot::from(&before));
        Ok(UserSession::renewing(session, id, baseline))
    }

    /// Asks for a sync without a look and without any rule: the bare call. It is acted on at most
    /// once.
    ///
    /// A `force` in the request is your own word, up to the third failure that disables the
    /// connection for good. [`sync`](Self::sync) looks first, obeys the rules and watches until the
    /// end. The answer is told by its status: 202 ([`SyncConnectionResponse::Accepted`]) when the
    /// bank wants the user, 204 ([`SyncConnectionResponse::NoContent`]) when the sync runs in the
    /// background (XS2A.api documentation, "Sync a bank connection").
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`](crate::ErrorKind::Rejected) where the service's rules forbid the
    /// sync, with the service's message. After a [`Fate::Unknown`](crate::Fate::Unknown) the sync may
    /// be running: look at the connection before you ask again.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::types::{SyncConnectionRequest, SyncConnectionResponse};
    ///
    /// let request = SyncConnectionRequest::new();
    /// match user.connections().sync_without_rules(&id, &request).await? {
    ///     SyncConnectionResponse::NoContent => println!("the sync has started"),
    ///     SyncConnectionResponse::Accepted(_) => println!("the bank wants the user"),
    ///     _ => println!("a success that is new to this version"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn sync_without_rules(
        &self,
        id: impl Into<ConnectionId>,
        request: &SyncConnectionRequest,
    ) -> Result<SyncConnectionResponse, Error> {
        let caller = self.caller().concealing(request.credentials.clone());
        caller.call(caller.client.sync_connection(&id.into(), request)).await
    }
}
