//! A gate adds headers to each attempt and is told its outcome. It sees neither the authorization nor a
//! body, and changes neither.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderMap;
use xs2a::types::SyncConnectionRequest;
use xs2a::{Attempt, Error, ErrorKind, Gate, Operation, Pass, UserClient};
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};

/// Tries to see and to change what is not its business, and keeps what it was told.
#[derive(Clone, Default)]
struct Nosy(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    /// What `headers` was handed, for each attempt.
    handed: Vec<String>,
    /// The operation, the number of the attempt, and how it ended.
    ended: Vec<(Operation, u32, Option<ErrorKind>)>,
}

impl Gate for Nosy {
    fn pass<'a>(&'a self, _: &'a Attempt) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async { Pass::free() })
    }

    fn headers(&self, attempt: &Attempt, headers: &mut HeaderMap) {
        self.0.lock().unwrap().handed.push(format!("{attempt:?} {headers:?}"));
        headers.insert("x-request-id", attempt.number.into());
        headers.insert("authorization", "Basic bm9ib2R5".parse().unwrap());
        headers.insert("host", "elsewhere.example".parse().unwrap());
        headers.insert("content-type", "text/plain".parse().unwrap());
        headers.insert("content-length", 0.into());
    }

    fn ended(&self, attempt: &Attempt, error: Option<&Error>) {
        let end = (attempt.operation, attempt.number, error.map(Error::kind));
        self.0.lock().unwrap().ended.push(end);
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_adds_headers_to_each_attempt_and_hears_its_outcome_and_changes_nothing_else() {
    let empty = r#"{"current_page":1,"last_page":1,"data":[]}"#;
    let reactions = [
        Reaction::Answer(Answer::error(503)),
        Reaction::Answer(Answer::json(200, empty)),
        Reaction::Answer(Answer::empty(204)),
    ];
    let server = RawServer::start(reactions, Reaction::Answer(Answer::error(500))).await;
    let gate = Nosy::default();
    let builder = UserClient::builder("s3cr3t-t0ken").base_url(server.url());
    let user = builder.gate(gate.clone()).build().unwrap();

    assert!(user.connections().list().all().await.unwrap().is_empty());
    let half = SyncConnectionRequest::new().credentials("our half");
    user.connections().sync_without_rules("con-1", &half).await.unwrap();

    let requests = server.log().requests;
    let ids: Vec<_> = requests.iter().map(|request| request.header("x-request-id")).collect();
    assert_eq!(ids, [Some("1"), Some("2"), Some("1")]);
    let authorization = format!("Basic {}", BASE64_STANDARD.encode("api:s3cr3t-t0ken"));
    for request in &requests {
        assert_eq!(request.header("authorization"), Some(authorization.as_str()));
        assert!(request.header("host").unwrap().starts_with("127.0.0.1"));
    }
    let sync = &requests[2];
    assert_eq!(sync.header("content-type"), Some("application/json"));
    assert_ne!(sync.header("content-length"), Some("0"));

    let told = gate.0.lock().unwrap();
    let list = Operation::ListConnections;
    assert_eq!(
        told.ended,
        [(list, 1, Some(ErrorKind::Server)), (list, 2, None), (Operation::SyncConnection, 1, None)]
    );
    assert_eq!(told.handed.len(), 3);
    for handed in &told.handed {
        assert!(handed.ends_with("{}"), "headers are handed out empty: {handed}");
        assert!(!handed.contains("s3cr3t") && !handed.contains("our half"), "{handed}");
    }
}
