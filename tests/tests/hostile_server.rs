//! A hostile server, case by case: the kind of the error, the fate, the attempts, and the memory that
//! it takes at most.
//!
//! Memory is what the process holds at its peak, the server of the test included, which sends from
//! small pieces. The clock is paused, so that a server may take its time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use peak_alloc::PeakAlloc;
use serde_json::json;
use tokio::sync::Mutex;
use xs2a::types::CreateConnectionRequest;
use xs2a::{Error, ErrorKind, Fate, Operation, RetryPolicy, UserClient};
use xs2a_tests::calls::success;
use xs2a_tests::raw_server::{Answer, Piece, RawServer, Reaction, Request};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The tests of this file share the memory that is counted.
static ALONE: Mutex<()> = Mutex::const_new(());

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const ENDLESS: usize = usize::MAX;

/// What a call comes to: a success, or an error of this kind and fate.
type End = Result<(), (ErrorKind, Fate)>;

/// One case: how a GET ends, which is repeated where that is safe, and how a creation ends, which is
/// acted on at most once; each with its attempts. Then the memory, in KiB.
struct Case {
    name: &'static str,
    answer: Vec<Piece>,
    get: (End, u32),
    create: (End, u32),
    memory: usize,
}

const GOOD: End = Ok(());
const NO_ANSWER: End = Err((ErrorKind::Interrupted, Fate::Unknown));
const TOO_LATE: End = Err((ErrorKind::Timeout, Fate::Unknown));
const CUT: End = Err((ErrorKind::Truncated, Fate::Acted));
const TOO_LARGE: End = Err((ErrorKind::TooLarge, Fate::Acted));
const UNREADABLE: End = Err((ErrorKind::Undecodable, Fate::Acted));
const UNEXPECTED: End = Err((ErrorKind::UnexpectedStatus, Fate::Unknown));

/// A success of both operations: 200 is one of the GET, and a 2XX of the creation.
const OK: &str = "HTTP/1.1 200 OK\r\n";

/// What both operations read as a success.
fn good() -> String {
    json!({"id": "con-1", "wizard_session_key": "wsk-1", "transaction": "tra-1",
        "sync_active": true, "sync_fail_counter": 0})
    .to_string()
}

