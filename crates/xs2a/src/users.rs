//! Bank users: who owns bank connections.

use xs2a_client::types::{BankUser, CreateBankUserRequest, ListUsersQuery};

use crate::call::{Caller, Pages};
use crate::client::ApiClient;
use crate::error::Error;
use crate::ids::UserId;

/// The bank users of an account. [`ApiClient::users`] gives them.
#[derive(Clone)]
pub struct Users {
    caller: Caller,
}

impl ApiClient {
    /// The bank users of the account.
    pub fn users(&self) -> Users {
        Users { caller: Caller::clone(&self.caller) }
    }
}

impl Users {
    /// Creates a bank user. One call, acted on at most once.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::types::CreateBankUserRequest;
    ///
    /// let erika = CreateBankUserRequest::new("Erika Mustermann", "erika@example.com");
    /// let erika = api.users().create(&erika).await?;
    /// println!("{}", erika.id);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn create(&self, request: &CreateBankUserRequest) -> Result<BankUser, Error> {
        self.caller.call(self.caller.client.create_user(request)).await
    }

    /// All bank users, page by page: one call per page.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # sandbox.add_user("Ada");
    /// let mut users = api.users().list();
    /// while let Some(user) = users.next().await {
    ///     println!("{:?}", user?.name);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list(&self) -> Pages<BankUser> {
        self.caller.pages(|client, page, per_page| {
            let query = ListUsersQuery::new().page(page).per_page(per_page);
            client.list_users(&query)
        })
    }

    /// One bank user. One call; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no
    /// such user.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let id = sandbox.add_user("Ada").id().to_owned();
    /// let ada = api.users().get(&id).await?;
    /// assert_eq!(ada.name.as_deref(), Some("Ada"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, id: impl Into<UserId>) -> Result<BankUser, Error> {
        self.caller.call(self.caller.client.get_user(&id.into())).await
    }

    /// Deletes a bank user. One call; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there
    /// is no such user.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let id = sandbox.add_user("Ada").id().to_owned();
    /// api.users().delete(&id).await?;
    /// assert!(api.users().get(&id).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn delete(&self, id: impl Into<UserId>) -> Result<(), Error> {
        self.caller.delete(self.caller.client.delete_user(&id.into())).await
    }
}
