//! progenitor's methods join paths unchecked, read without limits and lose errors, so their bodies are replaced.

use syn::{FnArg, Pat, Type, parse_quote};

use super::docs::{deprecated, line, render};
use super::responses::variant;
use super::{Client, Surprise, ident};
use crate::api::{Answer, Api, Content, Operation, Retry, Scope, Status};

/// Writes one method per operation, with the arguments that progenitor gave it.
pub fn rewrite_methods(client: &mut Client, api: &Api) -> Result<(), Surprise> {
    let mut methods: Vec<syn::ImplItemFn> = Vec::new();
    for operation in &api.operations {
        let made = client
            .methods
            .iter()
            .find(|method| method.sig.ident == operation.id)
            .ok_or_else(|| Surprise(format!("there is no method `{}`", operation.id)))?;
        methods.push(rewrite(operation, made, api)?);
    }
    if client.methods.len() != methods.len() {
        return Err(Surprise(format!(
            "{} methods for {} operations",
            client.methods.len(),
            methods.len()
        )));
    }
    let mut block: syn::ItemImpl = parse_quote! {
        /// One method per operation.
        impl Client {}
    };
    block.items.extend(methods.into_iter().map(syn::ImplItem::Fn));
    client.items.push(syn::Item::Impl(block));
    Ok(())
}

