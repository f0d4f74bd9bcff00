//! Runs sync jobs: a thin loop around [`SyncJob`].

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug, info_span, warn};
use xs2a_client::types::{Connection, SyncConnectionRequest, SyncMode, WizardSession};
use xs2a_client::{Fate, Operation, Secret, conceal};

use crate::call::later;
use crate::connections::{Connections, SyncStart};
use crate::error::{Error, ErrorKind};
use crate::ids::ConnectionId;
use crate::in_flight::{Lead, Role, Shown};
use crate::nudge::Listener;
use crate::policy::SyncPolicy;
use crate::state::Snapshot;
use crate::sync_job::{Action, CallFailure, CallFailureKind, Event, SyncJob, SyncReport};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Progress = dyn FnMut(&Action) + Send;
type Save = dyn Fn(SyncJob) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync;

/// So long a store may take even where the deadline is nearer, or past.
const SAVING_TAKES_AT_LEAST: Duration = Duration::from_secs(1);

/// How a sync that was waited for ended.
#[derive(Clone, Debug)]
#[must_use = "a sync may have been refused, or need the user"]
#[non_exhaustive]
pub struct FinishedSync {
    /// How it ended.
    pub report: SyncReport,
    /// With [`SyncReport::UserNeeded`]: the wizard session to send the user through. None where
    /// the answer was lost on its way; a [`reset`](Connections::reset) opens another.
    pub session: Option<WizardSession>,
    /// The connection as it was seen last.
    pub connection: Option<Connection>,
    /// The last error on the way, if there was one.
    pub error: Option<Arc<Error>>,
    /// The job as it ended. Where it reports that the sync still runs, or that its fate is unknown,
    /// it can be [resumed](Connections::resume) [with a later deadline](SyncJob::with_deadline) to
    /// watch on; asking for another sync instead may sync twice.
    pub job: SyncJob,
}

impl FinishedSync {
    fn new(report: SyncReport, job: SyncJob) -> Self {
        Self { report, session: None, connection: None, error: None, job }
    }
}

impl Connections {
    /// Syncs a connection as far as is right, and waits for the outcome.
    ///
    /// Looks first, and refuses by rule what should not be sent: a sync of a disabled connection,
    /// the last attempt, a shared one without [`credentials`](SyncRun::credentials). Sends `force`
    /// where the connection's state needs it. Then watches until the outcome shows, the user is
    /// needed, or the policy's time is over. The call of the sync is never repeated while its fate
    /// is open.
    ///
    /// Costs one look, at most one sync that the server acts on, and further looks at a growing
    /// distance. A connection has one sync in flight per client: who asks for another meanwhile
    /// gets the report of the first. The future can be dropped at any point; who asks next, within
    /// ten minutes of its deadline, goes on from there, looking first.
    ///
    /// # Errors
    /// When the sync was not sent because a call failed: a look that was refused, a server that
    /// could not be reached or kept throttling until the deadline, or a job that could not be
    /// [stored](SyncRun::save_with). Whatever happens from the first
    /// sending on is a report.
    ///
    /// ```no_run
    /// use xs2a::{LastAttempt, SyncPolicy, SyncReport};
    ///
    /// # async fn run(user: xs2a::UserClient) -> Result<(), xs2a::Error> {
    /// let connections = user.connections();
    /// let sync = connections.sync_and_wait("con-1").await?;
    /// match &sync.report {
    ///     SyncReport::Succeeded { .. } => println!("fetch the turnovers"),
    ///     SyncReport::UserNeeded => println!("show her the wizard: {:?}", sync.session),
    ///     other => println!("{other}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn sync_and_wait(&self, id: impl Into<ConnectionId>) -> SyncRun {
        SyncRun::new(self, Begin::New(id.into(), SyncPolicy::default()))
    }

    /// Takes up a job that was stored half-way, in another process perhaps, and runs it to its
    /// report: it looks before it does anything else, and does not sync twice.
    ///
    /// The job keeps its policy and its deadline. When that is past, and a call's fate is open, it
    /// looks once and reports.
    pub fn resume(&self, job: SyncJob) -> SyncRun {
        SyncRun::new(self, Begin::Stored(Box::new(job)))
    }
}

enum Begin {
    New(ConnectionId, SyncPolicy),
    Stored(Box<SyncJob>),
}

/// A sync that is about to be run, by awaiting it.
#[must_use = "nothing is synced until it is awaited"]
pub struct SyncRun {
    connections: Connections,
    begin: Begin,
    credentials: Option<Secret>,
    save: Option<Box<Save>>,
    progress: Option<Box<Progress>>,
}

impl SyncRun {
    fn new(connections: &Connections, begin: Begin) -> Self {
        let connections = connections.clone();
        Self { connections, begin, credentials: None, save: None, progress: None }
    }

    /// How to sync. A job that is resumed keeps its own.
    pub fn policy(mut self, policy: SyncPolicy) -> Self {
        if let Begin::New(_, default) = &mut self.begin {
            *default = policy;
        }
        self
    }

