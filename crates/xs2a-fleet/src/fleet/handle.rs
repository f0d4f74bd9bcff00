//! A fleet in the hands of a program, and what its tasks share.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;
use xs2a::{ApiClient, ClientBuilder, ConnectionId, Secret, UserId, UserSession};

use super::gate::{Queue, Turns};
use crate::error::Error;
use crate::lock::lock;
use crate::row::Report;
use crate::rules::{Clocks, FleetPolicy, Plan};
use crate::store::Store;

type BoxError = Box<dyn StdError + Send + Sync>;
type OnReport = dyn Fn(Report) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync;
type OnSession = dyn Fn(UserSessionFor) -> BoxFuture<'static, ()> + Send + Sync;
type Half = dyn Fn(UserId, ConnectionId) -> BoxFuture<'static, Option<Secret>> + Send + Sync;

/// A wizard session that a bank has opened for a user during a sync. It is handed out at once and
/// never stored: whoever drops it has lost it, and a
/// [`reset`](xs2a::Connections::reset) opens another.
#[derive(Debug)]
#[non_exhaustive]
pub struct UserSessionFor {
    /// The bank user.
    pub user_id: UserId,
    /// The connection.
    pub connection_id: ConnectionId,
    /// The session.
    pub session: UserSession,
}

/// What the program gives to the fleet.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) on_report: Option<Box<OnReport>>,
    pub(super) on_session: Option<Box<OnSession>>,
    pub(super) half: Option<Box<Half>>,
}

/// Many connections, kept fresh: one worker of perhaps many on one store. Cheap to clone; clones are
/// the same worker.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::builder().starts_at_now().start().await.unwrap();
/// # let ada = sandbox.add_user("Ada");
/// # sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("fleet.db");
/// use std::time::Duration;
/// use xs2a::ApiClient;
/// use xs2a_fleet::store::Sqlite;
/// use xs2a_fleet::{Fleet, FleetPolicy};
///
/// let api = ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url());
/// let store = Sqlite::new(path).open().await?;
/// let fleet = Fleet::builder(api, store)
///     .policy(FleetPolicy::default().with_pace(20, 50))
///     .on_report(|report| async move {
///         println!("{}: {}", report.connection_id, report.outcome);
///         Ok::<_, std::io::Error>(())
///     })
///     .open()
///     .await?;
/// let enrolled = fleet.enrol_all(None).await?;
/// assert_eq!((enrolled.connections, enrolled.problems.len()), (1, 0));
/// let shutdown = tokio::time::sleep(Duration::from_millis(100));
/// fleet.run_until(shutdown).await?;
/// println!("{}", fleet.stats().await?);
/// # Ok::<(), xs2a_fleet::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Fleet(pub(super) Arc<Inner>);

/// Opens a [`Fleet`]. [`Fleet::builder`] begins it.
#[must_use = "nothing is opened until `open`"]
pub struct Builder {
    api: ClientBuilder<ApiClient>,
    store: Store,
    policy: FleetPolicy,
    worker: Option<String>,
    hooks: Hooks,
}

/// What all tasks of a worker share.
pub(super) struct Inner {
    pub(super) api: ApiClient,
    pub(super) store: Store,
    pub(super) plan: Plan,
    pub(super) policy_json: String,
    pub(super) gate: Arc<Queue>,
    pub(super) hooks: Hooks,
    pub(super) worker: String,
    /// The rows in hand, with their fences.
    hand: Mutex<HashMap<ConnectionId, i64>>,
    /// Held while a claim is under way, so that nobody takes its rows for strays.
    pub(super) claiming: tokio::sync::Mutex<()>,
    /// The store's clock at an instant.
    clock: Mutex<Option<(Timestamp, Instant)>>,
    pub(super) place: Mutex<Place>,
    pub(super) wake: Notify,
    pub(super) finished: AtomicU64,
    /// How many runs and enrolments beat for this worker.
    pub(super) beating: AtomicUsize,
    pub(super) is_stopping: tokio::sync::watch::Sender<bool>,
}

/// Where this worker stands among those that live.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) live: usize,
    pub(super) rank: usize,
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("worker", &self.0.worker).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Fleet {
    /// Begins a fleet on a store. The client's gate is the fleet's: it keeps the pace. Access tokens
    /// that still hold are looked for before new ones are made.
    pub fn builder(api: ClientBuilder<ApiClient>, store: Store) -> Builder {
        let policy = FleetPolicy::default();
        Builder { api, store, policy, worker: None, hooks: Hooks::default() }
    }

    /// The client of the service, behind the fleet's gate. Calls made through it wait while no
    /// [`run_until`](Self::run_until) runs.
    pub fn api(&self) -> &ApiClient {
        &self.0.api
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The name of this worker.
    pub fn worker(&self) -> &str {
        &self.0.worker
    }

    /// Says that a connection may have changed: a webhook arrived. It is looked at soon, by whichever
    /// worker is free; deliveries are not signed, so nothing but a look comes of it. By its id or the
    /// transaction of the session that created it. Gives whether it is enrolled.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn nudge(&self, connection: impl Into<xs2a::ConnectionKey>) -> Result<bool, Error> {
        let found = self.0.store.nudge(connection.into().as_str()).await?;
        self.0.wake.notify_one();
        Ok(found)
    }
}

