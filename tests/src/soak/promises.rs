//! Whether the promises were kept, from the evidence alone.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use xs2a::sync::LastAttempt;
use xs2a::{ErrorKind, Fate, Operation, RetryClass};

use super::evidence::{Call, Ended, Evidence, Request, What};
use crate::calls::called_before;

/// A promise of the client's, or the sandbox's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// The server acts at most once per call of an operation that is not safe to repeat.
    AtMostOnce,
    /// No default makes a connection's third failure happen.
    ThreeStrikes,
    /// Every call ends by its deadline.
    InTime,
    /// Every failure is a typed error that tells the truth; nothing panics.
    InTheOpen,
    /// No secret is printed.
    Secret,
    /// An outage is not multiplied.
    Bounded,
    /// The sandbox answers as the specification says.
    BySpec,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::AtMostOnce,
        Self::ThreeStrikes,
        Self::InTime,
        Self::InTheOpen,
        Self::Secret,
        Self::Bounded,
        Self::BySpec,
    ];
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtMostOnce => "at most once",
            Self::ThreeStrikes => "three strikes",
            Self::InTime => "in time",
            Self::InTheOpen => "in the open",
            Self::Secret => "no secret printed",
            Self::Bounded => "bounded",
            Self::BySpec => "answers by the spec",
        })
    }
}

/// A promise that was not kept, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The promise.
    pub promise: Promise,
    /// What happened.
    pub how: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.how)
    }
}

/// What the check of a scenario gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many things each promise was held against.
    pub checked: BTreeMap<Promise, usize>,
    /// The promises that were not kept.
    pub broken: Vec<Broken>,
}

impl Verdict {
    fn check(&mut self, promise: Promise, kept: bool, how: impl FnOnce() -> String) {
        *self.checked.entry(promise).or_default() += 1;
        if !kept {
            let how = how();
            self.broken.push(Broken { promise, how });
        }
    }
}

/// Timers of the runtime count milliseconds; a limit may be passed by that much.
const TICK: Duration = Duration::from_millis(2);

/// Holds the evidence against every promise.
pub fn judge(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::default();
    for call in &evidence.calls {
        in_time(call, &mut verdict);
        in_the_open(evidence, call, &mut verdict);
        at_most_once(evidence, call, &mut verdict);
    }
    one_sync_per_job(evidence, &mut verdict);
    by_the_stored_intention(evidence, &mut verdict);
    three_strikes(evidence, &mut verdict);
    secret(evidence, &mut verdict);
    bounded(evidence, &mut verdict);
    verdict
        .check(Promise::BySpec, evidence.violations.is_empty(), || evidence.violations.join("; "));
    verdict
}

fn in_time(call: &Call, verdict: &mut Verdict) {
    let is_cut = matches!(call.ended, Ended::Dropped | Ended::WithTheStore);
    if let (Some(deadline), false) = (call.deadline, is_cut) {
        let kept = call.took <= deadline + TICK;
        verdict.check(Promise::InTime, kept, || {
            format!("{} took {:?} of {deadline:?}", name(call), call.took)
        });
    }
}

fn in_the_open(evidence: &Evidence, call: &Call, verdict: &mut Verdict) {
    match &call.ended {
        Ended::Panicked(message) => verdict
            .check(Promise::InTheOpen, false, || format!("{} panicked: {message}", name(call))),
        Ended::Badly { operation, kind, fate, attempts } => {
            if let What::Operation(called) = call.what {
                // Or as what goes before it; then the call itself was not sent.
                let is_before = called_before(called) == Some(*operation)
                    && requests_for(evidence, call, called).is_empty();
                verdict.check(Promise::InTheOpen, called == *operation || is_before, || {
                    format!("{} failed as {}", name(call), operation.id())
                });
                tells_the_truth(evidence, call, *operation, (*kind, *fate, *attempts), verdict);
            }
            is_readable(call, *kind, verdict);
        }
        Ended::Reported { kind: Some(kind), .. } => is_readable(call, *kind, verdict),
        Ended::Well | Ended::Reported { kind: None, .. } | Ended::Dropped | Ended::WithTheStore => {
            verdict.check(Promise::InTheOpen, true, String::new);
        }
    }
}

/// The sandbox answers by the specification, in whatever form the values come.
fn is_readable(call: &Call, kind: ErrorKind, verdict: &mut Verdict) {
    verdict.check(Promise::InTheOpen, kind != ErrorKind::Undecodable, || {
        format!("the answer to {} could not be read", name(call))
    });
}

