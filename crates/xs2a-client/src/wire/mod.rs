//! How the JSON of the service is read and written. Only this module is tolerant.
//!
//! The service types its JSON loosely. Decoding accepts every form below for the type that the
//! specification declares. Encoding always writes the canonical form.
//!
//! | declared as | accepted | written as |
//! |---|---|---|
//! | boolean | `true`, `"true"`, `1`, `"1"`, `"yes"`, `"Y"` and their opposites, in upper or lower case | `true` |
//! | integer | `3`, `"3"`, `3.0` | `3` |
//! | string | `"x"`, and a number or boolean as its text, digit by digit | `"x"` |
//! | amount | `12.34`, `12`, `"12.34"`, exact to the last digit | `12.34` |
//! | date | `2026-01-31`, or any date-time on that day | `2026-01-31` |
//! | day of a bank | the same; day 29, 30 or 31 of a month that lacks it is [its last day](crate::BankDate) | as it was sent |
//! | date-time | `2026-01-31 10:11:12`, with `T` for the blank, with or without fraction and offset; a bare date is its midnight | `2026-01-31 10:11:12` |
//! | list | `[…]`; empty also as `null`, `false`, `""` or `{}`; `{"1": "x"}` is `["x"]`; `"x"` is `["x"]` | `[…]` |
//! | map | `{…}`; empty also as `null`, `false`, `""` or `[]`; `["x"]` is `{"0": "x"}` | `{…}` |
//! | object | `{…}`; empty also as `[]` | `{…}` |
//! | absent | a missing key, `null`, `""`, `false` (but for booleans); for dates a day before the year 1; for objects `{}` and `[]` | no key |
//!
//! - A date-time without an offset is local time in Europe/Berlin, with the offset of that
//!   instant. The hour that autumn repeats is read as the earlier hour. The hour that spring skips
//!   is read as one hour later. The rules of the zone are compiled in.
//! - A required value in an absent form is an error that names the field, with two exceptions: a
//!   required string may be empty, and a required list or map is then empty.
//! - An optional *object* without properties is absent: `error: []` and `error: {}` mean that there
//!   is no error. An optional list or map that is present but empty stays `Some`.
//! - A null in a list of texts is no element. In a map of texts it is an empty text.
//! - Amounts are read from the text of the JSON, never through a float. So an amount of more than
//!   28 digits is an error, and is not rounded. So is an amount with a fraction in an enum or a
//!   flattened struct that serde buffers.
//! - A byte-order mark before the JSON is skipped. Bytes that are no UTF-8, and halves of characters
//!   that were cut, become U+FFFD.
//!
//! # What cannot be read
//!
//! It costs itself, and nothing beside it:
//!
//! - A member of a union, such as an element of a form, is kept as
//!   [unknown](crate::UnknownVariant), with its JSON and the reason.
//! - An entry of a list whose entries stand for themselves is kept beside those that can be read,
//!   with its position, its JSON and the reason ([`Entries`](crate::Entries)). The specification
//!   marks these lists (`x-entries`).
//! - A property around entries or elements, such as the `total` of a page, is absent, and the
//!   [answer](crate::Response::skipped) says so. The specification marks the objects with such
//!   properties (`x-frame`).
//! - Anything else is an error that names the field.
//!
//! # How much is read
//!
//! - The size of a body is limited, and so is the number of elements in all of its lists and maps:
//!   one for each 32 bytes of the limit. Lists and objects may be inside one another 64 deep.
//! - In memory, an answer takes at most some 40 times the limit of its body.
//!
//! # What generated code has to contain
//!
//! - On every amount and every `local-date-time` field, also inside an `Option`, a `Vec` or a map:
//!   `#[serde(serialize_with = "crate::wire::canonical")]`.
//! - For every struct, a `Described` that reads each property; for every union, a `from_json`.
//! - Once each: `objects!` with the name of every struct, `maps!` with that of every map, `unions!`
//!   with that of every union, and `enumerations!` with that of every open enumeration, each of
//!   which is made from any text.

mod berlin;
mod capture;
mod decode;
mod described;
mod error;
mod free;
mod json;
mod list;
mod money;
mod object;
mod place;
mod prose;
mod scalar;
#[cfg(test)]
mod tests;
mod time;

use indexmap::IndexMap;
use serde::Serialize;
use serde::de::{Deserializer, Unexpected};
use serde::ser::{SerializeMap, Serializer};

pub use berlin::berlin;
pub use decode::decode;
pub(crate) use decode::{Decoded, decode_within, elements_in, is_streaming};
pub(crate) use described::{Described, Properties};
pub use error::DecodeError;
pub use json::Json;
pub(crate) use json::{Form, Object, read_object};
pub(crate) use list::{elements, read_named_map};
pub(crate) use object::{any_object, optional_object, required_object};
pub(crate) use prose::Prose;
pub(crate) use scalar::{
    Scalar, optional_scalar, read_optional_scalar, read_scalar, required_scalar, scalars,
};

/// A type that can be read from every form in which the service sends it.
///
/// There are two ways to read. The first way takes the usual forms as they come, from any
/// deserializer, in one pass. What it does not take is read in the second way, which takes every
/// form, value by value. The first way takes nothing that the second would read differently.
pub trait Lenient: Sized {
    /// What a null among texts is. `None` if a null is no such value.
    #[doc(hidden)]
    const NULL: Option<fn() -> Self> = None;

    /// Reads a value that is required, in its usual forms.
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads a value that may be absent, in its usual forms.
    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;

