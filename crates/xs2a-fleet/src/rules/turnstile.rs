//! When the next request of a worker may be sent, without a clock of its own.

use std::collections::VecDeque;
use std::time::Duration;

use super::share::Share;

/// How long all wait after a 429 that does not say how long.
const THROTTLED: Duration = Duration::from_secs(1);

/// The longest pause that a service can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

const SECOND: Duration = Duration::from_secs(1);

/// A timer wakes up to a millisecond late: what it was late by is not lost.
const TIMER: Duration = Duration::from_millis(1);

/// Whether a request may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Now. The request is counted.
    Now,
    /// At this instant at the earliest; ask again then.
    At(Duration),
    /// Not before the share is set anew.
    Closed,
}

/// What the requests of one worker pass: its share of the pace, and the pauses that the service asks
/// for. Closed while the worker has no share, and when its heartbeat is late. Instants are spans since
/// any start.
///
/// ```
/// use std::time::Duration;
/// use xs2a_fleet::rules::{Share, Turn, Turnstile};
///
/// let seconds = Duration::from_secs;
/// let mut turnstile = Turnstile::default();
/// assert_eq!(turnstile.turn(seconds(0)), Turn::Closed);
/// turnstile.set(seconds(0), Share::of(20, 1, 1, 0), seconds(60), None);
/// assert_eq!(turnstile.turn(seconds(0)), Turn::Now);
/// assert_eq!(turnstile.turn(seconds(0)), Turn::At(seconds(1)));
/// turnstile.throttled(seconds(2), Some(seconds(20)));
/// assert_eq!(turnstile.turn(seconds(2)), Turn::At(seconds(22)));
/// ```
#[derive(Clone, Debug)]
pub struct Turnstile {
    share: Share,
    /// The pace until an instant: what a raised share adds is not sent in the second in which whoever
    /// had it until now may have sent it.
    before: (f64, Duration),
    open_until: Duration,
    hold_until: Duration,
    /// When the requests of the last second passed, and the last one in any case.
    passed: VecDeque<Duration>,
}

impl Default for Turnstile {
    /// Closed.
    fn default() -> Self {
        let (open_until, hold_until) = (Duration::ZERO, Duration::ZERO);
        let before = (0.0, Duration::ZERO);
        Self { share: Share::NONE, before, open_until, hold_until, passed: VecDeque::new() }
    }
}

impl Turnstile {
    /// Sets the share, which holds until the next heartbeat is late, and the pause that another worker
    /// was asked for.
    pub fn set(
        &mut self,
        now: Duration,
        share: Share,
        open_until: Duration,
        hold_until: Option<Duration>,
    ) {
        let per_second = self.limited(now, self.share.per_second);
        if self.share.per_second < share.per_second && per_second > 0.0 {
            self.before = (per_second, now + SECOND);
        }
        (self.share, self.open_until) = (share, open_until);
        self.hold_until = self.hold_until.max(hold_until.unwrap_or_default());
    }

    /// The share, or nothing while it is closed.
    pub fn share(&self, now: Duration) -> Share {
        if now < self.open_until { self.share } else { Share::NONE }
    }

    /// Whether the service has asked all to wait.
    pub fn is_held(&self, now: Duration) -> bool {
        now < self.hold_until
    }

    /// Takes a 429 in. Gives the pause, which is for all workers.
    pub fn throttled(&mut self, now: Duration, retry_after: Option<Duration>) -> Duration {
        let pause = retry_after.unwrap_or(THROTTLED).min(LONGEST_PAUSE);
        self.hold_until = self.hold_until.max(now.saturating_add(pause));
        pause
    }

    /// Whether the next request may be sent: evenly spread, and never more in any second than the
    /// share.
    pub fn turn(&mut self, now: Duration) -> Turn {
        let per_second = self.limited(now, self.share(now).per_second);
        if self.is_held(now) {
            return Turn::At(self.hold_until);
        }
        if per_second <= 0.0 {
            return Turn::Closed;
        }
        if let Some(next) = self.next(per_second).filter(|next| now < *next) {
            return Turn::At(next);
        }
        self.passed.push_back(now);
        while self.passed.len() > 1 && self.passed.front().is_some_and(|at| *at + SECOND < now) {
            self.passed.pop_front();
        }
        Turn::Now
    }

    fn limited(&self, now: Duration, per_second: f64) -> f64 {
        let (before, until) = self.before;
        if now < until { per_second.min(before) } else { per_second }
    }

    fn next(&self, per_second: f64) -> Option<Duration> {
        let last = *self.passed.back()?;
        let even = (last + Duration::from_secs_f64(1.0 / per_second)).saturating_sub(TIMER);
        let whole = Duration::from_secs_f64(1.0 / per_second).max(SECOND);
        let oldest = self.passed.len().checked_sub(in_a_second(per_second));
        let oldest = oldest.and_then(|at| self.passed.get(at));
        Some(oldest.map_or(even, |oldest| even.max(*oldest + whole)))
    }
}

