//! The service, as far as a fleet sees it: connections in all modes and states, syncs that end late or
//! badly, answers that are lost, users who log in, 429s. It holds its callers to every limit.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use xs2a::sync::{CallFailure, CallFailureKind, Observation};
use xs2a::types::SyncMode;
use xs2a::{ConnectionId, Snapshot, UserId};
use xs2a_fleet::{Enrolment, Seen};

use super::{AHEAD, Size};

/// The BIC of the bank that is closed for half an hour of the night.
pub const CLOSED_BANK: &str = "CLOSEDXX";

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The service asks to wait this long, every twenty minutes.
const PAUSE: SignedDuration = SignedDuration::from_secs(20);

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Requests of any kind.
    pub requests: u64,
    /// The most requests within any second.
    pub busiest_second: usize,
    /// The most connections that were worked on at once.
    pub most_at_once: usize,
    /// Syncs that the service acted on.
    pub syncs: u64,
    /// Answers of a sync that were lost.
    pub lost: u64,
    /// Outcomes that took hours.
    pub late: u64,
    /// Syncs that a bank answered by asking for the user.
    pub user_needed: u64,
    /// Syncs that failed.
    pub failed: u64,
    /// 429s that asked to wait.
    pub throttled: u64,
    /// Requests in a pause, sent by workers that had not heard of it yet.
    pub in_pause: u64,
    /// The most calls of one connection within 24 hours.
    pub most_calls: usize,
    /// Syncs that the service did by itself.
    pub by_itself: u64,
    /// Users who logged in.
    pub logged_in: u64,
}

/// One connection as the service has it.
pub struct Connection {
    mode: &'static str,
    active: bool,
    failures: u32,
    last_synced: Timestamp,
    consent: Date,
    is_closed_at_night: bool,
    wants_user: bool,
    gone: bool,
    /// Whether a sync that was called runs.
    runs: bool,
    /// When the service acted on a call last.
    acted: Option<Timestamp>,
    /// When a user has logged in, or the service has synced by itself.
    changed: Option<Timestamp>,
    calls: Vec<Timestamp>,
}

/// An event: what a connection had become at an instant of the service's clock.
#[derive(Clone, Copy)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// The connection.
    pub number: usize,
    active: bool,
    failures: u32,
    last_synced: Timestamp,
}

/// What happens later, by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Ends { is_success: bool },
    ByItself { is_success: bool },
    LogsIn,
}

/// The service.
pub struct Service {
    /// How large it is.
    pub size: Size,
    /// All connections.
    pub connections: Vec<Connection>,
    /// What was counted.
    pub counts: Counts,
    /// In the order of their dates.
    pub events: Vec<Event>,
    /// How many of them the workers have read: kept here for the store.
    pub read: usize,
    zone: TimeZone,
    later: BinaryHeap<Reverse<(Timestamp, usize, Happening)>>,
    /// When the last requests were sent: as many as may be in a second.
    sent: VecDeque<Timestamp>,
    tokens: HashMap<usize, Timestamp>,
    pause: Option<(Timestamp, Timestamp)>,
    at_once: usize,
    /// Always the same numbers.
    pub random: fastrand::Rng,
}

fn failure(kind: CallFailureKind) -> CallFailure {
    CallFailure { kind, message: "as the model has it".to_owned() }
}

impl Service {
    /// All connections as they are in the evening.
    pub fn new(size: Size, evening: Timestamp) -> Self {
        let mut random = fastrand::Rng::with_seed(7);
        let mut later = BinaryHeap::new();
        let hours = SignedDuration::from_hours(i64::from(size.hours) + 1);
        let tonight = |random: &mut fastrand::Rng| {
            let night = random.i64(0..size.nights) * 24;
            evening
                + HOUR * i32::try_from(night).unwrap()
                + SignedDuration::from_secs(random.i64(0..hours.as_secs()))
        };
        let mut connections = Vec::with_capacity(size.connections);
        for n in 0..size.connections {
            let (mode, failures) = match n % 40 {
                0..=17 | 37 => ("full", 0),
                18..=29 | 38 => ("shared", 0),
                30 | 31 => ("full", 1),
                32 | 33 => ("shared", 1),
                34 => ("full", 2),
                35 => ("full", 3),
                36 => ("none", 0),
                _ if n % 80 == 39 => ("shared", 0),
                _ => ("weekly", 0),
            };
            let is_healthy = mode == "full" && failures == 0;
            let age = match n % 1_000 {
                17 => 60,
                _ if is_healthy => random.i64(7..18),
                _ => random.i64(10..40),
            };
            let expired = n % 40 == 37;
            connections.push(Connection {
                mode,
                active: is_healthy && !expired,
                failures,
                last_synced: evening - HOUR * i32::try_from(age).unwrap(),
                consent: if expired { date(2026, 1, 30) } else { date(2026, 4, 30) },
                is_closed_at_night: n % 10 == 3,
                wants_user: n % 40 == 38,
                gone: n % 80 == 39,
                runs: false,
                acted: None,
                changed: None,
                calls: Vec::new(),
            });
            // A third of the healthy ones are synced by the service in the night; some users log in.
            if is_healthy && !expired && age < 50 && random.u32(0..3) == 0 {
                let is_success = random.u32(0..100) > 1;
                let happening = Happening::ByItself { is_success };
                later.push(Reverse((tonight(&mut random), n, happening)));
            } else if !is_healthy && random.u32(0..50) == 0 {
                later.push(Reverse((tonight(&mut random), n, Happening::LogsIn)));
            }
        }
        Self {
            size,
            connections,
            counts: Counts::default(),
            events: Vec::new(),
            read: 0,
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            later,
            sent: VecDeque::new(),
            tokens: HashMap::new(),
            pause: None,
            at_once: 0,
            random,
        }
    }

