//! Runs sync jobs: a thin loop around [`SyncJob`].

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug, info_span, warn};
use xs2a_client::types::{
    Connection, SyncConnectionRequest, SyncConnectionResponse, SyncMode, WizardSession,
};
use xs2a_client::{Fate, Operation, Secret};

use super::calls::Connections;
use crate::call::{Caller, instant_after};
use crate::error::{Error, ErrorKind, SourceError};
use crate::ids::{ConnectionId, ConnectionKey};
use crate::sync::{
    Action, CallFailure, CallFailureKind, Ended, Follower, JobUpdate, Lead, Listener, Observation,
    Role, Snapshot, Stored, SyncError, SyncHistory, SyncJob, SyncOutcome, SyncPolicy, SyncReport,
    SyncStart, UserSession,
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Progress = dyn FnMut(&Action) + Send;
type Save = dyn Fn(JobUpdate) -> BoxFuture<'static, Result<Stored, BoxError>> + Send + Sync;

/// The time that a store gets at least, also where the deadline is nearer, or past.
const SAVING_TAKES_AT_LEAST: Duration = Duration::from_secs(1);

impl Connections {
    /// Syncs a connection as far as is right, and waits for the outcome.
    ///
    /// The run looks first, and refuses by rule what should not be sent: a sync of a disabled
    /// connection, the last attempt, a sync of a `shared` connection without
    /// [`credentials`](SyncRun::credentials). It calls with `force` where the connection's state
    /// needs it. Then it watches until the outcome shows, the user is needed, or the policy's
    /// deadline is over. The call is never repeated while its fate is open.
    ///
    /// Costs one look, at most one sync that the server acts on, and further looks at a growing
    /// distance. A connection has one sync in flight per bank user: a second caller gets the outcome
    /// of the first. The future can be dropped at any point; the next caller, within ten minutes of
    /// the deadline, goes on from there, looking first.
    ///
    /// To answer before the sync has ended, in a web request for example: [`SyncRun::start`].
    ///
    /// # Errors
    /// Every end but a success and a user who is needed; see [`SyncError`].
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let now = sandbox.now();
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).clock(move || now).build()?;
    /// use xs2a::SyncOutcome;
    ///
    /// match user.connections().sync(&id).await? {
    ///     SyncOutcome::Succeeded(synced) => println!("fresh as of {:?}", synced.last_synced),
    ///     SyncOutcome::UserNeeded(session) => println!("show the wizard of {session:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn sync(&self, id: impl Into<ConnectionId>) -> SyncRun {
        SyncRun::new(self, Begin::New(id.into(), SyncPolicy::default()))
    }

    /// Takes up a job that was stored half-way, in another process perhaps, and runs it to its end.
    /// The run looks before it does anything else, and does not sync twice.
    ///
    /// The job keeps its policy and its deadline. A job that is taken up after its deadline, with the
    /// fate of a call open, looks once and ends.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let now = sandbox.now();
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).clock(move || now).build()?;
    /// use xs2a::sync::{SyncJob, SyncStart};
    ///
    /// if let SyncStart::Started(job) = user.connections().sync(&id).start().await? {
    ///     let stored = serde_json::to_string(&job)?;
    ///     // In another process:
    ///     let job: SyncJob = serde_json::from_str(&stored)?;
    ///     let outcome = user.connections().resume(job).await?;
    ///     println!("{outcome:?}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn resume(&self, job: SyncJob) -> SyncRun {
        SyncRun::new(self, Begin::Stored(Box::new(job)))
    }

    /// Watches a connection until it changes, and never calls a sync: for the sync of another worker,
    /// or the service's own.
    ///
    /// Costs looks at a growing distance.
    ///
    /// # Errors
    /// [`SyncReport::NoChange`] when nothing changed by the policy's deadline; see [`SyncError`].
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let now = sandbox.now();
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).clock(move || now).build()?;
    /// use xs2a::sync::SyncReport;
    ///
    /// let ended = user.connections().watch(&id).await;
    /// assert_eq!(ended.unwrap_err().report(), &SyncReport::NoChange);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn watch(&self, id: impl Into<ConnectionId>) -> SyncRun {
        SyncRun::new(self, Begin::Watch(id.into(), SyncPolicy::default()))
    }
}

enum Begin {
    New(ConnectionId, SyncPolicy),
    Watch(ConnectionId, SyncPolicy),
    Stored(Box<SyncJob>),
}

/// How far a run goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the server's answer, or to the first wait without one.
    Answer,
    /// To the end of the job.
    End,
}

