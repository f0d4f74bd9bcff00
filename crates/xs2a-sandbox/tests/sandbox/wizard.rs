//! The wizard of the test bank.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use xs2a_sandbox::{BankFault, ConnectionSeed, SyncMode};

use crate::bank::{Bank, element};

#[tokio::test]
async fn a_plain_login_is_through_after_the_login_form() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "sync_mode": "full" })).await;
    let path = format!("/v1/api/connections/{}", wizard.transaction);
    assert_eq!(bank.user(Method::GET, &path, None).await.0, 404);

    let first = wizard.post(json!({})).await;
    assert_eq!(first["form"]["name"], "bank");
    assert_eq!(element(&first, "country_id")["type"], "select");
    assert_eq!(element(&first, "bank_code")["type"], "text");

    let login = wizard.pick_bank().await;
    assert_eq!(login["form"]["name"], "login");
    for name in ["USER_NAME", "USER_PIN", "privacy_policy"] {
        assert_eq!(element(&login, name)["invalid"], false);
    }
    assert_eq!(wizard.log_in("abcdef").await["form"]["name"], "finish");

    let connection = bank.look(&path).await;
    assert_eq!(connection["transaction"], wizard.transaction);
    assert_eq!(connection["sync_mode"], "full");
    assert_eq!(wizard.session().await["finished"], true);
    // A further request shows the same end.
    assert_eq!(wizard.post(json!({})).await["form"]["name"], "finish");
}

#[tokio::test]
async fn what_is_missing_or_unknown_comes_back_marked_on_the_same_form() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({})).await;

    let unknown = wizard.post(json!({ "country_id": "DE", "bank_code": "1" })).await;
    assert_eq!(element(&unknown, "bank_code")["invalid"], true);
    assert_eq!(wizard.session().await["last_error"], "bank_code_unknown");

    let closed = wizard.post(json!({ "country_id": "DE", "bank_code": "99999999" })).await;
    assert_eq!(closed["form"]["name"], "bank");
    assert_eq!(wizard.session().await["last_error"], "no_transports_found");

    wizard.pick_bank().await;
    let login = wizard.post(json!({ "USER_NAME": "abcdef", "privacy_policy": false })).await;
    assert_eq!(element(&login, "USER_NAME")["invalid"], false);
    for name in ["USER_PIN", "privacy_policy"] {
        assert_eq!(element(&login, name)["failed_validation_rules"], json!(["required"]));
    }
    assert_eq!(wizard.session().await["last_error"], "validation_failed");
}

#[tokio::test]
async fn a_wrong_pin_can_be_mended_and_the_third_one_ends_the_session() {
    let bank = Bank::open().await;
    let wrong = json!({ "USER_NAME": "abcdef", "USER_PIN": "000000", "privacy_policy": true });

    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    let again = wizard.post(wrong.clone()).await;
    assert_eq!(again["error"]["recoverable"], true);
    assert_eq!(element(&again, "USER_PIN")["invalid"], true);
    assert_eq!(wizard.log_in("abcdef").await["form"]["name"], "finish");

    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    wizard.post(wrong.clone()).await;
    wizard.post(wrong.clone()).await;
    let over = wizard.post(wrong).await;
    assert_eq!(over["error"]["recoverable"], false);
    assert_eq!(over["form"], Value::Null);
    assert_eq!(wizard.session().await["last_error"], "max_login_tries");
}

#[tokio::test]
async fn the_words_of_the_user_name_are_asked_for_in_turn() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    let tan = wizard.log_in("tan-flicker-captcha-accounts").await;
    assert_eq!(element(&tan, "TAN")["type"], "password");
    let wrong = wizard.post(json!({ "TAN": "000000" })).await;
    assert_eq!(wrong["error"]["recoverable"], true);
    assert_eq!(wizard.session().await["last_error"], "wrong_tan");
    let flicker = wizard.post(json!({ "TAN": 123456 })).await;
    assert_eq!(element(&flicker, "TAN")["type"], "flicker");
    let captcha = wizard.post(json!({ "TAN": "123456" })).await;
    assert_eq!(element(&captcha, "CAPTCHA")["type"], "captcha");
    let accounts = wizard.post(json!({ "CAPTCHA": "abc" })).await;
    assert_eq!(element(&accounts, "account_2")["type"], "checkbox");
    let end = wizard.post(json!({ "account_0": "false", "account_2": "1" })).await;
    assert_eq!(end["form"]["name"], "finish");
    let accounts = bank.look("/v1/api/accounts").await;
    assert_eq!(accounts["total"], 1);
    assert_eq!(accounts["data"][0]["type"], "creditcard");
}

