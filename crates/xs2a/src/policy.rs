//! How a connection is synced, as far as that is the caller's choice.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What becomes of a connection's last attempt: the one whose failure disables it for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastAttempt {
    /// Refuse to sync, and leave the attempt to the user.
    #[default]
    Keep,
    /// Spend it: if the sync fails, the connection is lost and the user has to start anew.
    Spend,
}

/// No policy looks in a tighter loop than this.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// A hint brings no look closer than this to the one before: whoever sends hints, deliveries of
/// webhooks being unsigned, does not set the pace.
pub(crate) const SHORTEST_TO_NUDGED: Duration = Duration::from_secs(1);

/// Shortens a pause that would use up the time left, so that there is a last look within the last
/// second.
pub(crate) fn with_a_last_look(pause: Duration, left: Duration) -> Duration {
    const LAST: Duration = Duration::from_secs(1);
    let last = left.saturating_sub(LAST).max(left / 2);
    if last < LAST / 2 { pause } else { pause.min(last) }
}

/// How a connection is synced.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use = "a policy does nothing by itself"]
#[non_exhaustive]
pub struct SyncPolicy {
    /// Whether the last attempt may be spent. Default: it is kept.
    pub last_attempt: LastAttempt,
    /// How long until there is a report, whatever happens; a store may take up to two seconds more.
    /// Default: five minutes.
    pub within: Duration,
    /// Shortest time since `last_synced` before another sync; one that comes too soon is declined.
    /// Measured on your clock. Default: none. Banks accept four syncs without the user in 24
    /// hours, so six hours suit a connection that is synced unattended.
    pub shortest_interval: Option<Duration>,
    /// Pause before the first look after a sync has started, doubled with each further look.
    /// Default: two seconds.
    pub first_pause: Duration,
    /// Longest pause between two looks. Default: thirty seconds.
    pub longest_pause: Duration,
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self {
            last_attempt: LastAttempt::Keep,
            within: Duration::from_secs(300),
            shortest_interval: None,
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl SyncPolicy {
    setters! {
        /// Sets what becomes of the last attempt.
        last_attempt(what: LastAttempt) => last_attempt = what;

        /// Sets how long until there is a report.
        within(span: Duration) => within = span;

        /// Sets the shortest interval between two syncs of a connection.
        shortest_interval(interval: Duration) => shortest_interval = Some(interval);

        /// Sets the first and the longest pause between two looks.
        pauses(first: Duration, longest: Duration) => first_pause = first, longest_pause = longest;
    }

    /// The pause before look number `n`: doubled each time, and half of it random, so that many
    /// jobs do not look in step.
    pub(crate) fn pause(&self, n: u32, seed: u64) -> Duration {
        let random = fastrand::Rng::with_seed(seed.wrapping_add(n.into())).f64();
        let whole = self.first_pause.saturating_mul(1 << n.min(20)).min(self.longest_pause);
        whole.mul_f64(0.5 + 0.5 * random).max(SHORTEST_PAUSE)
    }
}

/// The instant that far ahead; the last one there is where there is none.
pub(crate) fn after(now: Timestamp, span: Duration) -> Timestamp {
    now.checked_add(span).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_back_off_up_to_the_longest_pause_and_jitter_by_their_seed() {
        let pauses = |seed| {
            let policy = SyncPolicy::default();
            (0..9).map(move |n| policy.pause(n, seed).as_secs_f64()).collect::<Vec<_>>()
        };
        for (n, pause) in pauses(7).into_iter().enumerate() {
            let whole = [2.0, 4.0, 8.0, 16.0].get(n).copied().unwrap_or(30.0);
            assert!((whole / 2.0..=whole).contains(&pause), "{n}: {pause}");
        }
        assert_ne!(pauses(7), pauses(8));
        let endless = SyncPolicy::default().pauses(Duration::MAX, Duration::MAX);
        assert!(endless.pause(u32::MAX, 3) > Duration::from_secs(1 << 40));
        let none = SyncPolicy::default().pauses(Duration::ZERO, Duration::ZERO);
        assert_eq!(none.pause(0, 3), SHORTEST_PAUSE);
    }
}
