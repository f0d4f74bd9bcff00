//! Any value as the text of its JSON, from any deserializer.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::to_string;

use super::scalar::NUMBER_KEY;

/// How serde_json calls a value whose text it is asked for.
pub(super) const RAW: &str = "$serde_json::private::RawValue";

/// A value as JSON text.
pub(super) struct Captured {
    pub(super) json: String,
    /// Whether all numbers have the text that was sent.
    pub(super) exact: bool,
}

/// Takes a value as JSON text. From serde_json, the text is as it was sent. From anything else,
/// such as the buffer of an enum that serde tags, it is written anew, in the same order.
pub(super) fn capture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Captured, D::Error> {
    deserializer.deserialize_newtype_struct(RAW, Capture)
}

struct Capture;

impl<'de> Visitor<'de> for Capture {
    type Value = Captured;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    /// serde_json gives the text as the only value of a map.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Captured, A::Error> {
        match map.next_key::<String>()?.as_deref() {
            Some(RAW) => Ok(Captured { json: map.next_value()?, exact: true }),
            _ => Err(A::Error::custom("a map with another key")),
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Captured, D::Error> {
        let mut captured = Captured { json: String::new(), exact: true };
        Writer(&mut captured).deserialize(deserializer)?;
        Ok(captured)
    }
}

/// Writes a value as JSON.
struct Writer<'w>(&'w mut Captured);

impl Writer<'_> {
    fn write<E: Error>(self, scalar: impl serde::Serialize) -> Result<(), E> {
        self.0.json.push_str(&to_string(&scalar).map_err(E::custom)?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.write(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.write(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.write(value)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.write(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.write(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.0.exact = false;
        self.write(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.write(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut opening = '[';
        loop {
            let before = self.0.json.len();
            self.0.json.push(opening);
            if list.next_element_seed(Writer(self.0))?.is_none() {
                self.0.json.truncate(before);
                break;
            }
            opening = ',';
        }
        self.0.json.push_str(if opening == '[' { "[]" } else { "]" });
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut opening = '{';
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER_KEY {
                self.0.json.push_str(&map.next_value::<String>()?);
                return Ok(());
            }
            self.0.json.push(opening);
            self.0.json.push_str(&to_string(&key).map_err(A::Error::custom)?);
            self.0.json.push(':');
            map.next_value_seed(Writer(self.0))?;
            opening = ',';
        }
        self.0.json.push_str(if opening == '{' { "{}" } else { "}" });
        Ok(())
    }
}
