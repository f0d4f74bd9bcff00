//! Every operation against every fault of the network and of the server: how many attempts are
//! made, what the call says, and how often the server acted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpSocket;
use xs2a::{
    ApiClient, Error, ErrorKind, Fate, Operation, RetryBudget, RetryClass, RetryPolicy, UserClient,
};
use xs2a_tests::calls::{call, called_before, reads_the_answer, success};
use xs2a_tests::raw_server::{Answer, Log, RawServer, Reaction};

/// The most attempts that the clients of these tests make.
const MOST: u32 = 3;

#[derive(Clone, Copy, Debug)]
enum Fault {
    NameResolution,
    Refused,
    Tls,
    ResetUnread,
    ResetAfterActing,
    StalledHeaders,
    StalledBody,
    CutBody,
    Status(u16),
    RetryAfter(u16, u64),
    HtmlBadGateway,
    /// A status that the service did not send, with this body.
    Foreign(u16, &'static str),
    /// A server closes a connection that it takes for idle.
    IdleTimeout,
}

struct Row {
    fault: Fault,
    kind: ErrorKind,
    fate: Fate,
    /// Whether `safe` and `idempotent` operations are repeated after it, and `unsent` ones.
    repeated: [bool; 2],
    /// Whether the server acts although the call fails.
    acts: bool,
}

const fn row(fault: Fault, kind: ErrorKind, fate: Fate, repeated: [bool; 2], acts: bool) -> Row {
    Row { fault, kind, fate, repeated, acts }
}

const ALWAYS: [bool; 2] = [true, true];
const UNLESS_UNSENT: [bool; 2] = [true, false];
const NEVER: [bool; 2] = [false, false];

const HTML: &str = "<html><body><h1>Not here</h1></body></html>";
const KONG: &str = r#"{"message":"no Route matched"}"#;
const OTHER: &str = r#"{"code":500,"message":"of another status"}"#;

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(Fault::NameResolution,        ErrorKind::Connect,      Fate::NotActed, ALWAYS,        false),
    row(Fault::Refused,               ErrorKind::Connect,      Fate::NotActed, ALWAYS,        false),
    row(Fault::Tls,                   ErrorKind::Connect,      Fate::NotActed, ALWAYS,        false),
    row(Fault::ResetUnread,           ErrorKind::Interrupted,  Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::ResetAfterActing,      ErrorKind::Interrupted,  Fate::Unknown,  UNLESS_UNSENT, true),
    row(Fault::StalledHeaders,        ErrorKind::Timeout,      Fate::Unknown,  UNLESS_UNSENT, true),
    row(Fault::StalledBody,           ErrorKind::Truncated,    Fate::Acted,    UNLESS_UNSENT, true),
    row(Fault::CutBody,               ErrorKind::Truncated,    Fate::Acted,    UNLESS_UNSENT, true),
    row(Fault::Status(401),           ErrorKind::Unauthorized, Fate::NotActed, NEVER,         false),
    row(Fault::Status(404),           ErrorKind::NotFound,     Fate::NotActed, NEVER,         false),
    row(Fault::Status(408),           ErrorKind::Rejected,     Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Status(425),           ErrorKind::Rejected,     Fate::NotActed, UNLESS_UNSENT, false),
    row(Fault::Status(429),           ErrorKind::Throttled,    Fate::NotActed, ALWAYS,        false),
    row(Fault::RetryAfter(429, 0),    ErrorKind::Throttled,    Fate::NotActed, ALWAYS,        false),
    row(Fault::RetryAfter(429, 3600), ErrorKind::Throttled,    Fate::NotActed, NEVER,         false),
    row(Fault::Status(500),           ErrorKind::Server,       Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::HtmlBadGateway,        ErrorKind::Server,       Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Status(503),           ErrorKind::Server,       Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::RetryAfter(503, 0),    ErrorKind::Server,       Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::RetryAfter(503, 3600), ErrorKind::Server,       Fate::Unknown,  NEVER,         false),
    row(Fault::Status(504),           ErrorKind::Server,       Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Foreign(404, HTML),    ErrorKind::Gateway,      Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Foreign(404, ""),      ErrorKind::Gateway,      Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Foreign(404, KONG),    ErrorKind::Gateway,      Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Foreign(404, OTHER),   ErrorKind::Gateway,      Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Foreign(401, HTML),    ErrorKind::Gateway,      Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Foreign(403, KONG),    ErrorKind::Gateway,      Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::Foreign(408, ""),      ErrorKind::Rejected,     Fate::Unknown,  UNLESS_UNSENT, false),
    row(Fault::IdleTimeout,           ErrorKind::Rejected,     Fate::NotActed, ALWAYS,        false),
    // Not asked for by name, and easily got wrong.
    row(Fault::Status(302),           ErrorKind::UnexpectedStatus, Fate::Unknown, NEVER,      false),
    row(Fault::Status(403),           ErrorKind::Forbidden,    Fate::NotActed, NEVER,         false),
    row(Fault::Status(409),           ErrorKind::Rejected,     Fate::NotActed, NEVER,         false),
    row(Fault::Status(422),           ErrorKind::Rejected,     Fate::NotActed, NEVER,         false),
    row(Fault::Status(501),           ErrorKind::Server,       Fate::Unknown,  NEVER,         false),
];

