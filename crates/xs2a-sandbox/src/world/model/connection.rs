//! Bank connections: what they are made from, and what becomes of them in a sync.

use std::{collections::VecDeque, time::Duration};

use jiff::{Timestamp, civil::Date};

use super::{
    account::AccountType,
    bank::{Bank, Challenge, TEST_BANK},
    bank_fault::BankFault,
    sync_plan::SyncPlan,
    syncs::{Ending, Syncs},
};
use crate::{
    clock,
    json::{Json, object},
};

/// The number of failures in a row that disables a connection for good.
pub(super) const STRIKES: u32 = 3;
/// For how many days after a login of the user the bank may be asked without the user.
const CONSENT_DAYS: i64 = 90;
/// The time from one sync to the next automatic sync.
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who keeps the credentials of a connection.
///
/// [`ConnectionSeed`] has an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncMode {
    /// The service keeps them, and syncs the connection once a day.
    #[default]
    Full,
    /// The service keeps one half, the customer the other half.
    Shared,
    /// Nobody keeps them: every sync needs the user.
    None,
}

impl SyncMode {
    pub(crate) const NAMES: &[&str] = &["full", "shared", "none"];

    fn name(self) -> &'static str {
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

/// What the bank says to a login without the user.
#[derive(Debug)]
pub(crate) enum LogIn {
    /// The login goes through, and the sync ends in this way after this time.
    Runs(Ending, Duration),
    /// The bank asks the user for this; none asks for the whole login.
    NeedsUser(Option<Challenge>),
}

#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) id: String,
    /// How many connections were made before this one.
    pub(crate) number: u64,
    pub(crate) transaction: String,
    pub(crate) user: String,
    pub(crate) bank: &'static Bank,
    /// User name at the bank.
    pub(crate) login: String,
    /// For how many days back turnovers are fetched.
    pub(crate) days: i64,
    /// The mode in which the connection was made. A success brings the connection back to it.
    chosen_mode: SyncMode,
    pub(crate) mode: SyncMode,
    pub(crate) active: bool,
    pub(super) message: Option<String>,
    pub(crate) failures: u32,
    pub(super) last_synced: Option<Timestamp>,
    pub(super) consent_until: Date,
    created_at: Timestamp,
    /// The customer's half of the credentials.
    pub(crate) credentials: Option<String>,
    pub(crate) syncs: Syncs,
    /// How the next syncs without the user go.
    pub(crate) plans: VecDeque<SyncPlan>,
    /// Accounts that the next sync will find.
    pub(crate) unseen_accounts: Vec<AccountType>,
    /// Ids of the accounts, also of those that were deleted.
    pub(crate) accounts: Vec<String>,
    /// Transactions of the sessions that were opened for the connection.
    pub(crate) sessions: Vec<String>,
}

// The customer's half of the credentials must not be printed.
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

/// A connection for [`Sandbox::add_connection`](crate::Sandbox::add_connection).
///
/// Without further settings it was synced just now, has no failures, and has a consent that is
/// valid for 90 days from the day that the sandbox's clock shows.
///
/// ```
/// use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let user = sandbox.add_user("Ada");
/// // One more failure disables this connection.
/// let failing = ConnectionSeed::new(SyncMode::Full).failures(2).message("Wrong password");
/// let failing = sandbox.add_connection(&user, failing);
/// // This one is new, and needs the user at each sync.
/// let new = ConnectionSeed::new(SyncMode::None)
///     .never_synced()
///     .active(false)
///     .login("ada")
///     .consent_valid_until("2026-02-28".parse().unwrap());
/// let new = sandbox.add_connection(&user, new);
/// // This one was synced three hours ago, and nobody needs its accounts.
/// let three_hours = std::time::Duration::from_secs(3 * 60 * 60);
/// let old = ConnectionSeed::new(SyncMode::Full).last_synced(sandbox.now() - three_hours);
/// let old = sandbox.add_connection(&user, old.without_accounts());
/// // The customer keeps one half of the credentials of this one.
/// let shared = ConnectionSeed::new(SyncMode::Shared).credentials("our half");
/// let shared = sandbox.add_connection(&user, shared);
/// assert_eq!(sandbox.credentials(&shared).as_deref(), Some("our half"));
/// # });
/// ```
#[derive(Clone)]
#[must_use]
pub struct ConnectionSeed {
    pub(crate) mode: SyncMode,
    failures: u32,
    active: Option<bool>,
    message: Option<String>,
    last_synced: LastSync,
    consent_until: Option<Date>,
    credentials: Option<String>,
    pub(crate) login: String,
    pub(crate) bank: &'static Bank,
    pub(crate) days: i64,
    /// The positions of the accounts to take among those that a login opens; none takes all.
    pub(crate) picked: Option<Vec<usize>>,
}

