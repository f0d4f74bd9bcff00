//! The facts about an operation: address, parameters, name, retry class, credentials.

use std::collections::HashMap;

use crate::spec::{Node, Operation, is_path_template, placeholders};

use super::Findings;
use super::references::nearest;

/// Nobody waits longer for an answer.
const MOST_SECONDS: u64 = 600;

/// No answer is longer. In memory it may become 40 times as large.
const MOST_KIB: u64 = 16 * 1024;

/// The classes of `x-retry`.
const RETRY_CLASSES: [&str; 3] = ["safe", "idempotent", "unsent"];

/// There is at least one server. Paths can be appended to its address.
pub(super) fn server_url(findings: &mut Findings<'_>) {
    let servers = findings.spec.root().items("servers");
    if servers.is_empty() && findings.spec.root().has("servers") {
        findings.key(
            "/servers",
            "there is no server",
            "add one, as in `- url: https://api.example`",
        );
    }
    for server in servers {
        let Some(address) = server.text("url") else {
            continue;
        };
        let sound = url::Url::parse(address).is_ok_and(|url| {
            url.scheme() == "https"
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
                && !address.ends_with('/')
                && !address.contains(['{', '}'])
        });
        if !sound {
            findings.value(
                &format!("{}/url", server.pointer),
                format!("`{address}` is no address that secrets may go to and paths can follow on"),
                "write it as in `https://api.example`, with neither a query nor a slash at the end",
            );
        }
    }
}

/// Paths start with a slash and consist of plain segments and whole placeholders.
pub(super) fn path_form(findings: &mut Findings<'_>) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (path, node) in findings.spec.root().entries("paths") {
        let names = placeholders(path);
        let twice = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
        if names.contains(&"") {
            findings.key(
                &node.pointer,
                format!("a placeholder of `{path}` has no name"),
                "write it as in `/v1/things/{thing_id}/part`",
            );
        } else if let Some((_, name)) = twice {
            findings.key(
                &node.pointer,
                format!("the placeholder `{{{name}}}` stands twice in `{path}`"),
                "give each segment a parameter of its own",
            );
        } else if !is_path_template(path) {
            findings.key(
                &node.pointer,
                format!("`{path}` is not a path of plain segments and placeholders"),
                "write it as in `/v1/things/{thing_id}/part`, a placeholder filling its segment",
            );
        }
        if node.members().is_empty() {
            findings.key(
                &node.pointer,
                format!("`{path}` has no operation"),
                "add one or remove the path",
            );
        }
        let template: Vec<&str> = path
            .split('/')
            .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
            .collect();
        if let Some(other) = seen.insert(template.join("/"), path) {
            findings.key(
                &node.pointer,
                format!("`{path}` is the same address as `{other}`"),
                "put the operations of both under one path",
            );
        }
    }
}

/// Placeholders and path parameters are the same set.
pub(super) fn path_parameters(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        let placeholders = placeholders(operation.path);
        if placeholders.contains(&"") {
            // It is open which parameter belongs there, and the form of the path is already a finding.
            continue;
        }
        let declared = path_parameters_of(findings, &operation);
        for name in &placeholders {
            if !declared.iter().any(|(_, parameter)| parameter.text("name") == Some(name)) {
                findings.key(
                    &operation.node.pointer,
                    format!("{} does not declare the path parameter `{name}`", operation.label()),
                    format!("add a parameter with `name: {name}`, `in: path`, `required: true`"),
                );
            }
        }
        let mut seen = Vec::new();
        for (at, parameter) in &declared {
            let Some(name) = parameter.text("name") else {
                continue;
            };
            if !placeholders.contains(&name) {
                // At the operation that uses it: other operations may use the component rightly.
                findings.key(
                    at,
                    format!("the path of {} has no placeholder `{{{name}}}`", operation.label()),
                    format!("its path is `{}`", operation.path),
                );
            }
            if seen.contains(&name) {
                findings.key(
                    &operation.node.pointer,
                    format!("{} declares the path parameter `{name}` twice", operation.label()),
                    "remove one of the two",
                );
            }
            seen.push(name);
            if !parameter.flag("required") {
                findings.key(
                    &parameter.pointer,
                    format!("the path parameter `{name}` has to be required"),
                    "add `required: true`",
                );
            }
        }
    }
}

/// The operationId is in snake_case, and has at least two words.
pub(super) fn operation_id(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        let Some(id) = operation.id() else {
            continue;
        };
        let words: Vec<&str> = id.split('_').collect();
        let snake = words.iter().all(|word| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
        if !snake || words.len() < 2 {
            findings.value(
                &format!("{}/operationId", operation.node.pointer),
                format!("the operationId `{id}` is not a verb and what it acts on, in snake_case"),
                "write it like `get_connection` or `list_access_tokens`",
            );
        }
    }
}

/// No two operations have the same operationId.
pub(super) fn duplicate_operation_id(findings: &mut Findings<'_>) {
    let mut seen: HashMap<&str, String> = HashMap::new();
    for operation in findings.spec.operations() {
        let Some(id) = operation.id() else {
            continue;
        };
        let place = format!("{} {}", operation.method.to_uppercase(), operation.path);
        if let Some(first) = seen.get(id) {
            findings.value(
                &format!("{}/operationId", operation.node.pointer),
                format!("the operationId `{id}` is already that of {first}"),
                "give this operation a name of its own",
            );
        } else {
            seen.insert(id, place);
        }
    }
}

