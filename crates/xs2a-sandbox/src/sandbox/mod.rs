//! A sandbox in the hands of a test: it is started, given orders, and asked what has happened.

mod builder;
mod fault_rule;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::Timestamp;

pub use builder::{Builder, StartError};
pub use fault_rule::FaultRule;

use crate::{
    line::{Grip, Port, Switch},
    server::{self, Server, Shared},
    service::{Entry, Fault, Service, Violation},
    world::{
        self, AccountType, BankFault, ConnectionSeed, Counts, Posted, SyncPlan, WizardScript,
        World, orders,
    },
};

/// A running sandbox. It ends when the value is dropped.
///
/// A test sets up a state, gives orders to the bank and to the user, lets time pass, and asks
/// afterwards what has happened:
///
/// ```
/// use std::time::Duration;
/// use xs2a_sandbox::{AccountType, BankFault, ConnectionSeed, Fault, Sandbox, SyncMode};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let http = reqwest::Client::new();
/// let user = sandbox.add_user("Ada");
/// let sync = async |connection: &str| {
///     let url = format!("{}/v1/api/connections/{connection}/sync", sandbox.base_url());
///     let call = http.post(url).basic_auth("api", Some(user.token())).json(&serde_json::json!({}));
///     call.send().await.unwrap()
/// };
///
/// // The bank rejects the next login, and opens an account that a later sync will find.
/// let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
/// sandbox.fail_next_sync(&connection, BankFault::WrongPassword);
/// sandbox.open_account(&connection, AccountType::Savings);
/// assert_eq!(sync(&connection).await.status(), 204);
/// sandbox.advance(Duration::from_secs(60));
/// assert_eq!((sandbox.received("sync_connection"), sandbox.acted("sync_connection")), (1, 1));
/// assert_eq!(sandbox.log()[0].status, 204);
/// assert_eq!(sandbox.violations(), []);
///
/// // A sync that needs the user: the test takes the part of the user.
/// sandbox.set_login("eve", Some(BankFault::TanRequired));
/// let seed = ConnectionSeed::new(SyncMode::Full).login("eve");
/// let session = sync(&sandbox.add_connection(&user, seed)).await;
/// assert_eq!(session.status(), 202);
/// let session: serde_json::Value = session.json().await.unwrap();
/// let transaction = session["transaction"].as_str().unwrap();
/// assert!(sandbox.approve(transaction));
/// assert!(sandbox.complete_session(transaction).is_some());
/// assert_eq!(sandbox.all_counts()[1].1.sessions, 1);
/// sandbox.set_login("eve", None);
///
/// // A shared connection: the test is the customer, who keeps half of the credentials.
/// let shared = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Shared));
/// assert!(sandbox.credentials(&shared).is_some());
///
/// // A user is deleted, with everything that belongs to the user.
/// sandbox.delete_user(&sandbox.add_user("Eve"));
///
/// // Nothing listens for a while. Then everything starts anew.
/// sandbox.refuse_connections().await;
/// sandbox.accept_connections().await;
/// sandbox.fault(Fault::Status(503)).next();
/// sandbox.clear_faults();
/// let start = sandbox.now();
/// sandbox.reset();
/// assert!(sandbox.now() < start && sandbox.log().is_empty());
/// # });
/// ```
#[derive(Debug)]
pub struct Sandbox {
    shared: Shared,
    switch: Arc<Switch>,
    base_url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox with the default settings; see [`Builder::start`].
    ///
    /// # Errors
    /// [`StartError::Listen`] if no port of the loopback address is free.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// The default settings, to be changed before the start.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address of the sandbox, as `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The API key that the sandbox accepts.
    pub fn api_key(&self) -> String {
        self.shared.lock().api_key().to_owned()
    }

    /// Makes a bank user with an access token that is valid for a year.
    pub fn add_user(&self, name: &str) -> BankUser {
        let name = name.to_owned();
        let (id, token) = self.change(|world| orders::add_user(world, name, None));
        BankUser { id, token }
    }

