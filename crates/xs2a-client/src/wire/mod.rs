//! How the JSON of the service is read and written. Only this module is tolerant.
//!
//! The service types its JSON loosely. Decoding accepts every form below for the type that the
//! specification declares. Encoding always writes the canonical form.
//!
//! | declared as | accepted | written as |
//! |---|---|---|
//! | boolean | `true`, `"true"`, `1`, `"1"` and their opposites | `true` |
//! | integer | `3`, `"3"` | `3` |
//! | string | `"x"`, and a number or boolean as its text | `"x"` |
//! | amount | `12.34`, `12`, `"12.34"`, exact to the last digit | `12.34` |
//! | date | `2026-01-31`, or any date-time on that day | `2026-01-31` |
//! | date-time | `2026-01-31 10:11:12`, with `T` for the blank, with or without fraction and offset; a bare date is its midnight | `2026-01-31 10:11:12` |
//! | list | `[…]`; empty also as `null`, `""` or `{}`; `{"1": "x"}` is `["x"]` | `[…]` |
//! | map | `{…}`; empty also as `null`, `""` or `[]`; `["x"]` is `{"0": "x"}` | `{…}` |
//! | object | `{…}`; empty also as `[]` | `{…}` |
//! | absent | a missing key, `null`, `""`; for dates `0000-00-00`; for objects `{}` and `[]` | no key |
//!
//! - A date-time without an offset is local time in Europe/Berlin, with the offset of that
//!   instant. The hour that autumn repeats is read as the earlier hour. The hour that spring skips
//!   is read as one hour later. The rules of the zone are compiled in.
//! - A required value in an absent form is an error that names the field, with two exceptions: a
//!   required string may be empty, and a required list or map is then empty.
//! - An optional *object* without properties is absent: `error: []` and `error: {}` mean that there
//!   is no error. An optional list or map that is present but empty stays `Some`.
//! - Amounts are read from the text of the JSON, never through a float. So an amount of more than
//!   28 digits is an error, and is not rounded. An amount inside an enum or a flattened struct that
//!   serde buffers is an error, too. An amount inside a union ([`Tagged`]) would lose digits, so
//!   `cargo xtask lint` refuses it.
//!
//! # What generated code has to contain
//!
//! - On every field: `#[serde(deserialize_with = "crate::wire::lenient")]`, and `default` beside it
//!   if the field is optional.
//! - On every amount and every `local-date-time` field, also inside an `Option`, a `Vec` or a map:
//!   `#[serde(serialize_with = "crate::wire::canonical")]`.
//! - Once: `crate::wire::objects! { Connection, WizardElement }` with the name of every generated
//!   struct and every union.
//! - Once: `crate::wire::texts! { SyncMode }` with the name of every open enumeration. Each of them
//!   is made from any `String`.
//! - In the `Deserialize` of a union: [`Tagged`].

mod decode;
mod json;
mod money;
mod scalar;
mod tagged;
#[cfg(test)]
mod tests;
mod time;

use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use decode::{DecodeError, decode};
pub use tagged::Tagged;

/// A type that can be read from every form in which the service sends it.
pub trait Lenient: Sized {
    /// Reads a value that is required.
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads a value that may be absent, in any of the absent forms.
    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

/// For `deserialize_with`: reads a field from any form in which the service sends it.
pub fn lenient<'de, D: Deserializer<'de>, T: Lenient>(deserializer: D) -> Result<T, D::Error> {
    T::required(deserializer)
}

/// A type whose canonical form differs from what its own `Serialize` writes.
pub trait Canonical {
    /// Writes the canonical form.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// For `serialize_with`: writes amounts and date-times in the service's canonical form.
///
/// With `skip_serializing_if`, absent values are left out. Without it, they are `null`.
pub fn canonical<T: Canonical, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.serialize(serializer)
}

/// Makes generated structs and unions readable by [`lenient`].
macro_rules! objects {
    ($($object:ty),* $(,)?) => {$(
        impl $crate::wire::Lenient for $object {
            fn required<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::required_object(deserializer)
            }

            fn optional<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<::std::option::Option<Self>, D::Error> {
                $crate::wire::optional_object(deserializer)
            }
        }
    )*};
}

/// Makes types that are made from any `String` readable by [`lenient`].
macro_rules! texts {
    ($($text:ty),* $(,)?) => {$(
        impl $crate::wire::Lenient for $text {
            fn required<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as $crate::wire::Lenient>::required(deserializer)
                    .map(<$text>::from)
            }

            fn optional<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<::std::option::Option<Self>, D::Error> {
                let text = <::std::string::String as $crate::wire::Lenient>::optional(deserializer)?;
                ::std::result::Result::Ok(text.map(<$text>::from))
            }
        }
    )*};
}

