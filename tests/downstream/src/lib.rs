//! A small application on top of the client, as somebody else would write it.

use xs2a::{SyncStart, UserClient, types::SyncConnectionRequest};

/// Asks for fresh data, and says what to tell the user.
///
/// # Errors
/// When the call fails.
pub async fn refresh(user: &UserClient, connection: &str) -> Result<&'static str, xs2a::Error> {
    let request = SyncConnectionRequest::new();
    Ok(match user.connections().sync(connection, &request).await? {
        SyncStart::Started => "Your accounts are being updated.",
        SyncStart::UserNeeded(_) => "Please log in at your bank.",
    })
}