/// A sync that runs when it is awaited. [`Connections::sync`] and [`Connections::resume`] give it.
#[must_use = "nothing is synced until it is awaited"]
pub struct SyncRun {
    connections: Connections,
    begin: Begin,
    credentials: Option<Secret>,
    history: Option<SyncHistory>,
    seen: Option<Connection>,
    save: Option<Box<Save>>,
    progress: Option<Box<Progress>>,
}

impl SyncRun {
    fn new(connections: &Connections, begin: Begin) -> Self {
        Self {
            connections: connections.clone(),
            begin,
            credentials: None,
            history: None,
            seen: None,
            save: None,
            progress: None,
        }
    }

    /// Sets how to sync. A job that is resumed keeps its own policy.
    pub fn policy(mut self, policy: SyncPolicy) -> Self {
        if let Begin::New(_, default) | Begin::Watch(_, default) = &mut self.begin {
            *default = policy;
        }
        self
    }

    /// Sets your half of the credentials, for a connection in mode `shared`. It is not stored with
    /// the job.
    pub fn credentials(mut self, half: impl Into<Secret>) -> Self {
        self.credentials = Some(half.into());
        self
    }

    /// Sets what earlier syncs of the connection have left
    /// ([`SyncJob::history`](crate::sync::SyncJob::history) of the job before). A job that is resumed
    /// keeps its own history.
    pub fn history(mut self, history: SyncHistory) -> Self {
        self.history = Some(history);
        self
    }

    /// Hands in the connection as a list has just shown it, in place of the first look. A resumed job
    /// whose call is open looks all the same.
    pub fn seen(mut self, connection: Connection) -> Self {
        self.seen = Some(connection);
        self
    }

    /// Has the job stored before the sync is called, and when more is known of it. A sync whose job
    /// could not be stored is not called; after three failures of the store the run ends. The job that
    /// was stored last can be [resumed](Connections::resume) after a crash. A run that waits for the
    /// sync of another caller stores nothing: the other caller's run stores.
    ///
    /// The store compares and swaps by [`JobUpdate::replaces`], and answers [`Stored::Superseded`]
    /// when another holder has gone on with the job. A store that overwrites without comparing loses
    /// a promise: two workers that hold one stored job may then sync twice. See
    /// [the retry rules](crate::retry_rules#storing-and-resuming-a-job).
    pub fn save_with<S, F, E>(mut self, save: S) -> Self
    where
        S: Fn(JobUpdate) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Stored, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.save =
            Some(Box::new(move |job| save(job).map(|saved| saved.map_err(Into::into)).boxed()));
        self
    }

    /// Has each step told before it is taken. A run that waits for the sync of another caller tells
    /// nothing.
    pub fn on_progress(mut self, progress: impl FnMut(&Action) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Runs the sync up to the server's answer, and hands back the job.
    ///
    /// The same look, the same rules and the same call as when the run is awaited. But the run does
    /// not wait: where it would have to, without an answer, it ends in an error whose
    /// [`job`](SyncError::job) can be resumed. So a web request is answered at once, and a worker
    /// [resumes](Connections::resume) the stored job. Where a sync of the connection runs already,
    /// that job comes back.
    ///
    /// Costs one look and at most one sync that the server acts on.
    ///
    /// # Errors
    /// Every beginning but a started sync and a user who is needed; see [`SyncError`].
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let now = sandbox.now();
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).clock(move || now).build()?;
    /// use xs2a::sync::SyncStart;
    ///
    /// match user.connections().sync(&id).start().await? {
    ///     SyncStart::Started(job) => println!("store {}", serde_json::to_string(&job)?),
    ///     SyncStart::UserNeeded(session) => println!("show the wizard of {session:?}"),
    ///     SyncStart::Ended(synced) => println!("fresh as of {:?}", synced.last_synced),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn start(self) -> Result<SyncStart, SyncError> {
        let ended = self.run(Until::Answer).await;
        if ended.report == SyncReport::StillRunning {
            return Ok(SyncStart::Started(ended.job));
        }
        match ended.outcome()? {
            SyncOutcome::UserNeeded(session) => Ok(SyncStart::UserNeeded(session)),
            // The sync that ran already has ended meanwhile.
            SyncOutcome::Succeeded(synced) => Ok(SyncStart::Ended(synced)),
        }
    }

    /// Runs as far as is asked. What waits for minutes is kept small: the run and its driver are boxed,
    /// and so is each step of the driver, which is as large as a call only while it calls.
    fn run(self, until: Until) -> impl Future<Output = Ended> + Send + 'static {
        let run = Box::new(self);
        async move {
            match run.begin(until) {
                Ok((driver, job)) => driver.run(job).await,
                Err(ended) => *ended,
            }
        }
    }

    /// The driver and its job, or the end of a job that has ended already.
    fn begin(self: Box<Self>, until: Until) -> Result<(Box<Driver>, Box<SyncJob>), Box<Ended>> {
        let run = *self;
        let caller = run.connections.caller();
        let is_resumed = matches!(run.begin, Begin::Stored(_));
        let clock = Clock::new(caller, is_resumed);
        let seed = caller.random().to_bits();
        let job = match run.begin {
            Begin::Stored(job) => *job,
            Begin::New(id, policy) => SyncJob::new(id, policy, clock.now()).with_seed(seed),
            Begin::Watch(id, policy) => SyncJob::watching(id, policy, clock.now()).with_seed(seed),
        };
        let mut job = job.with_credentials_at_hand(run.credentials.is_some());
        if let Some(report) = job.report() {
            return Err(Box::new(Ended::new(report.clone(), job)));
        }
        if let (Some(history), 0) = (run.history, job.revision()) {
            job = job.with_history(history);
        }
        let driver = Driver {
            nudges: run.connections.client.nudges.listen(),
            connections: run.connections,
            credentials: run.credentials,
            save: run.save,
            progress: run.progress,
            clock,
            until,
            has_taken_over: false,
            given: run.seen.map(Box::new),
            connection: None,
            session: None,
            error: None,
        };
        Ok((Box::new(driver), Box::new(job)))
    }
}

