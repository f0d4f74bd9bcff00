//! The names in Rust that names on the wire become, and the names that are taken.

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use super::Reader;
use crate::document::child;

/// A name on the wire, and what it is in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Name on the wire.
    pub wire: String,
    /// The field, argument or variant.
    pub ident: String,
    /// Why callers should no longer use it, if so.
    pub deprecated: Option<String>,
}

impl Named {
    /// The name that becomes the field: the one on the wire, unless the spec has chosen another.
    pub fn source(&self) -> &str {
        if field_ident(&self.wire).as_ref() == Some(&self.ident) { &self.wire } else { &self.ident }
    }
}

/// What a name on the wire names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Argument,
    Field,
    Variant,
}

/// The name in Rust that the spec chooses for something.
pub fn rust_name(facts: &Value) -> Option<&str> {
    facts.get("x-rust-name")?.as_str()
}

/// Why callers should no longer use something, if so.
pub(super) fn deprecation(facts: &Value) -> Option<String> {
    let deprecated = facts.get("deprecated") == Some(&Value::Bool(true));
    deprecated.then(|| super::text(facts, "x-deprecated-reason"))
}

impl Reader<'_> {
    /// Finds the name in Rust. `at` is where the facts about the name stand, as far as there are
    /// any; the name itself stands at `name_at`.
    pub(super) fn named(
        &mut self,
        name_at: &str,
        wire: &str,
        names: Names,
        (at, facts): (&str, &Value),
    ) -> Option<Named> {
        let chosen = facts.get("x-rust-name").is_some();
        let ident = if chosen {
            let name = self.linted(&child(at, "x-rust-name"), rust_name(facts))?;
            let taken = match names {
                Names::Argument | Names::Field => field_ident(name).as_deref() != Some(name),
                Names::Variant => variant_ident(name).as_deref() != Some(name),
            };
            if taken {
                let (what, case) = match names {
                    Names::Argument => ("an argument", "snake_case"),
                    Names::Field => ("a field", "snake_case"),
                    Names::Variant => ("a variant", "CamelCase"),
                };
                self.problem(
                    &child(at, "x-rust-name"),
                    format!("`{}` cannot become the name of {what}", name.escape_debug()),
                    format!("write it in {case}, and no word that Rust or the client reserves"),
                );
            }
            (!taken).then(|| name.to_owned())
        } else {
            let ident = match names {
                Names::Argument | Names::Field => field_ident(wire),
                Names::Variant => variant_ident(wire),
            };
            if ident.is_none() {
                let (what, hint) = match names {
                    Names::Argument => ("an argument", "choose one: `x-rust-name: NAME`"),
                    Names::Field => ("a field", "choose one: `x-rust-name: NAME`"),
                    Names::Variant => {
                        ("a variant", "choose one: `x-values: {VALUE: {x-rust-name: NAME}}`")
                    }
                };
                self.problem(
                    name_at,
                    format!("`{}` cannot become the name of {what}", wire.escape_debug()),
                    hint,
                );
            }
            ident
        };
        Some(Named { wire: wire.to_owned(), ident: ident?, deprecated: deprecation(facts) })
    }
}

/// Names that generated code uses for something else.
const RESERVED_TYPES: &str = "\
    AsMut AsRef BankDate Box Bytes Clone Copy Date Debug Decimal Default Deserialize Deserializer \
    Display DoubleEndedIterator Drop Entries Eq Err ExactSizeIterator Extend Fn FnMut FnOnce From \
    FromIterator FromStr Future Hash IndexMap Into IntoFuture IntoIterator Iterator \
    LocalTimestamp None Ok Option Ord PartialEq PartialOrd RawValue Result Secret Self Send \
    Serialize Serializer Sized Some String Sync Timestamp ToOwned ToString TryFrom TryInto \
    UnknownValue UnknownVariant Unpin Value Vec";

/// Methods of the client that are written by hand.
const RESERVED_METHODS: &[&str] = &[
    "base_url",
    "clone",
    "credentials",
    "fmt",
    "http",
    "new",
    "response_limit",
    "timeout",
    "with_credentials",
    "with_response_limit",
    "with_timeout",
];

/// Methods that every struct that is sent has already. A setter of such a name would hide a method of
/// a trait, or would exist twice.
const RESERVED_SETTERS: &[&str] = &[
    "borrow",
    "borrow_mut",
    "clone",
    "clone_from",
    "clone_into",
    "cmp",
    "default",
    "eq",
    "fmt",
    "into",
    "ne",
    "partial_cmp",
    "serialize",
    "set_new",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
];

