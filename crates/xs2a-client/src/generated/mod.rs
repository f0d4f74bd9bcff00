// Generated from spec/xs2a.yaml (XS2A.api 1.0.0). Do not edit: change the spec and run
//
//     cargo xtask generate
//
// The code that this file calls is written by hand, beside this folder.

use ::std::fmt;
use ::std::time::Duration;
use ::bytes::Bytes;
use ::http::Method;
use crate::Call;
use crate::Client;
use crate::RetryClass;
use crate::Scope;
use crate::request::Pairs;
use crate::request::Query;
use crate::request::Request;
use crate::response::Answer;
use crate::response::Expected;
use crate::UserId;
use crate::TokenId;
use crate::ConnectionId;
use crate::TransactionId;
use crate::ConnectionKey;
use crate::AccountId;
use crate::ReportId;
use crate::EventId;

/// One type for each kind of id.
pub(crate) mod ids {
    /// Id of a bank user.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct UserId(String);
    /// Id of an access token, not the token itself.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct TokenId(String);
    /// Id of a bank connection.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct ConnectionId(String);
    /// Id of the transaction that a wizard session belongs to. It exists before the connection does,
    /// and stays the same for everything that comes out of the session.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct TransactionId(String);
    /// What a connection is looked up by: its own id, or the id of the transaction of the wizard
    /// session that creates it.
    ///
    /// Made from text or from any of [`ConnectionId`], [`TransactionId`].
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct ConnectionKey(String);
    /// Id of a bank account.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct AccountId(String);
    /// Id of a turnover.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct TurnoverId(String);
    /// Id of a report about an account.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct ReportId(String);
    /// Id of a wizard session inside the service.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct SessionId(String);
    /// Id of an event.
    ///
    /// Any text is taken; a call refuses an id that would change the path of its request.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct EventId(String);
    crate::id::ids! {
        UserId, TokenId, ConnectionId, TransactionId, ConnectionKey, AccountId,
        TurnoverId, ReportId, SessionId, EventId
    }

    crate::id::accepts! {
        ConnectionKey : ConnectionId, TransactionId
    }
}

/// Requests, queries and answers.
pub mod types {
    use ::std::fmt;
    use ::std::str::FromStr;
    use ::indexmap::IndexMap;
    use ::jiff::Timestamp;
    use ::jiff::civil::Date;
    use ::rust_decimal::Decimal;
    use ::serde::Deserialize;
    use ::serde::Deserializer;
    use ::serde::Serialize;
    use ::serde::Serializer;
    use ::serde_json::Value;
    use crate::BankDate;
    use crate::Entries;
    use crate::Secret;
    use crate::UnknownValue;
    use crate::UnknownVariant;
    use crate::UserId;
    use crate::TokenId;
    use crate::ConnectionId;
    use crate::TransactionId;
    use crate::AccountId;
    use crate::TurnoverId;
    use crate::SessionId;
    use crate::EventId;

