//! The bounds of the numbers in orders.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

/// Ten years in seconds. Automatic syncs make a long leap of the clock long work.
pub(super) const TEN_YEARS: u32 = 10 * 366 * 24 * 60 * 60;
/// Ten minutes in milliseconds, the longest time that an order may keep a client waiting.
pub(super) const TEN_MINUTES: u32 = 10 * 60 * 1_000;

/// A span on the sandbox's clock, in seconds.
pub(super) type Seconds = Number<0, TEN_YEARS>;
/// A time that a client has to wait, in milliseconds.
pub(super) type Millis = Number<0, TEN_MINUTES>;

/// A whole number within bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<const LEAST: u32, const MOST: u32>(u32);

impl<'de, const LEAST: u32, const MOST: u32> Deserialize<'de> for Number<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?.as_u64();
        let number = number.and_then(|number| u32::try_from(number).ok());
        number.filter(|number| (LEAST..=MOST).contains(number)).map(Self).ok_or_else(|| {
            D::Error::custom(format_args!("must be a whole number from {LEAST} to {MOST}"))
        })
    }
}

impl<const LEAST: u32, const MOST: u32> Number<LEAST, MOST> {
    pub(super) fn get(self) -> u32 {
        self.0
    }

    /// As a number of things.
    pub(super) fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Seconds {
    pub(super) fn seconds(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl Millis {
    pub(super) fn millis(self) -> Duration {
        Duration::from_millis(self.0.into())
    }
}
