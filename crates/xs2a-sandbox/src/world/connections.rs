//! Bank connections and what a sync of them means.

use std::{collections::VecDeque, time::Duration};

use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};

use super::{Purpose, Session, World};
use crate::{
    answer::{Answer, Fields, Outcome, Query, Refusal, page},
    clock,
};

/// Failures in a row after which a connection is disabled for good.
const STRIKES: u32 = 3;
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
        [Self::Full, Self::Shared, Self::None]
            .into_iter()
            .find(|mode| mode.name() == name)
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
    Failure {
        message: &'static str,
        fall_back: bool,
    },
}

/// A sync that runs in the background.
#[derive(Clone, Copy, Debug)]
struct Running {
    ends: Timestamp,
    ending: Ending,
}

#[derive(Clone, Debug)]
pub(crate) struct Connection {
    id: String,
    transaction: String,
    user: String,
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
}

/// A connection that a test wants to find ready made.
#[derive(Clone, Debug)]
pub(crate) struct Seed {
    pub(crate) mode: SyncMode,
    pub(crate) failures: u32,
    pub(crate) active: Option<bool>,
    pub(crate) message: Option<String>,
    pub(crate) never_synced: bool,
    pub(crate) consent_until: Option<Date>,
    pub(crate) credentials: Option<String>,
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
        }
    }
}

impl Connection {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "transaction": self.transaction,
            "bic": "TESTDE88XXX",
            "bank_name": "Testbank",
            "country_id": "DE",
            "sync_mode": self.mode.name(),
            "sync_active": self.active,
            "sync_message": self.message,
            "sync_fail_counter": self.failures,
            "last_synced": self.last_synced.map(clock::local),
            "consent_valid_until": self.consent_until.map(|date| date.to_string()),
            "testmode": true,
            "created_at": clock::local(self.created_at),
            "object": "bank_connection",
        })
    }

    fn is_disabled(&self) -> bool {
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
        self.consent_until
            .is_some_and(|until| until < clock::day(now))
    }

    /// What comes of a login without the user: an ending and how long it takes, or none when
    /// the bank wants the user.
    fn log_in(&mut self, now: Timestamp, usually: Duration) -> Option<(Ending, Duration)> {
        let fault = self.script.pop_front();
        if fault == Some(BankFault::ConsentGone) {
            self.consent_until = Some(clock::days_from(clock::day(now), -1));
        }
        if self.consent_is_past(now) {
            return None;
        }
        let failure = |message| Ending::Failure {
            message,
            fall_back: false,
        };
        match fault {
            None => Some((Ending::Success, usually)),
            Some(BankFault::Slow(takes)) => Some((Ending::Success, takes)),
            Some(BankFault::WrongPassword) => {
                Some((failure("The bank has rejected the login"), usually))
            }
            Some(BankFault::Unavailable) => {
                Some((failure("The bank cannot be reached at present"), usually))
            }
            Some(BankFault::TanRequired | BankFault::ConsentGone) => None,
        }
    }
}

fn session_json(session: &Session) -> Value {
    json!({
        "wizard_session_key": session.key,
        "transaction": session.transaction,
    })
}

impl World {
    pub(super) fn create_connection(&mut self, user: &str, body: &Fields) -> Outcome {
        let mode = body
            .choice("sync_mode", SyncMode::NAMES)?
            .and_then(SyncMode::from_name)
            .unwrap_or_default();
        body.choice("account_selection", &["all", "multi", "single"])?;
        body.choice("language", &["de", "en", "es", "fr", "it"])?;
        for number in ["days", "limit_days"] {
            body.count(number)?;
        }
        for text in ["bic", "country_id", "fints_product_id"] {
            body.text(text)?;
        }
        let session = self.open_session(user, Purpose::Create { mode });
        Ok(Answer::json(201, session_json(&session)))
    }

    pub(super) fn list_connections(&self, user: &str, query: &Query) -> Outcome {
        let own: Vec<&Connection> = self
            .connections
            .values()
            .filter(|c| c.user == user)
            .collect();
        page("/v1/api/connections", query, &own, |connection| {
            connection.json()
        })
    }

