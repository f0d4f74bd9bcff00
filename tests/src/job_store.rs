//! A store of sync jobs, as a database would be one.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use xs2a::sync::{JobUpdate, Stored, SyncJob};

/// The jobs of one connection, as they were written one after the other. The store compares and
/// swaps. Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct JobStore(Arc<Mutex<Vec<String>>>);

impl JobStore {
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the job, if the store holds what the job replaces.
    pub fn keep(&self, update: &JobUpdate) -> Stored {
        let mut written = self.lock();
        let held = written.last().map(|json| read(json));
        let is_replaced = match update.replaces() {
            Some(revision) => held.is_some_and(|held| held.revision() == revision),
            None => held.is_none_or(|held| held.report().is_some()),
        };
        if !is_replaced {
            return Stored::Superseded;
        }
        written.push(serde_json::to_string(update.job()).expect("a job can be written"));
        Stored::Kept
    }

    /// Keeps the job, whatever the store holds. No store may do that.
    pub fn overwrite(&self, update: &JobUpdate) -> Stored {
        self.lock().push(serde_json::to_string(update.job()).expect("a job can be written"));
        Stored::Kept
    }

    /// What a run is given to store its job with.
    pub fn saver(
        &self,
    ) -> impl Fn(JobUpdate) -> Ready<Result<Stored, Infallible>> + Send + Sync + use<> {
        let store = self.clone();
        move |update| ready(Ok(store.keep(&update)))
    }

    /// Every job that was stored, the last one as a crash leaves it.
    pub fn all(&self) -> Vec<SyncJob> {
        self.lock().iter().map(|json| read(json)).collect()
    }

    /// The job that the store holds.
    pub fn last(&self) -> Option<SyncJob> {
        self.lock().last().map(|json| read(json))
    }

    /// All that was ever written.
    pub fn written(&self) -> String {
        self.lock().join("\n")
    }
}

fn read(json: &str) -> SyncJob {
    serde_json::from_str(json).expect("what was written can be read")
}
