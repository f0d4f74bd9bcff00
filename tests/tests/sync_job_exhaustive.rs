//! Every way a sync job can go: breadth-first over the states of job × server × network.
//!
//! A [`World`] is a job with the action it has just asked for, the server it talks to, and what an
//! observer knows besides. From each world all successors are visited: every thing that the
//! network can do to the action, every thing that the server can do meanwhile, a crash that leaves
//! nothing but the stored job. Worlds that are equal are visited once. A broken rule ends the
//! search with the shortest way to it, step by step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use xs2a::sync::{
    Action, CallFailure, CallFailureKind, LastAttempt, Observation, SyncJob, SyncReport,
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
}

/// A sync in the background that a call of ours began.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Run {
    /// Whether the counter had risen between the job's last look and the call.
    behind_our_back: bool,
}

/// What the server says to a sync.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Started,
    UserNeeded,
    Refused(u16),
}

impl Server {
    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.mode = Some(self.mode.clone());
        snapshot.active = self.active;
        snapshot.failures = self.failures;
        snapshot.last_synced = Some(match self.successes {
            0 => after(start(), -100_000),
            n => after(start(), -100 + i64::from(n)),
        });
        let end = if self.consent_is_past { date(2025, 12, 31) } else { date(2026, 12, 31) };
        snapshot.consent_valid_until = Some(end);
        snapshot
    }

    fn succeed(mut self) -> Self {
        (self.failures, self.active, self.running) = (0, true, None);
        self.consent_is_past = false;
        self.successes = (self.successes + 1).clamp(2, 3);
        self
    }

    fn fail(mut self) -> Self {
        (self.failures, self.active, self.running) = (self.failures + 1, false, None);
        self
    }

    /// What can become of it while nobody looks, and the third failure that a call of ours made
    /// happen, unless the counter had risen behind our back.
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
    fn sync(&self, force: bool, credentials: bool, seen: u32) -> Vec<(Self, Answer)> {
        let refused = |status| vec![(self.clone(), Answer::Refused(status))];
        if !self.exists {
            return refused(404);
        }
        let unforced = self.failures > 0 && !self.active && !force;
        if self.failures >= 3 || unforced || (self.mode == SyncMode::Shared && !credentials) {
            return refused(422);
        }
        if self.running.is_some() {
            let joined = (self.clone(), Answer::Started);
            return vec![joined, (self.clone(), Answer::Refused(409))];
        }
        let run = Run { behind_our_back: self.failures > seen };
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
}

/// The machine under test: the real one, or one with a wrong rule.
#[derive(Clone, Copy)]
struct Machine {
    step: fn(&mut SyncJob, Observation, Timestamp) -> Action,
    read_back: fn(&SyncJob) -> SyncJob,
}

const REAL: Machine = Machine { step: SyncJob::step, read_back: through_storage };

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
    machine: Machine,
    policy: SyncPolicy,
    credentials: bool,
    /// The only rule to report when it is broken; none means every rule.
    rule: Option<&'static str>,
    visited: Visited,
    seen: HashSet<u64>,
    /// Where each world came from, and how.
    trail: Vec<(usize, String)>,
    frontier: Vec<(usize, World)>,
}

