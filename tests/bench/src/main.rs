//! Measures what the client costs: `cargo xtask bench`.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use xs2a_bench::measure::Comparison;
use xs2a_bench::report::{Format, Report, Table};
use xs2a_bench::{
    Error, against, calling, compiling, decoding, idling, instructions, memory, server,
};

/// Measures what the client costs beside what does the same without it, as ratios in one run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Options {
    #[command(subcommand)]
    role: Option<Role>,
    /// Measure only these tables: connections, turnovers, page, sync, memory, compiling, idling.
    #[arg(long, value_delimiter = ',', value_parser = KEYS)]
    only: Vec<String>,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// How many rounds count.
    #[arg(long, default_value_t = 25)]
    rounds: usize,
    /// Measure another revision, too, in turns with this one: its crates by the benchmarks of this
    /// one, built in a worktree under target/.
    #[arg(long, value_name = "REV")]
    against: Option<String>,
    /// Count instructions instead, by valgrind, and fail where our side has more than its limit.
    #[arg(long)]
    check: bool,
    /// With `--check`: let our side do a tenth more, which has to fail.
    #[arg(long, requires = "check")]
    handicap: bool,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Be the server of a benchmark.
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        idle_ms: u64,
    },
    /// Be one side of a comparison, for whoever counts its instructions.
    #[command(hide = true)]
    Side { key: String, side: usize, times: usize },
    /// Measure the memory of one thing.
    #[command(hide = true)]
    Memory { key: String },
}

/// The tables, in the order of the report.
const KEYS: [&str; 7] =
    ["connections", "turnovers", "page", "sync", "memory", "compiling", "idling"];

/// What `--against` measures unless it is told: what is compared in one run.
const RATIOS: [&str; 4] = ["connections", "turnovers", "page", "sync"];

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    match &options.role {
        Some(Role::Serve { idle_ms }) => return server::serve(Duration::from_millis(*idle_ms)),
        Some(Role::Side { key, side, times }) => {
            let mut comparison = comparison(key, Some(1))?;
            let side = comparison.sides.get_mut(*side).ok_or("no such side")?;
            (side.run)(*times)?;
            return Ok(());
        }
        Some(Role::Memory { key }) => {
            println!("{}", memory::measure(key)?);
            return Ok(());
        }
        None => {}
    }
    if options.check {
        return instructions::check(options.handicap);
    }
    let chosen = |all: &[&'static str]| -> Vec<&'static str> {
        let is_chosen = |key: &&str| options.only.iter().any(|only| only == key);
        match options.only.is_empty() {
            true => all.to_vec(),
            false => KEYS.into_iter().filter(is_chosen).collect(),
        }
    };
    let report = match &options.against {
        Some(revision) => against::report(revision, &chosen(&RATIOS), options.rounds)?,
        None => {
            let tables = chosen(&KEYS).into_iter().map(|key| table(key, options.rounds));
            Report { tables: tables.collect::<Result<_, _>>()? }
        }
    };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    print!("{}", report.write(options.format, &arguments));
    Ok(())
}

fn table(key: &str, rounds: usize) -> Result<Table, Error> {
    match key {
        "memory" => return memory::table(),
        "compiling" => return compiling::table(),
        "idling" => return idling::table(),
        _ => {}
    }
    let comparison = comparison(key, None)?;
    let (title, reason) = (comparison.title.clone(), comparison.reason.to_owned());
    let rows = comparison.run(rounds)?.into_iter().map(|side| {
        (side.name.to_owned(), vec![Some(side.cpu.as_secs_f64() * 1e6), Some(side.ratio)])
    });
    Ok(Table {
        key: key.to_owned(),
        title,
        reason,
        columns: vec![("CPU µs".to_owned(), 1), ("ratio".to_owned(), 3)],
        rows: rows.collect(),
    })
}

fn comparison(key: &str, at_once: Option<usize>) -> Result<Comparison<'static>, Error> {
    match key {
        "connections" => Ok(decoding::connections()),
        "turnovers" => Ok(decoding::turnovers()),
        "page" => calling::page(at_once),
        "sync" => calling::sync(at_once),
        _ => Err(format!("there is no comparison `{key}`").into()),
    }
}
