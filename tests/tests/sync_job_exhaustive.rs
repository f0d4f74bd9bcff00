//! Every way a sync job can go: breadth-first over the states of job × server × network.
//!
//! A [`World`] is a job with the action it has just asked for, the server it talks to, and what an
//! observer knows besides. From each world all successors are visited: every thing that the
//! network can do to the action, every thing that the server can do meanwhile, a crash that leaves
//! nothing but the stored job, another holder who has gone on with it. Worlds that are equal are
//! visited once. A broken rule ends the search with the shortest way to it, step by step.
//!
//! When a job ends, another begins: with the history that the first has left, at a server where the
//! first one's sync may still run, or another wait behind it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use xs2a::sync::{
    Action, CallFailure, CallFailureKind, LastAttempt, Observation, SyncHistory, SyncJob,
    SyncReport,
};
use xs2a::types::SyncMode;
use xs2a::{Snapshot, SyncPolicy};

// The rules that deliberately wrong machines below are shown to break.
const ONE_CALL: &str = "never a second call while the fate of the first is open";
const FORCE: &str = "force is sent only where the table says so, and there always";
const LAST_ATTEMPT: &str = "never the last attempt under a policy that keeps it";
const DISABLED: &str = "never a call on a disabled connection";
const THIRD_FAILURE: &str = "never the third failure under a policy that keeps the last attempt";
const DEADLINE: &str = "always a report by the deadline";
const HONESTY: &str = "a report says what happened";
const UNATTENDED: &str = "unattended, never a call that is known to need the user";
const SUPERSEDED: &str = "a superseded holder ends at once";
const QUIET: &str = "never a call while that of an earlier job may be under way";

/// The shortest pause a job makes. Policies without a longer one have no jitter, which leaves few
/// instants to tell apart.
const TICK: Duration = Duration::from_millis(100);

fn start() -> Timestamp {
    Timestamp::from_second(1_769_853_600).unwrap()
}

fn after(instant: Timestamp, seconds: i64) -> Timestamp {
    instant + SignedDuration::from_secs(seconds)
}

/// The service as far as a sync can tell.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Server {
    exists: bool,
    mode: SyncMode,
    active: bool,
    failures: u32,
    consent_is_past: bool,
    /// How often a sync succeeded, the visible trace of which is `last_synced`: never, before the
    /// job began (1), once since then (2), more often (3).
    successes: u8,
    running: Option<Run>,
    /// A sync that waits until the one that runs has ended.
    queued: Option<Run>,
}

/// A sync in the background that a call of ours began.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Run {
    /// Whether the counter or `last_synced` had moved between the job's last look and the call, or
    /// that of a sync that still ran. Then nobody can tell whose outcome a later look shows.
    behind_our_back: bool,
}

/// What the server says to a sync.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Started,
    UserNeeded,
    Refused(u16),
}

fn last_synced(successes: u8) -> Timestamp {
    match successes {
        0 => after(start(), -100_000),
        n => after(start(), -100 + i64::from(n)),
    }
}

