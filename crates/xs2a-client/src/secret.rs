//! Text that must not be printed or stored by accident.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::wire::{self, DecodeError, Json, Lenient};

/// What stands in the place of a secret.
pub(crate) const CONCEALED: &str = "[secret]";

/// Completes the sentence "expected …".
const READABLE: &str = "a secret in the clear: a concealed secret cannot be read back";

/// A key, a token, a password, or any other text that must not end up in a log.
///
/// `Debug` shows that there is a secret, but nothing of its text. There is no `Display`. The memory
/// is wiped when the secret is dropped.
///
/// ```
/// use xs2a_client::Secret;
///
/// let pin = Secret::from("123456");
/// assert_eq!(format!("{pin:?}"), "Secret(…)");
/// assert_eq!(pin.expose(), "123456");
/// ```
///
/// # Storing
///
/// `Deserialize` reads a secret from text, such as that of a configuration. `Serialize` writes
/// `[secret]` in place of the text, and `Deserialize` refuses `[secret]`, so that it is never sent
/// for a secret. Code that has to store a secret uses [`exposed`].
///
/// ```
/// use xs2a_client::Secret;
///
/// let pin: Secret = serde_json::from_str(r#""123456""#)?;
/// assert_eq!(serde_json::to_string(&pin)?, r#""[secret]""#);
/// assert!(serde_json::from_str::<Secret>(r#""[secret]""#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text of the secret. Hand it on, but neither keep it nor print it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn unless_concealed<E: serde::de::Error>(text: String) -> Result<Self, E> {
        if text == CONCEALED { Err(wire::unreadable(READABLE)) } else { Ok(text.into()) }
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

impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(secret: &str) -> Result<Self, Infallible> {
        Ok(Self::from(secret))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.expose() {
            // No secret has this text: it comes from something that was stored.
            CONCEALED if is_exposed() => Err(S::Error::custom("a secret is only its placeholder")),
            secret if is_exposed() => serializer.serialize_str(secret),
            _ => serializer.serialize_str(CONCEALED),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).and_then(Self::unless_concealed)
    }
}

/// A secret that may be absent is absent where only its placeholder was stored.
impl Lenient for Secret {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::required(deserializer).and_then(Self::unless_concealed)
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let text = String::optional(deserializer)?;
        Ok(text.filter(|text| text != CONCEALED).map(Self::from))
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        match String::read(json)? {
            text if text == CONCEALED => Err(json.is_not(READABLE)),
            text => Ok(text.into()),
        }
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        let text = String::read_optional(json)?;
        Ok(text.filter(|text| text != CONCEALED).map(Self::from))
    }
}

thread_local! {
    /// How many enclosing calls of [`exposing`] run on this thread.
    static EXPOSED: Cell<usize> = const { Cell::new(0) };
}

pub(crate) fn is_exposed() -> bool {
    EXPOSED.get() > 0
}

/// Runs a function during which secrets are written in the clear, on this thread.
pub(crate) fn exposing<T>(write: impl FnOnce() -> T) -> T {
    struct Scope;

    impl Drop for Scope {
        fn drop(&mut self) {
            EXPOSED.set(EXPOSED.get().saturating_sub(1));
        }
    }

    EXPOSED.set(EXPOSED.get() + 1);
    let _scope = Scope;
    write()
}

/// Writes an object that may contain secrets anywhere.
pub(crate) fn serialize_concealed<T, S>(object: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Serialize,
    S: Serializer,
{
    if is_exposed() { object.serialize(serializer) } else { serializer.serialize_str(CONCEALED) }
}

/// For `#[serde(with = "xs2a_client::secret::exposed")]`: stores a value with its secrets.
///
/// The value may be a [`Secret`], an `Option<Secret>`, or any value that contains secrets, such as a
/// [`WizardSession`](crate::types::WizardSession). The output is as secret as the value.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use xs2a_client::{Secret, TransactionId};
///
/// #[derive(Serialize, Deserialize)]
/// struct Open {
///     transaction: TransactionId,
///     #[serde(with = "xs2a_client::secret::exposed")]
///     key: Option<Secret>,
/// }
///
/// let open = Open { transaction: "tra-1".into(), key: Some("wsk-1".into()) };
/// let stored = serde_json::to_string(&open)?;
/// assert_eq!(stored, r#"{"transaction":"tra-1","key":"wsk-1"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub mod exposed {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the value with its secrets.
    pub fn serialize<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Serialize + ?Sized,
        S: Serializer,
    {
        super::exposing(|| value.serialize(serializer))
    }

    /// Reads the value, just as its own `Deserialize` does.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        T::deserialize(deserializer)
    }
}