    setters! {
        /// Your half of the credentials, for a connection in mode `shared`. Not stored with the job.
        credentials(half: impl Into<Secret>) => credentials = Some(half.into());
    }

    /// Has the job stored before the sync is called, and when more is known of it. Unless it could
    /// be stored, the sync is not called. What was stored last can be [resumed](Connections::resume)
    /// after a crash. Not called where another asker's sync is waited for: that one stores.
    pub fn save_with<S, F, E>(mut self, save: S) -> Self
    where
        S: Fn(SyncJob) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.save =
            Some(Box::new(move |job| save(job).map(|saved| saved.map_err(Into::into)).boxed()));
        self
    }

    /// Is told each step before it is taken. Not called where another asker's sync is waited for.
    pub fn on_progress(mut self, progress: impl FnMut(&Action) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    async fn run(self) -> Result<FinishedSync, Error> {
        let caller = &self.connections.caller;
        let clock = Clock { start: caller.now(), instant: Instant::now() };
        let job = match self.begin {
            Begin::Stored(job) => *job,
            Begin::New(id, policy) => {
                let seed = caller.random().to_bits();
                SyncJob::new(id.as_str(), policy, clock.start).with_seed(seed)
            }
        };
        let mut job = job.with_credentials_at_hand(self.credentials.is_some());
        if let Some(report) = job.report() {
            return Ok(FinishedSync::new(report.clone(), job));
        }
        let before = job.clone();
        let lead = loop {
            match caller.in_flight.join(&mut job, clock.now()) {
                Role::Lead(lead) => break lead,
                Role::Follow(first) => {
                    if let Some(finished) = clock.follow(first, &mut job).await {
                        return Ok(finished);
                    }
                }
            }
        };
        let span = info_span!("xs2a.sync", xs2a.connection_id = job.connection_id());
        let driver = Driver {
            nudges: caller.shared.nudges.listen(),
            connections: &self.connections,
            credentials: self.credentials,
            save: self.save.as_deref(),
            progress: self.progress,
            clock,
            has_taken_over: job != before,
            seen: None,
            session: None,
            error: None,
        };
        driver.drive(job, lead).instrument(span).await
    }
}

impl IntoFuture for SyncRun {
    type Output = Result<FinishedSync, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.run().boxed()
    }
}

/// The time of one process: the wall clock at the beginning, moved on by tokio's clock.
struct Clock {
    start: Timestamp,
    instant: Instant,
}

impl Clock {
    fn now(&self) -> Timestamp {
        self.start.checked_add(self.instant.elapsed()).unwrap_or(Timestamp::MAX)
    }

    fn deadline(&self, job: &SyncJob) -> Instant {
        self.instant(job.deadline())
    }

    fn instant(&self, at: Timestamp) -> Instant {
        let ahead = at.duration_since(self.start).max(SignedDuration::ZERO).unsigned_abs();
        later(self.instant, ahead)
    }

    /// Waits for the report of the sync that is in flight already. None when there is none to
    /// wait for any more: then `job` goes on from where that one was.
    async fn follow(
        &self,
        mut first: watch::Receiver<Shown>,
        job: &mut SyncJob,
    ) -> Option<FinishedSync> {
        let finished = async {
            let shown = first.wait_for(|shown| shown.finished.is_some()).await.ok()?;
            shown.finished.clone()
        };
        let ended = timeout_at(self.deadline(job), finished).await;
        job.take_over(&first.borrow().job);
        match ended {
            Ok(Some(finished)) => Some(finished),
            Ok(None) if self.now() < job.deadline() => None,
            _late if job.is_open() => Some(FinishedSync::new(job.late_report(), job.clone())),
            _late => {
                let message = Some("another sync of the connection is in the way".to_owned());
                Some(FinishedSync::new(SyncReport::NotStarted { message }, job.clone()))
            }
        }
    }
}

/// Carries out what a job asks for.
struct Driver<'a> {
    connections: &'a Connections,
    credentials: Option<Secret>,
    save: Option<&'a Save>,
    progress: Option<Box<Progress>>,
    clock: Clock,
    /// Whether another asker's call is under way, which this one's store does not know yet.
    has_taken_over: bool,
    nudges: Listener,
    seen: Option<Connection>,
    session: Option<WizardSession>,
    error: Option<Error>,
}

