//! What a store keeps of a connection from one sync to the next: calls of the day, and debts.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::policy::timestamp_after;
use super::snapshot::Snapshot;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long after the deadline of a job whose call is open no other sync begins.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// What earlier syncs of a connection have to do with the next one. Plain data without secrets, to be
/// stored with the connection.
///
/// A [`SyncJob`](super::SyncJob) carries the history of its connection and brings it up to date:
/// store [`SyncJob::history`](super::SyncJob::history) and hand it to the next sync
/// ([`SyncRun::history`](crate::connections::SyncRun::history)).
///
/// - **Calls.** The instants of the calls in the last 24 hours: a policy may
///   [limit them](super::SyncPolicy::with_calls_per_day).
/// - **Debts.** A call whose outcome has not shown is a debt, until the fail counter or `last_synced`
///   moves: the outcome may still come, hours late. Each debt counts as one failure that has not
///   shown yet, and as one of the day's calls. The server works off its syncs in order, so each move
///   settles the oldest debt.
/// - **The user.** Whether the bank has asked for the user since `last_synced` moved.
///
/// ```
/// use xs2a::sync::{Action, Observation, SyncHistory, SyncJob};
/// use xs2a::{Snapshot, SyncPolicy};
///
/// let now = "2026-01-31T10:00:00Z".parse()?;
/// let mut job = SyncJob::new("con-1", SyncPolicy::default(), now);
/// job.step(Observation::Begin, now);
/// job.step(Observation::Looked(Snapshot::default()), now);
/// let history: &SyncHistory = job.history();
/// assert_eq!((history.calls_in_a_day(now), history.debts()), (1, 1));
/// assert_eq!(history.last_call(), Some(now));
/// # Ok::<(), xs2a::jiff::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncHistory {
    calls: Vec<Timestamp>,
    debts: Vec<Debt>,
    seen: Option<Baseline>,
    /// The `last_synced` at which the bank asked for the user.
    user_needed: Option<UserNeeded>,
}

/// A call whose outcome has not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Debt {
    at: Timestamp,
    /// The deadline of the job that called.
    until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct UserNeeded {
    last_synced: Option<Timestamp>,
}

impl SyncHistory {
    /// How many calls were intended in the 24 hours before `now`, with those whose outcome is open
    /// since longer.
    pub fn calls_in_a_day(&self, now: Timestamp) -> usize {
        self.calls_of_the_day(now).count()
    }

    /// How many calls have an outcome that has not shown.
    pub fn debts(&self) -> usize {
        self.debts.len()
    }

    /// When the last call was intended, by the service's clock, as long as the history knows: for a
    /// day, and longer while its outcome is open.
    pub fn last_call(&self) -> Option<Timestamp> {
        self.calls.iter().copied().max()
    }

    fn calls_of_the_day(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let is_open = |call: &Timestamp| self.debts.iter().any(|debt| debt.at == *call);
        let calls = self.calls.iter().copied();
        calls.filter(move |call| now.duration_since(*call) < DAY || is_open(call))
    }

    /// When the calls of the day are fewer than `limit` again. `None`: they are now.
    pub(super) fn free_from(&self, limit: usize, now: Timestamp) -> Option<Timestamp> {
        let mut calls: Vec<_> = self.calls_of_the_day(now).collect();
        calls.sort_unstable();
        let last_in_the_way = calls.len().checked_sub(limit)?;
        let free =
            calls.get(last_in_the_way).map(|call| timestamp_after(*call, DAY.unsigned_abs()));
        // An open call of an earlier day goes with its debt, and no time is known for that.
        let tomorrow = timestamp_after(now, DAY.unsigned_abs());
        Some(free.filter(|free| *free > now).unwrap_or(tomorrow))
    }

    /// When no job of another holder can have a call under way any more. `None`: now.
    pub(super) fn quiet_from(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.debts.iter().map(|debt| debt.until).max()?;
        let quiet = timestamp_after(last, MARGIN.unsigned_abs());
        (now < quiet).then_some(quiet)
    }

    /// When the latest debt is a day old. `None`: there is no debt, or it is that old.
    pub(super) fn debt_is_old_from(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.debts.iter().map(|debt| debt.at).max()?;
        let old = timestamp_after(last, DAY.unsigned_abs());
        (now < old).then_some(old)
    }

    /// Whether the bank has asked for the user since `last_synced` moved to what it is.
    pub(super) fn has_needed_the_user(&self, seen: &Snapshot) -> bool {
        self.user_needed.is_some_and(|needed| needed.last_synced == seen.last_synced)
    }

