//! Amounts: decimals that keep every digit.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

use super::capture::RAW;
use super::error::DecodeError;
use super::json::{Form, Json};
use super::scalar::{Scalar, read_optional_scalar, read_scalar};
use super::{Canonical, Lenient, unreadable};

impl Scalar for Decimal {
    const EXPECTED: &'static str = "an amount of at most 28 digits, such as 12.34";

    fn read(form: Form<'_>) -> Option<Self> {
        match form {
            Form::Number(text) => parse(text),
            Form::Text(text) => parse(&text),
            _ => None,
        }
    }
}

impl Lenient for Decimal {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::optional(deserializer)?.ok_or_else(|| unreadable(Self::EXPECTED))
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        // From the text of the JSON: a float would lose the last digit of 123456789012345.67.
        let amount = deserializer.deserialize_newtype_struct(RAW, AmountVisitor)?;
        amount.ok_or_else(|| unreadable(Self::EXPECTED))
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        read_scalar(json)
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        read_optional_scalar(json)
    }
}

/// Gives the amount, or that there is none; `None` if the text is no amount. The error for that is made
/// outside: inside, the place would name serde_json's marker.
struct AmountVisitor;

impl<'de> Visitor<'de> for AmountVisitor {
    type Value = Option<Option<Decimal>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(Decimal::EXPECTED)
    }

    /// serde_json gives the text as the only value of a map.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key_seed(Marker)? {
            Some(true) => map.next_value_seed(self),
            _ => Err(unreadable(Decimal::EXPECTED)),
        }
    }

    fn visit_str<E: Error>(self, json: &str) -> Result<Self::Value, E> {
        Ok(match quick(json) {
            Some(amount) => Some(Some(amount)),
            None => Decimal::accept(Form::of(json), false),
        })
    }
}

impl<'de> DeserializeSeed<'de> for AmountVisitor {
    type Value = Option<Option<Decimal>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// Whether a key is serde_json's marker of a value as text.
struct Marker;

impl<'de> Visitor<'de> for Marker {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == RAW)
    }
}

impl<'de> DeserializeSeed<'de> for Marker {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

/// Reads a number as most amounts are written: without an exponent, and short enough for an `i64`.
/// `None` for any other number, and for a zero that is negative.
fn quick(json: &str) -> Option<Decimal> {
    const MOST_DIGITS: usize = 18;
    let unsigned = json.strip_prefix('-').unwrap_or(json);
    // Of 19 digits, a `u64` holds all.
    let (mut mantissa, mut fraction) = (0u64, None);
    // One byte more for the point.
    if unsigned.len() > MOST_DIGITS + 1 {
        return None;
    }
    for byte in unsigned.bytes() {
        match (byte, &mut fraction) {
            (b'.', None) => fraction = Some(0),
            (b'0'..=b'9', fraction) => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                if let Some(places) = fraction {
                    *places += 1;
                }
            }
            _ => return None,
        }
    }
    let is_negative = unsigned.len() < json.len();
    let is_written_out = fraction.is_some() || unsigned.len() <= MOST_DIGITS;
    if unsigned.is_empty() || !is_written_out || is_negative && mantissa == 0 {
        return None;
    }
    let mantissa = i64::try_from(mantissa).ok()?;
    let mantissa = if is_negative { -mantissa } else { mantissa };
    Decimal::try_new(mantissa, fraction.unwrap_or_default()).ok()
}

/// Reads a number as JSON writes it, with all its digits or not at all. Leading zeros are allowed.
fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    // The parser of `Decimal` accepts more, such as underscores.
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !fraction.is_none_or(is_number) {
        return None;
    }
    let value = Decimal::from_str_exact(mantissa).ok()?;
    match exponent {
        None => Some(value),
        Some(exponent) => shift(value, exponent.parse().ok()?),
    }
}

/// Moves the decimal point, without rounding.
fn shift(value: Decimal, places: i32) -> Option<Decimal> {
    if value.is_zero() {
        return Some(value);
    }
    let scale = i32::try_from(value.scale()).ok()?.checked_sub(places)?;
    if let Ok(scale) = u32::try_from(scale) {
        return Decimal::try_from_i128_with_scale(value.mantissa(), scale).ok();
    }
    let factor = 10i128.checked_pow(scale.unsigned_abs())?;
    Decimal::try_from_i128_with_scale(value.mantissa().checked_mul(factor)?, 0).ok()
}

impl Canonical for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_quickly_as_it_is_read_with_care() {
        let mut amounts = 0;
        for json in [
            "0",
            "-0",
            "0.00",
            "-0.00",
            "-0.0",
            "1",
            "-1",
            "12.34",
            "-12.34",
            "0.01",
            "-0.01",
            "100",
            "12.30",
            "999999999999999999",
            "-999999999999999999",
            "9999999999999999.99",
            "0.999999999999999999",
            "1234567890123456789",
            "123456789012345678.9",
            "1e5",
            "1.5E-3",
            "-",
            "",
            ".",
            "1.",
            "-1.",
            "--1",
            "1.2.3",
            "\"12.34\"",
            "\"\"",
            "true",
            "null",
        ] {
            let Some(quick) = quick(json) else { continue };
            // JSON has no number that ends with its point, so that none comes this far.
            if json.ends_with('.') {
                continue;
            }
            let careful = parse(json);
            assert_eq!(Some(quick.serialize()), careful.map(|amount| amount.serialize()), "{json}");
            amounts += 1;
        }
        assert_eq!(amounts, 13);
    }
}
