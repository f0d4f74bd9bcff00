//! `cargo xtask live` against the sandbox: what the sandbox does as the spec says holds, and what it
//! is told to do otherwise is found and named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use serde_json::Value;
use xs2a_sandbox::{Edit, Fault, Sandbox};
use xtask::diff::Format;
use xtask::document::Document;
use xtask::live::{self, Report, Settings, State};

const SPEC: &str = "spec/xs2a.yaml";

fn document() -> Document {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Document::from_bytes(SPEC, &std::fs::read(root.join(SPEC)).unwrap()).unwrap()
}

/// What a walk has shown.
struct Shown {
    report: Report,
    text: String,
    json: Value,
}

impl Shown {
    fn state(&self, pointer: &str) -> State {
        self.report.assumptions().find(|one| one.pointer == pointer).unwrap().state
    }

    /// The differences that the report names, those of assumptions included.
    fn differences(&self) -> Vec<&Value> {
        let of_assumptions = self.json["assumptions"].as_array().unwrap().iter();
        let of_assumptions =
            of_assumptions.flat_map(|assumption| assumption["differences"].as_array().unwrap());
        of_assumptions.chain(self.json["differences"].as_array().unwrap()).collect()
    }

    /// The one difference that says this.
    fn difference(&self, what: &str) -> &Value {
        let found = self.differences().into_iter().find(|one| one["what"] == what);
        found.unwrap_or_else(|| panic!("no {what:?} in\n{}", self.text))
    }

    fn counts(&self) -> (u64, u64) {
        let operations = &self.json["operations"];
        (operations["called"].as_u64().unwrap(), operations["all"].as_u64().unwrap())
    }
}

async fn walk(sandbox: &Sandbox, not_in_test_mode: bool) -> Shown {
    let settings = Settings {
        key: sandbox.api_key(),
        base_url: sandbox.base_url().to_owned(),
        not_in_test_mode,
    };
    let report =
        tokio::task::spawn_blocking(move || live::run(&document(), &settings).unwrap()).await;
    let report = report.unwrap();
    let text = report.render(Format::Text);
    let json = serde_json::from_str(&report.render(Format::Json)).unwrap();
    Shown { report, text, json }
}

/// Nothing of a walk is left in the sandbox.
async fn is_empty(sandbox: &Sandbox) -> bool {
    let client = reqwest::Client::new();
    let users = client
        .get(format!("{}/v1/api/users", sandbox.base_url()))
        .basic_auth("api", Some(sandbox.api_key()));
    let users = users.send().await.unwrap().text().await.unwrap();
    let users: Value = serde_json::from_str(&users).unwrap();
    users["data"].as_array().unwrap().is_empty()
}

