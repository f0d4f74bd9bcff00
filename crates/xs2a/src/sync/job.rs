//! One sync of one connection, from the first look to the report, as a state machine without I/O.

use std::time::Duration;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use xs2a_client::{Fate, Operation};

use super::baseline::Baseline;
use super::history::SyncHistory;
use super::policy::{
    MOST_FAILED_LOOKS, SHORTEST_TO_NUDGED, SyncPolicy, pause_after_failures, timestamp_after,
    with_a_last_look, with_time_to_call,
};
use super::report::SyncReport;
use super::snapshot::Snapshot;
use crate::error::{Error, ErrorKind};
use crate::ids::ConnectionId;

/// What the job is told: what happened since its last action.
///
/// While a call is under way, only the answer to the call tells how it went. Any other observation,
/// [`Begin`](Self::Begin) above all, says that nobody knows. Apart from that, an observation that
/// does not fit changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Observation {
    /// This process takes the job up: new, or as it was stored.
    Begin,
    /// A look showed this.
    Looked(Snapshot),
    /// A look failed.
    LookFailed(CallFailure),
    /// The sync was answered with 204: it runs in the background.
    Started,
    /// The sync was answered with 202: the bank wants the user.
    UserNeeded,
    /// The call of the sync failed.
    CallFailed(CallFailure),
    /// Something hints that the connection has changed: a webhook arrived.
    Nudged,
    /// The instant of [`Action::WaitUntil`] has come.
    Woken,
    /// The store holds another revision of this job: another holder has gone on with it.
    Superseded,
}

/// What the job asks for next.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Get the connection; answer with [`Observation::Looked`] or [`Observation::LookFailed`].
    Look,
    /// Store the job, then call the sync, once; answer with [`Observation::Started`],
    /// [`Observation::UserNeeded`] or [`Observation::CallFailed`].
    Call {
        /// Whether to call with `force`.
        force: bool,
    },
    /// Wait until then; answer with [`Observation::Woken`], or earlier with
    /// [`Observation::Nudged`].
    WaitUntil(Timestamp),
    /// The job is done.
    Finish(SyncReport),
}

impl Action {
    /// The word for this action in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Call { .. } => "call",
            Self::WaitUntil(_) => "wait",
            Self::Finish(_) => "finish",
        }
    }
}

/// Why a call failed, as far as the rules care.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallFailure {
    /// What is known of the failure.
    pub kind: CallFailureKind,
    /// A sentence for a person. It is stored with the job, so keep secrets out of it.
    pub message: String,
}

/// What is known of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallFailureKind {
    /// Provably not sent: the call may be tried again.
    NeverSent,
    /// 429, not acted on: the call may be tried again, after the pause that the server asked for.
    Throttled {
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// Refused and not acted on, and the same call would be refused again.
    Refused {
        /// The status of the answer. `None` where the call was refused before it was sent.
        status: Option<u16>,
    },
    /// The job could not be stored, so nothing was sent: it may be tried again.
    NotStored,
    /// The bank user is gone, and with the user everything else. Nothing was sent.
    UserGone,
    /// Anything else: the server may have acted, or it has and the answer is lost.
    Lost,
}

impl CallFailure {
    /// What the error of a look ([`Connections::get`](crate::Connections::get)) means to the job: a
    /// look may be repeated, unless the next one would fail in the same way.
    pub fn from_look(error: &Error) -> Self {
        Self { kind: CallFailureKind::from_look(error), message: error.sentence() }
    }

    /// What the error of a sync
    /// ([`Connections::sync_without_rules`](crate::Connections::sync_without_rules)) means to the
    /// job: that follows from the fate of the call.
    pub fn from_call(error: &Error) -> Self {
        Self { kind: CallFailureKind::from_call(error), message: error.sentence() }
    }
}

impl CallFailureKind {
    fn from_look(error: &Error) -> Self {
        let status = error.status().map(|status| status.as_u16());
        match error.kind() {
            ErrorKind::Throttled => Self::Throttled { retry_after: error.retry_after() },
            ErrorKind::Rejected if matches!(status, Some(408 | 425)) => Self::Lost,
            ErrorKind::InvalidRequest
            | ErrorKind::Unauthorized
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::UnexpectedStatus
            | ErrorKind::TooLarge
            | ErrorKind::Undecodable => Self::Refused { status },
            ErrorKind::NoToken => Self::from_missing_token(error),
            _ => Self::Lost,
        }
    }

    fn from_call(error: &Error) -> Self {
        match (error.fate(), error.kind()) {
            (Fate::Unknown | Fate::Acted, _) => Self::Lost,
            (_, ErrorKind::Throttled) => Self::Throttled { retry_after: error.retry_after() },
            (_, ErrorKind::NoToken) => Self::from_missing_token(error),
            (_, ErrorKind::Connect | ErrorKind::Timeout) => Self::NeverSent,
            // A server that closes an idle connection has not read the request.
            _ if error.status() == Some(StatusCode::REQUEST_TIMEOUT) => Self::NeverSent,
            _ => Self::Refused { status: error.status().map(|status| status.as_u16()) },
        }
    }

