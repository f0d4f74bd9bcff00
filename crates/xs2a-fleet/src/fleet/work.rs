//! One turn of one connection: from the claimed row to its report.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;
use tracing::{Instrument, debug, error, info_span, warn};
use xs2a::connections::SyncRun;
use xs2a::sync::{CallFailure, JobUpdate, Stored, SyncHistory, SyncJob, SyncReport, SyncStart};
use xs2a::types::Connection;
use xs2a::{ConnectionId, Snapshot, UserClient, UserId, UserSession};

use super::handle::{Inner, UserSessionFor};
use crate::error::Error;
use crate::lock::lock;
use crate::row::{Parked, Report, Row, Seen, State};
use crate::rules::{Clocks, Decision, Verdict};
use crate::store::Ending;

/// The pause before a statement is tried again that failed for a passing reason; it doubles.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// The pause before a report is told again that could not be told; it doubles up to a minute.
const TELL_PAUSE: Duration = Duration::from_secs(1);

/// Why a sync was not begun after its wait at the gate.
const TOO_LATE: &str =
    "the night is over or the bank has closed while the sync waited for its turn";

/// How a run of a job ended, with all that is known.
struct Ran {
    report: SyncReport,
    job: Option<SyncJob>,
    connection: Option<Connection>,
    session: Option<UserSession>,
}

impl Inner {
    /// The turns of some connections of one user.
    pub(super) async fn work(self: Arc<Self>, user_id: UserId, rows: Vec<Row>) {
        let user = self.api.user(&user_id);
        let needs_look = |row: &&Row| self.plan.needs_look(row, self.clocks());
        let to_look_at: Vec<_> =
            rows.iter().filter(needs_look).map(|row| row.connection_id.clone()).collect();
        let mut seen = self.list(&user, &to_look_at).await;
        let turns = rows.into_iter().map(|row| {
            let given = seen.remove(&row.connection_id);
            let span = info_span!("xs2a.turn", xs2a.connection_id = row.connection_id.as_str());
            self.turn(&user, row, given).instrument(span)
        });
        join_all(turns).await;
    }

    /// Looks at several connections by the list of the user's: a page costs as much as a look. Reads
    /// no more pages than the looks would be calls; what the list does not show is looked at singly.
    async fn list(
        &self,
        user: &UserClient,
        wanted: &[ConnectionId],
    ) -> HashMap<ConnectionId, Connection> {
        let mut seen = HashMap::new();
        let pages = user.connections().list().per_page(100);
        for number in 1..u32::try_from(wanted.len()).unwrap_or(u32::MAX) {
            let Ok(page) = pages.page(number).await else { break };
            let is_wanted = |connection: &Connection| wanted.contains(&connection.id);
            let found = page.items.into_iter().filter(is_wanted);
            seen.extend(found.map(|connection| (connection.id.clone(), connection)));
            if seen.len() == wanted.len() || number >= page.last {
                break;
            }
        }
        seen
    }

    async fn turn(self: &Arc<Self>, user: &UserClient, row: Row, given: Option<Connection>) {
        if row.is_untold {
            let report = row.report.clone();
            self.tell(&row, report).await;
        } else if let (State::Open, Some(job)) = (row.state, row.job.clone()) {
            let run = user.connections().resume(job);
            let ran = self.run(run, &row).await;
            self.after_run(&row, ran).await;
        } else {
            self.begin(user, &row, given).await;
        }
        self.let_go(&row.connection_id, row.fence);
    }

    /// A turn of a connection whose call is not open: a look if need be, and a sync if it is right.
    async fn begin(self: &Arc<Self>, user: &UserClient, row: &Row, mut given: Option<Connection>) {
        let mut now = self.clocks();
        let mut decision = self.plan.before_look(row, now);
        let mut seen = row.seen.clone();
        if decision == Decision::Look {
            let looked = match given.take() {
                Some(connection) => Ok(connection),
                None => user.connections().get(&row.connection_id).await,
            };
            now = self.clocks();
            match looked {
                Ok(connection) => {
                    let snapshot = user.snapshot(&connection);
                    decision = self.plan.decide(row, &snapshot, now);
                    seen = Some(Seen { snapshot, at: now.server });
                    given = Some(connection);
                }
                Err(error) => {
                    let failure = CallFailure::from_look(&error);
                    let verdict = self.plan.after_failed_look(row, &failure, now);
                    return self.end(row, verdict, None, &row.history, None, now).await;
                }
            }
        }
        let with_half = match decision {
            Decision::End(verdict) => {
                return self.end(row, verdict, None, &row.history, seen.as_ref(), now).await;
            }
            Decision::Call { with_half } => with_half,
            // A look has just been taken.
            Decision::Look => false,
        };
        let mut run = user.connections().sync(&row.connection_id);
        run = run.policy(self.plan.policy().sync.clone()).history(row.history.clone());
        if with_half {
            let (user_id, id) = (row.user_id.clone(), row.connection_id.clone());
            let half = match &self.hooks.half {
                Some(half) => half(user_id, id).await,
                None => None,
            };
            let Some(half) = half else {
                let verdict = self.plan.park(row, Parked::CredentialsMissing, now);
                return self.end(row, verdict, None, &row.history, seen.as_ref(), now).await;
            };
            run = run.credentials(half);
        }
        if let Some(connection) = given {
            run = run.seen(connection);
        }
        let ran = self.run(run, row).await;
        self.after_run(row, ran).await;
    }