/// An error's fate and attempts, held against what the server did.
fn tells_the_truth(
    evidence: &Evidence,
    call: &Call,
    operation: Operation,
    (kind, fate, attempts): (ErrorKind, Fate, u32),
    verdict: &mut Verdict,
) {
    let sent: Vec<&Request> = requests_for(evidence, call, operation);
    let acted = sent.iter().filter(|request| request.acted).count();
    let truth = match fate {
        Fate::NotActed => acted == 0,
        Fate::Unknown => true,
        Fate::Acted => acted > 0,
    };
    verdict.check(Promise::InTheOpen, truth, || {
        format!("{} says {fate:?} ({kind:?}), the server acted {acted} times", name(call))
    });
    let counted = attempts as usize >= sent.len();
    verdict.check(Promise::InTheOpen, counted, || {
        format!("{} says {attempts} attempts, the server saw {}", name(call), sent.len())
    });
}

fn at_most_once(evidence: &Evidence, call: &Call, verdict: &mut Verdict) {
    for &operation in Operation::ALL {
        if operation.retry() != RetryClass::Unsent {
            continue;
        }
        let sent = requests_for(evidence, call, operation);
        let acted = sent.iter().filter(|request| request.acted).count();
        let allowed = match call.what {
            What::Operation(called) if called == operation => {
                if call.ended == Ended::Well {
                    verdict.check(Promise::AtMostOnce, acted == 1, || {
                        format!("{} succeeded, the server acted {acted} times", name(call))
                    });
                }
                1
            }
            // Judged for the job as a whole.
            What::Sync { .. } if operation == Operation::SyncConnection => continue,
            // The caller knows that this is a read.
            What::Reads(read) if read == operation => continue,
            // Calls of their own, each of which may need a token.
            What::Sync { .. } | What::Reads(_) if operation == Operation::CreateAccessToken => {
                continue;
            }
            // A token source makes a token of its own accord, and another when one is refused.
            _ if operation == Operation::CreateAccessToken => {
                1 + evidence
                    .requests_of(call)
                    .filter(|(_, request)| matches!(request.status, 401 | 404))
                    .count()
            }
            _ => 0,
        };
        if !sent.is_empty() {
            verdict.check(Promise::AtMostOnce, acted <= allowed, || {
                format!("the server acted {acted} times on {} for {}", operation.id(), name(call))
            });
        }
    }
}

fn one_sync_per_job(evidence: &Evidence, verdict: &mut Verdict) {
    // By job: the places of the requests on which the server acted, and the calls that deny it.
    let mut jobs = BTreeMap::<usize, (Vec<usize>, Vec<&Call>)>::new();
    for call in &evidence.calls {
        if let What::Sync { job, .. } = call.what {
            let (acted, denials) = jobs.entry(job).or_default();
            let syncs = evidence.requests_of(call).filter(|(_, request)| {
                request.acted && request.operation == Some(Operation::SyncConnection)
            });
            acted.extend(syncs.map(|(place, _)| place));
            if let Ended::Reported { fate: Fate::NotActed, .. } = call.ended {
                denials.push(call);
            }
        }
    }
    for (job, (acted, denials)) in jobs {
        verdict.check(Promise::AtMostOnce, acted.len() <= 1, || {
            format!("the server acted {} times on sync_connection for job {job}", acted.len())
        });
        // A holder knows its own calls, and by its look the calls before it. It does not know what
        // another holder does meanwhile, or who takes the job up later.
        let is_lie = |call: &&Call| {
            let is_its = |place: usize| evidence.requests[place].client == call.client;
            acted.iter().any(|&place| {
                place < call.during.start || (place < call.during.end && is_its(place))
            })
        };
        verdict.check(Promise::InTheOpen, !denials.iter().any(is_lie), || {
            format!("job {job} says that the server did not act, which it did")
        });
    }
}

/// Whoever syncs has stored the intention, nobody has stored anything since, and no other job of the
/// connection was open before.
fn by_the_stored_intention(evidence: &Evidence, verdict: &mut Verdict) {
    for call in &evidence.calls {
        let What::Sync { job, .. } = call.what else { continue };
        let syncs = evidence.requests_of(call).filter(|(_, request)| {
            request.acted && request.operation == Some(Operation::SyncConnection)
        });
        for (place, request) in syncs {
            let is_of = |connection: &str| request.path.split('/').any(|part| part == connection);
            let mut kept_before = evidence
                .kept
                .iter()
                .rev()
                .filter(|kept| kept.place <= place && is_of(kept.connection.as_str()));
            let last = kept_before.next();
            let other = kept_before.find(|kept| kept.job != job);
            let is_its = last.is_some_and(|last| last.job == job && last.is_intention);
            let is_alone = other.is_none_or(|other| other.has_ended);
            verdict.check(Promise::AtMostOnce, is_its && is_alone, || {
                format!(
                    "job {job} of {} synced, while the store held {last:?} after {other:?}",
                    call.client
                )
            });
        }
    }
}