    /// Without a token nothing is sent. A service that refused to give a token will refuse again. Its
    /// status says nothing of the connection: a 404 to a request for a token means that the user is
    /// gone.
    fn from_missing_token(error: &Error) -> Self {
        let source = std::error::Error::source(error);
        let mut causes = std::iter::successors(source, |cause| cause.source());
        let cause = causes.find_map(|cause| cause.downcast_ref::<Error>());
        match cause.map(|cause| (cause.operation(), Self::from_look(cause))) {
            Some((Operation::CreateAccessToken, Self::Refused { status: Some(404) })) => {
                Self::UserGone
            }
            Some((_, Self::Refused { .. })) => Self::Refused { status: None },
            _ => Self::NeverSent,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// Nothing is under way.
    Looking {
        not_before: Timestamp,
        /// How long before `not_before` the wait began: a holder whose clock is slow waits no longer.
        pause: Duration,
        obstacle: Option<String>,
    },
    /// The intention: from here on the call may have been sent.
    Calling { force: bool, baseline: Baseline },
    /// The call was sent, or may have been; or there is no call, and the job only watches.
    Watching {
        watched: Watched,
        baseline: Baseline,
        next_look: Timestamp,
        /// No hint brings the next look forward past this instant.
        not_before: Timestamp,
    },
    /// There is a report. The baseline is there where a call was made.
    Done { report: SyncReport, baseline: Option<Baseline> },
}

/// What a job watches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Watched {
    /// Our call, which was answered with 204.
    Started,
    /// Our call, whose fate is unknown.
    Lost,
    /// The sync of somebody else, because the server refused ours.
    Refused { status: Option<u16>, message: String },
    /// The sync of somebody else, because the caller wants no call.
    NoCall,
}

/// The version of the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&str", try_from = "String")]
struct Version;

impl From<Version> for &str {
    fn from(Version: Version) -> Self {
        "2"
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(version: String) -> Result<Self, String> {
        match version.as_str() {
            "2" => Ok(Self),
            other => Err(format!(
                "a sync job in form {other}, and this version of xs2a reads form 2: \
                 let the job end with the version that stored it, or look and begin another sync"
            )),
        }
    }
}

/// One sync of one connection: what has been done for it, and what is to be done next.
///
/// - It looks before it calls, and refuses by rule what should not be sent.
/// - It calls at most once, unless it is certain that the server did not act.
/// - A call whose fate is unknown is settled by looking, never by calling again. The same holds for
///   a call that was intended when the process crashed.
/// - It has a report by its deadline, whatever happens. (A job that is taken up after its deadline,
///   with the fate of a call open, looks once more before it reports.)
///
/// The job never calls, sleeps, reads a clock or draws a random number, so it can be driven by any
/// runtime or queue. Store it **before** its action is carried out, and tell
/// [`Observation::Begin`] to a job that was read back.
///
/// It serialises with the version of its format and without secrets. A version that this crate does
/// not know is an error when the job is read.
///
/// ```
/// use xs2a::sync::{Action, Observation, SyncJob};
/// use xs2a::{Snapshot, SyncPolicy};
///
/// let now = "2026-01-31T10:00:00Z".parse()?;
/// let mut job = SyncJob::new("c-1", SyncPolicy::default(), now);
/// assert_eq!(job.step(Observation::Begin, now), Action::Look);
/// assert_eq!(job.step(Observation::Looked(Snapshot::default()), now), Action::Call { force: false });
///
/// // The process crashes here: the sync may have been sent, or not.
/// let stored = serde_json::to_string(&job)?;
/// let mut job: SyncJob = serde_json::from_str(&stored)?;
/// assert_eq!(job.step(Observation::Begin, now), Action::Look);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use = "a job does nothing by itself"]
pub struct SyncJob {
    version: Version,
    /// How often the job was stored.
    revision: u64,
    connection_id: ConnectionId,
    policy: SyncPolicy,
    history: SyncHistory,
    credentials_at_hand: bool,
    only_watches: bool,
    deadline: Timestamp,
    /// When a call whose outcome has not shown is given up.
    settles_at: Option<Timestamp>,
    seed: u64,
    pauses: u32,
    failed_looks: u32,
    throttled: u32,
    unstored: u32,
    phase: Phase,
}

/// A job that met this many 429s, or stores that failed, ends.
const MOST_TRIES: u32 = 3;

impl SyncJob {
    /// A job that starts now and reports within the policy's span.
    pub fn new(connection_id: impl Into<ConnectionId>, policy: SyncPolicy, now: Timestamp) -> Self {
        Self {
            version: Version,
            revision: 0,
            connection_id: connection_id.into(),
            deadline: timestamp_after(now, policy.deadline()),
            policy,
            history: SyncHistory::default(),
            credentials_at_hand: false,
            only_watches: false,
            settles_at: None,
            seed: 0,
            pauses: 0,
            failed_looks: 0,
            throttled: 0,
            unstored: 0,
            phase: Phase::Looking { not_before: now, pause: Duration::ZERO, obstacle: None },
        }
    }

    /// A job that never calls: it looks, and watches until the connection changes. For the sync of
    /// another worker, or the service's own.
    pub fn watching(
        connection_id: impl Into<ConnectionId>,
        policy: SyncPolicy,
        now: Timestamp,
    ) -> Self {
        Self { only_watches: true, ..Self::new(connection_id, policy, now) }
    }

    /// Sets what earlier syncs of the connection have left.
    pub fn with_history(mut self, history: SyncHistory) -> Self {
        self.history = history;
        self
    }

    /// Sets whether your half of the shared credentials will be sent with the call.
    pub fn with_credentials_at_hand(mut self, at_hand: bool) -> Self {
        self.credentials_at_hand = at_hand;
        self
    }

    /// Sets where the random part of the pauses comes from: a random number, or a fixed one in
    /// tests.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Moves the deadline. A job that has reported that the sync still runs, or that its fate is
    /// unknown, goes on watching; it does not call again.
    pub fn with_deadline(mut self, deadline: Timestamp) -> Self {
        self.deadline = deadline;
        self
    }