impl IntoFuture for SyncRun {
    type Output = Result<SyncOutcome, SyncError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.run(Until::End).map(Ended::outcome).boxed()
    }
}

/// The server's time, as far as its answers have told it: the wall clock at the beginning, moved on
/// by tokio's clock.
struct Clock {
    start: Timestamp,
    instant: Instant,
    /// Whether an answer has told the server's time.
    is_servers: bool,
    /// Whether another clock has set the job's deadline: that of the process before.
    is_resumed: bool,
}

impl Clock {
    fn new(caller: &Caller, is_resumed: bool) -> Self {
        let (start, is_servers) = (caller.server_now(), caller.server_ahead().is_some());
        Self { start, instant: Instant::now(), is_servers, is_resumed }
    }

    fn now(&self) -> Timestamp {
        self.start.checked_add(self.instant.elapsed()).unwrap_or(Timestamp::MAX)
    }

    /// Takes over the server's clock when its first answer has told it: our own clock may be wrong, or
    /// have jumped since the beginning. A job that this run began was written by our clock, and moves
    /// along: what is left of its time stays the same.
    fn set(&mut self, caller: &Caller, job: &mut SyncJob) {
        if self.is_servers || caller.server_ahead().is_none() {
            return;
        }
        self.is_servers = true;
        let before = self.start;
        let start = caller.server_now().checked_sub(self.instant.elapsed());
        self.start = start.unwrap_or(before);
        if !self.is_resumed {
            job.shift(self.start.duration_since(before));
        }
    }

    /// The job's deadline by tokio's clock.
    fn deadline(&self, job: &SyncJob) -> Instant {
        self.instant_of(job.deadline())
    }

    fn instant_of(&self, at: Timestamp) -> Instant {
        let ahead = at.duration_since(self.start).max(SignedDuration::ZERO).unsigned_abs();
        instant_after(self.instant, ahead)
    }

    /// Waits for the sync of another caller. `None` when there is none to wait for any more: then
    /// `job` goes on from where the other job was.
    async fn follow(
        &mut self,
        mut first: Follower,
        caller: &Caller,
        job: &mut SyncJob,
        until: Until,
    ) -> Option<Ended> {
        let is_enough = |shown: &SyncJob| until == Until::Answer && shown.has_to_wait(self.now());
        let ended = async {
            let shown = first
                .wait_for(|shown| shown.ended.is_some() || is_enough(&shown.job))
                .await
                .ok()?;
            // A job that has not called yet obeys the policy of its caller.
            let as_far_as = if shown.job.is_open() { &shown.job } else { &*job };
            let so_far = || Ended::new(shown.job.late_report(), as_far_as.clone());
            Some(shown.ended.as_deref().cloned().unwrap_or_else(so_far))
        };
        let ended = timeout_at(self.deadline(job), ended).await;
        // Our own instants move. What is taken over is by the server's clock already.
        self.set(caller, job);
        job.take_over(&first.borrow().job);
        match ended {
            Ok(Some(ended)) => Some(ended),
            Ok(None) if self.now() < job.deadline() => None,
            _late if job.is_open() => Some(Ended::new(job.late_report(), job.clone())),
            _late => {
                let message = Some("another sync of the connection is in the way".to_owned());
                Some(Ended::new(SyncReport::NotSent { message }, job.clone()))
            }
        }
    }
}

