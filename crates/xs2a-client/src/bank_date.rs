//! Days as banks write them.

use std::fmt;
use std::ops::Deref;

use jiff::civil::Date;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::wire::Lenient;

/// A day, as a bank writes it.
///
/// Some banks count 30 days in each month, and book on the 30th of February. Such a day, from the
/// 29th to the 31st of a month that lacks it, is read as the last day of the month. The day that was
/// sent can be [asked for](Self::moved_from). Any other day that no calendar has is an error.
///
/// A `BankDate` dereferences to its date.
///
/// ```
/// use jiff::civil::date;
/// use xs2a_client::types::Turnovers;
/// use xs2a_client::wire::decode;
///
/// let turnovers: Turnovers = decode(br#"{"turnovers": [
///     {"amount": 1, "booking_date": "2026-02-30"}, {"amount": 1, "booking_date": "2026-02-27"}]}"#)?;
/// let days: Vec<_> = turnovers.turnovers.iter().filter_map(|it| it.booking_date).collect();
///
/// assert_eq!(days[0], date(2026, 2, 28));
/// assert_eq!(days[0].day(), 28);
/// assert_eq!(days[0].moved_from().as_deref(), Some("2026-02-30"));
/// assert_eq!(days[1].moved_from(), None);
/// # Ok::<(), xs2a_client::wire::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankDate {
    date: Date,
    /// The day of the month that was sent, if the month lacks it.
    sent: Option<u8>,
}

impl BankDate {
    /// The last day of a month, in the place of a day that the month lacks.
    pub(crate) fn moved(date: Date, sent: u8) -> Self {
        Self { date, sent: Some(sent) }
    }

    /// The day.
    pub fn date(self) -> Date {
        self.date
    }

    /// The day that was sent, such as `2026-02-30`, if its month lacks it. `None` if the day is as it
    /// was sent.
    pub fn moved_from(self) -> Option<String> {
        self.sent.map(|day| format!("{}-{day}", self.date.strftime("%Y-%m")))
    }
}

impl Deref for BankDate {
    type Target = Date;

    fn deref(&self) -> &Date {
        &self.date
    }
}

impl From<Date> for BankDate {
    fn from(date: Date) -> Self {
        Self { date, sent: None }
    }
}

impl From<BankDate> for Date {
    fn from(date: BankDate) -> Self {
        date.date
    }
}

impl PartialEq<Date> for BankDate {
    fn eq(&self, other: &Date) -> bool {
        self.date == *other
    }
}

impl PartialOrd<Date> for BankDate {
    fn partial_cmp(&self, other: &Date) -> Option<std::cmp::Ordering> {
        self.date.partial_cmp(other)
    }
}

/// The day, as `2026-02-28`.
impl fmt::Display for BankDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date.fmt(f)
    }
}

/// Writes what was sent, so that the same is read back.
impl Serialize for BankDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.moved_from() {
            Some(sent) => serializer.serialize_str(&sent),
            None => self.date.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for BankDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::required(deserializer)
    }
}
