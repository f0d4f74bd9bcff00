//! JSON in orders that is passed on letter by letter.

use serde::{Deserialize as _, Deserializer};
use serde_json::value::RawValue;

/// JSON that is passed on letter by letter.
pub(super) type Verbatim = Box<RawValue>;

/// A value that is there, even if it is null.
pub(super) fn even_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Verbatim>, D::Error> {
    Box::deserialize(deserializer).map(Some)
}
