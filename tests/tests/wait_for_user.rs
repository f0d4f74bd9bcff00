//! Waiting for a user who walks through the wizard: when the wait ends, and with what. The clock is
//! tokio's and paused: no test waits for real time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use xs2a::sync::{LoginOutcome, PendingSession};
use xs2a::types::{
    Connection, CreateConnectionRequest, SyncConnectionRequest, SyncConnectionResponse,
};
use xs2a::wizard::{SessionFailed, WizardStep};
use xs2a::{Error, ErrorKind, SyncOutcome, UserSession};
use xs2a_sandbox::{ConnectionSeed, Fault, SyncMode};
use xs2a_tests::scene::{Scene, client};

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

async fn created(scene: &Scene) -> UserSession {
    scene.connections.create(&CreateConnectionRequest::new()).await.unwrap()
}

async fn of_a_sync(scene: &Scene) -> UserSession {
    let id = scene.connection(ConnectionSeed::new(SyncMode::None));
    match scene.connections.sync(&id).await.unwrap() {
        SyncOutcome::UserNeeded(session) => session,
        other => panic!("{other:?}"),
    }
}

async fn of_a_reset(scene: &Scene) -> UserSession {
    scene.connections.reset(scene.healthy()).await.unwrap()
}

/// Lets the user walk through the wizard, and gives the id of the connection.
fn complete(scene: &Scene, session: &UserSession) -> String {
    scene.sandbox.complete_session(session.transaction().as_str()).unwrap()
}

