//! Changes of the API, rehearsed: edit, lint, report, generate, compile.
//!
//! Each change is made to a copy of the spec, in a repository of its own, with the tool as the
//! maintainer runs it. Whether a change breaks users is not only claimed: for each there is
//! code that uses the client as it is now, and it has to go on compiling or not, as reported.
//!
//! `UPDATE_EXPECTED=1 cargo test -p xtask --test rehearsal` writes the expected reports anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changes;
mod edits;
mod refusals;
#[path = "../variants/mod.rs"]
mod variants;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use changes::{REHEARSALS, Rehearsal};
use edits::Edit::{Before, Remove, Replace};
use edits::{Edit, edited};
use refusals::REFUSALS;
use serde_json::Value;
use tempfile::TempDir;
use variants::{Part, Variants};
use xtask::diff::{self, Impact};
use xtask::document::Document;
use xtask::{diagnostic, generate, lint};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The spec, with a version that does not move with every release.
fn spec() -> String {
    let text = fs::read_to_string(repository().join("spec/xs2a.yaml")).unwrap();
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let version = document.value()["info"]["version"].as_str().unwrap();
    text.replacen(&format!("  version: {version}\n"), "  version: 1.0.0\n", 1)
}

/// A copy of what the tool works on, under version control.
struct Copy {
    folder: TempDir,
}