/// When the last sync of a new connection was.
#[derive(Clone, Copy)]
enum LastSync {
    Now,
    At(Timestamp),
    Never,
}

impl ConnectionSeed {
    /// A healthy connection in this mode.
    pub fn new(mode: SyncMode) -> Self {
        Self {
            mode,
            failures: 0,
            active: None,
            message: None,
            last_synced: LastSync::Now,
            consent_until: None,
            credentials: None,
            login: "abcdef".to_owned(),
            bank: &TEST_BANK,
            days: 90,
            picked: None,
        }
    }

    /// Sets the number of failures in a row. A connection with failures is inactive. Three failures
    /// disable it. Default: 0.
    pub fn failures(mut self, failures: u32) -> Self {
        self.failures = failures;
        self
    }

    /// Sets whether the service syncs the connection by itself. Default: yes in mode full without
    /// failures.
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets why the last sync failed. Default: a rejected login if there are failures.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Leaves out the first sync: `last_synced` is null.
    pub fn never_synced(mut self) -> Self {
        self.last_synced = LastSync::Never;
        self
    }

    /// Sets when the last sync was. The service syncs a healthy connection in mode full again 24
    /// hours later; so with different instants, the syncs of many connections are spread over the
    /// day. Default: now.
    pub fn last_synced(mut self, at: Timestamp) -> Self {
        self.last_synced = LastSync::At(at);
        self
    }

    /// Leaves out the accounts that a login opens. Choose this for thousands of connections:
    /// accounts and their turnovers are most of the memory that a sandbox takes.
    pub fn without_accounts(mut self) -> Self {
        self.picked = Some(Vec::new());
        self
    }

    /// Sets the last day of the consent. Default: 90 days from the day that the sandbox's clock
    /// shows.
    pub fn consent_valid_until(mut self, day: Date) -> Self {
        self.consent_until = Some(day);
        self
    }

    /// Sets the user name at the bank. Default: `abcdef`.
    pub fn login(mut self, user_name: impl Into<String>) -> Self {
        self.login = user_name.into();
        self
    }

    /// Sets the customer's half of the credentials of a connection in mode shared. Default: a
    /// random text.
    pub fn credentials(mut self, half: impl Into<String>) -> Self {
        self.credentials = Some(half.into());
        self
    }
}