    /// A button that ends the session.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct AbortElement {
        /// Kind of the element, here `abort`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Text of the button.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
    }

    /// A secret that opens the scope of one bank user, for some time.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct AccessToken {
        /// Id of the token. It is used to refresh or delete the token.
        pub id: TokenId,
        /// The secret: the password of calls in the scope of the bank user.
        pub token: Secret,
        /// When the token expires. The service returns the text that was sent. It is an assumption
        /// that this is local time in Europe/Berlin. Sources disagree on the usual span, from one
        /// hour to years.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub valid_until: Option<Timestamp>,
        /// When the token was created.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object, here always `bank_user_access_token`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// One page of access tokens.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct AccessTokenPage {
        /// How many access tokens there are on all pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub total: Option<i64>,
        /// How many entries a page holds at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub per_page: Option<i32>,
        /// Number of this page, counted from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current_page: Option<i32>,
        /// Number of the last page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub last_page: Option<i32>,
        /// Address of the next page, none on the last one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub next_page_url: Option<String>,
        /// Address of the page before, none on the first one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prev_page_url: Option<String>,
        /// Position of the first entry of this page, counted from 1, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<i64>,
        /// Position of the last entry of this page, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<i64>,
        /// The access tokens of this page.
        pub data: Entries<AccessToken>,
    }

    /// One account at a bank, without its balance and turnovers.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Account {
        /// Id of the account.
        pub id: AccountId,
        /// Id of the connection of the account. None after the connection was deleted.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bank_connection_id: Option<ConnectionId>,
        /// Name of the holder, as the bank writes it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub holder: Option<String>,
        /// IBAN of the account.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub iban: Option<String>,
        /// Name of the account, as the bank writes it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        /// BIC of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bic: Option<String>,
        /// Number of the account at the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub account_number: Option<String>,
        /// Code of the bank in its country.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bank_code: Option<String>,
        /// Name of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bank_name: Option<String>,
        /// Country of the bank, as an ISO 3166 code of two letters.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub country_id: Option<String>,
        /// What kind of account it is.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        pub type_: Option<AccountType>,
        /// Whether the account has more than one holder.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub joint_account: Option<bool>,
        /// Whether payments can be made from the account.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub transaction_possible: Option<bool>,
        /// When the account was created.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object, here always `bank_account`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// One page of accounts.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct AccountPage {
        /// How many accounts there are on all pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub total: Option<i64>,
        /// How many entries a page holds at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub per_page: Option<i32>,
        /// Number of this page, counted from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current_page: Option<i32>,
        /// Number of the last page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub last_page: Option<i32>,
        /// Address of the next page, none on the last one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub next_page_url: Option<String>,
        /// Address of the page before, none on the first one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prev_page_url: Option<String>,
        /// Position of the first entry of this page, counted from 1, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<i64>,
        /// Position of the last entry of this page, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<i64>,
        /// The accounts of this page.
        pub data: Entries<Account>,
    }

    /// A success without a result.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Acknowledgement {
        /// The status of the answer again.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub code: Option<i32>,
        /// The success in words.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
    }

    /// What the service hands over at the end of a session. May contain secrets. Its keys are not
    /// documented. A text alone, without any key, is read as `credentials`.
    #[derive(Clone, PartialEq)]
    pub struct AdditionalData(
        /// The entries, in the order in which they arrived.
        pub IndexMap<String, Value>,
    );

    /// What went wrong, in the service's own words.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct ApiError {
        /// The status of the answer again. Other codes were seen, as text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// What went wrong, written for a person. The wording may change.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        /// What is wrong with the fields of the request, by the name of the field.
        #[serde(skip_serializing_if = "IndexMap::is_empty")]
        pub errors: IndexMap<String, Vec<String>>,
    }

    /// Query parameters of [`autocomplete_bank_codes`](crate::Client::autocomplete_bank_codes).
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct AutocompleteBankCodesQuery {
        /// The text that was typed so far.
        pub q: String,
        /// Only banks of this country, as an ISO 3166 code of two letters.
        pub country_id: Option<String>,
        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
        /// Only banks that support this product.
        pub product: Option<String>,
    }

    /// Says that the form is sent without the user.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct AutosubmitElement {
        /// Kind of the element, here `autosubmit`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Pause before the form is sent, in milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub interval: Option<i64>,
    }

    /// The balance of an account at the last sync.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Balance {
        /// Id of the account.
        pub id: AccountId,
        /// What can be spent now. None if the bank does not say.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub available: Option<Decimal>,
        /// How far the account may be overdrawn. None if the bank does not say.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub limit: Option<Decimal>,
        /// The money on the account. Negative if the account is overdrawn.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub balance: Option<Decimal>,
        /// Currency of the amounts, as an ISO 4217 code. The service uses this name or
        /// `currency_id`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub currency: Option<String>,
        /// Currency of the amounts, as an ISO 4217 code. The service uses this name or `currency`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub currency_id: Option<String>,
        /// When the bank was asked.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub date: Option<Timestamp>,
        /// When this record was created.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// One bank, and what the service supports for it.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct BankCode {
        /// Code of the bank in its country.
        pub bank_code: String,
        /// BIC of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bic: Option<String>,
        /// Name of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Short name of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub short_name: Option<String>,
        /// Postal code of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub zipcode: Option<String>,
        /// City of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub city: Option<String>,
        /// Country of the bank, as an ISO 3166 code of two letters.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub country_id: Option<String>,
        /// Whether the bank is only for tests.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub testmode: Option<bool>,
        /// Products that support the bank.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub xs2a_products: Vec<String>,
        /// Whether the service supports the bank at all.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub xs2a_supported: Option<bool>,
    }

    /// One page of banks.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct BankCodePage {
        /// How many banks there are on all pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub total: Option<i64>,
        /// How many entries a page holds at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub per_page: Option<i32>,
        /// Number of this page, counted from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current_page: Option<i32>,
        /// Number of the last page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub last_page: Option<i32>,
        /// Address of the next page, none on the last one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub next_page_url: Option<String>,
        /// Address of the page before, none on the first one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prev_page_url: Option<String>,
        /// Position of the first entry of this page, counted from 1, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<i64>,
        /// Position of the last entry of this page, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<i64>,
        /// The banks of this page.
        pub data: Entries<BankCode>,
    }

    /// One person or company, to whom connections belong.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct BankUser {
        /// Id of the bank user.
        pub id: UserId,
        /// Name of the bank user, as given on creation.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// E-mail address of the bank user, as given on creation.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// Whether the bank user was created in test mode.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub testmode: Option<bool>,
        /// When the bank user was created.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object, here always `bank_user`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// One page of bank users.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct BankUserPage {
        /// How many bank users there are on all pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub total: Option<i64>,
        /// How many entries a page holds at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub per_page: Option<i32>,
        /// Number of this page, counted from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current_page: Option<i32>,
        /// Number of the last page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub last_page: Option<i32>,
        /// Address of the next page, none on the last one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub next_page_url: Option<String>,
        /// Address of the page before, none on the first one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prev_page_url: Option<String>,
        /// Position of the first entry of this page, counted from 1, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<i64>,
        /// Position of the last entry of this page, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<i64>,
        /// The bank users of this page.
        pub data: Entries<BankUser>,
    }

    /// A picture to read, and a line to enter what it says.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct CaptchaElement {
        /// Kind of the element, here `captcha`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Text to show in the empty line.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub placeholder: Option<String>,
        /// The most characters that the answer may have.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub maxlength: Option<i32>,
        /// Whether the line is shown but cannot be changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
        /// The previous answer, to be shown again.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub value: Option<Secret>,
        /// The picture, in base64.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub data: Option<String>,
        /// Rules that the answer has to obey, joined by `|`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation: Option<String>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// A box to tick.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct CheckboxElement {
        /// Kind of the element, here `checkbox`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Whether the element is shown but cannot be changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
        /// Whether the box is ticked.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub checked: Option<bool>,
        /// Rules that the answer has to obey, joined by `|`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation: Option<String>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// One login of a bank user at one bank, with the state of its syncs.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Connection {
        /// Id of the connection.
        pub id: ConnectionId,
        /// Transaction id of the wizard session that created the connection.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub transaction: Option<TransactionId>,
        /// BIC of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bic: Option<String>,
        /// Name of the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bank_name: Option<String>,
        /// Country of the bank, as an ISO 3166 code of two letters.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub country_id: Option<String>,
        /// Who keeps the credentials. This decides what a sync needs.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub sync_mode: Option<SyncMode>,
        /// Whether the service syncs the connection by itself. Becomes false when an automatic sync
        /// fails. False is also usual for a healthy connection in mode `shared` or `none`.
        pub sync_active: bool,
        /// Why the last sync failed. None without a failure, and before the first sync.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub sync_message: Option<String>,
        /// Failures in a row. At 3 the connection is disabled for good: no sync is possible any
        /// more, forced or not. Two things are assumptions: that manual syncs count like automatic
        /// syncs, and that a success sets the counter to 0.
        pub sync_fail_counter: i32,
        /// When the last successful sync was. None before the first success. It is an assumption
        /// that a failure does not change it.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub last_synced: Option<Timestamp>,
        /// Last day on which the bank may be asked without a new login of the user. PSD2 limits the
        /// span: 90 days when the service was documented.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub consent_valid_until: Option<Date>,
        /// Whether the connection was created in test mode.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub testmode: Option<bool>,
        /// When the connection was created.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object, here always `bank_connection`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// One page of connections.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct ConnectionPage {
        /// How many connections there are on all pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub total: Option<i64>,
        /// How many entries a page holds at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub per_page: Option<i32>,
        /// Number of this page, counted from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current_page: Option<i32>,
        /// Number of the last page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub last_page: Option<i32>,
        /// Address of the next page, none on the last one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub next_page_url: Option<String>,
        /// Address of the page before, none on the first one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prev_page_url: Option<String>,
        /// Position of the first entry of this page, counted from 1, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<i64>,
        /// Position of the last entry of this page, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<i64>,
        /// The connections of this page.
        pub data: Entries<Connection>,
    }

    /// When the validity of a new token ends.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct CreateAccessTokenRequest {
        /// When the token expires. Sent as local time in Europe/Berlin. It is an assumption that
        /// the service reads it as such.
        #[serde(serialize_with = "crate::wire::canonical")]
        pub valid_until: Timestamp,
    }

    /// Name and e-mail of a new bank user.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct CreateBankUserRequest {
        /// Name of the new bank user.
        pub name: String,
        /// E-mail address of the new bank user.
        pub email: String,
    }

    /// What is already known about a new connection. Every field is optional.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct CreateConnectionRequest {
        /// Who is to keep the credentials. This decides what later syncs need.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub sync_mode: Option<SyncMode>,
        /// BIC of the bank. With it, the wizard does not ask for the bank.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub bic: Option<String>,
        /// Country of the bank, as an ISO 3166 code of two letters.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub country_id: Option<String>,
        /// How many days of turnovers are fetched.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub days: Option<i32>,
        /// How many days of turnovers an account keeps.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit_days: Option<i32>,
        /// Which accounts of the login become part of the connection.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub account_selection: Option<AccountSelection>,
        /// Language of the wizard.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub language: Option<Language>,
        /// Your registration number as a FinTS product, if you have one of your own.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub fints_product_id: Option<String>,
    }

    /// A text that explains the form. Nothing is entered.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct DescriptionElement {
        /// Kind of the element, here `description`.
        #[serde(rename = "type")]
        pub type_: String,
        /// The text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub text: Option<String>,
    }

    /// Something that has happened. A webhook delivery sends the same object by POST. It is not
    /// known whether a delivery is signed: use only the id of a delivery, and look up the event.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Event {
        /// Id of the event.
        pub id: EventId,
        /// The transaction that the event belongs to. None for some events.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub transaction: Option<TransactionId>,
        /// What has happened, such as `transaction.created` or `transaction.updated`. The names of
        /// the events of a connection are not documented.
        #[serde(rename = "type")]
        pub type_: String,
        /// The object that the event is about, usually the whole object.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub data: Option<EventData>,
        /// Whether the event happened in test mode.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub testmode: Option<bool>,
        /// What has happened, written for a person.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        /// When the event happened.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object, here always `xs2a_event`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// The object that an event is about. Its property `object` names its kind. If it is a session,
    /// it contains the key of the session.
    #[derive(Clone, PartialEq)]
    pub struct EventData(
        /// The entries, in the order in which they arrived.
        pub IndexMap<String, Value>,
    );

    /// One page of events.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct EventPage {
        /// How many events there are on all pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub total: Option<i64>,
        /// How many entries a page holds at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub per_page: Option<i32>,
        /// Number of this page, counted from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current_page: Option<i32>,
        /// Number of the last page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub last_page: Option<i32>,
        /// Address of the next page, none on the last one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub next_page_url: Option<String>,
        /// Address of the page before, none on the first one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prev_page_url: Option<String>,
        /// Position of the first entry of this page, counted from 1, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<i64>,
        /// Position of the last entry of this page, none on an empty page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<i64>,
        /// The events of this page.
        pub data: Entries<Event>,
    }

    /// A flickering code for the TAN generator of the user, and a line to enter the TAN.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct FlickerElement {
        /// Kind of the element, here `flicker`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Text to show in the empty line.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub placeholder: Option<String>,
        /// The most characters that the answer may have.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub maxlength: Option<i32>,
        /// Whether the line is shown but cannot be changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
        /// The previous answer, to be shown again.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub value: Option<Secret>,
        /// The bars, one list per moment: `1` is a bright bar, `0` a dark one.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub code: Vec<Vec<String>>,
        /// Rules that the answer has to obey, joined by `|`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation: Option<String>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// Query parameters of [`get_account_report`](crate::Client::get_account_report).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct GetAccountReportQuery {
        /// Format of the report.
        ///
        /// Default: `json`.
        pub format: Option<ReportFormat>,
        /// Language of the report. Has no effect on the format json.
        ///
        /// Default: `en`.
        pub locale: Option<ReportLocale>,
    }

    /// Query parameters of [`get_account_turnovers`](crate::Client::get_account_turnovers).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct GetAccountTurnoversQuery {
        /// First booking date to include.
        pub from: Option<Date>,
        /// Last booking date to include.
        pub to: Option<Date>,
        /// Whether to include only the turnovers that were not marked as seen.
        ///
        /// Default: false.
        pub only_new: Option<bool>,
    }

    /// Query parameters of [`get_bank_code`](crate::Client::get_bank_code).
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct GetBankCodeQuery {
        /// Code of the bank in its country.
        pub bank_code: String,
    }

    /// A text to read. Nothing is entered.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct HelpTextElement {
        /// Kind of the element, here `help_text`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Heading of the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
        /// The text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub text: Option<String>,
    }

    /// A value that nobody sees, and that is sent back like an answer.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct HiddenElement {
        /// Kind of the element, here `hidden`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the value is sent back.
        pub name: String,
        /// The value to send back.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub value: Option<Secret>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// A picture to show, a QR code for instance. Nothing is entered.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct ImageElement {
        /// Kind of the element, here `image`.
        #[serde(rename = "type")]
        pub type_: String,
        /// The picture, in base64.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub data: Option<String>,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
    }

    /// Query parameters of [`list_access_tokens`](crate::Client::list_access_tokens).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct ListAccessTokensQuery {
        /// Number of the page, counted from 1. Undocumented for tokens.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most. Undocumented for tokens.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
    }

    /// Query parameters of [`list_accounts`](crate::Client::list_accounts).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct ListAccountsQuery {
        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
    }

    /// Query parameters of [`list_bank_codes`](crate::Client::list_bank_codes).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct ListBankCodesQuery {
        /// Only banks of this country, as an ISO 3166 code of two letters.
        pub country_id: Option<String>,
        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
    }

    /// Query parameters of [`list_connection_accounts`](crate::Client::list_connection_accounts).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct ListConnectionAccountsQuery {
        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
    }

    /// Query parameters of [`list_connections`](crate::Client::list_connections).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct ListConnectionsQuery {
        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
    }

    /// Query parameters of [`list_events`](crate::Client::list_events).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct ListEventsQuery {
        /// Only events that belong to this transaction.
        pub transaction_id: Option<TransactionId>,
        /// Only events of this type.
        pub type_: Option<String>,
        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
        /// Only events at this instant or later.
        pub from: Option<Timestamp>,
        /// Only events at this instant or earlier.
        pub to: Option<Timestamp>,
    }

    /// Query parameters of [`list_users`](crate::Client::list_users).
    #[derive(Clone, Debug, PartialEq)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct ListUsersQuery {
        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        pub page: Option<i32>,
        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        pub per_page: Option<i32>,
    }

    /// The place for the logo of the bank.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct LogoElement {
        /// Kind of the element, here `logo`.
        #[serde(rename = "type")]
        pub type_: String,
    }

    /// Several groups of elements, one of which the user chooses and fills in. The answer is the
    /// value of the group.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct MultiElement {
        /// Kind of the element, here `multi`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Value of the chosen group.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub selected: Option<String>,
        /// The groups, in this order.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub elements: Vec<MultiOption>,
    }

    /// One of several groups of elements.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct MultiOption {
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// The answer that chooses the group.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub value: Option<String>,
        /// The elements of the group, in this order.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub elements: Vec<WizardElement>,
    }

    /// A text to read. Nothing is entered.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct ParagraphElement {
        /// Kind of the element, here `paragraph`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Heading of the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
        /// The text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub text: Option<String>,
        /// How urgent the text is, such as `info` or `warning`. The words are not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub severity: Option<String>,
    }

    /// A secret to enter. It is not shown while the user types.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct PasswordElement {
        /// Kind of the element, here `password`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Text to show in the empty line.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub placeholder: Option<String>,
        /// The most characters that the answer may have.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub maxlength: Option<i32>,
        /// Whether the line is shown but cannot be changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
        /// The previous answer, to be shown again.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub value: Option<Secret>,
        /// Rules that the answer has to obey, joined by `|`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation: Option<String>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// One option to choose from a list in sight. The answer is the index of the option, counted
    /// from 0. It is an assumption that the answer is the key of the option where the options have
    /// keys.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct RadioElement {
        /// Kind of the element, here `radio`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Whether the element is shown but cannot be changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
        /// The chosen option: its index, counted from 0. Other texts were seen, such as its label.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub checked: Option<String>,
        /// The options, in this order. The key of an option is its index, counted from 0, or the
        /// key that it was sent with.
        #[serde(skip_serializing_if = "IndexMap::is_empty")]
        pub options: IndexMap<String, RadioOption>,
        /// Rules that the answer has to obey, joined by `|`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation: Option<String>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// One option of a group of radio buttons. An option may also be its label alone.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct RadioOption {
        /// Text to show beside the option.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Whether the option is shown but cannot be chosen.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
    }

    /// An address where the user has to continue, at the bank for instance.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct RedirectElement {
        /// Kind of the element, here `redirect`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name of the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// The address. It may identify the session of the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub url: Option<Secret>,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// What leads back. It is assumed to be the text of a button. It is kept as secret as
        /// `url`, because it may be an address as well.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub back: Option<Secret>,
    }

    /// When the validity of a token ends from now on.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct RefreshAccessTokenRequest {
        /// When the token expires. Sent as local time in Europe/Berlin. It is an assumption that
        /// the service reads it as such.
        #[serde(serialize_with = "crate::wire::canonical")]
        pub valid_until: Timestamp,
    }

    /// A report in the format json. Its content depends on the report.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[serde(transparent)]
    pub struct Report(
        /// The entries, in the order in which they arrived.
        pub IndexMap<String, Value>,
    );

    /// A button that begins the session anew.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct RestartElement {
        /// Kind of the element, here `restart`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Text of the button.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
    }

    /// One option to choose from a list that opens.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct SelectElement {
        /// Kind of the element, here `select`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Whether the element is shown but cannot be changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
        /// The chosen option. Sources disagree on whether this is the key of the option or its
        /// position, counted from 0. A position may arrive as a number.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub selected: Option<String>,
        /// The text to show for each key, in this order. A list is also sent: the keys are then the
        /// positions, counted from 0.
        #[serde(skip_serializing_if = "IndexMap::is_empty")]
        pub options: IndexMap<String, String>,
        /// Rules that the answer has to obey, joined by `|`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation: Option<String>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// The progress of a wizard session.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Session {
        /// Id of the session inside the service.
        pub id: SessionId,
        /// Transaction id of the session.
        pub transaction: TransactionId,
        /// Key that opens the wizard. Whoever holds it can continue the session.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub wizard_session_key: Option<Secret>,
        /// Product that the session belongs to.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub product: Option<String>,
        /// What the wizard was set up with.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub parameters: Option<SessionParameters>,
        /// The last error. A later error replaces it. An empty string means that there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub last_error: Option<SessionErrorCode>,
        /// Whether the session runs in test mode.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub testmode: Option<bool>,
        /// Whether the user has completed the session. False as long as the user is in the session,
        /// and also if the user failed.
        pub finished: bool,
        /// Step of the wizard in which the session is.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub current_step: Option<String>,
        /// When the session was created.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object, here always `wizard_session`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// What a wizard session was set up with. Its keys are not documented.
    #[derive(Clone, PartialEq)]
    pub struct SessionParameters(
        /// The entries, in the order in which they arrived.
        pub IndexMap<String, Value>,
    );

    /// The button that sends the form, and the one that leads back.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct SubmitElement {
        /// Kind of the element, here `submit`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Text of the button that sends the form.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Text of the button that leads back. None if there is no way back.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub back: Option<String>,
    }

    /// What a sync needs beside the connection. Usually empty.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[derive(Default)]
    #[non_exhaustive]
    pub struct SyncConnectionRequest {
        /// Your half of the encrypted credentials. Needed only for a connection in mode `shared`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub credentials: Option<Secret>,
        /// Whether to sync although a failure has stopped the automatic syncs. This does not help
        /// if the connection is disabled after three failures in a row.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub force: Option<bool>,
    }

    /// Several ways to log in, one of which is open. The action `switch-login-tabs` opens another
    /// one: the answer is its text, or its key if it was sent with one.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct TabsElement {
        /// Kind of the element, here `tabs`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// The text to show for each way to log in, in this order. The key of a way is its position,
        /// counted from 0, or the key that it was sent with.
        #[serde(skip_serializing_if = "IndexMap::is_empty")]
        pub tabs: IndexMap<String, String>,
        /// The way that is open.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub selected: Option<String>,
        /// The action that opens another way.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub action: Option<WizardAction>,
    }

    /// A line of text to enter.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct TextElement {
        /// Kind of the element, here `text`.
        #[serde(rename = "type")]
        pub type_: String,
        /// Name under which the answer is sent.
        pub name: String,
        /// Text to show beside the element.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub label: Option<String>,
        /// Text to show in the empty line.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub placeholder: Option<String>,
        /// The most characters that the answer may have.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub maxlength: Option<i32>,
        /// Whether the line is shown but cannot be changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
        /// The previous answer, to be shown again.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub value: Option<Secret>,
        /// Rules that the answer has to obey, joined by `|`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation: Option<String>,
        /// Whether the last answer was rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub invalid: Option<bool>,
        /// The rules that the last answer has broken. Empty if there are none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub failed_validation_rules: Vec<String>,
        /// Why the last answer was rejected, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub validation_error: Option<String>,
    }

    /// One movement of money on an account.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Turnover {
        /// Id of the turnover.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub id: Option<TurnoverId>,
        /// The transaction in which the turnover was fetched.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub transaction_id: Option<TransactionId>,
        /// The day on which the bank booked the turnover. Some banks book on days that their month
        /// lacks, such as the 30th of February: the last day of the month is then meant.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub booking_date: Option<BankDate>,
        /// The amount. Negative means that money left the account.
        #[serde(serialize_with = "crate::wire::canonical")]
        pub amount: Decimal,
        /// Currency of the amount, as an ISO 4217 code. The service uses this name or
        /// `currency_id`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub currency: Option<String>,
        /// Currency of the amount, as an ISO 4217 code. The service uses this name or `currency`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub currency_id: Option<String>,
        /// The purpose of the turnover, line by line. Banks use the lines differently.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub purpose: Vec<String>,
        /// IBAN of the other side.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub counter_iban: Option<String>,
        /// BIC of the other side.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub counter_bic: Option<String>,
        /// Name of the other side.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub counter_holder: Option<String>,
        /// Whether the bank has announced the turnover, but has not booked it yet.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prebooked: Option<bool>,
        /// Whether the turnover was reversed.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub canceled: Option<bool>,
        /// Tags that the service has given to the turnover.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub tags: Vec<String>,
        /// Category that the service has found, from the general to the particular, separated by
        /// dots. New categories appear, and a turnover may move to a finer category. If you do not
        /// know `K.1.2`, fall back to `K.1`, and then to `K`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub category_id: Option<String>,
        /// Id of the creditor, of a direct debit for instance.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub creditor_id: Option<String>,
        /// Whether the turnover was not yet marked as seen.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub new: Option<bool>,
    }

    /// The turnovers of an account at the last sync.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Turnovers {
        /// Id of the account.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub id: Option<AccountId>,
        /// The requested turnovers.
        pub turnovers: Entries<Turnover>,
        /// How many days of turnovers the bank was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub days: Option<i32>,
        /// When the bank was asked.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub date: Option<Timestamp>,
        /// When this record was created.
        #[serde(
            skip_serializing_if = "Option::is_none",
            serialize_with = "crate::wire::canonical"
        )]
        pub created_at: Option<Timestamp>,
        /// Kind of the object, here always `bank_account_turnovers`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<String>,
    }

    /// What went wrong in a step of a wizard session.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct WizardError {
        /// What went wrong, as a code such as `login_failed`, `session_timeout`, `tan_failed`,
        /// `tech_error`, `testmode_error`, `trans_not_possible` or `validation_failed`. New codes
        /// appear over time.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// What went wrong, written for the user.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        /// Whether the session can go on. If it cannot, a new session is needed. None if the
        /// service does not say: the session then goes on if there is a form.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub recoverable: Option<bool>,
    }

    /// A form to show. The answers to its elements are sent.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct WizardForm {
        /// Name of the form. `finish` means that the session is over.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// What to show, in this order.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub elements: Vec<WizardElement>,
        /// Further facts about the form. Their names and values are not documented.
        #[serde(skip_serializing_if = "IndexMap::is_empty")]
        pub parameters: IndexMap<String, Value>,
    }

    /// The pace at which the action `poll` has to be repeated until the form changes.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct WizardPolling {
        /// Pause between two polls, in milliseconds. None means that there is nothing to poll.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub interval: Option<i64>,
    }

    /// One step of a wizard session. Beside `key` and `action`, each further key is the name of an
    /// element of the current form, and its value is the answer: text as entered, `true` or `false`
    /// for a checkbox, the index or the key of the option for a radio button or a selection.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct WizardRequest {
        /// Key of the wizard session.
        pub key: Secret,
        /// What to do instead of sending the form.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub action: Option<WizardAction>,
        /// Further keys, which stand beside the others on the wire. None of the others may be among them.
        #[serde(flatten)]
        pub extra: IndexMap<String, Secret>,
    }

    /// Where a wizard session stands after a step.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct WizardResponse {
        /// The status of the answer again.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub code: Option<i32>,
        /// The status in words.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        /// What went wrong in this step. An empty object or an empty list also means that there is
        /// no error. An error may also be its code alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub error: Option<WizardError>,
        /// Whether the session can go on after an error that is its code alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub recoverable: Option<bool>,
        /// Present when the session waits for something outside, such as an app of the bank. An
        /// empty object or an empty list also means that it does not wait.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub polling: Option<WizardPolling>,
        /// The form to show next. The session is over when there is no form, or when the form is
        /// named `finish`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub form: Option<WizardForm>,
        /// What the service hands over at the end of a session. It is an assumption that this
        /// contains your half of the credentials of a connection in mode `shared`, as a text alone
        /// or under a key that is not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub additional_data: Option<AdditionalData>,
    }

    /// A wizard session that the user has to complete.
    #[derive(Clone, Debug, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct WizardSession {
        /// Key that opens the wizard. Whoever holds it can continue the session.
        pub wizard_session_key: Secret,
        /// Transaction id of the session. The connection can be looked up by it.
        pub transaction: TransactionId,
    }

    crate::wire::maps! {
        AdditionalData = "credentials"
    }

    impl From<IndexMap<String, Value>> for AdditionalData {
        fn from(map: IndexMap<String, Value>) -> Self {
            Self(map)
        }
    }

    crate::wire::maps! {
        EventData
    }

    impl From<IndexMap<String, Value>> for EventData {
        fn from(map: IndexMap<String, Value>) -> Self {
            Self(map)
        }
    }

    crate::wire::maps! {
        Report
    }

    impl From<IndexMap<String, Value>> for Report {
        fn from(map: IndexMap<String, Value>) -> Self {
            Self(map)
        }
    }

    crate::wire::maps! {
        SessionParameters
    }

    impl From<IndexMap<String, Value>> for SessionParameters {
        fn from(map: IndexMap<String, Value>) -> Self {
            Self(map)
        }
    }

    impl AutocompleteBankCodesQuery {
        /// A value with the required fields, and no other field set.
        pub fn new(q: impl Into<String>) -> Self {
            Self {
                q: q.into(),
                country_id: Default::default(),
                page: Default::default(),
                per_page: Default::default(),
                product: Default::default(),
            }
        }

        /// Only banks of this country, as an ISO 3166 code of two letters.
        #[must_use]
        pub fn country_id(mut self, country_id: impl Into<String>) -> Self {
            self.country_id = Some(country_id.into());
            self
        }

        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }

        /// Only banks that support this product.
        #[must_use]
        pub fn product(mut self, product: impl Into<String>) -> Self {
            self.product = Some(product.into());
            self
        }
    }

    impl CreateAccessTokenRequest {
        /// A value with the required fields, and no other field set.
        pub fn new(valid_until: Timestamp) -> Self {
            Self { valid_until }
        }
    }

    impl CreateBankUserRequest {
        /// A value with the required fields, and no other field set.
        pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
            Self {
                name: name.into(),
                email: email.into(),
            }
        }
    }

    impl CreateConnectionRequest {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                sync_mode: Default::default(),
                bic: Default::default(),
                country_id: Default::default(),
                days: Default::default(),
                limit_days: Default::default(),
                account_selection: Default::default(),
                language: Default::default(),
                fints_product_id: Default::default(),
            }
        }

        /// Who is to keep the credentials. This decides what later syncs need.
        #[must_use]
        pub fn sync_mode(mut self, sync_mode: SyncMode) -> Self {
            self.sync_mode = Some(sync_mode);
            self
        }

        /// BIC of the bank. With it, the wizard does not ask for the bank.
        #[must_use]
        pub fn bic(mut self, bic: impl Into<String>) -> Self {
            self.bic = Some(bic.into());
            self
        }

        /// Country of the bank, as an ISO 3166 code of two letters.
        #[must_use]
        pub fn country_id(mut self, country_id: impl Into<String>) -> Self {
            self.country_id = Some(country_id.into());
            self
        }

        /// How many days of turnovers are fetched.
        #[must_use]
        pub fn days(mut self, days: i32) -> Self {
            self.days = Some(days);
            self
        }

        /// How many days of turnovers an account keeps.
        #[must_use]
        pub fn limit_days(mut self, limit_days: i32) -> Self {
            self.limit_days = Some(limit_days);
            self
        }

        /// Which accounts of the login become part of the connection.
        #[must_use]
        pub fn account_selection(mut self, account_selection: AccountSelection) -> Self {
            self.account_selection = Some(account_selection);
            self
        }

        /// Language of the wizard.
        #[must_use]
        pub fn language(mut self, language: Language) -> Self {
            self.language = Some(language);
            self
        }

        /// Your registration number as a FinTS product, if you have one of your own.
        #[must_use]
        pub fn fints_product_id(mut self, fints_product_id: impl Into<String>) -> Self {
            self.fints_product_id = Some(fints_product_id.into());
            self
        }
    }

    impl GetAccountReportQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                format: Default::default(),
                locale: Default::default(),
            }
        }

        /// Format of the report.
        ///
        /// Default: `json`.
        #[must_use]
        pub fn format(mut self, format: ReportFormat) -> Self {
            self.format = Some(format);
            self
        }

        /// Language of the report. Has no effect on the format json.
        ///
        /// Default: `en`.
        #[must_use]
        pub fn locale(mut self, locale: ReportLocale) -> Self {
            self.locale = Some(locale);
            self
        }
    }

    impl GetAccountTurnoversQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                from: Default::default(),
                to: Default::default(),
                only_new: Default::default(),
            }
        }

        /// First booking date to include.
        #[must_use]
        pub fn from(mut self, from: Date) -> Self {
            self.from = Some(from);
            self
        }

        /// Last booking date to include.
        #[must_use]
        pub fn to(mut self, to: Date) -> Self {
            self.to = Some(to);
            self
        }

        /// Whether to include only the turnovers that were not marked as seen.
        ///
        /// Default: false.
        #[must_use]
        pub fn only_new(mut self, only_new: bool) -> Self {
            self.only_new = Some(only_new);
            self
        }
    }

    impl GetBankCodeQuery {
        /// A value with the required fields, and no other field set.
        pub fn new(bank_code: impl Into<String>) -> Self {
            Self {
                bank_code: bank_code.into(),
            }
        }
    }

    impl ListAccessTokensQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                page: Default::default(),
                per_page: Default::default(),
            }
        }

        /// Number of the page, counted from 1. Undocumented for tokens.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most. Undocumented for tokens.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }
    }

    impl ListAccountsQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                page: Default::default(),
                per_page: Default::default(),
            }
        }

        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }
    }

    impl ListBankCodesQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                country_id: Default::default(),
                page: Default::default(),
                per_page: Default::default(),
            }
        }

        /// Only banks of this country, as an ISO 3166 code of two letters.
        #[must_use]
        pub fn country_id(mut self, country_id: impl Into<String>) -> Self {
            self.country_id = Some(country_id.into());
            self
        }

        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }
    }

    impl ListConnectionAccountsQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                page: Default::default(),
                per_page: Default::default(),
            }
        }

        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }
    }

    impl ListConnectionsQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                page: Default::default(),
                per_page: Default::default(),
            }
        }

        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }
    }

    impl ListEventsQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                transaction_id: Default::default(),
                type_: Default::default(),
                page: Default::default(),
                per_page: Default::default(),
                from: Default::default(),
                to: Default::default(),
            }
        }

        /// Only events that belong to this transaction.
        #[must_use]
        pub fn transaction_id(
            mut self,
            transaction_id: impl Into<TransactionId>,
        ) -> Self {
            self.transaction_id = Some(transaction_id.into());
            self
        }

        /// Only events of this type.
        #[must_use]
        pub fn type_(mut self, type_: impl Into<String>) -> Self {
            self.type_ = Some(type_.into());
            self
        }

        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }

        /// Only events at this instant or later.
        #[must_use]
        pub fn from(mut self, from: Timestamp) -> Self {
            self.from = Some(from);
            self
        }

        /// Only events at this instant or earlier.
        #[must_use]
        pub fn to(mut self, to: Timestamp) -> Self {
            self.to = Some(to);
            self
        }
    }

    impl ListUsersQuery {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                page: Default::default(),
                per_page: Default::default(),
            }
        }

        /// Number of the page, counted from 1.
        ///
        /// Default: 1.
        #[must_use]
        pub fn page(mut self, page: i32) -> Self {
            self.page = Some(page);
            self
        }

        /// How many entries a page holds at most.
        ///
        /// Default: 15.
        #[must_use]
        pub fn per_page(mut self, per_page: i32) -> Self {
            self.per_page = Some(per_page);
            self
        }
    }

    impl RefreshAccessTokenRequest {
        /// A value with the required fields, and no other field set.
        pub fn new(valid_until: Timestamp) -> Self {
            Self { valid_until }
        }
    }

    impl SyncConnectionRequest {
        /// A value without any field set. No field is required.
        pub fn new() -> Self {
            Self {
                credentials: Default::default(),
                force: Default::default(),
            }
        }

        /// Your half of the encrypted credentials. Needed only for a connection in mode `shared`.
        #[must_use]
        pub fn credentials(mut self, credentials: impl Into<Secret>) -> Self {
            self.credentials = Some(credentials.into());
            self
        }

        /// Whether to sync although a failure has stopped the automatic syncs. This does not help
        /// if the connection is disabled after three failures in a row.
        #[must_use]
        pub fn force(mut self, force: bool) -> Self {
            self.force = Some(force);
            self
        }
    }

    impl WizardRequest {
        /// A value with the required fields, and no other field set.
        pub fn new(key: impl Into<Secret>) -> Self {
            Self {
                key: key.into(),
                action: Default::default(),
                extra: Default::default(),
            }
        }

        /// What to do instead of sending the form.
        #[must_use]
        pub fn action(mut self, action: WizardAction) -> Self {
            self.action = Some(action);
            self
        }

        /// Further keys, which stand beside the others on the wire. None of the others may be among them.
        #[must_use]
        pub fn extra(mut self, extra: IndexMap<String, Secret>) -> Self {
            self.extra = extra;
            self
        }
    }

    impl fmt::Debug for AdditionalData {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("AdditionalData").finish_non_exhaustive()
        }
    }

    impl Serialize for AdditionalData {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            crate::secret::serialize_concealed(&self.0, serializer)
        }
    }

    impl fmt::Debug for EventData {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("EventData").finish_non_exhaustive()
        }
    }

    impl Serialize for EventData {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            crate::secret::serialize_concealed(&self.0, serializer)
        }
    }

    impl fmt::Debug for SessionParameters {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("SessionParameters").finish_non_exhaustive()
        }
    }

    impl Serialize for SessionParameters {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            crate::secret::serialize_concealed(&self.0, serializer)
        }
    }

    /// Who keeps the credentials. `full`: the service keeps them, and syncs by itself once a day.
    /// `shared`: the service and you keep one half each, and a sync needs your half. `none`: nobody
    /// keeps them, and every sync needs the user. A connection in mode `full` can fall back to
    /// `none` after a failure, and return to `full` after a successful sync.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum SyncMode {
        /// `full`.
        Full,
        /// `shared`.
        Shared,
        /// `none`.
        None,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl SyncMode {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[Self::Full, Self::Shared, Self::None];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Full => "full",
                Self::Shared => "shared",
                Self::None => "none",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for SyncMode {
        fn from(value: &str) -> Self {
            match value {
                "full" => Self::Full,
                "shared" => Self::Shared,
                "none" => Self::None,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for SyncMode {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for SyncMode {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for SyncMode {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for SyncMode {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for SyncMode {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// Which accounts of a login become part of the connection: `all` of them, several that the
    /// user chooses (`multi`), or one that the user chooses (`single`).
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum AccountSelection {
        /// `all`.
        All,
        /// `multi`.
        Multi,
        /// `single`.
        Single,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl AccountSelection {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[Self::All, Self::Multi, Self::Single];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::All => "all",
                Self::Multi => "multi",
                Self::Single => "single",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for AccountSelection {
        fn from(value: &str) -> Self {
            match value {
                "all" => Self::All,
                "multi" => Self::Multi,
                "single" => Self::Single,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for AccountSelection {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for AccountSelection {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for AccountSelection {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for AccountSelection {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for AccountSelection {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// Language of the wizard, as an ISO 639 code of two letters.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum Language {
        /// `de`.
        De,
        /// `en`.
        En,
        /// `es`.
        Es,
        /// `fr`.
        Fr,
        /// `it`.
        It,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl Language {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[
            Self::De,
            Self::En,
            Self::Es,
            Self::Fr,
            Self::It,
        ];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::De => "de",
                Self::En => "en",
                Self::Es => "es",
                Self::Fr => "fr",
                Self::It => "it",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for Language {
        fn from(value: &str) -> Self {
            match value {
                "de" => Self::De,
                "en" => Self::En,
                "es" => Self::Es,
                "fr" => Self::Fr,
                "it" => Self::It,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for Language {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for Language {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for Language {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for Language {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for Language {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// What to do instead of sending the form. `back`: return to the form before.
    /// `switch-login-tabs`: choose another way to log in. `poll`: ask whether the user has
    /// approved in the app of the bank. `change-language`: show the form in another language.
    /// `abort`: end the session.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum WizardAction {
        /// `back`.
        Back,
        /// `switch-login-tabs`.
        SwitchLoginTabs,
        /// `poll`.
        Poll,
        /// `change-language`.
        ChangeLanguage,
        /// `abort`.
        Abort,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl WizardAction {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[
            Self::Back,
            Self::SwitchLoginTabs,
            Self::Poll,
            Self::ChangeLanguage,
            Self::Abort,
        ];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Back => "back",
                Self::SwitchLoginTabs => "switch-login-tabs",
                Self::Poll => "poll",
                Self::ChangeLanguage => "change-language",
                Self::Abort => "abort",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for WizardAction {
        fn from(value: &str) -> Self {
            match value {
                "back" => Self::Back,
                "switch-login-tabs" => Self::SwitchLoginTabs,
                "poll" => Self::Poll,
                "change-language" => Self::ChangeLanguage,
                "abort" => Self::Abort,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for WizardAction {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for WizardAction {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for WizardAction {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for WizardAction {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for WizardAction {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// What kind of account it is: a current account (`giro`), the account of a credit card
    /// (`creditcard`), savings, a loan, securities, an electronic wallet, or another one.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum AccountType {
        /// `giro`.
        Giro,
        /// `creditcard`.
        Creditcard,
        /// `savings`.
        Savings,
        /// `loan`.
        Loan,
        /// `securities`.
        Securities,
        /// `wallet`.
        Wallet,
        /// `other`.
        Other,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl AccountType {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[
            Self::Giro,
            Self::Creditcard,
            Self::Savings,
            Self::Loan,
            Self::Securities,
            Self::Wallet,
            Self::Other,
        ];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Giro => "giro",
                Self::Creditcard => "creditcard",
                Self::Savings => "savings",
                Self::Loan => "loan",
                Self::Securities => "securities",
                Self::Wallet => "wallet",
                Self::Other => "other",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for AccountType {
        fn from(value: &str) -> Self {
            match value {
                "giro" => Self::Giro,
                "creditcard" => Self::Creditcard,
                "savings" => Self::Savings,
                "loan" => Self::Loan,
                "securities" => Self::Securities,
                "wallet" => Self::Wallet,
                "other" => Self::Other,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for AccountType {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for AccountType {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for AccountType {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for AccountType {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for AccountType {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// Format of a report: JSON for programs, HTML or PDF for people.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum ReportFormat {
        /// `json`.
        Json,
        /// `html`.
        Html,
        /// `pdf`.
        Pdf,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl ReportFormat {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[Self::Json, Self::Html, Self::Pdf];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Json => "json",
                Self::Html => "html",
                Self::Pdf => "pdf",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for ReportFormat {
        fn from(value: &str) -> Self {
            match value {
                "json" => Self::Json,
                "html" => Self::Html,
                "pdf" => Self::Pdf,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for ReportFormat {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for ReportFormat {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for ReportFormat {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for ReportFormat {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for ReportFormat {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// Language of a report, as an ISO 639 code of two letters.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum ReportLocale {
        /// `de`.
        De,
        /// `en`.
        En,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl ReportLocale {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[Self::De, Self::En];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::De => "de",
                Self::En => "en",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for ReportLocale {
        fn from(value: &str) -> Self {
            match value {
                "de" => Self::De,
                "en" => Self::En,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for ReportLocale {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for ReportLocale {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for ReportLocale {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for ReportLocale {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for ReportLocale {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// What went wrong in a session: with the session itself (`session_expired` to
    /// `testmode_error`), in a step (`init_failed` to `tan_failed`), in what the user entered or
    /// did not tick (`wrong_tan` to `age_verification_not_confirmed`), or because the bank, its
    /// accounts or their holder do not fit. There are some fifty codes. The list holds those that
    /// the documentation and the official JVM client name. New codes appear.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum SessionErrorCode {
        /// `none`.
        None,
        /// `session_expired`.
        SessionExpired,
        /// `token_mismatch`.
        TokenMismatch,
        /// `tech_error`.
        TechError,
        /// `client_not_started`.
        ClientNotStarted,
        /// `client_aborted`.
        ClientAborted,
        /// `consent_invalid`.
        ConsentInvalid,
        /// `testmode_error`.
        TestmodeError,
        /// `init_failed`.
        InitFailed,
        /// `login_failed`.
        LoginFailed,
        /// `login_next_failed`.
        LoginNextFailed,
        /// `accounts_failed`.
        AccountsFailed,
        /// `balance_failed`.
        BalanceFailed,
        /// `turnovers_failed`.
        TurnoversFailed,
        /// `standing_orders_failed`.
        StandingOrdersFailed,
        /// `transaction_failed`.
        TransactionFailed,
        /// `tan_failed`.
        TanFailed,
        /// `wrong_tan`.
        WrongTan,
        /// `max_login_tries`.
        MaxLoginTries,
        /// `max_tan_tries`.
        MaxTanTries,
        /// `validation_failed`.
        ValidationFailed,
        /// `pp_not_checked`.
        PpNotChecked,
        /// `age_verification_not_confirmed`.
        AgeVerificationNotConfirmed,
        /// `bank_code_unknown`.
        BankCodeUnknown,
        /// `country_id_invalid`.
        CountryIdInvalid,
        /// `no_transports_found`.
        NoTransportsFound,
        /// `forced_transport_disabled`.
        ForcedTransportDisabled,
        /// `no_compatible_accounts`.
        NoCompatibleAccounts,
        /// `authorized_person`.
        AuthorizedPerson,
        /// `pinned_holder_not_found`.
        PinnedHolderNotFound,
        /// `pinned_iban_not_found`.
        PinnedIbanNotFound,
        /// `tx_rx_iban_equal`.
        TxRxIbanEqual,
        /// `login_blacklisted`.
        LoginBlacklisted,
        /// `security_setting_rejection`.
        SecuritySettingRejection,
        /// A value that this version does not know.
        Unknown(UnknownValue),
    }

    impl SessionErrorCode {
        /// The values known to this version.
        pub const KNOWN: &'static [Self] = &[
            Self::None,
            Self::SessionExpired,
            Self::TokenMismatch,
            Self::TechError,
            Self::ClientNotStarted,
            Self::ClientAborted,
            Self::ConsentInvalid,
            Self::TestmodeError,
            Self::InitFailed,
            Self::LoginFailed,
            Self::LoginNextFailed,
            Self::AccountsFailed,
            Self::BalanceFailed,
            Self::TurnoversFailed,
            Self::StandingOrdersFailed,
            Self::TransactionFailed,
            Self::TanFailed,
            Self::WrongTan,
            Self::MaxLoginTries,
            Self::MaxTanTries,
            Self::ValidationFailed,
            Self::PpNotChecked,
            Self::AgeVerificationNotConfirmed,
            Self::BankCodeUnknown,
            Self::CountryIdInvalid,
            Self::NoTransportsFound,
            Self::ForcedTransportDisabled,
            Self::NoCompatibleAccounts,
            Self::AuthorizedPerson,
            Self::PinnedHolderNotFound,
            Self::PinnedIbanNotFound,
            Self::TxRxIbanEqual,
            Self::LoginBlacklisted,
            Self::SecuritySettingRejection,
        ];
        /// The value as the service writes it.
        pub fn as_str(&self) -> &str {
            match self {
                Self::None => "none",
                Self::SessionExpired => "session_expired",
                Self::TokenMismatch => "token_mismatch",
                Self::TechError => "tech_error",
                Self::ClientNotStarted => "client_not_started",
                Self::ClientAborted => "client_aborted",
                Self::ConsentInvalid => "consent_invalid",
                Self::TestmodeError => "testmode_error",
                Self::InitFailed => "init_failed",
                Self::LoginFailed => "login_failed",
                Self::LoginNextFailed => "login_next_failed",
                Self::AccountsFailed => "accounts_failed",
                Self::BalanceFailed => "balance_failed",
                Self::TurnoversFailed => "turnovers_failed",
                Self::StandingOrdersFailed => "standing_orders_failed",
                Self::TransactionFailed => "transaction_failed",
                Self::TanFailed => "tan_failed",
                Self::WrongTan => "wrong_tan",
                Self::MaxLoginTries => "max_login_tries",
                Self::MaxTanTries => "max_tan_tries",
                Self::ValidationFailed => "validation_failed",
                Self::PpNotChecked => "pp_not_checked",
                Self::AgeVerificationNotConfirmed => "age_verification_not_confirmed",
                Self::BankCodeUnknown => "bank_code_unknown",
                Self::CountryIdInvalid => "country_id_invalid",
                Self::NoTransportsFound => "no_transports_found",
                Self::ForcedTransportDisabled => "forced_transport_disabled",
                Self::NoCompatibleAccounts => "no_compatible_accounts",
                Self::AuthorizedPerson => "authorized_person",
                Self::PinnedHolderNotFound => "pinned_holder_not_found",
                Self::PinnedIbanNotFound => "pinned_iban_not_found",
                Self::TxRxIbanEqual => "tx_rx_iban_equal",
                Self::LoginBlacklisted => "login_blacklisted",
                Self::SecuritySettingRejection => "security_setting_rejection",
                Self::Unknown(value) => value.as_str(),
            }
        }
    }

    impl From<&str> for SessionErrorCode {
        fn from(value: &str) -> Self {
            match value {
                "none" => Self::None,
                "session_expired" => Self::SessionExpired,
                "token_mismatch" => Self::TokenMismatch,
                "tech_error" => Self::TechError,
                "client_not_started" => Self::ClientNotStarted,
                "client_aborted" => Self::ClientAborted,
                "consent_invalid" => Self::ConsentInvalid,
                "testmode_error" => Self::TestmodeError,
                "init_failed" => Self::InitFailed,
                "login_failed" => Self::LoginFailed,
                "login_next_failed" => Self::LoginNextFailed,
                "accounts_failed" => Self::AccountsFailed,
                "balance_failed" => Self::BalanceFailed,
                "turnovers_failed" => Self::TurnoversFailed,
                "standing_orders_failed" => Self::StandingOrdersFailed,
                "transaction_failed" => Self::TransactionFailed,
                "tan_failed" => Self::TanFailed,
                "wrong_tan" => Self::WrongTan,
                "max_login_tries" => Self::MaxLoginTries,
                "max_tan_tries" => Self::MaxTanTries,
                "validation_failed" => Self::ValidationFailed,
                "pp_not_checked" => Self::PpNotChecked,
                "age_verification_not_confirmed" => Self::AgeVerificationNotConfirmed,
                "bank_code_unknown" => Self::BankCodeUnknown,
                "country_id_invalid" => Self::CountryIdInvalid,
                "no_transports_found" => Self::NoTransportsFound,
                "forced_transport_disabled" => Self::ForcedTransportDisabled,
                "no_compatible_accounts" => Self::NoCompatibleAccounts,
                "authorized_person" => Self::AuthorizedPerson,
                "pinned_holder_not_found" => Self::PinnedHolderNotFound,
                "pinned_iban_not_found" => Self::PinnedIbanNotFound,
                "tx_rx_iban_equal" => Self::TxRxIbanEqual,
                "login_blacklisted" => Self::LoginBlacklisted,
                "security_setting_rejection" => Self::SecuritySettingRejection,
                unknown => Self::Unknown(UnknownValue::new(unknown)),
            }
        }
    }

    impl From<String> for SessionErrorCode {
        fn from(value: String) -> Self {
            Self::from(value.as_str())
        }
    }

    impl FromStr for SessionErrorCode {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> Result<Self, ::std::convert::Infallible> {
            Ok(Self::from(value))
        }
    }

    impl fmt::Display for SessionErrorCode {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }

    impl Serialize for SessionErrorCode {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for SessionErrorCode {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer).map(Self::from)
        }
    }

    /// One element of a form. Its `type` names its kind. New kinds may appear.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub enum WizardElement {
        /// `type: text`.
        Text(TextElement),
        /// `type: password`.
        Password(PasswordElement),
        /// `type: captcha`.
        Captcha(CaptchaElement),
        /// `type: flicker`.
        Flicker(FlickerElement),
        /// `type: image`.
        Image(ImageElement),
        /// `type: checkbox`.
        Checkbox(CheckboxElement),
        /// `type: radio`.
        Radio(RadioElement),
        /// `type: select`.
        Select(SelectElement),
        /// `type: tabs`.
        Tabs(TabsElement),
        /// `type: multi`.
        Multi(MultiElement),
        /// `type: redirect`.
        Redirect(RedirectElement),
        /// `type: help_text`.
        HelpText(HelpTextElement),
        /// `type: hidden`.
        Hidden(HiddenElement),
        /// `type: paragraph`.
        Paragraph(ParagraphElement),
        /// `type: description`.
        Description(DescriptionElement),
        /// `type: submit`.
        Submit(SubmitElement),
        /// `type: autosubmit`.
        Autosubmit(AutosubmitElement),
        /// `type: restart`.
        Restart(RestartElement),
        /// `type: abort`.
        Abort(AbortElement),
        /// `type: logo`.
        Logo(LogoElement),
        /// A kind that this version does not know, or one that could not be read.
        Unknown(UnknownVariant),
    }

    impl WizardElement {
        /// The kinds that this version knows, as the service writes them.
        pub const KNOWN: &'static [&'static str] = &[
            "text",
            "password",
            "captcha",
            "flicker",
            "image",
            "checkbox",
            "radio",
            "select",
            "tabs",
            "multi",
            "redirect",
            "help_text",
            "hidden",
            "paragraph",
            "description",
            "submit",
            "autosubmit",
            "restart",
            "abort",
            "logo",
        ];
        /// The kind, as the service writes it.
        pub fn tag(&self) -> &str {
            match self {
                Self::Text(_) => "text",
                Self::Password(_) => "password",
                Self::Captcha(_) => "captcha",
                Self::Flicker(_) => "flicker",
                Self::Image(_) => "image",
                Self::Checkbox(_) => "checkbox",
                Self::Radio(_) => "radio",
                Self::Select(_) => "select",
                Self::Tabs(_) => "tabs",
                Self::Multi(_) => "multi",
                Self::Redirect(_) => "redirect",
                Self::HelpText(_) => "help_text",
                Self::Hidden(_) => "hidden",
                Self::Paragraph(_) => "paragraph",
                Self::Description(_) => "description",
                Self::Submit(_) => "submit",
                Self::Autosubmit(_) => "autosubmit",
                Self::Restart(_) => "restart",
                Self::Abort(_) => "abort",
                Self::Logo(_) => "logo",
                Self::Unknown(unknown) => unknown.tag(),
            }
        }
    }

    impl WizardElement {
        fn from_json(json: crate::wire::Json<'_>) -> Self {
            let Ok(object) = json.object(None) else {
                return Self::Unknown(UnknownVariant::new(json, "type"));
            };
            let read = match &*object.text_of("type") {
                "text" => crate::wire::read_object(&object).map(Self::Text),
                "password" => crate::wire::read_object(&object).map(Self::Password),
                "captcha" => crate::wire::read_object(&object).map(Self::Captcha),
                "flicker" => crate::wire::read_object(&object).map(Self::Flicker),
                "image" => crate::wire::read_object(&object).map(Self::Image),
                "checkbox" => crate::wire::read_object(&object).map(Self::Checkbox),
                "radio" => crate::wire::read_object(&object).map(Self::Radio),
                "select" => crate::wire::read_object(&object).map(Self::Select),
                "tabs" => crate::wire::read_object(&object).map(Self::Tabs),
                "multi" => crate::wire::read_object(&object).map(Self::Multi),
                "redirect" => crate::wire::read_object(&object).map(Self::Redirect),
                "help_text" => crate::wire::read_object(&object).map(Self::HelpText),
                "hidden" => crate::wire::read_object(&object).map(Self::Hidden),
                "paragraph" => crate::wire::read_object(&object).map(Self::Paragraph),
                "description" => crate::wire::read_object(&object).map(Self::Description),
                "submit" => crate::wire::read_object(&object).map(Self::Submit),
                "autosubmit" => crate::wire::read_object(&object).map(Self::Autosubmit),
                "restart" => crate::wire::read_object(&object).map(Self::Restart),
                "abort" => crate::wire::read_object(&object).map(Self::Abort),
                "logo" => crate::wire::read_object(&object).map(Self::Logo),
                _ => return Self::Unknown(UnknownVariant::of(&object, "type", None)),
            };
            read.unwrap_or_else(|reason| {
                Self::Unknown(UnknownVariant::of(&object, "type", Some(reason)))
            })
        }
    }

    crate::wire::unions! {
        WizardElement
    }

    impl<'de> Deserialize<'de> for WizardElement {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            crate::wire::by_text(deserializer)
        }
    }

    impl Serialize for WizardElement {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Text(member) => member.serialize(serializer),
                Self::Password(member) => member.serialize(serializer),
                Self::Captcha(member) => member.serialize(serializer),
                Self::Flicker(member) => member.serialize(serializer),
                Self::Image(member) => member.serialize(serializer),
                Self::Checkbox(member) => member.serialize(serializer),
                Self::Radio(member) => member.serialize(serializer),
                Self::Select(member) => member.serialize(serializer),
                Self::Tabs(member) => member.serialize(serializer),
                Self::Multi(member) => member.serialize(serializer),
                Self::Redirect(member) => member.serialize(serializer),
                Self::HelpText(member) => member.serialize(serializer),
                Self::Hidden(member) => member.serialize(serializer),
                Self::Paragraph(member) => member.serialize(serializer),
                Self::Description(member) => member.serialize(serializer),
                Self::Submit(member) => member.serialize(serializer),
                Self::Autosubmit(member) => member.serialize(serializer),
                Self::Restart(member) => member.serialize(serializer),
                Self::Abort(member) => member.serialize(serializer),
                Self::Logo(member) => member.serialize(serializer),
                Self::Unknown(unknown) => unknown.serialize(serializer),
            }
        }
    }

    /// What [`sync_connection`](crate::Client::sync_connection) may be answered with.
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub enum SyncConnectionResponse {
        /// The bank needs the user, who has to complete the wizard session, as after a create.
        Accepted(WizardSession),
        /// The sync has started and does not need the user. The answer does not say how the sync
        /// ends.
        NoContent,
    }

    impl crate::wire::Described for ApiError {
        const NAMES: &'static [&'static str] = &["code", "message", "errors"];
        const BARE: Option<&'static str> = Some("message");
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "code" => 0,
                "message" => 1,
                "errors" => 2,
                _ => 3,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut code = None;
            let mut message = None;
            let mut errors = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut code),
                    1 => properties.forgive_prose(&mut message),
                    2 => properties.forgive_prose(&mut errors),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                code: code.unwrap_or_default(),
                message: message.unwrap_or_default(),
                errors: errors.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for Acknowledgement {
        const NAMES: &'static [&'static str] = &["code", "message"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "code" => 0,
                "message" => 1,
                _ => 2,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut code = None;
            let mut message = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut code),
                    1 => properties.read(&mut message),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                code: code.unwrap_or_default(),
                message: message.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for BankUser {
        const NAMES: &'static [&'static str] = &[
            "id",
            "name",
            "email",
            "testmode",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "name" => 1,
                "email" => 2,
                "testmode" => 3,
                "created_at" => 4,
                "object" => 5,
                _ => 6,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut name = None;
            let mut email = None;
            let mut testmode = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut email),
                    3 => properties.read(&mut testmode),
                    4 => properties.read(&mut created_at),
                    5 => properties.read(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: properties.present(id, "id")?,
                name: name.unwrap_or_default(),
                email: email.unwrap_or_default(),
                testmode: testmode.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for BankUserPage {
        const NAMES: &'static [&'static str] = &[
            "total",
            "per_page",
            "current_page",
            "last_page",
            "next_page_url",
            "prev_page_url",
            "from",
            "to",
            "data",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "total" => 0,
                "per_page" => 1,
                "current_page" => 2,
                "last_page" => 3,
                "next_page_url" => 4,
                "prev_page_url" => 5,
                "from" => 6,
                "to" => 7,
                "data" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut total = None;
            let mut per_page = None;
            let mut current_page = None;
            let mut last_page = None;
            let mut next_page_url = None;
            let mut prev_page_url = None;
            let mut from = None;
            let mut to = None;
            let mut data = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut total),
                    1 => properties.forgive(&mut per_page),
                    2 => properties.forgive(&mut current_page),
                    3 => properties.forgive(&mut last_page),
                    4 => properties.forgive(&mut next_page_url),
                    5 => properties.forgive(&mut prev_page_url),
                    6 => properties.forgive(&mut from),
                    7 => properties.forgive(&mut to),
                    8 => properties.read(&mut data),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                total: total.unwrap_or_default(),
                per_page: per_page.unwrap_or_default(),
                current_page: current_page.unwrap_or_default(),
                last_page: last_page.unwrap_or_default(),
                next_page_url: next_page_url.unwrap_or_default(),
                prev_page_url: prev_page_url.unwrap_or_default(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
                data: properties.present(data, "data")?,
            })
        }
    }

    impl crate::wire::Described for AccessToken {
        const NAMES: &'static [&'static str] = &[
            "id",
            "token",
            "valid_until",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "token" => 1,
                "valid_until" => 2,
                "created_at" => 3,
                "object" => 4,
                _ => 5,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut token = None;
            let mut valid_until = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut token),
                    2 => properties.read(&mut valid_until),
                    3 => properties.read(&mut created_at),
                    4 => properties.read(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: properties.present(id, "id")?,
                token: properties.present(token, "token")?,
                valid_until: valid_until.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for AccessTokenPage {
        const NAMES: &'static [&'static str] = &[
            "total",
            "per_page",
            "current_page",
            "last_page",
            "next_page_url",
            "prev_page_url",
            "from",
            "to",
            "data",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "total" => 0,
                "per_page" => 1,
                "current_page" => 2,
                "last_page" => 3,
                "next_page_url" => 4,
                "prev_page_url" => 5,
                "from" => 6,
                "to" => 7,
                "data" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut total = None;
            let mut per_page = None;
            let mut current_page = None;
            let mut last_page = None;
            let mut next_page_url = None;
            let mut prev_page_url = None;
            let mut from = None;
            let mut to = None;
            let mut data = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut total),
                    1 => properties.forgive(&mut per_page),
                    2 => properties.forgive(&mut current_page),
                    3 => properties.forgive(&mut last_page),
                    4 => properties.forgive(&mut next_page_url),
                    5 => properties.forgive(&mut prev_page_url),
                    6 => properties.forgive(&mut from),
                    7 => properties.forgive(&mut to),
                    8 => properties.read(&mut data),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                total: total.unwrap_or_default(),
                per_page: per_page.unwrap_or_default(),
                current_page: current_page.unwrap_or_default(),
                last_page: last_page.unwrap_or_default(),
                next_page_url: next_page_url.unwrap_or_default(),
                prev_page_url: prev_page_url.unwrap_or_default(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
                data: properties.present(data, "data")?,
            })
        }
    }

    impl crate::wire::Described for Connection {
        const NAMES: &'static [&'static str] = &[
            "id",
            "transaction",
            "bic",
            "bank_name",
            "country_id",
            "sync_mode",
            "sync_active",
            "sync_message",
            "sync_fail_counter",
            "last_synced",
            "consent_valid_until",
            "testmode",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "transaction" => 1,
                "bic" => 2,
                "bank_name" => 3,
                "country_id" => 4,
                "sync_mode" => 5,
                "sync_active" => 6,
                "sync_message" => 7,
                "sync_fail_counter" => 8,
                "last_synced" => 9,
                "consent_valid_until" => 10,
                "testmode" => 11,
                "created_at" => 12,
                "object" => 13,
                _ => 14,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut transaction = None;
            let mut bic = None;
            let mut bank_name = None;
            let mut country_id = None;
            let mut sync_mode = None;
            let mut sync_active = None;
            let mut sync_message = None;
            let mut sync_fail_counter = None;
            let mut last_synced = None;
            let mut consent_valid_until = None;
            let mut testmode = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut transaction),
                    2 => properties.read(&mut bic),
                    3 => properties.read(&mut bank_name),
                    4 => properties.read(&mut country_id),
                    5 => properties.read(&mut sync_mode),
                    6 => properties.read(&mut sync_active),
                    7 => properties.read(&mut sync_message),
                    8 => properties.read(&mut sync_fail_counter),
                    9 => properties.read(&mut last_synced),
                    10 => properties.read(&mut consent_valid_until),
                    11 => properties.read(&mut testmode),
                    12 => properties.read(&mut created_at),
                    13 => properties.read(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: properties.present(id, "id")?,
                transaction: transaction.unwrap_or_default(),
                bic: bic.unwrap_or_default(),
                bank_name: bank_name.unwrap_or_default(),
                country_id: country_id.unwrap_or_default(),
                sync_mode: sync_mode.unwrap_or_default(),
                sync_active: properties.present(sync_active, "sync_active")?,
                sync_message: sync_message.unwrap_or_default(),
                sync_fail_counter: properties
                    .present(sync_fail_counter, "sync_fail_counter")?,
                last_synced: last_synced.unwrap_or_default(),
                consent_valid_until: consent_valid_until.unwrap_or_default(),
                testmode: testmode.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for ConnectionPage {
        const NAMES: &'static [&'static str] = &[
            "total",
            "per_page",
            "current_page",
            "last_page",
            "next_page_url",
            "prev_page_url",
            "from",
            "to",
            "data",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "total" => 0,
                "per_page" => 1,
                "current_page" => 2,
                "last_page" => 3,
                "next_page_url" => 4,
                "prev_page_url" => 5,
                "from" => 6,
                "to" => 7,
                "data" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut total = None;
            let mut per_page = None;
            let mut current_page = None;
            let mut last_page = None;
            let mut next_page_url = None;
            let mut prev_page_url = None;
            let mut from = None;
            let mut to = None;
            let mut data = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut total),
                    1 => properties.forgive(&mut per_page),
                    2 => properties.forgive(&mut current_page),
                    3 => properties.forgive(&mut last_page),
                    4 => properties.forgive(&mut next_page_url),
                    5 => properties.forgive(&mut prev_page_url),
                    6 => properties.forgive(&mut from),
                    7 => properties.forgive(&mut to),
                    8 => properties.read(&mut data),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                total: total.unwrap_or_default(),
                per_page: per_page.unwrap_or_default(),
                current_page: current_page.unwrap_or_default(),
                last_page: last_page.unwrap_or_default(),
                next_page_url: next_page_url.unwrap_or_default(),
                prev_page_url: prev_page_url.unwrap_or_default(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
                data: properties.present(data, "data")?,
            })
        }
    }

    impl crate::wire::Described for WizardSession {
        const NAMES: &'static [&'static str] = &["wizard_session_key", "transaction"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "wizard_session_key" => 0,
                "transaction" => 1,
                _ => 2,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut wizard_session_key = None;
            let mut transaction = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut wizard_session_key),
                    1 => properties.read(&mut transaction),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                wizard_session_key: properties
                    .present(wizard_session_key, "wizard_session_key")?,
                transaction: properties.present(transaction, "transaction")?,
            })
        }
    }

    impl crate::wire::Described for WizardResponse {
        const NAMES: &'static [&'static str] = &[
            "code",
            "message",
            "error",
            "recoverable",
            "polling",
            "form",
            "additional_data",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "code" => 0,
                "message" => 1,
                "error" => 2,
                "recoverable" => 3,
                "polling" => 4,
                "form" => 5,
                "additional_data" => 6,
                _ => 7,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut code = None;
            let mut message = None;
            let mut error = None;
            let mut recoverable = None;
            let mut polling = None;
            let mut form = None;
            let mut additional_data = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut code),
                    1 => properties.forgive(&mut message),
                    2 => properties.read(&mut error),
                    3 => properties.forgive(&mut recoverable),
                    4 => properties.read(&mut polling),
                    5 => properties.read(&mut form),
                    6 => properties.forgive(&mut additional_data),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                code: code.unwrap_or_default(),
                message: message.unwrap_or_default(),
                error: error.unwrap_or_default(),
                recoverable: recoverable.unwrap_or_default(),
                polling: polling.unwrap_or_default(),
                form: form.unwrap_or_default(),
                additional_data: additional_data.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for WizardError {
        const NAMES: &'static [&'static str] = &["code", "message", "recoverable"];
        const BARE: Option<&'static str> = Some("code");
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "code" => 0,
                "message" => 1,
                "recoverable" => 2,
                _ => 3,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut code = None;
            let mut message = None;
            let mut recoverable = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive_prose(&mut code),
                    1 => properties.forgive_prose(&mut message),
                    2 => properties.forgive(&mut recoverable),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                code: code.unwrap_or_default(),
                message: message.unwrap_or_default(),
                recoverable: recoverable.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for WizardPolling {
        const NAMES: &'static [&'static str] = &["interval"];
        const BARE: Option<&'static str> = Some("interval");
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "interval" => 0,
                _ => 1,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut interval = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut interval),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                interval: interval.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for WizardForm {
        const NAMES: &'static [&'static str] = &["name", "elements", "parameters"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "name" => 0,
                "elements" => 1,
                "parameters" => 2,
                _ => 3,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut name = None;
            let mut elements = None;
            let mut parameters = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut name),
                    1 => properties.forgive(&mut elements),
                    2 => properties.forgive(&mut parameters),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                name: name.unwrap_or_default(),
                elements: elements.unwrap_or_default(),
                parameters: parameters.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for TextElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "placeholder",
            "maxlength",
            "disabled",
            "value",
            "validation",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "placeholder" => 3,
                "maxlength" => 4,
                "disabled" => 5,
                "value" => 6,
                "validation" => 7,
                "invalid" => 8,
                "failed_validation_rules" => 9,
                "validation_error" => 10,
                _ => 11,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut placeholder = None;
            let mut maxlength = None;
            let mut disabled = None;
            let mut value = None;
            let mut validation = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut placeholder),
                    4 => properties.read(&mut maxlength),
                    5 => properties.read(&mut disabled),
                    6 => properties.read(&mut value),
                    7 => properties.read(&mut validation),
                    8 => properties.read(&mut invalid),
                    9 => properties.read(&mut failed_validation_rules),
                    10 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                placeholder: placeholder.unwrap_or_default(),
                maxlength: maxlength.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
                value: value.unwrap_or_default(),
                validation: validation.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for PasswordElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "placeholder",
            "maxlength",
            "disabled",
            "value",
            "validation",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "placeholder" => 3,
                "maxlength" => 4,
                "disabled" => 5,
                "value" => 6,
                "validation" => 7,
                "invalid" => 8,
                "failed_validation_rules" => 9,
                "validation_error" => 10,
                _ => 11,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut placeholder = None;
            let mut maxlength = None;
            let mut disabled = None;
            let mut value = None;
            let mut validation = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut placeholder),
                    4 => properties.read(&mut maxlength),
                    5 => properties.read(&mut disabled),
                    6 => properties.read(&mut value),
                    7 => properties.read(&mut validation),
                    8 => properties.read(&mut invalid),
                    9 => properties.read(&mut failed_validation_rules),
                    10 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                placeholder: placeholder.unwrap_or_default(),
                maxlength: maxlength.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
                value: value.unwrap_or_default(),
                validation: validation.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for CaptchaElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "placeholder",
            "maxlength",
            "disabled",
            "value",
            "data",
            "validation",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "placeholder" => 3,
                "maxlength" => 4,
                "disabled" => 5,
                "value" => 6,
                "data" => 7,
                "validation" => 8,
                "invalid" => 9,
                "failed_validation_rules" => 10,
                "validation_error" => 11,
                _ => 12,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut placeholder = None;
            let mut maxlength = None;
            let mut disabled = None;
            let mut value = None;
            let mut data = None;
            let mut validation = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut placeholder),
                    4 => properties.read(&mut maxlength),
                    5 => properties.read(&mut disabled),
                    6 => properties.read(&mut value),
                    7 => properties.read(&mut data),
                    8 => properties.read(&mut validation),
                    9 => properties.read(&mut invalid),
                    10 => properties.read(&mut failed_validation_rules),
                    11 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                placeholder: placeholder.unwrap_or_default(),
                maxlength: maxlength.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
                value: value.unwrap_or_default(),
                data: data.unwrap_or_default(),
                validation: validation.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for FlickerElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "placeholder",
            "maxlength",
            "disabled",
            "value",
            "code",
            "validation",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "placeholder" => 3,
                "maxlength" => 4,
                "disabled" => 5,
                "value" => 6,
                "code" => 7,
                "validation" => 8,
                "invalid" => 9,
                "failed_validation_rules" => 10,
                "validation_error" => 11,
                _ => 12,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut placeholder = None;
            let mut maxlength = None;
            let mut disabled = None;
            let mut value = None;
            let mut code = None;
            let mut validation = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut placeholder),
                    4 => properties.read(&mut maxlength),
                    5 => properties.read(&mut disabled),
                    6 => properties.read(&mut value),
                    7 => properties.read(&mut code),
                    8 => properties.read(&mut validation),
                    9 => properties.read(&mut invalid),
                    10 => properties.read(&mut failed_validation_rules),
                    11 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                placeholder: placeholder.unwrap_or_default(),
                maxlength: maxlength.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
                value: value.unwrap_or_default(),
                code: code.unwrap_or_default(),
                validation: validation.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for ImageElement {
        const NAMES: &'static [&'static str] = &["type", "data", "label"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "data" => 1,
                "label" => 2,
                _ => 3,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut data = None;
            let mut label = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut data),
                    2 => properties.read(&mut label),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                data: data.unwrap_or_default(),
                label: label.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for CheckboxElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "disabled",
            "checked",
            "validation",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "disabled" => 3,
                "checked" => 4,
                "validation" => 5,
                "invalid" => 6,
                "failed_validation_rules" => 7,
                "validation_error" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut disabled = None;
            let mut checked = None;
            let mut validation = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut disabled),
                    4 => properties.read(&mut checked),
                    5 => properties.read(&mut validation),
                    6 => properties.read(&mut invalid),
                    7 => properties.read(&mut failed_validation_rules),
                    8 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
                checked: checked.unwrap_or_default(),
                validation: validation.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for RadioElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "disabled",
            "checked",
            "options",
            "validation",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "disabled" => 3,
                "checked" => 4,
                "options" => 5,
                "validation" => 6,
                "invalid" => 7,
                "failed_validation_rules" => 8,
                "validation_error" => 9,
                _ => 10,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut disabled = None;
            let mut checked = None;
            let mut options = None;
            let mut validation = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut disabled),
                    4 => properties.read(&mut checked),
                    5 => properties.read(&mut options),
                    6 => properties.read(&mut validation),
                    7 => properties.read(&mut invalid),
                    8 => properties.read(&mut failed_validation_rules),
                    9 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
                checked: checked.unwrap_or_default(),
                options: options.unwrap_or_default(),
                validation: validation.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for RadioOption {
        const NAMES: &'static [&'static str] = &["label", "disabled"];
        const BARE: Option<&'static str> = Some("label");
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "label" => 0,
                "disabled" => 1,
                _ => 2,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut label = None;
            let mut disabled = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut label),
                    1 => properties.read(&mut disabled),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                label: label.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for SelectElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "disabled",
            "selected",
            "options",
            "validation",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "disabled" => 3,
                "selected" => 4,
                "options" => 5,
                "validation" => 6,
                "invalid" => 7,
                "failed_validation_rules" => 8,
                "validation_error" => 9,
                _ => 10,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut disabled = None;
            let mut selected = None;
            let mut options = None;
            let mut validation = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut disabled),
                    4 => properties.read(&mut selected),
                    5 => properties.read(&mut options),
                    6 => properties.read(&mut validation),
                    7 => properties.read(&mut invalid),
                    8 => properties.read(&mut failed_validation_rules),
                    9 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                disabled: disabled.unwrap_or_default(),
                selected: selected.unwrap_or_default(),
                options: options.unwrap_or_default(),
                validation: validation.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for TabsElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "tabs",
            "selected",
            "action",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "tabs" => 3,
                "selected" => 4,
                "action" => 5,
                _ => 6,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut tabs = None;
            let mut selected = None;
            let mut action = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut tabs),
                    4 => properties.read(&mut selected),
                    5 => properties.read(&mut action),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: name.unwrap_or_default(),
                label: label.unwrap_or_default(),
                tabs: tabs.unwrap_or_default(),
                selected: selected.unwrap_or_default(),
                action: action.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for MultiElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "label",
            "selected",
            "elements",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "label" => 2,
                "selected" => 3,
                "elements" => 4,
                _ => 5,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut label = None;
            let mut selected = None;
            let mut elements = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut label),
                    3 => properties.read(&mut selected),
                    4 => properties.read(&mut elements),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                label: label.unwrap_or_default(),
                selected: selected.unwrap_or_default(),
                elements: elements.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for MultiOption {
        const NAMES: &'static [&'static str] = &["label", "value", "elements"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "label" => 0,
                "value" => 1,
                "elements" => 2,
                _ => 3,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut label = None;
            let mut value = None;
            let mut elements = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut label),
                    1 => properties.read(&mut value),
                    2 => properties.read(&mut elements),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                label: label.unwrap_or_default(),
                value: value.unwrap_or_default(),
                elements: elements.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for RedirectElement {
        const NAMES: &'static [&'static str] = &["type", "name", "url", "label", "back"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "url" => 2,
                "label" => 3,
                "back" => 4,
                _ => 5,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut url = None;
            let mut label = None;
            let mut back = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut url),
                    3 => properties.read(&mut label),
                    4 => properties.read(&mut back),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: name.unwrap_or_default(),
                url: url.unwrap_or_default(),
                label: label.unwrap_or_default(),
                back: back.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for HelpTextElement {
        const NAMES: &'static [&'static str] = &["type", "title", "text"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "title" => 1,
                "text" => 2,
                _ => 3,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut title = None;
            let mut text = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut title),
                    2 => properties.read(&mut text),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                title: title.unwrap_or_default(),
                text: text.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for HiddenElement {
        const NAMES: &'static [&'static str] = &[
            "type",
            "name",
            "value",
            "invalid",
            "failed_validation_rules",
            "validation_error",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "name" => 1,
                "value" => 2,
                "invalid" => 3,
                "failed_validation_rules" => 4,
                "validation_error" => 5,
                _ => 6,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut name = None;
            let mut value = None;
            let mut invalid = None;
            let mut failed_validation_rules = None;
            let mut validation_error = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut name),
                    2 => properties.read(&mut value),
                    3 => properties.read(&mut invalid),
                    4 => properties.read(&mut failed_validation_rules),
                    5 => properties.read(&mut validation_error),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                name: properties.present(name, "name")?,
                value: value.unwrap_or_default(),
                invalid: invalid.unwrap_or_default(),
                failed_validation_rules: failed_validation_rules.unwrap_or_default(),
                validation_error: validation_error.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for ParagraphElement {
        const NAMES: &'static [&'static str] = &["type", "title", "text", "severity"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "title" => 1,
                "text" => 2,
                "severity" => 3,
                _ => 4,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut title = None;
            let mut text = None;
            let mut severity = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut title),
                    2 => properties.read(&mut text),
                    3 => properties.read(&mut severity),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                title: title.unwrap_or_default(),
                text: text.unwrap_or_default(),
                severity: severity.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for DescriptionElement {
        const NAMES: &'static [&'static str] = &["type", "text"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "text" => 1,
                _ => 2,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut text = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut text),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                text: text.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for SubmitElement {
        const NAMES: &'static [&'static str] = &["type", "label", "back"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "label" => 1,
                "back" => 2,
                _ => 3,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut label = None;
            let mut back = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut label),
                    2 => properties.read(&mut back),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                label: label.unwrap_or_default(),
                back: back.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for AutosubmitElement {
        const NAMES: &'static [&'static str] = &["type", "interval"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "interval" => 1,
                _ => 2,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut interval = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut interval),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                interval: interval.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for RestartElement {
        const NAMES: &'static [&'static str] = &["type", "label"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "label" => 1,
                _ => 2,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut label = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut label),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                label: label.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for AbortElement {
        const NAMES: &'static [&'static str] = &["type", "label"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                "label" => 1,
                _ => 2,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            let mut label = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    1 => properties.read(&mut label),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
                label: label.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for LogoElement {
        const NAMES: &'static [&'static str] = &["type"];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "type" => 0,
                _ => 1,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut type_ = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut type_),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                type_: properties.present(type_, "type")?,
            })
        }
    }

    impl crate::wire::Described for Account {
        const NAMES: &'static [&'static str] = &[
            "id",
            "bank_connection_id",
            "holder",
            "iban",
            "description",
            "bic",
            "account_number",
            "bank_code",
            "bank_name",
            "country_id",
            "type",
            "joint_account",
            "transaction_possible",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "bank_connection_id" => 1,
                "holder" => 2,
                "iban" => 3,
                "description" => 4,
                "bic" => 5,
                "account_number" => 6,
                "bank_code" => 7,
                "bank_name" => 8,
                "country_id" => 9,
                "type" => 10,
                "joint_account" => 11,
                "transaction_possible" => 12,
                "created_at" => 13,
                "object" => 14,
                _ => 15,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut bank_connection_id = None;
            let mut holder = None;
            let mut iban = None;
            let mut description = None;
            let mut bic = None;
            let mut account_number = None;
            let mut bank_code = None;
            let mut bank_name = None;
            let mut country_id = None;
            let mut type_ = None;
            let mut joint_account = None;
            let mut transaction_possible = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut bank_connection_id),
                    2 => properties.read(&mut holder),
                    3 => properties.read(&mut iban),
                    4 => properties.read(&mut description),
                    5 => properties.read(&mut bic),
                    6 => properties.read(&mut account_number),
                    7 => properties.read(&mut bank_code),
                    8 => properties.read(&mut bank_name),
                    9 => properties.read(&mut country_id),
                    10 => properties.read(&mut type_),
                    11 => properties.read(&mut joint_account),
                    12 => properties.read(&mut transaction_possible),
                    13 => properties.read(&mut created_at),
                    14 => properties.read(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: properties.present(id, "id")?,
                bank_connection_id: bank_connection_id.unwrap_or_default(),
                holder: holder.unwrap_or_default(),
                iban: iban.unwrap_or_default(),
                description: description.unwrap_or_default(),
                bic: bic.unwrap_or_default(),
                account_number: account_number.unwrap_or_default(),
                bank_code: bank_code.unwrap_or_default(),
                bank_name: bank_name.unwrap_or_default(),
                country_id: country_id.unwrap_or_default(),
                type_: type_.unwrap_or_default(),
                joint_account: joint_account.unwrap_or_default(),
                transaction_possible: transaction_possible.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for AccountPage {
        const NAMES: &'static [&'static str] = &[
            "total",
            "per_page",
            "current_page",
            "last_page",
            "next_page_url",
            "prev_page_url",
            "from",
            "to",
            "data",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "total" => 0,
                "per_page" => 1,
                "current_page" => 2,
                "last_page" => 3,
                "next_page_url" => 4,
                "prev_page_url" => 5,
                "from" => 6,
                "to" => 7,
                "data" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut total = None;
            let mut per_page = None;
            let mut current_page = None;
            let mut last_page = None;
            let mut next_page_url = None;
            let mut prev_page_url = None;
            let mut from = None;
            let mut to = None;
            let mut data = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut total),
                    1 => properties.forgive(&mut per_page),
                    2 => properties.forgive(&mut current_page),
                    3 => properties.forgive(&mut last_page),
                    4 => properties.forgive(&mut next_page_url),
                    5 => properties.forgive(&mut prev_page_url),
                    6 => properties.forgive(&mut from),
                    7 => properties.forgive(&mut to),
                    8 => properties.read(&mut data),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                total: total.unwrap_or_default(),
                per_page: per_page.unwrap_or_default(),
                current_page: current_page.unwrap_or_default(),
                last_page: last_page.unwrap_or_default(),
                next_page_url: next_page_url.unwrap_or_default(),
                prev_page_url: prev_page_url.unwrap_or_default(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
                data: properties.present(data, "data")?,
            })
        }
    }

    impl crate::wire::Described for Balance {
        const NAMES: &'static [&'static str] = &[
            "id",
            "available",
            "limit",
            "balance",
            "currency",
            "currency_id",
            "date",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "available" => 1,
                "limit" => 2,
                "balance" => 3,
                "currency" => 4,
                "currency_id" => 5,
                "date" => 6,
                "created_at" => 7,
                "object" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut available = None;
            let mut limit = None;
            let mut balance = None;
            let mut currency = None;
            let mut currency_id = None;
            let mut date = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut available),
                    2 => properties.read(&mut limit),
                    3 => properties.read(&mut balance),
                    4 => properties.read(&mut currency),
                    5 => properties.read(&mut currency_id),
                    6 => properties.read(&mut date),
                    7 => properties.read(&mut created_at),
                    8 => properties.read(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: properties.present(id, "id")?,
                available: available.unwrap_or_default(),
                limit: limit.unwrap_or_default(),
                balance: balance.unwrap_or_default(),
                currency: currency.unwrap_or_default(),
                currency_id: currency_id.unwrap_or_default(),
                date: date.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for Turnovers {
        const NAMES: &'static [&'static str] = &[
            "id",
            "turnovers",
            "days",
            "date",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "turnovers" => 1,
                "days" => 2,
                "date" => 3,
                "created_at" => 4,
                "object" => 5,
                _ => 6,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut turnovers = None;
            let mut days = None;
            let mut date = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut id),
                    1 => properties.read(&mut turnovers),
                    2 => properties.forgive(&mut days),
                    3 => properties.forgive(&mut date),
                    4 => properties.forgive(&mut created_at),
                    5 => properties.forgive(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: id.unwrap_or_default(),
                turnovers: properties.present(turnovers, "turnovers")?,
                days: days.unwrap_or_default(),
                date: date.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for Turnover {
        const NAMES: &'static [&'static str] = &[
            "id",
            "transaction_id",
            "booking_date",
            "amount",
            "currency",
            "currency_id",
            "purpose",
            "counter_iban",
            "counter_bic",
            "counter_holder",
            "prebooked",
            "canceled",
            "tags",
            "category_id",
            "creditor_id",
            "new",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "transaction_id" => 1,
                "booking_date" => 2,
                "amount" => 3,
                "currency" => 4,
                "currency_id" => 5,
                "purpose" => 6,
                "counter_iban" => 7,
                "counter_bic" => 8,
                "counter_holder" => 9,
                "prebooked" => 10,
                "canceled" => 11,
                "tags" => 12,
                "category_id" => 13,
                "creditor_id" => 14,
                "new" => 15,
                _ => 16,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut transaction_id = None;
            let mut booking_date = None;
            let mut amount = None;
            let mut currency = None;
            let mut currency_id = None;
            let mut purpose = None;
            let mut counter_iban = None;
            let mut counter_bic = None;
            let mut counter_holder = None;
            let mut prebooked = None;
            let mut canceled = None;
            let mut tags = None;
            let mut category_id = None;
            let mut creditor_id = None;
            let mut new = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut transaction_id),
                    2 => properties.read(&mut booking_date),
                    3 => properties.read(&mut amount),
                    4 => properties.read(&mut currency),
                    5 => properties.read(&mut currency_id),
                    6 => properties.read(&mut purpose),
                    7 => properties.read(&mut counter_iban),
                    8 => properties.read(&mut counter_bic),
                    9 => properties.read(&mut counter_holder),
                    10 => properties.read(&mut prebooked),
                    11 => properties.read(&mut canceled),
                    12 => properties.read(&mut tags),
                    13 => properties.read(&mut category_id),
                    14 => properties.read(&mut creditor_id),
                    15 => properties.read(&mut new),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: id.unwrap_or_default(),
                transaction_id: transaction_id.unwrap_or_default(),
                booking_date: booking_date.unwrap_or_default(),
                amount: properties.present(amount, "amount")?,
                currency: currency.unwrap_or_default(),
                currency_id: currency_id.unwrap_or_default(),
                purpose: purpose.unwrap_or_default(),
                counter_iban: counter_iban.unwrap_or_default(),
                counter_bic: counter_bic.unwrap_or_default(),
                counter_holder: counter_holder.unwrap_or_default(),
                prebooked: prebooked.unwrap_or_default(),
                canceled: canceled.unwrap_or_default(),
                tags: tags.unwrap_or_default(),
                category_id: category_id.unwrap_or_default(),
                creditor_id: creditor_id.unwrap_or_default(),
                new: new.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for Session {
        const NAMES: &'static [&'static str] = &[
            "id",
            "transaction",
            "wizard_session_key",
            "product",
            "parameters",
            "last_error",
            "testmode",
            "finished",
            "current_step",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "transaction" => 1,
                "wizard_session_key" => 2,
                "product" => 3,
                "parameters" => 4,
                "last_error" => 5,
                "testmode" => 6,
                "finished" => 7,
                "current_step" => 8,
                "created_at" => 9,
                "object" => 10,
                _ => 11,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut transaction = None;
            let mut wizard_session_key = None;
            let mut product = None;
            let mut parameters = None;
            let mut last_error = None;
            let mut testmode = None;
            let mut finished = None;
            let mut current_step = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut transaction),
                    2 => properties.read(&mut wizard_session_key),
                    3 => properties.read(&mut product),
                    4 => properties.read(&mut parameters),
                    5 => properties.read(&mut last_error),
                    6 => properties.read(&mut testmode),
                    7 => properties.read(&mut finished),
                    8 => properties.read(&mut current_step),
                    9 => properties.read(&mut created_at),
                    10 => properties.read(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: properties.present(id, "id")?,
                transaction: properties.present(transaction, "transaction")?,
                wizard_session_key: wizard_session_key.unwrap_or_default(),
                product: product.unwrap_or_default(),
                parameters: parameters.unwrap_or_default(),
                last_error: last_error.unwrap_or_default(),
                testmode: testmode.unwrap_or_default(),
                finished: properties.present(finished, "finished")?,
                current_step: current_step.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for Event {
        const NAMES: &'static [&'static str] = &[
            "id",
            "transaction",
            "type",
            "data",
            "testmode",
            "message",
            "created_at",
            "object",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "id" => 0,
                "transaction" => 1,
                "type" => 2,
                "data" => 3,
                "testmode" => 4,
                "message" => 5,
                "created_at" => 6,
                "object" => 7,
                _ => 8,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut id = None;
            let mut transaction = None;
            let mut type_ = None;
            let mut data = None;
            let mut testmode = None;
            let mut message = None;
            let mut created_at = None;
            let mut object = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut id),
                    1 => properties.read(&mut transaction),
                    2 => properties.read(&mut type_),
                    3 => properties.read(&mut data),
                    4 => properties.read(&mut testmode),
                    5 => properties.read(&mut message),
                    6 => properties.read(&mut created_at),
                    7 => properties.read(&mut object),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                id: properties.present(id, "id")?,
                transaction: transaction.unwrap_or_default(),
                type_: properties.present(type_, "type")?,
                data: data.unwrap_or_default(),
                testmode: testmode.unwrap_or_default(),
                message: message.unwrap_or_default(),
                created_at: created_at.unwrap_or_default(),
                object: object.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for EventPage {
        const NAMES: &'static [&'static str] = &[
            "total",
            "per_page",
            "current_page",
            "last_page",
            "next_page_url",
            "prev_page_url",
            "from",
            "to",
            "data",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "total" => 0,
                "per_page" => 1,
                "current_page" => 2,
                "last_page" => 3,
                "next_page_url" => 4,
                "prev_page_url" => 5,
                "from" => 6,
                "to" => 7,
                "data" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut total = None;
            let mut per_page = None;
            let mut current_page = None;
            let mut last_page = None;
            let mut next_page_url = None;
            let mut prev_page_url = None;
            let mut from = None;
            let mut to = None;
            let mut data = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut total),
                    1 => properties.forgive(&mut per_page),
                    2 => properties.forgive(&mut current_page),
                    3 => properties.forgive(&mut last_page),
                    4 => properties.forgive(&mut next_page_url),
                    5 => properties.forgive(&mut prev_page_url),
                    6 => properties.forgive(&mut from),
                    7 => properties.forgive(&mut to),
                    8 => properties.read(&mut data),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                total: total.unwrap_or_default(),
                per_page: per_page.unwrap_or_default(),
                current_page: current_page.unwrap_or_default(),
                last_page: last_page.unwrap_or_default(),
                next_page_url: next_page_url.unwrap_or_default(),
                prev_page_url: prev_page_url.unwrap_or_default(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
                data: properties.present(data, "data")?,
            })
        }
    }

    impl crate::wire::Described for BankCode {
        const NAMES: &'static [&'static str] = &[
            "bank_code",
            "bic",
            "name",
            "short_name",
            "zipcode",
            "city",
            "country_id",
            "testmode",
            "xs2a_products",
            "xs2a_supported",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "bank_code" => 0,
                "bic" => 1,
                "name" => 2,
                "short_name" => 3,
                "zipcode" => 4,
                "city" => 5,
                "country_id" => 6,
                "testmode" => 7,
                "xs2a_products" => 8,
                "xs2a_supported" => 9,
                _ => 10,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut bank_code = None;
            let mut bic = None;
            let mut name = None;
            let mut short_name = None;
            let mut zipcode = None;
            let mut city = None;
            let mut country_id = None;
            let mut testmode = None;
            let mut xs2a_products = None;
            let mut xs2a_supported = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.read(&mut bank_code),
                    1 => properties.read(&mut bic),
                    2 => properties.read(&mut name),
                    3 => properties.read(&mut short_name),
                    4 => properties.read(&mut zipcode),
                    5 => properties.read(&mut city),
                    6 => properties.read(&mut country_id),
                    7 => properties.read(&mut testmode),
                    8 => properties.read(&mut xs2a_products),
                    9 => properties.read(&mut xs2a_supported),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                bank_code: properties.present(bank_code, "bank_code")?,
                bic: bic.unwrap_or_default(),
                name: name.unwrap_or_default(),
                short_name: short_name.unwrap_or_default(),
                zipcode: zipcode.unwrap_or_default(),
                city: city.unwrap_or_default(),
                country_id: country_id.unwrap_or_default(),
                testmode: testmode.unwrap_or_default(),
                xs2a_products: xs2a_products.unwrap_or_default(),
                xs2a_supported: xs2a_supported.unwrap_or_default(),
            })
        }
    }

    impl crate::wire::Described for BankCodePage {
        const NAMES: &'static [&'static str] = &[
            "total",
            "per_page",
            "current_page",
            "last_page",
            "next_page_url",
            "prev_page_url",
            "from",
            "to",
            "data",
        ];
        #[inline]
        fn position(name: &str) -> usize {
            match name {
                "total" => 0,
                "per_page" => 1,
                "current_page" => 2,
                "last_page" => 3,
                "next_page_url" => 4,
                "prev_page_url" => 5,
                "from" => 6,
                "to" => 7,
                "data" => 8,
                _ => 9,
            }
        }
        fn read_from<P: crate::wire::Properties>(
            properties: &mut P,
        ) -> Result<Self, P::Error> {
            let mut total = None;
            let mut per_page = None;
            let mut current_page = None;
            let mut last_page = None;
            let mut next_page_url = None;
            let mut prev_page_url = None;
            let mut from = None;
            let mut to = None;
            let mut data = None;
            while let Some(position) = properties.next()? {
                match position {
                    0 => properties.forgive(&mut total),
                    1 => properties.forgive(&mut per_page),
                    2 => properties.forgive(&mut current_page),
                    3 => properties.forgive(&mut last_page),
                    4 => properties.forgive(&mut next_page_url),
                    5 => properties.forgive(&mut prev_page_url),
                    6 => properties.forgive(&mut from),
                    7 => properties.forgive(&mut to),
                    8 => properties.read(&mut data),
                    _ => properties.ignore(),
                }?;
            }
            Ok(Self {
                total: total.unwrap_or_default(),
                per_page: per_page.unwrap_or_default(),
                current_page: current_page.unwrap_or_default(),
                last_page: last_page.unwrap_or_default(),
                next_page_url: next_page_url.unwrap_or_default(),
                prev_page_url: prev_page_url.unwrap_or_default(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
                data: properties.present(data, "data")?,
            })
        }
    }

    crate::wire::objects! {
        ApiError, Acknowledgement, BankUser, BankUserPage, AccessToken, AccessTokenPage,
        Connection, ConnectionPage, WizardSession, WizardResponse, WizardError,
        WizardPolling, WizardForm, TextElement, PasswordElement, CaptchaElement,
        FlickerElement, ImageElement, CheckboxElement, RadioElement, RadioOption,
        SelectElement, TabsElement, MultiElement, MultiOption, RedirectElement,
        HelpTextElement, HiddenElement, ParagraphElement, DescriptionElement,
        SubmitElement, AutosubmitElement, RestartElement, AbortElement, LogoElement,
        Account, AccountPage, Balance, Turnovers, Turnover, Session, Event, EventPage,
        BankCode, BankCodePage
    }

    crate::wire::enumerations! {
        SyncMode, AccountSelection, Language, WizardAction, AccountType, ReportFormat,
        ReportLocale, SessionErrorCode
    }
}

/// One method per operation.
impl Client {
    /// Create a bank user.
    ///
    /// Creates a bank user, who groups the connections of one person or company. The bank user
    /// belongs to your account and never logs in at the service: an access token acts for the
    /// bank user. Each call creates another bank user, also with the same name and e-mail.
    ///
    /// `PUT /v1/api/users` with the API key; it may be repeated only if it was provably never sent, or after a 429.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 2XX: The new bank user. The status of this success is not documented.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 400: The body is not JSON, or not an object of this form. Nothing was acted on. It is an assumption that this is the status.
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn create_user(
        &self,
        body: &types::CreateBankUserRequest,
    ) -> Call<types::BankUser> {
        let request = Request::new(self, Operation::CreateUser, &[]).json(body);
        Call::new(request, Answer::json)
    }

    /// List the bank users.
    ///
    /// One page of all bank users that were created with this API key. Pages are requested by
    /// number.
    ///
    /// `GET /v1/api/users` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 200: The requested page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn list_users(
        &self,
        query: &types::ListUsersQuery,
    ) -> Call<types::BankUserPage> {
        let request = Request::new(self, Operation::ListUsers, &[]).query(query);
        Call::new(request, Answer::json)
    }

    /// Get a bank user.
    ///
    /// The bank user with this id.
    ///
    /// `GET /v1/api/users/{user_id}` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `user_id`: Id of the bank user.
    ///
    /// # Answers
    ///
    /// - 200: The bank user.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_user(&self, user_id: &UserId) -> Call<types::BankUser> {
        let request = Request::new(self, Operation::GetUser, &[&user_id]);
        Call::new(request, Answer::json)
    }

    /// Delete a bank user.
    ///
    /// Deletes the bank user. It is not documented what happens to the user's connections and
    /// accounts: first delete those that are not to stay.
    ///
    /// `DELETE /v1/api/users/{user_id}` with the API key; repeating it changes nothing more.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `user_id`: Id of the bank user.
    ///
    /// # Answers
    ///
    /// - 2XX: The bank user was deleted. It is not documented which status this success has and whether it has a body.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn delete_user(&self, user_id: &UserId) -> Call<()> {
        let request = Request::new(self, Operation::DeleteUser, &[&user_id]);
        Call::new(request, Answer::empty)
    }

    /// Create an access token for a bank user.
    ///
    /// Creates a token that opens the scope of this one bank user: connections, accounts and the
    /// wizard. Each call creates another token.
    ///
    /// `PUT /v1/api/users/{user_id}/accesstokens` with the API key; it may be repeated only if it was provably never sent, or after a 429.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `user_id`: Id of the bank user.
    ///
    /// # Answers
    ///
    /// - 2XX: The new token. The status of this success is not documented.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 400: The body is not JSON, or not an object of this form. Nothing was acted on. It is an assumption that this is the status.
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn create_access_token(
        &self,
        user_id: &UserId,
        body: &types::CreateAccessTokenRequest,
    ) -> Call<types::AccessToken> {
        let request = Request::new(self, Operation::CreateAccessToken, &[&user_id])
            .json(body);
        Call::new(request, Answer::json)
    }

    /// List the access tokens of a bank user.
    ///
    /// One page of the tokens of this bank user. It is an assumption that pages can be requested
    /// by number, as elsewhere.
    ///
    /// `GET /v1/api/users/{user_id}/accesstokens` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `user_id`: Id of the bank user.
    ///
    /// # Answers
    ///
    /// - 200: The requested page. Only the official JVM client shows that it is a page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn list_access_tokens(
        &self,
        user_id: &UserId,
        query: &types::ListAccessTokensQuery,
    ) -> Call<types::AccessTokenPage> {
        let request = Request::new(self, Operation::ListAccessTokens, &[&user_id])
            .query(query);
        Call::new(request, Answer::json)
    }

    /// Get an access token.
    ///
    /// The token with this id, including the secret.
    ///
    /// `GET /v1/api/users/{user_id}/accesstokens/{token_id}` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `user_id`: Id of the bank user.
    /// - `token_id`: Id of the access token, not the token itself.
    ///
    /// # Answers
    ///
    /// - 200: The token.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_access_token(
        &self,
        user_id: &UserId,
        token_id: &TokenId,
    ) -> Call<types::AccessToken> {
        let request = Request::new(
            self,
            Operation::GetAccessToken,
            &[&user_id, &token_id],
        );
        Call::new(request, Answer::json)
    }

    /// Extend the validity of an access token.
    ///
    /// Sets a new end of the token's validity. Call this before the token expires, or after a call
    /// was answered with 401. A second call with the same time changes nothing.
    ///
    /// `PATCH /v1/api/users/{user_id}/accesstokens/{token_id}` with the API key; repeating it changes nothing more.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `user_id`: Id of the bank user.
    /// - `token_id`: Id of the access token, not the token itself.
    ///
    /// # Answers
    ///
    /// - 2XX: The token after the change. The status of this success is not documented.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 400: The body is not JSON, or not an object of this form. Nothing was acted on. It is an assumption that this is the status.
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn refresh_access_token(
        &self,
        user_id: &UserId,
        token_id: &TokenId,
        body: &types::RefreshAccessTokenRequest,
    ) -> Call<types::AccessToken> {
        let request = Request::new(
                self,
                Operation::RefreshAccessToken,
                &[&user_id, &token_id],
            )
            .json(body);
        Call::new(request, Answer::json)
    }

    /// Delete an access token.
    ///
    /// Deletes the token. Calls that still use it are refused with 401.
    ///
    /// `DELETE /v1/api/users/{user_id}/accesstokens/{token_id}` with the API key; repeating it changes nothing more.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `user_id`: Id of the bank user.
    /// - `token_id`: Id of the access token, not the token itself.
    ///
    /// # Answers
    ///
    /// - 2XX: The token was deleted. It is not documented which status this success has and whether it has a body.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn delete_access_token(&self, user_id: &UserId, token_id: &TokenId) -> Call<()> {
        let request = Request::new(
            self,
            Operation::DeleteAccessToken,
            &[&user_id, &token_id],
        );
        Call::new(request, Answer::empty)
    }

    /// Open a wizard session for a new connection.
    ///
    /// Starts the creation of a bank connection for the bank user whose token is used. The answer
    /// is a wizard session that the user has to complete. The connection exists when the wizard is
    /// over, and can be looked up by the transaction id of this answer. Every field is optional:
    /// the wizard asks for a bank and a country that are not given. Each call opens another
    /// session.
    ///
    /// `PUT /v1/api/connections` with a bank user's access token; it may be repeated only if it was provably never sent, or after a 429.
    /// An attempt may take 180 seconds.
    ///
    /// # Answers
    ///
    /// - 2XX: The wizard session is open. The status of this success is not documented.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 400: The body is not JSON, or not an object of this form. Nothing was acted on. It is an assumption that this is the status.
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn create_connection(
        &self,
        body: &types::CreateConnectionRequest,
    ) -> Call<types::WizardSession> {
        let request = Request::new(self, Operation::CreateConnection, &[]).json(body);
        Call::new(request, Answer::json)
    }

    /// List the connections of the bank user.
    ///
    /// One page of the connections of the bank user whose token is used, with the state of each.
    /// Pages are requested by number. A bank user without connections has one empty page.
    ///
    /// `GET /v1/api/connections` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 200: The requested page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn list_connections(
        &self,
        query: &types::ListConnectionsQuery,
    ) -> Call<types::ConnectionPage> {
        let request = Request::new(self, Operation::ListConnections, &[]).query(query);
        Call::new(request, Answer::json)
    }

    /// Get a connection, by its id or by its transaction id.
    ///
    /// The connection in its present state. The id may also be the transaction id of the session
    /// that creates the connection: use it to find the connection that a wizard session has led
    /// to. There is no connection until the wizard is over. It is an assumption that the answer is
    /// 404 until then.
    ///
    /// `GET /v1/api/connections/{connection_id}` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `connection_id`: Id of the connection, or the transaction id of the session that creates it.
    ///
    /// # Answers
    ///
    /// - 200: The connection.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_connection(
        &self,
        connection_id: &ConnectionKey,
    ) -> Call<types::Connection> {
        let request = Request::new(self, Operation::GetConnection, &[&connection_id]);
        Call::new(request, Answer::json)
    }

    /// Delete a connection.
    ///
    /// Deletes the connection and what is stored of its login. The accounts of the connection stay,
    /// without a connection, and are deleted by calls of their own. A connection that is disabled
    /// after three failures in a row has to be deleted and created anew.
    ///
    /// `DELETE /v1/api/connections/{connection_id}` with a bank user's access token; repeating it changes nothing more.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `connection_id`: Id of the connection.
    ///
    /// # Answers
    ///
    /// - 2XX: The connection was deleted. It is not documented which status this success has and whether it has a body.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn delete_connection(&self, connection_id: &ConnectionId) -> Call<()> {
        let request = Request::new(self, Operation::DeleteConnection, &[&connection_id]);
        Call::new(request, Answer::empty)
    }

    /// Fetch new data from the bank.
    ///
    /// Logs in at the bank again, fetches the balance and the new turnovers, and brings the list
    /// of accounts up to date. The status of the answer says what happens next: 202 means that the
    /// bank needs the user, 204 means that the sync runs by itself. Neither is an error. The
    /// result of the sync shows later, in the connection or in an event.
    ///
    /// When to call: the service itself syncs a connection in mode `full`. Such a connection needs
    /// a call only to get data at once, or with `force` after a failure has stopped its automatic
    /// syncs. Mode `shared` needs `credentials`. Mode `none` always needs the user.
    ///
    /// What a call costs: a failure counts. After three failures in a row the connection is
    /// disabled for good, so an attempt at a counter of two may be the last attempt. Banks accept
    /// at most four syncs without the user in 24 hours.
    ///
    /// `POST /v1/api/connections/{connection_id}/sync` with a bank user's access token; it may be repeated only if it was provably never sent, or after a 429.
    /// An attempt may take 180 seconds.
    ///
    /// # Arguments
    ///
    /// - `connection_id`: Id of the connection.
    ///
    /// # Answers
    ///
    /// - 202: The bank needs the user, who has to complete the wizard session, as after a create.
    /// - 204: The sync has started and does not need the user. The answer does not say how the sync ends.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 400: The body is not JSON, or not an object of this form. Nothing was acted on. It is an assumption that this is the status.
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: The state of the connection forbids the call, or a value of the request was not accepted: the connection is disabled, it is synced only with `force`, or the half of the credentials is missing. It is an assumption that such a call ends in a status from 400 to 499, and so is this status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn sync_connection(
        &self,
        connection_id: &ConnectionId,
        body: &types::SyncConnectionRequest,
    ) -> Call<types::SyncConnectionResponse> {
        let request = Request::new(self, Operation::SyncConnection, &[&connection_id])
            .json(body);
        Call::new(
            request,
            |answer| match answer.status().as_u16() {
                202 => Ok(answer.json()?.map(types::SyncConnectionResponse::Accepted)),
                204 => {
                    Ok(
                        answer
                            .empty()?
                            .map(|()| types::SyncConnectionResponse::NoContent),
                    )
                }
                _ => Err(answer.unexpected()),
            },
        )
    }

    /// Have the user log in again.
    ///
    /// Opens a wizard session in which the user enters the credentials of the connection again:
    /// after a changed password, for instance, or after the end of the consent. A reset works in
    /// every sync mode. Each call opens another session.
    ///
    /// `POST /v1/api/connections/{connection_id}/reset` with a bank user's access token; it may be repeated only if it was provably never sent, or after a 429.
    /// An attempt may take 180 seconds.
    ///
    /// # Arguments
    ///
    /// - `connection_id`: Id of the connection.
    ///
    /// # Answers
    ///
    /// - 202: The wizard session that the user has to complete.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: The state of the connection forbids the call, or a value of the request was not accepted: the connection is disabled, it is synced only with `force`, or the half of the credentials is missing. It is an assumption that such a call ends in a status from 400 to 499, and so is this status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn reset_connection(
        &self,
        connection_id: &ConnectionId,
    ) -> Call<types::WizardSession> {
        let request = Request::new(self, Operation::ResetConnection, &[&connection_id]);
        Call::new(request, Answer::json)
    }

    /// Take the next step of a wizard session.
    ///
    /// Sends the values of the current form, and answers with the next form. The first call of a
    /// session sends only the key of the session. Instead of values, a call can send an action: go
    /// back, change the tabs or the language, poll, abort.
    ///
    /// The session is over when the form is named `finish`, or when there is no form. An answer
    /// with `polling` means that the action `poll` has to be repeated at this pace until the form
    /// changes, because the user is approving in the app of the bank. An answer with `error` means
    /// that something went wrong. If the error is not recoverable, a new session is needed. After
    /// rejected input, the answer is the same form again, and its elements say what is wrong.
    ///
    /// What a call costs: the values are tried at the bank at once, and banks lock a login after a
    /// few wrong values.
    ///
    /// `POST /v1/api/wizard` with a bank user's access token; it may be repeated only if it was provably never sent, or after a 429.
    /// An attempt may take 180 seconds.
    ///
    /// # Answers
    ///
    /// - 2XX: The next form, or the end. The status of this success is not documented.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 400: The body is not JSON, or not an object of this form. Nothing was acted on. It is an assumption that this is the status.
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn advance_wizard(
        &self,
        body: &types::WizardRequest,
    ) -> Call<types::WizardResponse> {
        let request = Request::new(self, Operation::AdvanceWizard, &[]).json(body);
        Call::new(request, Answer::json)
    }

    /// List the accounts of the bank user.
    ///
    /// One page of the accounts of the bank user whose token is used, from all connections of the
    /// bank user. An account whose connection was deleted stays in the list.
    ///
    /// `GET /v1/api/accounts` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 200: The requested page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn list_accounts(
        &self,
        query: &types::ListAccountsQuery,
    ) -> Call<types::AccountPage> {
        let request = Request::new(self, Operation::ListAccounts, &[]).query(query);
        Call::new(request, Answer::json)
    }

    /// List the accounts of a connection.
    ///
    /// One page of the accounts of one connection. A sync brings this list up to date.
    ///
    /// `GET /v1/api/connections/{connection_id}/accounts` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `connection_id`: Id of the connection.
    ///
    /// # Answers
    ///
    /// - 200: The requested page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn list_connection_accounts(
        &self,
        connection_id: &ConnectionId,
        query: &types::ListConnectionAccountsQuery,
    ) -> Call<types::AccountPage> {
        let request = Request::new(
                self,
                Operation::ListConnectionAccounts,
                &[&connection_id],
            )
            .query(query);
        Call::new(request, Answer::json)
    }

    /// Get an account.
    ///
    /// The account with this id, without its balance and turnovers.
    ///
    /// `GET /v1/api/accounts/{account_id}` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `account_id`: Id of the account.
    ///
    /// # Answers
    ///
    /// - 200: The account.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_account(&self, account_id: &AccountId) -> Call<types::Account> {
        let request = Request::new(self, Operation::GetAccount, &[&account_id]);
        Call::new(request, Answer::json)
    }

    /// Delete an account.
    ///
    /// Deletes the account with its balance and turnovers. Deleting a connection does not delete
    /// its accounts.
    ///
    /// `DELETE /v1/api/accounts/{account_id}` with a bank user's access token; repeating it changes nothing more.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `account_id`: Id of the account.
    ///
    /// # Answers
    ///
    /// - 2XX: The account was deleted. It is not documented which status this success has and whether it has a body.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn delete_account(&self, account_id: &AccountId) -> Call<()> {
        let request = Request::new(self, Operation::DeleteAccount, &[&account_id]);
        Call::new(request, Answer::empty)
    }

    /// Get the balance of an account.
    ///
    /// The balance at the last sync. The call asks the service and not the bank. To get a newer
    /// balance, sync the connection first.
    ///
    /// `GET /v1/api/accounts/{account_id}/balance` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `account_id`: Id of the account.
    ///
    /// # Answers
    ///
    /// - 200: The balance.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_account_balance(&self, account_id: &AccountId) -> Call<types::Balance> {
        let request = Request::new(self, Operation::GetAccountBalance, &[&account_id]);
        Call::new(request, Answer::json)
    }

    /// Get the turnovers of an account.
    ///
    /// The turnovers at the last sync, all in one answer, without pages. The query limits them by
    /// booking date, or to those that were not marked as seen.
    ///
    /// `GET /v1/api/accounts/{account_id}/turnovers` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `account_id`: Id of the account.
    ///
    /// # Answers
    ///
    /// - 200: The turnovers.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_account_turnovers(
        &self,
        account_id: &AccountId,
        query: &types::GetAccountTurnoversQuery,
    ) -> Call<types::Turnovers> {
        let request = Request::new(self, Operation::GetAccountTurnovers, &[&account_id])
            .query(query);
        Call::new(request, Answer::json)
    }

    /// Mark all turnovers of an account as seen.
    ///
    /// Marks every present turnover, so that none of them counts as new any more. Call this after
    /// you have stored them: the next query with `only_new` gives the turnovers that came later.
    ///
    /// `POST /v1/api/accounts/{account_id}/markAsSeen` with a bank user's access token; repeating it changes nothing more.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `account_id`: Id of the account.
    ///
    /// # Answers
    ///
    /// - 2XX: The turnovers are marked. It is not documented which status this success has and whether it has a body.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn mark_account_as_seen(&self, account_id: &AccountId) -> Call<()> {
        let request = Request::new(self, Operation::MarkAccountAsSeen, &[&account_id]);
        Call::new(request, Answer::empty)
    }

    /// Mark the turnovers of an account as seen up to a day.
    ///
    /// Marks every turnover up to this day, so that none of them counts as new any more. Use this
    /// instead of marking all turnovers if others may have arrived while you stored them.
    ///
    /// `POST /v1/api/accounts/{account_id}/markAsSeen/{date}` with a bank user's access token; repeating it changes nothing more.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `account_id`: Id of the account.
    /// - `date`: Last booking date to mark.
    ///
    /// # Answers
    ///
    /// - 2XX: The turnovers are marked. It is not documented which status this success has and whether it has a body.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn mark_account_as_seen_until(
        &self,
        account_id: &AccountId,
        date: ::jiff::civil::Date,
    ) -> Call<()> {
        let request = Request::new(
            self,
            Operation::MarkAccountAsSeenUntil,
            &[&account_id, &date],
        );
        Call::new(request, Answer::empty)
    }

    /// Get a report about an account.
    ///
    /// A report that the service makes from the turnovers of the account, in one of three formats.
    /// The answer consists of bytes, and its media type names their format.
    ///
    /// `GET /v1/api/accounts/{account_id}/report/{report_id}` with a bank user's access token; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `account_id`: Id of the account.
    /// - `report_id`: Id of the report.
    ///
    /// # Answers
    ///
    /// - 200: The report, in the requested format.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_account_report(
        &self,
        account_id: &AccountId,
        report_id: &ReportId,
        query: &types::GetAccountReportQuery,
    ) -> Call<Bytes> {
        let request = Request::new(
                self,
                Operation::GetAccountReport,
                &[&account_id, &report_id],
            )
            .query(query);
        Call::new(request, Answer::bytes)
    }

    /// Get a wizard session.
    ///
    /// The progress of a wizard session, and its last error. Use this to find out why a session
    /// led to no connection.
    ///
    /// `GET /v1/sessions/{transaction}` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `transaction`: Transaction id of the session.
    ///
    /// # Answers
    ///
    /// - 200: The session.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_session(&self, transaction: &TransactionId) -> Call<types::Session> {
        let request = Request::new(self, Operation::GetSession, &[&transaction]);
        Call::new(request, Answer::json)
    }

    /// List events.
    ///
    /// One page of events: the same objects that are delivered to your webhook address. Use this
    /// to catch up on missed deliveries.
    ///
    /// `GET /v1/events` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 200: The requested page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn list_events(&self, query: &types::ListEventsQuery) -> Call<types::EventPage> {
        let request = Request::new(self, Operation::ListEvents, &[]).query(query);
        Call::new(request, Answer::json)
    }

    /// Get an event.
    ///
    /// The event with this id. Deliveries to your webhook address are not known to be signed, so
    /// look up an event by its id before you act on a delivery.
    ///
    /// `GET /v1/events/{event_id}` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Arguments
    ///
    /// - `event_id`: Id of the event.
    ///
    /// # Answers
    ///
    /// - 200: The event.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_event(&self, event_id: &EventId) -> Call<types::Event> {
        let request = Request::new(self, Operation::GetEvent, &[&event_id]);
        Call::new(request, Answer::json)
    }

    /// Get a bank by its bank code.
    ///
    /// The bank with exactly this code. The answer says whether the service supports it.
    ///
    /// `GET /v1/bankcodes` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 200: The bank.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 404: Nothing with this id belongs to the key or token.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn get_bank_code(
        &self,
        query: &types::GetBankCodeQuery,
    ) -> Call<types::BankCode> {
        let request = Request::new(self, Operation::GetBankCode, &[]).query(query);
        Call::new(request, Answer::json)
    }

    /// List the banks.
    ///
    /// One page of all banks, or of the banks of one country.
    ///
    /// `GET /v1/bankcodes/all` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 200: The requested page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn list_bank_codes(
        &self,
        query: &types::ListBankCodesQuery,
    ) -> Call<types::BankCodePage> {
        let request = Request::new(self, Operation::ListBankCodes, &[]).query(query);
        Call::new(request, Answer::json)
    }

    /// Search for banks while typing.
    ///
    /// One page of the banks that match the text of a search field.
    ///
    /// `GET /v1/bankcodes/autocomplete` with the API key; it only reads, and may be repeated.
    /// An attempt may take 20 seconds.
    ///
    /// # Answers
    ///
    /// - 200: The requested page.
    ///
    /// # Errors
    ///
    /// Any other status, and an answer that did not arrive or cannot be read; see [`Error`](crate::Error).
    ///
    /// - 401: The key or token is missing, unknown, expired, or of the wrong scope. Nothing was acted on.
    /// - 422: A value of the request was not accepted. Nothing was acted on. It is an assumption that this is the status.
    /// - 429: Too many calls in too short a time. Nothing was acted on. The call may be repeated after the pause that `Retry-After` names. It is an assumption that the service limits its callers in this way.
    pub fn autocomplete_bank_codes(
        &self,
        query: &types::AutocompleteBankCodesQuery,
    ) -> Call<types::BankCodePage> {
        let request = Request::new(self, Operation::AutocompleteBankCodes, &[])
            .query(query);
        Call::new(request, Answer::json)
    }
}