    /// Deletes a bank user and everything that belongs to the user, as
    /// `DELETE /v1/api/users/{user_id}` does. A sync that runs never ends. The token of the user is
    /// answered with 401 from then on, and a request for another token with 404.
    ///
    /// # Panics
    /// If the user was deleted before.
    pub fn delete_user(&self, user: &BankUser) {
        let found = self.change(|world| orders::delete_user(world, &user.id));
        assert!(found, "there is no bank user {:?}", user.id);
    }

    /// Makes a connection without the wizard; gives its id.
    ///
    /// # Panics
    /// If the user was deleted.
    #[allow(clippy::expect_used, reason = "a test that lost its user cannot go on")]
    pub fn add_connection(&self, user: &BankUser, seed: ConnectionSeed) -> String {
        self.change(|world| orders::add_connection(world, &user.id, &seed))
            .expect("the bank user is there")
    }

    /// Makes many connections of one bank user without the wizard; gives their ids in the same
    /// order. Tens of thousands of connections take seconds, if they are made
    /// [without accounts](ConnectionSeed::without_accounts).
    ///
    /// ```
    /// use std::time::Duration;
    /// use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let sandbox = Sandbox::start().await.unwrap();
    /// let user = sandbox.add_user("Ada");
    /// // A thousand connections whose last syncs are spread over the last 24 hours.
    /// let seed = ConnectionSeed::new(SyncMode::Full).without_accounts();
    /// let ago = |number: u64| Duration::from_secs(number * 24 * 60 * 60 / 1_000);
    /// let seeds = (0..1_000).map(|number| seed.clone().last_synced(sandbox.now() - ago(number)));
    /// let connections = sandbox.add_connections(&user, seeds);
    /// // The service syncs each of them in the next 24 hours.
    /// sandbox.advance(Duration::from_secs(24 * 60 * 60));
    /// assert_eq!(connections.len(), 1_000);
    /// assert_eq!(sandbox.total_counts().automatic_syncs, 1_000);
    /// # });
    /// ```
    ///
    /// # Panics
    /// If the user was deleted.
    pub fn add_connections(
        &self,
        user: &BankUser,
        seeds: impl IntoIterator<Item = ConnectionSeed>,
    ) -> Vec<String> {
        // The iterator may ask the sandbox something: it must not run under the lock.
        seeds.into_iter().map(|seed| self.add_connection(user, seed)).collect()
    }

    /// Lets the user walk through the rest of a wizard session; gives the id of the connection.
    /// None if there is no open session of this transaction.
    pub fn complete_session(&self, transaction: &str) -> Option<String> {
        self.change(|world| orders::complete_session(world, transaction))
    }

    /// The customer's half of the credentials. None if the connection is not in mode shared.
    pub fn credentials(&self, connection: &str) -> Option<String> {
        self.shared.lock().look(|world| orders::credentials(world, connection))
    }

    /// Has the bank do this at the connection's next login without the user. Several orders are
    /// carried out one after the other, one at each login.
    ///
    /// # Panics
    /// If there is no such connection.
    pub fn fail_next_sync(&self, connection: &str, fault: BankFault) {
        self.plan_next_sync(connection, fault.into());
    }

    /// Has the connection's next sync without the user go as planned: also one that the service
    /// begins by itself. Several plans are carried out one after the other, one at each sync.
    /// [`SyncPlan`] has an example.
    ///
    /// # Panics
    /// If there is no such connection.
    pub fn plan_next_sync(&self, connection: &str, plan: SyncPlan) {
        let found = self.change(|world| orders::plan_sync(world, connection, plan));
        assert!(found, "there is no connection {connection:?}");
    }

    /// Has the bank do this at every login with this user name from now on, also in the wizard.
    /// None takes the order back. The orders of [`Sandbox::fail_next_sync`] come first.
    pub fn set_login(&self, user_name: &str, fault: Option<BankFault>) {
        self.change(|world| orders::set_login(world, user_name.to_owned(), fault));
    }

