//! A server that does next to nothing, so that what is measured is the client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long the news that a connection is closed takes to reach the client. What the client sends
/// meanwhile is lost.
const LATENCY: Duration = Duration::from_millis(5);

/// A server on a thread of its own, until the program ends.
pub struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers everything with 200 and this JSON. Closes, without a word, connections that are
    /// idle for longer than `idle`.
    pub fn start(json: &str, idle: Duration) -> Self {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}",
            json.len()
        );
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell.send(listener.local_addr().expect("an address"))
                    .expect("somebody wants to know");
                let answer: Arc<str> = answer.into();
                loop {
                    if let Ok((stream, _)) = listener.accept().await {
                        counted.fetch_add(1, Ordering::Relaxed);
                        tokio::spawn(serve(stream, Arc::clone(&answer), idle));
                    }
                }
            });
        });
        Self { address: told.recv().expect("the server starts"), connections }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Answers one connection; whatever ends it ends it.
async fn serve(mut stream: TcpStream, answer: Arc<str>, idle: Duration) {
    stream.set_nodelay(true).ok();
    let mut read = Vec::new();
    // Idle is a connection that has been used; a new one gets the time it needs.
    let mut patience = Duration::from_secs(60);
    loop {
        let mut chunk = [0; 4096];
        match tokio::time::timeout(patience, stream.read(&mut chunk)).await {
            Ok(Ok(count)) if count > 0 => read.extend_from_slice(&chunk[..count]),
            Ok(_) => return,
            Err(_idle) => return tokio::time::sleep(LATENCY).await,
        }
        while let Some(length) = request_length(&read) {
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
}
