//! Bank connections and what a sync of them means.

use std::{collections::VecDeque, time::Duration};

use jiff::{Timestamp, civil::Date};

use super::{
    AccountType, World,
    sessions::{Purpose, Step},
};
use crate::{
    answer::{Answer, Fields, Outcome, Query, Refusal, page},
    bank::{self, Bank, Challenge},
    clock,
    json::{Json, object},
};

/// Failures in a row after which a connection is disabled for good.
const STRIKES: u32 = 3;
const DISABLED: &str =
    "The connection is disabled after 3 failures in a row; delete it and create it anew";
/// For how many days after a login the bank may be asked without the user.
const CONSENT_DAYS: i64 = 90;
/// How long after the last sync a connection in mode full is synced by itself.
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who keeps the credentials of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncMode {
    /// The service, which syncs by itself once a day.
    #[default]
    Full,
    /// The service one half, the customer the other.
    Shared,
    /// Nobody: every sync needs the user.
    None,
}

impl SyncMode {
    pub(crate) const NAMES: &[&str] = &["full", "shared", "none"];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Shared => "shared",
            Self::None => "none",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Full, Self::Shared, Self::None].into_iter().find(|mode| mode.name() == name)
    }
}

/// What the bank does at the next login without the user, instead of letting it through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BankFault {
    /// The bank rejects the credentials: the sync fails and counts.
    WrongPassword,
    /// The bank has a technical trouble: the sync fails and counts.
    Unavailable,
    /// The bank asks for a TAN: a sync that was asked for needs the user (202), an automatic one
    /// fails and the connection falls back to mode none.
    TanRequired,
    /// The bank has lost the consent: as [`BankFault::TanRequired`], and `consent_valid_until`
    /// lies in the past from then on.
    ConsentGone,
    /// The bank takes this long on the sandbox's clock, and then lets the sync through.
    Slow(Duration),
}

/// How a login at the bank ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Success,
    Failure { message: &'static str },
}

/// What the bank says to a login without the user.
enum LogIn {
    /// It goes through and ends so, after so long.
    Runs(Ending, Duration),
    /// The user has to come, and starts at this step.
    NeedsUser(Step),
}

/// A sync that runs in the background.
#[derive(Clone, Copy, Debug)]
struct Running {
    ends: Timestamp,
    ending: Ending,
}

#[derive(Clone)]
pub(crate) struct Connection {
    id: String,
    pub(super) transaction: String,
    pub(super) user: String,
    pub(super) bank: &'static Bank,
    /// User name at the bank.
    pub(super) login: String,
    /// How far back turnovers are fetched.
    pub(super) days: i64,
    /// The mode it was made with, to which a success returns it.
    chosen_mode: SyncMode,
    mode: SyncMode,
    active: bool,
    message: Option<String>,
    failures: u32,
    last_synced: Option<Timestamp>,
    consent_until: Option<Date>,
    created_at: Timestamp,
    /// The customer's half of the credentials.
    credentials: Option<String>,
    running: Option<Running>,
    next_automatic: Option<Timestamp>,
    script: VecDeque<BankFault>,
    /// Accounts that the next sync will find.
    unseen_accounts: Vec<AccountType>,
}

// The customer's half of the credentials stays out.
impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .field("mode", &self.mode)
            .field("active", &self.active)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// A connection that a test wants to find ready made.
#[derive(Clone)]
pub(crate) struct Seed {
    pub(crate) mode: SyncMode,
    pub(crate) failures: u32,
    pub(crate) active: Option<bool>,
    pub(crate) message: Option<String>,
    pub(crate) never_synced: bool,
    pub(crate) consent_until: Option<Date>,
    pub(crate) credentials: Option<String>,
    pub(crate) login: String,
    pub(crate) bank: &'static Bank,
    pub(crate) days: i64,
    /// Positions of the accounts to take of those that a login opens; none takes all.
    pub(crate) picked: Option<Vec<usize>>,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            mode: SyncMode::Full,
            failures: 0,
            active: None,
            message: None,
            never_synced: false,
            consent_until: None,
            credentials: None,
            login: "abcdef".to_owned(),
            bank: &bank::TEST_BANK,
            days: 90,
            picked: None,
        }
    }
}

