//! How the client handles servers and gateways that answer in their own way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use xs2a_client::types::{
    CreateConnectionRequest, GetAccountReportQuery, GetAccountTurnoversQuery, ListConnectionsQuery,
    SyncConnectionRequest, SyncConnectionResponse, SyncMode,
};
use xs2a_client::{Client, Credentials, Error, ErrorKind, Fate, Operation};

/// A server that sends one answer per connection. In the end it gives all requests that it received.
struct Server {
    address: String,
    requests: JoinHandle<Vec<String>>,
}

impl Server {
    async fn answering<const N: usize>(answers: [String; N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = tokio::spawn(async move {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                requests.push(read_request(&mut stream).await);
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
            requests
        });
        Self { address, requests }
    }

    async fn requests(self) -> Vec<String> {
        self.requests.await.unwrap()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return text.into_owned();
            }
        }
        let count = stream.read(&mut piece).await.unwrap();
        assert_ne!(count, 0, "the request broke off: {text}");
        request.extend_from_slice(&piece[..count]);
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

fn client(address: &str) -> Client {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
        .no_proxy()
        .build()
        .unwrap();
    Client::new(address.parse().unwrap(), http, Credentials::new("tok-0f5e-secret"))
}

const CONNECTION: &str = r#"{"id":"con-1","sync_active":true,"sync_fail_counter":0}"#;

async fn get(status: &str, headers: &str, body: &str) -> Error {
    let server = Server::answering([answer(status, headers, body)]).await;
    let result = client(&server.address).get_connection(&"con-1".into()).await;
    result.unwrap_err()
}

#[tokio::test]
async fn a_gateways_html_keeps_status_operation_and_body() {
    let error = get("502 Bad Gateway", "content-type: text/html\r\n", "<h1>502</h1>").await;
    assert_eq!(error.operation(), Operation::GetConnection);
    assert_eq!(error.kind(), &ErrorKind::Status);
    assert_eq!(error.status().unwrap(), 502);
    assert_eq!(error.headers().unwrap()["content-type"], "text/html");
    assert_eq!(&error.body().unwrap()[..], b"<h1>502</h1>");
    assert_eq!(error.api_error(), None);
    assert_eq!(error.fate(), Fate::Unknown);
    assert_eq!(error.to_string(), "get_connection was answered with 502 Bad Gateway");
}

#[tokio::test]
async fn an_empty_500_keeps_status_and_operation() {
    let error = get("500 Internal Server Error", "", "").await;
    assert_eq!(error.operation(), Operation::GetConnection);
    assert_eq!(error.status().unwrap(), 500);
    assert_eq!(error.body().unwrap().len(), 0);
    assert_eq!(error.fate(), Fate::Unknown);
}

#[tokio::test]
async fn a_json_404_carries_what_the_service_says() {
    let body = r#"{"code":"404","message":"Not found"}"#;
    let error = get("404 Not Found", "", body).await;
    assert_eq!(error.operation(), Operation::GetConnection);
    assert_eq!(error.status().unwrap(), 404);
    let said = error.api_error().unwrap();
    assert_eq!((said.code.as_deref(), said.message.as_deref()), (Some("404"), Some("Not found")));
    assert_eq!(error.fate(), Fate::NotActed);
}

#[tokio::test]
async fn what_the_service_says_of_an_error_is_kept_in_whatever_form_it_comes() {
    for (body, code, text, is_from_service) in [
        (r#"{"code":422,"message":"No"}"#, Some("422"), Some("No"), true),
        (r#"{"code":422,"message":["a","b"]}"#, Some("422"), Some("a, b"), true),
        (r#"{"code":"E_42","message":["a","b"]}"#, Some("E_42"), Some("a, b"), false),
        (
            r#"{"code":422,"message":{"email":["is taken"]}}"#,
            Some("422"),
            Some("email: is taken"),
            true,
        ),
        (
            r#"{"code":422,"message":"No","errors":{"email":["taken","too long"],"name":"missing"}}"#,
            Some("422"),
            Some("No (email: taken, too long; name: missing)"),
            true,
        ),
        (
            r#"{"code":422,"errors":{"email":{"rule":"unique"}}}"#,
            Some("422"),
            Some("email: rule: unique"),
            false,
        ),
        (r#"{"message":"No","errors":["a","b"]}"#, None, Some("No (0: a; 1: b)"), false),
        (r#"{"code":{"a":1},"message":"No"}"#, None, Some("No"), false),
        (r#"{"code":422,"message":false}"#, Some("422"), None, false),
        (r#""No""#, None, Some("No"), false),
        ("\u{feff}{\"code\":422,\"message\":\"No\"}", Some("422"), Some("No"), true),
    ] {
        let error = get("422 Unprocessable Entity", "", body).await;
        let said = error.api_error().unwrap();
        assert_eq!((said.code.as_deref(), said.text().as_deref()), (code, text), "{body}");
        assert_eq!(error.is_from_service(), is_from_service, "{body}");
    }
    for nothing in ["{}", "[]", "null", "false", r#"{"error":"x"}"#, "<p>No</p>", ""] {
        let error = get("422 Unprocessable Entity", "", nothing).await;
        assert_eq!(error.api_error(), None, "{nothing}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_around_entries_is_told_by_the_answer() {
    let body = r#"{"total":"many","per_page":{},"data":[{"id":"con-1","sync_active":"1",
        "sync_fail_counter":"0"},{"id":"con-2","sync_active":1,"sync_fail_counter":""}]}"#;
    let server = Server::answering([answer("200 OK", "", body)]).await;
    let client = client(&server.address);
    let page = client.list_connections(&ListConnectionsQuery::new()).await.unwrap();
    let skipped: Vec<&str> = page.skipped().iter().map(|skipped| skipped.path()).collect();
    assert_eq!(skipped, ["total", "per_page"]);
    let page = page.map(|page| page.data);
    assert_eq!(page.skipped().len(), 2);
    assert_eq!((page.inner().len(), page.inner().unreadable()[0].position()), (1, 1));
}

#[tokio::test]
async fn each_operation_has_its_own_limit_for_the_body_of_an_answer() {
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(300 * 1024));
    let long = answer("200 OK", "", &long);
    let server = Server::answering([long.clone(), long.clone(), long]).await;
    let client = client(&server.address);
    let error = client.get_session(&"tra-1".into()).await.unwrap_err();
    assert_eq!(Operation::GetSession.response_limit(), 256 * 1024);
    assert_eq!(error.kind(), &ErrorKind::TooLarge { limit: 256 * 1024 });
    let page = client.list_connections(&ListConnectionsQuery::new()).await.unwrap_err();
    assert_eq!(Operation::ListConnections.response_limit(), 4096 * 1024);
    assert!(matches!(page.kind(), ErrorKind::Decode { .. }), "{page:?}");
    let raised = client.with_response_limit(1024 * 1024);
    let error = raised.get_session(&"tra-1".into()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode { .. }), "{error:?}");
}

#[test]
fn an_operation_that_asks_the_bank_may_take_longer() {
    let slow = [
        Operation::CreateConnection,
        Operation::SyncConnection,
        Operation::ResetConnection,
        Operation::AdvanceWizard,
    ];
    for operation in Operation::ALL {
        let seconds = if slow.contains(operation) { 180 } else { 20 };
        assert_eq!(operation.attempt_timeout(), Duration::from_secs(seconds), "{operation}");
    }
}

#[tokio::test]
async fn a_429_keeps_how_long_to_wait() {
    let error = get("429 Too Many Requests", "retry-after: 30\r\n", "slow down").await;
    assert_eq!(error.headers().unwrap()["retry-after"], "30");
    assert_eq!(error.fate(), Fate::NotActed);
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_keeps_its_status_and_what_arrived() {
    let cut = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 100\r\n\r\nhalf".to_owned();
    let server = Server::answering([cut]).await;
    let result = client(&server.address).get_connection(&"con-1".into()).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Status);
    assert_eq!(error.status().unwrap(), 503);
    assert_eq!(&error.body().unwrap()[..], b"half");
}

#[tokio::test]
async fn the_body_of_an_error_is_bounded() {
    let error = get("500 Internal Server Error", "", &"x".repeat(1 << 20)).await;
    assert_eq!(error.status().unwrap(), 500);
    assert_eq!(error.body().unwrap().len(), 64 * 1024);
}

#[tokio::test]
async fn a_redirect_is_an_error_and_reaches_nobody() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("location: http://{}/\r\n", other.local_addr().unwrap());
    let server = Server::answering([answer("307 Temporary Redirect", &location, "")]).await;
    let request = SyncConnectionRequest::new().credentials("half-of-it");
    let result = client(&server.address).sync_connection(&"con-1".into(), &request).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Status);
    assert_eq!(error.status().unwrap(), 307);
    assert_eq!(error.fate(), Fate::Unknown);
    let nobody = tokio::time::timeout(Duration::from_millis(50), other.accept()).await;
    assert!(nobody.is_err(), "the redirect was followed");
}

#[tokio::test]
async fn a_success_that_the_specification_does_not_name_is_an_error_of_a_server_that_acted() {
    let server = Server::answering([answer("200 OK", "", "{}")]).await;
    let result = client(&server.address)
        .sync_connection(&"con-1".into(), &SyncConnectionRequest::new())
        .await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Status);
    assert_eq!(error.fate(), Fate::Acted);
}

#[tokio::test]
async fn the_status_tells_the_answers_of_a_sync_apart() {
    let session = r#"{"wizard_session_key":"wsk-1","transaction":"tra-1"}"#;
    let server = Server::answering([
        answer("202 Accepted", "", session),
        "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned(),
    ])
    .await;
    let client = client(&server.address);
    let request = SyncConnectionRequest::new();
    let asked = client.sync_connection(&"con-1".into(), &request).await.unwrap();
    assert_eq!(asked.status(), 202);
    let SyncConnectionResponse::Accepted(session) = asked.into_inner() else {
        panic!("202 is a session");
    };
    assert_eq!(session.transaction, "tra-1");
    assert_eq!(session.wizard_session_key.expose(), "wsk-1");
    let started = client.sync_connection(&"con-1".into(), &request).await.unwrap();
    assert_eq!(started.into_inner(), SyncConnectionResponse::NoContent);
}

#[tokio::test]
async fn values_and_keys_that_nobody_knows_break_nothing_and_go_back_out() {
    let page = r#"{"total":2,"per_page":15,"current_page":1,"last_page":1,"shiny":{"new":[]},
        "data":[{"id":"con-1","sync_mode":"quantum","sync_active":"1","sync_fail_counter":"2",
        "more":1},{"id":"con-2","sync_mode":"full","sync_active":false,"sync_fail_counter":0}]}"#;
    let server = Server::answering([
        answer("200 OK", "", page),
        answer("201 Created", "", r#"{"wizard_session_key":"k","transaction":"t"}"#),
    ])
    .await;
    let client = client(&server.address);
    let page =
        client.list_connections(&ListConnectionsQuery::new().page(1)).await.unwrap().into_inner();
    let mode = page.data[0].sync_mode.clone().unwrap();
    assert!(matches!(mode, SyncMode::Unknown(_)));
    assert_eq!(mode.to_string(), "quantum");
    assert_eq!(page.data[0].sync_fail_counter, 2);
    assert_eq!(page.data[1].sync_mode, Some(SyncMode::Full));

    let request = CreateConnectionRequest::new().sync_mode(mode);
    client.create_connection(&request).await.unwrap();
    let requests = server.requests().await;
    assert!(requests[0].starts_with("GET /v1/api/connections?page=1 HTTP/1.1\r\n"));
    assert!(requests[1].ends_with("\r\n\r\n{\"sync_mode\":\"quantum\"}"));
}

#[tokio::test]
async fn a_success_that_breaks_off_means_that_the_server_acted() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":".to_owned();
    let server = Server::answering([cut]).await;
    let result = client(&server.address).get_connection(&"con-1".into()).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Body);
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.fate(), Fate::Acted);
}