    /// What this sync and earlier ones have left, to be stored with the connection.
    pub fn history(&self) -> &SyncHistory {
        &self.history
    }

    /// How often the job was stored: 0 for a job that never was.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The connection.
    pub fn connection_id(&self) -> &ConnectionId {
        &self.connection_id
    }

    /// How the connection is synced.
    pub fn policy(&self) -> &SyncPolicy {
        &self.policy
    }

    /// The instant by which there is a report.
    pub fn deadline(&self) -> Timestamp {
        self.deadline
    }

    /// The report, once there is one. A report that is due only because the deadline has passed is
    /// not kept: a later deadline may still bring an answer.
    pub fn report(&self) -> Option<&SyncReport> {
        match &self.phase {
            Phase::Done { report, .. } => Some(report),
            _ => None,
        }
    }

    /// Whether a call was sent, or may have been, and its outcome has not shown yet.
    pub fn is_open(&self) -> bool {
        match &self.phase {
            Phase::Calling { .. } => true,
            Phase::Watching { watched, .. } => {
                matches!(watched, Watched::Started | Watched::Lost)
            }
            Phase::Looking { .. } | Phase::Done { .. } => false,
        }
    }

    pub(crate) fn is_calling(&self) -> bool {
        matches!(self.phase, Phase::Calling { .. })
    }

    pub(crate) fn only_watches(&self) -> bool {
        self.only_watches
    }

    /// Gives the job another revision, to be stored; says which one that replaces in the store.
    pub(super) fn revise(&mut self) -> Option<u64> {
        let replaces = (self.revision > 0).then_some(self.revision);
        self.revision += 1;
        replaces
    }

    /// The last revision did not reach the store.
    pub(crate) fn was_not_stored(&mut self) {
        self.revision = self.revision.saturating_sub(1);
    }

    /// A wrong clock wrote the instants of this job. Moves them by the clock's error, those of the open
    /// call included. What earlier jobs have left stays.
    pub(crate) fn shift(&mut self, by: SignedDuration) {
        let shift = |at: &mut Timestamp| *at = at.saturating_add(by).unwrap_or(*at);
        shift(&mut self.deadline);
        self.settles_at.iter_mut().for_each(shift);
        match &mut self.phase {
            Phase::Looking { not_before, .. } => shift(not_before),
            Phase::Watching { next_look, not_before, .. } => {
                shift(next_look);
                shift(not_before);
            }
            Phase::Calling { .. } | Phase::Done { .. } => {}
        }
        if self.is_open() {
            self.history.shift_last_intention(shift);
        }
    }

    /// Whether the job has to wait: for the outcome of its call, or before it may look again.
    pub(crate) fn has_to_wait(&self, now: Timestamp) -> bool {
        match &self.phase {
            Phase::Watching { .. } => true,
            Phase::Looking { not_before, .. } => now < *not_before,
            Phase::Calling { .. } | Phase::Done { .. } => false,
        }
    }

    /// Whether the server acted on the sync, as far as is known.
    pub fn fate(&self) -> Fate {
        use SyncReport::{Failed, StillRunning, Succeeded, UserNeeded};
        use SyncReport::{FateUnknown, NotSeenToAct};
        use SyncReport::{Gone, Superseded, UserGone};
        match self.late_report() {
            Succeeded { .. } | Failed { .. } | UserNeeded | StillRunning => Fate::Acted,
            FateUnknown | NotSeenToAct => Fate::Unknown,
            Gone | UserGone | Superseded if self.baseline().is_some() => Fate::Unknown,
            _ => Fate::NotActed,
        }
    }

    /// What the connection showed right before the call, if there was a call.
    pub(crate) fn baseline(&self) -> Option<Baseline> {
        match &self.phase {
            Phase::Calling { baseline, .. } | Phase::Watching { baseline, .. } => Some(*baseline),
            Phase::Done { baseline, .. } => *baseline,
            Phase::Looking { .. } => None,
        }
    }

    /// Takes over the open call of another job for the same connection, unless this job has an open
    /// call itself.
    pub(crate) fn take_over(&mut self, other: &Self) {
        if other.is_open() && !self.is_open() {
            self.phase = other.phase.clone();
            self.history = other.history.clone();
            self.settles_at = other.settles_at;
            self.revision = other.revision;
        }
    }

