//! The sandbox as a program under load: sockets that say nothing, requests that never end, and a
//! signal in the middle of all.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Sockets are few: one test has them at a time.
static SOCKETS: Mutex<()> = Mutex::new(());

/// How long a condition is waited for before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The credentials are api:KEY.
const HEAD: &str = "host: localhost\r\nauthorization: Basic YXBpOktFWQ==\r\n";

struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start() -> Self {
        // The shell allows as many sockets as it may.
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -n \"$(ulimit -H -n)\"; exec \"$@\"", "sh"])
            .args([env!("CARGO_BIN_EXE_xs2a-sandbox"), "--listen", "127.0.0.1:0"])
            .args(["--api-key", "KEY"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let address = ready.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        connect(&self.address)
    }

    fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\n{HEAD}connection: close\r\n\r\n").unwrap();
        rest_of(stream)
    }

    fn assert_serves(&self) {
        let answer = self.get("/v1/api/users");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// The most memory that the program ever had, in MB, where the system tells.
    fn most_memory(&self) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: usize = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
        Some(kilobytes / 1024)
    }

    /// Sends SIGTERM, and waits for the end.
    fn terminate(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut waited = Duration::ZERO;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(waited < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(20));
            waited += Duration::from_millis(20);
        };
        assert_eq!(status.code(), Some(0));
    }
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What a stream still brings: to its end, or to a reset.
fn rest_of(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_thousand_idle_sockets_keep_nobody_waiting_and_delay_no_end() {
    let _alone = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    let program = Program::start();
    let idle: Vec<TcpStream> = (0..1_000).map(|_| program.connect()).collect();
    for _ in 0..5 {
        program.assert_serves();
    }
    program.terminate();
    assert_eq!(idle.len(), 1_000);
}

#[test]
fn half_requests_keep_nobody_waiting_and_are_answered_when_they_are_whole() {
    let _alone = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    let program = Program::start();
    let mut heads: Vec<TcpStream> = (0..150).map(|_| program.connect()).collect();
    for head in &mut heads {
        write!(head, "GET /v1/api/users HTTP/1.1\r\n{HEAD}connection: clo").unwrap();
    }
    let mut bodies: Vec<TcpStream> = (0..150).map(|_| program.connect()).collect();
    let body = r#"{"name":"Ada","email":"ada@example.com"}"#;
    let (first, second) = body.split_at(body.len() / 2);
    for request in &mut bodies {
        let length = body.len();
        let head = "PUT /v1/api/users HTTP/1.1\r\ncontent-type: application/json\r\n";
        write!(request, "{head}{HEAD}connection: close\r\ncontent-length: {length}\r\n\r\n{first}")
            .unwrap();
    }
    program.assert_serves();
    for mut head in heads {
        head.write_all(b"se\r\n\r\n").unwrap();
        assert!(rest_of(head).starts_with("HTTP/1.1 200"));
    }
    let last = bodies.split_off(100);
    for mut request in bodies {
        request.write_all(second.as_bytes()).unwrap();
        let answer = rest_of(request);
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }
    // Fifty are still half.
    program.terminate();
    drop(last);
}

#[test]
fn giant_headers_and_bodies_are_refused_and_take_no_memory() {
    let _alone = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    let program = Program::start();
    program.assert_serves();
    let chunk = [b'a'; 64 * 1024];

    // Writes until the server has heard enough, at most 64 MB; gives what it answers.
    let flood = |head: String, part: &[u8]| {
        let mut stream = program.connect();
        stream.write_all(head.as_bytes()).unwrap();
        let parts = 64 * 1024 * 1024 / part.len();
        let sent = (0..parts).take_while(|_| stream.write_all(part).is_ok()).count();
        (rest_of(stream), sent < parts)
    };
    let long_header = format!("GET /v1/api/users HTTP/1.1\r\n{HEAD}x-long: ");
    let (answer, was_stopped) = flood(long_header, &chunk);
    assert!(was_stopped && (answer.is_empty() || answer.starts_with("HTTP/1.1 431")), "{answer}");
    let many_headers = format!("GET /v1/api/users HTTP/1.1\r\n{HEAD}");
    let (answer, was_stopped) = flood(many_headers, b"x-one-of-many: value\r\n");
    assert!(was_stopped && (answer.is_empty() || answer.starts_with("HTTP/1.1 4")), "{answer}");
    let long_line = "GET /v1/api/users?".to_owned();
    let (answer, was_stopped) = flood(long_line, &chunk);
    assert!(was_stopped && (answer.is_empty() || answer.starts_with("HTTP/1.1 4")), "{answer}");

    let length = 10_u64 << 30;
    let body = format!("PUT /v1/api/users HTTP/1.1\r\n{HEAD}content-length: {length}\r\n\r\n");
    let (answer, was_stopped) = flood(body, &chunk);
    assert!(was_stopped && (answer.is_empty() || answer.starts_with("HTTP/1.1 413")), "{answer}");
    let chunked = format!("PUT /v1/api/users HTTP/1.1\r\n{HEAD}transfer-encoding: chunked\r\n\r\n");
    let part = [b"10000\r\n", &chunk[..], b"\r\n"].concat();
    let (answer, was_stopped) = flood(chunked, &part);
    assert!(was_stopped && (answer.is_empty() || answer.starts_with("HTTP/1.1 413")), "{answer}");

    program.assert_serves();
    if let Some(most) = program.most_memory() {
        println!("at most {most} MB");
        assert!(most < 200, "{most} MB");
    }
    program.terminate();
}

#[test]
fn sigterm_under_load_ends_cleanly_and_cuts_no_answer() {
    let _alone = SOCKETS.lock().unwrap_or_else(PoisonError::into_inner);
    let program = Program::start();
    let (address, ends) = (program.address.clone(), AtomicBool::new(false));
    let whole = AtomicUsize::new(0);
    thread::scope(|scope| {
        for caller in 0..8 {
            let (address, ends, whole) = (&address, &ends, &whole);
            scope.spawn(move || {
                let body = r#"{"name":"Ada","email":"ada@example.com"}"#;
                while !ends.load(Ordering::Relaxed) {
                    // From the signal on, nobody listens.
                    let Ok(mut stream) = TcpStream::connect(address) else { break };
                    stream.set_read_timeout(Some(PATIENCE)).unwrap();
                    let (method, body) = if caller % 2 == 0 { ("GET", "") } else { ("PUT", body) };
                    let head = "connection: close\r\ncontent-type: application/json\r\n";
                    let length = body.len();
                    let request = format!(
                        "{method} /v1/api/users HTTP/1.1\r\n{HEAD}{head}content-length: {length}\r\n\r\n{body}"
                    );
                    if stream.write_all(request.as_bytes()).is_err() {
                        break;
                    }
                    let answer = rest_of(stream);
                    if answer.is_empty() {
                        break;
                    }
                    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole head");
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    let length: usize = length.expect("a length").parse().unwrap();
                    assert_eq!(length, body.len(), "{answer}");
                    whole.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while whole.load(Ordering::Relaxed) < 200 {
            thread::sleep(Duration::from_millis(5));
        }
        program.terminate();
        ends.store(true, Ordering::Relaxed);
    });
    println!("{} whole answers", whole.load(Ordering::Relaxed));
}
