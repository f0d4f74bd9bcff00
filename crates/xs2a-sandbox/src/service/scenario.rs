//! A scenario: what a sandbox starts with.

use std::time::Duration;

use jiff::Timestamp;

use super::faults::{Aim, Fault};
use crate::world::{AccountType, BankFault, ConnectionSeed, SyncPlan, World, orders};

/// What a sandbox starts with.
#[derive(Debug, Default)]
pub(crate) struct Scenario {
    /// What the clock shows at the start. None leaves that to the settings.
    pub(crate) start: Option<Timestamp>,
    pub(crate) users: Vec<PlannedUser>,
    /// What the bank does at each login with a user name.
    pub(crate) logins: Vec<(String, Option<BankFault>)>,
    /// Faults that can be armed.
    pub(crate) faults: Vec<(Fault, Aim)>,
    /// How much time passes after everything else.
    pub(crate) passes: Option<Duration>,
}

/// Users with the same name, each with these connections.
#[derive(Debug)]
pub(crate) struct PlannedUser {
    pub(crate) name: String,
    pub(crate) token: Option<String>,
    pub(crate) count: usize,
    pub(crate) connections: Vec<PlannedConnection>,
}

/// A connection, and what happens to it at once.
#[derive(Clone, Debug)]
pub(crate) struct PlannedConnection {
    pub(crate) seed: ConnectionSeed,
    /// How the next syncs without the user go.
    pub(crate) syncs: Vec<SyncPlan>,
    /// Accounts that the next sync will find.
    pub(crate) accounts: Vec<AccountType>,
    /// Whether a sync is started.
    pub(crate) sync: bool,
}

impl PlannedConnection {
    /// Makes the connection; gives its id. None if there is no such user.
    pub(crate) fn make(&self, world: &mut World, user: &str) -> Option<String> {
        let id = orders::add_connection(world, user, &self.seed)?;
        for plan in &self.syncs {
            orders::plan_sync(world, &id, *plan);
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
