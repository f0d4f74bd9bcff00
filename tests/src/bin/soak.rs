//! Plays random scenarios and fails when a promise is broken: `cargo xtask soak`.

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
}

/// How many broken promises of a scenario are printed.
const SHOWN: usize = 10;

fn main() -> ExitCode {
    let options = Options::parse();
    let Options { scenarios, seed } = options;
    println!("playing {scenarios} scenarios from seed {seed}");
    let started = Instant::now();
    let mut summary = Summary::default();
    for seed in (0..scenarios).map(|number| seed.wrapping_add(number)) {
        let evidence = play(seed);
        let verdict = judge(&evidence);
        summary.add(&evidence, &verdict);
        if verdict.broken.is_empty() {
            continue;
        }
        println!(
            "\nseed {seed} has broken {} promises:",
            verdict.broken.len()
        );
        for broken in verdict.broken.iter().take(SHOWN) {
            println!("  {broken}");
        }
        println!("  play it alone: cargo xtask soak --scenarios 1 --seed {seed}");
    }
    println!("\n{summary}\nin {:.1} s", started.elapsed().as_secs_f64());
    if summary.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
