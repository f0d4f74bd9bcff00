//! The client itself: whom it talks to, with which secret, and what it refuses to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use xs2a::sync::SyncReport;
use xs2a::types::{CreateConnectionRequest, SyncConnectionRequest, SyncConnectionResponse};
use xs2a::wizard::WizardStep;
use xs2a::{ApiClient, BuildError, ErrorKind, Fate, Operation, RetryPolicy, UserClient};
use xs2a_client::Scope;
use xs2a_tests::calls::{call, called_before, success};
use xs2a_tests::raw_server::{Answer, RawServer, Reaction, Request};

const SECRET: &str = "s3cr3t-t0ken";

fn user(server: &RawServer) -> UserClient {
    UserClient::builder(SECRET).base_url(server.url()).retry(RetryPolicy::off()).build().unwrap()
}

async fn answering(answer: Answer) -> RawServer {
    RawServer::start([], Reaction::Answer(answer)).await
}

#[tokio::test]
async fn whatever_the_body_is_an_error_keeps_status_and_operation() {
    let html = Answer::empty(502).header("content-type", "text/html").body("<h1>Bad Gateway</h1>");
    for (answer, status, kind, message) in [
        (html, 502, ErrorKind::Server, None),
        (Answer::empty(500), 500, ErrorKind::Server, None),
        (Answer::error(404), 404, ErrorKind::NotFound, Some("as told")),
    ] {
        let server = answering(answer).await;
        let error = user(&server).connections().get("con-1").await.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!((error.kind(), error.message()), (kind, message));
        assert_eq!(error.operation(), Operation::GetConnection);
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("get_connection: the server answered {status}")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_and_nobody_follows_it() {
    let elsewhere = answering(success(Operation::GetConnection)).await;
    for status in [301, 302, 303, 307, 308] {
        let moved = Answer::empty(status).header("location", format!("{}/stolen", elsewhere.url()));
        let server = answering(moved).await;
        let follows = reqwest::Client::builder().redirect(reqwest::redirect::Policy::limited(10));
        let own = UserClient::builder(SECRET)
            .base_url(server.url())
            .http_client_builder(follows.no_proxy())
            .build()
            .unwrap();
        for user in [user(&server), own] {
            let error =
                user.connections().create(&CreateConnectionRequest::new()).await.unwrap_err();
            assert_eq!((error.kind(), error.fate()), (ErrorKind::UnexpectedStatus, Fate::Unknown));
            assert_eq!(error.status().unwrap(), status);
            user.connections().get("con-1").await.unwrap_err();
        }
    }
    assert_eq!(elsewhere.log().reactions, 0);
}

#[tokio::test]
async fn clients_side_by_side_send_each_their_own_secret() {
    let server = answering(success(Operation::GetConnection)).await;
    let [first, second] = ["first", "second"]
        .map(|token| UserClient::builder(token).base_url(server.url()).build().unwrap());
    for user in [&first, &second, &first] {
        user.connections().get("con-1").await.unwrap();
    }
    let sent: Vec<_> = server
        .log()
        .requests
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    let basic = |token: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("api:{token}")));
    assert_eq!(sent, [basic("first"), basic("second"), basic("first")]);
}

#[tokio::test]
async fn an_id_that_would_change_the_path_sends_nothing() {
    let server = answering(Answer::error(500)).await;
    let api = ApiClient::builder(SECRET).base_url(server.url()).build().unwrap();
    let (user, request) = (user(&server), SyncConnectionRequest::new());
    let (connections, accounts) = (user.connections(), user.accounts());
    for id in ["", ".", "..", "a/../b", "../users", "a\\b", "a\nb"] {
        for error in [
            connections.get(id).await.unwrap_err(),
            connections.delete(id).await.unwrap_err(),
            connections.reset(id).await.unwrap_err(),
            connections.sync_without_rules(id, &request).await.unwrap_err(),
            accounts.get(id).await.unwrap_err(),
            accounts.balance(id).await.unwrap_err(),
            api.users().get(id).await.unwrap_err(),
            api.users().delete(id).await.unwrap_err(),
            api.access_tokens(id).list().all().await.unwrap_err(),
            api.access_tokens("usr-1").delete(id).await.unwrap_err(),
            api.sessions().get(id).await.unwrap_err(),
            api.events().get(id).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.fate()), (ErrorKind::InvalidRequest, Fate::NotActed));
            assert_eq!(error.attempts(), 0, "{id:?}: {error}");
        }
    }
    assert_eq!(server.log().reactions, 0);
}

