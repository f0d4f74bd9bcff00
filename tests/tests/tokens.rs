//! Access tokens: renewed before they end and when the server refuses them, once for all who wait.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::FutureExt;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use xs2a::types::{CreateBankUserRequest, CreateConnectionRequest, SyncConnectionRequest};
use xs2a::{ApiClient, ErrorKind, Fate, Operation, RetryPolicy, Token, TokenSource, UserClient};
use xs2a_sandbox::Sandbox;
use xs2a_tests::calls::success;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};
use xs2a_tests::scene::Scene;

const NOON: &str = "2026-01-31T11:00:00Z";

fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

/// The `Authorization` that carries a secret.
fn basic(secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("api:{secret}")))
}

/// A server of connections that accepts the given token only.
async fn server_accepting(token: &'static str) -> RawServer {
    let accepted = basic(token);
    let react = Reaction::by(move |request| {
        if request.header("authorization") != Some(&accepted) {
            Answer::error(401)
        } else if request.line.starts_with("GET") {
            success(Operation::GetConnection)
        } else {
            success(Operation::CreateConnection)
        }
    });
    RawServer::start([], react).await
}

/// A source that gives `token-1`, `token-2`, … each valid for `lifetime`, and counts them.
fn counting_source(lifetime: SignedDuration) -> (TokenSource, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let source = TokenSource::new(move || {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            // A renewal takes a while: others come to wait for it.
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok::<_, std::io::Error>(Token::new(format!("token-{number}"), Some(noon() + lifetime)))
        }
    });
    (source, count)
}

