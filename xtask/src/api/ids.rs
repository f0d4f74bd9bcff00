//! The kinds of ids.

use indexmap::IndexMap;
use serde_json::Value;

use super::names::{id_type, is_type_name};
use super::{IdKind, Reader, Schema, text};
use crate::document::child;

/// Where the kinds are declared.
const KINDS: &str = "/x-ids";

/// The `x-id` of a code that identifies nothing of the service.
pub const NO_KIND: &str = "none";

impl Reader<'_> {
    pub(super) fn ids(&mut self, schemas: &IndexMap<String, Schema>) -> Vec<IdKind> {
        let mut kinds: Vec<IdKind> = Vec::new();
        let Some(declared) = self.spec.get("x-ids") else {
            return kinds;
        };
        for (name, kind) in self.linted(KINDS, declared.as_object()).into_iter().flatten() {
            let at = child(KINDS, name);
            let type_name = id_type(name);
            let taken = schemas.contains_key(&type_name)
                || kinds.iter().any(|known| known.type_name == type_name);
            if !is_type_name(&type_name) || taken {
                self.problem(
                    &at,
                    format!("`{}` needs a type name that cannot be had", name.escape_debug()),
                    format!("its type would be `{}`; rename it", type_name.escape_debug()),
                );
                continue;
            }
            let mut accepts = Vec::new();
            if let Some(list) = kind.get("accepts") {
                let at = child(&at, "accepts");
                for (index, item) in
                    self.linted(&at, list.as_array()).into_iter().flatten().enumerate()
                {
                    let known = item.as_str().filter(|kind| self.is_kind(kind));
                    let item = self.linted(&child(&at, &index.to_string()), known);
                    accepts.extend(item.map(id_type));
                }
            }
            kinds.push(IdKind { type_name, description: text(kind, "description"), accepts });
        }
        kinds
    }

    fn is_kind(&self, kind: &str) -> bool {
        self.spec.pointer(&child(KINDS, kind)).is_some()
    }

    /// Checks the `x-id` of a string.
    pub(super) fn id(&mut self, at: &str, kind: &Value, has_format: bool) {
        let at = child(at, "x-id");
        let known = kind.as_str().filter(|kind| *kind == NO_KIND || self.is_kind(kind));
        if self.linted(&at, known).is_some() && has_format {
            self.problem(&at, "an id has no format", "remove one of the two");
        }
    }
}
