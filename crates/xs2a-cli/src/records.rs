//! What is printed of each thing. Fields that may hold a secret are left out here, and only here.

use serde::Serialize;
use xs2a::jiff::Timestamp;
use xs2a::jiff::civil::Date;
use xs2a::sync::{SyncHistory, SyncReport};
use xs2a::types::{
    AccessToken, Account, Balance, BankCode, BankUser, Connection, Event, Session, Turnover,
};
use xs2a::{AccountId, ConnectionId, Money, NextStep, Snapshot, SyncPolicy};

use xs2a_fleet::store::Counts;
use xs2a_fleet::{Enrolled, Report, Row, State};

use crate::failure::Outcome;
use crate::output::{Record, Tone};

/// An instant, in UTC and to the second.
fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

#[derive(Default, Serialize)]
pub(crate) struct ConnectionRecord {
    id: String,
    bank_name: Option<String>,
    bic: Option<String>,
    country_id: Option<String>,
    mode: Option<String>,
    active: bool,
    state: &'static str,
    state_in_words: String,
    next_step: &'static str,
    next_step_in_words: String,
    command: Option<String>,
    calls_left: Option<usize>,
    failures: u32,
    message: Option<String>,
    last_synced: Option<String>,
    consent_valid_until: Option<String>,
    sync_under_way: bool,
    testmode: Option<bool>,
    transaction: Option<String>,
    created_at: Option<String>,
}

impl ConnectionRecord {
    /// How the connection is, by the rules of the crate: `policy` and `history` decide what may be
    /// called.
    pub(crate) fn new(
        seen: &Connection,
        policy: &SyncPolicy,
        history: &SyncHistory,
        sync_under_way: bool,
        now: Timestamp,
    ) -> Self {
        let (snapshot, id) = (Snapshot::from(seen), &seen.id);
        let state = snapshot.state(now);
        let next = snapshot.next_step(policy, history, now);
        let command = match next {
            _ if sync_under_way => Some(format!("xs2a connections resume {id}")),
            NextStep::Recreate => Some(format!("xs2a connections delete {id}")),
            NextStep::AskUser | NextStep::Stop => Some(format!("xs2a connections reset {id}")),
            NextStep::Sync { credentials: true, .. } => {
                Some(format!("xs2a connections sync {id} --credentials-file FILE"))
            }
            NextStep::Sync { .. } | NextStep::SyncWithUser => {
                Some(format!("xs2a connections sync {id}"))
            }
            _ => None,
        };
        Self {
            id: id.to_string(),
            bank_name: seen.bank_name.clone(),
            bic: seen.bic.clone(),
            country_id: seen.country_id.clone(),
            mode: seen.sync_mode.as_ref().map(|mode| mode.as_str().to_owned()),
            active: seen.sync_active,
            state: state.as_str(),
            state_in_words: state.to_string(),
            next_step: next.as_str(),
            next_step_in_words: next.to_string(),
            command,
            calls_left: snapshot.calls_left(policy, history, now),
            failures: snapshot.failures,
            message: snapshot.message,
            last_synced: instant(seen.last_synced),
            consent_valid_until: text(seen.consent_valid_until.as_ref()),
            sync_under_way,
            testmode: seen.testmode,
            transaction: text(seen.transaction.as_ref()),
            created_at: instant(seen.created_at),
        }
    }
}

impl Record for ConnectionRecord {
    const KIND: &'static str = "connection";
    const COLUMNS: Columns = &[
        ("ID", "id"),
        ("BANK", "bank_name"),
        ("MODE", "mode"),
        ("STATE", "state"),
        ("NEXT STEP", "next_step_in_words"),
        ("LAST SYNCED", "last_synced"),
    ];

    fn tone(&self, field: &str) -> Tone {
        match (field, self.state) {
            ("state", "disabled") => Tone::Bad,
            ("state", "failing" | "consent_expired") => Tone::Careful,
            ("state", _) => Tone::Good,
            _ => Tone::Plain,
        }
    }

