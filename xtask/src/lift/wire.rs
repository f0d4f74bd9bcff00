//! Tolerant reading needs a trait, which every type of an answer has to implement.

use syn::parse_quote;

use super::{Client, Surprise, ident};
use crate::api::{Api, Kind};

/// Lets the module `wire` implement its trait for the types of answers.
pub fn register_types(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    let mut objects = Vec::new();
    let mut texts = Vec::new();
    for (name, schema) in &api.schemas {
        match schema.kind {
            Kind::Struct | Kind::Union { .. } if schema.decoded => objects.push(ident(name)?),
            Kind::Enumeration { open: true, .. } => texts.push(ident(name)?),
            _ => {}
        }
    }
    if !objects.is_empty() {
        client.types.push(parse_quote!(crate::wire::objects! { #(#objects),* }));
    }
    if !texts.is_empty() {
        client.types.push(parse_quote!(crate::wire::texts! { #(#texts),* }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, nothing};

    #[test]
    fn decoded_objects_and_open_enumerations_are_named() {
        let (mut client, api) = nothing(
            "    Thing: {type: object, properties: {mode: {$ref: '#/components/schemas/Mode'}}}
    SendThing: {type: object, properties: {id: {type: string}}}
    Mode: {type: string, enum: [on], x-extensible-enum: true}",
        );
        register_types(&mut client, &api).unwrap();
        assert_eq!(
            code(&client.types),
            "crate::wire::objects! { ApiError, Thing } crate::wire::texts! { Mode }"
        );
    }
}