impl Connection {
    pub(super) fn json(&self) -> Json {
        object! {
            "id": self.id,
            "transaction": self.transaction,
            "bic": self.bank.bic,
            "bank_name": self.bank.name,
            "country_id": self.bank.country,
            "sync_mode": self.mode.name(),
            "sync_active": self.active,
            "sync_message": self.message,
            "sync_fail_counter": self.failures,
            "last_synced": self.last_synced.map(clock::local),
            "consent_valid_until": self.consent_until.map(|date| date.to_string()),
            "testmode": true,
            "created_at": clock::local(self.created_at),
            "object": "bank_connection",
        }
    }

    pub(super) fn is_syncing(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.failures >= STRIKES
    }

    /// When something happens to it next without anybody asking.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        match self.running {
            Some(running) => Some(running.ends),
            None => self.next_automatic,
        }
    }

    fn plan_automatic(&mut self, from: Timestamp) {
        let automatic = self.mode == SyncMode::Full && self.active && !self.is_disabled();
        self.next_automatic = automatic.then(|| clock::after(from, DAILY));
    }

    fn succeed(&mut self, now: Timestamp) {
        self.running = None;
        self.failures = 0;
        self.message = None;
        self.mode = self.chosen_mode;
        self.active = self.mode == SyncMode::Full;
        self.last_synced = Some(now);
        self.plan_automatic(now);
    }

    fn fail(&mut self, message: &str, fall_back: bool) {
        self.running = None;
        self.failures += 1;
        self.active = false;
        self.message = Some(message.to_owned());
        if fall_back && self.mode == SyncMode::Full {
            self.mode = SyncMode::None;
        }
        self.next_automatic = None;
    }

    fn consent_is_past(&self, now: Timestamp) -> bool {
        self.consent_until.is_some_and(|until| until < clock::day(now))
    }

    /// What comes of a login without the user.
    fn log_in(&mut self, now: Timestamp, usually: Duration, standing: Option<BankFault>) -> LogIn {
        let fault = self.script.pop_front().or(standing);
        if fault == Some(BankFault::ConsentGone) {
            self.consent_until = Some(clock::days_from(clock::day(now), -1));
        }
        if self.consent_is_past(now) {
            return LogIn::NeedsUser(Step::Login);
        }
        let failure = |message| LogIn::Runs(Ending::Failure { message }, usually);
        match fault {
            None => LogIn::Runs(Ending::Success, usually),
            Some(BankFault::Slow(takes)) => LogIn::Runs(Ending::Success, takes),
            Some(BankFault::WrongPassword) => failure("The bank has rejected the login"),
            Some(BankFault::Unavailable) => failure("The bank cannot be reached at present"),
            Some(BankFault::TanRequired) => LogIn::NeedsUser(Step::Challenge(Challenge::Tan)),
            Some(BankFault::ConsentGone) => LogIn::NeedsUser(Step::Login),
        }
    }
}

impl World {
    pub(super) fn list_connections(&self, user: &str, query: &Query) -> Outcome {
        let own: Vec<&Connection> = self.connections.values().filter(|c| c.user == user).collect();
        page("/v1/api/connections", query, &own, |connection| connection.json())
    }

    pub(super) fn get_connection(&self, user: &str, id: &str) -> Outcome {
        let by_transaction = || self.connections.values().find(|c| c.transaction == id);
        self.connections
            .get(id)
            .or_else(by_transaction)
            .filter(|connection| connection.user == user)
            .map(|connection| Answer::json(200, connection.json()))
            .ok_or_else(Refusal::not_found)
    }

    pub(super) fn delete_connection(&mut self, user: &str, id: &str) -> Outcome {
        self.own_connection(user, id)?;
        self.connection_event(id, "bank_connection.deleted", "A connection was deleted");
        self.connections.shift_remove(id);
        self.end_sessions_of(id);
        for account in self.accounts.values_mut().filter(|a| a.belongs_to(id)) {
            account.connection = None;
        }
        Ok(Answer::acknowledged())
    }

