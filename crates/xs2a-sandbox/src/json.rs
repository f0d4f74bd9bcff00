//! JSON whose objects keep their fields in the order in which the fields were put in.
//!
//! Whether the maps of serde_json keep that order depends on features that any crate of a build
//! may switch on. The answers of the sandbox must not depend on them.

use std::fmt;

use indexmap::IndexMap;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Number, Value, value::RawValue};

/// What is shown in the place of a secret.
pub(crate) const CONCEALED: &str = "(concealed)";

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Object(IndexMap<String, Self>),
    /// A value in the words of a test, which are sent letter by letter.
    #[serde(serialize_with = "letter_by_letter")]
    Verbatim(String),
}

fn letter_by_letter<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(json).map_err(S::Error::custom)?.serialize(serializer)
}

impl Json {
    /// The object with this field: a new one at the end, a known one in its place.
    pub(crate) fn with(mut self, name: &str, value: impl ToJson) -> Self {
        if let Self::Object(fields) = &mut self {
            fields.insert(name.to_owned(), value.to_json());
        }
        self
    }

    /// The text of this field, if the value is an object that has such a text.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        match self {
            Self::Object(fields) => match fields.get(name) {
                Some(Self::Text(text)) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value with these secrets cut out of its texts. A secret of less than six characters
    /// would also be found where it is none, and stays.
    pub(crate) fn without(mut self, secrets: &[&str]) -> Self {
        let mut long = secrets.to_vec();
        long.retain(|secret| secret.len() >= 6);
        self.conceal(&long);
        self
    }

    fn conceal(&mut self, secrets: &[&str]) {
        match self {
            Self::Text(text) => {
                for secret in secrets {
                    if text.contains(secret) {
                        *text = text.replace(secret, CONCEALED);
                    }
                }
            }
            Self::List(values) => values.iter_mut().for_each(|value| value.conceal(secrets)),
            Self::Object(fields) => fields.values_mut().for_each(|value| value.conceal(secrets)),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Verbatim(_) => {}
        }
    }

    /// Puts `new` at the place that a JSON pointer (RFC 6901) names; without a value, removes what
    /// stands there. A new field or, with `-`, a new entry of a list is added. False if there is no
    /// such place.
    pub(crate) fn edit(&mut self, pointer: &str, new: Option<Self>) -> bool {
        let (parents, last) = match pointer.rsplit_once('/') {
            Some(parts) if pointer.starts_with('/') => parts,
            _ => {
                let whole = pointer.is_empty().then_some(new).flatten();
                return whole.map(|new| *self = new).is_some();
            }
        };
        let Some(parent) = parents.split('/').skip(1).try_fold(self, |at, key| at.child(key))
        else {
            return false;
        };
        match (parent, new) {
            (Self::Object(fields), Some(new)) => {
                fields.insert(unescape(last), new);
                true
            }
            (Self::Object(fields), None) => fields.shift_remove(&unescape(last)).is_some(),
            (Self::List(entries), Some(new)) if last == "-" => {
                entries.push(new);
                true
            }
            (Self::List(entries), new) => {
                let position = last.parse().ok().filter(|position| *position < entries.len());
                match (position, new) {
                    (Some(position), Some(new)) => entries[position] = new,
                    (Some(position), None) => drop(entries.remove(position)),
                    (None, _) => return false,
                }
                true
            }
            _ => false,
        }
    }

    /// What stands under this key of an object, or at this position of a list.
    fn child(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Object(fields) => fields.get_mut(&unescape(key)),
            Self::List(entries) => entries.get_mut(key.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The same value for the libraries that take serde_json's type.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A key of a JSON pointer, as the object has it.
fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

/// The value in one line.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// A value from outside has no order of its own: its objects are sorted by the names of the fields.
impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(values) => Self::List(values.into_iter().map(Self::from).collect()),
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (name, Self::from(value)));
                let mut fields: IndexMap<String, Self> = fields.collect();
                fields.sort_keys();
                Self::Object(fields)
            }
        }
    }
}

/// What can stand in a JSON value.
pub(crate) trait ToJson {
    fn to_json(&self) -> Json;
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl ToJson for $number {
            fn to_json(&self) -> Json {
                Json::Number((*self).into())
            }
        })+
    };
}

numbers!(u16, u32, i32, i64, usize);

/// JSON has no word for what is not finite.
impl ToJson for f64 {
    fn to_json(&self) -> Json {
        Number::from_f64(*self).map_or(Json::Null, Json::Number)
    }
}

