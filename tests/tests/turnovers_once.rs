//! What is new among the turnovers of an account is taken over once, whatever arrives in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use xs2a::jiff::civil::{Date, date};
use xs2a::{TurnoverBook, UserClient};
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};

/// An account of a bank: the day and the JSON of each turnover.
type Account = Arc<Mutex<Vec<(String, String)>>>;

/// A server that has this account, and obeys `from`.
async fn server(account: &Account) -> (RawServer, UserClient) {
    let account = Arc::clone(account);
    let server = RawServer::start(
        [],
        Reaction::by(move |request| {
            let from = request.line.split_once("from=").map_or("", |(_, from)| &from[..10]);
            let account = account.lock().unwrap();
            let rows = account.iter().filter(|(day, _)| day.is_empty() || day.as_str() >= from);
            let rows: Vec<&str> = rows.map(|(_, json)| json.as_str()).collect();
            Answer::json(200, format!(r#"{{"id":"acc-1","turnovers":[{}]}}"#, rows.join(",")))
        }),
    )
    .await;
    let user = UserClient::builder("token").base_url(server.url()).build().unwrap();
    (server, user)
}

fn book_in(account: &Account, day: &str, words: &str) {
    let id = words.strip_prefix('#').map_or(String::new(), |id| format!(r#""id":"{id}","#));
    let json = format!(r#"{{{id}"amount":-4.2,"booking_date":"{day}","purpose":["{words}"]}}"#);
    account.lock().unwrap().push((day.to_owned(), json));
}

/// One reading as the docs show it. The book is stored and read back, as between two processes.
async fn read(user: &UserClient, book: &mut TurnoverBook, today: Date) -> (Vec<String>, usize) {
    let mut request = user.accounts().turnovers("acc-1");
    if let Some(day) = book.from(today) {
        request = request.from(day);
    }
    let found = request.await.unwrap();
    let new = book.take_new(&found.turnovers);
    let words = new.iter().map(|(_, turnover)| turnover.purpose.join(" ")).collect();
    let unreadable = found.turnovers.unreadable().len();
    book.forget_old(today);
    *book = serde_json::from_str(&serde_json::to_string(book).unwrap()).unwrap();
    (words, unreadable)
}

#[tokio::test]
async fn each_turnover_is_taken_over_once_whatever_arrives_between_two_readings() {
    let account = Account::default();
    let (_server, user) = server(&account).await;
    let mut book = TurnoverBook::default();
    for (day, words) in [("2026-01-05", "Rent"), ("2026-01-20", "Bread"), ("2026-01-20", "#id-1")] {
        book_in(&account, day, words);
    }
    let today = date(2026, 1, 20);
    assert_eq!(read(&user, &mut book, today).await.0, ["Rent", "Bread", "#id-1"]);

    // Between the reading and whatever the program does next: an equal one, one of another day that
    // is booked late, and one whose id is known.
    book_in(&account, "2026-01-20", "Bread");
    book_in(&account, "2026-01-12", "Late");
    book_in(&account, "2026-01-21", "#id-2");
    let today = date(2026, 1, 21);
    assert_eq!(read(&user, &mut book, today).await.0, ["Bread", "Late", "#id-2"]);
    assert_eq!(read(&user, &mut book, today).await.0, [""; 0]);
}

#[tokio::test]
async fn a_turnover_with_a_date_to_come_hides_none_that_is_booked_before_it() {
    let account = Account::default();
    let (_server, user) = server(&account).await;
    let mut book = TurnoverBook::default();
    book_in(&account, "2026-01-20", "Bread");
    book_in(&account, "2099-01-01", "Standing order");
    assert_eq!(read(&user, &mut book, date(2026, 1, 20)).await.0.len(), 2);
    for day in 21..=31 {
        let today = date(2026, 1, day);
        book_in(&account, &today.to_string(), &format!("Milk of {today}"));
        assert_eq!(read(&user, &mut book, today).await.0, [format!("Milk of {today}")]);
    }
}

#[tokio::test]
async fn a_turnover_that_cannot_be_read_is_told_and_taken_over_once_it_can_be_read() {
    let account = Account::default();
    let (_server, user) = server(&account).await;
    let mut book = TurnoverBook::default();
    book_in(&account, "2026-01-20", "Bread");
    account.lock().unwrap().push(("2026-01-20".into(), r#"{"amount":"4,20"}"#.into()));
    let today = date(2026, 1, 20);
    assert_eq!(read(&user, &mut book, today).await, (vec!["Bread".to_owned()], 1));
    account.lock().unwrap().pop();
    book_in(&account, "2026-01-20", "Milk");
    assert_eq!(read(&user, &mut book, today).await, (vec!["Milk".to_owned()], 0));
}