impl Copy {
    fn new() -> Self {
        let copy = Self { folder: TempDir::new().unwrap() };
        for file in ["spec/xs2a.yaml", "Cargo.toml", "crates/xs2a-client/src/generated/mod.rs"] {
            let to = copy.path(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(repository().join(file), to).unwrap();
        }
        copy.git(&["init", "--quiet"]);
        copy.git(&["add", "."]);
        copy.git(&["commit", "--quiet", "--message", "As it is"]);
        copy
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .current_dir(self.folder.path())
            .args(["-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.org"])
            .args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"])
            .args(arguments)
            .status()
            .unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .env("CARGO_MANIFEST_DIR", self.path("xtask"))
            .args(arguments)
            .output()
            .unwrap()
    }

    /// What the tool prints, when it succeeds.
    fn printed(&self, arguments: &[&str]) -> String {
        let output = self.xtask(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn a_change_is_reported_as_a_maintainer_would_have_written_it() {
    let threads = thread::available_parallelism().unwrap().get();
    let chunks = REHEARSALS.chunks(REHEARSALS.len().div_ceil(threads));
    let wrong: Vec<String> = thread::scope(|scope| {
        let rehearsed = |chunk: &'static [Rehearsal]| chunk.iter().filter_map(rehearse).collect();
        let running: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || -> Vec<String> { rehearsed(chunk) })).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Makes a change in a repository of its own. What is wrong with the report, if anything is.
fn rehearse(rehearsal: &Rehearsal) -> Option<String> {
    let copy = Copy::new();
    fs::write(copy.path("spec/xs2a.yaml"), edited(spec(), rehearsal.edits)).unwrap();
    let printed = copy.printed(&["diff"]);
    let json: Value = serde_json::from_str(&copy.printed(&["diff", "--format", "json"])).unwrap();
    // What is in the spec only has no dash: it is nothing for the changelog.
    let is_line =
        |line: &&str| line.starts_with("- ") || line.starts_with("  ") && !line.starts_with("   ");
    let lines: Vec<&str> = printed.lines().filter(is_line).map(|line| &line[2..]).collect();
    let changes = json["changes"].as_array().unwrap();
    let from_json: Vec<&str> = changes.iter().map(|c| c["line"].as_str().unwrap()).collect();
    assert_eq!(lines, from_json, "{}: the formats disagree", rehearsal.name);
    let summary = json["summary"].as_str().unwrap();
    assert!(printed.lines().any(|line| line == summary), "{}", rehearsal.name);
    let generated = copy.printed(&["generate"]);
    let last = generated.lines().last().unwrap();
    assert_eq!(last, format!("Since HEAD: {summary}"), "{}", rehearsal.name);

    // The first line names a commit, and places move with every edit of the spec.
    let report: String = printed
        .lines()
        .skip(2)
        .map(|line| match line.strip_prefix("    spec/xs2a.yaml:") {
            Some(rest) => format!("    {}\n", rest.split_once("  ").unwrap_or(("", "")).1),
            None => format!("{line}\n"),
        })
        .filter(|line| line != "    \n")
        .collect();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rehearsal");
    let expected = fixtures.join(format!("{}.expected", rehearsal.name));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected, &report).unwrap();
    }
    let wanted = fs::read_to_string(&expected).unwrap_or_default();
    (report != wanted).then(|| format!("{}: wanted\n{wanted}\nfound\n{report}", rehearsal.name))
}

/// The guide for maintainers shows what they will see, without what moves with the spec.
#[test]
fn the_worked_examples_are_what_the_tool_says() {
    let guide = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rehearsal");
    for name in [
        "new-optional-response-field",
        "new-id",
        "new-operation",
        "new-enum-value",
        "new-wizard-element",
        "new-success-status",
    ] {
        let report = fs::read_to_string(fixtures.join(format!("{name}.expected"))).unwrap();
        // The last line names versions, which move with every release.
        let (report, _) = report.trim_end().rsplit_once('\n').unwrap();
        let (changes, summary) = report.split_once("\n\n").unwrap();
        assert!(guide.contains(&format!("(…)\n\n{changes}\n\n{summary}\n")), "{report}");
        assert!(guide.contains(&format!("\nSince HEAD: {summary}\n")), "{summary}");
    }
    let new_element = REHEARSALS.iter().find(|change| change.name == "new-wizard-element").unwrap();
    for edit in new_element.edits {
        let Before(_, added) = edit else { panic!("another edit") };
        let shown = added.trim_end().lines();
        let (as_it_is, as_a_diff) = (added.trim_end(), shown.map(|line| format!("+{line}")));
        let as_a_diff = as_a_diff.collect::<Vec<_>>().join("\n");
        assert!(guide.contains(as_it_is) || guide.contains(&as_a_diff), "{added}");
    }
    for (name, without) in [
        ("new-optional-response-field", "          example: Household\n"),
        ("new-id", "          x-id: user\n"),
        ("new-operation", "      x-retry: idempotent\n"),
    ] {
        let rehearsal = REHEARSALS.iter().find(|rehearsal| rehearsal.name == name).unwrap();
        let [Before(place, added)] = rehearsal.edits else { panic!("{name} is another edit") };
        let broken = added.replacen(without, "", 1);
        let edits = [added.trim_end(), broken.trim_end()];
        assert!(edits.iter().any(|edit| guide.contains(edit)), "{added}");
        let text = spec();
        let at = Document::parse("spec/xs2a.yaml", &text).unwrap().locate_key(place).line - 1;
        let mut lines: Vec<&str> = text.lines().collect();
        lines.splice(at..at, broken.lines());
        let document = Document::parse("spec/xs2a.yaml", &lines.join("\n")).unwrap();
        let findings = xtask::lint::check(&document);
        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        let number = finding.line.to_string();
        let gutter = format!("\n{} |", " ".repeat(number.len()));
        let shown = finding.to_string().replace(&number, "…").replace(&gutter, "\n  |");
        assert!(guide.contains(&shown), "{shown}");
    }
}

#[test]
fn a_change_breaks_its_users_if_and_only_if_the_report_says_so() {
    let text = spec();
    let now = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let mut variants = Variants::new("rehearsals");
    let users: Vec<_> = REHEARSALS
        .iter()
        .filter(|rehearsal| !rehearsal.user.is_empty())
        .map(|rehearsal| (rehearsal.name, rehearsal.user))
        .collect();
    variants.add("as-it-is", &generate::generate(&now).unwrap().text, &users);
    let mut announced = Vec::new();
    for rehearsal in REHEARSALS {
        if rehearsal.user.is_empty() {
            continue;
        }
        let new =
            Document::parse("spec/xs2a.yaml", &edited(text.clone(), rehearsal.edits)).unwrap();
        let worst = diff::changes(&now, &new).iter().map(|change| change.impact).min();
        if worst.is_none_or(|worst| worst >= Impact::Documentation) {
            continue;
        }
        if worst == Some(Impact::Breaking) {
            announced.push(rehearsal.name);
        }
        let client = generate::generate(&new).unwrap().text;
        variants.add(rehearsal.name, &client, &[("user", rehearsal.user)]);
    }
    let errors = variants.errors();
    for ((name, part), text) in &errors {
        assert_eq!(*part, Part::User, "the client of {name} does not compile:\n{text}");
    }
    let broken: Vec<&str> = errors.keys().map(|(name, _)| name.as_str()).collect();
    announced.sort_unstable();
    assert_eq!(broken, announced, "{errors:#?}");
}

#[test]
fn what_a_client_newly_documents_is_documented_without_a_warning() {
    let mut text = spec();
    for name in ["deprecated", "chosen-names-and-recursion", "backtick-left-open"] {
        let rehearsal = REHEARSALS.iter().find(|rehearsal| rehearsal.name == name).unwrap();
        text = edited(text, rehearsal.edits);
    }
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let mut variants = Variants::new("documented");
    variants.add("documented", &generate::generate(&document).unwrap().text, &[]);
    let warnings = variants.warnings_of_rustdoc();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
}

#[test]
fn what_is_refused_names_the_way_out_in_one_finding() {
    let mut wrong = Vec::new();
    for refusal in REFUSALS {
        let text = edited(spec(), refusal.edits);
        let findings = match Document::parse("spec/xs2a.yaml", &text) {
            Ok(document) => lint::check(&document),
            Err(findings) => findings,
        };
        let (message, hint) = refusal.says;
        let found: Vec<_> = findings
            .iter()
            .map(|finding| {
                assert!(finding.line > 1, "{finding}");
                let message = format!("{} [{}]", finding.message, finding.rule);
                (message, finding.hint.clone().unwrap_or_default())
            })
            .collect();
        if found != [(message.to_owned(), hint.to_owned())] {
            wrong.push(format!("{}: wanted {:#?}\nfound {found:#?}", refusal.name, refusal.says));
        }
        let text = edited(spec(), refusal.way_out);
        let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
        let findings = lint::check(&document);
        if !findings.is_empty() {
            let found = diagnostic::render(&findings);
            wrong.push(format!("{}: no way out\n{found}", refusal.name));
        } else {
            generate::generate(&document).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_broken_spec_is_refused_at_its_place_and_nothing_is_written() {
    let breaks: &[(&str, &[Edit], &str)] = &[
        ("YAML syntax", &[Replace("/info/version", "version:", "version: [")], "[yaml]"),
        (
            "an unknown reference",
            &[Replace("/paths/~1v1~1events/get/responses/401", "Unauthorized", "Unauthorised")],
            "there is no `Unauthorised` in `components.responses` [unknown-ref]",
        ),
        (
            "a duplicate operationId",
            &[Replace("/paths/~1v1~1events/get/operationId", "list_events", "get_event")],
            "[duplicate-operation-id]",
        ),
        (
            "a missing retry class",
            &[Remove("/paths/~1v1~1events/get/x-retry")],
            "`list_events` has no `x-retry` [retry-class]",
        ),
        (
            "an undeclared path parameter",
            &[Remove("/paths/~1v1~1api~1users~1{user_id}/get/parameters")],
            "`get_user` does not declare the path parameter `user_id` [path-parameters]",
        ),
    ];
    for (what, edits, message) in breaks {
        let copy = Copy::new();
        fs::write(copy.path("spec/xs2a.yaml"), edited(spec(), edits)).unwrap();
        let client = copy.path("crates/xs2a-client/src/generated/mod.rs");
        let before = fs::read_to_string(&client).unwrap();
        for arguments in [["generate"].as_slice(), &["generate", "--check"], &["lint"]] {
            let output = copy.xtask(arguments);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{what}: {said}");
            let found = said.lines().any(|line| {
                let place = line.strip_prefix("spec/xs2a.yaml:").unwrap_or_default();
                place.starts_with(|c: char| c.is_ascii_digit()) && line.ends_with(message)
            });
            assert!(found, "{what}: {said}");
            assert!(!said.contains("panicked"), "{what}: {said}");
        }
        assert_eq!(fs::read_to_string(&client).unwrap(), before, "{what}");
    }
}

#[test]
fn what_cannot_be_compared_with_is_said_clearly() {
    let copy = Copy::new();
    let said = |arguments: &[&str]| {
        let output = copy.xtask(arguments);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(said(&["diff", "--base", "v9"]).trim(), "git knows no revision `v9`");
    assert_eq!(said(&["diff", "--base=--all"]).trim(), "git knows no revision `--all`");
    copy.git(&["rm", "--quiet", "--cached", "spec/xs2a.yaml"]);
    copy.git(&["commit", "--quiet", "--message", "Without a spec"]);
    assert_eq!(said(&["diff"]).trim(), "there is no spec/xs2a.yaml at `HEAD`");
}

#[test]
fn the_report_compares_with_the_last_tag() {
    let copy = Copy::new();
    copy.git(&["tag", "v0.1.0"]);
    fs::write(copy.path("spec/xs2a.yaml"), edited(spec(), REHEARSALS[1].edits)).unwrap();
    copy.git(&["commit", "--quiet", "--all", "--message", "One field more"]);
    let since_tag = copy.printed(&["diff"]);
    assert!(since_tag.starts_with("spec/xs2a.yaml compared with v0.1.0 ("), "{since_tag}");
    assert!(since_tag.contains("\n1 property added, not breaking, minor version\n"), "{since_tag}");
    let since_head = copy.printed(&["diff", "--base", "HEAD"]);
    assert!(since_head.ends_with("\nnothing changed\n"), "{since_head}");
}
