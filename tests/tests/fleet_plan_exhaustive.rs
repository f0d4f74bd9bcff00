//! Every state that a row can reach under the plan, breadth first, over states without duplicates: a
//! small world of one connection, whose service, bank and user do whatever they may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use xs2a::sync::{
    Action, CallFailure, CallFailureKind, Observation, SyncHistory, SyncJob, SyncReport,
};
use xs2a::types::SyncMode;
use xs2a::{Snapshot, SyncPolicy};
use xs2a_fleet::rules::{Clocks, Decision, Plan, Span, Verdict};
use xs2a_fleet::{FleetPolicy, Lane, Outcome, Parked, Priority, Report, Row, Seen, State};

const START: &str = "2026-01-31T12:00:00Z";

/// How long the world goes on.
const NIGHTS: i64 = 4;

/// The service's clock is ahead of the store's.
const AHEAD: SignedDuration = SignedDuration::from_mins(7);

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn policy() -> FleetPolicy {
    FleetPolicy::default()
        .with_night("Europe/Berlin", time(1, 0, 0, 0), time(5, 0, 0, 0))
        .with_closed_hours("BELADEBE", time(2, 0, 0, 0), time(3, 30, 0, 0))
        .with_stale_after(Duration::from_secs(50 * 3600))
        .with_first_look(Duration::from_secs(1800))
        .with_back_off(Duration::from_secs(1800))
        .with_parked_look(Duration::from_secs(40 * 3600))
        .with_sync(sync())
}

/// What the world knows, beside the row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    snapshot: Snapshot,
    /// Calls that the service has acted on and whose outcome has not shown.
    running: u8,
    /// When the service was called, for the limit of a day.
    calls: Vec<Timestamp>,
}

/// One state: the row, as far as it decides anything, and the world.
#[derive(Clone, Debug)]
struct Place {
    row: Row,
    world: World,
    now: Timestamp,
    /// When something was last reported.
    reported: Timestamp,
}

type Key = (State, Lane, Timestamp, Timestamp, u32, Option<SyncJob>, SyncHistory, World, Timestamp);

fn key(place: &Place) -> Key {
    let row = &place.row;
    let (job, history) = (row.job.clone(), row.history.clone());
    let world = place.world.clone();
    (row.state, row.lane, row.due, row.turn_at, row.tries, job, history, world, place.now)
}

fn row(seen: &Snapshot, due: Timestamp) -> Row {
    let json = serde_json::json!({"snapshot": seen, "at": start() - hours(9)});
    let seen: Seen = serde_json::from_value(json).unwrap();
    Row {
        connection_id: "con-1".into(),
        user_id: "usr-1".into(),
        bic: Some("BELADEBEXXX".to_owned()),
        bank_code: None,
        priority: Priority::Normal,
        fence: 1,
        state: State::Waiting,
        lane: Lane::Sync(Priority::Normal),
        due,
        turn_at: due,
        tries: 0,
        job: None,
        history: SyncHistory::default(),
        seen: Some(seen),
        report: None,
        is_untold: false,
    }
}

fn clocks(now: Timestamp) -> Clocks {
    Clocks { local: now, server: now + AHEAD }
}

/// Takes a verdict into the row, as the store does, and holds it against the promises.
fn settle(place: &Place, verdict: Verdict, job: Option<SyncJob>, history: SyncHistory) -> Place {
    let mut next = place.clone();
    assert!(verdict.due > place.now, "due at once again: {verdict:?} after {place:?}");
    assert!(verdict.due < place.now + hours(24 * 366), "never due: {verdict:?}");
    assert_eq!(verdict.state == State::Open, job.is_some(), "{verdict:?}");
    if matches!(place.row.state, State::Parked(_)) {
        // It was asked for once, until now.
        next.reported = place.now;
    }
    if let Some(outcome) = verdict.outcome {
        next.reported = place.now;
        let report = serde_json::json!({
            "id": "x", "connection_id": "con-1", "user_id": "usr-1", "outcome": outcome,
            "parked": null, "consent_ends": null, "at": place.now,
        });
        next.row.report = Some(serde_json::from_value::<Report>(report).unwrap());
    }
    (next.row.state, next.row.lane) = (verdict.state, verdict.lane);
    (next.row.due, next.row.turn_at, next.row.tries) = (verdict.due, verdict.due, verdict.tries);
    (next.row.job, next.row.history) = (job, history);
    next
}

/// What comes of a job's last action: the row after the turn.
fn after_job(plan: &Rules, place: &Place, job: SyncJob, report: SyncReport) -> Place {
    let now = clocks(place.now);
    let history = job.history().clone();
    let verdict = plan.after_run(&place.row, report, Some(&job), now);
    let open = job.is_open().then_some(job);
    settle(place, verdict, open, history)
}

