//! Answers that are not what the service would say: of a gateway, edited by the test, or lost.

use reqwest::Method;
use serde_json::{Value, json};
use xs2a_sandbox::{ConnectionSeed, Edit, Fault, Sandbox, SyncMode};

use crate::bank::Bank;

/// Status, content type and body of an answer.
async fn sent(bank: &Bank, method: Method, path: &str) -> (u16, String, String) {
    let url = format!("{}{path}", bank.sandbox.base_url());
    let request = reqwest::Client::new().request(method, url);
    let response = request.basic_auth("api", Some(bank.user.token())).send().await.unwrap();
    let content_type = response.headers().get("content-type");
    let content_type = content_type.map_or("", |value| value.to_str().unwrap()).to_owned();
    (response.status().as_u16(), content_type, response.text().await.unwrap())
}

fn html(text: &str) -> bool {
    text.starts_with("<html>")
}

#[tokio::test]
async fn an_error_of_the_service_is_an_object_with_its_code_and_a_message_and_no_other_one_is() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let path = format!("/v1/api/connections/{id}");
    let is_own = |status: u16, body: &str| {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        body["code"] == json!(status) && body["message"].is_string()
    };
    // What nobody has ordered.
    let (status, _, body) = sent(&bank, Method::GET, "/v1/api/connections/none").await;
    assert!(status == 404 && is_own(404, &body), "{body}");
    for status in [401, 403, 404] {
        for (fault, own) in [
            (Fault::Status(status), true),
            (Fault::Html(status), false),
            (Fault::Empty(status), false),
            (Fault::GatewayJson(status), false),
        ] {
            for method in [Method::GET, Method::DELETE] {
                bank.sandbox.fault(fault.clone()).of(&id).next();
                let (found, content_type, body) = sent(&bank, method, &path).await;
                assert_eq!((found, is_own(status, &body)), (status, own), "{fault:?}: {body}");
                let expected = match fault {
                    Fault::Html(_) => "text/html",
                    Fault::Empty(_) => "",
                    _ => "application/json",
                };
                assert_eq!(content_type, expected);
            }
        }
    }
    bank.sandbox.fault(Fault::GatewayJson(404)).next();
    assert_eq!(sent(&bank, Method::GET, &path).await.2, r#"{"message":"no Route matched"}"#);
    assert_eq!(bank.sandbox.acted("delete_connection"), 0);
}

#[tokio::test]
async fn an_answer_can_be_replaced_after_the_service_has_acted() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let path = format!("/v1/api/connections/{id}");
    for (acts, then) in [(false, 200), (true, 404)] {
        let rule = bank.sandbox.fault(Fault::Html(404)).on("delete_connection").of(&id);
        if acts {
            rule.after_acting().next()
        } else {
            rule.next()
        }
        let (status, _, body) = sent(&bank, Method::DELETE, &path).await;
        assert!(status == 404 && html(&body), "{body}");
        assert_eq!(bank.sandbox.acted("delete_connection"), usize::from(acts));
        assert_eq!(sent(&bank, Method::GET, &path).await.0, then);
    }
}

#[tokio::test]
async fn a_success_can_be_a_page_of_html() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let account = bank.look("/v1/api/accounts").await["data"][0]["id"].as_str().unwrap().to_owned();
    for (operation, method, path) in [
        ("mark_account_as_seen", Method::POST, format!("/v1/api/accounts/{account}/markAsSeen")),
        ("delete_account", Method::DELETE, format!("/v1/api/accounts/{account}")),
        ("delete_connection", Method::DELETE, format!("/v1/api/connections/{id}")),
    ] {
        bank.sandbox.fault(Fault::Html(200)).on(operation).next();
        let (status, content_type, body) = sent(&bank, method, &path).await;
        assert_eq!((status, content_type.as_str()), (200, "text/html"));
        assert!(html(&body));
        assert_eq!(bank.sandbox.acted(operation), 0);
    }
}

