//! When a connection is due, whether it may be called, and what follows from how a turn ended.
//!
//! Three clocks, each with its job. Leases go by the database's clock, and are no matter of the plan.
//! The service's own instants go by the service's clock. The operator's spans are read off the
//! store's clock in the operator's zone. [`Clocks`] holds the last two.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use xs2a::sync::{CallFailure, CallFailureKind, Refusal, SyncHistory, SyncJob, SyncReport};
use xs2a::{ConnectionId, ConnectionState, NextStep, Snapshot, UserId};

use super::forecast::Forecast;
use super::night::Span;
use super::policy::FleetPolicy;
use super::share::Share;
use crate::error::Error;
use crate::row::{
    Lane, Outcome, Parked, Priority, Report, Row, Seen, State, UNREADABLE, Unreadable,
};

/// What the time is, by the two clocks that the plan goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clocks {
    /// By the store's clock: for the operator's spans.
    pub local: Timestamp,
    /// By the service's clock: for what the service writes.
    pub server: Timestamp,
}

impl Clocks {
    /// An instant of the service's clock by the store's.
    fn local(&self, server: Timestamp) -> Timestamp {
        after(self.local, server.duration_since(self.server))
    }
}

/// What is to be done with a row that a worker has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Look at the connection, then ask again.
    Look,
    /// Sync it now; `with_half` in mode `shared`.
    Call {
        /// Whether your half of the credentials is needed.
        with_half: bool,
    },
    /// Nothing more in this turn.
    End(Verdict),
}

/// What a turn leaves in the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Where the connection stands now.
    pub state: State,
    /// What it waits for next.
    pub lane: Lane,
    /// When that is due.
    pub due: Timestamp,
    /// Turns in a row without an outcome.
    pub tries: u32,
    /// What is to be reported. `None`: nothing new.
    pub outcome: Option<Outcome>,
}

/// A policy at work: rules without I/O.
///
/// ```
/// use xs2a_fleet::rules::{Clocks, Plan};
/// use xs2a_fleet::FleetPolicy;
///
/// let plan = Plan::new(FleetPolicy::default())?;
/// let noon = "2026-01-31T12:00:00Z".parse()?;
/// let due = plan.first_due(&"usr-1".into(), &"con-1".into(), noon);
/// assert!(plan.night_or_next(noon).contains(due));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    policy: FleetPolicy,
    zone: TimeZone,
}

/// A look as recent as this needs no other.
const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// Data of a healthy `full` connection that are younger need no look: the service's daily sync has
/// been seen.
const TODAY: SignedDuration = SignedDuration::from_hours(20);

/// The share of the night that belongs to those who were not reached before.
const HEAD: i64 = 100;

/// So many turns in a row without an outcome end the night for a connection.
const MOST_TRIES: u32 = 4;

/// A year stands for never.
const NEVER: SignedDuration = SignedDuration::from_hours(365 * 24);

impl Plan {
    /// The plan of a policy.
    ///
    /// # Errors
    /// [`Error::Policy`] where the settings do not work together: no such zone, a pace of 0, or a
    /// bank that is closed all night.
    pub fn new(policy: FleetPolicy) -> Result<Self, Error> {
        let zone = policy.check()?;
        let plan = Self { policy, zone };
        let spring = Timestamp::UNIX_EPOCH;
        for closed in &plan.policy.closed {
            let (bic, code) = (Some(closed.bank.as_str()), Some(closed.bank.as_str()));
            if plan.call_time(bic, code, spring).is_none() {
                let bank = &closed.bank;
                return Err(Error::Policy(format!("bank {bank:?} is closed all night")));
            }
        }
        Ok(plan)
    }

    /// The policy.
    pub fn policy(&self) -> &FleetPolicy {
        &self.policy
    }

    /// The night that `at` lies in.
    pub fn night(&self, at: Timestamp) -> Option<Span> {
        self.policy.night.around(at, &self.zone)
    }

    /// The first night that begins after `at`.
    pub fn next_night(&self, at: Timestamp) -> Span {
        let day = Span { start: after(at, SignedDuration::from_hours(24)), end: Timestamp::MAX };
        self.policy.night.after(at, &self.zone).unwrap_or(day)
    }

