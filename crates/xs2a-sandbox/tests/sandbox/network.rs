//! Faults below HTTP, seen on raw sockets.

use std::{io::ErrorKind, time::Duration};

use base64::Engine as _;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use xs2a_sandbox::{ConnectionSeed, Fault, SyncMode};

use crate::bank::Bank;

/// What a client sees of one call.
#[derive(Debug, PartialEq)]
enum Seen {
    Reset,
    /// These bytes, and then the end of the stream.
    End(String),
    /// These bytes, and then nothing.
    Silence(String),
}

struct Caller<'a> {
    bank: &'a Bank,
    stream: TcpStream,
}

impl<'a> Caller<'a> {
    async fn connect(bank: &'a Bank) -> Self {
        let address = bank.sandbox.base_url().strip_prefix("http://").unwrap();
        Self { bank, stream: TcpStream::connect(address).await.unwrap() }
    }

    async fn send(&mut self, method: &str, path: &str) {
        let credentials = format!("api:{}", self.bank.user.token());
        let credentials = base64::engine::general_purpose::STANDARD.encode(credentials);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Basic {credentials}\r\ncontent-length: 0\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// Reads until the end, or until nothing more comes on the paused clock.
    async fn see(&mut self) -> Seen {
        let mut bytes = Vec::new();
        let read = timeout(Duration::from_secs(5), self.stream.read_to_end(&mut bytes)).await;
        let text = String::from_utf8(bytes).unwrap();
        match read {
            Err(_) => Seen::Silence(text),
            Ok(Ok(_)) => Seen::End(text),
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => Seen::Reset,
            Ok(Err(error)) => panic!("{error}"),
        }
    }
}

async fn one_sync(fault: Fault) -> (Seen, usize) {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::None));
    bank.sandbox.fault(fault).on("sync_connection").call(1);
    let mut caller = Caller::connect(&bank).await;
    caller.send("POST", &format!("/v1/api/connections/{id}/sync")).await;
    let seen = caller.see().await;
    assert_eq!(bank.sandbox.received("sync_connection"), 1);
    (seen, bank.sandbox.acted("sync_connection"))
}

#[tokio::test(start_paused = true)]
async fn a_call_is_cut_off_before_or_after_it_was_acted_on() {
    for (fault, seen, acted) in [
        (Fault::ResetBeforeActing, Seen::Reset, 0),
        (Fault::ResetAfterActing, Seen::Reset, 1),
        (Fault::CloseBeforeActing, Seen::End(String::new()), 0),
        (Fault::CloseAfterActing, Seen::End(String::new()), 1),
        (Fault::StallBeforeActing, Seen::Silence(String::new()), 0),
        (Fault::StallAfterActing, Seen::Silence(String::new()), 1),
    ] {
        assert_eq!(one_sync(fault.clone()).await, (seen, acted), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_body_ends_and_a_stalled_one_does_not() {
    let (Seen::End(cut), 1) = one_sync(Fault::CutBody).await else { panic!() };
    let (Seen::Silence(stalled), 1) = one_sync(Fault::StallBody).await else { panic!() };
    for text in [cut, stalled] {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 202"), "{head}");
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        assert_eq!(body.len(), length / 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_ends_after_the_answer_without_a_word() {
    let (seen, acted) = one_sync(Fault::CloseAfterAnswer).await;
    let Seen::End(text) = seen else { panic!("{seen:?}") };
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("connection: close"), "{head}");
    assert!(serde_json::from_str::<serde_json::Value>(body).unwrap()["transaction"].is_string());
    assert_eq!(acted, 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_the_connection_for_idle_says_so_without_a_body_and_closes() {
    let (seen, acted) = one_sync(Fault::IdleTimeout).await;
    let Seen::End(text) = seen else { panic!("{seen:?}") };
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 408 "), "{head}");
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
    assert_eq!((body, acted), ("", 0));
}

#[tokio::test]
async fn a_closed_port_refuses_and_an_open_one_serves_again() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let mut kept = Caller::connect(&bank).await;
    bank.sandbox.refuse_connections().await;
    assert!(matches!(kept.see().await, Seen::End(_) | Seen::Reset));
    let address = bank.sandbox.base_url().strip_prefix("http://").unwrap();
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    bank.sandbox.accept_connections().await;
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
}

/// A program may ask for this very port while the sandbox refuses.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_port_that_another_program_has_taken_is_served_again_when_it_is_free() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.refuse_connections().await;
    let address = bank.sandbox.base_url().strip_prefix("http://").unwrap();
    let thief = std::net::TcpListener::bind(address).unwrap();
    let leaves = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        drop(thief);
    };
    let minute = Duration::from_secs(60);
    let opens = timeout(minute, bank.sandbox.accept_connections());
    let (opened, ()) = tokio::join!(opens, leaves);
    opened.unwrap();
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_call_number_closes_the_port_for_a_while() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let lasting = Duration::from_secs(60);
    bank.sandbox.fault(Fault::Refuse { lasting }).on("sync_connection").call(1);
    let mut caller = Caller::connect(&bank).await;
    caller.send("POST", &format!("/v1/api/connections/{id}/sync")).await;
    assert_eq!(caller.see().await, Seen::Reset);
    let address = bank.sandbox.base_url().strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap_err();
    tokio::time::sleep(lasting).await;
    bank.sandbox.accept_connections().await;
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
    assert_eq!(bank.sandbox.acted("sync_connection"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_comes_when_its_time_has_come() {
    let bank = Bank::open().await;
    let start = tokio::time::Instant::now();
    bank.sandbox.fault(Fault::Delay(Duration::from_secs(30))).next();
    bank.look("/v1/api/connections").await;
    assert!(start.elapsed() >= Duration::from_secs(30));
}

#[tokio::test]
async fn requests_sent_in_one_go_are_answered_in_order() {
    let bank = Bank::open().await;
    let mut caller = Caller::connect(&bank).await;
    for _ in 0..5 {
        caller.send("GET", "/v1/api/connections?page=1").await;
    }
    caller
        .stream
        .write_all(b"GET /none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let Seen::End(text) = caller.see().await else { panic!() };
    assert_eq!(text.matches("HTTP/1.1 200").count(), 5);
    assert_eq!(text.matches("HTTP/1.1 404").count(), 1);
}

#[tokio::test]
async fn clients_that_send_nonsense_or_half_a_request_harm_nobody() {
    let bank = Bank::open().await;
    let address = bank.sandbox.base_url().strip_prefix("http://").unwrap();
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(b"POST /v1/api/connections/x/sync HTTP/1.1\r\ncontent-length: 1000\r\n\r\n{")
        .await
        .unwrap();
    let mut nonsense = TcpStream::connect(address).await.unwrap();
    nonsense.write_all(b"\x16\x03\x01 what is this\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    nonsense.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(bank.look("/v1/api/connections").await["total"], 0);
    drop(half);
}
