//! When something happens without anybody asking for it.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// What something happens to. The numbers keep the order in which the things were made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Connection { number: u64, id: String },
    Session { number: u64, transaction: String },
}

/// The instants at which somebody has to look what is due. An entry may be out of date: whoever
/// takes an entry looks whether something is due indeed.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda(BTreeSet<(Timestamp, Due)>);

impl Agenda {
    pub(super) fn note(&mut self, at: Timestamp, due: Due) {
        // What is due at the end of time never happens.
        if at < Timestamp::MAX {
            self.0.insert((at, due));
        }
    }

    /// Takes the first entry of this time or of an earlier one.
    pub(super) fn take(&mut self, until: Timestamp) -> Option<(Timestamp, Due)> {
        if self.0.first()?.0 > until {
            return None;
        }
        self.0.pop_first()
    }
}
