//! Turns the output of progenitor into the client.
//!
//! Each pass is a module with one public function and its reason in the first line.

pub mod canaries;
pub mod docs;
pub mod enumerations;
pub mod fields;
pub mod ids;
pub mod maps;
pub mod members;
pub mod methods;
pub mod operations;
pub mod order;
pub mod prune;
pub mod queries;
pub mod requests;
pub mod responses;
pub mod secrets;
pub mod unions;
pub mod wire;

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{File, Item, ItemMod, ItemStruct, parse_quote};

use crate::api::Api;

/// The parts of the client that the passes work on.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The structs that progenitor made of object schemas.
    pub structs: Vec<ItemStruct>,
    /// All other items of the module `types`.
    pub types: Vec<Item>,
    /// The methods of the client, as progenitor made them.
    pub methods: Vec<syn::ImplItemFn>,
    /// The items of the module `ids`.
    pub ids: Vec<Item>,
    /// The items beside the modules.
    pub items: Vec<Item>,
    /// The module that exists only in tests.
    pub tests: Option<ItemMod>,
}

/// Something unexpected in progenitor's output: a bug of ours, or a change in progenitor.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("progenitor's output is not what the passes were made for: {0}")]
pub struct Surprise(pub String);

/// Runs every pass.
pub fn lift(generated: File, api: &Api) -> Result<File, Surprise> {
    let mut client = prune::keep_types_and_methods(generated)?;
    order::keep_order(&mut client, api);
    members::finish_members(&mut client, api);
    docs::write_docs(&mut client, api);
    fields::write_canonically(&mut client, api)?;
    maps::write_maps(&mut client, api)?;
    requests::make_constructible(&mut client, api);
    secrets::hide_secrets(&mut client, api);
    enumerations::write_enumerations(&mut client, api)?;
    unions::write_unions(&mut client, api)?;
    responses::write_responses(&mut client, api)?;
    ids::write_ids(&mut client, api)?;
    methods::rewrite_methods(&mut client, api)?;
    wire::read_leniently(&mut client, api)?;
    queries::write_queries(&mut client, api)?;
    operations::write_table(&mut client, api)?;
    canaries::list_types(&mut client, api)?;
    Ok(assemble(client, api))
}