    /// Reads a value that is required, in any form.
    fn read(json: Json<'_>) -> Result<Self, DecodeError>;

    /// Reads a value that may be absent, in any form.
    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError>;
}

/// For `deserialize_with`: reads a field from its usual forms.
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

/// Makes generated structs readable, which are `Described`.
macro_rules! objects {
    ($($object:ident),* $(,)?) => {$(
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

            fn read(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<Self, $crate::wire::DecodeError> {
                $crate::wire::read_object(&json.object(<Self as $crate::wire::Described>::BARE)?)
            }

            fn read_optional(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<::std::option::Option<Self>, $crate::wire::DecodeError> {
                let object = json.optional_object(<Self as $crate::wire::Described>::BARE)?;
                object.as_ref().map($crate::wire::read_object).transpose()
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $object {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::any_object(::std::stringify!($object), deserializer)
            }
        }
    )*};
}

macro_rules! bare {
    () => {
        ::std::option::Option::None
    };
    ($bare:literal) => {
        ::std::option::Option::Some($bare)
    };
}

/// Makes generated maps readable: structs around one map. The key behind the equals sign is the one
/// of a value that stands in the place of the whole map.
macro_rules! maps {
    ($($map:ident $(= $bare:literal)?),* $(,)?) => {$(
        impl $crate::wire::Lenient for $map {
            fn required<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::Lenient::required(deserializer).map(Self)
            }

            fn optional<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<::std::option::Option<Self>, D::Error> {
                let map: ::std::option::Option<_> = $crate::wire::Lenient::optional(deserializer)?;
                ::std::result::Result::Ok(map.map(Self))
            }

            fn read(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<Self, $crate::wire::DecodeError> {
                let map = $crate::wire::read_named_map(json, $crate::wire::bare!($($bare)?))?;
                ::std::result::Result::Ok(Self(map.unwrap_or_default()))
            }

            fn read_optional(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<::std::option::Option<Self>, $crate::wire::DecodeError> {
                let map = $crate::wire::read_named_map(json, $crate::wire::bare!($($bare)?))?;
                ::std::result::Result::Ok(map.map(Self))
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $map {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::Lenient::required(deserializer)
            }
        }
    )*};
}

/// Makes unions readable, which have a `from_json`: from any deserializer by way of the text, so that
/// a member of a known kind that cannot be read can be kept as an unknown one.
macro_rules! unions {
    ($($union:ident),* $(,)?) => {$(
        impl $crate::wire::Lenient for $union {
            fn required<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::by_text(deserializer)
            }

            fn optional<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<::std::option::Option<Self>, D::Error> {
                $crate::wire::by_text(deserializer)
            }

            fn read(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<Self, $crate::wire::DecodeError> {
                ::std::result::Result::Ok(Self::from_json(json))
            }

            fn read_optional(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<::std::option::Option<Self>, $crate::wire::DecodeError> {
                ::std::result::Result::Ok((!json.is_nothing()).then(|| Self::from_json(json)))
            }
        }
    )*};
}

/// Makes open enumerations readable, which are made from any text.
macro_rules! enumerations {
    ($($enumeration:ty),* $(,)?) => {$(
        impl $crate::wire::Scalar for $enumeration {
            const EXPECTED: &'static str = <::std::string::String as $crate::wire::Scalar>::EXPECTED;

            fn read(form: $crate::wire::Form<'_>) -> ::std::option::Option<Self> {
                form.into_text().map(|text| Self::from(&*text))
            }

            fn quick(text: &str) -> ::std::option::Option<Self> {
                (!text.is_empty()).then(|| Self::from(text))
            }
        }

        $crate::wire::scalars! { $enumeration }
    )*};
}

/// Makes types that are made from any `String` readable.
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

            fn read(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<Self, $crate::wire::DecodeError> {
                <::std::string::String as $crate::wire::Lenient>::read(json).map(<$text>::from)
            }

            fn read_optional(
                json: $crate::wire::Json<'_>,
            ) -> ::std::result::Result<::std::option::Option<Self>, $crate::wire::DecodeError> {
                let text = <::std::string::String as $crate::wire::Lenient>::read_optional(json)?;
                ::std::result::Result::Ok(text.map(<$text>::from))
            }
        }
    )*};
}

pub(crate) use {bare, enumerations, maps, objects, texts, unions};

/// The error for a value that cannot be read. The error never contains the value.
pub(crate) fn unreadable<E: serde::de::Error>(expected: &'static str) -> E {
    E::invalid_value(Unexpected::Other("value"), &expected)
}

/// Reads a value from any deserializer by way of its text, in every form. In the middle of a body,
/// this is left to the second way of reading, which has the text of the whole body.
pub(crate) fn by_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Lenient,
{
    if decode::is_streaming() {
        return Err(unreadable("a value to be read in full"));
    }
    let captured = capture::capture(deserializer)?;
    let read = decode::read_captured(&captured).map_err(serde::de::Error::custom)?;
    Ok(read.value)
}

/// Reads a value as [`by_text`] does. A property that cannot be read is an error, since nobody could
/// be told that the property is absent.
pub(crate) fn whole_by_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Lenient,
{
    let captured = capture::capture(deserializer)?;
    decode::read_whole(&captured).map_err(serde::de::Error::custom)
}

const OBJECT: &str = "an object";
const LIST: &str = "a list";
const MAP: &str = "a map";

impl<T: Lenient> Lenient for Option<T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::optional(deserializer)
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        T::optional(deserializer).map(Some)
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        T::read_optional(json)
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        T::read_optional(json).map(Some)
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::required(deserializer).map(Box::new)
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(T::optional(deserializer)?.map(Box::new))
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        T::read(json).map(Box::new)
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        Ok(T::read_optional(json)?.map(Box::new))
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
