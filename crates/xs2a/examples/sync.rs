//! The story of three bank connections: one that syncs, one that needs its user, one that fails.
//!
//! ```text
//! cargo run -p xs2a --example sync
//! ```
//!
//! Without an API key it runs against a sandbox of its own. With `XS2A_API_KEY` set, and optionally
//! `XS2A_BASE_URL`, it runs against that server and the test bank there, and deletes what it has
//! made. It leaves out the failures then, because no real bank fails to order.

mod test_bank;

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;
use xs2a::sync::{Action, LastAttempt, LoginOutcome, SyncHistory};
use xs2a::types::{Connection, CreateBankUserRequest, CreateConnectionRequest, SyncMode};
use xs2a::{ApiClient, ConnectionId, Snapshot, SyncOutcome, SyncPolicy, UserClient, UserSession};
use xs2a_sandbox::{BankFault, Sandbox};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let (api, sandbox) = connect().await?;
    let request = CreateBankUserRequest::new("Erika Mustermann", "erika@example.com");
    let erika = api.users().create(&request).await?;
    println!("Made the bank user {}.", erika.id);

    let user = api.user(&erika.id);
    let outcome = tell(&user, sandbox.as_ref()).await;
    let cleaned_up = test_bank::clean_up(&api, &user, &erika.id).await;
    outcome.and(cleaned_up)
}

/// The server that the environment names, or a sandbox.
async fn connect() -> Outcome<(ApiClient, Option<Sandbox>)> {
    let Ok(key) = std::env::var("XS2A_API_KEY") else {
        // On today's date: the clock of this machine decides whether a consent has ended.
        let sandbox = Sandbox::builder().starts_at(Timestamp::now()).start().await?;
        println!("No XS2A_API_KEY: a sandbox plays the service.");
        let builder = ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url());
        return Ok((builder.build()?, Some(sandbox)));
    };
    let mut builder = ApiClient::builder(key);
    if let Ok(url) = std::env::var("XS2A_BASE_URL") {
        builder = builder.base_url(url);
    }
    Ok((builder.build()?, None))
}

async fn tell(user: &UserClient, sandbox: Option<&Sandbox>) -> Outcome {
    chapter("Two connections are made: the user logs in at the bank");
    let automatic = create(user, SyncMode::Full).await?;
    let on_demand = create(user, SyncMode::None).await?;

    chapter("All connections, how they are, and what is right to do next");
    let mut connections = user.connections().list();
    while let Some(connection) = connections.next().await {
        describe(&connection?);
    }

    chapter("A sync that starts, and how it ended");
    sync(user, &automatic, policy()).await?;

    chapter("A sync that needs the user");
    if let Some(session) = sync(user, &on_demand, policy()).await? {
        println!("    show the wizard of transaction {}", session.transaction());
        test_bank::walk(user, &session, "abcdef").await?;
        match user.connections().wait_for_user(&session).await? {
            LoginOutcome::Through(connection) => {
                println!("    the user is through:");
                describe(&connection);
            }
            other => println!("    {other}"),
        }
    }

    match sandbox {
        Some(sandbox) => fail(user, sandbox, &automatic).await,
        None => Ok(()),
    }
}

async fn fail(user: &UserClient, sandbox: &Sandbox, id: &ConnectionId) -> Outcome {
    chapter("A sync that fails: the message and the counter");
    sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
    sync(user, id, policy()).await?;
    describe(&user.connections().get(id).await?);

    chapter("The forced retry");
    sync(user, id, policy()).await?;
    describe(&user.connections().get(id).await?);

    chapter("Two failures in a row, and the last attempt is kept");
    for _ in 0..2 {
        sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
        sync(user, id, policy()).await?;
    }
    sync(user, id, policy()).await?;

    chapter("Spent all the same, by name: the connection is disabled");
    sandbox.fail_next_sync(id.as_str(), BankFault::WrongPassword);
    sync(user, id, policy().with_last_attempt(LastAttempt::Spend)).await?;
    describe(&user.connections().get(id).await?);
    sync(user, id, policy()).await?;

    chapter("Deleted and created anew: the user logs in again");
    user.connections().delete(id).await?;
    let anew = create(user, SyncMode::Full).await?;
    describe(&user.connections().get(&anew).await?);
    Ok(())
}

/// Creates a connection and walks its user through the wizard.
async fn create(user: &UserClient, mode: SyncMode) -> Outcome<ConnectionId> {
    println!("  a connection in mode {mode}");
    let request = CreateConnectionRequest::new().sync_mode(mode);
    let session = user.connections().create(&request).await?;
    test_bank::walk(user, &session, "abcdef").await?;
    let connection = user.connections().get(session.transaction()).await?;
    Ok(connection.id)
}

/// Syncs a connection, tells the steps, and gives the wizard session where the user is needed.
async fn sync(
    user: &UserClient,
    id: &ConnectionId,
    policy: SyncPolicy,
) -> Outcome<Option<UserSession>> {
    let sync = user.connections().sync(id).policy(policy);
    let ended = sync
        .on_progress(|action| match action {
            Action::Look => println!("    looking"),
            Action::Call { force: false } => println!("    asking for a sync"),
            Action::Call { force: true } => println!("    asking for a sync, with force"),
            _ => {}
        })
        .await;
    match ended {
        Ok(SyncOutcome::UserNeeded(session)) => {
            println!("    the bank wants the user to log in");
            Ok(Some(session))
        }
        Ok(outcome) => {
            println!("    {outcome}");
            Ok(None)
        }
        // Refused by a rule, or failed at the bank: this story goes on.
        Err(error) => {
            println!("    {error}");
            Ok(None)
        }
    }
}

/// Looks more often than a program without an audience would.
fn policy() -> SyncPolicy {
    SyncPolicy::default().with_pauses(Duration::from_millis(200), Duration::from_secs(2))
}

fn describe(connection: &Connection) {
    let now = Timestamp::now();
    let snapshot = Snapshot::from(connection);
    println!(
        "  {} at {}: {}",
        connection.id,
        connection.bank_name.as_deref().unwrap_or("a bank"),
        snapshot.state(now)
    );
    println!(
        "    failures in a row: {}; next: {}",
        snapshot.failures,
        snapshot.next_step(&SyncPolicy::default(), &SyncHistory::default(), now)
    );
}

fn chapter(title: &str) {
    println!("\n{title}");
}
