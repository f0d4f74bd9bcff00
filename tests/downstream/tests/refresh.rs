//! How an application tests itself against the sandbox.
use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};

#[tokio::test(start_paused = true)]
async fn what_the_user_is_told_follows_from_what_the_bank_wants() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.add_user("Ada");
    let banks = morning_sync::Banks::open(sandbox.base_url(), user.token()).unwrap();
    for (mode, words) in [
        (SyncMode::None, "Please log in at your bank."),
        (SyncMode::Full, "Your accounts are up to date."),
    ] {
        let connection = sandbox.add_connection(&user, ConnectionSeed::new(mode));
        assert_eq!(banks.refresh(&connection).await.unwrap(), words);
    }
    assert_eq!(sandbox.violations(), []);
}