fn reached() -> [&'static str; 12] {
    [
        "/paths/~1v1~1api~1connections/put/responses/2XX",
        "/paths/~1v1~1api~1accounts~1{account_id}/delete/responses/2XX",
        "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/parameters/1",
        "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/responses/200",
        "/components/responses/BadRequest",
        "/components/responses/ValidationFailed",
        "/components/responses/RefusedByState",
        "/components/schemas/AccessToken/properties/valid_until",
        "/components/schemas/Connection/properties/sync_fail_counter",
        "/components/schemas/Connection/properties/last_synced",
        "/components/schemas/Connection/properties/sync_message",
        "/components/schemas/WizardResponse/properties/additional_data",
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn against_the_sandbox_all_that_can_be_reached_holds() {
    for dialect in [false, true] {
        for seed in 0..3 {
            let sandbox = Sandbox::builder().dialect(dialect).seed(seed).start().await.unwrap();
            let shown = walk(&sandbox, false).await;
            assert_eq!(shown.report.exit_code(), 0, "{}", shown.text);
            assert_eq!(shown.differences(), Vec::<&Value>::new());
            let (called, all) = shown.counts();
            assert_eq!(called, all, "every operation is called");
            for pointer in reached() {
                assert_eq!(shown.state(pointer), State::Held, "{pointer}\n{}", shown.text);
            }
            assert_eq!(shown.json["not_walked"].as_array().unwrap().len(), 0, "{}", shown.text);
            assert!(is_empty(&sandbox).await);
            assert!(!shown.text.contains(&sandbox.api_key()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loose_forms_are_listed_and_are_no_differences() {
    let plain = walk(&Sandbox::start().await.unwrap(), false).await;
    assert_eq!(plain.json["forms"].as_array().unwrap().len(), 0, "{}", plain.text);

    let sandbox = Sandbox::builder().dialect(true).start().await.unwrap();
    let dialect = walk(&sandbox, false).await;
    let forms = dialect.json["forms"].as_array().unwrap();
    let has = |what: &str, seen_before: bool| {
        forms.iter().any(|form| form["what"] == what && form["seen_before"] == seen_before)
    };
    assert!(has("a text for a number", false), "{}", dialect.text);
    assert!(has("the text of a digit for a boolean", true));
    assert!(has("a date-time with an offset", true));
    assert!(has("unknown key `x_not_in_the_spec`, an object", false));
    let title = "\nForms, keys and values that have not been seen before (";
    assert!(dialect.text.contains(title), "{}", dialect.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_field_is_found_and_the_edit_names_both_names() {
    let sandbox = Sandbox::start().await.unwrap();
    let renamed = vec![Edit::remove("/sync_active"), Edit::set("/syncActive", "true")];
    sandbox.fault(Fault::Edit(renamed)).on("get_connection").answered(200).always();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.report.exit_code(), 1);
    let difference = shown.difference("`get_connection`: the body has no `sync_active`");
    assert_eq!(
        difference["edit"],
        "rename `sync_active` to `syncActive`, or remove `sync_active` from `required`"
    );
    assert_eq!(difference["pointer"], "/components/schemas/Connection/properties/sync_active");
    let answer = difference["answer"].as_str().unwrap();
    assert!(answer.contains(r#""syncActive":"*** (a boolean)""#), "{answer}");
    assert_eq!(shown.differences().len(), 1, "{}", shown.text);
    assert!(is_empty(&sandbox).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_form_of_a_date_is_found() {
    let sandbox = Sandbox::start().await.unwrap();
    let german = vec![Edit::set("/created_at", r#""31.01.2026 10:11""#)];
    sandbox.fault(Fault::Edit(german)).on("get_account").answered(200).always();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.report.exit_code(), 1);
    let difference = shown.difference(
        "`get_account`: `created_at` is a text that is no `local-date-time`: `99.99.9999 99:99`",
    );
    assert_eq!(difference["pointer"], "/components/schemas/Account/properties/created_at");
    assert!(difference["place"].as_str().unwrap().starts_with("spec/xs2a.yaml:"));
    assert!(is_empty(&sandbox).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_success_is_found_where_the_spec_names_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let answer = Fault::Answer {
        status: 200,
        content_type: "application/json".to_owned(),
        body: r#"{"wizard_session_key": "wsk-secret-key", "transaction": "tra-1"}"#.to_owned(),
    };
    sandbox.fault(answer).on("reset_connection").next();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.report.exit_code(), 1);
    let difference = shown.difference("`reset_connection` answers with 200, which is not listed");
    assert_eq!(
        difference["edit"],
        "under `responses` of `reset_connection`, write `'200'` beside `'202'`, or in its place"
    );
    assert!(!shown.text.contains("wsk-secret-key"), "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assumed_refusal_with_another_status_is_contradicted() {
    let sandbox = Sandbox::start().await.unwrap();
    // The first two calls of this operation are the one without JSON and the one with a bad value.
    sandbox.fault(Fault::Status(409)).on("create_connection").next();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.report.exit_code(), 1);
    let bad_request = "/components/responses/BadRequest";
    assert_eq!(shown.state(bad_request), State::Contradicted);
    let difference = shown.difference("`create_connection` was refused with 409, not 400");
    assert_eq!(
        difference["edit"],
        "under `responses` of `create_connection`, write `'409'` in the place of `'400'`"
    );
    assert_eq!(shown.state("/components/responses/ValidationFailed"), State::Held);
}

#[tokio::test(flavor = "multi_thread")]
async fn html_in_the_place_of_an_error_is_found() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::Html(404)).on("get_session").call(2);
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.report.exit_code(), 1);
    let difference =
        shown.difference("`get_session` answers 404 with text/html, not with application/json");
    assert_eq!(difference["edit"], "add `text/html` to the `content` of the answer");
    assert_eq!(difference["pointer"], "/components/responses/NotFound/content");
    assert_eq!(shown.differences().len(), 1, "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_without_a_body_holds_and_one_with_another_body_does_not() {
    let deletion = "/paths/~1v1~1api~1connections~1{connection_id}/delete/responses/2XX";
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::Empty(204)).on("delete_connection").after_acting().always();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.state(deletion), State::Held, "{}", shown.text);
    assert!(shown.text.contains("the spec can say `'204'` without a body"), "{}", shown.text);

    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::Html(200)).on("delete_connection").after_acting().always();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.state(deletion), State::Contradicted, "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_does_not_return_to_zero_contradicts_the_assumption() {
    let sandbox = Sandbox::start().await.unwrap();
    let stays = vec![Edit::set("/sync_fail_counter", "1")];
    sandbox.fault(Fault::Edit(stays)).on("get_connection").answered(200).always();
    let shown = walk(&sandbox, false).await;
    let counter = "/components/schemas/Connection/properties/sync_fail_counter";
    assert_eq!(shown.state(counter), State::Contradicted, "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_outlives_its_time_in_berlin_contradicts_the_zone() {
    let sandbox = Sandbox::start().await.unwrap();
    let page = r#"{"total": 0, "per_page": 15, "current_page": 1, "last_page": 1, "data": []}"#;
    let works = Fault::Answer {
        status: 200,
        content_type: "application/json".to_owned(),
        body: page.to_owned(),
    };
    // The first call is half an hour before the time in Berlin, the second half an hour after.
    sandbox.fault(works.clone()).on("list_connections").call(2);
    let shown = walk(&sandbox, false).await;
    let zone = "/components/schemas/AccessToken/properties/valid_until";
    assert_eq!(shown.state(zone), State::Contradicted, "{}", shown.text);
    shown.difference("a token does not expire by the clock of Berlin");

    // A token that never expires says nothing about the zone.
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(works.clone()).on("list_connections").call(2);
    sandbox.fault(works).on("list_connections").call(3);
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.state(zone), State::NotReached, "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_mode_shared_without_the_half_contradicts_where_it_is_handed_over() {
    let sandbox = Sandbox::start().await.unwrap();
    let end =
        Fault::Body(r#"{"code": 200, "form": {"name": "finish", "elements": []}}"#.to_owned());
    sandbox.fault(end).on("advance_wizard").always();
    let shown = walk(&sandbox, false).await;
    let half = "/components/schemas/WizardResponse/properties/additional_data";
    assert_eq!(shown.state(half), State::Contradicted, "{}", shown.text);
    shown.difference("at the end of a session in mode `shared` there is no half");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_come_in_no_pages_contradict_the_parameters() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = r#"{"total": 2, "per_page": 15, "current_page": 1, "last_page": 1, "data": [
        {"id": "tok-1", "token": "bat-first-secret"}, {"id": "tok-2", "token": "bat-other-secret"}]}"#;
    sandbox.fault(Fault::Body(body.to_owned())).on("list_access_tokens").always();
    let shown = walk(&sandbox, false).await;
    let parameters = "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/parameters";
    for number in [1, 2] {
        let pointer = format!("{parameters}/{number}");
        assert_eq!(shown.state(&pointer), State::Contradicted, "{}", shown.text);
    }
    for secret in ["bat-first-secret", "bat-other-secret"] {
        assert!(!shown.text.contains(secret) && !shown.json.to_string().contains(secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_token_ends_this_part_and_is_not_shown() {
    let sandbox = Sandbox::start().await.unwrap();
    let renamed =
        vec![Edit::remove("/token"), Edit::set("/accessToken", r#""bat-renamed-secret""#)];
    sandbox.fault(Fault::Edit(renamed)).on("create_access_token").next();
    let shown = walk(&sandbox, false).await;
    let difference = shown.difference("`create_access_token`: the body has no `token`");
    assert_eq!(
        difference["edit"],
        "rename `token` to `accessToken`, or remove `token` from `required`"
    );
    assert!(!shown.text.contains("bat-renamed-secret"), "{}", shown.text);
    assert!(!shown.json.to_string().contains("bat-renamed-secret"));
    assert!(shown.text.contains("`create_access_token` gave no `token`"), "{}", shown.text);
    assert!(is_empty(&sandbox).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_in_test_mode_is_refused_unless_told_by_name() {
    for (testmode, reason) in [
        (Edit::set("/testmode", "0"), "the key is not in test mode"),
        (Edit::remove("/testmode"), "the new user does not say whether the key is in test mode"),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.fault(Fault::Edit(vec![testmode])).on("create_user").next();
        let shown = walk(&sandbox, false).await;
        assert_eq!(shown.report.exit_code(), 2, "{}", shown.text);
        let expected = format!("{reason}: use a key in test mode, or say `--not-in-test-mode`");
        assert_eq!(shown.json["stopped"], expected);
        assert_eq!(sandbox.received("create_access_token"), 0);
        assert_eq!(sandbox.acted("delete_user"), 1);
        assert!(is_empty(&sandbox).await);
    }
    let sandbox = Sandbox::start().await.unwrap();
    let live = Fault::Edit(vec![Edit::set("/testmode", "false")]);
    sandbox.fault(live).on("create_user").next();
    let shown = walk(&sandbox, true).await;
    assert_eq!(shown.report.exit_code(), 0, "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whose_creation_was_not_answered_is_found_by_name_and_deleted() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::ResetAfterActing).on("create_user").next();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.report.exit_code(), 2, "{}", shown.text);
    assert!(shown.text.contains("Stopped: create_user: no answer"), "{}", shown.text);
    assert!(is_empty(&sandbox).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whose_id_could_not_be_read_is_found_by_name_and_deleted() {
    let sandbox = Sandbox::start().await.unwrap();
    let renamed = vec![Edit::remove("/id"), Edit::set("/uuid", r#""u-1""#)];
    sandbox.fault(Fault::Edit(renamed)).on("create_user").next();
    let shown = walk(&sandbox, false).await;
    assert_eq!(shown.report.exit_code(), 1, "{}", shown.text);
    shown.difference("`create_user`: the body has no `id`");
    assert!(is_empty(&sandbox).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_cannot_be_listed_in_the_end_are_named_as_left() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::Html(502)).on("list_accounts").always();
    let shown = walk(&sandbox, false).await;
    let left = shown.json["left_behind"][0].as_str().unwrap();
    assert!(left.starts_with("perhaps one or more of the accounts of the user"), "{left}");
    shown.difference("`list_accounts` was refused with 502");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_deleted_is_named() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::Status(500)).on("delete_user").always();
    let shown = walk(&sandbox, false).await;
    let left = shown.json["left_behind"].as_array().unwrap();
    assert_eq!(left.len(), 1, "{}", shown.text);
    assert!(left[0].as_str().unwrap().starts_with("user "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_no_difference() {
    let sandbox = Sandbox::builder().api_key("right-key").start().await.unwrap();
    let settings = Settings {
        key: "wrong-key".to_owned(),
        base_url: sandbox.base_url().to_owned(),
        not_in_test_mode: false,
    };
    let report = tokio::task::spawn_blocking(move || live::run(&document(), &settings).unwrap());
    let report = report.await.unwrap();
    assert_eq!(report.exit_code(), 2);
    let text = report.render(Format::Text);
    assert!(text.contains("Stopped: the service refuses the key with 401: check XS2A_API_KEY"));
    assert!(!text.contains("wrong-key"));
}

#[test]
fn a_key_is_sent_over_https_only() {
    let settings = Settings {
        key: "a-key".to_owned(),
        base_url: "http://api.example.com".to_owned(),
        not_in_test_mode: false,
    };
    let error = live::run(&document(), &settings).err().unwrap().to_string();
    assert_eq!(error, "XS2A_BASE_URL has to begin with https://, or to name this machine");
}

mod program {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    fn program(sandbox: &Sandbox) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .arg("live")
            .env("XS2A_API_KEY", sandbox.api_key())
            .env("XS2A_BASE_URL", sandbox.base_url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    #[test]
    fn without_a_key_it_says_what_to_set() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let output = command.arg("live").env_remove("XS2A_API_KEY").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "there is no API key: set XS2A_API_KEY to a key in test mode\n");
    }

    /// Starts the program, waits until the sandbox holds back an answer of this operation, and
    /// sends so many interrupts.
    #[cfg(unix)]
    async fn interrupted(sandbox: &Sandbox, operation: &str, interrupts: usize) -> String {
        sandbox.fault(Fault::StallBeforeActing).on(operation).next();
        let mut child = program(sandbox).spawn().unwrap();
        while sandbox.received(operation) == 0 {
            tokio::task::yield_now().await;
        }
        let id = child.id().to_string();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        for number in 0..interrupts {
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
            if number == 0 {
                assert!(said.next().unwrap().unwrap().starts_with("interrupted: "));
            }
        }
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        let output = output.await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("\nStopped: interrupted\n"), "{text}");
        text
    }

    #[cfg(unix)]
    #[tokio::test(flavor = "multi_thread")]
    async fn an_interrupted_walk_deletes_what_it_made() {
        for operation in ["list_events", "get_account"] {
            let sandbox = Sandbox::start().await.unwrap();
            let text = interrupted(&sandbox, operation, 1).await;
            assert!(sandbox.acted("create_connection") > 0, "{text}");
            assert!(is_empty(&sandbox).await);
            assert_eq!(sandbox.acted("delete_user"), 1);
        }
    }

    #[cfg(unix)]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_interrupt_ends_the_deletion_and_names_what_may_be_left() {
        let sandbox = Sandbox::start().await.unwrap();
        // The call that hangs makes something, so its answer is waited for.
        let text = interrupted(&sandbox, "create_connection", 2).await;
        assert!(text.contains("- perhaps a user named \"xs2a live "), "{text}");
        assert!(!is_empty(&sandbox).await);
    }
}
