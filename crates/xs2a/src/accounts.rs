//! Bank accounts, their balances and turnovers.

use std::fmt;
use std::future::IntoFuture;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::CONTENT_TYPE;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use xs2a_client::types::{
    Account, Balance, GetAccountReportQuery, GetAccountTurnoversQuery, ListAccountsQuery,
    ListConnectionAccountsQuery, ReportFormat, ReportLocale, Turnover, Turnovers,
};

use crate::call::{Caller, Pages};
use crate::client::UserClient;
use crate::error::Error;
use crate::ids::{AccountId, ConnectionId, ReportId};

/// The bank accounts of one bank user. [`UserClient::accounts`] gives them.
///
/// Everything here is as the last sync saw it. No call asks the bank.
#[derive(Clone)]
pub struct Accounts {
    caller: Caller,
}

impl UserClient {
    /// The bank accounts of the bank user.
    pub fn accounts(&self) -> Accounts {
        Accounts { caller: self.caller.clone() }
    }
}

impl Accounts {
    /// All accounts, page by page, also those whose connection was deleted. One call per page.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// let mut accounts = user.accounts().list();
    /// while let Some(account) = accounts.next().await {
    ///     println!("{:?}", account?.iban);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn list(&self) -> Pages<Account> {
        self.caller.pages(|client, page, per_page| {
            client.list_accounts(&ListAccountsQuery::new().page(page).per_page(per_page))
        })
    }

    /// The accounts of one connection, page by page. One call per page.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// let accounts = user.accounts().of_connection(&id).all().await?;
    /// # assert!(!accounts.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn of_connection(&self, id: impl Into<ConnectionId>) -> Pages<Account> {
        let id = id.into();
        self.caller.pages(move |client, page, per_page| {
            let query = ListConnectionAccountsQuery::new().page(page).per_page(per_page);
            client.list_connection_accounts(&id, &query)
        })
    }

    /// One account. One call; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no
    /// such account.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// # let account = user.accounts().list().all().await?.remove(0).id;
    /// let account = user.accounts().get(&account).await?;
    /// println!("{:?} of {:?}", account.iban, account.holder);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn get(&self, id: impl Into<AccountId>) -> Result<Account, Error> {
        self.caller.call(self.caller.client.get_account(&id.into())).await
    }

    /// Deletes an account with its balance and turnovers. One call;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such account.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// # let account = user.accounts().list().all().await?.remove(0).id;
    /// user.accounts().delete(&account).await?;
    /// # assert!(user.accounts().get(&account).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn delete(&self, id: impl Into<AccountId>) -> Result<(), Error> {
        self.caller.delete(self.caller.client.delete_account(&id.into())).await
    }

    /// The balance of an account. One call. [`Money`] puts amount and currency together.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// # let account = user.accounts().list().all().await?.remove(0).id;
    /// use xs2a::Money;
    ///
    /// let balance = user.accounts().balance(&account).await?;
    /// if let Some(booked) = Money::booked(&balance) {
    ///     println!("{booked}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn balance(&self, id: impl Into<AccountId>) -> Result<Balance, Error> {
        self.caller.call(self.caller.client.get_account_balance(&id.into())).await
    }

    /// The turnovers of an account, all in one answer. One call, made when the request is awaited.
    ///
    /// The request narrows the turnovers: by booking date, or to those that were not
    /// [marked as seen](Self::mark_as_seen).
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// # let account = user.accounts().list().all().await?.remove(0).id;
    /// use xs2a::jiff::civil::date;
    ///
    /// let all = user.accounts().turnovers(&account).await?;
    /// let new = user.accounts().turnovers(&account).from(date(2026, 1, 1)).only_new().await?;
    /// assert!(new.turnovers.len() <= all.turnovers.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn turnovers(&self, id: impl Into<AccountId>) -> TurnoversRequest {
        let (caller, query) = (self.caller.clone(), GetAccountTurnoversQuery::new());
        TurnoversRequest { caller, account: id.into(), query }
    }

    /// Marks all turnovers there are now as seen: none of them is "new" any more. One call.
    ///
    /// A turnover that arrives between a reading and this call is marked, too, and was never read. To
    /// take over each turnover once, use a [`TurnoverBook`](crate::TurnoverBook) instead.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// # let account = user.accounts().list().all().await?.remove(0).id;
    /// user.accounts().mark_as_seen(&account).await?;
    /// let new = user.accounts().turnovers(&account).only_new().await?;
    /// assert!(new.turnovers.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn mark_as_seen(&self, id: impl Into<AccountId>) -> Result<(), Error> {
        self.caller.call(self.caller.client.mark_account_as_seen(&id.into())).await
    }

    /// Marks the turnovers up to a booking date, that day included, as seen. One call.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// # let account = user.accounts().list().all().await?.remove(0).id;
    /// use xs2a::jiff::civil::date;
    ///
    /// user.accounts().mark_as_seen_until(&account, date(2026, 1, 15)).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn mark_as_seen_until(
        &self,
        id: impl Into<AccountId>,
        day: impl Into<Date>,
    ) -> Result<(), Error> {
        let client = &self.caller.client;
        self.caller.call(client.mark_account_as_seen_until(&id.into(), day.into())).await
    }

    /// A report about an account. One call, made when the request is awaited.
    ///
    /// The request sets the format and the language.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let ada = sandbox.add_user("Ada");
    /// # let id = sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
    /// # let account = user.accounts().list().all().await?.remove(0).id;
    /// use xs2a::types::ReportFormat;
    ///
    /// let report = user.accounts().report(&account, "rep-1").format(ReportFormat::Pdf).await?;
    /// println!("{:?}, {} bytes", report.content_type, report.bytes.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn report(&self, id: impl Into<AccountId>, report: impl Into<ReportId>) -> ReportRequest {
        let (caller, query) = (self.caller.clone(), GetAccountReportQuery::new());
        ReportRequest { caller, account: id.into(), report: report.into(), query }
    }
}

