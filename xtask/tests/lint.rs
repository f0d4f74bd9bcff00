//! One fixture per lint rule, breaking it and nothing else, with the exact text it leads to.
//!
//! `UPDATE_EXPECTED=1 cargo test -p xtask --test lint` writes the expected texts anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use xtask::diagnostic::{Diagnostic, render};
use xtask::document::Document;
use xtask::lint::{self, RULES};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lint")
}

/// What is found in a file, the findings naming it as the spec is named.
fn findings(path: &Path) -> Vec<Diagnostic> {
    let text = fs::read_to_string(path).unwrap();
    match Document::parse("spec/xs2a.yaml", &text) {
        Ok(document) => lint::check(&document),
        Err(findings) => findings,
    }
}

#[test]
fn the_spec_has_no_findings() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/xs2a.yaml");
    let findings = findings(&path);
    assert!(findings.is_empty(), "{}", render(&findings));
}

#[test]
fn the_fixtures_that_break_no_rule_have_no_findings() {
    for name in ["sound.yaml", "union.yaml"] {
        let findings = findings(&fixtures().join(name));
        assert!(findings.is_empty(), "{}", render(&findings));
    }
}

#[test]
fn every_rule_has_a_fixture_that_breaks_it_and_nothing_else() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut missing = Vec::new();
    let mut wrong = Vec::new();
    for rule in RULES {
        let fixture = fixtures().join(format!("{}.yaml", rule.name));
        if !fixture.exists() {
            missing.push(rule.name);
            continue;
        }
        let found = findings(&fixture);
        let printed = render(&found);
        if found.is_empty() || found.iter().any(|finding| finding.rule != rule.name) {
            wrong.push(format!("--- {}: findings\n{printed}", rule.name));
            continue;
        }
        let expected = fixture.with_extension("expected");
        if update {
            fs::write(&expected, &printed).unwrap();
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        if printed != wanted {
            wrong.push(format!("--- {}: wanted\n{wanted}\n+++ found\n{printed}", rule.name));
        }
    }
    assert!(missing.is_empty(), "no fixture for {missing:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_findings_come_at_once_in_the_order_of_the_file() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let text = text
        .replacen("operationId: get_user", "operationId: getUser", 1)
        .replacen("x-retry: unsent", "x-retry: never", 1)
        .replacen("      x-extensible-enum: true\n", "", 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let found = lint::check(&document);
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["retry-class", "operation-id", "open-enum"]);
    assert!(found.is_sorted_by_key(|finding| finding.line));
}

#[test]
fn an_unknown_reference_hides_no_example_that_is_wrong() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let text = text
        .replacen(
            "- $ref: '#/components/schemas/SyncMode'",
            "- $ref: '#/components/schemas/SyncMood'",
            1,
        )
        .replacen("example: 12.34", "example: twelve", 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let printed = render(&lint::check(&document));
    assert!(
        printed.contains("there is no `SyncMood` in `components.schemas` [unknown-ref]"),
        "{printed}"
    );
    assert!(printed.contains("\"twelve\" is not of type \"number\" [example-valid]"), "{printed}");
}

#[test]
fn a_schema_that_is_malformed_hides_no_example_that_is_wrong() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let text = text.replacen("example: 12.34", "example: twelve", 1);
    for (from, to) in [
        ("          type: boolean", "          type: bolean"),
        ("          type: boolean", "          type: [boolean]"),
        ("      enum: [full, shared, none]", "      enum: [full, full]"),
        ("      enum: [full, shared, none]", "      enum: []"),
        ("      required: [data]", "      required: [data, data]"),
        ("      required: [data]", "      required: data"),
        ("          format: local-date-time", "          format: 5"),
    ] {
        assert!(text.contains(from), "{from}");
        let text = text.replacen(from, to, 1);
        let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
        let printed = render(&lint::check(&document));
        assert!(printed.contains("\"twelve\" is not of type \"number\""), "{to}: {printed}");
    }
}

#[test]
fn a_path_parameter_is_reported_where_the_operation_names_it_and_once() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let page = "        - $ref: '#/components/parameters/Page'\n";
    let both = format!("{page}        - $ref: '#/components/parameters/ConnectionId'\n");
    let text = text.replacen(page, &both, 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let found = lint::check(&document);
    let line = text.lines().position(|line| line.ends_with("/ConnectionId'")).unwrap() + 1;
    let places: Vec<_> = found.iter().map(|finding| (finding.rule, finding.line)).collect();
    assert_eq!(places, [("path-parameters", line)], "{}", render(&found));
}

