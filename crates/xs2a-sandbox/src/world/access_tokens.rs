//! The calls about the access tokens of bank users.

use std::time::Duration;

use super::{
    model::user::{AccessToken, Until},
    state::World,
    users,
};
use crate::{
    answer::{Answer, Outcome, Refusal},
    clock,
    pages::page,
    request::{Fields, Query},
};

/// How long a token is valid if the request does not say so.
const DEFAULT_VALIDITY: Duration = Duration::from_secs(60 * 60);

/// Makes a token for a user. Without `secret`, the secret is a random text.
pub(super) fn add(
    world: &mut World,
    user: &str,
    valid_until: Until,
    secret: Option<String>,
) -> AccessToken {
    let token = AccessToken {
        id: world.new_id(),
        user: user.to_owned(),
        secret: secret.unwrap_or_else(|| world.new_secret()),
        valid_until,
        created_at: world.now(),
    };
    world.token_ids.insert(token.secret.clone(), token.id.clone());
    world.tokens.insert(token.id.clone(), token.clone());
    token
}

pub(super) fn create(world: &mut World, user: &str, body: &Fields) -> Outcome {
    users::find(world, user)?;
    let valid_until = valid_until(world, body)?;
    Ok(Answer::json(201, add(world, user, valid_until, None).json()))
}

pub(super) fn list(world: &World, user: &str, query: &Query) -> Outcome {
    users::find(world, user)?;
    let tokens: Vec<&AccessToken> = world.tokens.values().filter(|t| t.user == user).collect();
    let path = format!("/v1/api/users/{user}/accesstokens");
    page(&path, query, &tokens, |token| token.json())
}

pub(super) fn get(world: &World, user: &str, id: &str) -> Outcome {
    Ok(Answer::json(200, own(world, user, id)?.json()))
}

pub(super) fn refresh(world: &mut World, user: &str, id: &str, body: &Fields) -> Outcome {
    own(world, user, id)?;
    let valid_until = valid_until(world, body)?;
    let token = world.tokens.get_mut(id).ok_or_else(Refusal::not_found)?;
    token.valid_until = valid_until;
    Ok(Answer::json(200, token.json()))
}

pub(super) fn delete(world: &mut World, user: &str, id: &str) -> Outcome {
    own(world, user, id)?;
    world.tokens.shift_remove(id);
    Ok(Answer::acknowledged())
}

fn valid_until(world: &World, body: &Fields) -> Result<Until, Refusal> {
    match body.text("valid_until")? {
        None => Ok(Until::at(clock::after(world.now(), DEFAULT_VALIDITY))),
        Some(text) => {
            Until::read(text).ok_or_else(|| Refusal::invalid("The valid_until is not a valid date"))
        }
    }
}

fn own<'a>(world: &'a World, user: &str, id: &str) -> Result<&'a AccessToken, Refusal> {
    world.tokens.get(id).filter(|token| token.user == user).ok_or_else(Refusal::not_found)
}