impl Search {
    fn run(
        machine: Machine,
        policy: &SyncPolicy,
        credentials: bool,
        servers: Vec<Server>,
        rule: Option<&'static str>,
    ) -> Result<Visited, Broken> {
        let mut search = Self {
            machine,
            policy: policy.clone(),
            credentials,
            rule,
            visited: Visited::default(),
            seen: HashSet::new(),
            trail: Vec::new(),
            frontier: Vec::new(),
        };
        for server in servers {
            let world = search.begin(server.clone());
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

    /// A new job for the server as it is. Each starts at the same instant, so that jobs that
    /// differ in nothing but the time count as one.
    fn begin(&self, mut server: Server) -> World {
        server.successes = server.successes.min(1);
        let mut job = SyncJob::new("c-1", self.policy.clone(), start())
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
        }
    }

    fn push(&mut self, from: usize, how: fmt::Arguments<'_>, mut world: World) {
        if !matches!(world.action, Action::Call { .. } | Action::Finish(_)) {
            world.seen = None;
        }
        let mut hasher = DefaultHasher::new();
        world.hash(&mut hasher);
        if self.seen.insert(hasher.finish()) {
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

    /// The process dies and another takes the job up as it was stored: at once, or after the
    /// deadline.
    fn crash(&mut self, from: usize, how: &str, world: World) {
        for late in [false, true] {
            let mut next = world.clone();
            next.job = (self.machine.read_back)(&next.job);
            next.open |= next.started;
            if late {
                next.now = after(self.deadline(&next), 3600);
                next.late = true;
            }
            let next = self.tell(next, Observation::Begin);
            self.push(
                from,
                format_args!("{how}crash and resume{}", if late { " late" } else { "" }),
                next,
            );
        }
    }

    /// Not the job's own word for it: a mutant may lie.
    fn deadline(&self, _: &World) -> Timestamp {
        start() + SignedDuration::try_from(self.policy.deadline()).unwrap()
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
                let nudged = self.tell(world.clone(), Observation::Nudged);
                self.push(from, format_args!("nudge"), nudged);
                self.crash(from, "", world.clone());
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
                next.seen = Some(next.server.snapshot());
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
        for kind in failures() {
            let next = World { late: false, ..world.clone() };
            let next = self.tell(next, Observation::LookFailed(failure(kind)));
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
        if seen.mode == Some(SyncMode::Shared) && !self.credentials {
            return Err("never a shared sync without our half of the credentials");
        }
        let seen = seen.failures;

        // Lost before the server reads it; or the process dies before it is sent.
        let unanswered = World { open: true, ..world.clone() };
        let lost =
            self.tell(unanswered.clone(), Observation::CallFailed(failure(CallFailureKind::Lost)));
        self.push(from, format_args!("call (force: {force}): lost before acting"), lost);
        self.crash(from, "call: lost before acting, ", unanswered);
        // Not acted on, and known not to be.
        for kind in failures().into_iter().filter(|kind| *kind != CallFailureKind::Lost) {
            let next = self.tell(world.clone(), Observation::CallFailed(failure(kind)));
            self.push(from, format_args!("call (force: {force}): {kind:?}"), next);
        }
        // It arrives, perhaps a little late.
        for (server, how, third) in world.server.meanwhile() {
            let before = self.third_failure(World { server, ..world.clone() }, third)?;
            for (server, answer) in before.server.sync(force, self.credentials, seen) {
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
            SyncReport::Succeeded { .. } => world.server.successes > successes,
            SyncReport::Failed { .. } => {
                world.seen.as_ref().is_some_and(|seen| seen.failures > failures)
            }
            SyncReport::UserNeeded => world.user_needed,
            SyncReport::Refused(_) | SyncReport::NotSent { .. } => world.acted == 0 && !world.open,
            SyncReport::RefusedByServer { .. } => world.acted == 0 && !world.open,
            SyncReport::StillRunning => world.started && world.now >= self.deadline(world),
            SyncReport::FateUnknown => world.open && world.now >= self.deadline(world),
            // Also where a gateway answers 404.
            SyncReport::Gone => true,
            _ => false,
        };
        if !honest {
            return Err(HONESTY);
        }
        for (server, how, third) in world.server.meanwhile() {
            let next = self.third_failure(World { server, ..world.clone() }, third)?;
            let next = self.begin(next.server);
            self.push(from, format_args!("{how}report {report:?}; a new job"), next);
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

fn failure(kind: CallFailureKind) -> CallFailure {
    CallFailure { kind, message: String::new() }
}

fn failures() -> [CallFailureKind; 5] {
    [
        CallFailureKind::Lost,
        CallFailureKind::NeverSent,
        CallFailureKind::Throttled { retry_after: Some(2 * TICK) },
        CallFailureKind::Throttled { retry_after: Some(Duration::from_secs(3600)) },
        CallFailureKind::Refused { status: Some(400) },
    ]
}

fn policies() -> [(&'static str, SyncPolicy); 3] {
    let keep =
        SyncPolicy::default().with_deadline(3 * TICK).with_pauses(Duration::ZERO, Duration::ZERO);
    [
        ("spending the last attempt", keep.clone().with_last_attempt(LastAttempt::Spend)),
        ("an hour between syncs", keep.clone().with_shortest_interval(Duration::from_secs(3600))),
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
    let searches: Vec<(&str, SyncPolicy, bool)> = policies()
        .into_iter()
        .flat_map(|(name, policy)| [(name, policy.clone(), true), (name, policy, false)])
        .collect();
    let visited = std::thread::scope(|scope| {
        let searches = searches.iter().map(|(name, policy, credentials)| {
            scope.spawn(move || {
                let visited = Search::run(REAL, policy, *credentials, servers(*credentials), None)
                    .unwrap_or_else(|broken| panic!("{name}: {broken}"));
                println!("{name}, credentials at hand: {credentials}: {visited:?}");
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
    let lost = Search::run(REAL, &spend, true, servers, Some(THIRD_FAILURE)).expect_err("no way");
    println!("{lost}");
    let syncs = lost.way.iter().filter(|step| step.contains("call (force: "));
    assert_eq!(syncs.count(), 3, "{lost}");
}

/// Shows that a machine with a wrong rule breaks this one, under a policy that keeps the last
/// attempt.
fn assert_caught(rule: &'static str, machine: Machine) {
    let [.., (_, keep)] = policies();
    let broken = Search::run(machine, &keep, true, servers(true), Some(rule)).expect_err(rule);
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
    assert_caught(ONE_CALL, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_starts_anew_after_a_crash_is_caught() {
    fn read_back(job: &SyncJob) -> SyncJob {
        SyncJob::new(job.connection_id(), job.policy().clone(), start())
            .with_credentials_at_hand(true)
    }
    assert_caught(ONE_CALL, Machine { read_back, ..REAL });
}

#[test]
fn a_machine_that_always_forces_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| match job.step(observation, now) {
        Action::Call { .. } => Action::Call { force: true },
        action => action,
    };
    assert_caught(FORCE, Machine { step, ..REAL });
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
    assert_caught(LAST_ATTEMPT, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_overlooks_a_disabled_connection_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| {
        job.step(with_counter(observation, |failures| failures % 3), now)
    };
    assert_caught(DISABLED, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_forgets_its_deadline_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now: Timestamp| {
        *job = job.clone().with_deadline(after(now, 3600));
        job.step(observation, now)
    };
    assert_caught(DEADLINE, Machine { step, ..REAL });
}

#[test]
fn a_machine_that_takes_a_start_for_a_success_is_caught() {
    let step = |job: &mut SyncJob, observation: Observation, now| match observation {
        Observation::Started => Action::Finish(SyncReport::Succeeded { last_synced: Some(now) }),
        observation => job.step(observation, now),
    };
    assert_caught(HONESTY, Machine { step, ..REAL });
}
