//! typify's enumerations refuse new values, and its unions ignore the discriminator; our own types replace both.

use serde_json::json;

use super::Draft;
use crate::api::{Api, Kind};

/// Hides enumerations and unions behind plain strings, and notes their names.
pub fn replace_enumerations_and_unions(draft: &mut Draft, api: &Api) {
    for (name, schema) in &api.schemas {
        if matches!(schema.kind, Kind::Enumeration { .. } | Kind::Union { .. }) {
            draft.schemas.insert(name.clone(), json!({"type": "string"}));
            draft.replaced.push(name.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::essentials::keep_essentials;
    use crate::lower::tests::fixture;

    #[test]
    fn enumerations_and_unions_are_hidden_and_named() {
        let (spec, api) = fixture(
            "    Thing: {type: object, properties: {mode: {$ref: '#/components/schemas/Mode'}}}
    SendThing: {type: object, properties: {shape: {$ref: '#/components/schemas/Shape'}}}
    Mode: {type: string, enum: [on, off], x-extensible-enum: true}
    Dot: {type: object, properties: {kind: {type: string}}}
    Shape:
      oneOf: [{$ref: '#/components/schemas/Dot'}]
      discriminator: {propertyName: kind, mapping: {dot: '#/components/schemas/Dot'}}",
        );
        let mut draft = keep_essentials(&spec);
        replace_enumerations_and_unions(&mut draft, &api);
        assert_eq!(draft.replaced, ["Mode", "Shape"]);
        assert_eq!(draft.schemas["Mode"], json!({"type": "string"}));
        assert_eq!(draft.schemas["Shape"], json!({"type": "string"}));
        assert!(draft.schemas["Dot"]["properties"].is_object());
    }
}
