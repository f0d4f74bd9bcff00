//! From a call to the function that answers it.

use super::{
    access_tokens, accounts, bank_codes, connections, events, sessions, state::World, time, users,
    wizard,
};
use crate::{
    answer::{Outcome, Refusal},
    request::Call,
    routes::{Operation, Scope},
};

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    ApiKey,
    /// A bank user, by id.
    User(String),
}

/// Answers one call.
pub(crate) fn answer(world: &mut World, caller: &Caller, call: &Call<'_>) -> Outcome {
    // So every answer has a time of its own without a real clock.
    time::advance(world, world.settings.tick);
    let user = match (call.operation.scope(), caller) {
        (Scope::ApiKey, Caller::ApiKey) => "",
        (Scope::AccessToken, Caller::User(user)) => user.as_str(),
        (Scope::ApiKey, Caller::User(_)) => {
            return Err(Refusal::new(
                401,
                "This asks for the API key, and was sent an access token",
            ));
        }
        (Scope::AccessToken, Caller::ApiKey) => {
            return Err(Refusal::new(
                401,
                "This asks for the access token of a bank user, and was sent the API key",
            ));
        }
    };
    let (id, body, query) = (call.id(0), &call.body, &call.query);
    match call.operation {
        Operation::CreateConnection => connections::create(world, user, body),
        Operation::ListConnections => connections::list(world, user, query),
        Operation::GetConnection => connections::get(world, user, id),
        Operation::DeleteConnection => connections::delete(world, user, id),
        Operation::SyncConnection => connections::sync(world, user, id, body),
        Operation::ResetConnection => connections::reset(world, user, id),
        Operation::AdvanceWizard => wizard::advance(world, user, body, &call.base_url),
        Operation::ListAccounts => accounts::list(world, user, query),
        Operation::ListConnectionAccounts => accounts::list_of_connection(world, user, id, query),
        Operation::GetAccount => accounts::get(world, user, id),
        Operation::DeleteAccount => accounts::delete(world, user, id),
        Operation::GetAccountBalance => accounts::balance(world, user, id),
        Operation::GetAccountTurnovers => accounts::turnovers(world, user, id, query),
        Operation::MarkAccountAsSeen | Operation::MarkAccountAsSeenUntil => {
            accounts::mark_as_seen(world, user, id, call.id(1))
        }
        Operation::GetAccountReport => accounts::report(world, user, id, call.id(1), query),
        Operation::GetSession => sessions::get(world, id),
        Operation::ListEvents => events::list(world, query),
        Operation::GetEvent => events::get(world, id),
        Operation::GetBankCode => bank_codes::get(query),
        Operation::ListBankCodes => bank_codes::list(query),
        Operation::AutocompleteBankCodes => bank_codes::autocomplete(query),
        Operation::CreateUser => users::create(world, body),
        Operation::ListUsers => users::list(world, query),
        Operation::GetUser => users::get(world, id),
        Operation::DeleteUser => users::delete(world, id),
        Operation::CreateAccessToken => access_tokens::create(world, id, body),
        Operation::ListAccessTokens => access_tokens::list(world, id, query),
        Operation::GetAccessToken => access_tokens::get(world, id, call.id(1)),
        Operation::RefreshAccessToken => access_tokens::refresh(world, id, call.id(1), body),
        Operation::DeleteAccessToken => access_tokens::delete(world, id, call.id(1)),
    }
}
