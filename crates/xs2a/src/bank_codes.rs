//! Bank codes: which banks there are, and what the service can do with them.

use xs2a_client::types::{self, BankCode};

use crate::call::call;
use crate::client::resource;
use crate::error::Error;
use crate::pages::{Pages, pages};

resource! {
    /// The banks that the service knows.
    BankCodes by ApiClient::bank_codes
}

impl BankCodes {
    /// The bank with exactly this code. One call;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    pub async fn get(&self, bank_code: &str) -> Result<BankCode, Error> {
        let query = &types::GetBankCodeQuery::new(bank_code);
        call!(self.call, GetBankCode, get_bank_code(query))
    }

    /// All banks that the query asks for, page by page; its page numbers are not used. One call per
    /// page.
    pub fn list(&self, query: types::ListBankCodesQuery) -> Pages<BankCode> {
        pages!(self, ListBankCodes, list_bank_codes(), query)
    }

    /// The banks that match what was typed so far, page by page; the page numbers of the query are
    /// not used. One call per page.
    pub fn autocomplete(&self, query: types::AutocompleteBankCodesQuery) -> Pages<BankCode> {
        pages!(self, AutocompleteBankCodes, autocomplete_bank_codes(), query)
    }
}
