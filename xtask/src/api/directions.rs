//! Which schemas requests reach, and which ones answers do.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::{Content, Operation, Schema};
use crate::document::child;
use crate::spec::{referenced, schemas_from};

/// Marks every schema; what nothing reaches (bodies that nobody reads, say) counts as decoded.
pub(super) fn mark(spec: &Value, operations: &[Operation], schemas: &mut IndexMap<String, Schema>) {
    let mut sent = Vec::new();
    // Every error may come with one, whatever the operation declares.
    let mut decoded = vec!["ApiError".to_owned()];
    for operation in operations {
        sent.extend(operation.body.clone());
        sent.extend(
            operation
                .query_parameters
                .iter()
                .chain(&operation.path_parameters)
                .filter_map(|parameter| referenced(&parameter.schema))
                .map(str::to_owned),
        );
        decoded.extend(operation.answers.iter().filter_map(|answer| match &answer.content {
            Content::Json(name) => Some(name.clone()),
            _ => None,
        }));
    }
    for name in reach(spec, sent) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.sent = true;
        }
    }
    for name in reach(spec, decoded) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.decoded = true;
        }
    }
    let unreached = schemas
        .iter()
        .filter(|(_, schema)| !schema.sent && !schema.decoded)
        .map(|(name, _)| name.clone())
        .collect();
    for name in reach(spec, unreached) {
        if let Some(schema) = schemas.get_mut(&name) {
            schema.decoded = true;
        }
    }
}

/// These schemas, and all that they lead to.
fn reach(spec: &Value, names: Vec<String>) -> BTreeSet<String> {
    let roots = names.iter().filter_map(|name| spec.pointer(&child("/components/schemas", name)));
    let mut reached: BTreeSet<String> =
        schemas_from(spec, roots).into_iter().map(str::to_owned).collect();
    reached.extend(names);
    reached
}
