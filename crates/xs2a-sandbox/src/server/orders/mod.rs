//! The bodies of orders: which fields an order has, and which values they may have.

mod bank;
mod bounds;
mod choices;
mod faults;
mod order;
mod state;
mod time;

pub(super) use bank::{EveryLogin, Script};
pub(super) use choices::choices;
pub(super) use faults::{Break, Refuse};
pub(super) use order::Order;
pub(super) use state::{NewAccount, NewConnection, NewUser};
pub(super) use time::Pass;
