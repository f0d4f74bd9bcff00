//! The zone of the service.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

/// The zone of the service and its banks: Europe/Berlin. Its rules are compiled in, so that they are the
/// same on every system, and the system need not know them.
///
/// ```
/// use xs2a_client::wire::berlin;
///
/// let instant: jiff::Timestamp = "2026-07-01T22:30:00Z".parse()?;
/// assert_eq!(berlin().to_datetime(instant).to_string(), "2026-07-02T00:30:00");
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn berlin() -> &'static TimeZone {
    static BERLIN: LazyLock<TimeZone> = LazyLock::new(|| {
        // Looked up at run time. jiff's macro looks it up at compile time, which costs each build a second.
        let zone = TimeZoneDatabase::bundled().get("Europe/Berlin");
        // The database has the zone. Without it, the rule of these years would hold for all.
        let zone = zone.or_else(|_| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3"));
        zone.unwrap_or(TimeZone::fixed(jiff::tz::offset(1)))
    });
    &BERLIN
}

/// The first year of which the changes of the clocks are kept, and the first of which they are not.
const YEARS: std::ops::Range<i16> = 1990..2100;

/// The instant of a local time in whole seconds that is neither skipped nor repeated, in the years
/// that bodies are about. `None` for any other time.
pub(super) fn instant(local: DateTime) -> Option<Timestamp> {
    let seconds = Offset::UTC.to_timestamp(local).ok()?.as_second();
    let years = usize::try_from(local.year() - YEARS.start).ok()?;
    // Each year has two changes. So the span is the first one of the year, or one of the next two.
    let span = SPANS.get(2 * years..)?.iter().find(|span| seconds < span.until)?;
    if seconds < span.from { None } else { Timestamp::from_second(seconds - span.offset).ok() }
}

/// A span of local time with one offset, from one change of the clocks to the next, in seconds on a
/// clock without a zone.
struct Span {
    from: i64,
    until: i64,
    offset: i64,
}

/// The rules of the zone, looked up once. Looking them up for each time takes longer than all else that
/// is done to read it.
static SPANS: LazyLock<Vec<Span>> = LazyLock::new(|| {
    let zone = berlin();
    let changes_of = |year| {
        let begin = zone.to_ambiguous_timestamp(date(year, 1, 1).at(0, 0, 0, 0)).compatible();
        let changes = begin.map(|begin| zone.following(begin).take(2));
        changes.into_iter().flatten()
    };
    let changes = YEARS.start - 1..=YEARS.end;
    let changes: Vec<(i64, i64)> = changes
        .flat_map(changes_of)
        .map(|change| (change.timestamp().as_second(), i64::from(change.offset().seconds())))
        .collect();
    let spans = changes.windows(3).map(|changes| {
        let [(_, before), (from, offset), (until, after)] = [changes[0], changes[1], changes[2]];
        // Local times that a change skips or repeats belong to no span.
        Span { from: from + offset.max(before), until: until + offset.min(after), offset }
    });
    // The span that the first of these years begins with is the first one.
    spans.collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn the_rules_are_those_of_the_database_and_not_the_one_in_its_place() {
        assert_eq!(berlin().iana_name(), Some("Europe/Berlin"));
        // By the rule of these years, summer time would have lasted until October.
        let after_the_summer_of_1989 = date(1989, 9, 30).at(12, 0, 0, 0);
        let instant = berlin().to_ambiguous_timestamp(after_the_summer_of_1989).compatible();
        assert_eq!(instant.unwrap().to_string(), "1989-09-30T11:00:00Z");
    }

    #[test]
    fn the_instant_of_each_half_hour_is_that_of_the_zone() {
        let mut local = date(1989, 12, 1).at(0, 0, 0, 0);
        while local < date(2102, 1, 1).at(0, 0, 0, 0) {
            let zone = berlin().to_ambiguous_timestamp(local);
            if let Some(instant) = instant(local) {
                assert!(!zone.is_ambiguous(), "{local}");
                assert_eq!(instant, zone.compatible().unwrap(), "{local}");
            } else {
                assert!(zone.is_ambiguous() || !YEARS.contains(&local.year()), "{local}");
            }
            // Each half hour around the changes, and four times a day elsewhere.
            let is_near_a_change = matches!(local.month(), 3 | 10) && local.day() > 23;
            let step = if is_near_a_change { 30.minutes() } else { 6.hours() };
            local = local.checked_add(step).unwrap();
        }
    }

    #[test]
    fn the_edges_of_the_changes_are_those_of_the_zone_to_the_second() {
        let at = |month, day, hour, minute, second| {
            instant(date(2026, month, day).at(hour, minute, second, 0)).map(|at| at.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(at(3, 29, 1, 59, 59), some("2026-03-29T00:59:59Z"));
        assert_eq!(at(3, 29, 2, 0, 0), None);
        assert_eq!(at(3, 29, 2, 59, 59), None);
        assert_eq!(at(3, 29, 3, 0, 0), some("2026-03-29T01:00:00Z"));
        assert_eq!(at(10, 25, 1, 59, 59), some("2026-10-24T23:59:59Z"));
        assert_eq!(at(10, 25, 2, 0, 0), None);
        assert_eq!(at(10, 25, 2, 59, 59), None);
        assert_eq!(at(10, 25, 3, 0, 0), some("2026-10-25T02:00:00Z"));
    }
}
