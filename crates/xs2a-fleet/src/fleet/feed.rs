//! Outcomes from the account's events: what an event tells needs no look.

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::{Duration, sleep};
use tracing::{debug, warn};
use xs2a::sync::{Observation, SyncJob, SyncReport};
use xs2a::{Delivery, EventCursor, Snapshot};

use super::handle::{Inner, lock};
use crate::error::Error;
use crate::row::{Row, Seen, State};
use crate::rules::Decision;

/// How far each poll reaches back: an event may be listed later than it is dated.
const OVERLAP: Duration = Duration::from_secs(60);

/// What an event tells of a connection, asked for with the API key, so that it can be trusted.
struct Told {
    key: String,
    seen: Option<Seen>,
}

impl Inner {
    /// Follows the account's events while this worker is the first of those that live.
    pub(super) async fn follow_events(&self) {
        loop {
            let is_first = {
                let place = lock(&self.place);
                place.live > 0 && place.rank == 0
            };
            if is_first && let Err(error) = self.follow_while_first().await {
                warn!(%error, "the events cannot be followed");
            }
            sleep(self.plan.policy().feed_pause).await;
        }
    }

    async fn follow_while_first(&self) -> Result<(), Error> {
        let since = match self.store.feed().await? {
            Some(since) => since,
            None => self.clocks().server,
        };
        let pause = self.plan.policy().feed_pause;
        let mut feed = self.api.events().follow(EventCursor::since(since));
        feed = feed.pause(pause).overlap(OVERLAP);
        let mut latest = since;
        while lock(&self.place).rank == 0 {
            let mut next = Some(feed.next().await);
            while let Some(event) = next {
                let delivery = Delivery::from(event?);
                latest = latest.max(delivery.event().created_at.unwrap_or(latest));
                if let Some(told) = read(&delivery) {
                    self.take_in(told).await?;
                }
                // What the same poll gave.
                next = feed.next().now_or_never();
            }
            // A reader that goes on from here sees the overlap twice, which changes nothing.
            self.store.set_feed(latest.saturating_sub(OVERLAP).unwrap_or(latest)).await?;
        }
        Ok(())
    }

    async fn take_in(&self, told: Told) -> Result<(), Error> {
        let Some((row, worker)) = self.store.find(&told.key).await? else { return Ok(()) };
        let has_changed = match (&told.seen, row.state) {
            // Whoever has the row in hand may have looked before the outcome came.
            (Some(seen), State::Open) if worker.is_some() => outcome_of(&row, seen).is_some(),
            _ if worker.is_some() || row.is_untold => false,
            (Some(seen), State::Open) => return self.settle(row, seen.clone()).await,
            (None, State::Open) => true,
            (Some(seen), State::Waiting) => {
                if row.seen.as_ref().is_none_or(|known| known.at < seen.at) {
                    self.store.see(&row.connection_id, seen).await?;
                }
                false
            }
            (Some(seen), State::Parked(_)) => {
                let decision = self.plan.decide(&row, &seen.snapshot, self.clocks());
                !matches!(decision, Decision::End(verdict) if verdict.state == row.state)
            }
            (None, _) => !matches!(row.state, State::Waiting),
        };
        if has_changed {
            self.store.nudge(row.connection_id.as_str()).await?;
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Ends an open job by what an event shows, if it shows an outcome.
    async fn settle(&self, row: Row, seen: Seen) -> Result<(), Error> {
        if outcome_of(&row, &seen).is_none() {
            return Ok(());
        }
        let claiming = self.claiming.lock().await;
        let claimed = self.store.claim_one(&self.worker, &row.connection_id).await?;
        let Some(row) = claimed.rows.into_iter().next() else { return Ok(()) };
        self.take_in_hand(&row.connection_id, row.fence);
        drop(claiming);
        if let Some((job, report)) = outcome_of(&row, &seen) {
            debug!("an event has told the outcome");
            let now = self.clocks();
            let verdict = self.plan.after_sync(&row, report, job.history(), now);
            self.end(&row, verdict, None, job.history(), Some(&seen), now).await;
        } else {
            let id = &row.connection_id;
            self.store.put_back(&self.worker, id, row.fence, Duration::ZERO).await?;
        }
        self.let_go(&row.connection_id, row.fence);
        Ok(())
    }
}

/// How the open call of a row ended, if an event shows that. Only an event that is dated after the call
/// counts, and nothing follows from what an event does not show: it tells of its own instant.
fn outcome_of(row: &Row, seen: &Seen) -> Option<(SyncJob, SyncReport)> {
    let mut job = row.job.clone()?;
    job.history().last_call().filter(|call| *call < seen.at)?;
    let _ = job.step(Observation::Begin, seen.at);
    let _ = job.step(Observation::Looked(seen.snapshot.clone()), seen.at);
    let report = job.report().cloned()?;
    let is_outcome = matches!(report, SyncReport::Succeeded { .. } | SyncReport::Failed { .. });
    is_outcome.then_some((job, report))
}

fn read(delivery: &Delivery) -> Option<Told> {
    let key = delivery.connection_key()?;
    let at: Option<Timestamp> = delivery.event().created_at;
    let connection =
        delivery.connection().filter(|connection| connection.id.as_str() == key.as_str());
    let seen = connection.zip(at).map(|(connection, at)| {
        let snapshot = Snapshot::from(&connection);
        Seen { snapshot, at }
    });
    Some(Told { key: key.as_str().to_owned(), seen })
}
