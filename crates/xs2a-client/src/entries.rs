//! Lists whose entries stand for themselves: one that cannot be read costs no other.

use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use crate::Secret;
use crate::secret::{CONCEALED, is_exposed};
use crate::wire::{self, DecodeError, Json, Lenient};

/// The entries of a list: those that could be read, and those that could not, each with its
/// position.
///
/// A server may send one entry that this version cannot read, such as a turnover with an amount of
/// `"12,34"`. The other entries are read all the same. `Entries` dereferences to the slice of the
/// entries that could be read, so it is used like a list; [`unreadable`](Self::unreadable) has the
/// other ones.
///
/// ```
/// use xs2a_client::types::Turnovers;
/// use xs2a_client::wire::decode;
///
/// let turnovers: Turnovers = decode(br#"{"id": "acc-1", "turnovers": [
///     {"amount": 1.00}, {"amount": "12,34"}, {"amount": -2.50}]}"#)?;
/// let entries = turnovers.turnovers;
/// assert_eq!(entries.len(), 2);
/// assert_eq!(entries[1].amount.to_string(), "-2.50");
///
/// let unreadable = &entries.unreadable()[0];
/// assert_eq!(unreadable.position(), 1);
/// assert_eq!(unreadable.reason().path(), "turnovers[1].amount");
/// assert_eq!(unreadable.json(), r#"{"amount": "12,34"}"#);
///
/// let in_place: Vec<bool> = entries.in_place().map(|entry| entry.is_ok()).collect();
/// assert_eq!(in_place, [true, false, true]);
/// # Ok::<(), xs2a_client::wire::DecodeError>(())
/// ```
///
/// `Serialize` writes all entries in place. An entry that could not be read may contain secrets, so
/// it is written as `[secret]`, and as its JSON only with [`exposed`](crate::secret::exposed).
#[derive(Clone, Debug, PartialEq)]
pub struct Entries<T> {
    read: Vec<T>,
    /// In the order of their positions.
    unreadable: Vec<UnreadableEntry>,
}

impl<T> Entries<T> {
    /// The entries that could not be read, in their order. Empty if all could be read.
    pub fn unreadable(&self) -> &[UnreadableEntry] {
        &self.unreadable
    }

    /// All entries in the order in which they were sent.
    pub fn in_place(&self) -> impl Iterator<Item = Result<&T, &UnreadableEntry>> {
        InPlace { read: self.read.iter(), unreadable: self.unreadable.iter().peekable(), at: 0 }
    }

    /// All entries in the order in which they were sent.
    pub fn into_in_place(self) -> impl Iterator<Item = Result<T, UnreadableEntry>> {
        let unreadable = self.unreadable.into_iter().peekable();
        InPlace { read: self.read.into_iter(), unreadable, at: 0 }
    }

    /// The entries that could be read, and those that could not.
    pub fn into_parts(self) -> (Vec<T>, Vec<UnreadableEntry>) {
        (self.read, self.unreadable)
    }

    /// The same list with another entry for each that could be read.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Entries<U> {
        Entries { read: self.read.into_iter().map(make).collect(), unreadable: self.unreadable }
    }

    #[cfg(test)]
    pub(crate) fn with_unreadable(mut self, position: usize, json: &str) -> Self {
        let reason = DecodeError::new(String::new(), "something else");
        self.unreadable.push(UnreadableEntry { position, reason, json: json.into() });
        self
    }
}

/// Merges two iterators by the positions of the second.
struct InPlace<R, U: Iterator> {
    read: R,
    unreadable: std::iter::Peekable<U>,
    at: usize,
}

impl<R, U, E> Iterator for InPlace<R, U>
where
    R: Iterator,
    U: Iterator<Item = E>,
    E: AsRef<UnreadableEntry>,
{
    type Item = Result<R::Item, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        self.at += 1;
        match self.unreadable.next_if(|entry| entry.as_ref().position <= at) {
            Some(entry) => Some(Err(entry)),
            None => match self.read.next() {
                Some(entry) => Some(Ok(entry)),
                None => self.unreadable.next().map(Err),
            },
        }
    }
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T> From<Vec<T>> for Entries<T> {
    fn from(read: Vec<T>) -> Self {
        Self { read, unreadable: Vec::new() }
    }
}

impl<T> FromIterator<T> for Entries<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self::from(Vec::from_iter(entries))
    }
}

/// The entries in the order in which they come, which gives those that could not be read their
/// positions.
impl<T> FromIterator<Result<T, UnreadableEntry>> for Entries<T> {
    fn from_iter<I: IntoIterator<Item = Result<T, UnreadableEntry>>>(in_place: I) -> Self {
        let mut entries = Self::default();
        for (position, entry) in in_place.into_iter().enumerate() {
            match entry {
                Ok(entry) => entries.read.push(entry),
                Err(entry) => entries.unreadable.push(entry.at(position)),
            }
        }
        entries
    }
}

/// The entries that could be read.
impl<T> Deref for Entries<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.read
    }
}

/// The entries that could be read.
impl<T> IntoIterator for Entries<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.read.into_iter()
    }
}

/// The entries that could be read.
impl<'a, T> IntoIterator for &'a Entries<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.read.iter()
    }
}

macro_rules! equal_to_lists {
    ($([$($arguments:tt)*] $list:ty),*) => {$(
        /// Equal if all entries could be read, and are these.
        impl<T: PartialEq, $($arguments)*> PartialEq<$list> for Entries<T> {
            fn eq(&self, other: &$list) -> bool {
                self.unreadable.is_empty() && self.read[..] == other[..]
            }
        }
    )*};
}

