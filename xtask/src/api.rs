//! What the generator takes from a spec: a closed list of constructs, read strictly.
//!
//! Everything that is not on the list is a [`Problem`] at a JSON pointer, so that no later step
//! meets a construct it was not made for.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::document::child;

/// Something the generator cannot take, and where in the spec it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer into the spec.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: String,
}

/// The parts of a spec that the passes work from.
#[derive(Clone, Debug)]
pub struct Api {
    /// Title and version, for the header of the generated file.
    pub title: String,
    /// The version of the API.
    pub version: String,
    /// In the order of the file.
    pub operations: Vec<Operation>,
    /// Component schemas by name, in the order of the file.
    pub schemas: IndexMap<String, Schema>,
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
    /// What may be repeated.
    pub retry: Retry,
    /// Which secret it takes.
    pub scope: Scope,
    /// One line.
    pub summary: String,
    /// More of it.
    pub description: String,
    /// In the order of the template.
    pub path_parameters: Vec<Parameter>,
    /// In the order of the file.
    pub query_parameters: Vec<Parameter>,
    /// Name of the schema of the JSON body.
    pub body: Option<String>,
    /// The successes, exact statuses first.
    pub answers: Vec<Answer>,
    /// Status and description of the errors.
    pub errors: Vec<(String, String)>,
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
        self.answers
            .iter()
            .any(|answer| answer.content != self.answers[0].content)
    }
}

/// A path or query parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name on the wire.
    pub name: String,
    /// Whether it has to be given.
    pub required: bool,
    /// What it is.
    pub description: String,
    /// Its schema.
    pub schema: Value,
}

/// What may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Reads only.
    Safe,
    /// A second time changes nothing.
    Idempotent,
    /// Only what the server never saw.
    Unsent,
}

/// Which secret an operation takes.
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
    /// When it applies.
    pub status: Status,
    /// What comes with it.
    pub content: Content,
    /// What it means.
    pub description: String,
}

/// Which statuses an answer is for; exact ones sort first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// One status.
    Exact(u16),
    /// Every success that is not named.
    AnySuccess,
}

/// What comes with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing, or nothing worth reading.
    Empty,
    /// JSON of this schema.
    Json(String),
    /// Anything else.
    Bytes,
}

/// One component schema.
#[derive(Clone, Debug)]
pub struct Schema {
    /// What it is.
    pub description: String,
    /// Its construct.
    pub kind: Kind,
    /// Whether it may hold secrets and is never printed.
    pub secret: bool,
    /// Whether requests reach it.
    pub sent: bool,
    /// Whether answers reach it, or nothing does (webhook payloads, say).
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
        values: Vec<String>,
        /// Whether the server may send others.
        open: bool,
    },
    /// Schemas told apart by one of their properties.
    Union {
        /// Name of the property.
        tag: String,
        /// Value of the property, and the schema's name.
        variants: Vec<(String, String)>,
    },
}

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Names that generated code uses for something else.
const RESERVED_TYPES: &str = "\
    AsMut AsRef Box Bytes Clone Copy Date Debug Decimal Default Deserialize Deserializer \
    Display DoubleEndedIterator Drop Eq Err ExactSizeIterator Extend Fn FnMut FnOnce From \
    FromIterator FromStr Future Hash IndexMap Into IntoFuture IntoIterator Iterator \
    LocalTimestamp None Ok Option Ord PartialEq PartialOrd RawValue Result Secret Self Send \
    Serialize Serializer Sized Some String Sync Timestamp ToOwned ToString TryFrom TryInto \
    UnknownValue UnknownVariant Unpin Value Vec";

/// Methods that the client has by hand.
const RESERVED_METHODS: &[&str] = &["clone", "new", "with_credentials", "with_response_limit"];

