//! `xs2a connections`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use xs2a::types::{AccountSelection, Connection, CreateConnectionRequest, Language, SyncMode};
use xs2a::{ConnectionId, ConnectionKey, UserClient};

use super::login::log_in;
use super::sync::{self, SyncOptions, policy};
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::jobs::Jobs;
use crate::output::note;
use crate::prompt;
use crate::records::ConnectionRecord;
use crate::secret_file::NewSecret;

#[derive(Subcommand)]
pub(crate) enum Connections {
    /// Every connection with its state and the next step
    List {
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// One connection in words: its state, why, what comes next, how many calls are left
    Show {
        /// Its id, or the transaction of the session that created it
        #[arg(value_name = "ID")]
        id: ConnectionKey,
    },
    /// Sync as far as is right, and wait for the end, with a line for each step
    ///
    /// The command looks first, and refuses what should not be sent: the sync of a disabled
    /// connection, the last attempt, a fifth call in 24 hours. It asks the service once. Ctrl-C
    /// loses nothing: `connections resume` goes on, and does not ask again.
    #[command(after_help = "Examples:\n  xs2a connections sync ID\n  xs2a connections sync ID \
        --no-wait; xs2a connections resume ID\n  xs2a connections sync ID --credentials-file half.txt")]
    Sync {
        #[arg(value_name = "ID")]
        id: ConnectionId,
        #[command(flatten)]
        options: SyncOptions,
    },
    /// Go on with a sync that a command has left under way
    Resume {
        /// The connection; without it, the one whose sync is under way
        #[arg(value_name = "ID")]
        id: Option<ConnectionId>,
        /// Read the half of the credentials of a shared connection from this file
        #[arg(long, value_name = "FILE")]
        credentials_file: Option<PathBuf>,
    },
    /// Make a connection: the user logs in at the bank, here in the terminal
    ///
    /// PINs are not shown while they are typed. Esc goes back to the form before. Without a
    /// terminal, each answer is a line of standard input.
    #[command(
        after_help = "Examples:\n  xs2a connections add --mode full\n  xs2a connections add \
        --mode shared --credentials-to half.txt\n  xs2a --sandbox connections add    bank DE \
        88888888, any login and PIN; the PIN 000000 is wrong"
    )]
    Add(AddOptions),
    /// Let the user log in anew, whatever the state: here in the terminal
    Reset {
        #[arg(value_name = "ID")]
        id: ConnectionId,
        /// Write the new half of the credentials of a shared connection into this new file
        #[arg(long, value_name = "FILE")]
        credentials_to: Option<PathBuf>,
    },
    /// Delete a connection; its accounts stay
    Delete {
        #[arg(value_name = "ID")]
        id: ConnectionId,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Args)]
pub(crate) struct AddOptions {
    /// What is stored of the credentials: full, shared, none
    #[arg(long, value_name = "MODE")]
    mode: Option<SyncMode>,
    /// The bank, by its BIC
    #[arg(long, value_name = "BIC")]
    bic: Option<String>,
    /// The country of the bank, such as DE
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// How many days of turnovers to fetch
    #[arg(long, value_name = "N")]
    days: Option<i32>,
    /// Which accounts: all, multi, single
    #[arg(long, value_name = "WHICH")]
    accounts: Option<AccountSelection>,
    /// The language of the forms: de, en, es, fr, it
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Write your half of the credentials, in mode shared, into this new file
    #[arg(long, value_name = "FILE", required_if_eq("mode", "shared"))]
    credentials_to: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, command: Connections) -> Outcome {
    let (user, jobs) = (context.service.user()?, context.service.jobs()?);
    let connections = user.connections();
    match command {
        Connections::List { limit } => {
            context.list(connections.list(), limit, |seen| record(&user, &jobs, seen)).await
        }
        Connections::Show { id } => {
            let seen = connections.get(id).await?;
            context.show(&record(&user, &jobs, &seen)?)
        }
        Connections::Sync { id, options } => sync::begin(context, &user, &jobs, id, options).await,
        Connections::Resume { id, credentials_file } => {
            sync::resume(context, &user, &jobs, id, credentials_file.as_deref()).await
        }
        Connections::Add(options) => {
            let half = options.credentials_to.as_deref().map(NewSecret::create).transpose()?;
            let session = connections.create(&options.request()).await?;
            let seen = log_in(&user, &session, half).await?;
            note(&format!("connected: {}", seen.id));
            context.show(&record(&user, &jobs, &seen)?)
        }
        Connections::Reset { id, credentials_to } => {
            let half = credentials_to.as_deref().map(NewSecret::create).transpose()?;
            let before = connections.get(&id).await?;
            if before.sync_mode == Some(SyncMode::Shared) && half.is_none() {
                return Err(Failure::usage(
                    "the login of a shared connection hands over a new half of the credentials",
                    "say where to write it: --credentials-to FILE",
                ));
            }
            let session = connections.reset(&id).await?;
            let seen = log_in(&user, &session, half).await?;
            context.show(&record(&user, &jobs, &seen)?)
        }
        Connections::Delete { id, yes } => {
            prompt::may_delete(&format!("connection {id}"), yes).await?;
            connections.delete(&id).await?;
            context.deleted("connection", id.as_str())
        }
    }
}

impl AddOptions {
    fn request(&self) -> CreateConnectionRequest {
        let mut request = CreateConnectionRequest::new();
        request.sync_mode = self.mode.clone();
        request.bic = self.bic.clone();
        request.country_id = self.country.clone();
        request.days = self.days;
        request.account_selection = self.accounts.clone();
        request.language = self.language.clone();
        request
    }
}

/// How a connection stands, by what this machine knows of its syncs.
fn record(user: &UserClient, jobs: &Jobs, seen: &Connection) -> Outcome<ConnectionRecord> {
    let job = jobs.of(&seen.id)?;
    let is_under_way = job.as_ref().is_some_and(|job| job.report().is_none());
    let history = job.map(|job| job.history().clone()).unwrap_or_default();
    Ok(ConnectionRecord::new(seen, &policy(), &history, is_under_way, user.server_now()))
}
