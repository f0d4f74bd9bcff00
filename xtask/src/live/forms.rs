//! Reads an answer as the client does: in every form that its decoding accepts.
//!
//! What comes out is the value in the form of the spec. What the spec does not have (a loose form, an
//! unlisted key, an unlisted value) is noted on the way.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use serde_json::{Map, Number, Value};

use crate::document::child;

/// One form of JSON that is not the form of the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    pub(super) name: &'static str,
    /// Whether the official clients or the documentation show that the service writes so.
    pub(super) seen_before: bool,
}

const fn seen(name: &'static str) -> Form {
    Form { name, seen_before: true }
}

const fn new(name: &'static str) -> Form {
    Form { name, seen_before: false }
}

/// What was noted, with the place in the spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Note {
    /// The decoding accepts it.
    Form(Form),
    /// A key that the object of the spec does not list. The text is the key.
    Key(String, &'static str),
    /// A value of an enumeration, or the tag of a union.
    Value(String),
}

/// What came of reading.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Each note with the place in the spec where it was made.
    pub(super) notes: Vec<(String, Note)>,
    /// The places in the spec that a value was read by.
    pub(super) touched: BTreeSet<String>,
    /// The place in the spec for each place in the value that came out.
    pub(super) places: HashMap<String, String>,
}

/// Reads values by the schemas of one document.
pub(super) struct Reader<'a> {
    spec: &'a Value,
    reading: Reading,
}

impl<'a> Reader<'a> {
    pub(super) fn new(spec: &'a Value) -> Self {
        Self { spec, reading: Reading::default() }
    }

    pub(super) fn finish(self) -> Reading {
        self.reading
    }

