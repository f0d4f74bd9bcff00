//! The sandbox's own time, which passes only when somebody says so.

use std::time::Duration;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime},
    tz::{Disambiguation, TimeZone},
};

/// The service writes its times as local times of Berlin.
const BERLIN: TimeZone = jiff::tz::get!("Europe/Berlin");

/// 2026-01-31, ten o'clock in Berlin.
pub(crate) const DEFAULT_START: Timestamp = Timestamp::constant(1_769_850_000, 0);

/// What the clock of one sandbox shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    now: Timestamp,
}

impl Clock {
    pub(crate) fn starting_at(start: Timestamp) -> Self {
        Self { now: start }
    }

    pub(crate) fn now(self) -> Timestamp {
        self.now
    }

    pub(crate) fn set(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }
}

/// The time of the machine, in whole seconds.
pub(crate) fn of_the_machine() -> Timestamp {
    let seconds = Timestamp::now().as_second();
    Timestamp::from_second(seconds).unwrap_or(DEFAULT_START)
}

/// `span` after `instant`, or the end of time if that is later.
pub(crate) fn after(instant: Timestamp, span: Duration) -> Timestamp {
    instant.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// `YYYY-MM-DD hh:mm:ss` in Berlin, as in bodies.
pub(crate) fn local(instant: Timestamp) -> String {
    instant.to_zoned_datetime(BERLIN).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The offset of Berlin at this instant, as `+01:00`.
pub(crate) fn offset(instant: Timestamp) -> String {
    instant.to_zoned_datetime(BERLIN).strftime("%:z").to_string()
}

/// The form of the `Date` header.
pub(crate) fn http_date(instant: Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The day in Berlin.
pub(crate) fn day(instant: Timestamp) -> Date {
    instant.to_zoned_datetime(BERLIN).date()
}

/// `days` after `date`; before it if negative.
pub(crate) fn days_from(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

fn berlin(civil: DateTime) -> Timestamp {
    BERLIN
        .into_ambiguous_zoned_datetime(civil)
        .disambiguate(Disambiguation::Compatible)
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// An instant in the forms of clients: a time with an offset, a local time of Berlin, or a bare
/// day.
pub(crate) fn parse_instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return Some(berlin(civil));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_on_the_clock_of_berlin() {
        assert_eq!(local(DEFAULT_START), "2026-01-31 10:00:00");
        let summer = "2026-07-01T00:30:00Z".parse().unwrap();
        assert_eq!(local(summer), "2026-07-01 02:30:00");
        assert_eq!(day("2026-06-30T23:30:00Z".parse().unwrap()).to_string(), "2026-07-01");
    }

    #[test]
    fn a_time_without_offset_is_read_as_berlin_and_the_repeated_hour_as_its_first_reading() {
        let read = |text| parse_instant(text).unwrap().to_string();
        assert_eq!(read("2026-01-31 10:11:12"), "2026-01-31T09:11:12Z");
        assert_eq!(read("2026-07-31T10:11:12"), "2026-07-31T08:11:12Z");
        assert_eq!(read("2026-10-25 02:30:00"), "2026-10-25T00:30:00Z");
        assert_eq!(read("2026-01-31T10:11:12-05:00"), "2026-01-31T15:11:12Z");
        assert_eq!(read("2026-01-31"), "2026-01-30T23:00:00Z");
        assert_eq!(parse_instant("soon"), None);
    }

    #[test]
    fn the_clock_never_runs_backwards() {
        let mut clock = Clock::starting_at(DEFAULT_START);
        clock.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), DEFAULT_START);
    }
}
