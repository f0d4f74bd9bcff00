//! Wizard sessions: they are opened, finished by the user, or fail.

use std::{collections::VecDeque, sync::Arc};

use indexmap::IndexMap;

use super::{
    agenda::Due,
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
        number: world.new_number(),
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
        script: None,
        at: 0,
        tries: 0,
        polls: 0,
        approved: false,
        picked: None,
        last_error: None,
        state: State::Open,
        posted: VecDeque::new(),
        touched: world.now(),
        created_at: world.now(),
    }
}

/// Opens the session; gives the answer's body. A test may have written how the session goes.
pub(super) fn open(world: &mut World, mut session: Session) -> Json {
    let of_login = || world.scripts.get(session.login.as_ref()?).map(Arc::clone);
    if let Some(script) = world.next_scripts.pop_front().or_else(of_login) {
        session.follow(script, 0);
    }
    let opening = session.opening_json();
    let transaction = session.transaction.clone();
    let message = "A wizard session was opened";
    world.record(SESSION_OPENED, message, transaction.clone(), session.json());
    world.session_keys.insert(session.key.clone(), transaction.clone());
    world.sessions.insert(transaction.clone(), session);
    plan(world, &transaction);
    opening
}

/// Notes in the agenda when the session expires.
fn plan(world: &mut World, transaction: &str) {
    let Some(session) = world.sessions.get(transaction) else {
        return;
    };
    if let Some(due) = session.next_due() {
        let (number, transaction) = (session.number, transaction.to_owned());
        world.agenda.note(due, Due::Session { number, transaction });
    }
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
    if let Some(known) = world.connections.get_mut(connection) {
        known.sessions.push(session.transaction.clone());
    }
    if let Some(tally) = world.tallies.get_mut(connection) {
        tally.counts.sessions += 1;
    }
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

/// Ends these sessions, as far as they are open.
pub(super) fn end(world: &mut World, transactions: &[String], message: &'static str) {
    for transaction in transactions {
        if world.sessions.get(transaction).is_some_and(Session::is_open) {
            fail(world, transaction, "tech_error", message);
        }
    }
}

/// A session expires if it has had no request for too long.
pub(super) fn expire(world: &mut World, transaction: &str) {
    let now = world.now();
    let due = world.sessions.get(transaction).and_then(Session::next_due);
    if due.is_some_and(|due| due <= now) {
        fail(world, transaction, "session_expired", "The session has expired");
    } else {
        // There was a request meanwhile.
        plan(world, transaction);
    }
}