impl Builder {
    /// Sets how the fleet works. Default: [`FleetPolicy::default`].
    pub fn policy(mut self, policy: FleetPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Names this worker, in the store and in logs. No two workers of a store share a name. Default:
    /// a random one.
    pub fn worker(mut self, name: impl Into<String>) -> Self {
        self.worker = Some(name.into());
        self
    }

    /// Has each report told at least once: again, with the same [`Report::id`], where the process
    /// ended or the function failed before it was through. A connection has no further turn before
    /// its report has been told. A function that fails is asked again after a pause. Set it in every
    /// worker or in none.
    pub fn on_report<F, E>(mut self, tell: impl Fn(Report) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.hooks.on_report =
            Some(Box::new(move |report| tell(report).map(|told| told.map_err(Into::into)).boxed()));
        self
    }

    /// Has the wizard sessions handed out that banks open during a sync. Each comes once, at once.
    pub fn on_session<F>(
        mut self,
        hand: impl Fn(UserSessionFor) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.hooks.on_session = Some(Box::new(move |session| hand(session).boxed()));
        self
    }

    /// Where your half of the credentials of `shared` connections comes from: asked right before a
    /// sync, and kept nowhere. `None` parks the connection.
    pub fn credentials<F>(
        mut self,
        half: impl Fn(UserId, ConnectionId) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Option<Secret>> + Send + 'static,
    {
        self.hooks.half = Some(Box::new(move |user, connection| half(user, connection).boxed()));
        self
    }

    /// Opens the fleet. Makes no call to the service.
    ///
    /// # Errors
    /// [`Error::Policy`], [`Error::Client`], [`Error::OtherPolicy`] where other workers run on the
    /// store by another policy, and those of the store.
    pub async fn open(self) -> Result<Fleet, Error> {
        let plan = Plan::new(self.policy)?;
        let policy_json = super::settle::settle_policy(&self.store, plan.policy()).await?;
        let gate = Arc::new(Queue::new());
        let api = self.api.gate(Turns(Arc::clone(&gate))).reuse_tokens().build()?;
        let worker = self.worker.unwrap_or_else(random_name);
        Ok(Fleet(Arc::new(Inner {
            api,
            store: self.store,
            plan,
            policy_json,
            gate,
            hooks: self.hooks,
            worker,
            hand: Mutex::default(),
            claiming: tokio::sync::Mutex::default(),
            clock: Mutex::default(),
            place: Mutex::default(),
            wake: Notify::new(),
            finished: AtomicU64::new(0),
            beating: AtomicUsize::new(0),
            is_stopping: tokio::sync::watch::Sender::new(false),
        })))
    }
}

/// A name that no other process has: of 64 random bits.
fn random_name() -> String {
    use std::hash::{BuildHasher, RandomState};

    let random = RandomState::new().hash_one(std::process::id());
    format!("{}-{random:016x}", std::process::id())
}

impl Inner {
    /// The time by both clocks.
    pub(super) fn clocks(&self) -> Clocks {
        let local = match *lock(&self.clock) {
            Some((at, instant)) => {
                let since = SignedDuration::try_from(instant.elapsed()).unwrap_or_default();
                at.saturating_add(since).unwrap_or(at)
            }
            None => Timestamp::now(),
        };
        Clocks { local, server: self.api.server_now() }
    }

    pub(super) fn set_clock(&self, now: Timestamp, at: Instant) {
        *lock(&self.clock) = Some((now, at));
    }

    pub(super) fn take_in_hand(&self, id: &ConnectionId, fence: i64) {
        lock(&self.hand).insert(id.clone(), fence);
    }

    /// Whether the row was in hand with this fence until now.
    pub(super) fn let_go(&self, id: &ConnectionId, fence: i64) {
        let mut hand = lock(&self.hand);
        if hand.get(id) == Some(&fence) {
            hand.remove(id);
        }
    }

    pub(super) fn is_in_hand(&self, id: &ConnectionId, fence: i64) -> bool {
        lock(&self.hand).get(id) == Some(&fence)
    }

    pub(super) fn in_hand(&self) -> usize {
        lock(&self.hand).len()
    }

    pub(super) fn tells(&self) -> bool {
        self.hooks.on_report.is_some()
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.is_stopping.borrow()
    }
}
