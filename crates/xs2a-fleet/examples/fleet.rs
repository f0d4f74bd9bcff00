//! A night of a fleet in seconds: 300 connections of 40 users in all modes, on the embedded sandbox.
//!
//! Two workers share one store. The first is killed on the way, without a word; the second frees its
//! rows and goes on. In the morning there is a report for every connection.
//!
//! ```sh
//! cargo run -p xs2a-fleet --example fleet
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use xs2a::{ApiClient, Secret, SyncPolicy};
use xs2a_fleet::jiff::civil::Time;
use xs2a_fleet::jiff::{SignedDuration, Timestamp, tz::TimeZone};
use xs2a_fleet::store::{Sqlite, Store};
use xs2a_fleet::{Fleet, FleetPolicy, Report};
use xs2a_sandbox::{BankFault, ConnectionSeed, Sandbox, SyncMode};

const USERS: usize = 40;
const CONNECTIONS: usize = 300;
const HALF: &str = "our-half-of-the-credentials";

type Reports = Arc<Mutex<Vec<Report>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().starts_at_now().tick(Duration::ZERO).follows_tokio(true);
    let sandbox = sandbox.sync_takes(Duration::from_secs(1)).judged(false).start().await?;
    furnish(&sandbox);

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("fleet.db");
    let reports = Reports::default();
    let policy = policy()?;
    let begin = async |name: &str| -> Result<Fleet, Box<dyn Error>> {
        let store = Sqlite::new(&path).open().await?;
        worker(name, &sandbox, store, policy.clone(), &reports).await
    };

    let first = begin("first").await?;
    let enrolled = first.enrol_all(None).await?;
    println!(
        "Enrolled {} connections of {} users; {} could not be read.",
        enrolled.connections,
        enrolled.users,
        enrolled.problems.len()
    );
    let forecast = first.forecast().await?;
    println!(
        "{} have a turn tonight; the night is long enough for {} of them.",
        forecast.due, forecast.fits
    );

    let second = begin("second").await?;
    let until_killed = {
        let first = first.clone();
        tokio::spawn(async move { first.run_until(std::future::pending()).await })
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = {
        let second = second.clone();
        tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            second.run_until(shutdown).await
        })
    };

    let bar = ProgressBar::new(CONNECTIONS as u64);
    let style = "{bar:40} {pos}/{len} reported, {elapsed}; {msg}";
    bar.set_style(ProgressStyle::with_template(style)?);
    let mut first_lives = true;
    let mut progress = std::pin::pin!(second.progress(Duration::from_millis(250)));
    while let Some(stats) = progress.next().await {
        let counts = stats?.counts;
        let reported = counts.enrolled - counts.unreported;
        bar.set_position(reported);
        let parked: u64 = counts.parked.values().sum();
        bar.set_message(format!(
            "{} in hand, {} open, {parked} parked",
            counts.in_hand, counts.open
        ));
        if first_lives && reported * 2 >= counts.enrolled {
            // Not a word of good-bye: its rows stay claimed until its heartbeat is late.
            until_killed.abort();
            let rows = counts.in_hand;
            bar.suspend(|| {
                println!("Killed the first worker while the two had {rows} connections in hand.");
                println!("The second goes on with those of the first when their lease is over.");
            });
            first_lives = false;
        }
        if counts.unreported + counts.open + counts.in_hand == 0 {
            break;
        }
    }
    bar.finish_and_clear();
    let _ = stop.send(());
    working.await??;

    println!("The night took {} s. In the morning:\n", bar.elapsed().as_secs());
    print_morning(&reports, &sandbox);
    Ok(())
}

/// The service as it is in the evening.
fn furnish(sandbox: &Sandbox) {
    sandbox.set_login("wrong", Some(BankFault::WrongPassword));
    sandbox.set_login("tan", Some(BankFault::TanRequired));
    let users: Vec<_> = (0..USERS).map(|n| sandbox.add_user(&format!("User {n}"))).collect();
    for n in 0..CONNECTIONS {
        let shared = || ConnectionSeed::new(SyncMode::Shared).never_synced().credentials(HALF);
        let full = || ConnectionSeed::new(SyncMode::Full);
        let seed = match n % 12 {
            0..=3 => full(),
            4..=6 => shared(),
            7 => shared().login("wrong"),
            8 => shared().login("tan"),
            9 => full().failures(1).never_synced(),
            10 => full().failures(2 + u32::from(n % 24 == 10)),
            _ => ConnectionSeed::new(SyncMode::None),
        };
        sandbox.add_connection(&users[n % USERS], seed);
    }
}

/// A night that is on now, and a short lease, so that a killed worker is missed soon.
fn policy() -> Result<FleetPolicy, Box<dyn Error>> {
    let time = |ahead: i64| -> Result<Time, Box<dyn Error>> {
        let at = Timestamp::now() + SignedDuration::from_hours(ahead);
        Ok(at.to_zoned_datetime(TimeZone::UTC).time())
    };
    // What is stored as called and was never sent is given up soon here; by default, after an hour.
    let seconds = Duration::from_secs;
    let sync = SyncPolicy::unattended().with_deadline(seconds(15)).with_settling(seconds(5));
    Ok(FleetPolicy::default()
        .with_night("UTC", time(-22)?, time(1)?)
        .with_pace(40, 150)
        .with_lease(Duration::from_secs(2))
        .with_feed_pause(Duration::from_secs(1))
        .with_sync(sync))
}

async fn worker(
    name: &str,
    sandbox: &Sandbox,
    store: Store,
    policy: FleetPolicy,
    reports: &Reports,
) -> Result<Fleet, Box<dyn Error>> {
    let api = ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url());
    let reports = Arc::clone(reports);
    let fleet = Fleet::builder(api, store)
        .worker(name)
        .policy(policy)
        // A shared connection needs your half of the credentials.
        .credentials(|_user, _connection| async { Some(Secret::from(HALF)) })
        // A bank wants the user: send a message with the wizard's address.
        .on_session(|_session| async {})
        .on_report(move |report| {
            reports.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(report);
            async { Ok::<_, std::io::Error>(()) }
        });
    Ok(fleet.open().await?)
}

fn print_morning(reports: &Reports, sandbox: &Sandbox) {
    let reports = reports.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut table = BTreeMap::<(String, String), usize>::new();
    let mut last = BTreeMap::new();
    for report in reports.iter() {
        last.insert(&report.connection_id, report);
    }
    for report in last.values() {
        let why = report.parked.map_or_else(String::new, |why| why.to_string());
        *table.entry((report.outcome.as_str().to_owned(), why)).or_default() += 1;
    }
    println!("connections  {:<16} no sync until somebody sees to it, because", "report");
    for ((report, why), count) in &table {
        println!("{count:>11}  {report:<16} {why}");
    }
    let counts = sandbox.total_counts();
    println!(
        "\n{} of {CONNECTIONS} connections have a report. The service counted {} syncs, {} of them twice; \
         the night disabled {} connections.",
        last.len(),
        counts.syncs_acted,
        counts.syncs_overlapping,
        counts.third_failures
    );
    println!("What each report asks of you is in the guide: crates/xs2a-fleet/src/guide.md");
}
