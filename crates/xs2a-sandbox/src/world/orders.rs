//! What a test orders: the state to start from, and what the bank and the user do.

use std::time::Duration;

use super::{
    access_tokens, lifecycle,
    model::{
        account::AccountType, bank_fault::BankFault, connection::ConnectionSeed, counts::Counts,
        sync_plan::SyncPlan, user::Until,
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

/// Lines up how a sync without the user goes. False if there is no such connection.
pub(crate) fn plan_sync(world: &mut World, connection: &str, plan: SyncPlan) -> bool {
    let Some(connection) = world.connections.get_mut(connection) else {
        return false;
    };
    connection.plans.push_back(plan);
    true
}

/// Deletes a bank user and everything that belongs to the user. False if there is no such user.
pub(crate) fn delete_user(world: &mut World, user: &str) -> bool {
    users::delete(world, user).is_ok()
}

/// The counts of one connection. None if there never was such a connection.
pub(crate) fn counts(world: &World, connection: &str) -> Option<Counts> {
    world.tallies.get(connection).map(|tally| tally.counts)
}

/// The counts of every connection that was made, in this order.
pub(crate) fn all_counts(world: &World) -> impl Iterator<Item = (&str, Counts)> {
    world.tallies.iter().map(|(id, tally)| (id.as_str(), tally.counts))
}

/// The counts of all connections together.
pub(crate) fn total_counts(world: &World) -> Counts {
    all_counts(world).fold(Counts::default(), |total, (_, counts)| total.and(counts))
}

/// The transactions of the wizard sessions that were opened for a connection. None if there is no
/// such connection.
pub(crate) fn sessions(world: &World, connection: &str) -> Option<Vec<String>> {
    world.connections.get(connection).map(|connection| connection.sessions.clone())
}

/// Counts a request that is about a connection itself.
pub(crate) fn count_look(world: &mut World, connection: &str) {
    let id = world.connection_ids.get(connection).map_or(connection, String::as_str);
    if let Some(tally) = world.tallies.get_mut(id) {
        tally.counts.looks += 1;
    }
}

/// Counts a request for a sync.
pub(crate) fn count_sync(world: &mut World, connection: &str) {
    if let Some(tally) = world.tallies.get_mut(connection) {
        tally.counts.syncs_received += 1;
    }
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