    fn details(&self) -> Outcome<Vec<(String, String)>> {
        let bank = [&self.bank_name, &self.bic, &self.country_id];
        let bank: Vec<_> = bank.into_iter().flatten().map(String::as_str).collect();
        let mut lines = vec![
            ("connection", Some(self.id.clone())),
            ("bank", (!bank.is_empty()).then(|| bank.join(", "))),
            ("state", Some(self.state_in_words.clone())),
            ("next step", Some(self.next_step_in_words.clone())),
            ("command", self.command.clone()),
        ];
        if self.sync_under_way {
            lines.push(("on record", Some("a sync of this connection is under way".to_owned())));
        }
        let left = self.calls_left.map(|left| {
            format!("{left} left of the last 24 hours, as far as this machine has called")
        });
        lines.extend([
            ("calls", left),
            ("last synced", Some(self.last_synced.clone().unwrap_or_else(|| "never".to_owned()))),
            ("consent until", self.consent_valid_until.clone()),
            ("mode", self.mode.clone()),
        ]);
        Ok(lines.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    }
}

/// How a sync ended, or that it runs.
#[derive(Default, Serialize)]
pub(crate) struct SyncRecord {
    connection: String,
    outcome: &'static str,
    outcome_in_words: String,
    last_synced: Option<String>,
}

impl SyncRecord {
    pub(crate) fn new(id: &ConnectionId, report: &SyncReport) -> Self {
        let last_synced = match report {
            SyncReport::Succeeded { last_synced } => instant(*last_synced),
            _ => None,
        };
        let outcome_in_words = match &last_synced {
            Some(at) => format!("synced at {at}"),
            None => report.to_string(),
        };
        Self { connection: id.to_string(), outcome: report.as_str(), outcome_in_words, last_synced }
    }
}

impl Record for SyncRecord {
    const KIND: &'static str = "sync";
    const COLUMNS: Columns = &[];

    fn details(&self) -> Outcome<Vec<(String, String)>> {
        Ok(vec![(self.connection.clone(), self.outcome_in_words.clone())])
    }
}

/// What was deleted.
#[derive(Default, Serialize)]
pub(crate) struct DeletionRecord {
    pub(crate) deleted: &'static str,
    pub(crate) id: String,
}

impl Record for DeletionRecord {
    const KIND: &'static str = "deletion";
    const COLUMNS: Columns = &[];
}

/// What a table of many shows: heading and field.
type Columns = &'static [(&'static str, &'static str)];

#[derive(Default, Serialize)]
pub(crate) struct UserRecord {
    id: String,
    name: Option<String>,
    email: Option<String>,
    testmode: Option<bool>,
    created_at: Option<String>,
}

impl From<&BankUser> for UserRecord {
    fn from(user: &BankUser) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            testmode: user.testmode,
            created_at: instant(user.created_at),
        }
    }
}

impl Record for UserRecord {
    const KIND: &'static str = "user";
    const COLUMNS: Columns =
        &[("ID", "id"), ("NAME", "name"), ("EMAIL", "email"), ("CREATED", "created_at")];
}

#[derive(Default, Serialize)]
pub(crate) struct TokenRecord {
    id: String,
    valid_until: Option<String>,
    created_at: Option<String>,
}

impl From<&AccessToken> for TokenRecord {
    fn from(token: &AccessToken) -> Self {
        Self {
            id: token.id.to_string(),
            valid_until: instant(token.valid_until),
            created_at: instant(token.created_at),
        }
    }
}

impl Record for TokenRecord {
    const KIND: &'static str = "token";
    const COLUMNS: Columns =
        &[("ID", "id"), ("VALID UNTIL", "valid_until"), ("CREATED", "created_at")];
}

#[derive(Default, Serialize)]
pub(crate) struct AccountRecord {
    id: String,
    connection: Option<String>,
    holder: Option<String>,
    iban: Option<String>,
    account_number: Option<String>,
    description: Option<String>,
    r#type: Option<String>,
    bank_name: Option<String>,
    bank_code: Option<String>,
    bic: Option<String>,
    country_id: Option<String>,
    joint_account: Option<bool>,
    transaction_possible: Option<bool>,
    created_at: Option<String>,
}

impl From<&Account> for AccountRecord {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            connection: text(account.bank_connection_id.as_ref()),
            holder: account.holder.clone(),
            iban: account.iban.clone(),
            account_number: account.account_number.clone(),
            description: account.description.clone(),
            r#type: account.type_.as_ref().map(|kind| kind.as_str().to_owned()),
            bank_name: account.bank_name.clone(),
            bank_code: account.bank_code.clone(),
            bic: account.bic.clone(),
            country_id: account.country_id.clone(),
            joint_account: account.joint_account,
            transaction_possible: account.transaction_possible,
            created_at: instant(account.created_at),
        }
    }
}

impl Record for AccountRecord {
    const KIND: &'static str = "account";
    const COLUMNS: Columns = &[
        ("ID", "id"),
        ("TYPE", "type"),
        ("IBAN", "iban"),
        ("HOLDER", "holder"),
        ("BANK", "bank_name"),
        ("CONNECTION", "connection"),
    ];
}

#[derive(Default, Serialize)]
pub(crate) struct BalanceRecord {
    account: String,
    booked: Option<String>,
    available: Option<String>,
    limit: Option<String>,
    currency: Option<String>,
    date: Option<String>,
}

