//! typify reads and writes by serde's rules; here serde writes canonically, and reading is left to `wire`.

use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Field, Fields, GenericArgument, Ident, LitStr, PathArguments, Token, Type,
    parse_quote,
};

use super::{Client, Surprise, idents};
use crate::api::Api;

/// Replaces serde's attributes on structs and their fields.
pub fn write_canonically(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    for item in &mut client.structs {
        let name = item.ident.to_string();
        let schema = api.schemas.get(&name);
        // Query parameters have no schema of their own.
        let sent = schema.is_none_or(|schema| schema.sent);
        item.attrs.retain(|attribute| attribute.path().is_ident("doc"));
        item.attrs.push(parse_quote!(#[derive(Clone, Debug, PartialEq, Serialize)]));
        let entries = schema.map(|schema| schema.entries.as_slice()).unwrap_or_default();
        for field in &mut item.fields {
            rewrite(field)?;
            let name = field.ident.as_ref().map(ToString::to_string);
            if name.is_some_and(|name| entries.contains(&name)) {
                let inner = argument(&field.ty).filter(|_| container(&field.ty) == Some("Vec"));
                let inner = inner.ok_or_else(|| Surprise("entries that are no list".to_owned()))?;
                field.ty = parse_quote!(Entries<#inner>);
            }
        }
        if let Fields::Named(fields) = &item.fields {
            if sent && fields.named.iter().all(is_optional) {
                item.attrs.push(parse_quote!(#[derive(Default)]));
            }
            item.attrs.push(parse_quote!(#[non_exhaustive]));
        }
    }
    Ok(())
}

/// Removes a trait from those that a struct derives.
pub(super) fn underive(attributes: &mut [Attribute], name: &str) {
    for attribute in attributes {
        if attribute.path().is_ident("derive")
            && let syn::Meta::List(list) = &attribute.meta
            && let Ok(traits) = list.parse_args_with(
                syn::punctuated::Punctuated::<syn::Path, Token![,]>::parse_terminated,
            )
        {
            let traits = traits.iter().filter(|path| !path.is_ident(name));
            *attribute = parse_quote!(#[derive(#(#traits),*)]);
        }
    }
}

/// Whether a struct can be made without the field.
pub(super) fn is_optional(field: &Field) -> bool {
    has_serde_key(field, "skip_serializing_if") || has_serde_key(field, "flatten")
}

/// Whether serde is told something of the field.
pub(super) fn has_serde_key(field: &Field, wanted: &str) -> bool {
    field.attrs.iter().any(|attribute| serde_keys(attribute).iter().any(|(key, _)| key == wanted))
}

fn rewrite(field: &mut Field) -> Result<(), Surprise> {
    let mut keys = Vec::new();
    for attribute in &field.attrs {
        keys.extend(serde_keys(attribute));
    }
    let mut kept: Vec<(&str, Option<String>)> = Vec::new();
    for (key, value) in &keys {
        match key.as_str() {
            "rename" | "flatten" => kept.push((key, value.clone())),
            // typify spells the type in full here.
            "skip_serializing_if" => {
                let of = container(&field.ty).ok_or_else(|| {
                    Surprise(format!("`{}` is optional", field.ty.to_token_stream()))
                })?;
                let test = match of {
                    "Option" => "Option::is_none",
                    "Vec" => "Vec::is_empty",
                    _ => "IndexMap::is_empty",
                };
                kept.push((key, Some(test.to_owned())));
            }
            "default" if value.is_none() => {}
            "deserialize_with" => {}
            other => return Err(Surprise(format!("the serde attribute `{other}`"))),
        }
    }
    let local = names(&field.ty, "LocalTimestamp");
    let canonical = local || names(&field.ty, "Decimal");
    Rename.visit_type_mut(&mut field.ty);
    if canonical {
        kept.push(("serialize_with", Some("crate::wire::canonical".to_owned())));
    }
    field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
    if !kept.is_empty() {
        let arguments = kept.iter().map(|(key, value)| {
            let key = Ident::new(key, proc_macro2::Span::call_site());
            match value {
                Some(value) => quote::quote!(#key = #value),
                None => quote::quote!(#key),
            }
        });
        field.attrs.push(parse_quote!(#[serde(#(#arguments),*)]));
    }
    Ok(())
}

pub(super) fn serde_keys(attribute: &Attribute) -> Vec<(String, Option<String>)> {
    let mut keys = Vec::new();
    if attribute.path().is_ident("serde") {
        // An attribute that cannot be parsed does not come from typify, and is reported as unknown.
        let parsed = attribute.parse_nested_meta(|meta| {
            let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            let value = if meta.input.peek(Token![=]) {
                Some(meta.value()?.parse::<LitStr>()?.value())
            } else {
                None
            };
            keys.push((key, value));
            Ok(())
        });
        if parsed.is_err() {
            keys.push((attribute.to_token_stream().to_string(), None));
        }
    }
    keys
}

/// `Option`, `Vec`, `IndexMap` or `Box`, if the type is one.
pub(super) fn container(ty: &Type) -> Option<&'static str> {
    let Type::Path(path) = ty else { return None };
    let name = &path.path.segments.last()?.ident;
    ["Option", "Vec", "IndexMap", "Box"].into_iter().find(|known| name == known)
}

/// What a container holds.
pub(super) fn argument(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    }
}

fn names(ty: &Type, name: &str) -> bool {
    idents(ty.to_token_stream()).contains(name)
}

/// The two kinds of time differ in how they are written, not in their type.
struct Rename;

impl VisitMut for Rename {
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        if ident == "LocalTimestamp" {
            *ident = Ident::new("Timestamp", ident.span());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, start};

    const SCHEMAS: &str = "    Thing:
      type: object
      required: [id, list, none, at, entries]
      properties:
        id: {type: string}
        entries: {type: array, x-entries: true, items: {$ref: '#/components/schemas/Entry'}}
        list: {type: array, items: {type: string}}
        none: {type: string, nullable: true}
        at: {type: string, format: local-date-time}
        more: {type: number, format: decimal}
        type: {type: object, additionalProperties: {type: integer}}
    Entry: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {on: {type: string, format: date-time}}}";

    fn lifted(name: &str) -> String {
        let (mut client, api) = start(SCHEMAS);
        write_canonically(&mut client, &api).unwrap();
        client.structs.retain(|item| item.ident == name);
        code(&client.structs).replace('"', "").replace("#[serde( ", "#[serde(").replace(" )]", ")]")
    }

    #[test]
    fn serde_derives_how_a_struct_is_written_and_not_how_it_is_read() {
        let thing = lifted("Thing");
        assert!(thing.contains("#[derive(Clone, Debug, PartialEq, Serialize)]"), "{thing}");
        assert!(thing.contains("#[non_exhaustive]"));
        assert!(!thing.contains("default") && !thing.contains("Deserialize"), "{thing}");
        for field in [
            "pub id: String",
            "pub list: Vec<String>",
            "pub none: Option<String>",
            "pub entries: Entries<Entry>",
        ] {
            assert!(thing.contains(field), "no `{field}` in {thing}");
        }
    }

    #[test]
    fn amounts_and_local_times_are_written_canonically() {
        let thing = lifted("Thing");
        for field in [
            "#[serde(serialize_with = crate::wire::canonical)] pub at: Timestamp",
            "serialize_with = crate::wire::canonical)] pub more: Option<Decimal>",
        ] {
            assert!(thing.contains(field), "no `{field}` in {thing}");
        }
    }

    #[test]
    fn what_may_be_left_out_is_and_names_of_the_wire_stay() {
        let thing = lifted("Thing");
        assert!(
            thing.contains(
                "#[serde(rename = type, skip_serializing_if = IndexMap::is_empty)] \
                 pub type_: IndexMap<String, i64>"
            ),
            "{thing}"
        );
    }

    #[test]
    fn what_is_sent_can_be_made_of_nothing_where_all_may_be_left_out() {
        let sent = lifted("SendThing");
        assert!(sent.contains("#[derive(Default)]"));
        assert!(sent.contains("pub on: Option<Timestamp>") && !sent.contains("canonical"));
        assert!(lifted("GetThingQuery").contains("pub much: i64"));
    }
}
