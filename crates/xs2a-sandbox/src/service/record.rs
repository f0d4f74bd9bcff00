//! The log: what was received, what was carried out, and what the spec does not allow.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use super::judge::{Side, Violation};
use crate::{
    json::{Json, object},
    routes::Operation,
};

/// How many requests and how many violations are kept: the latest ones.
const KEPT: usize = 10_000;

/// One request in the log. Bodies and queries are not kept, because they may hold secrets.
///
/// [`Display`](std::fmt::Display) writes an entry as one line.
///
/// ```
/// use xs2a_sandbox::Sandbox;
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let url = format!("{}/v1/api/users", sandbox.base_url());
/// reqwest::Client::new().get(url).basic_auth("api", Some("wrong")).send().await.unwrap();
/// let entry = &sandbox.log()[0];
/// assert_eq!((entry.operation, entry.acted), (Some("list_users"), false));
/// assert_eq!(entry.to_string(), "401 GET /v1/api/users list_users, not acted");
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What the sandbox's clock showed.
    pub at: Timestamp,
    /// Id of the operation, such as `sync_connection`. None if the request is for no operation.
    pub operation: Option<&'static str>,
    /// Method of the request.
    pub method: String,
    /// Path of the request. It is left out if the request is for no operation.
    pub path: String,
    /// Status of the answer. If a fault lets no answer through, the status of the lost answer.
    pub status: u16,
    /// Whether the service carried out the call.
    pub acted: bool,
    /// Name of the fault that hit the call, such as `reset_after_acting`.
    pub fault: Option<&'static str>,
    /// Name of the client's software, from the header `X-Client`.
    pub client: Option<String>,
}

impl Entry {
    pub(crate) fn json(&self) -> Json {
        object! {
            "at": self.at.to_string(),
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "acted": self.acted,
            "fault": self.fault,
        }
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.status, self.method, self.path)?;
        if let Some(operation) = self.operation {
            let acted = if self.acted { "acted" } else { "not acted" };
            write!(f, " {operation}, {acted}")?;
        }
        match self.fault {
            Some(fault) => write!(f, ", fault {fault}"),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    received: HashMap<&'static str, usize>,
    acted: HashMap<&'static str, usize>,
    violations: VecDeque<Violation>,
}

impl Log {
    pub(crate) fn push(&mut self, entry: Entry) {
        tracing::info!("{entry}");
        if let Some(operation) = entry.operation {
            *self.received.entry(operation).or_default() += 1;
            if entry.acted {
                *self.acted.entry(operation).or_default() += 1;
            }
        }
        keep(&mut self.entries, entry);
    }

    pub(crate) fn violated(&mut self, side: Side, operation: Operation, details: Vec<String>) {
        for detail in details {
            let violation = Violation { side, operation: operation.id(), detail };
            tracing::debug!("{violation}");
            keep(&mut self.violations, violation);
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(crate) fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.violations.iter()
    }

    pub(crate) fn received(&self, operation: &str) -> usize {
        self.received.get(operation).copied().unwrap_or_default()
    }

    pub(crate) fn acted(&self, operation: &str) -> usize {
        self.acted.get(operation).copied().unwrap_or_default()
    }
}

fn keep<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}
