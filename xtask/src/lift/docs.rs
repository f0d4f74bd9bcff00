//! progenitor's doc comments repeat the JSON schema and break rustdoc, so they are replaced.

use syn::{Attribute, parse_quote};

use super::Client;
use crate::api::Api;

/// Gives every struct and field the description of the spec.
pub fn write_docs(client: &mut Client, api: &Api) {
    for item in &mut client.structs {
        let name = item.ident.to_string();
        let own = api.schemas.get(&name).map(|schema| schema.description.clone());
        let description = match own {
            Some(description) => description,
            None => api
                .operations
                .iter()
                .find(|operation| operation.query_name() == name)
                .map(|operation| {
                    format!(
                        "Query parameters of [`{}`](crate::Client::{}).",
                        operation.id, operation.id
                    )
                })
                .unwrap_or_default(),
        };
        item.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
        let docs = if description.starts_with("Query parameters of [`") {
            vec![line(&description)]
        } else {
            documentation(&description, &format!("`{name}`."))
        };
        item.attrs.splice(0..0, docs);
        for field in &mut item.fields {
            let name = field.ident.as_ref().map(ToString::to_string);
            let text = match &name {
                Some(name) if name == "extra" && is_flattened(field) => EXTRA.to_owned(),
                _ => text_of(&field.attrs),
            };
            field.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
            let fallback = name.map_or_else(
                || "The entries.".to_owned(),
                |name| format!("`{}`.", name.trim_end_matches('_')),
            );
            field.attrs.splice(0..0, documentation(&text, &fallback));
        }
    }
}

/// The documentation of the field for keys that are not known beforehand.
const EXTRA: &str = "Further keys, which stand beside the others on the wire. None of the others \
                     may be among them.";

fn is_flattened(field: &syn::Field) -> bool {
    use quote::ToTokens;
    field.attrs.iter().any(|attribute| {
        attribute.path().is_ident("serde")
            && attribute.to_token_stream().to_string().contains("flatten")
    })
}

/// Doc attributes for a text of the spec.
pub(super) fn documentation(text: &str, fallback: &str) -> Vec<Attribute> {
    let lines = render(text);
    if lines.is_empty() {
        vec![line(fallback)]
    } else {
        lines.iter().map(|text| line(text)).collect()
    }
}

