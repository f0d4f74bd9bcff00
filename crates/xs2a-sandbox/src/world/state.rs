//! Everything that the service knows, and what every part of the service needs of it: the time,
//! new ids, and events.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use indexmap::IndexMap;
use jiff::Timestamp;

use super::model::{
    account::Account,
    connection::{BankFault, Connection},
    event::Event,
    session::Session,
    user::{AccessToken, User},
};
use crate::{answer::Refusal, clock::Clock, json::Json};

/// How many events can be looked up: the latest ones.
const KEPT_EVENTS: usize = 10_000;

/// What a world is made from. The same settings and the same calls give the same answers.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    /// How long a background sync runs on the sandbox's clock.
    pub(crate) sync_takes: Duration,
}

/// Everything that the service knows.
#[derive(Clone)]
pub(crate) struct World {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) random: fastrand::Rng,
    pub(super) users: IndexMap<String, User>,
    pub(super) tokens: IndexMap<String, AccessToken>,
    /// Ids of the tokens by their secrets.
    pub(super) token_ids: HashMap<String, String>,
    pub(super) connections: IndexMap<String, Connection>,
    pub(super) accounts: IndexMap<String, Account>,
    /// Sessions by their transactions.
    pub(super) sessions: IndexMap<String, Session>,
    pub(super) events: VecDeque<Event>,
    /// Events that were not delivered yet.
    outbox: Vec<Event>,
    /// What the bank does at each login with a user name.
    pub(super) logins: HashMap<String, BankFault>,
    /// Nothing is due before this instant.
    pub(super) quiet_until: Timestamp,
}

// Much of the content is secret.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            clock: Clock::starting_at(settings.start),
            random: fastrand::Rng::with_seed(settings.seed),
            users: IndexMap::new(),
            tokens: IndexMap::new(),
            token_ids: HashMap::new(),
            connections: IndexMap::new(),
            accounts: IndexMap::new(),
            sessions: IndexMap::new(),
            events: VecDeque::new(),
            outbox: Vec::new(),
            logins: HashMap::new(),
            quiet_until: Timestamp::MAX,
            settings,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The events that were not delivered yet.
    pub(crate) fn take_outbox(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.outbox)
    }

    /// The bank user whose token this is, if the token is valid now.
    pub(crate) fn user_of_token(&self, secret: &str) -> Option<&str> {
        let token = self.tokens.get(self.token_ids.get(secret)?)?;
        token.is_valid_at(self.now()).then_some(token.user.as_str())
    }

    /// The connection with this id, if it belongs to the user.
    pub(super) fn own_connection(&self, user: &str, id: &str) -> Result<&Connection, Refusal> {
        let connection = self.connections.get(id).filter(|connection| connection.user == user);
        connection.ok_or_else(Refusal::not_found)
    }

    /// Remembers that something is due at this instant.
    pub(super) fn wake_at(&mut self, due: Option<Timestamp>) {
        if let Some(due) = due {
            self.quiet_until = self.quiet_until.min(due);
        }
    }

    /// Sixteen random letters and digits.
    pub(super) fn new_id(&mut self) -> String {
        self.random_text(16)
    }

    /// Forty random letters and digits.
    pub(super) fn new_secret(&mut self) -> String {
        self.random_text(40)
    }

    fn random_text(&mut self, length: usize) -> String {
        (0..length).map(|_| self.random.alphanumeric()).collect()
    }

    /// Records an event, and hands it over for delivery.
    pub(super) fn record(
        &mut self,
        kind: &'static str,
        message: &'static str,
        transaction: String,
        data: Json,
    ) {
        let transaction = Some(transaction);
        let event = Event { id: self.new_id(), transaction, kind, message, data, at: self.now() };
        if self.events.len() == KEPT_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event.clone());
        self.outbox.push(event);
    }
}
