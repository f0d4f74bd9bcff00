//! A spec that somebody is in the middle of editing may hold anything; the tool must keep its head.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rehearsal/changes.rs"]
#[allow(dead_code, reason = "only the edits are of use here")]
mod changes;
#[path = "rehearsal/edits.rs"]
mod edits;
mod variants;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use serde_json::{Value, json};
use variants::Variants;
use xtask::document::Document;
use xtask::{generate, lint};

const NAME: &str = "spec/xs2a.yaml";

/// The spec, with all that it can say and does not say yet.
fn spec() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/xs2a.yaml");
    let wanted =
        ["new-wizard-element", "deprecated", "chosen-names-and-recursion", "backtick-left-open"];
    let mut text = fs::read_to_string(path).unwrap();
    for name in wanted {
        let change = changes::REHEARSALS.iter().find(|change| change.name == name).unwrap();
        text = edits::edited(text, change.edits);
    }
    text
}

/// What becomes of a text: the generated client, or the number of diagnostics.
fn outcome(text: &str) -> Result<String, usize> {
    let findings = match Document::parse(NAME, text) {
        Err(findings) => findings,
        Ok(document) => match lint::check(&document) {
            findings if findings.is_empty() => match generate::generate(&document) {
                Ok(made) => return Ok(made.text),
                Err(findings) => findings,
            },
            findings => findings,
        },
    };
    assert!(!findings.is_empty());
    for finding in &findings {
        let lines = text.lines().count().max(1);
        assert!(
            (1..=lines).contains(&finding.line)
                && finding.column >= 1
                && !finding.message.is_empty(),
            "{finding} in a text of {lines} lines"
        );
        assert_ne!(finding.rule, "generate", "only the last net caught this: {finding}");
    }
    Err(findings.len())
}

/// Cuts, doubles, moves or garbles lines of the text.
fn mutate_text(text: &str, random: &mut fastrand::Rng) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.usize(..lines.len());
    match random.u8(..6) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = random.usize(..lines.len());
            lines.swap(at, other);
        }
        3 => {
            let line = &lines[at];
            let keep = random.usize(..=line.chars().count());
            lines[at] = line.chars().take(keep).collect();
        }
        4 => lines[at].insert_str(0, "  "),
        _ => lines.truncate(at),
    }
    lines.join("\n") + "\n"
}

/// Values that stand where others are expected.
fn replacement(random: &mut fastrand::Rng) -> Value {
    let absurd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1.5),
        json!(""),
        json!("self"),
        json!("Self"),
        json!("type"),
        json!("unknown"),
        json!("ünïcode"),
        json!("clone"),
        json!("an open `backtick [here]"),
        json!({"full": {"x-rust-name": "None"}, "none": {"x-rust-name": "Unknown"}}),
        json!({"$ref": "#/components/schemas/WizardError"}),
        json!({"allOf": [{"$ref": "#/components/schemas/WizardElement"}]}),
        json!("a b"),
        json!("1st"),
        json!("string"),
        json!("object"),
        json!("array"),
        json!("integer"),
        json!("number"),
        json!("decimal"),
        json!("password"),
        json!("local-date-time"),
        json!("date"),
        json!([]),
        json!({}),
        json!([null]),
        json!({"": {}}),
        json!({"type": "string"}),
        json!({"$ref": "#/components/schemas/Connection"}),
        json!({"$ref": "#/nowhere"}),
        json!({"$ref": "#/components/schemas/SyncMode"}),
        json!({"type": "array"}),
        json!("/v1/{a}/{a}"),
        json!("#/components/schemas/ApiError"),
        json!("*/ } fn x() {"),
        json!("\"#; \\ \n```\ncode"),
        json!(["a", "A", "a-", "1", "-"]),
        json!("x".repeat(300)),
    ];
    absurd[random.usize(..absurd.len())].clone()
}

