//! progenitor knows only one shape of success per operation; several shapes become an enumeration.

use syn::parse_quote;

use super::docs::{documentation, line};
use super::{Client, Surprise, ident};
use crate::api::{Answer, Api, Content, Status};

/// Writes an enumeration for each operation whose successes have several shapes.
pub fn write_responses(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    for operation in &api.operations {
        if !operation.has_several_shapes() {
            continue;
        }
        let name = ident(&operation.response_name())?;
        let doc = line(&format!(
            "What [`{id}`](crate::Client::{id}) may be answered with.",
            id = operation.id
        ));
        let mut variants: Vec<syn::Variant> = Vec::new();
        for answer in &operation.answers {
            let variant = variant(answer)?;
            let status = match answer.status {
                Status::Exact(status) => format!("`{status}`."),
                Status::AnySuccess => "Any other success.".to_owned(),
            };
            let docs = documentation(&answer.description, &status);
            variants.push(match &answer.content {
                Content::Empty => parse_quote!(#(#docs)* #variant),
                Content::Bytes => parse_quote!(#(#docs)* #variant(::bytes::Bytes)),
                Content::Json(schema) => {
                    let schema = ident(schema)?;
                    parse_quote!(#(#docs)* #variant(#schema))
                }
            });
        }
        client.types.push(parse_quote! {
            #doc
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #name {
                #(#variants,)*
            }
        });
    }
    Ok(())
}

/// The variant of an answer, named after the reason phrase of its status.
pub(super) fn variant(answer: &Answer) -> Result<syn::Ident, Surprise> {
    let status = match answer.status {
        Status::AnySuccess => return ident("Success"),
        Status::Exact(status) => status,
    };
    ident(match status {
        200 => "Ok",
        201 => "Created",
        202 => "Accepted",
        203 => "NonAuthoritative",
        204 => "NoContent",
        205 => "ResetContent",
        206 => "PartialContent",
        _ => return ident(&format!("Status{status}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, nothing};

    #[test]
    fn only_an_operation_with_several_shapes_has_an_enumeration_of_them() {
        let (mut client, api) = nothing(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        write_responses(&mut client, &api).unwrap();
        assert_eq!(
            code(&client.types),
            "#[derive(Clone, Debug, PartialEq)] #[non_exhaustive] \
             pub enum SendThingResponse { Created, Accepted(Thing), }"
        );
    }

    #[test]
    fn variants_are_named_after_the_reason_phrase() {
        for (status, name) in [
            (Status::Exact(200), "Ok"),
            (Status::Exact(204), "NoContent"),
            (Status::Exact(299), "Status299"),
            (Status::AnySuccess, "Success"),
        ] {
            let answer = Answer { status, content: Content::Empty, description: String::new() };
            assert_eq!(variant(&answer).unwrap(), name);
        }
    }
}
