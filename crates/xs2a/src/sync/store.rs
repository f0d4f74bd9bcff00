//! What a run tells the store of its job, and what the store answers.

use super::job::SyncJob;

/// A job to be stored: what [`SyncRun::save_with`](crate::connections::SyncRun::save_with) hands to
/// the store.
///
/// The store compares and swaps: it keeps [`job`](Self::job) only if what it holds for the connection
/// has the revision [`replaces`](Self::replaces), in one step, and answers [`Stored::Superseded`]
/// otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobUpdate {
    job: SyncJob,
    replaces: Option<u64>,
}

impl JobUpdate {
    /// The update that stores the job as it is now.
    pub(crate) fn of(job: &mut SyncJob) -> Self {
        let replaces = job.revise();
        Self { job: job.clone(), replaces }
    }

    /// The job to keep. Its [`revision`](SyncJob::revision) is one more than that of the job it
    /// replaces.
    pub fn job(&self) -> &SyncJob {
        &self.job
    }

    /// The revision of the stored job that this one replaces. `None` where the job was never stored:
    /// then the store holds no job of the connection that has not ended.
    pub fn replaces(&self) -> Option<u64> {
        self.replaces
    }

    /// Whether the run calls the sync next. This job has to be kept for good, in a durable store,
    /// before the store answers.
    pub fn is_intention(&self) -> bool {
        self.job.is_calling()
    }
}

/// What the store answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a superseded holder must not go on"]
pub enum Stored {
    /// The job is kept.
    Kept,
    /// The store holds another revision: another holder has gone on with the job. The run ends at
    /// once, without a call, with [`SyncReport::Superseded`](super::SyncReport::Superseded).
    Superseded,
}
