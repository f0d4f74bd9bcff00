//! No type may show the secrets that it contains, so a test of the client gets the members of every type.

use quote::quote;
use syn::{Fields, parse_quote};

use super::{Client, Surprise, ident};
use crate::api::{Api, Kind};

/// Lists, for tests alone, what every type of the spec is made of.
pub fn list_types(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    let mut items: Vec<syn::Item> = Vec::new();
    let mut names = Vec::new();
    for (name, schema) in &api.schemas {
        let path = ident(name)?;
        let made = match &schema.kind {
            Kind::Map if schema.secret => quote!(secret #path),
            Kind::Map => quote!(map #path),
            Kind::Enumeration { .. } => quote!(enumeration #path),
            Kind::Struct => {
                let item = client.structs.iter().find(|item| item.ident == path);
                let Some(Fields::Named(fields)) = item.map(|item| &item.fields) else {
                    return Err(Surprise(format!("`{name}` has no fields")));
                };
                let fields = fields.named.iter().filter_map(|field| field.ident.as_ref());
                quote!(structure #path { #(#fields),* })
            }
            Kind::Union { variants, .. } => {
                let variants = variants
                    .iter()
                    .map(|(named, _)| ident(&named.ident))
                    .collect::<Result<Vec<_>, _>>()?;
                if schema.decoded {
                    quote!(union #path { #(#variants),* })
                } else {
                    quote!(sent_union #path { #(#variants),* })
                }
            }
        };
        items.push(parse_quote!(crate::canary::canary! { #made }));
        names.push(path);
    }
    let ids = api.ids.iter().map(|kind| ident(&kind.type_name)).collect::<Result<Vec<_>, _>>()?;
    let ids = (!ids.is_empty()).then(|| quote!(crate::canary::ids! { #(#ids),* }));
    let module: syn::ItemMod = parse_quote! {
        /// What each type is made of, for the test that none of them shows a secret.
        #[cfg(test)]
        pub(crate) mod canaries {
            use super::types::*;

            #ids
            #(#items)*

            crate::canary::all! { #(#names),* }
        }
    };
    client.tests = Some(module);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::write_canonically;
    use crate::lift::tests::{code, start};

    #[test]
    fn every_type_is_listed_by_its_construct() {
        let (mut client, api) = start(
            "    Thing: {type: object, properties: {id: {type: string}, type: {type: integer}}}
    SendThing: {type: object, x-secret: true, additionalProperties: true}
    Counts: {type: object, additionalProperties: {type: integer}}
    Mode: {type: string, enum: [on]}
    Shape:
      oneOf: [{$ref: '#/components/schemas/Thing'}]
      discriminator: {propertyName: id, mapping: {a-thing: '#/components/schemas/Thing'}}",
        );
        write_canonically(&mut client, &api).unwrap();
        list_types(&mut client, &api).unwrap();
        assert_eq!(
            code(&Vec::from_iter(client.tests)),
            "#[cfg(test)] pub(crate) mod canaries { use super::types::*; \
             crate::canary::canary! { structure ApiError { code, errors, message } } \
             crate::canary::canary! { structure Thing { id, type_ } } \
             crate::canary::canary! { secret SendThing } \
             crate::canary::canary! { map Counts } \
             crate::canary::canary! { enumeration Mode } \
             crate::canary::canary! { union Shape { AThing } } \
             crate::canary::all! { ApiError, Thing, SendThing, Counts, Mode, Shape } }"
        );
    }
}
