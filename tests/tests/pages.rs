//! Lists as streams: every entry once, by page number, and always with an end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use futures_util::TryStreamExt;
use proptest::prelude::*;
use xs2a::types::{AutocompleteBankCodesQuery, ListBankCodesQuery, ListEventsQuery};
use xs2a::{ApiClient, ErrorKind, Fate, RetryPolicy, UserClient};
use xs2a_tests::raw_server::{Answer, RawServer, Reaction, Request};

fn client(server: &RawServer) -> UserClient {
    UserClient::builder("secret").base_url(server.url()).retry(RetryPolicy::off()).build().unwrap()
}

fn page_number(request: &Request) -> u32 {
    let (_, query) = request.line.split_once('?').unwrap();
    let page = query.split('&').find_map(|pair| pair.strip_prefix("page=")).unwrap();
    page.parse().unwrap()
}

fn page(number: u32, last: u32, ids: impl IntoIterator<Item = u32>) -> Answer {
    let data: Vec<_> = ids
        .into_iter()
        .map(|id| format!(r#"{{"id":"con-{id}","sync_active":true,"sync_fail_counter":0}}"#))
        .collect();
    let body = format!(
        r#"{{"total":0,"per_page":2,"current_page":{number},"last_page":{last},
            "next_page_url":"http://127.0.0.1:1/elsewhere?page={}","prev_page_url":null,
            "from":null,"to":null,"data":[{}]}}"#,
        number + 1,
        data.join(",")
    );
    Answer::json(200, body)
}

async fn server(answer: impl Fn(u32) -> Answer + Send + Sync + 'static) -> RawServer {
    RawServer::start([], Reaction::by(move |request| answer(page_number(request)))).await
}

async fn ids(server: &RawServer) -> Vec<String> {
    let connections = client(server).connections().list().all().await.unwrap();
    connections.into_iter().map(|connection| connection.id.into_string()).collect()
}

#[tokio::test]
async fn all_pages_are_read_by_number() {
    let server = server(|number| page(number, 3, [2 * number, 2 * number + 1])).await;
    assert_eq!(ids(&server).await, ["con-2", "con-3", "con-4", "con-5", "con-6", "con-7"]);
    let lines: Vec<_> = server.log().requests.into_iter().map(|request| request.line).collect();
    assert_eq!(
        lines,
        [1, 2, 3].map(|page| format!("GET /v1/api/connections?page={page}&per_page=15"))
    );
}

#[tokio::test]
async fn an_entry_that_moves_to_another_page_comes_once() {
    let server = server(|number| page(number, 3, [number, number + 1])).await;
    assert_eq!(ids(&server).await, ["con-1", "con-2", "con-3", "con-4"]);
}

#[tokio::test]
async fn an_empty_list_costs_one_call() {
    let server = server(|number| page(number, 1, [])).await;
    assert!(ids(&server).await.is_empty());
    assert_eq!(server.log().reactions, 1);
}

/// Newest first, and a page full of new ones is created between the first two calls.
#[tokio::test]
async fn what_is_created_during_the_walk_hides_nothing_that_was_there() {
    let server = server(|number| match number {
        1 => page(1, 3, [6, 5]),
        _ => page(number, 4, [10 - 2 * number, 9 - 2 * number]),
    })
    .await;
    let read = ids(&server).await;
    assert_eq!(read, ["con-6", "con-5", "con-4", "con-3", "con-2", "con-1"]);
}

#[tokio::test]
async fn an_empty_page_is_the_end() {
    let server = server(|number| page(number, 9, (number < 3).then_some(number))).await;
    assert_eq!(ids(&server).await, ["con-1", "con-2"]);
    assert_eq!(server.log().reactions, 3);
}

