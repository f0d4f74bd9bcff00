//! What a test orders: the state to start from, and what the bank and the user do.

use std::{sync::Arc, time::Duration};

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::{
    access_tokens, connections, forms, lifecycle,
    model::{
        account::AccountType,
        bank_fault::BankFault,
        connection::ConnectionSeed,
        counts::Counts,
        sync_plan::SyncPlan,
        user::Until,
        wizard_script::{Posted, WizardScript},
    },
    overview, sessions,
    state::World,
    users, wizard,
};
use crate::{
    answer::{Body, Outcome, Refusal},
    clock,
    json::{Json, object},
    request::Fields,
};

/// Makes a bank user with a token that is valid for a year; gives the id and the token. Without
/// `token`, the token is a random text.
pub(crate) fn add_user(world: &mut World, name: String, token: Option<String>) -> (String, String) {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let user = users::add(world, name, None);
    let valid_until = Until::at(clock::after(world.now(), YEAR));
    let token = access_tokens::add(world, &user, valid_until, token);
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

/// Starts a sync of a connection, as a call without a broken rule does. False if there is no such
/// connection.
pub(crate) fn sync(world: &mut World, connection: &str) -> bool {
    world.connections.contains_key(connection) && connections::start_sync(world, connection).is_ok()
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

/// Sets what the wizard shows from now on in sessions of this user name.
pub(crate) fn set_forms(world: &mut World, login: String, script: Option<WizardScript>) {
    match script {
        Some(script) => world.scripts.insert(login, Arc::new(script)),
        None => world.scripts.remove(&login),
    };
}

/// Sets what the wizard shows in the next session that is opened and for which nothing is set yet.
pub(crate) fn script_next_session(world: &mut World, script: WizardScript) {
    world.next_scripts.push_back(Arc::new(script));
}

/// What was posted to the wizard session of this transaction. None if there is no such session.
pub(crate) fn posts<'a>(
    world: &'a World,
    transaction: &str,
) -> Option<impl Iterator<Item = &'a Posted>> {
    Some(world.sessions.get(transaction)?.posted.iter())
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

/// Opens the session in which a user makes a connection; gives its transaction. The fields are those
/// of the call.
pub(crate) fn open_session(
    world: &mut World,
    user: &str,
    fields: &Fields,
) -> Result<String, Refusal> {
    users::find(world, user)?;
    let opened = json_of(connections::create(world, user, fields))?;
    Ok(opened.text_of("transaction").unwrap_or_default().to_owned())
}

/// Where a session stands, for whoever plays the user: what the session is for, and the wizard's
/// answer. If there are `values`, they are sent to the wizard first. Neither the key of the session
/// nor what the customer gets at its end is among the answer.
pub(crate) fn play_user(
    world: &mut World,
    transaction: &str,
    values: Option<Fields>,
    base_url: &str,
) -> Result<Json, Refusal> {
    let session = world.sessions.get(transaction).ok_or_else(Refusal::not_found)?;
    let answer = match values {
        None => Ok(forms::show(session, &[], None, base_url)),
        Some(mut values) => {
            let user = session.user.clone();
            values.0.insert("key".to_owned(), session.key.clone().into());
            wizard::advance(world, &user, &values, base_url)
        }
    };
    let answer = json_of(answer)?.with("additional_data", Json::Null);
    let session = world.sessions.get(transaction).ok_or_else(Refusal::not_found)?;
    Ok(overview::show_session(world, session).with("answer", answer))
}

fn json_of(outcome: Outcome) -> Result<Json, Refusal> {
    outcome.map(|answer| match answer.body {
        Body::Json(json) => json,
        Body::Empty => Json::Null,
        // What a test has written is handed on letter by letter.
        Body::Raw { bytes, .. } => {
            match serde_json::from_slice::<IndexMap<String, Box<RawValue>>>(&bytes) {
                Ok(parts) => {
                    let parts = parts.into_iter();
                    Json::Object(
                        parts.map(|(k, v)| (k, Json::Verbatim(v.get().to_owned()))).collect(),
                    )
                }
                Err(_) => object! { "error": "What a test has written here is no JSON object." },
            }
        }
    })
}