/// Drops, renames, moves or replaces one place of the tree.
fn mutate_tree(spec: &Value, random: &mut fastrand::Rng) -> Value {
    let mut places = Vec::new();
    collect(spec, String::new(), &mut places);
    let mut mutant = spec.clone();
    let place = &places[random.usize(..places.len())];
    let (parent, _) = place.rsplit_once('/').unwrap();
    let other = mutant.pointer(&places[random.usize(..places.len())]).cloned();
    match random.u8(..5) {
        0 => match mutant.pointer_mut(parent).unwrap() {
            Value::Object(object) => {
                let key = key_of(place);
                object.shift_remove(&key);
            }
            Value::Array(items) => {
                items.remove(key_of(place).parse().unwrap());
            }
            _ => unreachable!(),
        },
        1 => *mutant.pointer_mut(place).unwrap() = replacement(random),
        2 => *mutant.pointer_mut(place).unwrap() = other.unwrap(),
        3 => {
            if let Value::Object(object) = mutant.pointer_mut(parent).unwrap() {
                let value = object.shift_remove(&key_of(place)).unwrap();
                let names = [
                    "fn",
                    "Self",
                    "self",
                    "new",
                    "_",
                    "9",
                    "a b",
                    "",
                    "Option",
                    "Secret",
                    "type",
                    "get",
                    "200",
                    "2XX",
                    "304",
                    "default",
                    "x-retry",
                    "Connection",
                    "extra",
                    "syncMode",
                    "sync-mode",
                    "Sync_Mode",
                    "gen",
                    "query",
                    "body",
                    "default",
                    "x-rust-name",
                    "older_bank_name",
                ];
                object.insert(names[random.usize(..names.len())].to_owned(), value);
            }
        }
        _ => {
            if let Value::Object(object) = mutant.pointer_mut(parent).unwrap() {
                let keys = [
                    "nullable",
                    "enum",
                    "required",
                    "format",
                    "type",
                    "additionalProperties",
                    "default",
                    "minimum",
                    "x-extensible-enum",
                    "x-optional-body",
                    "x-secret",
                    "x-rust-name",
                    "x-values",
                    "x-id",
                    "deprecated",
                    "x-deprecated-reason",
                    "items",
                    "oneOf",
                    "allOf",
                    "discriminator",
                    "parameters",
                    "requestBody",
                ];
                object.insert(keys[random.usize(..keys.len())].to_owned(), replacement(random));
            }
        }
    }
    mutant
}

fn key_of(place: &str) -> String {
    let (_, key) = place.rsplit_once('/').unwrap();
    key.replace("~1", "/").replace("~0", "~")
}

fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => return,
    };
    for (key, value) in children {
        let pointer = xtask::document::child(&at, &key);
        collect(value, pointer.clone(), places);
        places.push(pointer);
    }
}

/// The mutant of this number, the same on every run.
fn mutant(number: u64, text: &str, tree: &Value) -> String {
    let mut random = fastrand::Rng::with_seed(number);
    match number % 2 {
        0 => mutate_text(text, &mut random),
        _ => format!("{:#}", mutate_tree(tree, &mut random)),
    }
}

/// `MUTANTS=5000` tries more of them than a thousand, and compiles every client there is.
#[test]
fn a_thousand_mutants_end_in_a_client_or_in_diagnostics() {
    let asked: Option<u64> = std::env::var("MUTANTS").ok().map(|count| count.parse().unwrap());
    let count = asked.unwrap_or(1000);
    let text = spec();
    let tree = Document::parse(NAME, &text).unwrap().value().clone();
    let next = AtomicU64::new(0);
    let refused = AtomicU64::new(0);
    let clients = Mutex::new(BTreeMap::new());
    let threads = thread::available_parallelism().unwrap().get();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    if number >= count {
                        break;
                    }
                    match outcome(&mutant(number, &text, &tree)) {
                        Ok(client) => {
                            let mut clients = clients.lock().unwrap();
                            clients.insert(code(&client), (number, client));
                        }
                        Err(_) => {
                            refused.fetch_add(1, Relaxed);
                        }
                    }
                }
            });
        }
    });
    let clients = clients.into_inner().unwrap();
    let refused = refused.into_inner();
    assert!(refused > count / 2, "{refused} mutants were refused");
    assert!(clients.len() > 10, "{} clients differ", clients.len());
    // The compiler takes its time; some of them, another few with each change of the spec.
    let step = if asked.is_some() { 1 } else { 4 };
    let mut variants = Variants::new("mutants");
    for (number, client) in clients.values().step_by(step) {
        variants.add(&format!("mutant-{number}"), client, &[]);
    }
    let errors = variants.errors();
    assert!(errors.is_empty(), "{errors:?}");
}

/// The client without its documentation: what the compiler sees.
fn code(client: &str) -> String {
    let lines = client.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}
