//! Wizard sessions: they are opened, finished by the user, or fail.

use indexmap::IndexMap;

use super::{
    lifecycle,
    model::{
        bank::TEST_BANK,
        connection::{Connection, ConnectionSeed},
        event::SESSION_OPENED,
        session::{Purpose, Session, State, Step},
        words::Language,
    },
    state::World,
};
use crate::{
    answer::{Answer, Outcome, Refusal},
    json::Json,
};

/// A session of this user that is not open yet.
pub(super) fn new(world: &mut World, user: &str, purpose: Purpose, steps: Vec<Step>) -> Session {
    Session {
        id: world.new_id(),
        key: world.new_secret(),
        transaction: world.new_id(),
        user: user.to_owned(),
        purpose,
        parameters: Json::Object(IndexMap::new()),
        language: Language::default(),
        country: None,
        bank: None,
        login: None,
        app_tab: false,
        steps,
        at: 0,
        tries: 0,
        polls: 0,
        approved: false,
        picked: None,
        last_error: None,
        state: State::Open,
        touched: world.now(),
        created_at: world.now(),
    }
}

/// Opens the session; gives the answer's body.
pub(super) fn open(world: &mut World, session: Session) -> Json {
    let opening = session.opening_json();
    let transaction = session.transaction.clone();
    let message = "A wizard session was opened";
    world.record(SESSION_OPENED, message, transaction.clone(), session.json());
    world.wake_at(session.next_due());
    world.sessions.insert(transaction, session);
    opening
}

/// Opens a session in which the user logs in again for an existing connection.
pub(super) fn open_for(
    world: &mut World,
    connection: &str,
    purpose: Purpose,
    step: Step,
) -> Outcome {
    let known = world.connections.get(connection).ok_or_else(Refusal::not_found)?;
    let (user, bank, login) = (known.user.clone(), known.bank, known.login.clone());
    let mut session = new(world, &user, purpose, vec![step]);
    session.country = Some(bank.country.to_owned());
    session.bank = Some(bank);
    session.login = Some(login);
    Ok(Answer::json(202, open(world, session)))
}

pub(super) fn get(world: &World, transaction: &str) -> Outcome {
    let session = world.sessions.get(transaction).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(200, session.json()))
}

/// The user is through: the purpose of the session is fulfilled. Gives the id of the connection.
pub(super) fn finish(world: &mut World, transaction: &str) -> Option<String> {
    let session = world.sessions.get(transaction)?.clone();
    let login = session.login.clone().unwrap_or_default();
    let connection = match session.purpose {
        Purpose::Create { mode, days, .. } => {
            let mut seed = ConnectionSeed::new(mode).login(login);
            seed.bank = session.bank.unwrap_or(&TEST_BANK);
            seed.days = days;
            seed.picked = session.picked;
            lifecycle::make(world, &session.user, transaction, &seed)
        }
        Purpose::Sync { connection } | Purpose::Reset { connection } => {
            // The third failure may have come while the user was still typing.
            if world.connections.get(&connection).is_none_or(Connection::is_disabled) {
                fail(world, transaction, "tech_error", "The connection is disabled");
                return None;
            }
            lifecycle::user_has_logged_in(world, &connection, login);
            connection
        }
    };
    let credentials = world.connections.get(&connection)?.credentials.clone();
    if let Some(session) = world.sessions.get_mut(transaction) {
        session.at = session.steps.len();
        session.last_error = None;
        session.state = State::Finished { credentials };
    }
    record_update(world, transaction, "The wizard session is finished");
    Some(connection)
}

/// The session ends without success.
pub(super) fn fail(
    world: &mut World,
    transaction: &str,
    code: &'static str,
    message: &'static str,
) {
    if let Some(session) = world.sessions.get_mut(transaction) {
        session.last_error = Some(code);
        session.state = State::Failed { message };
    }
    record_update(world, transaction, "The wizard session has failed");
}

fn record_update(world: &mut World, transaction: &str, message: &'static str) {
    if let Some(session) = world.sessions.get(transaction) {
        let data = session.json();
        world.record("transaction.updated", message, transaction.to_owned(), data);
    }
}

/// The open sessions of a connection that is gone cannot go on.
pub(super) fn end_all_of(world: &mut World, connection: &str) {
    let is_ended =
        |session: &Session| session.is_open() && session.connection() == Some(connection);
    fail_all(world, is_ended, "tech_error", "The connection was deleted");
}

/// Sessions that had no request for too long expire.
pub(super) fn expire(world: &mut World) {
    let now = world.now();
    let is_late = |session: &Session| session.next_due().is_some_and(|due| due <= now);
    fail_all(world, is_late, "session_expired", "The session has expired");
}

fn fail_all(
    world: &mut World,
    fails: impl Fn(&Session) -> bool,
    code: &'static str,
    message: &'static str,
) {
    let failing = world.sessions.values().filter(|session| fails(session));
    let transactions: Vec<String> = failing.map(|session| session.transaction.clone()).collect();
    for transaction in transactions {
        fail(world, &transaction, code, message);
    }
}
