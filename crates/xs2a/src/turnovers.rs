//! What is new among the turnovers of an account, each once.

use std::collections::HashMap;
use std::fmt;

use indexmap::IndexMap;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use xs2a_client::types::Turnover;

/// How many days each reading reaches back behind the latest booking date that was read: banks book
/// late, and with dates of the past.
const OVERLAP_DAYS: i64 = 10;

/// What tells a turnover from every other turnover of its account, and is the same in each reading.
///
/// The service's id where the turnover has one. Else the key is made of the booking date, the amount,
/// the counterparty and the purpose, and of the turnover's place among equals: two equal turnovers of
/// one day have two keys. The key has the words of the turnover, so treat it like the turnover itself.
///
/// A turnover without an id whose words the bank changes, from prebooked to booked for example, is
/// another turnover.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TurnoverKey(String);

impl TurnoverKey {
    /// The keys of the turnovers of one answer, in their order.
    ///
    /// ```
    /// use xs2a::TurnoverKey;
    /// use xs2a::types::Turnover;
    ///
    /// let bread = r#"{"amount": -4.20, "booking_date": "2026-01-31", "purpose": ["Bread"]}"#;
    /// let bread: Turnover = serde_json::from_str(bread)?;
    /// let twice = [bread.clone(), bread];
    /// let keys = TurnoverKey::of_all(&twice);
    /// assert_ne!(keys[0], keys[1]);
    /// assert_eq!(keys, TurnoverKey::of_all(&twice));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn of_all<'a>(turnovers: impl IntoIterator<Item = &'a Turnover>) -> Vec<Self> {
        let mut equals = HashMap::new();
        let key = |turnover: &Turnover| match &turnover.id {
            Some(id) => Self(format!("id {id}")),
            None => {
                let words = words(turnover);
                let place: &mut u32 = equals.entry(words.clone()).or_default();
                *place += 1;
                Self(format!("{words} #{place}"))
            }
        };
        turnovers.into_iter().map(key).collect()
    }

    /// The key as text, to be stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TurnoverKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What two readings of one turnover have in common. Lengths stand before the texts, so that no two
/// different turnovers have the same words.
fn words(turnover: &Turnover) -> String {
    let currency = turnover.currency.as_ref().or(turnover.currency_id.as_ref());
    let parties = [&turnover.counter_iban, &turnover.counter_holder, &turnover.creditor_id];
    let purpose = turnover.purpose.iter().map(Some);
    let texts = parties.into_iter().map(Option::as_ref).chain(purpose);
    let day = turnover.booking_date.map(|day| day.to_string()).unwrap_or_default();
    let amount = turnover.amount.normalize();
    let mut words = format!("{day} {amount} {}", currency.map_or("", String::as_str));
    for text in texts {
        match text {
            Some(text) => words.push_str(&format!(" {}:{text}", text.len())),
            None => words.push_str(" -"),
        }
    }
    words
}

/// What has been read of an account's turnovers. Plain data, to be stored with them.
///
/// Read with [`from`](Self::from), take what is [new](Self::take_new), and store the turnovers and the
/// book in one transaction of your database. So each turnover is taken over once, also when the
/// program ends between reading and storing, and when turnovers arrive while it reads.
/// [`only_new`](crate::TurnoversRequest::only_new) with [`mark_as_seen`](crate::Accounts::mark_as_seen)
/// cannot promise that: what arrives between the two calls is marked and never read.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
/// # let ada = sandbox.add_user("Ada");
/// # sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
/// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
/// # let account = user.accounts().list().all().await?.remove(0).id;
/// use xs2a::TurnoverBook;
///
/// // As stored with the account; empty at first.
/// let mut book = TurnoverBook::default();
/// for _reading in 0..2 {
///     let today = xs2a::jiff::Timestamp::now().to_zoned_datetime(xs2a::jiff::tz::TimeZone::UTC).date();
///     let mut request = user.accounts().turnovers(&account);
///     if let Some(day) = book.from(today) {
///         request = request.from(day);
///     }
///     let found = request.await?;
///     for (key, turnover) in book.take_new(&found.turnovers) {
///         println!("{key}: {}", turnover.amount);
///     }
///     // What cannot be read is for a person: it is not in the book.
///     for unreadable in found.turnovers.unreadable() {
///         eprintln!("{unreadable}");
///     }
///     // Store the turnovers and the book in one transaction.
/// }
/// # assert!(book.take_new(&user.accounts().turnovers(&account).await?.turnovers).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TurnoverBook {
    read: IndexMap<TurnoverKey, Option<Date>>,
}

