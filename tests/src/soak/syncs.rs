//! Syncs that are waited for: by one caller or by two, dropped anywhere, and taken up again from
//! what was stored, by another process or by two at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use jiff::SignedDuration;
use tokio::time::sleep;
use xs2a::connections::SyncRun;
use xs2a::sync::{LastAttempt, SyncHistory, SyncJob};
use xs2a::{ConnectionId, SyncError, SyncOutcome, SyncPolicy, UserClient};

use super::actors::Actor;
use super::evidence::What;
use super::stage::Patience;
use crate::job_store::JobStore;
use crate::reports::fate_of;

/// What the database of a program has of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// The number of the job in the notes.
    number: usize,
    store: JobStore,
}

impl Row {
    /// The stored job, if it has not ended.
    fn open_job(&self) -> Option<SyncJob> {
        self.store.last().filter(|job| job.report().is_none())
    }

    fn history(&self) -> SyncHistory {
        self.store.last().map(|job| job.history().clone()).unwrap_or_default()
    }
}

/// The rows of a program, which all its processes share.
pub(super) type Rows = HashMap<ConnectionId, Row>;

impl Actor {
    /// Syncs a connection, or takes up the sync of it that has not ended.
    pub(super) async fn sync(&mut self) {
        let Some(id) = self.some_connection() else {
            return;
        };
        match self.rows.get(&id).and_then(Row::open_job) {
            Some(job) => self.resume(job).await,
            None => self.begin(id).await,
        }
    }

    /// Takes up every sync that has not ended.
    pub(super) async fn finish_syncs(&mut self) {
        let mut open: Vec<SyncJob> = self.rows.values().filter_map(Row::open_job).collect();
        open.sort_by(|one, other| one.connection_id().cmp(other.connection_id()));
        for job in open {
            self.resume(job).await;
        }
    }

    async fn begin(&mut self, id: ConnectionId) {
        let policy = self.sync_policy();
        let row = self.rows.entry(id.clone()).or_default();
        row.number = self.stage.new_job();
        let row = row.clone();
        let (last_attempt, deadline) = (policy.last_attempt(), policy.deadline());
        let run = || {
            let run = self.user.connections().sync(&id).policy(policy.clone());
            run.history(row.history())
        };
        let (first, second) = (run(), run());
        if self.random.u8(0..8) == 0 {
            // Two callers at once get one sync.
            let (first, second) = (self.equip(first, &id, &row), self.equip(second, &id, &row));
            let both = async {
                let (first, second) = join(first.into_future(), second.into_future()).await;
                if fate_of(&second) > fate_of(&first) { second } else { first }
            };
            self.watch(row.number, last_attempt, deadline, both).await;
        } else {
            let run = self.equip(first, &id, &row);
            self.watch(row.number, last_attempt, deadline, run.into_future()).await;
        }
    }

    /// Goes on with a stored job, often as another process, and now and then as two.
    async fn resume(&mut self, job: SyncJob) {
        if self.random.u8(0..4) > 0 {
            self.restart();
        }
        let (id, last_attempt) = (job.connection_id().clone(), job.policy().last_attempt());
        // The job goes by the server's clock, and by that of its machine until the server answers.
        let (server, machine) = (self.stage.sandbox.now(), self.now());
        let job = match job.deadline() < server && self.random.bool() {
            true => job.with_deadline(server + SignedDuration::from_secs(120)),
            false => job,
        };
        let left = job.deadline().duration_since(server.min(machine));
        // A job that is taken up after its deadline looks once more.
        let deadline = Duration::try_from(left)
            .unwrap_or_default()
            .max(self.policy.deadline_of(xs2a::Operation::GetConnection));
        let row = self.rows.get(&id).cloned().unwrap_or_default();
        let run = |user: &UserClient| user.connections().resume(job.clone());
        let (first, number) = (self.equip(run(&self.user), &id, &row), row.number);
        if self.random.u8(0..4) > 0 {
            return self.watch(number, last_attempt, deadline, first.into_future()).await;
        }
        let (client, user) = self.another_process();
        let (second, stage) = (self.equip(run(&user), &id, &row), Arc::clone(&self.stage));
        let what = What::Sync { job: number, last_attempt };
        let second = stage.sync(&client, what, deadline, Patience::Endless, second.into_future());
        join(self.watch(number, last_attempt, deadline, first.into_future()), second).await;
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

    /// Hands a run the credentials, mostly, and the store.
    fn equip(&mut self, run: SyncRun, id: &ConnectionId, row: &Row) -> SyncRun {
        let (save, stage) = (row.store.saver(), Arc::clone(&self.stage));
        let mut run = run.save_with(move |update| {
            let json = serde_json::to_string(update.job()).expect("a job can be stored");
            stage.print(&json);
            save(update)
        });
        if self.random.u8(0..3) == 0 {
            self.nudge_at_some_time(id);
        }
        if let Some(half) = self.stage.sandbox.credentials(id.as_str())
            && self.random.u8(0..8) > 0
        {
            run = run.credentials(half);
        }
        run
    }

    async fn watch(
        &mut self,
        number: usize,
        last_attempt: LastAttempt,
        deadline: Duration,
        run: impl Future<Output = Result<SyncOutcome, SyncError>>,
    ) {
        let patience = self.patience_with_a_sync(deadline);
        let what = What::Sync { job: number, last_attempt };
        let stage = Arc::clone(&self.stage);
        match stage.sync(&self.client, what, deadline, patience, run).await {
            Some(Ok(SyncOutcome::UserNeeded(session))) => self.go_on_with(&session).await,
            Some(Ok(SyncOutcome::Succeeded(_))) => {}
            Some(Err(error)) => {
                let json = serde_json::to_string(error.job()).expect("a job can be stored");
                stage.print(&json);
            }
            // Nobody waited: whoever takes the job up has what was stored.
            None => {}
        }
    }

    fn sync_policy(&mut self) -> SyncPolicy {
        let policy = match self.random.u8(0..8) {
            0 => SyncPolicy::default().with_last_attempt(LastAttempt::Spend),
            1 => SyncPolicy::default().with_shortest_interval(Duration::from_secs(60)),
            2 => SyncPolicy::unattended(),
            3 => SyncPolicy::default().with_watching_on_refusal(),
            _ => SyncPolicy::default(),
        };
        policy.with_deadline(Duration::from_secs(self.random.u64(10..300)))
    }
}
