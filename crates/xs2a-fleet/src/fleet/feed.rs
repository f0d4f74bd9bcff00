//! Outcomes from the account's events: what an event tells needs no look.

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::{Duration, sleep};
use tracing::{debug, warn};
use xs2a::{ConnectionId, Delivery, EventCursor};

use super::handle::Inner;
use crate::error::Error;
use crate::lock::lock;
use crate::row::Seen;
use crate::rules::Heard;

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
                if let Some(told) = self.read(&delivery) {
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
        let (row, worker) = match self.store.find(&told.key).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(()),
            // Whoever claims the row reports that; the other events go on.
            Err(error @ Error::Unreadable { .. }) => {
                warn!(xs2a.connection_id = told.key, %error, "a row cannot be read");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let (seen, now) = (told.seen.as_ref(), self.clocks());
        match (self.plan.on_event(&row, worker.is_some(), seen, now), seen) {
            (Heard::Settle, Some(seen)) => self.settle(&row.connection_id, seen).await,
            (Heard::Keep, Some(seen)) => {
                self.store.see(&row.connection_id, seen).await?;
                Ok(())
            }
            (Heard::Nudge, _) => {
                self.store.nudge(row.connection_id.as_str()).await?;
                self.wake.notify_one();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn read(&self, delivery: &Delivery) -> Option<Told> {
        let key = delivery.connection_key()?;
        let at: Option<Timestamp> = delivery.event().created_at;
        let connection =
            delivery.connection().filter(|connection| connection.id.as_str() == key.as_str());
        let seen = connection.zip(at).map(|(connection, at)| {
            let snapshot = self.api.snapshot(&connection);
            Seen { snapshot, at }
        });
        Some(Told { key: key.as_str().to_owned(), seen })
    }

    /// Ends an open job by what an event shows, if the row is free.
    async fn settle(&self, id: &ConnectionId, seen: &Seen) -> Result<(), Error> {
        let claiming = self.claiming.lock().await;
        let claimed = self.store.claim_one(&self.worker, id).await?;
        let Some(row) = claimed.rows.into_iter().next() else { return Ok(()) };
        self.take_in_hand(id, row.fence);
        drop(claiming);
        let now = self.clocks();
        if let Some((job, verdict)) = self.plan.settle(&row, seen, now) {
            debug!("an event has told the outcome");
            self.end(&row, verdict, None, job.history(), Some(seen), now).await;
        } else {
            self.store.put_back(&self.worker, id, row.fence, Duration::ZERO).await?;
        }
        self.let_go(id, row.fence);
        Ok(())
    }
}
