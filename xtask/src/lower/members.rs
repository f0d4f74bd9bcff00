//! typify makes the name of a field of the name on the wire, and two that meet in it are lost; the spec's choice takes the place of one.

use serde_json::{Map, Value};

use super::Draft;
use crate::api::Api;

/// Calls properties by the names that the spec chooses in Rust.
pub fn choose_names(draft: &mut Draft, api: &Api) {
    for (name, schema) in &api.schemas {
        let chosen: Vec<_> =
            schema.properties.iter().filter(|named| named.source() != named.wire).collect();
        let Some(lowered) = draft.schemas.get_mut(name).filter(|_| !chosen.is_empty()) else {
            continue;
        };
        let renamed = |wire: &str| {
            let named = chosen.iter().find(|named| named.wire == wire);
            named.map_or(wire, |named| named.source()).to_owned()
        };
        if let Some(properties) = lowered.get_mut("properties").and_then(Value::as_object_mut) {
            let before = std::mem::take(properties);
            *properties = Map::from_iter(before.into_iter().map(|(k, v)| (renamed(&k), v)));
        }
        let required = lowered.get_mut("required").and_then(Value::as_array_mut);
        for name in required.into_iter().flatten() {
            if let Some(wire) = name.as_str() {
                *name = Value::String(renamed(wire));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lower::essentials::keep_essentials;
    use crate::lower::tests::fixture;

    #[test]
    fn a_property_has_the_name_that_the_spec_chooses() {
        let (spec, api) = fixture(
            "    Thing:
      type: object
      required: [aB, a_b]
      properties: {aB: {type: string}, a_b: {type: string, x-rust-name: other}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        let mut draft = keep_essentials(&spec);
        choose_names(&mut draft, &api);
        let thing = &draft.schemas["Thing"];
        let names: Vec<_> = thing["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["aB", "other"]);
        assert_eq!(thing["required"], json!(["aB", "other"]));
    }
}
