//! The loop of a worker: heartbeats, claims, and the end of the night.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::Either;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{error, info, warn};
use xs2a::UserId;

use super::enrol::Beats;
use super::handle::{Fleet, Inner, Place};
use crate::error::Error;
use crate::lock::lock;
use crate::row::{Lane, Row, Unreadable};
use crate::rules::Span;
use crate::store::Claimed;

/// How often a worker that found nothing looks for due rows.
const IDLE: Duration = Duration::from_secs(1);

/// A worker that has some room waits this long for more, so that a claim is worth its statement.
const GATHER: Duration = Duration::from_millis(200);

/// How many rows are moved into the next night by one statement.
const AT_ONCE: usize = 1000;

/// How long a stopping worker waits for what it has in hand: as long as a bank may take to answer.
const LAST_CALLS: Duration = Duration::from_secs(200);

/// How long a row rests that cannot be read: a version that can read it may come.
const UNREADABLE: Duration = Duration::from_secs(3600);

/// How long a row rests of which that could not be told.
const TELL_AGAIN: Duration = Duration::from_secs(10);

impl Fleet {
    /// Works until `shutdown` completes; then begins nothing more, ends what is in hand, and frees
    /// the rest. As many workers as you like may run on one store, on as many machines as the store
    /// allows.
    ///
    /// # Errors
    /// [`Error::OtherPolicy`] when the store is given another policy meanwhile, and what the store
    /// fails with for good. What may pass (a lock, a full disk, a database that is away) is waited
    /// for.
    pub async fn run_until(&self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        let inner = &self.0;
        let _beats = Beats::of(inner);
        let mut turns = JoinSet::new();
        inner.is_stopping.send_replace(false);
        let ended = {
            let work = async {
                tokio::select! {
                    error = inner.heart() => Err(error),
                    error = inner.claims(&mut turns) => Err(error),
                    () = inner.follow_events() => Ok(()),
                    () = inner.log_stats() => Ok(()),
                    () = shutdown => Ok(()),
                }
            };
            work.await
        };
        inner.is_stopping.send_replace(true);
        info!(in_hand = inner.in_hand(), "the worker stops");
        let all_ended = async { while turns.join_next().await.is_some() {} };
        tokio::select! {
            _ = timeout(LAST_CALLS, all_ended) => {}
            error = inner.heart() => warn!(%error, "a heartbeat failed at the end"),
        }
        turns.shutdown().await;
        let left = inner.store.leave(&inner.worker).await;
        ended.and(left)
    }
}

