//! What the generator takes from a spec: a closed list of constructs, read strictly.
//!
//! Everything else is a [`Problem`] at a JSON pointer, so that no later step meets a construct that it
//! was not made for. Other rules of the lint refuse other things, and those are not refused here a
//! second time. But where the generator needs something that those rules ensure, its absence is a
//! problem here, too.

mod directions;
mod ids;
mod names;
mod operations;
mod recursion;
mod schemas;

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use indexmap::IndexMap;
use serde_json::Value;

use crate::document::child;
use crate::spec::SCHEMA_PREFIX;

pub(crate) use directions::Directions;
pub use ids::NO_KIND;
pub use names::{Named, field_ident, id_type, rust_name, variant_ident};
pub(crate) use recursion::{Properties, boxed};

/// Something the generator cannot take, and where in the spec it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer into the spec.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: String,
    /// Whether something is missing that other rules of the lint ask for.
    pub unlinted: bool,
}

/// The parts of a spec that the passes work from.
#[derive(Clone, Debug)]
pub struct Api {
    /// Title and version, for the header of the generated file.
    pub title: String,
    /// The version of the API.
    pub version: String,
    /// The address of the service.
    pub base_url: String,
    /// The kinds of ids, in the order of the file.
    pub ids: Vec<IdKind>,
    /// The operations, in the order of the file.
    pub operations: Vec<Operation>,
    /// Component schemas by name, in the order of the file.
    pub schemas: IndexMap<String, Schema>,
}

/// A kind of id, which becomes a type of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdKind {
    /// Name of the type.
    pub type_name: String,
    /// What it identifies.
    pub description: String,
    /// The types of ids that an id of this kind can be made from.
    pub accepts: Vec<String>,
}

/// One method on one path.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operationId: the name of the method.
    pub id: String,
    /// Upper-case name of the HTTP method.
    pub method: String,
    /// Path template.
    pub path: String,
    /// When a call may be repeated.
    pub retry: Retry,
    /// How long an attempt may take, in seconds.
    pub timeout: u64,
    /// How long the body of an answer may be, in KiB.
    pub body_limit: u64,
    /// The secret that it takes.
    pub scope: Scope,
    /// What it does, in one line.
    pub summary: String,
    /// What it does, in full.
    pub description: String,
    /// Why callers should no longer call it, if it is deprecated.
    pub deprecated: Option<String>,
    /// Its path parameters, in the order of the template.
    pub path_parameters: Vec<Parameter>,
    /// Its query parameters, in the order of the file.
    pub query_parameters: Vec<Parameter>,
    /// Name of the schema of the JSON body.
    pub body: Option<String>,
    /// The successes, exact statuses first.
    pub answers: Vec<Answer>,
    /// Status and description of the errors.
    pub errors: Vec<(String, String)>,
    /// The media types of all answers: successes before errors, each in the order of the file.
    pub media_types: Vec<String>,
    /// Where it stands.
    pub pointer: String,
}

impl Operation {
    /// Name of its variant in the operation table, and the stem of its own types.
    pub fn type_name(&self) -> String {
        self.id.to_upper_camel_case()
    }

    /// Name of the struct that holds its query parameters.
    pub fn query_name(&self) -> String {
        format!("{}Query", self.type_name())
    }

    /// Name of the enumeration of its successes.
    pub fn response_name(&self) -> String {
        format!("{}Response", self.type_name())
    }

    /// Whether its successes differ in shape, so that the caller has to tell them apart.
    pub fn has_several_shapes(&self) -> bool {
        self.answers.iter().any(|answer| answer.content != self.answers[0].content)
    }
}

/// A path or query parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its names.
    pub named: Named,
    /// Whether it is required.
    pub required: bool,
    /// What it is.
    pub description: String,
    /// Its schema.
    pub schema: Value,
}

/// The format of a parameter that is a boolean for the caller, and is sent as 1 or 0.
pub const FLAG: &str = "flag";

impl Parameter {
    /// Whether the parameter is a boolean for the caller, and is sent as 1 or 0.
    pub fn is_flag(&self) -> bool {
        self.schema.get("format").and_then(Value::as_str) == Some(FLAG)
    }
}

/// When a call may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// At any time: the operation only reads.
    Safe,
    /// At any time: a second call changes nothing.
    Idempotent,
    /// Only if the server never saw the call.
    Unsent,
}

/// The secret that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The account's API key.
    ApiKey,
    /// A bank user's access token.
    AccessToken,
}

/// One success of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The statuses that it is for.
    pub status: Status,
    /// The body that comes with it.
    pub content: Content,
    /// What it means.
    pub description: String,
}

/// The statuses that an answer is for. Exact statuses sort first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// One status.
    Exact(u16),
    /// Every success that no exact status names.
    AnySuccess,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// There is none, or it is not read.
    Empty,
    /// JSON of this schema.
    Json(String),
    /// Bytes of any other kind.
    Bytes,
}