    /// The last night that has ended by `at`.
    pub fn last_night(&self, at: Timestamp) -> Option<Span> {
        self.policy.night.before(at, &self.zone)
    }

    /// The night that `at` lies in, or the next.
    pub fn night_or_next(&self, at: Timestamp) -> Span {
        self.night(at).unwrap_or_else(|| self.next_night(at))
    }

    /// The last lane that is served now: by day, no sync begins.
    pub fn last_lane(&self, local: Timestamp) -> Lane {
        match self.night(local) {
            Some(_) => Lane::Sync(Priority::Low),
            None => Lane::Look,
        }
    }

    /// What the worker number `rank` of `live` workers may do, by the heartbeat that told so. A worker
    /// that has just come, or has come back, does nothing until the others have made room: until each
    /// of them has given a heartbeat. `steady` is how long it has lived without a gap.
    pub fn share(&self, live: usize, rank: usize, steady: SignedDuration) -> Share {
        let room = span(self.policy.lease) * 2 / 3;
        if live > 1 && steady < room {
            return Share::NONE;
        }
        Share::of(self.policy.at_once, self.policy.per_second, live, rank)
    }

    /// The night that has ended and whose rest has not been reported yet; `reported` is the end of the
    /// last night whose rest has been. A night around the clock has no day after it. Its rest is reported a
    /// night later: the connections that have also waited through all of the following night.
    pub fn night_to_report(&self, local: Timestamp, reported: Option<Timestamp>) -> Option<Span> {
        let last = self.last_night(local)?;
        let ended = match self.night(local) {
            None => last,
            Some(night) if night.start > last.end => return None,
            Some(_around_the_clock) => self.last_night(last.start)?,
        };
        (Some(ended.end) != reported).then_some(ended)
    }

    /// When a new connection is due: at its place in the night, or now where that is over already.
    pub fn first_due(
        &self,
        user: &UserId,
        connection: &ConnectionId,
        local: Timestamp,
    ) -> Timestamp {
        place(self.night_or_next(local), user, connection).max(local)
    }

    /// What a night will hold, of `due` connections that cost so many requests each.
    pub fn forecast(&self, due: u64, cost: f64, local: Timestamp) -> Forecast {
        let night = self.night_or_next(local);
        Forecast::new(night, local, due, self.policy.per_second, cost)
    }

    /// Where a row that was not reached in `night` comes in the next one: among the first, in the
    /// same order, and those who were not reached twice before those. Gives the start of the next
    /// night, and by what the place in the night is divided.
    pub fn after_missing(&self, night: Span) -> (Timestamp, i64) {
        (self.next_night(night.start).start, HEAD)
    }

    /// The first instant from `at` on at which a sync may begin: at night, while the bank is open.
    /// `None` where the bank is closed all night.
    fn call_time(
        &self,
        bic: Option<&str>,
        code: Option<&str>,
        mut at: Timestamp,
    ) -> Option<Timestamp> {
        let concerns = |bank: &str| {
            code == Some(bank) || bic.is_some_and(|bic| bic.len() >= bank.len() && is_of(bic, bank))
        };
        for _ in 0..40 {
            if self.night(at).is_none() {
                at = self.next_night(at).start;
            }
            let mut closed = self.policy.closed.iter().filter(|closed| concerns(&closed.bank));
            match closed.find_map(|closed| closed.hours.around(at, &self.zone)) {
                Some(closed) => at = closed.end,
                None => return Some(at),
            }
        }
        None
    }

    /// When a sync of this row may begin, at `at` at the earliest.
    fn call_time_of(&self, row: &Row, at: Timestamp) -> Timestamp {
        let call_time = self.call_time(row.bic.as_deref(), row.bank_code.as_deref(), at);
        call_time.unwrap_or_else(|| after(at, NEVER))
    }

    /// Whether a sync of this row may begin at `local`, by the night and the bank's closed hours. A
    /// driver asks once more right before the call, because the row may have waited at the gate: a
    /// sync that was due at 04:59 does not begin at 05:01 when the night ends at 05:00.
    pub fn may_call(&self, row: &Row, local: Timestamp) -> bool {
        self.call_time_of(row, local) <= local
    }

