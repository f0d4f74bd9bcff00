//! What can go wrong with a fleet as a whole. What goes wrong with one connection is its report.

use xs2a::BuildError;

/// Why a fleet cannot be opened, or cannot go on. The message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The policy contradicts itself.
    #[error("the fleet's policy cannot work: {0}")]
    Policy(String),
    /// The client of the service cannot be built.
    #[error(transparent)]
    Client(#[from] BuildError),
    /// Other workers run on this store by another policy.
    #[error(
        "{workers} other workers run on this store by another policy (different: {differs}); \
         stop them first, or give this worker their policy"
    )]
    OtherPolicy {
        /// How many other workers live.
        workers: u64,
        /// The names of the settings that differ.
        differs: String,
    },
    /// The store was made by a later version of this crate.
    #[error(
        "the store has schema {found}, and this version of xs2a-fleet knows schemas up to {known}; \
         run the version that made it"
    )]
    NewerSchema {
        /// The schema of the store.
        found: i64,
        /// The latest schema that this version knows.
        known: i64,
    },
    /// The store cannot be opened or written for lack of rights.
    #[error("the store cannot be written: {reason}; give this process the right to write there")]
    ReadOnly {
        /// What the database says.
        reason: String,
    },
    /// Another program holds the store's lock.
    #[error(
        "the store is locked by another program: {reason}; end the program, or its transaction"
    )]
    Locked {
        /// What the database says.
        reason: String,
    },
    /// There is no space left for the store.
    #[error("there is no space left for the store: {reason}; nothing was half-written")]
    Full {
        /// What the database says.
        reason: String,
    },
    /// The database cannot be reached.
    #[error("the database cannot be reached: {reason}")]
    Unreachable {
        /// What the client of the database says. No password stands in it.
        reason: String,
    },
    /// The database refused: wrong password, no such database, no right to it.
    #[error("the database refuses: {reason}")]
    Refused {
        /// What the database says.
        reason: String,
    },
    /// What the store holds cannot be read.
    #[error("the store holds what this version cannot read: {reason}")]
    Unreadable {
        /// Which value, and why.
        reason: String,
    },
    /// Anything else that the database says.
    #[error("the database failed: {reason}")]
    Database {
        /// What the database says.
        reason: String,
    },
    /// The service refused a call that the fleet needs as a whole: a list of users, for example.
    #[error("the service failed")]
    Service(#[source] Box<xs2a::Error>),
}

impl Error {
    /// Whether it can help to try again in a while.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Full { .. } | Self::Unreachable { .. })
    }

    /// What a whole transaction fails with is what each of its statements fails with.
    pub(crate) fn copy(&self) -> Self {
        match self {
            Self::ReadOnly { reason } => Self::ReadOnly { reason: reason.clone() },
            Self::Locked { reason } => Self::Locked { reason: reason.clone() },
            Self::Full { reason } => Self::Full { reason: reason.clone() },
            Self::Unreachable { reason } => Self::Unreachable { reason: reason.clone() },
            Self::Refused { reason } => Self::Refused { reason: reason.clone() },
            Self::Database { reason } => Self::Database { reason: reason.clone() },
            other => Self::Database { reason: other.to_string() },
        }
    }
}

impl From<xs2a::Error> for Error {
    fn from(error: xs2a::Error) -> Self {
        Self::Service(Box::new(error))
    }
}
