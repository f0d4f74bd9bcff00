//! `Retry-After`, `Date` and a status, as any server may send them to a client that obeys them.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::LocalSet;
use tokio::time::Instant;
use xs2a::{RetryPolicy, UserClient};

use crate::{assert_fit_to_log, of_two_parts, two_parts};

/// By when each call ends.
const DEADLINE: Duration = Duration::from_secs(60);

/// A byte that chooses the status and the value of `Retry-After`, a line of three dashes, and the
/// value of `Date`.
pub fn run(data: &[u8]) {
    let (after, date) = two_parts(data);
    let Some((&status, after)) = after.split_first() else { return };
    let status = [429, 503, 200, 401, 408][usize::from(status) % 5];
    let head = format!("HTTP/1.1 {status} As Told\r\nconnection: close\r\ncontent-length: 2\r\n");
    let values = [b"retry-after: ", after, b"\r\ndate: ", date, b"\r\n\r\n{}"].concat();
    EXCHANGE.with(|exchange| exchange.call([head.as_bytes(), &values].concat()));
}

/// Seconds, dates and neither.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let dates = ["Sat, 31 Jan 2026 10:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday"];
    let rfc850 = ["Saturday, 31-Jan-26 10:00:30 GMT", "Sat Jan 31 10:00:30 2026"];
    let seconds = ["0", "2", "18446744073709551615", "-1", "1.5", ""];
    for after in seconds.iter().chain(&dates).chain(&rfc850) {
        for date in dates {
            seeds.push(of_two_parts(format!("\0{after}"), date));
            seeds.push(of_two_parts(format!("\u{1}{after}"), date));
        }
    }
    seeds.push(of_two_parts("\u{2}", dates[0]));
    seeds
}

thread_local! {
    static EXCHANGE: Exchange = Exchange::new();
}

/// A client, and a server of raw sockets that answers what it is told, on one paused clock.
struct Exchange {
    runtime: Runtime,
    tasks: LocalSet,
    answer: Rc<RefCell<Vec<u8>>>,
    base_url: String,
}

impl Exchange {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let (tasks, answer) = (LocalSet::new(), Rc::new(RefCell::new(Vec::new())));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let told = Rc::clone(&answer);
        tasks.spawn_local(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { continue };
                let answer = told.borrow().clone();
                // A client that has gone needs no answer.
                let _ = stream.read(&mut [0; 4_096]).await;
                let _ = stream.write_all(&answer).await;
            }
        });
        Self { runtime, tasks, answer, base_url }
    }

    fn call(&self, answer: Vec<u8>) {
        *self.answer.borrow_mut() = answer;
        let start: Timestamp = "2026-01-31T10:00:00Z".parse().expect("a timestamp");
        let policy = RetryPolicy::default().with_deadline(DEADLINE).with_max_attempts(3);
        let http = xs2a::reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let user = UserClient::builder("token")
            .base_url(&self.base_url)
            .http_client_builder(http)
            .idle_timeout(Duration::ZERO)
            .retry(policy)
            .clock(move || start)
            .seed(1)
            .build()
            .expect("the settings are fine");
        self.tasks.block_on(&self.runtime, async {
            let began = Instant::now();
            let got = user.connections().get("con-1").await;
            let took = began.elapsed();
            assert!(took <= DEADLINE + Duration::from_millis(2), "{took:?}");
            if let Err(error) = got {
                assert!((1..=3).contains(&error.attempts()), "{error:?}");
                assert_fit_to_log(&error.to_string());
                assert_fit_to_log(&format!("{error:?}"));
            }
        });
    }
}
