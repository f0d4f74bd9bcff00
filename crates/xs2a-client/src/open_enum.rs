//! What an enumeration keeps of a value that this version does not know.

use std::error::Error;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::secret;
use crate::wire::Tagged;

/// The text of a value that an enumeration does not know.
///
/// Only this crate makes one, so a known value is never hidden in it: `"full".into()` is
/// `SyncMode::Full`, whatever way it comes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The value as it stands on the wire.
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

/// An object of a kind that this version does not know, as it came.
///
/// It may hold anything, secrets too, so `Debug` shows only the kind, and so does `Serialize`
/// unless [`exposed`](crate::secret::exposed) is at work.
#[derive(Clone, PartialEq)]
pub struct UnknownVariant(Tagged);

impl UnknownVariant {
    pub(crate) fn new(tagged: Tagged) -> Self {
        Self(tagged)
    }

    /// The kind, as it stands on the wire; empty if the object does not say.
    pub fn tag(&self) -> &str {
        self.0.tag()
    }

    /// The text of a property, such as `label`, if the object has it and it is a string.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.0.text(property)
    }

    /// The object as JSON text, its keys in the order in which they came.
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
