//! typify's enumerations refuse new values and its unions ignore the discriminator; ours replace both.

use serde_json::json;

use super::Draft;
use crate::api::{Api, Kind};

/// Hides enumerations and unions behind plain strings, and notes their names.
pub fn replace_enumerations_and_unions(draft: &mut Draft, api: &Api) {
    for (name, schema) in &api.schemas {
        if matches!(schema.kind, Kind::Enumeration { .. } | Kind::Union { .. }) {
            draft
                .schemas
                .insert(name.clone(), json!({"type": "string"}));
            draft.replaced.push(name.clone());
        }
    }
}
