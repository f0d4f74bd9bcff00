//! A sandbox with one bank user, and the clients of that user.

use std::time::Duration;

use jiff::Timestamp;
use xs2a::{ApiClient, ConnectionId, Connections, UserClient};
use xs2a_sandbox::{BankUser, ConnectionSeed, Sandbox, SyncMode};

/// The sandbox, the bank user, and a process that works for the user.
pub struct Scene {
    /// The server.
    pub sandbox: Sandbox,
    /// The bank user.
    pub user: BankUser,
    /// The client of the process.
    pub client: UserClient,
    /// The connections of that client.
    pub connections: Connections,
}

impl Scene {
    /// A sandbox where a sync takes a second.
    pub async fn new() -> Self {
        Self::with_syncs_that_take(Duration::from_secs(1)).await
    }

    /// A sandbox where a sync takes so long.
    pub async fn with_syncs_that_take(span: Duration) -> Self {
        let sandbox = Sandbox::builder().sync_takes(span).start().await.unwrap();
        let user = sandbox.add_user("Ada");
        let client = client(&sandbox, user.token());
        let connections = client.connections();
        Self { sandbox, user, client, connections }
    }

    /// A new connection of the user.
    pub fn connection(&self, seed: ConnectionSeed) -> ConnectionId {
        self.sandbox.add_connection(&self.user, seed).into()
    }

    /// A new connection that the service syncs by itself.
    pub fn healthy(&self) -> ConnectionId {
        self.connection(ConnectionSeed::new(SyncMode::Full))
    }

    /// The user's connections, as another process has them.
    pub fn another_process(&self) -> Connections {
        client(&self.sandbox, self.user.token()).connections()
    }

    /// A client that holds the API key.
    pub fn api(&self) -> ApiClient {
        api(&self.sandbox, &self.sandbox.api_key())
    }

    /// How many syncs have reached the server.
    pub fn syncs_received(&self) -> usize {
        self.sandbox.received("sync_connection")
    }

    /// How many syncs the server has acted on.
    pub fn syncs_acted(&self) -> usize {
        self.sandbox.acted("sync_connection")
    }
}

/// A client that holds this access token.
pub fn client(sandbox: &Sandbox, token: &str) -> UserClient {
    let now = sandbox.now();
    client_with_clock(sandbox, token, move || now)
}

/// A client that holds this access token, on a machine with this clock.
pub fn client_with_clock(
    sandbox: &Sandbox,
    token: &str,
    clock: impl Fn() -> Timestamp + Send + Sync + 'static,
) -> UserClient {
    let user = UserClient::builder(token).base_url(sandbox.base_url()).clock(clock);
    user.build().unwrap()
}

/// A client that holds this API key.
pub fn api(sandbox: &Sandbox, key: &str) -> ApiClient {
    let now = sandbox.now();
    let api = ApiClient::builder(key).base_url(sandbox.base_url()).clock(move || now);
    api.build().unwrap()
}