#[tokio::test]
async fn a_success_over_the_limit_is_an_error_and_not_memory() {
    let server =
        Server::answering([answer("200 OK", "", CONNECTION), answer("200 OK", "", CONNECTION)])
            .await;
    let client = client(&server.address);
    let just = client.with_response_limit(CONNECTION.len());
    assert_eq!(just.get_connection(&"con-1".into()).await.unwrap().inner().id, "con-1");
    let limit = CONNECTION.len() - 1;
    let result = client.with_response_limit(limit).get_connection(&"con-1".into()).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TooLarge { limit });
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.body().unwrap().len(), limit);
    assert_eq!(error.fate(), Fate::Acted);
}

#[tokio::test]
async fn an_unreadable_success_names_the_field_and_shows_no_payload() {
    let body = CONNECTION.replace("true", r#""tok-from-the-body""#);
    let error = get("200 OK", "x-request-id: 7\r\n", &body).await;
    let ErrorKind::Decode { path, .. } = error.kind() else {
        panic!("{error:?}");
    };
    assert_eq!(path, "sync_active");
    assert_eq!(error.headers().unwrap()["x-request-id"], "7");
    assert_eq!(error.fate(), Fate::Acted);
    assert!(!format!("{error} {error:?}").contains("tok-from"));
}

#[tokio::test]
async fn ids_that_would_change_the_path_send_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let request = SyncConnectionRequest::new();
    let errors = [
        client.get_connection(&"..".into()).await.unwrap_err(),
        client.delete_connection(&"".into()).await.unwrap_err(),
        client.sync_connection(&"a/../b".into(), &request).await.unwrap_err(),
        client.reset_connection(&"..\\x".into()).await.unwrap_err(),
        client.get_account(&".\n.".into()).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error.kind(), ErrorKind::InvalidRequest { .. }));
        assert_eq!(error.fate(), Fate::NotActed);
        assert_eq!(error.status(), None);
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "something was sent");
}

