//! The bodies of orders: which fields an order has, and which values they may have.

mod bank;
mod bounds;
mod faults;
mod order;
mod state;
mod time;

pub(super) use bank::{EveryLogin, NextSync};
pub(super) use faults::{Break, Refuse};
pub(super) use order::Order;
pub(super) use state::{NewAccount, NewConnections, NewUsers};
pub(super) use time::Pass;