/// Carries out what a job asks for.
struct Driver {
    connections: Connections,
    nudges: Listener,
    credentials: Option<Secret>,
    save: Option<Box<Save>>,
    progress: Option<Box<Progress>>,
    clock: Clock,
    until: Until,
    /// Whether the job goes on from where another one was, which is not stored yet.
    has_taken_over: bool,
    /// What stands for the first look.
    given: Option<Box<Connection>>,
    connection: Option<Box<Connection>>,
    session: Option<Box<WizardSession>>,
    error: Option<Error>,
}

impl Driver {
    /// Joins the sync of the connection that is in flight, or leads one.
    async fn run(mut self: Box<Self>, mut job: Box<SyncJob>) -> Ended {
        let was_open = job.is_open();
        let lead = loop {
            if job.only_watches() {
                break None;
            }
            let in_flight = &self.connections.client.user.in_flight;
            match in_flight.join(&mut job, self.clock.now()) {
                Role::Lead(lead) => break Some(lead),
                Role::Follow(first) => {
                    let caller = self.connections.caller();
                    let following = self.clock.follow(first, caller, &mut job, self.until);
                    if let Some(ended) = following.boxed().await {
                        return ended;
                    }
                }
            }
        };
        self.has_taken_over = job.is_open() && !was_open;
        let span = info_span!("xs2a.sync", xs2a.connection_id = job.connection_id().as_str());
        self.drive(job, lead).instrument(span).await
    }

    async fn drive(mut self: Box<Self>, mut job: Box<SyncJob>, lead: Option<Lead>) -> Ended {
        let show = |job: &SyncJob| lead.iter().for_each(|lead| lead.show(job));
        self.nudges.listen_for(ConnectionKey::from(job.connection_id()));
        let mut seen = Observation::Begin;
        loop {
            let is_answer = matches!(
                seen,
                Observation::Started | Observation::UserNeeded | Observation::CallFailed(_)
            );
            let action = job.step(seen, self.clock.now());
            // The details of an action hold the server's words, which are not ours to log.
            debug!(xs2a.step = action.name(), "sync job");
            if let Some(progress) = &mut self.progress {
                progress(&action);
            }
            let has_taken_over = std::mem::take(&mut self.has_taken_over);
            let is_news = is_answer || job.is_calling() || has_taken_over || job.report().is_some();
            let saved = match is_news {
                true => self.save(&mut job).boxed().await,
                false => Ok(Stored::Kept),
            };
            seen = match (action, saved) {
                (Action::Finish(report), _) => {
                    let ended = self.end(report, *job);
                    lead.into_iter().for_each(|lead| lead.end(&ended));
                    return ended;
                }
                (_, Ok(Stored::Superseded)) => Observation::Superseded,
                (Action::Call { .. }, Err(failure)) => Observation::CallFailed(failure),
                (Action::Call { force }, Ok(Stored::Kept)) => {
                    // Others see an intention only once it is stored.
                    show(&job);
                    let answer = self.call(&job, force).boxed().await;
                    self.clock.set(self.connections.caller(), &mut job);
                    answer
                }
                (Action::Look, _) => {
                    show(&job);
                    let looked = self.look(&job).boxed().await;
                    self.clock.set(self.connections.caller(), &mut job);
                    looked
                }
                (Action::WaitUntil(at), _) if self.until == Until::End => {
                    show(&job);
                    self.wait(at).await
                }
                (Action::WaitUntil(_), _) => {
                    lead.into_iter().for_each(|lead| lead.leave(&job));
                    return self.end(job.late_report(), *job);
                }
            };
        }
    }

