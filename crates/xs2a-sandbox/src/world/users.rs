//! Bank users and their access tokens.

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime};

use super::World;
use crate::{
    answer::{Answer, Fields, Outcome, Query, Refusal, page},
    clock,
    json::{Json, object},
};

/// How long a token is valid when its creator does not say.
const DEFAULT_VALIDITY: Duration = Duration::from_secs(60 * 60);

#[derive(Clone, Debug)]
pub(super) struct User {
    id: String,
    name: Option<String>,
    email: Option<String>,
    created_at: Timestamp,
}

#[derive(Clone)]
pub(super) struct AccessToken {
    id: String,
    pub(super) user: String,
    pub(super) secret: String,
    valid_until: Until,
    created_at: Timestamp,
}

/// The end of a token. The service gives it back as it was sent; what came with an offset, or as a
/// bare day, it gives back in its own form.
#[derive(Clone)]
struct Until {
    instant: Timestamp,
    text: String,
}

impl Until {
    fn at(instant: Timestamp) -> Self {
        let text = clock::local(instant);
        Self { instant, text }
    }

    fn read(text: String) -> Option<Self> {
        let instant = clock::parse_instant(&text)?;
        let is_own_form = text
            .parse::<DateTime>()
            .is_ok_and(|civil| civil.strftime("%Y-%m-%d %H:%M:%S").to_string() == text);
        Some(if is_own_form { Self { instant, text } } else { Self::at(instant) })
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("id", &self.id)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl User {
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn json(&self) -> Json {
        object! {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "testmode": true,
            "created_at": clock::local(self.created_at),
            "object": "bank_user",
        }
    }
}

impl AccessToken {
    pub(super) fn is_valid_at(&self, now: Timestamp) -> bool {
        now < self.valid_until.instant
    }

    fn json(&self) -> Json {
        object! {
            "id": self.id,
            "token": self.secret,
            "valid_until": self.valid_until.text,
            "created_at": clock::local(self.created_at),
            "object": "bank_user_access_token",
        }
    }
}

impl World {
    /// A bank user with a token that is valid for a year: her id and the token.
    pub(crate) fn add_user_with_token(&mut self, name: String) -> (String, String) {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let user = self.add_user(Some(name), None);
        let id = self.add_token(&user, Until::at(clock::after(self.now(), YEAR)));
        let secret = self.tokens.get(&id).map(|token| token.secret.clone());
        (user, secret.unwrap_or_default())
    }

    fn add_user(&mut self, name: Option<String>, email: Option<String>) -> String {
        let user = User { id: self.new_id(), name, email, created_at: self.now() };
        let id = user.id.clone();
        self.users.insert(id.clone(), user);
        id
    }

    /// A token of the user, by its id.
    fn add_token(&mut self, user: &str, valid_until: Until) -> String {
        let token = AccessToken {
            id: self.new_id(),
            user: user.to_owned(),
            secret: self.new_secret(),
            valid_until,
            created_at: self.now(),
        };
        let id = token.id.clone();
        self.token_ids.insert(token.secret.clone(), id.clone());
        self.tokens.insert(id.clone(), token);
        id
    }

    pub(super) fn create_user(&mut self, body: &Fields) -> Outcome {
        let missing = |name| Refusal::invalid(format!("The {name} is required"));
        let name = body.text("name")?.ok_or_else(|| missing("name"))?;
        let email = body.text("email")?.ok_or_else(|| missing("email"))?;
        if !email.contains('@') {
            return Err(Refusal::invalid("The email must be a valid email address"));
        }
        let id = self.add_user(Some(name), Some(email));
        Ok(Answer::json(201, self.user(&id)?.json()))
    }

    pub(super) fn list_users(&self, query: &Query) -> Outcome {
        let users: Vec<&User> = self.users.values().collect();
        page("/v1/api/users", query, &users, |user| user.json())
    }

    pub(super) fn get_user(&self, id: &str) -> Outcome {
        Ok(Answer::json(200, self.user(id)?.json()))
    }

    /// Whatever belonged to the user goes with her.
    pub(super) fn delete_user(&mut self, id: &str) -> Outcome {
        self.user(id)?;
        self.users.shift_remove(id);
        self.tokens.retain(|_, token| token.user != id);
        self.forget_connections_of(id);
        Ok(Answer::acknowledged())
    }

    pub(super) fn create_access_token(&mut self, user: &str, body: &Fields) -> Outcome {
        self.user(user)?;
        let valid_until = self.valid_until(body)?;
        let id = self.add_token(user, valid_until);
        Ok(Answer::json(201, self.token(user, &id)?.json()))
    }

    pub(super) fn list_access_tokens(&self, user: &str, query: &Query) -> Outcome {
        self.user(user)?;
        let tokens: Vec<&AccessToken> = self.tokens.values().filter(|t| t.user == user).collect();
        let path = format!("/v1/api/users/{user}/accesstokens");
        page(&path, query, &tokens, |token| token.json())
    }

    pub(super) fn get_access_token(&self, user: &str, id: &str) -> Outcome {
        Ok(Answer::json(200, self.token(user, id)?.json()))
    }

    pub(super) fn refresh_access_token(&mut self, user: &str, id: &str, body: &Fields) -> Outcome {
        self.token(user, id)?;
        let valid_until = self.valid_until(body)?;
        if let Some(token) = self.tokens.get_mut(id) {
            token.valid_until = valid_until;
        }
        Ok(Answer::json(200, self.token(user, id)?.json()))
    }

    pub(super) fn delete_access_token(&mut self, user: &str, id: &str) -> Outcome {
        self.token(user, id)?;
        self.tokens.shift_remove(id);
        Ok(Answer::acknowledged())
    }

    fn valid_until(&self, body: &Fields) -> Result<Until, Refusal> {
        match body.text("valid_until")? {
            None => Ok(Until::at(clock::after(self.now(), DEFAULT_VALIDITY))),
            Some(text) => Until::read(text)
                .ok_or_else(|| Refusal::invalid("The valid_until is not a valid date")),
        }
    }

    fn user(&self, id: &str) -> Result<&User, Refusal> {
        self.users.get(id).ok_or_else(Refusal::not_found)
    }

    fn token(&self, user: &str, id: &str) -> Result<&AccessToken, Refusal> {
        self.tokens.get(id).filter(|token| token.user == user).ok_or_else(Refusal::not_found)
    }
}
