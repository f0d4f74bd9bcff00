//! Bank accounts, their balances and turnovers.

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use jiff::civil::Date;
use rust_decimal::Decimal;
use xs2a_client::types::{self, Account, Balance, Turnover, Turnovers};
use xs2a_client::{Client, Operation};

use crate::call::call;
use crate::client::resource;
use crate::error::Error;
use crate::ids::{AccountId, ConnectionId, ReportId};
use crate::pages::{Pages, pages};

resource! {
    /// The bank accounts of one bank user.
    ///
    /// Everything here is as the last sync saw it; nothing asks the bank.
    Accounts by UserClient::accounts
}

impl Accounts {
    /// All accounts, page by page, also those whose connection was deleted. One call per page.
    pub fn list(&self) -> Pages<Account> {
        pages!(self, ListAccounts, list_accounts(), types::ListAccountsQuery::new())
    }

    /// The accounts of one connection, page by page. One call per page.
    pub fn of_connection(&self, id: impl Into<ConnectionId>) -> Pages<Account> {
        let (id, query) = (id.into(), types::ListConnectionAccountsQuery::new());
        pages!(self, ListConnectionAccounts, list_connection_accounts(id), query)
    }

    /// One account. One call.
    pub async fn get(&self, id: impl Into<AccountId>) -> Result<Account, Error> {
        let id = &id.into();
        call!(self.call, GetAccount, get_account(id.as_str()))
    }

    /// Deletes an account with its balance and turnovers. One call.
    pub async fn delete(&self, id: impl Into<AccountId>) -> Result<(), Error> {
        let id = &id.into();
        call!(self.delete, DeleteAccount, delete_account(id.as_str()))
    }

    /// The balance of an account. One call. [`Money`] puts amount and currency together.
    pub async fn balance(&self, id: impl Into<AccountId>) -> Result<Balance, Error> {
        let id = &id.into();
        call!(self.call, GetAccountBalance, get_account_balance(id.as_str()))
    }

    /// The turnovers of an account, all in one answer. One call.
    ///
    /// The query narrows them by booking date (`from`, `to`, both included), or to those that were
    /// not [marked as seen](Self::mark_as_seen) (`only_new(1)`).
    pub async fn turnovers(
        &self,
        id: impl Into<AccountId>,
        query: &types::GetAccountTurnoversQuery,
    ) -> Result<Turnovers, Error> {
        let id = &id.into();
        call!(self.call, GetAccountTurnovers, get_account_turnovers(id.as_str(), query))
    }

    /// Marks all turnovers there are now as seen: none of them is "new" any more. One call.
    pub async fn mark_as_seen(&self, id: impl Into<AccountId>) -> Result<(), Error> {
        let id = &id.into();
        call!(self.call, MarkAccountAsSeen, mark_account_as_seen(id.as_str()))
    }

    /// Marks the turnovers up to a booking date as seen. One call.
    pub async fn mark_as_seen_until(
        &self,
        id: impl Into<AccountId>,
        day: Date,
    ) -> Result<(), Error> {
        let id = &id.into();
        call!(self.call, MarkAccountAsSeenUntil, mark_account_as_seen_until(id.as_str(), day))
    }

    /// A report about an account, in the format and language that the query asks for. One call.
    pub async fn report(
        &self,
        id: impl Into<AccountId>,
        report: impl Into<ReportId>,
        query: &types::GetAccountReportQuery,
    ) -> Result<Report, Error> {
        let (id, report) = (&id.into(), &report.into());
        let get = |client: Client| async move {
            let answer = client.get_account_report(id.as_str(), report.as_str(), query).await?;
            let content_type =
                answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let content_type = content_type.map(str::to_owned);
            Ok(answer.map(|bytes| Report { content_type, bytes }))
        };
        self.caller.call(Operation::GetAccountReport, get).await
    }
}

/// A report about an account, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What the bytes are, such as `application/pdf`.
    pub content_type: Option<String>,
    /// The report.
    pub bytes: Bytes,
}

/// An exact amount and its currency. Displays as `-42.17 EUR`, with the digits that were sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount; negative is money out of the account.
    pub amount: Decimal,
    /// The currency as an ISO 4217 code, if the service says.
    pub currency: Option<String>,
}

impl Money {
    /// What a turnover moved.
    pub fn moved(turnover: &Turnover) -> Self {
        let currency = turnover.currency.as_ref().or(turnover.currency_id.as_ref());
        Self { amount: turnover.amount, currency: currency.cloned() }
    }

    /// What is booked on the account.
    pub fn booked(balance: &Balance) -> Option<Self> {
        Self::of(balance, balance.balance)
    }

    /// What can be spent from the account.
    pub fn available(balance: &Balance) -> Option<Self> {
        Self::of(balance, balance.available)
    }

    /// How far the account may be overdrawn.
    pub fn limit(balance: &Balance) -> Option<Self> {
        Self::of(balance, balance.limit)
    }

    fn of(balance: &Balance, amount: Option<Decimal>) -> Option<Self> {
        let currency = balance.currency.as_ref().or(balance.currency_id.as_ref());
        Some(Self { amount: amount?, currency: currency.cloned() })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.currency {
            Some(currency) => write!(f, "{} {currency}", self.amount),
            None => write!(f, "{}", self.amount),
        }
    }
}
