//! `xs2a events` and `sessions`.

use std::time::Duration;

use clap::{Args, Subcommand};
use xs2a::jiff::Timestamp;
use xs2a::types::ListEventsQuery;
use xs2a::{ApiClient, EventCursor, EventId, TransactionId};

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::{self, note};
use crate::records::{EventRecord, SessionRecord};

#[derive(Subcommand)]
pub(crate) enum Events {
    /// What has happened, the service's latest first
    #[command(after_help = "Example:\n  xs2a events list --from 2026-01-31T00:00:00Z --limit 20")]
    List {
        /// Only those of this transaction
        #[arg(long, value_name = "ID")]
        transaction: Option<TransactionId>,
        /// Only those of this type, such as transaction.updated
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// From this instant on, as 2026-01-31T09:00:00Z
        #[arg(long, value_name = "INSTANT")]
        from: Option<Timestamp>,
        /// Up to this instant
        #[arg(long, value_name = "INSTANT")]
        to: Option<Timestamp>,
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// One event
    Show {
        #[arg(value_name = "EVENT")]
        id: EventId,
    },
    /// Each event as it comes, until Ctrl-C
    #[command(after_help = "Example:\n  xs2a events follow --output json | jq -r .items[].type")]
    Follow {
        /// Begin with those since this instant; without it, with those from now on
        #[arg(long, value_name = "INSTANT")]
        since: Option<Timestamp>,
        /// How many seconds between two calls
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        pause: u64,
        /// End after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
}

/// A wizard session: whether it is finished, and its last error
#[derive(Args)]
pub(crate) struct ShowSession {
    #[arg(value_name = "TRANSACTION")]
    transaction: TransactionId,
}

#[derive(Subcommand)]
pub(crate) enum Sessions {
    /// One wizard session: whether it is finished, and its last error
    Show(ShowSession),
}

pub(super) async fn run(context: &Context, command: Events) -> Outcome {
    let api = context.service.api()?;
    match command {
        Events::List { transaction, kind, from, to, limit } => {
            let mut query = ListEventsQuery::new();
            query.transaction_id = transaction;
            query.type_ = kind;
            query.from = from;
            query.to = to;
            let pages = api.events().list_by(&query);
            context.list(pages, limit, |event| Ok(EventRecord::from(event))).await
        }
        Events::Show { id } => context.show(&EventRecord::from(&api.events().get(id).await?)),
        Events::Follow { since, pause, limit } => {
            let since = match since {
                Some(since) => since,
                None => services_now(&api).await?,
            };
            let cursor = EventCursor::since(since);
            let mut feed = api.events().follow(cursor).pause(Duration::from_secs(pause.max(1)));
            let mut stream = output::Stream::new(context.format);
            let mut told = 0;
            while limit.is_none_or(|limit| told < limit) {
                match feed.next().await {
                    Ok(event) => {
                        stream.next(&EventRecord::from(&event))?;
                        told += 1;
                    }
                    // The feed asks again, at a growing distance.
                    Err(error) if passes(&error) => note(&format!("{error}; asking again")),
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        }
    }
}

/// The time by the service's clock, which an answer has to tell first; events have it to the second.
async fn services_now(api: &ApiClient) -> Outcome<Timestamp> {
    api.events().list().per_page(1).page(1).await?;
    let now = api.server_now();
    Ok(Timestamp::from_second(now.as_second()).unwrap_or(now))
}

/// Whether another call may well be answered.
fn passes(error: &xs2a::Error) -> bool {
    let refused = error.status().is_some_and(|status| status.is_client_error());
    !refused || error.kind() == xs2a::ErrorKind::Throttled
}

pub(super) async fn sessions(context: &Context, Sessions::Show(show): Sessions) -> Outcome {
    let session = context.service.api()?.sessions().get(show.transaction).await?;
    context.show(&SessionRecord::from(&session))
}
