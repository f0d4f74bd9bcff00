//! What it costs to keep connections, or not to.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use xs2a::types::CreateConnectionRequest;
use xs2a::{ErrorKind, RetryPolicy, UserClient};

use crate::report::Table;
use crate::server::{HOUR, Server};
use crate::{Error, runtime};

/// How long the server keeps an idle connection: seconds, in reality.
const SERVER_IDLE: Duration = Duration::from_millis(250);
/// How long a worker pauses at most between two calls: twice as long.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
const WORKERS: u64 = 400;
const RUNS_FOR: Duration = Duration::from_secs(6);

const REASON: &str = "\
The reason for the default of `ClientBuilder::idle_timeout`: 400 clients that pause for 0 to 500 ms, \
and a server that closes connections which are idle for 250 ms. The server closes without a word, and \
its closing takes 5 ms to arrive, as over a network. Whoever keeps connections for longer than the \
server sends some calls into that gap; they end without anybody knowing whether the server has acted, \
which for a sync means to look instead of to repeat. With a time-out below the server's there are none, \
and just below it almost no connection is given up for that. Hence the default of 4 s, below the 5 s at \
which common servers begin to close. Set it to nine tenths of what your gateway keeps, or to zero if \
you do not know. TLS makes each new connection dearer than this plain HTTP shows. The row is about \
behaviour, not about speed: it compares settings of this client with one another.";

/// Clients that call now and then, under several time-outs for idle connections.
///
/// # Errors
/// When the server cannot be started.
pub fn table() -> Result<Table, Error> {
    let mut rows = Vec::new();
    for (name, idle) in [
        ("zero: a connection for each call", Duration::ZERO),
        ("half of the server's", SERVER_IDLE / 2),
        ("nine tenths of the server's", SERVER_IDLE * 9 / 10),
        ("twice the server's", SERVER_IDLE * 2),
        ("an hour", HOUR),
    ] {
        let server = Server::start(SERVER_IDLE)?;
        let client = || {
            UserClient::builder("token")
                .base_url(server.url())
                .idle_timeout(idle)
                .retry(RetryPolicy::off())
                .build()
        };
        let clients = (0..WORKERS).map(|_| client()).collect::<Result<Vec<_>, _>>()?;
        let workers = clients
            .iter()
            .zip(0..)
            .map(|(client, seed)| worker(client.connections(), fastrand::Rng::with_seed(seed)));
        let results = runtime()?.block_on(join_all(workers));
        let calls: u32 = results.iter().map(|(calls, _)| calls).sum();
        let unknown: u32 = results.iter().map(|(_, unknown)| unknown).sum();
        let connections = server.seen()?.connections;
        let calls = f64::from(calls);
        let values =
            [calls, connections as f64 * 100.0 / calls, f64::from(unknown) * 10_000.0 / calls];
        rows.push((name.to_owned(), values.map(Some).to_vec()));
    }
    Ok(Table {
        key: "idling".to_owned(),
        title: "keep connections for the next call".to_owned(),
        reason: REASON.to_owned(),
        columns: vec![
            ("calls".to_owned(), 0),
            ("new connections per 100".to_owned(), 1),
            ("fate unknown per 10,000".to_owned(), 1),
        ],
        rows,
    })
}

/// Calls for a while, with pauses. How often it called, and how often it does not know what became
/// of the call.
async fn worker(connections: xs2a::Connections, mut random: fastrand::Rng) -> (u32, u32) {
    let (mut calls, mut unknown) = (0, 0);
    let request = CreateConnectionRequest::new();
    let started = Instant::now();
    while started.elapsed() < RUNS_FOR {
        tokio::time::sleep(LONGEST_PAUSE.mul_f64(random.f64())).await;
        calls += 1;
        let result = connections.create(&request).await;
        let kind = result.err().map(|error| error.kind());
        unknown += u32::from(matches!(kind, Some(ErrorKind::Interrupted | ErrorKind::Timeout)));
    }
    (calls, unknown)
}