/// The attribute that warns callers.
pub(super) fn deprecated(reason: &Option<String>) -> Option<Attribute> {
    let note = render(reason.as_ref()?).join(" ");
    Some(parse_quote!(#[deprecated(note = #note)]))
}

/// A doc attribute for one line of Markdown.
pub(super) fn line(text: &str) -> Attribute {
    let text = if text.is_empty() { String::new() } else { format!(" {text}") };
    parse_quote!(#[doc = #text])
}

/// A text of the spec as lines of Markdown in which nothing is a link, a tag or a doctest.
pub(super) fn render(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    // What a span of code cannot leave: lines without their markers, which come before each.
    let mut block: Vec<(String, &str)> = Vec::new();
    let mut open_fence = None;
    for raw in text.trim().lines() {
        let trimmed = raw.trim();
        if let Some(fence) = open_fence {
            if closes(fence, trimmed) {
                lines.push(fence.to_owned());
                open_fence = None;
            } else {
                lines.push(raw.trim_end().to_owned());
            }
            continue;
        }
        let (markers, rest) = list_markers(trimmed);
        let fence = fence(rest);
        if fence.is_some() || !markers.is_empty() || begins_a_block(rest) {
            end_block(&mut block, &mut lines);
        }
        if let Some(fence) = fence {
            // Out of its list: rustdoc would take the lines behind it for a doctest.
            lines.push(format!("{fence}text"));
            open_fence = Some(fence);
        } else {
            block.push((markers, rest));
        }
    }
    end_block(&mut block, &mut lines);
    lines.extend(open_fence.map(str::to_owned));
    // rustc refuses a carriage return in a comment, and characters that turn the direction of text.
    for line in &mut lines {
        *line = line.chars().map(|c| if is_invisible(c) { ' ' } else { c }).collect();
    }
    lines
}

/// Whether Markdown may begin something else with this line than it was in: a heading, a quote, a
/// tag, a footnote, a row of a table, a rule. In case of doubt it does.
fn begins_a_block(line: &str) -> bool {
    line.is_empty()
        || line.starts_with("[^")
        || line.starts_with(['#', '>', '<', '|', '=', '-', '*', '_', '~', '+'])
}

fn end_block(block: &mut Vec<(String, &str)>, lines: &mut Vec<String>) {
    let text = block.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
    let escaped = escape(&text);
    lines.extend(
        block.drain(..).zip(escaped.split('\n')).map(|((markers, _), line)| markers + line),
    );
}

fn is_invisible(character: char) -> bool {
    character.is_control() && character != '\t'
        || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The backticks or tildes that open a block of code.
fn fence(line: &str) -> Option<&str> {
    let character = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = line.trim_start_matches(character);
    let fence = &line[..line.len() - info.len()];
    // With more backticks behind it, it is a code span.
    let is_span = character == '`' && info.contains('`');
    (fence.len() >= 3 && !is_span).then_some(fence)
}

/// Whether a line closes the block that `fence` has opened.
fn closes(fence: &str, line: &str) -> bool {
    line.starts_with(fence) && fence.ends_with(|c| line.trim_matches(c).is_empty())
}

/// What makes a line an item of a list, and the rest of it. One space follows each marker: more
/// would make code of the rest.
fn list_markers(line: &str) -> (String, &str) {
    let mut markers = String::new();
    let mut rest = line;
    while let Some((word, behind)) = rest.split_once(char::is_whitespace) {
        let number = word.strip_suffix(['.', ')']);
        let numbered = number
            .is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()));
        if !numbered && !matches!(word, "-" | "*" | "+") {
            break;
        }
        markers.push_str(word);
        markers.push(' ');
        rest = behind.trim_start();
    }
    (markers, rest)
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '`' => match code_span(rest) {
                Some(length) => {
                    escaped.push_str(&rest[..length]);
                    length
                }
                None => {
                    let run = rest.len() - rest.trim_start_matches('`').len();
                    escaped.push_str(&"\\`".repeat(run));
                    run
                }
            },
            'h' if rest.starts_with("https://") || rest.starts_with("http://") => {
                let ends = |c: char| c.is_whitespace() || "<>`[](){}\"".contains(c);
                let address = &rest[..rest.find(ends).unwrap_or(rest.len())];
                let bare = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
                escaped.push_str(&format!("<{bare}>"));
                bare.len()
            }
            '[' | ']' | '<' | '>' | '\\' => {
                escaped.push('\\');
                escaped.push(character);
                1
            }
            _ => {
                escaped.push(character);
                character.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    escaped
}

/// The length of the code at the start of a text: a run of backticks, and all up to the next run
/// of the same length. Of a run that nothing closes, Markdown makes no code.
fn code_span(text: &str) -> Option<usize> {
    let run = |text: &str| text.len() - text.trim_start_matches('`').len();
    let opening = run(text);
    let mut at = opening;
    while let Some(found) = text[at..].find('`') {
        let closing = run(&text[at + found..]);
        at += found + closing;
        if closing == opening {
            return Some(at);
        }
    }
    None
}

fn text_of(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("doc")
            && let syn::Meta::NameValue(pair) = &attribute.meta
            && let syn::Expr::Lit(literal) = &pair.value
            && let syn::Lit::Str(text) = &literal.lit
        {
            lines.push(text.value());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_tags_and_addresses_of_the_spec_are_plain_text() {
        assert_eq!(
            render("A list [one] of <b> at https://a.b/c?d=1. And `[code] <b>`."),
            [r"A list \[one\] of \<b\> at <https://a.b/c?d=1>. And `[code] <b>`."]
        );
    }

    #[test]
    fn code_of_the_spec_is_never_a_doctest() {
        assert_eq!(
            render("Try:\n\n    indented()\n```\nfenced()\n```\nend\n```json\nleft open"),
            [
                "Try:",
                "",
                "indented()",
                "```text",
                "fenced()",
                "```",
                "end",
                "```text",
                "left open",
                "```",
            ]
        );
    }

    #[test]
    fn no_form_of_a_block_of_code_is_a_doctest() {
        let table: &[(&str, &[&str])] = &[
            ("~~~\none()\n~~~", &["~~~text", "one()", "~~~"]),
            ("~~~rust\n```\n~~~~", &["~~~text", "```", "~~~"]),
            (
                "````\n```\none()\n```\n````\nend",
                &["````text", "```", "one()", "```", "````", "end"],
            ),
            ("```\n```json\none()\n```", &["```text", "```json", "one()", "```"]),
            ("- ```\n  one()\n  ```\n- two", &["```text", "  one()", "```", "- two"]),
            ("10) * ~~~rust\n     one()", &["~~~text", "     one()", "~~~"]),
            ("-      one()", &["- one()"]),
            ("1.\t- \t   one()", &["1. - one()"]),
            ("```one()``` is code", &["```one()``` is code"]),
            ("- [one]", &[r"- \[one\]"]),
        ];
        for (text, expected) in table {
            assert_eq!(render(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_code_span_may_go_over_a_line_but_not_over_a_paragraph() {
        assert_eq!(render("a `b\n[c]` [d]"), ["a `b", r"[c]` \[d\]"]);
        assert_eq!(render("a `b\n\n[c]"), [r"a \`b", "", r"\[c\]"]);
    }

    #[test]
    fn a_run_of_backticks_is_code_only_where_an_equal_run_closes_it() {
        let table: &[(&str, &[&str])] = &[
            ("a `b [c]", &[r"a \`b \[c\]"]),
            ("``a ` [b]`` [c]", &[r"``a ` [b]`` \[c\]"]),
            ("``a` [b]", &[r"\`\`a\` \[b\]"]),
            ("a ``` [b] ``` c", &["a ``` [b] ``` c"]),
            ("`a` and `b [c]", &[r"`a` and \`b \[c\]"]),
            ("a `b\n- [c]` d", &[r"a \`b", r"- \[c\]\` d"]),
            ("a `b\n# [c]` d", &[r"a \`b", r"# \[c\]\` d"]),
            ("a `b\n<c>` d", &[r"a \`b", r"\<c\>\` d"]),
            ("a `b\n```\n[c]\n```\n[d]`", &[r"a \`b", "```text", "[c]", "```", r"\[d\]\`"]),
            ("ends in `", &[r"ends in \`"]),
        ];
        for (text, expected) in table {
            assert_eq!(render(text), *expected, "{text}");
        }
    }
}