impl TurnoverBook {
    /// The booking date from which the next reading has to begin: ten days before the latest one that
    /// was read, and at most ten days before today. A bank announces turnovers with dates to come, and
    /// books others before them. `None` before the first reading: read all.
    pub fn from(&self, today: impl Into<Date>) -> Option<Date> {
        let latest = self.read.values().flatten().max()?;
        (*latest).min(today.into()).checked_sub(OVERLAP_DAYS.days()).ok()
    }

    /// The turnovers of an answer that were not read before, and notes them as read. Those that
    /// could not be read are not noted: a later version that can read them takes them over, as long as
    /// the readings reach back to them.
    pub fn take_new<'a>(
        &mut self,
        turnovers: impl IntoIterator<Item = &'a Turnover>,
    ) -> Vec<(TurnoverKey, &'a Turnover)> {
        let turnovers: Vec<_> = turnovers.into_iter().collect();
        let keys = TurnoverKey::of_all(turnovers.iter().copied());
        let mut new = Vec::new();
        for (key, turnover) in keys.into_iter().zip(turnovers) {
            if self.read.insert(key.clone(), turnover.booking_date.map(|day| day.date())).is_none()
            {
                new.push((key, turnover));
            }
        }
        new
    }

    /// Forgets what no later reading reaches: booking dates before [`from`](Self::from). Keeps the
    /// book small.
    pub fn forget_old(&mut self, today: impl Into<Date>) {
        if let Some(from) = self.from(today) {
            self.read.retain(|_, day| day.is_none_or(|day| day >= from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turnover(json: &str) -> Turnover {
        serde_json::from_str(json).unwrap()
    }

    fn bread(day: &str) -> Turnover {
        turnover(&format!(r#"{{"amount":-4.2,"booking_date":"{day}","purpose":["Bread"]}}"#))
    }

    #[test]
    fn equals_are_told_apart_by_their_number_and_not_by_their_order() {
        let (bread, milk) = (bread("2026-01-31"), turnover(r#"{"amount":-1,"purpose":["Milk"]}"#));
        let mut first = TurnoverKey::of_all([&bread, &milk, &bread]);
        let mut again = TurnoverKey::of_all([&milk, &bread, &bread]);
        first.sort();
        again.sort();
        assert_eq!(first, again);
        first.dedup();
        assert_eq!(first.len(), 3);
    }

    #[test]
    fn the_words_of_one_turnover_cannot_be_mistaken_for_those_of_another() {
        let keys = TurnoverKey::of_all([
            &turnover(r#"{"amount":1,"purpose":["a","b"]}"#),
            &turnover(r#"{"amount":1,"purpose":["a b"]}"#),
            &turnover(r#"{"amount":1,"purpose":["a 1:b"]}"#),
            &turnover(r#"{"amount":1,"counter_holder":"a","purpose":["b"]}"#),
        ]);
        let all_differ = keys.iter().all(|key| keys.iter().filter(|it| *it == key).count() == 1);
        assert!(all_differ && keys.iter().all(|key| key.as_str().ends_with("#1")), "{keys:?}");
    }

    #[test]
    fn what_arrives_between_two_readings_is_taken_once_whatever_the_answers_overlap() {
        let mut book = TurnoverBook::default();
        let days = ["2026-01-20", "2026-01-29", "2026-01-29", "2026-01-31"].map(bread);
        assert_eq!(book.take_new(&days[..2]).len(), 2);
        let today: Date = "2026-02-01".parse().unwrap();
        assert_eq!(book.from(today), Some("2026-01-19".parse().unwrap()));
        assert_eq!(book.take_new(&days).len(), 2);
        assert_eq!(book.take_new(&days).len(), 0);
        book.forget_old(today);
        assert_eq!(book.from(today), Some("2026-01-21".parse().unwrap()));
        assert_eq!(book.take_new(&days[1..]).len(), 0);
    }
}
