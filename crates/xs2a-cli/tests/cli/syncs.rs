//! Syncs that are cut off, and go on.

use std::time::Duration;

use xs2a_sandbox::{BankFault, ConnectionSeed, Fault, SyncMode, SyncPlan};

use crate::stage::{Run, Stage, signal, wait_until};

const HOUR: Duration = Duration::from_secs(3600);

/// A stage with a connection whose next sync takes an hour of the sandbox's clock.
async fn with_slow_sync() -> (Stage, String) {
    let stage = Stage::new().await;
    let seed = ConnectionSeed::new(SyncMode::Full).last_synced(stage.sandbox.now() - HOUR);
    let id = stage.sandbox.add_connection(&stage.ada, seed);
    stage.sandbox.plan_next_sync(&id, SyncPlan::from(BankFault::Slow(HOUR / 12)));
    (stage, id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_is_cut_off_goes_on_and_is_one_sync_at_the_server() {
    for (name, again) in [("INT", "resume"), ("KILL", "resume"), ("INT", "sync"), ("KILL", "sync")]
    {
        let (stage, id) = with_slow_sync().await;
        let child = stage.command(&["connections", "sync", &id]).spawn().unwrap();
        wait_until("the sync", || stage.sandbox.acted("sync_connection") == 1);
        let looks = stage.sandbox.counts(&id).looks;
        wait_until("a look after the sync", || stage.sandbox.counts(&id).looks > looks);
        signal(&child, name);
        let cut = stage.holds_no_secret(Run::from(child.wait_with_output().unwrap()));
        if name == "INT" {
            assert_eq!(cut.code, 130, "{cut:?}");
            let known = "the service has begun the sync, and goes on with it";
            let next = format!("next:  xs2a connections resume {id} goes on");
            assert!(cut.stderr.contains(known) && cut.stderr.contains(&next), "{cut:?}");
        }
        let shown = &stage.items(&["connections", "show", &id])[0];
        assert_eq!(shown["sync_under_way"], true, "{shown}");
        assert_eq!(shown["command"], *format!("xs2a connections resume {id}"), "{shown}");

        stage.sandbox.advance(HOUR);
        let ended = &stage.items(&["connections", again, &id])[0];
        assert_eq!(ended["outcome"], "succeeded", "{name} {again}: {ended}");
        let counts = stage.sandbox.counts(&id);
        assert_eq!((counts.syncs_received, counts.syncs_acted), (1, 1), "{name} {again}");
        assert_eq!(stage.items(&["connections", "show", &id])[0]["sync_under_way"], false);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_is_cut_off_during_its_call_is_not_called_again() {
    let (stage, id) = with_slow_sync().await;
    stage.sandbox.fault(Fault::StallAfterActing).on("sync_connection").call(1);
    let child = stage.command(&["connections", "sync", &id]).spawn().unwrap();
    wait_until("the sync", || stage.sandbox.acted("sync_connection") == 1);
    signal(&child, "INT");
    let cut = Run::from(child.wait_with_output().unwrap());
    assert_eq!(cut.code, 130, "{cut:?}");
    assert!(cut.stderr.contains("the sync may have been asked for"), "{cut:?}");
    stage.sandbox.advance(HOUR);
    let ended = &stage.items(&["connections", "resume", &id])[0];
    assert_eq!(ended["outcome"], "succeeded", "{ended}");
    assert_eq!(stage.sandbox.counts(&id).syncs_received, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_command_goes_on_with_the_sync_of_the_first() {
    let (stage, id) = with_slow_sync().await;
    let first = stage.command(&["connections", "sync", &id]).spawn().unwrap();
    wait_until("the sync", || stage.sandbox.acted("sync_connection") == 1);
    let second = stage.command(&["connections", "sync", &id]).spawn().unwrap();
    wait_until("a look of the second", || stage.sandbox.counts(&id).looks >= 3);
    stage.sandbox.advance(HOUR);
    let ends = [first, second].map(|child| Run::from(child.wait_with_output().unwrap()));
    let mut codes = ends.each_ref().map(|run| run.code);
    codes.sort_unstable();
    // Whoever comes second is superseded by the other, or sees the same success.
    assert!(codes == [0, 8] || codes == [0, 0], "{ends:?}");
    assert_eq!(stage.sandbox.counts(&id).syncs_received, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_before_the_call_leaves_nothing_under_way() {
    let (stage, id) = with_slow_sync().await;
    stage.sandbox.fault(Fault::StallBeforeActing).on("get_connection").call(1);
    let child = stage.command(&["connections", "sync", &id]).spawn().unwrap();
    wait_until("the look", || stage.sandbox.received("get_connection") == 1);
    signal(&child, "INT");
    let cut = Run::from(child.wait_with_output().unwrap());
    assert!(cut.code == 130 && cut.stderr.contains("no sync was asked for"), "{cut:?}");
    assert_eq!(stage.run(&["connections", "resume"]).code, 3);
    assert_eq!(stage.sandbox.counts(&id).syncs_received, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fifth_call_of_a_day_waits_for_the_next() {
    let stage = Stage::new().await;
    let id = stage.sandbox.add_connection(&stage.ada, ConnectionSeed::new(SyncMode::Shared));
    let half = stage.secret_file("half", &stage.sandbox.credentials(&id).unwrap());
    let sync = ["connections", "sync", &id, "--credentials-file", half.to_str().unwrap()];
    for left in [3, 2, 1, 0] {
        assert_eq!(stage.items(&sync)[0]["outcome"], "succeeded");
        assert_eq!(stage.items(&["connections", "show", &id])[0]["calls_left"], left);
    }
    let refused = stage.run(&sync);
    assert!(refused.code == 5 && refused.stderr.contains("sync again from"), "{refused:?}");
    assert_eq!(stage.sandbox.counts(&id).syncs_received, 4);
}