    async fn look(&mut self, job: &SyncJob) -> Observation {
        // A job that is taken up after its deadline looks all the same.
        let connections = if self.clock.now() >= job.deadline() {
            self.connections.clone()
        } else {
            self.connections.until(self.clock.deadline(job))
        };
        let given = self.given.take().filter(|_| !job.is_open());
        let looked = match given {
            Some(connection) => Ok(*connection),
            // The job repeats by its own rules.
            None => connections.once().get(job.connection_id()).await,
        };
        match looked {
            Ok(mut connection) => {
                // A server may repeat what it was sent.
                let caller = self.connections.caller().concealing(self.credentials.clone());
                let snapshot = Snapshot::concealing(&connection, &caller.secrets());
                connection.sync_message.clone_from(&snapshot.message);
                if let Some(transaction) = &connection.transaction {
                    self.nudges.listen_for(ConnectionKey::from(transaction));
                }
                self.connection = Some(Box::new(connection));
                Observation::Looked(snapshot)
            }
            Err(error) => {
                let failure = CallFailure::from_look(&error);
                self.error = Some(error);
                Observation::LookFailed(failure)
            }
        }
    }

    async fn call(&mut self, job: &SyncJob, force: bool) -> Observation {
        let mut request = SyncConnectionRequest::new();
        if force {
            request = request.force(true);
        }
        let mode = self.connection.as_ref().and_then(|connection| connection.sync_mode.as_ref());
        if let (Some(SyncMode::Shared), Some(half)) = (mode, &self.credentials) {
            request = request.credentials(half.clone());
        }
        let (end, whole) = (self.clock.deadline(job), job.policy().deadline());
        // By the wall clock, too: it goes on while a machine sleeps.
        let is_late = self.connections.caller().server_now() >= job.deadline();
        let answer = if !is_late && self.connections.caller().has_time_to_connect(end, whole) {
            let connections = self.connections.until(end).once();
            connections.sync_without_rules(job.connection_id(), &request).await
        } else {
            Err(Error::new(Operation::SyncConnection, ErrorKind::Timeout, Fate::NotActed))
        };
        match answer {
            Ok(SyncConnectionResponse::NoContent) => Observation::Started,
            Ok(SyncConnectionResponse::Accepted(session)) => {
                self.session = Some(Box::new(session));
                Observation::UserNeeded
            }
            // A success that is new to this version.
            Ok(_) => {
                let kind = ErrorKind::UnexpectedStatus;
                self.call_failed(Error::new(Operation::SyncConnection, kind, Fate::Acted))
            }
            // The status says it all; only the session is lost.
            Err(error) if error.status() == Some(StatusCode::ACCEPTED) => {
                self.error = Some(error);
                Observation::UserNeeded
            }
            Err(error) => self.call_failed(error),
        }
    }

    fn call_failed(&mut self, error: Error) -> Observation {
        let failure = CallFailure::from_call(&error);
        self.error = Some(error);
        Observation::CallFailed(failure)
    }

    async fn wait(&mut self, until: Timestamp) -> Observation {
        match timeout_at(self.clock.instant_of(until), self.nudges.hear()).await {
            Ok(()) => Observation::Nudged,
            Err(_due) => Observation::Woken,
        }
    }

    /// Has the job stored. The store's own words go to the caller alone: they may hold passwords.
    async fn save(&mut self, job: &mut SyncJob) -> Result<Stored, CallFailure> {
        let Some(save) = &self.save else { return Ok(Stored::Kept) };
        let update = JobUpdate::of(job);
        let is_intention = update.is_intention();
        let least = instant_after(Instant::now(), SAVING_TAKES_AT_LEAST);
        let limit = self.clock.deadline(job).max(least);
        let failure: SourceError = match timeout_at(limit, save(update)).await {
            Ok(Ok(Stored::Kept)) => return Ok(Stored::Kept),
            Ok(Ok(Stored::Superseded)) => {
                job.was_not_stored();
                return Ok(Stored::Superseded);
            }
            Ok(Err(error)) => error.into(),
            Err(late) => Arc::new(late),
        };
        warn!("the sync job could not be stored");
        job.was_not_stored();
        let fate = if is_intention { Fate::NotActed } else { job.fate() };
        let error = Error::new(Operation::SyncConnection, ErrorKind::NotStored, fate);
        // At the end, the store's failure does not hide what the sync ended with.
        if job.report().is_none() || self.error.is_none() {
            self.error = Some(error.caused_by(failure));
        }
        let message = "the job could not be stored".to_owned();
        Err(CallFailure { kind: CallFailureKind::NotStored, message })
    }

    fn end(self, report: SyncReport, job: SyncJob) -> Ended {
        let session = self.session.zip(job.baseline()).map(|(session, baseline)| {
            UserSession::renewing(*session, job.connection_id().clone(), baseline)
        });
        let connection = self.connection.map(|connection| *connection);
        Ended { report, job, session, connection, error: self.error.map(Arc::new) }
    }
}
