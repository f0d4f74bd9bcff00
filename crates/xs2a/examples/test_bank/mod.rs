//! Walks through the wizard of the test bank, where a program would ask the user, and deletes what the
//! example has made.

use std::error::Error;
use std::time::Duration;

use xs2a::types::WizardElement;
use xs2a::wizard::{Answers, Form, WizardStep};
use xs2a::{ApiClient, UserClient, UserId, UserSession};

const COUNTRY: &str = "DE";
const BANK_CODE: &str = "88888888";
const PIN: &str = "123456";

/// How long the user may take to approve.
const PATIENCE: Duration = Duration::from_secs(300);

/// Lets the user log in at the bank. In the sandbox, the user name decides what the bank asks for.
pub(crate) async fn walk(
    user: &UserClient,
    session: &UserSession,
    user_name: &str,
) -> Result<(), Box<dyn Error>> {
    let wizard = user.wizard(session.key());
    let mut step = wizard.open().await?;
    loop {
        step = match step {
            WizardStep::Form(form) => {
                println!("    the wizard shows the form `{}`", form.name());
                wizard.send(fill_in(&form, user_name)?).await?
            }
            // A program would ask the user again. This one has no other answers.
            WizardStep::Rejected(form) => {
                let rejections = form.rejections();
                let told: Vec<_> = rejections.iter().map(ToString::to_string).collect();
                return Err(told.join("; ").into());
            }
            WizardStep::Waiting(waiting) => {
                println!("    waiting for the user to approve in the app of the bank");
                wizard.wait(&waiting, PATIENCE).await?
            }
            WizardStep::Completed(_) => return Ok(()),
            WizardStep::Failed(failure) => return Err(failure.into()),
        };
    }
}

fn fill_in<'form>(form: &'form Form, user_name: &str) -> Result<Answers<'form>, Box<dyn Error>> {
    let mut answers = form.answers();
    for element in form.elements() {
        answers = match element.data() {
            WizardElement::Select(select) => answers.choose(&select.name, COUNTRY)?,
            WizardElement::Text(text) if text.name == "bank_code" => {
                answers.enter(&text.name, BANK_CODE)?
            }
            WizardElement::Text(text) => answers.enter(&text.name, user_name)?,
            // The PIN or a TAN: the test bank takes any.
            WizardElement::Password(password) => answers.enter(&password.name, PIN)?,
            WizardElement::Checkbox(checkbox) => answers.tick(&checkbox.name, true)?,
            WizardElement::Redirect(_) => {
                return Err("the user has to go to the page of the bank".into());
            }
            _ => answers,
        };
    }
    Ok(answers)
}

/// Deletes the user with all connections and accounts. Accounts outlive their connection and are
/// deleted on their own.
pub(crate) async fn clean_up(
    api: &ApiClient,
    user: &UserClient,
    id: &UserId,
) -> Result<(), Box<dyn Error>> {
    // The list is read to its end first, because pages move when something is deleted.
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
