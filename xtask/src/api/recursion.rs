//! Schemas that contain themselves by value: a type has to know its size, so they are boxed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Reader;
use crate::document::child;
use crate::spec::referenced;

/// Properties, each as the name of its schema and its own.
pub(crate) type Properties<'a> = BTreeSet<(&'a str, &'a str)>;

/// The properties that lead back to their own schema without a list or a map in between.
pub(crate) fn boxed(spec: &Value) -> Properties<'_> {
    let graph = Graph::of(spec);
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.schemas.keys().map(|name| (*name, graph.reach(name, |_| true))).collect();
    let mut boxed = BTreeSet::new();
    for (name, edges) in &graph.schemas {
        for edge in edges {
            let leads_back = edge.target == *name
                || reached.get(edge.target).is_some_and(|reached| reached.contains(name));
            if let Some(property) = edge.property.filter(|_| leads_back) {
                boxed.insert((*name, property));
            }
        }
    }
    boxed
}

impl Reader<'_> {
    /// A schema that cannot do without another one of itself has no finite value.
    pub(super) fn check_endless(&mut self) {
        let graph = Graph::of(self.spec);
        let mut told = BTreeSet::new();
        for name in graph.schemas.keys() {
            let needed = graph.reach(name, |edge| edge.needed);
            // Of a circle, one schema is told.
            if needed.contains(name) && told.is_disjoint(&needed) {
                told.insert(*name);
                self.problem(
                    &child("/components/schemas", name),
                    format!("every `{name}` would need another one, without end"),
                    "leave one of the properties that lead back to it out of `required`, or write \
                     `nullable: true` beside its `type` and `allOf`",
                );
            }
        }
    }
}

/// Which schemas hold which other ones by value.
struct Graph<'a> {
    schemas: BTreeMap<&'a str, Vec<Edge<'a>>>,
}

struct Edge<'a> {
    /// The property that holds the other schema; none for a variant of a union.
    property: Option<&'a str>,
    target: &'a str,
    /// Whether there is no value without it. A union always has another variant.
    needed: bool,
}

impl<'a> Graph<'a> {
    fn of(spec: &'a Value) -> Self {
        let schemas = spec.pointer("/components/schemas").and_then(Value::as_object);
        let schemas = schemas.into_iter().flatten();
        Self { schemas: schemas.map(|(name, schema)| (name.as_str(), edges(schema))).collect() }
    }

    /// The schemas that a schema leads to by such edges.
    fn reach(&self, name: &str, by: impl Fn(&Edge<'a>) -> bool) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut next = vec![name];
        while let Some(name) = next.pop() {
            for edge in self.schemas.get(name).into_iter().flatten().filter(|edge| by(edge)) {
                if reached.insert(edge.target) {
                    next.push(edge.target);
                }
            }
        }
        reached
    }
}

fn edges(schema: &Value) -> Vec<Edge<'_>> {
    if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
        let targets = variants.iter().filter_map(referenced);
        return targets.map(|target| Edge { property: None, target, needed: false }).collect();
    }
    let required = schema.get("required").and_then(Value::as_array);
    let required = |name: &str| required.is_some_and(|list| list.iter().any(|item| item == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flat_map(Map::iter);
    properties
        .filter_map(|(name, property)| {
            let nullable = property.get("nullable") == Some(&Value::Bool(true));
            Some(Edge {
                property: Some(name),
                target: referenced(property)?,
                needed: required(name) && !nullable,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn boxes(schemas: &str) -> Vec<(String, String)> {
        let text = format!("components:\n  schemas:\n{schemas}");
        let document = Document::parse("spec.yaml", &text).unwrap();
        let owned = |(name, property): (&str, &str)| (name.to_owned(), property.to_owned());
        boxed(document.value()).into_iter().map(owned).collect()
    }

    fn pair(name: &str, property: &str) -> (String, String) {
        (name.to_owned(), property.to_owned())
    }

    #[test]
    fn what_leads_back_to_its_schema_is_boxed_also_by_way_of_others() {
        let found = boxes(
            "    A: {properties: {own: {$ref: '#/components/schemas/A'}, b: {allOf: [{$ref: '#/components/schemas/B'}]}}}
    B: {properties: {u: {$ref: '#/components/schemas/U'}, c: {$ref: '#/components/schemas/C'}}}
    C: {properties: {text: {type: string}}}
    U: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/C'}]}",
        );
        assert_eq!(found, [pair("A", "b"), pair("A", "own"), pair("B", "u")]);
    }

    #[test]
    fn a_list_or_a_map_in_between_needs_no_box() {
        let found = boxes(
            "    A:
      properties:
        list: {type: array, items: {$ref: '#/components/schemas/A'}}
        map: {type: object, additionalProperties: {$ref: '#/components/schemas/A'}}",
        );
        assert_eq!(found, []);
    }
}
