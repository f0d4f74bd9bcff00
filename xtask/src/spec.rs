//! The document as an API: operations, parameters, responses and schemas, each with the JSON pointer
//! of its place. A value that is missing or of the wrong type is simply absent, so that no rule has
//! to handle a broken document.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Document, child};

/// Methods that an operation may use.
pub const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// The names between braces in a path template.
pub fn placeholders(path: &str) -> Vec<&str> {
    path.split('/').filter_map(placeholder).collect()
}

fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Whether the client can build such a path: each segment is plain text or one placeholder, and no
/// placeholder stands twice.
pub fn is_path_template(path: &str) -> bool {
    let plain = |text: &str| {
        !matches!(text, "" | "." | "..")
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
    };
    let names = placeholders(path);
    let unique = |(index, name): (usize, &&str)| !names[..index].contains(name);
    names.iter().enumerate().all(unique)
        && path.strip_prefix('/').is_some_and(|path| {
            path.split('/').all(|segment| plain(placeholder(segment).unwrap_or(segment)))
        })
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// JSON pointer of the value.
    pub pointer: String,
    /// The value itself.
    pub value: &'a Value,
}

impl<'a> Node<'a> {
    /// The member `key` of an object.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        let value = self.value.as_object()?.get(key)?;
        let pointer = child(&self.pointer, key);
        Some(Node { pointer, value })
    }

    /// The text of the member `key`.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// Whether the member `key` is `true`.
    pub fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool) == Some(true)
    }

    /// Whether there is a member `key`.
    pub fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    /// The members of the object under `key`, with their names.
    pub fn entries(&self, key: &str) -> Vec<(&'a str, Node<'a>)> {
        self.get(key).map(|node| node.members()).unwrap_or_default()
    }

    /// The members of this object, with their names.
    pub fn members(&self) -> Vec<(&'a str, Node<'a>)> {
        let Some(map) = self.value.as_object() else {
            return Vec::new();
        };
        map.iter()
            .map(|(name, value)| {
                let pointer = child(&self.pointer, name);
                (name.as_str(), Node { pointer, value })
            })
            .collect()
    }

    /// The items of the list under `key`.
    pub fn items(&self, key: &str) -> Vec<Node<'a>> {
        let Some(list) = self.get(key) else {
            return Vec::new();
        };
        let Some(items) = list.value.as_array() else {
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(index, value)| Node { pointer: format!("{}/{index}", list.pointer), value })
            .collect()
    }

    /// The texts of the list under `key`.
    pub fn texts(&self, key: &str) -> Vec<&'a str> {
        self.items(key).iter().filter_map(|item| item.value.as_str()).collect()
    }
}

/// One operation of the API.
#[derive(Clone, Debug)]
pub struct Operation<'a> {
    /// Path template, as in `/v1/api/connections/{connection_id}`.
    pub path: &'a str,
    /// Method in lower case.
    pub method: &'static str,
    /// The operation object.
    pub node: Node<'a>,
}

impl<'a> Operation<'a> {
    /// The operationId, if it is there.
    pub fn id(&self) -> Option<&'a str> {
        self.node.text("operationId")
    }

    /// The name of the operation in a message.
    pub fn label(&self) -> String {
        match self.id() {
            Some(id) => format!("`{id}`"),
            None => format!("{} {}", self.method.to_uppercase(), self.path),
        }
    }
}

/// The document as an API.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    /// The document behind it.
    pub document: &'a Document,
}

impl<'a> Spec<'a> {
    /// The API that a document describes.
    pub fn new(document: &'a Document) -> Self {
        Self { document }
    }

