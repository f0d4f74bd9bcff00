//! Plays random scenarios and fails when a promise is broken: `cargo xtask soak`.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Parser;
use xs2a_tests::soak::{Sabotage, Summary, play, promises::judge};

/// Plays random scenarios of the client against the sandbox, with faults of the network, the
/// service, the bank, the store and the clocks, and holds the promises against what came of them.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask soak", bin_name = "cargo xtask soak")]
struct Options {
    /// How many scenarios to play.
    #[arg(long, default_value_t = 300, value_name = "N")]
    scenarios: u64,
    /// Seed of the first scenario; each further one has the next.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Break a rule on purpose, to see that the soak notices.
    #[arg(long, value_name = "RULE")]
    sabotage: Option<Sabotage>,
    /// Write all that was logged and printed to this file; it may hold secrets if one was printed.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// How many broken promises of a scenario are printed.
const SHOWN: usize = 10;

fn main() -> io::Result<ExitCode> {
    let Options { scenarios, seed: first, sabotage, log } = Options::parse();
    let log = log.map(File::create).transpose()?.map(Mutex::new);
    println!("playing {scenarios} scenarios from seed {first}");
    let started = Instant::now();
    let next = AtomicU64::new(0);
    let total = Mutex::new(Summary::default());
    // A scenario is one thread's; each core plays its own.
    let play_some = || -> io::Result<()> {
        let mut summary = Summary::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= scenarios {
                break;
            }
            let seed = first.wrapping_add(number);
            let evidence = play(seed, sabotage);
            if let Some(log) = &log {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                writeln!(log, "seed {seed}\n{}", evidence.printed)?;
            }
            let verdict = judge(&evidence);
            summary.add(&evidence, &verdict);
            if verdict.broken.is_empty() {
                continue;
            }
            let mut out = io::stdout().lock();
            writeln!(out, "\nseed {seed} has broken {} promises:", verdict.broken.len())?;
            for broken in verdict.broken.iter().take(SHOWN) {
                writeln!(out, "  {broken}")?;
            }
            writeln!(out, "  play it alone: cargo xtask soak --scenarios 1 --seed {seed}")?;
        }
        total.lock().unwrap_or_else(PoisonError::into_inner).merge(summary);
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(play_some)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().map_err(|_| io::Error::other("a scenario has panicked"))?
        })
    })?;
    let summary = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("\n{summary}\nin {:.1} s", started.elapsed().as_secs_f64());
    Ok(if summary.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
