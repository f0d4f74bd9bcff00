//! Wizard sessions: where a user stands on her way through the forms.

use std::time::Duration;

use indexmap::IndexMap;
use jiff::Timestamp;

use super::{Connection, SyncMode, World, connections::Seed};
use crate::{
    answer::{Answer, Fields, Outcome, Refusal},
    bank::{self, Bank, Challenge},
    clock,
    json::{Json, ToJson as _, object},
    words::Language,
};

/// A session that nobody touches for so long expires.
const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// One wizard session.
#[derive(Clone)]
pub(super) struct Session {
    id: String,
    pub(super) key: String,
    pub(super) transaction: String,
    pub(super) user: String,
    pub(super) purpose: Purpose,
    /// What it was set up with.
    parameters: Json,
    pub(super) language: Language,
    pub(super) country: Option<String>,
    pub(super) bank: Option<&'static Bank>,
    pub(super) login: Option<String>,
    pub(super) app_tab: bool,
    pub(super) steps: Vec<Step>,
    pub(super) at: usize,
    /// Wrong answers at the present step.
    pub(super) tries: u32,
    pub(super) polls: u32,
    /// The user has approved in the app or at the address of the bank.
    pub(super) approved: bool,
    /// Positions of the accounts that the user has picked.
    pub(super) picked: Option<Vec<usize>>,
    pub(super) last_error: Option<&'static str>,
    pub(super) state: State,
    pub(super) touched: Timestamp,
    created_at: Timestamp,
}

/// What a session is for.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    Create { mode: SyncMode, selection: Selection, days: i64 },
    Sync { connection: String },
    Reset { connection: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    All,
    Multi,
    Single,
}

/// One form of the wizard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Bank,
    Login,
    Challenge(Challenge),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// The user got through; what the end hands over.
    Finished {
        credentials: Option<String>,
    },
    /// It is over without success.
    Failed {
        message: &'static str,
    },
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("transaction", &self.transaction)
            .field("purpose", &self.purpose)
            .field("at", &self.step())
            .finish_non_exhaustive()
    }
}

impl Session {
    pub(super) fn step(&self) -> Option<Step> {
        self.steps.get(self.at).copied()
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// When it expires, if nobody touches it.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.is_open().then(|| clock::after(self.touched, PATIENCE))
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn current_step(&self) -> &'static str {
        match self.step() {
            None => "WizardFinishStep",
            Some(Step::Bank) => "WizardBankStep",
            Some(Step::Login) => "WizardLoginStep",
            Some(Step::Challenge(Challenge::Accounts)) => "WizardAccountStep",
            Some(Step::Challenge(Challenge::App)) => "WizardAppStep",
            Some(Step::Challenge(Challenge::Captcha)) => "WizardCaptchaStep",
            Some(Step::Challenge(Challenge::Redirect)) => "WizardRedirectStep",
            Some(Step::Challenge(Challenge::Tan | Challenge::Flicker)) => "WizardTanStep",
        }
    }

    /// The answer of a create, of a reset, and of a sync that needs the user.
    pub(super) fn opening_json(&self) -> Json {
        object! {
            "wizard_session_key": self.key,
            "transaction": self.transaction,
        }
    }

    fn json(&self) -> Json {
        object! {
            "id": self.id,
            "transaction": self.transaction,
            "wizard_session_key": self.key,
            "product": "xs2a_api",
            "parameters": self.parameters,
            "last_error": self.last_error.unwrap_or("none"),
            "testmode": true,
            "finished": matches!(self.state, State::Finished { .. }),
            "current_step": self.current_step(),
            "created_at": clock::local(self.created_at),
            "object": "wizard_session",
        }
    }
}

impl World {
    pub(super) fn create_connection(&mut self, user: &str, body: &Fields) -> Outcome {
        let mode = body
            .choice("sync_mode", SyncMode::NAMES)?
            .and_then(SyncMode::from_name)
            .unwrap_or_default();
        let selection = match body.choice("account_selection", &["all", "multi", "single"])? {
            Some("multi") => Selection::Multi,
            Some("single") => Selection::Single,
            _ => Selection::All,
        };
        let language = body
            .choice("language", Language::NAMES)?
            .and_then(Language::from_name)
            .unwrap_or_default();
        let country = body.text("country_id")?;
        let two_letters = |c: &String| c.len() == 2 && c.bytes().all(|b| b.is_ascii_alphabetic());
        if !country.as_ref().is_none_or(two_letters) {
            return Err(Refusal::invalid("The country_id is not valid"));
        }
        body.text("fints_product_id")?;
        let limit = body.count("limit_days")?.unwrap_or(i64::MAX);
        let days = body.count("days")?.unwrap_or(90).min(limit).min(3_650);
        let bank =
            body.text("bic")?.and_then(|bic| bank::by_bic(&bic)).filter(|bank| bank.supported);

        let purpose = Purpose::Create { mode, selection, days };
        let steps = match bank {
            Some(_) => vec![Step::Login],
            None => vec![Step::Bank, Step::Login],
        };
        let mut session = self.new_session(user, purpose, steps);
        session.parameters = body.to_json();
        session.language = language;
        session.country = country;
        session.bank = bank;
        Ok(Answer::json(201, self.open_session(session)))
    }

