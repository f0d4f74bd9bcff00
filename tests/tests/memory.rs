//! Memory that is given back, counted to the byte: what the process has allocated, whatever its
//! allocator keeps of that.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::IntoFuture;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use peak_alloc::PeakAlloc;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinHandle};
use xs2a::UserClient;
use xs2a::sync::{Action, SyncPolicy};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const KIB: usize = 1024;
const HOUR: Duration = Duration::from_secs(3600);

/// A server that keeps nothing: each connection is healthy, and was synced at the beginning of the year.
async fn healthy_connections() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    url
}

async fn serve(mut stream: TcpStream) {
    let mut request = Vec::new();
    while stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) {
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let line = String::from_utf8_lossy(&request);
        let id = line.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap();
        let body = json!({
            "id": id, "transaction": format!("tra-{id}"), "sync_mode": "full", "sync_active": false,
            "sync_fail_counter": 0, "last_synced": "2026-01-01 10:11:12",
        });
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        request.clear();
        if stream.write_all((head + &body).as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Watches these connections, each in a task of its own, and returns when all of them wait.
async fn watch(user: &UserClient, connections: Range<usize>) -> Vec<JoinHandle<()>> {
    const AT_ONCE: usize = 16;
    let waiting = Arc::new(AtomicUsize::new(0));
    let policy = SyncPolicy::default().with_pauses(HOUR, 2 * HOUR).with_deadline(10 * HOUR);
    let mut waits = Vec::new();
    for number in connections {
        let counter = Arc::clone(&waiting);
        let run = user.connections().watch(format!("con-{number}")).policy(policy.clone());
        let run = run.on_progress(move |action| {
            if let Action::WaitUntil(_) = action {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        waits.push(tokio::spawn(async move {
            let ended = run.into_future().await;
            panic!("a watch ended: {ended:?}");
        }));
        while waits.len() >= waiting.load(Ordering::Relaxed) + AT_ONCE {
            tokio::task::yield_now().await;
        }
    }
    while waiting.load(Ordering::Relaxed) < waits.len() {
        tokio::task::yield_now().await;
    }
    waits
}

#[tokio::test]
async fn waits_that_are_dropped_give_all_their_memory_back() {
    const WAITS: usize = 1000;
    let user = UserClient::builder("token").base_url(healthy_connections().await).build().unwrap();
    // What the first ones need stays for all: the connections, and the queue of the runtime.
    watch_and_drop(&user, 0..WAITS).await;
    let before = MEMORY.current_usage();
    for time in 1..=3 {
        let held = watch_and_drop(&user, time * WAITS..(time + 1) * WAITS).await - before;
        assert!(held > WAITS * KIB, "{WAITS} waits hold {held} bytes");
        let left = MEMORY.current_usage().saturating_sub(before);
        assert!(left < 16 * KIB, "after {time} times {WAITS} waits, {left} bytes are left");
    }
}

/// Watches these connections, and gives what is allocated while all of them wait. Then the waits are
/// dropped.
async fn watch_and_drop(user: &UserClient, connections: Range<usize>) -> usize {
    let waits = watch(user, connections).await;
    let allocated = MEMORY.current_usage();
    waits.iter().for_each(JoinHandle::abort);
    let ended = join_all(waits).await;
    assert!(ended.iter().all(|ended| ended.as_ref().is_err_and(JoinError::is_cancelled)));
    allocated
}
