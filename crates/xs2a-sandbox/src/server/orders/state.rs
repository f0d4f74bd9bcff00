//! Orders about the state to start from.

use jiff::civil::Date;
use serde::Deserialize;

use super::{bank::Script, bounds::Number};
use crate::{
    answer::Refusal,
    service::PlannedConnection,
    world::{AccountType, ConnectionSeed, SyncMode},
};

/// Makes a bank user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewUser {
    pub(in crate::server) name: Option<String>,
}

/// Makes a connection.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewConnection {
    /// Id of the bank user.
    pub(in crate::server) user: String,
    #[serde(default, with = "Mode")]
    mode: SyncMode,
    failures: Option<Number<0, 3>>,
    login: Option<String>,
    #[serde(default)]
    never_synced: bool,
    credentials: Option<String>,
    consent_valid_until: Option<Date>,
    consent_days: Option<i32>,
    active: Option<bool>,
    message: Option<String>,
    /// What the bank does at the next logins without the user.
    #[serde(default)]
    bank: Vec<Script>,
    /// Accounts that the next sync will find.
    #[serde(default)]
    accounts: Vec<NewAccount>,
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

impl NewConnection {
    pub(in crate::server) fn plan(self) -> Result<PlannedConnection, Refusal> {
        let mut seed =
            ConnectionSeed::new(self.mode).failures(self.failures.map_or(0, Number::get));
        if let Some(login) = self.login {
            seed = seed.login(login);
        }
        if self.never_synced {
            seed = seed.never_synced();
        }
        if let Some(half) = self.credentials {
            seed = seed.credentials(half);
        }
        if let Some(day) = self.consent_valid_until {
            seed = seed.consent_valid_until(day);
        }
        if let Some(days) = self.consent_days {
            seed = seed.consent_days(days);
        }
        if let Some(active) = self.active {
            seed = seed.active(active);
        }
        if let Some(message) = self.message {
            seed = seed.message(message);
        }
        Ok(PlannedConnection {
            seed,
            script: self.bank.iter().map(Script::fault).collect::<Result<_, _>>()?,
            accounts: self.accounts.into_iter().map(|account| account.kind).collect(),
            sync: self.sync,
        })
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
