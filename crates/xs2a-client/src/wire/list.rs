//! Lists and maps, which PHP writes as each other.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::decode;
use super::error::DecodeError;
use super::json::{Form, Json};
use super::scalar::NUMBER_KEY;
use super::{LIST, Lenient, MAP, unreadable};
use crate::secret::CONCEALED;

/// The elements of a list. A map from position to element is what PHP makes of a list out of which
/// something was taken. Anything else that is not a list is its only element. `None` if there is
/// nothing.
pub(crate) fn elements(json: Json<'_>) -> Result<Option<Vec<&str>>, DecodeError> {
    let form = json.form();
    Ok(match form {
        form if form.is_nothing() => None,
        Form::List => Some(json.elements()?),
        Form::Object => {
            let members = json.members()?;
            let is_position =
                |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
            Some(if members.iter().all(|(key, _)| is_position(key)) {
                members.into_iter().map(|(_, value)| value).collect()
            } else {
                vec![json.text()]
            })
        }
        _ => Some(vec![json.text()]),
    })
}

/// Reads a list, with a way to read its elements. `skips_null`: whether a null is no element.
pub(super) fn read_list<T>(
    json: Json<'_>,
    skips_null: bool,
    read: impl Fn(Json<'_>) -> Result<T, DecodeError>,
) -> Result<Option<Vec<T>>, DecodeError> {
    let Some(texts) = elements(json)? else {
        return Ok(None);
    };
    let texts = texts.into_iter().enumerate();
    let texts = texts.filter(|(_, text)| !(skips_null && *text == "null"));
    texts.map(|(position, text)| json.at(position, text, &read)).collect::<Result<_, _>>().map(Some)
}

/// What a text, a number or a boolean in the place of a map is.
#[derive(Clone, Copy)]
pub(super) enum Lone {
    /// An error.
    Refused,
    /// The value of this key.
    Value(&'static str),
}

/// Reads a map, with a way to read its values. `null` makes the value of a null.
pub(super) fn read_map<T>(
    json: Json<'_>,
    lone: Lone,
    null: Option<fn() -> T>,
    read: impl Fn(Json<'_>) -> Result<T, DecodeError>,
) -> Result<Option<IndexMap<String, T>>, DecodeError> {
    let members: Vec<(Cow<'_, str>, &str)> = match (json.form(), lone) {
        (form, _) if form.is_nothing() => return Ok(None),
        (Form::Object, _) => json.members()?,
        // PHP writes a map whose keys happen to be 0, 1, 2… as a list, and so the empty map, too.
        (Form::List, _) => {
            let elements = json.elements()?.into_iter().enumerate();
            elements.map(|(position, text)| (position.to_string().into(), text)).collect()
        }
        (Form::Text(text), Lone::Value(_)) if text == CONCEALED => return Err(json.is_not(MAP)),
        (_, Lone::Value(key)) => vec![(key.into(), json.text())],
        (_, Lone::Refused) => return Err(json.is_not(MAP)),
    };
    let values = members.into_iter().map(|(key, text)| {
        let value = match null {
            Some(null) if text == "null" => null(),
            _ => json.under(text, &read)?,
        };
        Ok((key.into_owned(), value))
    });
    values.collect::<Result<_, _>>().map(Some)
}

/// Reads a map that has a name in the specification. `bare` is the key of a value that stands in
/// the place of the whole map.
pub(crate) fn read_named_map<T: Lenient>(
    json: Json<'_>,
    bare: Option<&'static str>,
) -> Result<Option<IndexMap<String, T>>, DecodeError> {
    read_map(json, bare.map_or(Lone::Refused, Lone::Value), T::NULL, T::read)
}

impl<T: Lenient> Lenient for Vec<T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::optional(deserializer)?.unwrap_or_default())
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(Self::read_optional(json)?.unwrap_or_default())
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        read_list(json, T::NULL.is_some(), T::read)
    }
}

impl<T: Lenient> Lenient for IndexMap<String, T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::optional(deserializer)?.unwrap_or_default())
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(MapVisitor(PhantomData))
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(Self::read_optional(json)?.unwrap_or_default())
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        read_map(json, Lone::Value("0"), T::NULL, T::read)
    }
}

/// An element of a list or map, read by the rules of its type.
struct Element<T>(PhantomData<T>);

impl<'de, T: Lenient> DeserializeSeed<'de> for Element<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        if !decode::count() {
            return Err(unreadable("fewer elements"));
        }
        T::required(deserializer)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for ListVisitor<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(LIST)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(unreadable(LIST)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Element(PhantomData))? {
            elements.push(element);
        }
        Ok(Some(elements))
    }
}

struct MapVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for MapVisitor<T> {
    type Value = Option<IndexMap<String, T>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MAP)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(unreadable(MAP)) }
    }

    /// An empty map. The values of a list that is not empty are read in full.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        match list.next_element::<serde::de::IgnoredAny>()? {
            None => Ok(Some(IndexMap::new())),
            Some(_) => Err(unreadable(MAP)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = IndexMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER_KEY {
                return Err(unreadable(MAP));
            }
            entries.insert(key, map.next_value_seed(Element(PhantomData))?);
        }
        Ok(Some(entries))
    }
}