/// Reads a spec, or says everything the generator cannot take of it.
pub fn read(spec: &Value) -> Result<Api, Vec<Problem>> {
    let mut reader = Reader {
        spec,
        problems: Vec::new(),
    };
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

/// A parameter, and where it is declared.
struct Declared {
    place: String,
    pointer: String,
    own: bool,
    parameter: Parameter,
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
        });
    }

    fn api(&mut self) -> Api {
        let spec = self.spec;
        let info = |key: &str| text(spec.pointer("/info").unwrap_or(&Value::Null), key);
        let mut schemas = self.schemas();
        let operations = self.operations(&schemas);
        if operations.is_empty() && self.problems.is_empty() {
            self.problem(
                "/paths",
                "there is no operation",
                "a client needs one operation at least",
            );
        }
        self.check_names(&operations, &schemas);
        mark_directions(spec, &operations, &mut schemas);
        self.check_extra_keys(&schemas);
        self.check_endless(&schemas);
        Api {
            title: info("title"),
            version: info("version"),
            operations,
            schemas,
        }
    }

    // ---- schemas ---------------------------------------------------------------------------

    fn schemas(&mut self) -> IndexMap<String, Schema> {
        let mut schemas = IndexMap::new();
        let pointer = "/components/schemas";
        let Some(all) = self.spec.pointer(pointer) else {
            return schemas;
        };
        let Some(all) = all.as_object() else {
            self.problem(pointer, "has to be a mapping", "name schema by schema");
            return schemas;
        };
        for (name, value) in all {
            let at = child(pointer, name);
            if !is_type_name(name) {
                self.problem(
                    &at,
                    format!("`{name}` cannot become the name of a type"),
                    match name.to_upper_camel_case() {
                        better if is_type_name(&better) => format!("name it `{better}`"),
                        _ => "choose another name, in CamelCase".to_owned(),
                    },
                );
            }
            if let Some(kind) = self.kind(&at, value) {
                schemas.insert(
                    name.clone(),
                    Schema {
                        description: text(value, "description"),
                        kind,
                        secret: value.get("x-secret") == Some(&Value::Bool(true)),
                        sent: false,
                        decoded: false,
                    },
                );
            }
        }
        schemas
    }

    fn kind(&mut self, at: &str, value: &Value) -> Option<Kind> {
        if !value.is_object() {
            self.problem(at, "a schema has to be a mapping", "say its `type`");
            return None;
        }
        if value.get("enum").is_some() {
            return self.enumeration(at, value);
        }
        if value.get("oneOf").is_some() {
            return self.union(at, value);
        }
        for unsupported in ["allOf", "anyOf", "not", "$ref", "nullable"] {
            if value
                .get(unsupported)
                .is_some_and(|value| value != &Value::Bool(false))
            {
                self.problem(
                    &child(at, unsupported),
                    format!("`{unsupported}` is not supported on a component schema"),
                    "components are objects with properties, maps, enumerations of strings, or \
                     `oneOf` with a discriminator",
                );
                return None;
            }
        }
        if value.get("type").and_then(Value::as_str) != Some("object") {
            self.problem(
                at,
                "a component schema has to be an object, an enumeration of strings or a `oneOf`",
                "write scalars and lists where they are used",
            );
            return None;
        }
        let properties = match value.get("properties") {
            None => None,
            Some(Value::Object(properties)) if properties.is_empty() => None,
            Some(Value::Object(properties)) => Some(properties),
            Some(_) => {
                self.problem(
                    &child(at, "properties"),
                    "has to be a mapping",
                    "name property by property",
                );
                return None;
            }
        };
        let additional = value.get("additionalProperties");
        if let Some(additional) = additional {
            let at = child(at, "additionalProperties");
            match additional {
                Value::Bool(_) => {}
                schema => self.field(&at, schema),
            }
        }
        let required = self.strings(at, value, "required");
        let Some(properties) = properties else {
            for (index, name) in required.iter().enumerate() {
                self.problem(
                    &child(&child(at, "required"), &index.to_string()),
                    format!("`{name}` is required but not a property"),
                    "declare the property or drop it from `required`",
                );
            }
            return Some(match additional {
                None | Some(Value::Bool(false)) => Kind::Struct,
                Some(_) => Kind::Map,
            });
        };
        let mut idents = BTreeMap::new();
        for (name, property) in properties {
            let at = child(&child(at, "properties"), name);
            self.field(&at, property);
            match field_ident(name) {
                None => self.problem(
                    &at,
                    format!("`{name}` cannot become the name of a field"),
                    "a property's name holds ASCII letters, digits, `_` and `-`, and starts with \
                     a letter",
                ),
                Some(ident) => {
                    if let Some(other) = idents.insert(ident.clone(), name) {
                        self.problem(
                            &at,
                            format!("`{name}` and `{other}` would both become the field `{ident}`"),
                            "rename one of the two",
                        );
                    }
                }
            }
        }
        for (index, name) in required.iter().enumerate() {
            if !properties.contains_key(name) {
                self.problem(
                    &child(&child(at, "required"), &index.to_string()),
                    format!("`{name}` is required but not a property"),
                    "declare the property or drop it from `required`",
                );
            }
        }
        Some(Kind::Struct)
    }

    fn strings(&mut self, at: &str, value: &Value, key: &str) -> Vec<String> {
        let at = child(at, key);
        let items = match value.get(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.problem(&at, "has to be a list of strings", "write `[one, two]`");
                return Vec::new();
            }
        };
        let mut strings = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.as_str() {
                Some(item) if strings.iter().all(|known| known != item) => {
                    strings.push(item.to_owned());
                }
                Some(item) => self.problem(
                    &child(&at, &index.to_string()),
                    format!("`{item}` stands here a second time"),
                    "remove one of the two",
                ),
                None => self.problem(
                    &child(&at, &index.to_string()),
                    "has to be a string",
                    "quote it",
                ),
            }
        }
        strings
    }

    fn enumeration(&mut self, at: &str, value: &Value) -> Option<Kind> {
        if value.get("type").and_then(Value::as_str) != Some("string") {
            self.problem(
                at,
                "only enumerations of strings are supported",
                "say `type: string`",
            );
            return None;
        }
        if value.get("nullable") == Some(&Value::Bool(true)) {
            self.problem(
                &child(at, "nullable"),
                "an enumeration cannot be nullable itself",
                "say `nullable: true` where it is used, beside `allOf`",
            );
        }
        let values = self.strings(at, value, "enum");
        let at = child(at, "enum");
        if values.is_empty() {
            self.problem(&at, "has no values", "list one at least");
            return None;
        }
        let mut idents = BTreeMap::new();
        for (index, value) in values.iter().enumerate() {
            let at = child(&at, &index.to_string());
            match variant_ident(value) {
                None => self.problem(
                    &at,
                    format!(
                        "`{}` cannot become the name of a variant",
                        value.escape_debug()
                    ),
                    "a value holds ASCII letters, digits and punctuation, a letter or digit at \
                     least",
                ),
                Some(ident) => {
                    if let Some(other) = idents.insert(ident.clone(), value) {
                        self.problem(
                            &at,
                            format!(
                                "`{value}` and `{other}` would both become the variant `{ident}`"
                            ),
                            "rename or remove one of the two",
                        );
                    }
                }
            }
        }
        Some(Kind::Enumeration {
            values,
            open: value_is_open(value),
        })
    }

    fn union(&mut self, at: &str, value: &Value) -> Option<Kind> {
        let count = self.problems.len();
        let discriminator = child(at, "discriminator");
        let tag = match value.pointer("/discriminator/propertyName") {
            Some(Value::String(tag)) => tag.clone(),
            _ => {
                self.problem(
                    at,
                    "`oneOf` needs a `discriminator` with a `propertyName`",
                    "name the property that tells the schemas apart",
                );
                return None;
            }
        };
        let mapping = child(&discriminator, "mapping");
        let entries = match value.pointer("/discriminator/mapping") {
            Some(Value::Object(entries)) if !entries.is_empty() => entries,
            _ => {
                self.problem(
                    &discriminator,
                    "the discriminator needs a `mapping`",
                    "list each value of the property with the `$ref` of its schema",
                );
                return None;
            }
        };
        let mut variants = Vec::new();
        let mut idents = BTreeMap::new();
        for (wire, target) in entries {
            let at = child(&mapping, wire);
            let Some(name) = target
                .as_str()
                .and_then(|target| self.schema_name(&at, target))
            else {
                self.problem(
                    &at,
                    "has to name a component schema",
                    "write '#/components/schemas/NAME'",
                );
                continue;
            };
            match variant_ident(wire) {
                None => self.problem(
                    &at,
                    format!(
                        "`{}` cannot become the name of a variant",
                        wire.escape_debug()
                    ),
                    "use letters and digits",
                ),
                Some(ident) => {
                    if let Some(other) = idents.insert(ident.clone(), wire) {
                        self.problem(
                            &at,
                            format!(
                                "`{wire}` and `{other}` would both become the variant `{ident}`"
                            ),
                            "rename one of the two",
                        );
                    }
                }
            }
            let component = self
                .spec
                .pointer(&child("/components/schemas", &name))
                .unwrap_or(&Value::Null);
            if component.get("type").and_then(Value::as_str) != Some("object")
                || component.get("properties").is_none()
            {
                self.problem(
                    &at,
                    format!("`{name}` is not an object with properties"),
                    "the schemas of a `oneOf` are objects",
                );
            } else if component
                .pointer(&child("/properties", &tag))
                .and_then(|tag| tag.get("type"))
                .and_then(Value::as_str)
                != Some("string")
            {
                self.problem(
                    &at,
                    format!("`{name}` has no property `{tag}` of type string"),
                    "every schema of the `oneOf` holds the discriminating property",
                );
            }
            variants.push((wire.clone(), name));
        }
        let one_of = child(at, "oneOf");
        let Some(listed) = value["oneOf"].as_array() else {
            self.problem(
                &one_of,
                "has to be a list of references",
                "write `- $ref: …`",
            );
            return None;
        };
        for (index, item) in listed.iter().enumerate() {
            let at = child(&one_of, &index.to_string());
            match self.reference(&at, item) {
                Some(name) if variants.iter().any(|(_, known)| *known == name) => {}
                Some(name) => self.problem(
                    &at,
                    format!("`{name}` is not in the discriminator's mapping"),
                    "map a value of the discriminating property to it",
                ),
                None => {}
            }
        }
        for (wire, name) in &variants {
            let target = format!("#/components/schemas/{name}");
            if !listed.iter().any(|item| item["$ref"] == target.as_str()) {
                self.problem(
                    &child(&mapping, wire),
                    format!("`{name}` is mapped but not one of the `oneOf`"),
                    "list it there too",
                );
            }
        }
        (self.problems.len() == count).then_some(Kind::Union { tag, variants })
    }

    /// Checks the schema of a property, of an item or of a map's values.
    fn field(&mut self, at: &str, schema: &Value) {
        let Some(object) = schema.as_object() else {
            self.problem(at, "a schema has to be a mapping", "say its `type`");
            return;
        };
        if let Some(nullable) = object.get("nullable")
            && !nullable.is_boolean()
        {
            self.problem(
                &child(at, "nullable"),
                "has to be true or false",
                "write `true`",
            );
            return;
        }
        if object.contains_key("$ref") {
            self.reference(at, schema);
            return;
        }
        if let Some(all) = object.get("allOf") {
            match all.as_array().map(Vec::as_slice) {
                Some([one]) if !object.contains_key("type") => {
                    self.reference(&child(&child(at, "allOf"), "0"), one);
                }
                _ => self.problem(
                    &child(at, "allOf"),
                    "`allOf` is supported only around a single reference, without a `type`",
                    "write `allOf: [{$ref: …}]`",
                ),
            }
            return;
        }
        for unsupported in ["enum", "oneOf", "anyOf", "not", "properties"] {
            if object.contains_key(unsupported) {
                self.problem(
                    &child(at, unsupported),
                    format!("`{unsupported}` is supported only on a component schema"),
                    "move it to components.schemas and refer to it",
                );
                return;
            }
        }
        let format = match object.get("format") {
            None => None,
            Some(Value::String(format)) => Some(format.as_str()),
            Some(_) => {
                self.problem(&child(at, "format"), "has to be a string", "quote it");
                return;
            }
        };
        let Some(kind) = object.get("type") else {
            if format.is_some() || object.contains_key("items") {
                self.problem(at, "has no `type`", "say its `type`");
            }
            return;
        };
        let known: &[&str] = match kind.as_str() {
            Some("string") => &["date", "date-time", "local-date-time", "password"],
            Some("integer") => &["int32", "int64"],
            Some("number") => &["decimal"],
            Some("boolean") => &[],
            Some("array") => {
                match object.get("items") {
                    Some(items) => self.field(&child(at, "items"), items),
                    None => self.problem(at, "a list has no `items`", "say what it holds"),
                }
                &[]
            }
            Some("object") => {
                match object.get("additionalProperties") {
                    None | Some(Value::Bool(_)) => {}
                    Some(schema) => self.field(&child(at, "additionalProperties"), schema),
                }
                &[]
            }
            _ => {
                self.problem(
                    &child(at, "type"),
                    "is not a type",
                    "one of string, integer, number, boolean, array, object",
                );
                return;
            }
        };
        match format {
            None if kind == "number" => self.problem(
                at,
                "a number without a format would be a float, which cannot hold money",
                "say `format: decimal`, or `type: integer`",
            ),
            Some(format) if !known.contains(&format) => self.problem(
                &child(at, "format"),
                format!("the format `{format}` is not supported here"),
                if known.is_empty() {
                    "remove it".to_owned()
                } else {
                    format!("one of {}", known.join(", "))
                },
            ),
            _ => {}
        }
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
        let at_ref = child(at, "$ref");
        if schema.as_object().is_some_and(|object| object.len() > 1) {
            self.problem(
                &at_ref,
                "what stands beside a `$ref` is lost",
                "wrap the reference: `allOf: [{$ref: …}]`",
            );
        }
        let name = target
            .as_str()
            .and_then(|target| self.schema_name(&at_ref, target));
        if name.is_none() {
            self.problem(
                &at_ref,
                match target.as_str() {
                    Some(target) => format!("there is no schema `{target}`"),
                    None => "has to be a string".to_owned(),
                },
                "refer to '#/components/schemas/NAME'",
            );
        }
        name
    }

    fn schema_name(&self, _at: &str, target: &str) -> Option<String> {
        let name = target.strip_prefix("#/components/schemas/")?;
        self.spec
            .pointer(&child("/components/schemas", name))
            .map(|_| name.to_owned())
    }

    /// Follows a reference into `components.SECTION`; what is no reference stands for itself.
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
        let found = target
            .as_str()
            .and_then(|target| target.strip_prefix(&prefix))
            .and_then(|name| {
                let pointer = child(&format!("/components/{section}"), name);
                self.spec.pointer(&pointer).map(|value| (pointer, value))
            });
        if found
            .as_ref()
            .is_none_or(|(_, value)| value.get("$ref").is_some())
        {
            self.problem(
                &child(at, "$ref"),
                match target.as_str() {
                    Some(target) => format!("`{target}` does not lead to one of the {section}"),
                    None => "has to be a string".to_owned(),
                },
                format!("refer to '#/components/{section}/NAME'"),
            );
            return None;
        }
        found
    }

    // ---- operations ------------------------------------------------------------------------

    fn operations(&mut self, schemas: &IndexMap<String, Schema>) -> Vec<Operation> {
        let Some(paths) = self.spec.pointer("/paths").and_then(Value::as_object) else {
            self.problem(
                "",
                "there are no `paths`",
                "a client needs one operation at least",
            );
            return Vec::new();
        };
        let mut operations = Vec::new();
        for (path, item) in paths {
            let at = child("/paths", path);
            let Some(item) = item.as_object() else {
                self.problem(&at, "has to be a mapping", "name method by method");
                continue;
            };
            if path.starts_with("x-") {
                continue;
            }
            for (key, value) in item {
                let at = child(&at, key);
                if METHODS.contains(&key.as_str()) {
                    operations.extend(self.operation(
                        &at,
                        path,
                        key,
                        value,
                        item.get("parameters"),
                        schemas,
                    ));
                } else if !matches!(key.as_str(), "parameters" | "summary" | "description")
                    && !key.starts_with("x-")
                {
                    self.problem(
                        &at,
                        format!("`{key}` is not supported on a path"),
                        format!("one of {}", METHODS.join(", ")),
                    );
                }
            }
        }
        operations
    }

    fn operation(
        &mut self,
        at: &str,
        path: &str,
        method: &str,
        value: &'a Value,
        shared: Option<&'a Value>,
        schemas: &IndexMap<String, Schema>,
    ) -> Option<Operation> {
        if !value.is_object() {
            self.problem(
                at,
                "an operation has to be a mapping",
                "say its `operationId`",
            );
            return None;
        }
        let count = self.problems.len();
        let id = match value.get("operationId").and_then(Value::as_str) {
            Some(id) if is_method_name(id) => id.to_owned(),
            Some(id) => {
                self.problem(
                    &child(at, "operationId"),
                    format!("`{}` cannot become the name of a method", id.escape_debug()),
                    "write verb_noun in snake_case",
                );
                return None;
            }
            None => {
                self.problem(
                    at,
                    "has no `operationId`",
                    "it names the method: verb_noun in snake_case",
                );
                return None;
            }
        };
        let retry = match value.get("x-retry").and_then(Value::as_str) {
            Some("safe") => Some(Retry::Safe),
            Some("idempotent") => Some(Retry::Idempotent),
            Some("unsent") => Some(Retry::Unsent),
            _ => {
                self.problem(
                    at,
                    format!("`{id}` does not say what may be repeated"),
                    "say `x-retry: safe`, `idempotent` or `unsent`",
                );
                None
            }
        };
        let scope = self.scope(at, value);
        let (path_parameters, query_parameters) = self.parameters(at, path, value, shared, schemas);
        let body = self.body(at, value);
        let (answers, errors) = self.answers(at, value);
        if answers.is_empty() && self.problems.len() == count {
            self.problem(
                &child(at, "responses"),
                "there is no success among the responses",
                "declare one status from 200 to 299, or 2XX",
            );
        }
        if self.problems.len() > count {
            return None;
        }
        Some(Operation {
            id,
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            retry: retry?,
            scope: scope?,
            summary: text(value, "summary"),
            description: text(value, "description"),
            path_parameters,
            query_parameters,
            body,
            answers,
            errors,
            pointer: at.to_owned(),
        })
    }

    fn scope(&mut self, at: &str, value: &Value) -> Option<Scope> {
        let (at, security) = match value.get("security") {
            Some(security) => (child(at, "security"), Some(security)),
            None => (at.to_owned(), self.spec.get("security")),
        };
        let scheme = security
            .and_then(Value::as_array)
            .filter(|schemes| schemes.len() == 1)
            .and_then(|schemes| schemes[0].as_object())
            .filter(|schemes| schemes.len() == 1)
            .and_then(|schemes| schemes.keys().next());
        match scheme.map(String::as_str) {
            Some("apiKey") => Some(Scope::ApiKey),
            Some("accessToken") => Some(Scope::AccessToken),
            _ => {
                self.problem(
                    &at,
                    "has to declare one of the two secrets",
                    "say `security: [{apiKey: []}]` or `security: [{accessToken: []}]`",
                );
                None
            }
        }
    }

    fn parameters(
        &mut self,
        at: &str,
        path: &str,
        operation: &'a Value,
        shared: Option<&'a Value>,
        schemas: &IndexMap<String, Schema>,
    ) -> (Vec<Parameter>, Vec<Parameter>) {
        let Some(template) = placeholders(path) else {
            let item = at.rsplit_once('/').map_or(at, |(item, _)| item);
            self.problem(
                item,
                format!("`{path}` is not a path the client can build"),
                "start with `/`; each segment is plain text or one `{name}`",
            );
            return Default::default();
        };
        let mut found: Vec<Declared> = Vec::new();
        let item_at = at.rsplit_once('/').map_or("", |(item, _)| item);
        for (at, list, own) in [
            (child(item_at, "parameters"), shared, false),
            (child(at, "parameters"), operation.get("parameters"), true),
        ] {
            let list = match list {
                None => continue,
                Some(Value::Array(list)) => list,
                Some(_) => {
                    self.problem(&at, "has to be a list", "write `- name: …`");
                    continue;
                }
            };
            for (index, parameter) in list.iter().enumerate() {
                let pointer = child(&at, &index.to_string());
                let Some((at, parameter)) = self.resolve(&pointer, parameter, "parameters") else {
                    continue;
                };
                let Some((place, parameter)) = self.parameter(&at, parameter, schemas) else {
                    continue;
                };
                let declared = Declared {
                    place,
                    pointer,
                    own,
                    parameter,
                };
                match found.iter_mut().find(|known| {
                    known.place == declared.place && known.parameter.name == declared.parameter.name
                }) {
                    // An operation may say otherwise than its path.
                    Some(known) if own && !known.own => *known = declared,
                    Some(_) => self.problem(
                        &declared.pointer,
                        format!(
                            "the {} parameter `{}` is declared twice",
                            declared.place, declared.parameter.name
                        ),
                        "remove one of the two",
                    ),
                    None => found.push(declared),
                }
            }
        }
        let mut idents: BTreeMap<(String, String), String> = BTreeMap::new();
        for Declared {
            place,
            pointer,
            parameter,
            ..
        } in &found
        {
            if let Some(ident) = field_ident(&parameter.name)
                && let Some(other) =
                    idents.insert((place.clone(), ident.clone()), parameter.name.clone())
            {
                self.problem(
                    pointer,
                    format!(
                        "`{}` and `{other}` would both become `{ident}`",
                        parameter.name
                    ),
                    "rename one of the two",
                );
            }
            if place == "path" && !template.contains(&parameter.name) {
                self.problem(
                    pointer,
                    format!("`{}` does not occur in the path `{path}`", parameter.name),
                    "remove it, or name it in the path",
                );
            }
        }
        let mut in_path = Vec::new();
        for name in &template {
            match found
                .iter()
                .find(|found| found.place == "path" && found.parameter.name == *name)
            {
                Some(found) => in_path.push(found.parameter.clone()),
                None => self.problem(
                    at,
                    format!("the path parameter `{name}` is not declared"),
                    "declare it under `parameters`, with `in: path`",
                ),
            }
        }
        let in_query = found
            .into_iter()
            .filter(|found| found.place == "query")
            .map(|found| found.parameter)
            .collect();
        (in_path, in_query)
    }

    fn parameter(
        &mut self,
        at: &str,
        value: &Value,
        schemas: &IndexMap<String, Schema>,
    ) -> Option<(String, Parameter)> {
        let (Some(name), Some(place)) = (
            value.get("name").and_then(Value::as_str),
            value.get("in").and_then(Value::as_str),
        ) else {
            self.problem(at, "a parameter needs `name` and `in`", "say both");
            return None;
        };
        if !matches!(place, "path" | "query") {
            self.problem(
                &child(at, "in"),
                format!("`in: {place}` is not supported"),
                "one of path, query",
            );
            return None;
        }
        if field_ident(name)
            .is_none_or(|ident| matches!(ident.as_str(), "body" | "query") && place == "path")
        {
            self.problem(
                &child(at, "name"),
                format!(
                    "`{}` cannot become the name of an argument",
                    name.escape_debug()
                ),
                "use letters, digits and `_`; `body` and `query` are taken",
            );
            return None;
        }
        let required = match value.get("required") {
            None => false,
            Some(Value::Bool(required)) => *required,
            Some(_) => {
                self.problem(
                    &child(at, "required"),
                    "has to be true or false",
                    "write `true`",
                );
                return None;
            }
        };
        if place == "path" && !required {
            self.problem(
                at,
                format!("the path parameter `{name}` has to be required"),
                "say `required: true`",
            );
            return None;
        }
        for unsupported in [
            "content",
            "style",
            "explode",
            "allowReserved",
            "allowEmptyValue",
        ] {
            if value.get(unsupported).is_some() {
                self.problem(
                    &child(at, unsupported),
                    format!("`{unsupported}` is not supported on a parameter"),
                    "remove it",
                );
                return None;
            }
        }
        let Some(schema) = value.get("schema") else {
            self.problem(at, "a parameter needs a `schema`", "say its `type`");
            return None;
        };
        let schema_at = child(at, "schema");
        let count = self.problems.len();
        self.field(&schema_at, schema);
        if self.problems.len() > count {
            return None;
        }
        let scalar = match referenced(schema) {
            Some(name) => schemas
                .get(name)
                .is_some_and(|schema| matches!(schema.kind, Kind::Enumeration { .. })),
            None => matches!(
                schema.get("type").and_then(Value::as_str),
                Some("string" | "integer" | "boolean")
            ),
        };
        let format = schema.get("format").and_then(Value::as_str);
        if !scalar
            || schema.get("nullable") == Some(&Value::Bool(true))
            || matches!(format, Some("password" | "local-date-time"))
        {
            self.problem(
                &schema_at,
                "a parameter has to be a string, a date, an integer, a boolean or an enumeration",
                "what is secret or has parts belongs into the body",
            );
            return None;
        }
        Some((
            place.to_owned(),
            Parameter {
                name: name.to_owned(),
                required,
                description: text(value, "description"),
                schema: schema.clone(),
            },
        ))
    }

    fn body(&mut self, at: &str, operation: &'a Value) -> Option<String> {
        let at = child(at, "requestBody");
        let body = operation.get("requestBody")?;
        let (at, body) = self.resolve(&at, body, "requestBodies")?;
        if body.get("required") != Some(&Value::Bool(true)) {
            self.problem(
                &at,
                "a request body has to be required",
                "say `required: true`; the client always sends one",
            );
        }
        let at = child(&at, "content");
        let Some(content) = body.get("content").and_then(Value::as_object) else {
            self.problem(
                &at,
                "a request body needs `content`",
                "say `application/json`",
            );
            return None;
        };
        match content.get("application/json") {
            Some(media) if content.len() == 1 => {
                let at = child(&child(&at, "application/json"), "schema");
                self.reference(&at, media.get("schema").unwrap_or(&Value::Null))
            }
            _ => {
                self.problem(
                    &at,
                    "only JSON can be sent",
                    "say `application/json`, and only that",
                );
                None
            }
        }
    }

    fn answers(&mut self, at: &str, operation: &'a Value) -> (Vec<Answer>, Vec<(String, String)>) {
        let mut answers = Vec::new();
        let mut errors = Vec::new();
        let at = child(at, "responses");
        let Some(responses) = operation.get("responses").and_then(Value::as_object) else {
            self.problem(
                &at,
                "an operation needs `responses`",
                "declare one status at least",
            );
            return (answers, errors);
        };
        for (key, response) in responses {
            if key.starts_with("x-") {
                continue;
            }
            let at = child(&at, key);
            let status = match key.as_str() {
                "2XX" => Some(Status::AnySuccess),
                "default" | "3XX" | "4XX" | "5XX" => None,
                key => match key.parse::<u16>() {
                    Ok(status @ 200..=299) => Some(Status::Exact(status)),
                    Ok(300..=599) => None,
                    _ => {
                        self.problem(
                            &at,
                            format!(
                                "`{}` is not a status that an answer can have",
                                key.escape_debug()
                            ),
                            "a number from 200 to 599, or 2XX, 4XX, 5XX, default",
                        );
                        continue;
                    }
                },
            };
            let Some((at, response)) = self.resolve(&at, response, "responses") else {
                continue;
            };
            if !response.is_object() {
                self.problem(
                    &at,
                    "a response has to be a mapping",
                    "say its `description`",
                );
                continue;
            }
            let content = self.content(&at, response);
            let description = text(response, "description");
            match (status, content) {
                (None, _) => errors.push((key.clone(), description)),
                (Some(status), Some(content)) => answers.push(Answer {
                    status,
                    content,
                    description,
                }),
                (Some(_), None) => {}
            }
        }
        answers.sort_by_key(|answer| answer.status);
        (answers, errors)
    }

    fn content(&mut self, at: &str, response: &Value) -> Option<Content> {
        let at = child(at, "content");
        let content = match response.get("content") {
            None => return Some(Content::Empty),
            Some(Value::Object(content)) => content,
            Some(_) => {
                self.problem(&at, "has to be a mapping", "name media type by media type");
                return None;
            }
        };
        let json = match content.get("application/json") {
            Some(media) if content.len() == 1 => {
                let at = child(&child(&at, "application/json"), "schema");
                self.reference(&at, media.get("schema").unwrap_or(&Value::Null))
            }
            _ => None,
        };
        if response.get("x-optional-body") == Some(&Value::Bool(true)) || content.is_empty() {
            return Some(Content::Empty);
        }
        match json {
            Some(name) => Some(Content::Json(name)),
            None if content.len() > 1 || !content.contains_key("application/json") => {
                Some(Content::Bytes)
            }
            None => None,
        }
    }

    // ---- the whole -------------------------------------------------------------------------

    fn check_names(&mut self, operations: &[Operation], schemas: &IndexMap<String, Schema>) {
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for operation in operations {
            let at = child(&operation.pointer, "operationId");
            if !ids.insert(&operation.id) {
                self.problem(
                    &at,
                    format!("the operationId `{}` is taken", operation.id),
                    "every operation has its own",
                );
                continue;
            }
            let own = [operation.query_name(), operation.response_name()];
            let unique = names.insert(operation.type_name());
            if !unique || own.iter().any(|name| schemas.contains_key(name)) {
                self.problem(
                    &at,
                    format!(
                        "`{}` needs type names that are taken: {}",
                        operation.id,
                        own.join(", ")
                    ),
                    "rename the operation, or the schema of that name",
                );
            }
        }
    }

    /// Keys that are not known beforehand can be sent beside known ones; decoded they are ignored.
    fn check_extra_keys(&mut self, schemas: &IndexMap<String, Schema>) {
        for (name, schema) in schemas {
            let at = child("/components/schemas", name);
            let value = self.spec.pointer(&at).unwrap_or(&Value::Null);
            if schema.kind != Kind::Struct
                || !value
                    .get("additionalProperties")
                    .is_some_and(Value::is_object)
            {
                continue;
            }
            if value.pointer("/properties/extra").is_some() {
                self.problem(
                    &format!("{at}/properties/extra"),
                    "`extra` is the name of the field for further keys",
                    "rename the property, or list the keys",
                );
            }
            if schema.decoded {
                self.problem(
                    &child(&at, "additionalProperties"),
                    "answers with known and unknown keys side by side are not supported",
                    "list the keys, or give the unknown ones a property of their own",
                );
            }
        }
    }

    /// A type that holds itself by value would be endless.
    fn check_endless(&mut self, schemas: &IndexMap<String, Schema>) {
        for name in schemas.keys() {
            let mut seen = BTreeSet::new();
            let mut next = by_value(self.spec, schemas, name);
            while let Some(reached) = next.pop() {
                if reached == *name {
                    self.problem(
                        &child("/components/schemas", name),
                        format!("`{name}` contains itself"),
                        "put a list or a map in between",
                    );
                    break;
                }
                if seen.insert(reached.clone()) {
                    next.extend(by_value(self.spec, schemas, &reached));
                }
            }
        }
    }
}