impl Query for types::ListUsersQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
    }
}

impl Query for types::ListAccessTokensQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
    }
}

impl Query for types::ListConnectionsQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
    }
}

impl Query for types::ListAccountsQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
    }
}

impl Query for types::ListConnectionAccountsQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
    }
}

impl Query for types::GetAccountTurnoversQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("from", &self.from);
        pairs.set_if_some("to", &self.to);
        pairs.set_if_some("only_new", &self.only_new.map(u8::from));
    }
}

impl Query for types::GetAccountReportQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("format", &self.format);
        pairs.set_if_some("locale", &self.locale);
    }
}

impl Query for types::ListEventsQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("transaction_id", &self.transaction_id);
        pairs.set_if_some("type", &self.type_);
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
        pairs.set_if_some("from", &self.from);
        pairs.set_if_some("to", &self.to);
    }
}

impl Query for types::GetBankCodeQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set("bank_code", &self.bank_code);
    }
}

impl Query for types::ListBankCodesQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set_if_some("country_id", &self.country_id);
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
    }
}

impl Query for types::AutocompleteBankCodesQuery {
    fn write(&self, pairs: &mut Pairs<'_>) {
        pairs.set("q", &self.q);
        pairs.set_if_some("country_id", &self.country_id);
        pairs.set_if_some("page", &self.page);
        pairs.set_if_some("per_page", &self.per_page);
        pairs.set_if_some("product", &self.product);
    }
}