// The customer's half of the credentials must not be printed.
impl std::fmt::Debug for ConnectionSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionSeed")
            .field("mode", &self.mode)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// A connection of this user, made now. `half` becomes the customer's half of the credentials
    /// where one is needed and the seed has none.
    pub(crate) fn new(
        id: String,
        number: u64,
        transaction: String,
        user: String,
        half: String,
        now: Timestamp,
        seed: &ConnectionSeed,
    ) -> Self {
        let consent = seed.consent_until.unwrap_or_else(|| end_of_new_consent(now));
        let message = match &seed.message {
            None if seed.failures > 0 => Some("The bank has rejected the login".to_owned()),
            message => message.clone(),
        };
        let shared = seed.mode == SyncMode::Shared;
        let last_synced = match seed.last_synced {
            LastSync::Now => Some(now),
            LastSync::At(instant) => Some(instant),
            LastSync::Never => None,
        };
        let mut connection = Self {
            id,
            number,
            transaction,
            user,
            bank: seed.bank,
            login: seed.login.clone(),
            days: seed.days,
            chosen_mode: seed.mode,
            mode: seed.mode,
            active: seed.active.unwrap_or(seed.mode == SyncMode::Full && seed.failures == 0),
            message,
            failures: seed.failures,
            last_synced,
            consent_until: consent,
            created_at: now,
            credentials: shared.then(|| seed.credentials.clone().unwrap_or(half)),
            syncs: Syncs::default(),
            plans: VecDeque::new(),
            unseen_accounts: Vec::new(),
            accounts: Vec::new(),
            sessions: Vec::new(),
        };
        connection.plan_automatic(last_synced.unwrap_or(now));
        connection
    }

    pub(crate) fn json(&self) -> Json {
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
            "consent_valid_until": self.consent_until.to_string(),
            "testmode": true,
            "created_at": clock::local(self.created_at),
            "object": "bank_connection",
        }
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.failures >= STRIKES
    }

    fn plan_automatic(&mut self, from: Timestamp) {
        let automatic = self.mode == SyncMode::Full && self.active && !self.is_disabled();
        self.syncs.plan_automatic(automatic.then(|| clock::after(from, DAILY)));
    }

    pub(crate) fn succeed(&mut self, now: Timestamp) {
        self.failures = 0;
        self.message = None;
        self.mode = self.chosen_mode;
        self.active = self.mode == SyncMode::Full;
        self.last_synced = Some(now);
        self.plan_automatic(now);
    }

    /// Counts a failure. With `fall_back`, the mode full becomes the mode none.
    pub(crate) fn fail(&mut self, message: &str, fall_back: bool) {
        self.failures += 1;
        self.active = false;
        self.message = Some(message.to_owned());
        if fall_back && self.mode == SyncMode::Full {
            self.mode = SyncMode::None;
        }
        self.syncs.plan_automatic(None);
    }

    /// The user has logged in with this name, and has given a new consent.
    pub(crate) fn renew_consent(&mut self, login: String, now: Timestamp) {
        self.login = login;
        self.consent_until = end_of_new_consent(now);
    }

    /// Logs in at the bank without the user. A sync usually takes `usually`. `fault` is what the bank
    /// does at this login.
    pub(crate) fn log_in(
        &mut self,
        now: Timestamp,
        usually: Duration,
        fault: Option<BankFault>,
    ) -> LogIn {
        let today = clock::day(now);
        if fault == Some(BankFault::ConsentGone) {
            self.consent_until = clock::days_from(today, -1);
        }
        if self.knows_no_login(today) {
            return LogIn::NeedsUser(None);
        }
        let failure = |message| LogIn::Runs(Ending::Failure { message }, usually);
        match fault {
            None => LogIn::Runs(Ending::Success, usually),
            Some(BankFault::Slow(takes)) => LogIn::Runs(Ending::Success, takes),
            Some(BankFault::WrongPassword) => failure("The bank has rejected the login"),
            Some(BankFault::Unavailable) => failure("The bank cannot be reached at present"),
            Some(BankFault::TanRequired) => LogIn::NeedsUser(Some(Challenge::Tan)),
            Some(BankFault::ConsentGone) => LogIn::NeedsUser(None),
        }
    }

    /// Whether the user is needed, whatever the bank says.
    pub(crate) fn knows_no_login(&self, today: Date) -> bool {
        self.mode == SyncMode::None || self.consent_until < today
    }
}

fn end_of_new_consent(now: Timestamp) -> Date {
    clock::days_from(clock::day(now), CONSENT_DAYS)
}