pub(crate) use {objects, texts};

/// The error for a value that cannot be read. The error never contains the value.
pub(crate) fn unreadable<E: serde::de::Error>(expected: &'static str) -> E {
    E::invalid_value(Unexpected::Other("value"), &expected)
}

impl<T: Lenient> Lenient for Option<T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::optional(deserializer)
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        T::optional(deserializer).map(Some)
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::required(deserializer).map(Box::new)
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(T::optional(deserializer)?.map(Box::new))
    }
}

impl<T: Lenient> Lenient for Vec<T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::optional(deserializer)?.unwrap_or_default())
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

impl<T: Lenient> Lenient for IndexMap<String, T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::optional(deserializer)?.unwrap_or_default())
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(EntriesVisitor(PhantomData))
    }
}

/// Reads an object that is required, or an enumeration with a `Deserialize` of its own.
pub(crate) fn required_object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let visitor = ObjectVisitor { required: true, object: PhantomData };
    deserializer.deserialize_any(visitor)?.ok_or_else(|| unreadable(OBJECT))
}

/// Reads an object that may be absent: `null`, `""`, `{}` or `[]`.
pub(crate) fn optional_object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ObjectVisitor { required: false, object: PhantomData })
}

const OBJECT: &str = "an object";
const LIST: &str = "a list";
const MAP: &str = "a map";

/// An element of a list or map, read by the rules of its type.
struct Element<T>(PhantomData<T>);

impl<'de, T: Lenient> DeserializeSeed<'de> for Element<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::required(deserializer)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for ListVisitor<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(LIST)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(unreadable(LIST)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Element(PhantomData))? {
            elements.push(element);
        }
        Ok(Some(elements))
    }

    /// PHP writes a list from which an element was removed as a map from position to element.
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(place) = object.next_key::<String>()? {
            if place.is_empty() || !place.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(unreadable(LIST));
            }
            elements.push(object.next_value_seed(Element(PhantomData))?);
        }
        Ok(Some(elements))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for EntriesVisitor<T> {
    type Value = Option<IndexMap<String, T>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MAP)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(unreadable(MAP)) }
    }

    /// PHP writes a map whose keys happen to be 0, 1, 2… as a list, and so the empty map, too.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = IndexMap::new();
        while let Some(value) = list.next_element_seed(Element(PhantomData))? {
            entries.insert(entries.len().to_string(), value);
        }
        Ok(Some(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut entries = IndexMap::new();
        while let Some(key) = object.next_key()? {
            // The value is read by itself, so that an error cannot name the key, which is payload.
            let json = object.next_value::<Box<RawValue>>()?;
            if nests_too_deep(json.get()) {
                return Err(unreadable("JSON that is nested less deep"));
            }
            let mut deserializer = serde_json::Deserializer::from_str(json.get());
            let value = decode::deserialize(&mut deserializer);
            entries.insert(key, value.map_err(|error| error.within("*"))?);
        }
        Ok(Some(entries))
    }
}

/// How deep JSON may be nested: as deep as serde_json allows.
const MAX_DEPTH: usize = 128;

/// Whether valid JSON is nested deeper than serde_json allows. It counts anew for each value that
/// is read apart from the rest, so that maps of maps could exhaust the stack.
fn nests_too_deep(json: &str) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    json.bytes().any(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

struct ObjectVisitor<T> {
    required: bool,
    object: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(OBJECT)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(unreadable(OBJECT)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if list.next_element::<serde::de::IgnoredAny>()?.is_some() {
            return Err(unreadable(OBJECT));
        }
        if !self.required {
            return Ok(None);
        }
        let empty = std::iter::empty::<(String, String)>();
        T::deserialize(MapDeserializer::new(empty)).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let first_key = object.next_key::<String>()?;
        if first_key.is_none() && !self.required {
            return Ok(None);
        }
        T::deserialize(MapAccessDeserializer::new(Peeked { first_key, object })).map(Some)
    }
}

/// A map whose first key was read to find out whether the map is empty.
struct Peeked<A> {
    first_key: Option<String>,
    object: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Peeked<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first_key.take() {
            Some(key) => {
                let key: StringDeserializer<A::Error> = key.into_deserializer();
                seed.deserialize(key).map(Some)
            }
            None => self.object.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.object.next_value_seed(seed)
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.serialize(serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Written))
    }
}

impl<T: Canonical> Canonical for IndexMap<String, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            entries.serialize_entry(key, &Written(value))?;
        }
        entries.end()
    }
}

/// A value whose `Serialize` writes the canonical form.
struct Written<'a, T>(&'a T);

impl<T: Canonical> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
