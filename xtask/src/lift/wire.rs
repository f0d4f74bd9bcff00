//! Tolerant reading needs a trait, which every type of an answer has to implement.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, ItemStruct, parse_quote};

use super::fields::{has_serde_key, serde_keys};
use super::{Client, Surprise, ident};
use crate::api::{Api, Kind, Schema};

/// Lets the module `wire` implement its trait for the types of answers.
pub fn register_types(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    let mut objects = Vec::new();
    let mut enumerations = Vec::new();
    for (name, schema) in &api.schemas {
        match schema.kind {
            Kind::Struct if schema.decoded => {
                let item = client.structs.iter().find(|item| item.ident == name);
                let item = item.ok_or_else(|| Surprise(format!("no struct `{name}`")))?;
                let fields = fields(item, schema)?;
                let bare = schema.bare.as_ref().map(|bare| quote!(= #bare));
                let name = ident(name)?;
                objects.push(quote!(#name #bare));
                client.types.push(parse_quote! {
                    impl #name {
                        fn from_object(
                            object: &crate::wire::Object<'_>,
                        ) -> Result<Self, crate::wire::DecodeError> {
                            Ok(Self { #(#fields),* })
                        }
                    }
                });
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

/// Each field with the way in which it is read, and its name on the wire.
fn fields(item: &ItemStruct, schema: &Schema) -> Result<Vec<TokenStream>, Surprise> {
    let Fields::Named(fields) = &item.fields else {
        return Err(Surprise(format!("`{}` has no named fields", item.ident)));
    };
    let mut read = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let name = ident.to_string();
        let is_optional = has_serde_key(field, "default");
        let is_given_up = is_optional && schema.given_up.contains(&name);
        let way = match (is_given_up, is_optional, schema.prose.contains(&name)) {
            (true, _, true) => quote!(forgiving_prose),
            (true, _, false) => quote!(forgiving),
            (false, _, true) => quote!(prose),
            (false, true, false) => quote!(optional),
            (false, false, false) => quote!(required),
        };
        let renamed = field.attrs.iter().flat_map(serde_keys).find(|(key, _)| key == "rename");
        let wire = renamed.and_then(|(_, wire)| wire).unwrap_or(name);
        read.push(quote!(#ident: object.#way(#wire)?));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::read_leniently;
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
    Inner: {type: object, x-frame: true, properties: {list: {type: array, items: {type: string}}}}
    Entry:
      type: object
      required: [id]
      properties: {id: {type: string}, more: {type: string}, said: {type: string, x-prose: true}}
    SendThing: {type: object, properties: {id: {type: string}}}
    Mode: {type: string, enum: [on], x-extensible-enum: true}
    Closed: {type: string, enum: [on]}",
        );
        read_leniently(&mut client, &api).unwrap();
        client.types.clear();
        register_types(&mut client, &api).unwrap();
        let code = code(&client.types);
        for part in [
            "impl Thing { fn from_object( object: &crate::wire::Object<'_>, ) -> Result<Self, \
             crate::wire::DecodeError> { Ok(Self { inner: object.optional(\"inner\")?, mode: \
             object.forgiving(\"mode\")?, type_: object.forgiving(\"type\")?, words: \
             object.forgiving_prose(\"words\")?, }) } }",
            "Ok(Self { list: object.forgiving(\"list\")?, })",
            "id: object.required(\"id\")?, more: object.optional(\"more\")?, \
             said: object.prose(\"said\")?,",
            "crate::wire::objects! { ApiError, Thing = \"words\", Inner, Entry }",
            "crate::wire::enumerations! { Mode }",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
    }
}
