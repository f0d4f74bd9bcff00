//! Objects that the specification describes, read as their properties come.

use std::marker::PhantomData;
use std::{fmt, iter};

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::described::{Described, Properties};
use super::scalar::NUMBER_KEY;
use super::{Lenient, OBJECT, Prose, decode, unreadable, whole_by_text};

/// Reads an object that is required. Outside a body, it is read by way of its text: what reads
/// each object is then compiled for one deserializer, and not for each that users have.
pub(crate) fn required_object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Described + Lenient,
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
    T: Described + Lenient,
{
    if decode::is_streaming() {
        deserializer.deserialize_any(OptionalVisitor(PhantomData))
    } else {
        whole_by_text(deserializer)
    }
}

/// Reads an object from any deserializer, property by property.
pub(crate) fn any_object<'de, D, T>(name: &'static str, deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Described,
{
    deserializer.deserialize_struct(name, T::NAMES, RequiredVisitor(PhantomData))
}

/// Gives the object itself: an `Option` around an object would be moved once more.
struct RequiredVisitor<T>(PhantomData<T>);

impl<'de, T: Described> Visitor<'de> for RequiredVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(OBJECT)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::read_from(&mut Streamed::<A, T>::new(object))
    }

    /// PHP writes an object without properties as a list.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        match list.next_element::<IgnoredAny>()? {
            None => self.visit_map(MapDeserializer::new(iter::empty::<(&str, &str)>())),
            Some(_) => Err(unreadable(OBJECT)),
        }
    }
}

struct OptionalVisitor<T>(PhantomData<T>);

impl<'de, T: Described> Visitor<'de> for OptionalVisitor<T> {
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

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        let mut object = Streamed::<A, T>::new(object);
        match object.peek()? {
            None => Ok(None),
            Some(_) => T::read_from(&mut object).map(Some),
        }
    }
}

/// The properties of an object as they come.
struct Streamed<'de, A, T> {
    object: A,
    /// The position of the property that was gone to last.
    position: usize,
    /// The position of a property that is still to be gone to.
    peeked: Option<usize>,
    of: PhantomData<(&'de (), T)>,
}

impl<'de, A: MapAccess<'de>, T: Described> Streamed<'de, A, T> {
    fn new(object: A) -> Self {
        Self { object, position: 0, peeked: None, of: PhantomData }
    }

    /// The next property, which stays the next.
    fn peek(&mut self) -> Result<Option<usize>, A::Error> {
        self.peeked = self.object.next_key_seed(Position::<T>(PhantomData))?;
        Ok(self.peeked)
    }
}

impl<'de, A: MapAccess<'de>, O: Described> Properties for Streamed<'de, A, O> {
    type Error = A::Error;

    #[inline]
    fn next(&mut self) -> Result<Option<usize>, A::Error> {
        let next = match self.peeked.take() {
            Some(position) => Some(position),
            None => self.object.next_key_seed(Position::<O>(PhantomData))?,
        };
        self.position = next.unwrap_or_default();
        Ok(next)
    }

    fn ignore(&mut self) -> Result<(), A::Error> {
        self.object.next_value::<IgnoredAny>().map(|_| ())
    }

    #[inline]
    fn read<T: Lenient>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        if slot.is_some() {
            let name = O::NAMES.get(self.position).copied().unwrap_or_default();
            return Err(A::Error::duplicate_field(name));
        }
        *slot = Some(value(&mut self.object)?);
        Ok(())
    }

    // In a body, what is not of the usual forms is left to whoever reads in full. From any other
    // deserializer, that is an error.
    fn forgive<T: Lenient + Default>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        self.read(slot)
    }

    fn read_prose<T: Lenient + Prose>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        self.read(slot)
    }

    fn forgive_prose<T: Lenient + Prose + Default>(
        &mut self,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        self.read(slot)
    }

    fn missing(&self, name: &'static str) -> A::Error {
        A::Error::missing_field(name)
    }
}

/// Reads the name of a property as its position.
struct Position<T>(PhantomData<T>);

impl<'de, T: Described> DeserializeSeed<'de> for Position<T> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T: Described> Visitor<'_> for Position<T> {
    type Value = usize;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a property")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        match T::position(name) {
            unknown if unknown == T::NAMES.len() && name == NUMBER_KEY => Err(unreadable(OBJECT)),
            position => Ok(position),
        }
    }
}

/// Reads the value of a property. A function of its own, because it is the same for all objects.
#[inline]
fn value<'de, A: MapAccess<'de>, T: Lenient>(object: &mut A) -> Result<T, A::Error> {
    object.next_value_seed(Value(PhantomData))
}

/// The value of a property, read by the rules of its type.
struct Value<T>(PhantomData<T>);

impl<'de, T: Lenient> DeserializeSeed<'de> for Value<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::required(deserializer)
    }
}
