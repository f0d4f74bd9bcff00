//! Component schemas, and the schemas of properties.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::names::{field_ident, is_setter_name, is_type_name, variant_ident};
use super::{Kind, Reader, Schema, text};
use crate::document::child;
use crate::spec::referenced;

/// The keys that say what a schema is, as opposed to what its values are limited to.
const SHAPING: [&str; 13] = [
    "type",
    "format",
    "nullable",
    "enum",
    "properties",
    "additionalProperties",
    "items",
    "allOf",
    "oneOf",
    "discriminator",
    "x-extensible-enum",
    "x-id",
    "x-secret",
];

impl Reader<'_> {
    pub(super) fn schemas(&mut self) -> IndexMap<String, Schema> {
        let mut schemas = IndexMap::new();
        let pointer = "/components/schemas";
        let all = self.spec.pointer(pointer).and_then(Value::as_object);
        for (name, value) in all.into_iter().flatten() {
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
                        properties: property_names(value),
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
        if value.get("enum").is_some() {
            return self.enumeration(at, value);
        }
        if value.get("oneOf").is_some() {
            return self.union(at, value);
        }
        for unsupported in ["allOf", "nullable"] {
            if value.get(unsupported).is_some_and(|value| value != &Value::Bool(false)) {
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
        let known = ["type", "properties", "required", "additionalProperties", "x-secret"];
        self.refuse_ignored(at, value, "an object", &known);
        let free = matches!(value.get("additionalProperties"), None | Some(Value::Bool(_)));
        if value.get("x-secret").is_some() && (value.get("properties").is_some() || !free) {
            self.problem(
                &child(at, "x-secret"),
                "`x-secret` is for objects whose keys and values are not known beforehand",
                "say `format: password` for each property or value that is secret",
            );
        }
        let properties = match value.get("properties") {
            None => None,
            Some(properties) => {
                Some(self.linted(&child(at, "properties"), properties.as_object())?)
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
        let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
            return Some(Kind::Map);
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
        Some(Kind::Struct)
    }

    fn enumeration(&mut self, at: &str, value: &Value) -> Option<Kind> {
        if value.get("type").and_then(Value::as_str) != Some("string") {
            self.problem(at, "only enumerations of strings are supported", "say `type: string`");
            return None;
        }
        if value.get("nullable") == Some(&Value::Bool(true)) {
            self.problem(
                &child(at, "nullable"),
                "an enumeration cannot be nullable itself",
                "say `nullable: true` where it is used, beside `allOf`",
            );
        }
        let known = ["type", "enum", "x-extensible-enum", "nullable"];
        self.refuse_ignored(at, value, "an enumeration", &known);
        let open = value_is_open(value);
        let at = child(at, "enum");
        let mut values: Vec<String> = Vec::new();
        for (index, value) in value["enum"].as_array().into_iter().flatten().enumerate() {
            let at = child(&at, &index.to_string());
            let Some(value) = self.linted(&at, value.as_str()) else {
                continue;
            };
            if values.iter().any(|known| known == value) {
                self.problem(
                    &at,
                    format!("`{value}` stands here a second time"),
                    "remove one of the two",
                );
            } else {
                values.push(value.to_owned());
            }
        }
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
                    format!("`{}` cannot become the name of a variant", value.escape_debug()),
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
        Some(Kind::Enumeration { values, open })
    }

    /// What shapes a schema of another construct would be dropped without a word.
    fn refuse_ignored(&mut self, at: &str, schema: &Value, what: &str, known: &[&str]) {
        for (key, value) in schema.as_object().into_iter().flatten() {
            if SHAPING.contains(&key.as_str())
                && !known.contains(&key.as_str())
                && value != &Value::Bool(false)
            {
                self.problem(
                    &child(at, key),
                    format!("`{key}` beside {what} would be ignored"),
                    match key.as_str() {
                        "nullable" => "say it where the schema is used, beside `allOf`",
                        "x-id" => "it is for strings",
                        "x-secret" => "it is for object components; else say `format: password`",
                        _ => "remove it, or say the `type` it belongs to",
                    },
                );
            }
        }
    }

    fn union(&mut self, at: &str, value: &Value) -> Option<Kind> {
        let count = self.problems.len();
        self.refuse_ignored(at, value, "a `oneOf`", &["oneOf", "discriminator"]);
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
            let name = target.as_str().and_then(|target| self.schema_name(target));
            let Some(name) = self.linted(&at, name) else {
                continue;
            };
            match variant_ident(wire) {
                None => self.problem(
                    &at,
                    format!("`{}` cannot become the name of a variant", wire.escape_debug()),
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
            let component =
                self.spec.pointer(&child("/components/schemas", &name)).unwrap_or(&Value::Null);
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
        let listed = self.linted(&one_of, value["oneOf"].as_array())?;
        // A mapping to nowhere may be the one that is missing.
        let complete = variants.len() == entries.len();
        for (index, item) in listed.iter().enumerate() {
            let at = child(&one_of, &index.to_string());
            match self.reference(&at, item) {
                Some(name) if !complete || variants.iter().any(|(_, known)| *known == name) => {}
                Some(name) => self.problem(
                    &at,
                    format!("`{name}` is not in the discriminator's mapping"),
                    "map a value of the discriminating property to it",
                ),
                None => {}
            }
        }
        (self.problems.len() == count).then_some(Kind::Union { tag, variants })
    }

    /// Checks the schema of a property, of an item or of a map's values.
    pub(super) fn field(&mut self, at: &str, schema: &Value) {
        let Some(object) = self.linted(at, schema.as_object()) else {
            return;
        };
        if object.contains_key("$ref") {
            self.reference(at, schema);
            return;
        }
        if let Some(all) = object.get("allOf") {
            self.refuse_ignored(at, schema, "an `allOf`", &["allOf", "nullable", "type"]);
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
        let format = object.get("format").and_then(Value::as_str);
        let (what, known): (_, &[&str]) = match object.get("type").and_then(Value::as_str) {
            Some("array") => ("a list", &["type", "format", "nullable", "items"]),
            Some("object") => ("a map", &["type", "format", "nullable", "additionalProperties"]),
            Some("integer" | "number" | "boolean") => {
                ("a number or boolean", &["type", "format", "nullable"])
            }
            Some(_) => ("a string", &["type", "format", "nullable", "x-id"]),
            None => ("no `type`", &["type", "format", "nullable", "items"]),
        };
        self.refuse_ignored(at, schema, what, known);
        let Some(kind) = object.get("type") else {
            if format.is_some() || object.contains_key("items") {
                self.problem(at, "has no `type`", "say its `type`");
            }
            return;
        };
        if let Some(id) = object.get("x-id")
            && kind == "string"
        {
            self.id(at, id, format.is_some());
        }
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
                self.unlinted(&child(at, "type"));
                return;
            }
        };
        match format {
            None if kind == "number" => self.unlinted(at),
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

    /// What is sent has a setter for each optional field, which must not hide another method.
    pub(super) fn check_setters(&mut self, schemas: &IndexMap<String, Schema>) {
        for (name, schema) in schemas.iter().filter(|(_, schema)| schema.sent) {
            let at = child("/components/schemas", name);
            let value = self.spec.pointer(&at).unwrap_or(&Value::Null);
            let required = value.get("required").and_then(Value::as_array);
            let properties = value.get("properties").and_then(Value::as_object);
            for property in properties.into_iter().flat_map(Map::keys) {
                let is_required =
                    required.is_some_and(|required| required.iter().any(|name| name == property));
                if schema.kind == Kind::Struct
                    && !is_required
                    && field_ident(property).is_some_and(|ident| !is_setter_name(&ident))
                {
                    self.problem(
                        &format!("{at}/properties/{property}"),
                        format!("a setter `{property}` would hide another method of `{name}`"),
                        "no request can have an optional property of this name",
                    );
                }
            }
        }
    }

    /// Keys that are not known beforehand can be sent beside known ones; decoded they are ignored.
    pub(super) fn check_extra_keys(&mut self, schemas: &IndexMap<String, Schema>) {
        for (name, schema) in schemas {
            let at = child("/components/schemas", name);
            let value = self.spec.pointer(&at).unwrap_or(&Value::Null);
            if schema.kind != Kind::Struct
                || !value.get("additionalProperties").is_some_and(Value::is_object)
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

    /// The client offers what the service says about an error, so it has to know its shape.
    pub(super) fn check_error(&mut self, schemas: &IndexMap<String, Schema>) {
        if self.problems.is_empty()
            && schemas.get("ApiError").is_none_or(|schema| schema.kind != Kind::Struct)
        {
            self.problem(
                "/components/schemas",
                "there is no object `ApiError`",
                "describe the body of an error under this name",
            );
        }
    }

    /// A type that holds itself by value would be endless.
    pub(super) fn check_endless(&mut self, schemas: &IndexMap<String, Schema>) {
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

fn property_names(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::keys).cloned().collect()
}

fn value_is_open(value: &Value) -> bool {
    value.get("x-extensible-enum") == Some(&Value::Bool(true))
}
