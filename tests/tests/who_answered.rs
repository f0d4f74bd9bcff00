//! Who answered, the service or something between here and the service: only the service's own
//! answer says that a thing is gone, or that something was done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::sleep;
use xs2a::sync::{LoginOutcome, SyncReport};
use xs2a::types::CreateConnectionRequest;
use xs2a::{Error, ErrorKind, Fate, RetryPolicy, UserClient};
use xs2a_sandbox::Fault;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};
use xs2a_tests::scene::Scene;

/// A 404 as gateways send it.
fn foreign_404s() -> [Fault; 4] {
    let of_another_status = r#"{"code":400,"message":"Bad Request"}"#;
    let other = Fault::Answer {
        status: 404,
        content_type: "application/json".to_owned(),
        body: of_another_status.to_owned(),
    };
    [Fault::Html(404), Fault::Empty(404), Fault::GatewayJson(404), other]
}

#[tokio::test(start_paused = true)]
async fn a_look_that_a_gateway_answered_with_404_is_made_again_and_the_sync_ends_well() {
    for fault in foreign_404s() {
        let scene = Scene::new().await;
        let id = scene.healthy();
        let (sync, ()) = tokio::join!(scene.connections.sync(&id).into_future(), async {
            sleep(Duration::from_millis(200)).await;
            scene.sandbox.fault(fault.clone()).on("get_connection").times(3);
        });
        assert!(sync.is_ok(), "{fault:?}: {sync:?}");
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_a_gateway_answered_with_404_has_an_unknown_fate_and_is_looked_after() {
    for fault in foreign_404s() {
        let scene = Scene::new().await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("sync_connection").after_acting().next();
        let sync = scene.connections.sync(&id).await;
        assert!(sync.is_ok(), "{fault:?}: {sync:?}");
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 1), "{fault:?}");

        let scene = Scene::new().await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("sync_connection").next();
        let error = scene.connections.sync(&id).await.unwrap_err();
        assert_eq!(*error.report(), SyncReport::FateUnknown, "{fault:?}");
        assert_eq!(scene.syncs_received(), 1, "{fault:?}");
    }
    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::Status(404)).on("sync_connection").next();
    let error = scene.connections.sync(&id).await.unwrap_err();
    assert_eq!(*error.report(), SyncReport::Gone, "the service's own 404");
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_a_gateway_answered_with_404_did_not_happen_and_is_no_success() {
    for fault in foreign_404s() {
        let scene = Scene::new().await;
        let id = scene.healthy();
        scene.sandbox.fault(fault.clone()).on("delete_connection").always();
        let error = scene.connections.delete(&id).await.unwrap_err();
        assert_eq!((error.kind(), error.fate()), (ErrorKind::Gateway, Fate::Unknown), "{fault:?}");
        assert!(scene.connections.get(&id).await.is_ok(), "{fault:?}");

        // Nor after an attempt of unknown fate.
        scene.sandbox.clear_faults();
        scene.sandbox.fault(Fault::ResetBeforeActing).on("delete_connection").next();
        scene.sandbox.fault(fault.clone()).on("delete_connection").always();
        let error = scene.connections.delete(&id).await.unwrap_err();
        assert_eq!((error.kind(), error.fate()), (ErrorKind::Gateway, Fate::Unknown), "{fault:?}");
        assert!(scene.connections.get(&id).await.is_ok(), "{fault:?}");

        // It did happen, and the service itself says at the second attempt that nothing is there.
        scene.sandbox.clear_faults();
        scene.sandbox.fault(fault.clone()).on("delete_connection").after_acting().next();
        scene.connections.delete(&id).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_after_a_create_takes_the_404_of_anybody_for_not_yet() {
    for fault in foreign_404s() {
        let scene = Scene::new().await;
        let request = CreateConnectionRequest::new();
        let session = scene.connections.create(&request).await.unwrap();
        scene.sandbox.fault(fault.clone()).on("get_connection").times(2);
        let (waited, id) =
            tokio::join!(scene.connections.wait_for_user(&session).into_future(), async {
                sleep(Duration::from_secs(20)).await;
                scene.sandbox.complete_session(session.transaction().as_str())
            });
        let Ok(LoginOutcome::Through(connection)) = waited else { panic!("{fault:?}: {waited:?}") };
        assert_eq!(Some(connection.id.as_str()), id.as_deref(), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_401_or_403_of_a_gateway_says_nothing_of_the_token() {
    for status in [401, 403] {
        for fault in [Fault::Html(status), Fault::Empty(status), Fault::GatewayJson(status)] {
            let scene = Scene::new().await;
            let user = scene.api().user(scene.user.id());
            let before = scene.sandbox.received("create_access_token");
            assert!(user.connections().list().next().await.is_none());
            let made = scene.sandbox.received("create_access_token") - before;
            scene.sandbox.fault(fault.clone()).on("list_connections").next();
            assert!(user.connections().list().next().await.is_none(), "{fault:?}");
            let again = scene.sandbox.received("create_access_token") - before;
            assert_eq!(again, made, "{fault:?} cost a token");
        }
    }
}

async fn success_of(answer: Answer, call: impl AsyncFn(&UserClient) -> Result<(), Error>) -> Error {
    let server = RawServer::start([], Reaction::Answer(answer)).await;
    let user = UserClient::builder("token").base_url(server.url()).retry(RetryPolicy::off());
    call(&user.build().unwrap()).await.unwrap_err()
}

#[tokio::test]
async fn a_page_with_the_status_of_a_success_is_no_success_of_a_delete_or_of_marking_as_seen() {
    let page = "<!doctype html><html><body>Please log in to the proxy</body></html>";
    for answer in [
        Answer::empty(200).header("content-type", "text/html").body(page),
        Answer::empty(200).header("content-type", "text/html; charset=utf-8").body(page),
        Answer::empty(202).header("content-type", "application/xhtml+xml").body(page),
        Answer::empty(200).header("content-type", "TEXT/HTML").body(""),
        Answer::empty(200).body(page),
        Answer::json(200, page),
        Answer::empty(200).body("\u{feff}\n <HTML lang=de>"),
    ] {
        for error in [
            success_of(answer.clone(), async |user| user.connections().delete("con-1").await).await,
            success_of(answer.clone(), async |user| user.accounts().delete("acc-1").await).await,
            success_of(answer.clone(), async |user| user.accounts().mark_as_seen("acc-1").await)
                .await,
        ] {
            let told = (error.kind(), error.fate());
            assert_eq!(told, (ErrorKind::Gateway, Fate::Unknown), "{answer:?}: {error}");
        }
    }
    for answer in [
        Answer::empty(204),
        Answer::empty(200),
        Answer::json(200, r#"{"code":200,"message":"Deleted"}"#),
        Answer::json(200, "[]"),
        Answer::empty(200).header("content-type", "text/plain").body("OK"),
    ] {
        let server = RawServer::start([], Reaction::Answer(answer.clone())).await;
        let user = UserClient::builder("token").base_url(server.url()).build().unwrap();
        user.connections()
            .delete("con-1")
            .await
            .unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_408_was_not_acted_on_only_if_the_connection_closes_and_no_json_comes() {
    let idle = |body: &str| Answer::empty(408).header("connection", "close").body(body);
    let own = r#"{"code":408,"message":"Request Timeout"}"#;
    for (answer, fate) in [
        (idle(""), Fate::NotActed),
        (idle("<html>408</html>"), Fate::NotActed),
        (idle(own), Fate::Unknown),
        (idle(&format!("\u{feff}{own}")), Fate::Unknown),
        (idle(&own[..20]), Fate::Unknown),
        (Answer::empty(408), Fate::Unknown),
        (Answer::empty(408).header("connection", "keep-alive"), Fate::Unknown),
        (Answer::json(408, own), Fate::Unknown),
    ] {
        let server = RawServer::start([], Reaction::AnswerAndClose(answer.clone())).await;
        let user = UserClient::builder("token").base_url(server.url()).retry(RetryPolicy::off());
        let request = CreateConnectionRequest::new();
        let created = user.build().unwrap().connections().create(&request).await;
        assert_eq!(created.unwrap_err().fate(), fate, "{answer:?}");
    }

    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::IdleTimeout).on("sync_connection").next();
    let sync = scene.connections.sync(&id).await;
    assert!(sync.is_ok(), "{sync:?}");
    assert_eq!((scene.syncs_received(), scene.syncs_acted()), (2, 1));

    let scene = Scene::new().await;
    let id = scene.healthy();
    scene.sandbox.fault(Fault::Status(408)).on("sync_connection").next();
    let error = scene.connections.sync(&id).await.unwrap_err();
    assert_eq!(*error.report(), SyncReport::FateUnknown);
    assert_eq!(scene.syncs_received(), 1);
}