impl Server {
    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.mode = Some(self.mode.clone());
        snapshot.active = self.active;
        snapshot.failures = self.failures;
        snapshot.last_synced = Some(last_synced(self.successes));
        let end = if self.consent_is_past { date(2025, 12, 31) } else { date(2026, 12, 31) };
        snapshot.consent_valid_until = Some(end);
        snapshot
    }

    fn succeed(mut self) -> Self {
        (self.failures, self.active) = (0, true);
        (self.running, self.queued) = (self.queued, None);
        self.consent_is_past = false;
        self.successes = (self.successes + 1).clamp(2, 3);
        self
    }

    fn fail(mut self) -> Self {
        (self.failures, self.active) = (self.failures + 1, false);
        (self.running, self.queued) = (self.queued, None);
        self
    }

    /// What can become of it while nobody looks, and the third failure that a call of ours made
    /// happen, unless something had moved behind our back.
    fn meanwhile(&self) -> Vec<(Self, &'static str, bool)> {
        let mut next = vec![(self.clone(), "", false)];
        if !self.exists {
            return next;
        }
        if let Some(run) = self.running {
            let third = self.failures == 2 && !run.behind_our_back;
            next.push((self.clone().succeed(), "the sync succeeds; ", false));
            next.push((self.clone().fail(), "the sync fails; ", third));
            if self.mode == SyncMode::Full {
                let fallen = Self { mode: SyncMode::None, ..self.clone().fail() };
                next.push((fallen, "the sync fails, mode falls back to none; ", third));
            }
        } else if self.failures < 3 && self.mode == SyncMode::Full && self.active {
            next.push((self.clone().succeed(), "an automatic sync succeeds; ", false));
            next.push((self.clone().fail(), "an automatic sync fails; ", false));
        }
        if self.running.is_none() && self.consent_is_past {
            next.push((self.clone().succeed(), "the user logs in again; ", false));
        }
        next.push((Self { exists: false, ..self.clone() }, "somebody deletes it; ", false));
        next
    }

    /// All answers it may give to a sync, and what it is afterwards.
    fn sync(
        &self,
        scope: Scope,
        force: bool,
        credentials: bool,
        seen: &Snapshot,
    ) -> Vec<(Self, Answer)> {
        let refused = |status| vec![(self.clone(), Answer::Refused(status))];
        if !self.exists {
            return refused(404);
        }
        let unforced = self.failures > 0 && !self.active && !force;
        if self.failures >= 3 || unforced || (self.mode == SyncMode::Shared && !credentials) {
            return refused(422);
        }
        let now = self.snapshot();
        let moved = (now.failures, now.last_synced) != (seen.failures, seen.last_synced);
        let mut others = [self.running, self.queued].into_iter().flatten();
        let run = Run { behind_our_back: moved || others.any(|run| run.behind_our_back) };
        if self.running.is_some() {
            let joined = (self.clone(), Answer::Started);
            let mut answers = vec![joined, (self.clone(), Answer::Refused(409))];
            if scope == Scope::ManyJobs && self.queued.is_none() {
                let queued = Self { queued: Some(run), ..self.clone() };
                answers.push((queued, Answer::Started));
            }
            return answers;
        }
        let running = Self { running: Some(run), ..self.clone() };
        vec![(running, Answer::Started), (self.clone(), Answer::UserNeeded)]
    }
}

/// One state of the search.
#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    job: SyncJob,
    action: Action,
    now: Timestamp,
    server: Server,
    /// What this job's last look showed, while it matters: before a call or a report.
    seen: Option<Snapshot>,
    /// How often the server acted on a call of this job.
    acted: u8,
    /// Whether a call of this job may have been acted on, and nobody told the job how it went.
    open: bool,
    /// Whether a call of this job was answered with 204, or 202.
    started: bool,
    user_needed: bool,
    /// `successes` and `failures` of the server when the job looked last before its call.
    baseline: (u8, u32),
    /// Whether the job was read back after its deadline and has not looked since.
    late: bool,
    /// What the job before saw last, where its call may still be under way and nothing has moved.
    soon_after: LastSeen,
    /// Whether the store has said that another holder has gone on with the job.
    superseded: bool,
}

/// What a search looks at closely. Both at once are too many worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// All that the network, the store and nudges can do to a job. The next job knows nothing of it.
    OneJob,
    /// What a job leaves to the next: the history, and syncs that run or wait at the server.
    ManyJobs,
}

/// The machine under test: the real one, or one with a wrong rule.
#[derive(Clone, Copy)]
struct Machine {
    step: fn(&mut SyncJob, Observation, Timestamp) -> Action,
    read_back: fn(&SyncJob) -> SyncJob,
    /// What the store keeps of the job for the next one.
    keep: fn(&SyncJob) -> SyncHistory,
}

const REAL: Machine =
    Machine { step: SyncJob::step, read_back: through_storage, keep: |job| job.history().clone() };

fn through_storage(job: &SyncJob) -> SyncJob {
    serde_json::from_str(&serde_json::to_string(job).unwrap()).unwrap()
}

/// A broken rule, with the shortest way to it.
struct Broken {
    rule: &'static str,
    way: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}\n  {}", self.rule, self.way.join("\n  "))
    }
}

#[derive(Default, Debug)]
struct Visited {
    worlds: usize,
    calls: usize,
    reports: usize,
    third_failures: usize,
}