#[tokio::test]
async fn a_sync_is_told_by_its_status_not_by_its_body() {
    let session = r#"{"wizard_session_key":"wsk-1","transaction":"tra-1"}"#;
    for (answer, started) in [(Answer::empty(204), true), (Answer::json(202, session), false)] {
        let server = answering(answer).await;
        let request = SyncConnectionRequest::new();
        let connections = user(&server).connections();
        match connections.sync_without_rules("con-1", &request).await.unwrap() {
            SyncConnectionResponse::NoContent => assert!(started),
            SyncConnectionResponse::Accepted(session) => {
                assert!(!started);
                assert_eq!(session.transaction, "tra-1");
            }
            other => panic!("{other:?} is new"),
        }
    }
    // A 200 is no answer to a sync, and a 202 without a session tells nobody where to send the user.
    for (answer, kind) in [
        (Answer::json(200, session), ErrorKind::UnexpectedStatus),
        (Answer::json(202, ""), ErrorKind::Undecodable),
    ] {
        let server = answering(answer).await;
        let (connections, request) = (user(&server).connections(), SyncConnectionRequest::new());
        let error = connections.sync_without_rules("con-1", &request).await.unwrap_err();
        assert_eq!((error.kind(), error.fate()), (kind, Fate::Acted));
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_an_error() {
    let server = answering(success(Operation::GetConnection)).await;
    let user =
        UserClient::builder(SECRET).base_url(server.url()).response_limit(64).build().unwrap();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::TooLarge, Fate::Acted));
    assert_eq!(error.attempts(), 1, "it would be too large again");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_names_the_field_and_not_its_value() {
    let body = r#"{"id":"con-1","sync_active":true,"sync_fail_counter":"s3cr3t"}"#;
    let server = answering(Answer::json(200, body)).await;
    let error = user(&server).connections().get("con-1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fate(), error.attempts()),
        (ErrorKind::Undecodable, Fate::Acted, 1)
    );
    let text = error.to_string();
    assert!(text.contains("sync_fail_counter"), "{text}");
    assert!(!format!("{text}{error:?}").contains("s3cr3t"), "{error:?}");
}

#[test]
fn plain_http_leaves_the_machine_only_by_name() {
    let build = |url: &str| UserClient::builder(SECRET).base_url(url).build();
    for url in [
        "http://127.0.0.1:1",
        "http://127.8.9.10/",
        "http://localhost:1/x",
        "http://[::1]:1",
        "https://example.com",
    ] {
        assert!(build(url).is_ok(), "{url}");
    }
    for url in [
        "http://example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://192.168.0.1",
        "http://[::2]",
        "http://0.0.0.0",
    ] {
        assert!(matches!(build(url), Err(BuildError::PlainHttp { .. })), "{url}");
        assert!(
            UserClient::builder(SECRET).base_url(url).allow_plain_http().build().is_ok(),
            "{url}"
        );
    }
}

#[test]
fn what_cannot_be_meant_builds_no_client() {
    for url in [
        "",
        "example.com",
        "ftp://example.com",
        "https://api:key@example.com",
        "https://a.b/?q",
        "https://a.b/#f",
    ] {
        let built = UserClient::builder(SECRET).base_url(url).build();
        assert!(matches!(built, Err(BuildError::BaseUrl(_))), "{url}");
    }
    for blank in ["", " \n"] {
        assert!(matches!(ApiClient::builder(blank).build(), Err(BuildError::EmptySecret)));
    }
    for torn in ["key\n", "k\r\ney"] {
        assert!(matches!(UserClient::builder(torn).build(), Err(BuildError::MalformedSecret)));
    }
    let seconds = Duration::from_secs;
    for (connect, attempt, deadline) in [(5, 5, 60), (20, 5, 60), (5, 20, 5)] {
        let policy = RetryPolicy::default()
            .with_attempt_timeout(seconds(attempt))
            .with_deadline(seconds(deadline));
        let built =
            ApiClient::builder(SECRET).connect_timeout(seconds(connect)).retry(policy).build();
        assert!(
            matches!(built, Err(BuildError::ConnectTimeout { .. })),
            "{connect} {attempt} {deadline}"
        );
    }
}

#[tokio::test]
async fn the_path_of_the_base_url_is_kept() {
    let server = answering(success(Operation::GetConnection)).await;
    for base in ["/proxy", "/proxy/"] {
        let url = format!("{}{base}", server.url());
        let user = UserClient::builder(SECRET).base_url(url).build().unwrap();
        user.connections().get("con-1").await.unwrap();
    }
    let lines: Vec<_> = server.log().requests.into_iter().map(|request| request.line).collect();
    assert_eq!(lines, ["GET /proxy/v1/api/connections/con-1"; 2]);
}

/// Also where a server repeats what it was sent.
#[tokio::test]
async fn no_secret_prints() {
    let echo = format!(r#"{{"code":401,"message":"unknown token {SECRET}"}}"#);
    let server = answering(Answer::json(401, echo)).await;
    let api = ApiClient::builder(SECRET).base_url(server.url()).build().unwrap();
    let user = user(&server);
    let mut printed = format!("{api:?}{user:?}");
    let run = user.connections().sync("con-1");
    let (builder, auth) = (ApiClient::builder(SECRET), xs2a::UserAuth::from(SECRET));
    printed += &format!("{builder:?}{auth:?}{:?}", run.credentials(SECRET));
    for operation in Operation::ALL {
        let error = call(*operation, &api, &user).await.unwrap_err();
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            printed += &format!("{error}{error:?}");
            cause = error.source();
        }
        printed += &format!("{:?}", error.response());
    }
    assert!(printed.contains("unknown token [secret]"), "{printed}");
    assert!(!printed.contains(SECRET), "{printed}");
    assert!(!printed.contains(&BASE64_STANDARD.encode(format!("api:{SECRET}"))), "{printed}");
}

/// The head and the body of a request, as a text in JSON.
fn echo(request: &Request) -> String {
    let all = format!("{} {:?} {}", request.line, request.headers, request.body);
    serde_json::Value::from(all).to_string()
}

/// Neither an error nor a stored job holds what a server repeats of a request: the token, the other
/// half of shared credentials, what the user entered.
#[tokio::test]
async fn no_secret_that_a_server_sends_back_is_kept() {
    const HALF: &str = "h4lf \"of\" the credentials";
    const KEY: &str = "w1z4rd-key";
    const PIN: &str = "9876\\543";
    let mut printed = String::new();

    let form = r#"{"code":200,"message":"","error":[],"polling":{},"form":{"name":"login","elements":[{"type":"password","name":"USER_PIN","label":"PIN"}]}}"#;
    let shared = r#"{"id":"con-1","transaction":"tra-1","bank_name":"Testbank","sync_mode":"shared","sync_active":true,"sync_message":"","sync_fail_counter":0,"last_synced":null,"testmode":true,"created_at":"2026-01-31 10:11:12"}"#;
    let react = Reaction::by(move |request| {
        let refused = || {
            let message = echo(request);
            Answer::json(422, format!(r#"{{"code":422,"message":{message}}}"#))
        };
        match request.line.as_str() {
            "GET /v1/api/connections/con-1" => Answer::json(200, shared),
            _ if request.line.contains("sync") || request.body.contains("USER_PIN") => refused(),
            _ => Answer::json(200, form),
        }
    });
    let server = RawServer::start([], react).await;
    let user = user(&server);

    let error = user.connections().sync("con-1").credentials(HALF).await.unwrap_err();
    assert!(matches!(error.report(), SyncReport::RefusedByServer { .. }), "{error}");
    printed += &serde_json::to_string(error.job()).unwrap();
    printed += &format!("{error}{error:?}{}", error.error().unwrap());

    let wizard = user.wizard(KEY);
    let WizardStep::Form(login) = wizard.open().await.unwrap() else { panic!("a form was sent") };
    let answers = login.answers().enter("USER_PIN", PIN).unwrap();
    let error = wizard.send(answers).await.unwrap_err();
    printed += &format!("{error}{error:?}");

    let requests = server.log().requests;
    let sent = requests.iter().map(echo).collect::<String>();
    assert!(printed.contains("authorization"), "{printed}");
    // As it is, as JSON has it, as JSON has a text that is JSON, and as `Debug` shows that.
    let escaped = |text: &str| {
        let json = serde_json::Value::from(text).to_string();
        json[1..json.len() - 1].to_owned()
    };
    let basic = BASE64_STANDARD.encode(format!("api:{SECRET}"));
    for secret in [&basic, HALF, KEY, PIN] {
        let forms = [secret.to_owned(), escaped(secret), escaped(&escaped(secret))];
        assert!(forms.iter().any(|form| sent.contains(form)), "{sent}");
        for form in forms {
            assert!(!printed.contains(&form), "{form} in {printed}");
        }
    }
}

/// Settings that a user may give a meaning of their own, and that would break the promises.
#[tokio::test(start_paused = true)]
async fn our_time_outs_are_set_last_on_a_client_builder_of_the_user() {
    let server = answering(success(Operation::GetConnection)).await;
    let theirs = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_nanos(1))
        .read_timeout(Duration::from_nanos(1))
        .connect_timeout(Duration::from_nanos(1))
        .user_agent("theirs/1.0");
    let user = UserClient::builder(SECRET)
        .base_url(server.url())
        .http_client_builder(theirs)
        .build()
        .unwrap();
    user.connections().get("con-1").await.unwrap();
    let requests = server.log().requests;
    assert_eq!(requests[0].header("user-agent"), Some("theirs/1.0"));

    server.react(Reaction::StallHeaders);
    let once = user.with_retry(RetryPolicy::off()).connections();
    let error = once.get("con-1").await.unwrap_err();
    assert_eq!((error.kind(), error.elapsed().as_secs()), (ErrorKind::Timeout, 20));
}

#[tokio::test]
async fn calls_may_run_on_any_thread() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<ApiClient>();
    is_shared::<UserClient>();
    is_shared::<xs2a::TokenSource>();
    is_shared::<xs2a::Error>();
    let server = answering(Answer::error(404)).await;
    let api = ApiClient::builder(SECRET).base_url(server.url()).build().unwrap();
    let user = user(&server);
    let calls = Operation::ALL.iter().map(|&operation| {
        let (api, user) = (api.clone(), user.clone());
        tokio::spawn(async move { call(operation, &api, &user).await })
    });
    for result in futures_util::future::join_all(calls).await {
        assert_eq!(result.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    }
}

/// The key of an API client goes to the service, and that of a user never stands in for it.
#[tokio::test]
async fn each_operation_takes_the_secret_of_its_scope() {
    let server = answering(Answer::error(404)).await;
    let api = ApiClient::builder("the-key").base_url(server.url()).build().unwrap();
    let user = UserClient::builder("the-token").base_url(server.url()).build().unwrap();
    for operation in Operation::ALL {
        let before = called_before(*operation).map(|before| Reaction::Answer(success(before)));
        server.script(before);
        let error = call(*operation, &api, &user).await.unwrap_err();
        assert_eq!(error.operation(), *operation);
        let secret = match operation.scope() {
            Scope::ApiKey => "the-key",
            Scope::AccessToken => "the-token",
            other => panic!("{other:?} is new"),
        };
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("api:{secret}")));
        let requests = server.log().requests;
        let sent = requests.last().unwrap().header("authorization");
        assert_eq!(sent, Some(basic.as_str()), "{operation:?}");
    }
}

