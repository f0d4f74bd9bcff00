//! A worker of a fleet as a process of its own, for the tests that kill and freeze one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::OpenOptions;
use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use xs2a::{ApiClient, Secret};
use xs2a_fleet::store::{Postgres, Sqlite};
use xs2a_fleet::{Fleet, FleetPolicy};

/// Works on a store until it is killed, or until SIGTERM.
#[derive(Parser)]
struct Options {
    /// Path of an SQLite file, or address of a Postgres database
    #[arg(long)]
    store: String,
    /// Where the service is
    #[arg(long)]
    base_url: String,
    /// The policy, as JSON
    #[arg(long)]
    policy: String,
    /// The file that each report is appended to
    #[arg(long)]
    reports: String,
    /// Your half of all shared credentials
    #[arg(long)]
    half: String,
    /// Stop this process (SIGSTOP) at a job's intention, before or after it is stored
    #[arg(long)]
    freeze: Option<Moment>,
    /// At the intention of this number, counted from 1
    #[arg(long, default_value_t = 1)]
    freeze_at: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Moment {
    Before,
    After,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if let Some(moment) = options.freeze {
        let freezer = Freezer { moment, at: options.freeze_at, seen: AtomicU64::new(0) };
        tracing::subscriber::set_global_default(freezer).unwrap();
    }
    let store = match options.store.starts_with("postgres:") {
        true => Postgres::new(&options.store).unwrap().open().await.unwrap(),
        false => Sqlite::new(&options.store).open().await.unwrap(),
    };
    let policy: FleetPolicy = serde_json::from_str(&options.policy).unwrap();
    let file = OpenOptions::new().append(true).create(true).open(&options.reports).unwrap();
    let file = Arc::new(Mutex::new(file));
    let half = options.half;
    let fleet = Fleet::builder(ApiClient::builder("key").base_url(&options.base_url), store)
        .policy(policy)
        .credentials(move |_, _| {
            let half = Secret::from(half.clone());
            async move { Some(half) }
        })
        .on_report(move |report| {
            let line = serde_json::to_string(&report).map(|line| line + "\n");
            let written = file.lock().unwrap().write_all(line.unwrap().as_bytes());
            async { written }
        })
        .open()
        .await
        .unwrap();
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
    let shutdown = async {
        terminate.recv().await;
    };
    fleet.run_until(shutdown).await.unwrap();
}

/// Stops the process in the middle of a call: the traces tell when.
struct Freezer {
    moment: Moment,
    at: u64,
    seen: AtomicU64,
}

impl Freezer {
    fn count(&self) {
        if self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.at {
            let me = std::process::id().to_string();
            // Returns when somebody has sent SIGCONT.
            Command::new("kill").args(["-STOP", &me]).status().unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[derive(Default)]
struct Values {
    step: String,
    operation: String,
}

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "xs2a.step" => value.clone_into(&mut self.step),
            "xs2a.operation" => value.clone_into(&mut self.operation),
            _ => {}
        }
    }
}

impl Subscriber for Freezer {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    /// The span of the call begins when the intention is stored.
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut values = Values::default();
        span.record(&mut values);
        if self.moment == Moment::After && values.operation == "sync_connection" {
            self.count();
        }
        Id::from_u64(1)
    }

    /// The job says what it does next before that is stored.
    fn event(&self, event: &Event<'_>) {
        let mut values = Values::default();
        event.record(&mut values);
        if self.moment == Moment::Before && values.step == "call" {
            self.count();
        }
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
