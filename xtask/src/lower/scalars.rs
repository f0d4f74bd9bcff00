//! typify turns limits and defaults into unexpected types (NonZero, f64, fields that are always sent) and knows no extension, so schemas are reduced to what they become.

use serde_json::{Map, Value, json};

use super::Draft;
use crate::api::{Api, FLAG, NO_KIND, id_type};
use crate::spec::SCHEMA_PREFIX;

/// The formats that become types of our own, with the name of the type.
const FORMATS: [(&str, &str); 6] = [
    ("decimal", "Decimal"),
    ("date", "Date"),
    (CLAMPED, "BankDate"),
    ("date-time", "Timestamp"),
    ("local-date-time", "LocalTimestamp"),
    ("password", "Secret"),
];

/// What takes the place of the format of a day that is moved into its month.
const CLAMPED: &str = "x-clamp-day";

/// The keys of a schema that are kept. All others only limit its values.
const KEPT: [&str; 9] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "description",
    "format",
    "items",
    "nullable",
    "properties",
    "type",
];

/// Reduces every schema to its shape, and makes scalars with a meaning refer to types of our own.
pub fn use_own_scalars(draft: &mut Draft, api: &Api) {
    for schema in draft.schemas.values_mut() {
        let required = schema.get("required").cloned();
        strip(schema);
        if let Some(required) = required {
            schema["required"] = required;
        }
    }
    for (_, _, operation) in draft.operations() {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            strip(&mut parameter["schema"]);
        }
    }
    let ids = api.ids.iter().map(|kind| kind.type_name.as_str());
    for name in FORMATS.iter().map(|(_, name)| *name).chain(ids) {
        draft.schemas.insert(name.to_owned(), json!({"type": "string"}));
        draft.replaced.push(name.to_owned());
    }
}

fn strip(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let own_type = own_type(object);
    let is_set = |object: &Map<String, Value>, key| object.get(key) == Some(&Value::Bool(true));
    if is_set(object, "x-keyed") {
        object.insert("type".to_owned(), json!("object"));
        let items = object.remove("items").unwrap_or_default();
        object.insert("additionalProperties".to_owned(), items);
    }
    if is_set(object, "x-as-text") {
        object.insert("type".to_owned(), json!("string"));
        object.remove("format");
    }
    object.retain(|key, _| KEPT.contains(&key.as_str()));
    // Unlisted keys are ignored anyway. A schema that refuses them would break on a new key.
    let open_beside_properties = object.contains_key("properties")
        && object.get("additionalProperties") == Some(&Value::Bool(true));
    if open_beside_properties || object.get("additionalProperties") == Some(&Value::Bool(false)) {
        object.remove("additionalProperties");
    }
    if object.contains_key("allOf") {
        // It repeats the type of the component, which typify would merge into another one.
        object.remove("type");
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(key) {
            strip(inner);
        }
    }
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(strip);
    }
    if is_flag(object) {
        object.insert("type".to_owned(), json!("boolean"));
        object.remove("format");
    }
    if let Some(name) = own_type {
        object.remove("type");
        object.remove("format");
        let reference = json!({"$ref": format!("{SCHEMA_PREFIX}{name}")});
        object.insert("allOf".to_owned(), json!([reference]));
    }
}

/// Whether it is a boolean for the caller, and is sent as 1 or 0.
fn is_flag(schema: &Map<String, Value>) -> bool {
    schema.get("format").and_then(Value::as_str) == Some(FLAG)
}