fn three_strikes(evidence: &Evidence, verdict: &mut Verdict) {
    for call in &evidence.calls {
        if let What::Sync { last_attempt: LastAttempt::Keep, .. } = call.what {
            let guilty = evidence.third_failures.iter().find(|third| {
                third.foreseeable
                    && evidence.call_of(third.request).is_some_and(|by| std::ptr::eq(by, call))
            });
            verdict.check(Promise::ThreeStrikes, guilty.is_none(), || {
                let connection = guilty.map(|third| third.connection.as_str());
                format!(
                    "{} spent the last attempt of {}",
                    name(call),
                    connection.unwrap_or_default()
                )
            });
        }
    }
}

fn secret(evidence: &Evidence, verdict: &mut Verdict) {
    for secret in &evidence.secrets {
        let found = evidence.printed.find(secret.as_str());
        verdict.check(Promise::Secret, found.is_none(), || {
            let at = found.unwrap_or_default();
            let line = evidence.printed[..at].rfind('\n').map_or(0, |end| end + 1);
            let end =
                evidence.printed[at..].find('\n').map_or(evidence.printed.len(), |end| at + end);
            let line: String = evidence.printed[line..end].chars().take(400).collect();
            format!("a secret in: {line}")
        });
    }
}

fn bounded(evidence: &Evidence, verdict: &mut Verdict) {
    for outage in &evidence.outages {
        let calls: Vec<&Call> =
            evidence.calls.iter().filter(|call| call.client == outage.client).collect();
        let most = calls.len() as f64 * (1.0 + outage.refill) + f64::from(outage.burst);
        let attempts: u32 = calls
            .iter()
            .map(|call| match call.ended {
                Ended::Badly { attempts, .. } => attempts,
                _ => 1,
            })
            .sum();
        // What was refused the server has not seen, and what a caller has not seen it has.
        let requests = evidence.requests.iter();
        let (tokens, others): (Vec<&Request>, Vec<&Request>) =
            requests.filter(|request| request.client == outage.client).partition(|request| {
                matches!(
                    request.operation,
                    Some(Operation::CreateAccessToken | Operation::RefreshAccessToken)
                )
            });
        let sent = others.len().max(attempts as usize);
        verdict.check(Promise::Bounded, sent as f64 <= most, || {
            format!(
                "{} calls of {} became {sent} requests, at most {most:.0} were allowed",
                calls.len(),
                outage.client
            )
        });
        // The first token. Then a refused token is replaced, by two requests at most: once for each
        // repetition, and once for the next call where the budget allows no repetition.
        let repetitions = most - calls.len() as f64;
        let most_tokens = 1.0 + 2.0 * (1.0 + repetitions);
        verdict.check(Promise::Bounded, tokens.len() as f64 <= most_tokens, || {
            format!("{} made {} tokens, {most_tokens:.0} at most", outage.client, tokens.len())
        });
    }
}

fn requests_for<'a>(evidence: &'a Evidence, call: &Call, operation: Operation) -> Vec<&'a Request> {
    evidence
        .requests_of(call)
        .map(|(_, request)| request)
        .filter(|request| request.operation == Some(operation))
        .collect()
}

