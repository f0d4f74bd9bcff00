//! The service's state and its rules, without HTTP: calls go in and answers come out, and time
//! passes only when somebody says so.

mod access_tokens;
mod accounts;
mod agenda;
mod bank_codes;
mod calls;
mod connections;
mod events;
mod forms;
mod lifecycle;
mod model;
pub(crate) mod orders;
pub(crate) mod overview;
mod report;
mod sessions;
mod state;
mod time;
mod users;
mod wizard;

pub(crate) use calls::{Caller, answer};
pub(crate) use model::event::Event;
pub use model::{
    account::AccountType,
    bank_fault::BankFault,
    connection::{ConnectionSeed, SyncMode},
    counts::Counts,
    sync_plan::SyncPlan,
    wizard_script::{Posted, ScriptedForm, WizardScript},
};
pub(crate) use state::{Settings, World};
pub(crate) use time::advance;

/// What the property tests look at without asking the service.
#[cfg(test)]
impl World {
    pub(crate) fn connection_json(&self, id: &str) -> Option<serde_json::Value> {
        self.connections.get(id).map(|connection| connection.json().to_value())
    }

    pub(crate) fn is_syncing(&self, id: &str) -> bool {
        self.connections.get(id).is_some_and(|connection| connection.syncs.is_running())
    }

    pub(crate) fn event_count(&self) -> usize {
        self.events.len()
    }

    /// What the events after the first `skipped` ones show of the connection.
    pub(crate) fn events_of(&self, id: &str, skipped: usize) -> Vec<serde_json::Value> {
        let new = self.events.iter().skip(skipped).map(|event| event.data.to_value());
        new.filter(|data| data["id"] == id && data["object"] == "bank_connection").collect()
    }

    pub(crate) fn connections_of(&self, user: &str) -> Vec<String> {
        let own = self.connections.iter().filter(|(_, connection)| connection.user == user);
        own.map(|(id, _)| id.clone()).collect()
    }
}
