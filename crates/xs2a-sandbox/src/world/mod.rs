//! The service's state and its rules, without HTTP: calls go in, answers come out, time moves
//! when told.

mod connections;
mod users;

use std::time::Duration;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::{
    answer::{Call, Outcome, Refusal},
    clock::{self, Clock},
    routes::{Operation, Scope},
};

pub use connections::{BankFault, SyncMode};
pub(crate) use connections::{Connection, Seed};
use users::{AccessToken, User};

/// How the world is made; the same settings and the same calls give the same answers.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    /// How long a background sync runs on the sandbox's clock.
    pub(crate) sync_takes: Duration,
}

/// Everything the service knows.
#[derive(Debug)]
pub(crate) struct World {
    settings: Settings,
    clock: Clock,
    random: fastrand::Rng,
    users: IndexMap<String, User>,
    tokens: IndexMap<String, AccessToken>,
    connections: IndexMap<String, Connection>,
    sessions: IndexMap<String, Session>,
}

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    ApiKey,
    /// A bank user, by id.
    User(String),
}

/// A wizard session, by its transaction id.
#[derive(Clone)]
pub(crate) struct Session {
    key: String,
    transaction: String,
    user: String,
    purpose: Purpose,
    finished: bool,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("transaction", &self.transaction)
            .field("purpose", &self.purpose)
            .field("finished", &self.finished)
            .finish_non_exhaustive()
    }
}

/// What a wizard session is for.
#[derive(Clone, Debug)]
enum Purpose {
    Create { mode: SyncMode },
    Sync { connection: String },
    Reset { connection: String },
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            clock: Clock::starting_at(settings.start),
            random: fastrand::Rng::with_seed(settings.seed),
            users: IndexMap::new(),
            tokens: IndexMap::new(),
            connections: IndexMap::new(),
            sessions: IndexMap::new(),
            settings,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass, and with it whatever happens by itself.
    pub(crate) fn advance(&mut self, by: Duration) {
        let target = clock::after(self.now(), by);
        while let Some(due) = self.next_due().filter(|due| *due <= target) {
            self.clock.set(due);
            self.settle();
        }
        self.clock.set(target);
    }

    /// One request of a known caller.
    pub(crate) fn call(&mut self, caller: &Caller, call: &Call<'_>) -> Outcome {
        // A tick per request gives every answer a time of its own without a wall clock.
        self.advance(Duration::from_secs(1));
        let user = match (call.operation.scope(), caller) {
            (Scope::ApiKey, Caller::ApiKey) => "",
            (Scope::AccessToken, Caller::User(user)) => user.as_str(),
            (Scope::ApiKey, Caller::User(_)) => {
                return Err(Refusal::new(
                    401,
                    "This asks for the API key, and was sent an access token",
                ));
            }
            (Scope::AccessToken, Caller::ApiKey) => {
                return Err(Refusal::new(
                    401,
                    "This asks for the access token of a bank user, and was sent the API key",
                ));
            }
        };
        match call.operation {
            Operation::CreateConnection => self.create_connection(user, &call.body),
            Operation::ListConnections => self.list_connections(user, &call.query),
            Operation::GetConnection => self.get_connection(user, call.id(0)),
            Operation::DeleteConnection => self.delete_connection(user, call.id(0)),
            Operation::SyncConnection => self.sync_connection(user, call.id(0), &call.body),
            Operation::ResetConnection => self.reset_connection(user, call.id(0)),
            Operation::CreateUser => self.create_user(&call.body),
            Operation::ListUsers => self.list_users(&call.query),
            Operation::GetUser => self.get_user(call.id(0)),
            Operation::DeleteUser => self.delete_user(call.id(0)),
            Operation::CreateAccessToken => self.create_access_token(call.id(0), &call.body),
            Operation::ListAccessTokens => self.list_access_tokens(call.id(0), &call.query),
            Operation::GetAccessToken => self.get_access_token(call.id(0), call.id(1)),
            Operation::RefreshAccessToken => {
                self.refresh_access_token(call.id(0), call.id(1), &call.body)
            }
            Operation::DeleteAccessToken => self.delete_access_token(call.id(0), call.id(1)),
        }
    }

    /// The bank user whose token this is, if it is valid now.
    pub(crate) fn user_of_token(&self, secret: &str) -> Option<String> {
        self.tokens
            .values()
            .find(|token| token.secret == secret && token.is_valid_at(self.now()))
            .map(|token| token.user.clone())
    }

    /// Sixteen letters and digits.
    fn new_id(&mut self) -> String {
        self.random_text(16)
    }

    /// Forty letters and digits.
    fn new_secret(&mut self) -> String {
        self.random_text(40)
    }

    fn random_text(&mut self, length: usize) -> String {
        (0..length).map(|_| self.random.alphanumeric()).collect()
    }

    fn open_session(&mut self, user: &str, purpose: Purpose) -> Session {
        let session = Session {
            key: self.new_secret(),
            transaction: self.new_id(),
            user: user.to_owned(),
            purpose,
            finished: false,
        };
        self.sessions
            .insert(session.transaction.clone(), session.clone());
        session
    }

    /// The user walks through the wizard and everything goes well.
    pub(crate) fn complete_session(&mut self, transaction: &str) -> Option<String> {
        let session = self
            .sessions
            .get_mut(transaction)
            .filter(|session| !session.finished)?;
        session.finished = true;
        let session = session.clone();
        Some(match session.purpose {
            Purpose::Create { mode } => self.insert_connection(
                &session.user,
                &session.transaction,
                &Seed {
                    mode,
                    ..Seed::default()
                },
            ),
            Purpose::Sync { connection } => {
                self.sync_succeeded(&connection);
                connection
            }
            Purpose::Reset { connection } => {
                self.sync_succeeded(&connection);
                connection
            }
        })
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.connections
            .values()
            .filter_map(Connection::next_due)
            .min()
    }
}
