//! What a test orders for one sync of a connection.

use std::time::Duration;

use super::bank_fault::BankFault;

/// How one sync of a connection goes, for
/// [`Sandbox::plan_next_sync`](crate::Sandbox::plan_next_sync).
///
/// Without further settings the service begins the sync at once, the bank lets the login through,
/// and the outcome shows as soon as the sync is over. All spans are on the sandbox's clock.
///
/// ```
/// use std::time::Duration;
/// use xs2a_sandbox::{BankFault, ConnectionSeed, Sandbox, SyncMode, SyncPlan};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// const HOUR: Duration = Duration::from_secs(60 * 60);
/// let sandbox = Sandbox::start().await.unwrap();
/// let user = sandbox.add_user("Ada");
/// let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
/// let sync = async || {
///     let url = format!("{}/v1/api/connections/{connection}/sync", sandbox.base_url());
///     let call = reqwest::Client::new().post(url).basic_auth("api", Some(user.token()));
///     call.json(&serde_json::json!({})).send().await.unwrap().status().as_u16()
/// };
///
/// // The service begins the next sync two hours late. The one after it waits behind it, and what
/// // came of it shows five hours after it was over.
/// let wrong = SyncPlan::new().bank(BankFault::WrongPassword);
/// sandbox.plan_next_sync(&connection, wrong.begins_after(2 * HOUR));
/// sandbox.plan_next_sync(&connection, wrong.shows_after(5 * HOUR));
/// assert_eq!((sync().await, sync().await), (204, 204));
/// assert_eq!(sandbox.counts(&connection).failures, 0);
/// sandbox.advance(3 * HOUR);
/// assert_eq!(sandbox.counts(&connection).failures, 1);
/// sandbox.advance(5 * HOUR);
/// assert_eq!(sandbox.counts(&connection).failures, 2);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct SyncPlan {
    pub(crate) bank: Option<BankFault>,
    pub(crate) begins_after: Duration,
    pub(crate) shows_after: Duration,
}

impl SyncPlan {
    /// A sync in which nothing unusual happens.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what the bank does at the login. Default: what
    /// [`Sandbox::set_login`](crate::Sandbox::set_login) says for the user name; else the login goes
    /// through.
    pub fn bank(mut self, fault: BankFault) -> Self {
        self.bank = Some(fault);
        self
    }

    /// Has the service take the sync, answer 204, and begin this much later, as from a queue.
    /// Until then the connection does not count as syncing: the service takes further syncs, and
    /// begins them one after the other. Nobody is there to log in when a sync of the queue begins: a
    /// bank that asks for the user makes the sync fail, as it does with an automatic sync. If the
    /// connection is disabled by then, the sync does not begin. Default: at once.
    pub fn begins_after(mut self, span: Duration) -> Self {
        self.begins_after = span;
        self
    }

    /// Has the outcome of the sync come to the service this much after the sync was over. Until then
    /// nobody knows the outcome, the connection shows what it showed before, and the service takes
    /// further syncs. Default: at once.
    pub fn shows_after(mut self, span: Duration) -> Self {
        self.shows_after = span;
        self
    }
}

impl From<BankFault> for SyncPlan {
    fn from(fault: BankFault) -> Self {
        Self::new().bank(fault)
    }
}