/// Every operation has one of the three retry classes.
pub(super) fn retry_class(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        if !operation.node.has("x-retry") {
            findings.key(
                &operation.node.pointer,
                format!("{} has no `x-retry`", operation.label()),
                "add `x-retry: safe` (reads), `idempotent` (a second time changes nothing) or \
                 `unsent` (only if the server never saw it)",
            );
        } else if let Some(class) = operation.node.text("x-retry")
            && !RETRY_CLASSES.contains(&class)
        {
            findings.value(
                &format!("{}/x-retry", operation.node.pointer),
                format!("`{class}` is no retry class"),
                "write `safe`, `idempotent` or `unsent`",
            );
        }
    }
}

/// Every GET is `safe`, and no other method is.
pub(super) fn retry_fits_method(findings: &mut Findings<'_>) {
    for operation in findings.spec.operations() {
        let Some(class) = operation.node.text("x-retry") else {
            continue;
        };
        let (reads, safe) = (operation.method == "get", class == "safe");
        if reads == safe || !RETRY_CLASSES.contains(&class) {
            continue;
        }
        let method = operation.method.to_uppercase();
        let hint = if reads {
            "write `x-retry: safe`: a GET reads and may always be repeated"
        } else {
            "write `idempotent` if a second time changes nothing, else `unsent`"
        };
        findings.value(
            &format!("{}/x-retry", operation.node.pointer),
            format!("a {method} cannot be `{class}`"),
            hint,
        );
    }
}

/// Every operation says how long an attempt may take.
pub(super) fn timeout(findings: &mut Findings<'_>) {
    bound(
        findings,
        "x-timeout",
        MOST_SECONDS,
        "seconds",
        "add `x-timeout: 20`, or `x-timeout: 180` if the service asks the bank before it answers",
    );
}

/// Every operation says how long the body of an answer may be.
pub(super) fn body_limit(findings: &mut Findings<'_>) {
    bound(
        findings,
        "x-body-limit",
        MOST_KIB,
        "KiB",
        "add `x-body-limit: 256` for one object, `4096` for a page, `64` where no body is read",
    );
}

fn bound(findings: &mut Findings<'_>, key: &str, most: u64, unit: &str, hint: &str) {
    for operation in findings.spec.operations() {
        let node = &operation.node;
        let value = node.value.get(key);
        if value.is_none() {
            findings.key(&node.pointer, format!("{} has no `{key}`", operation.label()), hint);
        } else if value.and_then(|value| value.as_u64()).is_some_and(|count| count > most) {
            findings.value(
                &format!("{}/{key}", node.pointer),
                format!("`{key}` of {} is more than {most} {unit}", operation.label()),
                format!("write at most {most}"),
            );
        }
    }
}

/// Every operation takes exactly one declared secret.
pub(super) fn security(findings: &mut Findings<'_>) {
    let schemes = findings.spec.components("securitySchemes");
    let names = || schemes.iter().map(|(name, _)| *name);
    let known = || names().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" or ");
    for (name, node) in &schemes {
        if !matches!(*name, "apiKey" | "accessToken") {
            findings.key(
                &node.pointer,
                format!("the client knows no credentials of the kind `{name}`"),
                "name it `apiKey` (account scope) or `accessToken` (bank-user scope)",
            );
        }
    }
    for operation in findings.spec.operations() {
        let alternatives = operation.node.items("security");
        let chosen: Vec<_> = alternatives.iter().flat_map(Node::members).collect();
        if chosen.len() != 1 || alternatives.len() != 1 {
            findings.key(
                &operation.node.pointer,
                format!("{} has to take exactly one secret", operation.label()),
                format!("add `security: [NAME: []]`, NAME being {}", known()),
            );
        }
        for (name, node) in chosen {
            if !names().any(|scheme| scheme == name) {
                findings.key(
                    &node.pointer,
                    format!("there is no `{name}` in `components.securitySchemes`"),
                    match nearest(name, names()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("write {}", known()),
                    },
                );
            }
        }
    }
}

/// Every operation has one tag, and it is declared.
pub(super) fn tag(findings: &mut Findings<'_>) {
    let declared: Vec<_> =
        findings.spec.root().items("tags").iter().filter_map(|tag| tag.text("name")).collect();
    for operation in findings.spec.operations() {
        let tags = operation.node.texts("tags");
        match tags.as_slice() {
            [tag] if declared.contains(tag) => {}
            [tag] => findings.value(
                &format!("{}/tags/0", operation.node.pointer),
                format!("the tag `{tag}` is not declared"),
                match nearest(tag, declared.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add it to `tags` at the top of the file".to_owned(),
                },
            ),
            _ => findings.key(
                &operation.node.pointer,
                format!("{} has to have one tag", operation.label()),
                "add `tags: [NAME]`, NAME being declared at the top of the file",
            ),
        }
    }
}

/// The path parameters, each with the place where the operation uses it.
fn path_parameters_of<'a>(
    findings: &Findings<'a>,
    operation: &Operation<'a>,
) -> Vec<(String, Node<'a>)> {
    let named = operation.node.items("parameters").into_iter();
    named
        .filter_map(|named| Some((named.pointer.clone(), findings.spec.resolve(named)?)))
        .filter(|(_, parameter)| parameter.text("in") == Some("path"))
        .collect()
}
