//! Edits what progenitor wrote until it is the client we want.
//!
//! Each pass is a module with one public function and its reason in the first line.

pub mod docs;
pub mod enumerations;
pub mod fields;
pub mod maps;
pub mod methods;
pub mod operations;
pub mod prune;
pub mod requests;
pub mod responses;
pub mod secrets;
pub mod unions;
pub mod wire;

use syn::{File, Item, ItemStruct, parse_quote};

use crate::api::Api;

/// What the passes work on: the types, then the items beside them.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Structs that progenitor made of object schemas.
    pub structs: Vec<ItemStruct>,
    /// Everything else in the module `types`.
    pub types: Vec<Item>,
    /// Methods of the client, as progenitor made them.
    pub methods: Vec<syn::ImplItemFn>,
    /// Items beside the module `types`.
    pub items: Vec<Item>,
}

/// A surprise in progenitor's output: a bug of ours or a change of theirs.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("progenitor's output is not what the passes were made for: {0}")]
pub struct Surprise(pub String);

/// Runs every pass.
pub fn lift(generated: File, api: &Api) -> Result<File, Surprise> {
    let mut client = prune::keep_types_and_methods(generated)?;
    docs::write_docs(&mut client, api);
    fields::read_leniently(&mut client, api)?;
    maps::write_maps(&mut client, api)?;
    requests::make_constructible(&mut client, api);
    secrets::hide_secrets(&mut client, api);
    enumerations::write_enumerations(&mut client, api)?;
    unions::write_unions(&mut client, api)?;
    wire::register_types(&mut client, api)?;
    responses::write_responses(&mut client, api)?;
    methods::rewrite_methods(&mut client, api)?;
    operations::write_table(&mut client, api)?;
    Ok(assemble(client))
}

fn assemble(client: Client) -> File {
    let Client {
        structs,
        types,
        items,
        ..
    } = client;
    let mut file: File = parse_quote! {
        use ::std::fmt;

        use ::bytes::Bytes;
        use ::http::Method;

        use crate::request::Request;
        use crate::{Client, Error, Response, RetryClass, Scope};

        /// What is sent and what comes back.
        pub mod types {
            use ::std::fmt;
            use ::std::str::FromStr;

            use ::indexmap::IndexMap;
            use ::jiff::Timestamp;
            use ::jiff::civil::Date;
            use ::rust_decimal::Decimal;
            use ::serde::{Deserialize, Deserializer, Serialize, Serializer};
            use ::serde_json::Value;

            use crate::{Secret, UnknownValue, UnknownVariant};

            #(#structs)*
            #(#types)*
        }

        #(#items)*
    };
    file.shebang = None;
    file
}

fn ident(name: &str) -> Result<syn::Ident, Surprise> {
    syn::parse_str(name).map_err(|_| Surprise(format!("`{name}` is not an identifier")))
}
