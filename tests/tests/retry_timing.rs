//! How long a call waits and when it gives up, on a paused clock: no test here takes time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use tokio::time::Instant;
use xs2a::{Error, ErrorKind, Fate, Operation, RetryPolicy, Token, TokenSource, UserClient};
use xs2a_sandbox::Fault;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};
use xs2a_tests::scene::Scene;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn answer(status: u16) -> Reaction {
    Reaction::Answer(Answer::error(status))
}

fn client(server: &RawServer, seed: u64, policy: RetryPolicy) -> UserClient {
    UserClient::builder("secret").base_url(server.url()).seed(seed).retry(policy).build().unwrap()
}

/// The waits between the attempts of one call that only meets 503.
async fn waits(seed: u64, policy: RetryPolicy) -> Vec<Duration> {
    let server = RawServer::start([], answer(503)).await;
    let user = client(&server, seed, policy);
    user.connections().get("con-1").await.unwrap_err();
    let requests = server.log().requests;
    requests.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

#[tokio::test(start_paused = true)]
async fn waits_are_jittered_below_a_bound_that_doubles() {
    let policy =
        || RetryPolicy::default().with_max_attempts(8).with_backoff(seconds(1), seconds(4));
    let bounds = [1, 2, 4, 4, 4, 4, 4].map(seconds);
    let slack = Duration::from_millis(5); // the timer's resolution
    for seed in 0..20 {
        let waits = waits(seed, policy()).await;
        assert_eq!(waits.len(), bounds.len());
        for (wait, bound) in waits.iter().zip(bounds) {
            assert!(*wait <= bound + slack, "{waits:?}");
        }
    }
    assert_ne!(waits(1, policy()).await, waits(2, policy()).await, "another seed, other waits");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_waits_the_same() {
    let policy = || RetryPolicy::default().with_backoff(seconds(1), seconds(4));
    assert_eq!(waits(7, policy()).await, waits(7, policy()).await);
}

#[tokio::test(start_paused = true)]
async fn a_call_to_a_server_that_stalls_ends_by_its_deadline() {
    let server = RawServer::start([], Reaction::StallHeaders).await;
    let policy = RetryPolicy::default()
        .with_deadline(seconds(50))
        .with_attempt_timeout(seconds(20))
        .with_max_attempts(100);
    let user = client(&server, 1, policy);
    let started = Instant::now();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Timeout, Fate::Unknown));
    assert!(started.elapsed() <= seconds(51), "{:?}", started.elapsed());
    assert!((3..=4).contains(&error.attempts()), "20 s, 20 s and the rest: {error}");
    assert_eq!(error.elapsed().as_secs(), started.elapsed().as_secs());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_by_its_own_time_out() {
    let server = RawServer::start([], Reaction::StallHeaders).await;
    let user = client(&server, 1, RetryPolicy::off().with_attempt_timeout(seconds(7)));
    let started = Instant::now();
    user.connections().get("con-1").await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 7);
}

