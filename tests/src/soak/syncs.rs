//! Syncs that are waited for: by one caller or by two, dropped anywhere, and taken up again from
//! what was stored, by another process or by two at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use jiff::SignedDuration;
use tokio::time::sleep;
use xs2a::connections::SyncRun;
use xs2a::sync::{LastAttempt, SyncJob};
use xs2a::{ConnectionId, SyncError, SyncOutcome, SyncPolicy, UserClient};

use super::actors::Actor;
use super::evidence::What;
use super::sabotage::Sabotage;
use super::stage::Patience;
use super::troubled_store::{Row, Waits};
use crate::reports::fate_of;

/// The rows of a program, which all its processes share.
pub(super) type Rows = HashMap<ConnectionId, Row>;

impl Actor {
    /// Syncs a connection, or takes up the sync of it that has not ended.
    pub(super) async fn sync(&mut self) {
        let Some(id) = self.some_connection() else {
            return;
        };
        match self.rows.get(&id).and_then(Row::open_job) {
            Some((number, job)) => self.resume(number, job).await,
            None => self.begin(id).await,
        }
    }

    /// Takes up every sync that has not ended.
    pub(super) async fn finish_syncs(&mut self) {
        let mut open: Vec<(usize, SyncJob)> =
            self.rows.values().filter_map(Row::open_job).collect();
        open.sort_by(|(_, one), (_, other)| one.connection_id().cmp(other.connection_id()));
        for (number, job) in open {
            self.resume(number, job).await;
        }
    }

    async fn begin(&mut self, id: ConnectionId) {
        let policy = self.sync_policy();
        let row = self.rows.entry(id.clone()).or_default().clone();
        let number = self.stage.new_job();
        let (last_attempt, deadline) = (policy.last_attempt(), policy.deadline());
        let what = What::Sync { job: number, last_attempt };
        let policy = match self.stage.sabotage {
            Some(Sabotage::SpendLastAttempts) => policy.with_last_attempt(LastAttempt::Spend),
            Some(Sabotage::OutstayDeadlines) => policy.with_deadline(deadline * 10),
            _ => policy,
        };
        let run = |user: &UserClient| {
            let run = user.connections().sync(&id).policy(policy.clone());
            run.history(row.history())
        };
        let (first, waits) = self.equip(run(&self.user), number, &id, &row);
        match self.random.u8(0..8) {
            // Two callers at once get one sync.
            0 => {
                let (second, more) = self.equip(run(&self.user), number, &id, &row);
                let both = async {
                    let (first, second) = join(first.into_future(), second.into_future()).await;
                    if fate_of(&second) > fate_of(&first) { second } else { first }
                };
                self.watch(what, (deadline, vec![waits, more]), both).await;
            }
            // Two holders, of whom the store lets one call.
            1 => {
                self.stage.meet("two holders");
                let another = self.stage.new_job();
                let (client, user) = self.another_process();
                let (second, more) = self.equip(run(&user), another, &id, &row);
                let later = Duration::from_millis(self.random.u64(0..10_000));
                let (stage, limit) = (Arc::clone(&self.stage), (deadline, vec![more]));
                let its = What::Sync { job: another, last_attempt };
                let second = async move {
                    sleep(later).await;
                    let run = second.into_future();
                    stage.sync(&client, its, limit, Patience::Endless, run).await
                };
                join(self.watch(what, (deadline, vec![waits]), first.into_future()), second).await;
            }
            _ => self.watch(what, (deadline, vec![waits]), first.into_future()).await,
        }
    }

    /// Goes on with a stored job, often as another process, and now and then as two.
    async fn resume(&mut self, number: usize, job: SyncJob) {
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
        // The server tells its time in whole seconds.
        let left = left + SignedDuration::from_secs(1);
        // A job that is taken up after its deadline looks once more.
        let deadline = Duration::try_from(left + self.clock.set_back())
            .unwrap_or_default()
            .max(self.policy.deadline_of(xs2a::Operation::GetConnection));
        let row = self.rows.get(&id).cloned().unwrap_or_default();
        let run = |user: &UserClient| user.connections().resume(job.clone());
        let (first, waits) = self.equip(run(&self.user), number, &id, &row);
        let what = What::Sync { job: number, last_attempt };
        if self.random.u8(0..4) > 0 {
            return self.watch(what, (deadline, vec![waits]), first.into_future()).await;
        }
        self.stage.meet("two holders");
        let (client, user) = self.another_process();
        let (second, more) = self.equip(run(&user), number, &id, &row);
        let (stage, limit) = (Arc::clone(&self.stage), (deadline, vec![more]));
        let second = stage.sync(&client, what, limit, Patience::Endless, second.into_future());
        join(self.watch(what, (deadline, vec![waits]), first.into_future()), second).await;
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
    fn equip(
        &mut self,
        run: SyncRun,
        number: usize,
        id: &ConnectionId,
        row: &Row,
    ) -> (SyncRun, Waits) {
        let (save, waits) = row.saver(&self.stage, &mut self.random, number);
        let mut run = run.save_with(save);
        if self.random.u8(0..3) == 0 {
            self.nudge_at_some_time(id);
        }
        if let Some(half) = self.stage.sandbox.credentials(id.as_str())
            && self.random.u8(0..8) > 0
        {
            run = run.credentials(half);
        }
        (run, waits)
    }

    async fn watch(
        &mut self,
        what: What,
        limit: (Duration, Vec<Waits>),
        run: impl Future<Output = Result<SyncOutcome, SyncError>>,
    ) {
        let patience = self.patience_with_a_sync(limit.0);
        let stage = Arc::clone(&self.stage);
        match stage.sync(&self.client, what, limit, patience, run).await {
            Some(Ok(SyncOutcome::UserNeeded(session))) => self.go_on_with(&session).await,
            Some(Ok(SyncOutcome::Succeeded(_))) => {}
            Some(Err(error)) => {
                let json = serde_json::to_string(error.job()).expect("a job can be stored");
                stage.print(&json);
            }
            // Nobody waited: whoever takes the job up has what was stored.
            None if self.random.bool() => {
                stage.meet("process ended");
                self.restart();
            }
            None => stage.meet("future dropped"),
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