/// The schemas that a schema holds directly, not in a list or map.
fn by_value(spec: &Value, schemas: &IndexMap<String, Schema>, name: &str) -> Vec<String> {
    match schemas.get(name).map(|schema| &schema.kind) {
        Some(Kind::Union { variants, .. }) => {
            variants.iter().map(|(_, name)| name.clone()).collect()
        }
        Some(Kind::Struct) => spec
            .pointer(&child("/components/schemas", name))
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::values)
            .filter_map(referenced)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn mark_directions(spec: &Value, operations: &[Operation], schemas: &mut IndexMap<String, Schema>) {
    let mut sent = Vec::new();
    // Every error may come with one, whatever the operation declares.
    let mut decoded = vec!["ApiError".to_owned()];
    for operation in operations {
        sent.extend(operation.body.clone());
        sent.extend(
            operation
                .query_parameters
                .iter()
                .chain(&operation.path_parameters)
                .filter_map(|parameter| referenced(&parameter.schema))
                .map(str::to_owned),
        );
        decoded.extend(
            operation
                .answers
                .iter()
                .filter_map(|answer| match &answer.content {
                    Content::Json(name) => Some(name.clone()),
                    _ => None,
                }),
        );
    }
    for name in reach(spec, sent) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.sent = true;
        }
    }
    for name in reach(spec, decoded) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.decoded = true;
        }
    }
    let unreached = schemas
        .iter()
        .filter(|(_, schema)| !schema.sent && !schema.decoded)
        .map(|(name, _)| name.clone())
        .collect();
    for name in reach(spec, unreached) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.decoded = true;
        }
    }
}