    /// A session in which the user logs in again for a connection that she has.
    pub(super) fn open_session_for(
        &mut self,
        connection: &str,
        purpose: Purpose,
        steps: Vec<Step>,
    ) -> Outcome {
        let Some(known) = self.connections.get(connection) else {
            return Err(Refusal::not_found());
        };
        let (user, bank, login) = (known.user.clone(), known.bank, known.login.clone());
        let mut session = self.new_session(&user, purpose, steps);
        session.country = Some(bank.country.to_owned());
        session.bank = Some(bank);
        session.login = Some(login);
        Ok(Answer::json(202, self.open_session(session)))
    }

    fn new_session(&mut self, user: &str, purpose: Purpose, steps: Vec<Step>) -> Session {
        Session {
            id: self.new_id(),
            key: self.new_secret(),
            transaction: self.new_id(),
            user: user.to_owned(),
            purpose,
            parameters: Json::Object(IndexMap::new()),
            language: Language::default(),
            country: None,
            bank: None,
            login: None,
            app_tab: false,
            steps,
            at: 0,
            tries: 0,
            polls: 0,
            approved: false,
            picked: None,
            last_error: None,
            state: State::Open,
            touched: self.now(),
            created_at: self.now(),
        }
    }

    fn open_session(&mut self, session: Session) -> Json {
        let opening = session.opening_json();
        self.happened(
            "transaction.created",
            "A wizard session was opened",
            Some(session.transaction.clone()),
            session.json(),
        );
        self.wake_at(session.next_due());
        self.sessions.insert(session.transaction.clone(), session);
        opening
    }

    pub(super) fn get_session(&self, transaction: &str) -> Outcome {
        let session = self.sessions.get(transaction).ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(200, session.json()))
    }

    /// The user is through: what she came for happens.
    pub(super) fn finish_session(&mut self, transaction: &str) -> Option<String> {
        let session = self.sessions.get(transaction)?.clone();
        let login = session.login.clone().unwrap_or_default();
        let connection = match session.purpose {
            Purpose::Create { mode, days, .. } => {
                let seed = Seed {
                    mode,
                    login,
                    days,
                    bank: session.bank.unwrap_or(&bank::TEST_BANK),
                    picked: session.picked,
                    ..Seed::default()
                };
                self.insert_connection(&session.user, transaction, &seed)
            }
            Purpose::Sync { connection } | Purpose::Reset { connection } => {
                // The third strike may have come while the user was still typing.
                if self.connections.get(&connection).is_none_or(Connection::is_disabled) {
                    self.fail_session(transaction, "tech_error", "The connection is disabled");
                    return None;
                }
                self.user_has_logged_in(&connection, &login);
                connection
            }
        };
        let credentials = self.credentials(&connection);
        if let Some(session) = self.sessions.get_mut(transaction) {
            session.at = session.steps.len();
            session.last_error = None;
            session.state = State::Finished { credentials };
        }
        self.session_has_changed(transaction, "The wizard session is finished");
        Some(connection)
    }

    pub(super) fn fail_session(
        &mut self,
        transaction: &str,
        code: &'static str,
        message: &'static str,
    ) {
        if let Some(session) = self.sessions.get_mut(transaction) {
            session.last_error = Some(code);
            session.state = State::Failed { message };
        }
        self.session_has_changed(transaction, "The wizard session has failed");
    }

    fn session_has_changed(&mut self, transaction: &str, message: &'static str) {
        if let Some(session) = self.sessions.get(transaction) {
            let data = session.json();
            self.happened("transaction.updated", message, Some(transaction.to_owned()), data);
        }
    }

    /// Sessions for a connection that is gone cannot go on.
    pub(super) fn end_sessions_of(&mut self, gone: &str) {
        let open = self.sessions.values().filter(|session| {
            session.is_open()
                && matches!(&session.purpose,
                    Purpose::Sync { connection } | Purpose::Reset { connection }
                        if connection == gone)
        });
        let ended: Vec<String> = open.map(|session| session.transaction.clone()).collect();
        for transaction in ended {
            self.fail_session(&transaction, "tech_error", "The connection was deleted");
        }
    }

    pub(super) fn expire_sessions(&mut self) {
        let now = self.now();
        let late = self
            .sessions
            .values()
            .filter(|session| session.next_due().is_some_and(|due| due <= now));
        let expired: Vec<String> = late.map(|session| session.transaction.clone()).collect();
        for transaction in expired {
            self.fail_session(&transaction, "session_expired", "The session has expired");
        }
    }

    /// The user walks through the rest of the wizard, and everything goes well.
    pub(crate) fn complete_session(&mut self, transaction: &str) -> Option<String> {
        self.sessions.get(transaction).filter(|session| session.is_open())?;
        self.finish_session(transaction)
    }

    /// The user approves in the app, or at the address that a form has sent her to. The session
    /// is named by its transaction or by its id.
    pub(crate) fn approve(&mut self, session: &str) -> bool {
        let mut sessions = self.sessions.values_mut();
        let found = sessions
            .find(|known| known.is_open() && (known.transaction == session || known.id == session));
        found.map(|known| known.approved = true).is_some()
    }
}
