//! Words for people, in whatever form they come.

use indexmap::IndexMap;

use super::error::DecodeError;
use super::json::{Form, Json};
use super::list::{Lone, read_list, read_map};
use super::scalar::Scalar;

/// A type for words that a server may also send as a list or as an object. Nobody but people reads
/// them, so any form is better than none.
#[allow(dead_code, reason = "only a spec with words for people needs it")]
pub(crate) trait Prose: Sized {
    /// Reads the words.
    fn read_prose(json: Json<'_>) -> Result<Self, DecodeError>;
}

impl Prose for String {
    fn read_prose(json: Json<'_>) -> Result<Self, DecodeError> {
        words(json)
    }
}

impl<T: Prose> Prose for Option<T> {
    fn read_prose(json: Json<'_>) -> Result<Self, DecodeError> {
        let is_empty = match json.form() {
            Form::List => json.elements()?.is_empty(),
            Form::Object => json.members()?.is_empty(),
            form => String::is_absent(&form),
        };
        if is_empty { Ok(None) } else { T::read_prose(json).map(Some) }
    }
}

impl<T: Prose> Prose for Vec<T> {
    fn read_prose(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(read_list(json, true, T::read_prose)?.unwrap_or_default())
    }
}

impl<T: Prose> Prose for IndexMap<String, T> {
    fn read_prose(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(read_map(json, Lone::Value("0"), None, T::read_prose)?.unwrap_or_default())
    }
}

/// The words of a value: the elements of a list after one another, those of an object behind their
/// keys.
fn words(json: Json<'_>) -> Result<String, DecodeError> {
    let mut words = Vec::new();
    match json.form() {
        Form::List => {
            for (position, text) in json.elements()?.into_iter().enumerate() {
                words.push(json.at(position, text, self::words)?);
            }
        }
        Form::Object => {
            for (key, text) in json.members()? {
                words.push(format!("{key}: {}", json.under(text, self::words)?));
            }
        }
        form => return Ok(form.into_text().unwrap_or_default().into_owned()),
    }
    words.retain(|words| !words.is_empty());
    Ok(words.join(", "))
}