impl BalanceRecord {
    pub(crate) fn new(account: &AccountId, balance: &Balance) -> Self {
        let amount = |money: Option<Money>| money.map(|money| money.amount.to_string());
        Self {
            account: account.to_string(),
            booked: amount(Money::booked(balance)),
            available: amount(Money::available(balance)),
            limit: amount(Money::limit(balance)),
            currency: balance.currency.as_ref().or(balance.currency_id.as_ref()).cloned(),
            date: text(balance.date.as_ref()),
        }
    }
}

impl Record for BalanceRecord {
    const KIND: &'static str = "balance";
    const COLUMNS: Columns = &[];
}

#[derive(Default, Serialize)]
pub(crate) struct TurnoverRecord {
    id: Option<String>,
    booking_date: Option<String>,
    amount: String,
    currency: Option<String>,
    counter_holder: Option<String>,
    counter_iban: Option<String>,
    counter_bic: Option<String>,
    purpose: String,
    category_id: Option<String>,
    creditor_id: Option<String>,
    prebooked: Option<bool>,
    canceled: Option<bool>,
    new: Option<bool>,
}

impl From<&Turnover> for TurnoverRecord {
    fn from(turnover: &Turnover) -> Self {
        let money = Money::moved(turnover);
        Self {
            id: text(turnover.id.as_ref()),
            booking_date: text(turnover.booking_date.as_ref()),
            amount: money.amount.to_string(),
            currency: money.currency,
            counter_holder: turnover.counter_holder.clone(),
            counter_iban: turnover.counter_iban.clone(),
            counter_bic: turnover.counter_bic.clone(),
            purpose: turnover.purpose.join(" "),
            category_id: text(turnover.category_id.as_ref()),
            creditor_id: text(turnover.creditor_id.as_ref()),
            prebooked: turnover.prebooked,
            canceled: turnover.canceled,
            new: turnover.new,
        }
    }
}

impl Record for TurnoverRecord {
    const KIND: &'static str = "turnover";
    const COLUMNS: Columns = &[
        ("DAY", "booking_date"),
        ("AMOUNT", "amount"),
        ("", "currency"),
        ("WITH", "counter_holder"),
        ("PURPOSE", "purpose"),
    ];
}

/// Which turnovers are marked as seen.
#[derive(Default, Serialize)]
pub(crate) struct SeenRecord {
    account: String,
    seen_until: Option<String>,
}

impl SeenRecord {
    pub(crate) fn new(account: &AccountId, until: Option<Date>) -> Self {
        Self { account: account.to_string(), seen_until: text(until) }
    }
}

impl Record for SeenRecord {
    const KIND: &'static str = "seen";
    const COLUMNS: Columns = &[];
}

#[derive(Default, Serialize)]
pub(crate) struct EventRecord {
    id: String,
    created_at: Option<String>,
    r#type: String,
    transaction: Option<String>,
    message: Option<String>,
    testmode: Option<bool>,
}

impl From<&Event> for EventRecord {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id.to_string(),
            created_at: instant(event.created_at),
            r#type: event.type_.clone(),
            transaction: text(event.transaction.as_ref()),
            message: event.message.clone(),
            testmode: event.testmode,
        }
    }
}

impl Record for EventRecord {
    const KIND: &'static str = "event";
    const COLUMNS: Columns = &[
        ("AT", "created_at"),
        ("TYPE", "type"),
        ("TRANSACTION", "transaction"),
        ("MESSAGE", "message"),
        ("ID", "id"),
    ];
}

#[derive(Default, Serialize)]
pub(crate) struct SessionRecord {
    transaction: String,
    finished: bool,
    current_step: Option<String>,
    last_error: Option<String>,
    product: Option<String>,
    testmode: Option<bool>,
    created_at: Option<String>,
}

impl From<&Session> for SessionRecord {
    fn from(session: &Session) -> Self {
        Self {
            transaction: session.transaction.to_string(),
            finished: session.finished,
            current_step: session.current_step.clone(),
            last_error: session.last_error.as_ref().map(|code| code.as_str().to_owned()),
            product: session.product.clone(),
            testmode: session.testmode,
            created_at: instant(session.created_at),
        }
    }
}

impl Record for SessionRecord {
    const KIND: &'static str = "session";
    const COLUMNS: Columns = &[];
}

#[derive(Default, Serialize)]
pub(crate) struct BankRecord {
    bank_code: String,
    bic: Option<String>,
    name: Option<String>,
    short_name: Option<String>,
    zipcode: Option<String>,
    city: Option<String>,
    country_id: Option<String>,
    supported: Option<bool>,
    products: String,
    testmode: Option<bool>,
}

