//! The calls about connections.

use super::{
    lifecycle::{self, Start},
    model::{
        bank,
        connection::{Connection, SyncMode},
        session::{Purpose, Selection, Step},
        words::Language,
    },
    sessions,
    state::World,
    users,
};
use crate::{
    answer::{Answer, Outcome, Refusal},
    json::ToJson as _,
    pages::page,
    request::{Fields, Query},
};

const DISABLED: &str =
    "The connection is disabled after 3 failures in a row; delete it and create it anew";

pub(super) fn create(world: &mut World, user: &str, body: &Fields) -> Outcome {
    let mode = body.choice("sync_mode", SyncMode::NAMES)?;
    let mode = mode.and_then(SyncMode::from_name).unwrap_or_default();
    let selection = match body.choice("account_selection", &["all", "multi", "single"])? {
        Some("multi") => Selection::Multi,
        Some("single") => Selection::Single,
        _ => Selection::All,
    };
    let language = body.choice("language", Language::NAMES)?;
    let language = language.and_then(Language::from_name).unwrap_or_default();
    let country = body.text("country_id")?;
    let two_letters = |c: &String| c.len() == 2 && c.bytes().all(|b| b.is_ascii_alphabetic());
    if !country.as_ref().is_none_or(two_letters) {
        return Err(Refusal::invalid("The country_id is not valid"));
    }
    body.text("fints_product_id")?;
    let limit = body.count("limit_days")?.unwrap_or(i64::MAX);
    let days = body.count("days")?.unwrap_or(90).min(limit).min(3_650);
    let bank = body.text("bic")?.and_then(|bic| bank::by_bic(&bic)).filter(|bank| bank.supported);

    let purpose = Purpose::Create { mode, selection, days };
    let steps = match bank {
        Some(_) => vec![Step::Login],
        None => vec![Step::Bank, Step::Login],
    };
    let mut session = sessions::new(world, user, purpose, steps);
    session.parameters = body.to_json();
    session.language = language;
    session.country = country;
    session.bank = bank;
    Ok(Answer::json(201, sessions::open(world, session)))
}

pub(super) fn list(world: &World, user: &str, query: &Query) -> Outcome {
    let ids = &users::find(world, user)?.connections;
    let own: Vec<&Connection> = ids.iter().filter_map(|id| world.connections.get(id)).collect();
    page("/v1/api/connections", query, &own, |connection| connection.json())
}

/// The connection with this id or with this transaction.
pub(super) fn get(world: &World, user: &str, id: &str) -> Outcome {
    let by_transaction = || world.connections.get(world.connection_ids.get(id)?);
    let found = world.connections.get(id).or_else(by_transaction);
    let own = found.filter(|connection| connection.user == user);
    Ok(Answer::json(200, own.ok_or_else(Refusal::not_found)?.json()))
}

/// The accounts of the connection stay.
pub(super) fn delete(world: &mut World, user: &str, id: &str) -> Outcome {
    world.own_connection(user, id)?;
    let sessions = lifecycle::delete(world, id);
    sessions::end(world, &sessions, "The connection was deleted");
    Ok(Answer::acknowledged())
}

pub(super) fn sync(world: &mut World, user: &str, id: &str, body: &Fields) -> Outcome {
    let connection = world.own_connection(user, id)?;
    let force = body.flag("force")?;
    let credentials = body.text("credentials")?;
    if let Some(rule) = broken_rule(connection, force, credentials.as_deref()) {
        return Err(Refusal::invalid(rule));
    }
    start_sync(world, id)
}

/// Starts a sync that no rule forbids.
pub(super) fn start_sync(world: &mut World, id: &str) -> Outcome {
    match lifecycle::start_sync(world, id) {
        Start::Taken => Ok(Answer::empty(204)),
        Start::NeedsUser(step) => {
            sessions::open_for(world, id, Purpose::Sync { connection: id.to_owned() }, step)
        }
    }
}

/// The rule that forbids this sync. None if the sync is allowed.
fn broken_rule(
    connection: &Connection,
    force: bool,
    credentials: Option<&str>,
) -> Option<&'static str> {
    if connection.is_disabled() {
        return Some(DISABLED);
    }
    if connection.syncs.is_running() {
        return Some("A sync of this connection is running already");
    }
    if connection.failures > 0 && !connection.active && !force {
        return Some(
            "The last sync of this connection has failed; it can be synced again only with force",
        );
    }
    if connection.mode == SyncMode::Shared {
        if credentials.is_none() {
            return Some(
                "A connection in mode shared is synced only with your half of the credentials",
            );
        }
        if credentials != connection.credentials.as_deref() {
            return Some("The credentials are not your half of this connection's credentials");
        }
    }
    None
}

pub(super) fn reset(world: &mut World, user: &str, id: &str) -> Outcome {
    if world.own_connection(user, id)?.is_disabled() {
        return Err(Refusal::invalid(DISABLED));
    }
    sessions::open_for(world, id, Purpose::Reset { connection: id.to_owned() }, Step::Login)
}
