//! Everything that the service knows, and what every part of the service needs of it: the time,
//! new ids, and events.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use indexmap::IndexMap;
use jiff::Timestamp;

use super::{
    agenda::Agenda,
    model::{
        account::Account,
        bank_fault::BankFault,
        connection::Connection,
        counts::Tally,
        event::Event,
        session::Session,
        user::{AccessToken, User},
        wizard_script::WizardScript,
    },
};
use crate::{answer::Refusal, clock::Clock, json::Json};

/// How many events can be looked up: the latest ones.
const KEPT_EVENTS: usize = 10_000;

/// How many events one change leaves for those who watch, if no event has to be delivered.
const WATCHED_EVENTS: usize = 200;

/// What a world is made from. The same settings and the same calls give the same answers.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    /// How long a background sync runs on the sandbox's clock.
    pub(crate) sync_takes: Duration,
    /// How far each request moves the clock.
    pub(crate) tick: Duration,
    /// Whether somebody takes the events for delivery.
    pub(crate) delivers: bool,
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
    /// Ids of the connections by their transactions.
    pub(super) connection_ids: HashMap<String, String>,
    /// The counts of every connection, also of those that are gone.
    pub(super) tallies: IndexMap<String, Tally>,
    pub(super) accounts: IndexMap<String, Account>,
    /// Sessions by their transactions.
    pub(super) sessions: IndexMap<String, Session>,
    /// Transactions of the sessions by their keys.
    pub(super) session_keys: HashMap<String, String>,
    pub(super) events: VecDeque<Event>,
    /// Events that nobody has taken yet.
    outbox: VecDeque<Event>,
    /// What the bank does at each login with a user name.
    pub(super) logins: HashMap<String, BankFault>,
    /// What the wizard shows after a login with a user name.
    pub(super) scripts: HashMap<String, Arc<WizardScript>>,
    /// What the wizard shows in the next sessions.
    pub(super) next_scripts: VecDeque<Arc<WizardScript>>,
    pub(super) agenda: Agenda,
    /// How many connections and sessions were made.
    made: u64,
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
            connection_ids: HashMap::new(),
            tallies: IndexMap::new(),
            accounts: IndexMap::new(),
            sessions: IndexMap::new(),
            session_keys: HashMap::new(),
            events: VecDeque::new(),
            outbox: VecDeque::new(),
            logins: HashMap::new(),
            scripts: HashMap::new(),
            next_scripts: VecDeque::new(),
            agenda: Agenda::default(),
            made: 0,
            settings,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The events that nobody has taken yet.
    pub(crate) fn take_outbox(&mut self) -> VecDeque<Event> {
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

    /// Keeps a new connection, and starts its counts.
    pub(super) fn keep(&mut self, connection: Connection) {
        let id = connection.id.clone();
        if let Some(user) = self.users.get_mut(&connection.user) {
            user.connections.insert(id.clone());
        }
        self.connection_ids.insert(connection.transaction.clone(), id.clone());
        self.tallies.insert(id.clone(), Tally::default());
        self.connections.insert(id, connection);
    }

    /// Lets go of a connection.
    pub(super) fn drop_connection(&mut self, id: &str) -> Option<Connection> {
        let connection = self.connections.shift_remove(id)?;
        self.connection_ids.remove(&connection.transaction);
        if let Some(user) = self.users.get_mut(&connection.user) {
            user.connections.shift_remove(id);
        }
        Some(connection)
    }

    /// The number of the next connection or session.
    pub(super) fn new_number(&mut self) -> u64 {
        self.made += 1;
        self.made
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

    /// Records an event, and hands it over for delivery and to those who watch.
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
        // Without a delivery, the latest events are for whoever watches.
        if !self.settings.delivers && self.outbox.len() == WATCHED_EVENTS {
            self.outbox.pop_front();
        }
        self.outbox.push_back(event.clone());
        self.events.push_back(event);
    }
}