#[tokio::test]
async fn a_server_that_repeats_a_page_for_ever_is_soon_left() {
    let server = server(|number| page(number, i32::MAX.unsigned_abs(), [number.min(3)])).await;
    assert_eq!(ids(&server).await, ["con-1", "con-2", "con-3"]);
    assert_eq!(server.log().reactions, 3 + 8);
}

#[tokio::test]
async fn a_list_without_end_is_an_error_in_the_end() {
    let server = server(|number| page(number, number + 1, [number])).await;
    let mut list = client(&server).connections().list();
    let mut read = 0;
    let error = loop {
        match list.next().await.expect("an error before the end") {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::EndlessPages);
    assert_eq!((read, server.log().reactions), (10_000, 10_000));
    assert!(list.next().await.is_none());
}

#[tokio::test]
async fn a_page_is_asked_for_when_the_one_before_has_been_read() {
    let server = server(|number| page(number, 9, [2 * number, 2 * number + 1])).await;
    let mut list = client(&server).connections().list().per_page(2);
    assert_eq!(server.log().reactions, 0);
    for (entry, pages) in [(1, 1), (2, 1), (3, 2)] {
        list.next().await.unwrap().unwrap();
        assert_eq!(server.log().reactions, pages, "after entry {entry}");
    }
    assert_eq!(server.log().requests[0].line, "GET /v1/api/connections?page=1&per_page=2");
}

#[tokio::test]
async fn one_page_costs_one_call_and_leaves_the_stream_where_it_is() {
    let server = server(|number| page(number, 3, [2 * number, 2 * number + 1])).await;
    let mut list = client(&server).connections().list().per_page(2);
    let second = list.page(2).await.unwrap();
    assert_eq!((second.number, second.last), (2, 3));
    assert_eq!(
        second.items.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(),
        ["con-4", "con-5"]
    );
    assert_eq!(list.next().await.unwrap().unwrap().id, "con-2");
    let lines: Vec<_> = server.log().requests.into_iter().map(|request| request.line).collect();
    assert_eq!(lines, [2, 1].map(|page| format!("GET /v1/api/connections?page={page}&per_page=2")));
}

#[tokio::test]
async fn a_page_that_fails_ends_the_stream_with_its_error() {
    let server = server(|number| match number {
        2 => Answer::error(500),
        _ => page(number, 3, [number]),
    })
    .await;
    let mut list = client(&server).connections().list();
    assert_eq!(list.try_next().await.unwrap().unwrap().id, "con-1");
    assert_eq!(list.try_next().await.unwrap_err().kind(), ErrorKind::Server);
    assert!(list.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_page_and_a_page_size_set_in_a_query_are_obeyed() {
    let server = RawServer::start(
        [],
        Reaction::by(|request| {
            let number = page_number(request);
            let entry = match request.line.split_once('?').unwrap().0 {
                "GET /v1/events" => format!(r#"{{"id":"evt-{number}","type":"moon.rose","data":{{}}}}"#),
                _ => format!(r#"{{"bank_code":"{number}","name":"Bank","xs2a_products":[]}}"#),
            };
            Answer::json(
                200,
                format!(
                    r#"{{"total":5,"per_page":7,"current_page":{number},"last_page":5,"data":[{entry}]}}"#
                ),
            )
        }),
    )
    .await;
    let api = ApiClient::builder("secret").base_url(server.url()).build().unwrap();
    let events = ListEventsQuery::new().page(4).per_page(7);
    let banks = ListBankCodesQuery::new().page(4).per_page(7);
    let typed = AutocompleteBankCodesQuery::new("test").page(4).per_page(7);
    assert_eq!(api.events().list_by(&events).all().await.unwrap().len(), 2);
    assert_eq!(api.bank_codes().list_by(&banks).all().await.unwrap().len(), 2);
    assert_eq!(api.bank_codes().autocomplete(&typed).all().await.unwrap().len(), 2);
    let asked: Vec<_> = server.log().requests.into_iter().map(|request| request.line).collect();
    assert_eq!(
        asked,
        [
            "GET /v1/events?page=4&per_page=7",
            "GET /v1/events?page=5&per_page=7",
            "GET /v1/bankcodes/all?page=4&per_page=7",
            "GET /v1/bankcodes/all?page=5&per_page=7",
            "GET /v1/bankcodes/autocomplete?q=test&page=4&per_page=7",
            "GET /v1/bankcodes/autocomplete?q=test&page=5&per_page=7",
        ]
    );
}

/// An entry of a page as text, and its id if it can be read.
fn entry() -> impl Strategy<Value = (String, bool)> {
    let whole = prop_oneof![
        Just(r#"{"id":@,"sync_active":"1","sync_fail_counter":0}"#),
        Just(r#"{"id":"@","sync_active":"no","sync_fail_counter":"2","last_synced":"0000-00-00"}"#),
        Just(r#"{"sync_fail_counter":0,"later":[1,{"x":2}],"sync_active":true,"id":@}"#),
    ];
    let broken = prop_oneof![
        Just("null"),
        Just("7"),
        Just("\"text\""),
        Just("[]"),
        Just("{}"),
        Just("[[{}]]"),
        Just(r#"{"id":null,"sync_active":1,"sync_fail_counter":0}"#),
        Just(r#"{"id":"@","sync_active":"perhaps","sync_fail_counter":0}"#),
        Just(r#"{"id":"@","sync_active":1,"sync_fail_counter":""}"#),
        Just(r#"{"id":"@","sync_active":1}"#),
        Just(r#"{"id":"@","id":"b","sync_active":1,"sync_fail_counter":0}"#),
        Just(r#"{"id":"@","sync_active":1,"sync_fail_counter":0,"last_synced":"2026-02-30"}"#),
        Just(r#"{"id":["@"],"sync_active":1,"sync_fail_counter":0}"#),
    ];
    prop_oneof![
        whole.prop_map(|json| (json.to_owned(), true)),
        broken.prop_map(|json| (json.to_owned(), false)),
    ]
}

/// Pages with their number in the place of `@`; no page is empty, as an empty page ends a list.
fn some_pages() -> impl Strategy<Value = Vec<Vec<(String, bool)>>> {
    let page = prop::collection::vec(entry(), 1..8);
    prop::collection::vec(page, 1..6).prop_map(|mut pages| {
        for (id, (json, _)) in pages.iter_mut().flatten().enumerate() {
            *json = json.replace('@', &id.to_string());
        }
        pages
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_walk_gives_all_that_can_be_read_in_order_and_reports_all_else(pages in some_pages()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(walk(pages))?;
    }
}

async fn walk(pages: Vec<Vec<(String, bool)>>) -> Result<(), TestCaseError> {
    let (sent, last) = (pages.clone(), pages.len());
    let server = server(move |number| {
        let texts: Vec<&str> = sent[number as usize - 1].iter().map(|(json, _)| &**json).collect();
        let data = texts.join(",");
        Answer::json(200, format!(r#"{{"total":[],"last_page":{last},"data":[{data}]}}"#))
    })
    .await;
    let list = client(&server).connections().list();
    let entries: Vec<(usize, (String, bool))> = pages.into_iter().flatten().enumerate().collect();

    let mut in_place = client(&server).connections().list().in_place();
    for (position, (json, is_readable)) in &entries {
        match in_place.next().await.unwrap().unwrap() {
            Ok(connection) => {
                prop_assert!(is_readable, "{} was read", json);
                prop_assert_eq!(connection.id.as_str(), position.to_string());
            }
            Err(unreadable) => {
                prop_assert!(!is_readable, "{} was not read", json);
                prop_assert_eq!((unreadable.position(), unreadable.json()), (*position, &**json));
            }
        }
    }
    prop_assert!(in_place.next().await.is_none());

    let whole = client(&server).connections().list().in_place().all().await.unwrap();
    let places: Vec<bool> = whole.in_place().map(|entry| entry.is_ok()).collect();
    prop_assert_eq!(places, entries.iter().map(|(_, (_, it))| *it).collect::<Vec<_>>());

    // What `try_next().await?` meets: first all that can be read, then one error with all else.
    let mut list = list;
    for (position, _) in entries.iter().filter(|(_, (_, is_readable))| *is_readable) {
        let read = list.next().await.unwrap().unwrap();
        prop_assert_eq!(read.id.as_str(), position.to_string());
    }
    let broken: Vec<_> = entries.iter().filter(|(_, (_, is_readable))| !is_readable).collect();
    if !broken.is_empty() {
        let error = list.next().await.unwrap().unwrap_err();
        prop_assert_eq!((error.kind(), error.fate()), (ErrorKind::Undecodable, Fate::Acted));
        prop_assert_eq!(error.unreadable_count(), broken.len());
        let told = error.unreadable().iter().map(|entry| (entry.position(), entry.json()));
        let sent = broken.iter().map(|(position, (json, _))| (*position, &**json));
        prop_assert_eq!(told.collect::<Vec<_>>(), sent.collect::<Vec<_>>());
    }
    prop_assert!(list.next().await.is_none());
    Ok(())
}

#[tokio::test]
async fn entries_that_cannot_be_read_do_not_end_a_list_however_many_pages_they_fill() {
    let server = server(|number| {
        let data = match number {
            20 => r#"{"id":"good","sync_active":true,"sync_fail_counter":0}"#.to_owned(),
            _ => format!(r#"{{"id":"bad-{number}"}}"#),
        };
        Answer::json(200, format!(r#"{{"last_page":20,"data":[{data}]}}"#))
    })
    .await;
    let mut list = client(&server).connections().list();
    assert_eq!(list.next().await.unwrap().unwrap().id, "good");
    assert_eq!(list.next().await.unwrap().unwrap_err().unreadable_count(), 19);
}

#[tokio::test]
async fn a_page_that_fails_takes_along_what_could_not_be_read_before() {
    let server = server(|number| match number {
        1 => Answer::json(200, r#"{"last_page":3,"data":[{"id":"hunter2"},7]}"#),
        _ => Answer::error(500),
    })
    .await;
    let mut list = client(&server).connections().list();
    let error = list.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.unreadable_count()), (ErrorKind::Server, 2));
    assert_eq!(error.unreadable()[0].json(), r#"{"id":"hunter2"}"#);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("2 entries could not be read") && !shown.contains("hunter2"), "{shown}");
    assert!(list.next().await.is_none());
}

#[tokio::test]
async fn a_walk_keeps_a_mebibyte_of_what_it_cannot_read_and_counts_the_rest() {
    let server = server(|number| {
        let entry = format!(r#"{{"id":"{number}","x":"{}"}}"#, "x".repeat(200_000));
        Answer::json(200, format!(r#"{{"last_page":9,"data":[{entry}]}}"#))
    })
    .await;
    let mut list = client(&server).connections().list();
    let error = list.next().await.unwrap().unwrap_err();
    assert_eq!((error.unreadable().len(), error.unreadable_count()), (5, 9));
    assert_eq!(
        error.to_string(),
        "list_connections: part of the list cannot be read: 9 entries could not be read; entry 0: \
         expected a value, the field is missing at `data[0].sync_active` (the server acted)"
    );
}

#[tokio::test]
async fn a_walk_keeps_a_thousand_entries_that_it_cannot_read_and_counts_the_rest() {
    let server = server(|_| {
        Answer::json(200, format!(r#"{{"last_page":1,"data":[{}]}}"#, vec!["7"; 1_500].join(",")))
    })
    .await;
    let error = client(&server).connections().list().next().await.unwrap().unwrap_err();
    assert_eq!((error.unreadable().len(), error.unreadable_count()), (1_000, 1_500));
}
