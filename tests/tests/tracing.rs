//! What a call leaves in the traces: one span, one event per attempt, OpenTelemetry's names, and
//! nothing secret.
//!
//! Every test here has a subscriber of its own: a thread without one may switch a span off that it is
//! the first to meet, for the other threads too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use xs2a::types::CreateConnectionRequest;
use xs2a::{Attempt, Error, Gate, Operation, Pass, RetryPolicy, UserClient};
use xs2a_tests::calls::success;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};

const SECRET: &str = "s3cr3t-t0ken";

type Fields = BTreeMap<String, String>;

/// Keeps what it is told, of every crate and at every level.
#[derive(Clone, Default)]
struct Traces(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// Name and fields.
    spans: Vec<(&'static str, Fields)>,
    /// Target, level and fields.
    events: Vec<(String, Level, Fields)>,
}

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Traces {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::new();
        span.record(&mut Reader(&mut fields));
        let mut kept = self.0.lock().unwrap();
        kept.spans.push((span.metadata().name(), fields));
        Id::from_u64(kept.spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Reader(&mut self.0.lock().unwrap().spans[index].1));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Reader(&mut fields));
        let metadata = event.metadata();
        let entry = (metadata.target().to_owned(), *metadata.level(), fields);
        self.0.lock().unwrap().events.push(entry);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Traces {
    fn calls(&self) -> Vec<Fields> {
        let kept = self.0.lock().unwrap();
        let calls = kept.spans.iter().filter(|(name, _)| *name == "xs2a.call");
        calls.map(|(_, fields)| fields.clone()).collect()
    }

    fn attempts(&self) -> Vec<(Level, Fields)> {
        let kept = self.0.lock().unwrap();
        let ours = kept.events.iter().filter(|(target, ..)| target.starts_with("xs2a"));
        ours.map(|(_, level, fields)| (*level, fields.clone())).collect()
    }

    fn everything(&self) -> String {
        let kept = self.0.lock().unwrap();
        format!("{:?}{:?}", kept.spans, kept.events)
    }
}

fn client(server: &RawServer) -> UserClient {
    let policy =
        RetryPolicy::default().with_backoff(Duration::from_millis(1), Duration::from_millis(1));
    UserClient::builder(SECRET).base_url(server.url()).retry(policy).build().unwrap()
}

#[track_caller]
fn assert_fields(fields: &Fields, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(fields.get(*name).map(String::as_str), Some(*value), "{name} in {fields:?}");
    }
}