    pub(super) fn get_connection(&self, user: &str, id: &str) -> Outcome {
        let connection = self
            .connections
            .values()
            .find(|c| c.user == user && (c.id == id || c.transaction == id))
            .ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(200, connection.json()))
    }

    pub(super) fn delete_connection(&mut self, user: &str, id: &str) -> Outcome {
        self.own_connection(user, id)?;
        self.connections.shift_remove(id);
        self.close_sessions_of(id);
        Ok(Answer::acknowledged())
    }

    pub(super) fn sync_connection(&mut self, user: &str, id: &str, body: &Fields) -> Outcome {
        let force = body.flag("force")?;
        let credentials = body.text("credentials")?;
        let (now, usually) = (self.now(), self.settings.sync_takes);
        let connection = self.own_connection(user, id)?;

        if connection.is_disabled() {
            return Err(Refusal::invalid(
                "The connection is disabled after 3 failures in a row; delete it and create it anew",
            ));
        }
        if connection.running.is_some() {
            return Err(Refusal::invalid(
                "A sync of this connection is running already",
            ));
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
        let login = if connection.mode == SyncMode::None {
            None
        } else {
            connection.log_in(now, usually)
        };
        match login {
            Some((ending, takes)) => {
                connection.running = Some(Running {
                    ends: clock::after(now, takes),
                    ending,
                });
                Ok(Answer::empty(204))
            }
            None => {
                let purpose = Purpose::Sync {
                    connection: id.to_owned(),
                };
                let session = self.open_session(user, purpose);
                Ok(Answer::json(202, session_json(&session)))
            }
        }
    }

    pub(super) fn reset_connection(&mut self, user: &str, id: &str) -> Outcome {
        if self.own_connection(user, id)?.is_disabled() {
            return Err(Refusal::invalid(
                "The connection is disabled after 3 failures in a row; delete it and create it anew",
            ));
        }
        let purpose = Purpose::Reset {
            connection: id.to_owned(),
        };
        let session = self.open_session(user, purpose);
        Ok(Answer::json(202, session_json(&session)))
    }

    pub(super) fn forget_connections_of(&mut self, user: &str) {
        self.connections
            .retain(|_, connection| connection.user != user);
        self.sessions.retain(|_, session| session.user != user);
    }

    fn own_connection(&mut self, user: &str, id: &str) -> Result<&mut Connection, Refusal> {
        self.connections
            .get_mut(id)
            .filter(|connection| connection.user == user)
            .ok_or_else(Refusal::not_found)
    }

    fn close_sessions_of(&mut self, gone: &str) {
        self.sessions.retain(|_, session| match &session.purpose {
            Purpose::Create { .. } => true,
            Purpose::Sync { connection } | Purpose::Reset { connection } => connection != gone,
        });
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
            chosen_mode: seed.mode,
            mode: seed.mode,
            active: seed
                .active
                .unwrap_or(seed.mode == SyncMode::Full && seed.failures == 0),
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
        };
        connection.plan_automatic(now);
        self.connections.insert(id.clone(), connection);
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

    /// The user has logged in at the bank herself: new data, and a new consent.
    pub(super) fn sync_succeeded(&mut self, id: &str) {
        let now = self.now();
        if let Some(connection) = self.connections.get_mut(id) {
            connection.succeed(now);
            connection.consent_until = Some(clock::days_from(clock::day(now), CONSENT_DAYS));
        }
    }

    /// Whatever is due by now happens: syncs end, daily syncs start.
    pub(super) fn settle(&mut self) {
        let (now, usually) = (self.now(), self.settings.sync_takes);
        for connection in self.connections.values_mut() {
            if connection.next_due().is_none_or(|due| due > now) {
                continue;
            }
            if let Some(running) = connection.running {
                match running.ending {
                    Ending::Success => connection.succeed(now),
                    Ending::Failure { message, fall_back } => connection.fail(message, fall_back),
                }
            } else {
                match connection.log_in(now, usually) {
                    Some((ending, takes)) => {
                        let ends = clock::after(now, takes);
                        connection.running = Some(Running { ends, ending });
                    }
                    None => connection.fail("The bank asks for the user", true),
                }
            }
        }
    }
}
