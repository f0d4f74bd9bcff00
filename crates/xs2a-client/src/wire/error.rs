//! Why a value could not be read. An error names the field and never shows the payload.

use std::fmt;

/// The reason why a value could not be read: the place, and what was expected there.
///
/// Both parts contain nothing of the body, except the names of declared fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DecodeError {
    path: String,
    expected: String,
}

impl DecodeError {
    pub(crate) fn new(path: String, expected: &str) -> Self {
        Self { path, expected: expected.to_owned() }
    }

    /// The field, such as `data[3].sync_fail_counter`. Empty for the body as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was expected, such as `an integer`.
    pub fn expected(&self) -> &str {
        &self.expected
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