#[tokio::test]
async fn a_call_is_one_span_and_each_attempt_one_event() {
    let unavailable = Reaction::Answer(Answer::error(503));
    let good = Reaction::Answer(success(Operation::GetConnection));
    let server = RawServer::start([unavailable], good).await;
    let traces = Traces::default();
    let guard = tracing::subscriber::set_default(traces.clone());
    client(&server).connections().get("con-1").await.unwrap();
    drop(guard);

    let calls = traces.calls();
    assert_eq!(calls.len(), 1);
    let port = server.address().port().to_string();
    assert_fields(
        &calls[0],
        &[
            ("otel.name", "GET /v1/api/connections/{connection_id}"),
            ("otel.kind", "client"),
            ("xs2a.operation", "get_connection"),
            ("http.request.method", "GET"),
            ("url.template", "/v1/api/connections/{connection_id}"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("http.response.status_code", "200"),
            ("http.request.resend_count", "1"),
        ],
    );
    assert!(!calls[0].contains_key("error.type"), "the call succeeded");

    let attempts = traces.attempts();
    assert_eq!(attempts.len(), 2, "{attempts:?}");
    let (level, failed) = &attempts[0];
    assert_eq!(*level, Level::WARN);
    let expected = [
        ("http.response.status_code", "503"),
        ("http.request.resend_count", "0"),
        ("error.type", "503"),
        ("xs2a.fate", "unknown"),
    ];
    assert_fields(failed, &expected);
    assert!(failed.contains_key("xs2a.retry_in_ms"), "it is repeated");
    let (level, answered) = &attempts[1];
    assert_eq!(*level, Level::DEBUG);
    let expected = [("http.response.status_code", "200"), ("http.request.resend_count", "1")];
    assert_fields(answered, &expected);
}

#[tokio::test]
async fn a_call_that_fails_says_how_in_its_span() {
    let server = RawServer::start([], Reaction::ResetAfterActing).await;
    let traces = Traces::default();
    let guard = tracing::subscriber::set_default(traces.clone());
    let request = CreateConnectionRequest::new();
    client(&server).connections().create(&request).await.unwrap_err();
    drop(guard);
    let calls = traces.calls();
    let expected = [
        ("error.type", "interrupted"),
        ("xs2a.fate", "unknown"),
        ("http.request.resend_count", "0"),
    ];
    assert_fields(&calls[0], &expected);
    assert!(!calls[0].contains_key("http.response.status_code"), "there was none");
    assert!(!traces.attempts()[0].1.contains_key("xs2a.retry_in_ms"), "it is not repeated");
}

#[tokio::test]
async fn the_span_tells_of_the_last_attempt_and_not_of_one_before() {
    let unavailable = Reaction::Answer(Answer::error(503));
    let server = RawServer::start([unavailable], Reaction::ResetAfterActing).await;
    let traces = Traces::default();
    let guard = tracing::subscriber::set_default(traces.clone());
    let connections = client(&server).connections();
    let error = connections.get("con-1").await.unwrap_err();
    drop(guard);
    assert_eq!((error.attempts(), error.status()), (5, None));
    let call = &traces.calls()[0];
    let expected = [("error.type", "interrupted"), ("http.request.resend_count", "4")];
    assert_fields(call, &expected);
    assert!(!call.contains_key("http.response.status_code"), "{call:?}");
}

/// Whatever else logs in the process, HTTP client included, and at whatever level.
#[tokio::test]
async fn nothing_secret_is_traced() {
    let echo = format!(r#"{{"code":422,"message":"unknown {SECRET}"}}"#);
    let session = r#"{"wizard_session_key":"s3cr3t-k3y","transaction":"tra-1"}"#;
    let token = RawServer::start(
        [Answer::json(200, session), Answer::json(422, echo)].map(Reaction::Answer),
        Reaction::Answer(Answer::error(500)),
    )
    .await;
    // What is logged without tracing, as the HTTP client does, is kept too.
    tracing_log::LogTracer::init().unwrap();
    let traces = Traces::default();
    let guard = tracing::subscriber::set_default(traces.clone());
    let user = UserClient::builder(SECRET)
        .base_url(token.url())
        .http_client_builder(reqwest::Client::builder().no_proxy().connection_verbose(true))
        .build()
        .unwrap();
    let request = CreateConnectionRequest::new();
    let session = user.connections().create(&request).await.unwrap();
    user.wizard(session.key().clone()).open().await.unwrap_err();
    user.connections().create(&request).await.unwrap_err();
    drop(guard);
    let everything = traces.everything();
    assert_eq!(traces.calls().len(), 3);
    let basic = BASE64_STANDARD.encode(format!("api:{SECRET}"));
    for secret in [SECRET, "s3cr3t-k3y", &basic] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
}

/// Keeps the name of the span in which each end is heard.
#[derive(Clone, Default)]
struct Where(Arc<Mutex<Vec<Option<&'static str>>>>);

impl Gate for Where {
    fn pass<'a>(&'a self, _: &'a Attempt) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async { Pass::free() })
    }

    fn ended(&self, _: &Attempt, _: Option<&Error>) {
        let span = tracing::Span::current();
        self.0.lock().unwrap().push(span.metadata().map(|span| span.name()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_hears_each_end_within_the_span_of_the_call() {
    let _subscriber = tracing::subscriber::set_default(tracing_subscriber::registry());
    let empty = r#"{"current_page":1,"last_page":1,"data":[]}"#;
    let reactions =
        [Reaction::Answer(Answer::error(503)), Reaction::Answer(Answer::json(200, empty))];
    let server = RawServer::start(reactions, Reaction::Answer(Answer::json(200, "{"))).await;
    let gate = Where::default();
    let builder = UserClient::builder("token").base_url(server.url());
    let user = builder.gate(gate.clone()).build().unwrap();
    user.connections().list().all().await.unwrap();
    user.connections().list().all().await.unwrap_err();
    assert_eq!(*gate.0.lock().unwrap(), [Some("xs2a.call"); 3]);
}
