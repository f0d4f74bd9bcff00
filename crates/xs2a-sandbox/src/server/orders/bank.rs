//! Orders about what the bank does.

use std::time::Duration;

use serde::Deserialize;

use super::bounds::Seconds;
use crate::{
    answer::Refusal,
    world::{BankFault, SyncPlan},
};

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

/// How the next sync without the user goes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NextSync {
    next: Option<BankDoes>,
    seconds: Option<Seconds>,
    begins_after: Option<Seconds>,
    shows_after: Option<Seconds>,
}

impl NextSync {
    pub(in crate::server) fn plan(&self) -> Result<SyncPlan, Refusal> {
        let mut plan = match self.next {
            Some(next) => next.fault(self.seconds)?.into(),
            None if self.seconds.is_some() => {
                return Err(Refusal::new(400, "seconds: only slow takes seconds"));
            }
            None if self.begins_after.is_none() && self.shows_after.is_none() => {
                let message = "missing field `next`, `begins_after` or `shows_after`";
                return Err(Refusal::new(400, message));
            }
            None => SyncPlan::new(),
        };
        if let Some(span) = self.begins_after {
            plan = plan.begins_after(span.seconds());
        }
        if let Some(span) = self.shows_after {
            plan = plan.shows_after(span.seconds());
        }
        Ok(plan)
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
