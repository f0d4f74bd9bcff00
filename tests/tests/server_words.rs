//! What the server says is quoted wherever it is printed or stored: without secrets of the call, cut
//! and escaped. The answers themselves stay as they were sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::error::Error as _;
use std::fmt::Debug;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use xs2a::sync::{LoginOutcome, PendingSession, SyncReport};
use xs2a::types::{CreateConnectionRequest, WizardResponse};
use xs2a::wizard::{AnswerError, WizardStep};
use xs2a::{ErrorKind, Snapshot, Token, TokenSource, UserClient};
use xs2a_tests::job_store::JobStore;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction, Request};

/// With characters that JSON and an address escape.
const TOKEN: &str = r#"t0ken/+"ü""#;
const KEY: &str = "wsk/1/canary";
const PIN: &str = "pin+&=4711";
const HALF: &str = r#"half\"canary"#;

/// What a text may not hold: the secrets in every form, and what a terminal or a log would obey.
fn harmful() -> Vec<String> {
    let mut harmful: Vec<String> = ["\n", "\r", "\u{1b}", "\u{202e}"].map(str::to_owned).into();
    for secret in [TOKEN, KEY, PIN, HALF] {
        harmful.extend(forms(secret));
    }
    harmful
}

fn forms(secret: &str) -> [String; 5] {
    let escaped = json!(secret).to_string();
    let escaped = escaped[1..escaped.len() - 1].to_owned();
    let percent = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let basic = BASE64_STANDARD.encode(format!("api:{secret}")).replace('=', "");
    [secret.to_owned(), escaped.clone(), escaped.replace('/', "\\/"), percent, basic]
}

/// Says the secrets in every form, and what a terminal would obey.
fn echo(secrets: &[&str]) -> String {
    let forms: Vec<String> = secrets.iter().flat_map(|secret| forms(secret)).collect();
    format!("no {}\r\nERROR forged\u{1b}[2J \u{202e}", forms.join(" "))
}

#[track_caller]
fn assert_quoted(text: &str) {
    for harm in harmful() {
        assert!(!text.contains(&harm), "{harm:?} in {text}");
    }
    assert!(text.chars().count() < 2000, "{} characters", text.chars().count());
}

/// A value in all the ways in which it is printed.
#[track_caller]
fn assert_printed(value: &impl Debug) {
    assert_quoted(&format!("{value:?}"));
    // The alternate form has line breaks of its own.
    assert_quoted(&format!("{value:#?}").replace('\n', " "));
}

#[track_caller]
fn assert_error(error: &xs2a::Error) {
    assert_quoted(&error.to_string());
    assert_quoted(error.message().unwrap_or_default());
    assert_printed(error);
    let mut cause = error.source();
    while let Some(source) = cause {
        assert_quoted(&source.to_string());
        cause = source.source();
    }
    if let Some(response) = error.response() {
        assert_quoted(&response.to_string());
        assert_printed(response);
    }
}

