//! Every operation as a call of the ergonomic crate, and a success that answers it.

use xs2a::types::{
    AutocompleteBankCodesQuery, CreateBankUserRequest, CreateConnectionRequest,
    SyncConnectionRequest,
};
use xs2a::{ApiClient, Error, Operation, UserClient};

use crate::raw_server::Answer;

/// Calls an operation with arguments that are fine.
pub async fn call(operation: Operation, api: &ApiClient, user: &UserClient) -> Result<(), Error> {
    let end = "2030-01-01T00:00:00Z".parse().expect("a timestamp");
    let day: jiff::civil::Date = "2026-01-31".parse().expect("a date");
    let (users, tokens) = (api.users(), api.access_tokens("usr-1"));
    let (events, banks) = (api.events(), api.bank_codes());
    let (connections, accounts) = (user.connections(), user.accounts());
    match operation {
        Operation::CreateUser => {
            let ada = CreateBankUserRequest::new("Ada", "ada@example.com");
            users.create(&ada).await.map(drop)
        }
        Operation::ListUsers => users.list().page(1).await.map(drop),
        Operation::GetUser => users.get("usr-1").await.map(drop),
        Operation::DeleteUser => users.delete("usr-1").await,
        Operation::CreateAccessToken => tokens.create(end).await.map(drop),
        Operation::ListAccessTokens => tokens.list().page(1).await.map(drop),
        Operation::GetAccessToken => tokens.get("tok-1").await.map(drop),
        Operation::RefreshAccessToken => tokens.refresh("tok-1", end).await.map(drop),
        Operation::DeleteAccessToken => tokens.delete("tok-1").await,
        Operation::CreateConnection => {
            connections.create(&CreateConnectionRequest::new()).await.map(drop)
        }
        Operation::ListConnections => connections.list().page(1).await.map(drop),
        Operation::GetConnection => connections.get("con-1").await.map(drop),
        Operation::DeleteConnection => connections.delete("con-1").await,
        Operation::SyncConnection => {
            let request = SyncConnectionRequest::new();
            connections.sync_without_rules("con-1", &request).await.map(drop)
        }
        Operation::ResetConnection => connections.reset("con-1").await.map(drop),
        Operation::AdvanceWizard => user.wizard("wsk-1").open().await.map(drop),
        Operation::ListAccounts => first(accounts.list().next().await),
        Operation::ListConnectionAccounts => first(accounts.of_connection("con-1").next().await),
        Operation::GetAccount => accounts.get("acc-1").await.map(drop),
        Operation::DeleteAccount => accounts.delete("acc-1").await,
        Operation::GetAccountBalance => accounts.balance("acc-1").await.map(drop),
        Operation::GetAccountTurnovers => accounts.turnovers("acc-1").await.map(drop),
        Operation::MarkAccountAsSeen => accounts.mark_as_seen("acc-1").await,
        Operation::MarkAccountAsSeenUntil => accounts.mark_as_seen_until("acc-1", day).await,
        Operation::GetAccountReport => accounts.report("acc-1", "rep-1").await.map(drop),
        Operation::GetSession => api.sessions().get("tra-1").await.map(drop),
        Operation::ListEvents => first(events.list().next().await),
        Operation::GetEvent => events.get("evt-1").await.map(drop),
        Operation::GetBankCode => banks.get("88888888").await.map(drop),
        Operation::ListBankCodes => first(banks.list().next().await),
        Operation::AutocompleteBankCodes => {
            first(banks.autocomplete(&AutocompleteBankCodesQuery::new("test")).next().await)
        }
        _ => panic!(
            "{operation:?} is new: give its resource in crates/xs2a/src a method, and call that in \
             `call` of tests/src/calls.rs"
        ),
    }
}

/// The operation that the layer calls before this one, because it needs the answer: a reset looks at
/// the connection first.
pub fn called_before(operation: Operation) -> Option<Operation> {
    (operation == Operation::ResetConnection).then_some(Operation::GetConnection)
}

