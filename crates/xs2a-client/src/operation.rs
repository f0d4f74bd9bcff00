//! What the specification says about an operation, beside its name and its path.

/// When a call of an operation may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RetryClass {
    /// The operation only reads, so any call may be repeated.
    Safe,
    /// A second call changes nothing more, so any call may be repeated.
    Idempotent,
    /// A call may be repeated only if the server provably never saw it, or answered with 429.
    Unsent,
}

/// The secret that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The account's API key: users, access tokens, sessions, events, bank codes.
    ApiKey,
    /// The access token of one bank user: connections, accounts, the wizard.
    AccessToken,
}
