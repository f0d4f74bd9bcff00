//! The life of a connection: it is made, synced, and loses or regains its health.

use super::{
    accounts,
    model::{
        account::AccountType,
        connection::{Connection, ConnectionSeed, Ending, LogIn, Running},
        session::Step,
    },
    state::World,
};
use crate::clock;

/// What comes of a sync that was asked for or is due.
pub(super) enum Start {
    /// The sync runs in the background.
    Running,
    /// The user has to come, and begins at this step.
    NeedsUser(Step),
}

/// Makes a connection of this user and opens its accounts; gives its id.
pub(super) fn make(
    world: &mut World,
    user: &str,
    transaction: &str,
    seed: &ConnectionSeed,
) -> String {
    let (id, half) = (world.new_id(), world.new_secret());
    let (user, transaction) = (user.to_owned(), transaction.to_owned());
    let connection = Connection::new(id.clone(), transaction, user, half, world.now(), seed);
    world.wake_at(connection.next_due());
    world.connections.insert(id.clone(), connection);
    for (position, kind) in AccountType::OF_A_LOGIN.into_iter().enumerate() {
        if seed.picked.as_ref().is_none_or(|picked| picked.contains(&position)) {
            accounts::open(world, &id, kind);
        }
    }
    record(world, &id, "bank_connection.created", "A connection was made");
    id
}

/// Starts a sync without the user, if the bank lets it through.
pub(super) fn start_sync(world: &mut World, id: &str) -> Start {
    let (now, usually) = (world.now(), world.settings.sync_takes);
    let Some(connection) = world.connections.get_mut(id) else {
        return Start::NeedsUser(Step::Login);
    };
    let standing = world.logins.get(&connection.login).copied();
    match connection.log_in(now, usually, standing) {
        LogIn::Runs(ending, takes) => {
            connection.running = Some(Running { ends: clock::after(now, takes), ending });
            let due = connection.next_due();
            world.wake_at(due);
            record(world, id, "bank_connection.sync_started", "A sync has started");
            Start::Running
        }
        LogIn::NeedsUser(asked) => Start::NeedsUser(asked.map_or(Step::Login, Step::Challenge)),
    }
}

/// The user has logged in at the bank: there is a new consent, and there are new data.
pub(super) fn user_has_logged_in(world: &mut World, id: &str, login: String) {
    let now = world.now();
    if let Some(connection) = world.connections.get_mut(id) {
        connection.renew_consent(login, now);
    }
    succeed(world, id);
}

fn succeed(world: &mut World, id: &str) {
    let now = world.now();
    let Some(connection) = world.connections.get_mut(id) else {
        return;
    };
    connection.succeed(now);
    let due = connection.next_due();
    let new_accounts = std::mem::take(&mut connection.unseen_accounts);
    world.wake_at(due);
    accounts::fetch_turnovers(world, id);
    for kind in new_accounts {
        accounts::open(world, id, kind);
    }
    record(world, id, "bank_connection.synced", "A sync has succeeded");
}

/// A sync of the connection has failed. With `fall_back`, the mode full becomes the mode none.
pub(super) fn fail(world: &mut World, id: &str, message: &str, fall_back: bool) {
    if let Some(connection) = world.connections.get_mut(id) {
        connection.fail(message, fall_back);
    }
    record(world, id, "bank_connection.sync_failed", "A sync has failed");
}

/// Records an event of the connection.
pub(super) fn record(world: &mut World, id: &str, kind: &'static str, message: &'static str) {
    if let Some(connection) = world.connections.get(id) {
        let (transaction, data) = (connection.transaction.clone(), connection.json());
        world.record(kind, message, transaction, data);
    }
}

/// What is due by now happens: syncs end, and automatic syncs start.
pub(super) fn settle(world: &mut World) {
    let now = world.now();
    let is_due = |connection: &&Connection| connection.next_due().is_some_and(|due| due <= now);
    let due: Vec<(String, Option<Running>)> = world
        .connections
        .values()
        .filter(is_due)
        .map(|connection| (connection.id.clone(), connection.running))
        .collect();
    for (id, running) in due {
        match running.map(|running| running.ending) {
            Some(Ending::Success) => succeed(world, &id),
            Some(Ending::Failure { message }) => fail(world, &id, message, false),
            None => {
                if let Start::NeedsUser(_) = start_sync(world, &id) {
                    fail(world, &id, "The bank asks for the user", true);
                }
            }
        }
    }
}
