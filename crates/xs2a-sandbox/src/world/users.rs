//! The calls about bank users.

use indexmap::IndexSet;

use super::{lifecycle, model::user::User, state::World};
use crate::{
    answer::{Answer, Outcome, Refusal},
    pages::page,
    request::{Fields, Query},
};

/// Makes a user; gives the id.
pub(super) fn add(world: &mut World, name: String, email: Option<String>) -> String {
    let id = world.new_id();
    let (created_at, connections) = (world.now(), IndexSet::new());
    let user = User { id: id.clone(), name: Some(name), email, created_at, connections };
    world.users.insert(id.clone(), user);
    id
}

pub(super) fn create(world: &mut World, body: &Fields) -> Outcome {
    let missing = |name| Refusal::invalid(format!("The {name} is required"));
    let name = body.text("name")?.ok_or_else(|| missing("name"))?;
    let email = body.text("email")?.ok_or_else(|| missing("email"))?;
    if !email.contains('@') {
        return Err(Refusal::invalid("The email must be a valid email address"));
    }
    let id = add(world, name, Some(email));
    Ok(Answer::json(201, find(world, &id)?.json()))
}

pub(super) fn list(world: &World, query: &Query) -> Outcome {
    let users: Vec<&User> = world.users.values().collect();
    page("/v1/api/users", query, &users, |user| user.json())
}

pub(super) fn get(world: &World, id: &str) -> Outcome {
    Ok(Answer::json(200, find(world, id)?.json()))
}

/// Deletes the user, and with the user the tokens, connections, sessions and accounts. Syncs that
/// are under way never end.
pub(super) fn delete(world: &mut World, id: &str) -> Outcome {
    let connections = find(world, id)?.connections.clone();
    for connection in connections {
        lifecycle::record_deletion(world, &connection);
    }
    world.users.shift_remove(id);
    world.tokens.retain(|_, token| token.user != id);
    world.connections.retain(|_, connection| connection.user != id);
    world.sessions.retain(|_, session| session.user != id);
    world.accounts.retain(|_, account| account.user != id);
    Ok(Answer::acknowledged())
}

pub(super) fn find<'a>(world: &'a World, id: &str) -> Result<&'a User, Refusal> {
    world.users.get(id).ok_or_else(Refusal::not_found)
}
