//! Orders about the state to start from.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

use super::{
    bank::NextSync,
    bounds::{Number, Seconds},
};
use crate::{
    answer::Refusal,
    clock,
    service::PlannedConnection,
    world::{AccountType, ConnectionSeed, SyncMode},
};

/// The largest number of users or connections of one kind in an order.
const MOST: u32 = 50_000;
/// The largest number of connections that one order can make.
const MOST_CONNECTIONS: usize = 100_000;

/// Makes bank users, each with these connections.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewUsers {
    name: Option<String>,
    pub(in crate::server) token: Option<String>,
    count: Option<Number<1, MOST>>,
    #[serde(default)]
    connections: Vec<NewConnections>,
}

impl NewUsers {
    pub(in crate::server) fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| "Ada".to_owned())
    }

    /// How many users to make. None stands for one, which is answered without a list.
    pub(in crate::server) fn count(&self) -> Option<usize> {
        self.count.map(Number::count)
    }

    /// The connections to make for each of the users.
    pub(in crate::server) fn plans(
        &self,
        now: Timestamp,
    ) -> Result<Vec<PlannedConnection>, Refusal> {
        if self.connections.iter().any(|order| order.user.is_some()) {
            return Err(Refusal::new(400, "connections: these belong to the new users"));
        }
        let each: usize = self.connections.iter().map(NewConnections::how_many).sum();
        if each.saturating_mul(self.count().unwrap_or(1)) > MOST_CONNECTIONS {
            let message = format!("count: one order makes {MOST_CONNECTIONS} connections at most");
            return Err(Refusal::new(400, message));
        }
        if self.token.is_some() && self.count.is_some() {
            return Err(Refusal::new(400, "token: several users cannot have the same"));
        }
        let mut plans = Vec::new();
        for (position, order) in self.connections.iter().enumerate() {
            let place = format!("connections[{position}]");
            plans.extend(order.plans(now).map_err(|refusal| refusal.at(&place))?);
        }
        Ok(plans)
    }
}

/// Makes connections.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewConnections {
    /// Id of the bank user.
    user: Option<String>,
    #[serde(default, with = "Mode")]
    mode: SyncMode,
    failures: Option<Number<0, 3>>,
    login: Option<String>,
    #[serde(default)]
    never_synced: bool,
    /// How long ago the last sync was.
    synced_ago: Option<Seconds>,
    /// The time over which the last syncs of several connections are spread.
    spread: Option<Seconds>,
    /// Whether the accounts of the login are opened.
    accounts: Option<bool>,
    credentials: Option<String>,
    consent_valid_until: Option<Date>,
    count: Option<Number<1, MOST>>,
    consent_days: Option<i32>,
    active: Option<bool>,
    message: Option<String>,
    /// How the next syncs without the user go.
    #[serde(default)]
    next: Vec<NextSync>,
    /// Accounts that the next sync finds.
    #[serde(default)]
    finds: Vec<NewAccount>,
    /// Whether a sync is started.
    #[serde(default)]
    sync: bool,
}

#[derive(Deserialize)]
#[serde(remote = "SyncMode", rename_all = "lowercase")]
enum Mode {
    Full,
    Shared,
    None,
}

impl NewConnections {
    pub(in crate::server) fn user(&self) -> Result<&str, Refusal> {
        self.user.as_deref().ok_or_else(|| Refusal::new(400, "missing field `user`"))
    }

    /// Whether the answer is a list.
    pub(in crate::server) fn is_list(&self) -> bool {
        self.count.is_some()
    }

    fn how_many(&self) -> usize {
        self.count.map_or(1, Number::count)
    }

    /// The connections to make, and what happens to them at once.
    pub(in crate::server) fn plans(
        &self,
        now: Timestamp,
    ) -> Result<Vec<PlannedConnection>, Refusal> {
        let mut syncs = Vec::new();
        for (position, next) in self.next.iter().enumerate() {
            let plan = next.plan().map_err(|refusal| refusal.at(&format!("next[{position}]")))?;
            syncs.push(plan);
        }
        let accounts: Vec<AccountType> = self.finds.iter().map(|account| account.kind).collect();
        let planned = |seed| PlannedConnection {
            seed,
            syncs: syncs.clone(),
            accounts: accounts.clone(),
            sync: self.sync,
        };
        Ok(self.seeds(now)?.into_iter().map(planned).collect())
    }

    fn seeds(&self, now: Timestamp) -> Result<Vec<ConnectionSeed>, Refusal> {
        if self.never_synced && (self.synced_ago.is_some() || self.spread.is_some()) {
            let message = "never_synced: excludes synced_ago and spread";
            return Err(Refusal::new(400, message));
        }
        let seed = self.seed(now);
        let count = self.how_many();
        if self.synced_ago.is_none() && self.spread.is_none() {
            return Ok(vec![seed; count]);
        }
        let span = |seconds: Option<Seconds>| seconds.map_or(Duration::ZERO, Seconds::seconds);
        let between = span(self.spread) / self.count.map_or(1, Number::get);
        let mut at = now.saturating_sub(span(self.synced_ago)).unwrap_or(Timestamp::MIN);
        let mut seeds = Vec::with_capacity(count);
        for _ in 0..count {
            seeds.push(seed.clone().last_synced(at));
            at = at.saturating_sub(between).unwrap_or(Timestamp::MIN);
        }
        Ok(seeds)
    }

    fn seed(&self, now: Timestamp) -> ConnectionSeed {
        let mut seed =
            ConnectionSeed::new(self.mode).failures(self.failures.map_or(0, Number::get));
        if let Some(login) = &self.login {
            seed = seed.login(login);
        }
        if self.never_synced {
            seed = seed.never_synced();
        }
        if self.accounts == Some(false) {
            seed = seed.without_accounts();
        }
        if let Some(half) = &self.credentials {
            seed = seed.credentials(half);
        }
        let in_days = |days: i32| clock::days_from(clock::day(now), days.into());
        if let Some(day) = self.consent_valid_until.or(self.consent_days.map(in_days)) {
            seed = seed.consent_valid_until(day);
        }
        if let Some(active) = self.active {
            seed = seed.active(active);
        }
        if let Some(message) = &self.message {
            seed = seed.message(message);
        }
        seed
    }
}

/// Has the bank open an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewAccount {
    #[serde(rename = "type", with = "Kind")]
    pub(in crate::server) kind: AccountType,
}

#[derive(Deserialize)]
#[serde(remote = "AccountType", rename_all = "lowercase")]
enum Kind {
    Giro,
    CreditCard,
    Savings,
    Loan,
    Securities,
    Wallet,
    Other,
}