impl Row {
    fn repeated(&self, operation: Operation) -> bool {
        self.repeated[usize::from(operation.retry() == RetryClass::Unsent)]
    }

    /// A body that nobody reads cannot be missed.
    fn harmless(&self, operation: Operation) -> bool {
        matches!(self.fault, Fault::StalledBody | Fault::CutBody) && !reads_the_answer(operation)
    }
}

impl Fault {
    fn reaction(self, operation: Operation) -> Reaction {
        match self {
            Self::NameResolution | Self::Refused => Reaction::ResetUnread,
            Self::Tls => Reaction::Garbage,
            Self::ResetUnread => Reaction::ResetUnread,
            Self::ResetAfterActing => Reaction::ResetAfterActing,
            Self::StalledHeaders => Reaction::StallHeaders,
            Self::StalledBody => Reaction::StallBody(success(operation)),
            Self::CutBody => Reaction::CutBody(success(operation)),
            Self::Status(status) => Reaction::Answer(Answer::error(status)),
            Self::RetryAfter(status, seconds) => {
                Reaction::Answer(Answer::error(status).header("retry-after", seconds.to_string()))
            }
            Self::HtmlBadGateway => Reaction::Answer(
                Answer::empty(502)
                    .header("content-type", "text/html")
                    .body("<html><body><h1>Bad Gateway</h1></body></html>"),
            ),
            Self::Foreign(status, body) => Reaction::Answer(Answer::empty(status).body(body)),
            Self::IdleTimeout => {
                Reaction::AnswerAndClose(Answer::empty(408).header("connection", "close"))
            }
        }
    }

    /// Whether it happens before a request can reach the server.
    fn is_before_sending(self) -> bool {
        matches!(self, Self::NameResolution | Self::Refused | Self::Tls)
    }
}

/// A resolver that knows no name.
struct Nowhere;

impl Resolve for Nowhere {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err::<Addrs, _>("no such host".into()) })
    }
}

fn policy() -> RetryPolicy {
    RetryPolicy::default()
        .with_max_attempts(MOST)
        .with_backoff(Duration::from_millis(2), Duration::from_millis(4))
}

fn clients(url: &str, policy: RetryPolicy) -> (ApiClient, UserClient) {
    macro_rules! build {
        ($client:ident) => {
            $client::builder("secret")
                .base_url(url)
                .connect_timeout(policy.attempt_timeout_of(xs2a::Operation::GetUser).mul_f64(0.9))
                .retry(policy.clone())
                .http_client_builder(
                    reqwest::Client::builder()
                        .no_proxy()
                        .dns_resolver(Nowhere)
                        // Nobody is trusted here, and the system's certificates take long to read.
                        .tls_certs_only([]),
                )
                .build()
                .unwrap()
        };
    }
    (build!(ApiClient), build!(UserClient))
}

/// What goes before the call of an operation, and is answered: no fault meets it. The client is told
/// that its connection closes, so that the call has a connection of its own.
fn prelude(operation: Operation) -> Option<Reaction> {
    let answer = success(called_before(operation)?).header("connection", "close");
    Some(Reaction::AnswerAndClose(answer))
}

