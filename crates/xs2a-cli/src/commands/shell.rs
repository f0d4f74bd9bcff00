//! `xs2a completions` and `man`: for the shell and the manual, from the command line as it is.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;

use crate::failure::{Failure, Outcome};
use crate::output::{note, print};

#[derive(Args)]
pub(crate) struct Completions {
    shell: Shell,
}

#[derive(Args)]
pub(crate) struct Man {
    /// Write a page for each command into this directory; without it, print the page of xs2a
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

pub(super) fn completions(options: &Completions, mut command: Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "xs2a", &mut script);
    print(&String::from_utf8_lossy(&script))
}

pub(super) fn man(options: &Man, command: Command) -> Outcome {
    let Some(folder) = &options.to else {
        return print(&String::from_utf8_lossy(&page(&command)?));
    };
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder.display(), &error))?;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let written = write_pages(&command, folder)?;
    note(&format!("{written} pages in {}", folder.display()));
    Ok(())
}

fn write_pages(command: &Command, folder: &Path) -> Outcome<usize> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let path = folder.join(format!("{name}.1"));
    let written = std::fs::write(&path, page(command)?);
    written.map_err(|error| Failure::file(path.display(), &error))?;
    let mut count = 1;
    for below in command.get_subcommands() {
        count += write_pages(below, folder)?;
    }
    Ok(count)
}

fn page(command: &Command) -> Outcome<Vec<u8>> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut page);
    rendered.map_err(|error| Failure::file("the manual", &error))?;
    Ok(page)
}
