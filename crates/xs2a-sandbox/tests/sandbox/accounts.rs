//! Accounts, their money, and what happens to them.

use reqwest::Method;
use serde_json::{Value, json};
use xs2a_sandbox::{AccountType, ConnectionSeed, SyncMode};

use crate::bank::Bank;

async fn first_account(bank: &Bank, connection: &str) -> String {
    let path = format!("/v1/api/connections/{connection}/accounts");
    let accounts = bank.look(&path).await;
    assert_eq!(accounts["total"], 3);
    accounts["data"][0]["id"].as_str().unwrap().to_owned()
}

fn amounts(turnovers: &Value) -> Vec<f64> {
    let turnovers = turnovers["turnovers"].as_array().unwrap().iter();
    turnovers.map(|turnover| turnover["amount"].as_f64().unwrap()).collect()
}

#[tokio::test]
async fn each_sync_brings_turnovers_and_the_balance_follows_them() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let account = first_account(&bank, &id).await;
    let turnovers = format!("/v1/api/accounts/{account}/turnovers");
    let balance = format!("/v1/api/accounts/{account}/balance");
    let mut known = amounts(&bank.look(&turnovers).await);
    assert!(known.contains(&131_072.01));
    let mut cents = (bank.look(&balance).await["balance"].as_f64().unwrap() * 100.0).round();
    for _ in 0..3 {
        bank.sync(&id, json!({})).await;
        let now = amounts(&bank.look(&turnovers).await);
        assert!(now.len() > known.len());
        assert_eq!(now[..known.len()], known);
        let new: f64 = now[known.len()..].iter().map(|amount| (amount * 100.0).round()).sum();
        let now_cents = (bank.look(&balance).await["balance"].as_f64().unwrap() * 100.0).round();
        assert_eq!(now_cents, cents + new);
        (known, cents) = (now, now_cents);
    }
}

#[tokio::test]
async fn turnovers_are_narrowed_by_day_and_by_what_is_new() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let account = first_account(&bank, &id).await;
    let path = format!("/v1/api/accounts/{account}");
    let all = bank.look(&format!("{path}/turnovers?from=&to=&only_new=")).await;
    let days: Vec<String> = all["turnovers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turnover| turnover["booking_date"].as_str().unwrap().to_owned())
        .collect();
    assert!(days.is_sorted());
    let middle = &days[days.len() / 2];
    let late = bank.look(&format!("{path}/turnovers?from={middle}")).await;
    let expected = days.iter().filter(|day| *day >= middle).count();
    assert_eq!(amounts(&late).len(), expected);

    let seen = bank.user(Method::POST, &format!("{path}/markAsSeen/{middle}"), None).await;
    assert!(seen.0.is_success());
    let new = amounts(&bank.look(&format!("{path}/turnovers?only_new=1")).await).len();
    assert_eq!(new, days.iter().filter(|day| *day > middle).count());

    bank.user(Method::POST, &format!("{path}/markAsSeen"), None).await;
    assert!(amounts(&bank.look(&format!("{path}/turnovers?onlyNew=true")).await).is_empty());
    bank.sync(&id, json!({})).await;
    assert!(!amounts(&bank.look(&format!("{path}/turnovers?only_new=1")).await).is_empty());
    for query in ["from=yesterday", "to=2026-02-30", "only_new=maybe"] {
        let (status, _) = bank.user(Method::GET, &format!("{path}/turnovers?{query}"), None).await;
        assert_eq!(status, 422, "{query}");
    }
}

#[tokio::test]
async fn accounts_outlive_their_connection_and_are_deleted_on_their_own() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let account = format!("/v1/api/accounts/{}", first_account(&bank, &id).await);
    assert_eq!(bank.look(&account).await["bank_connection_id"], id);
    let path = format!("/v1/api/connections/{id}");
    assert_eq!(bank.user(Method::DELETE, &path, None).await.0, 200);
    assert_eq!(bank.user(Method::DELETE, &path, None).await.0, 404);
    assert_eq!(bank.look(&account).await["bank_connection_id"], Value::Null);
    assert_eq!(bank.user(Method::DELETE, &account, None).await.0, 200);
    assert_eq!(bank.user(Method::GET, &account, None).await.0, 404);
    assert_eq!(bank.look("/v1/api/accounts").await["total"], 2);
}

#[tokio::test]
async fn a_sync_finds_an_account_that_the_bank_has_opened() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    bank.sandbox.open_account(&id, AccountType::Securities);
    assert_eq!(bank.look("/v1/api/accounts").await["total"], 3);
    bank.sync(&id, json!({})).await;
    let accounts = bank.look("/v1/api/accounts").await;
    assert_eq!(accounts["total"], 4);
    assert_eq!(accounts["data"][3]["type"], "securities");
}

#[tokio::test]
async fn a_report_comes_in_three_formats() {
    let bank = Bank::open().await;
    let id = bank.connection(ConnectionSeed::new(SyncMode::Full));
    let account = first_account(&bank, &id).await;
    for (query, content_type, start) in [
        ("", "application/json", "{"),
        ("?format=json&locale=", "application/json", "{"),
        ("?format=html&locale=de", "text/html; charset=utf-8", "<!doctype html>"),
        ("?format=pdf", "application/pdf", "%PDF-"),
    ] {
        let url =
            format!("{}/v1/api/accounts/{account}/report/income{query}", bank.sandbox.base_url());
        let request = reqwest::Client::new().get(url).basic_auth("api", Some(bank.user.token()));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], content_type);
        assert!(response.text().await.unwrap().starts_with(start), "{query}");
    }
    let path = format!("/v1/api/accounts/{account}/report/income?format=xml");
    assert_eq!(bank.user(Method::GET, &path, None).await.0, 422);
}