/// The successors of a world, each with a word on how it came about; or the rule it breaks.
struct Search {
    scope: Scope,
    machine: Machine,
    policy: SyncPolicy,
    credentials: bool,
    /// The only rule to report when it is broken; none means every rule.
    rule: Option<&'static str>,
    visited: Visited,
    seen: HashSet<u64>,
    /// Jobs as they are read back, by their hash: reading takes long.
    read_back: HashMap<u64, SyncJob>,
    /// Histories as the next job begins with them.
    moved_back: HashMap<(SyncHistory, u8, bool), (SyncHistory, LastSeen)>,
    /// Where each world came from, and how.
    trail: Vec<(usize, String)>,
    frontier: Vec<(usize, World)>,
}

impl Search {
    fn run(
        scope: Scope,
        machine: Machine,
        policy: &SyncPolicy,
        credentials: bool,
        servers: Vec<Server>,
        rule: Option<&'static str>,
    ) -> Result<Visited, Broken> {
        let mut search = Self {
            scope,
            machine,
            policy: policy.clone(),
            credentials,
            rule,
            visited: Visited::default(),
            seen: HashSet::new(),
            read_back: HashMap::new(),
            moved_back: HashMap::new(),
            trail: Vec::new(),
            frontier: Vec::new(),
        };
        for server in servers {
            let world = search.begin(server.clone(), None, false);
            let described = format_args!("{:?} after {} failures", server.mode, server.failures);
            search.push(usize::MAX, described, world);
        }
        while !search.frontier.is_empty() {
            for (index, world) in std::mem::take(&mut search.frontier) {
                if let Err(rule) = search.expand(index, &world)
                    && search.rule.is_none_or(|only| only == rule)
                {
                    return Err(Broken { rule, way: search.way(index, &world) });
                }
            }
        }
        Ok(search.visited)
    }

    /// A new job for the server as it is, at once or some time after the one before. Each starts at
    /// the same instant, so that jobs that differ in nothing but the time count as one.
    fn begin(&mut self, mut server: Server, before: Option<&SyncJob>, soon: bool) -> World {
        let nothing = SyncHistory::default();
        let kept = before.map_or(nothing.clone(), self.machine.keep);
        let (history, _) = self.move_back(&kept, &server, soon);
        let known = before.map_or(&nothing, SyncJob::history);
        let (_, last_seen) = self.move_back(known, &server, soon);
        server.successes = server.successes.min(1);
        let mut job = SyncJob::new("c-1", self.policy.clone(), start())
            .with_history(history)
            .with_credentials_at_hand(self.credentials);
        let action = (self.machine.step)(&mut job, Observation::Begin, start());
        World {
            job,
            action,
            now: start(),
            baseline: (server.successes, server.failures),
            server,
            seen: None,
            acted: 0,
            open: false,
            started: false,
            user_needed: false,
            late: false,
            soon_after: last_seen.filter(|_| soon),
            superseded: false,
        }
    }

    fn move_back(
        &mut self,
        history: &SyncHistory,
        server: &Server,
        soon: bool,
    ) -> (SyncHistory, LastSeen) {
        let key = (history.clone(), server.successes, soon);
        let moved = || moved_back(history, &self.policy, server.successes, soon);
        self.moved_back.entry(key).or_insert_with(moved).clone()
    }

    fn push(&mut self, from: usize, how: fmt::Arguments<'_>, mut world: World) {
        if !matches!(world.action, Action::Call { .. } | Action::Finish(_)) {
            world.seen = None;
        }
        if self.seen.insert(hash(&world)) {
            self.visited.worlds += 1;
            self.trail.push((from, how.to_string()));
            self.frontier.push((self.trail.len() - 1, world));
        }
    }

    fn way(&self, mut index: usize, last: &World) -> Vec<String> {
        let mut way = vec![format!("{:?}", last.action)];
        while let Some((from, how)) = self.trail.get(index) {
            way.push(how.clone());
            index = *from;
        }
        way.reverse();
        way
    }

    /// Tells the job what happened.
    fn tell(&self, mut world: World, observation: Observation) -> World {
        world.action = (self.machine.step)(&mut world.job, observation, world.now);
        world
    }