fn assemble(client: Client, api: &Api) -> File {
    let Client { structs, types, ids, items, tests, .. } = client;
    let kinds: Vec<_> = api
        .ids
        .iter()
        .map(|kind| (kind.type_name.as_str(), format!("crate::{}", kind.type_name)))
        .collect();
    let outside = imports(
        quote!(#(#items)*),
        &kinds,
        &[
            ("fmt", "::std::fmt"),
            ("Duration", "::std::time::Duration"),
            ("Bytes", "::bytes::Bytes"),
            ("Method", "::http::Method"),
            ("Call", "crate::Call"),
            ("Client", "crate::Client"),
            ("RetryClass", "crate::RetryClass"),
            ("Scope", "crate::Scope"),
            ("Pairs", "crate::request::Pairs"),
            ("Query", "crate::request::Query"),
            ("Request", "crate::request::Request"),
            ("Answer", "crate::response::Answer"),
            ("Expected", "crate::response::Expected"),
        ],
    );
    let inside = imports(
        quote!(#(#structs)* #(#types)*),
        &kinds,
        &[
            ("fmt", "::std::fmt"),
            ("FromStr", "::std::str::FromStr"),
            ("IndexMap", "::indexmap::IndexMap"),
            ("Timestamp", "::jiff::Timestamp"),
            ("Date", "::jiff::civil::Date"),
            ("Decimal", "::rust_decimal::Decimal"),
            ("Deserialize", "::serde::Deserialize"),
            ("Deserializer", "::serde::Deserializer"),
            ("Serialize", "::serde::Serialize"),
            ("Serializer", "::serde::Serializer"),
            ("Value", "::serde_json::Value"),
            ("BankDate", "crate::BankDate"),
            ("Entries", "crate::Entries"),
            ("Secret", "crate::Secret"),
            ("UnknownValue", "crate::UnknownValue"),
            ("UnknownVariant", "crate::UnknownVariant"),
        ],
    );
    // Assembled and not quoted: parsing everything again would take longer than all passes.
    let mut module: ItemMod = parse_quote! {
        /// Requests, queries and answers.
        pub mod types {
            #(#inside)*
        }
    };
    let mut kinds: ItemMod = parse_quote! {
        /// One type for each kind of id.
        pub(crate) mod ids {}
    };
    if let Some((_, content)) = &mut kinds.content {
        content.extend(ids);
    }
    if let Some((_, content)) = &mut module.content {
        content.extend(structs.into_iter().map(Item::Struct));
        content.extend(types);
    }
    let mut all = outside;
    all.push(Item::Mod(kinds));
    all.push(Item::Mod(module));
    all.extend(items);
    all.extend(tests.map(Item::Mod));
    File { shebang: None, frontmatter: None, attrs: Vec::new(), items: all }
}

/// Imports only what is used, which depends on the spec.
fn imports(code: TokenStream, kinds: &[(&str, String)], known: &[(&str, &str)]) -> Vec<Item> {
    let used = idents(code);
    let kinds = kinds.iter().map(|(name, path)| (*name, path.as_str()));
    let wanted = known.iter().copied().chain(kinds).filter(|(name, _)| used.contains(*name));
    wanted.filter_map(|(_, path)| syn::parse_str(&format!("use {path};")).ok()).collect()
}

/// Every identifier in the code.
fn idents(code: TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for token in code {
        match token {
            TokenTree::Ident(ident) => {
                found.insert(ident.to_string());
            }
            TokenTree::Group(group) => found.extend(idents(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

fn ident(name: &str) -> Result<syn::Ident, Surprise> {
    syn::parse_str(name).map_err(|_| Surprise(format!("`{name}` is not an identifier")))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::generate;
    use crate::lower::{self, tests::fixture};

    /// The client from which the passes start, for a small API with these schemas.
    pub(crate) fn start(schemas: &str) -> (Client, Api) {
        let (spec, api) = fixture(schemas);
        let made = generate::run_progenitor(&lower::lower(&spec, &api)).unwrap();
        (prune::keep_types_and_methods(made).unwrap(), api)
    }

    /// A client without types, for passes that only add something.
    pub(crate) fn nothing(schemas: &str) -> (Client, Api) {
        (Client::default(), fixture(schemas).1)
    }

    /// The code of items on one line, without documentation.
    pub(crate) fn code<T: quote::ToTokens>(items: &[T]) -> String {
        let file: File = parse_quote!(#(#items)*);
        let text = prettyplease::unparse(&file);
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        lines.collect::<Vec<_>>().join(" ")
    }

    const SCHEMAS: &str = "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}";

    #[test]
    fn an_operation_without_a_method_is_reported_and_not_left_out() {
        let (_, api) = fixture(SCHEMAS);
        let surprise = lift(
            parse_quote!(
                pub mod types {}
            ),
            &api,
        )
        .unwrap_err();
        assert!(surprise.to_string().contains("no method `get_thing`"));
        let surprise = lift(
            parse_quote!(
                pub struct Other;
            ),
            &api,
        )
        .unwrap_err();
        assert!(surprise.to_string().contains("no module `types`"));
    }

    #[test]
    fn a_method_without_an_operation_is_reported_and_not_left_in() {
        let (spec, api) = fixture(SCHEMAS);
        let mut fewer = api.clone();
        fewer.operations.remove(0);
        let made = generate::run_progenitor(&lower::lower(&spec, &api)).unwrap();
        let surprise = lift(made, &fewer).unwrap_err();
        assert!(surprise.to_string().contains("methods for"), "{surprise}");
    }
}
