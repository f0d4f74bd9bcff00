//! typify sorts properties by name, so that the arguments of `new` would too; the order of the spec is restored.

use syn::Fields;

use super::Client;
use crate::api::Api;

/// Puts the fields of every struct into the order of the spec.
pub fn keep_order(client: &mut Client, api: &Api) {
    for item in &mut client.structs {
        let Fields::Named(fields) = &mut item.fields else {
            continue;
        };
        let name = item.ident.to_string();
        let properties: Vec<String> = match api.schemas.get(&name) {
            Some(schema) => schema.properties.iter().map(|named| named.ident.clone()).collect(),
            None => {
                let mut operations = api.operations.iter();
                let queried = operations.find(|operation| operation.query_name() == name);
                let parameters = queried.into_iter().flat_map(|queried| &queried.query_parameters);
                parameters.map(|parameter| parameter.named.ident.clone()).collect()
            }
        };
        let mut ordered: Vec<_> = std::mem::take(&mut fields.named).into_iter().collect();
        // The field for further keys is no property, and comes last.
        ordered.sort_by_key(|field| {
            let ident = field.ident.as_ref().map(ToString::to_string);
            let place = properties.iter().position(|name| Some(name) == ident.as_ref());
            place.unwrap_or(properties.len())
        });
        fields.named = ordered.into_iter().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::start;

    #[test]
    fn fields_stand_in_the_order_of_the_spec_and_further_keys_behind_them() {
        let (mut client, api) = start(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing:
      type: object
      required: [type, name, alias]
      additionalProperties: {type: string}
      properties: {type: {type: string}, name: {type: string}, alias: {type: string}}",
        );
        keep_order(&mut client, &api);
        let fields = |name: &str| {
            let item = client.structs.iter().find(|item| item.ident == name).unwrap();
            let idents = item.fields.iter().filter_map(|field| field.ident.as_ref());
            idents.map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(fields("SendThing"), ["type_", "name", "alias", "extra"]);
        assert_eq!(fields("GetThingQuery"), ["on", "much"]);
    }
}
