//! The server's clock, as far as its answers have told it.

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

/// Differences within this span are one: answers take time, and `Date` has whole seconds.
const JITTER: SignedDuration = SignedDuration::from_mins(2);

const DECADE: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

impl ServerClock {
    /// Takes in the `Date` of an answer that arrived at `now` by our clock.
    pub(crate) fn note(&mut self, date: Timestamp, now: Timestamp) {
        let ahead = now.duration_until(date);
        let is_near = |known: SignedDuration| (known - ahead).abs() <= JITTER;
        if ahead.abs() > DECADE {
            return;
        }
        if self.ahead.is_none_or(is_near) || self.told_once.is_some_and(is_near) {
            self.ahead = Some(ahead);
            self.told_once = None;
        } else {
            self.told_once = Some(ahead);
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
            clock.note(date, seconds(n));
            assert_eq!(clock.ahead(), Some(SignedDuration::from_hours(1)), "{n}");
        }
    }

    #[test]
    fn a_difference_that_jumps_counts_when_it_is_told_twice() {
        let mut clock = ServerClock::default();
        clock.note(seconds(0), seconds(0));
        clock.note(seconds(7200), seconds(0));
        assert_eq!(clock.ahead(), Some(SignedDuration::ZERO));
        clock.note(seconds(7201), seconds(1));
        assert_eq!(clock.ahead(), Some(SignedDuration::from_hours(2)));
    }

    #[test]
    fn the_first_answer_counts_unless_no_clock_is_that_wrong() {
        let mut clock = ServerClock::default();
        clock.note("9980-01-01T00:00:00Z".parse().unwrap(), seconds(0));
        assert_eq!(clock.ahead(), None);
        clock.note(seconds(-86_400 * 300), seconds(0));
        assert_eq!(clock.ahead(), Some(SignedDuration::from_hours(-24 * 300)));
    }
}
