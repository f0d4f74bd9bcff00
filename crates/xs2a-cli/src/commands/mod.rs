//! The commands, by noun. Each asks a crate, and prints what it says.

mod accounts;
mod banks;
mod connections;
mod events;
mod fleet;
mod login;
mod shell;
mod sync;
mod tokens;
mod users;

use std::pin::pin;

use clap::Subcommand;
use futures_util::FutureExt;

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::options::Global;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Bank connections: their state, syncs, the login of the user
    #[command(subcommand)]
    Connections(connections::Connections),
    /// The accounts of a bank user
    #[command(subcommand)]
    Accounts(accounts::Accounts),
    /// The balance of an account
    Balance(accounts::Balance),
    /// The turnovers of an account
    #[command(subcommand)]
    Turnovers(accounts::Turnovers),
    /// Bank users
    #[command(subcommand)]
    Users(users::Users),
    /// Access tokens of bank users
    #[command(subcommand)]
    Tokens(tokens::Tokens),
    /// What happened
    #[command(subcommand)]
    Events(events::Events),
    /// Wizard sessions
    #[command(subcommand)]
    Sessions(events::Sessions),
    /// The directory of banks
    #[command(subcommand)]
    Banks(banks::Banks),
    /// Many connections, kept fresh
    #[command(subcommand)]
    Fleet(fleet::FleetCommand),
    /// Print the completions for a shell
    #[command(
        after_help = "Example:\n  xs2a completions bash > ~/.local/share/bash-completion/completions/xs2a"
    )]
    Completions(shell::Completions),
    /// Write the manual
    Man(shell::Man),
}

/// Does what the command line says. `line` is the command line itself.
pub(crate) async fn run(options: &Global, command: Command, line: clap::Command) -> Outcome {
    match &command {
        Command::Completions(options) => return shell::completions(options, line),
        Command::Man(options) => return shell::man(options, line),
        _ => {}
    }
    let context = &Context::new(options).await?;
    if let Command::Fleet(command) = command {
        // A worker ends what it has in hand before it ends.
        return fleet::run(context, command).await;
    }
    let mut asked = pin!(ask(context, command));
    tokio::select! {
        biased;
        ended = &mut asked => ended,
        _ = tokio::signal::ctrl_c() => {
            // A sync tells what is known of it. Any other command has nothing to tell.
            context.interrupted.notify_waiters();
            asked.now_or_never().unwrap_or_else(|| {
                Err(Failure::interrupted("ended by Ctrl-C", "begin again when you like"))
            })
        }
    }
}

async fn ask(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Connections(command) => connections::run(context, command).await,
        Command::Accounts(command) => accounts::run(context, command).await,
        Command::Balance(command) => accounts::balance(context, command).await,
        Command::Turnovers(command) => accounts::turnovers(context, command).await,
        Command::Users(command) => users::run(context, command).await,
        Command::Tokens(command) => tokens::run(context, command).await,
        Command::Events(command) => events::run(context, command).await,
        Command::Sessions(command) => events::sessions(context, command).await,
        Command::Banks(command) => banks::run(context, command).await,
        Command::Fleet(command) => fleet::run(context, command).await,
        Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}
