//! Tolerant reading needs a trait, which every type of an answer has to implement.

use proc_macro2::{Ident, Literal, Span};
use quote::quote;
use syn::{Fields, Item, ItemStruct, parse_quote};

use super::fields::{container, has_serde_key, serde_keys};
use super::{Client, Surprise, ident};
use crate::api::{Api, Kind, Schema};

/// Writes how each type of an answer is read.
pub fn read_leniently(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    let mut objects = Vec::new();
    let mut enumerations = Vec::new();
    for (name, schema) in &api.schemas {
        match schema.kind {
            Kind::Struct if schema.decoded => {
                let item = client.structs.iter().find(|item| item.ident == name);
                let item = item.ok_or_else(|| Surprise(format!("no struct `{name}`")))?;
                client.types.push(described(item, schema)?);
                objects.push(ident(name)?);
            }
            Kind::Enumeration { open: true, .. } => enumerations.push(ident(name)?),
            _ => {}
        }
    }
    if !objects.is_empty() {
        client.types.push(parse_quote!(crate::wire::objects! { #(#objects),* }));
    }
    if !enumerations.is_empty() {
        client.types.push(parse_quote!(crate::wire::enumerations! { #(#enumerations),* }));
    }
    Ok(())
}

/// How each property of a struct is read.
fn described(item: &ItemStruct, schema: &Schema) -> Result<Item, Surprise> {
    let name = &item.ident;
    let Fields::Named(fields) = &item.fields else {
        return Err(Surprise(format!("`{name}` has no named fields")));
    };
    let fields: Vec<_> =
        fields.named.iter().filter_map(|field| Some((field, field.ident.as_ref()?))).collect();
    let idents: Vec<_> = fields.iter().map(|(_, ident)| *ident).collect();
    let (properties, position) = (other("properties", &idents), other("position", &idents));
    let (mut names, mut ways, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (field, ident) in &fields {
        let name = ident.to_string();
        let is_optional =
            has_serde_key(field, "skip_serializing_if") || container(&field.ty) == Some("Option");
        let is_given_up = is_optional && schema.given_up.contains(&name);
        ways.push(match (is_given_up, schema.prose.contains(&name)) {
            (true, true) => quote!(forgive_prose),
            (true, false) => quote!(forgive),
            (false, true) => quote!(read_prose),
            (false, false) => quote!(read),
        });
        let renamed = field.attrs.iter().flat_map(serde_keys).find(|(key, _)| key == "rename");
        let wire = renamed.and_then(|(_, wire)| wire).unwrap_or(name);
        values.push(match is_optional {
            true => quote!(#ident.unwrap_or_default()),
            false => quote!(#properties.present(#ident, #wire)?),
        });
        names.push(wire);
    }
    let bare = schema.bare.as_ref().map(|bare| {
        quote! {
            const BARE: Option<&'static str> = Some(#bare);
        }
    });
    let positions = (0..names.len()).map(Literal::usize_unsuffixed).collect::<Vec<_>>();
    let count = Literal::usize_unsuffixed(names.len());
    Ok(parse_quote! {
        impl crate::wire::Described for #name {
            const NAMES: &'static [&'static str] = &[#(#names),*];
            #bare
            #[inline]
            fn position(name: &str) -> usize {
                match name {
                    #(#names => #positions,)*
                    _ => #count,
                }
            }

            fn read_from<P: crate::wire::Properties>(
                #properties: &mut P,
            ) -> Result<Self, P::Error> {
                #(let mut #idents = None;)*
                while let Some(#position) = #properties.next()? {
                    match #position {
                        #(#positions => #properties.#ways(&mut #idents),)*
                        _ => #properties.ignore(),
                    }?;
                }
                Ok(Self { #(#idents: #values),* })
            }
        }
    })
}

/// A name that none of the others has.
fn other(name: &str, others: &[&Ident]) -> Ident {
    let taken = others.iter().any(|other| *other == name);
    if taken { other(&format!("{name}_"), others) } else { Ident::new(name, Span::call_site()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::write_canonically;
    use crate::lift::tests::{code, start};

    #[test]
    fn each_field_is_read_in_its_way() {
        let (mut client, api) = start(
            "    Thing:
      type: object
      x-frame: true
      x-bare: words
      properties:
        mode: {$ref: '#/components/schemas/Mode'}
        words: {type: string, x-prose: true}
        type: {type: string}
        inner: {allOf: [{$ref: '#/components/schemas/Inner'}]}
    Inner:
      type: object
      x-frame: true
      properties: {list: {type: array, items: {type: string}}, position: {type: string}}
    Entry:
      type: object
      required: [id]
      properties: {id: {type: string}, more: {type: string}, said: {type: string, x-prose: true}}
    SendThing: {type: object, properties: {id: {type: string}}}
    Mode: {type: string, enum: [on], x-extensible-enum: true}
    Closed: {type: string, enum: [on]}",
        );
        write_canonically(&mut client, &api).unwrap();
        client.types.clear();
        read_leniently(&mut client, &api).unwrap();
        let code = code(&client.types);
        for part in [
            "impl crate::wire::Described for Thing { \
             const NAMES: &'static [&'static str] = &[\"inner\", \"mode\", \"type\", \"words\"]; \
             const BARE: Option<&'static str> = Some(\"words\"); \
             #[inline] fn position(name: &str) -> usize { match name { \"inner\" => 0, \"mode\" => 1, \
             \"type\" => 2, \"words\" => 3, _ => 4, } } \
             fn read_from<P: crate::wire::Properties>( properties: &mut P, ) -> Result<Self, P::Error> { \
             let mut inner = None; let mut mode = None; let mut type_ = None; let mut words = None; \
             while let Some(position) = properties.next()? { match position { \
             0 => properties.read(&mut inner), 1 => properties.forgive(&mut mode), \
             2 => properties.forgive(&mut type_), 3 => properties.forgive_prose(&mut words), \
             _ => properties.ignore(), }?; } \
             Ok(Self { inner: inner.unwrap_or_default(), mode: mode.unwrap_or_default(), \
             type_: type_.unwrap_or_default(), words: words.unwrap_or_default(), }) } }",
            "while let Some(position_) = properties.next()? { match position_ { \
             0 => properties.forgive(&mut list), 1 => properties.forgive(&mut position),",
            "0 => properties.read(&mut id), 1 => properties.read(&mut more), \
             2 => properties.read_prose(&mut said),",
            "id: properties.present(id, \"id\")?, more: more.unwrap_or_default(),",
            "crate::wire::objects! { ApiError, Thing, Inner, Entry }",
            "crate::wire::enumerations! { Mode }",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
    }
}