    /// Takes in what happened and says what to do next. Store the job before the action is carried
    /// out. `now` is the time by the server's clock, or the best that is known of it.
    pub fn step(&mut self, seen: Observation, now: Timestamp) -> Action {
        if let Observation::Looked(snapshot) = &seen {
            self.failed_looks = 0;
            self.history.observe(snapshot);
        }
        match (self.phase.clone(), seen) {
            (Phase::Done { .. }, _) => {}
            (_, Observation::Superseded) => self.done(SyncReport::Superseded),
            (
                Phase::Looking { .. } | Phase::Watching { .. },
                Observation::LookFailed(CallFailure { kind: CallFailureKind::UserGone, .. }),
            ) => self.done(SyncReport::UserGone),
            (Phase::Looking { .. } | Phase::Watching { .. }, Observation::LookFailed(failure))
                if failure.kind == (CallFailureKind::Refused { status: Some(404) }) =>
            {
                self.done(SyncReport::Gone);
            }

            (Phase::Looking { not_before, pause, obstacle }, Observation::Begin) => {
                let not_before = not_before.min(timestamp_after(now, pause));
                self.phase = Phase::Looking { not_before, pause, obstacle };
            }
            (Phase::Looking { .. }, Observation::Looked(seen)) if now < self.deadline => {
                return self.decide(&seen, now);
            }
            (Phase::Looking { .. }, Observation::LookFailed(failure)) => match failure.kind {
                CallFailureKind::Refused { .. } => self.give_up(failure.message),
                _ => self.look_again_after(failure, now),
            },

            (Phase::Calling { baseline, .. }, Observation::CallFailed(failure)) => {
                self.call_failed(failure, baseline, now);
            }
            (Phase::Calling { baseline, .. }, Observation::Started) => {
                self.watch(Watched::Started, baseline, now);
            }
            (Phase::Calling { .. }, Observation::UserNeeded) => {
                self.history.needs_the_user();
                self.done(SyncReport::UserNeeded);
            }
            // A caller that does not tell how the call went does not know.
            (Phase::Calling { baseline, .. }, _) => {
                self.watch(Watched::Lost, baseline, now);
                return Action::Look;
            }

            (Phase::Watching { .. }, Observation::Begin) => return Action::Look,
            (Phase::Watching { .. }, Observation::Nudged) => self.look_earlier(now),
            (Phase::Watching { watched, baseline, .. }, Observation::Looked(seen)) => {
                let outcome = match watched {
                    Watched::Started => baseline.outcome_of_started(&seen),
                    _ => baseline.outcome(&seen),
                };
                match outcome {
                    Some(report) => self.done(report),
                    None if self.settles_at.is_some_and(|at| now >= at) => {
                        self.done(SyncReport::NotSeenToAct);
                    }
                    None => self.look_later(None, now),
                }
            }
            (Phase::Watching { .. }, Observation::LookFailed(failure)) => {
                self.look_later(Some(failure.kind), now);
            }
            _ => {}
        }
        self.due(now)
    }

    /// The report of the sync as it stands, when there is no more time.
    pub(crate) fn late_report(&self) -> SyncReport {
        match &self.phase {
            Phase::Done { report, .. } => report.clone(),
            Phase::Looking { obstacle, .. } => SyncReport::NotSent { message: obstacle.clone() },
            Phase::Calling { .. } => SyncReport::FateUnknown,
            Phase::Watching { watched, .. } => match watched.clone() {
                Watched::Started => SyncReport::StillRunning,
                Watched::Lost => SyncReport::FateUnknown,
                Watched::NoCall => SyncReport::NoChange,
                Watched::Refused { status, message } => {
                    SyncReport::RefusedByServer { status, message }
                }
            },
        }
    }

    /// The action that the phase asks for at this instant.
    fn due(&mut self, now: Timestamp) -> Action {
        // Nothing is under way, so no later look can bring another end.
        if now >= self.deadline && matches!(self.phase, Phase::Looking { .. }) {
            self.done(self.late_report());
        }
        let at = match &self.phase {
            Phase::Done { report, .. } => return Action::Finish(report.clone()),
            Phase::Looking { not_before, .. } => *not_before,
            Phase::Watching { next_look, .. } => *next_look,
            Phase::Calling { .. } => now,
        };
        if now >= self.deadline {
            Action::Finish(self.late_report())
        } else if now < at {
            Action::WaitUntil(at.min(self.deadline))
        } else {
            Action::Look
        }
    }

    /// What to do on what the first look shows: call, if the policy permits a call.
    fn decide(&mut self, seen: &Snapshot, now: Timestamp) -> Action {
        let baseline = Baseline::from(seen);
        if self.only_watches {
            self.watch(Watched::NoCall, baseline, now);
            return self.due(now);
        }
        match seen.permit(&self.policy, &self.history, self.credentials_at_hand, now) {
            Ok(force) => {
                self.history.intend(now, self.deadline);
                self.settles_at = Some(timestamp_after(self.deadline, self.policy.settling()));
                self.phase = Phase::Calling { force, baseline };
                Action::Call { force }
            }
            Err(refusal) => {
                self.done(SyncReport::Refused(refusal));
                self.due(now)
            }
        }
    }

    fn call_failed(&mut self, failure: CallFailure, baseline: Baseline, now: Timestamp) {
        if failure.kind == CallFailureKind::Lost {
            return self.watch(Watched::Lost, baseline, now);
        }
        // Whatever it was, the server did not act.
        self.history.take_back();
        self.settles_at = None;
        match failure.kind {
            CallFailureKind::Refused { status: Some(404) } => self.done(SyncReport::Gone),
            CallFailureKind::UserGone => self.done(SyncReport::UserGone),
            CallFailureKind::Refused { status } => {
                let message = failure.message;
                let is_unexplained = status.is_some_and(|status| !matches!(status, 401 | 403));
                if self.policy.watches_on_refusal() && is_unexplained {
                    self.watch(Watched::Refused { status, message }, baseline, now);
                } else {
                    self.done(SyncReport::RefusedByServer { status, message });
                }
            }
            CallFailureKind::Throttled { retry_after } => {
                self.throttled = self.throttled.saturating_add(1);
                let is_in_time =
                    retry_after.is_none_or(|pause| timestamp_after(now, pause) < self.deadline);
                if self.throttled < MOST_TRIES && is_in_time {
                    self.look_again(failure, now);
                } else {
                    self.done(SyncReport::Throttled { retry_after });
                }
            }
            CallFailureKind::NotStored => {
                self.unstored = self.unstored.saturating_add(1);
                if self.unstored < MOST_TRIES {
                    self.look_again(failure, now);
                } else {
                    self.give_up(failure.message);
                }
            }
            CallFailureKind::NeverSent | CallFailureKind::Lost => self.look_again(failure, now),
        }
    }

