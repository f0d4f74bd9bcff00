//! typify knows neither the names that the spec chooses in Rust, nor what is deprecated, nor the cycles that go by way of a union.

use syn::{Fields, Type, parse_quote};

use super::Client;
use super::docs::deprecated;
use super::fields::{argument, container, has_serde_key};
use crate::api::{Api, Named};

/// Gives fields their names on the wire, a box where they contain their own struct, and a warning
/// where they should no longer be used.
pub fn finish_members(client: &mut Client, api: &Api) {
    for item in &mut client.structs {
        let name = item.ident.to_string();
        let (members, boxed): (Vec<&Named>, &[String]) = match api.schemas.get(&name) {
            Some(schema) => (schema.properties.iter().collect(), &schema.boxed),
            None => {
                let mut operations = api.operations.iter();
                let queried = operations.find(|operation| operation.query_name() == name);
                let parameters = queried.into_iter().flat_map(|queried| &queried.query_parameters);
                (parameters.map(|parameter| &parameter.named).collect(), &[])
            }
        };
        let Fields::Named(fields) = &mut item.fields else {
            continue;
        };
        for field in &mut fields.named {
            let Some(ident) = field.ident.as_ref().map(ToString::to_string) else {
                continue;
            };
            let Some(member) = members.iter().find(|member| member.ident == ident) else {
                continue;
            };
            if member.source() != member.wire {
                let wire = &member.wire;
                field.attrs.push(parse_quote!(#[serde(rename = #wire)]));
            }
            field.attrs.extend(deprecated(&member.deprecated));
            let inner = without_box(&field.ty);
            let moved_in =
                container(&field.ty) == Some("Box") && container(&inner) == Some("Option");
            if moved_in && has_serde_key(field, "default") {
                // In a box, typify no longer sees that it may be left out.
                field.attrs.push(parse_quote!(#[serde(skip_serializing_if = "Option::is_none")]));
            }
            field.ty = if boxed.contains(&ident) { with_box(inner) } else { inner };
        }
    }
}

/// typify puts boxes where it sees a cycle; where ours go is not for it to say.
fn without_box(ty: &Type) -> Type {
    match (container(ty), argument(ty)) {
        (Some("Box"), Some(inner)) => inner,
        (Some("Option"), Some(inner)) => {
            let inner = without_box(&inner);
            parse_quote!(Option<#inner>)
        }
        _ => ty.clone(),
    }
}

fn with_box(ty: Type) -> Type {
    match (container(&ty), argument(&ty)) {
        (Some("Option"), Some(inner)) => parse_quote!(Option<Box<#inner>>),
        _ => parse_quote!(Box<#ty>),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, start};

    const SCHEMAS: &str = "    Thing:
      type: object
      required: [kind]
      properties:
        own: {nullable: true, allOf: [{$ref: '#/components/schemas/Thing'}]}
        next: {$ref: '#/components/schemas/Thing'}
        kind: {$ref: '#/components/schemas/Kind'}
        syncMode: {type: string}
        sync_mode: {type: string, x-rust-name: other_mode}
        old: {type: string, deprecated: true, x-deprecated-reason: 'Use [`kind`].'}
    Kind:
      oneOf: [{$ref: '#/components/schemas/Thing'}]
      discriminator: {propertyName: syncMode, mapping: {thing: '#/components/schemas/Thing'}}
    SendThing: {type: object, properties: {id: {type: string}}}";

    #[test]
    fn fields_are_boxed_named_and_deprecated_as_the_spec_says() {
        let (mut client, api) = start(SCHEMAS);
        finish_members(&mut client, &api);
        client.structs.retain(|item| item.ident == "Thing");
        let code = code(&client.structs).replace("default, ", "");
        for part in [
            "pub own: Option<Box<Thing>>,",
            "pub kind: Box<Kind>,",
            "#[serde(rename = \"sync_mode\")] pub other_mode: Option<String>,",
            "#[deprecated(note = \"Use \\\\[`kind`\\\\].\")] pub old: Option<String>,",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
    }
}
