//! Scenario files: YAML with the fields of the orders. What is wrong with a file is told with its
//! line and column.

use std::collections::HashMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use saphyr::{LoadableYamlNode as _, MarkedYaml, Marker, Scalar, YamlData};
use serde::Deserialize;
use serde_json::{Number, Value};

use super::orders::{Break, EveryLogin, NewUsers, Pass};
use crate::{
    answer::Refusal,
    service::{PlannedUser, Scenario},
};

/// More leading spaces and dashes than this are no scenario. The limit bounds how deep the parser
/// goes.
const MAX_INDENT: usize = 100;

/// What is wrong with a scenario file, and where. Lines and columns count from 1.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) message: String,
}

/// The stories that come with the sandbox, by their names.
pub(crate) const STORIES: [(&str, &str); 2] = [
    ("one-morning", include_str!("../../scenarios/one-morning.yaml")),
    ("bad-day", include_str!("../../scenarios/bad-day.yaml")),
];

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "the parts of a scenario")]
struct File {
    clock: Clock,
    users: Vec<NewUsers>,
    logins: IndexMap<String, EveryLogin>,
    faults: Vec<Break>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "what the clock does")]
struct Clock {
    starts_at: Option<Timestamp>,
    passes: Option<Pass>,
}

/// Reads a scenario file. If the file does not say what the clock shows at the start, that is
/// `start`.
pub(crate) fn read(text: &str, start: Timestamp) -> Result<Scenario, Flaw> {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-', '?']).len();
    if let Some(line) = text.lines().position(|line| indent(line) > MAX_INDENT) {
        return Err(Flaw { line: line + 1, column: 1, message: "nested too deep".to_owned() });
    }
    let documents = MarkedYaml::load_from_str(text)
        .map_err(|error| flaw_at(*error.marker(), error.info().to_owned()))?;
    let mut places = Places::default();
    let value = match documents.as_slice() {
        [] => Value::Object(serde_json::Map::new()),
        [document] => places.convert(document, String::new())?,
        [_, second, ..] => {
            let message = "a second YAML document starts here".to_owned();
            return Err(flaw_at(second.span.start, message));
        }
    };
    let file: File = serde_path_to_error::deserialize(value)
        .map_err(|error| places.flaw(&error.path().to_string(), &error.inner().to_string()))?;
    places.scenario(file, start)
}

fn flaw_at(at: Marker, message: String) -> Flaw {
    // The parser counts columns from 0.
    Flaw { line: at.line().max(1), column: at.col() + 1, message }
}

/// Where the values of a file stand, by their paths: a field at its key, an entry of a list at its
/// first character. The paths are written as serde_path_to_error writes them.
#[derive(Default)]
struct Places(HashMap<String, Marker>);

impl Places {
    fn convert(&mut self, node: &MarkedYaml<'_>, path: String) -> Result<Value, Flaw> {
        self.0.entry(path.clone()).or_insert(node.span.start);
        let refuse = |message: &str| Err(flaw_at(node.span.start, message.to_owned()));
        Ok(match &node.data {
            YamlData::Value(Scalar::Null) => Value::Null,
            YamlData::Value(Scalar::Boolean(flag)) => Value::Bool(*flag),
            YamlData::Value(Scalar::Integer(number)) => Value::Number((*number).into()),
            YamlData::Value(Scalar::FloatingPoint(number)) => {
                match Number::from_f64(number.into_inner()) {
                    Some(number) => Value::Number(number),
                    None => return refuse("this number is not finite"),
                }
            }
            YamlData::Value(Scalar::String(text)) => Value::String(text.to_string()),
            YamlData::Sequence(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(i, item)| self.convert(item, format!("{path}[{i}]")));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            YamlData::Mapping(entries) => {
                let mut fields = serde_json::Map::new();
                for (key, value) in entries {
                    let name = match &key.data {
                        YamlData::Value(Scalar::String(name)) => name.to_string(),
                        YamlData::Value(Scalar::Integer(number)) => number.to_string(),
                        _ => {
                            return Err(flaw_at(key.span.start, "a key must be a text".to_owned()));
                        }
                    };
                    let dot = if path.is_empty() { "" } else { "." };
                    let inner = format!("{path}{dot}{name}");
                    self.0.insert(inner.clone(), key.span.start);
                    fields.insert(name, self.convert(value, inner)?);
                }
                Value::Object(fields)
            }
            _ => return refuse("tags are not read here"),
        })
    }

    /// The flaw at this path, or at the nearest place above it. If the message begins with the names
    /// of inner places, as in `connections[1]: mode: …`, the flaw is there.
    fn flaw(&self, path: &str, message: &str) -> Flaw {
        let mut path = path.trim_start_matches('.').to_owned();
        for part in message.split(": ") {
            let inner = format!("{path}.{part}");
            if !self.0.contains_key(&inner) {
                break;
            }
            path = inner;
        }
        while !path.is_empty() && !self.0.contains_key(&path) {
            path.truncate(path.rfind(['.', '[']).unwrap_or(0));
        }
        match self.0.get(&path) {
            Some(place) => flaw_at(*place, message.to_owned()),
            None => Flaw { line: 1, column: 1, message: message.to_owned() },
        }
    }

    /// What the file means. The rules that concern several fields are held here.
    fn scenario(&self, file: File, start: Timestamp) -> Result<Scenario, Flaw> {
        let at = |path: String| move |refusal: Refusal| self.flaw(&path, &refusal.message);
        let mut scenario = Scenario { start: file.clock.starts_at, ..Scenario::default() };
        let start = scenario.start.unwrap_or(start);
        let passes = file.clock.passes.map(|pass| pass.span());
        scenario.passes = passes.transpose().map_err(at("clock.passes".to_owned()))?;
        for (i, order) in file.users.into_iter().enumerate() {
            let connections = order.plans(start).map_err(at(format!("users[{i}]")))?;
            let (name, count) = (order.name(), order.count().unwrap_or(1));
            let token = order.token;
            if token.is_some() && scenario.users.iter().any(|other| other.token == token) {
                return Err(self.flaw(&format!("users[{i}]"), "token: another user has the same"));
            }
            scenario.users.push(PlannedUser { name, token, count, connections });
        }
        for (login, order) in file.logins {
            let fault = order.fault().map_err(at(format!("logins.{login}")))?;
            scenario.logins.push((login, fault));
        }
        for (i, order) in file.faults.into_iter().enumerate() {
            let (aim, fault) = order.parts().map_err(at(format!("faults[{i}]")))?;
            scenario.faults.push((fault, aim));
        }
        Ok(scenario)
    }
}
