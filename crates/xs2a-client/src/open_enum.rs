//! Values and elements that this version does not know.

use std::error::Error;
use std::fmt;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::secret::{self, Secret};
use crate::wire::{DecodeError, Json, Object};

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

/// An element whose kind this version does not know, or one of a known kind that cannot be read.
///
/// The JSON may contain secrets, so `Debug` and `Serialize` show only its kind. With
/// [`exposed`](crate::secret::exposed), `Serialize` writes the JSON as it was sent.
#[derive(Clone)]
pub struct UnknownVariant {
    /// The property that names the kind.
    property: &'static str,
    tag: String,
    /// The properties that are text, numbers or booleans.
    texts: Vec<(String, Secret)>,
    json: Secret,
    reason: Option<DecodeError>,
}

impl UnknownVariant {
    /// Keeps a value that is not even an object.
    pub(crate) fn new(json: Json<'_>, property: &'static str) -> Self {
        Self {
            property,
            tag: String::new(),
            texts: Vec::new(),
            json: json.text().into(),
            reason: None,
        }
    }

    /// Keeps an object, with the reason if its kind is known.
    pub(crate) fn of(
        object: &Object<'_>,
        property: &'static str,
        reason: Option<DecodeError>,
    ) -> Self {
        let texts = object.texts().map(|(key, text)| (key.to_owned(), Secret::from(&*text)));
        Self {
            tag: object.text_of(property).into_owned(),
            texts: texts.collect(),
            reason,
            ..Self::new(object.json(), property)
        }
    }

    /// The kind, as the service writes it. Empty if the element does not name its kind.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Why an element of a known kind could not be read. `None` if the kind is not known.
    pub fn reason(&self) -> Option<&DecodeError> {
        self.reason.as_ref()
    }

    /// The text of a property, such as `label`, if the element has it and it is a string, a number
    /// or a boolean. The text may be secret.
    pub fn text(&self, property: &str) -> Option<&str> {
        let (_, text) = self.texts.iter().find(|(key, _)| key == property)?;
        Some(text.expose())
    }

    /// The whole element as JSON, as it was sent. The JSON may contain secrets.
    pub fn json(&self) -> &str {
        self.json.expose()
    }
}

/// By what was sent. The reason names the place, which is another where the element was stored.
impl PartialEq for UnknownVariant {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl fmt::Debug for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownVariant")
            .field("tag", &self.tag)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl Serialize for UnknownVariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if secret::is_exposed() {
            let json = RawValue::from_string(self.json().to_owned()).map_err(S::Error::custom)?;
            json.serialize(serializer)
        } else {
            serializer.collect_map([(self.property, &self.tag)])
        }
    }
}