    /// What enrols a connection; every other one as a list shows it.
    pub fn enrolment(
        &self,
        n: usize,
        user: usize,
        now: Timestamp,
    ) -> (Enrolment, UserId, ConnectionId) {
        let (user, id) =
            (UserId::from(format!("usr-{user}")), ConnectionId::from(format!("con-{n}")));
        let mut enrolment = Enrolment::new(user.clone(), id.clone()).bic(self.bic(n));
        if n.is_multiple_of(2) {
            enrolment = enrolment.seen(Seen { snapshot: self.snapshot(n), at: now + AHEAD });
        }
        (enrolment, user, id)
    }

    fn bic(&self, n: usize) -> &'static str {
        if self.connections[n].is_closed_at_night { CLOSED_BANK } else { "TESTDEFF" }
    }

    fn snapshot(&self, n: usize) -> Snapshot {
        let connection = &self.connections[n];
        let mut snapshot = Snapshot::default();
        snapshot.mode = Some(SyncMode::from(connection.mode));
        snapshot.active = connection.active;
        snapshot.failures = connection.failures;
        snapshot.last_synced = Some(connection.last_synced + AHEAD);
        snapshot.consent_valid_until = Some(connection.consent);
        snapshot
    }

    /// A connection is taken up, or let go.
    pub fn works_on(&mut self, more: isize) {
        self.at_once = self.at_once.checked_add_signed(more).unwrap();
        self.counts.most_at_once = self.counts.most_at_once.max(self.at_once);
        assert!(self.at_once <= self.size.at_once, "{} at once", self.at_once);
    }

    /// A request is sent: the pace is counted here.
    pub fn sends(&mut self, now: Timestamp) {
        self.counts.requests += 1;
        let second = SignedDuration::from_secs(1);
        while self.sent.front().is_some_and(|at| now.duration_since(*at) >= second) {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
        self.counts.busiest_second = self.counts.busiest_second.max(self.sent.len());
        let most = self.size.per_second as usize;
        assert!(self.sent.len() <= most, "{} requests in a second at {now}", self.sent.len());
        if let Some((since, until)) = self.pause.filter(|(_, until)| now < *until) {
            self.counts.in_pause += 1;
            // Each worker hears of it by its next heartbeat, a third of a lease later at the latest.
            let heard = since + SignedDuration::try_from(super::LEASE / 3).unwrap();
            let in_flight = SignedDuration::from_secs(1);
            assert!(now < heard + in_flight, "sent at {now}, in a pause from {since} to {until}");
        }
    }

    /// A request arrives.
    ///
    /// # Errors
    /// A 429 in a pause, and at the beginning of one.
    pub fn arrives(&mut self, now: Timestamp) -> Result<(), CallFailure> {
        self.happens_until(now);
        let throttled = |until: Timestamp| {
            let left = until.duration_since(now).unsigned_abs();
            let retry_after = Some(Duration::from_secs(left.as_secs().max(1)));
            Err(failure(CallFailureKind::Throttled { retry_after }))
        };
        if let Some((_, until)) = self.pause.filter(|(_, until)| now < *until) {
            return throttled(until);
        }
        if now.as_second() % 1200 < 2 {
            self.counts.throttled += 1;
            self.pause = Some((now, now + PAUSE));
            return throttled(now + PAUSE);
        }
        match self.random.u32(0..500) {
            0 => Err(failure(CallFailureKind::Lost)),
            _ => Ok(()),
        }
    }

    fn happens_until(&mut self, now: Timestamp) {
        while self.later.peek().is_some_and(|Reverse((at, ..))| *at <= now) {
            let Some(Reverse((at, n, happening))) = self.later.pop() else { return };
            let connection = &mut self.connections[n];
            if connection.gone {
                continue;
            }
            let ends = |connection: &mut Connection, is_success: bool| {
                if is_success {
                    connection.failures = 0;
                    connection.last_synced = at;
                } else {
                    connection.failures += 1;
                    assert!(connection.failures < 3, "the last attempt was spent: con-{n}");
                }
                connection.active = connection.mode == "full" && is_success;
            };
            match happening {
                Happening::Ends { is_success } => {
                    self.counts.failed += u64::from(!is_success);
                    ends(connection, is_success);
                    connection.runs = false;
                }
                Happening::ByItself { is_success } => {
                    if !connection.active || connection.runs {
                        continue;
                    }
                    self.counts.by_itself += 1;
                    ends(connection, is_success);
                    connection.changed = Some(at);
                }
                Happening::LogsIn => {
                    if connection.runs {
                        continue;
                    }
                    self.counts.logged_in += 1;
                    ends(connection, true);
                    connection.consent = date(2026, 4, 30);
                    (connection.wants_user, connection.changed) = (false, Some(at));
                }
            }
            let Connection { active, failures, last_synced, .. } = *connection;
            self.events.push(Event { at: at + AHEAD, number: n, active, failures, last_synced });
        }
    }

    /// Whether a user has a token that holds; a request finds out.
    pub fn has_token(&self, user: usize, now: Timestamp) -> bool {
        self.tokens.get(&user).is_some_and(|end| now < *end)
    }

    /// Makes a token, which holds for an hour.
    pub fn make_token(&mut self, user: usize, now: Timestamp) {
        self.tokens.insert(user, now + HOUR);
    }

    /// A look.
    ///
    /// # Errors
    /// A 404 where the connection has been deleted.
    pub fn look(&self, n: usize) -> Result<Snapshot, CallFailure> {
        match self.connections[n].gone {
            true => Err(failure(CallFailureKind::Refused { status: Some(404) })),
            false => Ok(self.snapshot(n)),
        }
    }

    /// A sync that was sent at an instant arrives at another. Holds it against every rule.
    ///
    /// # Panics
    /// When it should not have been called.
    pub fn sync(&mut self, n: usize, sent: Timestamp, now: Timestamp) -> Observation {
        let stale = SignedDuration::try_from(super::STALE).unwrap();
        let local = sent.to_zoned_datetime(self.zone.clone()).time();
        let connection = &mut self.connections[n];
        let is_night = (1..1 + self.size.hours).contains(&local.hour());
        assert!(is_night, "con-{n} is called by day, at {local}");
        let is_closed = local.hour() == 1 && (20..50).contains(&local.minute());
        let is_open = !connection.is_closed_at_night || !is_closed;
        assert!(is_open, "con-{n} is called in the bank's closed hours, at {local}");
        let just = |at: Option<Timestamp>| at.is_some_and(|at| now.duration_since(at) < HOUR / 60);
        let is_healthy = connection.mode == "full" && connection.active;
        assert!(
            !is_healthy
                || now.duration_since(connection.last_synced) >= stale
                || just(connection.changed),
            "con-{n} is healthy and the service's own"
        );
        assert!(connection.failures < 2, "con-{n}: the last attempt");
        assert!(!connection.runs, "con-{n} is synced twice");
        let acted = connection.acted.map(|at| now.duration_since(at));
        assert!(acted.is_none_or(|ago| ago >= HOUR * 6), "con-{n} is synced again after {acted:?}");
        connection.calls.retain(|at| sent.duration_since(*at) < HOUR * 24);
        connection.calls.push(sent);
        let calls = connection.calls.len();
        self.counts.most_calls = self.counts.most_calls.max(calls);
        assert!(calls <= 4, "con-{n} is called {calls} times in 24 hours");
        if connection.gone {
            let status = Some(404);
            return Observation::CallFailed(failure(CallFailureKind::Refused { status }));
        }
        if connection.wants_user {
            self.counts.user_needed += 1;
            return Observation::UserNeeded;
        }
        let fate = self.random.u32(0..1000);
        match fate {
            // Refused, or lost on the way there.
            0..5 => {
                let status = Some(422);
                return Observation::CallFailed(failure(CallFailureKind::Refused { status }));
            }
            5..10 => {
                self.counts.lost += 1;
                return Observation::CallFailed(failure(CallFailureKind::Lost));
            }
            _ => {}
        }
        let takes = match fate {
            10..30 => {
                self.counts.late += 1;
                SignedDuration::from_secs(self.random.i64(1800..9000))
            }
            _ => SignedDuration::from_secs(self.random.i64(5..60)),
        };
        let is_success = self.random.u32(0..100) >= 4;
        self.counts.syncs += 1;
        (connection.runs, connection.acted) = (true, Some(now));
        self.later.push(Reverse((now + takes, n, Happening::Ends { is_success })));
        match fate {
            // The answer is lost on the way back.
            30..45 => {
                self.counts.lost += 1;
                Observation::CallFailed(failure(CallFailureKind::Lost))
            }
            _ => Observation::Started,
        }
    }

    /// What an event shows.
    pub fn seen(&self, event: Event) -> Seen {
        let mut snapshot = self.snapshot(event.number);
        (snapshot.active, snapshot.failures) = (event.active, event.failures);
        snapshot.last_synced = Some(event.last_synced + AHEAD);
        Seen { snapshot, at: event.at }
    }
}
