//! If callers wrote struct literals, each new field would break them, so requests have `new` and setters.

use syn::{Field, Fields, Ident, Type, parse_quote};

use super::Client;
use super::fields::{argument, container, is_optional};
use crate::api::Api;

/// Gives every struct that is sent a `new` with the required fields, and a setter for each other field.
pub fn make_constructible(client: &mut Client, api: &Api) {
    for item in &client.structs {
        let name = &item.ident;
        let schema = api.schemas.get(&name.to_string());
        if schema.is_some_and(|schema| !schema.sent) {
            continue;
        }
        let Fields::Named(fields) = &item.fields else {
            continue;
        };
        let mut arguments: Vec<syn::FnArg> = Vec::new();
        let mut values: Vec<syn::FieldValue> = Vec::new();
        let mut setters: Vec<syn::ImplItemFn> = Vec::new();
        for field in &fields.named {
            let Some(ident) = &field.ident else { continue };
            if is_optional(field) {
                values.push(parse_quote!(#ident: Default::default()));
                setters.push(setter(field, ident, api));
            } else {
                let (ty, value) = accept(&field.ty, ident, api);
                arguments.push(parse_quote!(#ident: #ty));
                values.push(if value == parse_quote!(#ident) {
                    parse_quote!(#ident)
                } else {
                    parse_quote!(#ident: #value)
                });
            }
        }
        let new_doc = if arguments.is_empty() {
            " A value without any field set. No field is required."
        } else {
            " A value with the required fields, and no other field set."
        };
        let mut block: syn::ItemImpl = parse_quote! {
            impl #name {
                #[doc = #new_doc]
                pub fn new(#(#arguments),*) -> Self {
                    Self { #(#values),* }
                }
            }
        };
        block.items.extend(setters.into_iter().map(syn::ImplItem::Fn));
        client.types.push(syn::Item::Impl(block));
    }
}

fn setter(field: &Field, ident: &Ident, api: &Api) -> syn::ImplItemFn {
    let attributes = field.attrs.iter().filter(|attribute| {
        attribute.path().is_ident("doc") || attribute.path().is_ident("deprecated")
    });
    let name = if ident == "new" { Ident::new("set_new", ident.span()) } else { ident.clone() };
    let optional = (container(&field.ty) == Some("Option")).then(|| argument(&field.ty));
    let body: syn::Expr;
    let ty: Type;
    match optional.flatten() {
        Some(inner) => {
            let (accepted, value) = accept(&inner, ident, api);
            ty = accepted;
            body = parse_quote!(Some(#value));
        }
        None => {
            let (accepted, value) = accept(&field.ty, ident, api);
            ty = accepted;
            body = value;
        }
    }
    parse_quote! {
        #(#attributes)*
        #[must_use]
        pub fn #name(mut self, #ident: #ty) -> Self {
            self.#ident = #body;
            self
        }
    }
}

/// The type of an argument, and the expression that makes the value of it. Anything that is text is
/// accepted for text.
fn accept(ty: &Type, ident: &Ident, api: &Api) -> (Type, syn::Expr) {
    let name = match ty {
        Type::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    };
    let is_text = name.is_some_and(|name| {
        matches!(name.as_str(), "String" | "Secret")
            || api.ids.iter().any(|kind| kind.type_name == name)
    });
    if is_text {
        (parse_quote!(impl Into<#ty>), parse_quote!(#ident.into()))
    } else if let (Some("Box"), Some(inner)) = (container(ty), argument(ty)) {
        (inner, parse_quote!(Box::new(#ident)))
    } else {
        (ty.clone(), parse_quote!(#ident))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::fields::write_canonically;
    use crate::lift::tests::{code, start};

    #[test]
    fn what_is_required_is_an_argument_and_the_rest_has_setters() {
        let (mut client, api) = start(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing:
      type: object
      required: [name, secret, count]
      properties:
        name: {type: string}
        secret: {type: string, format: password}
        count: {type: integer}
        note: {type: string}
        new: {type: boolean}
        tags: {type: array, items: {type: string}}",
        );
        write_canonically(&mut client, &api).unwrap();
        make_constructible(&mut client, &api);
        let code = code(&client.types);
        for part in [
            "pub fn new(count: i64, name: impl Into<String>, secret: impl Into<Secret>) -> Self",
            "Self { count, name: name.into(), new: Default::default(),",
            "pub fn note(mut self, note: impl Into<String>) -> Self { self.note = Some(note.into()); \
             self }",
            "pub fn set_new(mut self, new: bool) -> Self { self.new = Some(new); self }",
            "pub fn tags(mut self, tags: Vec<String>) -> Self { self.tags = tags; self }",
            "impl GetThingQuery { pub fn new(much: i64) -> Self",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
        assert!(!code.contains("impl Thing "), "an answer is not made by callers");
    }
}