#[tokio::test]
async fn a_refused_connection_is_known_to_be_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client(&address).get_connection(&"con-1".into()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Connect);
    assert_eq!(error.fate(), Fate::NotActed);
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_leaves_the_fate_open() {
    let server = Server::answering([String::new()]).await;
    let result = client(&server.address).reset_connection(&"con-1".into()).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Interrupted);
    assert_eq!(error.fate(), Fate::Unknown);
}

#[tokio::test]
async fn silence_leaves_the_fate_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let http =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(100)).build().unwrap();
    let client = Client::new(address.parse().unwrap(), http, Credentials::new("t"));
    let (result, _kept_open) =
        tokio::join!(client.reset_connection(&"con-1".into()), listener.accept());
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    assert_eq!(error.fate(), Fate::Unknown);
}

#[tokio::test]
async fn each_client_sends_its_own_secret_and_no_header_beside_what_is_needed() {
    let server = Server::answering([
        answer("200 OK", "", CONNECTION),
        answer("200 OK", "", CONNECTION),
        answer("202 Accepted", "", r#"{"wizard_session_key":"k","transaction":"t"}"#),
    ])
    .await;
    let first = client(&server.address);
    let second = first.with_credentials(Credentials::new("another"));
    first.get_connection(&"con-1".into()).await.unwrap();
    second.get_connection(&"con-1".into()).await.unwrap();
    let force = SyncConnectionRequest::new().force(true);
    first.sync_connection(&"con-1".into(), &force).await.unwrap();

    let requests = server.requests().await;
    // base64 of `api:tok-0f5e-secret` and of `api:another`.
    let secrets = [
        "Basic YXBpOnRvay0wZjVlLXNlY3JldA==",
        "Basic YXBpOmFub3RoZXI=",
        "Basic YXBpOnRvay0wZjVlLXNlY3JldA==",
    ];
    let needed = [
        &["accept", "authorization", "host"][..],
        &["accept", "authorization", "host"][..],
        &["accept", "authorization", "content-length", "content-type", "host"][..],
    ];
    for ((request, secret), needed) in requests.iter().zip(secrets).zip(needed) {
        let (head, _) = request.split_once("\r\n\r\n").unwrap();
        let mut headers: Vec<_> =
            head.lines().skip(1).map(|line| line.split_once(": ").unwrap()).collect();
        headers.sort_unstable();
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, needed);
        assert_eq!(headers[1].1, secret);
    }
}

