//! The options that every command takes.

use std::path::PathBuf;

use clap::Args;
use xs2a::UserId;

use crate::output::Format;

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// How to print: a table for people, json or csv for programs
    #[arg(long, short, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: Format,

    /// Act for this bank user, with the API key
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) user: Option<UserId>,

    /// Read the API key from this file, which only you may read
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Read the access token of a bank user from this file, which only you may read
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Where the service is [default: XS2A_BASE_URL, or https://api.xs2a.com]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// Where syncs under way are kept [default: $XDG_STATE_HOME/xs2a, or ~/.local/state/xs2a]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// Ask a service of its own that lives as long as the command: no key, nothing real
    #[cfg(feature = "sandbox")]
    #[arg(long, global = true, conflicts_with_all = ["base_url", "api_key_file", "token_file"])]
    pub(crate) sandbox: bool,
}
