//! Identifiers that say what they identify: one kept as its type cannot be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        ///
        /// Whatever text the service uses is accepted here; an identifier that would change the
        /// path of a request is refused by the call it is given to, before anything is sent.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The identifier as the service writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<&String> for $name {
            fn from(id: &String) -> Self {
                Self(id.clone())
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }
    )*};
}

ids! {
    /// Identifies a bank connection.
    ConnectionId,
    /// Identifies the transaction that a wizard session belongs to.
    TransactionId,
    /// What a connection can be looked up by: its [`ConnectionId`], or the [`TransactionId`] of the
    /// wizard session that created it (XS2A.api documentation, "Get a bank connection").
    ConnectionKey,
    /// Identifies a bank user.
    UserId,
    /// Identifies an access token (the identifier is not the secret).
    TokenId,
    /// Identifies a bank account.
    AccountId,
    /// Identifies a report of an account.
    ReportId,
    /// Identifies an event.
    EventId,
}

macro_rules! keys {
    ($($id:ty),*) => {$(
        impl From<$id> for ConnectionKey {
            fn from(id: $id) -> Self {
                Self(id.0)
            }
        }

        impl From<&$id> for ConnectionKey {
            fn from(id: &$id) -> Self {
                Self(id.0.clone())
            }
        }
    )*};
}

keys!(ConnectionId, TransactionId);
