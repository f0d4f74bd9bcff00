//! A scenario: what a sandbox starts with.

use std::time::Duration;

use jiff::Timestamp;

use super::faults::{Aim, Fault};
use crate::world::{AccountType, BankFault, ConnectionSeed, World, orders};

/// What a sandbox starts with.
#[derive(Debug, Default)]
pub(crate) struct Scenario {
    /// What the clock shows at the start. None leaves that to the settings.
    pub(crate) start: Option<Timestamp>,
    /// Names and tokens.
    pub(crate) users: Vec<(String, Option<String>)>,
    /// What the bank does at each login with a user name.
    pub(crate) logins: Vec<(String, Option<BankFault>)>,
    /// Connections with the positions of their users.
    pub(crate) connections: Vec<(usize, PlannedConnection)>,
    /// Faults that can be armed.
    pub(crate) faults: Vec<(Fault, Aim)>,
    /// How much time passes after everything else.
    pub(crate) passes: Option<Duration>,
}

/// A connection, and what happens to it at once.
#[derive(Clone, Debug)]
pub(crate) struct PlannedConnection {
    pub(crate) seed: ConnectionSeed,
    /// What the bank does at the next logins without the user.
    pub(crate) script: Vec<BankFault>,
    /// Accounts that the next sync will find.
    pub(crate) accounts: Vec<AccountType>,
    /// Whether a sync is started.
    pub(crate) sync: bool,
}

impl PlannedConnection {
    /// Makes the connection; gives its id. None if there is no such user.
    pub(crate) fn make(&self, world: &mut World, user: &str) -> Option<String> {
        let id = orders::add_connection(world, user, &self.seed)?;
        for fault in &self.script {
            orders::plan_sync(world, &id, (*fault).into());
        }
        for kind in &self.accounts {
            orders::open_account(world, &id, *kind);
        }
        if self.sync {
            orders::sync(world, &id);
        }
        Some(id)
    }
}
