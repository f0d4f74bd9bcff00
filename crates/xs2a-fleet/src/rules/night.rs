//! Spans of a day in a named zone: the night, and the hours in which a bank is closed.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Hours of every day. Until before `from` is on the next day; the same time is the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hours {
    pub(crate) from: Time,
    pub(crate) until: Time,
}

/// From one instant to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl Span {
    /// Whether the instant lies within.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

impl Hours {
    /// The span that begins on this day. The clock changes move its ends as the zone has them.
    fn on(&self, day: Date, zone: &TimeZone) -> Option<Span> {
        let last = if self.until <= self.from { day.tomorrow().ok()? } else { day };
        let at = |day: Date, time| zone.to_timestamp(day.to_datetime(time)).ok();
        Some(Span { start: at(day, self.from)?, end: at(last, self.until)? })
    }

    /// The spans that begin on the days from the day before `at` on.
    fn spans_since_the_day_before<'a>(
        &'a self,
        at: Timestamp,
        zone: &'a TimeZone,
    ) -> impl Iterator<Item = Span> + 'a {
        let today = at.to_zoned_datetime(zone.clone()).date();
        let days = std::iter::successors(today.yesterday().ok(), |day| day.tomorrow().ok());
        // A day of a clock change may have an empty span.
        days.take(10).filter_map(|day| self.on(day, zone)).filter(|span| span.start < span.end)
    }

    /// The span that `at` lies in.
    pub(super) fn around(&self, at: Timestamp, zone: &TimeZone) -> Option<Span> {
        self.spans_since_the_day_before(at, zone).take(3).find(|span| span.contains(at))
    }

    /// The last span that has ended by `at`.
    pub(super) fn before(&self, at: Timestamp, zone: &TimeZone) -> Option<Span> {
        let days_ago = at.saturating_sub(jiff::SignedDuration::from_hours(48)).ok()?;
        self.spans_since_the_day_before(days_ago, zone).take_while(|span| span.end <= at).last()
    }

    /// The first span that begins after `at`.
    pub(super) fn after(&self, at: Timestamp, zone: &TimeZone) -> Option<Span> {
        self.spans_since_the_day_before(at, zone).find(|span| span.start > at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn hours(from: i8, until: i8) -> Hours {
        Hours { from: Time::constant(from, 0, 0, 0), until: Time::constant(until, 0, 0, 0) }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_may_span_midnight_and_the_changes_of_the_clock() {
        // (hours, an instant within, start, end)
        let rows = [
            (hours(1, 6), "2026-02-01T02:00:00Z", "2026-02-01T00:00:00Z", "2026-02-01T05:00:00Z"),
            (hours(22, 5), "2026-02-01T02:00:00Z", "2026-01-31T21:00:00Z", "2026-02-01T04:00:00Z"),
            (hours(22, 5), "2026-01-31T22:00:00Z", "2026-01-31T21:00:00Z", "2026-02-01T04:00:00Z"),
            // Spring: 02:00 becomes 03:00. Autumn: 03:00 becomes 02:00.
            (hours(1, 6), "2026-03-29T02:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z"),
            (hours(2, 6), "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T04:00:00Z"),
            (hours(1, 6), "2026-10-25T02:00:00Z", "2026-10-24T23:00:00Z", "2026-10-25T05:00:00Z"),
        ];
        for (hours, within, start, end) in rows {
            let span = Span { start: at(start), end: at(end) };
            assert_eq!(hours.around(at(within), &berlin()), Some(span), "{within}");
            assert_eq!(hours.around(at(end), &berlin()), None, "{within}");
            assert_eq!(hours.before(at(end), &berlin()), Some(span), "{within}");
        }
    }

    #[test]
    fn the_next_night_begins_later_and_there_always_is_one() {
        for day in 0..400 {
            for hour in [0, 1, 5, 12, 23] {
                let now =
                    at("2026-01-01T00:30:00Z") + jiff::SignedDuration::from_hours(24 * day + hour);
                for hours in [hours(1, 6), hours(22, 5), hours(2, 3), hours(0, 0)] {
                    let next = hours.after(now, &berlin()).unwrap();
                    assert!(next.start > now && next.end > next.start);
                    assert!(next.start - now < jiff::SignedDuration::from_hours(49));
                }
            }
        }
    }

    #[test]
    fn the_same_time_is_around_the_clock() {
        let always = hours(0, 0);
        for hour in 0..100 {
            let now = at("2026-03-28T00:30:00Z") + jiff::SignedDuration::from_hours(hour);
            assert!(always.around(now, &berlin()).is_some());
        }
    }
}
