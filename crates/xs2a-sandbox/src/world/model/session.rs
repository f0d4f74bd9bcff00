//! Wizard sessions: how far a user has come on the way through the forms.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    bank::{self, Bank, Challenge},
    connection::SyncMode,
    wizard_script::{Posted, ScriptedEnd, ScriptedForm, WizardScript},
    words::Language,
};
use crate::{
    clock,
    json::{Json, object},
};

/// A session without requests expires after this time.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// How many requests of a session are kept: the latest ones.
const KEPT_POSTS: usize = 1_000;

/// One wizard session.
#[derive(Clone)]
pub(crate) struct Session {
    /// How many sessions and connections were made before this one.
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) transaction: String,
    /// Id of the bank user.
    pub(crate) user: String,
    pub(crate) purpose: Purpose,
    /// The fields of the request that opened the session.
    pub(crate) parameters: Json,
    pub(crate) language: Language,
    pub(crate) country: Option<String>,
    pub(crate) bank: Option<&'static Bank>,
    /// The user name at the bank.
    pub(crate) login: Option<String>,
    /// Whether the login form shows the tab of the app.
    pub(crate) app_tab: bool,
    pub(crate) steps: Vec<Step>,
    /// The session that a test has written.
    pub(crate) script: Option<Arc<WizardScript>>,
    /// The position of the present step.
    pub(crate) at: usize,
    /// Wrong answers at the present step.
    pub(crate) tries: u32,
    /// Polls at the present step.
    pub(crate) polls: u32,
    /// Whether the user has approved in the app or at the address of the bank.
    pub(crate) approved: bool,
    /// Positions of the accounts that the user has picked.
    pub(crate) picked: Option<Vec<usize>>,
    pub(crate) last_error: Option<&'static str>,
    pub(crate) state: State,
    /// What was posted.
    pub(crate) posted: VecDeque<Posted>,
    /// When the last request came.
    pub(crate) touched: Timestamp,
    pub(crate) created_at: Timestamp,
}

/// What a session is for.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    Create { mode: SyncMode, selection: Selection, days: i64 },
    Sync { connection: String },
    Reset { connection: String },
}

/// Which accounts of a login the user picks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    All,
    Multi,
    Single,
}

/// One form of the wizard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Bank,
    Login,
    Challenge(Challenge),
    /// The form at this position of what a test has written.
    Scripted(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// The user got through. In mode shared, the customer gets half of the credentials.
    Finished {
        credentials: Option<String>,
    },
    /// The session is over without success.
    Failed {
        message: &'static str,
    },
}

// The key must not be printed.
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
    /// From the next step on, the session goes as a test has written.
    pub(crate) fn follow(&mut self, script: Arc<WizardScript>, after: usize) {
        self.steps.truncate(after);
        self.steps.extend((0..script.forms.len()).map(Step::Scripted));
        self.script = Some(script);
    }

    /// The form that a test has written for this position.
    pub(crate) fn scripted(&self, position: usize) -> Option<&ScriptedForm> {
        self.script.as_ref()?.forms.get(position)
    }

    /// The end that a test has written, if the session has come there.
    pub(crate) fn scripted_end(&self) -> Option<&ScriptedEnd> {
        let script = self.script.as_ref().filter(|_| self.step().is_none())?;
        script.end.as_ref()
    }

    /// Whether this word is in the user name.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.login.as_deref().is_some_and(|login| bank::has_word(login, word))
    }

    /// What the hidden element of the present form holds, at a bank that has one.
    pub(crate) fn hidden_state(&self) -> Option<String> {
        let has_one = matches!(self.step(), Some(Step::Login | Step::Challenge(_)));
        let is_asked = has_one && self.bank.is_some_and(|bank| bank.hidden_state);
        is_asked.then(|| format!("{}-{}", self.id, self.at))
    }

    /// Keeps what was posted.
    pub(crate) fn receive(&mut self, now: Timestamp, fields: &IndexMap<String, Value>) {
        if self.posted.len() == KEPT_POSTS {
            self.posted.pop_front();
        }
        self.posted.push_back(Posted::new(now, fields));
    }

    /// The present step. None if the user is through.
    pub(crate) fn step(&self) -> Option<Step> {
        self.steps.get(self.at).copied()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    pub(crate) fn is_for_sync(&self) -> bool {
        matches!(self.purpose, Purpose::Sync { .. })
    }

    /// When the session expires, if no request comes before.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.is_open().then(|| clock::after(self.touched, PATIENCE))
    }

    fn current_step(&self) -> &'static str {
        match self.step() {
            None => "WizardFinishStep",
            Some(Step::Bank) => "WizardBankStep",
            Some(Step::Login) => "WizardLoginStep",
            Some(Step::Scripted(_)) => "WizardScriptedStep",
            Some(Step::Challenge(Challenge::Accounts)) => "WizardAccountStep",
            Some(Step::Challenge(Challenge::App)) => "WizardAppStep",
            Some(Step::Challenge(Challenge::Captcha)) => "WizardCaptchaStep",
            Some(Step::Challenge(Challenge::Redirect)) => "WizardRedirectStep",
            Some(Step::Challenge(Challenge::Tan | Challenge::Flicker)) => "WizardTanStep",
        }
    }

    /// The answer to a create, to a reset, and to a sync that needs the user.
    pub(crate) fn opening_json(&self) -> Json {
        object! {
            "wizard_session_key": self.key,
            "transaction": self.transaction,
        }
    }

    pub(crate) fn json(&self) -> Json {
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