    /// Looks again after a look that failed.
    fn look_again_after(&mut self, failure: CallFailure, now: Timestamp) {
        let pause = with_time_to_call(self.pause_after_failure(), self.time_left(now));
        self.begin_anew(failure, pause, now);
    }

    /// Looks again after a call that was not acted on.
    fn look_again(&mut self, failure: CallFailure, now: Timestamp) {
        let pause = self.pause_to_look(now);
        self.pauses = self.pauses.saturating_add(1);
        self.begin_anew(failure, pause, now);
    }

    fn begin_anew(&mut self, failure: CallFailure, pause: Duration, now: Timestamp) {
        let pause = pause.max(asked(Some(failure.kind)));
        let not_before = timestamp_after(now, pause);
        let is_throttled = matches!(failure.kind, CallFailureKind::Throttled { .. });
        if not_before >= self.deadline && is_throttled {
            return self.give_up(failure.message);
        }
        self.phase = Phase::Looking { not_before, pause, obstacle: Some(failure.message) };
    }

    /// Makes the pause before the next look. A look out of turn leaves the schedule as it is.
    fn look_later(&mut self, failure: Option<CallFailureKind>, now: Timestamp) {
        let pause = match failure {
            Some(_) => with_a_last_look(self.pause_after_failure(), self.time_left(now)),
            None => self.pause_to_look(now),
        };
        let asked = asked(failure);
        let Phase::Watching { next_look, not_before, .. } = &mut self.phase else {
            return;
        };
        let in_turn = now >= *next_look;
        if in_turn || failure.is_some() {
            *next_look = timestamp_after(now, pause.max(asked)).max(*next_look);
        }
        *not_before = timestamp_after(now, asked.max(SHORTEST_TO_NUDGED));
        if in_turn {
            self.pauses = self.pauses.saturating_add(1);
        }
    }

    /// Brings the next look forward, as far as it may be.
    fn look_earlier(&mut self, now: Timestamp) {
        if let Phase::Watching { next_look, not_before, .. } = &mut self.phase {
            *next_look = (*not_before).max(now).min(*next_look);
        }
    }

    fn watch(&mut self, watched: Watched, baseline: Baseline, now: Timestamp) {
        self.pauses = 0;
        let next_look = timestamp_after(now, self.pause_to_look(now));
        self.phase = Phase::Watching { watched, baseline, next_look, not_before: now };
    }

    fn pause_to_look(&self, now: Timestamp) -> Duration {
        with_a_last_look(self.policy.pause(self.pauses, self.seed), self.time_left(now))
    }

    fn pause_after_failure(&mut self) -> Duration {
        let pause = pause_after_failures(self.failed_looks, self.seed);
        self.failed_looks = (self.failed_looks + 1).min(MOST_FAILED_LOOKS);
        pause
    }

    fn time_left(&self, now: Timestamp) -> Duration {
        self.deadline.duration_since(now).max(SignedDuration::ZERO).unsigned_abs()
    }

    fn give_up(&mut self, obstacle: String) {
        self.done(SyncReport::NotSent { message: Some(obstacle) });
    }

