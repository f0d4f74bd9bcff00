//! Canaries in every secret, at a server that repeats all it is sent, and in no text that the crates
//! say: `Debug`, `Display`, JSON, logs of all targets, panics, stored jobs, reports and the store of
//! a fleet.
//!
//! `docs/api` lists every type that has a `Debug`. Each of them is shown here, or is known to hold
//! nothing but plain values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, sleep};
use tracing_subscriber::fmt::MakeWriter;
use xs2a::sync::{JobUpdate, PendingSession, Stored, SyncStart};
use xs2a::types::{CreateConnectionRequest, SyncConnectionRequest};
use xs2a::wizard::WizardStep;
use xs2a::{ApiClient, Delivery, SyncOutcome, Token, TokenSource, UserClient};
use xs2a_fleet::store::{Postgres, Sqlite};
use xs2a_fleet::{Fleet, FleetPolicy};
use xs2a_tests::raw_server::{Answer, RawServer, Reaction, Request};

const KEY: &str = "canary-key-5b1e/";
const TOKEN: &str = "canary-token-91cd+";
const SESSION: &str = "canary-session-77aa";
const PIN: &str = "canary-pin-\"4711";
const HALF: &str = "canary-half-02fe";
const FILLED: &str = "canary-filled-in-33";
const BACK: &str = "canary-way-back-64";
const STORE: &str = "canary-store-e0e0";
const ALL: [&str; 8] = [KEY, TOKEN, SESSION, PIN, HALF, FILLED, BACK, STORE];

/// The parts of the crates that hold no text of the server's or of the caller's but ids, and no secret:
/// numbers, instants, words of their own.
const PLAIN: &[&str] = &[
    "Attempt",
    "CallFailureKind",
    "ConnectionState",
    "ErrorKind",
    "EventCursor",
    "LastAttempt",
    "Money",
    "NextStep",
    "Pace",
    "Pass",
    "RetryBudget",
    "RetryPolicy",
    "Stored",
    "SyncHistory",
    "SyncPolicy",
    "TurnoverBook",
    "TurnoverKey",
    "UserNeeded",
    "AccountReport",
    "Forgotten",
    // What a caller builds of values that are shown here.
    "Observation",
    "Refusal",
    "ForgetError",
    "InPlace",
    "Pages",
    "ReportRequest",
    "TurnoversRequest",
    "BankCodes",
    "Sessions",
    "Waiting",
    "Text",
    "Part",
    "Link",
    "Inline",
    "Block",
    "Markup",
    "Page",
    "UserSessionFor",
    "Unreadable",
    // The rules and the bookkeeping of a fleet.
    "Beat",
    "Claimed",
    "Clocks",
    "ClosedHours",
    "Counts",
    "Decision",
    "Ending",
    "Enrolment",
    "FleetPolicy",
    "Forecast",
    "Heard",
    "Lane",
    "NotEnrolled",
    "NotEnrolledReason",
    "Parked",
    "Plan",
    "Priority",
    "Row",
    "Seen",
    "Share",
    "Span",
    "State",
    "Turn",
    "Turnstile",
    "Verdict",
    "PostgresTls",
];

/// All that was said, and by which types.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<(Vec<String>, BTreeSet<String>)>>);

impl Said {
    fn text(&self, text: impl Into<String>) {
        self.0.lock().unwrap().0.push(text.into());
    }

    fn debug<T: Debug>(&self, value: &T) {
        let name = std::any::type_name::<T>().split('<').next().unwrap();
        let name = name.rsplit("::").next().unwrap().to_owned();
        self.0.lock().unwrap().1.insert(name);
        self.text(format!("{value:?}"));
        self.text(format!("{value:#?}"));
    }

    fn shown<T: Debug + Display>(&self, value: &T) {
        self.debug(value);
        self.text(value.to_string());
    }

    fn written<T: Debug + Serialize>(&self, value: &T) {
        self.debug(value);
        self.text(serde_json::to_string(value).unwrap());
    }

    /// An error with all of its causes.
    fn error<T: Debug + StdError>(&self, error: &T) {
        self.shown(error);
        // What `unwrap` says of it.
        let said = format!("{error:?}");
        let panicked = std::panic::catch_unwind(move || panic!("called `unwrap` on {said}"));
        let panicked = panicked.unwrap_err();
        self.text(panicked.downcast_ref::<String>().unwrap().clone());
        let mut cause = error.source();
        while let Some(error) = cause {
            self.text(format!("{error} {error:?} {error:#?}"));
            cause = error.source();
        }
    }