fn client(server: &RawServer, source: TokenSource) -> UserClient {
    UserClient::builder(source).base_url(server.url()).clock(noon).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_on_an_expired_token_cause_one_renewal() {
    let server = server_accepting("token-2").await;
    let (source, fetched) = counting_source(SignedDuration::from_hours(1));
    let user = client(&server, source);
    // The first token is fetched, and refused.
    let connections = user.connections();
    let results = join_all((0..100).map(|_| connections.get("con-1"))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(fetched.load(Ordering::SeqCst), 2, "the expired token and its renewal");
    assert_eq!(server.log().acted, 100);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_dropped_does_not_take_the_renewal_along() {
    let server = server_accepting("token-1").await;
    let (source, fetched) = counting_source(SignedDuration::from_hours(1));
    let user = client(&server, source);
    let (first, second) = (user.connections(), user.connections());
    // The first caller begins the renewal and leaves half-way.
    let impatient = tokio::time::timeout(Duration::from_millis(100), first.get("con-1"));
    let (impatient, patient) = tokio::join!(impatient, second.get("con-1"));
    assert!(impatient.is_err());
    patient.unwrap();
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_not_driven_does_not_keep_a_refused_token_alive() {
    let server = server_accepting("token-2").await;
    let (source, fetched) = counting_source(SignedDuration::from_hours(1));
    let connections = client(&server, source).connections();
    let (mut first, mut second) =
        (Box::pin(connections.get("con-1")), Box::pin(connections.get("con-1")));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    first.await.unwrap();
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
    second.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_ends() {
    let server = server_accepting("token-1").await;
    let (source, fetched) = counting_source(SignedDuration::from_hours(1));
    let minutes = Arc::new(AtomicU32::new(0));
    let clock = Arc::clone(&minutes);
    let user = UserClient::builder(source)
        .base_url(server.url())
        .clock(move || noon() + SignedDuration::from_mins(clock.load(Ordering::SeqCst).into()))
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let connections = user.connections();
    for minute in [0, 30, 58] {
        minutes.store(minute, Ordering::SeqCst);
        connections.get("con-1").await.unwrap();
        assert_eq!(fetched.load(Ordering::SeqCst), 1, "after {minute} minutes");
    }
    minutes.store(59, Ordering::SeqCst);
    connections.get("con-1").await.unwrap_err();
    assert_eq!(fetched.load(Ordering::SeqCst), 3, "renewed before its end, and again when refused");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_and_the_call_repeated_once_whatever_its_class() {
    let server = server_accepting("token-2").await;
    let (source, _) = counting_source(SignedDuration::from_hours(1));
    // Also with retries switched off: it is no retry but the same call with its right token.
    let user = client(&server, source).with_retry(RetryPolicy::off());
    user.connections().create(&CreateConnectionRequest::new()).await.unwrap();
    assert_eq!((server.log().reactions, server.log().acted), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_is_the_answer() {
    let server = server_accepting("another").await;
    let (source, fetched) = counting_source(SignedDuration::from_hours(1));
    let user = client(&server, source);
    let error = user
        .connections()
        .sync_without_rules("con-1", &SyncConnectionRequest::new())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::Unauthorized, Fate::NotActed, 2)
    );
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn without_a_source_a_refusal_is_the_answer() {
    let server = server_accepting("another").await;
    let user = UserClient::builder("token-1").base_url(server.url()).build().unwrap();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthorized, 1));
}

#[tokio::test]
async fn a_source_that_fails_sends_nothing_and_is_asked_again_by_the_next_call() {
    let server = server_accepting("token-1").await;
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let source = TokenSource::new(move || {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move { if first { Err("the vault is sealed") } else { Ok(Token::new("token-1", None)) } }
    });
    let user = client(&server, source);
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::NoToken, Fate::NotActed, 0)
    );
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the vault is sealed");
    assert_eq!(server.log().reactions, 0);
    user.connections().get("con-1").await.unwrap();
}

#[tokio::test]
async fn an_api_key_gives_a_source_that_creates_a_token_and_then_refreshes_it() {
    let token = |secret: &str, end: &str| {
        let body = format!(r#"{{"id":"tok-1","token":"{secret}","valid_until":"{end}"}}"#);
        Answer::json(200, body)
    };
    let (key, old, new) = (basic("api-key"), basic("bat-1"), basic("bat-2"));
    let react = Reaction::by(move |request| {
        let sent = request.header("authorization").unwrap_or_default();
        match request.line.split_once(' ').unwrap() {
            // In Berlin it is noon now.
            ("PUT", "/v1/api/users/usr-1/accesstokens") if sent == key => {
                token("bat-1", "2026-01-31 13:00:00")
            }
            ("PATCH", "/v1/api/users/usr-1/accesstokens/tok-1") if sent == key => {
                token("bat-2", "2026-01-31 14:00:00")
            }
            ("GET", "/v1/api/connections/old") if sent == old => success(Operation::GetConnection),
            ("GET", "/v1/api/connections/new") if sent == new => success(Operation::GetConnection),
            _ => Answer::error(401),
        }
    });
    let server = RawServer::start([], react).await;
    let api = ApiClient::builder("api-key").base_url(server.url()).clock(noon).build().unwrap();
    let user = api.user("usr-1");
    user.connections().get("old").await.unwrap();
    user.connections().get("old").await.unwrap();
    user.connections().get("new").await.unwrap();
    let lines: Vec<_> = server.log().requests.into_iter().map(|request| request.line).collect();
    assert_eq!(
        lines,
        [
            "PUT /v1/api/users/usr-1/accesstokens",
            "GET /v1/api/connections/old",
            "GET /v1/api/connections/old",
            "GET /v1/api/connections/new",
            "PATCH /v1/api/users/usr-1/accesstokens/tok-1",
            "GET /v1/api/connections/new",
        ]
    );
    assert_eq!(server.log().requests[0].body, r#"{"valid_until":"2026-01-31 13:00:00"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_reuses_tokens_makes_none_while_one_of_another_process_holds() {
    let sandbox = Sandbox::start().await.unwrap();
    let process = || {
        let now = sandbox.now();
        let api = ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url());
        api.clock(move || now)
    };
    let ada = process()
        .build()
        .unwrap()
        .users()
        .create(&CreateBankUserRequest::new("Ada", "ada@example.com"))
        .await
        .unwrap();
    let counts = || ["list_access_tokens", "create_access_token"].map(|it| sandbox.received(it));
    for looks in 1..4 {
        let api = process().reuse_tokens().build().unwrap();
        for _ in 0..2 {
            api.user(&ada.id).connections().list().all().await.unwrap();
        }
        assert_eq!(counts(), [looks, 1]);
    }
    process().build().unwrap().user(&ada.id).connections().list().all().await.unwrap();
    assert_eq!(counts(), [3, 2], "who does not reuse tokens makes one without a look");
}

#[tokio::test]
async fn a_token_that_is_gone_or_refreshed_no_more_is_created_anew() {
    for refused in [404, 422] {
        token_refused_with(refused).await;
    }
}

async fn token_refused_with(status: u16) {
    let created = Arc::new(AtomicU32::new(0));
    let react = Reaction::by(move |request| match request.line.split_once(' ').unwrap().0 {
        "PUT" => {
            let number = created.fetch_add(1, Ordering::SeqCst) + 1;
            Answer::json(
                200,
                format!(r#"{{"id":"tok-{number}","token":"bat-{number}","valid_until":null}}"#),
            )
        }
        "PATCH" => Answer::error(status),
        _ if request.header("authorization") == Some(&basic("bat-2")) => {
            success(Operation::GetConnection)
        }
        _ => Answer::error(401),
    });
    let server = RawServer::start([], react).await;
    let api = ApiClient::builder("api-key").base_url(server.url()).build().unwrap();
    api.user("usr-1").connections().get("con-1").await.unwrap();
    assert_eq!(server.log().acted, 3, "created, created anew, got the connection");
}

/// The end of an hour's token falls into the hour that is told twice, and comes back as earlier.
#[tokio::test(start_paused = true)]
async fn in_the_hour_that_autumn_repeats_a_token_is_made_once() {
    let autumn = || "2026-10-25T00:10:00Z".parse().unwrap();
    let sandbox = Sandbox::builder().starts_at(autumn()).start().await.unwrap();
    let api = ApiClient::builder(sandbox.api_key())
        .base_url(sandbox.base_url())
        .clock(autumn)
        .build()
        .unwrap();
    let ada = sandbox.add_user("Ada");
    let connections = api.user(ada.id()).connections();
    for _ in 0..5 {
        connections.list().page(1).await.unwrap();
    }
    assert_eq!(sandbox.received("create_access_token"), 1);
    assert_eq!(sandbox.received("refresh_access_token"), 0);
    assert!(sandbox.violations().is_empty(), "{:?}", sandbox.violations());
}

/// What has ended is for the server to judge, by its own clock.
#[tokio::test(start_paused = true)]
async fn a_hundred_calls_on_a_token_that_ended_by_the_servers_clock_cause_one_renewal() {
    let sandbox = Sandbox::builder().starts_at(noon()).start().await.unwrap();
    let api = ApiClient::builder(sandbox.api_key())
        .base_url(sandbox.base_url())
        .clock(noon)
        .build()
        .unwrap();
    let ada = sandbox.add_user("Ada");
    let connections = api.user(ada.id()).connections();
    connections.list().page(1).await.unwrap();

    sandbox.advance(Duration::from_secs(2 * 3600));
    let results = join_all((0..100).map(|_| connections.list().page(1))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(sandbox.received("create_access_token"), 1);
    assert_eq!(sandbox.received("refresh_access_token"), 1);
}

/// The clocks of server and client have drifted apart since the last answer.
#[tokio::test(start_paused = true)]
async fn one_call_is_enough_to_renew_a_token_that_ended_by_the_servers_clock() {
    for gone in [1, 2, 23].map(|hours| Duration::from_secs(hours * 3600)) {
        let scene = Scene::new().await;
        let connections = scene.api().user(scene.user.id()).connections();
        connections.list().page(1).await.unwrap();
        scene.sandbox.advance(gone);
        connections.list().page(1).await.unwrap();
        let refreshed = scene.sandbox.received("refresh_access_token");
        assert_eq!((scene.sandbox.received("create_access_token"), refreshed), (1, 1), "{gone:?}");
    }
}

/// A service that makes tokens, refreshes none, and refuses every call for which `refuses` says so.
/// Counts the tokens.
async fn service_that(
    refuses: impl Fn(&str) -> bool + Send + Sync + 'static,
) -> (RawServer, Arc<AtomicU32>, UserClient) {
    let made = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&made);
    let react = Reaction::by(move |request| match request.line.split_once(' ').unwrap() {
        ("PUT", _) => {
            let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
            Answer::json(200, format!(r#"{{"id":"tok-{number}","token":"bat-{number}"}}"#))
        }
        ("PATCH", _) => Answer::error(404),
        (_, path) if refuses(path) => Answer::error(401),
        _ => success(Operation::GetConnection),
    });
    let server = RawServer::start([], react).await;
    let api = ApiClient::builder("api-key").base_url(server.url()).build().unwrap();
    let user = api.user("usr-1");
    (server, made, user)
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_every_token_is_not_asked_for_one_more_with_each_call() {
    let (server, made, user) = service_that(|_| true).await;
    let connections = user.connections();
    for _ in 0..100 {
        let error = connections.get("con-1").await.unwrap_err();
        assert_eq!((error.kind(), error.fate()), (ErrorKind::Unauthorized, Fate::NotActed));
    }
    assert_eq!(made.load(Ordering::SeqCst), 2, "the first token and one in its place");
    // The calls, one of them repeated, two creations, and one refresh that was refused.
    assert_eq!(server.log().reactions, 104);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_in_place_of_a_refused_token_is_asked_at_a_growing_distance() {
    let mends = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (is_mended, asked) = (Arc::clone(&mends), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&asked);
    let source = TokenSource::new(move || {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        let token = match (number, is_mended.load(Ordering::SeqCst)) {
            (0, _) => Ok(Token::new("ended", None)),
            (_, false) => Err("the vault is sealed"),
            (_, true) => Ok(Token::new("token-1", None)),
        };
        async move { token }
    });
    let server = server_accepting("token-1").await;
    let user = client(&server, source);
    let connections = user.connections();
    let mut sentences = std::collections::BTreeSet::new();
    for _second in 0..100 {
        let error = connections.get("con-1").await.unwrap_err();
        assert_eq!(error.fate(), Fate::NotActed);
        sentences.insert(error.to_string().contains("the vault is sealed"));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(sentences.into_iter().collect::<Vec<_>>(), [true], "each call says why");
    // The first token, and failures after 0, 5, 15, 35 and 75 seconds.
    assert_eq!((asked.load(Ordering::SeqCst), server.log().reactions), (6, 1));

    mends.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(600)).await;
    connections.get("con-1").await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 7);
}

/// An outage that lasts is met with fewer and fewer tokens, and what is accepted again stays.
#[tokio::test(start_paused = true)]
async fn tokens_that_are_refused_are_replaced_at_a_growing_distance() {
    let refusing = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let refuses = Arc::clone(&refusing);
    let (_server, made, user) = service_that(move |_| refuses.load(Ordering::SeqCst)).await;
    let connections = user.connections();
    let mut tokens = Vec::new();
    for _minute in 0..60 {
        connections.get("con-1").await.unwrap_err();
        tokens.push(made.load(Ordering::SeqCst));
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    assert_eq!((tokens[0], tokens[1], tokens[2], tokens[3]), (2, 3, 4, 5));
    assert_eq!(tokens[59], 13, "{tokens:?}");

    refusing.store(false, Ordering::SeqCst);
    for _ in 0..100 {
        connections.get("con-1").await.unwrap();
    }
    assert_eq!(made.load(Ordering::SeqCst), tokens[59]);
    // After one was accepted, a refusal is worth a new token again, as soon as the pause is over.
    tokio::time::sleep(Duration::from_secs(600)).await;
    refusing.store(true, Ordering::SeqCst);
    connections.get("con-1").await.unwrap_err();
    assert_eq!(made.load(Ordering::SeqCst), tokens[59] + 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_one_of_two_calls_does_not_make_a_token_for_each() {
    let (server, made, user) = service_that(|path| path.ends_with("refused")).await;
    let connections = user.connections();
    for _ in 0..100 {
        connections.get("con-1").await.unwrap();
        connections.get("refused").await.unwrap_err();
    }
    assert_eq!(made.load(Ordering::SeqCst), 2);
    assert_eq!(server.log().reactions, 204);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_at_once_that_are_refused_cause_one_renewal() {
    let (server, made, user) = service_that(|_| true).await;
    let connections = user.connections();
    let results = join_all((0..100).map(|_| connections.get("con-1"))).await;
    assert!(results.iter().all(Result::is_err));
    assert_eq!(made.load(Ordering::SeqCst), 2);
    assert!(server.log().reactions <= 203, "{}", server.log().reactions);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_after_a_refusal_takes_one_from_the_retry_budget() {
    let server = server_accepting("token-2").await;
    let (source, fetched) = counting_source(SignedDuration::from_hours(1));
    let user = UserClient::builder(source).base_url(server.url()).clock(noon);
    let user = user.retry_budget(xs2a::RetryBudget::new(0, 0.0)).build().unwrap();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthorized, 1));
    assert_eq!((fetched.load(Ordering::SeqCst), server.log().reactions), (1, 1));
    // The refused token is forgotten, so that the next call has another.
    user.connections().get("con-1").await.unwrap();
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn the_sentence_of_a_call_without_a_token_has_the_cause() {
    let server = RawServer::start([], Reaction::Answer(Answer::error(403))).await;
    let api = ApiClient::builder("api-key").base_url(server.url()).build().unwrap();
    let error = api.user("usr-1").connections().get("con-1").await.unwrap_err();
    let expected = "get_connection: the token source gave no access token: create_access_token: \
                    the server answered 403 Forbidden: as told (the server did not act) \
                    (nothing was sent)";
    assert_eq!(error.to_string(), expected);
}
