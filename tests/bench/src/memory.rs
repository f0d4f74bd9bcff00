//! Memory, as the system counts it, each figure in a process of its own.

use std::future::IntoFuture;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{join_all, poll_immediate};
use tokio::task::JoinHandle;
use xs2a::connections::SyncRun;
use xs2a::sync::{Action, SyncError, SyncOutcome, SyncPolicy};
use xs2a::{ApiClient, Connections, UserClient};

use crate::report::Table;
use crate::server::{HOUR, Server};
use crate::{Error, runtime};

const REASON: &str = "\
Resident memory of a process, with all that the allocator adds. A waiting sync has looked, has called, \
and waits for an hour: 10,000 of them over one client, each a task of its own. An idle client of a bank \
user comes from an API key, has fetched the token of its user, has made one call and is kept: 10,000 of \
them. A walk reads a list in pages of 1,000 and keeps no entry: what is compared is the highest mark of \
a walk over a million entries with that of one over 10,000. Waits that are freed: ten times 100,000 \
connections are watched and the watches dropped; the row is what the process holds after the last of \
these times, less what it held after the first. What it holds then is free for the next waits, but most \
of it stays with glibc's allocator, which hands the system only what lies at the end of its heap. That \
the client itself keeps nothing is counted to the byte by `tests/tests/memory.rs`. (A sync that is dropped while \
its outcome is open is remembered on purpose, until ten minutes after its deadline.) Nothing else does \
the same, so the measure is an aim and no other side.";

/// What can be measured, with its aim in KiB.
const FIGURES: [(&str, &str, f64); 4] = [
    ("waiting-syncs", "a sync that waits", 4.0),
    ("idle-users", "an idle client of a bank user", 1.0),
    ("walk", "a walk of a million entries over one of 10,000", 32.0 * 1024.0),
    ("freed-waits", "ten times 100,000 waits, freed, over one time", 32.0 * 1024.0),
];

/// All figures.
///
/// # Errors
/// When a process cannot be started, or does not measure.
pub fn table() -> Result<Table, Error> {
    let mut rows = Vec::new();
    for (key, name, aim) in FIGURES {
        let kib = match key {
            "walk" => in_a_process("walk-1000000")? - in_a_process("walk-10000")?,
            key => in_a_process(key)?,
        };
        rows.push((name.to_owned(), vec![Some(kib), Some(aim)]));
    }
    Ok(Table {
        key: "memory".to_owned(),
        title: "wait, idle and walk".to_owned(),
        reason: REASON.to_owned(),
        columns: vec![("KiB".to_owned(), 1), ("aim".to_owned(), 0)],
        rows,
    })
}