async fn user_of(
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> (RawServer, UserClient) {
    let server = RawServer::start([], Reaction::by(answer)).await;
    let source = TokenSource::new(|| async { Ok::<_, std::io::Error>(Token::new(TOKEN, None)) });
    let user = UserClient::builder(source).base_url(server.url()).response_limit(16 << 20);
    let user = user.build().unwrap();
    (server, user)
}

fn connection(failures: u32, message: &str) -> Answer {
    let connection = json!({
        "id": "con-1", "transaction": "tra-1", "sync_mode": "shared", "sync_active": true,
        "sync_message": message, "sync_fail_counter": failures,
        "last_synced": "2026-01-31 10:11:12", "testmode": true,
    });
    Answer::json(200, connection.to_string())
}

#[tokio::test]
async fn an_error_shows_no_secret_of_its_call() {
    let words = echo(&[TOKEN]);
    let body = json!({"code": 422, "message": words, "errors": {words.clone(): [words]}});
    let (_server, user) = user_of(move |_| Answer::json(422, body.to_string())).await;
    let error = user.connections().create(&CreateConnectionRequest::new()).await.unwrap_err();
    assert_error(&error);
    let said = error.message().unwrap();
    assert!(
        said.starts_with(r"no [secret] [secret] [secret] [secret] [secret]\r\nERROR forged\u{1b}"),
        "{said}"
    );
    // The answer itself is as it was sent.
    let sent = error.response().unwrap().api_error().unwrap().message.clone();
    assert_eq!(sent, Some(echo(&[TOKEN])));
}

#[tokio::test]
async fn a_token_that_was_replaced_on_the_way_is_concealed_too() {
    let react = |request: &Request| match request.header("authorization") {
        Some(sent) if sent.ends_with(&BASE64_STANDARD.encode("api:token-1")) => Answer::error(401),
        _ => Answer::json(422, r#"{"code":422,"message":"first token-1, then token-2"}"#),
    };
    let server = RawServer::start([], Reaction::by(react)).await;
    let made = std::sync::atomic::AtomicU32::new(0);
    let source = TokenSource::new(move || {
        let number = made.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        async move { Ok::<_, std::io::Error>(Token::new(format!("token-{number}"), None)) }
    });
    let user = UserClient::builder(source).base_url(server.url()).build().unwrap();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!(error.message(), Some("first [secret], then [secret]"));
}

#[tokio::test]
async fn a_step_of_the_wizard_shows_nothing_that_was_sent() {
    let login = json!({"form": {"name": "login", "elements": [
        {"type": "text", "name": "PIN", "label": "PIN"}]}});
    let words = echo(&[TOKEN, KEY]);
    let more = format!("{PIN}\n");
    let failed = json!({"error": {"message": words, "recoverable": false}});
    let rejected = json!({"error": {"message": words}, "form": {"name": "login", "elements": [
        {"type": "text", "name": "PIN", "invalid": true, "validation_error": more,
         "failed_validation_rules": [more]},
        {"type": "multi", "name": "way", "elements": [{"value": "a", "elements": [
            {"type": "password", "name": "TAN", "validation_error": more}]}]}]}});
    let answer = move |request: &Request| {
        let answer = match request.body.as_str() {
            body if !body.contains("PIN") => &login,
            body if body.contains("once") => &failed,
            _ => &rejected,
        };
        Answer::json(200, answer.to_string())
    };
    let (_server, user) = user_of(answer).await;
    let wizard = user.wizard(KEY);
    let WizardStep::Form(form) = wizard.open().await.unwrap() else { panic!("a form") };

    let step = wizard.send(form.answers().enter("PIN", PIN).unwrap()).await.unwrap();
    assert_printed(&step);
    let WizardStep::Rejected(form) = step else { panic!("{step:?}") };
    // The user is shown what was sent.
    assert_eq!(form.message(), Some(echo(&[TOKEN, KEY]).as_str()));
    // The message, the field, and the field in the group.
    assert_eq!(form.rejections().len(), 3);
    for rejection in form.rejections() {
        assert_quoted(&rejection.to_string());
        assert_printed(&rejection);
    }
    form.elements().for_each(|element| assert_printed(&element));
    let stored = serde_json::to_string(&form).unwrap();
    harmful().iter().for_each(|harm| assert!(!stored.contains(harm), "{harm:?} in {stored}"));

    let again = form.answers().enter("PIN", format!("{PIN} once")).unwrap();
    let step = wizard.send(again).await.unwrap();
    assert_printed(&step);
    let WizardStep::Failed(failed) = step else { panic!("{step:?}") };
    assert_quoted(&failed.to_string());
    assert_quoted(failed.message.as_deref().unwrap());
}

#[tokio::test]
async fn an_answer_that_does_not_fit_quotes_the_form() {
    let options: Vec<_> = (0..10_000).map(|n| format!("way\n{n}")).collect();
    let form = json!({"form": {"name": "login", "elements": [
        {"type": "select", "name": "ways\u{202e}", "options": options}]}});
    let response: WizardResponse = xs2a_client::wire::decode(form.to_string().as_bytes()).unwrap();
    let WizardStep::Form(form) = WizardStep::from(response) else { panic!("a form") };
    let error = form.answers().choose("ways\u{202e}", "none").unwrap_err();
    assert!(matches!(error, AnswerError::UnknownOption(..)));
    assert_quoted(&error.to_string());
    assert_error(&error.into());
}

/// The token in the message of a connection reached the report, its error and the stored job.
#[tokio::test(start_paused = true)]
async fn a_failed_sync_stores_and_tells_no_secret() {
    let looks = std::sync::atomic::AtomicU32::new(0);
    let words = echo(&[TOKEN, HALF]);
    let answer = move |request: &Request| match request.line.starts_with("GET") {
        true if looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => connection(0, ""),
        true => connection(1, &words),
        false => Answer::empty(204),
    };
    let (_server, user) = user_of(answer).await;
    let store = JobStore::default();
    let connections = user.connections();
    let run = connections.sync("con-1").credentials(HALF).save_with(store.saver());
    let error = run.await.unwrap_err();
    let SyncReport::Failed { failures: 1, message: Some(message) } = error.report() else {
        panic!("{error:?}");
    };
    assert_quoted(message);
    assert_quoted(&error.to_string());
    assert_printed(&error);
    assert_printed(error.report());
    assert_printed(error.job());
    assert_printed(error.connection().unwrap());
    assert!(store.written().contains("[secret]"), "the message is stored");
    harmful().iter().filter(|harm| *harm != "\n").for_each(|harm| {
        assert!(!store.written().contains(harm), "{harm:?} in {}", store.written());
    });

    // What is refused by rule later says why the last sync failed.
    let refused = connections.sync("con-1").credentials(HALF).await.unwrap_err();
    assert_quoted(&refused.to_string());
    assert_printed(&refused);
    // The answer of the bare call is as it was sent.
    let connection = connections.get("con-1").await.unwrap();
    assert_eq!(connection.sync_message, Some(echo(&[TOKEN, HALF])));
    let message = user.snapshot(&connection).message.unwrap();
    assert!(
        message.starts_with("no [secret] [secret] [secret] [secret] [secret] half"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_sync_stores_and_tells_no_secret() {
    let words = echo(&[TOKEN, HALF]);
    let answer = move |request: &Request| match request.line.starts_with("GET") {
        true => connection(0, ""),
        false => Answer::json(422, json!({"code": 422, "message": words}).to_string()),
    };
    let (_server, user) = user_of(answer).await;
    let store = JobStore::default();
    let connections = user.connections();
    let run = connections.sync("con-1").credentials(HALF).save_with(store.saver());
    let error = run.await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::RefusedByServer { .. }), "{error:?}");
    assert_quoted(&error.to_string());
    assert_printed(&error);
    assert_error(error.error().unwrap());
    harmful().iter().filter(|harm| *harm != "\n").for_each(|harm| {
        assert!(!store.written().contains(harm), "{harm:?} in {}", store.written());
    });
}

#[tokio::test(start_paused = true)]
async fn a_login_that_failed_tells_no_secret() {
    let words = echo(&[TOKEN]);
    let (_server, user) = user_of(move |_| connection(2, &words)).await;
    let before: xs2a::types::Connection =
        xs2a_client::wire::decode(connection(1, "").text().as_bytes()).unwrap();
    let session = PendingSession::renewing("tra-1", &before);
    let outcome = user.connections().wait_for_user(&session).await.unwrap();
    assert!(matches!(outcome, LoginOutcome::Failed { .. }), "{outcome:?}");
    assert_quoted(&outcome.to_string());
    assert_printed(&outcome);
}

#[tokio::test(start_paused = true)]
async fn ten_megabytes_of_words_are_stored_as_three_hundred_characters() {
    let words = "wrong PIN, ".repeat(1_000_000);
    let (_server, user) = user_of(move |_| connection(3, &words)).await;
    let store = JobStore::default();
    let run = user.connections().sync("con-1").save_with(store.saver());
    let error = run.await.unwrap_err();
    assert!(error.to_string().len() < 500 && store.written().len() < 5_000, "{error}");
    let connection = user.connections().get("con-1").await.unwrap();
    assert_eq!(connection.sync_message.as_ref().unwrap().len(), 11_000_000);
    assert_eq!(Snapshot::from(&connection).message.unwrap().chars().count(), 300);
}

/// A token source and a store are the program's own: their errors may hold anything.
#[tokio::test(start_paused = true)]
async fn debug_prints_nothing_that_a_store_or_a_token_source_says_of_itself() {
    #[derive(Debug, Clone)]
    struct Sealed;
    impl std::fmt::Display for Sealed {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the vault is sealed, pw=hunter2\n")
        }
    }
    impl std::error::Error for Sealed {}

    let server = RawServer::start([], Reaction::by(|_| connection(0, ""))).await;
    let sealed = TokenSource::new(|| async { Err::<Token, _>(Sealed) });
    let user = UserClient::builder(sealed).base_url(server.url()).build().unwrap();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoToken);
    assert!(!format!("{error:?} {error:#?}").contains("hunter2"), "{error:?}");
    // The sentence for a person has the cause, as a quotation.
    let expected = "get_connection: the token source gave no access token: \
                    the vault is sealed, pw=hunter2\\n (nothing was sent)";
    assert_eq!(error.to_string(), expected);
    assert!(error.source().unwrap().is::<Sealed>());

    let store = JobStore::default();
    let run = user.connections().sync("con-1").save_with(store.saver()).await.unwrap_err();
    let shown = format!("{run} {run:?} {run:#?} {}", store.written());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(run.to_string().contains("the token source gave no access token"), "{run}");

    let user = UserClient::builder("token-1").base_url(server.url()).build().unwrap();
    let run =
        user.connections().sync("con-1").credentials("half").save_with(|_| async { Err(Sealed) });
    let error = run.await.unwrap_err();
    assert_eq!(error.error().unwrap().kind(), ErrorKind::NotStored);
    assert!(!format!("{error} {error:?} {error:#?}").contains("hunter2"), "{error:?}");
}