impl Driver<'_> {
    async fn drive(mut self, mut job: SyncJob, lead: Lead) -> Result<FinishedSync, Error> {
        let mut event = Event::Begin;
        loop {
            let is_news = match event {
                Event::Begin => self.has_taken_over,
                _ => matches!(event, Event::Started | Event::UserNeeded | Event::CallFailed(_)),
            };
            let action = job.step(event, self.clock.now());
            // Not its details: they hold the server's words, which are not ours to log.
            debug!(xs2a.step = action.name(), "sync job");
            lead.show(&job);
            if let Some(progress) = &mut self.progress {
                progress(&action);
            }
            let is_news =
                is_news || matches!(action, Action::Call { .. }) || job.report().is_some();
            let is_saved = !is_news || self.save(&job, &action).await;
            event = match (action, is_saved) {
                (Action::Call { .. }, false) => Event::CallFailed(CallFailure {
                    kind: CallFailureKind::NeverSent,
                    message: "the job could not be stored".to_owned(),
                }),
                (Action::Call { force }, true) => self.call(&job, force).await,
                (Action::Look, _) => self.look(&job).await,
                (Action::WaitUntil(at), _) => self.wait(&job, at).await,
                (Action::Report(report), _) => return self.finish(report, job, lead),
            };
        }
    }

    async fn look(&mut self, job: &SyncJob) -> Event {
        let caller = &self.connections.caller;
        // A job that is taken up after its deadline looks all the same.
        let is_late = self.clock.now() >= job.deadline();
        let caller = if is_late { caller.clone() } else { caller.until(self.clock.deadline(job)) };
        match (Connections { caller }).get(job.connection_id()).await {
            Ok(mut connection) => {
                // It goes into the job, and a server may repeat what it was sent.
                let message = connection.sync_message.take();
                let half = self.credentials.as_slice();
                connection.sync_message = message.map(|message| conceal(message, half));
                let snapshot = Snapshot::from(&connection);
                self.seen = Some(connection);
                Event::Looked(snapshot)
            }
            Err(error) => Event::LookFailed(self.failed(error, CallFailureKind::of_look)),
        }
    }

    async fn call(&mut self, job: &SyncJob, force: bool) -> Event {
        let mut request = SyncConnectionRequest::new();
        if force {
            request = request.force(true);
        }
        let shared = self.seen.as_ref().and_then(|seen| seen.sync_mode.as_ref());
        if let (Some(SyncMode::Shared), Some(half)) = (shared, &self.credentials) {
            request = request.credentials(half.clone());
        }
        let (caller, end) = (&self.connections.caller, self.clock.deadline(job));
        let connecting = caller.shared.connect_timeout;
        // An attempt that ends while it connects would leave the fate open for nothing.
        let least = if connecting < job.policy().within { connecting } else { Duration::ZERO };
        if end - Instant::now() <= least {
            let error = Error::new(Operation::SyncConnection, ErrorKind::Timeout, Fate::NotActed);
            return Event::CallFailed(self.failed(error, CallFailureKind::of_call));
        }
        let connections = Connections { caller: caller.until(end) };
        match connections.sync(job.connection_id(), &request).await {
            Ok(SyncStart::Started) => Event::Started,
            Ok(SyncStart::UserNeeded(session)) => {
                self.session = Some(session);
                Event::UserNeeded
            }
            // The status says it all, only the session is lost.
            Err(error) if error.status() == Some(StatusCode::ACCEPTED) => {
                self.error = Some(error);
                Event::UserNeeded
            }
            Err(error) => Event::CallFailed(self.failed(error, CallFailureKind::of_call)),
        }
    }

    fn failed(&mut self, error: Error, kind: fn(&Error) -> CallFailureKind) -> CallFailure {
        let message = error.message().map_or_else(|| error.to_string(), str::to_owned);
        let failure = CallFailure { kind: kind(&error), message };
        self.error = Some(error);
        failure
    }

    async fn wait(&mut self, job: &SyncJob, until: Timestamp) -> Event {
        let transaction = self.seen.as_ref().and_then(|seen| seen.transaction.as_deref());
        let is_meant = |name: &str| name == job.connection_id() || Some(name) == transaction;
        let nudged = self.nudges.hear(is_meant);
        match timeout_at(self.clock.instant(until), nudged).await {
            Ok(()) => Event::Nudged,
            Err(_due) => Event::Woken,
        }
    }

    /// Has the job stored. What the store says goes to the caller alone: it may tell of passwords.
    async fn save(&mut self, job: &SyncJob, next: &Action) -> bool {
        let Some(save) = self.save else { return true };
        let limit = self.clock.deadline(job).max(later(Instant::now(), SAVING_TAKES_AT_LEAST));
        let saved = timeout_at(limit, save(job.clone())).await;
        let failure: Arc<dyn std::error::Error + Send + Sync> = match saved {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => error.into(),
            Err(late) => Arc::new(late),
        };
        warn!("the sync job could not be stored");
        let is_called = !matches!(next, Action::Call { .. });
        let fate = if is_called { job.fate() } else { Fate::NotActed };
        let error = Error::new(Operation::SyncConnection, ErrorKind::NotStored, fate);
        // At the end it does not hide what the sync ended with.
        if job.report().is_none() || self.error.is_none() {
            self.error = Some(error.caused_by(failure));
        }
        false
    }

    fn finish(self, report: SyncReport, job: SyncJob, lead: Lead) -> Result<FinishedSync, Error> {
        match (&report, self.error) {
            (SyncReport::NotStarted { .. }, Some(error)) => Err(error),
            (_, error) => {
                let (session, connection) = (self.session, self.seen);
                let error = error.map(Arc::new);
                let finished = FinishedSync { report, session, connection, error, job };
                lead.finish(&finished);
                Ok(finished)
            }
        }
    }
}