fn failure(kind: CallFailureKind) -> CallFailure {
    CallFailure { kind, message: "x".to_owned() }
}

fn at_the_moment(action: Action, job: &SyncJob) -> SyncReport {
    match action {
        Action::Finish(report) => report,
        _ if job.is_open() => SyncReport::StillRunning,
        _ => SyncReport::NotSent { message: None },
    }
}

/// All that can come of the row's turn.
fn turn(plan: &Rules, place: &Place) -> Vec<Place> {
    let (now, mut place) = (clocks(place.now), place.clone());
    let looked = Observation::Looked(place.world.snapshot.clone());
    if let (State::Open, Some(mut job)) = (place.row.state, place.row.job.clone()) {
        let _ = job.step(Observation::Begin, now.server);
        let action = job.step(looked, now.server);
        assert!(!matches!(action, Action::Call { .. }), "a second call");
        let report = at_the_moment(action, &job);
        return vec![after_job(plan, &place, job, report)];
    }
    let mut decision = plan.before_look(&place.row, now);
    let mut ends = Vec::new();
    if decision == Decision::Look {
        let failed = plan.after_failed_look(&place.row, &failure(CallFailureKind::Lost), now);
        ends.push(settle(&place, failed, None, place.row.history.clone()));
        let snapshot = place.world.snapshot.clone();
        place.row.seen = Some(Seen { snapshot, at: now.server });
        decision = plan.decide(&place.row, &place.world.snapshot, now);
    }
    match decision {
        Decision::Look => panic!("a look after a look"),
        Decision::End(verdict) => {
            let history = place.row.history.clone();
            ends.push(settle(&place, verdict, None, history));
        }
        Decision::Call { .. } => ends.extend(call(plan, &place)),
    }
    ends
}

/// All that can come of a call that the plan has decided on.
fn call(plan: &Rules, place: &Place) -> Vec<Place> {
    let now = clocks(place.now);
    let local = place.now.to_zoned_datetime(jiff::tz::TimeZone::get("Europe/Berlin").unwrap());
    let at = local.time();
    assert!(at >= time(1, 0, 0, 0) && at < time(5, 0, 0, 0), "a call by day: {local}");
    let is_closed = at >= time(2, 0, 0, 0) && at < time(3, 30, 0, 0);
    assert!(!is_closed, "a call in the bank's closed hours: {local}");
    let healthy = place.world.snapshot.mode == Some(SyncMode::Full)
        && place.world.snapshot.failures == 0
        && place.world.snapshot.active;
    if healthy {
        let age = now.server - place.world.snapshot.last_synced.unwrap();
        assert!(age >= hours(50), "a healthy full connection is the service's");
    }
    let mut job = SyncJob::new("con-1", plan.sync.clone(), now.server)
        .with_history(place.row.history.clone())
        .with_credentials_at_hand(true);
    let _ = job.step(Observation::Begin, now.server);
    let action = job.step(Observation::Looked(place.world.snapshot.clone()), now.server);
    let Action::Call { .. } = action else {
        // The job's own rules are stricter here: nothing is called.
        let report = at_the_moment(action, &job);
        return vec![after_job(plan, place, job, report)];
    };
    let mut called = place.clone();
    called.world.calls.retain(|call| place.now - *call < hours(24));
    called.world.calls.push(place.now);
    assert!(called.world.calls.len() <= 4, "more than four calls in a day: {called:?}");
    let strikes = u32::from(place.world.running) + place.world.snapshot.failures;
    assert!(strikes < 2, "the last attempt is spent: {place:?}");
    let answers = [
        Observation::Started,
        Observation::UserNeeded,
        Observation::CallFailed(failure(CallFailureKind::Lost)),
        Observation::CallFailed(failure(CallFailureKind::Throttled { retry_after: None })),
        Observation::CallFailed(failure(CallFailureKind::Refused { status: Some(422) })),
    ];
    let mut ends = Vec::new();
    for answer in answers {
        let mut job = job.clone();
        let action = job.step(answer.clone(), now.server);
        let report = at_the_moment(action, &job);
        let acted = match answer {
            Observation::Started => &[true][..],
            // The answer is lost; the service may have acted.
            Observation::CallFailed(f) if f.kind == CallFailureKind::Lost => &[true, false],
            _ => &[false],
        };
        for acted in acted {
            let mut next = called.clone();
            next.world.running += u8::from(*acted);
            ends.push(after_job(plan, &next, job.clone(), report.clone()));
        }
    }
    // The holder dies with the intention stored: the row is free as it stands, and due.
    for acted in [true, false] {
        let mut next = called.clone();
        next.world.running += u8::from(acted);
        (next.row.state, next.row.job) = (State::Open, Some(job.clone()));
        next.now += SignedDuration::from_mins(1);
        next.row.due = next.now;
        ends.push(next);
    }
    ends
}

