//! What an event of the service says of a connection.

use xs2a::sync::{Observation, SyncJob, SyncReport};

use super::plan::{Clocks, Decision, Plan, Verdict};
use crate::row::{Row, Seen, State};

/// What is to be done on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: it says nothing new.
    Nothing,
    /// Keep what it shows in the row.
    Keep,
    /// Have the connection looked at now.
    Nudge,
    /// It shows how the open call ended: take the row, and [settle](Plan::settle) it.
    Settle,
}

impl Plan {
    /// What is to be done on an event about a row. `seen` is what the event shows, if it shows the
    /// connection; `is_held` says whether a worker has the row in hand.
    pub fn on_event(&self, row: &Row, is_held: bool, seen: Option<&Seen>, now: Clocks) -> Heard {
        let has_outcome = |seen| outcome_of(row, seen).is_some();
        match (seen, row.state) {
            // Whoever has the row in hand may have looked before the outcome came.
            (Some(seen), State::Open) if is_held && has_outcome(seen) => Heard::Nudge,
            _ if is_held || row.is_untold => Heard::Nothing,
            (Some(seen), State::Open) if has_outcome(seen) => Heard::Settle,
            (Some(_), State::Open) | (None, State::Waiting) => Heard::Nothing,
            (None, State::Open | State::Parked(_)) => Heard::Nudge,
            (Some(seen), State::Waiting) => {
                let is_newer = row.seen.as_ref().is_none_or(|known| known.at < seen.at);
                if is_newer { Heard::Keep } else { Heard::Nothing }
            }
            (Some(seen), State::Parked(_)) => match self.decide(row, &seen.snapshot, now) {
                Decision::End(verdict) if verdict.state == row.state => Heard::Nothing,
                _ => Heard::Nudge,
            },
        }
    }

    /// How the open call of a row ended, as an event shows it: the job and the verdict. `None` where
    /// the event does not show that.
    pub fn settle(&self, row: &Row, seen: &Seen, now: Clocks) -> Option<(SyncJob, Verdict)> {
        let (job, report) = outcome_of(row, seen)?;
        let verdict = self.after_run(row, report, Some(&job), now);
        Some((job, verdict))
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