#[track_caller]
fn through(waited: Result<LoginOutcome, Error>) -> Connection {
    match waited {
        Ok(LoginOutcome::Through(connection)) => connection,
        other => panic!("the user is not through: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_is_found_once_its_user_is_through_the_wizard() {
    let scene = Scene::new().await;
    let session = created(&scene).await;
    let wait = || scene.connections.wait_for_user(&session);

    let begun = Instant::now();
    let nobody = wait().deadline(Duration::from_secs(30)).await.unwrap();
    assert_eq!(nobody, LoginOutcome::StillOpen);
    assert!(begun.elapsed() <= Duration::from_secs(30));

    let (found, id) = tokio::join!(wait().into_future(), async {
        sleep(Duration::from_secs(100)).await;
        let id = complete(&scene, &session);
        scene.client.nudge(session.transaction());
        id
    });
    assert_eq!(through(found).id, id.as_str());
    assert!(begun.elapsed() < Duration::from_secs(132), "a nudge ends the pause");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_begins_before_the_user_is_through_ends_with_the_next_look() {
    for after_a_reset in [false, true] {
        let scene = Scene::new().await;
        let session =
            if after_a_reset { of_a_reset(&scene).await } else { of_a_sync(&scene).await };
        let id = session.connection_id().unwrap();
        let before = scene.connections.get(id).await.unwrap();
        let walk = Duration::from_secs(100);
        let begun = Instant::now();
        let wait = scene.connections.wait_for_user(&session).into_future();
        let (found, _) = tokio::join!(wait, async {
            sleep(walk).await;
            complete(&scene, &session)
        });
        let found = through(found);
        assert_eq!(found.id, *id);
        assert!(found.last_synced > before.last_synced);
        let elapsed = begun.elapsed();
        assert!(walk <= elapsed && elapsed <= walk + LONGEST_PAUSE, "{elapsed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_begins_after_the_user_is_through_ends_with_its_first_look() {
    let scene = Scene::new().await;
    let (sync, reset) = (of_a_sync(&scene).await, of_a_reset(&scene).await);
    for session in [created(&scene).await, sync, reset] {
        let id = complete(&scene, &session);
        sleep(Duration::from_secs(3600)).await;
        let (begun, looks) = (Instant::now(), scene.sandbox.received("get_connection"));
        let found = through(scene.connections.wait_for_user(&session).await);
        assert_eq!(found.id, id.as_str());
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(scene.sandbox.received("get_connection"), looks + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_who_does_not_come_leaves_the_session_open_and_can_be_waited_for_again() {
    let scene = Scene::new().await;
    for session in [of_a_sync(&scene).await, of_a_reset(&scene).await] {
        let wait = || scene.connections.wait_for_user(&session);
        let nobody = wait().deadline(Duration::from_secs(30)).await.unwrap();
        assert_eq!(nobody, LoginOutcome::StillOpen);
        complete(&scene, &session);
        through(wait().await);
    }
}

/// That the counter rises where the user fails in the wizard is assumed.
#[tokio::test(start_paused = true)]
async fn a_counter_that_rose_ends_the_wait_with_the_failure() {
    let scene = Scene::new().await;
    let session = of_a_sync(&scene).await;
    let wizard = scene.client.wizard(session.key().clone());
    let wait = scene.connections.wait_for_user(&session).into_future();
    let (waited, failed) = tokio::join!(wait, async {
        let mut step = wizard.open().await.unwrap();
        // The bank rejects this PIN, and ends the session after three times.
        while let WizardStep::Form(form) | WizardStep::Rejected(form) = &step {
            let answers = form.answers().enter("USER_NAME", "abcdef").unwrap();
            let answers = answers.enter("USER_PIN", "000000").unwrap();
            let answers = answers.tick("privacy_policy", true).unwrap();
            step = wizard.send(answers).await.unwrap();
        }
        step
    });
    let WizardStep::Failed(SessionFailed { message, .. }) = failed else { panic!("{failed:?}") };
    let waited = waited.unwrap();
    let LoginOutcome::Failed { failures: 1, message: told, connection } = &waited else {
        panic!("{waited:?}")
    };
    assert_eq!(*told, message);
    assert_eq!(Some(&connection.id), session.connection_id());
    assert_eq!(connection.sync_fail_counter, 1);
    assert_eq!(waited.to_string(), format!("the login failed ({})", message.unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_taken_up_by_another_process_from_what_was_stored_without_the_key() {
    let scene = Scene::new().await;
    let (sync, reset) = (of_a_sync(&scene).await, of_a_reset(&scene).await);
    for session in [created(&scene).await, sync, reset] {
        let stored = serde_json::to_string(session.pending()).unwrap();
        assert!(!stored.contains(session.key().expose()), "{stored}");
        let wait = scene.connections.wait_for_user(session.pending());
        let nobody = wait.deadline(Duration::from_secs(5)).await.unwrap();
        assert_eq!(nobody, LoginOutcome::StillOpen);

        let pending: PendingSession = serde_json::from_str(&stored).unwrap();
        assert_eq!(pending, *session.pending());
        let id = complete(&scene, &session);
        let found = through(scene.another_process().wait_for_user(pending).await);
        assert_eq!(found.id, id.as_str());
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_knows_the_transaction_alone_waits_for_a_new_connection() {
    let scene = Scene::new().await;
    let session = created(&scene).await;
    let id = complete(&scene, &session);
    let pending = PendingSession::creating(session.transaction());
    let found = through(scene.another_process().wait_for_user(pending).await);
    assert_eq!(found.id, id.as_str());
}

#[tokio::test(start_paused = true)]
async fn the_session_of_a_sync_without_rules_is_waited_for_by_the_look_before() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::None));
    let before = scene.connections.get(&id).await.unwrap();
    let request = SyncConnectionRequest::new();
    let answer = scene.connections.sync_without_rules(&id, &request).await.unwrap();
    let SyncConnectionResponse::Accepted(session) = answer else { panic!("{answer:?}") };
    let pending = PendingSession::renewing(&session.transaction, &before);
    let wait = || scene.connections.wait_for_user(&pending).deadline(Duration::from_secs(30));
    assert_eq!(wait().await.unwrap(), LoginOutcome::StillOpen);
    scene.sandbox.complete_session(session.transaction.as_str()).unwrap();
    assert!(through(wait().await).last_synced > before.last_synced);
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_for_a_user_looks_more_than_once() {
    let scene = Scene::new().await;
    let session = created(&scene).await;
    let wait = scene.connections.wait_for_user(&session);
    let wait = wait.deadline(Duration::from_secs(2)).into_future();
    let (found, id) = tokio::join!(wait, async {
        sleep(Duration::from_millis(100)).await;
        complete(&scene, &session)
    });
    assert_eq!(through(found).id, id.as_str());
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_taken_for_a_user_who_is_not_through() {
    for (fault, kind) in [
        (Fault::StallBeforeActing, ErrorKind::Timeout),
        (Fault::Throttle { retry_after: Some("50".to_owned()) }, ErrorKind::Throttled),
    ] {
        let scene = Scene::new().await;
        let session = created(&scene).await;
        scene.sandbox.fault(fault).on("get_connection").always();
        let wait = scene.connections.wait_for_user(&session).deadline(Duration::from_secs(30));
        assert_eq!(wait.await.unwrap_err().kind(), kind);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_user_survives_an_outage_and_ends_where_it_is_refused() {
    let scene = Scene::new().await;
    let session = created(&scene).await;
    scene.sandbox.refuse_connections().await;
    let wait = scene.connections.wait_for_user(&session).into_future();
    let (found, id) = tokio::join!(wait, async {
        sleep(Duration::from_secs(100)).await;
        scene.sandbox.accept_connections().await;
        complete(&scene, &session)
    });
    assert_eq!(through(found).id, id.as_str());

    let stranger = client(&scene.sandbox, "no-such-token").connections();
    let error = stranger.wait_for_user(&session).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_deleted_meanwhile_ends_the_wait_with_not_found() {
    let scene = Scene::new().await;
    let session = of_a_reset(&scene).await;
    let begun = Instant::now();
    let wait = scene.connections.wait_for_user(&session).into_future();
    let (waited, deleted) = tokio::join!(wait, async {
        sleep(Duration::from_secs(60)).await;
        scene.connections.delete(session.connection_id().unwrap()).await
    });
    deleted.unwrap();
    assert_eq!(waited.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(begun.elapsed() <= Duration::from_secs(60) + LONGEST_PAUSE);
}
