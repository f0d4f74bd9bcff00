//! A small application on top of the client, as somebody else would write it.

use xs2a::{BuildError, SyncError, SyncOutcome, UserClient};

/// The banks of one user.
pub struct Banks(UserClient);

impl Banks {
    /// The banks that this access token opens, at the service with this address.
    ///
    /// # Errors
    /// When the address is none.
    pub fn open(base_url: &str, token: &str) -> Result<Self, BuildError> {
        let client = UserClient::builder(token).base_url(base_url).build()?;
        Ok(Self(client))
    }

    /// Brings the data of a connection up to date, and says what to tell the user.
    ///
    /// # Errors
    /// When the sync does not succeed.
    pub async fn refresh(&self, connection: &str) -> Result<&'static str, SyncError> {
        Ok(match self.0.connections().sync(connection).await? {
            SyncOutcome::Succeeded(_) => "Your accounts are up to date.",
            SyncOutcome::UserNeeded(_) => "Please log in at your bank.",
        })
    }
}
