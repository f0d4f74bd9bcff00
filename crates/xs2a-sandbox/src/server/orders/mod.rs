//! The bodies of orders: which fields an order has, and which values they may have.

mod bank;
mod bounds;
mod choices;
mod faults;
mod forms;
mod order;
mod state;
mod time;
mod verbatim;

pub(super) use bank::{EveryLogin, NextSync};
pub(super) use choices::choices;
pub(super) use faults::{Break, Refuse};
pub(super) use forms::Forms;
pub(super) use order::Order;
pub(super) use state::{NewAccount, NewConnections, NewUsers};
pub(super) use time::Pass;
