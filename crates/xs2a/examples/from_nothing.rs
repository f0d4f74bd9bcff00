//! From an API key to printed turnovers: a bank user, her wizard, her accounts.
//!
//! ```text
//! cargo run -p xs2a --example from_nothing          # a login that needs a PIN
//! cargo run -p xs2a --example from_nothing -- app   # one that the user approves in an app
//! ```
//!
//! Without an API key it runs against a sandbox of its own. With `XS2A_API_KEY` set, and optionally
//! `XS2A_BASE_URL`, it runs against that server and the test bank there, and cleans up behind
//! itself.

use std::error::Error;
use std::time::Duration;

use xs2a::types::{
    CreateBankUserRequest, CreateConnectionRequest, GetAccountTurnoversQuery, WizardElement,
};
use xs2a::{Answers, ApiClient, Form, Money, Step, TransactionId, UserClient};
use xs2a_sandbox::Sandbox;

/// What the test bank wants to know.
const COUNTRY: &str = "DE";
const BANK_CODE: &str = "88888888";
const PIN: &str = "123456";

/// How long the user may take to approve.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The user name decides what the bank of the sandbox asks for.
    let user_name = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "abcdef".to_owned());

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
            ApiClient::builder(sandbox.api_key())
                .base_url(sandbox.base_url())
                .build()?
        }
    };

    let request = CreateBankUserRequest::new("erika@example.com", "Erika Mustermann");
    let erika = api.users().create(&request).await?;
    println!("made the bank user {}", erika.id);

    // Access tokens are made and renewed as they are needed.
    let user = api.user(&erika.id);
    let result = connect_and_print(&user, &user_name).await;
    api.users().delete(&erika.id).await?;
    result
}

async fn connect_and_print(user: &UserClient, user_name: &str) -> Result<(), Box<dyn Error>> {
    let transaction = walk_the_wizard(user, user_name).await?;
    let connection = user.connections().get(transaction).await?;
    let bank = connection.bank_name.as_deref().unwrap_or("the bank");
    println!("connected to {bank} as {}\n", connection.id);

    let mut accounts = user.accounts().of_connection(&connection.id);
    while let Some(account) = accounts.next().await {
        let account = account?;
        let balance = user.accounts().balance(&account.id).await?;
        let booked = Money::booked(&balance).map_or_else(String::new, |money| money.to_string());
        println!(
            "{}  {booked}",
            account.iban.as_deref().unwrap_or(&account.id)
        );

        // All of them, the newest five printed; the next time, only what is new.
        let query = GetAccountTurnoversQuery::new();
        let turnovers = user.accounts().turnovers(&account.id, &query).await?;
        for turnover in turnovers.turnovers.iter().rev().take(5) {
            let day = turnover
                .booking_date
                .map_or_else(String::new, |day| day.to_string());
            let money = Money::moved(turnover).to_string();
            let holder = turnover.counter_holder.as_deref().unwrap_or_default();
            println!(
                "  {day:10}  {money:>14}  {holder}  {}",
                turnover.purpose.join(", ")
            );
        }
        user.accounts().mark_as_seen(&account.id).await?;
    }
    user.connections().delete(&connection.id).await?;
    Ok(())
}

/// Lets the user log in at her bank, and gives the transaction that finds the new connection.
async fn walk_the_wizard(
    user: &UserClient,
    user_name: &str,
) -> Result<TransactionId, Box<dyn Error>> {
    let session = user
        .connections()
        .create(&CreateConnectionRequest::new())
        .await?;
    let wizard = user.wizard(session.wizard_session_key);
    let mut step = wizard.open().await?;
    loop {
        step = match step {
            Step::Form(form) => {
                println!("the wizard shows the form `{}`", form.name());
                if let Some(message) = form.message() {
                    // A program would ask the user again. These answers are as good as it gets.
                    return Err(message.into());
                }
                wizard.send(fill_in(&form, user_name)?).await?
            }
            Step::Waiting(waiting) => {
                println!("waiting for the user to approve in the app of her bank");
                wizard.wait(&waiting, PATIENCE).await?
            }
            Step::Finished(_) => return Ok(session.transaction.into()),
            Step::Failed(failure) => return Err(failure.into()),
        };
    }
}

/// Answers the test bank, where a program would ask the user.
fn fill_in<'form>(form: &'form Form, user_name: &str) -> Result<Answers<'form>, Box<dyn Error>> {
    let mut answers = form.answers();
    for element in form.elements() {
        answers = match element {
            WizardElement::Select(select) => answers.choose(&select.name, COUNTRY)?,
            WizardElement::Text(text) if text.name == "bank_code" => {
                answers.enter(&text.name, BANK_CODE)?
            }
            WizardElement::Text(text) => answers.enter(&text.name, user_name)?,
            // The PIN or a TAN: the test bank takes any.
            WizardElement::Password(password) => answers.enter(&password.name, PIN)?,
            WizardElement::Checkbox(checkbox) => answers.tick(&checkbox.name, true)?,
            _ => answers,
        };
    }
    Ok(answers)
}