    /// What follows where [`may_call`](Self::may_call) said no: the row waits for the next instant at
    /// which its sync may begin. The outcome is [`Outcome::NotReached`] when the night is over, and
    /// none when the bank opens again in the same night.
    fn too_late(&self, row: &Row, now: Clocks) -> Verdict {
        let outcome = self.night(now.local).is_none().then_some(Outcome::NotReached);
        self.wait_until(row, self.call_time_of(row, now.local), outcome)
    }

    /// Whether the turn of a row begins with a look, which a list may stand for.
    pub fn needs_look(&self, row: &Row, now: Clocks) -> bool {
        let is_new_turn = !row.is_untold && row.state != State::Open;
        is_new_turn && self.before_look(row, now) == Decision::Look
    }

    /// What is to be done with a row, by what the store knows of it: no call, or a look.
    pub fn before_look(&self, row: &Row, now: Clocks) -> Decision {
        if row.state == State::Open {
            return Decision::Look;
        }
        if let Lane::Sync(_) = row.lane {
            if row.turn_at > now.local {
                return Decision::End(self.wait_until(row, row.turn_at, None));
            }
            if !self.may_call(row, now.local) {
                return Decision::End(self.too_late(row, now));
            }
        }
        let Some(seen) = &row.seen else { return Decision::Look };
        let is_recent = |at: Timestamp, span| now.server.duration_since(at).abs() < span;
        let is_watched = seen.snapshot.state(now.server) == ConnectionState::Automatic
            && seen.snapshot.last_synced.is_some_and(|last| is_recent(last, TODAY));
        if is_watched || is_recent(seen.at, RECENT) {
            return self.decide(row, &seen.snapshot, now);
        }
        Decision::Look
    }

    /// What is to be done on what a look shows. A row that waits for its turn and is looked at before
    /// goes on waiting, unless there is a new reason to park it.
    pub fn decide(&self, row: &Row, seen: &Snapshot, now: Clocks) -> Decision {
        let decision = self.decide_at_its_turn(row, seen, now);
        let waits = row.state == State::Waiting && row.turn_at > now.local;
        match decision {
            Decision::End(Verdict { state: State::Parked(_), .. }) => decision,
            _ if waits => Decision::End(self.wait_until(row, row.turn_at, None)),
            _ => decision,
        }
    }

    fn decide_at_its_turn(&self, row: &Row, seen: &Snapshot, now: Clocks) -> Decision {
        let call = |with_half| match self.may_call(row, now.local) {
            true => Decision::Call { with_half },
            false => Decision::End(self.too_late(row, now)),
        };
        match seen.next_step(&self.policy.sync, &row.history, now.server) {
            NextStep::Nothing if self.is_stale(seen, now) => call(false),
            NextStep::Nothing => {
                let last_synced = seen.last_synced;
                Decision::End(self.next_turn(row, Some(Outcome::Watched { last_synced }), now))
            }
            NextStep::Sync { credentials, .. } => call(credentials),
            NextStep::SyncWithUser | NextStep::AskUser => {
                Decision::End(self.park(row, Parked::UserNeeded, now))
            }
            NextStep::Recreate => Decision::End(self.park(row, Parked::Disabled, now)),
            NextStep::NotBefore(then) => Decision::End(self.not_before(row, then, now)),
            _ if row.history.debts() >= 2 => Decision::End(self.park(row, Parked::Unsettled, now)),
            _ => Decision::End(self.park(row, Parked::LastAttempt, now)),
        }
    }

    /// Whether the service has left a healthy `full` connection alone for too long.
    fn is_stale(&self, seen: &Snapshot, now: Clocks) -> bool {
        let Some(age) = self.policy.stale_after else { return false };
        seen.last_synced.is_none_or(|last| now.server.duration_since(last) >= span(age))
    }

    /// What follows from the run of a job, up to the service's answer or through one look. `job` is
    /// what is known of it, if it was begun.
    pub fn after_run(
        &self,
        row: &Row,
        report: SyncReport,
        job: Option<&SyncJob>,
        now: Clocks,
    ) -> Verdict {
        let history = job.map_or(&row.history, SyncJob::history);
        let was_not_sent = matches!(report, SyncReport::NotSent { .. });
        match job.filter(|job| job.is_open()) {
            None if was_not_sent && !self.may_call(row, now.local) => self.too_late(row, now),
            Some(job) if now.server < job.deadline() => self.look_later(row, now),
            _ => self.after_sync(row, report, history, now),
        }
    }

