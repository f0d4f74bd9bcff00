//! What a test orders: the state to start from, and what the bank and the user do.

use std::time::Duration;

use super::{
    access_tokens, lifecycle,
    model::{
        account::AccountType,
        connection::{BankFault, ConnectionSeed},
        user::Until,
    },
    sessions,
    state::World,
    users,
};
use crate::clock;

/// Makes a bank user with a token that is valid for a year; gives the id and the token.
pub(crate) fn add_user(world: &mut World, name: String) -> (String, String) {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let user = users::add(world, name, None);
    let valid_until = Until::at(clock::after(world.now(), YEAR));
    let token = access_tokens::add(world, &user, valid_until);
    (user, token.secret)
}

/// Makes a connection without the wizard; gives its id. None if there is no such user.
pub(crate) fn add_connection(
    world: &mut World,
    user: &str,
    seed: &ConnectionSeed,
) -> Option<String> {
    users::find(world, user).ok()?;
    let transaction = world.new_id();
    Some(lifecycle::make(world, user, &transaction, seed))
}

/// The customer's half of the credentials of a connection in mode shared.
pub(crate) fn credentials(world: &World, connection: &str) -> Option<String> {
    world.connections.get(connection)?.credentials.clone()
}

/// Lines up what the bank does at a login without the user. False if there is no such connection.
pub(crate) fn script(world: &mut World, connection: &str, fault: BankFault) -> bool {
    let Some(connection) = world.connections.get_mut(connection) else {
        return false;
    };
    connection.script.push_back(fault);
    true
}

/// Has the bank open an account, which the next sync finds. False if there is no such connection.
pub(crate) fn open_account(world: &mut World, connection: &str, kind: AccountType) -> bool {
    let Some(connection) = world.connections.get_mut(connection) else {
        return false;
    };
    connection.unseen_accounts.push(kind);
    true
}

/// Sets what the bank does from now on at each login with this user name.
pub(crate) fn set_login(world: &mut World, login: String, fault: Option<BankFault>) {
    match fault {
        Some(fault) => world.logins.insert(login, fault),
        None => world.logins.remove(&login),
    };
}

/// Lets the user walk through the rest of the wizard, and everything goes well. Gives the id of the
/// connection; none if there is no such open session.
pub(crate) fn complete_session(world: &mut World, transaction: &str) -> Option<String> {
    world.sessions.get(transaction).filter(|session| session.is_open())?;
    sessions::finish(world, transaction)
}

/// Lets the user approve in the app or at the address of the bank. The session is named by its
/// transaction or by its id. False if there is no such open session.
pub(crate) fn approve(world: &mut World, session: &str) -> bool {
    let found = world
        .sessions
        .values_mut()
        .find(|known| known.is_open() && (known.transaction == session || known.id == session));
    let Some(session) = found else {
        return false;
    };
    session.approved = true;
    true
}
