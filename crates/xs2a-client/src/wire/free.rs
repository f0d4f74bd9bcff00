//! Free-form JSON, whose keys and values are not known beforehand.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::decode::{self, is_streaming};
use super::error::DecodeError;
use super::json::{Form, Json, is_whole};
use super::scalar::NUMBER_KEY;
use super::{Lenient, unreadable};

impl Lenient for Value {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        FreeVisitor.deserialize(deserializer)
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let value = Self::required(deserializer)?;
        Ok((!value.is_null() && value.as_str() != Some("")).then_some(value))
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(match json.form() {
            Form::Text(text) => Self::String(text.into_owned()),
            Form::Number(_) | Form::Float => {
                number(json.text()).ok_or_else(|| json.is_not("a number that can be read"))?
            }
            Form::List => {
                let elements = json.elements()?.into_iter().enumerate();
                let elements = elements.map(|(at, text)| json.at(at, text, Self::read));
                Self::Array(elements.collect::<Result<_, _>>()?)
            }
            Form::Object => {
                let mut members = Map::new();
                for (key, text) in json.members()? {
                    members.insert(key.into_owned(), json.under(text, Self::read)?);
                }
                Self::Object(members)
            }
            Form::Bool(value) => Self::Bool(value),
            Form::Integer(_) | Form::Null => Self::Null,
        })
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        match json.form() {
            Form::Null => Ok(None),
            Form::Text(text) if text.is_empty() => Ok(None),
            _ => Self::read(json).map(Some),
        }
    }
}

/// A number, from its text. A whole number that has more digits than an integer holds is read as
/// the text of them, whether serde_json would keep the digits of a number or not.
fn number(text: &str) -> Option<Value> {
    let number = serde_json::from_str::<Number>(text).ok()?;
    let is_held = number.is_i64() || number.is_u64() || !is_whole(text);
    Some(if is_held { Value::Number(number) } else { Value::String(text.to_owned()) })
}

/// Reads any JSON. An object whose key is serde_json's marker of raw JSON stays an object:
/// serde_json would parse the text behind the key with a new limit of depth, so that a body could
/// be nested as deep as it is long.
struct FreeVisitor;

impl<'de> DeserializeSeed<'de> for FreeVisitor {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FreeVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        if number.fract() == 0.0 && is_streaming() {
            // Its text may have more digits than the float.
            return Err(unreadable("a number that can be read"));
        }
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Self)? {
            if !decode::count() {
                return Err(unreadable("fewer elements"));
            }
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if !decode::count() {
                return Err(unreadable("fewer elements"));
            }
            let value = object.next_value_seed(Self)?;
            let number = match &value {
                Value::String(text) if key == NUMBER_KEY => number(text),
                _ => None,
            };
            if let Some(number) = number {
                return Ok(number);
            }
            entries.insert(key, value);
        }
        Ok(Value::Object(entries))
    }
}
