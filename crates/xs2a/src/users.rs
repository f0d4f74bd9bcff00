//! Bank users: who owns bank connections.

use xs2a_client::types::{BankUser, CreateBankUserRequest, ListUsersQuery};

use crate::call::call;
use crate::client::resource;
use crate::error::Error;
use crate::ids::UserId;
use crate::pages::{Pages, pages};

resource! {
    /// The bank users of an account.
    Users by ApiClient::users
}

impl Users {
    /// Creates a bank user. One call, acted on at most once.
    pub async fn create(&self, request: &CreateBankUserRequest) -> Result<BankUser, Error> {
        call!(self.call, CreateUser, create_user(request))
    }

    /// All bank users, page by page. One call per page.
    pub fn list(&self) -> Pages<BankUser> {
        pages!(self, ListUsers, list_users(), ListUsersQuery::new())
    }

    /// One bank user. One call; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is
    /// none.
    pub async fn get(&self, id: impl Into<UserId>) -> Result<BankUser, Error> {
        let id = &id.into();
        call!(self.call, GetUser, get_user(id.as_str()))
    }

    /// Deletes a bank user. One call.
    pub async fn delete(&self, id: impl Into<UserId>) -> Result<(), Error> {
        let id = &id.into();
        call!(self.delete, DeleteUser, delete_user(id.as_str()))
    }
}