fn name(call: &Call) -> String {
    match call.what {
        What::Operation(operation) => format!("{} of {}", operation.id(), call.client),
        What::Reads(operation) => format!("reading by {} of {}", operation.id(), call.client),
        What::Sync { job, .. } => format!("job {job} of {}", call.client),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::soak::evidence::{Kept, Outage, ThirdFailure};

    const MINUTE: Duration = Duration::from_secs(60);

    /// A sync that went well, as a call of its own.
    fn evidence() -> Evidence {
        Evidence {
            calls: vec![call(What::Operation(Operation::SyncConnection), Ended::Well, 0..1)],
            requests: vec![sync()],
            ..Evidence::default()
        }
    }

    /// A job that reported, and its one request.
    fn job_evidence() -> Evidence {
        let what = What::Sync { job: 1, last_attempt: LastAttempt::Keep };
        Evidence {
            kept: vec![kept(1, true)],
            calls: vec![call(what, reported(Fate::Acted), 0..1)],
            requests: vec![sync()],
            ..Evidence::default()
        }
    }

    fn kept(job: usize, is_intention: bool) -> Kept {
        let has_ended = !is_intention;
        Kept { place: 0, connection: "con-1".into(), job, is_intention, has_ended }
    }

    fn call(what: What, ended: Ended, during: std::ops::Range<usize>) -> Call {
        Call {
            client: "a".to_owned(),
            what,
            ended,
            took: Duration::ZERO,
            deadline: Some(MINUTE),
            during,
        }
    }

    fn sync() -> Request {
        Request {
            at: Timestamp::UNIX_EPOCH,
            client: "a".to_owned(),
            operation: Some(Operation::SyncConnection),
            path: "/v1/api/connections/con-1/sync".to_owned(),
            status: 204,
            acted: true,
            fault: None,
        }
    }

    fn reported(fate: Fate) -> Ended {
        Ended::Reported { report: "a report", kind: None, fate }
    }

    fn failed(kind: ErrorKind, fate: Fate, attempts: u32) -> Ended {
        Ended::Badly { operation: Operation::SyncConnection, kind, fate, attempts }
    }

    fn broken(evidence: &Evidence) -> Vec<Promise> {
        let broken = judge(evidence).broken;
        broken.into_iter().map(|broken| broken.promise).collect()
    }

    #[test]
    fn nothing_is_found_where_all_went_well() {
        assert_eq!(broken(&evidence()), []);
        assert_eq!(broken(&job_evidence()), []);
    }

    #[test]
    fn a_second_act_for_one_call_is_found() {
        let mut evidence = evidence();
        evidence.requests.push(sync());
        evidence.calls[0].during = 0..2;
        evidence.calls[0].ended = failed(ErrorKind::Interrupted, Fate::Unknown, 2);
        assert_eq!(broken(&evidence), [Promise::AtMostOnce]);
    }

    #[test]
    fn a_second_act_for_one_job_is_found_across_processes() {
        let mut evidence = job_evidence();
        evidence.requests.push(Request { client: "b".to_owned(), ..sync() });
        evidence.calls[0].ended = Ended::Dropped;
        evidence.calls.push(Call {
            client: "b".to_owned(),
            during: 1..2,
            ..evidence.calls[0].clone()
        });
        assert_eq!(broken(&evidence), [Promise::AtMostOnce]);
    }

    #[test]
    fn a_report_that_denies_what_the_server_did_is_found_across_processes() {
        let mut evidence = job_evidence();
        evidence.calls[0].ended = Ended::Dropped;
        let resumed =
            Call { during: 1..1, ended: reported(Fate::NotActed), ..evidence.calls[0].clone() };
        evidence.calls.push(resumed);
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
        evidence.requests[0].acted = false;
        assert_eq!(broken(&evidence), []);
    }

    #[test]
    fn a_report_denies_only_what_its_holder_can_know() {
        let mut evidence = job_evidence();
        evidence.calls[0].ended = reported(Fate::NotActed);
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
        // Another holder called meanwhile, or the job was taken up and called later.
        let other =
            Call { client: "b".to_owned(), ended: Ended::Dropped, ..evidence.calls[0].clone() };
        evidence.requests[0].client = "b".to_owned();
        evidence.calls.push(other);
        assert_eq!(broken(&evidence), []);
        evidence.requests[0].client.clone_from(&evidence.calls[0].client);
        evidence.calls[1] = Call { ended: Ended::Dropped, ..evidence.calls[0].clone() };
        evidence.calls[0].during = 0..0;
        assert_eq!(broken(&evidence), []);
    }

    #[test]
    fn a_sync_whose_intention_is_not_what_the_store_holds_is_found() {
        for later in [kept(2, true), kept(1, false)] {
            let mut evidence = job_evidence();
            evidence.kept.push(later);
            assert_eq!(broken(&evidence), [Promise::AtMostOnce]);
        }
        let mut evidence = job_evidence();
        evidence.kept.insert(0, kept(2, true));
        assert_eq!(broken(&evidence), [Promise::AtMostOnce]);
        evidence.kept[0].has_ended = true;
        assert_eq!(broken(&evidence), []);
        let never_stored = Evidence { kept: Vec::new(), ..job_evidence() };
        assert_eq!(broken(&never_stored), [Promise::AtMostOnce]);
    }

    #[test]
    fn a_success_that_never_reached_the_server_is_found() {
        let mut evidence = evidence();
        evidence.requests.clear();
        assert_eq!(broken(&evidence), [Promise::AtMostOnce]);
    }

    #[test]
    fn a_request_that_nobody_called_for_is_found() {
        let mut evidence = evidence();
        evidence.calls[0].what = What::Operation(Operation::GetConnection);
        assert_eq!(broken(&evidence), [Promise::AtMostOnce]);
    }

    #[test]
    fn a_last_attempt_that_a_default_has_spent_knowingly_is_found_and_one_spent_by_name_is_not() {
        let mut evidence = job_evidence();
        let third = ThirdFailure { connection: "con-1".into(), request: 0, foreseeable: true };
        evidence.third_failures.push(third);
        assert_eq!(broken(&evidence), [Promise::ThreeStrikes]);
        evidence.third_failures[0].foreseeable = false;
        assert_eq!(broken(&evidence), []);
        evidence.third_failures[0].foreseeable = true;
        evidence.calls[0].what = What::Sync { job: 1, last_attempt: LastAttempt::Spend };
        assert_eq!(broken(&evidence), []);
    }

    #[test]
    fn a_call_beyond_its_deadline_is_found() {
        let mut evidence = evidence();
        evidence.calls[0].took = MINUTE + Duration::from_millis(3);
        assert_eq!(broken(&evidence), [Promise::InTime]);
    }

    #[test]
    fn a_panic_is_found() {
        let mut evidence = evidence();
        evidence.calls[0].ended = Ended::Panicked("index out of bounds".to_owned());
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
    }

    #[test]
    fn a_fate_that_is_not_the_truth_is_found() {
        let mut evidence = evidence();
        evidence.calls[0].ended = failed(ErrorKind::Throttled, Fate::NotActed, 1);
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
        evidence.requests[0].acted = false;
        assert_eq!(broken(&evidence), []);
        evidence.calls[0].ended = failed(ErrorKind::Truncated, Fate::Acted, 1);
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
    }

    #[test]
    fn attempts_that_are_not_counted_are_found() {
        let mut evidence = evidence();
        evidence.calls[0].ended = failed(ErrorKind::Interrupted, Fate::Unknown, 0);
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
    }

    #[test]
    fn an_error_of_another_operation_is_found() {
        let mut evidence = evidence();
        evidence.calls[0].what = What::Operation(Operation::CreateConnection);
        evidence.calls[0].ended = failed(ErrorKind::Connect, Fate::NotActed, 1);
        evidence.requests.clear();
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
    }

    #[test]
    fn an_answer_that_could_not_be_read_is_found() {
        let mut evidence = evidence();
        evidence.calls[0].ended = failed(ErrorKind::Undecodable, Fate::Acted, 1);
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);

        let mut evidence = job_evidence();
        let kind = Some(ErrorKind::Undecodable);
        let report = "user needed";
        evidence.calls[0].ended = Ended::Reported { report, kind, fate: Fate::Acted };
        assert_eq!(broken(&evidence), [Promise::InTheOpen]);
    }

    #[test]
    fn a_printed_secret_is_found_and_not_repeated_for_nothing() {
        let mut evidence = evidence();
        evidence.secrets.insert("pin-4711".to_owned());
        evidence.printed = "one line\nlogin with pin-4711 failed\nanother\n".to_owned();
        let found = judge(&evidence).broken;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].promise, Promise::Secret);
        assert!(found[0].how.ends_with("a secret in: login with pin-4711 failed"));
    }

    #[test]
    fn an_outage_that_is_multiplied_is_found() {
        let mut evidence = evidence();
        evidence.outages.push(Outage { client: "a".to_owned(), burst: 1, refill: 0.0 });
        let interrupted = |attempts| failed(ErrorKind::Interrupted, Fate::Unknown, attempts);
        evidence.calls[0].ended = interrupted(2);
        assert_eq!(broken(&evidence), []);
        evidence.calls[0].ended = interrupted(3);
        assert_eq!(broken(&evidence), [Promise::Bounded]);
    }

    #[test]
    fn an_answer_against_the_spec_is_found() {
        let mut evidence = evidence();
        evidence.violations.push("an integer that is none".to_owned());
        assert_eq!(broken(&evidence), [Promise::BySpec]);
    }
}
