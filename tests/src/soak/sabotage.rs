//! Rules that are broken on purpose, to show that the soak notices.

use std::fmt;

use clap::ValueEnum;

use super::promises::Promise;

/// A rule that the programs of a scenario break. The crates have no such switch: the programs use
/// them wrongly, and the notes say that all was as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sabotage {
    /// A sync of unknown fate is called again.
    RepeatOpenCalls,
    /// The store of the jobs overwrites without comparing.
    OverwriteJobs,
    /// The last attempt is spent though nobody said so.
    SpendLastAttempts,
    /// Calls may take ten times as long as was said.
    OutstayDeadlines,
    /// An error of unknown fate is taken for one that was not acted on.
    DenyActs,
    /// What the user typed is logged.
    PrintSecrets,
    /// A client in an outage has all the repetitions it wants.
    RepeatWithoutBudget,
}

impl Sabotage {
    /// The promise that is broken with it.
    pub fn breaks(self) -> Promise {
        match self {
            Self::RepeatOpenCalls | Self::OverwriteJobs => Promise::AtMostOnce,
            Self::SpendLastAttempts => Promise::ThreeStrikes,
            Self::OutstayDeadlines => Promise::InTime,
            Self::DenyActs => Promise::InTheOpen,
            Self::PrintSecrets => Promise::Secret,
            Self::RepeatWithoutBudget => Promise::Bounded,
        }
    }
}

impl fmt::Display for Sabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value();
        f.write_str(name.as_ref().map_or("?", |name| name.get_name()))
    }
}