fn reach(spec: &Value, from: Vec<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut next = from;
    while let Some(name) = next.pop() {
        if seen.insert(name.clone())
            && let Some(schema) = spec.pointer(&child("/components/schemas", &name))
        {
            collect_references(schema, &mut next);
        }
    }
    seen
}

fn collect_references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(target) if key == "$ref" => into.extend(
                        target
                            .strip_prefix("#/components/schemas/")
                            .map(str::to_owned),
                    ),
                    _ if matches!(key.as_str(), "example" | "examples" | "default") => {}
                    _ => collect_references(value, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, into)),
        _ => {}
    }
}

/// The schema that a `$ref`, or an `allOf` around a single one, points to.
pub fn referenced(schema: &Value) -> Option<&str> {
    schema
        .get("$ref")
        .or_else(|| schema.pointer("/allOf/0/$ref"))?
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn value_is_open(value: &Value) -> bool {
    value.get("x-extensible-enum") == Some(&Value::Bool(true))
}

fn is_ident(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok() && name != "gen"
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn is_type_name(name: &str) -> bool {
    is_plain(name)
        && name.to_upper_camel_case() == name
        && is_ident(name)
        && !RESERVED_TYPES.split(' ').any(|reserved| reserved == name)
}

fn is_method_name(name: &str) -> bool {
    is_plain(name)
        && name.to_snake_case() == name
        && is_ident(name)
        && !RESERVED_METHODS.contains(&name)
}

/// The field or argument that a name on the wire becomes.
pub fn field_ident(name: &str) -> Option<String> {
    if !is_plain(name) {
        return None;
    }
    let ident = name.to_snake_case();
    let ident = if is_ident(&ident) {
        ident
    } else {
        format!("{ident}_")
    };
    is_ident(&ident).then_some(ident)
}

/// The variant that a value on the wire becomes.
pub fn variant_ident(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("Empty".to_owned());
    }
    if !value.is_ascii() || value.chars().any(char::is_control) {
        return None;
    }
    let ident = value.to_upper_camel_case();
    let ident = match ident.chars().next()? {
        first if first.is_ascii_digit() => format!("V{ident}"),
        _ => ident,
    };
    match ident.as_str() {
        "Self" => Some("SelfValue".to_owned()),
        // Taken by the variant for values that nobody knows yet.
        "Unknown" => Some("UnknownByName".to_owned()),
        _ => is_ident(&ident).then_some(ident),
    }
}

/// The names in a path template, or nothing if the client could not build such a path.
fn placeholders(path: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for segment in path.strip_prefix('/')?.split('/') {
        match segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(name) if !names.iter().any(|known| known == name) => names.push(name.to_owned()),
            Some(_) => return None,
            None if segment.is_empty() || segment == "." || segment == ".." => return None,
            None if segment
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)) => {}
            None => return None,
        }
    }
    Some(names)
}
