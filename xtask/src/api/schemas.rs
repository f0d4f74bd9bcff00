//! Component schemas, and the schemas of properties.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::directions::ERROR;
use super::ids::NO_KIND;
use super::names::{Named, Names, is_setter_name, is_type_name, setter_hint};
use super::{Kind, Reader, Schema, text};
use crate::document::child;
use crate::spec::referenced;

/// The keys that decide what a schema is. Other keys only limit its values.
const SHAPING: [&str; 21] = [
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
    "x-as-text",
    "x-bare",
    "x-clamp-day",
    "x-entries",
    "x-extensible-enum",
    "x-frame",
    "x-id",
    "x-keyed",
    "x-prose",
    "x-secret",
    "x-values",
];

const NULLABLE_HINT: &str =
    "where the schema is used, write `nullable: true` beside its `type` and `allOf: [{$ref: …}]`";

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
            let mut properties = Vec::new();
            if let Some(kind) = self.kind(&at, value, &mut properties) {
                let frame = is_set(value, "x-frame");
                let those = |holds: &dyn Fn(&Value) -> bool| {
                    let facts = |property: &Named| &value["properties"][property.wire.as_str()];
                    let those = properties.iter().filter(|property| holds(facts(property)));
                    those.map(|property| property.ident.clone()).collect::<Vec<_>>()
                };
                let (prose, entries, given_up) = (
                    those(&says_prose),
                    those(&|facts| is_set(facts, "x-entries")),
                    those(&|facts| frame && !self.is_frame(facts)),
                );
                schemas.insert(
                    name.clone(),
                    Schema {
                        description: text(value, "description"),
                        kind,
                        prose,
                        entries,
                        given_up,
                        properties,
                        boxed: Vec::new(),
                        secret: is_set(value, "x-secret"),
                        frame,
                        bare: value.get("x-bare").and_then(Value::as_str).map(str::to_owned),
                        sent: false,
                        decoded: false,
                    },
                );
            }
        }
        schemas
    }

    /// The construct of a component schema, and its properties if it is a struct.
    fn kind(&mut self, at: &str, value: &Value, named: &mut Vec<Named>) -> Option<Kind> {
        if value.get("enum").is_some() {
            return self.enumeration(at, value);
        }
        if value.get("oneOf").is_some() {
            return self.union(at, value);
        }
        for (unsupported, hint) in [
            ("allOf", "no schema inherits from another: write all its properties out here"),
            ("nullable", NULLABLE_HINT),
        ] {
            if value.get(unsupported).is_some_and(|value| value != &Value::Bool(false)) {
                self.problem(
                    &child(at, unsupported),
                    format!("`{unsupported}` is not supported on a component schema"),
                    hint,
                );
                return None;
            }
        }
        let kind = value.get("type").and_then(Value::as_str);
        if kind != Some("object") {
            self.problem(
                at,
                "a component schema has to be an object, an enumeration of strings or a `oneOf`",
                match kind {
                    None => "add `type: object`".to_owned(),
                    Some("array") => "write the list where it is used: `type: array` with \
                                      `items: {$ref: …}`"
                        .to_owned(),
                    Some(kind) => format!("write `type: {kind}` where the value is used"),
                },
            );
            return None;
        }
        let known = [
            "type",
            "properties",
            "required",
            "additionalProperties",
            "x-secret",
            "x-bare",
            "x-frame",
        ];
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
            if value.get("x-frame").is_some() {
                self.problem(
                    &child(at, "x-frame"),
                    "`x-frame` beside a map would be ignored",
                    "it is for objects with properties: remove it",
                );
            }
            return Some(Kind::Map);
        };
        self.bare(at, value, properties);
        self.entries(at, value, properties);
        let mut idents = BTreeMap::new();
        for (name, property) in properties {
            let at = child(&child(at, "properties"), name);
            self.field(&at, property);
            let Some(field) = self.named(&at, name, Names::Field, (&at, property)) else {
                continue;
            };
            if let Some(other) = idents.insert(field.ident.clone(), name) {
                self.problem(
                    &at,
                    format!("`{name}` and `{other}` would both become the field `{}`", field.ident),
                    "choose another name for one of the two in Rust: `x-rust-name: NAME`",
                );
            }
            named.push(field);
        }
        Some(Kind::Struct)
    }

    /// Whether a property is an object around entries or elements.
    fn is_frame(&self, property: &Value) -> bool {
        let schemas = &self.spec["components"]["schemas"];
        referenced(property).is_some_and(|name| is_set(&schemas[name], "x-frame"))
    }

    /// Lists whose entries stand for themselves: always there, and of objects.
    fn entries(&mut self, at: &str, value: &Value, properties: &Map<String, Value>) {
        let required = value.get("required").and_then(Value::as_array);
        for (name, property) in properties {
            if !is_set(property, "x-entries") {
                continue;
            }
            let is_required = required.is_some_and(|names| names.iter().any(|it| it == name));
            let items = property.get("items").unwrap_or(&Value::Null);
            let (message, hint) = if !is_required || property.get("nullable").is_some() {
                ("a list of entries is always there", "add it to `required`, without `nullable`")
            } else if referenced(items).is_none() {
                ("entries are objects with a name", "write `items: {$ref: …}`, or no `x-entries`")
            } else if is_set(property, "x-keyed") {
                ("entries have no keys", "remove `x-keyed` or `x-entries`")
            } else {
                continue;
            };
            let at = child(&child(&child(at, "properties"), name), "x-entries");
            self.problem(&at, message, hint);
        }
    }

    /// The property whose value may stand in the place of the whole object.
    fn bare(&mut self, at: &str, value: &Value, properties: &Map<String, Value>) {
        let Some(bare) = value.get("x-bare").and_then(Value::as_str) else {
            return;
        };
        let required = value.get("required").and_then(Value::as_array);
        let other = required.into_iter().flatten().find(|name| *name != bare);
        if !properties.contains_key(bare) {
            self.problem(
                &child(at, "x-bare"),
                format!("there is no property `{}`", bare.escape_debug()),
                "name the property whose value may stand in the place of the whole object",
            );
        } else if let Some(other) = other {
            self.problem(
                &child(at, "x-bare"),
                format!("nothing can stand in the place of an object that needs {other}, too"),
                "let all other properties be optional, or remove `x-bare`",
            );
        }
    }

    fn enumeration(&mut self, at: &str, value: &Value) -> Option<Kind> {
        if !self.are_texts(at, value) {
            return None;
        }
        if value.get("type").and_then(Value::as_str) != Some("string") {
            self.problem(at, "only enumerations of strings are supported", "add `type: string`");
            return None;
        }
        if value.get("nullable") == Some(&Value::Bool(true)) {
            self.problem(
                &child(at, "nullable"),
                "an enumeration cannot be nullable itself",
                NULLABLE_HINT,
            );
        }
        let known = ["type", "enum", "x-extensible-enum", "nullable", "x-values"];
        self.refuse_ignored(at, value, "an enumeration", &known);
        let open = value_is_open(value);
        let list_at = child(at, "enum");
        let mut values: Vec<(String, &str)> = Vec::new();
        for (index, value) in value["enum"].as_array().into_iter().flatten().enumerate() {
            let at = child(&list_at, &index.to_string());
            let Some(value) = self.linted(&at, value.as_str()) else {
                continue;
            };
            if values.iter().any(|(_, known)| *known == value) {
                self.problem(
                    &at,
                    format!("`{value}` stands here a second time"),
                    "remove one of the two",
                );
            } else {
                values.push((at, value));
            }
        }
        if values.is_empty() {
            self.problem(&list_at, "has no values", "list one at least");
            return None;
        }
        let named = self.variants(at, value, &values, "enumeration");
        Some(Kind::Enumeration { values: named, open })
    }

    /// Whether an enumeration lists text alone.
    fn are_texts(&mut self, at: &str, value: &Value) -> bool {
        let list_at = child(at, "enum");
        let list = value.get("enum").and_then(Value::as_array);
        let mut others = list.into_iter().flatten().enumerate().filter(|(_, v)| !v.is_string());
        let Some((index, other)) = others.next() else {
            return true;
        };
        if others.next().is_none() && other.is_null() {
            self.problem(
                &child(&list_at, &index.to_string()),
                "`null` is no value of an enumeration",
                "remove it; where the enumeration is used, write `nullable: true` beside its \
                 `type` and `allOf: [{$ref: …}]`",
            );
        } else {
            self.problem(
                &list_at,
                "only enumerations of strings are supported",
                match value.get("type").and_then(Value::as_str) {
                    Some("string") => "put the values in quotes",
                    _ => {
                        "remove the enumeration; write the `type` where it is used, and list the \
                         values in the description"
                    }
                },
            );
        }
        false
    }

    /// The variants of an enumeration or a union, from the values and where they stand.
    fn variants(
        &mut self,
        at: &str,
        schema: &Value,
        values: &[(String, &str)],
        what: &str,
    ) -> Vec<Named> {
        let facts_at = child(at, "x-values");
        let facts = schema.get("x-values").and_then(Value::as_object);
        for name in facts.into_iter().flat_map(Map::keys) {
            if !values.iter().any(|(_, value)| value == name) {
                self.problem(
                    &child(&facts_at, name),
                    format!("`{}` is no value of this {what}", name.escape_debug()),
                    "write one of the values, or remove it",
                );
            }
        }
        let mut idents = BTreeMap::new();
        let mut variants = Vec::new();
        for (value_at, value) in values {
            let facts_at = child(&facts_at, value);
            let facts = facts.and_then(|facts| facts.get(*value)).unwrap_or(&Value::Null);
            let facts = (facts_at.as_str(), facts);
            let Some(variant) = self.named(value_at, value, Names::Variant, facts) else {
                continue;
            };
            if let Some(other) = idents.insert(variant.ident.clone(), value) {
                self.problem(
                    value_at,
                    format!(
                        "`{value}` and `{other}` would both become the variant `{}`",
                        variant.ident
                    ),
                    format!(
                        "choose another name for one of the two in Rust: `x-values: {{{}: \
                         {{x-rust-name: NAME}}}}`",
                        value.escape_debug()
                    ),
                );
            }
            variants.push(variant);
        }
        variants
    }

    /// The JSON type of a component's values: unions are of objects.
    fn component_type(&self, name: &str) -> &'static str {
        let component = self.spec.pointer(&child("/components/schemas", name));
        if component.is_some_and(|schema| schema.get("enum").is_some()) {
            "string"
        } else {
            "object"
        }
    }

    /// Refuses keys that shape schemas of other constructs, since they would be ignored in silence.
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
                        "nullable" => NULLABLE_HINT,
                        "x-id" | "x-prose" | "x-clamp-day" => "it is for strings",
                        "x-as-text" => "it is for integers",
                        "x-keyed" | "x-entries" => "it is for lists",
                        "x-bare" | "x-frame" => "it is for object components",
                        "x-secret" => "it is for object components; else say `format: password`",
                        _ => "remove it, or say the `type` it belongs to",
                    },
                );
            }
        }
    }

    fn union(&mut self, at: &str, value: &Value) -> Option<Kind> {
        let count = self.problems.len();
        self.refuse_ignored(at, value, "a `oneOf`", &["oneOf", "discriminator", "x-values"]);
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
        let tags: Vec<_> =
            entries.keys().map(|wire| (child(&mapping, wire), wire.as_str())).collect();
        let named = self.variants(at, value, &tags, "union");
        let mut variants = Vec::new();
        for (wire, target) in entries {
            let at = child(&mapping, wire);
            let name = target.as_str().and_then(|target| self.schema_name(target));
            let Some(name) = self.linted(&at, name) else {
                continue;
            };
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
            if let Some(variant) = named.iter().find(|variant| variant.wire == *wire) {
                variants.push((variant.clone(), name));
            }
        }
        let one_of = child(at, "oneOf");
        let listed = self.linted(&one_of, value["oneOf"].as_array())?;
        // A mapping that leads nowhere may be the missing one.
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
                Some([one]) => {
                    let component = self.reference(&child(&child(at, "allOf"), "0"), one);
                    let kind = component.map(|name| self.component_type(&name));
                    if let (Some(kind), Some(said)) = (kind, object.get("type"))
                        && said != kind
                    {
                        self.problem(
                            &child(at, "type"),
                            "the `type` beside an `allOf` has to be that of the component",
                            format!("write `type: {kind}`"),
                        );
                    }
                }
                _ => self.problem(
                    &child(at, "allOf"),
                    "`allOf` is supported only around a single reference",
                    "for a mixture of schemas, write a component with all their properties, and \
                     `allOf: [{$ref: …}]` here",
                ),
            }
            return;
        }
        if object.contains_key("enum") && !self.are_texts(at, schema) {
            return;
        }
        let format = object.get("format").and_then(Value::as_str);
        let (what, known): (_, &[&str]) = match object.get("type").and_then(Value::as_str) {
            Some("array") => {
                ("a list", &["type", "format", "nullable", "items", "x-keyed", "x-entries"])
            }
            Some("object") => ("a map", &["type", "format", "nullable", "additionalProperties"]),
            Some("integer") => ("an integer", &["type", "format", "nullable", "x-as-text"]),
            Some("number" | "boolean") => ("a number or boolean", &["type", "format", "nullable"]),
            Some(_) => {
                ("a string", &["type", "format", "nullable", "x-id", "x-prose", "x-clamp-day"])
            }
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
        if is_set(schema, "x-clamp-day") && format != Some("date") {
            self.problem(
                &child(at, "x-clamp-day"),
                "only a day can be moved to the last one of its month",
                "write `format: date`, or remove `x-clamp-day`",
            );
        }
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

    /// A struct that is sent has a setter for each optional field. The setter must not hide another
    /// method.
    pub(super) fn check_setters(&mut self, schemas: &IndexMap<String, Schema>) {
        for (name, schema) in schemas.iter().filter(|(_, schema)| schema.sent) {
            let at = child("/components/schemas", name);
            let value = self.spec.pointer(&at).unwrap_or(&Value::Null);
            let required = value.get("required").and_then(Value::as_array);
            for Named { wire, ident, .. } in &schema.properties {
                let is_required =
                    required.is_some_and(|required| required.iter().any(|name| name == wire));
                if !is_required && !is_setter_name(ident) {
                    self.problem(
                        &child(&child(&at, "properties"), wire),
                        format!("a setter `{ident}` would hide another method of `{name}`"),
                        setter_hint(ident),
                    );
                }
            }
        }
    }

    /// What is sent has no entries that could not be read.
    pub(super) fn check_entries(&mut self, schemas: &IndexMap<String, Schema>) {
        let sent = schemas.iter().filter(|(_, schema)| schema.sent);
        for (name, schema) in sent {
            let properties = schema.properties.iter();
            for Named { wire, .. } in properties.filter(|it| schema.entries.contains(&it.ident)) {
                let at = child("/components/schemas", name);
                let at = child(&child(&child(&at, "properties"), wire), "x-entries");
                self.problem(&at, format!("`{name}` is sent"), "remove `x-entries`");
            }
        }
    }

    /// Unknown keys can be sent beside known keys. In an answer they would be ignored.
    pub(super) fn check_extra_keys(&mut self, schemas: &IndexMap<String, Schema>) {
        for (name, schema) in schemas {
            let at = child("/components/schemas", name);
            let value = self.spec.pointer(&at).unwrap_or(&Value::Null);
            if schema.kind != Kind::Struct
                || !value.get("additionalProperties").is_some_and(Value::is_object)
            {
                continue;
            }
            if let Some(Named { wire, .. }) =
                schema.properties.iter().find(|property| property.ident == "extra")
            {
                self.problem(
                    &child(&child(&at, "properties"), wire),
                    "`extra` is the name of the field for further keys",
                    "choose another name in Rust: `x-rust-name: NAME`",
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

    /// The client itself reads two properties of an error, so their names and types are fixed.
    pub(super) fn check_error(&mut self, schemas: &IndexMap<String, Schema>) {
        if !self.problems.is_empty() {
            return;
        }
        let at = child("/components/schemas", ERROR);
        let Some(schema) = schemas.get(ERROR).filter(|schema| schema.kind == Kind::Struct) else {
            self.problem(
                "/components/schemas",
                format!("there is no object `{ERROR}`"),
                "describe the body of an error under this name",
            );
            return;
        };
        let value = self.spec.pointer(&at).unwrap_or(&Value::Null);
        let required = value.get("required").and_then(Value::as_array);
        let is_read = |name: &str, kind: &str, format: Option<&str>, mark: &str| {
            let named = schema.properties.iter().find(|named| named.wire == name);
            let property = value.pointer(&child("/properties", name)).unwrap_or(&Value::Null);
            let text = |key: &str| property.get(key).and_then(Value::as_str);
            let is_optional = property.get("nullable") == Some(&Value::Bool(true))
                || !required.is_some_and(|required| required.iter().any(|item| item == name));
            named.is_some_and(|named| named.ident == name && named.deprecated.is_none())
                && (text("type"), text("format")) == (Some(kind), format)
                && text("x-id").is_none_or(|kind| kind == NO_KIND)
                && is_set(property, mark)
                && is_optional
        };
        let errors = value.pointer("/properties/errors").unwrap_or(&Value::Null);
        let are_read = errors.get("nullable").is_none()
            && schema.properties.iter().any(|named| named.ident == "errors")
            && required.is_none_or(|required| required.iter().all(|name| name != "errors"))
            && errors.get("type").and_then(Value::as_str) == Some("object")
            && errors.pointer("/additionalProperties/type").and_then(Value::as_str)
                == Some("array")
            && errors.pointer("/additionalProperties/nullable").is_none()
            && errors.pointer("/additionalProperties/items")
                == Some(&json!({"type": "string", "x-prose": true}));
        if !is_read("message", "string", None, "x-prose")
            || !is_read("code", "integer", Some("int32"), "x-as-text")
            || !are_read
        {
            self.problem(
                &at,
                format!("the client cannot read `message`, `code` and `errors` of `{ERROR}`"),
                "declare all of them so that they may be missing: `message` as a string with \
                 `x-prose: true`, `code` as an `int32` with `x-as-text: true`, and `errors` as a map \
                 of lists of `{type: string, x-prose: true}`",
            );
        }
    }
}

fn is_set(facts: &Value, key: &str) -> bool {
    facts.get(key) == Some(&Value::Bool(true))
}

/// Whether a property has words for people, in lists and maps, too.
fn says_prose(property: &Value) -> bool {
    is_set(property, "x-prose")
        || ["items", "additionalProperties"]
            .iter()
            .any(|inner| property.get(inner).is_some_and(says_prose))
}

fn value_is_open(value: &Value) -> bool {
    value.get("x-extensible-enum") == Some(&Value::Bool(true))
}
