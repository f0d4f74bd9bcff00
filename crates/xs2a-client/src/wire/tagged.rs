//! Unions whose variants are told apart by the value of one property.

use serde::de::{Deserializer, Error};
use serde_json::Value;

use super::Lenient;

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
    tag: String,
    json: Value,
}

impl Tagged {
    /// Reads any object; one without the property has the empty tag.
    pub fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        property: &'static str,
    ) -> Result<Self, D::Error> {
        let json = Value::required(deserializer)?;
        let Value::Object(object) = &json else {
            return Err(super::unreadable(super::OBJECT));
        };
        let tag = object.get(property).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { tag, json })
    }

    /// The kind that the object says it is.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The object as it came.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Reads the object as one kind.
    pub fn decode<T: Lenient, E: Error>(self) -> Result<T, E> {
        super::decode::deserialize(self.json).map_err(|error| error.within(""))
    }
}
