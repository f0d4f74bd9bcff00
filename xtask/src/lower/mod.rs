//! Rewrites a copy of the spec into a spec that progenitor can take.
//!
//! Each pass is a module with one public function and its reason in the first line.

pub mod answers;
pub mod essentials;
pub mod members;
pub mod queries;
pub mod scalars;
pub mod substitutes;

use serde_json::{Map, Value, json};

use crate::api::Api;

/// The copy of the spec that progenitor gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Path items by path.
    pub paths: Map<String, Value>,
    /// Component schemas by name.
    pub schemas: Map<String, Value>,
    /// Names of the schemas that types of our own replace.
    pub replaced: Vec<String>,
}

impl Draft {
    /// The draft as a whole OpenAPI document.
    pub fn document(&self) -> Value {
        json!({
            "openapi": "3.0.3",
            "info": {"title": "Client", "version": "0"},
            "paths": self.paths,
            "components": {"schemas": self.schemas},
        })
    }

    /// The operations, each with its path and method.
    fn operations(&mut self) -> impl Iterator<Item = (&str, &str, &mut Map<String, Value>)> {
        self.paths.iter_mut().flat_map(|(path, item)| {
            item.as_object_mut().into_iter().flatten().filter_map(|(method, operation)| {
                Some((path.as_str(), method.as_str(), operation.as_object_mut()?))
            })
        })
    }
}

/// Runs every pass.
pub fn lower(spec: &Value, api: &Api) -> Draft {
    let mut draft = essentials::keep_essentials(spec);
    members::choose_names(&mut draft, api);
    queries::bundle_queries(&mut draft, api);
    answers::give_one_answer(&mut draft);
    substitutes::replace_enumerations_and_unions(&mut draft, api);
    scalars::use_own_scalars(&mut draft, api);
    draft
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::api;
    use crate::document::Document;

    /// A small API with the schemas of a test, and two operations that use them.
    pub(crate) fn fixture(schemas: &str) -> (Value, Api) {
        let text = format!(
            "
paths:
  /things/{{thing_id}}:
    get:
      operationId: get_thing
      summary: Get a thing
      x-retry: safe
      x-timeout: 20
      x-body-limit: 256
      security: [{{apiKey: []}}]
      parameters:
        - {{name: thing_id, in: path, required: true, schema: {{type: string}}}}
        - {{name: on, in: query, description: When., schema: {{type: string, format: date}}}}
        - {{name: much, in: query, required: true, schema: {{type: integer}}}}
      responses:
        '200':
          description: The thing.
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Thing'}}}}}}
    post:
      operationId: send_thing
      x-retry: unsent
      x-timeout: 180
      x-body-limit: 256
      security: [{{accessToken: []}}]
      parameters:
        - {{name: thing_id, in: path, required: true, schema: {{type: string}}}}
      requestBody:
        required: true
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/SendThing'}}}}}}
      responses:
        '201': {{description: It was made.}}
        '202':
          description: It will be.
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Thing'}}}}}}
components:
  schemas:
    ApiError:
      type: object
      properties:
        message: {{type: string, x-prose: true}}
        code: {{type: integer, format: int32, x-as-text: true}}
        errors:
          type: object
          additionalProperties: {{type: array, items: {{type: string, x-prose: true}}}}
{schemas}"
        );
        let document = Document::parse("fixture.yaml", &text).unwrap();
        let api = api::read(document.value()).unwrap();
        (document.value().clone(), api)
    }
}
