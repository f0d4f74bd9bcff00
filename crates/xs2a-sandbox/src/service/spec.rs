//! The contract of the service, `spec/xs2a.yaml`, as JSON.

use std::{collections::HashMap, sync::LazyLock};

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

use crate::{json::Json, routes::Operation};

/// The text of the spec at the time when the sandbox was built.
pub(crate) const SPEC_TEXT: &str = include_str!("../../spec/xs2a.yaml");

/// The spec at the time when the sandbox was built.
pub(crate) static SPEC: LazyLock<Spec> = LazyLock::new(|| Spec::read(SPEC_TEXT));

/// An OpenAPI document.
#[derive(Debug)]
pub(crate) struct Spec {
    root: Value,
    /// Paths and methods by the ids of the operations.
    operations: HashMap<String, (String, String)>,
}

impl Spec {
    fn read(text: &str) -> Self {
        let documents = Yaml::load_from_str(text).unwrap_or_default();
        let root = documents.first().map(json).unwrap_or_default();
        let mut operations = HashMap::new();
        for (path, methods) in root["paths"].as_object().into_iter().flatten() {
            for (method, found) in methods.as_object().into_iter().flatten() {
                let id = found["operationId"].as_str().unwrap_or_default();
                operations.insert(id.to_owned(), (path.clone(), method.clone()));
            }
        }
        Self { root, operations }
    }

    pub(crate) fn components(&self) -> &Value {
        &self.root["components"]
    }

    /// The schema of this name.
    pub(crate) fn schema(&self, name: &str) -> &Value {
        &self.root["components"]["schemas"][name]
    }

    /// Method, path and description of the operation.
    pub(crate) fn operation(&self, operation: Operation) -> Option<(&str, &str, &Value)> {
        let (path, method) = self.operations.get(operation.id())?;
        Some((method, path, &self.root["paths"][path][method]))
    }

    /// What `value` points at, if it is a `$ref`; else `value` itself.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let mut value = value;
        while let Some(reference) = value["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            value = self.root.pointer(pointer).unwrap_or(&Value::Null);
        }
        value
    }

    /// The schema that describes `value`, behind references, `allOf` and discriminators.
    pub(crate) fn schema_of<'a>(&'a self, schema: &'a Value, value: &Json) -> &'a Value {
        let mut schema = self.resolve(schema);
        while let Some(only) = schema["allOf"].get(0) {
            schema = self.resolve(only);
        }
        let kind = value.text_of("type").unwrap_or_default();
        match schema["discriminator"]["mapping"][kind].as_str() {
            Some(reference) => self.schema(reference.rsplit('/').next().unwrap_or_default()),
            None => schema,
        }
    }

    /// The schema of the JSON body that the operation takes. Null if it takes none.
    pub(crate) fn schema_of_request(&self, operation: Operation) -> &Value {
        let body = self.operation(operation).map(|(_, _, found)| &found["requestBody"]);
        &self.resolve(body.unwrap_or(&Value::Null))["content"]["application/json"]["schema"]
    }

    /// The schema of the JSON body of an answer with this status. Where the spec has no such answer,
    /// the schema of an error.
    pub(crate) fn schema_of_answer(&self, operation: Operation, status: u16) -> &Value {
        match self.response(operation, status) {
            Some(response) => &response["content"]["application/json"]["schema"],
            None => self.schema("ApiError"),
        }
    }

    /// The description of an answer with this status: of the status itself, of its range, or the
    /// default.
    pub(crate) fn response(&self, operation: Operation, status: u16) -> Option<&Value> {
        let (_, _, operation) = self.operation(operation)?;
        let responses = operation["responses"].as_object()?;
        let range = format!("{}XX", status / 100);
        [status.to_string().as_str(), range.as_str(), "default"]
            .iter()
            .find_map(|key| responses.get(*key))
            .map(|found| self.resolve(found))
    }
}

fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(value)) => Value::from(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::FloatingPoint(value)) => Value::from(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => Value::from(value.as_ref()),
        Yaml::Representation(text, ..) => Value::from(text.as_ref()),
        Yaml::Sequence(values) => values.iter().map(json).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| (key_text(key), json(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Yaml::Tagged(_, value) => json(value),
        Yaml::Value(Scalar::Null) | Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn key_text(key: &Yaml<'_>) -> String {
    match json(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::Scope;

    #[test]
    fn the_routes_are_those_of_the_spec() {
        for &operation in Operation::ALL {
            let (method, path, found) = SPEC.operation(operation).unwrap();
            assert_eq!(method, operation.method().as_str().to_lowercase());
            assert_eq!(path, operation.template());
            let scheme = match operation.scope() {
                Scope::ApiKey => "apiKey",
                Scope::AccessToken => "accessToken",
            };
            assert!(found["security"][0].get(scheme).is_some(), "{operation:?}");
        }
    }

    #[test]
    fn every_operation_of_the_spec_has_a_route() {
        let paths = SPEC.root["paths"].as_object().unwrap().values();
        for operation in paths.flat_map(|methods| methods.as_object().unwrap().values()) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                Operation::from_id(id).is_some(),
                "`{id}` is new: give it a row of `operations!` in src/routes.rs, and an arm of \
                 `answer` in src/world/calls.rs"
            );
        }
    }
}