/// The entry that a page of [`success`] begins with has come, or an error.
fn first<T>(entry: Option<Result<T, Error>>) -> Result<(), Error> {
    entry.expect("a list that is not empty").map(drop)
}

/// A success of the operation, with a body wherever there may be one.
pub fn success(operation: Operation) -> Answer {
    let page = |entry: &str| {
        let head = r#""total":1,"per_page":15,"current_page":1,"last_page":1"#;
        Answer::json(200, format!(r#"{{{head},"data":[{entry}]}}"#))
    };
    let session = r#"{"wizard_session_key":"wsk-1","transaction":"tra-1"}"#;
    let connection = r#"{"id":"con-1","transaction":"tra-1","bank_name":"Testbank","sync_mode":"full","sync_active":true,"sync_message":"","sync_fail_counter":0,"last_synced":"2026-01-31 10:11:12","testmode":true,"created_at":"2026-01-31 10:11:12","object":"bank_connection"}"#;
    let bank_user = r#"{"id":"usr-1","name":"Ada","email":"ada@example.com"}"#;
    let token = r#"{"id":"tok-1","token":"bat-1","valid_until":"2030-01-01 01:00:00"}"#;
    let account = r#"{"id":"acc-1","iban":"DE62888888880012345678","type":"giro"}"#;
    let event = r#"{"id":"evt-1","type":"transaction.created","data":{}}"#;
    let bank = r#"{"bank_code":"88888888","name":"Testbank","xs2a_products":[]}"#;
    match operation {
        Operation::CreateConnection => Answer::json(201, session),
        Operation::SyncConnection | Operation::ResetConnection => Answer::json(202, session),
        Operation::ListConnections => page(connection),
        Operation::GetConnection => Answer::json(200, connection),
        Operation::ListUsers => page(bank_user),
        Operation::CreateUser | Operation::GetUser => Answer::json(200, bank_user),
        Operation::ListAccessTokens => page(token),
        Operation::CreateAccessToken
        | Operation::GetAccessToken
        | Operation::RefreshAccessToken => Answer::json(200, token),
        Operation::AdvanceWizard => Answer::json(
            200,
            r#"{"code":200,"message":"","error":[],"polling":{},"form":{"name":"login","elements":[]}}"#,
        ),
        Operation::ListAccounts | Operation::ListConnectionAccounts => page(account),
        Operation::GetAccount => Answer::json(200, account),
        Operation::GetAccountBalance => {
            Answer::json(200, r#"{"id":"bal-1","balance":131072.01,"currency":"EUR"}"#)
        }
        Operation::GetAccountTurnovers => Answer::json(200, r#"{"id":"tur-1","turnovers":[]}"#),
        Operation::GetAccountReport => Answer::json(200, r#"{"id":"rep-1"}"#),
        Operation::GetSession => {
            Answer::json(200, r#"{"id":"ses-1","transaction":"tra-1","finished":false}"#)
        }
        Operation::ListEvents => page(event),
        Operation::GetEvent => Answer::json(200, event),
        Operation::GetBankCode => Answer::json(200, bank),
        Operation::ListBankCodes | Operation::AutocompleteBankCodes => page(bank),
        Operation::DeleteConnection
        | Operation::DeleteUser
        | Operation::DeleteAccessToken
        | Operation::DeleteAccount
        | Operation::MarkAccountAsSeen
        | Operation::MarkAccountAsSeenUntil => {
            Answer::json(200, r#"{"code":200,"message":"done"}"#)
        }
        _ => panic!("{operation:?} is new: answer it in `success` of tests/src/calls.rs"),
    }
}

/// Whether a success has a body that the client reads.
pub fn reads_the_answer(operation: Operation) -> bool {
    !matches!(
        operation,
        Operation::DeleteConnection
            | Operation::DeleteUser
            | Operation::DeleteAccessToken
            | Operation::DeleteAccount
            | Operation::MarkAccountAsSeen
            | Operation::MarkAccountAsSeenUntil
    )
}
