//! Rewrites a copy of the spec into one that progenitor can take.
//!
//! Each pass is a module with one public function and its reason in the first line.

pub mod answers;
pub mod essentials;
pub mod queries;
pub mod scalars;
pub mod substitutes;

use serde_json::{Map, Value, json};

use crate::api::Api;

/// A spec in the making, for progenitor's eyes only.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Path items by path.
    pub paths: Map<String, Value>,
    /// Component schemas by name.
    pub schemas: Map<String, Value>,
    /// Names of the schemas that stand for types of our own.
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
            item.as_object_mut()
                .into_iter()
                .flatten()
                .filter_map(|(method, operation)| {
                    Some((path.as_str(), method.as_str(), operation.as_object_mut()?))
                })
        })
    }
}

/// Runs every pass.
pub fn lower(spec: &Value, api: &Api) -> Draft {
    let mut draft = essentials::keep_essentials(spec);
    queries::bundle_queries(&mut draft, api);
    answers::give_one_answer(&mut draft);
    substitutes::replace_enumerations_and_unions(&mut draft, api);
    scalars::use_own_scalars(&mut draft);
    draft
}
