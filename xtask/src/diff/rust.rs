//! How a schema looks in the generated client.

use serde_json::Value;

use crate::api;
use crate::spec::{Node, referenced};

/// The construct that a named schema becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Struct,
    Map,
    Enumeration,
    Union,
}

impl Kind {
    pub(super) fn of(schema: &Node<'_>) -> Self {
        let has_properties = schema
            .get("properties")
            .and_then(|properties| properties.value.as_object())
            .is_some_and(|properties| !properties.is_empty());
        if schema.has("enum") {
            Self::Enumeration
        } else if schema.has("oneOf") {
            Self::Union
        } else if has_properties {
            Self::Struct
        } else {
            Self::Map
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Struct => "a struct",
            Self::Map => "a map",
            Self::Enumeration => "an enumeration",
            Self::Union => "a union",
        }
    }
}

/// The Rust type of a field: lists and maps are empty rather than absent.
pub(super) fn field_type(schema: &Node<'_>, required: bool) -> String {
    let bare = bare_type(schema);
    let collection = ["Vec<", "Entries<", "IndexMap<"].iter().any(|of| bare.starts_with(of));
    if schema.flag("nullable") || (!required && !collection) {
        format!("Option<{bare}>")
    } else {
        bare
    }
}

/// The Rust type of a value that is there.
pub(super) fn bare_type(schema: &Node<'_>) -> String {
    if let Some(name) = referenced(schema.value) {
        return name.to_owned();
    }
    let format = schema.text("format");
    if let Some(kind) = schema.text("x-id").filter(|kind| *kind != api::NO_KIND) {
        return api::id_type(kind);
    }
    match schema.text("type") {
        Some("array") if schema.flag("x-keyed") => {
            let items = schema.get("items").map(|items| field_type(&items, true));
            format!("IndexMap<String, {}>", items.unwrap_or_else(|| "Value".to_owned()))
        }
        Some("array") if schema.flag("x-entries") => {
            let items = schema.get("items").map(|items| field_type(&items, true));
            format!("Entries<{}>", items.unwrap_or_else(|| "Value".to_owned()))
        }
        Some("array") => match schema.get("items") {
            Some(items) => format!("Vec<{}>", field_type(&items, true)),
            None => "Vec<Value>".to_owned(),
        },
        Some("object") => match schema.get("additionalProperties") {
            Some(values) if values.value.is_object() => {
                format!("IndexMap<String, {}>", field_type(&values, true))
            }
            _ => "IndexMap<String, Value>".to_owned(),
        },
        Some("string") => match format {
            Some("date") if schema.flag("x-clamp-day") => "BankDate",
            Some("date") => "Date",
            Some("date-time" | "local-date-time") => "Timestamp",
            Some("password") => "Secret",
            Some("decimal") => "Decimal",
            _ => "String",
        }
        .to_owned(),
        Some("integer") if schema.flag("x-as-text") => "String".to_owned(),
        Some("integer") => match format {
            Some("int32") => "i32",
            Some(api::FLAG) => "bool",
            _ => "i64",
        }
        .to_owned(),
        Some("number") => match format {
            Some("decimal") => "Decimal",
            _ => "f64",
        }
        .to_owned(),
        Some("boolean") => "bool".to_owned(),
        _ => "Value".to_owned(),
    }
}

/// Whether an argument of this type can be any text: text itself, ids and secrets.
pub(super) fn takes_text(schema: &Node<'_>) -> bool {
    referenced(schema.value).is_none()
        && schema.text("type") == Some("string")
        && matches!(schema.text("format"), None | Some("password"))
}

/// The name of the schema of a JSON body.
pub(super) fn body_schema<'a>(owner: &Node<'a>) -> Option<&'a str> {
    match owner.entries("content").as_slice() {
        [("application/json", media)] => referenced(media.get("schema")?.value),
        _ => None,
    }
}

/// The type of an answer that the client does not decode.
pub(super) const BYTES: &str = "Bytes";

