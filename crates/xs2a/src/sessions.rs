//! Wizard sessions as the account sees them: how far the user came, and what went wrong.

use xs2a_client::types::Session;

use crate::call::Caller;
use crate::client::ApiClient;
use crate::error::Error;
use crate::ids::TransactionId;

/// The wizard sessions of an account, of all its bank users. [`ApiClient::sessions`] gives them.
#[derive(Clone)]
pub struct Sessions {
    caller: Caller,
}

impl ApiClient {
    /// The wizard sessions of the account, of all its bank users.
    pub fn sessions(&self) -> Sessions {
        Sessions { caller: Caller::clone(&self.caller) }
    }
}

impl Sessions {
    /// One session, by its transaction: whether it is finished, and what went wrong last. One call;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such session.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let request = xs2a::types::CreateConnectionRequest::new();
    /// # let session = api.user(ada.id()).connections().create(&request).await?;
    /// let session = api.sessions().get(session.transaction()).await?;
    /// println!("finished: {:?}, last error: {:?}", session.finished, session.last_error);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, transaction: impl Into<TransactionId>) -> Result<Session, Error> {
        self.caller.call(self.caller.client.get_session(&transaction.into())).await
    }
}
