//! Amounts: decimals that keep every digit.

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

use super::decode::DecodeError;
use super::json::{Form, Json};
use super::scalar::{self, Scalar};
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
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Self::accept(Form::of(json.get()), false).ok_or_else(|| unreadable(Self::EXPECTED))
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        scalar::read_required(json)
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        scalar::read(json, false)
    }
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
