//! progenitor's client checks no paths, has no limits and loses errors, so only its types and the signatures of its methods stay.

use syn::visit_mut::{self, VisitMut};
use syn::{File, ImplItem, Item, Type};

use super::{Client, Surprise};

/// Takes the structs and the methods, and shortens the paths in them to what is imported.
pub fn keep_types_and_methods(generated: File) -> Result<Client, Surprise> {
    let mut client = Client::default();
    let mut found_types = false;
    for item in generated.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                found_types = true;
                let items = module.content.map(|(_, items)| items).unwrap_or_default();
                for item in items {
                    match item {
                        Item::Struct(item) => client.structs.push(item),
                        // Conversions of newtypes, and their errors.
                        Item::Impl(_) | Item::Mod(_) | Item::Use(_) => {}
                        Item::Enum(item) => {
                            return Err(Surprise(format!("an enumeration `{}`", item.ident)));
                        }
                        _ => return Err(Surprise("an unknown item among the types".to_owned())),
                    }
                }
            }
            Item::Impl(implementation)
                if implementation.trait_.is_none() && is_client(&implementation.self_ty) =>
            {
                client.methods.extend(implementation.items.into_iter().filter_map(
                    |item| match item {
                        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
                        _ => None,
                    },
                ));
            }
            _ => {}
        }
    }
    if !found_types {
        return Err(Surprise("there is no module `types`".to_owned()));
    }
    for item in &mut client.structs {
        Shorten.visit_item_struct_mut(item);
    }
    for method in &mut client.methods {
        Shorten.visit_signature_mut(&mut method.sig);
    }
    Ok(client)
}

fn is_client(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("Client"))
}

/// `::std::option::Option<T>` is `Option<T>`: names that the file imports or the prelude has.
struct Shorten;

const IMPORTED: [&str; 6] = ["Option", "String", "Vec", "Box", "IndexMap", "Value"];

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let is_map =
            path.segments.iter().map(|segment| segment.ident.to_string()).eq(["serde_json", "Map"]);
        if is_map && let Some(mut last) = path.segments.pop() {
            // A map of any values like every other map, in the order of the JSON.
            last.ident = syn::Ident::new("IndexMap", proc_macro2::Span::call_site());
            path.leading_colon = None;
            path.segments = [last].into_iter().collect();
        } else if path.leading_colon.is_some()
            && path
                .segments
                .last()
                .is_some_and(|last| IMPORTED.iter().any(|name| last.ident == name))
            && let Some(last) = path.segments.pop()
        {
            path.leading_colon = None;
            path.segments = [last].into_iter().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn only_structs_and_methods_stay() {
        let client = keep_types_and_methods(parse_quote! {
            use progenitor_client::{encode_path, ClientHooks};
            pub mod types {
                pub struct A { pub b: ::std::option::Option<::std::string::String>, }
                impl ::std::default::Default for A {}
                pub mod error {}
            }
            pub struct Client { baseurl: String }
            impl Client {
                pub fn new(baseurl: &str) -> Self {}
                pub async fn get_a<'a>(&'a self, id: &'a str) -> u8 {}
            }
            impl ClientHooks<()> for &Client {}
        })
        .unwrap();
        assert_eq!(
            client.structs,
            [parse_quote!(
                pub struct A {
                    pub b: Option<String>,
                }
            )]
        );
        assert_eq!(client.methods.len(), 1);
        assert_eq!(client.methods[0].sig.ident, "get_a");
    }

    #[test]
    fn maps_of_anything_keep_their_order() {
        let client = keep_types_and_methods(parse_quote! {
            pub mod types {
                pub struct A {
                    pub b: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                }
            }
        })
        .unwrap();
        assert_eq!(
            client.structs,
            [parse_quote!(
                pub struct A {
                    pub b: IndexMap<String, Value>,
                }
            )]
        );
    }

    #[test]
    fn an_enumeration_of_progenitors_own_is_refused() {
        let refused = keep_types_and_methods(parse_quote! {
            pub mod types { pub enum A { B } }
        });
        assert_eq!(
            refused.unwrap_err().to_string(),
            "progenitor's output is not what the passes were made for: an enumeration `A`"
        );
    }
}