#[tokio::test]
async fn a_single_account_is_picked_by_its_index() {
    let bank = Bank::open().await;
    let order = json!({ "bic": "TESTDE88XXX", "account_selection": "single" });
    let wizard = bank.create(order).await;
    let choice = wizard.log_in("abcdef").await;
    assert_eq!(element(&choice, "account")["type"], "radio");
    assert_eq!(wizard.post(json!({ "account": 9 })).await["form"]["name"], "accounts");
    assert_eq!(wizard.post(json!({ "account": 1 })).await["form"]["name"], "finish");
    assert_eq!(bank.look("/v1/api/accounts").await["data"][0]["type"], "savings");
}

#[tokio::test]
async fn an_approval_in_the_app_is_polled_for() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    let app = wizard.log_in("app").await;
    assert!(app["polling"]["interval"].as_u64().unwrap() > 0);
    for _ in 0..2 {
        assert_eq!(wizard.post(json!({ "action": "poll" })).await["form"]["name"], "app");
    }
    let end = wizard.post(json!({ "action": "poll" })).await;
    assert_eq!(end["form"]["name"], "finish");
    assert_eq!(end["polling"], Value::Null);

    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    wizard.log_in("app").await;
    bank.sandbox.approve(&wizard.transaction);
    assert_eq!(wizard.post(json!({ "action": "poll" })).await["form"]["name"], "finish");
}

#[tokio::test]
async fn a_redirect_is_over_when_its_address_was_visited() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    let form = wizard.log_in("redirect").await;
    let url = element(&form, "redirect")["url"].as_str().unwrap();
    assert!(url.starts_with(bank.sandbox.base_url()));
    assert_eq!(wizard.post(json!({})).await["form"]["name"], "redirect");
    assert_eq!(reqwest::get(url).await.unwrap().status(), 200);
    assert_eq!(wizard.post(json!({})).await["form"]["name"], "finish");
}

#[tokio::test]
async fn back_language_and_tabs_change_the_form_and_not_the_session() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "language": "de" })).await;
    assert_eq!(element(&wizard.post(json!({})).await, "bank_code")["label"], "Bankleitzahl");
    let values = json!({ "country_id": "DE", "bank_code": "88888889" });
    let login = wizard.post(values.clone()).await;
    assert_eq!(element(&login, "login_tab")["tabs"], json!(["PIN", "App"]));
    assert_eq!(wizard.post(json!({ "action": "back" })).await["form"]["name"], "bank");
    wizard.post(values).await;

    let french = wizard.post(json!({ "action": "change-language", "language": "fr" })).await;
    assert_eq!(element(&french, "USER_NAME")["label"], "Identifiant");

    let tab = wizard.post(json!({ "action": "switch-login-tabs", "login_tab": "App" })).await;
    assert_eq!(element(&tab, "login_tab")["selected"], "App");
    let app = wizard.post(json!({ "USER_NAME": "abcdef", "privacy_policy": 1 })).await;
    assert_eq!(app["form"]["name"], "app");
}

#[tokio::test]
async fn an_aborted_or_expired_session_leads_nowhere() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({})).await;
    let aborted = wizard.post(json!({ "action": "abort" })).await;
    assert_eq!(aborted["form"], Value::Null);
    assert_eq!(aborted["error"]["recoverable"], false);
    assert_eq!(wizard.session().await["last_error"], "client_aborted");
    assert_eq!(wizard.pick_bank().await["form"], Value::Null);

    let wizard = bank.create(json!({})).await;
    bank.sandbox.advance(Duration::from_secs(21 * 60));
    let late = wizard.pick_bank().await;
    assert_eq!(late["error"]["recoverable"], false);
    let session = wizard.session().await;
    assert_eq!(session["last_error"], "session_expired");
    assert_eq!(session["finished"], false);
    assert_eq!(bank.look("/v1/api/connections").await["total"], 0);
}

#[tokio::test]
async fn a_key_opens_the_wizard_only_with_the_token_of_its_user() {
    let bank = Bank::open().await;
    let (_, session) = bank.user(Method::PUT, "/v1/api/connections", Some(json!({}))).await;
    let stranger = bank.sandbox.add_user("Eve");
    let body = json!({ "key": session["wizard_session_key"] });
    let (status, _) = bank.send(stranger.token(), Method::POST, "/v1/api/wizard", Some(body)).await;
    assert_eq!(status, 404);
    let (status, _) = bank.user(Method::POST, "/v1/api/wizard", Some(json!({}))).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn a_shared_connection_hands_over_half_of_the_credentials_at_the_end() {
    let bank = Bank::open().await;
    let wizard = bank.create(json!({ "sync_mode": "shared", "bic": "TESTDE88XXX" })).await;
    let end = wizard.log_in("abcdef").await;
    let half = end["additional_data"]["credentials"].as_str().unwrap();
    let id = bank.get(&wizard.transaction).await.1["id"].as_str().unwrap().to_owned();
    assert_eq!(bank.sync(&id, json!({ "credentials": half })).await.0, 204);
}

#[tokio::test]
async fn a_bank_that_wants_a_tan_stops_the_automatic_syncs_until_the_user_has_given_it() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.fail_next_sync(&id, BankFault::TanRequired);
    bank.sandbox.advance(Duration::from_secs(25 * 60 * 60));
    let fallen = bank.get(&id).await.1;
    assert_eq!(fallen["sync_mode"], "none");
    assert_eq!((&fallen["sync_active"], &fallen["sync_fail_counter"]), (&json!(false), &json!(1)));

    let (status, session) = bank.sync(&id, json!({ "force": true })).await;
    assert_eq!(status, 202);
    assert_eq!(bank.wizard(&session).log_in("abcdef").await["form"]["name"], "finish");
    let risen = bank.get(&id).await.1;
    assert_eq!(risen["sync_mode"], "full");
    assert_eq!((&risen["sync_active"], &risen["sync_fail_counter"]), (&json!(true), &json!(0)));
}

