//! What is decoded, and the plainest types that could decode it.

use serde::Deserialize;
use serde_json::{Value, json};

/// A page of so many connections, written as the specification says.
pub fn connections(count: usize) -> String {
    let connection = |number: usize| {
        json!({
            "id": format!("con{number:013}"),
            "transaction": format!("tra{number:013}"),
            "bic": "TESTDE88XXX",
            "bank_name": "Testbank",
            "country_id": "DE",
            "sync_mode": "full",
            "sync_active": true,
            "sync_message": null,
            "sync_fail_counter": 0,
            "last_synced": "2026-01-31 10:11:12",
            "consent_valid_until": "2026-04-30",
            "testmode": true,
            "created_at": "2026-01-01 08:00:00",
            "object": "bank_connection",
        })
    };
    page((0..count).map(connection).collect())
}

/// The same page in the loose forms that the service uses, too.
pub fn loose_connections(count: usize) -> String {
    let mut page: Value = serde_json::from_str(&connections(count)).expect("JSON");
    for connection in page["data"].as_array_mut().into_iter().flatten() {
        connection["sync_active"] = json!("1");
        connection["sync_fail_counter"] = json!("0");
        connection["sync_message"] = json!("");
        connection["testmode"] = json!(1);
        connection["last_synced"] = json!("2026-01-31T10:11:12.000+01:00");
    }
    page.to_string()
}

fn page(data: Vec<Value>) -> String {
    json!({
        "total": data.len(),
        "per_page": data.len(),
        "current_page": 1,
        "last_page": 1,
        "next_page_url": null,
        "prev_page_url": null,
        "from": 1,
        "to": data.len(),
        "data": data,
    })
    .to_string()
}

/// An account with so many turnovers.
pub fn turnovers(count: usize) -> String {
    let turnover = |number: usize| {
        json!({
            "id": format!("tur{number:013}"),
            "booking_date": "2026-01-30",
            "amount": -(number as f64) - 0.42,
            "currency": "EUR",
            "purpose": ["Rechnung 4711", "Danke"],
            "counter_iban": "DE02120300000000202051",
            "counter_bic": "BYLADEM1001",
            "counter_holder": "Stadtwerke",
            "prebooked": false,
            "canceled": false,
            "tags": [],
            "category_id": "K.1.2",
            "new": true,
        })
    };
    json!({
        "id": "acc-1",
        "turnovers": (0..count).map(turnover).collect::<Vec<_>>(),
        "days": 90,
        "date": "2026-01-31 10:11:12",
        "created_at": "2026-01-31 10:11:12",
        "object": "bank_account_turnovers",
    })
    .to_string()
}

/// A page as one would write it down in a hurry: no tolerance, dates left as text.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct PlainPage {
    pub total: i64,
    pub per_page: i32,
    pub current_page: i32,
    pub last_page: i32,
    pub next_page_url: Option<String>,
    pub prev_page_url: Option<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub data: Vec<PlainConnection>,
}

/// A connection in a hurry.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct PlainConnection {
    pub id: String,
    pub transaction: Option<String>,
    pub bic: Option<String>,
    pub bank_name: Option<String>,
    pub country_id: Option<String>,
    pub sync_mode: Option<String>,
    pub sync_active: bool,
    pub sync_message: Option<String>,
    pub sync_fail_counter: i32,
    pub last_synced: Option<String>,
    pub consent_valid_until: Option<String>,
    pub testmode: Option<bool>,
    pub created_at: Option<String>,
    pub object: Option<String>,
}

/// Turnovers in a hurry.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct PlainTurnovers<Amount> {
    pub id: String,
    pub turnovers: Vec<PlainTurnover<Amount>>,
    pub days: Option<i32>,
    pub date: Option<String>,
    pub created_at: Option<String>,
    pub object: Option<String>,
}

/// A turnover in a hurry.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct PlainTurnover<Amount> {
    pub id: Option<String>,
    pub booking_date: Option<String>,
    pub amount: Amount,
    pub currency: Option<String>,
    pub purpose: Vec<String>,
    pub counter_iban: Option<String>,
    pub counter_bic: Option<String>,
    pub counter_holder: Option<String>,
    pub prebooked: Option<bool>,
    pub canceled: Option<bool>,
    pub tags: Vec<String>,
    pub category_id: Option<String>,
    pub new: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use xs2a::types;

    #[test]
    fn both_kinds_of_types_read_the_same() {
        let json = connections(3);
        let plain: PlainPage = serde_json::from_str(&json).unwrap();
        let ours: types::ConnectionPage = serde_json::from_str(&json).unwrap();
        assert_eq!(ours.data[2].id, plain.data[2].id.as_str());
        assert_eq!(ours.data.len(), plain.data.len());
        let loose: types::ConnectionPage = serde_json::from_str(&loose_connections(3)).unwrap();
        assert_eq!(loose, ours);
    }

    #[test]
    fn both_kinds_of_amounts_are_the_same() {
        let json = turnovers(3);
        let plain: PlainTurnovers<f64> = serde_json::from_str(&json).unwrap();
        let ours: types::Turnovers = serde_json::from_str(&json).unwrap();
        let amounts = ours.turnovers.iter().map(|turnover| turnover.amount.to_string());
        let plain_amounts = plain.turnovers.iter().map(|turnover| turnover.amount.to_string());
        assert!(amounts.eq(plain_amounts));
    }
}
