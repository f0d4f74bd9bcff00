//! The command `xs2a`: ask and act on XS2A.api from a terminal.

mod command_line;
mod commands;
mod context;
mod failure;
mod jobs;
mod options;
mod output;
mod picture;
mod prompt;
mod records;
mod secret_file;
mod service;
mod wizard;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use command_line::Options;
use failure::{Exit, Failure, Outcome};

fn main() -> ExitCode {
    let ended = match Options::try_parse() {
        Ok(options) => run(options),
        Err(error) if !error.use_stderr() => {
            // Help is data here. If nobody reads it, nothing is lost.
            let _ = error.print();
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return ExitCode::from(Exit::Usage as u8);
        }
        Err(error) => Err(misuse(&error)),
    };
    let exit = ended.err().map_or(Exit::Done, |failure| {
        if failure.exit != Exit::Done {
            output::tell(&failure);
        }
        failure.exit
    });
    ExitCode::from(exit as u8)
}

fn run(options: Options) -> Outcome {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::file("the threads of the command", &error))?;
    let line = Options::command();
    let ended = runtime.block_on(commands::run(&options.global, options.command, line));
    // A question that nobody has answered must not hold up the end.
    runtime.shutdown_background();
    ended
}

/// What is wrong with the command line, in the two lines of every failure.
fn misuse(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let told: Vec<_> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty())
        .collect();
    let told = told.join(" ");
    let told = told.strip_prefix("error: ").unwrap_or(&told);
    Failure::usage(told, "--help, also behind a command, shows how it is used")
}
