//! What is asked of the service: a request as it came in, and its parts as the service reads them.

use http::{HeaderMap, Method, header};
use indexmap::IndexMap;
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use crate::{
    answer::Refusal,
    clock,
    json::{Json, ToJson},
    routes::Operation,
};

/// A request as it came in.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// The body, or why there is none.
    pub(crate) body: Result<&'a [u8], Refusal>,
}

impl Received<'_> {
    fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The address of this server as the client writes it.
    pub(crate) fn base_url(&self) -> String {
        base_url(self.headers)
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.header(header::CONTENT_TYPE)
    }

    /// The name of the client's software, if the client gives one.
    pub(crate) fn client(&self) -> Option<String> {
        self.header("x-client").map(str::to_owned)
    }

    /// The password of Basic credentials whose user name is `api`.
    pub(crate) fn secret(&self) -> Option<String> {
        use base64::Engine as _;

        let (scheme, encoded) = self.header(header::AUTHORIZATION)?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
        let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        (user == "api").then(|| password.to_owned())
    }
}

/// The address of this server as the client writes it.
pub(crate) fn base_url(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

/// A request after routing: what is asked for, without HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// Values of the path parameters, in order.
    pub(crate) path: Vec<&'a str>,
    pub(crate) query: Query,
    pub(crate) body: Fields,
    /// The address of this server as the client writes it.
    pub(crate) base_url: String,
}

impl Call<'_> {
    /// The path parameter at this position; empty if the operation has none there.
    pub(crate) fn id(&self, position: usize) -> &str {
        self.path.get(position).copied().unwrap_or_default()
    }
}

/// Query parameters. An empty parameter counts as not sent: the official clients send those.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        let parameters = url::form_urlencoded::parse(raw.as_bytes()).into_owned();
        Self(parameters.filter(|(_, value)| !value.is_empty()).collect())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// A number of at least 1; `default` when it was not sent.
    pub(crate) fn count(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        match self.text(name).map(str::parse) {
            None => Ok(default),
            Some(Ok(number)) if (1..=i32::MAX as usize).contains(&number) => Ok(number),
            Some(_) => Err(Refusal::invalid(format!("The {name} must be a number of at least 1"))),
        }
    }

    /// A boolean in the forms that the official clients send.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.text(name) {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(_) => Err(Refusal::invalid(format!("The {name} must be 0 or 1"))),
        }
    }

    pub(crate) fn date(&self, name: &str) -> Result<Option<Date>, Refusal> {
        let invalid = |_| Refusal::invalid(format!("The {name} must be a day as YYYY-MM-DD"));
        self.text(name).map(|text| text.parse().map_err(invalid)).transpose()
    }

    pub(crate) fn instant(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let invalid = || Refusal::invalid(format!("The {name} must be a date"));
        self.text(name).map(|text| clock::parse_instant(text).ok_or_else(invalid)).transpose()
    }

    /// One of `options`.
    pub(crate) fn choice(
        &self,
        name: &str,
        options: &[&'static str],
    ) -> Result<Option<&'static str>, Refusal> {
        self.text(name).map(|text| one_of(name, text, options)).transpose()
    }
}

fn one_of(name: &str, text: &str, options: &[&'static str]) -> Result<&'static str, Refusal> {
    let found = options.iter().copied().find(|option| *option == text);
    found.ok_or_else(|| {
        Refusal::invalid(format!("The {name} must be one of {}", options.join(", ")))
    })
}

/// The fields of a request's JSON object, in the order in which they were sent. A field that is
/// null or "" counts as not sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub(crate) IndexMap<String, Value>);

impl Fields {
    /// The fields of this body. An empty body, `null` and the empty list of PHP have none.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        // A map of serde_json's own type might lose the order of the fields.
        if let Ok(fields) = serde_json::from_slice(body) {
            return Ok(Self(fields));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Null) => Ok(Self::default()),
            Ok(Value::Array(list)) if list.is_empty() => Ok(Self::default()),
            Ok(_) => Err(Refusal::new(400, "The body must be a JSON object")),
            Err(_) => Err(Refusal::new(400, "The body is not valid JSON")),
        }
    }

    /// A text, or a number as text: the official clients send bank codes as numbers, too.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(Refusal::invalid(format!("The {name} must be a text"))),
        }
    }

    /// A boolean in any of the forms that the service's own JSON has.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text.is_empty() => Ok(false),
            Some(value) => match value.to_string().trim_matches('"') {
                "1" | "true" | "on" => Ok(true),
                "0" | "false" | "off" => Ok(false),
                _ => Err(Refusal::invalid(format!("The {name} must be true or false"))),
            },
        }
    }

    /// A number of at least 0.
    pub(crate) fn count(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) if number >= 0 => Ok(Some(number)),
                _ => Err(Refusal::invalid(format!("The {name} must be a number"))),
            },
        }
    }

    /// One of `options`.
    pub(crate) fn choice(
        &self,
        name: &str,
        options: &[&'static str],
    ) -> Result<Option<&'static str>, Refusal> {
        let text = self.text(name)?;
        text.map(|text| one_of(name, &text, options)).transpose()
    }
}

impl ToJson for Fields {
    fn to_json(&self) -> Json {
        let fields = self.0.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        Json::Object(fields.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_the_order_in_which_they_were_sent() {
        let sent = Fields::read(br#"{"b":1,"a":{"d":2,"c":3}}"#).unwrap();
        assert_eq!(sent.to_json().to_string(), r#"{"b":1,"a":{"c":3,"d":2}}"#);
        for empty in ["", " ", "null", "[]", "{}"] {
            assert!(Fields::read(empty.as_bytes()).unwrap().0.is_empty(), "{empty:?}");
        }
        for odd in ["1", "[1]", "\"text\"", "{", "nul"] {
            assert_eq!(Fields::read(odd.as_bytes()).unwrap_err().status, 400, "{odd}");
        }
    }
}
