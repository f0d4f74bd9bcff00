//! Booleans, integers and strings, each of which may arrive as another.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::{Lenient, unreadable};

/// With serde_json's feature `arbitrary_precision`, which any crate of a program may switch
/// on, a number arrives as a map with this single key.
pub(super) const NUMBER_KEY: &str = "$serde_json::private::Number";

/// A scalar of the JSON. Numbers are kept as text.
#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Bool(bool),
    Number(&'a str),
    Text(&'a str),
}

/// A type that is read from one scalar.
pub(super) trait Scalar: Sized {
    /// Completes the sentence "expected …".
    const EXPECTED: &'static str;

    /// The value. `None` if the form is not accepted.
    fn read(raw: Raw<'_>) -> Option<Self>;

    /// Whether this text means that there is no value.
    fn is_absent(text: &str) -> bool {
        text.is_empty()
    }
}

impl Scalar for bool {
    const EXPECTED: &'static str = "a boolean";

    fn read(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Bool(value) => Some(value),
            Raw::Number("1") | Raw::Text("1" | "true") => Some(true),
            Raw::Number("0") | Raw::Text("0" | "false") => Some(false),
            Raw::Number(_) | Raw::Text(_) => None,
        }
    }
}

impl Scalar for String {
    const EXPECTED: &'static str = "a string";

    fn read(raw: Raw<'_>) -> Option<Self> {
        Some(match raw {
            Raw::Bool(value) => value.to_string(),
            Raw::Number(text) | Raw::Text(text) => text.to_owned(),
        })
    }
}

macro_rules! integers {
    ($($integer:ty => $expected:literal),* $(,)?) => {$(
        impl Scalar for $integer {
            const EXPECTED: &'static str = $expected;

            fn read(raw: Raw<'_>) -> Option<Self> {
                match raw {
                    Raw::Number(text) | Raw::Text(text) => text.parse().ok(),
                    Raw::Bool(_) => None,
                }
            }
        }
    )*};
}

integers! {
    i32 => "a 32-bit integer",
    i64 => "an integer",
    u32 => "a 32-bit integer that is not negative",
    u64 => "an integer that is not negative",
}

macro_rules! scalars {
    ($($scalar:ty),* $(,)?) => {$(
        impl Lenient for $scalar {
            fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let visitor = ScalarVisitor { required: true, scalar: PhantomData::<$scalar> };
                let value = deserializer.deserialize_any(visitor)?;
                value.ok_or_else(|| unreadable(<$scalar as Scalar>::EXPECTED))
            }

            fn optional<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                let visitor = ScalarVisitor { required: false, scalar: PhantomData::<$scalar> };
                deserializer.deserialize_any(visitor)
            }
        }
    )*};
}

scalars! { bool, i32, i64, u32, u64, String, jiff::Timestamp, jiff::civil::Date }

struct ScalarVisitor<T> {
    required: bool,
    scalar: PhantomData<T>,
}

impl<T: Scalar> ScalarVisitor<T> {
    fn read<E: Error>(&self, raw: Raw<'_>) -> Result<Option<T>, E> {
        match raw {
            Raw::Text(text) if !self.required && T::is_absent(text) => Ok(None),
            raw => T::read(raw).map(Some).ok_or_else(|| unreadable(T::EXPECTED)),
        }
    }
}

impl<'de, T: Scalar> Visitor<'de> for ScalarVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(T::EXPECTED)
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

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.read(Raw::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.read(Raw::Number(&number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.read(Raw::Number(&number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        self.read(Raw::Number(&number.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.read(Raw::Text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key::<String>()?.as_deref() {
            Some(NUMBER_KEY) => self.read(Raw::Number(&map.next_value::<String>()?)),
            _ => Err(unreadable(T::EXPECTED)),
        }
    }
}