    fn at(&self, pointer: &str) -> &'a Value {
        self.spec.pointer(pointer).unwrap_or(&Value::Null)
    }

    fn note(&mut self, pointer: &str, form: Form) {
        self.reading.notes.push((pointer.to_owned(), Note::Form(form)));
    }

    /// Reads a value by the schema at `pointer`. `place` is where the value stands in the body.
    /// None leaves the value out.
    pub(super) fn read(&mut self, pointer: &str, place: &str, value: &Value) -> Option<Value> {
        self.reading.places.entry(place.to_owned()).or_insert_with(|| pointer.to_owned());
        let is_there = !matches!(value, Value::Null)
            && value.as_str() != Some("")
            && !value.as_array().is_some_and(Vec::is_empty)
            && !value.as_object().is_some_and(Map::is_empty);
        let mut pointer = pointer.to_owned();
        let mut nullable = false;
        loop {
            if is_there {
                self.reading.touched.insert(pointer.clone());
            }
            let schema = self.at(&pointer);
            nullable |= schema["nullable"] == true;
            if let Some(reference) = schema["$ref"].as_str() {
                pointer = reference.trim_start_matches('#').to_owned();
            } else if schema["allOf"].is_array() {
                pointer += "/allOf/0";
            } else {
                break;
            }
        }
        let schema = self.at(&pointer);
        let tag = schema["discriminator"]["propertyName"].as_str();
        if let Some(tag) = tag {
            return self.read_union(&pointer, place, value, tag);
        }
        match schema["type"].as_str() {
            Some("object") => self.read_object(&pointer, place, value, nullable),
            Some("array") => self.read_list(&pointer, place, value),
            Some(_) if value.is_null() => Some(Value::Null),
            Some("boolean") => Some(self.read_flag(&pointer, value)),
            Some("integer" | "number") => Some(self.read_number(&pointer, value)),
            Some("string") => Some(self.read_text(&pointer, value)),
            _ => Some(value.clone()),
        }
    }

    /// The schema is the one that the tag names.
    fn read_union(
        &mut self,
        pointer: &str,
        place: &str,
        value: &Value,
        tag: &str,
    ) -> Option<Value> {
        let Some(kind) = value.get(tag).and_then(Value::as_str) else {
            return Some(value.clone());
        };
        match self.at(pointer)["discriminator"]["mapping"][kind].as_str() {
            Some(target) => self.read(target.trim_start_matches('#'), place, value),
            None => {
                self.reading.notes.push((pointer.to_owned(), Note::Value(kind.to_owned())));
                None
            }
        }
    }

    fn read_object(
        &mut self,
        pointer: &str,
        place: &str,
        value: &Value,
        nullable: bool,
    ) -> Option<Value> {
        let schema = self.at(pointer);
        let bare = schema["x-bare"].as_str();
        let whole = match (value, bare) {
            (Value::Object(map), _) => map.clone(),
            (Value::Array(items), _) if items.is_empty() => {
                let form = match place.rsplit('/').next() {
                    Some("error") => seen("`[]` for an empty object"),
                    _ => new("`[]` for an empty object"),
                };
                self.note(pointer, form);
                Map::new()
            }
            (Value::String(text), _) if text.is_empty() => {
                self.note(pointer, seen("an empty text for an absent value"));
                return nullable.then_some(Value::Null);
            }
            (Value::Bool(false), _) => {
                self.note(pointer, new("`false` for an absent object"));
                return nullable.then_some(Value::Null);
            }
            (Value::Null, _) => return nullable.then_some(Value::Null),
            (Value::String(_) | Value::Number(_), Some(key)) => {
                self.note(pointer, new("a bare value for an object"));
                Map::from_iter([(key.to_owned(), value.clone())])
            }
            _ => return Some(value.clone()),
        };
        let properties = schema["properties"].as_object();
        let further = schema.get("additionalProperties");
        let mut read = Map::new();
        for (key, value) in &whole {
            let place = child(place, key);
            if properties.is_some_and(|properties| properties.contains_key(key)) {
                let inner = child(&format!("{pointer}/properties"), key);
                let is_nullable = self.is_nullable(&inner);
                match self.read(&inner, &place, value) {
                    Some(Value::Null) if !is_nullable => {}
                    Some(value) => drop(read.insert(key.clone(), value)),
                    None => {}
                }
                continue;
            }
            match further {
                Some(Value::Object(_)) => {
                    let inner = format!("{pointer}/additionalProperties");
                    if let Some(value) = self.read(&inner, &place, value) {
                        read.insert(key.clone(), value);
                    }
                }
                Some(Value::Bool(true)) => drop(read.insert(key.clone(), value.clone())),
                _ if properties.is_none() => drop(read.insert(key.clone(), value.clone())),
                _ => {
                    let note = Note::Key(key.clone(), kind(value));
                    self.reading.notes.push((pointer.to_owned(), note));
                }
            }
        }
        self.fill(schema, pointer, &whole, &mut read);
        Some(Value::Object(read))
    }

    /// A required text or list that is null is read as empty.
    fn fill(
        &mut self,
        schema: &Value,
        pointer: &str,
        whole: &Map<String, Value>,
        read: &mut Map<String, Value>,
    ) {
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            if whole.get(name) != Some(&Value::Null) || read.contains_key(name) {
                continue;
            }
            let inner = child(&format!("{pointer}/properties"), name);
            let (empty, form) = match self.at(&inner)["type"].as_str() {
                Some("string") => (Value::from(""), new("`null` for an empty text")),
                Some("array") => (Value::Array(Vec::new()), new("`null` for an empty list")),
                _ => continue,
            };
            self.note(&inner, form);
            read.insert(name.to_owned(), empty);
        }
    }

    fn is_nullable(&self, pointer: &str) -> bool {
        self.at(pointer)["nullable"] == true
    }

    fn read_list(&mut self, pointer: &str, place: &str, value: &Value) -> Option<Value> {
        let items: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Null => return Some(Value::Null),
            Value::String(text) if text.is_empty() => {
                self.note(pointer, seen("an empty text for an empty list"));
                Vec::new()
            }
            Value::Object(map) if map.is_empty() => {
                self.note(pointer, new("`{}` for an empty list"));
                Vec::new()
            }
            Value::Object(map) if map.keys().all(|key| key.parse::<u32>().is_ok()) => {
                self.note(pointer, new("an object with numbers as keys for a list"));
                map.values().collect()
            }
            Value::Object(map) if self.at(pointer)["x-keyed"] == true => {
                self.note(pointer, seen("an object for a list with keys"));
                map.values().collect()
            }
            _ => return Some(value.clone()),
        };
        let inner = format!("{pointer}/items");
        let mut read = Vec::new();
        for item in items {
            let place = format!("{place}/{}", read.len());
            read.extend(self.read(&inner, &place, item));
        }
        Some(Value::Array(read))
    }

    fn read_flag(&mut self, pointer: &str, value: &Value) -> Value {
        let (flag, form) = match value {
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" => (true, seen("a text for a boolean")),
                "false" => (false, seen("a text for a boolean")),
                "1" => (true, seen("the text of a digit for a boolean")),
                "0" => (false, seen("the text of a digit for a boolean")),
                "yes" | "y" => (true, new("a word for a boolean")),
                "no" | "n" => (false, new("a word for a boolean")),
                "" => {
                    self.note(pointer, seen("an empty text for an absent value"));
                    return Value::Null;
                }
                _ => return value.clone(),
            },
            Value::Number(number) if number.as_i64() == Some(1) => {
                (true, new("a digit for a boolean"))
            }
            Value::Number(number) if number.as_i64() == Some(0) => {
                (false, new("a digit for a boolean"))
            }
            _ => return value.clone(),
        };
        self.note(pointer, form);
        Value::Bool(flag)
    }

    fn read_number(&mut self, pointer: &str, value: &Value) -> Value {
        let schema = self.at(pointer);
        let is_whole = schema["type"] == "integer";
        match value {
            Value::Number(number) if is_whole && number.is_f64() => {
                let Some(whole) =
                    number.to_string().strip_suffix(".0").and_then(|w| w.parse::<i64>().ok())
                else {
                    return value.clone();
                };
                self.note(pointer, new("a fraction of zero for an integer"));
                Value::from(whole)
            }
            Value::Number(_) => value.clone(),
            Value::String(text) if text.is_empty() => {
                self.note(pointer, seen("an empty text for an absent value"));
                Value::Null
            }
            Value::String(text) => {
                let is_number =
                    text.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
                let parsed = is_number.then(|| serde_json::from_str::<Number>(text).ok()).flatten();
                match parsed.filter(|number| !is_whole || !number.is_f64()) {
                    Some(number) => {
                        self.note(pointer, new("a text for a number"));
                        Value::Number(number)
                    }
                    None if schema["x-as-text"] == true => {
                        self.note(pointer, seen("another text for an integer"));
                        Value::from(0)
                    }
                    None => value.clone(),
                }
            }
            Value::Bool(_) if schema["x-as-text"] == true => {
                self.note(pointer, seen("another text for an integer"));
                Value::from(0)
            }
            _ => value.clone(),
        }
    }

    fn read_text(&mut self, pointer: &str, value: &Value) -> Value {
        let schema = self.at(pointer);
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => {
                self.note(pointer, new("a number for a text"));
                number.to_string()
            }
            Value::Array(_) | Value::Object(_) if schema["x-prose"] == true => {
                self.note(pointer, new("a list or an object for words"));
                return Value::from("");
            }
            _ => return value.clone(),
        };
        if let Some(format @ ("date" | "local-date-time")) = schema["format"].as_str() {
            return self.read_date(pointer, &text, format == "date");
        }
        let Some(values) = schema["enum"].as_array() else {
            return Value::String(text);
        };
        if schema["x-extensible-enum"] == true
            && !values.iter().any(|value| *value == text.as_str())
        {
            if text.is_empty() {
                self.note(pointer, seen("an empty text for an absent value"));
                return Value::Null;
            }
            self.reading.notes.push((pointer.to_owned(), Note::Value(text)));
            return values.first().cloned().unwrap_or_default();
        }
        Value::String(text)
    }

    fn read_date(&mut self, pointer: &str, text: &str, is_day: bool) -> Value {
        if text.is_empty() {
            self.note(pointer, seen("an empty text for an absent value"));
            return Value::Null;
        }
        if text.starts_with("0000-") || text.starts_with('-') {
            self.note(pointer, seen("a date of zeros for an absent value"));
            return Value::Null;
        }
        let Some(pieces) = Pieces::parse(text).ok().filter(|p| p.time_zone_annotation().is_none())
        else {
            return Value::from(text);
        };
        let (day, time) = (pieces.date(), pieces.time());
        let day_text = |day: Date| day.strftime("%Y-%m-%d").to_string();
        let forms = [
            (is_day && time.is_some(), new("a date-time for a day")),
            (!is_day && time.is_none(), seen("a day for a date-time")),
            (!is_day && text.contains('T'), seen("a `T` between day and time")),
            (!is_day && text.contains('.'), seen("a fraction of the second")),
            (!is_day && pieces.offset().is_some(), seen("a date-time with an offset")),
        ];
        for (applies, form) in forms {
            if applies {
                self.note(pointer, form);
            }
        }
        if is_day {
            return Value::String(day_text(day));
        }
        let time = time.unwrap_or_default().strftime("%H:%M:%S").to_string();
        Value::String(format!("{} {time}", day_text(day)))
    }
}

