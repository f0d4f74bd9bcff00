//! JSON as it was sent. Lists and objects are opened one level at a time, and numbers keep their text.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::described::{Described, Properties};
use super::error::DecodeError;

use super::place::Place;
use super::{Lenient, Prose};

/// How many lists and objects may be inside one another. A form has about eight.
const MAX_DEPTH: usize = 64;

/// How many properties of an object are not counted as elements: as many as an object may have that
/// the specification describes.
const UNCOUNTED: usize = 64;

/// How often the text of a body may be read through, all in all. Opening a value reads through its
/// text, so that a body is read as often as its text is nested. Without this bound, a large form in
/// 25 groups would be read a hundred times. A form needs about eight.
const READINGS: usize = 16;

/// How many bytes of text may be read through in any case: a small body may be nested deeper.
const READ_AT_LEAST: usize = 64 * 1024 * 1024;

/// What is kept in mind while a body is read.
pub(super) struct Reading {
    /// Whether numbers have the text that was sent: a buffer may have kept them as floats.
    exact: bool,
    /// How many elements of lists and maps may still come.
    left: Cell<usize>,
    /// How many bytes of text may still be read through.
    readable: Cell<usize>,
    /// Whether there were too many of them.
    exhausted: Cell<bool>,
    /// The properties that were given up, each with the reason.
    skipped: RefCell<Vec<DecodeError>>,
}

impl Reading {
    /// For a body of this length.
    pub(super) fn new(length: usize, elements: usize) -> Self {
        Self {
            exact: true,
            left: Cell::new(elements),
            readable: Cell::new(length.saturating_mul(READINGS).max(READ_AT_LEAST)),
            exhausted: Cell::new(false),
            skipped: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn inexact(length: usize, elements: usize) -> Self {
        Self { exact: false, ..Self::new(length, elements) }
    }

    /// Counts a text that is read through. `false` if it is one too many.
    fn read_through(&self, text: &str) -> bool {
        match self.readable.get().checked_sub(text.len()) {
            Some(readable) => {
                self.readable.set(readable);
                true
            }
            None => false,
        }
    }

    /// How many bytes of text may still be read through.
    #[cfg(test)]
    pub(super) fn readable(&self) -> &Cell<usize> {
        &self.readable
    }

    /// Counts one element. `false` if it is one too many.
    fn count(&self) -> bool {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                true
            }
            None => {
                self.exhausted.set(true);
                false
            }
        }
    }

    /// What was given up. An error where there were more than so many elements.
    pub(super) fn end(self, elements: usize) -> Result<Vec<DecodeError>, DecodeError> {
        if self.exhausted.get() {
            let expected = format!("at most {elements} elements in its lists");
            return Err(DecodeError::new(String::new(), &expected));
        }
        Ok(self.skipped.into_inner())
    }
}

/// A value of a body: its text, and its place.
#[derive(Clone, Copy)]
pub struct Json<'a> {
    text: &'a str,
    place: &'a Place<'a>,
    reading: &'a Reading,
}

/// The form in which a value was sent. Numbers are kept as text.
#[derive(Clone, Debug)]
pub(crate) enum Form<'a> {
    Null,
    Bool(bool),
    /// A whole number, where the text of it is not at hand.
    Integer(i128),
    Number(&'a str),
    /// A number whose text is lost. It is neither an amount nor a text.
    Float,
    Text(Cow<'a, str>),
    List,
    Object,
}

impl<'a> Form<'a> {
    /// The form of a value, from its text. The text is valid JSON.
    pub(super) fn of(text: &'a str) -> Self {
        match text.as_bytes().first() {
            Some(b'"') => Self::Text(unescape(text)),
            Some(b'{') => Self::Object,
            Some(b'[') => Self::List,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(text),
        }
    }

    /// The form of a number that serde_json kept as text. It writes the sign of every exponent, so
    /// that the text of `1e5` is lost.
    pub(super) fn of_number(text: &'a str) -> Self {
        if text.contains("e+") || text.contains("E+") { Self::Float } else { Self::Number(text) }
    }

    /// The value as text, if it is a string, a number or a boolean.
    pub(crate) fn into_text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Bool(value) => value.to_string().into(),
            Self::Integer(number) => number.to_string().into(),
            Self::Number(text) => text.into(),
            Self::Text(text) => text,
            Self::Null | Self::Float | Self::List | Self::Object => return None,
        })
    }

    /// Whether lists, maps and objects are written like this where there is none: PHP has several
    /// words for nothing.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }
}