/// What an answer hands to the caller.
pub(super) fn answer_type(response: &Node<'_>) -> String {
    let content = response.get("content");
    let empty = content
        .and_then(|content| content.value.as_object().map(serde_json::Map::is_empty))
        .unwrap_or(true);
    if empty || response.value.get("x-optional-body") == Some(&Value::Bool(true)) {
        "()".to_owned()
    } else {
        body_schema(response).unwrap_or(BYTES).to_owned()
    }
}

/// The field that a property or a parameter becomes.
pub(super) fn field(name: &str, node: &Node<'_>) -> String {
    let chosen = api::rust_name(node.value).map(str::to_owned);
    chosen.or_else(|| api::field_ident(name)).unwrap_or_else(|| name.to_owned())
}

/// The variant that a value of an enumeration, or a tag of a union, becomes.
pub(super) fn variant(value: &str, schema: &Node<'_>) -> String {
    let facts = schema.get("x-values").and_then(|values| values.get(value));
    let chosen = facts.and_then(|facts| api::rust_name(facts.value)).map(str::to_owned);
    chosen.or_else(|| api::variant_ident(value)).unwrap_or_else(|| value.to_owned())
}

/// The struct of an operation's query parameters.
pub(super) fn query_type(id: &str) -> String {
    format!("{}Query", operation_type(id))
}

/// The stem of the types that belong to an operation.
pub(super) fn operation_type(id: &str) -> String {
    api::variant_ident(id).unwrap_or_else(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;
    use crate::document::Document;
    use crate::spec::Spec;

    const SPEC: &str = include_str!("../../../spec/xs2a.yaml");

    const SHAPES: &str = include_str!("../../tests/fixtures/generate/shapes.yaml");

    #[test]
    fn every_type_is_of_the_kind_that_the_generator_makes_of_it() {
        for text in [SPEC, SHAPES] {
            let document = Document::parse("spec.yaml", text).unwrap();
            let api = api::read(document.value()).unwrap();
            for (name, schema) in Spec::new(&document).components("schemas") {
                let theirs = match api.schemas[name].kind {
                    api::Kind::Struct => Kind::Struct,
                    api::Kind::Map => Kind::Map,
                    api::Kind::Enumeration { .. } => Kind::Enumeration,
                    api::Kind::Union { .. } => Kind::Union,
                };
                assert_eq!(Kind::of(&schema), theirs, "{name}");
            }
        }
    }

    /// What the report calls a type has to be what the user finds in the client.
    #[test]
    fn every_field_has_the_type_that_the_generator_gives_it() {
        let document = Document::parse("spec/xs2a.yaml", SPEC).unwrap();
        let client = crate::generate::generate(&document).unwrap().text;
        let client = syn::parse_file(&client).unwrap();
        let types = client
            .items
            .iter()
            .find_map(|item| match item {
                syn::Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
                _ => None,
            })
            .unwrap();
        let type_of = |owner: &str, name: &str| {
            let item = types.1.iter().find_map(|item| match item {
                syn::Item::Struct(item) if item.ident == owner => Some(item),
                _ => None,
            });
            let fields = item.map(|item| item.fields.iter()).into_iter().flatten();
            let mut wanted =
                fields.filter(|found| found.ident.as_ref().is_some_and(|ident| ident == name));
            let ty = wanted.next()?.ty.to_token_stream().to_string();
            Some(ty.replace(' ', ""))
        };
        let mut compared = 0;
        for (owner, schema) in Spec::new(&document).components("schemas") {
            if Kind::of(&schema) != Kind::Struct {
                continue;
            }
            let required = schema.texts("required");
            for (name, property) in schema.entries("properties") {
                let ours = field_type(&property, required.contains(&name));
                let theirs = type_of(owner, &field(name, &property));
                assert_eq!(Some(ours.replace(' ', "")), theirs, "{owner}::{name}");
                compared += 1;
            }
        }
        assert!(compared > 100, "only {compared} fields were compared");
    }
}
