//! How an application tests itself against the sandbox.
use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};

#[tokio::test]
async fn a_bank_that_keeps_no_credentials_wants_the_user() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.add_user("Ada");
    let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::None));
    let banks = morning_sync::Banks::open(sandbox.base_url(), user.token()).unwrap();
    let told = banks.refresh(&connection).await.unwrap();
    assert_eq!(told, "Please log in at your bank.");
    assert_eq!(sandbox.violations(), []);
}