/// Whether a number has neither a fraction nor an exponent.
pub(super) fn is_whole(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// The text that a JSON string stands for. Half of a character that is written as two escapes, as
/// texts have it that were cut, becomes U+FFFD.
fn unescape(json: &str) -> Cow<'_, str> {
    let inner = json.get(1..json.len() - 1).unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    struct Bytes;
    impl Visitor<'_> for Bytes {
        type Value = String;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
    }
    let text = serde_json::Deserializer::from_str(json).deserialize_bytes(Bytes);
    Cow::Owned(text.unwrap_or_else(|_| inner.to_owned()))
}

impl<'a> Json<'a> {
    /// The whole of a body. The text is valid JSON.
    pub(super) fn new(text: &'a str, reading: &'a Reading) -> Self {
        Self { text, place: &Place::WHOLE, reading }
    }

    /// The value as it was sent.
    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    pub(super) fn form(self) -> Form<'a> {
        match Form::of(self.text) {
            Form::Number(text) if !self.reading.exact && !is_whole(text) => Form::Float,
            form => form,
        }
    }

    /// Whether there is nothing, in one of the words for it.
    pub(crate) fn is_nothing(self) -> bool {
        self.form().is_nothing()
    }

    /// The error for a value that is something else. The error never contains the value.
    pub(crate) fn is_not(self, expected: &str) -> DecodeError {
        DecodeError::new(self.place.path(), expected)
    }

    /// Reads the value as an element of a list.
    pub(crate) fn at<T>(self, position: usize, text: &str, read: impl FnOnce(Json<'_>) -> T) -> T {
        let place = self.place.element(position);
        read(Json { text, place: &place, reading: self.reading })
    }

    /// Reads the value as a value of a map.
    pub(super) fn under<T>(self, text: &str, read: impl FnOnce(Json<'_>) -> T) -> T {
        let place = self.place.value();
        read(Json { text, place: &place, reading: self.reading })
    }

    /// The elements of a list.
    pub(super) fn elements(self) -> Result<Vec<&'a str>, DecodeError> {
        self.open(Elements(self.reading))
    }

    /// The keys and values of an object, in their order.
    pub(super) fn members(self) -> Result<Vec<(Cow<'a, str>, &'a str)>, DecodeError> {
        self.open(Members(self.reading))
    }

    fn open<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value, DecodeError> {
        if self.place.depth() >= MAX_DEPTH || !self.reading.read_through(self.text) {
            return Err(self.is_not("JSON that is nested less deep"));
        }
        let mut deserializer = serde_json::Deserializer::from_str(self.text);
        seed.deserialize(&mut deserializer).map_err(|_| self.is_not("fewer elements"))
    }

    /// Opens an object that is described by the specification. Empty, it may also be `[]`.
    /// `bare` is the property whose value may stand in the place of the whole object.
    pub(crate) fn object(self, bare: Option<&'static str>) -> Result<Object<'a>, DecodeError> {
        let members = match (self.form(), bare) {
            (Form::Object, _) => self.members()?,
            (Form::List, _) if self.elements()?.is_empty() => Vec::new(),
            (_, Some(bare)) => vec![(Cow::Borrowed(bare), self.text)],
            (_, None) => return Err(self.is_not(super::OBJECT)),
        };
        Ok(Object { json: self, members })
    }

    /// Opens an object that may be absent: `null`, `false`, `""`, `[]` or `{}`.
    pub(crate) fn optional_object(
        self,
        bare: Option<&'static str>,
    ) -> Result<Option<Object<'a>>, DecodeError> {
        if self.form().is_nothing() {
            return Ok(None);
        }
        Ok(Some(self.object(bare)?).filter(|object| !object.members.is_empty()))
    }

    /// Gives up a property that cannot be read, but not in silence.
    fn skip(self, error: DecodeError) {
        self.reading.skipped.borrow_mut().push(error);
    }
}

struct Elements<'r>(&'r Reading);

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = Vec<&'de str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = Vec<&'de str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(super::LIST)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element::<&RawValue>()? {
            if !self.0.count() {
                return Err(A::Error::custom("too many"));
            }
            elements.push(element.get());
        }
        Ok(elements)
    }
}

struct Members<'r>(&'r Reading);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(super::OBJECT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = object.next_entry::<&RawValue, &RawValue>()? {
            if members.len() >= UNCOUNTED && !self.0.count() {
                return Err(A::Error::custom("too many"));
            }
            members.push((unescape(key.get()), value.get()));
        }
        Ok(members)
    }
}