    fn done(&mut self, report: SyncReport) {
        self.phase = Phase::Done { report, baseline: self.baseline() };
    }
}

/// The pause that the server asked for.
fn asked(failure: Option<CallFailureKind>) -> Duration {
    match failure {
        Some(CallFailureKind::Throttled { retry_after }) => retry_after.unwrap_or_default(),
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xs2a_client::types::SyncMode;

    fn start() -> Timestamp {
        "2026-01-31T10:00:00Z".parse().unwrap()
    }

    fn seconds(n: i64) -> Timestamp {
        start() + SignedDuration::from_secs(n)
    }

    fn seen(failures: u32, last_synced: i64) -> Snapshot {
        Snapshot {
            mode: Some(SyncMode::Full),
            failures,
            last_synced: Some(seconds(last_synced)),
            ..Snapshot::default()
        }
    }

    fn failed(kind: CallFailureKind) -> CallFailure {
        CallFailure { kind, message: "out of order".to_owned() }
    }

    /// A job that has just said that it calls, on what `before` showed.
    fn calling(before: Snapshot) -> SyncJob {
        let mut job = SyncJob::new("c-1", SyncPolicy::default(), start());
        assert_eq!(job.step(Observation::Begin, start()), Action::Look);
        let force = before.failures > 0;
        assert_eq!(job.step(Observation::Looked(before), start()), Action::Call { force });
        job
    }

    fn stored(job: &SyncJob) -> SyncJob {
        serde_json::from_str(&serde_json::to_string(job).unwrap()).unwrap()
    }

    #[test]
    fn a_sync_has_failed_when_the_counter_rose_and_succeeded_when_last_synced_moved() {
        let failed = |failures| Some(SyncReport::Failed { failures, message: None });
        let succeeded = |at| Some(SyncReport::Succeeded { last_synced: Some(seconds(at)) });
        let rows = [
            (seen(0, 1), seen(0, 1), None),
            (seen(0, 1), seen(0, 9), succeeded(9)),
            (seen(0, 1), seen(1, 1), failed(1)),
            // The counter is checked first.
            (seen(0, 1), seen(1, 9), failed(1)),
            // A forced retry that succeeds lowers it; one that fails raises it.
            (seen(1, 1), seen(0, 9), succeeded(9)),
            (seen(1, 1), seen(1, 1), None),
            (seen(1, 1), seen(2, 1), failed(2)),
            // After our own 204, a counter that fell is a success, also on the same `last_synced`.
            (seen(1, 1), seen(0, 1), succeeded(1)),
            // The service's local time goes back an hour in autumn.
            (seen(0, 9), seen(0, 1), succeeded(1)),
        ];
        for (before, after, report) in rows {
            let mut job = calling(before.clone());
            assert!(matches!(job.step(Observation::Started, start()), Action::WaitUntil(_)));
            let action = job.step(Observation::Looked(after.clone()), seconds(5));
            match report {
                Some(report) => assert_eq!(action, Action::Finish(report), "{before:?} {after:?}"),
                None => assert!(matches!(action, Action::WaitUntil(_)), "{before:?} {after:?}"),
            }
        }
    }

    #[test]
    fn the_first_sync_of_all_is_seen_to_succeed() {
        let mut job = calling(Snapshot::default());
        job.step(Observation::Started, start());
        let report = SyncReport::Succeeded { last_synced: Some(seconds(3)) };
        assert_eq!(job.step(Observation::Looked(seen(0, 3)), seconds(5)), Action::Finish(report));
    }

    #[test]
    fn a_call_of_unknown_fate_is_settled_by_looking_and_never_repeated() {
        let mut job = calling(seen(0, 1));
        let mut action = job.step(Observation::CallFailed(failed(CallFailureKind::Lost)), start());
        let mut looks = 0;
        let report = loop {
            action = match action {
                Action::WaitUntil(at) => job.step(Observation::Woken, at),
                Action::Look => {
                    looks += 1;
                    job.step(Observation::Looked(seen(0, 1)), seconds(looks))
                }
                Action::Finish(report) => break report,
                Action::Call { .. } => panic!("a second call while the first's fate is open"),
            };
            assert!(looks < 1000);
        };
        assert_eq!(report, SyncReport::FateUnknown);
        assert!(looks > 5, "{looks}");
    }

    #[test]
    fn a_job_that_crashed_around_its_call_looks_before_it_does_anything() {
        for (after, report) in [
            (seen(0, 9), Action::Finish(SyncReport::Succeeded { last_synced: Some(seconds(9)) })),
            (seen(1, 1), Action::Finish(SyncReport::Failed { failures: 1, message: None })),
        ] {
            let mut job = stored(&calling(seen(0, 1)));
            assert_eq!(job.step(Observation::Begin, seconds(20)), Action::Look);
            assert_eq!(job.step(Observation::Looked(after), seconds(21)), report);
        }
    }

    #[test]
    fn a_job_taken_up_after_its_deadline_looks_once_before_it_reports() {
        let late = seconds(3000);
        let mut job = stored(&calling(seen(0, 1)));
        assert_eq!(job.step(Observation::Begin, late), Action::Look);
        let mut fruitless = job.clone();
        let moved = SyncReport::Succeeded { last_synced: Some(seconds(9)) };
        assert_eq!(job.step(Observation::Looked(seen(0, 9)), late), Action::Finish(moved));
        let open = Action::Finish(SyncReport::FateUnknown);
        assert_eq!(fruitless.step(Observation::Looked(seen(0, 1)), late), open);
    }

    #[test]
    fn a_job_that_had_not_called_by_its_deadline_does_not_call_any_more() {
        let mut job = SyncJob::new("c-1", SyncPolicy::default(), start());
        assert_eq!(job.step(Observation::Begin, start()), Action::Look);
        let action = job.step(Observation::Looked(seen(0, 1)), seconds(300));
        assert_eq!(action, Action::Finish(SyncReport::NotSent { message: None }));
        let mut idle = stored(&SyncJob::new("c-1", SyncPolicy::default(), start()));
        let action = idle.step(Observation::Begin, seconds(300));
        assert_eq!(action, Action::Finish(SyncReport::NotSent { message: None }));
    }

    #[test]
    fn what_was_never_sent_is_called_again_after_a_pause_and_another_look() {
        let retry_after = Some(Duration::from_secs(60));
        for (kind, shortest) in [
            (CallFailureKind::NeverSent, 1),
            (CallFailureKind::Throttled { retry_after: None }, 1),
            (CallFailureKind::Throttled { retry_after }, 60),
        ] {
            let mut job = calling(seen(0, 1));
            let Action::WaitUntil(at) = job.step(Observation::CallFailed(failed(kind)), start())
            else {
                panic!("{job:?}");
            };
            assert!(at >= seconds(shortest), "{kind:?}: {at}");
            assert_eq!(job.step(Observation::Woken, at), Action::Look);
            assert_eq!(
                job.step(Observation::Looked(seen(0, 1)), at),
                Action::Call { force: false }
            );
        }
    }

    #[test]
    fn a_retry_after_past_the_deadline_ends_the_job_at_once() {
        let retry_after = Some(Duration::from_secs(3600));
        let mut job = calling(seen(0, 1));
        let throttled = failed(CallFailureKind::Throttled { retry_after });
        let report = Action::Finish(SyncReport::Throttled { retry_after });
        assert_eq!(job.step(Observation::CallFailed(throttled), start()), report);
    }

    #[test]
    fn what_the_server_refuses_is_reported_in_its_words() {
        let message = "out of order".to_owned();
        for (status, report) in [
            (Some(404), SyncReport::Gone),
            (Some(422), SyncReport::RefusedByServer { status: Some(422), message }),
        ] {
            let mut job = calling(seen(0, 1));
            let refused = failed(CallFailureKind::Refused { status });
            assert_eq!(job.step(Observation::CallFailed(refused), start()), Action::Finish(report));
        }
    }

    #[test]
    fn a_look_that_fails_is_repeated_and_one_that_is_refused_ends_a_job_without_a_call() {
        let begun = || {
            let mut job = SyncJob::new("c-1", SyncPolicy::default(), start());
            job.step(Observation::Begin, start());
            job
        };
        let look_failed = |kind| Observation::LookFailed(failed(kind));
        let lost = begun().step(look_failed(CallFailureKind::Lost), start());
        assert!(matches!(lost, Action::WaitUntil(_)), "{lost:?}");
        let refused = CallFailureKind::Refused { status: Some(401) };
        let message = Some("out of order".to_owned());
        let report = Action::Finish(SyncReport::NotSent { message });
        assert_eq!(begun().step(look_failed(refused), start()), report);

        // Once the call is out, the connection's end is the only answer to give up for.
        let mut job = calling(seen(0, 1));
        job.step(Observation::Started, start());
        let later = job.step(look_failed(refused), seconds(5));
        assert!(matches!(later, Action::WaitUntil(_)), "{later:?}");
        let gone = CallFailureKind::Refused { status: Some(404) };
        let report = Action::Finish(SyncReport::Gone);
        assert_eq!(job.step(look_failed(gone), seconds(9)), report);
    }

    #[test]
    fn a_nudge_makes_it_look_now() {
        let mut job = calling(seen(0, 1));
        assert!(matches!(job.step(Observation::Started, start()), Action::WaitUntil(_)));
        assert_eq!(job.step(Observation::Nudged, start()), Action::Look);
    }

    #[test]
    fn a_nudge_makes_no_look_within_a_second_of_the_last_or_before_the_server_allows() {
        let looked = Observation::Looked(seen(0, 1));
        let retry_after = Some(Duration::from_secs(120));
        let throttled = failed(CallFailureKind::Throttled { retry_after });
        for (answer, pause) in [(looked, 1), (Observation::LookFailed(throttled), 120)] {
            let mut job = calling(seen(0, 1));
            job.step(Observation::Started, start());
            job.step(Observation::Nudged, start());
            job.step(answer, seconds(5));
            for nudged_at in [5, 4 + pause] {
                let wait = Action::WaitUntil(seconds(5 + pause));
                assert_eq!(job.step(Observation::Nudged, seconds(nudged_at)), wait);
            }
            assert_eq!(job.step(Observation::Woken, seconds(5 + pause)), Action::Look);
        }
    }

    #[test]
    fn the_last_look_comes_shortly_before_the_deadline() {
        let mut job = calling(seen(0, 1));
        let mut action = job.step(Observation::Started, start());
        let mut last = start();
        while let Action::WaitUntil(at) = action {
            action = job.step(Observation::Woken, at);
            if action == Action::Look {
                last = at;
                action = job.step(Observation::Looked(seen(0, 1)), at);
            }
        }
        assert_eq!(action, Action::Finish(SyncReport::StillRunning));
        assert!(last < job.deadline() && last >= seconds(299), "{last}");
    }

    #[test]
    fn a_later_deadline_lets_an_open_job_watch_on() {
        let mut job = calling(seen(0, 1));
        job.step(Observation::Started, start());
        let report = Action::Finish(SyncReport::StillRunning);
        assert_eq!(job.step(Observation::Woken, seconds(300)), report);
        let mut job = job.with_deadline(seconds(600));
        assert_eq!(job.step(Observation::Begin, seconds(301)), Action::Look);
        let report = SyncReport::Succeeded { last_synced: Some(seconds(299)) };
        assert_eq!(
            job.step(Observation::Looked(seen(0, 299)), seconds(302)),
            Action::Finish(report)
        );
    }

    #[test]
    fn a_form_of_another_version_is_refused_with_what_to_do() {
        let job = serde_json::to_string(&calling(seen(1, 1))).unwrap();
        assert_eq!(serde_json::from_str::<SyncJob>(&job).unwrap(), calling(seen(1, 1)));
        let newer = job.replace(r#""version":"2""#, r#""version":"3""#);
        let error = serde_json::from_str::<SyncJob>(&newer).unwrap_err().to_string();
        assert!(error.contains("a sync job in form 3, and this version of xs2a reads form 2"));
        // As the version before stored a job.
        let older = r#"{"version":"1","connection_id":"con-1","policy":{"last_attempt":"keep",
            "within":{"secs":300,"nanos":0},"shortest_interval":null,
            "first_pause":{"secs":2,"nanos":0},"longest_pause":{"secs":30,"nanos":0}},
            "credentials_at_hand":false,"deadline":"2026-01-31T10:05:00Z","seed":7,"pauses":0,
            "phase":{"looking":{"not_before":"2026-01-31T10:00:00Z","obstacle":null}}}"#;
        let error = serde_json::from_str::<SyncJob>(older).unwrap_err().to_string();
        assert!(error.contains("a sync job in form 1"), "{error}");
    }

    #[test]
    fn a_call_whose_outcome_never_shows_ends_an_hour_after_the_deadline_and_leaves_a_debt() {
        let mut job = calling(seen(0, 1));
        let lost = Observation::CallFailed(failed(CallFailureKind::Lost));
        job.step(lost, start());
        for hours in 1..=4 {
            // Taken up again with a later deadline, as the docs say.
            let night = seconds(900 * hours);
            let mut tonight = stored(&job).with_deadline(night + SignedDuration::from_mins(1));
            assert_eq!(tonight.step(Observation::Begin, night), Action::Look);
            let action = tonight.step(Observation::Looked(seen(0, 1)), night);
            match night >= seconds(300 + 3600) {
                true => assert_eq!(action, Action::Finish(SyncReport::NotSeenToAct)),
                false => assert!(matches!(action, Action::WaitUntil(_)), "{action:?}"),
            }
            job = tonight;
        }
        let settled = seconds(300 + 3600);
        let mut job = job.with_deadline(settled + SignedDuration::from_mins(1));
        job.step(Observation::Begin, settled);
        let action = job.step(Observation::Looked(seen(0, 1)), settled);
        assert_eq!(action, Action::Finish(SyncReport::NotSeenToAct));
        assert_eq!(job.history().debts(), 1);

        // Another sync may try, and the debt counts as a failure.
        let next = |failures| {
            let mut next = SyncJob::new("c-1", SyncPolicy::default(), settled)
                .with_history(job.history().clone());
            next.step(Observation::Begin, settled);
            next.step(Observation::Looked(seen(failures, 1)), settled)
        };
        assert_eq!(next(0), Action::Call { force: false });
    }

    #[test]
    fn three_429s_end_the_job() {
        let mut job = calling(seen(0, 1));
        let throttled = || {
            let kind = CallFailureKind::Throttled { retry_after: None };
            Observation::CallFailed(failed(kind))
        };
        for _ in 0..2 {
            let Action::WaitUntil(at) = job.step(throttled(), start()) else { panic!("{job:?}") };
            job.step(Observation::Woken, at);
            job.step(Observation::Looked(seen(0, 1)), at);
        }
        let report = SyncReport::Throttled { retry_after: None };
        assert_eq!(job.step(throttled(), start()), Action::Finish(report));
        assert_eq!((job.history().debts(), job.history().calls_in_a_day(start())), (0, 0));
    }

    #[test]
    fn an_outage_of_five_minutes_meets_at_most_four_looks() {
        for seed in 0..200 {
            let mut job = SyncJob::new("c-1", SyncPolicy::default(), start()).with_seed(seed);
            let (mut now, mut looks) = (start(), 0);
            let mut action = job.step(Observation::Begin, now);
            loop {
                action = match action {
                    Action::Look => {
                        looks += 1;
                        let lost = failed(CallFailureKind::Lost);
                        job.step(Observation::LookFailed(lost), now)
                    }
                    Action::WaitUntil(at) => {
                        now = at;
                        job.step(Observation::Woken, now)
                    }
                    _ => break,
                };
            }
            assert!((3..=4).contains(&looks), "{looks} looks with seed {seed}");
        }
    }

    #[test]
    fn a_holder_whose_clock_is_slow_waits_no_longer_than_was_asked() {
        let mut job = calling(seen(0, 1));
        let retry_after = Some(Duration::from_secs(90));
        let throttled = failed(CallFailureKind::Throttled { retry_after });
        job.step(Observation::CallFailed(throttled), start());
        let slow = seconds(-7200);
        let Action::WaitUntil(at) = stored(&job).step(Observation::Begin, slow) else { panic!() };
        assert!(at <= slow + SignedDuration::from_secs(90), "{at}");
    }

    #[test]
    fn a_superseded_holder_ends_without_a_call() {
        let mut job = SyncJob::new("c-1", SyncPolicy::default(), start());
        job.step(Observation::Begin, start());
        job.step(Observation::Looked(seen(0, 1)), start());
        let report = Action::Finish(SyncReport::Superseded);
        assert_eq!(job.step(Observation::Superseded, start()), report);
    }

    #[test]
    fn a_job_that_only_watches_never_calls() {
        let watching = || {
            let mut job = SyncJob::watching("c-1", SyncPolicy::default(), start());
            job.step(Observation::Begin, start());
            let action = job.step(Observation::Looked(seen(1, 1)), start());
            assert!(matches!(action, Action::WaitUntil(_)), "{action:?}");
            job
        };
        let changed = watching().step(Observation::Looked(seen(0, 9)), seconds(5));
        let report = SyncReport::Succeeded { last_synced: Some(seconds(9)) };
        assert_eq!(changed, Action::Finish(report));
        let late = watching().step(Observation::Looked(seen(1, 1)), seconds(300));
        assert_eq!(late, Action::Finish(SyncReport::NoChange));
    }

    #[test]
    fn a_refusal_that_the_look_does_not_explain_is_watched_where_the_policy_says_so() {
        let policy = SyncPolicy::default().with_watching_on_refusal();
        let mut job = SyncJob::new("c-1", policy, start());
        job.step(Observation::Begin, start());
        job.step(Observation::Looked(seen(0, 1)), start());
        let refused = failed(CallFailureKind::Refused { status: Some(422) });
        let action = job.step(Observation::CallFailed(refused), start());
        assert!(matches!(action, Action::WaitUntil(_)), "{action:?}");
        let mut unchanged = job.clone();
        let report = SyncReport::Succeeded { last_synced: Some(seconds(9)) };
        assert_eq!(job.step(Observation::Looked(seen(0, 9)), seconds(5)), Action::Finish(report));
        let message = "out of order".to_owned();
        let report = SyncReport::RefusedByServer { status: Some(422), message };
        let late = unchanged.step(Observation::Looked(seen(0, 1)), seconds(300));
        assert_eq!(late, Action::Finish(report));
    }
}
