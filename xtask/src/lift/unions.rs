//! typify tries the members of a union one after another; ours reads the property that names the member.

use quote::quote;
use syn::parse_quote;

use super::docs::{deprecated, documentation, line};
use super::{Client, Surprise, ident};
use crate::api::{Api, Kind};

/// Writes every `oneOf` with a discriminator.
///
/// A member of a known kind that cannot be read becomes `Unknown`, like one of an unknown kind: what
/// stands beside it can still be read.
pub fn write_unions(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    for (name, schema) in &api.schemas {
        let Kind::Union { tag, variants } = &schema.kind else {
            continue;
        };
        let docs = documentation(&schema.description, &format!("`{name}`."));
        let name = ident(name)?;
        let tags: Vec<&str> = variants.iter().map(|(named, _)| named.wire.as_str()).collect();
        let attributes = variants.iter().map(|(named, _)| {
            let doc = line(&format!("`{tag}: {}`.", named.wire.replace('`', "'")));
            let deprecated = deprecated(&named.deprecated);
            quote!(#doc #deprecated)
        });
        let idents =
            variants.iter().map(|(named, _)| ident(&named.ident)).collect::<Result<Vec<_>, _>>()?;
        let members =
            variants.iter().map(|(_, member)| ident(member)).collect::<Result<Vec<_>, _>>()?;
        let reading = schema.decoded.then(|| {
            quote! {
                impl #name {
                    fn from_json(json: crate::wire::Json<'_>) -> Self {
                        let Ok(object) = json.object(None) else {
                            return Self::Unknown(UnknownVariant::new(json, #tag));
                        };
                        let read = match &*object.text_of(#tag) {
                            #(#tags => crate::wire::read_object(&object).map(Self::#idents),)*
                            _ => return Self::Unknown(UnknownVariant::of(&object, #tag, None)),
                        };
                        read.unwrap_or_else(|reason| {
                            Self::Unknown(UnknownVariant::of(&object, #tag, Some(reason)))
                        })
                    }
                }

                crate::wire::unions! { #name }

                impl<'de> Deserialize<'de> for #name {
                    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        crate::wire::by_text(deserializer)
                    }
                }
            }
        });
        let file: syn::File = parse_quote! {
            #(#docs)*
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #name {
                #(#attributes #idents(#members),)*
                /// A kind that this version does not know, or one that could not be read.
                Unknown(UnknownVariant),
            }

            impl #name {
                /// The kinds that this version knows, as the service writes them.
                pub const KNOWN: &'static [&'static str] = &[#(#tags),*];

                /// The kind, as the service writes it.
                pub fn tag(&self) -> &str {
                    match self {
                        #(Self::#idents(_) => #tags,)*
                        Self::Unknown(unknown) => unknown.tag(),
                    }
                }
            }

            #reading

            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        #(Self::#idents(member) => member.serialize(serializer),)*
                        Self::Unknown(unknown) => unknown.serialize(serializer),
                    }
                }
            }
        };
        client.types.extend(file.items);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, nothing};

    fn written() -> String {
        let (mut client, api) = nothing(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}
    Dot: {type: object, properties: {kind: {type: string}}}
    Shape:
      oneOf: [{$ref: '#/components/schemas/Dot'}]
      discriminator: {propertyName: kind, mapping: {dot: '#/components/schemas/Dot'}}",
        );
        write_unions(&mut client, &api).unwrap();
        code(&client.types)
    }

    #[test]
    fn the_tag_chooses_the_member_and_an_unknown_one_is_kept() {
        let code = written();
        for part in [
            "pub enum Shape { Dot(Dot), Unknown(UnknownVariant), }",
            r#"match &*object.text_of("kind")"#,
            r#""dot" => crate::wire::read_object(&object).map(Self::Dot),"#,
            r#"_ => return Self::Unknown(UnknownVariant::of(&object, "kind", None)),"#,
            "crate::wire::unions! { Shape }",
            r#"pub const KNOWN: &'static [&'static str] = &["dot"];"#,
            "Self::Dot(member) => member.serialize(serializer),",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
    }
}