/// What to do about a setter that cannot have the name of its field.
pub(super) fn setter_hint(ident: &str) -> String {
    format!("choose another name in Rust, such as `x-rust-name: {ident}_value`")
}

/// Whether a setter can have the name of its field.
pub(super) fn is_setter_name(ident: &str) -> bool {
    !RESERVED_SETTERS.contains(&ident)
}

fn is_ident(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok() && name != "gen"
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Whether a name can stay as it is.
pub(super) fn is_type_name(name: &str) -> bool {
    is_plain(name)
        && name.to_upper_camel_case() == name
        && is_ident(name)
        && !RESERVED_TYPES.split(' ').any(|reserved| reserved == name)
}

/// Whether a name can stay as it is.
pub(super) fn is_method_name(name: &str) -> bool {
    is_plain(name)
        && name.to_snake_case() == name
        && is_ident(name)
        && !RESERVED_METHODS.contains(&name)
}

/// The type that a kind of id becomes.
pub fn id_type(kind: &str) -> String {
    let name = kind.to_upper_camel_case();
    if kind.ends_with("-key") { name } else { name + "Id" }
}

/// The field or argument that a name on the wire becomes.
pub fn field_ident(name: &str) -> Option<String> {
    if !is_plain(name) {
        return None;
    }
    let ident = name.to_snake_case();
    let ident = if is_ident(&ident) { ident } else { format!("{ident}_") };
    is_ident(&ident).then_some(ident)
}

/// The variant that a value on the wire becomes.
pub fn variant_ident(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("Empty".to_owned());
    }
    if !value.is_ascii() || value.chars().any(char::is_control) {
        return None;
    }
    let ident = value.to_upper_camel_case();
    let ident = match ident.chars().next()? {
        first if first.is_ascii_digit() => format!("V{ident}"),
        _ => ident,
    };
    match ident.as_str() {
        "Self" => Some("SelfValue".to_owned()),
        // `Unknown` is the variant for values that this version does not know.
        "Unknown" => Some("UnknownByName".to_owned()),
        _ => is_ident(&ident).then_some(ident),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_an_identifier_or_nothing() {
        for (name, field) in [
            ("plain", Some("plain")),
            ("camelCase", Some("camel_case")),
            ("kebab-case", Some("kebab_case")),
            ("type", Some("type_")),
            ("gen", Some("gen_")),
            ("self", Some("self_")),
            ("1st", None),
            ("a b", None),
            ("", None),
            ("ü", None),
            ("-", None),
        ] {
            assert_eq!(field_ident(name).as_deref(), field, "{name}");
        }
    }

    #[test]
    fn a_value_becomes_a_variant_or_nothing() {
        for (value, variant) in [
            ("full", Some("Full")),
            ("transaction.created", Some("TransactionCreated")),
            ("", Some("Empty")),
            ("90_days", Some("V90Days")),
            ("self", Some("SelfValue")),
            ("unknown", Some("UnknownByName")),
            ("Unknown", Some("UnknownByName")),
            ("--", None),
            ("ä", None),
            ("a\nb", None),
        ] {
            assert_eq!(variant_ident(value).as_deref(), variant, "{value}");
        }
    }

    #[test]
    fn names_that_the_generated_code_needs_are_taken() {
        for name in ["Option", "Secret", "Self", "snake_case", "FinTS", "1st", "Ü"] {
            assert!(!is_type_name(name), "{name}");
        }
        assert!(is_type_name("Connection") && is_type_name("Error"));
        for name in ["new", "clone", "self", "getThing", "get-thing", "fn"] {
            assert!(!is_method_name(name), "{name}");
        }
        assert!(is_method_name("get_thing"));
    }

    #[test]
    fn every_method_that_the_client_has_by_hand_is_taken() {
        let client = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/xs2a-client/src/client.rs");
        let client = std::fs::read_to_string(client).unwrap();
        let client = syn::parse_file(&client).unwrap();
        let blocks = client.items.iter().filter_map(|item| match item {
            syn::Item::Impl(block) => match &*block.self_ty {
                syn::Type::Path(path) if path.path.is_ident("Client") => Some(&block.items),
                _ => None,
            },
            _ => None,
        });
        let methods: Vec<_> = blocks
            .flatten()
            .filter_map(|item| match item {
                syn::ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                _ => None,
            })
            .collect();
        assert!(methods.iter().any(|method| method == "base_url"));
        for method in methods {
            assert!(!is_method_name(&method), "{method}");
        }
    }
}
