//! Objects that the specification describes, read as they come.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};

use super::scalar::NUMBER_KEY;
use super::{Lenient, OBJECT, decode, unreadable, whole_by_text};

/// Reads an object that is required. Outside a body, it is read by way of its text: the derived code
/// of each object is then compiled for one deserializer, and not for each that users have.
pub(crate) fn required_object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Lenient,
{
    if decode::is_streaming() {
        deserializer.deserialize_map(RequiredVisitor(PhantomData))
    } else {
        whole_by_text(deserializer)
    }
}

/// Reads an object that may be absent: `null`, `false`, `""`, `{}` or `[]`.
pub(crate) fn optional_object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Lenient,
{
    if decode::is_streaming() {
        deserializer.deserialize_any(OptionalVisitor(PhantomData))
    } else {
        whole_by_text(deserializer)
    }
}

/// Gives the object itself: an `Option` around an object would be moved once more.
struct RequiredVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for RequiredVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(OBJECT)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object))
    }
}

struct OptionalVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OptionalVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(OBJECT)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        if value { Err(unreadable(OBJECT)) } else { Ok(None) }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(unreadable(OBJECT)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        match list.next_element::<IgnoredAny>()? {
            None => Ok(None),
            Some(_) => Err(unreadable(OBJECT)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let first_key = object.next_key::<String>()?;
        match first_key.as_deref() {
            None => Ok(None),
            Some(NUMBER_KEY) => Err(unreadable(OBJECT)),
            Some(_) => {
                T::deserialize(MapAccessDeserializer::new(Peeked { first_key, object })).map(Some)
            }
        }
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
