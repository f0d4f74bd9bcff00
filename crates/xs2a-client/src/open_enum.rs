//! What an enumeration keeps of a value that this version does not know.

use std::error::Error;
use std::fmt;

use serde::{Serialize, Serializer};

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
/// It may hold anything, so `Debug` shows only the kind.
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

    /// The object.
    pub fn json(&self) -> &serde_json::Value {
        self.0.json()
    }
}

impl fmt::Debug for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownVariant").field("tag", &self.tag()).finish_non_exhaustive()
    }
}

impl Serialize for UnknownVariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}