/// An object whose properties are read one by one.
pub(crate) struct Object<'a> {
    json: Json<'a>,
    members: Vec<(Cow<'a, str>, &'a str)>,
}

#[allow(dead_code, reason = "only a spec with unions needs them")]
impl<'a> Object<'a> {
    /// The object as it was sent.
    pub(crate) fn json(&self) -> Json<'a> {
        self.json
    }

    /// The properties that are strings, numbers or booleans, as text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, Cow<'a, str>)> {
        self.members.iter().filter_map(|(key, text)| {
            let Json { place, reading, .. } = self.json;
            Some((&**key, Json { text, place, reading }.form().into_text()?))
        })
    }

    /// The text of a property. Empty if there is none.
    pub(crate) fn text_of(&self, name: &str) -> Cow<'a, str> {
        let text = self.texts().find(|(key, _)| *key == name);
        text.map(|(_, text)| text).unwrap_or_default()
    }
}

/// Makes an object of its opened form.
pub(crate) fn read_object<T: Described>(object: &Object<'_>) -> Result<T, DecodeError> {
    let members = object.members.iter();
    let position = T::position;
    T::read_from(&mut Opened {
        json: object.json,
        names: T::NAMES,
        position,
        members,
        current: None,
    })
}

/// The properties of an object that was opened.
struct Opened<'o, 'a> {
    json: Json<'a>,
    names: &'static [&'static str],
    /// Where a name stands among the names.
    position: fn(&str) -> usize,
    /// The members that are still to come.
    members: std::slice::Iter<'o, (Cow<'a, str>, &'a str)>,
    /// The property that was gone to last: its name, and its value.
    current: Option<(&'static str, &'a str)>,
}

impl Opened<'_, '_> {
    /// Reads the property that was gone to last. One that comes twice is an error, which the first of
    /// the two gives. `None` for one that came before.
    fn property<T>(
        &self,
        slot: &Option<T>,
        read: fn(Json<'_>) -> Result<T, DecodeError>,
    ) -> Option<Result<T, DecodeError>> {
        let (name, text) = self.current.filter(|_| slot.is_none())?;
        let place = self.json.place.property(name);
        let json = Json { text, place: &place, reading: self.json.reading };
        let comes_again = self.members.as_slice().iter().any(|(other, _)| other == name);
        Some(if comes_again { Err(json.is_not("the field once")) } else { read(json) })
    }

    fn read_by<T>(
        &self,
        slot: &mut Option<T>,
        read: fn(Json<'_>) -> Result<T, DecodeError>,
    ) -> Result<(), DecodeError> {
        if let Some(read) = self.property(slot, read) {
            *slot = Some(read?);
        }
        Ok(())
    }

    fn forgive_by<T: Default>(
        &self,
        slot: &mut Option<T>,
        read: fn(Json<'_>) -> Result<T, DecodeError>,
    ) {
        if let Some(read) = self.property(slot, read) {
            *slot = Some(read.unwrap_or_else(|error| {
                self.json.skip(error);
                T::default()
            }));
        }
    }
}

impl Properties for Opened<'_, '_> {
    type Error = DecodeError;

    fn next(&mut self) -> Result<Option<usize>, DecodeError> {
        let Some((name, text)) = self.members.next() else {
            return Ok(None);
        };
        let position = (self.position)(name);
        self.current = self.names.get(position).map(|name| (*name, *text));
        Ok(Some(position))
    }

    fn ignore(&mut self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn read<T: Lenient>(&mut self, slot: &mut Option<T>) -> Result<(), DecodeError> {
        self.read_by(slot, T::read)
    }

    fn forgive<T: Lenient + Default>(&mut self, slot: &mut Option<T>) -> Result<(), DecodeError> {
        self.forgive_by(slot, T::read);
        Ok(())
    }

    fn read_prose<T: Lenient + Prose>(&mut self, slot: &mut Option<T>) -> Result<(), DecodeError> {
        self.read_by(slot, T::read_prose)
    }

    fn forgive_prose<T: Lenient + Prose + Default>(
        &mut self,
        slot: &mut Option<T>,
    ) -> Result<(), DecodeError> {
        self.forgive_by(slot, T::read_prose);
        Ok(())
    }

    fn missing(&self, name: &'static str) -> DecodeError {
        let place = self.json.place.property(name);
        DecodeError::new(place.path(), "a value, the field is missing")
    }
}