    pub(super) fn sync_connection(&mut self, user: &str, id: &str, body: &Fields) -> Outcome {
        self.own_connection(user, id)?;
        let force = body.flag("force")?;
        let credentials = body.text("credentials")?;
        let (now, usually) = (self.now(), self.settings.sync_takes);
        let Some(connection) = self.connections.get_mut(id) else {
            return Err(Refusal::not_found());
        };

        if connection.is_disabled() {
            return Err(Refusal::invalid(DISABLED));
        }
        if connection.is_syncing() {
            return Err(Refusal::invalid("A sync of this connection is running already"));
        }
        if connection.failures > 0 && !connection.active && !force {
            return Err(Refusal::invalid(
                "The last sync of this connection has failed; it can be synced again only with force",
            ));
        }
        if connection.mode == SyncMode::Shared {
            if credentials.is_none() {
                return Err(Refusal::invalid(
                    "A connection in mode shared is synced only with your half of the credentials",
                ));
            }
            if credentials != connection.credentials {
                return Err(Refusal::invalid(
                    "The credentials are not your half of this connection's credentials",
                ));
            }
        }
        let standing = self.logins.get(&connection.login).copied();
        let login = if connection.mode == SyncMode::None {
            LogIn::NeedsUser(Step::Login)
        } else {
            connection.log_in(now, usually, standing)
        };
        match login {
            LogIn::Runs(ending, takes) => {
                connection.running = Some(Running { ends: clock::after(now, takes), ending });
                let due = connection.next_due();
                self.wake_at(due);
                self.connection_event(id, "bank_connection.sync_started", "A sync has started");
                Ok(Answer::empty(204))
            }
            LogIn::NeedsUser(step) => {
                let purpose = Purpose::Sync { connection: id.to_owned() };
                self.open_session_for(id, purpose, vec![step])
            }
        }
    }

    pub(super) fn reset_connection(&mut self, user: &str, id: &str) -> Outcome {
        if self.own_connection(user, id)?.is_disabled() {
            return Err(Refusal::invalid(DISABLED));
        }
        let purpose = Purpose::Reset { connection: id.to_owned() };
        self.open_session_for(id, purpose, vec![Step::Login])
    }

    pub(super) fn forget_connections_of(&mut self, user: &str) {
        self.connections.retain(|_, connection| connection.user != user);
        self.sessions.retain(|_, session| session.user != user);
        self.accounts.retain(|_, account| account.user != user);
    }

    pub(super) fn own_connection(
        &mut self,
        user: &str,
        id: &str,
    ) -> Result<&mut Connection, Refusal> {
        self.connections
            .get_mut(id)
            .filter(|connection| connection.user == user)
            .ok_or_else(Refusal::not_found)
    }

    /// A connection made without a wizard, for tests that want one ready.
    pub(crate) fn add_connection(&mut self, user: &str, seed: &Seed) -> Option<String> {
        self.users.get(user)?;
        let transaction = self.new_id();
        Some(self.insert_connection(user, &transaction, seed))
    }

    pub(super) fn insert_connection(
        &mut self,
        user: &str,
        transaction: &str,
        seed: &Seed,
    ) -> String {
        let now = self.now();
        let id = self.new_id();
        let half = self.new_secret();
        let mut connection = Connection {
            id: id.clone(),
            transaction: transaction.to_owned(),
            user: user.to_owned(),
            bank: seed.bank,
            login: seed.login.clone(),
            days: seed.days,
            chosen_mode: seed.mode,
            mode: seed.mode,
            active: seed.active.unwrap_or(seed.mode == SyncMode::Full && seed.failures == 0),
            message: seed.message.clone().or_else(|| {
                (seed.failures > 0).then(|| "The bank has rejected the login".to_owned())
            }),
            failures: seed.failures,
            last_synced: (!seed.never_synced).then_some(now),
            consent_until: Some(
                seed.consent_until
                    .unwrap_or_else(|| clock::days_from(clock::day(now), CONSENT_DAYS)),
            ),
            created_at: now,
            credentials: (seed.mode == SyncMode::Shared)
                .then(|| seed.credentials.clone().unwrap_or(half)),
            running: None,
            next_automatic: None,
            script: VecDeque::new(),
            unseen_accounts: Vec::new(),
        };
        connection.plan_automatic(now);
        self.wake_at(connection.next_due());
        self.connections.insert(id.clone(), connection);
        for (position, kind) in AccountType::OF_A_LOGIN.into_iter().enumerate() {
            if seed.picked.as_ref().is_none_or(|picked| picked.contains(&position)) {
                self.open_account(&id, kind);
            }
        }
        self.connection_event(&id, "bank_connection.created", "A connection was made");
        id
    }

