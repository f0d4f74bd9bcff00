//! `xs2a connections sync` and `resume`: the job of the crate, stored, with a line for each step.

use std::path::{Path, PathBuf};

use clap::Args;
use xs2a::connections::SyncRun;
use xs2a::sync::{Action, LastAttempt, SyncJob, SyncReport, SyncStart};
use xs2a::{ConnectionId, Fate, SyncError, SyncOutcome, SyncPolicy, UserClient, UserSession};

use super::login::log_in;
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::jobs::Jobs;
use crate::output::note;
use crate::prompt::{self, Answer};
use crate::records::SyncRecord;
use crate::secret_file::{self, NewSecret};

#[derive(Args)]
pub(crate) struct SyncOptions {
    /// End when the service has answered; `connections resume` tells the end
    #[arg(long)]
    no_wait: bool,
    /// Sync although a failure would disable the connection for good
    #[arg(long)]
    spend_last_attempt: bool,
    /// Read the half of the credentials of a shared connection from this file, which only you may
    /// read
    #[arg(long, value_name = "FILE")]
    credentials_file: Option<PathBuf>,
    /// Write a new half of the credentials, where the user has to log in, into this new file
    #[arg(long, value_name = "FILE")]
    credentials_to: Option<PathBuf>,
}

/// How the command syncs: by the rules, with the banks' limit of calls without the user.
pub(super) fn policy() -> SyncPolicy {
    match SyncPolicy::unattended().calls_per_day() {
        Some(calls) => SyncPolicy::default().with_calls_per_day(calls),
        None => SyncPolicy::default(),
    }
}

/// Begins a sync, or goes on with the one that is under way.
pub(super) async fn begin(
    context: &Context,
    user: &UserClient,
    jobs: &Jobs,
    id: ConnectionId,
    options: SyncOptions,
) -> Outcome {
    let half = options.credentials_to.as_deref().map(NewSecret::create).transpose()?;
    let run = match jobs.of(&id)? {
        Some(job) if job.report().is_none() => {
            note("a sync of this connection is under way: going on with it");
            user.connections().resume(with_time(user, job))
        }
        earlier => {
            // Where nobody is there, no sync is asked for that is known to need the user.
            let mut policy = match prompt::somebody_is_there() {
                true => policy(),
                false => SyncPolicy::unattended(),
            };
            if options.spend_last_attempt {
                policy = policy.with_last_attempt(LastAttempt::Spend);
            }
            let history = earlier.map(|job| job.history().clone()).unwrap_or_default();
            user.connections().sync(&id).policy(policy).history(history)
        }
    };
    let run = equip(run, jobs, options.credentials_file.as_deref())?;
    let started = async {
        if options.no_wait {
            return run.start().await;
        }
        Ok(match run.await? {
            SyncOutcome::Succeeded(synced) => SyncStart::Ended(synced),
            SyncOutcome::UserNeeded(session) => SyncStart::UserNeeded(session),
        })
    };
    end(context, user, jobs, &id, half, started).await
}

/// Goes on with a sync that is under way.
pub(super) async fn resume(
    context: &Context,
    user: &UserClient,
    jobs: &Jobs,
    id: Option<ConnectionId>,
    credentials: Option<&Path>,
) -> Outcome {
    let nothing =
        |told: String| Failure::new(Exit::NotFound, told, "begin one: xs2a connections sync ID");
    let id = match (id, jobs.under_way()?.as_slice()) {
        (Some(id), _) => id,
        (None, [id]) => id.clone(),
        (None, []) => {
            return Err(nothing("no sync is under way, as far as this machine knows".into()));
        }
        (None, several) => {
            let ids: Vec<_> = several.iter().map(ConnectionId::as_str).collect();
            let told = format!("several syncs are under way: {}", ids.join(", "));
            return Err(Failure::usage(told, "name one: xs2a connections resume ID"));
        }
    };
    let job =
        jobs.of(&id)?.ok_or_else(|| nothing(format!("this machine knows of no sync of {id}")))?;
    let run = equip(user.connections().resume(with_time(user, job)), jobs, credentials)?;
    let ended = async {
        Ok(match run.await? {
            SyncOutcome::Succeeded(synced) => SyncStart::Ended(synced),
            SyncOutcome::UserNeeded(session) => SyncStart::UserNeeded(session),
        })
    };
    end(context, user, jobs, &id, None, ended).await
}

