//! Orders about the clock.

use std::time::Duration;

use serde::Deserialize;

use super::bounds::{Seconds, TEN_YEARS};
use crate::answer::Refusal;

/// Lets time pass.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Pass {
    seconds: Option<Seconds>,
    minutes: Option<Seconds>,
    hours: Option<Seconds>,
    days: Option<Seconds>,
}

impl Pass {
    pub(in crate::server) fn span(&self) -> Result<Duration, Refusal> {
        let in_seconds = |count: Option<Seconds>, length: u64| {
            count.map_or(0, |count| u64::from(count.get()) * length)
        };
        let seconds = in_seconds(self.seconds, 1)
            + in_seconds(self.minutes, 60)
            + in_seconds(self.hours, 60 * 60)
            + in_seconds(self.days, 24 * 60 * 60);
        if (1..=u64::from(TEN_YEARS)).contains(&seconds) {
            return Ok(Duration::from_secs(seconds));
        }
        let message = "say how far in seconds, minutes, hours or days: at least a second, and ten \
                       years at most";
        Err(Refusal::new(400, message))
    }
}