    /// The process dies and another takes the job up as it was stored: at once, after the deadline,
    /// or when its call is given up.
    fn crash(&mut self, from: usize, how: &str, world: World) {
        let read_back = || (self.machine.read_back)(&world.job);
        let job = self.read_back.entry(hash(&world.job)).or_insert_with(read_back).clone();
        for (late, when) in [(None, ""), (Some(60), " late"), (Some(3600), " an hour late")] {
            let mut next = World { job: job.clone(), ..world.clone() };
            next.open |= next.started;
            if let Some(seconds) = late {
                next.now = after(self.deadline(&next), seconds);
                next.late = true;
            }
            let next = self.tell(next, Observation::Begin);
            self.push(from, format_args!("{how}crash and resume{when}"), next);
        }
    }

    /// The store says that another holder has gone on with the job.
    fn supersede(&mut self, from: usize, world: &World) -> Result<(), &'static str> {
        let next = World { superseded: true, ..world.clone() };
        let next = self.tell(next, Observation::Superseded);
        if next.action != Action::Finish(SyncReport::Superseded) {
            return Err(SUPERSEDED);
        }
        self.push(from, format_args!("superseded"), next);
        Ok(())
    }

    /// Not the job's own word for it: a mutant may lie.
    fn deadline(&self, _: &World) -> Timestamp {
        start() + SignedDuration::try_from(self.policy.deadline()).unwrap()
    }

    /// What a look or a call can fail with.
    fn failures(&self) -> &'static [CallFailureKind] {
        const MANY_JOBS: &[CallFailureKind] = &[CallFailureKind::Lost, CallFailureKind::NotStored];
        const ONE_JOB: &[CallFailureKind] = &[
            CallFailureKind::Lost,
            CallFailureKind::NeverSent,
            CallFailureKind::Throttled { retry_after: Some(Duration::from_millis(200)) },
            CallFailureKind::Throttled { retry_after: Some(Duration::from_secs(3600)) },
            CallFailureKind::Refused { status: Some(400) },
            CallFailureKind::UserGone,
        ];
        match self.scope {
            Scope::OneJob => ONE_JOB,
            Scope::ManyJobs => MANY_JOBS,
        }
    }

    /// When a call whose outcome has not shown is given up.
    fn settled(&self, world: &World) -> Timestamp {
        self.deadline(world) + SignedDuration::try_from(self.policy.settling()).unwrap()
    }

    fn expand(&mut self, from: usize, world: &World) -> Result<(), &'static str> {
        match &world.action {
            Action::Finish(report) => return self.reported(from, world, report),
            _ if world.now >= self.deadline(world)
                && !(world.late && world.action == Action::Look) =>
            {
                return Err(DEADLINE);
            }
            Action::Look => self.look(from, world)?,
            Action::Call { force } => self.call(from, world, *force)?,
            Action::WaitUntil(until) => {
                if *until <= world.now || *until > self.deadline(world) {
                    return Err("a wait goes forward, and not past the deadline");
                }
                let woken = World { now: *until, ..world.clone() };
                let woken = self.tell(woken, Observation::Woken);
                self.push(from, format_args!("wait"), woken);
                self.crash(from, "", world.clone());
                if self.scope == Scope::OneJob {
                    let nudged = self.tell(world.clone(), Observation::Nudged);
                    self.push(from, format_args!("nudge"), nudged);
                    self.supersede(from, world)?;
                }
            }
            other => panic!("an action that this test does not know: {other:?}"),
        }
        Ok(())
    }

    fn look(&mut self, from: usize, world: &World) -> Result<(), &'static str> {
        for (server, how, third) in world.server.meanwhile() {
            let next = self.third_failure(World { server, late: false, ..world.clone() }, third)?;
            let observation = if next.server.exists {
                Observation::Looked(next.server.snapshot())
            } else {
                Observation::LookFailed(failure(CallFailureKind::Refused { status: Some(404) }))
            };
            let mut next = next;
            if next.server.exists {
                let seen = next.server.snapshot();
                let shown = (seen.failures, seen.last_synced.unwrap());
                next.soon_after = next.soon_after.filter(|last| *last == shown);
                next.seen = Some(seen);
                if !next.open && !next.started {
                    next.baseline = (next.server.successes, next.server.failures);
                }
            }
            let next = self.tell(next, observation);
            if next.action == Action::Look {
                return Err("a look is followed by something else");
            }
            self.push(from, format_args!("{how}look"), next);
        }
        for kind in self.failures() {
            let next = World { late: false, ..world.clone() };
            let next = self.tell(next, Observation::LookFailed(failure(*kind)));
            if next.action == Action::Look {
                return Err("a look that failed is not repeated without a pause");
            }
            self.push(from, format_args!("look: {kind:?}"), next);
        }
        let stalled =
            World { now: world.now.max(self.deadline(world)), late: false, ..world.clone() };
        let stalled = self.tell(stalled, Observation::LookFailed(failure(CallFailureKind::Lost)));
        self.push(from, format_args!("look: stalled"), stalled);
        if !world.late {
            self.crash(from, "", world.clone());
        }
        Ok(())
    }

    fn call(&mut self, from: usize, world: &World, force: bool) -> Result<(), &'static str> {
        self.visited.calls += 1;
        let Some(seen) = &world.seen else {
            return Err("it looks before it calls");
        };
        if world.open || world.started || world.acted > 0 {
            return Err(ONE_CALL);
        }
        if seen.failures >= 3 {
            return Err(DISABLED);
        }
        // design: counter 1 (or 2, where the policy spends the last attempt), consent not past,
        // and inactive.
        let consent_is_past = seen.consent_valid_until < Some(date(2026, 1, 1));
        if force != (seen.failures > 0 && !consent_is_past && !seen.active) {
            return Err(FORCE);
        }
        if seen.failures == 2 && self.policy.last_attempt() == LastAttempt::Keep {
            return Err(LAST_ATTEMPT);
        }
        let needs_the_user = seen.mode == Some(SyncMode::None) || consent_is_past;
        if self.policy.is_unattended() && needs_the_user {
            return Err(UNATTENDED);
        }
        if world.soon_after.is_some() {
            return Err(QUIET);
        }
        if seen.mode == Some(SyncMode::Shared) && !self.credentials {
            return Err("never a shared sync without our half of the credentials");
        }
        let seen = seen.clone();

        // Lost before the server reads it; or the process dies before it is sent.
        let unanswered = World { open: true, ..world.clone() };
        let lost =
            self.tell(unanswered.clone(), Observation::CallFailed(failure(CallFailureKind::Lost)));
        self.push(from, format_args!("call (force: {force}): lost before acting"), lost);
        self.crash(from, "call: lost before acting, ", unanswered);
        // Not acted on, and known not to be.
        let not_acted = self.failures().iter().filter(|kind| **kind != CallFailureKind::Lost);
        if self.scope == Scope::OneJob {
            self.supersede(from, world)?;
        }
        for kind in not_acted.copied() {
            let next = self.tell(world.clone(), Observation::CallFailed(failure(kind)));
            self.push(from, format_args!("call (force: {force}): {kind:?}"), next);
        }
        // It arrives, perhaps a little late.
        for (server, how, third) in world.server.meanwhile() {
            let before = self.third_failure(World { server, ..world.clone() }, third)?;
            for (server, answer) in before.server.sync(self.scope, force, self.credentials, &seen) {
                let acted = u8::from(!matches!(answer, Answer::Refused(_)));
                let arrived = World { server, acted: world.acted + acted, ..before.clone() };
                let how = format!("{how}call (force: {force}): ");

                let mut next = arrived.clone();
                let observation = match answer {
                    Answer::Started => {
                        next.started = true;
                        Observation::Started
                    }
                    Answer::UserNeeded => {
                        next.user_needed = true;
                        Observation::UserNeeded
                    }
                    Answer::Refused(status) => {
                        Observation::CallFailed(failure(CallFailureKind::Refused {
                            status: Some(status),
                        }))
                    }
                };
                let next = self.tell(next, observation.clone());
                self.push(from, format_args!("{how}{observation:?}"), next);

                let unanswered = World { open: true, ..arrived };
                let lost = failure(CallFailureKind::Lost);
                let next = self.tell(unanswered.clone(), Observation::CallFailed(lost.clone()));
                self.push(from, format_args!("{how}lost after acting"), next);
                let stalled = World { now: self.deadline(world), ..unanswered.clone() };
                let stalled = self.tell(stalled, Observation::CallFailed(lost));
                self.push(from, format_args!("{how}stalled after acting"), stalled);
                self.crash(from, &format!("{how}acted on, then "), unanswered);
            }
        }
        Ok(())
    }

    /// Holds every report against what really happened, then begins the next job.
    fn reported(
        &mut self,
        from: usize,
        world: &World,
        report: &SyncReport,
    ) -> Result<(), &'static str> {
        self.visited.reports += 1;
        let (successes, failures) = world.baseline;
        let honest = match report {
            // Of more than three successes no more are told apart.
            SyncReport::Succeeded { .. } => world.server.successes > successes || successes == 3,
            SyncReport::Failed { .. } => {
                world.seen.as_ref().is_some_and(|seen| seen.failures > failures)
            }
            SyncReport::UserNeeded => world.user_needed,
            SyncReport::Refused(_)
            | SyncReport::NotSent { .. }
            | SyncReport::Throttled { .. }
            | SyncReport::RefusedByServer { .. } => world.acted == 0 && !world.open,
            SyncReport::StillRunning => world.started && world.now >= self.deadline(world),
            SyncReport::FateUnknown => world.open && world.now >= self.deadline(world),
            SyncReport::NotSeenToAct => {
                let is_silent = world.seen.as_ref().is_some_and(|seen| seen.failures <= failures);
                (world.open || world.started) && is_silent && world.now >= self.settled(world)
            }
            SyncReport::Superseded => world.superseded,
            // Also where a gateway answers 404.
            SyncReport::Gone | SyncReport::UserGone => true,
            _ => false,
        };
        if !honest {
            return Err(HONESTY);
        }
        for (server, how, third) in world.server.meanwhile() {
            let next = self.third_failure(World { server, ..world.clone() }, third)?;
            let before = Some(&next.job).filter(|_| self.scope == Scope::ManyJobs);
            let has_debts = before.is_some_and(|job| job.history().debts() > 0);
            let waits: &[bool] = if has_debts { &[false, true] } else { &[false] };
            for soon in waits {
                let begun = self.begin(next.server.clone(), before, *soon);
                let when = if *soon { " at once" } else { "" };
                self.push(from, format_args!("{how}report {report:?}; a new job{when}"), begun);
            }
        }
        Ok(())
    }

    fn third_failure(&mut self, world: World, third: bool) -> Result<World, &'static str> {
        self.visited.third_failures += usize::from(third);
        let is_sought = self.rule == Some(THIRD_FAILURE);
        if third && (is_sought || self.policy.last_attempt() == LastAttempt::Keep) {
            return Err(THIRD_FAILURE);
        }
        Ok(world)
    }
}

