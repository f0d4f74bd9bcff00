//! How the fleet stands: as data, in logs, and as a stream.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_core::Stream;
use jiff::Timestamp;
use tokio::time::sleep;
use tracing::info;

use super::handle::{Fleet, Inner};
use crate::error::Error;
use crate::lock::lock;
use crate::rules::{Forecast, Span};
use crate::store::Counts;

/// How the fleet stands. The `Display` form is a line for a person.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// How many connections stand where.
    pub counts: Counts,
    /// The night that is on.
    pub night: Option<Span>,
    /// How long what is due takes at the policy's pace.
    pub finishes_in: Duration,
    /// When this was counted, by the store's clock.
    pub at: Timestamp,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { enrolled, due, in_hand, open, parked, .. } = &self.counts;
        let parked: u64 = parked.values().sum();
        let seconds = self.finishes_in.as_secs();
        write!(
            f,
            "{enrolled} connections: {due} due, {in_hand} in hand, {open} open, {parked} parked; \
             {seconds} s to go"
        )
    }
}

/// What a connection costs in requests before it has been measured: a look, a sync, and a share of
/// tokens and events.
const USUAL_COST: f64 = 2.5;

/// What tokens, lists and events add to the looks and syncs of a connection.
const SHARED_COST: f64 = 0.5;

/// So many connections are measured before they count.
const MEASURED: u64 = 50;

/// How often the stats are logged.
const LOGGED_EVERY: Duration = Duration::from_secs(60);

impl Fleet {
    /// How the fleet stands now. Reads all rows of the store, on a connection of its own.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn stats(&self) -> Result<Stats, Error> {
        self.0.stats().await
    }

    /// How the fleet stands, again and again, for a progress bar: at once, and then after each pause.
    pub fn progress(&self, pause: Duration) -> impl Stream<Item = Result<Stats, Error>> + use<> {
        let fleet = self.clone();
        futures_util::stream::unfold(true, move |is_first| {
            let fleet = fleet.clone();
            async move {
                if !is_first {
                    sleep(pause).await;
                }
                Some((fleet.stats().await, false))
            }
        })
    }

    /// What the present night, or the next, holds: what is due by its end, how long that takes, and
    /// what will be reported as not reached.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn forecast(&self) -> Result<Forecast, Error> {
        let inner = &self.0;
        let now = inner.clocks().local;
        let night = inner.plan.night_or_next(now);
        let due = inner.store.due_by(night.end).await?;
        Ok(inner.plan.forecast(due, inner.cost(), now))
    }
}

impl Inner {
    /// Requests for each connection, as this worker has measured them.
    fn cost(&self) -> f64 {
        match self.finished.load(Ordering::Relaxed) {
            finished if finished < MEASURED => USUAL_COST,
            finished => SHARED_COST + self.gate.passed() as f64 / finished as f64,
        }
    }

    async fn stats(&self) -> Result<Stats, Error> {
        let counts = self.store.counts().await?;
        let at = self.clocks().local;
        let left = counts.due + counts.in_hand;
        let seconds = left as f64 * self.cost() / f64::from(self.plan.policy().per_second);
        let finishes_in = Duration::from_secs_f64(seconds.min(1e9));
        Ok(Stats { counts, night: self.plan.night(at), finishes_in, at })
    }

    /// Logs the stats now and then, by the first worker.
    pub(super) async fn log_stats(&self) {
        loop {
            sleep(LOGGED_EVERY).await;
            if lock(&self.place).rank != 0 {
                continue;
            }
            if let Ok(Stats { counts, finishes_in, .. }) = self.stats().await {
                info!(
                    enrolled = counts.enrolled,
                    waiting = counts.waiting,
                    due = counts.due,
                    in_hand = counts.in_hand,
                    open = counts.open,
                    parked = counts.parked.values().sum::<u64>(),
                    parked_why = ?counts.parked,
                    reports = ?counts.reports,
                    oldest_due = counts.oldest_due.map(tracing::field::display),
                    finishes_in_s = finishes_in.as_secs(),
                    "fleet"
                );
            }
        }
    }
}
