//! The command line.

use clap::Parser;

use crate::commands::Command;
use crate::options::Global;

/// Ask and act on XS2A.api from a terminal.
///
/// A bank user has bank connections, each is kept fresh by syncs. `connections show` says in words
/// how a connection is, why, and what comes next; `connections sync` obeys the rules: nothing is
/// synced twice, and the attempt whose failure would disable the connection is kept.
#[derive(Parser)]
#[command(name = "xs2a", version, after_help = EXAMPLES, after_long_help = EXAMPLES_AND_CODES)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What both kinds of help begin with.
macro_rules! examples {
    () => {
        "\
Examples:
  xs2a --sandbox connections list             try it without a key
  xs2a connections show ID                    state, why, next step, calls left
  xs2a connections sync ID                    the safe sync, and wait for its end
  xs2a connections list --output json | jq    for programs

The key is read from XS2A_API_KEY or --api-key-file, the token from XS2A_ACCESS_TOKEN or --token-file."
    };
}

const EXAMPLES: &str = examples!();

const EXAMPLES_AND_CODES: &str = concat!(
    examples!(),
    "\n\
With the key, --user ID acts for a bank user. A file with a secret has to be readable by you alone.

Exit codes:
  0  done                               6  the service refused: key, token, request
  1  this machine failed: file, store   7  no answer, or one that passes: try again later
  2  wrong use: arguments, no key       8  a sync runs, or may run: look first
  3  there is no such thing             9  the bank refused: the sync or the login failed
  4  the user has to log in           130  ended by Ctrl-C
  5  a rule forbids it; nothing was sent"
);
