//! What was received and what was acted on.

use http::Method;

use crate::{Sandbox, faults::Fault, routes::Operation};

/// One request that arrived, see [`Sandbox::log`].
#[derive(Clone, Debug)]
pub struct Entry {
    /// None for a path or a method that is no operation.
    pub(crate) operation: Option<Operation>,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// Whether the service carried the call out.
    pub(crate) acted: bool,
    pub(crate) fault: Option<Fault>,
    /// How the client names itself, in the header `X-Client`.
    pub(crate) client: Option<String>,
}

impl Entry {
    /// Id of the operation, such as `sync_connection`; none for a path or a method that is none.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation.map(Operation::id)
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Status of the answer, whether or not it was ever seen.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the service carried the call out.
    pub fn acted(&self) -> bool {
        self.acted
    }

    /// The fault that it met.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// How the client names itself, in the header `X-Client`.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }
}

impl Sandbox {
    /// What has arrived since the start, or since [`Sandbox::reset`], in this order.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.lock().log.entries().to_vec()
    }
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
