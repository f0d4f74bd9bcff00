//! What was received and what was acted on.

use http::Method;

use crate::{faults::Fault, routes::Operation};

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// None for a path or a method that is no operation.
    pub(crate) operation: Option<Operation>,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// Whether the service carried the call out.
    pub(crate) acted: bool,
    pub(crate) fault: Option<Fault>,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: Vec<Entry>,
}

impl Log {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn received(&self, operation: &str) -> usize {
        self.of(operation).count()
    }

    pub(crate) fn acted(&self, operation: &str) -> usize {
        self.of(operation).filter(|entry| entry.acted).count()
    }

    fn of<'a>(&'a self, operation: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.operation.is_some_and(|found| found.id() == operation))
    }
}