fn in_a_process(key: &str) -> Result<f64, Error> {
    let output = Command::new(std::env::current_exe()?).args(["memory", key]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let number = said.trim().parse().ok().filter(|_| output.status.success());
    number.ok_or_else(|| {
        format!("memory of {key}: {said}{}", String::from_utf8_lossy(&output.stderr)).into()
    })
}

/// Measures one figure in this process, in KiB.
///
/// # Errors
/// When the server cannot be started, or a call fails.
pub fn measure(key: &str) -> Result<f64, Error> {
    let server = Server::start(HOUR)?;
    runtime()?.block_on(async {
        match key {
            "waiting-syncs" => waiting_syncs(&server).await,
            "idle-users" => idle_users(&server).await,
            "walk-10000" => walk(&server, 10_000).await,
            "walk-1000000" => walk(&server, 1_000_000).await,
            "freed-waits" => freed_waits(&server).await,
            _ => Err(format!("there is no figure `{key}`").into()),
        }
    })
}

/// How many things are begun at once, so that few connections are open.
const AT_ONCE: usize = 64;

async fn waiting_syncs(server: &Server) -> Result<f64, Error> {
    const SYNCS: usize = 10_000;
    let user = UserClient::builder("token").base_url(server.url()).build()?;
    // What the first ones need stays for all.
    let first = begin_waits(&user, 0..AT_ONCE, |all, id| all.sync(id)).await?;
    let before = resident("VmRSS")?;
    let syncs = begin_waits(&user, AT_ONCE..AT_ONCE + SYNCS, |all, id| all.sync(id)).await?;
    let after = resident("VmRSS")?;
    if first.iter().chain(&syncs).any(JoinHandle::is_finished) {
        return Err("a sync ended".into());
    }
    Ok((after - before) / SYNCS as f64)
}

async fn freed_waits(server: &Server) -> Result<f64, Error> {
    const WAVES: usize = 10;
    const WAITS: usize = 100_000;
    let user = UserClient::builder("token").base_url(server.url()).build()?;
    let mut held = Vec::new();
    for wave in 0..WAVES {
        let connections = wave * WAITS..(wave + 1) * WAITS;
        let waits = begin_waits(&user, connections, |all, id| all.watch(id)).await?;
        if waits.iter().any(JoinHandle::is_finished) {
            return Err("a wait ended".into());
        }
        waits.iter().for_each(JoinHandle::abort);
        join_all(waits).await;
        held.push(resident("VmRSS")?);
    }
    Ok(held[WAVES - 1] - held[0])
}

type Ended = Result<SyncOutcome, SyncError>;

/// Begins a run for each connection, and returns when all of them wait.
async fn begin_waits(
    user: &UserClient,
    connections: std::ops::Range<usize>,
    begin: fn(&Connections, String) -> SyncRun,
) -> Result<Vec<JoinHandle<Ended>>, Error> {
    let waiting = Arc::new(AtomicUsize::new(0));
    let hours = |count| HOUR * count;
    let policy = SyncPolicy::default().with_pauses(hours(1), hours(2)).with_deadline(hours(10));
    let mut syncs = Vec::with_capacity(connections.len());
    for number in connections {
        let counter = Arc::clone(&waiting);
        let run = begin(&user.connections(), format!("con{number:013}")).policy(policy.clone());
        let run = run.on_progress(move |action| {
            if let Action::WaitUntil(_) = action {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        syncs.push(tokio::spawn(run.into_future()));
        while syncs.len() >= waiting.load(Ordering::Relaxed) + AT_ONCE {
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
        if syncs[0].is_finished() {
            return Err("a sync ended".into());
        }
    }
    while waiting.load(Ordering::Relaxed) < syncs.len() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(syncs)
}

async fn idle_users(server: &Server) -> Result<f64, Error> {
    const USERS: usize = 10_000;
    let api = ApiClient::builder("key").base_url(server.url()).build()?;
    let used = async |number: usize| {
        let user = api.user(format!("usr{number:013}"));
        user.connections().list().per_page(1).page(1).await?;
        Ok::<_, Error>(user)
    };
    let first = used(0).await?;
    let before = resident("VmRSS")?;
    let mut users = Vec::with_capacity(USERS);
    for number in 1..=USERS {
        users.push(used(number).await?);
    }
    let after = resident("VmRSS")?;
    drop((first, users));
    Ok((after - before) / USERS as f64)
}

async fn walk(server: &Server, entries: usize) -> Result<f64, Error> {
    let url = format!("{}/{entries}", server.url());
    let user = UserClient::builder("token").base_url(url).build()?;
    let mut list = user.connections().list().per_page(1000);
    let mut seen = 0;
    while let Some(connection) = list.next().await {
        seen += usize::from(!connection?.id.as_str().is_empty());
    }
    // The highest mark of a process never falls, so that it is the walk's.
    let highest = resident("VmHWM")?;
    if poll_immediate(list.next()).await.flatten().is_some() || seen != entries {
        return Err(format!("the walk saw {seen} of {entries} entries").into());
    }
    Ok(highest)
}

/// A figure of this process, in KiB.
fn resident(name: &str) -> Result<f64, Error> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| format!("the system does not tell `{name}`").into())
}
