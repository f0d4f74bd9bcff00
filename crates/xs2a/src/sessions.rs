//! Wizard sessions as the account sees them: how far the user came, and why she did not get through.

use xs2a_client::types::Session;
use xs2a_client::{Client, Operation};

use crate::call::Caller;
use crate::client::ApiClient;
use crate::error::Error;
use crate::ids::TransactionId;

/// The wizard sessions of an account. Created by [`ApiClient::sessions`].
#[derive(Clone)]
pub struct Sessions {
    caller: Caller,
}

impl ApiClient {
    /// The wizard sessions of all bank users.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions { caller: self.caller.clone() }
    }
}

impl Sessions {
    /// One session, by its transaction id: whether it is finished, and what went wrong last. One
    /// call.
    pub async fn get(&self, transaction: impl Into<TransactionId>) -> Result<Session, Error> {
        let transaction = &transaction.into();
        let get = |client: Client| async move { client.get_session(transaction.as_str()).await };
        self.caller.call(Operation::GetSession, get).await
    }
}