/// Makes one call against a server that reacts with `faults` first and with `then` afterwards. The
/// counts in the log leave out what went before the call.
async fn run(
    row: &Row,
    operation: Operation,
    faults: Vec<Reaction>,
    then: Reaction,
) -> (Result<(), Error>, Log) {
    let prelude = prelude(operation).filter(|_| !row.fault.is_before_sending());
    let before = u32::from(prelude.is_some());
    let server = RawServer::start(prelude.into_iter().chain(faults), then).await;
    // A port that is taken and that nobody listens on.
    let deaf = TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = match row.fault {
        Fault::NameResolution => "https://bank.invalid".to_owned(),
        Fault::Refused => format!("http://{}", deaf.local_addr().unwrap()),
        Fault::Tls => server.url().replace("http:", "https:"),
        _ => server.url(),
    };
    let policy = match row.fault {
        // Real time passes here, and only here.
        Fault::StalledHeaders | Fault::StalledBody => {
            policy().with_attempt_timeout(Duration::from_secs(2))
        }
        _ => policy(),
    };
    let (api, user) = clients(&url, policy);
    let result = call(operation, &api, &user).await;
    let Log { reactions, acted, requests } = server.log();
    (result, Log { reactions: reactions - before, acted: acted - before, requests })
}

/// The fault meets every attempt of the call.
async fn persistent(row: &Row, operation: Operation) {
    let reaction = row.fault.reaction(operation);
    let (result, log) = run(row, operation, Vec::new(), reaction).await;
    let case = format!("{} × {:?}", operation.id(), row.fault);
    if row.harmless(operation) {
        assert!(result.is_ok(), "{case}: {result:?}");
        assert_eq!((log.reactions, log.acted), (1, 1), "{case}");
        return;
    }
    let error = result.expect_err(&case);
    let attempts = if row.repeated(operation) { MOST } else { 1 };
    assert_eq!(error.kind(), row.kind, "{case}: {error}");
    assert_eq!(error.fate(), row.fate, "{case}: {error}");
    assert_eq!(error.attempts(), attempts, "{case}: {error}");
    let met = called_before(operation).filter(|_| row.fault.is_before_sending());
    assert_eq!(error.operation(), met.unwrap_or(operation), "{case}: {error}");
    if let Fault::Status(status) | Fault::RetryAfter(status, _) = row.fault {
        assert_eq!(error.status().unwrap(), status, "{case}");
        assert_eq!(error.message(), Some("as told"), "{case}");
    }
    if let Fault::RetryAfter(_, seconds) = row.fault {
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)), "{case}");
    }
    if !matches!(row.fault, Fault::NameResolution | Fault::Refused) {
        assert_eq!(log.reactions, attempts, "{case}: attempts seen by the server");
    }
    assert_eq!(log.acted, if row.acts { attempts } else { 0 }, "{case}: acted");
    if operation.retry() == RetryClass::Unsent {
        assert!(log.acted <= 1, "{case}: acted {} times", log.acted);
    }
}