/// The address of the service, as the specification says.
pub const DEFAULT_BASE_URL: &str = "https://api.xs2a.com";
/// Every operation of the API, and what the specification says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Create a bank user.
    CreateUser,
    /// List the bank users.
    ListUsers,
    /// Get a bank user.
    GetUser,
    /// Delete a bank user.
    DeleteUser,
    /// Create an access token for a bank user.
    CreateAccessToken,
    /// List the access tokens of a bank user.
    ListAccessTokens,
    /// Get an access token.
    GetAccessToken,
    /// Extend the validity of an access token.
    RefreshAccessToken,
    /// Delete an access token.
    DeleteAccessToken,
    /// Open a wizard session for a new connection.
    CreateConnection,
    /// List the connections of the bank user.
    ListConnections,
    /// Get a connection, by its id or by its transaction id.
    GetConnection,
    /// Delete a connection.
    DeleteConnection,
    /// Fetch new data from the bank.
    SyncConnection,
    /// Have the user log in again.
    ResetConnection,
    /// Take the next step of a wizard session.
    AdvanceWizard,
    /// List the accounts of the bank user.
    ListAccounts,
    /// List the accounts of a connection.
    ListConnectionAccounts,
    /// Get an account.
    GetAccount,
    /// Delete an account.
    DeleteAccount,
    /// Get the balance of an account.
    GetAccountBalance,
    /// Get the turnovers of an account.
    GetAccountTurnovers,
    /// Mark all turnovers of an account as seen.
    MarkAccountAsSeen,
    /// Mark the turnovers of an account as seen up to a day.
    MarkAccountAsSeenUntil,
    /// Get a report about an account.
    GetAccountReport,
    /// Get a wizard session.
    GetSession,
    /// List events.
    ListEvents,
    /// Get an event.
    GetEvent,
    /// Get a bank by its bank code.
    GetBankCode,
    /// List the banks.
    ListBankCodes,
    /// Search for banks while typing.
    AutocompleteBankCodes,
}

