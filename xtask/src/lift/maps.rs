//! typify's newtypes around maps do not read tolerantly, so they are replaced.

use quote::quote;
use syn::{Fields, parse_quote};

use super::{Client, Surprise};
use crate::api::{Api, Kind};

/// Makes each named map a plain newtype that reads and writes like the map inside.
pub fn write_maps(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    for item in &mut client.structs {
        let Fields::Unnamed(fields) = &item.fields else {
            continue;
        };
        let name = &item.ident;
        let schema = api.schemas.get(&name.to_string());
        let Some(schema) = schema.filter(|schema| schema.kind == Kind::Map) else {
            return Err(Surprise(format!("a newtype `{name}`")));
        };
        let Some(field) = fields.unnamed.first() else {
            return Err(Surprise(format!("an empty newtype `{name}`")));
        };
        let inner = field.ty.clone();
        let serde = field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde"));
        let attributes = &item.attrs;
        if schema.decoded {
            let bare = schema.bare.as_ref().map(|bare| quote!(= #bare));
            client.types.push(parse_quote!(crate::wire::maps! { #name #bare }));
        }
        client.types.push(parse_quote! {
            impl From<#inner> for #name {
                fn from(map: #inner) -> Self {
                    Self(map)
                }
            }
        });
        *item = parse_quote! {
            #(#attributes)*
            #[serde(transparent)]
            pub struct #name(
                /// The entries, in the order in which they arrived.
                #(#serde)*
                pub #inner
            );
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::write_canonically;
    use crate::lift::tests::{code, start};

    #[test]
    fn a_named_map_reads_and_writes_like_the_map_inside() {
        let (mut client, api) = start(
            "    Thing: {type: object, additionalProperties: {type: number, format: decimal}}
    SendThing: {type: object, additionalProperties: true}",
        );
        write_canonically(&mut client, &api).unwrap();
        write_maps(&mut client, &api).unwrap();
        let structs = code(&client.structs);
        assert!(structs.contains("#[serde(transparent)] pub struct Thing("));
        assert!(structs.contains("pub IndexMap<String, Decimal>"));
        assert!(structs.contains("pub IndexMap<String, Value>"));
        let types = code(&client.types);
        assert!(types.contains("crate::wire::maps! { Thing }"));
        assert!(!types.contains("crate::wire::maps! { SendThing }"));
        assert!(types.contains("impl From<IndexMap<String, Value>> for SendThing"));
    }
}
