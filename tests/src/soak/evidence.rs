//! What a scenario leaves behind: the calls as their callers saw them, the requests as the server
//! saw them, and every word that was printed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;
use xs2a::sync::LastAttempt;
use xs2a::{ConnectionId, ErrorKind, Fate, Operation};

/// Everything that the promises are held against.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The calls, in the order they ended.
    pub calls: Vec<Call>,
    /// The requests, in the order they arrived: the sandbox's own log.
    pub requests: Vec<Request>,
    /// The jobs that a store kept, in the order they were written.
    pub kept: Vec<Kept>,
    /// What went wrong beside the server, by name: stores, clocks, processes.
    pub troubles: BTreeMap<&'static str, usize>,
    /// The connections that were disabled, and which request began the sync that did it.
    pub third_failures: Vec<ThirdFailure>,
    /// Logs of every level, and every result in its `Debug` and `Display` forms.
    pub printed: String,
    /// What must not be printed.
    pub secrets: BTreeSet<String>,
    /// Where an answer of the sandbox was not what the specification says.
    pub violations: Vec<String>,
    /// Clients that lived through a total outage.
    pub outages: Vec<Outage>,
}

/// A call, or a group of calls, as the caller saw it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who called: clients name themselves in every request.
    pub client: String,
    /// What was called.
    pub what: What,
    /// How it ended.
    pub ended: Ended,
    /// How long it took.
    pub took: Duration,
    /// How long it was allowed to take; none where it is many calls of its own.
    pub deadline: Option<Duration>,
    /// Between which requests of the log it ran.
    pub during: Range<usize>,
}

/// What was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One operation, once.
    Operation(Operation),
    /// Any number of reads with one operation: the pages of a list, the polls of a wizard.
    Reads(Operation),
    /// A stretch of a sync job; several may be of the same job, in one process or in several.
    Sync {
        /// Which job.
        job: usize,
        /// What the job's policy says of the last attempt.
        last_attempt: LastAttempt,
    },
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With what it was called for.
    Well,
    /// With an error.
    Badly {
        /// What the error names as called.
        operation: Operation,
        /// What went wrong.
        kind: ErrorKind,
        /// What is said of the server.
        fate: Fate,
        /// How often it was tried.
        attempts: u32,
    },
    /// A sync job came to a report.
    Reported {
        /// The name of the report.
        report: &'static str,
        /// The kind of the last error on the way, if there was one.
        kind: Option<ErrorKind>,
        /// What is said of the server.
        fate: Fate,
    },
    /// Nobody waited for its end.
    Dropped,
    /// With the panic of its store, which the client lets through.
    WithTheStore,
    /// With a panic, and this message.
    Panicked(String),
}

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub struct Request {
    /// When it arrived, by the sandbox's clock.
    pub at: Timestamp,
    /// The name that the client gave itself.
    pub client: String,
    /// The operation; none for what is none.
    pub operation: Option<Operation>,
    /// The path, with the ids.
    pub path: String,
    /// Status of the answer, sent or not.
    pub status: u16,
    /// Whether the server acted.
    pub acted: bool,
    /// The fault that it met, by name.
    pub fault: Option<&'static str>,
}

/// A job that a store kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// How many requests the server had seen by then.
    pub place: usize,
    /// The connection.
    pub connection: ConnectionId,
    /// The number of the job.
    pub job: usize,
    /// Whether the job calls next.
    pub is_intention: bool,
    /// Whether the job has ended.
    pub has_ended: bool,
}

/// A connection that was disabled by a third failure in a row.
#[derive(Clone, Debug)]
pub struct ThirdFailure {
    /// The connection.
    pub connection: ConnectionId,
    /// The request that began the sync, by its place in the log.
    pub request: usize,
    /// Whether the client could know: the second failure was on record when it looked last.
    pub foreseeable: bool,
}

/// A client that met an outage from its first call to its last.
#[derive(Clone, Debug)]
pub struct Outage {
    /// The client.
    pub client: String,
    /// The repetitions that its budget allows at once.
    pub burst: u32,
    /// What each call adds to the budget.
    pub refill: f64,
}

impl Evidence {
    /// The requests that were sent for a call, with their places in the log.
    pub fn requests_of(&self, call: &Call) -> impl Iterator<Item = (usize, &Request)> {
        let client = call.client.clone();
        call.during
            .clone()
            .filter_map(|place| Some((place, self.requests.get(place)?)))
            .filter(move |(_, request)| request.client == client)
    }

    /// The call that a request was sent for.
    pub fn call_of(&self, place: usize) -> Option<&Call> {
        let request = self.requests.get(place)?;
        self.calls.iter().find(|call| call.client == request.client && call.during.contains(&place))
    }
}