/// A reset looks at the connection first.
#[tokio::test(start_paused = true)]
async fn a_reset_and_its_look_end_by_one_deadline() {
    for (look, fate, resets) in [
        (30, Fate::Unknown, 1),
        // The 4 s that are left are not enough to connect: the reset is not sent.
        (56, Fate::NotActed, 0),
    ] {
        let scene = Scene::new().await;
        let id = scene.healthy();
        scene.sandbox.fault(Fault::Delay(seconds(look))).on("get_connection").next();
        scene.sandbox.fault(Fault::StallBeforeActing).on("reset_connection").always();
        let policy =
            RetryPolicy::default().with_attempt_timeout(seconds(59)).with_deadline(seconds(60));
        let connections = scene.client.with_retry(policy).connections();
        let started = Instant::now();
        let error = connections.reset(&id).await.unwrap_err();
        assert_eq!((error.kind(), error.fate()), (ErrorKind::Timeout, fate), "{error}");
        assert_eq!(error.operation(), Operation::ResetConnection);
        assert_eq!(scene.sandbox.received("reset_connection"), resets);
        assert!(started.elapsed() <= seconds(60), "{:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed_in_seconds_and_as_a_date() {
    let throttled = |answer: Answer| Reaction::Answer(answer);
    let in_seconds = Answer::error(429).header("retry-after", "30");
    let as_date = Answer::error(429)
        .header("date", "Wed, 21 Oct 2015 07:28:00 GMT")
        .header("retry-after", "Wed, 21 Oct 2015 07:28:20 GMT");
    let server = RawServer::start([throttled(in_seconds), throttled(as_date)], answer(404)).await;
    let user = client(&server, 1, RetryPolicy::default());
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotFound, 3));
    let at: Vec<_> = server.log().requests.iter().map(|request| request.at).collect();
    assert_eq!(((at[1] - at[0]).as_secs(), (at[2] - at[1]).as_secs()), (30, 20));
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_date_without_date_header_is_held_against_the_clients_clock() {
    let throttled = Answer::error(503).header("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT");
    let server = RawServer::start([Reaction::Answer(throttled)], answer(404)).await;
    let user = UserClient::builder("secret")
        .base_url(server.url())
        .clock(|| "1970-01-01T00:00:15Z".parse().unwrap())
        .build()
        .unwrap();
    user.connections().get("con-1").await.unwrap_err();
    let at: Vec<_> = server.log().requests.iter().map(|request| request.at).collect();
    assert_eq!((at[1] - at[0]).as_secs(), 45);
}

#[tokio::test(start_paused = true)]
async fn retry_after_beyond_the_deadline_returns_at_once() {
    for value in ["61", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let throttled = Answer::error(429).header("retry-after", value);
        let server = RawServer::start([], Reaction::Answer(throttled)).await;
        let user = client(&server, 1, RetryPolicy::default());
        let started = Instant::now();
        let error = user.connections().get("con-1").await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 1));
        assert!(error.retry_after().unwrap() >= seconds(61), "{error}");
        assert!(started.elapsed() < seconds(1), "{:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_token_ends_by_the_deadline() {
    let server = RawServer::start([], answer(404)).await;
    let never = TokenSource::new(std::future::pending::<Result<Token, std::io::Error>>);
    let user = UserClient::builder(never).base_url(server.url()).build().unwrap();
    let started = Instant::now();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::Timeout, Fate::NotActed, 0)
    );
    assert_eq!(started.elapsed().as_secs(), 60);
    assert_eq!(server.log().reactions, 0);
}

/// Finds no address for any name, and goes on looking for one.
struct NoAddress;

impl reqwest::dns::Resolve for NoAddress {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(std::future::pending())
    }
}

/// What a call fails with where connecting takes for ever; 5 s is what it may take.
async fn while_connecting(policy: RetryPolicy) -> Error {
    let nowhere = reqwest::Client::builder().dns_resolver(NoAddress);
    let user = UserClient::builder("secret")
        .base_url("http://localhost:1")
        .http_client_builder(nowhere)
        .build()
        .unwrap();
    let connections = user.with_retry(policy).connections();
    connections.get("con-1").await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_that_could_end_while_it_connects() {
    let error = while_connecting(RetryPolicy::default().with_deadline(seconds(9))).await;
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::Connect, Fate::NotActed, 1),
        "4 s are not enough for another"
    );

    // Who leaves less time from the start gets an attempt, and no promise.
    let error = while_connecting(RetryPolicy::default().with_deadline(seconds(3))).await;
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::Timeout, Fate::Unknown, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_comes_too_late_to_connect_sends_nothing() {
    let server = RawServer::start([], answer(404)).await;
    let slow = TokenSource::new(|| async {
        tokio::time::sleep(seconds(56)).await;
        Ok::<_, std::io::Error>(Token::new("secret", None))
    });
    let user = UserClient::builder(slow).base_url(server.url());
    let connections = user.build().unwrap().connections();
    let error = connections.get("con-1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::Timeout, Fate::NotActed, 0)
    );
    assert_eq!(server.log().reactions, 0);
}
