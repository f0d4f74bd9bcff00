//! Checks the spec against the rules that make the generated client safe and good to use.
//!
//! Every rule has a name and a reason. All findings come at once, each with its place and a hint how to
//! mend it.

mod answers;
pub(crate) mod assumptions;
mod examples;
mod ids;
mod links;
mod members;
mod operations;
mod prose;
mod references;
mod schemas;
mod structure;

use crate::api;
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::spec::{Node, Spec};

/// The rule that asks the generator.
const SUPPORTED: &str = "supported";

/// One rule of the lint.
pub struct Rule {
    /// Its name, as diagnostics carry it.
    pub name: &'static str,
    /// Why the rule is there.
    pub reason: &'static str,
    check: fn(&mut Findings<'_>),
}

/// All rules, in the order `cargo xtask lint --list` prints them.
pub const RULES: &[Rule] = &[
    Rule {
        name: "yaml",
        reason: "nothing can be said of a file that is not valid YAML 1.2, or says a key twice",
        check: read_already,
    },
    Rule {
        name: structure::NAME,
        reason: "the generator knows a closed list of OpenAPI constructs; others would be ignored or make it fail",
        check: structure::check,
    },
    Rule {
        name: "unknown-ref",
        reason: "a reference has to lead to a component of the kind that is wanted there",
        check: references::unknown_ref,
    },
    Rule {
        name: "ref-siblings",
        reason: "OpenAPI ignores what stands beside a `$ref`, so it would be lost in silence",
        check: references::ref_siblings,
    },
    Rule {
        name: "unused",
        reason: "what no operation uses is not generated, and goes stale unseen",
        check: references::unused,
    },
    Rule {
        name: "server-url",
        reason: "the address of the service becomes the one that clients call when they are given none",
        check: operations::server_url,
    },
    Rule {
        name: "path-form",
        reason: "the client builds addresses from whole path segments",
        check: operations::path_form,
    },
    Rule {
        name: "path-parameters",
        reason: "every placeholder of a path needs its parameter and every path parameter its placeholder",
        check: operations::path_parameters,
    },
    Rule {
        name: "operation-id",
        reason: "the operationId becomes a method: a verb and what it acts on, in snake_case",
        check: operations::operation_id,
    },
    Rule {
        name: "duplicate-operation-id",
        reason: "two operations cannot become one method",
        check: operations::duplicate_operation_id,
    },
    Rule {
        name: "retry-class",
        reason: "what may be repeated after a failure must be said by the spec, never guessed by code",
        check: operations::retry_class,
    },
    Rule {
        name: "retry-fits-method",
        reason: "a GET reads and is safe; nothing else is, since everything else acts",
        check: operations::retry_fits_method,
    },
    Rule {
        name: "timeout",
        reason: "a bank may take minutes to answer, and a read may not: the spec says how long each call waits",
        check: operations::timeout,
    },
    Rule {
        name: "body-limit",
        reason: "what an answer may become in memory is bounded by the size that the spec allows it",
        check: operations::body_limit,
    },
    Rule {
        name: "security",
        reason: "every operation says which of the two secrets it takes",
        check: operations::security,
    },
    Rule {
        name: "tag",
        reason: "every operation belongs to one declared subject",
        check: operations::tag,
    },
    Rule {
        name: "success-response",
        reason: "the answers of an operation become its return type, so they have to be ones that Rust code can tell apart",
        check: answers::success_response,
    },
    Rule {
        name: "optional-body",
        reason: "only the one success of an operation can have a body that is not read",
        check: answers::optional_body,
    },
    Rule {
        name: "error-responses",
        reason: "every operation can be refused: for its credentials, for an id that does not exist, for its body",
        check: answers::error_responses,
    },
    Rule {
        name: "one-error-schema",
        reason: "the client has one error type, so all error answers share one schema",
        check: answers::one_error_schema,
    },
    Rule {
        name: "link",
        reason: "a link is followed by tools that try the service out, and has to lead somewhere",
        check: links::check,
    },
    Rule {
        name: "named-schema",
        reason: "what becomes a Rust type needs a name that does not change when something else does",
        check: schemas::named,
    },
    Rule {
        name: "required-properties",
        reason: "a required property that is not declared could never be sent nor read",
        check: schemas::required_properties,
    },
    Rule {
        name: "nullable-type",
        reason: "OpenAPI 3.0 gives `nullable` a meaning only beside a `type`, and other tools hold to it",
        check: schemas::nullable_type,
    },
    Rule {
        name: "open-enum",
        reason: "the server adds values over time, and a value nobody knew must not fail a whole page",
        check: schemas::open_enum,
    },
    Rule {
        name: "number-format",
        reason: "amounts are money: a binary float cannot hold every cent, and an integer needs a size",
        check: schemas::number_format,
    },
    Rule {
        name: "frame",
        reason: "what stands around entries, such as the number of a page, must not cost them",
        check: schemas::frame,
    },
    Rule {
        name: "date-time",
        reason: "the service's times are local to Europe/Berlin in bodies, and instants with an offset in queries",
        check: schemas::date_time,
    },
    Rule {
        name: "id-kind",
        reason: "an id of one kind must not pass for another, so the spec says of each what it identifies",
        check: ids::check,
    },
    Rule {
        name: "secret",
        reason: "keys, tokens and credentials must never be printed, and the format is what hides them",
        check: schemas::secret,
    },
    Rule {
        name: "request-default",
        reason: "a default in a request would be sent by every caller who never asked for it",
        check: schemas::request_default,
    },
    Rule {
        name: "deprecated",
        reason: "who is warned off something has to learn what to use instead",
        check: members::deprecated,
    },
    Rule {
        name: "rust-name",
        reason: "a name in Rust is chosen where two names on the wire meet in one, and nowhere else",
        check: members::rust_name,
    },
    Rule {
        name: SUPPORTED,
        reason: "the generator refuses what it has no code for, such as names that clash once they are Rust",
        check: supported,
    },
    Rule {
        name: "description",
        reason: "the descriptions are the documentation of the client",
        check: prose::description,
    },
    Rule {
        name: "example",
        reason: "an example shows the form of a value, and what tests and documentation are fed with",
        check: prose::example,
    },
    Rule {
        name: "example-valid",
        reason: "an example that its own schema refuses is wrong, or the schema is",
        check: examples::check,
    },
    Rule {
        name: "default-valid",
        reason: "a default that its own schema refuses is wrong, and the client's documentation would repeat it",
        check: examples::defaults,
    },
    Rule {
        name: "assumption",
        reason: "what the service's documentation does not say is marked, so that it gets checked one day",
        check: assumptions::check,
    },
];

/// The rules and their reasons, as `cargo xtask lint --list` prints them.
pub fn listing() -> String {
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    RULES.iter().map(|rule| format!("{:width$}  {}\n", rule.name, rule.reason)).collect()
}

/// The reader of the file has already checked this rule.
fn read_already(_: &mut Findings<'_>) {}

/// Asks the generator itself. Where another rule has a finding, that finding says it better.
fn supported(findings: &mut Findings<'_>) {
    let Err(problems) = api::read(findings.spec.document.value()) else {
        return;
    };
    let spoken = findings.places.clone();
    for problem in problems {
        let at = &problem.pointer;
        let said =
            |(_, known): &(_, String)| problem.unlinted || within(known, at) || within(at, known);
        if !spoken.iter().any(said) {
            findings.key(at, problem.message, problem.hint);
        }
    }
}

/// Whether a pointer leads to a place, or to something inside of it.
fn within(pointer: &str, place: &str) -> bool {
    pointer.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Checks the document against every rule. The findings are in the order of the file.
pub fn check(document: &Document) -> Vec<Diagnostic> {
    let mut findings = Findings {
        spec: Spec::new(document),
        rule: "",
        found: Vec::new(),
        places: Vec::new(),
        misspelt: Vec::new(),
    };
    for rule in RULES {
        findings.rule = rule.name;
        (rule.check)(&mut findings);
    }
    let mut found = findings.found;
    found.sort_by(|a, b| {
        (a.position(), a.rule, &a.message).cmp(&(b.position(), b.rule, &b.message))
    });
    // A component that is used in several places is checked once for each of them.
    found.dedup();
    found
}

/// The findings of the rules so far.
struct Findings<'a> {
    spec: Spec<'a>,
    rule: &'static str,
    found: Vec<Diagnostic>,
    /// The rules that have spoken, and where.
    places: Vec<(&'static str, String)>,
    /// Objects with a key that looks like a misspelt one, and the key that was meant.
    misspelt: Vec<(String, &'static str)>,
}

impl Findings<'_> {
    /// Reports something at the value a pointer leads to.
    fn value(&mut self, pointer: &str, message: impl Into<String>, hint: impl Into<String>) {
        let finding = self.spec.document.diagnose(pointer, self.rule, message, hint);
        self.push(pointer, finding);
    }

    /// Reports something at the key a pointer leads to.
    fn key(&mut self, pointer: &str, message: impl Into<String>, hint: impl Into<String>) {
        let finding = self.spec.document.diagnose_key(pointer, self.rule, message, hint);
        self.push(pointer, finding);
    }

    fn push(&mut self, pointer: &str, finding: Diagnostic) {
        // What an object seems to lack may be what it misspells.
        let follows = finding.rule != structure::NAME
            && self.misspelt.iter().any(|(owner, meant)| {
                let parent = pointer.rsplit_once('/').map(|(parent, _)| parent);
                // Without a type, all else that a schema says makes no sense.
                owner == pointer || *meant == "type" && parent == Some(owner)
            });
        if !follows {
            self.places.push((finding.rule, pointer.to_owned()));
            self.found.push(finding);
        }
    }

    /// Whether an object has a key that looks like this one, misspelt.
    fn misspells(&self, object: &Node<'_>, key: &str) -> bool {
        self.misspelt.iter().any(|(owner, meant)| *owner == object.pointer && *meant == key)
    }

    /// Whether something is written in a way that the generator does not know.
    fn is_malformed(&self) -> bool {
        self.places.iter().any(|(rule, _)| *rule == structure::NAME)
    }
}
