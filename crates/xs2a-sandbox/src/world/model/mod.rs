//! The things of the service: what each one is, its own rules, and how its JSON looks.

pub(super) mod account;
pub(super) mod bank;
pub(super) mod bank_fault;
pub(super) mod connection;
pub(super) mod counts;
pub(super) mod event;
pub(super) mod session;
mod standing;
pub(super) mod sync_plan;
pub(super) mod syncs;
pub(super) mod user;
pub(super) mod wizard_script;
pub(super) mod words;
