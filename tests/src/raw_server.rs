//! A server of raw sockets that answers, stalls, cuts and resets as it is told, and counts what it
//! acted on.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// What the server does with one request.
#[derive(Clone)]
pub enum Reaction {
    /// Answers. Acts when the status is a success.
    Answer(Answer),
    /// Answers as the request deserves. Acts when the status is a success.
    By(Arc<dyn Fn(&Request) -> Answer + Send + Sync>),
    /// Answers, then closes the connection without having announced it.
    AnswerAndClose(Answer),
    /// Resets the connection before it has read the request.
    ResetUnread,
    /// Reads the request, acts on it and resets the connection.
    ResetAfterActing,
    /// Reads the request, acts on it and says nothing.
    StallHeaders,
    /// Acts, sends the headers and half of the body, and no more.
    StallBody(Answer),
    /// Acts, sends the headers and half of the body, and closes.
    CutBody(Answer),
    /// Speaks something that is not TLS where a handshake is expected.
    Garbage,
    /// Reads the request, sends these bytes and closes.
    Raw(Vec<Piece>),
}

/// Bytes as they go over the wire.
#[derive(Clone, Debug)]
pub struct Piece {
    bytes: Arc<[u8]>,
    times: usize,
    pause: Duration,
}

impl Piece {
    /// These bytes, once.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self { bytes: bytes.as_ref().into(), times: 1, pause: Duration::ZERO }
    }

    /// The same bytes over and over.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// A pause after each time.
    pub fn every(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
}

impl Reaction {
    /// Answers as the request deserves.
    pub fn by(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::By(Arc::new(answer))
    }
}

/// An answer as it goes over the wire.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::empty(status).header("content-type", "application/json").body(body)
    }

    /// The service's own error answer.
    pub fn error(status: u16) -> Self {
        Self::json(status, format!(r#"{{"code":{status},"message":"as told"}}"#))
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    /// The body.
    pub fn text(&self) -> &str {
        &self.body
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} As Told\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        head + "\r\n"
    }

    fn acts(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Request {
    /// When it was read, by tokio's clock.
    pub at: Instant,
    /// The method and the path with its query.
    pub line: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What happened at the server.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Connections and requests that got a reaction: attempts, seen from the server.
    pub reactions: u32,
    /// How often it acted.
    pub acted: u32,
    /// The requests it read.
    pub requests: Vec<Request>,
}

struct State {
    script: VecDeque<Reaction>,
    then: Reaction,
    log: Log,
}

impl State {
    fn next(&mut self) -> Reaction {
        self.log.reactions += 1;
        self.script.pop_front().unwrap_or_else(|| self.then.clone())
    }

    fn peek(&self) -> &Reaction {
        self.script.front().unwrap_or(&self.then)
    }
}

/// The server. It ends when it is dropped.
pub struct RawServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

impl RawServer {
    /// Starts a server on loopback that reacts to its requests as `script` says, one after the
    /// other, and to all that follow with `then`.
    pub async fn start(script: impl IntoIterator<Item = Reaction>, then: Reaction) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let address = listener.local_addr().expect("a bound listener has an address");
        let script = script.into_iter().collect();
        let state = Arc::new(Mutex::new(State { script, then, log: Log::default() }));
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, state, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happened so far.
    pub fn log(&self) -> Log {
        self.state.lock().expect("no reaction panics").log.clone()
    }

    /// Adds to the script.
    pub fn script(&self, reactions: impl IntoIterator<Item = Reaction>) {
        let mut state = self.state.lock().expect("no reaction panics");
        state.script.extend(reactions);
    }

    /// Reacts from now on, once the script is through, with `then`.
    pub fn react(&self, then: Reaction) {
        self.state.lock().expect("no reaction panics").then = then;
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves one connection. What the client does to it meanwhile is not of interest.
async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut buffer = Vec::new();
    loop {
        let unread = {
            let mut state = state.lock().expect("no reaction panics");
            let unread = matches!(state.peek(), Reaction::ResetUnread | Reaction::Garbage);
            unread.then(|| state.next())
        };
        match unread {
            None => {}
            Some(Reaction::Garbage) => {
                stream.write_all(b"this is not TLS\r\n\r\n").await.ok();
                return;
            }
            Some(_) => {
                // A reset that comes with the connection would pass for one that never was.
                stream.peek(&mut [0]).await.ok();
                stream.set_zero_linger().ok();
                return;
            }
        }
        let Some(request) = read_request(&mut stream, &mut buffer).await else {
            return;
        };
        let reaction = {
            let mut state = state.lock().expect("no reaction panics");
            let reaction = match state.next() {
                Reaction::By(answer) => Reaction::Answer(answer(&request)),
                reaction => reaction,
            };
            state.log.requests.push(request);
            state.log.acted += u32::from(match &reaction {
                Reaction::Answer(answer) | Reaction::AnswerAndClose(answer) => answer.acts(),
                Reaction::ResetUnread | Reaction::Garbage => false,
                _ => true,
            });
            reaction
        };
        let (answer, sent) = match &reaction {
            Reaction::Answer(answer) | Reaction::AnswerAndClose(answer) => {
                (answer, answer.body.len())
            }
            Reaction::StallBody(answer) | Reaction::CutBody(answer) => {
                (answer, answer.body.len() / 2)
            }
            Reaction::By(_)
            | Reaction::ResetUnread
            | Reaction::ResetAfterActing
            | Reaction::Garbage => {
                stream.set_zero_linger().ok();
                return;
            }
            Reaction::StallHeaders => return stall(stream).await,
            Reaction::Raw(pieces) => {
                for piece in pieces {
                    for _ in 0..piece.times {
                        if stream.write_all(&piece.bytes).await.is_err() {
                            return;
                        }
                        if !piece.pause.is_zero() {
                            sleep(piece.pause).await;
                        }
                    }
                }
                // A close with something unread would reset what was sent away.
                stream.shutdown().await.ok();
                return stall(stream).await;
            }
        };
        let bytes = [answer.head().as_bytes(), &answer.body.as_bytes()[..sent]].concat();
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
        match reaction {
            Reaction::Answer(_) => {}
            Reaction::StallBody(_) => return stall(stream).await,
            _ => return,
        }
    }
}

/// Holds the connection until the client gives up.
async fn stall(mut stream: TcpStream) {
    let mut rest = [0; 1024];
    while matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {}
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let mut chunk = [0; 4096];
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    buffer.drain(..head_end + 4);
    let mut lines = head.split("\r\n");
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Request { at: Instant::now(), line, headers, body: String::new() };
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while buffer.len() < length {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
        }
    }
    request.body = String::from_utf8_lossy(&buffer[..length]).into_owned();
    buffer.drain(..length);
    Some(request)
}