#[tokio::test]
async fn every_request_names_the_media_types_of_its_answers() {
    let server = Server::answering([
        answer("200 OK", "", "<html></html>"),
        answer("200 OK", "", CONNECTION),
        answer("204 No Content", "", ""),
    ])
    .await;
    let client = client(&server.address);
    let query = GetAccountReportQuery::new();
    client.get_account_report(&"acc-1".into(), &"rep-1".into(), &query).await.unwrap();
    client.get_connection(&"con-1".into()).await.unwrap();
    client.delete_connection(&"con-1".into()).await.unwrap();
    let accepted: Vec<_> = server
        .requests()
        .await
        .iter()
        .filter_map(|request| Some(request.split_once("accept: ")?.1.lines().next()?.to_owned()))
        .collect();
    // An operation whose answer is not read may still be refused with an error in JSON.
    let expected =
        ["application/json, text/html, application/pdf", "application/json", "application/json"];
    assert_eq!(accepted, expected);
}

#[tokio::test]
async fn a_call_sends_nothing_until_it_is_told_to_and_once_each_time() {
    let server = Server::answering([
        answer("503 Service Unavailable", "", "later"),
        answer("202 Accepted", "", r#"{"wizard_session_key":"k","transaction":"t"}"#),
        answer("204 No Content", "", ""),
    ])
    .await;
    let client = client(&server.address);
    let request = SyncConnectionRequest::new().credentials("half-of-it");
    let call = client.sync_connection(&"con-1".into(), &request);
    assert_eq!(call.operation(), Operation::SyncConnection);
    drop(client.sync_connection(&"con-1".into(), &request));

    assert_eq!(call.send().await.unwrap_err().status().unwrap(), 503);
    assert_eq!(call.send().await.unwrap().status(), 202);
    let another = call.clone().with_credentials(Credentials::new("another"));
    assert_eq!(another.await.unwrap().status(), 204);

    let requests = server.requests().await;
    assert_eq!(requests[0], requests[1]);
    assert!(requests[0].ends_with("\r\n\r\n{\"credentials\":\"half-of-it\"}"));
    assert!(requests[0].contains("Basic YXBpOnRvay0wZjVlLXNlY3JldA=="));
    let expected = requests[0].replace("YXBpOnRvay0wZjVlLXNlY3JldA==", "YXBpOmFub3RoZXI=");
    assert_eq!(requests[2], expected);
}

#[tokio::test]
async fn the_time_out_of_a_call_takes_the_place_of_the_clients() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()))
        .with_timeout(Duration::from_secs(600));
    let call = client.get_connection(&"con-1".into()).with_timeout(Duration::from_millis(50));
    let (result, _kept_open) = tokio::join!(call.send(), listener.accept());
    assert_eq!(result.unwrap_err().kind(), &ErrorKind::Timeout);
}