/// The job with as much time as a new one has. It asks for no other sync.
fn with_time(user: &UserClient, job: SyncJob) -> SyncJob {
    let now = user.server_now();
    let deadline = now.saturating_add(job.policy().deadline()).unwrap_or(job.deadline());
    job.with_deadline(deadline)
}

/// Has the run store its job, and tell each step.
fn equip(run: SyncRun, jobs: &Jobs, credentials: Option<&Path>) -> Outcome<SyncRun> {
    let jobs = jobs.clone();
    let run = run.save_with(move |update| std::future::ready(jobs.save(&update)));
    let run = run.on_progress(|action| {
        if let Some(step) = in_words(action) {
            note(&step);
        }
    });
    Ok(match credentials {
        Some(path) => run.credentials(secret_file::read(path, "the credentials file")?),
        None => run,
    })
}

fn in_words(action: &Action) -> Option<String> {
    Some(match action {
        Action::Look => "looking at the connection".to_owned(),
        Action::Call { force: false } => "asking for the sync".to_owned(),
        Action::Call { force: true } => "asking for the sync, with force".to_owned(),
        Action::WaitUntil(at) => {
            format!("waiting; the next look is at {}", at.strftime("%H:%M:%SZ"))
        }
        // What the job ends with is told as the outcome.
        _ => return None,
    })
}

/// Waits for the end, and tells it; on Ctrl-C tells what is known.
async fn end(
    context: &Context,
    user: &UserClient,
    jobs: &Jobs,
    id: &ConnectionId,
    half: Option<NewSecret>,
    ended: impl Future<Output = Result<SyncStart, SyncError>>,
) -> Outcome {
    let ended = tokio::select! {
        biased;
        () = context.interrupted.notified() => return Err(interrupted(context, jobs, id)),
        ended = ended => ended.map_err(|error| Failure::of_sync(&error))?,
    };
    let record = match ended {
        SyncStart::Ended(synced) => {
            let report = SyncReport::Succeeded { last_synced: synced.last_synced };
            SyncRecord::new(id, &report)
        }
        SyncStart::Started(_) => {
            note(&format!("the end is told by: xs2a connections resume {id}"));
            SyncRecord::new(id, &SyncReport::StillRunning)
        }
        SyncStart::UserNeeded(session) => with_user(user, id, &session, half).await?,
    };
    context.show(&record)
}

/// The bank wants the user: who may be here.
async fn with_user(
    user: &UserClient,
    id: &ConnectionId,
    session: &UserSession,
    half: Option<NewSecret>,
) -> Outcome<SyncRecord> {
    let needed = || {
        let next = format!("with the user at hand: xs2a connections reset {id}");
        Failure::new(Exit::UserNeeded, SyncReport::UserNeeded.to_string(), next)
    };
    if !prompt::somebody_is_there() {
        return Err(needed());
    }
    note("the bank wants the user to log in");
    match prompt::confirm("Is the user here, to log in now?", false).await? {
        Answer::Given(true) => {}
        _ => return Err(needed()),
    }
    let connection = log_in(user, session, half).await?;
    let report = SyncReport::Succeeded { last_synced: connection.last_synced };
    Ok(SyncRecord::new(id, &report))
}

/// What is known of a sync that Ctrl-C has cut off, from what is stored of it.
fn interrupted(context: &Context, jobs: &Jobs, id: &ConnectionId) -> Failure {
    let job = match jobs.of(id) {
        Ok(job) => job.filter(|job| job.report().is_none()),
        Err(broken) => return broken.into(),
    };
    let Some(job) = job else {
        let next = format!("begin again when you like: xs2a connections sync {id}");
        return Failure::interrupted("ended by Ctrl-C; no sync was asked for", next);
    };
    let known = match job.fate() {
        Fate::Acted => "the service has begun the sync, and goes on with it",
        Fate::Unknown => "the sync may have been asked for",
        Fate::NotActed => "the service has not begun the sync",
    };
    let next = match context.service.is_embedded() {
        true => "nothing is left: the sandbox has ended with the command".to_owned(),
        false => format!("xs2a connections resume {id} goes on, without another sync"),
    };
    Failure::interrupted(format!("ended by Ctrl-C; {known}"), next)
}