fn rewrite(
    operation: &Operation,
    made: &syn::ImplItemFn,
    api: &Api,
) -> Result<syn::ImplItemFn, Surprise> {
    let id = &operation.id;
    let name = ident(id)?;
    let variant = ident(&operation.type_name())?;
    let docs = documentation(operation);
    let deprecated = deprecated(&operation.deprecated);

    let mut arguments: Vec<FnArg> = Vec::new();
    let mut segments: Vec<syn::Ident> = Vec::new();
    for parameter in &operation.path_parameters {
        let argument = ident(&parameter.named.ident)?;
        let ty = argument_type(made, &argument, api)
            .ok_or_else(|| Surprise(format!("`{id}` has no argument `{argument}`")))?;
        arguments.push(parse_quote!(#argument: #ty));
        segments.push(argument);
    }
    let mut request: syn::Expr =
        parse_quote!(Request::new(self, Operation::#variant, &[#(&#segments),*]));
    if !operation.query_parameters.is_empty() {
        let query = ident(&operation.query_name())?;
        arguments.push(parse_quote!(query: &types::#query));
        request = parse_quote!(#request.query(query));
    }
    if operation.body.is_some() {
        let body = ident("body")?;
        let ty = argument_type(made, &body, api)
            .ok_or_else(|| Surprise(format!("`{id}` has no argument `body`")))?;
        arguments.push(parse_quote!(body: #ty));
        request = parse_quote!(#request.json(body));
    }

    let several = operation.has_several_shapes();
    let output: Type = match &operation.answers[0].content {
        _ if several => {
            let name = ident(&operation.response_name())?;
            parse_quote!(types::#name)
        }
        Content::Empty => parse_quote!(()),
        Content::Bytes => parse_quote!(Bytes),
        Content::Json(schema) => {
            let schema = ident(schema)?;
            parse_quote!(types::#schema)
        }
    };
    let read = reading(operation)?;
    Ok(parse_quote! {
        #(#docs)*
        #deprecated
        pub fn #name(&self, #(#arguments),*) -> Call<#output> {
            let request = #request;
            Call::new(request, #read)
        }
    })
}

/// The expression that reads the answers of an operation, by their status if they differ.
fn reading(operation: &Operation) -> Result<syn::Expr, Surprise> {
    if !operation.has_several_shapes() {
        return Ok(match &operation.answers[0].content {
            Content::Empty => parse_quote!(Answer::empty),
            Content::Bytes => parse_quote!(Answer::bytes),
            Content::Json(_) => parse_quote!(Answer::json),
        });
    }
    let arms = operation
        .answers
        .iter()
        .map(|answer| arm(operation, answer))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(parse_quote! {
        |answer| match answer.status().as_u16() {
            #(#arms)*
            _ => Err(answer.unexpected()),
        }
    })
}

fn arm(operation: &Operation, answer: &Answer) -> Result<syn::Arm, Surprise> {
    let pattern = statuses(answer.status);
    let response = ident(&operation.response_name())?;
    let variant = variant(answer)?;
    let path: syn::Path = parse_quote!(types::#response::#variant);
    Ok(match &answer.content {
        Content::Empty => parse_quote!(#pattern => Ok(answer.empty()?.map(|()| #path)),),
        Content::Bytes => parse_quote!(#pattern => Ok(answer.bytes()?.map(#path)),),
        Content::Json(_) => parse_quote!(#pattern => Ok(answer.json()?.map(#path)),),
    })
}

/// The pattern of the statuses that an answer is for.
pub(super) fn statuses(status: Status) -> Pat {
    match status {
        Status::Exact(status) => {
            let status = proc_macro2::Literal::u16_unsuffixed(status);
            parse_quote!(#status)
        }
        Status::AnySuccess => parse_quote!(200..=299),
    }
}

/// The type of an argument, without the lifetime that progenitor names.
fn argument_type(made: &syn::ImplItemFn, name: &syn::Ident, api: &Api) -> Option<Type> {
    let ty = made.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pattern) if pattern.ident == *name => Some((*typed.ty).clone()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })?;
    let (by_reference, ty) = match ty {
        Type::Reference(reference) => (true, *reference.elem),
        ty => (false, ty),
    };
    let is_text = matches!(&ty, Type::Path(path) if path.path.is_ident("str"));
    // Enumerations are named from within `types`, all other scalars from outside of it.
    let named = match &ty {
        Type::Path(path) => path
            .path
            .get_ident()
            .filter(|ident| !matches!(ident.to_string().as_str(), "str" | "bool" | "i32" | "i64")),
        _ => None,
    };
    match named {
        Some(ident) => Some(match ident.to_string().as_str() {
            "Date" => parse_quote!(::jiff::civil::Date),
            "Timestamp" => parse_quote!(::jiff::Timestamp),
            name if api.ids.iter().any(|kind| kind.type_name == name) => parse_quote!(&#ident),
            _ => parse_quote!(&types::#ident),
        }),
        None if by_reference && (is_text || starts_with_types(&ty)) => Some(parse_quote!(&#ty)),
        None => Some(ty),
    }
}

fn starts_with_types(ty: &Type) -> bool {
    matches!(ty, Type::Path(path)
        if path.path.segments.first().is_some_and(|segment| segment.ident == "types"))
}

fn documentation(operation: &Operation) -> Vec<syn::Attribute> {
    let mut lines = render(&operation.summary);
    if let Some(summary) = lines.last_mut()
        && !summary.ends_with(['.', '!', '?'])
    {
        summary.push('.');
    }
    let mut paragraph = |more: Vec<String>| {
        if !more.is_empty() {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend(more);
        }
    };
    paragraph(render(&operation.description));
    let scope = match operation.scope {
        Scope::ApiKey => "the API key",
        Scope::AccessToken => "a bank user's access token",
    };
    let retry = match operation.retry {
        Retry::Safe => "it only reads, and may be repeated",
        Retry::Idempotent => "repeating it changes nothing more",
        Retry::Unsent => "it may be repeated only if it was provably never sent, or after a 429",
    };
    paragraph(vec![
        format!("`{} {}` with {scope}; {retry}.", operation.method, operation.path),
        format!("An attempt may take {} seconds.", operation.timeout),
    ]);
    if !operation.path_parameters.is_empty() {
        paragraph(vec!["# Arguments".to_owned()]);
        paragraph(
            operation
                .path_parameters
                .iter()
                .map(|parameter| {
                    item(&format!("`{}`", parameter.named.ident), &parameter.description)
                })
                .collect(),
        );
    }
    paragraph(vec!["# Answers".to_owned()]);
    paragraph(
        operation
            .answers
            .iter()
            .map(|answer| {
                let status = match answer.status {
                    Status::Exact(status) => status.to_string(),
                    Status::AnySuccess => "2XX".to_owned(),
                };
                item(&status, &answer.description)
            })
            .collect(),
    );
    paragraph(vec!["# Errors".to_owned()]);
    paragraph(vec![
        "Any other status, and an answer that did not arrive or cannot be read; see \
         [`Error`](crate::Error)."
            .to_owned(),
    ]);
    paragraph(
        operation.errors.iter().map(|(status, description)| item(status, description)).collect(),
    );
    lines.iter().map(|text| line(text)).collect()
}

/// An item of a list, on one line.
fn item(name: &str, text: &str) -> String {
    format!("- {name}: {}", render(text).join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::tests::{code, start};

    #[test]
    fn a_method_makes_a_call_whose_answer_is_read_by_its_status() {
        let (mut client, api) = start(
            "    Thing: {type: object, properties: {id: {type: string}}}
    SendThing: {type: object, properties: {id: {type: string}}}",
        );
        rewrite_methods(&mut client, &api).unwrap();
        let code = code(&client.items);
        for part in [
            "pub fn get_thing( &self, thing_id: &str, query: &types::GetThingQuery, ) \
             -> Call<types::Thing> { \
             let request = Request::new(self, Operation::GetThing, &[&thing_id])\
             .query(query); \
             Call::new(request, Answer::json) }",
            "body: &types::SendThing, ) -> Call<types::SendThingResponse>",
            "Call::new( request, |answer| match answer.status().as_u16() { \
             201 => Ok(answer.empty()?.map(|()| types::SendThingResponse::Created)), \
             202 => Ok(answer.json()?.map(types::SendThingResponse::Accepted)), \
             _ => Err(answer.unexpected()), }, )",
        ] {
            assert!(code.contains(part), "no `{part}` in {code}");
        }
    }
}
