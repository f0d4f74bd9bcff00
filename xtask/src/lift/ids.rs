//! typify makes text of every id, so that one kind passes for another; each kind becomes a type of its own.

use syn::parse_quote;

use super::docs::{documentation, line};
use super::{Client, Surprise, ident};
use crate::api::Api;

/// The documentation that all ids share.
const CHECKED: &str =
    "Any text is taken; a call refuses an id that would change the path of its request.";

/// Writes the types of all kinds of ids.
pub fn write_ids(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    let mut names = Vec::new();
    for kind in &api.ids {
        let name = ident(&kind.type_name)?;
        let mut docs = documentation(&kind.description, &format!("`{name}`."));
        docs.push(line(""));
        if !kind.accepts.is_empty() {
            let kinds: Vec<_> = kind.accepts.iter().map(|kind| format!("[`{kind}`]")).collect();
            docs.push(line(&format!("Made from text or from any of {}.", kinds.join(", "))));
            docs.push(line(""));
        }
        docs.push(line(CHECKED));
        client.ids.push(parse_quote! {
            #(#docs)*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct #name(String);
        });
        names.push(name);
    }
    if !names.is_empty() {
        client.ids.push(parse_quote!(crate::id::ids! { #(#names),* }));
    }
    for kind in api.ids.iter().filter(|kind| !kind.accepts.is_empty()) {
        let name = ident(&kind.type_name)?;
        let accepted =
            kind.accepts.iter().map(|kind| ident(kind)).collect::<Result<Vec<_>, _>>()?;
        client.ids.push(parse_quote!(crate::id::accepts! { #name: #(#accepted),* }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::IdKind;
    use crate::lift::tests::{code, nothing};

    #[test]
    fn each_kind_is_a_type_and_one_that_accepts_others_is_made_of_them() {
        let (mut client, mut api) = nothing(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        api.ids = vec![
            IdKind {
                type_name: "ThingId".to_owned(),
                description: "Of a thing.".to_owned(),
                accepts: Vec::new(),
            },
            IdKind {
                type_name: "ThingKey".to_owned(),
                description: String::new(),
                accepts: vec!["ThingId".to_owned()],
            },
        ];
        write_ids(&mut client, &api).unwrap();
        let derived = "#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]";
        assert_eq!(
            code(&client.ids),
            format!(
                "{derived} pub struct ThingId(String); \
                 {derived} pub struct ThingKey(String); \
                 crate::id::ids! {{ ThingId, ThingKey }} \
                 crate::id::accepts! {{ ThingKey : ThingId }}"
            )
        );
    }
}