equal_to_lists! { [] Vec<T>, [] [T], [] &[T], [const N: usize] [T; N] }

/// An entry of a list that could not be read.
///
/// Its JSON may contain secrets, so neither `Display` nor `Debug` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct UnreadableEntry {
    position: usize,
    reason: DecodeError,
    json: Secret,
}

impl UnreadableEntry {
    /// The position in the list, counted from 0. The entries that could be read count, too.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The same entry at another position, such as the one in a list of several answers. Its
    /// [`reason`](Self::reason) still names the place in the answer.
    pub fn at(mut self, position: usize) -> Self {
        self.position = position;
        self
    }

    /// The place in the answer, such as `turnovers[1].amount`, and what was expected there.
    pub fn reason(&self) -> &DecodeError {
        &self.reason
    }

    /// The entry as it was sent. It may contain secrets.
    pub fn json(&self) -> &str {
        self.json.expose()
    }
}

impl AsRef<UnreadableEntry> for UnreadableEntry {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Display for UnreadableEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} cannot be read: {}", self.position, self.reason)
    }
}

impl fmt::Debug for UnreadableEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadableEntry")
            .field("position", &self.position)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for UnreadableEntry {}

impl Serialize for UnreadableEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_exposed() {
            let json = RawValue::from_string(self.json().to_owned()).map_err(S::Error::custom)?;
            json.serialize(serializer)
        } else {
            serializer.serialize_str(CONCEALED)
        }
    }
}

impl<T: Serialize> Serialize for Entries<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.read.len() + self.unreadable.len()))?;
        for entry in self.in_place() {
            match entry {
                Ok(entry) => list.serialize_element(entry)?,
                Err(unreadable) => list.serialize_element(unreadable)?,
            }
        }
        list.end()
    }
}

impl<'de, T: Lenient> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::required(deserializer)
    }
}

/// In one pass, all entries have to be readable. Read in full, each is read by itself.
impl<T: Lenient> Lenient for Entries<T> {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::optional(deserializer)?.unwrap_or_default())
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        if wire::is_streaming() {
            Ok(Vec::optional(deserializer)?.map(Self::from))
        } else {
            wire::by_text(deserializer)
        }
    }

    fn read(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(Self::read_optional(json)?.unwrap_or_default())
    }

    fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
        let Some(texts) = wire::elements(json)? else {
            return Ok(None);
        };
        let entries = texts.into_iter().enumerate().map(|(position, text)| {
            json.at(position, text, T::read).map_err(|reason| UnreadableEntry {
                position,
                reason,
                json: Secret::from(text),
            })
        });
        Ok(Some(entries.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_an_entry_that_cannot_be_read_is_equal_to_no_other_list() {
        let all: Entries<bool> = wire::decode(b"[1,0]").unwrap();
        let some: Entries<bool> = wire::decode(b"[1,0,7]").unwrap();
        assert!(all == [true, false] && all == vec![true, false] && all == [true, false][..]);
        assert!(some != [true, false] && some != vec![true, false] && some != all);
    }

    #[test]
    fn entries_stand_in_their_places_however_they_are_mixed() {
        let texts = |list: &str| {
            let entries: Entries<bool> = wire::decode(list.as_bytes()).unwrap();
            let shown = |entry: Result<bool, usize>| match entry {
                Ok(read) => read.to_string(),
                Err(position) => format!("#{position}"),
            };
            let by_reference: Vec<String> = entries
                .in_place()
                .map(|entry| shown(entry.copied().map_err(UnreadableEntry::position)))
                .collect();
            let by_value: Vec<String> = entries
                .into_in_place()
                .map(|entry| shown(entry.map_err(|entry| entry.position())))
                .collect();
            assert_eq!(by_reference, by_value);
            by_value.join(" ")
        };
        for (list, shown) in [
            ("[]", ""),
            ("[1,0]", "true false"),
            ("[7,1,0]", "#0 true false"),
            ("[1,7,7,0]", "true #1 #2 false"),
            ("[1,0,7]", "true false #2"),
            ("[7,[],null]", "#0 #1 #2"),
            ("{\"2\":1,\"5\":7}", "true #1"),
            ("7", "#0"),
            ("1", "true"),
        ] {
            assert_eq!(texts(list), shown, "{list}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_written_where_it_stood_and_shows_nothing() {
        let entries: Entries<bool> = wire::decode(b"[1, \"hunter2\" ,0]").unwrap();
        let shown = format!("{entries:?} {}", entries.unreadable()[0]);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.ends_with("entry 1 cannot be read: expected a boolean at `[1]`"), "{shown}");
        let stored = serde_json::to_string(&entries).unwrap();
        assert_eq!(stored, r#"[true,"[secret]",false]"#);
        let again: Entries<bool> = serde_json::from_str(&stored).unwrap();
        assert_eq!((&*again, again.unreadable()[0].position()), (&[true, false][..], 1));
        let mut exposed = Vec::new();
        crate::secret::exposed::serialize(&entries, &mut serde_json::Serializer::new(&mut exposed))
            .unwrap();
        assert_eq!(exposed, br#"[true,"hunter2",false]"#);
        assert_eq!(serde_json::from_slice::<Entries<bool>>(&exposed).unwrap(), entries);
    }
}