#[tokio::test]
async fn the_body_of_an_answer_can_be_replaced_letter_by_letter() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::None));
    let body = "\u{feff}{ \"data\" : [12.50,1e5, 210000000003139471430009017], broken";
    bank.sandbox.fault(Fault::Body(body.to_owned())).on("list_connections").next();
    let (status, content_type, told) = sent(&bank, Method::GET, "/v1/api/connections").await;
    assert_eq!((status, content_type.as_str()), (200, "application/json"));
    assert_eq!(told, body);

    // The service acts, and the status stays.
    bank.sandbox.fault(Fault::Body("[]".to_owned())).on("sync_connection").next();
    let (status, told) = bank.sync(&id, json!({})).await;
    assert_eq!((status.as_u16(), told), (202, json!([])));
    assert_eq!(bank.sandbox.acted("sync_connection"), 1);

    // An answer that has no body stays without one.
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.fault(Fault::Body("[]".to_owned())).on("sync_connection").next();
    let path = format!("/v1/api/connections/{id}/sync");
    let (status, _, told) = sent(&bank, Method::POST, &path).await;
    assert_eq!((status, told.as_str()), (204, ""));
}

#[tokio::test]
async fn the_json_of_an_answer_can_be_edited_place_by_place() {
    for dialect in [false, true] {
        let bank = Bank::with(Sandbox::builder().dialect(dialect)).await;
        for _ in 0..3 {
            bank.connection(ConnectionSeed::new(SyncMode::Full));
        }
        let edits = vec![
            Edit::set("/data/0/sync_fail_counter", "\"\""),
            Edit::set("/data/1/last_synced", "\"-0001-11-30 00:00:00\""),
            Edit::remove("/data/2/id"),
            Edit::set("/data/-", "null"),
        ];
        bank.sandbox.fault(Fault::Edit(edits)).on("list_connections").next();
        let page = bank.look("/v1/api/connections").await;
        assert_eq!(page["data"][0]["sync_fail_counter"], "");
        assert_eq!(page["data"][1]["last_synced"], "-0001-11-30 00:00:00");
        assert_eq!(page["data"][2]["id"], Value::Null);
        assert!(page["data"][2]["created_at"].is_string());
        assert_eq!(page["data"][3], Value::Null);
        assert_eq!(bank.look("/v1/api/connections").await["data"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn an_edit_of_a_place_that_is_not_there_is_told() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let edit = |pointer: &str| Fault::Edit(vec![Edit::set(pointer, "1")]);
    bank.sandbox.fault(edit("/data/7/id")).on("list_connections").next();
    let (status, told) = bank.user(Method::GET, "/v1/api/connections", None).await;
    assert_eq!(status, 500);
    assert_eq!(told["message"], "The answer that was to be edited has no place \"/data/7/id\"");
    bank.sandbox.fault(edit("/id")).on("sync_connection").next();
    let (status, told) = bank.sync(&id, json!({})).await;
    assert_eq!(status, 500);
    assert_eq!(told["message"], "The answer that was to be edited has no JSON");
}

#[tokio::test]
#[should_panic(
    expected = "this fault cannot be ordered: set: the new value of \"/id\" is not JSON"
)]
async fn a_fault_that_can_do_nothing_is_told_when_it_is_ordered() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::Edit(vec![Edit::set("/id", "nul")])).next();
}

#[tokio::test]
async fn one_answer_in_a_few_can_have_a_date_that_no_clock_shows() {
    let bank = Bank::open().await;
    let odd = "Fri, 31 Dec 9980 23:59:59 GMT";
    bank.sandbox.fault(Fault::date(odd)).on("list_connections").every(3);
    for call in 1..=7 {
        let url = format!("{}/v1/api/connections", bank.sandbox.base_url());
        let request = reqwest::Client::new().get(url).basic_auth("api", Some(bank.user.token()));
        let response = request.send().await.unwrap();
        assert_eq!(response.headers().get_all("date").iter().count(), 1);
        let expected = match call % 3 {
            0 => odd.to_owned(),
            _ => format!("Sat, 31 Jan 2026 09:00:0{call} GMT"),
        };
        assert_eq!(response.headers()["date"], expected.as_str());
    }
}

#[tokio::test]
async fn a_limit_of_one_connection_throttles_each_of_its_syncs_and_no_other_call() {
    let bank = Bank::open().await;
    let limited = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let other = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let limit = Fault::Throttle { retry_after: None };
    bank.sandbox.fault(limit).on("sync_connection").of(&limited).always();
    for _ in 0..3 {
        let (status, told) = bank.sync(&limited, json!({})).await;
        assert_eq!((status.as_u16(), &told["code"]), (429, &json!(429)));
    }
    assert_eq!(bank.get(&limited).await.0, 200);
    assert_eq!(bank.sync(&other, json!({})).await.0, 204);
    assert_eq!(bank.sandbox.acted("sync_connection"), 1);
}