#[tokio::test]
async fn a_success_without_a_body_to_read_is_one_whatever_body_it_has() {
    let server = Server::answering([
        answer("200 OK", "", "<p>gone</p>"),
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"code\":".to_owned(),
        answer("200 OK", "", &"x".repeat(4096)),
    ])
    .await;
    let client = client(&server.address).with_response_limit(1024);
    for _ in 0..3 {
        assert_eq!(client.delete_connection(&"con-1".into()).await.unwrap().status(), 200);
    }
}

#[test]
fn a_call_goes_between_threads_and_prints_its_operation_alone() {
    fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let client = client("http://user:pass-word@127.0.0.1:1/base");
    let call =
        client.sync_connection(&"con-1".into(), &SyncConnectionRequest::new().credentials("half"));
    is_shared(&call);
    assert_eq!(format!("{call:?}"), "Call { operation: SyncConnection, .. }");
}

#[tokio::test]
async fn what_is_not_set_is_not_in_the_query_dates_are_days_and_flags_are_digits() {
    let turnovers = r#"{"id":"acc-1","turnovers":[]}"#;
    let server =
        Server::answering([answer("200 OK", "", turnovers), answer("200 OK", "", turnovers)]).await;
    let query = GetAccountTurnoversQuery::new().from("2026-01-31".parse().unwrap()).only_new(true);
    client(&server.address).get_account_turnovers(&"acc-1".into(), &query).await.unwrap();
    client(&server.address)
        .get_account_turnovers(&"acc-1".into(), &GetAccountTurnoversQuery::new())
        .await
        .unwrap();
    let requests = server.requests().await;
    let line = |index: usize| requests[index].lines().next().unwrap();
    assert_eq!(line(0), "GET /v1/api/accounts/acc-1/turnovers?from=2026-01-31&only_new=1 HTTP/1.1");
    assert_eq!(line(1), "GET /v1/api/accounts/acc-1/turnovers HTTP/1.1");
}

#[tokio::test]
async fn a_report_is_bytes_with_their_type() {
    let pdf = answer("200 OK", "content-type: application/pdf\r\n", "%PDF-1.7");
    let server = Server::answering([pdf]).await;
    let report = client(&server.address)
        .get_account_report(&"acc-1".into(), &"rep-1".into(), &GetAccountReportQuery::new())
        .await
        .unwrap();
    assert_eq!(report.headers()["content-type"], "application/pdf");
    assert_eq!(&report.inner()[..], b"%PDF-1.7");
}

#[tokio::test]
async fn neither_secret_nor_address_is_printed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client = client(&format!("http://user:pass-word@127.0.0.1:{port}/base"));
    let error = client.get_connection(&"con-secret".into()).await.unwrap_err();
    let mut printed = format!("{client:?} {error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        printed.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    for secret in ["tok-0f5e", "con-secret", "pass-word"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