impl ToJson for Json {
    fn to_json(&self) -> Json {
        self.clone()
    }
}

impl ToJson for bool {
    fn to_json(&self) -> Json {
        Json::Bool(*self)
    }
}

impl ToJson for str {
    fn to_json(&self) -> Json {
        Json::Text(self.to_owned())
    }
}

impl ToJson for String {
    fn to_json(&self) -> Json {
        self.as_str().to_json()
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::to_json)
    }
}

impl<T: ToJson> ToJson for [T] {
    fn to_json(&self) -> Json {
        Json::List(self.iter().map(T::to_json).collect())
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn to_json(&self) -> Json {
        self.as_slice().to_json()
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Json {
        self.as_slice().to_json()
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn to_json(&self) -> Json {
        (*self).to_json()
    }
}

/// An object whose fields are in the order of the source code.
macro_rules! object {
    ($($name:literal: $value:expr),+ $(,)?) => {
        $crate::json::Json::Object(indexmap::IndexMap::from([
            $(($name.to_owned(), $crate::json::ToJson::to_json(&$value)),)+
        ]))
    };
}
pub(crate) use object;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_keeps_the_order_in_which_its_fields_were_put_in() {
        let object = object! {
            "zebra": "Z",
            "ant": [1, 2],
            "none": None::<bool>,
            "inner": object! { "b": true, "a": -1 },
        };
        let object = object.with("bee", "B").with("ant", Json::Null);
        assert_eq!(
            object.to_string(),
            r#"{"zebra":"Z","ant":null,"none":null,"inner":{"b":true,"a":-1},"bee":"B"}"#
        );
        assert_eq!(object.to_value()["inner"], json!({ "a": -1, "b": true }));
        assert_eq!((object.text_of("bee"), object.text_of("inner")), (Some("B"), None));
    }

    #[test]
    fn secrets_are_cut_out_of_every_text_and_what_is_too_short_to_be_one_stays() {
        let told = object! { "a": [object! { "b": "my S3CRET!, twice S3CRET!" }], "c": "half" };
        let shown = told.without(&["S3CRET!", "half"]).to_string();
        assert_eq!(shown, r#"{"a":[{"b":"my (concealed), twice (concealed)"}],"c":"half"}"#);
    }

    #[test]
    fn an_edit_changes_the_place_that_its_pointer_names_and_no_other() {
        let before = object! { "a/b": [1.to_json(), object! { "~": 2 }], "c": "d" };
        let number = "210000000003139471430009017";
        for (pointer, new, after) in [
            ("", Some("[]"), "[]"),
            ("/c", Some(number), r#"{"a/b":[1,{"~":2}],"c":210000000003139471430009017}"#),
            ("/c", None, r#"{"a/b":[1,{"~":2}]}"#),
            ("/a~1b/1/~0", Some("12.50"), r#"{"a/b":[1,{"~":12.50}],"c":"d"}"#),
            ("/a~1b/1/new", Some("1e5"), r#"{"a/b":[1,{"~":2,"new":1e5}],"c":"d"}"#),
            ("/a~1b/0", None, r#"{"a/b":[{"~":2}],"c":"d"}"#),
            ("/a~1b/-", Some(r#"{"x": []}"#), r#"{"a/b":[1,{"~":2},{"x": []}],"c":"d"}"#),
        ] {
            let mut edited = before.clone();
            assert!(edited.edit(pointer, new.map(|json| Json::Verbatim(json.to_owned()))));
            assert_eq!(edited.to_string(), after, "{pointer}");
        }
        for (pointer, new) in [
            ("", None),
            ("c", Some("1")),
            ("x/c", Some("1")),
            ("/x", None),
            ("/x/y", Some("1")),
            ("/c/y", Some("1")),
            ("/a~1b/2", Some("1")),
            ("/a~1b/-", None),
            ("/a~1b/x/y", Some("1")),
        ] {
            let mut edited = before.clone();
            let new = new.map(|json| Json::Verbatim(json.to_owned()));
            assert!(!edited.edit(pointer, new), "{pointer}");
            assert_eq!(edited, before, "{pointer}");
        }
    }

    #[test]
    fn a_value_from_outside_is_sorted_whatever_order_its_map_has() {
        let value: Value = serde_json::from_str(r#"{"b":[{"d":1.5,"c":null}],"a":"x"}"#).unwrap();
        assert_eq!(Json::from(value).to_string(), r#"{"a":"x","b":[{"c":null,"d":1.5}]}"#);
    }
}