    /// Has the bank open an account, which the next successful sync of the connection finds.
    ///
    /// # Panics
    /// If there is no such connection.
    pub fn open_account(&self, connection: &str, kind: AccountType) {
        let found = self.change(|world| orders::open_account(world, connection, kind));
        assert!(found, "there is no connection {connection:?}");
    }

    /// Has the wizard show these forms from now on in sessions of this user name: after a login with
    /// the name, in place of what the bank would ask for; and from the first form on in sessions
    /// that a sync or a reset opens for a connection with this login. None takes the order back.
    /// [`WizardScript`] has an example.
    pub fn set_forms(&self, user_name: &str, script: Option<WizardScript>) {
        self.change(|world| orders::set_forms(world, user_name.to_owned(), script));
    }

    /// Has the wizard show these forms in the next session that is opened, from its first form on.
    /// Several orders are carried out one after the other, one at each session. [`ScriptedForm`]
    /// has an example.
    ///
    /// [`ScriptedForm`]: crate::ScriptedForm
    pub fn script_next_session(&self, script: WizardScript) {
        self.change(|world| orders::script_next_session(world, script));
    }

    /// The latest 1,000 requests that the wizard session of this transaction has received, with
    /// their values, the oldest first. [`WizardScript`] has an example.
    ///
    /// # Panics
    /// If there is no such session.
    #[allow(clippy::panic, reason = "a test that looks at nothing must not pass")]
    pub fn posts(&self, transaction: &str) -> Vec<Posted> {
        let service = self.shared.lock();
        let posts = service
            .look(|world| orders::posts(world, transaction).map(|posts| posts.cloned().collect()));
        posts.unwrap_or_else(|| panic!("there is no wizard session {transaction:?}"))
    }

    /// Lets the user approve what a wizard session waits for: in the app of the bank, or at the
    /// address that the wizard has sent the user to. The next request of the wizard shows it.
    /// False if there is no open session of this transaction.
    pub fn approve(&self, transaction: &str) -> bool {
        self.change(|world| orders::approve(world, transaction))
    }

    /// Begins an order that breaks calls. What follows says which calls, as in
    /// `sandbox.fault(fault).on("sync_connection").call(2)`.
    pub fn fault(&self, fault: Fault) -> FaultRule<'_> {
        FaultRule::new(&self.shared, fault)
    }

    /// Closes the port and every open connection: new connections are refused from now on. Returns
    /// when the port is closed.
    pub async fn refuse_connections(&self) {
        self.switch.refuse(None).await;
    }

    /// Opens the port again after [`Sandbox::refuse_connections`]. Returns when the port is open.
    pub async fn accept_connections(&self) {
        self.switch.listen().await;
    }

    /// Takes back every fault that has not hit yet.
    pub fn clear_faults(&self) {
        self.shared.lock().clear_faults();
    }

    /// Lets time pass on the sandbox's clock: syncs end, automatic syncs run, tokens and consents
    /// expire. Takes no real time.
    pub fn advance(&self, by: Duration) {
        self.change(|world| world::advance(world, by));
    }

    /// What the sandbox's clock shows.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().now()
    }

    /// How many calls of an operation arrived, such as `sync_connection`.
    pub fn received(&self, operation: &str) -> usize {
        self.shared.lock().log.received(operation)
    }

    /// How many calls of an operation were carried out.
    pub fn acted(&self, operation: &str) -> usize {
        self.shared.lock().log.acted(operation)
    }

    /// How often things have happened to a connection: looks, syncs, wizard sessions, failures. The
    /// connection may be deleted. [`Counts`] has an example.
    ///
    /// # Panics
    /// If there never was such a connection.
    #[allow(clippy::panic, reason = "a test that counts nothing must not pass")]
    pub fn counts(&self, connection: &str) -> Counts {
        let counts = self.shared.lock().look(|world| orders::counts(world, connection));
        counts.unwrap_or_else(|| panic!("there never was a connection {connection:?}"))
    }

    /// The counts of every connection by its id, in the order in which the connections were made.
    pub fn all_counts(&self) -> Vec<(String, Counts)> {
        let owned = |(id, counts): (&str, Counts)| (id.to_owned(), counts);
        self.shared.lock().look(|world| orders::all_counts(world).map(owned).collect())
    }

    /// The counts of all connections together. `most_syncs_in_24_hours` is that of the connection
    /// that has the most.
    pub fn total_counts(&self) -> Counts {
        self.shared.lock().look(orders::total_counts)
    }

    /// The transactions of the wizard sessions that syncs and resets have opened for a connection,
    /// also of those whose answer was lost, the oldest first.
    ///
    /// # Panics
    /// If there is no such connection.
    #[allow(clippy::panic, reason = "a test that counts nothing must not pass")]
    pub fn sessions(&self, connection: &str) -> Vec<String> {
        let found = self.shared.lock().look(|world| orders::sessions(world, connection));
        found.unwrap_or_else(|| panic!("there is no connection {connection:?}"))
    }

    /// The latest 10,000 requests, in the order in which they arrived.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.lock().log.entries().cloned().collect()
    }

    /// The latest 10,000 things in requests and answers that the spec does not allow. The test of a
    /// client that is made from the spec asserts that there are none. Other clients may well have
    /// violations of [`Side::Request`](crate::Side::Request).
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.lock().log.violations().cloned().collect()
    }

    /// Brings back the start: no users, or those of the scenario, the first ids, the first second.
    pub fn reset(&self) {
        self.shared.lock().reset();
    }

    /// The text of a scenario that comes with the sandbox, for [`Builder::scenario`]: `one-morning`
    /// has connections in every state, `bad-day` has a bank and a network that break. None if there
    /// is no scenario of this name.
    ///
    /// ```
    /// use xs2a_sandbox::Sandbox;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let story = Sandbox::story("one-morning").unwrap();
    /// let sandbox = Sandbox::builder().scenario("one-morning", story).start().await.unwrap();
    /// assert!(Sandbox::story("two-mornings").is_none());
    /// # });
    /// ```
    pub fn story(name: &str) -> Option<&'static str> {
        server::STORIES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.shared.lock().change(change)
    }
}

