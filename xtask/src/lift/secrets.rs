//! A derived Debug or Serialize shows all of an object, so objects that may contain secrets get their own.

use syn::parse_quote;

use super::Client;
use super::fields::underive;
use crate::api::Api;

/// Conceals every map that is marked `x-secret`, in `Debug` and in `Serialize`.
pub fn hide_secrets(client: &mut Client, api: &Api) {
    for item in &mut client.structs {
        let name = &item.ident;
        let text = name.to_string();
        if api.schemas.get(&text).is_none_or(|schema| !schema.secret) {
            continue;
        }
        underive(&mut item.attrs, "Debug");
        underive(&mut item.attrs, "Serialize");
        // Nothing is left that serde derives.
        item.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
        client.types.push(parse_quote! {
            impl fmt::Debug for #name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(#text).finish_non_exhaustive()
                }
            }
        });
        client.types.push(parse_quote! {
            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    crate::secret::serialize_concealed(&self.0, serializer)
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::write_canonically;
    use crate::lift::maps::write_maps;
    use crate::lift::tests::{code, start};

    #[test]
    fn an_object_that_may_hold_secrets_shows_only_its_name() {
        let (mut client, api) = start(
            "    Thing: {type: object, x-secret: true, additionalProperties: true}
    SendThing: {type: object, x-secret: true, additionalProperties: true}",
        );
        write_canonically(&mut client, &api).unwrap();
        write_maps(&mut client, &api).unwrap();
        client.types.clear();
        hide_secrets(&mut client, &api);
        let structs = code(&client.structs);
        for name in ["Thing", "SendThing"] {
            let hidden = format!("#[derive(Clone, PartialEq)] pub struct {name}(");
            assert!(structs.contains(&hidden), "{structs}");
        }
        let written = code(&client.types);
        for name in ["Thing", "SendThing"] {
            for part in [
                format!(
                    "impl fmt::Debug for {name} {{ fn fmt(&self, f: &mut fmt::Formatter<'_>) -> \
                     fmt::Result {{ f.debug_struct(\"{name}\").finish_non_exhaustive() }} }}"
                ),
                format!(
                    "impl Serialize for {name} {{ fn serialize<S: Serializer>(&self, serializer: S) \
                     -> Result<S::Ok, S::Error> {{ \
                     crate::secret::serialize_concealed(&self.0, serializer) }} }}"
                ),
            ] {
                assert!(written.contains(&part), "no `{part}` in {written}");
            }
        }
    }
}
