//! Bank users: who owns bank connections.

use futures_util::FutureExt;
use xs2a_client::types::{self, BankUser, CreateBankUserRequest};
use xs2a_client::{Client, Operation};

use crate::call::Caller;
use crate::error::Error;
use crate::ids::UserId;
use crate::pages::{Page, Pages, count};

/// The bank users of an account. Created by [`ApiClient::users`](crate::ApiClient::users).
#[derive(Clone)]
pub struct Users {
    caller: Caller,
}

impl Users {
    pub(crate) fn new(caller: Caller) -> Self {
        Self { caller }
    }

    /// Creates a bank user. One call, acted on at most once.
    pub async fn create(&self, request: &CreateBankUserRequest) -> Result<BankUser, Error> {
        let create = |client: Client| async move { client.create_user(request).await };
        self.caller.call(Operation::CreateUser, create).await
    }

    /// All bank users, page by page. One call per page.
    pub fn list(&self) -> Pages<BankUser> {
        let users = self.clone();
        Pages::new(Operation::ListUsers, move |page, per_page| {
            let users = users.clone();
            async move { users.list_page(page, per_page).await }.boxed()
        })
    }

    /// One page of the bank users, counted from 1. One call.
    pub async fn list_page(&self, page: u32, per_page: u32) -> Result<Page<BankUser>, Error> {
        let query = &types::ListUsersQuery::new().page(count(page)).per_page(count(per_page));
        let list = |client: Client| async move { client.list_users(query).await };
        self.caller.call(Operation::ListUsers, list).await.map(Page::from)
    }

    /// One bank user. One call; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is
    /// none.
    pub async fn get(&self, id: impl Into<UserId>) -> Result<BankUser, Error> {
        let id = &id.into();
        let get = |client: Client| async move { client.get_user(id.as_str()).await };
        self.caller.call(Operation::GetUser, get).await
    }

    /// Deletes a bank user. One call.
    pub async fn delete(&self, id: impl Into<UserId>) -> Result<(), Error> {
        let id = &id.into();
        let delete = |client: Client| async move { client.delete_user(id.as_str()).await };
        self.caller.delete(Operation::DeleteUser, delete).await
    }
}