    /// The whole document.
    pub fn root(&self) -> Node<'a> {
        Node { pointer: String::new(), value: self.document.value() }
    }

    /// All operations, in the order of the file.
    pub fn operations(&self) -> Vec<Operation<'a>> {
        let mut operations = Vec::new();
        for (path, item) in self.root().entries("paths") {
            for (name, node) in item.members() {
                if let Some(method) = METHODS.into_iter().find(|method| *method == name) {
                    operations.push(Operation { path, method, node });
                }
            }
        }
        operations
    }

    /// The named components of a section, such as `schemas`.
    pub fn components(&self, section: &str) -> Vec<(&'a str, Node<'a>)> {
        self.root()
            .get("components")
            .map(|components| components.entries(section))
            .unwrap_or_default()
    }

    /// Follows a `$ref`. A value without a `$ref` stays as it is.
    pub fn resolve(&self, node: Node<'a>) -> Option<Node<'a>> {
        let Some(reference) = node.value.get("$ref") else {
            return Some(node);
        };
        let pointer = reference.as_str()?.strip_prefix('#')?;
        let value = self.document.value().pointer(pointer)?;
        Some(Node { pointer: pointer.to_owned(), value })
    }

    /// The parameters of an operation, with references followed.
    pub fn parameters(&self, operation: &Operation<'a>) -> Vec<Node<'a>> {
        operation
            .node
            .items("parameters")
            .into_iter()
            .filter_map(|parameter| self.resolve(parameter))
            .collect()
    }

    /// The responses of an operation by status, with references followed.
    pub fn responses(&self, operation: &Operation<'a>) -> Vec<(&'a str, Node<'a>)> {
        operation
            .node
            .entries("responses")
            .into_iter()
            .filter_map(|(status, response)| Some((status, self.resolve(response)?)))
            .collect()
    }

    /// Every schema of the document, each once at its own place. A schema comes before the schemas
    /// inside of it.
    pub fn schemas(&self) -> Vec<SchemaNode<'a>> {
        let mut found = Vec::new();
        for (name, node) in self.components("schemas") {
            collect(node, Role::Component(name), &mut found);
        }
        for (_, parameter) in self.components("parameters") {
            collect_member(&parameter, Role::Parameter, &mut found);
        }
        for (_, response) in self.components("responses") {
            collect_response(&response, &mut found);
        }
        for operation in self.operations() {
            for parameter in operation.node.items("parameters") {
                collect_member(&parameter, Role::Parameter, &mut found);
            }
            if let Some(body) = operation.node.get("requestBody") {
                for (_, media) in body.entries("content") {
                    collect_member(&media, Role::Body, &mut found);
                }
            }
            for (_, response) in operation.node.entries("responses") {
                collect_response(&response, &mut found);
            }
        }
        found
    }

    /// The names of all component schemas that these schemas lead to.
    pub fn reachable(&self, roots: Vec<Node<'a>>) -> BTreeSet<&'a str> {
        schemas_from(self.document.value(), roots.iter().map(|node| node.value))
    }

    /// The schemas of everything the server sends: response bodies and headers.
    pub fn response_schemas(&self) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        for (_, response) in self.components("responses") {
            collect_response(&response, &mut found);
        }
        for operation in self.operations() {
            for (_, response) in operation.node.entries("responses") {
                collect_response(&response, &mut found);
            }
        }
        found.into_iter().map(|schema| schema.node).collect()
    }
}

/// How references to component schemas begin.
pub const SCHEMA_PREFIX: &str = "#/components/schemas/";

/// The name of the component schema that a `$ref`, or an `allOf` around a single one, leads to.
pub fn referenced(schema: &Value) -> Option<&str> {
    let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref"))?;
    reference.as_str()?.strip_prefix(SCHEMA_PREFIX)
}

/// The names of all component schemas that values of a spec lead to.
pub fn schemas_from<'a>(
    spec: &'a Value,
    roots: impl IntoIterator<Item = &'a Value>,
) -> BTreeSet<&'a str> {
    let references = references_from(spec, roots).into_iter();
    references.filter_map(|reference| reference.strip_prefix(SCHEMA_PREFIX)).collect()
}

/// All references that values of a spec lead to, directly or by way of others.
pub fn references_from<'a>(
    spec: &'a Value,
    roots: impl IntoIterator<Item = &'a Value>,
) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut queue = Vec::from_iter(roots);
    while let Some(value) = queue.pop() {
        for reference in references_in(value) {
            if found.insert(reference) {
                queue.extend(reference.strip_prefix('#').and_then(|place| spec.pointer(place)));
            }
        }
    }
    found
}

fn references_in(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("$ref", Value::String(reference)) => vec![reference.as_str()],
                // Property names are free: one may be `example`.
                ("properties", Value::Object(properties)) => {
                    properties.values().flat_map(references_in).collect()
                }
                // Examples are data, which may look like a reference.
                ("example", _) => Vec::new(),
                (_, value) => references_in(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references_in).collect(),
        _ => Vec::new(),
    }
}

/// A schema and its role.
#[derive(Clone, Debug)]
pub struct SchemaNode<'a> {
    /// The schema.
    pub node: Node<'a>,
    /// Its role.
    pub role: Role<'a>,
}

/// The role of a schema at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'a> {
    /// A named schema of the components.
    Component(&'a str),
    /// A property of an object, by name.
    Property(&'a str),
    /// The items of a list, or the values of a map.
    Element,
    /// The one member of an `allOf`.
    Wrapped,
    /// A variant of a union.
    Variant,
    /// The type of a parameter or header.
    Parameter,
    /// A whole request or response body.
    Body,
}

fn collect_response<'a>(response: &Node<'a>, found: &mut Vec<SchemaNode<'a>>) {
    for (_, media) in response.entries("content") {
        collect_member(&media, Role::Body, found);
    }
    for (_, header) in response.entries("headers") {
        collect_member(&header, Role::Parameter, found);
    }
}

fn collect_member<'a>(owner: &Node<'a>, role: Role<'a>, found: &mut Vec<SchemaNode<'a>>) {
    if let Some(node) = owner.get("schema") {
        collect(node, role, found);
    }
}

fn collect<'a>(node: Node<'a>, role: Role<'a>, found: &mut Vec<SchemaNode<'a>>) {
    if !node.value.is_object() {
        return;
    }
    found.push(SchemaNode { node: node.clone(), role });
    for (name, property) in node.entries("properties") {
        collect(property, Role::Property(name), found);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(element) = node.get(key) {
            collect(element, Role::Element, found);
        }
    }
    for wrapped in node.items("allOf") {
        collect(wrapped, Role::Wrapped, found);
    }
    for variant in node.items("oneOf") {
        collect(variant, Role::Variant, found);
    }
}