/// The counter and `last_synced` that a job saw last.
type LastSeen = Option<(u32, Timestamp)>;

/// A history as it is for a job that begins some time later, or at once, and what was seen last. Calls
/// have few instants, so that histories which differ in nothing else count as one.
fn moved_back(
    history: &SyncHistory,
    policy: &SyncPolicy,
    successes: u8,
    soon: bool,
) -> (SyncHistory, LastSeen) {
    // The rules tell no more calls and debts apart.
    let most_calls = policy.calls_per_day().map_or(0, |calls| calls as usize);
    let most_debts = if policy.last_attempt() == LastAttempt::Spend { 1 } else { 2 };
    let at = after(start(), -600);
    let until = if soon { after(start(), -30) } else { at };
    let mut history = serde_json::to_value(history).unwrap();
    let (calls, debts) = (length(&history["calls"]), length(&history["debts"]));
    history["calls"] = vec![Value::from(at.to_string()); calls.min(most_calls)].into();
    let debt = serde_json::json!({"at": at.to_string(), "until": until.to_string()});
    history["debts"] = vec![debt; debts.min(most_debts)].into();
    if !policy.is_unattended() {
        history["user_needed"] = Value::Null;
        if debts == 0 {
            history["seen"] = Value::Null;
        }
    }
    // The new job counts successes anew: what the server shows now, or something else.
    let shown = Value::from(last_synced(successes).to_string());
    for place in ["seen", "user_needed"] {
        if let Some(known) = history[place].get_mut("last_synced") {
            let successes = if *known == shown { successes.min(1) } else { 0 };
            *known = last_synced(successes).to_string().into();
        }
    }
    let last_seen = history["seen"].as_object().map(|seen| {
        let failures = seen["failures"].as_u64().unwrap().try_into().unwrap();
        (failures, seen["last_synced"].as_str().unwrap().parse().unwrap())
    });
    (serde_json::from_value(history).unwrap(), last_seen)
}

