//! Bank codes: which banks there are, and what the service can do with them.

use xs2a_client::types::{self, BankCode};
use xs2a_client::{Client, Operation};

use crate::call::Caller;
use crate::client::ApiClient;
use crate::error::Error;
use crate::pages::Pages;

/// The banks that the service knows. Created by [`ApiClient::bank_codes`].
#[derive(Clone)]
pub struct BankCodes {
    caller: Caller,
}

impl ApiClient {
    /// The banks that the service knows.
    #[must_use]
    pub fn bank_codes(&self) -> BankCodes {
        BankCodes { caller: self.caller.clone() }
    }
}

impl BankCodes {
    /// The bank with exactly this code. One call;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    pub async fn get(&self, bank_code: &str) -> Result<BankCode, Error> {
        let query = &types::GetBankCodeQuery::new(bank_code);
        let get = |client: Client| async move { client.get_bank_code(query).await };
        self.caller.call(Operation::GetBankCode, get).await
    }

    /// All banks that the query asks for, page by page; its page numbers are not used. One call per
    /// page.
    pub fn list(&self, query: types::ListBankCodesQuery) -> Pages<BankCode> {
        Pages::of(&self.caller, Operation::ListBankCodes, move |client, page, per_page| {
            let query = query.clone().page(page).per_page(per_page);
            async move { client.list_bank_codes(&query).await }
        })
    }

    /// The banks that match what was typed so far, page by page; the page numbers of the query are
    /// not used. One call per page.
    pub fn autocomplete(&self, query: types::AutocompleteBankCodesQuery) -> Pages<BankCode> {
        let operation = Operation::AutocompleteBankCodes;
        Pages::of(&self.caller, operation, move |client, page, per_page| {
            let query = query.clone().page(page).per_page(per_page);
            async move { client.autocomplete_bank_codes(&query).await }
        })
    }
}