#[test]
fn a_parameter_that_is_refused_is_not_said_to_be_missing() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let (head, parameter) = text.split_once("    ConnectionId:\n").unwrap();
    for to in ["type: strnig", "type: string\n        format: password"] {
        let text =
            format!("{head}    ConnectionId:\n{}", parameter.replacen("type: string", to, 1));
        let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
        let found = lint::check(&document);
        assert_eq!(found.len(), 1, "{}", render(&found));
    }
}

#[test]
fn a_component_is_used_also_by_a_property_called_example() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let text = text
        .replacen("        sync_mode:\n", "        example:\n", 1)
        .replacen(
            "        id: con-1\n        sync_mode: full",
            "        id: con-1\n        example: full",
            1,
        )
        .replacen("            sync_mode: null", "            example: null", 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let found = lint::check(&document);
    assert!(found.is_empty(), "{}", render(&found));
}

/// The findings of the sound fixture with one text replaced.
fn broken(from: &str, to: &str) -> Vec<String> {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    assert!(text.contains(from), "{from}");
    let document = Document::parse("spec/xs2a.yaml", &text.replacen(from, to, 1)).unwrap();
    let told = |finding: &Diagnostic| format!("{} [{}]", finding.message, finding.rule);
    lint::check(&document).iter().map(told).collect()
}

#[test]
fn a_parameter_that_holds_a_secret_is_a_finding_wherever_it_is_declared() {
    let told = ["`token` holds a secret, and addresses are logged [secret]"];
    assert_eq!(broken("      name: page\n", "      name: token\n"), told);
    assert_eq!(
        broken(
            "        - $ref: '#/components/parameters/Page'\n",
            "        - $ref: '#/components/parameters/Page'\n        - {name: token, in: query, description: Whose., example: a, schema: {type: string}}\n",
        ),
        told
    );
}

#[test]
fn a_placeholder_that_stands_twice_is_named() {
    let spoken =
        broken("/v1/connections/{connection_id}/sync:", "/v1/{connection_id}/{connection_id}:");
    assert_eq!(
        spoken,
        [
            "the placeholder `{connection_id}` stands twice in `/v1/{connection_id}/{connection_id}` [path-form]"
        ]
    );
}

#[test]
fn a_mark_that_is_false_is_told_what_it_may_be() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let text = text.replacen("x-optional-body: true", "x-optional-body: false", 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let found = lint::check(&document);
    assert_eq!(found[0].message, "`x-optional-body` has to be `true` or left out");
    assert_eq!(found[0].hint.as_deref(), Some("write `true`, or leave it out"));
}

#[test]
fn a_mapping_to_nowhere_is_one_finding() {
    let text = fs::read_to_string(fixtures().join("union.yaml")).unwrap();
    let known = "booked: '#/components/schemas/Booked'";
    assert!(text.contains(known));
    let text = text.replacen(known, "booked: '#/components/schemas/Bookd'", 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let found = lint::check(&document);
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["unknown-ref"], "{}", render(&found));
}

#[test]
fn what_another_rule_has_said_is_not_said_again_by_what_misses_it() {
    let text = fs::read_to_string(fixtures().join("union.yaml")).unwrap();
    let text = text.replacen("    Booked:\n", "    Booking:\n", 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let found = lint::check(&document);
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["unknown-ref", "unused"], "{}", render(&found));
}

#[test]
fn a_media_type_that_would_become_bytes_by_its_spelling_is_a_finding() {
    for name in ["application/json; charset=utf-8", "application/JSON", "json", "*"] {
        assert_eq!(
            broken(
                "          description: The user.\n          content:\n            application/json:\n",
                &format!(
                    "          description: The user.\n          content:\n            '{name}':\n"
                ),
            ),
            [format!("`{name}` is not a media type in its plain form [supported]")]
        );
    }
}

#[test]
fn a_path_that_cannot_be_read_is_the_only_finding() {
    let text = fs::read_to_string(fixtures().join("sound.yaml")).unwrap();
    let text = text.replacen("/v1/connections/{connection_id}/sync:", "/v1/{}/sync:", 1);
    let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
    let found = lint::check(&document);
    let messages: Vec<_> = found.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(messages, ["a placeholder of `/v1/{}/sync` has no name"]);
}

#[test]
fn every_fixture_belongs_to_a_rule() {
    let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(matches!(stem, "sound" | "union") || names.contains(stem), "{}", path.display());
    }
}

#[test]
fn every_rule_has_a_name_of_its_own_and_a_reason() {
    let mut names = BTreeSet::new();
    for rule in RULES {
        assert!(names.insert(rule.name), "{} is there twice", rule.name);
        assert!(rule.reason.len() > 20, "{} needs a reason", rule.name);
    }
}