/// The type of a value, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is read from a value of this schema, and what is noted.
    fn read(schema: &Value, value: &Value) -> (Option<Value>, Vec<Note>) {
        let spec = json!({ "components": { "schemas": { "A": schema } } });
        let mut reader = Reader::new(&spec);
        let read = reader.read("/components/schemas/A", "", value);
        (read, reader.finish().notes.into_iter().map(|(_, note)| note).collect())
    }

    #[test]
    fn every_loose_form_becomes_the_form_of_the_spec_and_is_noted() {
        let date_time = json!({"type": "string", "format": "local-date-time"});
        let day = json!({"type": "string", "format": "date"});
        let whole = json!({"type": "integer", "format": "int32"});
        let list = json!({"type": "array", "items": {"type": "string"}});
        let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let bare =
            json!({"type": "object", "x-bare": "a", "properties": {"a": {"type": "string"}}});
        let cases = [
            (json!({"type": "boolean"}), json!("1"), json!(true), true),
            (json!({"type": "boolean"}), json!("false"), json!(false), true),
            (json!({"type": "boolean"}), json!(0), json!(false), false),
            (whole.clone(), json!("3"), json!(3), false),
            (whole, json!(3.0), json!(3), false),
            (json!({"type": "number"}), json!("-12.34"), json!(-12.34), false),
            (date_time.clone(), json!("2026-01-31"), json!("2026-01-31 00:00:00"), true),
            (date_time.clone(), json!("2026-01-31T10:11:12"), json!("2026-01-31 10:11:12"), true),
            (date_time.clone(), json!("2026-01-31 10:11:12Z"), json!("2026-01-31 10:11:12"), true),
            (date_time, json!("0000-00-00"), Value::Null, true),
            (day, json!("2026-01-31 00:00:00"), json!("2026-01-31"), false),
            (json!({"type": "string"}), json!(7), json!("7"), false),
            (list.clone(), json!(""), json!([]), true),
            (list.clone(), json!({}), json!([]), false),
            (list, json!({"0": "x"}), json!(["x"]), false),
            (object, json!([]), json!({}), false),
            (bare, json!("x"), json!({"a": "x"}), false),
        ];
        for (schema, value, expected, seen_before) in cases {
            let (read, notes) = read(&schema, &value);
            assert_eq!(read, Some(expected), "{schema} {value}");
            let [Note::Form(form)] = notes.as_slice() else { panic!("{value}: {notes:?}") };
            assert_eq!(form.seen_before, seen_before, "{value}: {form:?}");
        }
    }

    #[test]
    fn the_form_of_the_spec_gives_no_note() {
        for (schema, value) in [
            (json!({"type": "boolean"}), json!(true)),
            (json!({"type": "integer"}), json!(3)),
            (json!({"type": "string", "format": "date"}), json!("2026-01-31")),
            (json!({"type": "string", "format": "local-date-time"}), json!("2026-01-31 10:11:12")),
        ] {
            assert_eq!(read(&schema, &value), (Some(value.clone()), Vec::new()));
        }
    }

    #[test]
    fn what_no_decoding_accepts_stays_for_the_schema_to_refuse() {
        for (schema, value) in [
            (json!({"type": "boolean"}), json!("maybe")),
            (json!({"type": "integer"}), json!("many")),
            (json!({"type": "integer"}), json!(3.5)),
            (json!({"type": "string", "format": "local-date-time"}), json!("31.01.2026")),
            (json!({"type": "array", "items": {}}), json!("x")),
            (json!({"type": "object", "properties": {}}), json!("x")),
        ] {
            assert_eq!(read(&schema, &value), (Some(value.clone()), Vec::new()), "{value}");
        }
    }

    #[test]
    fn unknown_keys_and_values_are_noted_and_do_not_disturb() {
        let schema = json!({"type": "object", "properties": {"mode": {
            "type": "string", "enum": ["full", "none"], "x-extensible-enum": true}}});
        let (read, notes) = read(&schema, &json!({"mode": "often", "since": 2031}));
        assert_eq!(read, Some(json!({"mode": "full"})));
        let expected = [Note::Value("often".to_owned()), Note::Key("since".to_owned(), "a number")];
        assert_eq!(notes, expected);
    }
}
