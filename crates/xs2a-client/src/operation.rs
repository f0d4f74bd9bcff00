//! What the specification says of an operation beside its name and place.

/// What may be repeated of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RetryClass {
    /// It only reads.
    Safe,
    /// A second time changes nothing more.
    Idempotent,
    /// Only what the server provably never saw, and what it refused with a 429.
    Unsent,
}

/// Which secret an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The account's API key: users, access tokens, sessions, events, bank codes.
    ApiKey,
    /// The access token of one bank user: connections, accounts, the wizard.
    AccessToken,
}
