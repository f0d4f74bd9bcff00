//! Unions, whose variants are told apart by one property.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde::de::{Deserializer, Error};

use super::Lenient;
use super::json::Json;

/// An object of a union before it is read as a variant. One of its properties names its kind.
///
/// The `Deserialize` of a union reads a `Tagged`, matches on [`tag`](Tagged::tag) and decodes the
/// variant. So a known kind with a broken property is an error, and only an unknown kind is kept as
/// JSON. The object is buffered, so it must not contain amounts.
///
/// ```text
/// let tagged = Tagged::read(deserializer, "type")?;
/// match tagged.tag() {
///     "text" => tagged.decode().map(Self::Text),
///     _ => Ok(Self::Unknown(tagged)),
/// }
/// ```
#[derive(Clone, PartialEq)]
pub struct Tagged {
    property: &'static str,
    object: IndexMap<String, Json>,
}

impl Tagged {
    /// Reads any object. The tag is empty if the object lacks the property.
    pub fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        property: &'static str,
    ) -> Result<Self, D::Error> {
        match Json::read(deserializer)? {
            Json::Object(object) => Ok(Self { property, object }),
            _ => Err(super::unreadable(super::OBJECT)),
        }
    }

    /// The property that names the kind.
    pub(crate) fn property(&self) -> &'static str {
        self.property
    }

    /// The kind that the object names.
    pub fn tag(&self) -> &str {
        self.text(self.property).unwrap_or_default()
    }

    /// The text of a property, if the object has it and it is a string.
    pub(crate) fn text(&self, property: &str) -> Option<&str> {
        match self.object.get(property)? {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The object, with the keys in the order in which they arrived.
    pub(crate) fn json(&self) -> &impl Serialize {
        &self.object
    }

    /// Reads the object as one kind.
    pub fn decode<T: Lenient, E: Error>(self) -> Result<T, E> {
        super::decode::deserialize(Json::Object(self.object)).map_err(|error| error.within(""))
    }
}

impl fmt::Debug for Tagged {
    /// Without the content, which may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagged").field("tag", &self.tag()).finish_non_exhaustive()
    }
}
