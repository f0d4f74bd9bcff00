//! Dates and date-times. A date-time without an offset is local time in Europe/Berlin.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::ser::{Error as _, Serializer};

use super::Canonical;
use super::berlin::{self, berlin};
use super::json::Form;
use super::scalar::Scalar;
use crate::BankDate;

/// Whether this means that there is no date. The database of the service writes zeros then, which
/// PHP takes for the day before the year 1, and writes as `-0001-11-30`.
fn is_absent(form: &Form<'_>) -> bool {
    let is_year = |text: &str| {
        let (year, rest) = text.split_at_checked(4).unwrap_or_default();
        rest.starts_with('-') && year.bytes().all(|byte| byte.is_ascii_digit())
    };
    match form {
        Form::Text(text) => match text.strip_prefix('-') {
            Some(before) => is_year(before),
            None => text.is_empty() || text.starts_with("0000-") && is_year(text),
        },
        form => form.is_nothing(),
    }
}

/// What is written: a date, the time or else midnight, and the offset if there is one.
fn parse(text: &str) -> Option<(DateTime, Option<Offset>)> {
    let pieces = Pieces::parse(text).ok()?;
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let local = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
    Some((local, pieces.to_numeric_offset()))
}

/// A date that is written as `2026-01-31`, of the years from 1000 on.
fn quick_date(text: &[u8; 10]) -> Option<Date> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = *text else { return None };
    let year = i16::from(two_digits(a, b)?) * 100 + i16::from(two_digits(c, d)?);
    let date = || Date::new(year, two_digits(e, f)?, two_digits(g, h)?).ok();
    if year < 1000 { None } else { date() }
}

/// A time that is written as `10:11:12`.
fn quick_time(text: &[u8; 8]) -> Option<Time> {
    let [a, b, b':', c, d, b':', e, f] = *text else { return None };
    Time::new(two_digits(a, b)?, two_digits(c, d)?, two_digits(e, f)?, 0).ok()
}

fn two_digits(tens: u8, ones: u8) -> Option<i8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    // At most 99, which every `i8` holds.
    (tens <= 9 && ones <= 9).then(|| (tens * 10 + ones) as i8)
}

/// The instant that a date-time means.
fn instant((local, offset): (DateTime, Option<Offset>)) -> Option<Timestamp> {
    let instant = match offset {
        Some(offset) => offset.to_timestamp(local),
        None => berlin().to_ambiguous_timestamp(local).compatible(),
    };
    match instant {
        // Means "for ever". The last days of the year are later than any `Timestamp`.
        Err(_) if local.year() == DateTime::MAX.year() => Some(Timestamp::MAX),
        instant => instant.ok(),
    }
}

impl Scalar for Timestamp {
    const EXPECTED: &'static str = "a date-time such as 2026-01-31 10:11:12";

    fn quick(text: &str) -> Option<Self> {
        let (date, rest) = text.as_bytes().split_first_chunk()?;
        let [b' ' | b'T', time @ ..] = rest else { return None };
        berlin::instant(quick_date(date)?.to_datetime(quick_time(time.try_into().ok()?)?))
    }

    fn read(form: Form<'_>) -> Option<Self> {
        match form {
            form if is_absent(&form) => None,
            Form::Text(text) => parse(&text).and_then(instant),
            _ => None,
        }
    }

    fn is_absent(form: &Form<'_>) -> bool {
        is_absent(form)
    }
}

impl Scalar for Date {
    const EXPECTED: &'static str = "a date such as 2026-01-31";

    fn quick(text: &str) -> Option<Self> {
        quick_date(text.as_bytes().try_into().ok()?)
    }

    /// A date-time with an offset is read as the day that it falls on in Berlin.
    fn read(form: Form<'_>) -> Option<Self> {
        match form {
            form if is_absent(&form) => None,
            Form::Text(text) => match parse(&text)? {
                (local, None) => Some(local.date()),
                written => instant(written).map(|instant| berlin().to_datetime(instant).date()),
            },
            _ => None,
        }
    }

    fn is_absent(form: &Form<'_>) -> bool {
        is_absent(form)
    }
}

impl Scalar for BankDate {
    const EXPECTED: &'static str = Date::EXPECTED;

    fn quick(text: &str) -> Option<Self> {
        Date::quick(text).map(Self::from)
    }

    fn read(form: Form<'_>) -> Option<Self> {
        if let Some(date) = Date::read(form.clone()) {
            return Some(date.into());
        }
        match form {
            Form::Text(text) => {
                let (last, sent) = last_of_month(&text)?;
                Some(Self::moved(last, sent))
            }
            _ => None,
        }
    }

    fn is_absent(form: &Form<'_>) -> bool {
        is_absent(form)
    }
}

/// The last day of the month, and the day from 29 to 31 that was sent and that the month lacks.
fn last_of_month(text: &str) -> Option<(Date, u8)> {
    let (day, rest) = text.split_at_checked(10)?;
    let (month, day) = day.split_at_checked(8)?;
    let last = format!("{month}01").parse::<Date>().ok()?.last_of_month();
    // What follows has to be what may follow on a day.
    let is_date = parse(&format!("{last}{rest}")).is_some();
    let sent = day.parse().ok().filter(|day| (29..=31).contains(day) && is_date)?;
    Some((last, sent))
}

impl Canonical for Timestamp {
    /// Writes local time in Berlin, in whole seconds. In the second of the two hours that autumn
    /// repeats, the offset is written too: without it, the first of them would be read.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let zoned = self.to_zoned_datetime(berlin().clone());
        let reread = berlin().to_ambiguous_timestamp(zoned.datetime()).compatible();
        let reread = reread.map_err(S::Error::custom)?;
        let format = if reread == *self { "%F %T" } else { "%F %T%:z" };
        serializer.collect_str(&zoned.strftime(format))
    }
}
