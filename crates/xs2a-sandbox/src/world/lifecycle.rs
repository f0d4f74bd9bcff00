//! The life of a connection: it is made, synced, and loses or regains its health.

use super::{
    accounts,
    agenda::Due,
    model::{
        account::AccountType,
        bank_fault::BankFault,
        connection::{Connection, ConnectionSeed, LogIn},
        session::Step,
        sync_plan::SyncPlan,
        syncs::{Ending, Happening, Origin},
    },
    state::World,
};
use crate::clock;

/// What comes of a sync that was asked for or is due.
pub(super) enum Start {
    /// The service has taken the sync, which needs no user.
    Taken,
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
    let (id, half, number) = (world.new_id(), world.new_secret(), world.new_number());
    let (user, transaction) = (user.to_owned(), transaction.to_owned());
    let now = world.now();
    world.keep(Connection::new(id.clone(), number, transaction, user, half, now, seed));
    plan(world, &id);
    for (position, kind) in AccountType::OF_A_LOGIN.into_iter().enumerate() {
        if seed.picked.as_ref().is_none_or(|picked| picked.contains(&position)) {
            accounts::open(world, &id, kind);
        }
    }
    record(world, &id, "bank_connection.created", "A connection was made");
    id
}

/// Deletes a connection. The accounts stay. Gives the transactions of the sessions that were opened
/// for the connection.
pub(super) fn delete(world: &mut World, id: &str) -> Vec<String> {
    record_deletion(world, id);
    let Some(connection) = world.drop_connection(id) else {
        return Vec::new();
    };
    for account in connection.accounts {
        if let Some(account) = world.accounts.get_mut(&account) {
            account.connection = None;
        }
    }
    connection.sessions
}

/// Records that a connection is about to be deleted.
pub(super) fn record_deletion(world: &mut World, id: &str) {
    record(world, id, "bank_connection.deleted", "A connection was deleted");
}

/// Takes a sync that a client has asked for. The sync needs no user if the bank lets the login
/// through, or if the login is due only later.
pub(super) fn start_sync(world: &mut World, id: &str) -> Start {
    let overlaps = is_client_waiting(world, id);
    let start = start(world, id);
    let now = world.now();
    if let Some(tally) = world.tallies.get_mut(id) {
        tally.counts.syncs_acted += 1;
        tally.counts.syncs_overlapping += u32::from(overlaps);
        tally.sync_at(now);
    }
    start
}

fn start(world: &mut World, id: &str) -> Start {
    let now = world.now();
    let Some(connection) = world.connections.get_mut(id) else {
        return Start::NeedsUser(Step::Login);
    };
    if connection.knows_no_login(clock::day(now)) {
        return Start::NeedsUser(Step::Login);
    }
    let planned = connection.plans.pop_front().unwrap_or_default();
    if planned.begins_after.is_zero() && !connection.syncs.is_queueing() {
        return begin(world, id, &planned, Origin::Client);
    }
    connection.syncs.queue(now, planned, Origin::Client);
    plan(world, id);
    Start::Taken
}

/// Whether an earlier sync that a client has asked for is not settled.
fn is_client_waiting(world: &World, id: &str) -> bool {
    let Some(connection) = world.connections.get(id) else {
        return false;
    };
    let mut sessions = connection.sessions.iter().rev().filter_map(|t| world.sessions.get(t));
    connection.syncs.is_client_waiting()
        || sessions.any(|session| session.is_open() && session.is_for_sync())
}

/// Begins a sync without the user, if the bank lets the login through.
fn begin(world: &mut World, id: &str, planned: &SyncPlan, origin: Origin) -> Start {
    let (now, usually) = (world.now(), world.settings.sync_takes);
    let Some(connection) = world.connections.get_mut(id) else {
        return Start::NeedsUser(Step::Login);
    };
    let standing = || world.logins.get(&connection.login).copied();
    let fault: Option<BankFault> = planned.bank.or_else(standing);
    match connection.log_in(now, usually, fault) {
        LogIn::Runs(ending, takes) => {
            connection.syncs.run(now, (ending, takes), planned, origin);
            plan(world, id);
            record(world, id, "bank_connection.sync_started", "A sync has started");
            Start::Taken
        }
        LogIn::NeedsUser(asked) => Start::NeedsUser(asked.map_or(Step::Login, Step::Challenge)),
    }
}