/// A success with this body.
fn with(body: impl AsRef<[u8]>) -> Vec<Piece> {
    let body = body.as_ref();
    let head =
        format!("{OK}content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    vec![Piece::new([head.as_bytes(), body].concat())]
}

/// A success with these headers and this body.
fn headed(headers: &str, body: &str) -> Vec<Piece> {
    vec![Piece::new(format!("{OK}{headers}\r\n{body}"))]
}

/// A head, and then the same over and over, without a pause.
fn flood(head: &str, more: &str) -> Vec<Piece> {
    vec![Piece::new(head), Piece::new(more).times(ENDLESS).every(Duration::from_millis(1))]
}

/// A head, and then the same over and over, once a second.
fn slowly(head: &str, each: &str) -> Vec<Piece> {
    vec![Piece::new(head), Piece::new(each).times(ENDLESS).every(Duration::from_secs(1))]
}

/// Answers that announce another, a thousand a second.
fn announcing(answer: &str) -> Vec<Piece> {
    vec![Piece::new(answer.repeat(100)).times(ENDLESS).every(Duration::from_millis(100))]
}

/// An object with more than is known.
fn plus(key: &str, value: &str) -> String {
    let good = good();
    format!("{},\"{key}\":{value}}}", &good[..good.len() - 1])
}

fn case(
    name: &'static str,
    answer: Vec<Piece>,
    get: (End, u32),
    create: (End, u32),
    memory: usize,
) -> Case {
    Case { name, answer, get, create, memory }
}

fn cases() -> Vec<Case> {
    // The same end for both: repeated by the GET only.
    let both = |name, answer, end: End, attempts, memory| {
        case(name, answer, (end, attempts), (end, 1), memory)
    };
    let header = format!("x-a: {}\r\n", "a".repeat(1000));
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    let utf16: Vec<u8> = good().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let chunked = "transfer-encoding: chunked\r\n";
    let good_chunk = || format!("{:x}\r\n{}\r\n", good().len(), good());
    vec![
        // Heads.
        both("headers without end", flood(OK, &header), NO_ANSWER, 5, KIB),
        both(
            "a header without end",
            flood(&format!("{OK}x-a: "), &header.replace("\r\n", "")),
            NO_ANSWER,
            5,
            KIB,
        ),
        both(
            "a status line without end",
            flood("HTTP/1.1 200 ", &"O".repeat(1000)),
            NO_ANSWER,
            5,
            KIB,
        ),
        both("a thousand headers", headed(&"x-a: b\r\n".repeat(1000), ""), NO_ANSWER, 5, 128),
        both(
            "a header that is folded",
            headed("x-a: b\r\n  c\r\ncontent-length: 0\r\n", ""),
            NO_ANSWER,
            5,
            128,
        ),
        both(
            "a header with a NUL",
            headed("x-a: \0\r\ncontent-length: 0\r\n", ""),
            NO_ANSWER,
            5,
            128,
        ),
        both("a header without a name", headed(": b\r\n", ""), NO_ANSWER, 5, 128),
        both(
            "103 without end",
            announcing("HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"),
            TOO_LATE,
            3,
            128,
        ),
        both("100 without end", announcing("HTTP/1.1 100 Continue\r\n\r\n"), TOO_LATE, 3, 128),
        both("a byte per second in the head", slowly(OK, "a"), TOO_LATE, 3, 128),
        both(
            "a byte per second in the body",
            slowly(&format!("{OK}content-length: 900\r\n\r\n"), " "),
            CUT,
            3,
            128,
        ),
        both("nothing", vec![], NO_ANSWER, 5, 128),
        both("half a head", vec![Piece::new("HTTP/1.1 200 OK\r\ncontent-le")], NO_ANSWER, 5, 128),
        // Versions.
        both("HTTP/0.9", vec![Piece::new(good())], NO_ANSWER, 5, 128),
        both(
            "HTTP/1.0",
            vec![Piece::new(format!("HTTP/1.0 200 OK\r\n\r\n{}", good()))],
            GOOD,
            1,
            128,
        ),
        both(
            "HTTP/1.2",
            vec![Piece::new(format!("HTTP/1.2 200 OK\r\n\r\n{}", good()))],
            NO_ANSWER,
            5,
            128,
        ),
        both("HTTP/2 in words", vec![Piece::new("HTTP/2 200\r\n\r\n")], NO_ANSWER, 5, 128),
        both(
            "HTTP/2 in frames",
            vec![Piece::new(b"\0\0\0\x04\0\0\0\0\0\0\0\x04\x08\0\0\0\0\0\0\x0f\0\x01")],
            NO_ANSWER,
            5,
            128,
        ),
        both(
            "a request as the answer",
            vec![Piece::new("GET / HTTP/1.1\r\nhost: a\r\n\r\n")],
            NO_ANSWER,
            5,
            128,
        ),
        both(
            "an upgrade",
            vec![Piece::new(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
            )],
            UNEXPECTED,
            1,
            128,
        ),
        // Lengths.
        both("a length that is too long", headed("content-length: 5000\r\n", &good()), CUT, 5, 128),
        both(
            "a length that is too short",
            headed("content-length: 9\r\n", &good()),
            UNREADABLE,
            1,
            128,
        ),
        both(
            "a length of 2^64",
            headed("content-length: 18446744073709551616\r\n", &good()),
            NO_ANSWER,
            5,
            128,
        ),
        both(
            "a length of 2^63",
            headed("content-length: 9223372036854775808\r\n", &good()),
            CUT,
            5,
            128,
        ),
        both("a negative length", headed("content-length: -1\r\n", &good()), NO_ANSWER, 5, 128),
        both(
            "two lengths",
            headed("content-length: 5\r\ncontent-length: 6\r\n", &good()),
            NO_ANSWER,
            5,
            128,
        ),
        both("no length", headed("", &good()), GOOD, 1, 128),
        both("an empty body", with(""), UNREADABLE, 1, 128),
        // Chunks.
        both("chunks of garbage", headed(chunked, "zz\r\nno\r\n"), CUT, 5, 128),
        both("a chunk of 2^68", headed(chunked, "FFFFFFFFFFFFFFFFF\r\n"), CUT, 5, 128),
        both("a chunk that is cut", headed(chunked, "ff\r\nabc"), CUT, 5, 128),
        both(
            "chunks without an end",
            flood(&format!("{OK}{chunked}\r\n"), &chunk),
            TOO_LARGE,
            1,
            KIB,
        ),
        both(
            "a chunk extension without end",
            flood(&format!("{OK}{chunked}\r\n5;"), &header.replace("\r\n", "")),
            CUT,
            5,
            128,
        ),
        both(
            "trailers",
            headed(chunked, &format!("{}0\r\nx-a: b\r\nauthorization: none\r\n\r\n", good_chunk())),
            GOOD,
            1,
            128,
        ),
        both(
            "trailers without end",
            flood(&format!("{OK}{chunked}\r\n{}0\r\n", good_chunk()), &header),
            CUT,
            5,
            KIB,
        ),
        both(
            "a length and chunks",
            headed(
                &format!("{chunked}content-length: 3\r\n"),
                &format!("{}0\r\n\r\n", good_chunk()),
            ),
            GOOD,
            1,
            128,
        ),
        // Bodies.
        both(
            "a body without end",
            flood(&format!("{OK}\r\n"), &" ".repeat(0x4000)),
            TOO_LARGE,
            1,
            KIB,
        ),
        both(
            "a gzip bomb that nobody asked for",
            headed("content-encoding: gzip\r\ncontent-length: 6\r\n", "\x1f\u{8b}\x08\0\0"),
            UNREADABLE,
            1,
            128,
        ),
        both("JSON 100,000 deep", with("[".repeat(100_000)), UNREADABLE, 1, 512),
        both(
            "JSON 20,000 deep in what is not known",
            with(plus("x", &("[".repeat(20_000) + &"]".repeat(20_000)))),
            GOOD,
            1,
            512,
        ),
        both(
            "objects 10,000 deep in what is not known",
            with(plus("x", &(r#"{"a":"#.repeat(10_000) + "1" + &"}".repeat(10_000)))),
            GOOD,
            1,
            512,
        ),
        both("a lone surrogate", with(plus("x", r#""\ud800""#)), GOOD, 1, 128),
        both(
            "a lone surrogate in the id",
            with(good().replace("con-1", r"\udfff").replace("wsk-1", r"\udfff")),
            GOOD,
            1,
            128,
        ),
        both("UTF-16", with(utf16), UNREADABLE, 1, 128),
        both(
            "Latin-1",
            with([&good().as_bytes()[..good().len() - 1], b",\"x\":\"\xfc\"}"].concat()),
            GOOD,
            1,
            128,
        ),
        both("NUL bytes", with([0; 1000]), UNREADABLE, 1, 128),
        both("null", with("null"), UNREADABLE, 1, 128),
        both("two bodies in one", with(good() + &good()), UNREADABLE, 1, 128),
        both("a number of 60,000 digits", with(plus("x", &"9".repeat(60_000))), GOOD, 1, KIB),
        both("a number beyond any", with(plus("x", "1e999999999")), GOOD, 1, KIB),
        both(
            "the same key 8,000 times",
            with(plus("x", &format!("1{}", ",\"x\":1".repeat(8_000)))),
            GOOD,
            1,
            512,
        ),
        // Redirects, cookies, other addresses.
        both(
            "a redirect",
            vec![Piece::new(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            )],
            UNEXPECTED,
            1,
            128,
        ),
        both(
            "a redirect to nowhere",
            vec![Piece::new(
                "HTTP/1.1 302 Found\r\nlocation: \u{202e}\r\ncontent-length: 0\r\n\r\n",
            )],
            UNEXPECTED,
            1,
            128,
        ),
        both(
            "cookies and other services",
            headed(
                &format!(
                    "set-cookie: a=b\r\nalt-svc: h3=\":1\"\r\nrefresh: 0; url=http://127.0.0.1:1/\r\ncontent-length: {}\r\n",
                    good().len()
                ),
                &good(),
            ),
            GOOD,
            1,
            128,
        ),
    ]
}

fn end_of<T>(result: &Result<T, Error>) -> (End, u32) {
    match result {
        Ok(_) => (Ok(()), 1),
        Err(error) => (Err((error.kind(), error.fate())), error.attempts()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_hostile_answer_ends_as_its_case_says_and_takes_no_more_memory() {
    let _alone = ALONE.lock().await;
    let mut wrong = Vec::new();
    let mut most = ("", 0);
    for case in cases() {
        let server = RawServer::start([], Reaction::Raw(case.answer)).await;
        let client = || UserClient::builder("token").base_url(server.url()).build().unwrap();
        let (user, other) = (client(), client());
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let get = user.connections().get("con-1").await;
        let create = other.connections().create(&CreateConnectionRequest::new()).await;
        let peak = MEMORY.peak_usage().saturating_sub(before) / KIB;
        let ends = (end_of(&get), end_of(&create));
        most = if peak > most.1 { (case.name, peak) } else { most };
        if ends != (case.get, case.create) || peak > case.memory {
            wrong.push(format!(
                "{}: {ends:?}, {peak} KiB (expected {:?}, {} KiB)",
                case.name,
                (case.get, case.create),
                case.memory
            ));
        }
        println!(
            "{}: {:?} after {}; at most once {:?} after {}; {peak} KiB",
            case.name, ends.0.0, ends.0.1, ends.1.0, ends.1.1
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("most memory: {} KiB, {}", most.1, most.0);
}

/// Every status that three digits can name, with the same body.
#[tokio::test(start_paused = true)]
async fn every_status_from_0_to_999_ends_as_the_rules_say() {
    let _alone = ALONE.lock().await;
    let server = RawServer::start([], Reaction::Answer(Answer::empty(200))).await;
    let user = UserClient::builder("token").base_url(server.url());
    let user = user.idle_timeout(Duration::ZERO).retry(RetryPolicy::off()).build().unwrap();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    for status in 0..=999_u16 {
        // A gateway's body, which says nothing of the service.
        let body = "{}";
        let answer =
            format!("HTTP/1.1 {status:03} As Told\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        server.react(Reaction::Raw(vec![Piece::new(answer)]));
        let result = user.connections().create(&CreateConnectionRequest::new()).await;
        let expected = match status {
            // No status at all, or one that announces another, which never comes.
            0..=99 | 100 | 102..=199 => NO_ANSWER,
            // A success of the operation, without what the operation needs.
            200..=299 if Operation::CreateConnection.retry() == xs2a::RetryClass::Unsent => {
                match &result {
                    Err(error) if error.kind() == ErrorKind::UnexpectedStatus => {
                        Err((ErrorKind::UnexpectedStatus, Fate::Acted))
                    }
                    _ => UNREADABLE,
                }
            }
            401 | 403 | 404 => Err((ErrorKind::Gateway, Fate::Unknown)),
            408 => Err((ErrorKind::Rejected, Fate::Unknown)),
            429 => Err((ErrorKind::Throttled, Fate::NotActed)),
            400..=499 => Err((ErrorKind::Rejected, Fate::NotActed)),
            500..=599 => Err((ErrorKind::Server, Fate::Unknown)),
            _ => UNEXPECTED,
        };
        assert_eq!(end_of(&result), (expected, 1), "{status}: {result:?}");
        let told = result.unwrap_err().status().map(|status| status.as_u16());
        let is_answer = status == 101 || status >= 200;
        assert_eq!(told, is_answer.then_some(status), "{status}");
    }
    let peak = MEMORY.peak_usage().saturating_sub(before);
    assert!(peak < 2 * MIB, "{} KiB", peak / KIB);
}

/// No redirect of any kind is followed, and no cookie comes back.
#[tokio::test(start_paused = true)]
async fn no_answer_sends_the_next_call_elsewhere() {
    let _alone = ALONE.lock().await;
    let elsewhere = RawServer::start([], Reaction::Answer(success(Operation::GetConnection))).await;
    let server = RawServer::start([], Reaction::Answer(Answer::empty(200))).await;
    let user = UserClient::builder("token").base_url(server.url()).build().unwrap();
    let connections = user.connections();
    for status in 300..=399 {
        for location in [
            elsewhere.url() + "/v1/api/connections/con-1",
            format!("//{}", elsewhere.address()),
            format!("http://api:token@{}/", elsewhere.address()),
            "/v1/api/users".to_owned(),
        ] {
            let answer = Answer::empty(status).header("location", location);
            server.react(Reaction::Answer(answer));
            let error = connections.get("con-1").await.unwrap_err();
            assert_eq!(end_of::<()>(&Err(error)), (UNEXPECTED, 1), "{status}");
        }
    }
    let other = format!("h2=\"{0}\", h3=\"{0}\"; persist=1", elsewhere.address());
    let answer = success(Operation::GetConnection)
        .header("alt-svc", other)
        .header("set-cookie", "session=1; Path=/")
        .header("link", format!("<{}>; rel=preconnect", elsewhere.url()));
    server.react(Reaction::Answer(answer));
    for _ in 0..3 {
        connections.get("con-1").await.unwrap();
    }
    assert_eq!(elsewhere.log().reactions, 0);
    let requests = server.log().requests;
    assert_eq!(requests.len(), 403);
    assert!(requests.iter().all(|request| {
        request.line == "GET /v1/api/connections/con-1" && request.header("cookie").is_none()
    }));
}

/// Pages that go backwards, stand still, or never end.
#[tokio::test(start_paused = true)]
async fn pages_end_whatever_they_say_of_themselves() {
    let _alone = ALONE.lock().await;
    let number = |request: &Request| -> u64 {
        let (_, query) = request.line.split_once("page=").unwrap();
        query.split('&').next().unwrap().parse().unwrap()
    };
    let page = move |current: u64, last: u64, id: u64| {
        let entry = json!({"id": format!("con-{id}"), "sync_active": true, "sync_fail_counter": 0});
        let page = json!({"total": u64::MAX, "per_page": 15, "current_page": current,
            "last_page": last, "data": [entry]});
        Answer::json(200, page.to_string())
    };
    let last = u64::from(u32::MAX);
    // The entries that are read, the calls, and whether that is an error.
    for (name, pages, entries, calls, error) in [
        ("one page for ever", Reaction::by(move |_| page(1, last, 1)), 1, 9, None),
        (
            "backwards",
            Reaction::by(move |request| {
                page(9_u64.saturating_sub(number(request)), last, 20 - number(request).min(19))
            }),
            19,
            27,
            None,
        ),
        (
            "never the last",
            Reaction::by(move |request| {
                page(number(request), number(request) + 1, number(request))
            }),
            10_000,
            10_000,
            Some(ErrorKind::EndlessPages),
        ),
        ("a last page before the first", Reaction::by(move |_| page(0, 0, 1)), 1, 1, None),
    ] {
        let server = RawServer::start([], pages).await;
        let user = UserClient::builder("token").base_url(server.url()).build().unwrap();
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let mut list = user.connections().list();
        let (mut read, mut failed) = (0, None);
        while let Some(entry) = list.next().await {
            match entry {
                Ok(_) => read += 1,
                Err(error) => failed = Some(error.kind()),
            }
        }
        let peak = MEMORY.peak_usage().saturating_sub(before);
        let called = server.log().reactions;
        println!("{name}: {read} entries, {called} calls, {failed:?}, {} KiB", peak / KIB);
        assert_eq!((read, called, failed), (entries, calls, error), "{name}");
        // The log of the server counts, too.
        assert!(peak < 16 * MIB, "{name}: {} KiB", peak / KIB);
    }
}

/// A form of 14 MB: a `multi` nested 25 deep around 480,000 elements.
fn large_form() -> String {
    let element = r#"{"type":"text","name":"a"}"#;
    let mut elements = vec![element; 480_000].join(",");
    for depth in 0..25 {
        elements = format!(
            r#"{{"type":"multi","name":"m{depth}","elements":[{{"value":"v","elements":[{elements}]}}]}}"#
        );
    }
    format!(r#"{{"form":{{"name":"login","elements":[{elements}]}}}}"#)
}

/// The size alone refuses it. A program that sets another limit has it read, with what is nested too
/// deep kept as JSON: `xs2a-client` bounds how often the text of a body is read through.
#[tokio::test]
async fn a_form_of_14_megabytes_ends_within_a_deadline_of_three_seconds() {
    let _alone = ALONE.lock().await;
    let form = large_form();
    let size = form.len();
    assert!(size > 12_000_000, "{size}");
    let server = RawServer::start([], Reaction::Answer(Answer::json(200, form))).await;
    let policy = RetryPolicy::off().with_deadline(Duration::from_secs(3));
    let policy = policy.with_attempt_timeout(Duration::from_secs(3));
    let user = UserClient::builder("token").base_url(server.url()).retry(policy);
    let user = user.connect_timeout(Duration::from_secs(1)).build().unwrap();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let error = user.wizard("wsk-1").open().await.unwrap_err();
    let peak = MEMORY.peak_usage().saturating_sub(before);
    println!("{size} bytes: {} KiB, {:?}", peak / KIB, error.elapsed());
    // A time-out would be of another kind.
    assert_eq!(end_of::<()>(&Err(error)), (TOO_LARGE, 1));
    // The server of the test has the form once more.
    assert!(peak - size < 20 * MIB, "{} KiB", peak / KIB);
}

/// What an answer may become in memory, of the kinds that grow most: 40 times its limit.
#[tokio::test]
async fn an_answer_takes_at_most_forty_times_its_limit() {
    let _alone = ALONE.lock().await;
    let limit = MIB;
    let filled = |around: &dyn Fn(&str) -> String, element: &str| {
        // As many as fit, and as many as a body of this limit may have.
        let fit = (limit - around("").len()) / (element.len() + 1);
        around(&vec![element; fit.min(limit / 32 - 16)].join(","))
    };
    let form = |elements: &str| format!(r#"{{"form":{{"name":"login","elements":[{elements}]}}}}"#);
    let nested = |elements: &str| {
        form(&format!(
            r#"{{"type":"multi","name":"m","elements":[{{"value":"v","elements":[{elements}]}}]}}"#
        ))
    };
    let radio =
        |options: &str| form(&format!(r#"{{"type":"radio","name":"r","options":[{options}]}}"#));
    for (name, body) in [
        ("texts", filled(&form, r#"{"type":"text","name":"a"}"#)),
        ("texts in a group", filled(&nested, r#"{"type":"text","name":"a"}"#)),
        ("unknown elements", filled(&form, r#"{"type":"x"}"#)),
        ("nothing", filled(&form, "{}")),
        ("options", filled(&radio, "1")),
        ("options as texts", filled(&radio, r#""ab""#)),
        ("breaks", filled(&form, r#"{"type":"submit"}"#)),
    ] {
        assert!(body.len() <= limit);
        let server = RawServer::start([], Reaction::Answer(Answer::json(200, body))).await;
        let user = UserClient::builder("token").base_url(server.url()).response_limit(limit);
        let user = user.retry(RetryPolicy::off()).build().unwrap();
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let result = user.wizard("wsk-1").open().await;
        let peak = MEMORY.peak_usage().saturating_sub(before);
        println!(
            "{name}: {:?}, {:.1} times the limit",
            end_of(&result).0,
            peak as f64 / limit as f64
        );
        assert!(peak < 40 * limit, "{name}: {} KiB", peak / KIB);
    }
}
