//! What the caller may choose of how a connection is synced.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What becomes of a connection's last attempt. Its failure would disable the connection for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastAttempt {
    /// The sync is refused, and the attempt is left to the user.
    #[default]
    Keep,
    /// The attempt is spent. If the sync fails, the connection is lost and the user has to log in
    /// anew.
    Spend,
}

/// The shortest pause between two looks, whatever the policy says.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// The shortest time between two looks that hints bring about. Webhook deliveries are not signed,
/// so whoever sends them must not set the pace.
pub(crate) const SHORTEST_TO_NUDGED: Duration = Duration::from_secs(1);

/// Shortens a pause that would use up the time left, so that the last look falls within the last
/// second.
pub(crate) fn with_a_last_look(pause: Duration, left: Duration) -> Duration {
    const LAST: Duration = Duration::from_secs(1);
    let last = left.saturating_sub(LAST).max(left / 2);
    if last <= LAST / 2 { pause } else { pause.min(last) }
}

/// Shortens a pause before a look that a call is to follow, so that there is time left for the call.
pub(super) fn with_time_to_call(pause: Duration, left: Duration) -> Duration {
    const ENOUGH: Duration = Duration::from_secs(30);
    if left <= ENOUGH { pause } else { pause.min((left - ENOUGH).max(left / 2)) }
}

/// How a connection is synced.
///
/// A policy is plain data that can be stored.
///
/// ```
/// use std::time::Duration;
/// use xs2a::SyncPolicy;
/// use xs2a::sync::LastAttempt;
///
/// let unattended = SyncPolicy::unattended()
///     .with_deadline(Duration::from_secs(120))
///     .with_shortest_interval(Duration::from_secs(6 * 3600))
///     .with_pauses(Duration::from_secs(5), Duration::from_secs(60));
/// assert_eq!(unattended.deadline(), Duration::from_secs(120));
/// assert_eq!(unattended.last_attempt(), LastAttempt::Keep);
/// assert_eq!(unattended.calls_per_day(), Some(4));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use = "a policy does nothing by itself"]
pub struct SyncPolicy {
    last_attempt: LastAttempt,
    deadline: Duration,
    shortest_interval: Option<Duration>,
    first_pause: Duration,
    longest_pause: Duration,
    #[serde(default)]
    unattended: bool,
    #[serde(default)]
    calls_per_day: Option<u32>,
    #[serde(default = "an_hour")]
    settles_after: Duration,
    #[serde(default)]
    watches_on_refusal: bool,
}

fn an_hour() -> Duration {
    Duration::from_secs(3600)
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self {
            last_attempt: LastAttempt::Keep,
            deadline: Duration::from_secs(300),
            shortest_interval: None,
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(30),
            unattended: false,
            calls_per_day: None,
            settles_after: an_hour(),
            watches_on_refusal: false,
        }
    }
}

impl SyncPolicy {
    /// The policy of a sync without the user, at night for example. It refuses what is known to need
    /// the user: a connection of mode `none`, a consent that is past, a bank that has asked for the
    /// user since the last success, two calls in a row whose outcome never showed (after one such
    /// call it waits a day). Four calls in any 24 hours, as banks allow without the user (RTS on SCA,
    /// Art. 36(5)(b)).
    pub fn unattended() -> Self {
        Self { unattended: true, calls_per_day: Some(4), ..Self::default() }
    }

    /// Sets whether the last attempt may be spent. Default: it is kept.
    pub fn with_last_attempt(mut self, last_attempt: LastAttempt) -> Self {
        self.last_attempt = last_attempt;
        self
    }

    /// Sets how long until there is a report, whatever happens. A store may take up to two seconds
    /// more. Default: five minutes.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the shortest time since `last_synced` before another sync; a sync that comes earlier is
    /// refused. Measured on the server's clock; a `last_synced` in the future does not count. Default:
    /// none. Banks accept four syncs without the user in
    /// 24 hours, so six hours suit a connection that is synced unattended.
    pub fn with_shortest_interval(mut self, interval: Duration) -> Self {
        self.shortest_interval = Some(interval);
        self
    }