impl Inner {
    /// Beats until something is wrong for good.
    pub(super) async fn heart(&self) -> Error {
        loop {
            if let Err(error) = self.beat().await {
                if !error.may_pass() {
                    return error;
                }
                warn!(%error, "no heartbeat");
            }
            let next = Instant::now() + self.plan.policy().lease / 3;
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.gate.was_asked.notified() => {}
            }
        }
    }

    async fn beat(&self) -> Result<(), Error> {
        let policy = self.plan.policy();
        let sent = Instant::now();
        if let Some(pause) = self.gate.take_asked() {
            warn!(pause_ms = pause.as_millis() as u64, "the service asks to wait");
            self.store.hold(pause).await?;
        }
        let beat = self.store.beat(&self.worker, policy.lease).await?;
        self.set_clock(beat.now, Instant::now());
        *lock(&self.place) = Place { live: beat.live, rank: beat.rank };
        let share = self.plan.share(beat.live, beat.rank, beat.steady);
        let hold = beat.hold.map(|until| beat.now.duration_until(until));
        let hold = hold.filter(|left| left.is_positive()).map(|left| sent + left.unsigned_abs());
        self.gate.set(share, sent + policy.lease * 2 / 3, hold);
        if beat.freed > 0 {
            info!(rows = beat.freed, "freed the rows of dead workers");
            self.wake.notify_one();
        }
        let claiming = self.claiming.lock().await;
        let in_hand = |id: &_, fence| self.is_in_hand(id, fence);
        let strays = self.store.free_strays(&self.worker, in_hand).await?;
        drop(claiming);
        if strays > 0 {
            warn!(rows = strays, "freed rows of claims whose answer was lost");
        }
        let theirs = self.store.policy(&self.policy_json).await?;
        if theirs != self.policy_json {
            let differs = "changed while this worker ran".to_owned();
            return Err(Error::OtherPolicy {
                workers: (beat.live as u64).saturating_sub(1),
                differs,
            });
        }
        Ok(())
    }

    /// Claims what is due as long as there is room, and begins its turns.
    async fn claims(self: &Arc<Self>, turns: &mut JoinSet<()>) -> Error {
        let (mut swept, mut heard) = (None, None::<Instant>);
        loop {
            while turns.try_join_next().is_some() {}
            let room = self.gate.share().in_hand().saturating_sub(self.in_hand());
            let began = Instant::now();
            let mut taken = 0;
            let result = async {
                if heard.is_none_or(|heard| began - heard >= IDLE) {
                    heard = Some(began);
                    self.hear_of_pauses().await?;
                }
                if room > 0 && !self.gate.is_held() {
                    taken = self.claim(room, turns).await?;
                }
                self.end_night(&mut swept).await
            };
            if let Err(error) = result.await {
                if !error.may_pass() {
                    return error;
                }
                warn!(%error, "nothing could be claimed");
                sleep(IDLE).await;
            }
            // A full claim: there is more. Else it is worth waiting a little.
            let pause = if taken > 0 && taken == room { GATHER } else { IDLE };
            let ended = match turns.is_empty() {
                true => Either::Left(std::future::pending()),
                false => Either::Right(turns.join_next()),
            };
            tokio::select! {
                () = sleep_until(began + pause) => {}
                () = self.wake.notified() => {}
                () = self.store.nudged() => {}
                _ = ended => sleep_until((began + GATHER).min(Instant::now() + GATHER)).await,
            }
        }
    }

    /// Takes over the pause that the service has asked another worker for: a heartbeat may come too late
    /// for it.
    async fn hear_of_pauses(&self) -> Result<(), Error> {
        let until = self.store.held_until().await?;
        let left = until.map(|until| self.clocks().local.duration_until(until));
        if let Some(left) = left.filter(|left| left.is_positive()) {
            self.gate.hold(left.unsigned_abs());
        }
        Ok(())
    }

    async fn claim(self: &Arc<Self>, room: usize, turns: &mut JoinSet<()>) -> Result<usize, Error> {
        let last = self.plan.last_lane(self.clocks().local);
        let lanes = self.store.ready(last, self.tells()).await?;
        let per_user = self.plan.policy().per_user;
        let mut taken = 0;
        for lane in lanes {
            if taken == room {
                break;
            }
            let claiming = self.claiming.lock().await;
            let most = room - taken;
            let claim = self.store.claim(&self.worker, lane, most, per_user, self.tells());
            let Claimed { rows, unreadable } = claim.await?;
            taken += rows.len();
            let mut users = BTreeMap::<UserId, Vec<Row>>::new();
            for row in rows {
                self.take_in_hand(&row.connection_id, row.fence);
                users.entry(row.user_id.clone()).or_default().push(row);
            }
            drop(claiming);
            for (user_id, rows) in users {
                turns.spawn(Arc::clone(self).work(user_id, rows));
            }
            for row in unreadable {
                self.set_aside(&row).await?;
            }
        }
        Ok(taken)
    }

    /// Lets a row rest that cannot be read, and reports that once.
    async fn set_aside(&self, row: &Unreadable) -> Result<(), Error> {
        let id = &row.connection_id;
        error!(xs2a.connection_id = id.as_str(), row.reason, "a row cannot be read");
        let report = self.plan.unreadable(row, self.clocks());
        if let (Some(tell), false) = (&self.hooks.on_report, row.is_reported)
            && tell(report.clone()).await.is_err()
        {
            warn!("a report could not be told yet");
            return self.store.put_back(&self.worker, id, row.fence, TELL_AGAIN).await.map(drop);
        }
        self.store.set_aside(&self.worker, row, &report, UNREADABLE).await.map(drop)
    }

    /// Reports what was due in a night and was not reached, once, by the first worker.
    async fn end_night(&self, swept: &mut Option<Timestamp>) -> Result<(), Error> {
        let now = self.clocks().local;
        let Place { live, rank } = *lock(&self.place);
        if live == 0 || rank != 0 {
            return Ok(());
        }
        let Some(night) = self.plan.night_to_report(now, *swept) else { return Ok(()) };
        let count = self.miss(night).await?;
        if count > 0 {
            warn!(connections = count, "the night was too short");
        }
        *swept = Some(night.end);
        Ok(())
    }

    async fn miss(&self, night: Span) -> Result<usize, Error> {
        let (next, divisor) = self.plan.after_missing(night);
        let mut count = 0;
        for lane in Lane::ALL.into_iter().skip(1) {
            loop {
                let moved =
                    self.store.not_reached(lane, night, next, divisor, AT_ONCE, self.tells());
                let moved = moved.await?;
                count += moved;
                if moved < AT_ONCE {
                    break;
                }
            }
        }
        Ok(count)
    }
}
