//! Walks through the wizard of the test bank, where a program would ask the user, and deletes what
//! came of it.

use std::error::Error;
use std::time::Duration;

use xs2a::types::{WizardElement, WizardSession};
use xs2a::{Answers, ApiClient, Form, Step, UserClient};

const COUNTRY: &str = "DE";
const BANK_CODE: &str = "88888888";
const PIN: &str = "123456";

/// How long the user may take to approve.
const PATIENCE: Duration = Duration::from_secs(300);

/// Lets the user log in at her bank. In the sandbox, words of the user name decide what the bank
/// asks for.
pub(crate) async fn walk(
    user: &UserClient,
    session: WizardSession,
    user_name: &str,
) -> Result<(), Box<dyn Error>> {
    let wizard = user.wizard(session.wizard_session_key);
    let mut step = wizard.open().await?;
    loop {
        step = match step {
            Step::Form(form) => {
                println!("    the wizard shows the form `{}`", form.name());
                if let Some(message) = form.message() {
                    // A program would ask the user again. These answers are as good as it gets.
                    return Err(message.into());
                }
                wizard.send(fill_in(&form, user_name)?).await?
            }
            Step::Waiting(waiting) => {
                println!("    waiting for the user to approve in the app of her bank");
                wizard.wait(&waiting, PATIENCE).await?
            }
            Step::Finished(_) => return Ok(()),
            Step::Failed(failure) => return Err(failure.into()),
        };
    }
}

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
            WizardElement::Redirect(_) => return Err("she has to go to her bank's own page".into()),
            _ => answers,
        };
    }
    Ok(answers)
}

/// Deletes the user with all that is hers. Accounts outlive their connection and are deleted on
/// their own.
pub(crate) async fn clean_up(
    api: &ApiClient,
    user: &UserClient,
    id: &str,
) -> Result<(), Box<dyn Error>> {
    // Listed to the end first: pages move when something is deleted.
    for connection in user.connections().list().all().await? {
        user.connections().delete(connection.id).await?;
    }
    for account in user.accounts().list().all().await? {
        user.accounts().delete(account.id).await?;
    }
    api.users().delete(id).await?;
    println!("\nDeleted everything that this story made.");
    Ok(())
}