/// One component schema.
#[derive(Clone, Debug)]
pub struct Schema {
    /// What it is.
    pub description: String,
    /// Its construct.
    pub kind: Kind,
    /// Its properties, in the order of the file.
    pub properties: Vec<Named>,
    /// The fields of those that contain the schema itself.
    pub boxed: Vec<String>,
    /// Whether it may contain secrets, and is never printed.
    pub secret: bool,
    /// Whether it is an object around entries or elements: what cannot be read in it is given up.
    pub frame: bool,
    /// The property, or the key, whose value may stand in the place of the whole.
    pub bare: Option<String>,
    /// The fields with words for people.
    pub prose: Vec<String>,
    /// The fields with lists whose entries stand for themselves.
    pub entries: Vec<String>,
    /// The fields that are given up if they cannot be read: those of a frame, but for further frames.
    pub given_up: Vec<String>,
    /// Whether requests contain it.
    pub sent: bool,
    /// Whether answers contain it, or nothing does: the body of an answer that is not read, for
    /// instance.
    pub decoded: bool,
}

/// The construct of a component schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object with properties.
    Struct,
    /// An object with keys that are not known beforehand.
    Map,
    /// A list of strings.
    Enumeration {
        /// The strings.
        values: Vec<Named>,
        /// Whether the server may send other strings.
        open: bool,
    },
    /// Schemas that one of their properties tells apart.
    Union {
        /// Name of the property.
        tag: String,
        /// Value of the property, and the schema's name.
        variants: Vec<(Named, String)>,
    },
}

/// Reads a spec, or says everything in it that the generator cannot take.
pub fn read(spec: &Value) -> Result<Api, Vec<Problem>> {
    let mut reader = Reader { spec, problems: Vec::new() };
    let api = reader.api();
    if reader.problems.is_empty() {
        Ok(api)
    } else {
        let mut problems = reader.problems;
        let mut seen = BTreeSet::new();
        problems.retain(|problem| seen.insert((problem.pointer.clone(), problem.message.clone())));
        Err(problems)
    }
}

struct Reader<'a> {
    spec: &'a Value,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn problem(&mut self, pointer: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem {
            pointer: pointer.to_owned(),
            message: message.into(),
            hint: hint.into(),
            unlinted: false,
        });
    }

    /// Reports something that the checks do not let through: the document has not passed them.
    fn unlinted(&mut self, pointer: &str) {
        self.problems.push(Problem {
            pointer: pointer.to_owned(),
            message: "this is not what the checks let through".to_owned(),
            hint: "run `cargo xtask lint`, which says what is wrong".to_owned(),
            unlinted: true,
        });
    }

    fn api(&mut self) -> Api {
        let spec = self.spec;
        let info = |key: &str| text(spec.pointer("/info").unwrap_or(&Value::Null), key);
        let mut schemas = self.schemas();
        let ids = self.ids(&schemas);
        let count = self.problems.len();
        let operations = self.operations(&schemas);
        let complete = self.problems.len() == count;
        if operations.is_empty() && self.problems.is_empty() {
            self.problem(
                "/paths",
                "there is no operation",
                "a client needs one operation at least",
            );
        }
        self.check_names(&operations, &schemas);
        let directions = Directions::of(spec);
        let boxed = boxed(spec);
        for (name, schema) in &mut schemas {
            let is_boxed =
                |property: &&Named| boxed.contains(&(name.as_str(), property.wire.as_str()));
            let properties = schema.properties.iter().filter(is_boxed);
            schema.boxed = properties.map(|property| property.ident.clone()).collect();
            schema.sent = directions.sent.contains(name.as_str());
            schema.decoded = directions.decoded.contains(name.as_str());
        }
        if complete {
            // If an operation was dropped, it is not known what it would have sent or read.
            self.check_setters(&schemas);
            self.check_extra_keys(&schemas);
            self.check_entries(&schemas);
        }
        self.check_endless();
        self.check_error(&schemas);
        Api {
            title: info("title"),
            version: info("version"),
            base_url: text(spec.pointer("/servers/0").unwrap_or(&Value::Null), "url"),
            ids,
            operations,
            schemas,
        }
    }

    /// A value that exists if the document has passed the checks.
    fn linted<T>(&mut self, pointer: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.unlinted(pointer);
        }
        value
    }

    /// The name of the component schema that a `{$ref: …}` points to.
    fn reference(&mut self, at: &str, schema: &Value) -> Option<String> {
        let Some(target) = schema.get("$ref") else {
            self.problem(
                at,
                "has to be a reference to a component schema",
                "move it to components.schemas and refer to it",
            );
            return None;
        };
        let name = target.as_str().and_then(|target| self.schema_name(target));
        self.linted(&child(at, "$ref"), name)
    }

    fn schema_name(&self, target: &str) -> Option<String> {
        let name = target.strip_prefix(SCHEMA_PREFIX)?;
        self.spec.pointer(&child("/components/schemas", name)).map(|_| name.to_owned())
    }

    /// Follows a reference into `components.SECTION`. A value that is no reference stays as it is.
    fn resolve(
        &mut self,
        at: &str,
        value: &'a Value,
        section: &str,
    ) -> Option<(String, &'a Value)> {
        let Some(target) = value.get("$ref") else {
            return Some((at.to_owned(), value));
        };
        let prefix = format!("#/components/{section}/");
        let found =
            target.as_str().and_then(|target| target.strip_prefix(&prefix)).and_then(|name| {
                let pointer = child(&format!("/components/{section}"), name);
                self.spec.pointer(&pointer).map(|value| (pointer, value))
            });
        self.linted(&child(at, "$ref"), found)
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
}
