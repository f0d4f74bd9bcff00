//! A worker that takes up every stored job, as another worker does at the same time: for the tests
//! with real processes.
//!
//! `holder BASE_URL TOKEN NOW DATABASE SEED` runs until each connection of the user has a job that
//! has ended in the database, and prints `done`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use xs2a::{ConnectionId, SyncPolicy, UserClient};
use xs2a_tests::sqlite_store::SqliteStore;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base_url, token, database, seed] = arguments.as_slice() else {
        panic!("holder BASE_URL TOKEN DATABASE SEED");
    };
    let mut random = fastrand::Rng::with_seed(seed.parse().unwrap());
    let store = SqliteStore::open(database);
    let user = UserClient::builder(token.as_str()).base_url(base_url).build().unwrap();
    let policy = SyncPolicy::default()
        .with_deadline(Duration::from_secs(6))
        .with_settling(Duration::ZERO)
        .with_pauses(Duration::from_millis(100), Duration::from_millis(500));
    loop {
        let mut open: Vec<ConnectionId> = store.open_connections();
        if open.is_empty() {
            println!("done");
            return;
        }
        random.shuffle(&mut open);
        stream::iter(open)
            .for_each_concurrent(16, |id| {
                let (user, store, policy) = (user.clone(), store.clone(), policy.clone());
                async move {
                    let run = match store.load(&id) {
                        Some(job) => user.connections().resume(job),
                        None => user.connections().sync(&id).policy(policy),
                    };
                    // Whatever it ends with, the store says what is left to do.
                    let _ = run.save_with(move |update| store.clone().save(update)).await;
                }
            })
            .await;
    }
}
