//! Syncs that are waited for: by one caller or by two, dropped anywhere, and taken up again by
//! another process from what was stored.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join;
use jiff::SignedDuration;
use tokio::time::sleep;
use xs2a::connections::SyncRun;
use xs2a::sync::{LastAttempt, SyncJob, SyncReport};
use xs2a::{ConnectionId, SyncError, SyncOutcome, SyncPolicy};

use super::actors::Actor;
use super::evidence::What;
use crate::reports::fate_of;

/// A job as the queue holds it.
#[derive(Clone, Debug)]
pub(super) struct StoredJob {
    number: usize,
    json: String,
}

/// Where a run stores its job.
type Shelf = Arc<Mutex<Option<String>>>;

impl Actor {
    /// Syncs a connection, or takes up a sync that was dropped.
    pub(super) async fn sync(&mut self) {
        if !self.jobs.is_empty() && self.random.bool() {
            let place = self.random.usize(..self.jobs.len());
            let stored = self.jobs.swap_remove(place);
            return self.resume(stored).await;
        }
        let Some(id) = self.some_connection() else {
            return;
        };
        let policy = self.sync_policy();
        let number = self.stage.new_job();
        let (last_attempt, deadline) = (policy.last_attempt(), policy.deadline());
        let run = || {
            let connections = self.user.connections();
            connections.sync(&id).policy(policy.clone())
        };
        let (first, second) = (run(), run());
        if self.random.u8(0..8) == 0 {
            // Two callers at once get one sync.
            let (first, second) = (self.equip(first, &id).0, self.equip(second, &id).0);
            let both = async {
                let (first, second) = join(first.into_future(), second.into_future()).await;
                if fate_of(&second) > fate_of(&first) { second } else { first }
            };
            self.watch(number, last_attempt, deadline, &Shelf::default(), both).await;
        } else {
            let (run, shelf) = self.equip(first, &id);
            self.watch(number, last_attempt, deadline, &shelf, run.into_future()).await;
        }
    }

    /// Takes up what is left in the queue.
    pub(super) async fn finish_syncs(&mut self) {
        for stored in std::mem::take(&mut self.jobs) {
            self.resume(stored).await;
        }
    }

    /// Goes on with a stored job, often as another process.
    async fn resume(&mut self, stored: StoredJob) {
        if self.random.u8(0..4) > 0 {
            self.restart();
        }
        let job: SyncJob = serde_json::from_str(&stored.json).expect("what was stored can be read");
        let (id, last_attempt) = (job.connection_id().clone(), job.policy().last_attempt());
        let left = job.deadline().duration_since(self.now());
        // A job that is taken up after its deadline looks once more.
        let deadline = Duration::try_from(left).unwrap_or_default().max(self.policy.deadline());
        let (run, shelf) = self.equip(self.user.connections().resume(job), &id);
        let number = stored.number;
        let drive = run.into_future();
        self.watch(number, last_attempt, deadline, &shelf, drive).await;
    }

    /// A webhook arrives while a sync is on its way, or thereabouts.
    fn nudge_at_some_time(&mut self, id: &ConnectionId) {
        let (user, id) = (self.user.clone(), id.clone());
        let after = Duration::from_millis(self.random.u64(0..60_000));
        tokio::spawn(async move {
            sleep(after).await;
            user.nudge(id);
        });
    }

    /// Hands a run the credentials, mostly, and a shelf to store its job on.
    fn equip(&mut self, run: SyncRun, id: &ConnectionId) -> (SyncRun, Shelf) {
        let shelf = Shelf::default();
        let stored = Arc::clone(&shelf);
        let stage = Arc::clone(&self.stage);
        let mut run = run.save_with(move |job: SyncJob| {
            let json = serde_json::to_string(&job).expect("a job can be stored");
            stage.print(&json);
            *stored.lock().unwrap_or_else(PoisonError::into_inner) = Some(json);
            async { Ok::<_, Infallible>(()) }
        });
        if self.random.u8(0..3) == 0 {
            self.nudge_at_some_time(id);
        }
        if let Some(half) = self.stage.sandbox.credentials(id.as_str())
            && self.random.u8(0..8) > 0
        {
            run = run.credentials(half);
        }
        (run, shelf)
    }

    async fn watch(
        &mut self,
        number: usize,
        last_attempt: LastAttempt,
        deadline: Duration,
        shelf: &Shelf,
        run: impl Future<Output = Result<SyncOutcome, SyncError>>,
    ) {
        let patience = self.patience_with_a_sync(deadline);
        let what = What::Sync { job: number, last_attempt };
        let stage = Arc::clone(&self.stage);
        let ended = stage.sync(&self.client, what, deadline, patience, run).await;
        let stored = shelf.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ended {
            Some(Ok(SyncOutcome::UserNeeded(session))) => self.go_on_with(&session).await,
            Some(Ok(SyncOutcome::Succeeded(_))) => {}
            Some(Err(error)) => {
                let json = serde_json::to_string(error.job()).expect("a job can be stored");
                stage.print(&json);
                if let (SyncReport::StillRunning | SyncReport::FateUnknown, true) =
                    (error.report(), self.random.bool())
                {
                    let later = self.now() + SignedDuration::from_secs(120);
                    let job = error.job().clone().with_deadline(later);
                    let json = serde_json::to_string(&job).expect("a job can be stored");
                    self.jobs.push(StoredJob { number, json });
                }
            }
            // Nobody waited: whoever takes the job up has what was stored.
            None => self.jobs.extend(stored.map(|json| StoredJob { number, json })),
        }
    }

    fn sync_policy(&mut self) -> SyncPolicy {
        let deadline = Duration::from_secs(self.random.u64(10..300));
        let policy = SyncPolicy::default().with_deadline(deadline);
        match self.random.u8(0..8) {
            0 => policy.with_last_attempt(LastAttempt::Spend),
            1 => policy.with_shortest_interval(Duration::from_secs(60)),
            _ => policy,
        }
    }
}
