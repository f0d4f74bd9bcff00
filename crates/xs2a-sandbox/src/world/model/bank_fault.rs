//! What goes wrong at the bank.

use std::time::Duration;

/// What the bank does at a login without the user, instead of letting the login through.
///
/// ```
/// use std::time::Duration;
/// use xs2a_sandbox::{BankFault, ConnectionSeed, Sandbox, SyncMode};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let user = sandbox.add_user("Ada");
/// let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full).login("ada"));
/// // The next sync takes an hour, and the one after it fails.
/// sandbox.fail_next_sync(&connection, BankFault::Slow(Duration::from_secs(60 * 60)));
/// sandbox.fail_next_sync(&connection, BankFault::WrongPassword);
/// // After these two, every login with this user name needs a TAN.
/// sandbox.set_login("ada", Some(BankFault::TanRequired));
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BankFault {
    /// The bank rejects the credentials: the sync fails, and the failure is counted.
    WrongPassword,
    /// The bank has a technical problem: the sync fails, and the failure is counted.
    Unavailable,
    /// The bank asks for a TAN. A sync that was asked for needs the user (202). An automatic sync
    /// fails, and the connection falls back to mode none.
    TanRequired,
    /// The bank has lost the consent. The effect is that of [`BankFault::TanRequired`]; in addition
    /// `consent_valid_until` lies in the past from then on.
    ConsentGone,
    /// The bank takes this long on the sandbox's clock, and then lets the login through.
    Slow(Duration),
}

impl BankFault {
    /// The name of the order for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::Unavailable => "unavailable",
            Self::TanRequired => "tan_required",
            Self::ConsentGone => "consent_gone",
            Self::Slow(_) => "slow",
        }
    }
}
