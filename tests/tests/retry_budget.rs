//! One budget bounds what all calls of a client repeat, so that an outage is not multiplied.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use futures_util::stream::{self, StreamExt};
use xs2a::{ErrorKind, Operation, UserClient};
use xs2a_tests::calls::success;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};

const CALLS: u32 = 10_000;
const BURST: u32 = 10;

#[tokio::test(start_paused = true)]
async fn an_outage_meets_a_tenth_more_than_the_calls_and_the_burst() {
    let down = Reaction::Answer(Answer::error(503));
    let up = Reaction::Answer(success(Operation::GetConnection));
    let server = RawServer::start([], down.clone()).await;
    let user = UserClient::builder("secret").base_url(server.url()).build().unwrap();
    let connections = user.connections();

    let attempts: u32 = stream::iter(0..CALLS)
        .map(|_| async {
            let error = connections.get("con-1").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Server);
            error.attempts()
        })
        .buffer_unordered(50)
        .fold(0, |sum, attempts| async move { sum + attempts })
        .await;
    let on_the_wire = server.log().reactions;
    assert_eq!(on_the_wire, attempts, "every attempt is told of");
    assert!(on_the_wire <= CALLS + CALLS / 10 + BURST, "{on_the_wire} requests");
    assert!(on_the_wire > CALLS, "the budget is there to be used");

    // The outage has spent the budget, calls that succeed earn it back.
    server.react(up);
    for _ in 0..20 {
        connections.get("con-1").await.unwrap();
    }
    server.script([down]);
    let before = server.log().reactions;
    connections.get("con-1").await.unwrap();
    assert_eq!(server.log().reactions - before, 2, "one failure, repeated");
}

#[tokio::test(start_paused = true)]
async fn clones_and_views_of_a_client_share_its_budget() {
    let server = RawServer::start([], Reaction::Answer(Answer::error(503))).await;
    let user = UserClient::builder("secret").base_url(server.url()).build().unwrap();
    let views = [user.clone(), user.with_retry(user.retry_policy().clone().with_max_attempts(4))];
    let mut repetitions = 0;
    for view in views.iter().cycle().take(8) {
        repetitions += view.connections().get("con-1").await.unwrap_err().attempts() - 1;
    }
    assert_eq!(repetitions, BURST, "eight calls earn less than one repetition");
}
