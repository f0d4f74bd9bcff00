//! Decoding a whole body, with errors that name the field and never show the payload.

use std::fmt;

use serde::de::{Deserializer, Error};
use serde_path_to_error::{Path, Segment};

use super::Lenient;

/// The reason why a body could not be read: the place, and what was expected there.
///
/// Both parts contain nothing of the body, except the names of declared fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    expected: String,
}

impl DecodeError {
    /// The field, such as `data[3].sync_fail_counter`. Empty for the body as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was expected, such as `an integer`.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The same error, reported by the value that surrounds the place.
    pub(super) fn within<E: Error>(self, place: &str) -> E {
        let path = join(place.to_owned(), &self.path);
        E::custom(format_args!("{WITHIN}{path}{EXPECTED}{}", self.expected))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(formatter, "expected {}", self.expected),
            path => write!(formatter, "expected {} at `{path}`", self.expected),
        }
    }
}

impl std::error::Error for DecodeError {}

const WITHIN: &str = "within ";
const EXPECTED: &str = ", expected ";

/// Reads a whole JSON body.
pub fn decode<T: Lenient>(json: &[u8]) -> Result<T, DecodeError> {
    // Keeping track of the path takes as long as the decoding itself, so the path is tracked only
    // after an error, in a second run.
    let mut untracked = serde_json::Deserializer::from_slice(json);
    if let (Ok(value), Ok(())) = (T::required(&mut untracked), untracked.end()) {
        return Ok(value);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = deserialize(&mut deserializer)?;
    match deserializer.end() {
        Ok(()) => Ok(value),
        Err(_) => Err(DecodeError { path: String::new(), expected: "nothing more".to_owned() }),
    }
}

/// Reads a value, and keeps track of the path so that an error can name its place.
pub(super) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, DecodeError>
where
    D: Deserializer<'de, Error = serde_json::Error>,
    T: Lenient,
{
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    T::required(tracked).map_err(|error| explain(&track.path(), &error))
}

/// Takes the parts of serde's message that cannot come from the payload.
fn explain(path: &Path, error: &serde_json::Error) -> DecodeError {
    let (line, column) = (error.line(), error.column());
    if !error.is_data() {
        // Without a path: outside of declared fields, a path consists of keys of the payload.
        let what = if error.is_eof() { "the rest of the JSON" } else { "valid JSON" };
        let expected = format!("{what} at line {line}, column {column}");
        return DecodeError { path: String::new(), expected };
    }
    let message = error.to_string();
    let position = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&position).unwrap_or(&message);
    let (inner, expected) = if let Some(field) = message.strip_prefix("missing field `") {
        (field.trim_end_matches('`'), "a value, the field is missing")
    } else if let Some(field) = message.strip_prefix("duplicate field `") {
        (field.trim_end_matches('`'), "the field once")
    } else if let Some(place) = message.strip_prefix(WITHIN) {
        place.split_once(EXPECTED).unwrap_or((place, ""))
    } else {
        // The text before it may quote the payload. The text behind it is written in this crate.
        let expected = message.rsplit_once(EXPECTED).map(|(_, expected)| expected);
        ("", expected.unwrap_or("another form of value"))
    };
    DecodeError { path: join(render(path), inner), expected: expected.to_owned() }
}

/// The path to a declared field. Only declared fields cause errors, so the path has no other keys.
fn render(path: &Path) -> String {
    path.iter().fold(String::new(), |rendered, segment| match segment {
        Segment::Seq { index } => format!("{rendered}[{index}]"),
        Segment::Map { key } => join(rendered, key),
        Segment::Enum { .. } | Segment::Unknown => rendered,
    })
}

fn join(path: String, inner: &str) -> String {
    match (path.as_str(), inner) {
        (_, "") => path,
        ("", inner) => inner.to_owned(),
        (path, inner) if inner.starts_with('[') => format!("{path}{inner}"),
        (path, inner) => format!("{path}.{inner}"),
    }
}
