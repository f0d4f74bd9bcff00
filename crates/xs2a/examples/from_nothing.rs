//! From an API key to printed turnovers: a bank user, the wizard, the accounts.
//!
//! ```text
//! cargo run -p xs2a --example from_nothing          # a login with a PIN
//! cargo run -p xs2a --example from_nothing -- app   # a login that the user approves in an app
//! ```
//!
//! Without an API key it runs against a sandbox of its own. With `XS2A_API_KEY` set, and optionally
//! `XS2A_BASE_URL`, it runs against that server and the test bank there, and deletes what it has
//! made.

mod test_bank;

use std::error::Error;

use xs2a::types::{CreateBankUserRequest, CreateConnectionRequest};
use xs2a::{ApiClient, Money, TurnoverBook, UserClient};
use xs2a_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The user name decides what the bank of the sandbox asks for.
    let user_name = std::env::args().nth(1).unwrap_or_else(|| "abcdef".to_owned());

    let sandbox;
    let api = match std::env::var("XS2A_API_KEY") {
        Ok(key) => {
            let builder = ApiClient::builder(key);
            match std::env::var("XS2A_BASE_URL") {
                Ok(url) => builder.base_url(url).build()?,
                Err(_) => builder.build()?,
            }
        }
        Err(_) => {
            sandbox = Sandbox::start().await?;
            println!("no XS2A_API_KEY: using a sandbox at {}", sandbox.base_url());
            ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?
        }
    };

    let request = CreateBankUserRequest::new("Erika Mustermann", "erika@example.com");
    let erika = api.users().create(&request).await?;
    println!("made the bank user {}", erika.id);

    // Access tokens are made and renewed as they are needed.
    let user = api.user(&erika.id);
    let outcome = connect_and_print(&user, &user_name).await;
    let cleaned_up = test_bank::clean_up(&api, &user, &erika.id).await;
    outcome.and(cleaned_up)
}

async fn connect_and_print(user: &UserClient, user_name: &str) -> Result<(), Box<dyn Error>> {
    let request = CreateConnectionRequest::new();
    let session = user.connections().create(&request).await?;
    test_bank::walk(user, &session, user_name).await?;
    let connection = user.connections().get(session.transaction()).await?;
    let bank = connection.bank_name.as_deref().unwrap_or("the bank");
    println!("connected to {bank} as {}\n", connection.id);

    let mut accounts = user.accounts().of_connection(&connection.id);
    while let Some(account) = accounts.next().await {
        let account = account?;
        let balance = user.accounts().balance(&account.id).await?;
        let booked = Money::booked(&balance).map_or_else(String::new, |money| money.to_string());
        println!("{}  {booked}", account.iban.as_deref().unwrap_or(account.id.as_str()));

        // Prints the newest five of what is new. A program stores the book with the turnovers, and
        // takes over each turnover once.
        let mut book = TurnoverBook::default();
        let found = user.accounts().turnovers(&account.id).await?;
        for (_, turnover) in book.take_new(&found.turnovers).into_iter().rev().take(5) {
            let day = turnover.booking_date.map_or_else(String::new, |day| day.to_string());
            let money = Money::moved(turnover).to_string();
            let holder = turnover.counter_holder.as_deref().unwrap_or_default();
            println!("  {day:10}  {money:>14}  {holder}  {}", turnover.purpose.join(", "));
        }
        for unreadable in found.turnovers.unreadable() {
            println!("  {unreadable}");
        }
    }
    Ok(())
}
