//! progenitor makes an argument of each query parameter, so that each new one breaks callers; they become one struct.

use serde_json::{Map, Value, json};

use super::Draft;
use crate::api::{Api, Operation, Parameter};

/// Turns the query parameters of each operation into a schema, and leaves its path parameters.
pub fn bundle_queries(draft: &mut Draft, api: &Api) {
    for (path, method, lowered) in draft.operations() {
        let declared = api
            .operations
            .iter()
            .find(|known| known.path == path && known.method.eq_ignore_ascii_case(method));
        let path_parameters = declared
            .into_iter()
            .flat_map(|declared| &declared.path_parameters)
            .map(|parameter| {
                json!({
                    "name": parameter.named.wire,
                    "in": "path",
                    "required": true,
                    "schema": parameter.schema,
                })
            })
            .collect();
        lowered.insert("parameters".to_owned(), Value::Array(path_parameters));
    }
    for operation in &api.operations {
        if !operation.query_parameters.is_empty() {
            draft.schemas.insert(operation.query_name(), bundle(operation));
        }
    }
}

fn bundle(operation: &Operation) -> Value {
    let properties: Map<String, Value> = operation
        .query_parameters
        .iter()
        .map(|parameter| (parameter.named.source().to_owned(), described(parameter)))
        .collect();
    let required: Vec<_> = operation
        .query_parameters
        .iter()
        .filter(|parameter| parameter.required)
        .map(|parameter| parameter.named.source())
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn described(parameter: &Parameter) -> Value {
    let mut schema = match parameter.schema.get("$ref") {
        Some(_) => json!({"allOf": [parameter.schema]}),
        None => parameter.schema.clone(),
    };
    let description = &parameter.description;
    let default = parameter.schema.get("default").cloned();
    let default = match parameter.is_flag() {
        true => default.map(|default| Value::Bool(default == 1)),
        false => default,
    };
    schema["description"] = match default {
        Some(Value::String(text)) => format!("{description}\n\nDefault: `{text}`.").into(),
        Some(default) => format!("{description}\n\nDefault: {default}.").into(),
        None => description.as_str().into(),
    };
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::essentials::keep_essentials;
    use crate::lower::tests::fixture;

    #[test]
    fn the_query_is_one_schema_and_the_path_stays() {
        let (spec, api) = fixture(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        let mut draft = keep_essentials(&spec);
        bundle_queries(&mut draft, &api);
        assert_eq!(
            draft.paths["/things/{thing_id}"]["get"]["parameters"],
            json!([
                {"name": "thing_id", "in": "path", "required": true, "schema": {"type": "string"}},
            ])
        );
        assert_eq!(
            draft.schemas["GetThingQuery"],
            json!({
                "type": "object",
                "required": ["much"],
                "properties": {
                    "on": {"type": "string", "format": "date", "description": "When."},
                    "much": {"type": "integer", "description": ""},
                },
            })
        );
        assert!(!draft.schemas.contains_key("SendThingQuery"));
    }
}
