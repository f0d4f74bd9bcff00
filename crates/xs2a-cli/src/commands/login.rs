//! The user logs in at the terminal, for a new connection or for one that needs it.

use std::time::Duration;

use xs2a::sync::LoginOutcome;
use xs2a::types::Connection;
use xs2a::{UserClient, UserSession};

use crate::failure::{Exit, Failure, Outcome};
use crate::output::note;
use crate::secret_file::NewSecret;
use crate::wizard;

/// How long the service may take to bring the connection up to date once the user is through.
const LAST_STEPS: Duration = Duration::from_secs(180);

/// Walks through the wizard with the user, and writes the half of the credentials that the session
/// hands over. Gives the connection.
pub(super) async fn log_in(
    user: &UserClient,
    session: &UserSession,
    half: Option<NewSecret>,
) -> Outcome<Connection> {
    let completed = wizard::walk(user, session).await?;
    match (half, completed.credentials()) {
        (Some(file), Some(half)) => file.write(&half)?,
        (Some(file), None) => {
            note(&format!(
                "the service has handed over no credentials: {} is empty",
                file.path().display()
            ));
        }
        (None, Some(_)) => {
            note("the service has handed over credentials, and no file was named for them")
        }
        (None, None) => {}
    }
    let spinner = wizard::spinner("waiting for the connection");
    let outcome = user.connections().wait_for_user(session).deadline(LAST_STEPS).await;
    spinner.finish_and_clear();
    match outcome? {
        LoginOutcome::Through(connection) => Ok(connection),
        failed @ LoginOutcome::Failed { .. } => {
            Err(Failure::new(Exit::Bank, failed.to_string(), "begin anew when the reason is gone"))
        }
        open => {
            let next = "xs2a connections list shows the connection when it is there";
            Err(Failure::new(Exit::Open, open.to_string(), next))
        }
    }
}
