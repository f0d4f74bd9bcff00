//! The clients of one bank user share the user's token and syncs, and nothing with another user.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{sleep, timeout};
use xs2a::sync::{SyncReport, SyncStart};
use xs2a::{ErrorKind, SyncOutcome};
use xs2a_sandbox::{BankFault, ConnectionSeed, SyncMode};
use xs2a_tests::reports::report_of;
use xs2a_tests::scene::Scene;

/// Longer than the tests watch, and shorter than a token lives.
const LONG: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_of_a_user_in_fifty_tasks_make_one_access_token() {
    let scene = Scene::new().await;
    let api = scene.api();
    let id = scene.healthy();
    let tasks = (0..50).map(|_| {
        let (api, user, id) = (api.clone(), scene.user.id().to_owned(), id.clone());
        tokio::spawn(async move {
            for _ in 0..20 {
                api.user(&user).connections().get(&id).await.unwrap();
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(Result::unwrap);
    assert_eq!(scene.sandbox.received("get_connection"), 1_000);
    assert_eq!(scene.sandbox.received("create_access_token"), 1);
    assert_eq!(scene.sandbox.received("refresh_access_token"), 0);
}

#[tokio::test(start_paused = true)]
async fn another_user_and_another_api_client_have_a_token_of_their_own() {
    let scene = Scene::new().await;
    let eve = scene.sandbox.add_user("Eve");
    let api = scene.api();
    for (api, user, tokens) in
        [(&api, &scene.user, 1), (&api, &eve, 2), (&scene.api(), &scene.user, 3)]
    {
        for _ in 0..2 {
            api.user(user.id()).connections().list().page(1).await.unwrap();
        }
        assert_eq!(scene.sandbox.received("create_access_token"), tokens);
    }
}

#[tokio::test(start_paused = true)]
async fn two_callers_through_two_clients_of_a_user_get_one_sync_and_its_outcome() {
    // A sync that succeeds, one that fails, and one that needs the user.
    for (mode, fault) in [
        (SyncMode::Full, None),
        (SyncMode::Full, Some(BankFault::WrongPassword)),
        (SyncMode::None, None),
    ] {
        let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
        let id = scene.connection(ConnectionSeed::new(mode));
        if let Some(fault) = fault {
            scene.sandbox.fail_next_sync(id.as_str(), fault);
        }
        let api = scene.api();
        let sync = || {
            let user = api.clone().user(scene.user.id());
            user.connections().sync(&id).into_future()
        };
        let (first, second) = tokio::join!(sync(), sync());
        assert_eq!((scene.syncs_received(), scene.syncs_acted()), (1, 1), "{first:?}");
        assert_eq!(report_of(&first), report_of(&second));
        // The session, too: each caller can send the user through it.
        assert_eq!(first.ok(), second.ok());
    }
}

/// Two requests of a web service that come one after the other: the third failure is not theirs.
#[tokio::test(start_paused = true)]
async fn many_callers_through_clients_of_their_own_do_not_spend_the_last_attempt() {
    let scene = Scene::new().await;
    let id = scene.connection(ConnectionSeed::new(SyncMode::Full).failures(1));
    for _ in 0..5 {
        scene.sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
    }
    let api = scene.api();
    let callers = (0..5).map(|_| api.user(scene.user.id()).connections().sync(&id).into_future());
    for ended in join_all(callers).await {
        let report = report_of(&ended);
        assert!(matches!(report, SyncReport::Failed { failures: 2, .. }), "{report}");
    }
    assert_eq!(scene.syncs_received(), 1);
    let connection = scene.connections.get(&id).await.unwrap();
    assert_eq!(connection.sync_fail_counter, 2);
}

#[tokio::test(start_paused = true)]
async fn a_sync_whose_client_was_dropped_goes_on_in_the_next_client_of_the_user() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    let api = scene.api();
    let sync = || api.user(scene.user.id()).connections().sync(&id).into_future();
    assert!(timeout(Duration::from_secs(1), sync()).await.is_err());
    assert_eq!(scene.syncs_acted(), 1);
    let outcome = sync().await.unwrap();
    assert!(matches!(outcome, SyncOutcome::Succeeded(_)), "{outcome:?}");
    assert_eq!(scene.syncs_received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_user_who_asks_for_the_connection_of_another_gets_neither_outcome_nor_session() {
    for mode in [SyncMode::Full, SyncMode::None] {
        let scene = Scene::with_syncs_that_take(LONG).await;
        let id = scene.connection(ConnectionSeed::new(mode));
        let eve = scene.sandbox.add_user("Eve");
        let api = scene.api();
        let of = |user: &str| api.user(user).connections();
        let started = of(scene.user.id()).sync(&id).start().await.unwrap();
        // While the sync runs, and once it is over.
        for _ in 0..2 {
            let error = of(eve.id()).sync(&id).await.unwrap_err();
            assert_eq!(*error.report(), SyncReport::Gone);
            assert_eq!(error.error().unwrap().kind(), ErrorKind::NotFound);
            assert_eq!(error.connection(), None);
            let error = of(eve.id()).sync(&id).start().await.unwrap_err();
            assert_eq!(*error.report(), SyncReport::Gone);
            scene.sandbox.advance(LONG);
        }
        assert_eq!(scene.syncs_received(), 1, "none but that of the owner");

        // A job or a session of another user opens nothing, either.
        match started {
            SyncStart::Started(job) => {
                let ended = of(eve.id()).resume(job).await;
                assert_eq!(report_of(&ended), SyncReport::Gone);
            }
            SyncStart::UserNeeded(session) => {
                let waited = of(eve.id()).wait_for_user(&session).await;
                assert_eq!(waited.unwrap_err().kind(), ErrorKind::NotFound);
                let wizard = api.user(eve.id()).wizard(session.key().clone());
                assert_eq!(wizard.open().await.unwrap_err().kind(), ErrorKind::NotFound);
            }
            SyncStart::Ended(synced) => panic!("{synced:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_who_asks_at_the_same_time_as_another_is_not_kept_waiting() {
    let scene = Scene::with_syncs_that_take(Duration::from_secs(5)).await;
    let id = scene.healthy();
    let eve = scene.sandbox.add_user("Eve");
    let api = scene.api();
    let sync = |user: &str| api.user(user).connections().sync(&id).into_future();
    let eve = timeout(Duration::from_secs(1), sync(eve.id()));
    let (ada, eve) = tokio::join!(sync(scene.user.id()), eve);
    assert!(matches!(ada, Ok(SyncOutcome::Succeeded(_))), "{ada:?}");
    assert_eq!(report_of(&eve.expect("nothing to wait for")), SyncReport::Gone);
}

#[tokio::test(start_paused = true)]
async fn a_nudge_of_the_api_client_reaches_the_clients_of_all_its_users() {
    let scene = Scene::with_syncs_that_take(LONG).await;
    let id = scene.healthy();
    let api = scene.api();
    let slow = xs2a::SyncPolicy::default().with_deadline(3 * LONG).with_pauses(2 * LONG, 2 * LONG);
    let sync = api.user(scene.user.id()).connections().sync(&id).policy(slow);
    let (ended, ()) = tokio::join!(timeout(Duration::from_secs(60), sync.into_future()), async {
        sleep(Duration::from_secs(10)).await;
        scene.sandbox.advance(LONG);
        api.clone().nudge(&id);
    });
    let outcome = ended.expect("the nudge brings the look forward").unwrap();
    assert!(matches!(outcome, SyncOutcome::Succeeded(_)), "{outcome:?}");
}