/// The fault meets the first attempt only.
async fn passing(row: &Row, operation: Operation) {
    let reaction = row.fault.reaction(operation);
    let then = Reaction::Answer(success(operation));
    let (result, log) = run(row, operation, vec![reaction], then).await;
    let case = format!("{} × {:?}, once", operation.id(), row.fault);
    let repeated = row.repeated(operation) && !row.harmless(operation);
    if repeated || row.harmless(operation) {
        assert!(result.is_ok(), "{case}: {result:?}");
    } else {
        let error = result.expect_err(&case);
        assert_eq!((error.kind(), error.fate()), (row.kind, row.fate), "{case}: {error}");
    }
    assert_eq!(log.reactions, 1 + u32::from(repeated), "{case}: attempts seen by the server");
    assert_eq!(log.acted, u32::from(row.acts) + u32::from(repeated), "{case}: acted");
    if operation.retry() == RetryClass::Unsent {
        assert!(log.acted <= 1, "{case}: acted {} times", log.acted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_meets_every_fault_by_its_class() {
    let cases =
        TABLE.iter().flat_map(|row| Operation::ALL.iter().map(move |operation| (row, *operation)));
    stream::iter(cases)
        .for_each_concurrent(128, |(row, operation)| async move {
            persistent(row, operation).await;
            if !row.fault.is_before_sending() {
                passing(row, operation).await;
            }
        })
        .await;
}

/// A request on a connection that the server is closing may be read or not; it is acted on once at
/// most, and what may be repeated gets through.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_between_calls_costs_no_second_action() {
    stream::iter(Operation::ALL)
        .for_each_concurrent(16, |&operation| async move {
            let closing = Reaction::AnswerAndClose(success(operation));
            let server = RawServer::start([], closing).await;
            let (api, user) = clients(&server.url(), policy());
            for calls in 1..=5 {
                let before = server.log().acted + u32::from(called_before(operation).is_some());
                server.script(prelude(operation));
                let result = call(operation, &api, &user).await;
                let acted = server.log().acted - before;
                let case = format!("{}, call {calls}: {result:?}", operation.id());
                match result {
                    Ok(()) => assert_eq!(acted, 1, "{case}"),
                    Err(error) => {
                        assert_eq!(operation.retry(), RetryClass::Unsent, "{case}");
                        assert_eq!(error.fate(), Fate::Unknown, "{case}");
                        assert!(acted <= 1, "{case}");
                    }
                }
            }
        })
        .await;
}

#[tokio::test]
async fn a_delete_that_finds_nothing_after_an_attempt_of_unknown_fate_has_succeeded() {
    let not_found = Reaction::Answer(Answer::error(404));
    for (name, unknown) in [
        ("reset after acting", Reaction::ResetAfterActing),
        ("reset unread", Reaction::ResetUnread),
        ("500", Reaction::Answer(Answer::error(500))),
    ] {
        for operation in Operation::ALL.iter().filter(|operation| operation.method() == "DELETE") {
            let server = RawServer::start([unknown.clone()], not_found.clone()).await;
            let (api, user) = clients(&server.url(), policy());
            call(*operation, &api, &user).await.unwrap();
            assert_eq!(server.log().reactions, 2, "{operation:?} after {name}");
        }
    }
}

#[tokio::test]
async fn a_delete_that_finds_nothing_otherwise_says_so() {
    let throttled = Reaction::Answer(Answer::error(429));
    let server = RawServer::start([throttled], Reaction::Answer(Answer::error(404))).await;
    let (_, user) = clients(&server.url(), policy());
    let error = user.connections().delete("con-1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::NotFound, Fate::NotActed, 2)
    );
}

/// Only a delete may take "not found" for done.
#[tokio::test]
async fn one_attempt_of_unknown_fate_leaves_the_call_unknown() {
    let server =
        RawServer::start([Reaction::ResetAfterActing], Reaction::Answer(Answer::error(404))).await;
    let (api, _) = clients(&server.url(), policy());
    let end = "2030-01-01T00:00:00Z".parse().unwrap();
    let error = api.access_tokens("usr-1").refresh("tok-1", end).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::NotFound, Fate::Unknown, 2)
    );
}

#[tokio::test]
async fn switched_off_only_time_limits_remain() {
    let server = RawServer::start([], Reaction::Answer(Answer::error(503))).await;
    let (_, user) = clients(&server.url(), policy());
    let once = user.with_retry(RetryPolicy::off());
    let error = once.connections().get("con-1").await.unwrap_err();
    assert_eq!((error.attempts(), server.log().reactions), (1, 1));
    assert_eq!(
        user.connections().get("con-1").await.unwrap_err().attempts(),
        MOST,
        "the other client repeats"
    );
}

#[tokio::test]
async fn a_budget_of_nothing_sends_every_call_once() {
    let server = RawServer::start([], Reaction::Answer(Answer::error(503))).await;
    let user = UserClient::builder("secret")
        .base_url(server.url())
        .retry(policy())
        .retry_budget(RetryBudget::new(0, 0.0))
        .build()
        .unwrap();
    assert_eq!(user.connections().get("con-1").await.unwrap_err().attempts(), 1);
}
