//! Ids are made from text and from nothing else, and one kind never passes for another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use xs2a_client::types::{Account, ListEventsQuery};
use xs2a_client::{
    AccountId, ConnectionId, ConnectionKey, EventId, ReportId, SessionId, TokenId, TransactionId,
    TurnoverId, UserId,
};

/// What every kind of id can do.
fn is_an_id<T>()
where
    T: Clone + Debug + Display + Ord + Hash + Send + Sync + 'static,
    T: From<String> + for<'a> From<&'a String> + for<'a> From<&'a str> + for<'a> From<&'a T>,
    T: AsRef<str> + std::borrow::Borrow<str> + PartialEq<str> + for<'a> PartialEq<&'a str>,
    T: FromStr<Err = Infallible> + Serialize + DeserializeOwned,
{
    let text = "con-1 ü".to_owned();
    let id = T::from(&text);
    for same in [T::from(text.as_str()), text.parse().unwrap(), T::from(&id), T::from(text.clone())]
    {
        assert_eq!(same, id);
    }
    assert_eq!(id.to_string(), text);
    assert_eq!(id.as_ref(), text);
    assert_eq!(id, "con-1 ü");
    let (first, last) = (T::from("a"), T::from("b"));
    assert!(first < last);
    let hashed = HashMap::from([(id.clone(), 1)]);
    let sorted = BTreeMap::from([(id.clone(), 1)]);
    assert_eq!((hashed.get("con-1 ü"), sorted.get("con-1 ü")), (Some(&1), Some(&1)));

    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(json, r#""con-1 ü""#);
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), id);
    let keys = serde_json::to_string(&sorted).unwrap();
    assert_eq!(serde_json::from_str::<BTreeMap<T, i32>>(&keys).unwrap(), sorted);
}

#[test]
fn every_kind_is_made_from_text_and_becomes_text_again() {
    is_an_id::<UserId>();
    is_an_id::<TokenId>();
    is_an_id::<ConnectionId>();
    is_an_id::<TransactionId>();
    is_an_id::<ConnectionKey>();
    is_an_id::<AccountId>();
    is_an_id::<TurnoverId>();
    is_an_id::<ReportId>();
    is_an_id::<SessionId>();
    is_an_id::<EventId>();
    let id = ConnectionId::from("con-1");
    assert_eq!(id.as_str(), "con-1");
    assert_eq!(format!("{id:?}"), r#"ConnectionId("con-1")"#);
    assert_eq!(id.into_string(), "con-1");
}

#[test]
fn a_connection_is_looked_up_by_its_id_or_by_a_transaction() {
    let (connection, transaction) = (ConnectionId::from("con-1"), TransactionId::from("tra-1"));
    assert_eq!(ConnectionKey::from(&connection), "con-1");
    assert_eq!(ConnectionKey::from(&transaction), "tra-1");
    assert_eq!(ConnectionKey::from(connection), "con-1");
    assert_eq!(ConnectionKey::from(transaction), "tra-1");
}

/// Compiles only if there is no conversion: with one, both implementations of `checked` would fit.
macro_rules! no_conversion {
    ($($from:ty => $to:ty),* $(,)?) => {$({
        trait Ambiguous<A> {
            fn checked() {}
        }
        impl<T> Ambiguous<()> for T {}
        impl<T: Into<$to>> Ambiguous<u8> for T {}
        <$from as Ambiguous<_>>::checked();
        <&$from as Ambiguous<_>>::checked();
    })*};
}

#[test]
fn no_kind_becomes_another() {
    no_conversion! {
        ConnectionId => AccountId,
        ConnectionId => TransactionId,
        TransactionId => ConnectionId,
        ConnectionKey => ConnectionId,
        ConnectionKey => TransactionId,
        AccountId => ConnectionKey,
        UserId => TokenId,
        TurnoverId => EventId,
        SessionId => ReportId,
    }
}

#[test]
fn ids_stand_in_answers_and_queries() {
    let json = r#"{"id": "acc-1", "bank_connection_id": 7}"#;
    let account: Account = serde_json::from_str(json).unwrap();
    assert_eq!(account.id, AccountId::from("acc-1"));
    assert_eq!(account.bank_connection_id, Some(ConnectionId::from("7")));
    let gone: Account = serde_json::from_str(r#"{"id": 1, "bank_connection_id": ""}"#).unwrap();
    assert_eq!((gone.id, gone.bank_connection_id), (AccountId::from("1"), None));
    let transaction = TransactionId::from("tra-1");
    let query = ListEventsQuery::new().transaction_id(&transaction);
    assert_eq!(query.transaction_id, Some(transaction));
}
