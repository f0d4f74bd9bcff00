//! TLS from end to end, with certificates made in the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::error::Error as _;

use reqwest::{Certificate, Identity};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use xs2a::types::CreateConnectionRequest;
use xs2a::{Error, ErrorKind, Fate, Operation, RetryPolicy, UserClient};
use xs2a_tests::calls::success;
use xs2a_tests::raw_server::{RawServer, Reaction};
use xs2a_tests::tls_front::{Authority, Handshake, TlsFront};

/// A year in which a certificate is still valid, and one in which it is not any more.
const VALID: i32 = 2999;
const EXPIRED: i32 = 2020;

async fn service() -> RawServer {
    RawServer::start([], Reaction::Answer(success(Operation::CreateConnection))).await
}

/// A client of an authority's servers, and of no other.
fn client(url: &str, authority: &Authority, identity: Option<String>) -> UserClient {
    let ca = Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let mut http = reqwest::Client::builder().no_proxy().tls_certs_only([ca]);
    if let Some(pem) = identity {
        http = http.identity(Identity::from_pem(pem.as_bytes()).unwrap());
    }
    let builder = UserClient::builder("token").base_url(url).http_client_builder(http);
    builder.retry(RetryPolicy::off()).build().unwrap()
}

/// Creates a connection, which has to be acted on at most once.
async fn create(user: &UserClient) -> Result<(), Error> {
    user.connections().create(&CreateConnectionRequest::new()).await.map(drop)
}

fn causes(error: &Error) -> String {
    let mut words = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.join(": ")
}

#[tokio::test]
async fn an_own_authority_and_a_client_certificate_are_taken_from_the_http_client() {
    let authority = Authority::new("ours");
    let server = service().await;
    for (versions, clients) in [
        (&[&TLS12][..], None),
        (&[&TLS13], None),
        (&[&TLS12], Some(&authority)),
        (&[&TLS13], Some(&authority)),
    ] {
        let certificate = authority.certify("localhost", VALID);
        let front = TlsFront::start(Handshake { certificate, clients, versions }, server.address());
        let front = front.await;
        let identity = clients.map(|clients| clients.certify("our-client", VALID).pem());
        create(&client(&front.url(), &authority, identity)).await.unwrap();
    }
    assert_eq!(server.log().acted, 4);
}

/// Each of these ends before a request is on its way, so that the call may be made again.
#[tokio::test]
async fn a_handshake_that_fails_is_no_connection() {
    let (authority, stranger) = (Authority::new("ours"), Authority::new("a stranger"));
    let server = service().await;
    for (name, signed_by, host, until, cause) in [
        ("wrong name", &authority, "bank.invalid", VALID, "not valid for name"),
        ("expired", &authority, "localhost", EXPIRED, "expired"),
        ("unknown authority", &stranger, "localhost", VALID, "UnknownIssuer"),
    ] {
        for versions in [[&TLS12], [&TLS13]] {
            let certificate = signed_by.certify(host, until);
            let handshake = Handshake { certificate, clients: None, versions: &versions };
            let front = TlsFront::start(handshake, server.address()).await;
            let error = create(&client(&front.url(), &authority, None)).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.fate()),
                (ErrorKind::Connect, Fate::NotActed),
                "{name}"
            );
            assert!(causes(&error).contains(cause), "{name}: {}", causes(&error));
        }
    }
    assert_eq!(server.log().reactions, 0);
}

/// With TLS 1.3, the request is on its way before the server refuses to shake hands.
#[tokio::test]
async fn a_client_certificate_that_is_demanded_and_not_there_is_no_connection() {
    let authority = Authority::new("ours");
    let server = service().await;
    for versions in [[&TLS12], [&TLS13]] {
        let certificate = authority.certify("localhost", VALID);
        let handshake = Handshake { certificate, clients: Some(&authority), versions: &versions };
        let front = TlsFront::start(handshake, server.address()).await;
        for _ in 0..20 {
            let error = create(&client(&front.url(), &authority, None)).await.unwrap_err();
            let told = causes(&error);
            assert_eq!(
                (error.kind(), error.fate()),
                (ErrorKind::Connect, Fate::NotActed),
                "{told}"
            );
        }
    }
    assert_eq!(server.log().reactions, 0);
}

/// A call that may not be acted on twice is repeated all the same, and then acted on once.
#[tokio::test(start_paused = true)]
async fn a_call_is_repeated_after_a_client_certificate_was_demanded() {
    let authority = Authority::new("ours");
    let server = service().await;
    let certificate = authority.certify("localhost", VALID);
    let handshake = Handshake { certificate, clients: Some(&authority), versions: &[&TLS13] };
    let front = TlsFront::start(handshake, server.address()).await;
    let user = client(&front.url(), &authority, None).with_retry(RetryPolicy::default());
    let error = create(&user).await.unwrap_err();
    assert_eq!((error.attempts(), error.fate()), (5, Fate::NotActed));
}

/// Without the alert, the end of a connection says nothing.
#[tokio::test]
async fn a_tls_connection_that_breaks_leaves_the_fate_open() {
    let authority = Authority::new("ours");
    for reaction in [Reaction::ResetUnread, Reaction::ResetAfterActing] {
        let server = RawServer::start([], reaction).await;
        let certificate = authority.certify("localhost", VALID);
        let handshake = Handshake { certificate, clients: None, versions: &[&TLS13] };
        let front = TlsFront::start(handshake, server.address()).await;
        let error = create(&client(&front.url(), &authority, None)).await.unwrap_err();
        assert_eq!((error.kind(), error.fate()), (ErrorKind::Interrupted, Fate::Unknown));
    }
}

#[tokio::test]
async fn a_cut_answer_over_tls_was_acted_on() {
    let authority = Authority::new("ours");
    let cut = Reaction::CutBody(success(Operation::CreateConnection));
    let server = RawServer::start([], cut).await;
    let certificate = authority.certify("localhost", VALID);
    let handshake = Handshake { certificate, clients: None, versions: &[&TLS13] };
    let front = TlsFront::start(handshake, server.address()).await;
    let error = create(&client(&front.url(), &authority, None)).await.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Truncated, Fate::Acted));
}

/// What a server says that speaks TLS 1.0, or no TLS at all.
#[tokio::test]
async fn a_server_of_an_old_protocol_is_not_talked_to() {
    // The head of a record of TLS 1.0, and a hello that chooses TLS 1.0 with AES 128.
    let hello = [&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0, 47, 0]].concat();
    let alert = vec![21, 3, 1, 0, 2, 2, 70];
    for (name, says) in [
        ("TLS 1.0", hello),
        ("protocol version", alert),
        ("SSL 2", vec![128, 4, 4, 0, 1, 0]),
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.readable().await.unwrap();
            stream.write_all(&says).await.unwrap();
            // Until the client gives up.
            stream.read_to_end(&mut Vec::new()).await.ok();
        });
        let error = create(&client(&url, &Authority::new("ours"), None)).await.unwrap_err();
        assert_eq!((error.kind(), error.fate()), (ErrorKind::Connect, Fate::NotActed), "{name}");
        server.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_handshake_ends_with_the_time_for_connecting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move { listener.accept().await.unwrap() });
    let error = create(&client(&url, &Authority::new("ours"), None)).await.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Connect, Fate::NotActed));
    assert_eq!(error.elapsed().as_secs(), 5);
    drop(server.await.unwrap());
}
