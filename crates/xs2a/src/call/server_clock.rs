//! The server's clock, as far as its answers have told it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// By how much the server's clock is ahead of ours.
///
/// One answer with an odd `Date` moves nothing: a difference that jumps has to be told twice. And no
/// clock is wrong by decades.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    ahead: Option<SignedDuration>,
    told_once: Option<SignedDuration>,
}

/// Differences within this span are one.
const JITTER: SignedDuration = SignedDuration::from_mins(2);

const DECADE: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// `Date` has whole seconds: the server's time was at most this much later.
const RESOLUTION: SignedDuration = SignedDuration::from_secs(1);

impl ServerClock {
    /// Takes in the `Date` of an answer that arrived at `now` by our clock and took as long as `took`.
    ///
    /// The server wrote the date at some instant between the sending and the arrival, and nobody knows
    /// when. So the difference changes by as little as the answer demands: an answer that took 30
    /// seconds, with a date between its two ends, changes nothing.
    pub(crate) fn note(&mut self, date: Timestamp, now: Timestamp, took: Duration) {
        let least = now.duration_until(date);
        let took = SignedDuration::try_from(took).unwrap_or(SignedDuration::MAX);
        let most = least.saturating_add(took).saturating_add(RESOLUTION);
        let nearest = |known: SignedDuration| known.clamp(least, most);
        let is_near = |known: &SignedDuration| (*known - nearest(*known)).abs() <= JITTER;
        let known = match (self.ahead, self.told_once) {
            (None, _) => SignedDuration::ZERO,
            (Some(ahead), _) if is_near(&ahead) => ahead,
            (_, Some(told)) if is_near(&told) => told,
            _ => {
                let told = nearest(SignedDuration::ZERO);
                self.told_once = Some(told).filter(|told| told.abs() <= DECADE).or(self.told_once);
                return;
            }
        };
        let ahead = nearest(known);
        if ahead.abs() <= DECADE {
            self.ahead = Some(ahead);
            self.told_once = None;
        }
    }

    /// The difference. `None` before the first answer.
    pub(crate) fn ahead(&self) -> Option<SignedDuration> {
        self.ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n)
    }

    #[test]
    fn one_odd_date_among_many_moves_nothing() {
        let mut clock = ServerClock::default();
        for n in 0..100 {
            let date = match n {
                50 => "9980-01-01T00:00:00Z".parse().unwrap(),
                70 => seconds(n + 1_000_000),
                _ => seconds(n + 3600),
            };
            clock.note(date, seconds(n), Duration::ZERO);
            assert_eq!(clock.ahead(), Some(SignedDuration::from_hours(1)), "{n}");
        }
    }

    #[test]
    fn a_difference_that_jumps_counts_when_it_is_told_twice() {
        let mut clock = ServerClock::default();
        clock.note(seconds(0), seconds(0), Duration::ZERO);
        clock.note(seconds(7200), seconds(0), Duration::ZERO);
        assert_eq!(clock.ahead(), Some(SignedDuration::ZERO));
        clock.note(seconds(7201), seconds(1), Duration::ZERO);
        assert_eq!(clock.ahead(), Some(SignedDuration::from_hours(2)));
    }

    #[test]
    fn the_first_answer_counts_unless_no_clock_is_that_wrong() {
        let mut clock = ServerClock::default();
        clock.note("9980-01-01T00:00:00Z".parse().unwrap(), seconds(0), Duration::ZERO);
        assert_eq!(clock.ahead(), None);
        clock.note(seconds(-86_400 * 300), seconds(0), Duration::ZERO);
        // Within the second that `Date` leaves open.
        let behind = SignedDuration::from_hours(-24 * 300) + RESOLUTION;
        assert_eq!(clock.ahead(), Some(behind));
    }

    #[test]
    fn a_date_between_the_ends_of_a_slow_answer_moves_nothing() {
        let minute = Duration::from_secs(60);
        for written_at in [0, 30, 60] {
            let mut clock = ServerClock::default();
            clock.note(seconds(written_at), seconds(60), minute);
            assert_eq!(clock.ahead(), Some(SignedDuration::ZERO), "{written_at}");
        }
        let mut clock = ServerClock::default();
        clock.note(seconds(90), seconds(60), minute);
        assert_eq!(clock.ahead(), Some(SignedDuration::from_secs(30)));
        // A quick answer says it more exactly, and a slow answer after it changes nothing.
        clock.note(seconds(141), seconds(100), Duration::ZERO);
        clock.note(seconds(200), seconds(200), minute);
        assert_eq!(clock.ahead(), Some(SignedDuration::from_secs(41)));
    }
}
