//! `xs2a accounts`, `balance` and `turnovers`.

use clap::{Args, Subcommand};
use xs2a::jiff::civil::Date;
use xs2a::{AccountId, ConnectionId};

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output;
use crate::prompt;
use crate::records::{AccountRecord, BalanceRecord, SeenRecord, TurnoverRecord};

#[derive(Subcommand)]
pub(crate) enum Accounts {
    /// Every account, or those of a connection
    List {
        /// The accounts of this connection
        #[arg(long, value_name = "ID")]
        connection: Option<ConnectionId>,
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// One account
    Show {
        #[arg(value_name = "ACCOUNT")]
        id: AccountId,
    },
    /// Delete an account, with its balance and turnovers
    Delete {
        #[arg(value_name = "ACCOUNT")]
        id: AccountId,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Args)]
pub(crate) struct Balance {
    #[arg(value_name = "ACCOUNT")]
    id: AccountId,
}

#[derive(Subcommand)]
pub(crate) enum Turnovers {
    /// The turnovers of an account
    #[command(
        after_help = "Example:\n  xs2a turnovers list ACCOUNT --from 2026-01-01 --output csv"
    )]
    List {
        #[arg(value_name = "ACCOUNT")]
        id: AccountId,
        /// From this day on
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// Up to this day
        #[arg(long, value_name = "DAY")]
        to: Option<Date>,
        /// Only those that are not marked as seen
        #[arg(long)]
        new: bool,
    },
    /// Mark the turnovers of an account as seen
    MarkSeen {
        #[arg(value_name = "ACCOUNT")]
        id: AccountId,
        /// Only up to this day
        #[arg(long, value_name = "DAY")]
        until: Option<Date>,
    },
}

pub(super) async fn run(context: &Context, command: Accounts) -> Outcome {
    let accounts = context.service.user()?.accounts();
    match command {
        Accounts::List { connection, limit } => {
            let pages = match connection {
                Some(connection) => accounts.of_connection(connection),
                None => accounts.list(),
            };
            context.list(pages, limit, |account| Ok(AccountRecord::from(account))).await
        }
        Accounts::Show { id } => context.show(&AccountRecord::from(&accounts.get(id).await?)),
        Accounts::Delete { id, yes } => {
            prompt::may_delete(&format!("account {id}"), yes).await?;
            accounts.delete(&id).await?;
            context.deleted("account", id.as_str())
        }
    }
}

pub(super) async fn balance(context: &Context, Balance { id }: Balance) -> Outcome {
    let balance = context.service.user()?.accounts().balance(&id).await?;
    context.show(&BalanceRecord::new(&id, &balance))
}

pub(super) async fn turnovers(context: &Context, command: Turnovers) -> Outcome {
    let accounts = context.service.user()?.accounts();
    match command {
        Turnovers::List { id, from, to, new } => {
            let mut request = accounts.turnovers(id);
            if let Some(day) = from {
                request = request.from(day);
            }
            if let Some(day) = to {
                request = request.to(day);
            }
            if new {
                request = request.only_new();
            }
            let found = request.await?.turnovers;
            let records: Vec<_> = found.iter().map(TurnoverRecord::from).collect();
            output::list(context.format, &records)?;
            match found.unreadable() {
                [] => Ok(()),
                unreadable => Err(Failure::new(
                    Exit::Service,
                    format!("{} turnovers cannot be read", unreadable.len()),
                    "use a newer version of xs2a",
                )),
            }
        }
        Turnovers::MarkSeen { id, until } => {
            match until {
                Some(day) => accounts.mark_as_seen_until(&id, day).await?,
                None => accounts.mark_as_seen(&id).await?,
            }
            context.show(&SeenRecord::new(&id, until))
        }
    }
}
