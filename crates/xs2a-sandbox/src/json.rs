//! JSON whose objects keep their fields in the order in which the fields were put in.
//!
//! Whether the maps of serde_json keep that order depends on features that any crate of a build
//! may switch on. The answers of the sandbox must not depend on them.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Number, Value};

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
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
        }
    }

    /// The same value for the libraries that take serde_json's type.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
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
    fn a_value_from_outside_is_sorted_whatever_order_its_map_has() {
        let value: Value = serde_json::from_str(r#"{"b":[{"d":1.5,"c":null}],"a":"x"}"#).unwrap();
        assert_eq!(Json::from(value).to_string(), r#"{"a":"x","b":[{"c":null,"d":1.5}]}"#);
    }
}
