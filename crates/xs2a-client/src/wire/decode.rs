//! Decoding a whole body, with errors that name the field and never show the payload.

use std::fmt;

use serde::de::{Deserializer, Error};
use serde_path_to_error::{Path, Segment};

use super::Lenient;

/// A body that could not be read: where, and what was expected there.
///
/// Neither part contains anything of the body but the names of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    expected: String,
}

impl DecodeError {
    /// The field, such as `data[3].sync_fail_counter`; empty for the body as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was expected, such as `an integer`.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// As an error of the object around the one that could not be read.
    pub(super) fn nested<E: Error>(self) -> E {
        E::custom(format_args!(
            "{WITHIN}{}{EXPECTED}{}",
            self.path, self.expected
        ))
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
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = deserialize(&mut deserializer)?;
    match deserializer.end() {
        Ok(()) => Ok(value),
        Err(_) => Err(DecodeError {
            path: String::new(),
            expected: "nothing more".to_owned(),
        }),
    }
}

/// Reads a value and keeps track of where in it an error is.
pub(super) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, DecodeError>
where
    D: Deserializer<'de, Error = serde_json::Error>,
    T: Lenient,
{
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    T::required(tracked).map_err(|error| explain(&track.path(), &error))
}

/// Takes from serde's message what cannot be a part of the payload.
fn explain(path: &Path, error: &serde_json::Error) -> DecodeError {
    let mut path = render(path);
    if !error.is_data() {
        let (line, column) = (error.line(), error.column());
        let what = if error.is_eof() {
            "the rest of the JSON"
        } else {
            "valid JSON"
        };
        return DecodeError {
            path,
            expected: format!("{what} at line {line}, column {column}"),
        };
    }
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    let mut join = |inner: &str| {
        let separator = if path.is_empty() || inner.is_empty() || inner.starts_with('[') {
            ""
        } else {
            "."
        };
        path = format!("{path}{separator}{inner}");
    };
    let expected = if let Some(field) = message.strip_prefix("missing field `") {
        join(field.trim_end_matches('`'));
        "a value, the field is missing"
    } else if let Some(field) = message.strip_prefix("duplicate field `") {
        join(field.trim_end_matches('`'));
        "the field once"
    } else if let Some((inner, expected)) = message
        .strip_prefix(WITHIN)
        .and_then(|nested| nested.split_once(EXPECTED))
    {
        join(inner);
        expected
    } else if let Some((_, expected)) = message.rsplit_once(EXPECTED) {
        // What stands before may quote the payload, what stands behind is a type's own text.
        expected
    } else {
        "another form of value"
    };
    DecodeError {
        path,
        expected: expected.to_owned(),
    }
}

/// The path to a field. A key that does not look like the name of a field, because it comes
/// from a map or from a body that is not what it should be, is not shown.
fn render(path: &Path) -> String {
    let mut rendered = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => rendered.push_str(&format!("[{index}]")),
            Segment::Map { key } => {
                if !rendered.is_empty() {
                    rendered.push('.');
                }
                let is_name = key.len() <= 40
                    && key.starts_with(|first: char| first.is_ascii_lowercase())
                    && key.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
                    });
                rendered.push_str(if is_name { key } else { "*" });
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    rendered
}