impl Builder {
    /// Listens on the address, and answers in the background of the current tokio runtime.
    ///
    /// The sandbox takes a port and spawns a task. A test that uses tokio's paused clock has to
    /// start the sandbox on the runtime of the test.
    ///
    /// # Errors
    /// [`StartError`] if the address cannot be listened on, or if the address of the webhook is not
    /// valid.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let address = self.address();
        let control_hosts = self.control_hosts()?;
        let cors = self.allows_local_pages();
        let mut plan = self.plan()?;
        let opened = Port::open(address).await;
        let (port, switch) = opened.map_err(|source| StartError::Listen { address, source })?;
        let base_url = format!("http://{}", port.address());
        plan.address = Some(link(port.address()));
        let shared = Shared::new(Service::new(plan));
        let switch_of = Arc::clone(&switch);
        let server = Server { shared: shared.clone(), switch: switch_of, control_hosts, cors };
        let router = server::router(server).into_make_service_with_connect_info::<Grip>();
        let task = tokio::spawn(async move {
            // The server ends only with the task.
            let _ = axum::serve(port, router).await;
        });
        Ok(Sandbox { shared, switch, base_url, task })
    }
}

/// The address under which a browser on this machine finds the page.
fn link(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
        self.switch.close_lines(None);
    }
}

/// A bank user made by [`Sandbox::add_user`].
///
/// ```
/// use xs2a_sandbox::Sandbox;
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let ada = sandbox.add_user("Ada");
/// let eve = sandbox.add_user("Eve");
/// assert_ne!((ada.id(), ada.token()), (eve.id(), eve.token()));
/// # });
/// ```
#[derive(Clone)]
pub struct BankUser {
    id: String,
    token: String,
}

impl BankUser {
    /// Id of the user.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Access token of the user, valid for a year.
    pub fn token(&self) -> &str {
        &self.token
    }
}

// The token must not be printed.
impl std::fmt::Debug for BankUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BankUser").field("id", &self.id).finish_non_exhaustive()
    }
}
