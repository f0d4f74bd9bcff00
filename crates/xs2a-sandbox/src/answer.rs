//! What the service answers, before it becomes HTTP.

use indexmap::IndexMap;
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use crate::{
    clock,
    json::{Json, ToJson, object},
    routes::Operation,
};

/// An answer of the service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Empty,
    Json(Json),
    Raw { content_type: String, bytes: Vec<u8> },
}

/// A request that is not acted on, and the sentence that says why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// Answer or refusal of one request.
pub(crate) type Outcome = Result<Answer, Refusal>;

impl Answer {
    pub(crate) fn json(status: u16, body: Json) -> Self {
        Self { status, headers: Vec::new(), body: Body::Json(body) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    pub(crate) fn raw(
        status: u16,
        content_type: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Raw { content_type: content_type.into(), bytes: bytes.into() },
        }
    }

    /// The success that has nothing to tell.
    pub(crate) fn acknowledged() -> Self {
        Self::json(200, object! { "code": 200, "message": "OK" })
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not found")
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(422, message)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::json(refusal.status, object! { "code": refusal.status, "message": refusal.message })
    }
}

/// A request after routing: what is asked for, without HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// Values of the path parameters, in order.
    pub(crate) path: Vec<&'a str>,
    pub(crate) query: Query,
    pub(crate) body: Fields,
    /// How the client names the server.
    pub(crate) base_url: String,
}

impl Call<'_> {
    pub(crate) fn id(&self, position: usize) -> &str {
        self.path.get(position).copied().unwrap_or_default()
    }
}

/// Query parameters; an empty one counts as not sent, as the official clients send them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        Self(
            url::form_urlencoded::parse(raw.as_bytes())
                .into_owned()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// A number of at least 1, or `default` when it was not sent.
    pub(crate) fn count(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        match self.text(name).map(str::parse) {
            None => Ok(default),
            Some(Ok(number)) if (1..=i32::MAX as usize).contains(&number) => Ok(number),
            Some(_) => Err(Refusal::invalid(format!("The {name} must be a number of at least 1"))),
        }
    }
}

impl Query {
    /// `1` or `true`, in the forms that the official clients send.
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

/// The fields of a request's JSON object; null and "" count as not sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub(crate) IndexMap<String, Value>);

impl Fields {
    /// The body as an object; none, `null` and the empty list of PHP count as an empty one.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        // In a map of serde_json's own, the order of the fields might be lost.
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

    /// A scalar as text: the official clients send bank codes as numbers, too.
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

/// The fields in the order in which they were sent.
impl ToJson for Fields {
    fn to_json(&self) -> Json {
        let fields = self.0.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        Json::Object(fields.collect())
    }
}

/// One page of `entries`, as every list of the service is answered.
pub(crate) fn page<T>(
    path: &str,
    query: &Query,
    entries: &[T],
    show: impl Fn(&T) -> Json,
) -> Outcome {
    const DEFAULT_PER_PAGE: usize = 15;
    const MAX_PER_PAGE: usize = 100;

    let current = query.count("page", 1)?;
    let per_page = query.count("per_page", DEFAULT_PER_PAGE)?.min(MAX_PER_PAGE);
    let last = entries.len().div_ceil(per_page).max(1);
    let start = (current - 1).saturating_mul(per_page).min(entries.len());
    let shown: Vec<Json> = entries.iter().skip(start).take(per_page).map(show).collect();
    // Relative, so that the same requests give the same bytes wherever the server listens.
    let url = |number: usize| {
        let mut url =
            url::form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        let others = query.0.iter().filter(|(name, _)| name != "page" && name != "per_page");
        url.append_pair("page", &number.to_string())
            .append_pair("per_page", &per_page.to_string())
            .extend_pairs(others)
            .finish()
    };
    let position = |number: usize| (!shown.is_empty()).then_some(number);
    Ok(Answer::json(
        200,
        object! {
            "total": entries.len(),
            "per_page": per_page,
            "current_page": current,
            "last_page": last,
            "next_page_url": (current < last).then(|| url(current + 1)),
            "prev_page_url": (current > 1).then(|| url(current.min(last + 1) - 1)),
            "from": position(start + 1),
            "to": position(start + shown.len()),
            "data": shown,
        },
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(raw_query: &str, total: usize) -> Value {
        let entries: Vec<usize> = (1..=total).collect();
        match page("/list", &Query::parse(raw_query), &entries, |n| n.to_json()).map(|a| a.body) {
            Ok(Body::Json(value)) => value.to_value(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pages_have_no_addresses_beyond_their_ends() {
        let first = shown("per_page=2", 3);
        assert_eq!(first["next_page_url"], "/list?page=2&per_page=2");
        assert_eq!(first["prev_page_url"], Value::Null);
        let last = shown("per_page=2&page=2", 3);
        assert_eq!(last["next_page_url"], Value::Null);
        assert_eq!(last["prev_page_url"], "/list?page=1&per_page=2");
        assert_eq!((&last["from"], &last["to"]), (&json!(3), &json!(3)));
    }

    #[test]
    fn an_empty_page_has_no_positions() {
        for (raw, total) in [("", 0), ("page=9", 3)] {
            let empty = shown(raw, total);
            assert_eq!(empty["data"], json!([]));
            assert_eq!((&empty["from"], &empty["to"]), (&Value::Null, &Value::Null));
            assert_eq!(empty["last_page"], 1);
        }
    }

    #[test]
    fn empty_parameters_count_as_not_sent_and_nonsense_is_refused() {
        assert_eq!(shown("page=&per_page=", 1)["per_page"], 15);
        for raw in ["page=0", "page=-1", "per_page=many", "page=1.5"] {
            assert!(page("/list", &Query::parse(raw), &[1_u16], |n| n.to_json()).is_err(), "{raw}");
        }
    }
}