/// What may happen in the world before the row is due.
fn happens(place: &Place) -> Vec<Place> {
    let mut places = vec![place.clone()];
    let now = place.row.due.max(place.now);
    let moment = now + AHEAD - SignedDuration::from_mins(2);
    let mut change = |change: &dyn Fn(&mut World)| {
        let mut next = place.clone();
        change(&mut next.world);
        places.push(next);
    };
    if place.world.running > 0 {
        change(&|world| {
            world.running -= 1;
            world.snapshot.failures = 0;
            world.snapshot.last_synced = Some(moment);
            world.snapshot.active = world.snapshot.mode == Some(SyncMode::Full);
        });
        change(&|world| {
            world.running -= 1;
            world.snapshot.failures += 1;
            world.snapshot.active = false;
        });
    }
    if matches!(place.row.state, State::Parked(_)) {
        // The user logs in.
        change(&|world| {
            (world.snapshot.failures, world.running) = (0, 0);
            world.snapshot.last_synced = Some(moment);
            world.snapshot.consent_valid_until = Some(date(2026, 4, 30));
        });
    }
    for place in &mut places {
        place.now = now;
    }
    places
}

/// A plan, and the policy that its jobs go by.
struct Rules {
    plan: Plan,
    sync: SyncPolicy,
}

impl std::ops::Deref for Rules {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.plan
    }
}

fn sync() -> SyncPolicy {
    SyncPolicy::unattended().with_deadline(Duration::from_secs(600))
}

#[test]
fn no_row_is_called_against_the_rules_and_none_starves() {
    explore(policy(), sync());
}

#[test]
#[should_panic(expected = "in the bank's closed hours")]
fn a_plan_that_forgets_the_closed_hours_is_caught() {
    let (from, until) = (time(1, 0, 0, 0), time(5, 0, 0, 0));
    explore(
        FleetPolicy::default().with_night("Europe/Berlin", from, until).with_sync(sync()),
        sync(),
    );
}

#[test]
#[should_panic(expected = "a call by day")]
fn a_plan_that_forgets_the_night_is_caught() {
    let always = time(0, 0, 0, 0);
    explore(policy().with_night("Europe/Berlin", always, always), sync());
}

#[test]
#[should_panic(expected = "the last attempt is spent")]
fn a_plan_that_spends_the_last_attempt_is_caught() {
    let spends = sync().with_last_attempt(xs2a::sync::LastAttempt::Spend);
    explore(policy().with_sync(spends.clone()), spends);
}

#[test]
#[should_panic(expected = "a healthy full connection is the service's")]
fn a_plan_that_syncs_what_the_service_syncs_is_caught() {
    explore(policy().with_stale_after(Duration::from_secs(3600)), sync());
}

fn explore(policy: FleetPolicy, sync: SyncPolicy) {
    let plan = &Rules { plan: Plan::new(policy).unwrap(), sync };
    let mut waiting = VecDeque::new();
    for mode in ["full", "shared", "none", "weekly"] {
        for failures in 0..=3 {
            for (last, consent) in
                [(20, date(2026, 4, 30)), (49, date(2026, 2, 1)), (60, date(2026, 1, 1))]
            {
                let mut snapshot = Snapshot::default();
                snapshot.mode = Some(SyncMode::from(mode));
                snapshot.failures = failures;
                snapshot.active = failures == 0 && mode == "full";
                snapshot.last_synced = Some(start() - hours(last));
                snapshot.consent_valid_until = Some(consent);
                let due = plan.first_due(&"usr-1".into(), &"con-1".into(), start());
                let row = row(&snapshot, due);
                let world = World { snapshot, running: 0, calls: Vec::new() };
                waiting.push_back(Place { row, world, now: start(), reported: start() });
            }
        }
    }
    let (mut known, mut words, mut calls) = (HashSet::new(), HashMap::<_, u64>::new(), 0_u64);
    let end = start() + hours(24 * NIGHTS);
    while let Some(place) = waiting.pop_front() {
        if !known.insert(key(&place)) || place.row.due > end {
            continue;
        }
        for place in happens(&place) {
            for next in turn(plan, &place) {
                calls += u64::from(next.world.calls.len() > place.world.calls.len());
                let report = next.row.report.as_ref();
                let word = report.map_or("none", |report| report.outcome.as_str());
                *words.entry(word).or_default() += 1;
                // Nobody waits for more than two nights without a word, but for what is parked,
                // which was asked for once, and what waits for its look.
                let is_parked = matches!(next.row.state, State::Parked(_));
                let silent = next.now - next.reported;
                assert!(is_parked || silent < hours(49), "{silent} without a word: {next:#?}");
                waiting.push_back(next);
            }
        }
    }
    println!("{} states, {calls} calls, reports {words:?}", known.len());
    assert!(known.len() > 10_000, "{}", known.len());
    for word in ["succeeded", "failed", "user_needed", "watched", "parked", "not_seen_to_act"] {
        assert!(words.contains_key(word), "{word} never happened: {words:?}");
    }
}

