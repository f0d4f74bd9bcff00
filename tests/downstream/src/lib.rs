//! A small application on top of the client, as somebody else would write it.

use xs2a::{BuildError, Error, SyncStart, UserClient, types::SyncConnectionRequest};

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

    /// Asks for fresh data, and says what to tell the user.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn refresh(&self, connection: &str) -> Result<&'static str, Error> {
        let request = SyncConnectionRequest::new();
        let start = self.0.connections().sync(connection, &request).await?;
        Ok(match start {
            SyncStart::Started => "Your accounts are being updated.",
            SyncStart::UserNeeded(_) => "Please log in at your bank.",
        })
    }
}
