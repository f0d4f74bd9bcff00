//! Which schemas callers send, and which ones they read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::document::child;
use crate::spec::{METHODS, schemas_from};

/// The component schemas by the direction they travel in. A schema may travel both ways.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directions<'a> {
    /// Requests, queries and path parameters lead to these.
    pub(crate) sent: BTreeSet<&'a str>,
    /// Answers lead to these. A schema that nothing leads to counts as one of them: the body of
    /// an answer that the client does not read can still be decoded by hand.
    pub(crate) decoded: BTreeSet<&'a str>,
}

/// Every error may carry this schema, whatever its operation declares.
pub(super) const ERROR: &str = "ApiError";

impl<'a> Directions<'a> {
    /// Follows the operations of a spec.
    pub(crate) fn of(spec: &'a Value) -> Self {
        let mut requests = Vec::new();
        let mut answers = Vec::new();
        for operation in operations(spec) {
            requests.extend(operation.pointer("/requestBody/content").and_then(json_schema));
            let parameters = operation.get("parameters").and_then(Value::as_array);
            for parameter in parameters.into_iter().flatten() {
                let parameter = resolved(spec, parameter);
                requests.extend(parameter.and_then(|parameter| parameter.get("schema")));
            }
            let responses = operation.get("responses").and_then(Value::as_object);
            for (status, response) in responses.into_iter().flatten() {
                let response = resolved(spec, response).filter(|response| {
                    status.starts_with('2')
                        && response.get("x-optional-body") != Some(&Value::Bool(true))
                });
                answers.extend(response.and_then(|response| json_schema(response.get("content")?)));
            }
        }
        let sent = schemas_from(spec, requests);
        let mut decoded = schemas_from(spec, answers);
        decoded.extend(with_all_below(spec, ERROR));
        let schemas = spec.pointer("/components/schemas").and_then(Value::as_object);
        for name in schemas.into_iter().flat_map(Map::keys) {
            if !sent.contains(name.as_str()) && !decoded.contains(name.as_str()) {
                decoded.extend(with_all_below(spec, name));
            }
        }
        Self { sent, decoded }
    }
}

/// A schema, and all that it leads to.
fn with_all_below<'a>(spec: &'a Value, name: &'a str) -> BTreeSet<&'a str> {
    let schema = spec.pointer(&child("/components/schemas", name));
    let mut names = schemas_from(spec, schema);
    names.extend(schema.map(|_| name));
    names
}

fn operations(spec: &Value) -> impl Iterator<Item = &Value> {
    let items = spec.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    items.flat_map(|item| METHODS.into_iter().filter_map(|method| item.get(method)))
}

/// A component in the place of a reference to it.
fn resolved<'a>(spec: &'a Value, value: &'a Value) -> Option<&'a Value> {
    match value.get("$ref") {
        Some(reference) => spec.pointer(reference.as_str()?.strip_prefix('#')?),
        None => Some(value),
    }
}

/// The schema of a body that is JSON and nothing else.
fn json_schema(content: &Value) -> Option<&Value> {
    let content = content.as_object().filter(|content| content.len() == 1)?;
    content.get("application/json")?.get("schema")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    const SPEC: &str = "
paths:
  /a:
    post:
      parameters: [{in: query, schema: {$ref: '#/components/schemas/Order'}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Wish'}}}}
      responses:
        '200': {$ref: '#/components/responses/Found'}
        '204':
          x-optional-body: true
          content: {application/json: {schema: {$ref: '#/components/schemas/Unread'}}}
        '404': {content: {application/json: {schema: {$ref: '#/components/schemas/ApiError'}}}}
components:
  responses:
    Found: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
  schemas:
    ApiError: {properties: {kind: {$ref: '#/components/schemas/Kind'}}}
    Kind: {enum: [a]}
    Order: {enum: [up]}
    Wish: {properties: {shared: {$ref: '#/components/schemas/Shared'}}}
    Thing: {properties: {shared: {$ref: '#/components/schemas/Shared'}}}
    Shared: {properties: {}}
    Unread: {properties: {below: {$ref: '#/components/schemas/Below'}}}
    Below: {properties: {}}
";

    #[test]
    fn a_schema_travels_as_the_operations_say() {
        let document = Document::parse("spec.yaml", SPEC).unwrap();
        let directions = Directions::of(document.value());
        assert_eq!(Vec::from_iter(directions.sent), ["Order", "Shared", "Wish"]);
        assert_eq!(
            Vec::from_iter(directions.decoded),
            ["ApiError", "Below", "Kind", "Shared", "Thing", "Unread"]
        );
    }
}
