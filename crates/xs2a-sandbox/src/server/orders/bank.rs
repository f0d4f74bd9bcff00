//! Orders about what the bank does.

use std::time::Duration;

use serde::Deserialize;

use super::bounds::Seconds;
use crate::{answer::Refusal, world::BankFault};

/// How long a slow login takes if the order does not say so.
const TEN_MINUTES: Duration = Duration::from_secs(10 * 60);

/// What the bank does.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum BankDoes {
    WrongPassword,
    Unavailable,
    TanRequired,
    ConsentGone,
    Slow,
}

impl BankDoes {
    fn fault(self, seconds: Option<Seconds>) -> Result<BankFault, Refusal> {
        if seconds.is_some() && self != Self::Slow {
            return Err(Refusal::new(400, "seconds: only slow takes seconds"));
        }
        Ok(match self {
            Self::WrongPassword => BankFault::WrongPassword,
            Self::Unavailable => BankFault::Unavailable,
            Self::TanRequired => BankFault::TanRequired,
            Self::ConsentGone => BankFault::ConsentGone,
            Self::Slow => BankFault::Slow(seconds.map_or(TEN_MINUTES, Seconds::seconds)),
        })
    }
}

/// What the bank does at the next login without the user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Script {
    next: BankDoes,
    seconds: Option<Seconds>,
}

impl Script {
    pub(in crate::server) fn fault(&self) -> Result<BankFault, Refusal> {
        self.next.fault(self.seconds)
    }
}

/// What the bank does at every login with a user name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct EveryLogin {
    bank: Option<BankDoes>,
    seconds: Option<Seconds>,
}

impl EveryLogin {
    pub(in crate::server) fn fault(&self) -> Result<Option<BankFault>, Refusal> {
        self.bank.map(|bank| bank.fault(self.seconds)).transpose()
    }
}