    /// The customer's half of the credentials of a connection in mode shared.
    pub(crate) fn credentials(&self, connection: &str) -> Option<String> {
        self.connections.get(connection)?.credentials.clone()
    }

    /// Lines up what the bank does at the next logins without the user.
    pub(crate) fn script(&mut self, connection: &str, fault: BankFault) -> bool {
        let found = self.connections.get_mut(connection);
        found.map(|c| c.script.push_back(fault)).is_some()
    }

    /// Has the bank open an account, which the next sync will find.
    pub(crate) fn open_account_at_bank(&mut self, connection: &str, kind: AccountType) -> bool {
        let found = self.connections.get_mut(connection);
        found.map(|c| c.unseen_accounts.push(kind)).is_some()
    }

    /// What the bank does from now on at each login with this user name.
    pub(crate) fn set_login(&mut self, login: &str, fault: Option<BankFault>) {
        match fault {
            Some(fault) => self.logins.insert(login.to_owned(), fault),
            None => self.logins.shift_remove(login),
        };
    }

    /// The user has logged in at the bank herself: new data, and a new consent.
    pub(super) fn user_has_logged_in(&mut self, id: &str, login: &str) {
        let today = clock::day(self.now());
        if let Some(connection) = self.connections.get_mut(id) {
            connection.login = login.to_owned();
            connection.consent_until = Some(clock::days_from(today, CONSENT_DAYS));
        }
        self.sync_succeeded(id);
    }

    fn sync_succeeded(&mut self, id: &str) {
        let now = self.now();
        let Some(connection) = self.connections.get_mut(id) else {
            return;
        };
        connection.succeed(now);
        let due = connection.next_due();
        self.wake_at(due);
        self.fetch_turnovers(id);
        let new = self.connections.get_mut(id).map(|c| std::mem::take(&mut c.unseen_accounts));
        for kind in new.unwrap_or_default() {
            self.open_account(id, kind);
        }
        self.connection_event(id, "bank_connection.synced", "A sync has succeeded");
    }

    pub(super) fn sync_failed(&mut self, id: &str, message: &str, fall_back: bool) {
        if let Some(connection) = self.connections.get_mut(id) {
            connection.fail(message, fall_back);
        }
        self.connection_event(id, "bank_connection.sync_failed", "A sync has failed");
    }

    fn connection_event(&mut self, id: &str, kind: &'static str, message: &'static str) {
        if let Some(connection) = self.connections.get(id) {
            let (transaction, data) = (connection.transaction.clone(), connection.json());
            self.happened(kind, message, Some(transaction), data);
        }
    }

    /// Whatever is due by now happens: syncs end, daily syncs start.
    pub(super) fn settle_connections(&mut self) {
        let (now, usually) = (self.now(), self.settings.sync_takes);
        let due = self.connections.values().filter(|c| c.next_due().is_some_and(|due| due <= now));
        let due: Vec<String> = due.map(|connection| connection.id.clone()).collect();
        for id in due {
            let Some(connection) = self.connections.get_mut(&id) else {
                continue;
            };
            if let Some(running) = connection.running {
                match running.ending {
                    Ending::Success => self.sync_succeeded(&id),
                    Ending::Failure { message } => self.sync_failed(&id, message, false),
                }
                continue;
            }
            let standing = self.logins.get(&connection.login).copied();
            match connection.log_in(now, usually, standing) {
                LogIn::Runs(ending, takes) => {
                    connection.running = Some(Running { ends: clock::after(now, takes), ending });
                    let due = connection.next_due();
                    self.wake_at(due);
                    self.connection_event(
                        &id,
                        "bank_connection.sync_started",
                        "A sync has started",
                    );
                }
                LogIn::NeedsUser(_) => self.sync_failed(&id, "The bank asks for the user", true),
            }
        }
    }
}