impl Operation {
    /// All operations, in the order of the specification.
    pub const ALL: &'static [Self] = &[
        Self::CreateUser,
        Self::ListUsers,
        Self::GetUser,
        Self::DeleteUser,
        Self::CreateAccessToken,
        Self::ListAccessTokens,
        Self::GetAccessToken,
        Self::RefreshAccessToken,
        Self::DeleteAccessToken,
        Self::CreateConnection,
        Self::ListConnections,
        Self::GetConnection,
        Self::DeleteConnection,
        Self::SyncConnection,
        Self::ResetConnection,
        Self::AdvanceWizard,
        Self::ListAccounts,
        Self::ListConnectionAccounts,
        Self::GetAccount,
        Self::DeleteAccount,
        Self::GetAccountBalance,
        Self::GetAccountTurnovers,
        Self::MarkAccountAsSeen,
        Self::MarkAccountAsSeenUntil,
        Self::GetAccountReport,
        Self::GetSession,
        Self::ListEvents,
        Self::GetEvent,
        Self::GetBankCode,
        Self::ListBankCodes,
        Self::AutocompleteBankCodes,
    ];
    /// The operationId of the specification, which is also the name of the method.
    pub const fn id(self) -> &'static str {
        match self {
            Self::CreateUser => "create_user",
            Self::ListUsers => "list_users",
            Self::GetUser => "get_user",
            Self::DeleteUser => "delete_user",
            Self::CreateAccessToken => "create_access_token",
            Self::ListAccessTokens => "list_access_tokens",
            Self::GetAccessToken => "get_access_token",
            Self::RefreshAccessToken => "refresh_access_token",
            Self::DeleteAccessToken => "delete_access_token",
            Self::CreateConnection => "create_connection",
            Self::ListConnections => "list_connections",
            Self::GetConnection => "get_connection",
            Self::DeleteConnection => "delete_connection",
            Self::SyncConnection => "sync_connection",
            Self::ResetConnection => "reset_connection",
            Self::AdvanceWizard => "advance_wizard",
            Self::ListAccounts => "list_accounts",
            Self::ListConnectionAccounts => "list_connection_accounts",
            Self::GetAccount => "get_account",
            Self::DeleteAccount => "delete_account",
            Self::GetAccountBalance => "get_account_balance",
            Self::GetAccountTurnovers => "get_account_turnovers",
            Self::MarkAccountAsSeen => "mark_account_as_seen",
            Self::MarkAccountAsSeenUntil => "mark_account_as_seen_until",
            Self::GetAccountReport => "get_account_report",
            Self::GetSession => "get_session",
            Self::ListEvents => "list_events",
            Self::GetEvent => "get_event",
            Self::GetBankCode => "get_bank_code",
            Self::ListBankCodes => "list_bank_codes",
            Self::AutocompleteBankCodes => "autocomplete_bank_codes",
        }
    }

    /// The HTTP method.
    pub const fn method(self) -> Method {
        match self {
            Self::CreateUser => Method::PUT,
            Self::ListUsers => Method::GET,
            Self::GetUser => Method::GET,
            Self::DeleteUser => Method::DELETE,
            Self::CreateAccessToken => Method::PUT,
            Self::ListAccessTokens => Method::GET,
            Self::GetAccessToken => Method::GET,
            Self::RefreshAccessToken => Method::PATCH,
            Self::DeleteAccessToken => Method::DELETE,
            Self::CreateConnection => Method::PUT,
            Self::ListConnections => Method::GET,
            Self::GetConnection => Method::GET,
            Self::DeleteConnection => Method::DELETE,
            Self::SyncConnection => Method::POST,
            Self::ResetConnection => Method::POST,
            Self::AdvanceWizard => Method::POST,
            Self::ListAccounts => Method::GET,
            Self::ListConnectionAccounts => Method::GET,
            Self::GetAccount => Method::GET,
            Self::DeleteAccount => Method::DELETE,
            Self::GetAccountBalance => Method::GET,
            Self::GetAccountTurnovers => Method::GET,
            Self::MarkAccountAsSeen => Method::POST,
            Self::MarkAccountAsSeenUntil => Method::POST,
            Self::GetAccountReport => Method::GET,
            Self::GetSession => Method::GET,
            Self::ListEvents => Method::GET,
            Self::GetEvent => Method::GET,
            Self::GetBankCode => Method::GET,
            Self::ListBankCodes => Method::GET,
            Self::AutocompleteBankCodes => Method::GET,
        }
    }

    /// The path, with the names of its parameters in braces.
    pub const fn path_template(self) -> &'static str {
        match self {
            Self::CreateUser => "/v1/api/users",
            Self::ListUsers => "/v1/api/users",
            Self::GetUser => "/v1/api/users/{user_id}",
            Self::DeleteUser => "/v1/api/users/{user_id}",
            Self::CreateAccessToken => "/v1/api/users/{user_id}/accesstokens",
            Self::ListAccessTokens => "/v1/api/users/{user_id}/accesstokens",
            Self::GetAccessToken => "/v1/api/users/{user_id}/accesstokens/{token_id}",
            Self::RefreshAccessToken => "/v1/api/users/{user_id}/accesstokens/{token_id}",
            Self::DeleteAccessToken => "/v1/api/users/{user_id}/accesstokens/{token_id}",
            Self::CreateConnection => "/v1/api/connections",
            Self::ListConnections => "/v1/api/connections",
            Self::GetConnection => "/v1/api/connections/{connection_id}",
            Self::DeleteConnection => "/v1/api/connections/{connection_id}",
            Self::SyncConnection => "/v1/api/connections/{connection_id}/sync",
            Self::ResetConnection => "/v1/api/connections/{connection_id}/reset",
            Self::AdvanceWizard => "/v1/api/wizard",
            Self::ListAccounts => "/v1/api/accounts",
            Self::ListConnectionAccounts => {
                "/v1/api/connections/{connection_id}/accounts"
            }
            Self::GetAccount => "/v1/api/accounts/{account_id}",
            Self::DeleteAccount => "/v1/api/accounts/{account_id}",
            Self::GetAccountBalance => "/v1/api/accounts/{account_id}/balance",
            Self::GetAccountTurnovers => "/v1/api/accounts/{account_id}/turnovers",
            Self::MarkAccountAsSeen => "/v1/api/accounts/{account_id}/markAsSeen",
            Self::MarkAccountAsSeenUntil => {
                "/v1/api/accounts/{account_id}/markAsSeen/{date}"
            }
            Self::GetAccountReport => "/v1/api/accounts/{account_id}/report/{report_id}",
            Self::GetSession => "/v1/sessions/{transaction}",
            Self::ListEvents => "/v1/events",
            Self::GetEvent => "/v1/events/{event_id}",
            Self::GetBankCode => "/v1/bankcodes",
            Self::ListBankCodes => "/v1/bankcodes/all",
            Self::AutocompleteBankCodes => "/v1/bankcodes/autocomplete",
        }
    }

    /// When a call may be repeated.
    pub const fn retry(self) -> RetryClass {
        match self {
            Self::CreateUser => RetryClass::Unsent,
            Self::ListUsers => RetryClass::Safe,
            Self::GetUser => RetryClass::Safe,
            Self::DeleteUser => RetryClass::Idempotent,
            Self::CreateAccessToken => RetryClass::Unsent,
            Self::ListAccessTokens => RetryClass::Safe,
            Self::GetAccessToken => RetryClass::Safe,
            Self::RefreshAccessToken => RetryClass::Idempotent,
            Self::DeleteAccessToken => RetryClass::Idempotent,
            Self::CreateConnection => RetryClass::Unsent,
            Self::ListConnections => RetryClass::Safe,
            Self::GetConnection => RetryClass::Safe,
            Self::DeleteConnection => RetryClass::Idempotent,
            Self::SyncConnection => RetryClass::Unsent,
            Self::ResetConnection => RetryClass::Unsent,
            Self::AdvanceWizard => RetryClass::Unsent,
            Self::ListAccounts => RetryClass::Safe,
            Self::ListConnectionAccounts => RetryClass::Safe,
            Self::GetAccount => RetryClass::Safe,
            Self::DeleteAccount => RetryClass::Idempotent,
            Self::GetAccountBalance => RetryClass::Safe,
            Self::GetAccountTurnovers => RetryClass::Safe,
            Self::MarkAccountAsSeen => RetryClass::Idempotent,
            Self::MarkAccountAsSeenUntil => RetryClass::Idempotent,
            Self::GetAccountReport => RetryClass::Safe,
            Self::GetSession => RetryClass::Safe,
            Self::ListEvents => RetryClass::Safe,
            Self::GetEvent => RetryClass::Safe,
            Self::GetBankCode => RetryClass::Safe,
            Self::ListBankCodes => RetryClass::Safe,
            Self::AutocompleteBankCodes => RetryClass::Safe,
        }
    }

    /// How long one attempt may take, from connecting to the last byte of the answer. Some
    /// operations are answered only after the bank was asked.
    pub const fn attempt_timeout(self) -> Duration {
        match self {
            Self::CreateUser
            | Self::ListUsers
            | Self::GetUser
            | Self::DeleteUser
            | Self::CreateAccessToken
            | Self::ListAccessTokens
            | Self::GetAccessToken
            | Self::RefreshAccessToken
            | Self::DeleteAccessToken
            | Self::ListConnections
            | Self::GetConnection
            | Self::DeleteConnection
            | Self::ListAccounts
            | Self::ListConnectionAccounts
            | Self::GetAccount
            | Self::DeleteAccount
            | Self::GetAccountBalance
            | Self::GetAccountTurnovers
            | Self::MarkAccountAsSeen
            | Self::MarkAccountAsSeenUntil
            | Self::GetAccountReport
            | Self::GetSession
            | Self::ListEvents
            | Self::GetEvent
            | Self::GetBankCode
            | Self::ListBankCodes
            | Self::AutocompleteBankCodes => Duration::from_secs(20),
            Self::CreateConnection
            | Self::SyncConnection
            | Self::ResetConnection
            | Self::AdvanceWizard => Duration::from_secs(180),
        }
    }

    /// How long the body of an answer may be, in bytes. Of an error, at most 64 KiB are kept.
    pub const fn response_limit(self) -> usize {
        match self {
            Self::CreateUser
            | Self::GetUser
            | Self::CreateAccessToken
            | Self::GetAccessToken
            | Self::RefreshAccessToken
            | Self::CreateConnection
            | Self::GetConnection
            | Self::SyncConnection
            | Self::ResetConnection
            | Self::GetAccount
            | Self::GetAccountBalance
            | Self::GetSession
            | Self::GetBankCode => 256 * 1024,
            Self::ListUsers
            | Self::ListAccessTokens
            | Self::ListConnections
            | Self::ListAccounts
            | Self::ListConnectionAccounts
            | Self::ListEvents
            | Self::ListBankCodes
            | Self::AutocompleteBankCodes => 4096 * 1024,
            Self::DeleteUser
            | Self::DeleteAccessToken
            | Self::DeleteConnection
            | Self::DeleteAccount
            | Self::MarkAccountAsSeen
            | Self::MarkAccountAsSeenUntil => 64 * 1024,
            Self::AdvanceWizard => 2048 * 1024,
            Self::GetAccountTurnovers | Self::GetAccountReport => 16384 * 1024,
            Self::GetEvent => 1024 * 1024,
        }
    }

    /// The secret that the operation takes.
    pub const fn scope(self) -> Scope {
        match self {
            Self::CreateUser => Scope::ApiKey,
            Self::ListUsers => Scope::ApiKey,
            Self::GetUser => Scope::ApiKey,
            Self::DeleteUser => Scope::ApiKey,
            Self::CreateAccessToken => Scope::ApiKey,
            Self::ListAccessTokens => Scope::ApiKey,
            Self::GetAccessToken => Scope::ApiKey,
            Self::RefreshAccessToken => Scope::ApiKey,
            Self::DeleteAccessToken => Scope::ApiKey,
            Self::CreateConnection => Scope::AccessToken,
            Self::ListConnections => Scope::AccessToken,
            Self::GetConnection => Scope::AccessToken,
            Self::DeleteConnection => Scope::AccessToken,
            Self::SyncConnection => Scope::AccessToken,
            Self::ResetConnection => Scope::AccessToken,
            Self::AdvanceWizard => Scope::AccessToken,
            Self::ListAccounts => Scope::AccessToken,
            Self::ListConnectionAccounts => Scope::AccessToken,
            Self::GetAccount => Scope::AccessToken,
            Self::DeleteAccount => Scope::AccessToken,
            Self::GetAccountBalance => Scope::AccessToken,
            Self::GetAccountTurnovers => Scope::AccessToken,
            Self::MarkAccountAsSeen => Scope::AccessToken,
            Self::MarkAccountAsSeenUntil => Scope::AccessToken,
            Self::GetAccountReport => Scope::AccessToken,
            Self::GetSession => Scope::ApiKey,
            Self::ListEvents => Scope::ApiKey,
            Self::GetEvent => Scope::ApiKey,
            Self::GetBankCode => Scope::ApiKey,
            Self::ListBankCodes => Scope::ApiKey,
            Self::AutocompleteBankCodes => Scope::ApiKey,
        }
    }

    /// The media types of its answers, as the header `Accept` lists them.
    pub(crate) const fn accept(self) -> &'static str {
        match self {
            Self::CreateUser
            | Self::ListUsers
            | Self::GetUser
            | Self::DeleteUser
            | Self::CreateAccessToken
            | Self::ListAccessTokens
            | Self::GetAccessToken
            | Self::RefreshAccessToken
            | Self::DeleteAccessToken
            | Self::CreateConnection
            | Self::ListConnections
            | Self::GetConnection
            | Self::DeleteConnection
            | Self::SyncConnection
            | Self::ResetConnection
            | Self::AdvanceWizard
            | Self::ListAccounts
            | Self::ListConnectionAccounts
            | Self::GetAccount
            | Self::DeleteAccount
            | Self::GetAccountBalance
            | Self::GetAccountTurnovers
            | Self::MarkAccountAsSeen
            | Self::MarkAccountAsSeenUntil
            | Self::GetSession
            | Self::ListEvents
            | Self::GetEvent
            | Self::GetBankCode
            | Self::ListBankCodes
            | Self::AutocompleteBankCodes => "application/json",
            Self::GetAccountReport => "application/json, text/html, application/pdf",
        }
    }

    /// What a success with this status brings. `None` if the status is no success.
    pub(crate) const fn expects(self, status: u16) -> Option<Expected> {
        match (self, status) {
            (Self::CreateUser, 200..=299) => Some(Expected::Body),
            (Self::ListUsers, 200) => Some(Expected::Body),
            (Self::GetUser, 200) => Some(Expected::Body),
            (Self::DeleteUser, 200..=299) => Some(Expected::Nothing),
            (Self::CreateAccessToken, 200..=299) => Some(Expected::Body),
            (Self::ListAccessTokens, 200) => Some(Expected::Body),
            (Self::GetAccessToken, 200) => Some(Expected::Body),
            (Self::RefreshAccessToken, 200..=299) => Some(Expected::Body),
            (Self::DeleteAccessToken, 200..=299) => Some(Expected::Nothing),
            (Self::CreateConnection, 200..=299) => Some(Expected::Body),
            (Self::ListConnections, 200) => Some(Expected::Body),
            (Self::GetConnection, 200) => Some(Expected::Body),
            (Self::DeleteConnection, 200..=299) => Some(Expected::Nothing),
            (Self::SyncConnection, 202) => Some(Expected::Body),
            (Self::SyncConnection, 204) => Some(Expected::Nothing),
            (Self::ResetConnection, 202) => Some(Expected::Body),
            (Self::AdvanceWizard, 200..=299) => Some(Expected::Body),
            (Self::ListAccounts, 200) => Some(Expected::Body),
            (Self::ListConnectionAccounts, 200) => Some(Expected::Body),
            (Self::GetAccount, 200) => Some(Expected::Body),
            (Self::DeleteAccount, 200..=299) => Some(Expected::Nothing),
            (Self::GetAccountBalance, 200) => Some(Expected::Body),
            (Self::GetAccountTurnovers, 200) => Some(Expected::Body),
            (Self::MarkAccountAsSeen, 200..=299) => Some(Expected::Nothing),
            (Self::MarkAccountAsSeenUntil, 200..=299) => Some(Expected::Nothing),
            (Self::GetAccountReport, 200) => Some(Expected::Body),
            (Self::GetSession, 200) => Some(Expected::Body),
            (Self::ListEvents, 200) => Some(Expected::Body),
            (Self::GetEvent, 200) => Some(Expected::Body),
            (Self::GetBankCode, 200) => Some(Expected::Body),
            (Self::ListBankCodes, 200) => Some(Expected::Body),
            (Self::AutocompleteBankCodes, 200) => Some(Expected::Body),
            _ => None,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What each type is made of, for the test that none of them shows a secret.
#[cfg(test)]
pub(crate) mod canaries {
    use super::types::*;

    crate::canary::ids! {
        UserId, TokenId, ConnectionId, TransactionId, ConnectionKey, AccountId,
        TurnoverId, ReportId, SessionId, EventId
    }

    crate::canary::canary! {
        structure ApiError { code, message, errors }
    }

    crate::canary::canary! {
        structure Acknowledgement { code, message }
    }

    crate::canary::canary! {
        structure BankUser { id, name, email, testmode, created_at, object }
    }

    crate::canary::canary! {
        structure BankUserPage { total, per_page, current_page, last_page, next_page_url,
        prev_page_url, from, to, data }
    }

    crate::canary::canary! {
        structure CreateBankUserRequest { name, email }
    }

    crate::canary::canary! {
        structure AccessToken { id, token, valid_until, created_at, object }
    }

    crate::canary::canary! {
        structure AccessTokenPage { total, per_page, current_page, last_page,
        next_page_url, prev_page_url, from, to, data }
    }

    crate::canary::canary! {
        structure CreateAccessTokenRequest { valid_until }
    }

    crate::canary::canary! {
        structure RefreshAccessTokenRequest { valid_until }
    }

    crate::canary::canary! {
        structure Connection { id, transaction, bic, bank_name, country_id, sync_mode,
        sync_active, sync_message, sync_fail_counter, last_synced, consent_valid_until,
        testmode, created_at, object }
    }

    crate::canary::canary! {
        structure ConnectionPage { total, per_page, current_page, last_page,
        next_page_url, prev_page_url, from, to, data }
    }

    crate::canary::canary! {
        structure CreateConnectionRequest { sync_mode, bic, country_id, days, limit_days,
        account_selection, language, fints_product_id }
    }

    crate::canary::canary! {
        structure SyncConnectionRequest { credentials, force }
    }

    crate::canary::canary! {
        structure WizardSession { wizard_session_key, transaction }
    }

    crate::canary::canary! {
        enumeration SyncMode
    }

    crate::canary::canary! {
        enumeration AccountSelection
    }

    crate::canary::canary! {
        enumeration Language
    }

    crate::canary::canary! {
        structure WizardRequest { key, action, extra }
    }

    crate::canary::canary! {
        enumeration WizardAction
    }

    crate::canary::canary! {
        structure WizardResponse { code, message, error, recoverable, polling, form,
        additional_data }
    }

    crate::canary::canary! {
        structure WizardError { code, message, recoverable }
    }

    crate::canary::canary! {
        structure WizardPolling { interval }
    }

    crate::canary::canary! {
        structure WizardForm { name, elements, parameters }
    }

    crate::canary::canary! {
        secret AdditionalData
    }

    crate::canary::canary! {
        union WizardElement { Text, Password, Captcha, Flicker, Image, Checkbox, Radio,
        Select, Tabs, Multi, Redirect, HelpText, Hidden, Paragraph, Description, Submit,
        Autosubmit, Restart, Abort, Logo }
    }

    crate::canary::canary! {
        structure TextElement { type_, name, label, placeholder, maxlength, disabled,
        value, validation, invalid, failed_validation_rules, validation_error }
    }

    crate::canary::canary! {
        structure PasswordElement { type_, name, label, placeholder, maxlength, disabled,
        value, validation, invalid, failed_validation_rules, validation_error }
    }

    crate::canary::canary! {
        structure CaptchaElement { type_, name, label, placeholder, maxlength, disabled,
        value, data, validation, invalid, failed_validation_rules, validation_error }
    }

    crate::canary::canary! {
        structure FlickerElement { type_, name, label, placeholder, maxlength, disabled,
        value, code, validation, invalid, failed_validation_rules, validation_error }
    }

    crate::canary::canary! {
        structure ImageElement { type_, data, label }
    }

    crate::canary::canary! {
        structure CheckboxElement { type_, name, label, disabled, checked, validation,
        invalid, failed_validation_rules, validation_error }
    }

    crate::canary::canary! {
        structure RadioElement { type_, name, label, disabled, checked, options,
        validation, invalid, failed_validation_rules, validation_error }
    }

    crate::canary::canary! {
        structure RadioOption { label, disabled }
    }

    crate::canary::canary! {
        structure SelectElement { type_, name, label, disabled, selected, options,
        validation, invalid, failed_validation_rules, validation_error }
    }

    crate::canary::canary! {
        structure TabsElement { type_, name, label, tabs, selected, action }
    }

    crate::canary::canary! {
        structure MultiElement { type_, name, label, selected, elements }
    }

    crate::canary::canary! {
        structure MultiOption { label, value, elements }
    }

    crate::canary::canary! {
        structure RedirectElement { type_, name, url, label, back }
    }

    crate::canary::canary! {
        structure HelpTextElement { type_, title, text }
    }

    crate::canary::canary! {
        structure HiddenElement { type_, name, value, invalid, failed_validation_rules,
        validation_error }
    }

    crate::canary::canary! {
        structure ParagraphElement { type_, title, text, severity }
    }

    crate::canary::canary! {
        structure DescriptionElement { type_, text }
    }

    crate::canary::canary! {
        structure SubmitElement { type_, label, back }
    }

    crate::canary::canary! {
        structure AutosubmitElement { type_, interval }
    }

    crate::canary::canary! {
        structure RestartElement { type_, label }
    }

    crate::canary::canary! {
        structure AbortElement { type_, label }
    }

    crate::canary::canary! {
        structure LogoElement { type_ }
    }

    crate::canary::canary! {
        structure Account { id, bank_connection_id, holder, iban, description, bic,
        account_number, bank_code, bank_name, country_id, type_, joint_account,
        transaction_possible, created_at, object }
    }

    crate::canary::canary! {
        structure AccountPage { total, per_page, current_page, last_page, next_page_url,
        prev_page_url, from, to, data }
    }

    crate::canary::canary! {
        enumeration AccountType
    }

    crate::canary::canary! {
        structure Balance { id, available, limit, balance, currency, currency_id, date,
        created_at, object }
    }

    crate::canary::canary! {
        structure Turnovers { id, turnovers, days, date, created_at, object }
    }

    crate::canary::canary! {
        structure Turnover { id, transaction_id, booking_date, amount, currency,
        currency_id, purpose, counter_iban, counter_bic, counter_holder, prebooked,
        canceled, tags, category_id, creditor_id, new }
    }

    crate::canary::canary! {
        enumeration ReportFormat
    }

    crate::canary::canary! {
        enumeration ReportLocale
    }

    crate::canary::canary! {
        map Report
    }

    crate::canary::canary! {
        structure Session { id, transaction, wizard_session_key, product, parameters,
        last_error, testmode, finished, current_step, created_at, object }
    }

    crate::canary::canary! {
        secret SessionParameters
    }

    crate::canary::canary! {
        enumeration SessionErrorCode
    }

    crate::canary::canary! {
        structure Event { id, transaction, type_, data, testmode, message, created_at,
        object }
    }

    crate::canary::canary! {
        structure EventPage { total, per_page, current_page, last_page, next_page_url,
        prev_page_url, from, to, data }
    }

    crate::canary::canary! {
        secret EventData
    }

    crate::canary::canary! {
        structure BankCode { bank_code, bic, name, short_name, zipcode, city, country_id,
        testmode, xs2a_products, xs2a_supported }
    }

    crate::canary::canary! {
        structure BankCodePage { total, per_page, current_page, last_page, next_page_url,
        prev_page_url, from, to, data }
    }

    crate::canary::all! {
        ApiError, Acknowledgement, BankUser, BankUserPage, CreateBankUserRequest,
        AccessToken, AccessTokenPage, CreateAccessTokenRequest,
        RefreshAccessTokenRequest, Connection, ConnectionPage, CreateConnectionRequest,
        SyncConnectionRequest, WizardSession, SyncMode, AccountSelection, Language,
        WizardRequest, WizardAction, WizardResponse, WizardError, WizardPolling,
        WizardForm, AdditionalData, WizardElement, TextElement, PasswordElement,
        CaptchaElement, FlickerElement, ImageElement, CheckboxElement, RadioElement,
        RadioOption, SelectElement, TabsElement, MultiElement, MultiOption,
        RedirectElement, HelpTextElement, HiddenElement, ParagraphElement,
        DescriptionElement, SubmitElement, AutosubmitElement, RestartElement,
        AbortElement, LogoElement, Account, AccountPage, AccountType, Balance, Turnovers,
        Turnover, ReportFormat, ReportLocale, Report, Session, SessionParameters,
        SessionErrorCode, Event, EventPage, EventData, BankCode, BankCodePage
    }
}
