//! Reading a whole body: as it comes, or else value by value.

use std::borrow::Cow;
use std::cell::Cell;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::Lenient;
use super::capture::Captured;
use super::error::DecodeError;
use super::json::{Json, Reading};

/// A body that was read.
#[derive(Clone, Debug)]
pub(crate) struct Decoded<T> {
    pub(crate) value: T,
    /// The properties around entries or elements that could not be read, and are absent.
    pub(crate) skipped: Vec<DecodeError>,
}

/// How many elements a body may have in all of its lists and maps, unless the size of the body is
/// limited otherwise.
const ELEMENTS: usize = elements_in(16 * 1024 * 1024);

/// How many elements the lists and maps of a body may have together, for a limit of its size in
/// bytes. An element takes at most some 500 bytes of memory, beside its texts, so that a body never
/// becomes more than some 40 times as large as its limit.
pub(crate) const fn elements_in(limit: usize) -> usize {
    limit / 32
}

/// Reads a whole JSON body. The body may begin with a byte-order mark.
///
/// # Errors
/// When the body is not the JSON of such a value. The error names the field and shows nothing of the
/// body.
pub fn decode<T: Lenient>(json: &[u8]) -> Result<T, DecodeError> {
    decode_within(json, ELEMENTS).map(|decoded| decoded.value)
}

/// Reads a whole JSON body with at most so many elements in its lists and maps.
pub(crate) fn decode_within<T: Lenient>(
    json: &[u8],
    elements: usize,
) -> Result<Decoded<T>, DecodeError> {
    // Bytes that are no UTF-8 become U+FFFD: a broken letter in a name costs that letter.
    // Checking the whole is faster than looking for the first such byte.
    let text = match std::str::from_utf8(json) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(json),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match stream(text, elements) {
        Some(value) => Ok(Decoded { value, skipped: Vec::new() }),
        None => read_in_full(text, elements),
    }
}

/// Reads a body of the usual forms in one pass. `None` where something is unusual.
pub(super) fn stream<T: Lenient>(text: &str, elements: usize) -> Option<T> {
    struct Scope(Option<usize>);

    impl Drop for Scope {
        fn drop(&mut self) {
            STREAMING.set(self.0);
        }
    }

    let _scope = Scope(STREAMING.replace(Some(elements)));
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::required(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

thread_local! {
    /// While a body is read in one pass on this thread: how many elements may still come.
    static STREAMING: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Whether a body is read in one pass. What cannot be read is then read again in full.
pub(crate) fn is_streaming() -> bool {
    STREAMING.get().is_some()
}

/// Counts one element of a list or a map. `false` if it is one too many.
pub(super) fn count() -> bool {
    match STREAMING.get() {
        None => true,
        Some(left) => {
            STREAMING.set(Some(left.saturating_sub(1)));
            left > 0
        }
    }
}

/// Reads a body value by value, in every form.
pub(super) fn read_in_full<T: Lenient>(
    text: &str,
    elements: usize,
) -> Result<Decoded<T>, DecodeError> {
    read(text, elements, Reading::new(text.len(), elements))
}

/// Reads a value that was taken out of another deserializer, in every form.
pub(super) fn read_captured<T: Lenient>(captured: &Captured) -> Result<Decoded<T>, DecodeError> {
    let Captured { json, exact } = captured;
    let reading = match exact {
        true => Reading::new(json.len(), ELEMENTS),
        false => Reading::inexact(json.len(), ELEMENTS),
    };
    read(json, ELEMENTS, reading)
}

/// Reads a value as [`read_captured`] does. A property that is given up is an error.
pub(super) fn read_whole<T: Lenient>(captured: &Captured) -> Result<T, DecodeError> {
    let Decoded { value, skipped } = read_captured(captured)?;
    match skipped.into_iter().next() {
        None => Ok(value),
        Some(error) => Err(error),
    }
}

fn read<T: Lenient>(
    text: &str,
    elements: usize,
    reading: Reading,
) -> Result<Decoded<T>, DecodeError> {
    let read = T::read(Json::new(whole(text)?, &reading));
    let skipped = reading.end(elements)?;
    Ok(Decoded { value: read?, skipped })
}

/// The text of the only value in a body.
fn whole(text: &str) -> Result<&str, DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let json = <&RawValue>::deserialize(&mut deserializer).map_err(|error| syntax(&error))?;
    match deserializer.end() {
        Ok(()) => Ok(json.get()),
        Err(_) => Err(DecodeError::new(String::new(), "nothing more")),
    }
}

/// Without a path: the text is no JSON.
fn syntax(error: &serde_json::Error) -> DecodeError {
    let what = match error.classify() {
        Category::Eof => "the rest of the JSON",
        _ => "valid JSON",
    };
    let (line, column) = (error.line(), error.column());
    DecodeError::new(String::new(), &format!("{what} at line {line}, column {column}"))
}