    /// Sets the pause before the first look after a sync has started, which doubles with each
    /// further look, and the longest pause between two looks. Default: 2 s and 30 s.
    pub fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    /// Sets the most calls in any 24 hours. Intentions count, and so does the service's own daily sync
    /// of a healthy connection in mode `full`. Counted in the [history](super::SyncHistory) that the
    /// sync is given. Default: no limit; four for [`unattended`](Self::unattended).
    pub fn with_calls_per_day(mut self, calls: u32) -> Self {
        self.calls_per_day = Some(calls);
        self
    }

    /// Sets how long after the deadline a call whose outcome has not shown is given up: the job ends
    /// with [`NotSeenToAct`](super::SyncReport::NotSeenToAct) and leaves a debt in the
    /// [history](super::SyncHistory). Default: one hour. That a sync shows by then is assumed.
    pub fn with_settling(mut self, after: Duration) -> Self {
        self.settles_after = after;
        self
    }

    /// Has the job watch instead of end when the server refuses the sync with a status of the 400s
    /// that the look before does not explain: somebody else's sync may be running. If nothing shows
    /// by the deadline, the report is the refusal. Default: the job ends.
    pub fn with_watching_on_refusal(mut self) -> Self {
        self.watches_on_refusal = true;
        self
    }

    /// Whether the user is away.
    pub fn is_unattended(&self) -> bool {
        self.unattended
    }

    /// The most calls in any 24 hours.
    pub fn calls_per_day(&self) -> Option<u32> {
        self.calls_per_day
    }

    /// How long after the deadline a call whose outcome has not shown is given up.
    pub fn settling(&self) -> Duration {
        self.settles_after
    }

    /// Whether a refusal of the server is watched.
    pub fn watches_on_refusal(&self) -> bool {
        self.watches_on_refusal
    }

    /// Whether the last attempt may be spent.
    pub fn last_attempt(&self) -> LastAttempt {
        self.last_attempt
    }

    /// How long until there is a report.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The shortest time since `last_synced` before another sync.
    pub fn shortest_interval(&self) -> Option<Duration> {
        self.shortest_interval
    }

    /// The pause before the first look after a sync has started.
    pub fn first_pause(&self) -> Duration {
        self.first_pause
    }

    /// The longest pause between two looks.
    pub fn longest_pause(&self) -> Duration {
        self.longest_pause
    }

    /// The pause before look number `n`: doubled each time. Half of the pause is random, so that many
    /// jobs do not look at the same moment.
    pub(crate) fn pause(&self, n: u32, seed: u64) -> Duration {
        let random = fastrand::Rng::with_seed(seed.wrapping_add(n.into())).f64();
        let whole = self.first_pause.saturating_mul(1 << n.min(20)).min(self.longest_pause);
        whole.mul_f64(0.5 + 0.5 * random).max(SHORTEST_PAUSE)
    }
}

/// So many failed looks in a row make the pause no longer.
pub(super) const MOST_FAILED_LOOKS: u32 = 2;

/// The pause after the failed look number `n` in a row: ten seconds, a minute, then six minutes each
/// time. An outage of five minutes meets four looks of a job: at once, after some ten seconds, after a
/// minute, and before the deadline.
pub(super) fn pause_after_failures(n: u32, seed: u64) -> Duration {
    const FIRST: Duration = Duration::from_secs(10);
    let random = fastrand::Rng::with_seed(seed.wrapping_add(n.into())).f64();
    let whole = FIRST.saturating_mul(6_u32.saturating_pow(n.min(MOST_FAILED_LOOKS)));
    whole.mul_f64(0.75 + 0.5 * random)
}

/// The instant `span` after `now`, or the last instant that can be written.
pub(super) fn timestamp_after(now: Timestamp, span: Duration) -> Timestamp {
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
        let endless = SyncPolicy::default().with_pauses(Duration::MAX, Duration::MAX);
        assert!(endless.pause(u32::MAX, 3) > Duration::from_secs(1 << 40));
        let none = SyncPolicy::default().with_pauses(Duration::ZERO, Duration::ZERO);
        assert_eq!(none.pause(0, 3), SHORTEST_PAUSE);
    }
}
