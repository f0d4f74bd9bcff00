//! Dates, and date-times that mean Europe/Berlin where they do not say otherwise.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use serde::ser::{Error as _, Serializer};

use super::Canonical;
use super::scalar::{Raw, Scalar};

/// The service's zone, compiled in: no system has to know it.
const BERLIN: TimeZone = jiff::tz::get!("Europe/Berlin");

/// What the service's database writes where there is no date, with or without a time.
fn is_absent(text: &str) -> bool {
    text.is_empty() || text.starts_with("0000-00-00")
}

/// What is written: a date, its time or else midnight, and the offset if there is one.
fn parse(text: &str) -> Option<(DateTime, Option<Offset>)> {
    let pieces = Pieces::parse(text).ok()?;
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let local = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
    Some((local, pieces.to_numeric_offset()))
}

/// The instant that is meant.
fn instant((local, offset): (DateTime, Option<Offset>)) -> Option<Timestamp> {
    let instant = match offset {
        Some(offset) => offset.to_timestamp(local),
        None => BERLIN.to_ambiguous_timestamp(local).compatible(),
    };
    match instant {
        // Written for "for ever", and a day later than a timestamp can be.
        Err(_) if local.year() == DateTime::MAX.year() => Some(Timestamp::MAX),
        instant => instant.ok(),
    }
}

impl Scalar for Timestamp {
    const EXPECTED: &'static str = "a date-time such as 2026-01-31 10:11:12";

    fn read(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Text(text) => parse(text).and_then(instant),
            Raw::Bool(_) | Raw::Number(_) => None,
        }
    }

    fn is_absent(text: &str) -> bool {
        is_absent(text)
    }
}

impl Scalar for Date {
    const EXPECTED: &'static str = "a date such as 2026-01-31";

    /// A date-time with an offset is read as the day that it falls on in Berlin.
    fn read(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Text(text) => match parse(text)? {
                (local, None) => Some(local.date()),
                written => instant(written).map(|instant| BERLIN.to_datetime(instant).date()),
            },
            Raw::Bool(_) | Raw::Number(_) => None,
        }
    }

    fn is_absent(text: &str) -> bool {
        is_absent(text)
    }
}

impl Canonical for Timestamp {
    /// Berlin local time in whole seconds. Only the second reading of the repeated autumn
    /// hour carries its offset, because without it the first would be read.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let zoned = self.to_zoned_datetime(BERLIN);
        let reread = BERLIN.to_ambiguous_timestamp(zoned.datetime()).compatible();
        let reread = reread.map_err(S::Error::custom)?;
        let format = if reread == *self { "%F %T" } else { "%F %T%:z" };
        serializer.collect_str(&zoned.strftime(format))
    }
}
