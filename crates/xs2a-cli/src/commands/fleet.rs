//! `xs2a fleet`: many connections, kept fresh on the fleet's default store.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::{Args, Subcommand};
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::Notify;
use xs2a::UserId;
use xs2a::jiff::civil::Time;
use xs2a_fleet::store::{Counts, Sqlite, Store};
use xs2a_fleet::{Fleet, FleetPolicy, NotEnrolledReason};

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{self, note};
use crate::records::{EnrolledRecord, FleetRecord, ParkedRecord, ReportRecord};
use crate::secret_file;

/// Where the rows of the connections are
#[derive(Args)]
pub(crate) struct Rows {
    /// The store, a file [default: fleet.db in the state directory]
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum FleetCommand {
    /// Enrol all connections of all bank users, or of some
    Enrol {
        /// Only those of these bank users
        #[arg(value_name = "USER")]
        users: Vec<UserId>,
        #[command(flatten)]
        rows: Rows,
    },
    /// Keep the connections fresh, until Ctrl-C; prints each report
    ///
    /// Any number of workers may run on one store. Syncs begin at night only.
    #[command(
        after_help = "Examples:\n  xs2a fleet run --night 22:00-06:00 --at-once 40 --per-second 20\n  \
        xs2a --sandbox fleet run --enrol --once --night 00:00-23:59"
    )]
    Run(RunOptions),
    /// How many connections stand where
    Status(Rows),
    /// The connections that somebody has to see to, and why
    Parked {
        #[command(flatten)]
        rows: Rows,
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
}

#[derive(Args)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    rows: Rows,
    /// Enrol all connections of all bank users first
    #[arg(long)]
    enrol: bool,
    /// End when nothing is due any more
    #[arg(long)]
    once: bool,
    /// When syncs may begin [default: as the store was worked before, or 01:00-06:00]
    #[arg(long, value_name = "FROM-UNTIL", value_parser = night)]
    night: Option<(Time, Time)>,
    /// The zone of the night
    #[arg(long, value_name = "ZONE", default_value = "Europe/Berlin", requires = "night")]
    zone: String,
    /// The most connections in hand at once, over all workers [default: as before, or 20]
    #[arg(long, value_name = "N", requires = "per_second")]
    at_once: Option<usize>,
    /// The most requests in a second, over all workers [default: as before, or 10]
    #[arg(long, value_name = "N", requires = "at_once")]
    per_second: Option<u32>,
}

impl RunOptions {
    /// The policy of the store, with what this command says.
    fn policy(&self, mut policy: FleetPolicy) -> FleetPolicy {
        if let (Some(at_once), Some(per_second)) = (self.at_once, self.per_second) {
            policy = policy.with_pace(at_once, per_second);
        }
        match self.night {
            Some((from, until)) => policy.with_night(&self.zone, from, until),
            None => policy,
        }
    }
}

fn night(text: &str) -> Result<(Time, Time), String> {
    let times = text
        .split_once('-')
        .and_then(|(from, until)| Some((from.trim().parse().ok()?, until.trim().parse().ok()?)));
    times.ok_or_else(|| "two times, as in 22:00-06:00".to_owned())
}

/// Opens the store, and makes it where it is missing.
async fn open(context: &Context, rows: &Rows) -> Outcome<Store> {
    let path = match &rows.store {
        Some(path) => path.clone(),
        None => context.service.state()?.join("fleet.db"),
    };
    secret_file::touch(&path)?;
    Ok(Sqlite::new(path).open().await?)
}

pub(super) async fn run(context: &Context, command: FleetCommand) -> Outcome {
    match command {
        FleetCommand::Enrol { users, rows } => {
            let store = open(context, &rows).await?;
            // Workers that run have a policy already.
            let policy = store.worked_by().await?.unwrap_or_default();
            let builder = Fleet::builder(context.service.api_builder()?, store).policy(policy);
            let fleet = builder.open().await?;
            let ended = enrol(context, &fleet, &users).await;
            // This worker does not come back, so nobody has to wait for it.
            fleet.store().leave(fleet.worker()).await?;
            ended
        }
        FleetCommand::Run(options) => work(context, options).await,
        FleetCommand::Status(rows) => {
            let counts = open(context, &rows).await?.counts().await?;
            context.show(&FleetRecord::from(&counts))
        }
        FleetCommand::Parked { rows, limit } => {
            let parked = open(context, &rows).await?.parked(limit).await?;
            let records: Vec<_> = parked.iter().map(ParkedRecord::from).collect();
            output::list(context.format, &records)
        }
    }
}

