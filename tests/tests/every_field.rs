//! Every property of every answer that the spec describes, sent in every form: what cannot be read
//! costs itself, its entry or its element, and nothing that stands beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde::Serialize;
use serde_json::{Map, Value, json};
use xs2a_client::secret;
use xs2a_client::types::*;
use xs2a_client::wire::{DecodeError, Lenient, decode};

const SPEC: &str = include_str!("../../spec/xs2a.yaml");

/// What a body is read as, written again with its secrets.
type Read = fn(&str) -> Result<Value, DecodeError>;

fn read<T: Lenient + Serialize>(body: &str) -> Result<Value, DecodeError> {
    let value: T = decode(body.as_bytes())?;
    let mut json = Vec::new();
    secret::exposed::serialize(&value, &mut serde_json::Serializer::new(&mut json)).unwrap();
    Ok(serde_json::from_slice(&json).unwrap())
}

macro_rules! answers {
    ($($answer:ident),* $(,)?) => {
        /// The type of each answer.
        const ANSWERS: &[(&str, Read)] = &[$((stringify!($answer), read::<$answer>)),*];
    };
}

answers! {
    AccessToken, AccessTokenPage, Account, AccountPage, ApiError, Balance, BankCode, BankCodePage,
    BankUser, BankUserPage, Connection, ConnectionPage, Event, EventPage, Session, Turnovers,
    WizardResponse, WizardSession,
}

/// Forms in which a value may be sent.
const FORMS: &[&str] = &[
    "null",
    r#""""#,
    "false",
    "true",
    "0",
    "7",
    "-1",
    "1.50",
    "210000000003139471430009017",
    r#""text""#,
    r#""1""#,
    r#""Y""#,
    r#""no""#,
    r#""12.34""#,
    r#""12,34""#,
    r#""+12.34""#,
    r#"".50""#,
    "1e5",
    r#""0000-00-00""#,
    r#""-0001-11-30 00:00:00""#,
    r#""2026-01-31""#,
    r#""2026-01-31 10:11:12""#,
    r#""2026-01-31T10:11:12.5+01:00""#,
    r#""2026-02-30""#,
    r#""2026-02-29""#,
    r#""[secret]""#,
    "[]",
    "{}",
    r#"["text"]"#,
    r#"[null,"text"]"#,
    "[[1]]",
    r#"{"0":"text"}"#,
    r#"{"x":"text"}"#,
    r#"{"x":{"y":1}}"#,
];

/// What stands around a property.
#[derive(Clone, Debug, PartialEq)]
enum Around {
    /// The answer as a whole, which is one thing.
    Answer,
    /// Something around entries or elements.
    Frame,
    /// An entry or an element, at this place.
    Entry(String),
}

/// A property of an answer.
struct Place<'a> {
    pointer: String,
    schema: &'a Value,
    required: bool,
    around: Around,
    /// What tells the kind of an element.
    is_tag: bool,
}

struct Spec(Value);

fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(values) => values.iter().map(json).collect(),
        Yaml::Mapping(entries) => {
            let text = |key| match json(key) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let entries = entries.iter().map(|(key, value)| (text(key), json(value)));
            Value::Object(entries.collect())
        }
        other => panic!("the spec has {other:?}"),
    }
}

impl Spec {
    fn parse() -> Self {
        Self(json(&Yaml::load_from_str(SPEC).unwrap()[0]))
    }

