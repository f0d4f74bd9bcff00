//! The contract of the service, `spec/xs2a.yaml`, as JSON.

use std::sync::LazyLock;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

use crate::routes::Operation;

/// The spec at the time when the sandbox was built.
pub(crate) static SPEC: LazyLock<Spec> =
    LazyLock::new(|| Spec::read(include_str!("../../spec/xs2a.yaml")));

/// An OpenAPI document.
#[derive(Debug)]
pub(crate) struct Spec {
    root: Value,
}

impl Spec {
    fn read(text: &str) -> Self {
        let documents = Yaml::load_from_str(text).unwrap_or_default();
        Self { root: documents.first().map(json).unwrap_or_default() }
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
        for (path, methods) in self.root["paths"].as_object()? {
            for (method, found) in methods.as_object()? {
                if found["operationId"] == operation.id() {
                    return Some((method, path, found));
                }
            }
        }
        None
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
        let count = paths.flat_map(|methods| methods.as_object().unwrap().values()).count();
        assert_eq!(count, Operation::ALL.len());
    }
}
