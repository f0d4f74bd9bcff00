//! The plainest types that hold the same: what a careful user would write without this client.
//!
//! The types are strict: serde's derived code, no tolerance for other forms. The values are the same
//! as ours: exact decimals, days, and instants of the zone in which the service writes.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;
use xs2a_client::types;

/// A page of connections.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[allow(missing_docs)]
pub struct Page {
    pub total: Option<i64>,
    pub per_page: Option<i32>,
    pub current_page: Option<i32>,
    pub last_page: Option<i32>,
    pub next_page_url: Option<String>,
    pub prev_page_url: Option<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub data: Vec<Connection>,
}

/// A connection.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[allow(missing_docs)]
pub struct Connection {
    pub id: String,
    pub transaction: Option<String>,
    pub bic: Option<String>,
    pub bank_name: Option<String>,
    pub country_id: Option<String>,
    pub sync_mode: Option<SyncMode>,
    pub sync_active: bool,
    pub sync_message: Option<String>,
    pub sync_fail_counter: i32,
    #[serde(default, deserialize_with = "berlin")]
    pub last_synced: Option<Timestamp>,
    pub consent_valid_until: Option<Date>,
    pub testmode: Option<bool>,
    #[serde(default, deserialize_with = "berlin")]
    pub created_at: Option<Timestamp>,
    pub object: Option<String>,
}

/// Who keeps the credentials.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SyncMode {
    Full,
    Shared,
    None,
}

/// The turnovers of an account.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[allow(missing_docs)]
pub struct Turnovers {
    pub id: Option<String>,
    pub turnovers: Vec<Turnover>,
    pub days: Option<i32>,
    #[serde(default, deserialize_with = "berlin")]
    pub date: Option<Timestamp>,
    #[serde(default, deserialize_with = "berlin")]
    pub created_at: Option<Timestamp>,
    pub object: Option<String>,
}

/// A turnover.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[allow(missing_docs)]
pub struct Turnover {
    pub id: Option<String>,
    pub transaction_id: Option<String>,
    pub booking_date: Option<Date>,
    #[serde(deserialize_with = "exact")]
    pub amount: Decimal,
    pub currency: Option<String>,
    pub currency_id: Option<String>,
    pub purpose: Vec<String>,
    pub counter_iban: Option<String>,
    pub counter_bic: Option<String>,
    pub counter_holder: Option<String>,
    pub prebooked: Option<bool>,
    pub canceled: Option<bool>,
    pub tags: Vec<String>,
    pub category_id: Option<String>,
    pub creditor_id: Option<String>,
    pub new: Option<bool>,
}

/// What the body of a sync says.
#[derive(serde::Serialize)]
pub struct SyncRequest {
    /// Whether to sync in spite of a failure.
    pub force: bool,
}

const BERLIN: TimeZone = jiff::tz::get!("Europe/Berlin");

/// Local time in Berlin, as an instant.
fn berlin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let local = Option::<DateTime>::deserialize(deserializer)?;
    let instant = local.map(|local| BERLIN.to_ambiguous_timestamp(local).compatible());
    instant.transpose().map_err(D::Error::custom)
}

/// A number, to its last digit: from its text, because a float would not keep it.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let number = <&RawValue>::deserialize(deserializer)?;
    Decimal::from_str_exact(number.get()).map_err(D::Error::custom)
}

/// Reads a body: one check for UTF-8, then serde_json on text, which is faster than on bytes.
///
/// # Errors
/// When the body is not the JSON of such a value.
pub fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, crate::Error> {
    Ok(serde_json::from_str(std::str::from_utf8(body)?)?)
}

fn text<T: Into<String>>(text: Option<T>) -> Option<String> {
    text.map(Into::into)
}

impl From<types::ConnectionPage> for Page {
    fn from(page: types::ConnectionPage) -> Self {
        Self {
            total: page.total,
            per_page: page.per_page,
            current_page: page.current_page,
            last_page: page.last_page,
            next_page_url: page.next_page_url,
            prev_page_url: page.prev_page_url,
            from: page.from,
            to: page.to,
            data: page.data.iter().cloned().map(Connection::from).collect(),
        }
    }
}

impl From<types::Connection> for Connection {
    fn from(it: types::Connection) -> Self {
        Self {
            id: it.id.into_string(),
            transaction: it.transaction.map(|id| id.into_string()),
            bic: it.bic,
            bank_name: it.bank_name,
            country_id: it.country_id,
            sync_mode: it.sync_mode.and_then(|mode| match mode {
                types::SyncMode::Full => Some(SyncMode::Full),
                types::SyncMode::Shared => Some(SyncMode::Shared),
                types::SyncMode::None => Some(SyncMode::None),
                _ => None,
            }),
            sync_active: it.sync_active,
            sync_message: it.sync_message,
            sync_fail_counter: it.sync_fail_counter,
            last_synced: it.last_synced,
            consent_valid_until: it.consent_valid_until,
            testmode: it.testmode,
            created_at: it.created_at,
            object: it.object,
        }
    }
}

impl From<types::Turnovers> for Turnovers {
    fn from(all: types::Turnovers) -> Self {
        Self {
            id: all.id.map(|id| id.into_string()),
            turnovers: all.turnovers.iter().cloned().map(Turnover::from).collect(),
            days: all.days,
            date: all.date,
            created_at: all.created_at,
            object: all.object,
        }
    }
}

impl From<types::Turnover> for Turnover {
    fn from(it: types::Turnover) -> Self {
        Self {
            id: it.id.map(|id| id.into_string()),
            transaction_id: it.transaction_id.map(|id| id.into_string()),
            booking_date: it.booking_date.map(|day| day.date()),
            amount: it.amount,
            currency: text(it.currency),
            currency_id: text(it.currency_id),
            purpose: it.purpose,
            counter_iban: it.counter_iban,
            counter_bic: it.counter_bic,
            counter_holder: it.counter_holder,
            prebooked: it.prebooked,
            canceled: it.canceled,
            tags: it.tags,
            category_id: text(it.category_id),
            creditor_id: text(it.creditor_id),
            new: it.new,
        }
    }
}