    fn component(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// The name of the component that a schema refers to.
    fn referred<'a>(&self, schema: &'a Value) -> Option<&'a str> {
        let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref"))?;
        reference.as_str()?.rsplit('/').next()
    }

    /// The components that successes have, and that of all errors.
    fn answers(&self) -> BTreeSet<&str> {
        let operations = self.0["paths"].as_object().unwrap().values();
        let operations = operations.flat_map(|path| path.as_object().unwrap().values());
        let responses =
            operations.flat_map(|operation| operation["responses"].as_object().unwrap());
        let successes = responses.filter(|(status, response)| {
            status.starts_with('2') && response.get("x-optional-body").is_none()
        });
        let schemas = successes.filter_map(|(_, response)| {
            let content = response.get("content")?.as_object()?;
            let json = content.get("application/json").filter(|_| content.len() == 1)?;
            self.referred(&json["schema"])
        });
        schemas.chain(["ApiError"]).collect()
    }

    /// A whole value of a component, with all of its properties.
    fn sample(&self, component: &str, depth: usize) -> Value {
        let schema = self.component(component);
        let properties = schema["properties"].as_object().unwrap();
        let sampled = properties.iter().map(|(name, property)| {
            let inner = self.referred(property).filter(|name| self.is_object(name));
            let items = property.get("items").and_then(|items| self.referred(items));
            let value = match (inner, items) {
                (Some(inner), _) => self.sample(inner, depth),
                (_, Some("WizardElement")) if depth > 0 => self
                    .kinds()
                    .map(|(tag, member)| {
                        let mut element = self.sample(member, depth - 1);
                        element["type"] = json!(tag);
                        element
                    })
                    .collect(),
                (_, Some("WizardElement")) => json!([{"type": "logo"}]),
                (_, Some(item)) => {
                    let count = if is(property, "x-entries") { 3 } else { 1 };
                    (0..count).map(|_| self.sample(item, depth)).collect()
                }
                _ => property["example"].clone(),
            };
            (name.clone(), value)
        });
        Value::Object(sampled.collect())
    }

    fn is_object(&self, component: &str) -> bool {
        self.component(component).get("properties").is_some()
    }

    /// Tags and members of the elements of a form.
    fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        let mapping = self.component("WizardElement")["discriminator"]["mapping"].as_object();
        mapping.unwrap().iter().map(|(tag, target)| {
            (tag.as_str(), target.as_str().unwrap().rsplit('/').next().unwrap())
        })
    }

    /// Every property of a component, and of what is in it.
    fn places(&self, component: &str, at: &str, around: &Around, depth: usize) -> Vec<Place<'_>> {
        let schema = self.component(component);
        let around = if is(schema, "x-frame") { Around::Frame } else { around.clone() };
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut found = Vec::new();
        for (name, property) in schema["properties"].as_object().unwrap() {
            let pointer = format!("{at}/{name}");
            let inner = self.referred(property).filter(|name| self.is_object(name));
            let items = property.get("items").and_then(|items| self.referred(items));
            found.extend(match (inner, items) {
                (Some(inner), _) => self.places(inner, &pointer, &around, depth),
                (_, Some("WizardElement")) if depth > 0 => self
                    .kinds()
                    .enumerate()
                    .flat_map(|(index, (_, member))| {
                        let at = format!("{pointer}/{index}");
                        self.places(member, &at, &Around::Entry(at.clone()), depth - 1)
                    })
                    .collect(),
                (_, Some("WizardElement")) => Vec::new(),
                (_, Some(item)) if is(property, "x-entries") => {
                    let at = format!("{pointer}/1");
                    self.places(item, &at, &Around::Entry(at.clone()), depth)
                }
                (_, Some(item)) => self.places(item, &format!("{pointer}/0"), &around, depth),
                _ => Vec::new(),
            });
            found.push(Place {
                schema: property,
                required: required.contains(&name.as_str()),
                is_tag: name == "type" && self.kinds().any(|(_, member)| member == component),
                around: around.clone(),
                pointer,
            });
        }
        found
    }
}

fn is(schema: &Value, mark: &str) -> bool {
    schema.get(mark) == Some(&Value::Bool(true))
}

/// What a value has to be read as.
#[derive(Debug, PartialEq)]
enum Expected {
    Is(Value),
    Absent,
    Unreadable,
    /// Whatever it may be, it is readable or not.
    Anything,
    /// The element is another one.
    AnotherKind,
}

