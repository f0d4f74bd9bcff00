//! progenitor passes query parameters one by one; ours are one struct, which writes itself into the address.

use syn::parse_quote;

use super::fields::underive;
use super::{Client, Surprise, ident};
use crate::api::Api;

/// Lets each struct of query parameters write the parameters that are set, under their names on the
/// wire.
pub fn write_queries(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    for operation in &api.operations {
        if operation.query_parameters.is_empty() {
            continue;
        }
        let query = ident(&operation.query_name())?;
        let made = client.structs.iter_mut().find(|item| item.ident == query);
        let item = made.ok_or_else(|| Surprise(format!("there is no struct `{query}`")))?;
        // A query is never JSON.
        underive(&mut item.attrs, "Serialize");
        for field in &mut item.fields {
            field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
        }
        let mut statements: Vec<syn::Stmt> = Vec::new();
        for parameter in &operation.query_parameters {
            let name = &parameter.named.wire;
            let field = ident(&parameter.named.ident)?;
            statements.push(match (parameter.required, parameter.is_flag()) {
                (true, false) => parse_quote!(pairs.set(#name, &self.#field);),
                (true, true) => parse_quote!(pairs.set(#name, &u8::from(self.#field));),
                (false, false) => parse_quote!(pairs.set_if_some(#name, &self.#field);),
                (false, true) => {
                    parse_quote!(pairs.set_if_some(#name, &self.#field.map(u8::from));)
                }
            });
        }
        client.items.push(parse_quote! {
            impl Query for types::#query {
                fn write(&self, pairs: &mut Pairs<'_>) {
                    #(#statements)*
                }
            }
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::write_canonically;
    use crate::lift::tests::{code, start};

    #[test]
    fn what_is_required_is_always_written_and_the_rest_where_it_is_set() {
        let (mut client, api) = start(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        write_canonically(&mut client, &api).unwrap();
        write_queries(&mut client, &api).unwrap();
        client.structs.retain(|item| item.ident == "GetThingQuery");
        assert_eq!(
            code(&client.structs),
            "#[derive(Clone, Debug, PartialEq)] #[non_exhaustive] pub struct GetThingQuery { \
             pub much: i64, pub on: Option<Date>, }"
        );
        assert_eq!(
            code(&client.items),
            "impl Query for types::GetThingQuery { fn write(&self, pairs: &mut Pairs<'_>) { \
             pairs.set_if_some(\"on\", &self.on); pairs.set(\"much\", &self.much); } }"
        );
    }
}