fn own_type(schema: &Map<String, Value>) -> Option<String> {
    let text = |key| schema.get(key).and_then(Value::as_str);
    if let Some(kind) = text("x-id").filter(|kind| *kind != NO_KIND) {
        return Some(id_type(kind));
    }
    let is_clamped = schema.get("x-clamp-day") == Some(&Value::Bool(true));
    let format = text("format").map(|format| if is_clamped { CLAMPED } else { format })?;
    FORMATS.iter().find(|(known, _)| *known == format).map(|(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::tests::fixture;

    fn lowered(schema: Value) -> Value {
        let mut draft = Draft { paths: Map::new(), schemas: Map::new(), replaced: Vec::new() };
        draft.schemas.insert("A".to_owned(), schema);
        let (_, api) = fixture(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        use_own_scalars(&mut draft, &api);
        draft.schemas["A"].take()
    }

    #[test]
    fn limits_and_defaults_go_and_shape_and_words_stay() {
        assert_eq!(
            lowered(json!({
                "type": "object", "required": ["n"], "example": {}, "x-secret": true,
                "properties": {"n": {
                    "type": "integer", "format": "int64", "minimum": 1, "maximum": 9,
                    "default": 3, "example": 4, "nullable": true, "description": "How many.",
                }},
            })),
            json!({
                "type": "object", "required": ["n"],
                "properties": {"n": {
                    "type": "integer", "format": "int64", "nullable": true,
                    "description": "How many.",
                }},
            })
        );
    }

    #[test]
    fn a_scalar_with_a_meaning_refers_to_its_type_wherever_it_stands() {
        let decimal = json!({"allOf": [{"$ref": "#/components/schemas/Decimal"}]});
        assert_eq!(
            lowered(json!({"type": "object", "additionalProperties": {
                "type": "array", "items": {"type": "number", "format": "decimal", "minimum": 0},
            }})),
            json!({"type": "object", "additionalProperties": {"type": "array", "items": decimal}})
        );
        assert_eq!(
            lowered(json!({"type": "object", "properties": {
                "at": {"type": "string", "format": "local-date-time", "nullable": true},
            }})),
            json!({"type": "object", "properties": {"at": {
                "nullable": true,
                "allOf": [{"$ref": "#/components/schemas/LocalTimestamp"}],
            }}})
        );
    }

    #[test]
    fn an_id_refers_to_the_type_of_its_kind_and_a_code_is_text() {
        let id = |name: &str| json!({"allOf": [{"$ref": format!("#/components/schemas/{name}")}]});
        assert_eq!(
            lowered(json!({"type": "object", "properties": {
                "id": {"type": "string", "x-id": "thing"},
                "key": {"type": "string", "x-id": "thing-key"},
                "country_id": {"type": "string", "x-id": "none"},
            }})),
            json!({"type": "object", "properties": {
                "id": id("ThingId"), "key": id("ThingKey"), "country_id": {"type": "string"},
            }})
        );
    }

    #[test]
    fn a_flag_is_a_boolean() {
        assert_eq!(
            lowered(json!({"type": "object", "properties": {
                "new": {"type": "integer", "format": "flag"},
            }})),
            json!({"type": "object", "properties": {"new": {"type": "boolean"}}})
        );
    }

    #[test]
    fn a_day_that_is_moved_into_its_month_has_a_type_of_its_own() {
        assert_eq!(
            lowered(json!({"type": "object", "properties": {
                "on": {"type": "string", "format": "date", "x-clamp-day": true},
            }})),
            json!({"type": "object", "properties": {
                "on": {"allOf": [{"$ref": "#/components/schemas/BankDate"}]},
            }})
        );
    }

    #[test]
    fn a_list_that_is_also_a_map_is_one_and_an_integer_that_is_also_a_text_is_one() {
        assert_eq!(
            lowered(json!({"type": "object", "properties": {
                "tabs": {"type": "array", "x-keyed": true, "items": {"type": "string"}},
                "chosen": {"type": "integer", "format": "int32", "x-as-text": true},
            }})),
            json!({"type": "object", "properties": {
                "tabs": {"type": "object", "additionalProperties": {"type": "string"}},
                "chosen": {"type": "string"},
            }})
        );
    }

    #[test]
    fn unlisted_keys_are_neither_refused_nor_collected_beside_listed_ones() {
        for additional in [true, false] {
            assert_eq!(
                lowered(json!({
                    "type": "object",
                    "properties": {"a": {"type": "string"}},
                    "additionalProperties": additional,
                })),
                json!({"type": "object", "properties": {"a": {"type": "string"}}})
            );
        }
    }
}