/// Begins a sync at which nobody is there to log in.
fn begin_alone(world: &mut World, id: &str, planned: &SyncPlan, origin: Origin) {
    if world.connections.get(id).is_none_or(Connection::is_disabled) {
        return;
    }
    if let Start::NeedsUser(_) = begin(world, id, planned, origin) {
        fail(world, id, "The bank asks for the user", true);
    }
}

/// The service syncs the connection by itself.
fn begin_automatic(world: &mut World, id: &str) {
    let now = world.now();
    if let Some(tally) = world.tallies.get_mut(id) {
        tally.counts.automatic_syncs += 1;
        tally.sync_at(now);
    }
    let Some(connection) = world.connections.get_mut(id) else {
        return;
    };
    let planned = connection.plans.pop_front().unwrap_or_default();
    if planned.begins_after.is_zero() {
        begin_alone(world, id, &planned, Origin::Service);
    } else {
        connection.syncs.queue(now, planned, Origin::Service);
    }
}

/// The user has logged in at the bank: there is a new consent, and there are new data. The outcome
/// of a sync that runs meanwhile does not count any more.
pub(super) fn user_has_logged_in(world: &mut World, id: &str, login: String) {
    let now = world.now();
    if let Some(connection) = world.connections.get_mut(id) {
        connection.syncs.stop();
        connection.renew_consent(login, now);
    }
    succeed(world, id);
}

/// The bank has rejected the user. The outcome of a sync that runs meanwhile does not count any
/// more.
pub(super) fn user_was_rejected(world: &mut World, id: &str, message: &str) {
    if let Some(connection) = world.connections.get_mut(id) {
        connection.syncs.stop();
    }
    fail(world, id, message, false);
}

fn succeed(world: &mut World, id: &str) {
    let now = world.now();
    let Some(connection) = world.connections.get_mut(id).filter(|known| !known.is_disabled())
    else {
        return;
    };
    connection.succeed(now);
    let new_accounts = std::mem::take(&mut connection.unseen_accounts);
    plan(world, id);
    accounts::fetch_turnovers(world, id);
    for kind in new_accounts {
        accounts::open(world, id, kind);
    }
    if let Some(tally) = world.tallies.get_mut(id) {
        tally.counts.successes += 1;
    }
    record(world, id, "bank_connection.synced", "A sync has succeeded");
}

/// A sync of the connection has failed. With `fall_back`, the mode full becomes the mode none.
fn fail(world: &mut World, id: &str, message: &str, fall_back: bool) {
    let Some(connection) = world.connections.get_mut(id).filter(|known| !known.is_disabled())
    else {
        return;
    };
    connection.fail(message, fall_back);
    let third = connection.is_disabled();
    if let Some(tally) = world.tallies.get_mut(id) {
        tally.counts.failures += 1;
        tally.counts.third_failures += u32::from(third);
    }
    record(world, id, "bank_connection.sync_failed", "A sync has failed");
}

/// Records an event of the connection.
fn record(world: &mut World, id: &str, kind: &'static str, message: &'static str) {
    if let Some(connection) = world.connections.get(id) {
        let (transaction, data) = (connection.transaction.clone(), connection.json());
        world.record(kind, message, transaction, data);
    }
}

/// Notes in the agenda when something happens to the connection next.
fn plan(world: &mut World, id: &str) {
    let Some(connection) = world.connections.get(id) else {
        return;
    };
    if let Some(due) = connection.syncs.next_due() {
        world.agenda.note(due, Due::Connection { number: connection.number, id: id.to_owned() });
    }
}

/// What is due by now happens to the connection: syncs end, show and begin.
pub(super) fn settle(world: &mut World, id: &str) {
    let now = world.now();
    let Some(connection) = world.connections.get_mut(id) else {
        return;
    };
    match connection.syncs.take_due(now) {
        // The entry of the agenda was out of date.
        None => return,
        Some(Happening::Ends) => {}
        Some(Happening::Shows(Ending::Success)) => succeed(world, id),
        Some(Happening::Shows(Ending::Failure { message })) => fail(world, id, message, false),
        Some(Happening::Begins(waited)) => begin_alone(world, id, &waited.plan, waited.origin),
        Some(Happening::Automatic) => begin_automatic(world, id),
    }
    plan(world, id);
}