#[tokio::test]
async fn a_wizard_cannot_revive_a_connection_that_was_disabled_meanwhile() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full).failures(2));
    let reset = format!("/v1/api/connections/{id}/reset");
    let (_, session) = bank.user(Method::POST, &reset, None).await;
    bank.sandbox.fail_next_sync(&id, BankFault::WrongPassword);
    assert_eq!(bank.sync(&id, json!({ "force": true })).await.0, 204);
    assert_eq!(bank.get(&id).await.1["sync_fail_counter"], 3);
    let end = bank.wizard(&session).log_in("abcdef").await;
    assert_eq!(end["error"]["recoverable"], false);
    assert_eq!(bank.get(&id).await.1["sync_fail_counter"], 3);
    assert_eq!(bank.user(Method::POST, &reset, None).await.0, 422);
}

#[tokio::test]
async fn a_manual_sync_that_the_bank_rejects_in_the_wizard_counts_as_a_failure() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::None));
    let (_, session) = bank.sync(&id, json!(null)).await;
    let wizard = bank.wizard(&session);
    for _ in 0..3 {
        wizard
            .post(json!({ "USER_NAME": "a", "USER_PIN": "000000", "privacy_policy": true }))
            .await;
    }
    assert_eq!(bank.get(&id).await.1["sync_fail_counter"], 1);
}

#[tokio::test]
async fn a_bank_that_wants_a_tan_for_a_sync_asks_for_nothing_else() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.fail_next_sync(&id, BankFault::TanRequired);
    let (status, session) = bank.sync(&id, json!({})).await;
    assert_eq!(status, 202);
    let wizard = bank.wizard(&session);
    assert_eq!(wizard.post(json!({})).await["form"]["name"], "tan");
    assert_eq!(wizard.post(json!({ "TAN": "123456" })).await["form"]["name"], "finish");
    assert_eq!(bank.get(&id).await.1["sync_fail_counter"], 0);
}

#[tokio::test]
async fn a_lost_consent_is_given_anew_by_a_login() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.fail_next_sync(&id, BankFault::ConsentGone);
    let (status, session) = bank.sync(&id, json!({})).await;
    assert_eq!(status, 202);
    assert_eq!(bank.get(&id).await.1["consent_valid_until"], "2026-01-30");
    assert_eq!(bank.sync(&id, json!({})).await.0, 202);
    bank.wizard(&session).log_in("abcdef").await;
    assert_eq!(bank.get(&id).await.1["consent_valid_until"], "2026-05-01");
    assert_eq!(bank.sync(&id, json!({})).await.0, 204);
}

#[tokio::test]
async fn a_bank_does_the_same_at_every_login_of_a_user_name_until_told_otherwise() {
    let bank = Bank::open().await;
    bank.sandbox.set_login("ada", Some(BankFault::WrongPassword));
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    assert_eq!(wizard.log_in("ada").await["error"]["recoverable"], true);
    bank.sandbox.set_login("ada", Some(BankFault::TanRequired));
    assert_eq!(wizard.log_in("ada").await["form"]["name"], "tan");

    bank.sandbox.set_login("ada", Some(BankFault::Unavailable));
    let wizard = bank.create(json!({ "bic": "TESTDE88XXX" })).await;
    assert_eq!(wizard.log_in("ada").await["error"]["recoverable"], false);
    assert_eq!(wizard.session().await["last_error"], "tech_error");
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full).login("ada"));
    for (force, failures) in [(false, 1), (true, 2)] {
        assert_eq!(bank.sync(&id, json!({ "force": force })).await.0, 204);
        assert_eq!(bank.get(&id).await.1["sync_fail_counter"], failures);
    }
    bank.sandbox.set_login("ada", None);
    assert_eq!(bank.sync(&id, json!({ "force": true })).await.0, 204);
    assert_eq!(bank.get(&id).await.1["sync_fail_counter"], 0);
}
