//! The JSON that is decoded: usual answers, written as the specification says.

use serde_json::{Value, json};

/// A page of connections. Each was created on another day, and synced within the last two days.
pub fn connections(count: usize) -> String {
    page(1, count, count)
}

/// One page of a list with so many connections on all pages. Pages are counted from 1.
pub fn page(number: usize, per_page: usize, total: usize) -> String {
    let (from, to) = ((number - 1) * per_page, (number * per_page).min(total));
    let data: Vec<Value> = (from..to).map(connection).collect();
    json!({
        "total": total,
        "per_page": per_page,
        "current_page": number,
        "last_page": total.div_ceil(per_page),
        "next_page_url": null,
        "prev_page_url": null,
        "from": from + 1,
        "to": to,
        "data": data,
    })
    .to_string()
}

fn connection(number: usize) -> Value {
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
        "last_synced": moment(2026, 730 + number % 2, number),
        "consent_valid_until": day(2026, 800 + number % 90),
        "testmode": true,
        "created_at": moment(2025, number * 7 % 700, number * 11),
        "object": "bank_connection",
    })
}

/// One connection that was synced at the beginning of the year, and is healthy.
pub fn single(id: &str) -> String {
    let mut connection = connection(0);
    connection["id"] = json!(id);
    connection["transaction"] = json!(id.replace("con", "tra"));
    connection.to_string()
}

/// The same page in the loose forms that the service uses, too.
pub fn loose_connections(count: usize) -> String {
    let mut page: Value = serde_json::from_str(&connections(count)).unwrap_or_default();
    for connection in page["data"].as_array_mut().into_iter().flatten() {
        connection["sync_active"] = json!("1");
        connection["sync_fail_counter"] = json!("0");
        connection["sync_message"] = json!("");
        connection["testmode"] = json!(1);
    }
    page.to_string()
}

/// An account with so many turnovers: of the last days, with amounts of up to six digits.
pub fn turnovers(count: usize) -> String {
    let turnover = |number: usize| {
        let amount = number * 7919 % 1_000_000;
        let amount = format!("-{}.{:02}", amount / 100, amount % 100);
        json!({
            "id": format!("tur{number:013}"),
            "booking_date": day(2025, 720 - number / 12),
            "amount": amount,
            "currency": "EUR",
            "purpose": [format!("Rechnung {number}"), "Danke"],
            "counter_iban": "DE02120300000000202051",
            "counter_bic": "BYLADEM1001",
            "counter_holder": "Stadtwerke",
            "prebooked": false,
            "canceled": false,
            "tags": [],
            "category_id": "K.1.2",
            "new": number.is_multiple_of(10),
        })
    };
    let json = json!({
        "id": "acc-1",
        "turnovers": (0..count).map(turnover).collect::<Vec<_>>(),
        "days": 90,
        "date": "2026-01-31 10:11:12",
        "created_at": "2026-01-31 10:11:12",
        "object": "bank_account_turnovers",
    })
    .to_string();
    // Amounts are numbers. serde_json's own numbers would not keep 12.30 as it is.
    let (head, rest) = json.split_once("\"amount\":\"").unwrap_or((&json, ""));
    let mut numbers = head.to_owned();
    for part in rest.split("\"amount\":\"") {
        let (amount, rest) = part.split_once('"').unwrap_or((part, ""));
        numbers.extend(["\"amount\":", amount, rest]);
    }
    numbers
}

/// The day that comes so many days after the first day of the year before `year`.
fn day(year: i16, days: usize) -> String {
    let first = jiff::civil::date(year - 1, 1, 1);
    let days = i64::try_from(days).unwrap_or_default();
    let day = first.saturating_add(jiff::Span::new().days(days));
    day.to_string()
}

fn moment(year: i16, days: usize, second: usize) -> String {
    let (hour, minute) = (7 + second % 12, second % 60);
    format!("{} {hour:02}:{minute:02}:{:02}", day(year, days), (second * 37) % 60)
}