    /// Runs a job up to the server's answer, or through one look. Only intentions are stored on the
    /// way; what follows is stored when the turn ends, and a crash before that is settled by looking.
    async fn run(self: &Arc<Self>, run: SyncRun, row: &Row) -> Ran {
        let last = Arc::new(Mutex::new(None));
        let (store, worker) = (self.store.clone(), self.worker.clone());
        let (id, fence, told) = (row.connection_id.clone(), row.fence, Arc::clone(&last));
        let (inner, turn) = (Arc::clone(self), row.clone());
        let run = run.save_with(move |update: JobUpdate| {
            *lock(&told) = Some(update.job().clone());
            let (store, worker, id) = (store.clone(), worker.clone(), id.clone());
            let (inner, turn) = (Arc::clone(&inner), turn.clone());
            async move {
                if !update.is_intention() {
                    return Ok(Stored::Kept);
                }
                inner.gate.reserve(id.as_str()).await;
                if !inner.plan.may_call(&turn, inner.clocks().local) {
                    return Err(Error::Policy(TOO_LATE.to_owned()));
                }
                let is_kept = store.save(&worker, &id, fence, update.job()).await?;
                Ok::<_, Error>(if is_kept { Stored::Kept } else { Stored::Superseded })
            }
        });
        let started = run.start().await;
        let last = lock(&last).take();
        match started {
            Ok(SyncStart::Started(job)) => {
                let report = SyncReport::StillRunning;
                Ran { report, job: Some(job), connection: None, session: None }
            }
            Ok(SyncStart::UserNeeded(session)) => {
                let report = SyncReport::UserNeeded;
                Ran { report, job: last, connection: None, session: Some(session) }
            }
            Ok(SyncStart::Ended(synced)) => {
                let report = SyncReport::Succeeded { last_synced: synced.last_synced };
                Ran { report, job: last, connection: synced.connection, session: None }
            }
            Err(error) => Ran {
                report: error.report().clone(),
                job: Some(error.job().clone()),
                connection: error.connection().cloned(),
                session: None,
            },
        }
    }

    async fn after_run(self: &Arc<Self>, row: &Row, ran: Ran) {
        if let (Some(session), Some(hand)) = (ran.session, &self.hooks.on_session) {
            let (user_id, connection_id) = (row.user_id.clone(), row.connection_id.clone());
            hand(UserSessionFor { user_id, connection_id, session }).await;
        }
        if ran.report == SyncReport::Superseded {
            debug!("another worker has gone on with this connection");
            return;
        }
        let now = self.clocks();
        let seen = ran.connection.as_ref().map(|connection| {
            // The words of the connection are quoted: a run has shown it.
            let snapshot = Snapshot::from(connection);
            Seen { snapshot, at: now.server }
        });
        let job = ran.job.as_ref();
        let verdict = self.plan.after_run(row, ran.report, job, now);
        let history = job.map_or(&row.history, SyncJob::history);
        let open = job.filter(|job| job.is_open());
        self.end(row, verdict, open, history, seen.as_ref(), now).await;
    }

    /// Writes down how a turn ended, and tells it.
    pub(super) async fn end(
        &self,
        row: &Row,
        verdict: Verdict,
        job: Option<&SyncJob>,
        history: &SyncHistory,
        seen: Option<&Seen>,
        now: Clocks,
    ) {
        let report = self.plan.report(row, &verdict, seen, now);
        let tell = self.tells() && report.is_some();
        if let Some(report) = &report {
            debug!(xs2a.report = report.outcome.as_str(), "turn ended");
        }
        let ending =
            Ending { verdict: &verdict, job, history, seen, report: report.as_ref(), tell };
        if job.is_none() {
            self.finished.fetch_add(1, Ordering::Relaxed);
        }
        let mut pause = STORE_PAUSE;
        loop {
            let id = &row.connection_id;
            match self.store.finish(&self.worker, id, row.fence, &ending).await {
                Ok(true) if tell => return self.tell(row, report).await,
                Ok(true) => return,
                Ok(false) => return debug!("another worker has gone on with this connection"),
                Err(error) if error.may_pass() && !self.is_stopping() => {
                    warn!(%error, "the end of a turn could not be stored yet");
                    sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(30));
                }
                Err(error) => return error!(%error, "the end of a turn could not be stored"),
            }
        }
    }

    /// Tells a report until it is told, and frees its row. At a shutdown it is left to the next
    /// worker.
    async fn tell(&self, row: &Row, report: Option<Report>) {
        let mut is_stopping = self.is_stopping.subscribe();
        let (id, mut pause) = (&row.connection_id, TELL_PAUSE);
        if let (Some(tell), Some(report)) = (&self.hooks.on_report, report) {
            // The error is the program's own: it may hold anything, so it is not logged.
            while tell(report.clone()).await.is_err() {
                warn!("a report could not be told yet");
                let is_over = tokio::select! {
                    () = sleep(pause) => false,
                    stopped = is_stopping.wait_for(|stopping| *stopping) => stopped.is_ok(),
                };
                if is_over {
                    // Whoever takes the row next tells it. Without this it is due at once anyway.
                    let _ = self.store.put_back(&self.worker, id, row.fence, pause).await;
                    return;
                }
                pause = (pause * 2).min(Duration::from_secs(60));
            }
        }
        if let Err(error) = self.store.told(&self.worker, id, row.fence).await {
            // The report will be told again: at least once.
            warn!(%error, "it could not be stored that a report was told");
        }
    }
}
