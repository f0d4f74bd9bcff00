//! Bank codes: which banks there are, and what the service can do with them.

use xs2a_client::Client;
use xs2a_client::types::{
    AutocompleteBankCodesQuery, BankCode, GetBankCodeQuery, ListBankCodesQuery,
};

use crate::call::{Caller, Pages};
use crate::client::ApiClient;
use crate::error::Error;

/// The banks that the service knows. [`ApiClient::bank_codes`] gives them.
#[derive(Clone)]
pub struct BankCodes {
    caller: Caller,
}

impl ApiClient {
    /// The banks that the service knows.
    pub fn bank_codes(&self) -> BankCodes {
        BankCodes { caller: Caller::clone(&self.caller) }
    }
}

impl BankCodes {
    /// The bank with exactly this code. One call;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such bank.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// let bank = api.bank_codes().get("88888888").await?;
    /// println!("{:?}", bank.name);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, bank_code: &str) -> Result<BankCode, Error> {
        let query = GetBankCodeQuery::new(bank_code);
        self.caller.call(self.caller.client.get_bank_code(&query)).await
    }

    /// All banks, page by page: one call per page.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// let banks = api.bank_codes().list().all().await?;
    /// # assert!(!banks.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list(&self) -> Pages<BankCode> {
        self.list_by(&ListBankCodesQuery::new())
    }

    /// The banks that the query asks for, page by page: one call per page. A page set in the query
    /// is the first one read, a page size the size of all.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::types::ListBankCodesQuery;
    ///
    /// let german = ListBankCodesQuery::new().country_id("DE");
    /// let banks = api.bank_codes().list_by(&german).all().await?;
    /// # assert!(!banks.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list_by(&self, query: &ListBankCodesQuery) -> Pages<BankCode> {
        let query = query.clone();
        let (first, size) = (query.page, query.per_page);
        let call = move |client: &Client, page, per_page| {
            client.list_bank_codes(&query.clone().page(page).per_page(per_page))
        };
        self.caller.pages(call).starting_with(first, size)
    }

    /// The banks that match what the user has typed so far, page by page: one call per page. A page
    /// set in the query is the first one read, a page size the size of all.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// use xs2a::types::AutocompleteBankCodesQuery;
    ///
    /// let query = AutocompleteBankCodesQuery::new("Test");
    /// let page = api.bank_codes().autocomplete(&query).page(1).await?;
    /// println!("{} banks match", page.total);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn autocomplete(&self, query: &AutocompleteBankCodesQuery) -> Pages<BankCode> {
        let query = query.clone();
        let (first, size) = (query.page, query.per_page);
        let call = move |client: &Client, page, per_page| {
            client.autocomplete_bank_codes(&query.clone().page(page).per_page(per_page))
        };
        self.caller.pages(call).starting_with(first, size)
    }
}
