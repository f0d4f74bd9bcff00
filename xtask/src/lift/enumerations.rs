//! With a closed enumeration, one new value fails a whole page, so ours keep the text of unknown values.

use quote::quote;
use syn::{Ident, parse_quote};

use super::docs::{deprecated, documentation, line};
use super::{Client, Surprise, ident};
use crate::api::{Api, Kind, Named};

/// Writes every enumeration of the spec.
pub fn write_enumerations(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    for (name, schema) in &api.schemas {
        let Kind::Enumeration { values, open } = &schema.kind else {
            continue;
        };
        let docs = documentation(&schema.description, &format!("`{name}`."));
        let name = ident(name)?;
        let variants =
            values.iter().map(|value| ident(&value.ident)).collect::<Result<Vec<_>, _>>()?;
        let file = if *open {
            open_enumeration(&name, &docs, values, &variants)
        } else {
            closed_enumeration(&name, &docs, values, &variants)
        };
        client.types.extend(file.items);
    }
    Ok(())
}

/// What stands above each variant.
fn variant_attributes(values: &[Named]) -> Vec<proc_macro2::TokenStream> {
    values
        .iter()
        .map(|value| {
            let doc = match value.wire.as_str() {
                "" => line("The empty string."),
                value => line(&format!("`{}`.", value.replace('`', "'"))),
            };
            let deprecated = deprecated(&value.deprecated);
            quote!(#doc #deprecated)
        })
        .collect()
}

fn open_enumeration(
    name: &Ident,
    docs: &[syn::Attribute],
    named: &[Named],
    variants: &[Ident],
) -> syn::File {
    let attributes = variant_attributes(named);
    let values: Vec<_> = named.iter().map(|value| &value.wire).collect();
    let serde = serialization(name);
    parse_quote! {
        #(#docs)*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#attributes #variants,)*
            /// A value that this version does not know.
            Unknown(UnknownValue),
        }

        impl #name {
            /// The values known to this version.
            pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

            /// The value as the service writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #values,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for #name {
            fn from(value: &str) -> Self {
                match value {
                    #(#values => Self::#variants,)*
                    unknown => Self::Unknown(UnknownValue::new(unknown)),
                }
            }
        }

        impl From<String> for #name {
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl FromStr for #name {
            type Err = ::std::convert::Infallible;

            // Not `Self::Err`, which may be a variant.
            fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
                Ok(Self::from(value))
            }
        }

        #serde

        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    }
}

/// An enumeration that is only sent, and for which the server takes no other value.
fn closed_enumeration(
    name: &Ident,
    docs: &[syn::Attribute],
    named: &[Named],
    variants: &[Ident],
) -> syn::File {
    let attributes = variant_attributes(named);
    let values: Vec<_> = named.iter().map(|value| &value.wire).collect();
    let serde = serialization(name);
    parse_quote! {
        #(#docs)*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#attributes #variants,)*
        }

        impl #name {
            /// All values.
            pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

            /// The value as the service writes it.
            pub fn as_str(&self) -> &'static str {
                match self {
                    #(Self::#variants => #values,)*
                }
            }
        }

        impl FromStr for #name {
            type Err = UnknownValue;

            fn from_str(value: &str) -> Result<Self, UnknownValue> {
                match value {
                    #(#values => Ok(Self::#variants),)*
                    unknown => Err(UnknownValue::new(unknown)),
                }
            }
        }

        #serde
    }
}

fn serialization(name: &Ident) -> proc_macro2::TokenStream {
    quote! {
        impl fmt::Display for #name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for #name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, nothing};

    fn written(enumeration: &str) -> String {
        let (mut client, api) = nothing(&format!(
            "    Thing: {{type: object, properties: {{id: {{type: string}}}}}}
    SendThing: {{type: object, properties: {{mode: {{$ref: '#/components/schemas/Mode'}}}}}}
    Mode: {enumeration}"
        ));
        write_enumerations(&mut client, &api).unwrap();
        code(&client.types)
    }

    #[test]
    fn an_open_one_keeps_what_it_does_not_know() {
        let code = written("{type: string, enum: [full, to-do], x-extensible-enum: true}");
        for part in [
            "pub enum Mode { Full, ToDo, Unknown(UnknownValue), }",
            r#""to-do" => Self::ToDo, unknown => Self::Unknown(UnknownValue::new(unknown)),"#,
            r#"Self::ToDo => "to-do", Self::Unknown(value) => value.as_str(),"#,
            "type Err = ::std::convert::Infallible;",
            "String::deserialize(deserializer).map(Self::from)",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
    }

    #[test]
    fn a_closed_one_refuses_it_and_is_not_read() {
        let code = written("{type: string, enum: [full, none]}");
        assert!(code.contains("pub enum Mode { Full, None, }"));
        assert!(code.contains("unknown => Err(UnknownValue::new(unknown)),"));
        assert!(!code.contains("Deserialize"));
    }

    #[test]
    fn a_value_called_unknown_has_another_variant() {
        let code = written("{type: string, enum: [unknown], x-extensible-enum: true}");
        assert!(code.contains("pub enum Mode { UnknownByName, Unknown(UnknownValue), }"));
        assert!(code.contains(r#""unknown" => Self::UnknownByName,"#));
    }
}
