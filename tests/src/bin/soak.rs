//! Plays random scenarios and fails when a promise is broken: `cargo xtask soak`.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use xs2a_tests::soak::{Summary, play, promises::judge};

/// Plays random scenarios of the client against the sandbox, with faults of the network, the
/// service and the bank, and holds the promises against what came of them.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask soak", bin_name = "cargo xtask soak")]
struct Options {
    /// How many scenarios to play.
    #[arg(long, default_value_t = 300, value_name = "N")]
    scenarios: u64,
    /// Seed of the first scenario; each further one has the next.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Write all that was logged and printed to this file; it may hold secrets if one was printed.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// How many broken promises of a scenario are printed.
const SHOWN: usize = 10;

fn main() -> io::Result<ExitCode> {
    let Options { scenarios, seed, log } = Options::parse();
    let mut log = log.map(File::create).transpose()?;
    println!("playing {scenarios} scenarios from seed {seed}");
    let started = Instant::now();
    let mut summary = Summary::default();
    for seed in (0..scenarios).map(|number| seed.wrapping_add(number)) {
        let evidence = play(seed);
        if let Some(log) = &mut log {
            writeln!(log, "seed {seed}\n{}", evidence.printed)?;
        }
        let verdict = judge(&evidence);
        summary.add(&evidence, &verdict);
        if verdict.broken.is_empty() {
            continue;
        }
        println!("\nseed {seed} has broken {} promises:", verdict.broken.len());
        for broken in verdict.broken.iter().take(SHOWN) {
            println!("  {broken}");
        }
        println!("  play it alone: cargo xtask soak --scenarios 1 --seed {seed}");
    }
    println!("\n{summary}\nin {:.1} s", started.elapsed().as_secs_f64());
    Ok(if summary.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