#[tokio::test]
async fn a_proxy_gets_plain_http_only_by_name() {
    let proxy = answering(success(Operation::GetConnection)).await;
    let server = answering(success(Operation::GetConnection)).await;
    let builder = |base_url: &str| {
        let proxy = reqwest::Proxy::all(proxy.url()).unwrap();
        UserClient::builder(SECRET)
            .base_url(base_url)
            .http_client_builder(reqwest::Client::builder().proxy(proxy))
    };
    // Passing by the proxy in silence would be no better than sending secrets to it.
    let refused = builder(&server.url()).build().unwrap_err();
    assert!(matches!(refused, BuildError::Proxy), "{refused:?}");
    let by_name = builder(&server.url()).allow_plain_http().build().unwrap();
    by_name.connections().get("con-1").await.unwrap();
    assert_eq!((proxy.log().reactions, server.log().reactions), (1, 0));

    builder("https://bank.invalid").build().unwrap();
    let none = reqwest::Client::builder().proxy(reqwest::Proxy::all(proxy.url()).unwrap());
    let header = reqwest::header::HeaderValue::from_static(" proxies: [none]");
    let none =
        none.no_proxy().default_headers([(reqwest::header::VIA, header)].into_iter().collect());
    let straight = UserClient::builder(SECRET).base_url(server.url()).http_client_builder(none);
    straight.build().unwrap().connections().get("con-1").await.unwrap();
    assert_eq!((proxy.log().reactions, server.log().reactions), (1, 1));
}

/// Over TLS a proxy is told the host and nothing else.
#[tokio::test]
async fn a_proxy_on_the_way_of_https_sees_no_secret() {
    let proxy = answering(Answer::empty(403)).await;
    let user = UserClient::builder(SECRET)
        .base_url("https://bank.invalid")
        .retry(RetryPolicy::off())
        .http_client_builder(
            reqwest::Client::builder().proxy(reqwest::Proxy::all(proxy.url()).unwrap()),
        )
        .build()
        .unwrap();
    let error = user.connections().get("con-1").await.unwrap_err();
    assert_eq!((error.kind(), error.fate()), (ErrorKind::Connect, Fate::NotActed));
    let requests = proxy.log().requests;
    assert_eq!(requests[0].line, "CONNECT bank.invalid:443");
    assert_eq!(requests[0].header("authorization"), None);
}