fn in_a_second(per_second: f64) -> usize {
    per_second.floor().max(1.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(1_000_000);

    /// When each of so many requests passes that all come at once.
    fn passes(turnstile: &mut Turnstile, mut now: Duration, requests: usize) -> Vec<Duration> {
        let mut passed = Vec::new();
        while passed.len() < requests {
            match turnstile.turn(now) {
                Turn::Now => passed.push(now),
                Turn::At(next) => now = next,
                Turn::Closed => panic!("closed at {now:?}"),
            }
        }
        passed
    }

    #[test]
    fn no_second_sees_more_than_the_share_and_little_of_it_is_lost() {
        for per_second in [0.2, 1.0, 3.0, 33.3, 100.0, 400.0] {
            let mut turnstile = Turnstile::default();
            turnstile.set(Duration::ZERO, Share { at_once: 10, per_second }, LONG, None);
            let passed = passes(&mut turnstile, Duration::ZERO, 500);
            let most = in_a_second(per_second);
            for window in passed.windows(most + 1) {
                let took = window[most] - window[0];
                assert!(took >= Duration::from_secs(1), "{per_second}: {} in {took:?}", most + 1);
            }
            let whole = passed[499].as_secs_f64();
            let ideal = 499.0 / if per_second < 1.0 { per_second } else { per_second.floor() };
            assert!(whole <= ideal * 1.05 + 1.0, "{per_second}: {whole} s, ideally {ideal} s");
        }
    }

    #[test]
    fn workers_that_come_and_go_never_send_more_than_the_whole_together() {
        let (seconds, lease) = (Duration::from_secs, Duration::from_secs(3));
        for (before, after) in [(1, 2), (1, 5), (4, 7), (5, 3), (3, 1)] {
            let mut sent = Vec::new();
            for rank in 0..before.max(after) {
                let mut turnstile = Turnstile::default();
                // Who is there already hears of the others with a heartbeat, a third of a lease later at
                // the latest; who comes waits for two thirds; who leaves has stopped before.
                let heard = seconds(10) + lease / 3 * u32::try_from(rank % 2).unwrap();
                let comes = seconds(10) + lease * 2 / 3;
                let (stays, goes) = (rank < before && rank < after, rank < before && rank >= after);
                let first_until = if goes { seconds(10) } else { heard };
                if rank < before {
                    turnstile.set(
                        Duration::ZERO,
                        Share::of(9, 60, before, rank),
                        first_until,
                        None,
                    );
                    sent.extend(passes_until(&mut turnstile, Duration::ZERO, first_until));
                }
                if !goes {
                    let begins = if stays { heard } else { comes };
                    turnstile.set(begins, Share::of(9, 60, after, rank), seconds(20), None);
                    sent.extend(passes_until(&mut turnstile, begins, seconds(20)));
                }
            }
            sent.sort_unstable();
            for window in sent.windows(61) {
                let took = window[60] - window[0];
                assert!(took >= seconds(1), "{before} to {after}: 61 in {took:?}");
            }
        }
    }

    fn passes_until(turnstile: &mut Turnstile, mut now: Duration, end: Duration) -> Vec<Duration> {
        let mut passed = Vec::new();
        while now < end {
            match turnstile.turn(now) {
                Turn::Now => passed.push(now),
                Turn::At(next) => now = next,
                Turn::Closed => break,
            }
        }
        passed
    }

    #[test]
    fn it_is_closed_without_a_share_and_when_the_heartbeat_is_late() {
        let (mut turnstile, seconds) = (Turnstile::default(), Duration::from_secs);
        assert_eq!(turnstile.turn(seconds(3600)), Turn::Closed);
        turnstile.set(Duration::ZERO, Share { at_once: 1, per_second: 5.0 }, seconds(10), None);
        assert_eq!(turnstile.turn(seconds(9)), Turn::Now);
        assert_eq!(turnstile.turn(seconds(11)), Turn::Closed);
        assert_eq!(turnstile.share(seconds(11)), Share::NONE);
    }

    #[test]
    fn a_pause_that_the_service_asks_for_holds_whoever_was_asked() {
        let (mut turnstile, seconds) = (Turnstile::default(), Duration::from_secs);
        turnstile.set(Duration::ZERO, Share { at_once: 1, per_second: 5.0 }, LONG, None);
        assert_eq!(turnstile.throttled(seconds(1), None), seconds(1));
        assert_eq!(turnstile.throttled(seconds(1), Some(seconds(30))), seconds(30));
        assert!(turnstile.is_held(seconds(30)) && !turnstile.is_held(seconds(31)));
        // Another worker was asked for less, and then for more.
        for (asked, until) in [(5, 31), (60, 60)] {
            turnstile.set(
                Duration::ZERO,
                Share { at_once: 1, per_second: 5.0 },
                LONG,
                Some(seconds(asked)),
            );
            assert_eq!(turnstile.turn(seconds(2)), Turn::At(seconds(until)));
        }
        let asked = turnstile.throttled(seconds(2), Some(Duration::MAX));
        assert_eq!(asked, seconds(24 * 3600));
    }
}
