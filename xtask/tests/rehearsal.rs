//! Changes of the API, rehearsed: edit, lint, report, generate, compile.
//!
//! Each change is made to a copy of the spec, in a repository of its own, with the tool as the
//! maintainer runs it. Whether a change breaks users is not only claimed: for each there is
//! code that uses the client as it is now, and it has to go on compiling or not, as reported.
//!
//! `UPDATE_EXPECTED=1 cargo test -p xtask --test rehearsal` writes the expected reports anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod variants;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use variants::{Part, Variants};
use xtask::diff::{self, Impact};
use xtask::document::Document;
use xtask::generate;

/// An edit of the spec, at a JSON pointer.
enum Edit {
    /// Inserts lines before the entry.
    Before(&'static str, &'static str),
    /// Removes the entry.
    Remove(&'static str),
    /// Replaces a text within the entry.
    Replace(&'static str, &'static str, &'static str),
}
use Edit::{Before, Remove, Replace};

struct Rehearsal {
    name: &'static str,
    edits: &'static [Edit],
    /// Code that compiles with the client as it is now.
    user: &'static str,
}

const REHEARSALS: &[Rehearsal] = &[
    Rehearsal {
        name: "new-operation",
        edits: &[Before(
            "/paths/~1v1~1api~1connections~1{connection_id}~1reset",
            "  /v1/api/connections/{connection_id}/pause:
    post:
      operationId: pause_connection
      summary: Stop the automatic syncs of a connection
      description: The connection is no longer synced by the service itself.
      tags: [Connections]
      security:
        - accessToken: []
      x-retry: idempotent
      parameters:
        - $ref: '#/components/parameters/ConnectionId'
      responses:
        '204':
          description: The connection is paused.
        '401':
          $ref: '#/components/responses/Unauthorized'
        '404':
          $ref: '#/components/responses/NotFound'

",
        )],
        user: "pub fn syncs(operation: xs2a_client::Operation) -> bool {
            match operation {
                xs2a_client::Operation::SyncConnection => true,
                _ => false,
            }
        }",
    },
    Rehearsal {
        name: "new-optional-response-field",
        edits: &[Before(
            "/components/schemas/Connection/properties/country_id",
            "        nickname:
          description: Name that the user gave to the connection. None if she gave none.
          type: string
          nullable: true
          example: Household
",
        )],
        user: "pub fn id(connection: xs2a_client::types::Connection) -> xs2a_client::ConnectionId {
            connection.id
        }",
    },
    Rehearsal {
        name: "new-required-response-field",
        edits: &[
            Before(
                "/components/schemas/WizardSession/properties/transaction",
                "        expires_at:
          description: When the session ends if nobody walks through it.
          type: string
          format: local-date-time
          example: '2026-01-31 10:21:12'
",
            ),
            Replace(
                "/components/schemas/WizardSession/required",
                "[wizard_session_key, ",
                "[wizard_session_key, expires_at, ",
            ),
            Before(
                "/components/schemas/WizardSession/example/transaction",
                "        expires_at: '2026-01-31 10:21:12'\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections/put/responses/2XX/content/application~1json/example/transaction",
                "                expires_at: '2026-01-31 10:21:12'\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/responses/202/content/application~1json/example/transaction",
                "                expires_at: '2026-01-31 10:21:12'\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1reset/post/responses/202/content/application~1json/example/transaction",
                "                expires_at: '2026-01-31 10:21:12'\n",
            ),
        ],
        user: "pub fn key(session: &xs2a_client::types::WizardSession) -> &xs2a_client::Secret {
            &session.wizard_session_key
        }",
    },
    Rehearsal {
        name: "removed-field",
        edits: &[
            Remove("/components/schemas/Connection/properties/bank_name"),
            Remove("/components/schemas/Connection/example/bank_name"),
            Remove("/components/schemas/ConnectionPage/example/data/0/bank_name"),
        ],
        user: "pub fn bank(connection: xs2a_client::types::Connection) -> Option<String> {
            connection.bank_name
        }",
    },
    Rehearsal {
        name: "renamed-enum-value",
        edits: &[Replace("/components/schemas/SyncMode/enum", "none", "user_only")],
        user: "pub fn none(mode: &xs2a_client::types::SyncMode) -> bool {
            *mode == xs2a_client::types::SyncMode::None
        }",
    },
    Rehearsal {
        name: "new-enum-value",
        edits: &[Replace("/components/schemas/AccountSelection/enum", "single]", "single, none]")],
        user: "pub fn all(selection: &xs2a_client::types::AccountSelection) -> bool {
            match selection {
                xs2a_client::types::AccountSelection::All => true,
                _ => false,
            }
        }",
    },
    Rehearsal {
        name: "new-success-status",
        edits: &[Before(
            "/paths/~1v1~1api~1connections~1{connection_id}~1reset/post/responses/401",
            "        '204':
          description: The bank needs no user, and the reset has started.
",
        )],
        user:
            "pub async fn reset(client: xs2a_client::Client) -> xs2a_client::types::WizardSession {
            client.reset_connection(&\"con-1\".into()).await.unwrap().into_inner()
        }",
    },
    Rehearsal {
        name: "another-success-status",
        edits: &[Before(
            "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/responses/202",
            "        '200':
          description: The data is fresh, and nothing was started.
",
        )],
        user: "pub fn started(answer: xs2a_client::types::SyncConnectionResponse) -> bool {
            match answer {
                xs2a_client::types::SyncConnectionResponse::NoContent => true,
                xs2a_client::types::SyncConnectionResponse::Accepted(_) => false,
                _ => false,
            }
        }",
    },
    Rehearsal {
        name: "new-error-shape",
        edits: &[Before(
            "/components/schemas/ApiError/example",
            "        errors:
          description: What was wrong with each field, by its name. Empty if it was no field.
          type: object
          additionalProperties:
            type: array
            items:
              type: string
          example:
            country_id: [The country_id is not valid]
",
        )],
        user: "pub fn text(error: xs2a_client::types::ApiError) -> String { error.message }",
    },
    Rehearsal {
        name: "parameter-made-required",
        edits: &[Before(
            "/paths/~1v1~1events/get/parameters/1/description",
            "          required: true\n",
        )],
        user: "pub fn all() -> xs2a_client::types::ListEventsQuery {
            xs2a_client::types::ListEventsQuery::new()
        }",
    },
    Rehearsal {
        name: "new-required-request-field",
        edits: &[
            Before(
                "/components/schemas/SyncConnectionRequest/properties",
                "      required: [reason]\n",
            ),
            Before(
                "/components/schemas/SyncConnectionRequest/properties/force",
                "        reason:
          description: Why the sync is asked for.
          type: string
          example: user_present
",
            ),
            Before(
                "/components/schemas/SyncConnectionRequest/example/force",
                "        reason: user_present\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/requestBody/content/application~1json/example/force",
                "              reason: user_present\n",
            ),
        ],
        user: "pub fn sync() -> xs2a_client::types::SyncConnectionRequest {
            xs2a_client::types::SyncConnectionRequest::new().force(true)
        }",
    },
    Rehearsal {
        name: "type-widened",
        edits: &[Replace(
            "/components/schemas/Connection/properties/sync_fail_counter",
            "int32",
            "int64",
        )],
        user: "pub fn failures(connection: &xs2a_client::types::Connection) -> i32 {
            connection.sync_fail_counter
        }",
    },
    Rehearsal {
        name: "new-id",
        edits: &[Before(
            "/components/schemas/Connection/properties/country_id",
            "        user_id:
          description: Id of the bank user that the connection belongs to.
          type: string
          nullable: true
          x-id: user
          example: usr-2c9e41f7ab03
",
        )],
        user: "pub fn id(connection: xs2a_client::types::Connection) -> xs2a_client::ConnectionId {
            connection.id
        }",
    },
    Rehearsal {
        name: "another-kind-of-id",
        edits: &[Replace(
            "/components/schemas/Account/properties/bank_connection_id/x-id",
            "connection",
            "transaction",
        )],
        user: "pub fn owner(
            account: xs2a_client::types::Account,
        ) -> Option<xs2a_client::ConnectionId> {
            account.bank_connection_id
        }",
    },
    Rehearsal {
        name: "retry-class-changed",
        edits: &[Replace(
            "/paths/~1v1~1api~1connections~1{connection_id}/delete/x-retry",
            "idempotent",
            "unsent",
        )],
        user: "pub async fn delete(client: xs2a_client::Client) {
            client.delete_connection(&\"con-1\".into()).await.unwrap().into_inner()
        }",
    },
    Rehearsal {
        name: "query-where-there-was-none",
        edits: &[Before(
            "/paths/~1v1~1api~1users~1{user_id}/get/responses",
            "        - name: locale
          in: query
          description: Language of the texts.
          schema:
            $ref: '#/components/schemas/Language'
          example: de
",
        )],
        user: "pub async fn user(client: xs2a_client::Client) -> xs2a_client::types::BankUser {
            client.get_user(&\"usr-1\".into()).await.unwrap().into_inner()
        }",
    },
    Rehearsal {
        name: "words-only",
        edits: &[Replace(
            "/components/schemas/Connection/properties/bank_name/description",
            "Name of the bank.",
            "Name of the bank, as the bank writes it.",
        )],
        user: "pub fn bank(connection: xs2a_client::types::Connection) -> Option<String> {
            connection.bank_name
        }",
    },
    Rehearsal {
        name: "nothing",
        edits: &[],
        user: "pub fn client(client: &xs2a_client::Client) -> xs2a_client::Client { client.clone() }",
    },
];

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