    /// What follows from a sync that has ended, or has not by now. `history` is that of its job.
    fn after_sync(
        &self,
        row: &Row,
        report: SyncReport,
        history: &SyncHistory,
        now: Clocks,
    ) -> Verdict {
        let parked = |why| {
            let outcome = Some(Outcome::Sync(report.clone()));
            Verdict { outcome, ..self.park(row, why, now) }
        };
        match &report {
            SyncReport::StillRunning | SyncReport::FateUnknown => {
                // Told once; then the hour in which the outcome may still show.
                let told = row.report.as_ref().map(|report| &report.outcome);
                let is_news =
                    told.is_none_or(|told| !matches!(told, Outcome::Sync(r) if *r == report));
                let outcome = is_news.then_some(Outcome::Sync(report));
                Verdict { outcome, ..self.look_later(row, now) }
            }
            SyncReport::Failed { failures: 3.., .. } => parked(Parked::Disabled),
            SyncReport::Failed { failures, .. } if *failures as usize + history.debts() >= 2 => {
                parked(Parked::LastAttempt)
            }
            SyncReport::UserNeeded => parked(Parked::UserNeeded),
            SyncReport::Gone => parked(Parked::Gone),
            SyncReport::UserGone => parked(Parked::UserGone),
            SyncReport::NotSeenToAct if history.debts() >= 2 => parked(Parked::Unsettled),
            SyncReport::Refused(refusal) => match refusal {
                Refusal::Disabled { .. } => parked(Parked::Disabled),
                Refusal::LastAttempt { .. } => parked(Parked::LastAttempt),
                Refusal::Parked => parked(Parked::Unsettled),
                Refusal::UserNeeded(_) => parked(Parked::UserNeeded),
                Refusal::CredentialsMissing => parked(Parked::CredentialsMissing),
                Refusal::TooSoon { not_before }
                | Refusal::TooManyCalls { not_before }
                | Refusal::Unsettled { not_before } => self.not_before(row, *not_before, now),
                _ => self.try_again(row, Outcome::Sync(report), SignedDuration::ZERO, now),
            },
            SyncReport::RefusedByServer { .. } | SyncReport::NotSent { .. } => {
                self.try_again(row, Outcome::Sync(report), SignedDuration::ZERO, now)
            }
            SyncReport::Throttled { retry_after } => {
                let asked = span(retry_after.unwrap_or_default());
                self.try_again(row, Outcome::Sync(report), asked, now)
            }
            // A success, a first failure, a call that was not seen to act: the next night.
            _ => self.next_turn(row, Some(Outcome::Sync(report)), now),
        }
    }

    /// What follows from a look that failed before a sync.
    pub fn after_failed_look(&self, row: &Row, failure: &CallFailure, now: Clocks) -> Verdict {
        match failure.kind {
            CallFailureKind::Refused { status: Some(404) } => self.park(row, Parked::Gone, now),
            CallFailureKind::UserGone => self.park(row, Parked::UserGone, now),
            _ => {
                let outcome = Outcome::NotSeen(failure.message.clone());
                self.try_again(row, outcome, SignedDuration::ZERO, now)
            }
        }
    }

    /// A row whose call is open: the next look, unless an event comes first.
    fn look_later(&self, row: &Row, now: Clocks) -> Verdict {
        let tries = if row.state == State::Open { row.tries.saturating_add(1) } else { 0 };
        let first = span(self.policy.first_look);
        let longest = first.max(SignedDuration::from_mins(15));
        let pause = first.saturating_mul(1 << tries.min(16)).min(longest);
        let due = after(now.local, pause);
        Verdict { state: State::Open, lane: Lane::Look, due, tries, outcome: None }
    }

    /// A row that somebody has to see to. Asked once: as long as the reason stays, nothing is
    /// reported again.
    pub fn park(&self, row: &Row, why: Parked, now: Clocks) -> Verdict {
        let pause = match why {
            Parked::Gone | Parked::UserGone => NEVER,
            _ => span(self.policy.parked_look),
        };
        let outcome = (row.state != State::Parked(why)).then_some(Outcome::Parked(why));
        let due = after(now.local, pause);
        Verdict { state: State::Parked(why), lane: Lane::Look, due, tries: 0, outcome }
    }

