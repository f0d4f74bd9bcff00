//! Text that must not be printed.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// A key, token, password or anything else that must not end up in a log.
///
/// `Debug` shows that there is a secret and nothing of it; there is no `Display`. The memory is
/// wiped when the secret is dropped. It serializes as its text, because that is how it is sent.
///
/// ```
/// use xs2a_client::Secret;
///
/// let pin = Secret::from("123456");
/// assert_eq!(format!("{pin:?}"), "Secret(…)");
/// assert_eq!(pin.expose(), "123456");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself, to be handed on and never to be kept or printed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::from(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

crate::wire::texts! { Secret }