    #[track_caller]
    fn assert_no_canary(&self) {
        for text in &self.0.lock().unwrap().0 {
            for canary in ALL {
                let escaped = json!(canary).to_string();
                let basic = BASE64_STANDARD.encode(format!("api:{canary}"));
                for form in [canary, &escaped[1..escaped.len() - 1], basic.trim_end_matches('=')] {
                    assert!(!text.contains(form), "{form} in {text}");
                }
            }
        }
    }

    fn types(&self) -> BTreeSet<String> {
        self.0.lock().unwrap().1.clone()
    }
}

/// Takes what is logged.
impl io::Write for Said {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text(String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Said {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Words that repeat every secret that was sent.
fn echo(request: &Request, knows_half: bool) -> String {
    let basic = |secret: &&str| BASE64_STANDARD.encode(format!("api:{secret}"));
    let sent = request.header("authorization").unwrap_or_default();
    let own = if sent.ends_with(&basic(&KEY)) { KEY } else { TOKEN };
    let half = if knows_half { HALF } else { "" };
    let in_wizard = match (request.body.contains(SESSION), request.body.contains("canary-pin")) {
        (true, true) => format!("{SESSION} {PIN}"),
        (true, false) => SESSION.to_owned(),
        _ => String::new(),
    };
    format!("no {own} {} {half} {in_wizard} {}", basic(&own), json!(own))
}

/// The service, as long as it is hostile. Fails the sync that it has taken on, and says the half of the
/// credentials that came with it where the looks come from the same run.
fn hostile(says_half: bool, fails: bool) -> Reaction {
    let has_synced = AtomicBool::new(false);
    Reaction::by(move |request| {
        let knows_half = has_synced.load(Ordering::SeqCst) && says_half;
        let words = echo(request, knows_half);
        let (method, path) = request.line.split_once(' ').unwrap();
        let path = path.split('?').next().unwrap();
        let has_synced_now = has_synced.load(Ordering::SeqCst);
        let failures = u32::from(has_synced_now && fails);
        let day = if has_synced_now && !fails { 2 } else { 1 };
        let connection = json!({"id": "con-1", "transaction": "tra-1", "sync_mode": "shared",
            "sync_active": true, "sync_fail_counter": failures, "last_synced": format!("2026-01-0{day} 10:00:00"),
            "sync_message": words});
        let page = |entry| {
            json!({"total": 1, "per_page": 15, "current_page": 1, "last_page": 1,
            "data": [entry]})
        };
        let answer = match (method, path) {
            (_, "/v1/api/users") => page(json!({"id": "usr-1", "name": "Ada", "email": "a@b"})),
            ("GET", path) if path.contains("/accesstokens") => {
                page(json!({"id": "tok-1", "token": TOKEN, "valid_until": "2026-02-01 03:00:01"}))
            }
            (_, path) if path.contains("/accesstokens") => {
                json!({"id": "tok-1", "token": TOKEN, "valid_until": null})
            }
            ("GET", "/v1/api/connections") => page(connection),
            ("GET", "/v1/api/connections/con-1") => connection,
            ("PUT", "/v1/api/connections") if request.body.contains("refused") => {
                return Answer::json(422, json!({"code": 422, "message": words}).to_string());
            }
            ("PUT" | "POST", "/v1/api/connections") => {
                json!({"wizard_session_key": SESSION, "transaction": "tra-1"})
            }
            (_, path) if path.ends_with("/sync") => {
                has_synced.store(true, Ordering::SeqCst);
                return Answer::empty(204);
            }
            (_, path) if path.contains("wizard") => match request.body.as_str() {
                body if body.contains("over") => {
                    json!({"error": {"message": words, "recoverable": false}})
                }
                body if body.contains("done") => json!({"form": {"name": "finish", "elements": []},
                    "additional_data": {"credentials": HALF}}),
                body => json!({
                    "error": if body.contains("canary-pin") { json!({"message": words}) } else { json!([]) },
                    "form": {"name": "login", "elements": [
                        {"type": "password", "name": "PIN", "value": FILLED, "validation_error": words},
                        {"type": "text", "name": "more", "value": FILLED},
                        {"type": "hologram", "name": "x", "value": "new"},
                        {"type": "redirect", "url": "https://bank.invalid/", "back": BACK}]}}),
            },
            _ => {
                let words = echo(request, false);
                return Answer::json(404, json!({"code": 404, "message": words}).to_string());
            }
        };
        Answer::json(if method == "PUT" { 201 } else { 200 }, answer.to_string())
    })
}

/// Says what the store of the program says of itself.
#[derive(Debug)]
struct StoreError;

impl Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of order")
    }
}

impl StdError for StoreError {}

async fn calls(said: &Said, server: &RawServer) {
    let http = || reqwest::Client::builder().no_proxy().connection_verbose(true);
    let api = ApiClient::builder(KEY).base_url(server.url()).http_client_builder(http());
    said.debug(&api);
    let api = api.build().unwrap();
    said.debug(&api);
    let tokens = api.access_tokens("usr-1");
    said.debug(&tokens);
    said.debug(&api.users());
    said.debug(&api.events());
    let feed = api.events().follow(xs2a::EventCursor::since(Timestamp::UNIX_EPOCH));
    said.debug(&feed);
    said.debug(&Token::new(TOKEN, None));
    let source = TokenSource::new(|| async { Ok::<_, StoreError>(Token::new(TOKEN, None)) });
    said.debug(&source);
    said.debug(&xs2a::UserAuth::from(TOKEN));
    said.error(&UserClient::builder(format!("{TOKEN}\n")).build().unwrap_err());

    let user = api.user("usr-1");
    said.debug(&user);
    said.debug(&user.accounts());
    said.error(&user.accounts().get("acc-1").await.unwrap_err());
    let connections = user.connections();
    said.debug(&connections);
    let request = CreateConnectionRequest::new();
    said.written(&request);
    let session = connections.create(&request).await.unwrap();
    said.debug(&session);
    said.written(session.pending());
    let half = SyncConnectionRequest::new().credentials(HALF);
    said.written(&half);

    let wizard = user.wizard(session.key().clone());
    said.debug(&wizard);
    let (WizardStep::Form(form) | WizardStep::Rejected(form)) = wizard.open().await.unwrap() else {
        panic!("a form");
    };
    said.written(&form);
    let answers = form.answers().enter("PIN", PIN).unwrap();
    said.debug(&answers);
    said.shown(&form.answers().enter("other", PIN).unwrap_err());
    let step = wizard.send(answers).await.unwrap();
    said.debug(&step);
    let WizardStep::Rejected(form) = step else { panic!("{step:?}") };
    said.written(&form);
    form.elements().for_each(|element| said.debug(&element));
    for rejection in form.rejections() {
        said.shown(&rejection);
        said.written(&rejection);
    }
    let over = form.answers().enter("PIN", PIN).unwrap().enter("more", "over").unwrap();
    let over = wizard.send(over).await.unwrap();
    said.debug(&over);
    let WizardStep::Failed(failed) = over else { panic!("{over:?}") };
    said.error(&failed);
    let done = form.answers().enter("PIN", PIN).unwrap().enter("more", "done").unwrap();
    let done = wizard.send(done).await.unwrap();
    let WizardStep::Completed(completed) = &done else { panic!("{done:?}") };
    said.debug(completed);

    let before = json!({"id": "con-1", "sync_active": true, "sync_fail_counter": 0});
    let before = xs2a_client::wire::decode(before.to_string().as_bytes()).unwrap();
    let session = PendingSession::renewing("tra-1", &before);
    let wait = connections.wait_for_user(&session);
    said.debug(&wait);
    said.shown(&wait.await.unwrap());

    let event = json!({"id": "evt-1", "type": "transaction.created", "data": {"key": SESSION}});
    said.debug(&Delivery::parse(event.to_string().as_bytes()).unwrap());
}

async fn syncs(said: &Said, server: &RawServer) {
    let source = TokenSource::new(|| async { Ok::<_, StoreError>(Token::new(TOKEN, None)) });
    let user = UserClient::builder(source).base_url(server.url()).build().unwrap();
    let connections = user.connections();
    let connection = connections.get("con-1").await.unwrap();
    said.written(&user.snapshot(&connection));
    let stored = said.clone();
    let keep = move |update: JobUpdate| {
        stored.debug(&update);
        stored.written(update.job());
        async { Ok::<_, StoreError>(Stored::Kept) }
    };
    let heard = said.clone();
    let run = connections.sync("con-1").credentials(HALF).save_with(keep);
    let run = run.on_progress(move |action| heard.debug(action));
    said.debug(&run);
    let start = run.start().await.unwrap();
    said.debug(&start);
    let SyncStart::Started(job) = start else { panic!("a start") };
    let error = connections.resume(job).credentials(HALF).await.unwrap_err();
    said.error(&error);
    said.shown(error.report());
    said.written(error.report());
    said.debug(error.connection().unwrap());
    let failure = connections.get("con-2").await.unwrap_err();
    said.error(&failure);
    said.written(&xs2a::sync::CallFailure::from_look(&failure));

    // A store of the program that says what it likes of itself.
    let run = connections.sync("con-1").save_with(|_| async { Err(io::Error::other(STORE)) });
    said.debug(&run.credentials(HALF).await.unwrap_err());
}

async fn synced(said: &Said, server: &RawServer) {
    let user = UserClient::builder(TOKEN).base_url(server.url()).build().unwrap();
    let outcome = user.connections().sync("con-1").credentials(HALF).await.unwrap();
    said.shown(&outcome);
    let SyncOutcome::Succeeded(synced) = outcome else { panic!("{outcome:?}") };
    said.debug(&synced);
}

async fn fleet(said: &Said, server: &RawServer) {
    let night: Timestamp = "2026-02-01T02:00:00Z".parse().unwrap();
    let start = Instant::now();
    let now = move || night + SignedDuration::try_from(start.elapsed()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::new(folder.path().join("fleet.db")).clock(now);
    said.debug(&sqlite);
    let store = sqlite.open().await.unwrap();
    said.debug(&store);
    let api = ApiClient::builder(KEY).base_url(server.url()).clock(now);
    let told = said.clone();
    let builder = Fleet::builder(api, store)
        .policy(FleetPolicy::default().with_feed_pause(Duration::from_secs(24 * 3600)))
        .credentials(|_, _| async { Some(xs2a::Secret::from(HALF)) })
        .on_report(move |report| {
            told.written(&report);
            told.shown(&report.outcome);
            async { Ok::<_, StoreError>(()) }
        });
    said.debug(&builder);
    let fleet = builder.open().await.unwrap();
    said.debug(&fleet);
    said.debug(&fleet.enrol_all(None).await.unwrap());
    fleet.run_until(sleep(Duration::from_secs(4 * 3600))).await.unwrap();
    said.shown(&fleet.stats().await.unwrap());
    assert!(said.types().contains("Report"), "the fleet has told no report");
    drop(fleet);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        said.text(String::from_utf8_lossy(&bytes));
    }
    let address = format!("postgres://fleet:{STORE}@127.0.0.1:1/fleet");
    let postgres = Postgres::new(&address).unwrap();
    said.debug(&postgres);
    said.error(&postgres.open().await.unwrap_err());
    said.error(&Postgres::new(&format!("postgres://fleet:{STORE}@[")).unwrap_err());
}

/// Everything is logged, by whatever crate, and with the HTTP client's own log switched on.
#[tokio::test(start_paused = true)]
async fn no_text_that_the_crates_say_has_a_canary() {
    let said = Said::default();
    tracing_log::LogTracer::init().unwrap();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    let logged = tracing::subscriber::set_default(log.with_writer(said.clone()).finish());
    calls(&said, &RawServer::start([], hostile(false, true)).await).await;
    synced(&said, &RawServer::start([], hostile(true, false)).await).await;
    syncs(&said, &RawServer::start([], hostile(true, true)).await).await;
    fleet(&said, &RawServer::start([], hostile(false, true)).await).await;
    drop(logged);
    said.assert_no_canary();

    let mut known: BTreeSet<String> = PLAIN.iter().map(|name| (*name).to_owned()).collect();
    known.extend(said.types());
    let mut missing = Vec::new();
    for api in ["xs2a", "xs2a-fleet"] {
        let path = format!("{}/../docs/api/{api}.txt", env!("CARGO_MANIFEST_DIR"));
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let Some((_, of)) = line.split_once("core::fmt::Debug for ") else { continue };
            let name = of.split(['<', ' ']).next().unwrap().rsplit("::").next().unwrap();
            if !known.contains(name) {
                missing.push(format!("{api}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "show these, or say that they are plain: {missing:?}");
}
