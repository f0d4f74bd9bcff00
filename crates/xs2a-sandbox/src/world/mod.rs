//! The service's state and its rules, without HTTP: calls go in, answers come out, time moves
//! when told.

mod accounts;
mod banks;
mod connections;
mod events;
mod sessions;
mod users;
mod wizard;

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::{
    answer::{Call, Outcome, Refusal},
    clock::{self, Clock},
    routes::{Operation, Scope},
};

use accounts::Account;
pub use accounts::AccountType;
pub use connections::{BankFault, SyncMode};
pub(crate) use connections::{Connection, Seed};
pub(crate) use events::Event;
use sessions::Session;
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
#[derive(Clone)]
pub(crate) struct World {
    settings: Settings,
    clock: Clock,
    random: fastrand::Rng,
    users: IndexMap<String, User>,
    tokens: IndexMap<String, AccessToken>,
    /// Ids of the tokens by their secrets.
    token_ids: HashMap<String, String>,
    connections: IndexMap<String, Connection>,
    accounts: IndexMap<String, Account>,
    /// By transaction id.
    sessions: IndexMap<String, Session>,
    events: VecDeque<Event>,
    outbox: Vec<Event>,
    /// What the bank does at each login with a user name.
    logins: IndexMap<String, BankFault>,
    /// Nothing is due before this.
    quiet_until: Timestamp,
}

// Much of it is secret.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    ApiKey,
    /// A bank user, by id.
    User(String),
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
            logins: IndexMap::new(),
            quiet_until: Timestamp::MAX,
            settings,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass, and with it whatever happens by itself.
    pub(crate) fn advance(&mut self, by: Duration) {
        let target = clock::after(self.now(), by);
        // What is due at the end of time never comes.
        let comes = |due| due <= target && due < Timestamp::MAX;
        while comes(self.quiet_until) {
            self.quiet_until = self.next_due();
            if comes(self.quiet_until) {
                self.clock.set(self.quiet_until);
                self.settle();
            }
        }
        self.clock.set(target);
    }

    /// Something is due then, unless it is called off.
    fn wake_at(&mut self, due: Option<Timestamp>) {
        self.quiet_until = due.map_or(self.quiet_until, |due| due.min(self.quiet_until));
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
            Operation::AdvanceWizard => self.advance_wizard(user, &call.body, &call.base_url),
            Operation::ListAccounts => self.list_accounts(user, &call.query),
            Operation::ListConnectionAccounts => {
                self.list_connection_accounts(user, call.id(0), &call.query)
            }
            Operation::GetAccount => self.get_account(user, call.id(0)),
            Operation::DeleteAccount => self.delete_account(user, call.id(0)),
            Operation::GetAccountBalance => self.get_account_balance(user, call.id(0)),
            Operation::GetAccountTurnovers => {
                self.get_account_turnovers(user, call.id(0), &call.query)
            }
            Operation::MarkAccountAsSeen | Operation::MarkAccountAsSeenUntil => {
                self.mark_account_as_seen(user, call.id(0), call.id(1))
            }
            Operation::GetAccountReport => {
                self.get_account_report(user, call.id(0), call.id(1), &call.query)
            }
            Operation::GetSession => self.get_session(call.id(0)),
            Operation::ListEvents => self.list_events(&call.query),
            Operation::GetEvent => self.get_event(call.id(0)),
            Operation::GetBankCode => Self::get_bank_code(&call.query),
            Operation::ListBankCodes => Self::list_bank_codes(&call.query),
            Operation::AutocompleteBankCodes => Self::autocomplete_bank_codes(&call.query),
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
            .get(self.token_ids.get(secret)?)
            .filter(|token| token.is_valid_at(self.now()))
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

    fn next_due(&self) -> Timestamp {
        let connections = self.connections.values().filter_map(Connection::next_due);
        let sessions = self.sessions.values().filter_map(Session::next_due);
        connections.chain(sessions).min().unwrap_or(Timestamp::MAX)
    }

    fn settle(&mut self) {
        self.settle_connections();
        self.expire_sessions();
    }

    /// The name on the accounts of a bank user.
    fn holder_name(&self, user: &str) -> String {
        self.users.get(user).and_then(|user| user.name()).unwrap_or("Ada Lovelace").to_owned()
    }
}

/// What the properties look at without asking the service.
#[cfg(test)]
impl World {
    pub(crate) fn connection_json(&self, id: &str) -> Option<serde_json::Value> {
        self.connections.get(id).map(|connection| connection.json().to_value())
    }

    pub(crate) fn is_syncing(&self, id: &str) -> bool {
        self.connections.get(id).is_some_and(Connection::is_syncing)
    }

    pub(crate) fn connections_of(&self, user: &str) -> Vec<String> {
        let own = self.connections.iter().filter(|(_, connection)| connection.user == user);
        own.map(|(id, _)| id.clone()).collect()
    }
}