impl Place<'_> {
    /// The rules for scalars and lists of texts. Other types are only held to cost nothing else.
    fn expected(&self, form: Option<&str>, spec: &Spec) -> Expected {
        use Expected::{Absent, AnotherKind, Anything, Is, Unreadable};
        if self.is_tag {
            return if form == Some(r#""text""#) { AnotherKind } else { Unreadable };
        }
        let none = if self.required { Unreadable } else { Absent };
        let Some(form) = form else { return none };
        let text = |key: &str| self.schema.get(key).and_then(Value::as_str);
        let value: Value = serde_json::from_str(form).unwrap();
        let is_scalar = !value.is_array() && !value.is_object();
        let digits = if value.is_number() { form.to_owned() } else { String::new() };
        let zero_day = value
            .as_str()
            .is_some_and(|text| text.starts_with("0000-") || text.starts_with("-0001-"));
        match (text("type"), text("format")) {
            (Some("string"), Some("date" | "local-date-time")) if zero_day => none,
            (_, _) if is(self.schema, "x-prose") => Anything,
            (Some("boolean"), _) => match form {
                "null" | r#""""# => none,
                "true" | r#""1""# | r#""Y""# => Is(json!(true)),
                "false" | "0" | r#""no""# => Is(json!(false)),
                _ => Unreadable,
            },
            (Some("integer"), _) if !is(self.schema, "x-as-text") => match form {
                "null" | r#""""# | "false" => none,
                "0" | "7" | "-1" => Is(value),
                r#""1""# => Is(json!(1)),
                _ => Unreadable,
            },
            (Some("number"), _) => match form {
                "null" | r#""""# | "false" => none,
                r#""1""# | r#""12.34""# => {
                    Is(serde_json::from_str(value.as_str().unwrap()).unwrap())
                }
                "1e5" => Is(json!(100_000)),
                _ if value.is_number() => Is(value),
                _ => Unreadable,
            },
            (Some("string"), Some("date")) => match form {
                "null" | r#""""# | "false" => none,
                _ if form.starts_with(r#""2026-01-31"#) => Is(json!("2026-01-31")),
                r#""2026-02-30""# if is(self.schema, "x-clamp-day") => Is(value),
                _ => Unreadable,
            },
            (Some("string"), Some("local-date-time")) => match form {
                "null" | r#""""# | "false" => none,
                r#""2026-01-31""# => Is(json!("2026-01-31 00:00:00")),
                _ if form.starts_with(r#""2026-01-31"#) => Is(json!("2026-01-31 10:11:12")),
                _ => Unreadable,
            },
            (Some("string" | "integer"), format) => match form {
                "null" => none,
                r#""""# | "false" if !self.required => Absent,
                r#""[secret]""# if format == Some("password") => none,
                _ if !digits.is_empty() => Is(json!(digits)),
                "true" | "false" => Is(json!(form)),
                _ if is_scalar => Is(value),
                _ => Unreadable,
            },
            (Some("array"), _) if self.schema["items"] == json!({"type": "string"}) => {
                let keyed = is(self.schema, "x-keyed");
                let list = |texts: Value| match texts.as_array() {
                    Some(texts) if keyed => {
                        let texts = texts.iter().enumerate();
                        Is(texts
                            .map(|(at, text)| (at.to_string(), text.clone()))
                            .collect::<Map<_, _>>()
                            .into())
                    }
                    _ => Is(texts),
                };
                match form {
                    "null" | r#""""# | "false" | "[]" | "{}" => Absent,
                    r#"["text"]"# => list(json!(["text"])),
                    r#"[null,"text"]"# if !keyed => list(json!(["text"])),
                    r#"{"0":"text"}"# => list(json!(["text"])),
                    // What this crate writes in the place of a secret object is no name of a tab.
                    r#""[secret]""# if keyed => Anything,
                    _ if !digits.is_empty() => list(json!([digits])),
                    "true" => list(json!(["true"])),
                    _ if is_scalar => list(json!([value])),
                    _ => Anything,
                }
            }
            _ if spec.referred(self.schema).is_some() => Anything,
            _ => Anything,
        }
    }

    /// Whether the answer is about this: without it, there is nothing to read.
    fn is_vital(&self, form: Option<&str>, spec: &Spec) -> bool {
        let frame = spec.referred(self.schema).map(|name| spec.component(name));
        let bare = |frame: &Value| frame.get("x-bare").is_some();
        frame.is_some_and(|frame| is(frame, "x-frame") && !bare(frame))
            || is(self.schema, "x-entries") && form.is_none()
    }

    /// The place as an error names it, such as `data[1].id`.
    fn path(&self) -> String {
        self.pointer.split('/').skip(1).fold(String::new(), |path, step| {
            match (step.parse::<usize>(), path.is_empty()) {
                (Ok(index), _) => format!("{path}[{index}]"),
                (Err(_), true) => step.to_owned(),
                (Err(_), false) => format!("{path}.{step}"),
            }
        })
    }
}

/// The body with something else at a place. `None` leaves it out.
fn altered(body: &Value, pointer: &str, form: Option<&str>) -> String {
    let mut body = body.clone();
    match form {
        Some(form) => {
            *body.pointer_mut(pointer).unwrap() = json!("@place@");
            body.to_string().replace(r#""@place@""#, form)
        }
        None => {
            let (around, key) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(around).unwrap().as_object_mut().unwrap().remove(key).unwrap();
            body.to_string()
        }
    }
}

/// The value without what stands at a place, and without the objects that are empty then.
fn beside(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    let (around, key) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(around) {
        Some(Value::Object(properties)) => {
            properties.remove(key);
        }
        Some(Value::Array(elements)) => {
            if let Some(element) = key.parse().ok().and_then(|at: usize| elements.get_mut(at)) {
                *element = Value::Null;
            }
        }
        _ => {}
    }
    match value.pointer(around) {
        Some(Value::Object(properties)) if properties.is_empty() && !around.is_empty() => {
            beside(&value, around)
        }
        _ => value,
    }
}

/// Counts what was seen, so that the test cannot pass without having looked.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    places: usize,
    read: usize,
    unreadable_entries: usize,
    given_up: usize,
    errors: usize,
}

#[test]
fn the_table_has_every_answer_of_the_spec() {
    let spec = Spec::parse();
    let table: BTreeSet<&str> = ANSWERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(table, spec.answers());
}

#[test]
fn what_cannot_be_read_costs_nothing_that_stands_beside_it() {
    let spec = Spec::parse();
    let (mut seen, mut wrong) = (Seen::default(), Vec::new());
    for (name, read) in ANSWERS {
        let body = spec.sample(name, 1);
        let before = read(&body.to_string()).unwrap_or_else(|error| panic!("{error}: {body}"));
        for place in spec.places(name, "", &Around::Answer, 1) {
            seen.places += 1;
            for form in [None].into_iter().chain(FORMS.iter().copied().map(Some)) {
                let checked = check(&spec, *read, (&body, &before), &place, form, &mut seen);
                wrong.extend(checked.err().map(|what| {
                    format!("{name}{} = {}: {what}", place.pointer, form.unwrap_or("missing"))
                }));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    // The test has looked.
    assert!(seen.places > 340 && seen.read > 5_500, "{seen:?}");
    assert!(seen.unreadable_entries > 2_400, "{seen:?}");
    assert!(seen.given_up > 1_000 && seen.errors > 1_000, "{seen:?}");
}

/// Goes on if it is so, and else tells what is wrong.
macro_rules! hold {
    ($condition:expr, $($what:tt)*) => {
        if !$condition {
            return Err(format!($($what)*));
        }
    };
}

fn check(
    spec: &Spec,
    read: Read,
    (body, before): (&Value, &Value),
    place: &Place<'_>,
    form: Option<&str>,
    seen: &mut Seen,
) -> Result<(), String> {
    let sent = altered(body, &place.pointer, form);
    let expected = place.expected(form, spec);
    let after = match read(&sent) {
        Ok(after) => after,
        Err(error) => {
            seen.errors += 1;
            let costs_all = place.around == Around::Answer || place.is_vital(form, spec);
            hold!(costs_all, "it costs the whole answer: {error}");
            hold!(error.path().starts_with(&place.path()), "the error is {error}");
            let is_expected = matches!(expected, Expected::Unreadable | Expected::Anything);
            hold!(is_expected, "{error}, and not {expected:?}");
            return Ok(());
        }
    };
    let around = match &place.around {
        Around::Entry(around) => around.as_str(),
        Around::Answer | Around::Frame => place.pointer.as_str(),
    };
    hold!(beside(&after, around) == beside(before, around), "it changes something else");
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let now = after.pointer(&place.pointer).filter(|value| !value.is_null());
    let is_as_sent =
        matches!(place.around, Around::Entry(_)) && after.pointer(around) == sent.pointer(around);
    match expected {
        Expected::Is(value) => {
            hold!(now == Some(&value), "it is {now:?}, and not {value}");
            seen.read += 1;
        }
        Expected::Absent => {
            let is_empty = now.is_none_or(|now| now == &json!([]) || now == &json!({}));
            hold!(is_empty, "it is {now:?}, and not absent");
            seen.read += 1;
        }
        Expected::Unreadable => match place.around {
            Around::Entry(_) => {
                hold!(is_as_sent, "it was read: {:?}", after.pointer(around));
                seen.unreadable_entries += 1;
            }
            Around::Frame => {
                hold!(now.is_none(), "it is {now:?}");
                seen.given_up += 1;
            }
            Around::Answer => return Err(format!("it was read as {now:?}")),
        },
        Expected::Anything => {
            let (after, before) = (beside(&after, &place.pointer), beside(before, &place.pointer));
            hold!(is_as_sent || after == before, "it changes something else of its entry");
        }
        Expected::AnotherKind => {}
    }
    Ok(())
}