fn edited(mut text: String, edits: &[Edit]) -> String {
    for edit in edits {
        let (Before(pointer, _) | Remove(pointer) | Replace(pointer, ..)) = edit;
        let document = Document::parse("spec/xs2a.yaml", &text).unwrap();
        assert!(document.value().pointer(pointer).is_some(), "there is no {pointer}");
        let lines: Vec<&str> = text.lines().collect();
        let start = document.locate_key(pointer).line - 1;
        let indent = |line: &str| line.len() - line.trim_start().len();
        let end = (start + 1..lines.len())
            .find(|&at| !lines[at].is_empty() && indent(lines[at]) <= indent(lines[start]))
            .unwrap_or(lines.len());
        let (head, entry, tail) = (&lines[..start], &lines[start..end], &lines[end..]);
        let entry = match edit {
            Before(_, inserted) => format!("{inserted}{}\n", entry.join("\n")),
            Remove(_) => String::new(),
            Replace(_, old, new) => {
                let entry = entry.join("\n");
                assert!(entry.contains(old), "no {old} in {entry}");
                entry.replacen(old, new, 1) + "\n"
            }
        };
        text = format!("{}\n{entry}{}\n", head.join("\n"), tail.join("\n"));
    }
    text
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
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rehearsal");
    let mut wrong = Vec::new();
    for rehearsal in REHEARSALS {
        let copy = Copy::new();
        let text = edited(spec(), rehearsal.edits);
        fs::write(copy.path("spec/xs2a.yaml"), text).unwrap();
        copy.printed(&["lint"]);

        let printed = copy.printed(&["diff"]);
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
        let expected = fixtures.join(format!("{}.expected", rehearsal.name));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &report).unwrap();
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        if report != wanted {
            wrong.push(format!("{}: wanted\n{wanted}\nfound\n{report}", rehearsal.name));
        }

        let json: Value =
            serde_json::from_str(&copy.printed(&["diff", "--format", "json"])).unwrap();
        let lines: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        let changes = json["changes"].as_array().unwrap();
        let from_json: Vec<&str> = changes.iter().map(|c| c["line"].as_str().unwrap()).collect();
        assert_eq!(lines, from_json, "{}: the formats disagree", rehearsal.name);
        let summary = json["summary"].as_str().unwrap();
        assert!(printed.lines().any(|line| line == summary), "{}", rehearsal.name);

        let generated = copy.printed(&["generate"]);
        assert_eq!(
            generated.lines().last().unwrap(),
            format!("Since HEAD: {summary}"),
            "{}",
            rehearsal.name
        );
        copy.printed(&["generate", "--check"]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
        "new-success-status",
    ] {
        let report = fs::read_to_string(fixtures.join(format!("{name}.expected"))).unwrap();
        // The last line names versions, which move with every release.
        let (report, _) = report.trim_end().rsplit_once('\n').unwrap();
        let (changes, summary) = report.split_once("\n\n").unwrap();
        assert!(guide.contains(&format!("(…)\n\n{changes}\n\n{summary}\n")), "{report}");
        assert!(guide.contains(&format!("\nSince HEAD: {summary}\n")), "{summary}");
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
    let users: Vec<_> = REHEARSALS.iter().map(|r| (r.name, r.user)).collect();
    variants.add("as-it-is", &generate::generate(&now).unwrap().text, &users);
    let mut announced = Vec::new();
    for rehearsal in REHEARSALS {
        let new =
            Document::parse("spec/xs2a.yaml", &edited(text.clone(), rehearsal.edits)).unwrap();
        let worst = diff::changes(&now, &new).iter().map(|change| change.impact).min();
        if worst.is_none_or(|worst| worst == Impact::Documentation) {
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