#[test]
fn what_is_asked_once_is_not_asked_again_until_it_changes() {
    let plan = Plan::new(policy()).unwrap();
    let mut snapshot = Snapshot::default();
    snapshot.mode = Some(SyncMode::None);
    let mut row = row(&snapshot, start());
    let now = clocks(start());
    let asked = |row: &Row, snapshot: &Snapshot| match plan.decide(row, snapshot, now) {
        Decision::End(verdict) => (verdict.state, verdict.outcome),
        other => panic!("{other:?}"),
    };
    let why = Parked::UserNeeded;
    assert_eq!(asked(&row, &snapshot), (State::Parked(why), Some(Outcome::Parked(why))));
    row.state = State::Parked(why);
    assert_eq!(asked(&row, &snapshot), (State::Parked(why), None));
    snapshot.failures = 3;
    let why = Parked::Disabled;
    assert_eq!(asked(&row, &snapshot), (State::Parked(why), Some(Outcome::Parked(why))));
}

#[test]
fn a_sync_that_waited_past_the_night_or_into_closed_hours_does_not_begin() {
    let plan = Plan::new(policy()).unwrap();
    let row = row(&Snapshot::default(), start());
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let open = "2026-02-01T00:59:59Z";
    assert!(plan.may_call(&row, at(open)), "by night, and the bank is open");

    let rows = [
        ("2026-02-01T01:00:00Z", "2026-02-01T02:30:00Z", None),
        ("2026-02-01T04:00:25Z", "2026-02-02T00:00:00Z", Some(Outcome::NotReached)),
    ];
    for (now, due, outcome) in rows {
        assert!(!plan.may_call(&row, at(now)), "{now}");
        let not_sent = SyncReport::NotSent { message: None };
        let verdict = plan.after_run(&row, not_sent, None, clocks(at(now)));
        assert_eq!((verdict.due, verdict.outcome), (at(due), outcome), "{now}");
        assert_eq!(verdict.state, State::Waiting, "{now}");
        assert!(plan.may_call(&row, verdict.due), "{now}");
    }
}

#[test]
fn the_rest_of_each_night_is_reported_once_and_around_the_clock_after_a_day() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let span = |start: &str, end: &str| Some(Span { start: at(start), end: at(end) });
    let plan = |from, until| {
        let (from, until) = (time(from, 0, 0, 0), time(until, 0, 0, 0));
        Plan::new(FleetPolicy::default().with_night("Europe/Berlin", from, until)).unwrap()
    };
    let (night, always) = (plan(1, 6), plan(0, 0));
    let last_night = span("2026-02-03T00:00:00Z", "2026-02-03T05:00:00Z");
    let day_before_yesterday = span("2026-01-31T23:00:00Z", "2026-02-01T23:00:00Z");
    for (plan, now, ended) in [
        (&night, "2026-02-03T04:59:59Z", None),
        (&night, "2026-02-03T05:00:00Z", last_night),
        (&night, "2026-02-03T22:00:00Z", last_night),
        (&always, "2026-02-02T23:00:00Z", day_before_yesterday),
        (&always, "2026-02-03T22:59:59Z", day_before_yesterday),
    ] {
        assert_eq!(plan.night_to_report(at(now), None), ended, "{now}");
        let reported = ended.map(|night| night.end);
        assert_eq!(plan.night_to_report(at(now), reported), None, "{now}");
    }
}

#[test]
fn a_policy_that_cannot_work_is_refused_with_the_setting() {
    let closed =
        FleetPolicy::default().with_closed_hours("BELADEBE", time(0, 0, 0, 0), time(7, 0, 0, 0));
    let rows = [
        (closed, "closed all night"),
        (FleetPolicy::default().with_pace(0, 9), "pace"),
        (FleetPolicy::default().with_lease(Duration::ZERO), "lease"),
        (
            FleetPolicy::default().with_night("Berlin", time(1, 0, 0, 0), time(2, 0, 0, 0)),
            "zone \"Berlin\"",
        ),
    ];
    for (policy, word) in rows {
        let error = Plan::new(policy).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}