fn length(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn failure(kind: CallFailureKind) -> CallFailure {
    CallFailure { kind, message: String::new() }
}

fn policies() -> [(&'static str, SyncPolicy); 4] {
    let few = |policy: SyncPolicy| {
        policy.with_deadline(3 * TICK).with_pauses(Duration::ZERO, Duration::ZERO)
    };
    let keep = few(SyncPolicy::default());
    [
        ("spending the last attempt", keep.clone().with_last_attempt(LastAttempt::Spend)),
        ("an hour between syncs", keep.clone().with_shortest_interval(Duration::from_secs(3600))),
        ("unattended", few(SyncPolicy::unattended())),
        ("by default", keep),
    ]
}

/// All servers that a search with, or without, our half of the credentials has to begin with.
fn servers(credentials: bool) -> Vec<Server> {
    let mut servers = Vec::new();
    for mode in [SyncMode::Full, SyncMode::Shared, SyncMode::None, SyncMode::from("weekly")] {
        for failures in 0..=3 {
            for active in [true, false] {
                for consent_is_past in [false, true] {
                    servers.push(Server {
                        exists: true,
                        mode: mode.clone(),
                        active,
                        failures,
                        consent_is_past,
                        successes: 0,
                        running: None,
                        queued: None,
                    });
                }
            }
        }
    }
    servers.retain(|server| credentials || server.mode == SyncMode::Shared);
    servers
}

#[test]
fn no_way_through_any_number_of_syncs_breaks_a_rule() {
    let mut searches = Vec::new();
    for (name, policy) in policies() {
        // What tells these two apart shows with the first look.
        let looks_closely = name == "by default" || policy.last_attempt() == LastAttempt::Spend;
        if looks_closely {
            searches.push((Scope::OneJob, name, policy.clone(), true));
        }
        // A debt stops nobody who spends the last attempt.
        if policy.last_attempt() == LastAttempt::Keep {
            searches.push((Scope::ManyJobs, name, policy.clone(), true));
        }
        searches.push((Scope::OneJob, name, policy, false));
    }
    let visited = std::thread::scope(|scope| {
        let searches = searches.iter().map(|(network, name, policy, credentials)| {
            scope.spawn(move || {
                let servers = servers(*credentials);
                let visited = Search::run(*network, REAL, policy, *credentials, servers, None)
                    .unwrap_or_else(|broken| panic!("{name}: {broken}"));
                println!("{name}, {network:?}, credentials at hand: {credentials}: {visited:?}");
                assert!(visited.calls > 0 || !credentials);
                assert!(visited.reports > 0);
                // The check can see a third failure where the policy permits one.
                let spends = policy.last_attempt() == LastAttempt::Spend && *credentials;
                assert_eq!(visited.third_failures > 0, spends);
                visited.worlds
            })
        });
        let searches: Vec<_> = searches.collect();
        searches.into_iter().map(|search| search.join().unwrap()).sum::<usize>()
    });
    println!("visited {visited} states of job, server and network");
}

#[test]
fn a_policy_that_spends_the_last_attempt_leads_a_healthy_connection_to_its_third_failure() {
    let [(_, spend), ..] = policies();
    let mut servers = servers(true);
    // Not one that the service syncs by itself: each failure has to be ours.
    servers.retain(|server| server.failures == 0 && server.mode != SyncMode::Full);
    let lost = Search::run(Scope::OneJob, REAL, &spend, true, servers, Some(THIRD_FAILURE))
        .expect_err("no way");
    println!("{lost}");
    let syncs = lost.way.iter().filter(|step| step.contains("call (force: "));
    assert_eq!(syncs.count(), 3, "{lost}");
}

/// Shows that a machine with a wrong rule breaks this one, under a policy that keeps the last
/// attempt.
fn assert_caught(scope: Scope, rule: &'static str, machine: Machine) {
    let [.., (_, keep)] = policies();
    assert_caught_under(&keep, scope, rule, machine);
}

fn assert_caught_under(policy: &SyncPolicy, scope: Scope, rule: &'static str, machine: Machine) {
    let broken =
        Search::run(scope, machine, policy, true, servers(true), Some(rule)).expect_err(rule);
    println!("{broken}");
    assert!(broken.way.len() > 1, "{broken}");
}

#[test]
fn a_machine_that_repeats_a_call_of_unknown_fate_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| match observation {
        Observation::CallFailed(lost) if lost.kind == CallFailureKind::Lost => {
            job.step(Observation::CallFailed(failure(CallFailureKind::NeverSent)), now)
        }
        observation => job.step(observation, now),
    };
    assert_caught(Scope::OneJob, ONE_CALL, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_starts_anew_after_a_crash_is_caught() {
    fn read_back(job: &SyncJob) -> SyncJob {
        SyncJob::new(job.connection_id(), job.policy().clone(), start())
            .with_credentials_at_hand(true)
    }
    assert_caught(Scope::OneJob, ONE_CALL, Machine { read_back, ..REAL });
}

#[test]
fn a_machine_that_always_forces_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| match job.step(observation, now) {
        Action::Call { .. } => Action::Call { force: true },
        action => action,
    };
    assert_caught(Scope::OneJob, FORCE, Machine { step, ..REAL });
}

/// Shows the job another counter than the server's.
fn with_counter(observation: Observation, counter: impl Fn(u32) -> u32) -> Observation {
    match observation {
        Observation::Looked(mut seen) => {
            seen.failures = counter(seen.failures);
            Observation::Looked(seen)
        }
        observation => observation,
    }
}

#[test]
fn a_machine_that_counts_one_failure_too_few_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| {
        job.step(
            with_counter(observation, |failures| if failures == 2 { 1 } else { failures }),
            now,
        )
    };
    assert_caught(Scope::OneJob, LAST_ATTEMPT, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_overlooks_a_disabled_connection_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| {
        job.step(with_counter(observation, |failures| failures % 3), now)
    };
    assert_caught(Scope::OneJob, DISABLED, Machine { step, ..REAL });
}

#[test]
fn a_store_that_keeps_no_history_is_caught() {
    assert_caught(
        Scope::ManyJobs,
        THIRD_FAILURE,
        Machine { keep: |_| SyncHistory::default(), ..REAL },
    );
    assert_caught(Scope::ManyJobs, QUIET, Machine { keep: without_debts, ..REAL });
}

fn without_debts(job: &SyncJob) -> SyncHistory {
    let mut history = serde_json::to_value(job.history()).unwrap();
    history["debts"] = Value::Array(Vec::new());
    serde_json::from_value(history).unwrap()
}

#[test]
fn a_machine_that_forgets_that_nobody_is_there_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| {
        let mut attended = serde_json::to_value(&*job).unwrap();
        attended["policy"]["unattended"] = false.into();
        *job = serde_json::from_value(attended).unwrap();
        job.step(observation, now)
    };
    let [.., (_, unattended), _] = policies();
    let machine = Machine { step, ..REAL };
    assert_caught_under(&unattended, Scope::ManyJobs, UNATTENDED, machine);
}

#[test]
fn a_machine_that_goes_on_when_it_is_superseded_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| match observation {
        Observation::Superseded => job.step(Observation::Woken, now),
        observation => job.step(observation, now),
    };
    assert_caught(Scope::OneJob, SUPERSEDED, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_forgets_its_deadline_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now: Timestamp| {
        *job = job.clone().with_deadline(after(now, 3600));
        job.step(observation, now)
    };
    assert_caught(Scope::OneJob, DEADLINE, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_takes_a_start_for_a_success_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| match observation {
        Observation::Started => Action::Finish(SyncReport::Succeeded { last_synced: Some(now) }),
        observation => job.step(observation, now),
    };
    assert_caught(Scope::OneJob, HONESTY, Machine { step, ..REAL });
}
