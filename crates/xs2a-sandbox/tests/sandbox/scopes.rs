//! Who may see what.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use xs2a_sandbox::{ConnectionSeed, SyncMode};

use crate::bank::Bank;

#[tokio::test]
async fn a_token_sees_the_connections_and_accounts_of_its_user_only() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let stranger = bank.sandbox.add_user("Eve");
    let account = bank.look("/v1/api/accounts").await["data"][0]["id"].clone();
    let account = account.as_str().unwrap();
    for (method, path) in [
        (Method::GET, format!("/v1/api/connections/{id}")),
        (Method::DELETE, format!("/v1/api/connections/{id}")),
        (Method::POST, format!("/v1/api/connections/{id}/sync")),
        (Method::POST, format!("/v1/api/connections/{id}/reset")),
        (Method::GET, format!("/v1/api/connections/{id}/accounts")),
        (Method::GET, format!("/v1/api/accounts/{account}/balance")),
        (Method::DELETE, format!("/v1/api/accounts/{account}")),
    ] {
        let (status, error) = bank.send(stranger.token(), method, &path, None).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(error["code"], 404);
    }
    let (_, page) = bank.send(stranger.token(), Method::GET, "/v1/api/connections", None).await;
    assert_eq!(page["total"], 0);
    assert_eq!(bank.get(&id).await.0, 200);
}

#[tokio::test]
async fn each_scope_is_refused_where_the_other_is_asked_for() {
    let bank = Bank::open().await;
    for path in ["/v1/api/connections", "/v1/api/accounts"] {
        assert_eq!(bank.admin(Method::GET, path, None).await.0, 401, "{path}");
    }
    for path in ["/v1/api/users", "/v1/events", "/v1/bankcodes/all", "/v1/sessions/none"] {
        assert_eq!(bank.user(Method::GET, path, None).await.0, 401, "{path}");
    }
    for secret in ["", "wrong", "sandbox-api-key2"] {
        let (status, error) = bank.send(secret, Method::GET, "/v1/api/users", None).await;
        assert_eq!((status.as_u16(), &error["code"]), (401, &json!(401)));
    }
}

#[tokio::test]
async fn the_end_of_a_token_comes_back_as_it_was_sent() {
    let bank = Bank::open().await;
    let tokens = format!("/v1/api/users/{}/accesstokens", bank.user.id());
    // The second time does not exist in Berlin, and the third is past the end of time.
    for sent in ["2027-01-31 11:11:12", "2027-03-28 02:30:00", "9999-12-31 23:59:59"] {
        let until = Some(json!({ "valid_until": sent }));
        let (status, token) = bank.admin(Method::PUT, &tokens, until).await;
        assert!(status.is_success());
        assert_eq!(token["valid_until"], sent);
    }
}

#[tokio::test]
async fn a_token_is_valid_until_its_end_and_again_after_a_refresh() {
    let bank = Bank::open().await;
    let tokens = format!("/v1/api/users/{}/accesstokens", bank.user.id());
    let until = json!({ "valid_until": "2026-01-31 11:00:00" });
    let (status, token) = bank.admin(Method::PUT, &tokens, Some(until)).await;
    assert!(status.is_success());
    assert_eq!(token["valid_until"], "2026-01-31 11:00:00");
    let secret = token["token"].as_str().unwrap();
    let works = async || bank.send(secret, Method::GET, "/v1/api/connections", None).await.0;
    assert_eq!(works().await, 200);
    bank.sandbox.advance(Duration::from_secs(60 * 60));
    assert_eq!(works().await, 401);

    let one = format!("{tokens}/{}", token["id"].as_str().unwrap());
    let (status, longer) = bank
        .admin(Method::PATCH, &one, Some(json!({ "valid_until": "2026-01-31T12:00:00+01:00" })))
        .await;
    assert!(status.is_success());
    assert_eq!(longer["valid_until"], "2026-01-31 12:00:00");
    assert_eq!(longer["token"], token["token"]);
    assert_eq!(works().await, 200);

    assert_eq!(bank.admin(Method::GET, &tokens, None).await.1["total"], 2);
    assert_eq!(bank.admin(Method::DELETE, &one, None).await.0, 200);
    assert_eq!(works().await, 401);
    assert_eq!(bank.admin(Method::GET, &one, None).await.0, 404);
    let soon = Some(json!({ "valid_until": "soon" }));
    assert_eq!(bank.admin(Method::PUT, &tokens, soon).await.0, 422);
}

#[tokio::test]
async fn a_user_is_made_shown_listed_and_deleted_with_everything_that_belongs_to_the_user() {
    let bank = Bank::open().await;
    let ada = json!({ "name": "Ada", "email": "ada@example.com" });
    let (_, user) = bank.admin(Method::PUT, "/v1/api/users", Some(ada)).await;
    assert_eq!((&user["name"], &user["object"]), (&json!("Ada"), &json!("bank_user")));
    let path = format!("/v1/api/users/{}", user["id"].as_str().unwrap());
    assert_eq!(bank.admin(Method::GET, &path, None).await.1, user);
    assert_eq!(bank.admin(Method::GET, "/v1/api/users", None).await.1["data"][1], user);
    assert_eq!(bank.admin(Method::DELETE, &path, None).await.0, 200);
    assert_eq!(bank.admin(Method::GET, &path, None).await.0, 404);
    for body in [json!({}), json!({ "name": "Ada" }), json!({ "name": "A", "email": "no" })] {
        assert_eq!(bank.admin(Method::PUT, "/v1/api/users", Some(body)).await.0, 422);
    }
    let own = format!("/v1/api/users/{}", bank.user.id());
    assert_eq!(bank.admin(Method::DELETE, &own, None).await.0, 200);
    assert_eq!(bank.user(Method::GET, "/v1/api/connections", None).await.0, 401);
}