/// A request for the turnovers of an account. [`Accounts::turnovers`] gives it; awaiting it makes the
/// call.
#[derive(Clone)]
#[must_use = "nothing is asked until it is awaited"]
pub struct TurnoversRequest {
    caller: Caller,
    account: AccountId,
    query: GetAccountTurnoversQuery,
}

impl TurnoversRequest {
    /// Asks for turnovers from this booking date on, that day included.
    pub fn from(mut self, day: impl Into<Date>) -> Self {
        self.query = self.query.from(day.into());
        self
    }

    /// Asks for turnovers up to this booking date, that day included.
    pub fn to(mut self, day: impl Into<Date>) -> Self {
        self.query = self.query.to(day.into());
        self
    }

    /// Asks for turnovers that were not [marked as seen](Accounts::mark_as_seen). A turnover that
    /// arrives between this reading and the marking is marked, too, and is never new. To take over
    /// each turnover once, use a [`TurnoverBook`](crate::TurnoverBook) instead.
    pub fn only_new(mut self) -> Self {
        self.query = self.query.only_new(true);
        self
    }
}

impl IntoFuture for TurnoversRequest {
    type Output = Result<Turnovers, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let call = self.caller.client.get_account_turnovers(&self.account, &self.query);
        async move { self.caller.call(call).await }.boxed()
    }
}

/// A request for a report about an account. [`Accounts::report`] gives it; awaiting it makes the call.
#[derive(Clone)]
#[must_use = "nothing is asked until it is awaited"]
pub struct ReportRequest {
    caller: Caller,
    account: AccountId,
    report: ReportId,
    query: GetAccountReportQuery,
}

impl ReportRequest {
    /// Asks for this format. Default: JSON.
    pub fn format(mut self, format: ReportFormat) -> Self {
        self.query = self.query.format(format);
        self
    }

    /// Asks for this language, which has no effect on JSON. Default: English.
    pub fn locale(mut self, locale: ReportLocale) -> Self {
        self.query = self.query.locale(locale);
        self
    }
}

impl IntoFuture for ReportRequest {
    type Output = Result<AccountReport, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let client = &self.caller.client;
        let call = client.get_account_report(&self.account, &self.report, &self.query);
        async move {
            let answer = self.caller.call_with_head(call).await?;
            let content_type = answer.headers().get(CONTENT_TYPE);
            let content_type = content_type.and_then(|value| value.to_str().ok());
            let content_type = content_type.map(str::to_owned);
            Ok(AccountReport { content_type, bytes: answer.into_inner() })
        }
        .boxed()
    }
}

/// A report about an account, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountReport {
    /// The media type of the bytes, such as `application/pdf`.
    pub content_type: Option<String>,
    /// The report.
    pub bytes: Bytes,
}

/// An exact amount and its currency. Displays as `-42.17 EUR`, with the digits that were sent. The
/// amount serialises as text, so that no digit is lost.
///
/// ```
/// use xs2a::Money;
///
/// let turnover = serde_json::from_str(
///     r#"{"amount": -42.17, "currency_id": "EUR", "booking_date": "2026-01-31"}"#,
/// )?;
/// assert_eq!(Money::moved(&turnover).to_string(), "-42.17 EUR");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount; negative is money out of the account.
    #[serde(serialize_with = "as_text", deserialize_with = "xs2a_client::wire::lenient")]
    pub amount: Decimal,
    /// The currency as an ISO 4217 code, if the service says.
    pub currency: Option<String>,
}

impl Money {
    /// The amount that a turnover moved.
    pub fn moved(turnover: &Turnover) -> Self {
        let currency = turnover.currency.as_ref().or(turnover.currency_id.as_ref());
        Self { amount: turnover.amount, currency: currency.cloned() }
    }

    /// The amount that is booked on the account.
    pub fn booked(balance: &Balance) -> Option<Self> {
        Self::from_balance(balance, balance.balance)
    }

    /// The amount that can be spent from the account.
    pub fn available(balance: &Balance) -> Option<Self> {
        Self::from_balance(balance, balance.available)
    }

    /// How far the account may be overdrawn.
    pub fn limit(balance: &Balance) -> Option<Self> {
        Self::from_balance(balance, balance.limit)
    }

    fn from_balance(balance: &Balance, amount: Option<Decimal>) -> Option<Self> {
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

fn as_text<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}
