//! The closed list of OpenAPI constructs that the generator can turn into code. The tools behind the
//! generator panic on some of the other constructs, and ignore the rest in silence. So everything that
//! is not on the list is refused here.

use serde_json::Value;

use crate::spec::Node;

use super::Findings;
use super::references::nearest;

/// The name of this rule.
pub(super) const NAME: &str = "structure";

/// The shape of a value.
enum Shape {
    Text,
    Flag,
    True,
    /// A whole number from 1.
    Count,
    Any,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    List(&'static Shape),
    /// Free names, all with the same shape.
    Map(&'static str, &'static Shape),
    Object(&'static Object),
    /// `{$ref: …}` or the shape itself.
    RefOr(&'static Shape),
    /// `true` or the shape.
    TrueOr(&'static Shape),
    /// Where a parameter stands.
    Place,
    /// That a body is always sent.
    Required,
    /// A body of JSON alone.
    Json,
}

/// An object with a closed list of keys.
struct Object {
    what: &'static str,
    fields: &'static [(&'static str, &'static Shape)],
    required: &'static [&'static str],
}

static ROOT: Object = Object {
    what: "the spec",
    fields: &[
        ("openapi", &Shape::OneOf(&["3.0.0", "3.0.1", "3.0.2", "3.0.3"])),
        ("info", &Shape::Object(&INFO)),
        ("servers", &Shape::List(&Shape::Object(&SERVER))),
        ("tags", &Shape::List(&Shape::Object(&TAG))),
        ("x-ids", &Shape::Map("kind of id", &Shape::Object(&ID_KIND))),
        ("paths", &Shape::Map("path", &Shape::Object(&PATH_ITEM))),
        ("components", &Shape::Object(&COMPONENTS)),
    ],
    required: &["openapi", "info", "servers", "paths", "components"],
};

static INFO: Object = Object {
    what: "`info`",
    fields: &[
        ("title", &Shape::Text),
        ("version", &Shape::Text),
        ("description", &Shape::Text),
        ("contact", &Shape::Object(&CONTACT)),
        ("license", &Shape::Object(&LICENSE)),
    ],
    required: &["title", "version", "license"],
};

static CONTACT: Object = Object {
    what: "a contact",
    fields: &[("name", &Shape::Text), ("url", &Shape::Text), ("email", &Shape::Text)],
    required: &["name"],
};

static LICENSE: Object = Object {
    what: "a license",
    fields: &[("name", &Shape::Text), ("url", &Shape::Text)],
    required: &["name"],
};

static SERVER: Object = Object {
    what: "a server",
    fields: &[("url", &Shape::Text), ("description", &Shape::Text)],
    required: &["url"],
};

static TAG: Object = Object {
    what: "a tag",
    fields: &[("name", &Shape::Text), ("description", &Shape::Text)],
    required: &["name"],
};

static ID_KIND: Object = Object {
    what: "a kind of id",
    fields: &[("description", &Shape::Text), ("accepts", &Shape::List(&Shape::Text))],
    required: &["description"],
};

static PATH_ITEM: Object = Object {
    what: "a path",
    fields: &[
        ("get", &Shape::Object(&OPERATION)),
        ("put", &Shape::Object(&OPERATION)),
        ("post", &Shape::Object(&OPERATION)),
        ("patch", &Shape::Object(&OPERATION)),
        ("delete", &Shape::Object(&OPERATION)),
    ],
    required: &[],
};

static OPERATION: Object = Object {
    what: "an operation",
    fields: &[
        ("operationId", &Shape::Text),
        ("summary", &Shape::Text),
        ("description", &Shape::Text),
        ("tags", &Shape::List(&Shape::Text)),
        ("security", &Shape::List(&Shape::Map("security scheme", &Shape::List(&Shape::Text)))),
        ("x-retry", &Shape::Text),
        ("x-timeout", &Shape::Count),
        ("x-body-limit", &Shape::Count),
        ("x-assumed", &Shape::True),
        ("deprecated", &Shape::True),
        ("x-deprecated-reason", &Shape::Text),
        ("parameters", &Shape::List(&Shape::RefOr(&Shape::Object(&PARAMETER)))),
        ("requestBody", &Shape::Object(&REQUEST_BODY)),
        ("responses", &Shape::Map("status", &Shape::RefOr(&Shape::Object(&RESPONSE)))),
    ],
    required: &["operationId", "responses"],
};

static PARAMETER: Object = Object {
    what: "a parameter",
    fields: &[
        ("name", &Shape::Text),
        ("in", &Shape::Place),
        ("required", &Shape::Flag),
        ("description", &Shape::Text),
        ("schema", &Shape::RefOr(&Shape::Object(&SCHEMA))),
        ("example", &Shape::Any),
        ("x-assumed", &Shape::True),
        ("x-rust-name", &Shape::Text),
        ("deprecated", &Shape::True),
        ("x-deprecated-reason", &Shape::Text),
    ],
    required: &["name", "in", "schema"],
};

static REQUEST_BODY: Object = Object {
    what: "a request body",
    fields: &[
        ("description", &Shape::Text),
        ("required", &Shape::Required),
        ("content", &Shape::Json),
        ("x-assumed", &Shape::True),
    ],
    required: &["required", "content"],
};

static MEDIA: Object = Object {
    what: "a media type",
    fields: &[("schema", &Shape::RefOr(&Shape::Object(&SCHEMA))), ("example", &Shape::Any)],
    required: &["schema"],
};

static RESPONSE: Object = Object {
    what: "a response",
    fields: &[
        ("description", &Shape::Text),
        ("headers", &Shape::Map("header", &Shape::Object(&HEADER))),
        ("content", &Shape::Map("media type", &Shape::Object(&MEDIA))),
        ("x-assumed", &Shape::True),
        ("x-optional-body", &Shape::True),
        ("links", &Shape::Map("link", &Shape::Object(&LINK))),
    ],
    required: &[],
};

static LINK: Object = Object {
    what: "a link",
    fields: &[
        ("operationId", &Shape::Text),
        ("description", &Shape::Text),
        ("parameters", &Shape::Map("parameter", &Shape::Text)),
        ("requestBody", &Shape::Any),
    ],
    required: &["operationId"],
};

static HEADER: Object = Object {
    what: "a header",
    fields: &[
        ("description", &Shape::Text),
        ("schema", &Shape::RefOr(&Shape::Object(&SCHEMA))),
        ("example", &Shape::Any),
        ("x-assumed", &Shape::True),
    ],
    required: &["schema"],
};

static SCHEMA: Object = Object {
    what: "a schema",
    fields: &[
        ("description", &Shape::Text),
        ("type", &Shape::OneOf(&["string", "integer", "number", "boolean", "object", "array"])),
        ("format", &Shape::Text),
        ("nullable", &Shape::Flag),
        // Which values it may list is for the generator to say, of all at once.
        ("enum", &Shape::List(&Shape::Any)),
        ("required", &Shape::List(&Shape::Text)),
        ("properties", &Shape::Map("property", &Shape::RefOr(&Shape::Object(&SCHEMA)))),
        ("additionalProperties", &Shape::TrueOr(&Shape::RefOr(&Shape::Object(&SCHEMA)))),
        ("items", &Shape::RefOr(&Shape::Object(&SCHEMA))),
        ("allOf", &Shape::List(&Shape::RefOr(&Shape::Object(&SCHEMA)))),
        ("oneOf", &Shape::List(&Shape::RefOr(&Shape::Object(&SCHEMA)))),
        ("discriminator", &Shape::Object(&DISCRIMINATOR)),
        ("default", &Shape::Any),
        ("example", &Shape::Any),
        ("x-extensible-enum", &Shape::Flag),
        ("x-assumed", &Shape::True),
        ("x-id", &Shape::Text),
        ("x-secret", &Shape::True),
        ("x-frame", &Shape::True),
        ("x-entries", &Shape::True),
        ("x-bare", &Shape::Text),
        ("x-prose", &Shape::True),
        ("x-clamp-day", &Shape::True),
        ("x-keyed", &Shape::True),
        ("x-as-text", &Shape::True),
        ("x-rust-name", &Shape::Text),
        ("x-values", &Shape::Map("value", &Shape::Object(&VALUE))),
        ("deprecated", &Shape::True),
        ("x-deprecated-reason", &Shape::Text),
    ],
    required: &[],
};

static VALUE: Object = Object {
    what: "a value",
    fields: &[
        ("x-rust-name", &Shape::Text),
        ("deprecated", &Shape::True),
        ("x-deprecated-reason", &Shape::Text),
    ],
    required: &[],
};

static DISCRIMINATOR: Object = Object {
    what: "a discriminator",
    fields: &[("propertyName", &Shape::Text), ("mapping", &Shape::Map("tag", &Shape::Text))],
    required: &["propertyName", "mapping"],
};

static COMPONENTS: Object = Object {
    what: "`components`",
    fields: &[
        ("schemas", &Shape::Map("schema", &Shape::Object(&SCHEMA))),
        ("parameters", &Shape::Map("parameter", &Shape::Object(&PARAMETER))),
        ("responses", &Shape::Map("response", &Shape::Object(&RESPONSE))),
        ("securitySchemes", &Shape::Map("security scheme", &Shape::Object(&SECURITY_SCHEME))),
    ],
    required: &["schemas", "securitySchemes"],
};

static SECURITY_SCHEME: Object = Object {
    what: "a security scheme",
    fields: &[
        ("type", &Shape::OneOf(&["http"])),
        ("scheme", &Shape::OneOf(&["basic"])),
        ("description", &Shape::Text),
    ],
    required: &["type", "scheme"],
};

/// Checks the document against the closed list.
pub(super) fn check(findings: &mut Findings<'_>) {
    let root = findings.spec.root();
    match_shape(&root, "the spec", &Shape::Object(&ROOT), findings);
}

fn match_shape(node: &Node<'_>, what: &str, shape: &Shape, findings: &mut Findings<'_>) {
    match shape {
        Shape::Any => {}
        Shape::Text => expect(node.value.is_string(), node, what, "text", findings),
        Shape::Flag => expect(node.value.is_boolean(), node, what, "`true` or `false`", findings),
        Shape::Count => {
            let is_count = node.value.as_u64().is_some_and(|count| count > 0);
            expect(is_count, node, what, "a whole number from 1", findings);
        }
        Shape::True if node.value == &Value::Bool(true) => {}
        Shape::True => findings.value(
            &node.pointer,
            format!("{what} has to be `true` or left out"),
            "write `true`, or leave it out",
        ),
        Shape::OneOf(texts) => {
            let text = node.value.as_str();
            if text.is_some_and(|text| texts.contains(&text)) {
                return;
            }
            match text.and_then(|text| nearest(text, texts.iter().copied())) {
                Some(meant) => findings.value(
                    &node.pointer,
                    format!("{what} has to be {}", one_of(texts)),
                    format!("did you mean `{meant}`?"),
                ),
                None => expect(false, node, what, &one_of(texts), findings),
            }
        }
        Shape::List(shape) => match node.value.as_array() {
            None => expect(false, node, what, "a list", findings),
            Some(items) => {
                for (index, value) in items.iter().enumerate() {
                    let pointer = format!("{}/{index}", node.pointer);
                    let what = format!("an item of {what}");
                    match_shape(&Node { pointer, value }, &what, shape, findings);
                }
            }
        },
        Shape::Map(kind, shape) => {
            if !node.value.is_object() {
                expect(false, node, what, "a mapping", findings);
            }
            for (name, member) in node.members() {
                match_shape(&member, &format!("the {kind} `{name}`"), shape, findings);
            }
        }
        Shape::TrueOr(shape) => {
            if !node.value.is_boolean() {
                match_shape(node, what, shape, findings);
            } else {
                match_shape(node, what, &Shape::True, findings);
            }
        }
        Shape::RefOr(shape) => match node.value.get("$ref") {
            Some(Value::String(_)) => {}
            Some(_) => expect(false, node, "`$ref`", "text", findings),
            None => match shape {
                Shape::Object(object) => match_object(node, what, object, true, findings),
                shape => match_shape(node, what, shape, findings),
            },
        },
        Shape::Object(object) => match_object(node, what, object, false, findings),
        Shape::Place => match node.value.as_str() {
            Some("path" | "query") => {}
            Some(place @ ("header" | "cookie")) => findings.value(
                &node.pointer,
                format!("a parameter in a {place} is not supported"),
                "leave the parameter out; callers can set a header for all calls on the HTTP \
                 client that they give to the client (`http_client_builder`)",
            ),
            _ => expect(false, node, what, "`path` or `query`", findings),
        },
        Shape::Required => {
            if node.value != &Value::Bool(true) {
                findings.value(&node.pointer, OPTIONAL_BODY, ALWAYS_A_BODY);
            }
        }
        Shape::Json => {
            if !node.value.is_object() {
                expect(false, node, what, "a mapping", findings);
            }
            for (name, media) in node.members() {
                if name == "application/json" {
                    match_object(&media, "the media type", &MEDIA, false, findings);
                } else {
                    findings.key(
                        &media.pointer,
                        format!("a body of `{}` cannot be sent", name.escape_debug()),
                        "send `application/json`; if the service takes no JSON here, leave the \
                         operation out: callers send it with an HTTP client of their own",
                    );
                }
            }
        }
    }
}

const OPTIONAL_BODY: &str = "a body that may be left out is not supported";

const ALWAYS_A_BODY: &str = "write `required: true`: a caller who has nothing to say sends an \
                             empty object, so none of its properties may be required";

fn match_object(
    node: &Node<'_>,
    what: &str,
    object: &Object,
    may_refer: bool,
    findings: &mut Findings<'_>,
) {
    if !node.value.is_object() {
        expect(false, node, what, "a mapping", findings);
        return;
    }
    for (name, member) in node.members() {
        if let Some((_, shape)) = object.fields.iter().find(|(field, _)| *field == name) {
            match_shape(&member, &format!("`{name}`"), shape, findings);
            continue;
        }
        let known = object.fields.iter().map(|(field, _)| *field);
        let missing = known.chain(may_refer.then_some("$ref")).filter(|field| !node.has(field));
        let hint = match (instead_of(name), nearest(name, missing)) {
            (Some(hint), _) => hint.to_owned(),
            (None, Some(meant)) => {
                findings.misspelt.push((node.pointer.clone(), meant));
                format!("did you mean `{meant}`?")
            }
            (None, None) => {
                let known: Vec<_> = object.fields.iter().map(|(field, _)| *field).collect();
                format!("supported are {}", known.join(", "))
            }
        };
        findings.key(
            &member.pointer,
            format!("`{name}` is not supported in {}", object.what),
            hint,
        );
    }
    for name in object.required.iter().filter(|name| !node.has(name)) {
        if findings.misspells(node, name) {
            continue;
        }
        let optional_body = std::ptr::eq(object, &REQUEST_BODY) && *name == "required";
        let (message, hint) = if optional_body {
            (OPTIONAL_BODY.to_owned(), ALWAYS_A_BODY.to_owned())
        } else {
            (format!("{} needs `{name}`", object.what), format!("add `{name}` to {what}"))
        };
        findings.key(&node.pointer, message, hint);
    }
}

fn expect(holds: bool, node: &Node<'_>, what: &str, wanted: &str, findings: &mut Findings<'_>) {
    if !holds {
        findings.value(
            &node.pointer,
            format!("{what} has to be {wanted}"),
            format!("write {wanted} here"),
        );
    }
}

fn one_of(texts: &[&str]) -> String {
    match texts {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [rest @ .., last] => {
            let rest: Vec<_> = rest.iter().map(|text| format!("`{text}`")).collect();
            format!("{} or `{last}`", rest.join(", "))
        }
    }
}

/// For constructs that people use out of habit: what to write instead.
fn instead_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "$ref" => "write it out here; only parameters, responses and schemas in use are references",
        "anyOf" => "use `oneOf` with a `discriminator`, or one schema with optional properties",
        "not" | "patternProperties" | "if" => "say it in the description",
        "minLength" | "maxLength" | "pattern" | "minimum" | "maximum" | "exclusiveMinimum"
        | "exclusiveMaximum" | "minItems" | "maxItems" | "uniqueItems" | "multipleOf"
        | "minProperties" | "maxProperties" => {
            "say it in the description: one odd value in an answer would fail the whole answer"
        }
        "readOnly" | "writeOnly" => "use one schema for what is sent and one for what is received",
        "title" => "the name of the schema is its title",
        "examples" => "use one `example`",
        "parameters" => "declare them on each operation of the path",
        "head" | "options" | "trace" => "the client has no such call; leave it out",
        "requestBodies" | "headers" => "write it out where it is used",
        _ => return None,
    })
}