/// Enrols what there is, and prints what was found. What could not be read is told, and the first of
/// it decides the exit code.
async fn enrol(context: &Context, fleet: &Fleet, users: &[UserId]) -> Outcome {
    let mut record = EnrolledRecord::default();
    let mut found = Vec::new();
    match users {
        [] => found.push(fleet.enrol_all(None).await?),
        users => {
            for user in users {
                found.push(fleet.enrol_user(user, None).await?);
            }
        }
    }
    let mut problems = Vec::new();
    for enrolled in found {
        record.add(&enrolled);
        problems.extend(enrolled.problems);
    }
    for problem in &problems {
        let whose = problem.user_id.as_ref().map_or("the list of users", UserId::as_str);
        note(&format!("not enrolled: {whose}: {}", problem.reason));
    }
    context.show(&record)?;
    problems.first().map_or(Ok(()), |problem| Err(failure_of(&problem.reason)))
}

fn failure_of(reason: &NotEnrolledReason) -> Failure {
    match reason {
        NotEnrolledReason::Page(error) => error.into(),
        other => Failure::new(Exit::Service, other.to_string(), "use a newer version of xs2a"),
    }
}

/// Why a worker stops.
#[derive(Default)]
struct Stop {
    /// The output has failed.
    failure: Mutex<Option<Failure>>,
    wake: Notify,
}

/// Works until Ctrl-C, or until nothing is due any more.
async fn work(context: &Context, options: RunOptions) -> Outcome {
    let store = open(context, &options.rows).await?;
    let policy = options.policy(store.worked_by().await?.unwrap_or_default());
    let (bar, stop) = (progress_bar(), Arc::new(Stop::default()));
    let stream = Arc::new(Mutex::new(output::Stream::new(context.format)));
    let tell = {
        let (bar, stop) = (bar.clone(), Arc::clone(&stop));
        move |report: xs2a_fleet::Report| {
            let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
            let told = bar.suspend(|| stream.next(&ReportRecord::from(&report)));
            let told = told.map_err(|failure| {
                let error = std::io::Error::other(failure.what.clone());
                *stop.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                stop.wake.notify_one();
                error
            });
            std::future::ready(told)
        }
    };
    let builder = Fleet::builder(context.service.api_builder()?, store);
    let fleet = builder.policy(policy).on_report(tell).open().await?;
    if options.enrol {
        let enrolled = fleet.enrol_all(None).await?;
        note(&format!("{} connections of {} users", enrolled.connections, enrolled.users));
        for problem in &enrolled.problems {
            note(&format!("not enrolled: {}", problem.reason));
        }
    }
    let stopping = Notify::new();
    let shutdown = async {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {
                stopping.notify_one();
                bar.suspend(|| note("ending what is in hand; Ctrl-C again ends at once"));
            }
            () = stop.wake.notified() => {}
            () = show_progress(&fleet, &bar, options.once) => {}
        }
    };
    let at_once = async {
        stopping.notified().await;
        tokio::signal::ctrl_c().await
    };
    let ended = tokio::select! {
        ended = fleet.run_until(shutdown) => ended.map_err(Failure::from),
        _ = at_once => Err(Failure::interrupted(
            "ended by Ctrl-C, with connections in hand",
            "the next worker looks at them, and does not sync them twice: xs2a fleet run",
        )),
    };
    bar.finish_and_clear();
    match stop.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(failure) => Err(failure),
        None => ended,
    }
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    // The template is ours, and is right.
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {pos}/{len} reported  {msg}  {elapsed}")
    {
        bar.set_style(style);
    }
    bar
}

/// Draws how the fleet stands. Ends when nothing is due any more, if `once`.
async fn show_progress(fleet: &Fleet, bar: &ProgressBar, once: bool) {
    let mut progress = std::pin::pin!(fleet.progress(Duration::from_millis(500)));
    while let Some(stats) = progress.next().await {
        // What fails for good ends the worker itself.
        let Ok(stats) = stats else { continue };
        let Counts { enrolled, unreported, due, in_hand, open, .. } = stats.counts;
        bar.set_length(enrolled);
        bar.set_position(enrolled.saturating_sub(unreported));
        bar.set_message(stats.to_string());
        if once && due + in_hand + open == 0 {
            return;
        }
    }
}
