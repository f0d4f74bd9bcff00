//! A derived Debug prints free-form objects whole, so objects that may hold secrets print only their name.

use syn::parse_quote;

use super::Client;
use super::fields::underive;
use crate::api::Api;

/// Redacts the Debug of every schema marked `x-secret`.
pub fn hide_secrets(client: &mut Client, api: &Api) {
    for item in &mut client.structs {
        let name = &item.ident;
        let text = name.to_string();
        if !api.schemas.get(&text).is_some_and(|schema| schema.secret) {
            continue;
        }
        underive(&mut item.attrs, "Debug");
        client.types.push(parse_quote! {
            impl fmt::Debug for #name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(#text).finish_non_exhaustive()
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::read_leniently;
    use crate::lift::tests::{code, start};

    #[test]
    fn an_object_that_may_hold_secrets_prints_only_its_name() {
        let (mut client, api) = start(
            "    Thing: {type: object, x-secret: true, additionalProperties: true}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        read_leniently(&mut client, &api).unwrap();
        hide_secrets(&mut client, &api);
        let structs = code(&client.structs);
        assert!(structs.contains("#[derive(Clone, PartialEq, Deserialize, Serialize)]"));
        assert_eq!(
            code(&client.types),
            "impl fmt::Debug for Thing { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result \
             { f.debug_struct(\"Thing\").finish_non_exhaustive() } }"
        );
    }
}