    /// Writes down the intention to call.
    pub(super) fn intend(&mut self, now: Timestamp, until: Timestamp) {
        let is_open = |call: &Timestamp| self.debts.iter().any(|debt| debt.at == *call);
        self.calls.retain(|call| now.duration_since(*call) < DAY || is_open(call));
        // Mostly one of each, and kept for as long as the job waits.
        self.calls.reserve_exact(1);
        self.debts.reserve_exact(1);
        self.calls.push(now);
        self.debts.push(Debt { at: now, until });
    }

    /// Takes back the last intention: the server did not act on the call.
    pub(super) fn take_back(&mut self) {
        if let Some(debt) = self.debts.pop() {
            self.calls.retain(|call| *call != debt.at);
        }
    }

    /// Moves the last intention. A wrong clock wrote it.
    pub(super) fn shift_last_intention(&mut self, shift: impl Fn(&mut Timestamp)) {
        if let Some(debt) = self.debts.last_mut() {
            let of_debt = |call: &&mut Timestamp| **call == debt.at;
            self.calls.iter_mut().filter(of_debt).for_each(&shift);
            shift(&mut debt.at);
            shift(&mut debt.until);
        }
    }

    /// The bank wants the user: that is the outcome of the last call.
    pub(super) fn needs_the_user(&mut self) {
        self.debts.pop();
        let last_synced = self.seen.and_then(|seen| seen.last_synced());
        self.user_needed = Some(UserNeeded { last_synced });
    }

    /// Settles the debts whose outcome a look shows: as many as the counter rose by, else one where
    /// anything moved.
    pub(super) fn observe(&mut self, snapshot: &Snapshot) {
        let new = Baseline::from(snapshot);
        if let Some(old) = self.seen.replace(new) {
            let settled = old.moves_to(&new).min(self.debts.len());
            self.debts.drain(..settled);
        }
        if !self.has_needed_the_user(snapshot) {
            self.user_needed = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(n: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(n)
    }

    fn seen(failures: u32, last_synced: i64) -> Snapshot {
        Snapshot { failures, last_synced: Some(hours(last_synced)), ..Snapshot::default() }
    }

    /// A history in which calls were intended at these hours, none of whose outcomes has shown.
    fn with_debts(at: &[i64]) -> SyncHistory {
        let mut history = SyncHistory::default();
        history.observe(&seen(0, 0));
        at.iter().for_each(|at| history.intend(hours(*at), hours(*at)));
        history
    }

    #[test]
    fn each_move_settles_the_oldest_debt_and_a_counter_as_many_as_it_rose_by() {
        let rows = [
            (seen(0, 0), 3),
            (seen(0, 1), 2),
            (seen(1, 0), 2),
            (seen(2, 0), 1),
            (seen(2, 1), 1),
            (seen(9, 9), 0),
        ];
        for (later, debts) in rows {
            let mut history = with_debts(&[1, 2, 3]);
            history.observe(&later);
            assert_eq!(history.debts(), debts, "{later:?}");
            history.observe(&later);
            assert_eq!(history.debts(), debts, "the same look settles nothing: {later:?}");
        }
    }

    #[test]
    fn calls_count_for_a_day_and_longer_while_their_outcome_is_open() {
        let mut history = with_debts(&[1, 2]);
        assert_eq!(history.calls_in_a_day(hours(20)), 2);
        assert_eq!(history.calls_in_a_day(hours(48)), 2);
        history.observe(&seen(0, 30));
        assert_eq!(history.calls_in_a_day(hours(48)), 1);
        history.observe(&seen(0, 31));
        assert_eq!(history.calls_in_a_day(hours(48)), 0);
        assert_eq!(history.calls_in_a_day(hours(25)), 1);
    }

    #[test]
    fn a_limit_of_calls_is_free_again_when_the_oldest_is_a_day_old() {
        let mut history = with_debts(&[1, 5, 9]);
        history.observe(&seen(3, 1));
        assert_eq!(history.free_from(4, hours(10)), None);
        assert_eq!(history.free_from(3, hours(10)), Some(hours(25)));
        assert_eq!(history.free_from(2, hours(10)), Some(hours(29)));
        assert_eq!(history.free_from(0, hours(10)), Some(hours(34)));
        assert_eq!(history.free_from(3, hours(25)), None);
    }

    #[test]
    fn what_was_not_acted_on_is_no_call_and_no_debt() {
        let mut history = with_debts(&[1, 2]);
        history.take_back();
        assert_eq!((history.debts(), history.calls_in_a_day(hours(3))), (1, 1));
    }

    #[test]
    fn the_user_is_needed_until_last_synced_moves() {
        let mut history = with_debts(&[1]);
        history.needs_the_user();
        assert_eq!(history.debts(), 0);
        assert!(history.has_needed_the_user(&seen(0, 0)));
        history.observe(&seen(1, 0));
        assert!(history.has_needed_the_user(&seen(1, 0)));
        history.observe(&seen(0, 7));
        assert!(!history.has_needed_the_user(&seen(0, 7)));
    }
}
