//! What was received and what was acted on.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use crate::{
    judge::{Side, Violation},
    routes::Operation,
};

/// How many requests, and how many violations, are kept: the latest.
const KEPT: usize = 10_000;

/// One request, as the log keeps it. Neither bodies nor queries are kept: they may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When it arrived, by the sandbox's clock.
    pub at: Timestamp,
    /// Id of the operation, such as `sync_connection`; none for what is no operation.
    pub operation: Option<&'static str>,
    /// Method of the request.
    pub method: String,
    /// Path of the request; left out where it is no operation's.
    pub path: String,
    /// Status of the answer. With a fault that lets no answer through, the one that was lost.
    pub status: u16,
    /// Whether the service carried the call out.
    pub acted: bool,
    /// Name of the fault that hit the call, such as `reset_after_acting`.
    pub fault: Option<&'static str>,
    /// How the client names itself, in the header `X-Client`.
    pub client: Option<String>,
}

/// One readable line.
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
            *self.acted.entry(operation).or_default() += usize::from(entry.acted);
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
