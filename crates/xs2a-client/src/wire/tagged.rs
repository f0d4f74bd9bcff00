//! Unions whose variants are told apart by the value of one property.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde::de::{Deserializer, Error};

use super::Lenient;
use super::json::Json;

/// An object whose kind is named by one of its properties, before it is read as that kind.
///
/// A union's `Deserialize` reads this, matches on [`tag`](Tagged::tag) and decodes the
/// variant, so that a known kind with a broken property is an error and only an unknown kind
/// is kept as JSON. The object is buffered, so no amount may be below it.
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
    /// Reads any object; one without the property has the empty tag.
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

    /// The kind that the object says it is.
    pub fn tag(&self) -> &str {
        self.text(self.property).unwrap_or_default()
    }

    /// The text of a property, if there is one.
    pub(crate) fn text(&self, property: &str) -> Option<&str> {
        match self.object.get(property)? {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The object, its keys in the order in which they came.
    pub(crate) fn json(&self) -> &impl Serialize {
        &self.object
    }

    /// Reads the object as one kind.
    pub fn decode<T: Lenient, E: Error>(self) -> Result<T, E> {
        super::decode::deserialize(Json::Object(self.object)).map_err(|error| error.within(""))
    }
}

impl fmt::Debug for Tagged {
    /// Without the content, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagged").field("tag", &self.tag()).finish_non_exhaustive()
    }
}