impl From<&BankCode> for BankRecord {
    fn from(bank: &BankCode) -> Self {
        Self {
            bank_code: bank.bank_code.clone(),
            bic: bank.bic.clone(),
            name: bank.name.clone(),
            short_name: bank.short_name.clone(),
            zipcode: bank.zipcode.clone(),
            city: bank.city.clone(),
            country_id: bank.country_id.clone(),
            supported: bank.xs2a_supported,
            products: bank.xs2a_products.join(" "),
            testmode: bank.testmode,
        }
    }
}

impl Record for BankRecord {
    const KIND: &'static str = "bank";
    const COLUMNS: Columns = &[
        ("CODE", "bank_code"),
        ("BIC", "bic"),
        ("NAME", "name"),
        ("CITY", "city"),
        ("COUNTRY", "country_id"),
        ("SUPPORTED", "supported"),
    ];
}

/// What an enrolment has found.
#[derive(Default, Serialize)]
pub(crate) struct EnrolledRecord {
    users: usize,
    connections: usize,
    new: usize,
    problems: usize,
}

impl EnrolledRecord {
    pub(crate) fn add(&mut self, enrolled: &Enrolled) {
        self.users += enrolled.users;
        self.connections += enrolled.connections;
        self.new += enrolled.new;
        self.problems += enrolled.problems.len();
    }
}

impl Record for EnrolledRecord {
    const KIND: &'static str = "enrolled";
    const COLUMNS: Columns = &[];
}

/// How a fleet stands.
#[derive(Default, Serialize)]
pub(crate) struct FleetRecord {
    enrolled: u64,
    waiting: u64,
    due: u64,
    in_hand: u64,
    open: u64,
    parked: u64,
    parked_because: String,
    reports: String,
    unreported: u64,
    oldest_due: Option<String>,
}

impl From<&Counts> for FleetRecord {
    fn from(counts: &Counts) -> Self {
        let words = |(word, count): (&str, &u64)| format!("{word} {count}");
        let parked = counts.parked.iter().map(|(why, count)| words((why.as_str(), count)));
        let reports = counts.reports.iter().map(|(word, count)| words((word.as_str(), count)));
        Self {
            enrolled: counts.enrolled,
            waiting: counts.waiting,
            due: counts.due,
            in_hand: counts.in_hand,
            open: counts.open,
            parked: counts.parked.values().sum(),
            parked_because: parked.collect::<Vec<_>>().join(", "),
            reports: reports.collect::<Vec<_>>().join(", "),
            unreported: counts.unreported,
            oldest_due: instant(counts.oldest_due),
        }
    }
}

impl Record for FleetRecord {
    const KIND: &'static str = "fleet";
    const COLUMNS: Columns = &[];
}

/// A connection of a fleet that somebody has to see to.
#[derive(Default, Serialize)]
pub(crate) struct ParkedRecord {
    connection: String,
    user: String,
    parked: &'static str,
    parked_in_words: String,
    message: Option<String>,
}

impl From<&Row> for ParkedRecord {
    fn from(row: &Row) -> Self {
        let (parked, parked_in_words) = match row.state {
            State::Parked(why) => (why.as_str(), why.to_string()),
            _ => ("", String::new()),
        };
        Self {
            connection: row.connection_id.to_string(),
            user: row.user_id.to_string(),
            parked,
            parked_in_words,
            message: row.seen.as_ref().and_then(|seen| seen.snapshot.message.clone()),
        }
    }
}

impl Record for ParkedRecord {
    const KIND: &'static str = "parked";
    const COLUMNS: Columns = &[
        ("CONNECTION", "connection"),
        ("USER", "user"),
        ("WHY", "parked_in_words"),
        ("MESSAGE", "message"),
    ];
}

/// What became of a connection in a fleet.
#[derive(Default, Serialize)]
pub(crate) struct ReportRecord {
    id: String,
    connection: String,
    user: String,
    outcome: &'static str,
    outcome_in_words: String,
    parked: Option<&'static str>,
    consent_ends: Option<String>,
    at: Option<String>,
}

impl From<&Report> for ReportRecord {
    fn from(report: &Report) -> Self {
        Self {
            id: report.id.clone(),
            connection: report.connection_id.to_string(),
            user: report.user_id.to_string(),
            outcome: report.outcome.as_str(),
            outcome_in_words: report.outcome.to_string(),
            parked: report.parked.map(|why| why.as_str()),
            consent_ends: text(report.consent_ends),
            at: instant(Some(report.at)),
        }
    }
}

impl Record for ReportRecord {
    const KIND: &'static str = "report";
    const COLUMNS: Columns =
        &[("AT", "at"), ("CONNECTION", "connection"), ("OUTCOME", "outcome_in_words")];
}
