//! Retries and tracing must not guess what an operation is, so what the spec says of it becomes a table.

use std::hash::Hash;

use indexmap::IndexMap;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::parse_quote;

use super::docs::{line, render};
use super::methods::statuses;
use super::{Client, Surprise, ident};
use crate::api::{Api, Content, Operation, Retry, Scope};

/// Writes the enumeration of all operations, with what the spec says about each.
pub fn write_table(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    let variants = api
        .operations
        .iter()
        .map(|operation| ident(&operation.type_name()))
        .collect::<Result<Vec<_>, _>>()?;
    let docs = api.operations.iter().map(|operation| {
        let summary = render(&operation.summary).join(" ");
        line(&match summary.as_str() {
            "" => format!("`{}`.", operation.id),
            summary => format!("{}.", summary.trim_end_matches('.')),
        })
    });
    let ids = api.operations.iter().map(|operation| &operation.id);
    let methods = api
        .operations
        .iter()
        .map(|operation| ident(&operation.method))
        .collect::<Result<Vec<_>, _>>()?;
    let paths = api.operations.iter().map(|operation| &operation.path);
    let retries = api.operations.iter().map(|operation| match operation.retry {
        Retry::Safe => quote!(RetryClass::Safe),
        Retry::Idempotent => quote!(RetryClass::Idempotent),
        Retry::Unsent => quote!(RetryClass::Unsent),
    });
    let scopes = api.operations.iter().map(|operation| match operation.scope {
        Scope::ApiKey => quote!(Scope::ApiKey),
        Scope::AccessToken => quote!(Scope::AccessToken),
    });
    let mut successes: Vec<syn::Arm> = Vec::new();
    for operation in &api.operations {
        let variant = ident(&operation.type_name())?;
        for answer in &operation.answers {
            let statuses = statuses(answer.status);
            let expected = match answer.content {
                Content::Empty => quote!(Nothing),
                Content::Bytes | Content::Json(_) => quote!(Body),
            };
            successes.push(parse_quote!((Self::#variant, #statuses) => Some(Expected::#expected),));
        }
    }
    let accepts = grouped(api, |operation| match operation.media_types.as_slice() {
        [] => "*/*".to_owned(),
        names => names.join(", "),
    })?;
    let timeouts = grouped(api, |operation| operation.timeout)?;
    let limits = grouped(api, |operation| operation.body_limit)?;
    let timeouts = timeouts.into_iter().map(|(seconds, variants)| -> syn::Arm {
        let seconds = Literal::u64_unsuffixed(seconds);
        parse_quote!(#variants => Duration::from_secs(#seconds),)
    });
    let limits = limits.into_iter().map(|(kib, variants)| -> syn::Arm {
        let kib = Literal::u64_unsuffixed(kib);
        parse_quote!(#variants => #kib * 1024,)
    });
    let accepts = accepts
        .into_iter()
        .map(|(list, variants)| -> syn::Arm { parse_quote!(#variants => #list,) });
    let base_url = &api.base_url;
    let file: syn::File = parse_quote! {
        /// The address of the service, as the specification says.
        pub const DEFAULT_BASE_URL: &str = #base_url;

        /// Every operation of the API, and what the specification says about it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            #(#docs #variants,)*
        }

        impl Operation {
            /// All operations, in the order of the specification.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The operationId of the specification, which is also the name of the method.
            pub const fn id(self) -> &'static str {
                match self {
                    #(Self::#variants => #ids,)*
                }
            }

            /// The HTTP method.
            pub const fn method(self) -> Method {
                match self {
                    #(Self::#variants => Method::#methods,)*
                }
            }

            /// The path, with the names of its parameters in braces.
            pub const fn path_template(self) -> &'static str {
                match self {
                    #(Self::#variants => #paths,)*
                }
            }

            /// When a call may be repeated.
            pub const fn retry(self) -> RetryClass {
                match self {
                    #(Self::#variants => #retries,)*
                }
            }

            /// How long one attempt may take, from connecting to the last byte of the answer. Some
            /// operations are answered only after the bank was asked.
            pub const fn attempt_timeout(self) -> Duration {
                match self {
                    #(#timeouts)*
                }
            }

            /// How long the body of an answer may be, in bytes. Of an error, at most 64 KiB are kept.
            pub const fn response_limit(self) -> usize {
                match self {
                    #(#limits)*
                }
            }

            /// The secret that the operation takes.
            pub const fn scope(self) -> Scope {
                match self {
                    #(Self::#variants => #scopes,)*
                }
            }

            /// The media types of its answers, as the header `Accept` lists them.
            pub(crate) const fn accept(self) -> &'static str {
                match self {
                    #(#accepts)*
                }
            }

            /// What a success with this status brings. `None` if the status is no success.
            pub(crate) const fn expects(self, status: u16) -> Option<Expected> {
                match (self, status) {
                    #(#successes)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for Operation {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.id())
            }
        }
    };
    client.items.extend(file.items);
    Ok(())
}

/// The operations that share a fact, as the pattern of an arm: most operations share one.
fn grouped<F: Eq + Hash>(
    api: &Api,
    fact: impl Fn(&Operation) -> F,
) -> Result<Vec<(F, TokenStream)>, Surprise> {
    let mut groups: IndexMap<F, Vec<syn::Ident>> = IndexMap::new();
    for operation in &api.operations {
        groups.entry(fact(operation)).or_default().push(ident(&operation.type_name())?);
    }
    let patterns = groups.into_iter();
    Ok(patterns.map(|(fact, variants)| (fact, quote!(#(Self::#variants)|*))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, nothing};

    #[test]
    fn the_table_says_what_the_spec_says() {
        let (mut client, api) = nothing(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        write_table(&mut client, &api).unwrap();
        let code = code(&client.items);
        for part in [
            "pub enum Operation { GetThing, SendThing, }",
            "pub const ALL: &'static [Self] = &[Self::GetThing, Self::SendThing];",
            r#"Self::GetThing => "get_thing", Self::SendThing => "send_thing","#,
            "Self::GetThing => Method::GET, Self::SendThing => Method::POST,",
            r#"Self::SendThing => "/things/{thing_id}","#,
            "Self::GetThing => RetryClass::Safe, Self::SendThing => RetryClass::Unsent,",
            "Self::GetThing => Duration::from_secs(20), \
             Self::SendThing => Duration::from_secs(180),",
            "Self::GetThing | Self::SendThing => 256 * 1024,",
            "Self::GetThing => Scope::ApiKey, Self::SendThing => Scope::AccessToken,",
            r#"Self::GetThing | Self::SendThing => "application/json","#,
            "(Self::GetThing, 200) => Some(Expected::Body), \
             (Self::SendThing, 201) => Some(Expected::Nothing), \
             (Self::SendThing, 202) => Some(Expected::Body), _ => None,",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
    }
}