    /// The consent's last day, where it ends within the notice.
    fn consent_ends(&self, seen: &Snapshot, now: Clocks) -> Option<Date> {
        let notice = span(self.policy.consent_notice);
        seen.consent_valid_until.filter(|_| seen.consent_ends_within(notice, now.server))
    }

    /// What is to be told of a turn, if there is anything new. `seen` is the last look of the turn.
    pub fn report(
        &self,
        row: &Row,
        verdict: &Verdict,
        seen: Option<&Seen>,
        now: Clocks,
    ) -> Option<Report> {
        let snapshot = seen.or(row.seen.as_ref()).map(|seen| &seen.snapshot);
        Some(Report {
            id: format!("{}/{}", row.connection_id, row.fence),
            connection_id: row.connection_id.clone(),
            user_id: row.user_id.clone(),
            outcome: verdict.outcome.clone()?,
            parked: match verdict.state {
                State::Parked(why) => Some(why),
                _ => None,
            },
            consent_ends: snapshot.and_then(|seen| self.consent_ends(seen, now)),
            at: now.local,
        })
    }

    /// The report of a row that this version cannot read.
    pub fn unreadable(&self, row: &Unreadable, now: Clocks) -> Report {
        Report {
            id: format!("{}/{}", row.connection_id, UNREADABLE),
            connection_id: row.connection_id.clone(),
            user_id: row.user_id.clone(),
            outcome: Outcome::Unreadable(row.reason.clone()),
            parked: None,
            consent_ends: None,
            at: now.local,
        }
    }

    /// A limit forbids a sync before then, by the service's clock.
    fn not_before(&self, row: &Row, then: Timestamp, now: Clocks) -> Verdict {
        let due = self.call_time_of(row, now.local(then));
        let is_tonight = self.night(now.local).is_some_and(|night| night.contains(due));
        let outcome = (!is_tonight).then_some(Outcome::NotBefore(then));
        self.wait_until(row, due, outcome)
    }

    /// The turn came to nothing: again after a pause, or in the next night.
    fn try_again(
        &self,
        row: &Row,
        outcome: Outcome,
        asked: SignedDuration,
        now: Clocks,
    ) -> Verdict {
        let tries = row.tries.saturating_add(1);
        if tries >= MOST_TRIES {
            return self.next_turn(row, Some(outcome), now);
        }
        let pause = span(self.policy.back_off).saturating_mul(3_i32.pow(tries - 1)).max(asked);
        let due = self.call_time_of(row, after(now.local, pause));
        Verdict { tries, ..self.wait_until(row, due, Some(outcome)) }
    }

    /// The turn of this night is over.
    fn next_turn(&self, row: &Row, outcome: Option<Outcome>, now: Clocks) -> Verdict {
        let due = place(self.next_night(now.local), &row.user_id, &row.connection_id);
        self.wait_until(row, due, outcome)
    }

    fn wait_until(&self, row: &Row, due: Timestamp, outcome: Option<Outcome>) -> Verdict {
        let lane = Lane::Sync(row.priority);
        Verdict { state: State::Waiting, lane, due, tries: 0, outcome }
    }
}

/// The place of a connection in a night: by its user, so that the connections of one user come close
/// together and share a token, and a little by itself. The first hundredth belongs to those who were
/// not reached before, the last twentieth to what takes its time.
fn place(night: Span, user: &UserId, connection: &ConnectionId) -> Timestamp {
    let length = night.end.duration_since(night.start);
    let by_user = unit(user.as_str()) * 0.84;
    let by_itself = unit(connection.as_str()) * 0.10;
    let seconds = length.as_secs_f64() * (1.0 / HEAD as f64 + by_user + by_itself);
    after(night.start, SignedDuration::from_millis((seconds * 1000.0) as i64))
}

/// A number between 0 and 1 that is the same on every machine and in every version: FNV-1a, mixed.
fn unit(text: &str) -> f64 {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

fn is_of(bic: &str, bank: &str) -> bool {
    bic.as_bytes().get(..bank.len()).is_some_and(|head| head.eq_ignore_ascii_case(bank.as_bytes()))
}

fn span(of: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(of).unwrap_or(SignedDuration::MAX)
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(at)
}
