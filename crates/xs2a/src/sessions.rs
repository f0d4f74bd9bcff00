//! Wizard sessions as the account sees them: how far the user came, and why she did not get through.

use xs2a_client::types::Session;

use crate::call::call;
use crate::client::resource;
use crate::error::Error;
use crate::ids::TransactionId;

resource! {
    /// The wizard sessions of an account, of all its bank users.
    Sessions by ApiClient::sessions
}

impl Sessions {
    /// One session, by its transaction id: whether it is finished, and what went wrong last. One
    /// call.
    pub async fn get(&self, transaction: impl Into<TransactionId>) -> Result<Session, Error> {
        let transaction = &transaction.into();
        call!(self.call, GetSession, get_session(transaction.as_str()))
    }
}
