//! A server that does next to nothing, in a process of its own, so that what is measured is the
//! client.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::{Error, payloads, runtime};

/// How long the news that a connection is closed takes to reach the client. What the client sends
/// meanwhile is lost.
const LATENCY: Duration = Duration::from_millis(5);

/// How long a server keeps an idle connection where idling is not what is measured.
pub const HOUR: Duration = Duration::from_secs(3600);

/// A server in a process of its own, which ends with this value.
pub struct Server {
    process: Child,
    url: String,
}

/// What a server has seen.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Seen {
    /// How many requests.
    pub requests: usize,
    /// How many connections were made.
    pub connections: usize,
    /// The last request: its first line, its headers in order, its body.
    pub last: String,
}

impl Server {
    /// Starts this program as a server. It closes, without a word, connections that are idle for
    /// longer than `idle`.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(idle: Duration) -> Result<Self, Error> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--idle-ms", &idle.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has seen so far.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn seen(&self) -> Result<Seen, Error> {
        let url = format!("{}/seen", self.url);
        runtime()?.block_on(async {
            let answer = reqwest::Client::builder().no_proxy().build()?.get(url).send().await?;
            Ok(serde_json::from_slice(&answer.bytes().await?)?)
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server ends by itself when its input is closed; killing is quicker.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server itself: prints its address, and ends when its input is closed.
///
/// # Errors
/// When there is no port.
pub fn serve(idle: Duration) -> Result<(), Error> {
    // Whoever started this process may be killed, and cannot end it then.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    runtime()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let state = Arc::new(State::default());
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                state.seen().connections += 1;
                tokio::spawn(connection(stream, Arc::clone(&state), idle));
            }
        }
    })
}

#[derive(Default)]
struct State {
    seen: Mutex<Seen>,
    /// Pages that were asked for, by their address.
    pages: Mutex<BTreeMap<String, Arc<str>>>,
}

impl State {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The whole answer to a request.
    fn answer(&self, request: &str) -> Arc<str> {
        let first = request.lines().next().unwrap_or_default();
        let mut words = first.split(' ');
        let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
        if address == "/seen" {
            return ok(&serde_json::to_string(&*self.seen()).unwrap_or_default());
        }
        {
            let mut seen = self.seen();
            seen.requests += 1;
            seen.last.clear();
            seen.last.push_str(request);
        }
        // A number before the path says how long the list is: `/1000/v1/api/connections`.
        let (length, path) = match address.split_once("/v1/api/") {
            Some((length, path)) => (length.trim_start_matches('/').parse().ok(), path),
            None => (None, address),
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match (method, path.split('/').collect::<Vec<_>>().as_slice()) {
            ("POST", ["connections", _, "sync"]) => (head("204 No Content") + "\r\n").into(),
            ("PUT", ["users", _, "accesstokens"]) => ok(
                r#"{"id":"tok-1","token":"access-token-0123456789","valid_until":"2100-01-01 00:00:00"}"#,
            ),
            ("PUT", ["connections"]) => {
                ok(r#"{"wizard_session_key":"wsk-1","transaction":"tra-1"}"#)
            }
            ("GET", ["connections", id]) => ok(&payloads::single(id)),
            ("GET", ["connections"]) => {
                let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(page) = pages.get(address) {
                    return Arc::clone(page);
                }
                let number = |name: &str| {
                    let pair = query.split('&').filter_map(|pair| pair.split_once('='));
                    let mut found = pair.filter(|(key, _)| *key == name);
                    found.next().and_then(|(_, value)| value.parse().ok())
                };
                let per_page = number("per_page").unwrap_or(15);
                let total = length.unwrap_or(per_page);
                let page = ok(&payloads::page(number("page").unwrap_or(1), per_page, total));
                // The pages of a long list are asked for once each.
                if length.is_none() {
                    pages.insert(address.to_owned(), Arc::clone(&page));
                }
                page
            }
            _ => (head("404 Not Found") + "content-length: 0\r\n\r\n").into(),
        }
    }
}

fn ok(json: &str) -> Arc<str> {
    let (head, length) = (head("200 OK"), json.len());
    format!("{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{json}").into()
}

/// The first lines of an answer, as servers send them.
fn head(status: &str) -> String {
    let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    format!("HTTP/1.1 {status}\r\nserver: nginx\r\ndate: {date}\r\ncache-control: no-cache\r\n")
}

/// Answers one connection; whatever ends it ends it.
async fn connection(mut stream: TcpStream, state: Arc<State>, idle: Duration) {
    let _ = stream.set_nodelay(true);
    let mut read = Vec::new();
    // Idle is a connection that has been used; a new one gets the time it needs.
    let mut patience = HOUR;
    loop {
        let mut chunk = [0; 4096];
        match tokio::time::timeout(patience, stream.read(&mut chunk)).await {
            Ok(Ok(count)) if count > 0 => read.extend_from_slice(&chunk[..count]),
            Ok(_) => return,
            Err(_idle) => return tokio::time::sleep(LATENCY).await,
        }
        while let Some(length) = request_length(&read) {
            let answer = state.answer(&String::from_utf8_lossy(&read[..length]));
            read.drain(..length);
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
            patience = idle;
        }
    }
}

/// The length of the first request, once it is complete.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let body = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0);
    (bytes.len() >= head + body).then_some(head + body)
}

impl Seen {
    /// The last request without the order of its headers, which means nothing.
    pub fn last_sorted(&self) -> String {
        let (head, body) = self.last.split_once("\r\n\r\n").unwrap_or((&self.last, ""));
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let mut headers: Vec<String> = lines
            .map(|line| match line.split_once(':') {
                Some((name, value)) => format!("{}:{value}", name.to_ascii_lowercase()),
                None => line.to_owned(),
            })
            .collect();
        headers.sort();
        [vec![first], headers, vec![String::new(), body.to_owned()]].concat().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_with_the_last_byte_of_its_body() {
        let whole = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(request_length(whole), Some(whole.len()));
        assert_eq!(request_length(&whole[..whole.len() - 1]), None);
        assert_eq!(request_length(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
    }

    #[test]
    fn requests_are_the_same_in_whatever_order_their_headers_come() {
        let seen = |last: &str| Seen { last: last.to_owned(), ..Seen::default() }.last_sorted();
        let one = seen("GET / HTTP/1.1\r\nAccept: */*\r\nhost: a\r\n\r\n");
        assert_eq!(one, seen("GET / HTTP/1.1\r\nHost: a\r\naccept: */*\r\n\r\n"));
        assert_ne!(one, seen("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    }
}
