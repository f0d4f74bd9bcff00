//! What the operator chooses.

use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use xs2a::SyncPolicy;

use super::night::Hours;
use crate::error::Error;

/// Hours in which a bank does not want to be asked, in the policy's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedHours {
    pub(super) bank: String,
    pub(super) hours: Hours,
}

/// How a fleet works. Plain data: the store keeps it, so that all workers go by one policy.
///
/// ```
/// use std::time::Duration;
/// use xs2a_fleet::FleetPolicy;
/// use xs2a_fleet::jiff::civil::time;
///
/// let policy = FleetPolicy::default()
///     .with_night("Europe/Berlin", time(22, 0, 0, 0), time(5, 0, 0, 0))
///     .with_closed_hours("BELADEBE", time(0, 0, 0, 0), time(1, 30, 0, 0))
///     .with_closed_hours("12030000", time(3, 0, 0, 0), time(3, 30, 0, 0))
///     .with_pace(200, 100)
///     .with_stale_after(Duration::from_secs(36 * 3600));
/// assert!(policy.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "a policy does nothing by itself"]
pub struct FleetPolicy {
    pub(crate) zone: String,
    pub(crate) night: Hours,
    pub(crate) closed: Vec<ClosedHours>,
    pub(crate) at_once: usize,
    pub(crate) per_second: u32,
    pub(crate) per_user: usize,
    pub(crate) stale_after: Option<Duration>,
    pub(crate) consent_notice: Duration,
    pub(crate) parked_look: Duration,
    pub(crate) first_look: Duration,
    pub(crate) back_off: Duration,
    pub(crate) lease: Duration,
    pub(crate) feed_pause: Duration,
    pub(crate) sync: SyncPolicy,
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

impl Default for FleetPolicy {
    fn default() -> Self {
        let hours = Duration::from_secs(6 * HOUR);
        Self {
            zone: "Europe/Berlin".to_owned(),
            night: Hours { from: Time::constant(1, 0, 0, 0), until: Time::constant(6, 0, 0, 0) },
            closed: Vec::new(),
            at_once: 20,
            per_second: 10,
            per_user: 5,
            stale_after: None,
            consent_notice: Duration::from_secs(14 * DAY),
            parked_look: Duration::from_secs(7 * DAY),
            first_look: Duration::from_secs(60),
            back_off: Duration::from_secs(600),
            lease: Duration::from_secs(30),
            feed_pause: Duration::from_secs(30),
            sync: SyncPolicy::unattended().with_shortest_interval(hours),
        }
    }
}

impl FleetPolicy {
    /// Sets when syncs begin and when no further one does, in a zone of the IANA database; `until`
    /// before `from` is on the next day, and the same time is around the clock. Each connection has
    /// its place in the night, spread by user. What is not reached by the end of the night is reported;
    /// around the clock, that is what has waited for more than a day. Default: 01:00 to 06:00 in
    /// Europe/Berlin.
    pub fn with_night(mut self, zone: impl Into<String>, from: Time, until: Time) -> Self {
        (self.zone, self.night) = (zone.into(), Hours { from, until });
        self
    }

    /// Adds hours, in the zone of the night, in which no sync of this bank begins. The bank is named
    /// by a bank code, or by a BIC or its first letters. Default: none.
    pub fn with_closed_hours(mut self, bank: impl Into<String>, from: Time, until: Time) -> Self {
        self.closed.push(ClosedHours { bank: bank.into(), hours: Hours { from, until } });
        self
    }

    /// Sets how many connections are worked on at once and how many requests a second are sent, by
    /// all workers together. Looks, tokens and repetitions count as requests. With more workers than
    /// requests a second, the pace holds over several seconds. Default: 20 and 10.
    pub fn with_pace(mut self, at_once: usize, per_second: u32) -> Self {
        (self.at_once, self.per_second) = (at_once, per_second);
        self
    }

    /// Sets how many connections of one bank user are in hand at a time. Default: 5.
    pub fn with_per_user(mut self, at_a_time: usize) -> Self {
        self.per_user = at_a_time;
        self
    }

    /// Sets the age of its data from which on a healthy connection of mode `full` is synced, which
    /// the service should have done. Default: never; such connections are watched.
    pub fn with_stale_after(mut self, age: Duration) -> Self {
        self.stale_after = Some(age);
        self
    }

    /// Sets how long before its end a consent is told in the reports. Default: 14 days.
    pub fn with_consent_notice(mut self, before: Duration) -> Self {
        self.consent_notice = before;
        self
    }

    /// Sets after how long a parked connection is looked at again where no event says that anything
    /// has changed. Default: seven days.
    pub fn with_parked_look(mut self, after: Duration) -> Self {
        self.parked_look = after;
        self
    }

    /// Sets how long after a sync began the connection is looked at where no event has told the
    /// outcome; the pause doubles with each look. Default: one minute.
    pub fn with_first_look(mut self, after: Duration) -> Self {
        self.first_look = after;
        self
    }

    /// Sets the pause after a turn that came to nothing (not sent, throttled, refused by the server);
    /// it triples with each further one, and the fourth in a row waits for the next night. A sync that
    /// failed waits for the next night at once, and after the second failure for the user.
    /// Default: ten minutes.
    pub fn with_back_off(mut self, pause: Duration) -> Self {
        self.back_off = pause;
        self
    }

    /// Sets after how long without a heartbeat a worker counts as dead, and its rows are freed. With
    /// less than three seconds, the second in which a worker comes or goes may see more requests than
    /// the pace. Default: 30 seconds.
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Sets the pause between two polls of the account's events. Default: 30 seconds.
    pub fn with_feed_pause(mut self, pause: Duration) -> Self {
        self.feed_pause = pause;
        self
    }

    /// Sets how a connection is synced. Default: [`SyncPolicy::unattended`], six hours after the last
    /// sync at the earliest.
    pub fn with_sync(mut self, policy: SyncPolicy) -> Self {
        self.sync = policy;
        self
    }

    /// The zone, if all settings work together.
    ///
    /// # Errors
    /// [`Error::Policy`] with a sentence that names the setting.
    pub fn check(&self) -> Result<TimeZone, Error> {
        let wrong = |what: String| Err(Error::Policy(what));
        let zone = match TimeZone::get(&self.zone) {
            Ok(zone) => zone,
            Err(_) => return wrong(format!("there is no zone {:?}", self.zone)),
        };
        if self.at_once == 0 || self.per_second == 0 || self.per_user == 0 {
            return wrong("a pace of 0 does nothing".to_owned());
        }
        if self.lease < Duration::from_secs(1) {
            return wrong("a lease is a second or longer".to_owned());
        }
        if let Some(closed) = self.closed.iter().find(|closed| closed.bank.len() < 4) {
            return wrong(format!("{:?} names no bank: give four letters at least", closed.bank));
        }
        Ok(zone)
    }

    /// The names of the settings that differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let fields = |policy: &Self| match serde_json::to_value(policy) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let (ours, theirs) = (fields(self), fields(other));
        ours.into_iter()
            .filter(|(name, value)| theirs.get(name) != Some(value))
            .map(|(name, _)| name)
            .collect()
    }
}
