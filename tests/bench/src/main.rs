//! Measures what the client costs: `cargo xtask bench`.

use std::time::Duration;

use clap::{Parser, Subcommand};
use xs2a_bench::measure::{Comparison, Measured};
use xs2a_bench::report::{Format, Report, Table};
use xs2a_bench::{Error, calling, decoding, idling, server};

/// Measures what the client costs beside what does the same without it, as ratios in one run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Options {
    #[command(subcommand)]
    role: Option<Role>,
    /// Measure only these tables, such as `connections,page`.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// How many rounds count.
    #[arg(long, default_value_t = 25)]
    rounds: usize,
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
}

fn main() -> Result<(), Error> {
    let options = Options::parse();
    match &options.role {
        Some(Role::Serve { idle_ms }) => return server::serve(Duration::from_millis(*idle_ms)),
        Some(Role::Side { key, side, times }) => {
            let mut comparison = comparison(key, Some(1))?;
            let side = comparison.sides.get_mut(*side).ok_or("no such side")?;
            (side.run)(*times)?;
            return Ok(());
        }
        None => {}
    }
    let mut report = Report::default();
    for key in ["connections", "turnovers", "page", "sync"] {
        if options.only.is_empty() || options.only.iter().any(|only| only == key) {
            let comparison = comparison(key, None)?;
            let (key, title) = (comparison.key.to_owned(), comparison.title.clone());
            let reason = comparison.reason.to_owned();
            let measured = comparison.run(options.rounds)?;
            let row = |side: Measured| {
                (side.name.to_owned(), vec![Some(side.cpu.as_secs_f64() * 1e6), Some(side.ratio)])
            };
            report.tables.push(Table {
                key,
                title,
                reason,
                columns: vec![("CPU µs".to_owned(), 1), ("ratio".to_owned(), 3)],
                rows: measured.into_iter().map(row).collect(),
            });
        }
    }
    if options.only.is_empty() || options.only.iter().any(|only| only == "idling") {
        report.tables.push(idling::table()?);
    }
    print!("{}", report.write(options.format));
    Ok(())
}

fn comparison(key: &str, at_once: Option<usize>) -> Result<Comparison<'static>, Error> {
    match key {
        "connections" => Ok(decoding::connections()),
        "turnovers" => Ok(decoding::turnovers()),
        "page" => calling::page(at_once),
        "sync" => calling::sync(at_once),
        _ => Err("no such comparison".into()),
    }
}
