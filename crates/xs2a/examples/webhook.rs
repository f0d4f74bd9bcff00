//! A webhook receiver that wakes a waiting sync: `cargo run -p xs2a --example webhook`.
//!
//! A sandbox plays the service and posts its events to the receiver. The receiver answers at once and
//! passes on a hint. The waiting sync looks when the hint comes, and not at its next poll.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use xs2a::sync::Action;
use xs2a::{ApiClient, Delivery, SyncPolicy};
use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/webhook", listener.local_addr()?);
    let builder = Sandbox::builder().webhook_url(address).sync_takes(Duration::from_secs(600));
    let sandbox = Arc::new(builder.start().await?);
    let api = ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;

    let receiver = Router::new().route("/webhook", post(receive)).with_state(api.clone());
    tokio::spawn(async move { axum::serve(listener, receiver).await });

    let erika = sandbox.add_user("Erika");
    let id = sandbox.add_connection(&erika, ConnectionSeed::new(SyncMode::Full));

    // Without a hint the sync looks every quarter of an hour. The bank takes ten minutes on the
    // sandbox's clock.
    let quarter = Duration::from_secs(15 * 60);
    let policy = SyncPolicy::default().with_pauses(quarter, quarter).with_deadline(4 * quarter);
    let bank = Arc::clone(&sandbox);
    let sync =
        api.user(erika.id()).connections().sync(&id).policy(policy).on_progress(move |action| {
            println!("sync: {action:?}");
            if matches!(action, Action::WaitUntil(_)) {
                bank.advance(Duration::from_secs(600));
            }
        });
    println!("sync: {}", sync.await?);
    Ok(())
}

/// Takes a delivery as a hint and nothing more: deliveries are not signed.
async fn receive(State(api): State<ApiClient>, body: Bytes) -> StatusCode {
    match Delivery::parse(&body) {
        Ok(delivery) => {
            println!("webhook: {}", delivery.event().type_);
            if let Some(connection) = delivery.connection_key() {
                api.nudge(connection);
            }
            StatusCode::NO_CONTENT
        }
        Err(error) => {
            println!("webhook: not an event, {error}");
            StatusCode::BAD_REQUEST
        }
    }
}
