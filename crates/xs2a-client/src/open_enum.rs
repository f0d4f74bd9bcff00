//! Values and objects that this version does not know.

use std::error::Error;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::secret;
use crate::wire::Tagged;

/// The text of a value that an enumeration does not know.
///
/// Only this crate makes an `UnknownValue`, so it never holds the text of a known value:
/// `"full".into()` is always `SyncMode::Full`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The value as the service writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for UnknownValue {}

/// An object of a kind that this version does not know.
///
/// The object may contain secrets, so `Debug` and `Serialize` show only its kind. With
/// [`exposed`](crate::secret::exposed), `Serialize` writes the whole object.
#[derive(Clone, PartialEq)]
pub struct UnknownVariant(Tagged);

impl UnknownVariant {
    pub(crate) fn new(tagged: Tagged) -> Self {
        Self(tagged)
    }

    /// The kind, as the service writes it. Empty if the object does not name its kind.
    pub fn tag(&self) -> &str {
        self.0.tag()
    }

    /// The text of a property, such as `label`, if the object has it and it is a string.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.0.text(property)
    }

    /// The whole object as JSON, with the keys in the order in which they arrived.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self.0.json()).unwrap_or_default()
    }
}

impl fmt::Debug for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownVariant").field("tag", &self.tag()).finish_non_exhaustive()
    }
}

impl Serialize for UnknownVariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if secret::is_exposed() {
            self.0.json().serialize(serializer)
        } else {
            serializer.collect_map([(self.0.property(), self.tag())])
        }
    }
}
