//! From a document to the text of the generated client.

use std::cell::Cell;
use std::panic;
use std::sync::Once;

use progenitor::{GenerationSettings, Generator, InterfaceStyle};

use crate::api::{self, Api, Problem};
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::lift;
use crate::lower::{self, Draft};

/// The workspace's own spec.
pub const SPEC: &str = "spec/xs2a.yaml";

/// A generated client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The text of the file.
    pub text: String,
    /// The number of operations.
    pub operations: usize,
    /// The number of types that the spec names.
    pub types: usize,
}

/// Generates the client, or says what in the spec prevents it.
pub fn generate(document: &Document) -> Result<Generated, Vec<Diagnostic>> {
    let spec = document.value();
    let api = api::read(spec).map_err(|problems| {
        problems.into_iter().map(|problem| diagnose(document, problem)).collect::<Vec<_>>()
    })?;
    let draft = lower::lower(spec, &api);
    let refuse = |message: String| {
        vec![document.diagnose(
            "",
            "generate",
            message,
            "a construct that the checks let through but the generator cannot take",
        )]
    };
    let made = run_progenitor(&draft).map_err(refuse)?;
    let lifted = lift::lift(made, &api).map_err(|surprise| refuse(surprise.to_string()))?;
    Ok(Generated {
        text: render(&lifted, &api, document.name()),
        operations: api.operations.len(),
        types: api.schemas.len(),
    })
}

fn diagnose(document: &Document, problem: Problem) -> Diagnostic {
    document.diagnose_key(&problem.pointer, "supported", problem.message, problem.hint)
}

/// Runs progenitor, which panics on some constructs that it cannot take. The checks refuse all such
/// constructs that are known; a panic becomes an error as a last resort.
pub(crate) fn run_progenitor(draft: &Draft) -> Result<syn::File, String> {
    quietly(|| {
        let spec: openapiv3::OpenAPI =
            serde_json::from_value(draft.document()).map_err(|error| error.to_string())?;
        let mut settings = GenerationSettings::new();
        settings.with_interface(InterfaceStyle::Positional).with_map_type("IndexMap");
        for name in &draft.replaced {
            settings.with_replacement(name, name, std::iter::empty());
        }
        let tokens =
            Generator::new(&settings).generate_tokens(&spec).map_err(|error| error.to_string())?;
        syn::parse2(tokens).map_err(|error| error.to_string())
    })
    .unwrap_or_else(|| Err("the generator behind this one gave up".to_owned()))
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs a function that may panic, without a message on the screen. `None` if it panicked.
fn quietly<T>(run: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(panic::AssertUnwindSafe(run));
    QUIET.set(false);
    result.ok()
}

fn render(file: &syn::File, api: &Api, spec: &str) -> String {
    let spec = one_line(spec);
    let flags = match spec.as_str() {
        SPEC => String::new(),
        spec => format!(" --spec {spec} --out FILE"),
    };
    let header = format!(
        "// Generated from {spec} ({} {}). Do not edit: change the spec and run\n\
         //\n\
         //     cargo xtask generate{flags}\n\
         //\n\
         // The code that this file calls is written by hand, beside this folder.\n\n",
        one_line(&api.title),
        one_line(&api.version)
    );
    header + &spread(&prettyplease::unparse(file))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Puts a blank line between two items, for the benefit of readers.
fn spread(text: &str) -> String {
    let mut spread = String::with_capacity(text.len());
    let mut before = "";
    for line in text.lines() {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let ends_item = matches!(before.trim(), "}" | ");") || before.trim().starts_with("use ");
        let starts_item = ["///", "#[", "pub ", "impl", "crate::"]
            .iter()
            .any(|start| line.trim_start().starts_with(start));
        if ends_item && starts_item && indent(before) == indent(line) {
            spread.push('\n');
        }
        spread.push_str(line);
        spread.push('\n');
        before = line;
    }
    spread
}
