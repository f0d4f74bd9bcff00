//! Security, tags, examples and references to components confuse or abort progenitor; the types need none of them.

use serde_json::{Map, Value, json};

use super::Draft;

/// Takes from a spec only what progenitor needs: operations with their bodies, and schemas.
pub fn keep_essentials(spec: &Value) -> Draft {
    let mut paths = Map::new();
    for (path, item) in entries(&spec["paths"]) {
        let mut kept = Map::new();
        for (method, operation) in entries(item) {
            let mut essentials = Map::new();
            for key in ["operationId", "parameters", "responses"] {
                if let Some(value) = operation.get(key) {
                    essentials.insert(key.to_owned(), value.clone());
                }
            }
            if let Some(body) = operation.get("requestBody") {
                let media = &body["content"]["application/json"];
                essentials.insert(
                    "requestBody".to_owned(),
                    json!({
                        "required": true,
                        "content": {"application/json": {"schema": media["schema"]}},
                    }),
                );
            }
            kept.insert(method.clone(), Value::Object(essentials));
        }
        paths.insert(path.clone(), Value::Object(kept));
    }
    Draft {
        paths,
        schemas: entries(&spec["components"]["schemas"])
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect(),
        replaced: Vec::new(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_progenitor_needs_is_kept() {
        let spec = json!({
            "openapi": "3.0.3",
            "security": [{"apiKey": []}],
            "paths": {"/a": {"post": {
                "operationId": "make_a", "x-retry": "unsent", "tags": ["T"],
                "requestBody": {"description": "d", "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/A"}, "example": 1,
                }}},
            }}},
            "components": {
                "parameters": {"A": {"name": "a"}},
                "schemas": {"A": {"type": "object"}},
            },
        });
        assert_eq!(
            keep_essentials(&spec).document(),
            json!({
                "openapi": "3.0.3",
                "info": {"title": "Client", "version": "0"},
                "paths": {"/a": {"post": {
                    "operationId": "make_a",
                    "requestBody": {"required": true, "content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/A"},
                    }}},
                }}},
                "components": {"schemas": {"A": {"type": "object"}}},
            })
        );
    }
}
