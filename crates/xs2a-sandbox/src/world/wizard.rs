//! The forms of the wizard, and what their values lead to.

use super::{
    AccountType, BankFault, World,
    sessions::{Purpose, Selection, Session, State, Step},
};
use crate::{
    answer::{Answer, Fields, Outcome, Refusal},
    bank::{self, Challenge},
    json::{Json, object},
    words::{Language, Word},
};

/// Wrong PINs, TANs and so on after which a session is over.
const MAX_TRIES: u32 = 3;
/// The poll that finds the login approved, when nobody approves it before.
const APPROVING_POLL: u32 = 3;
/// Milliseconds between two polls.
const POLL_INTERVAL: u32 = 200;
/// The ways in that a bank with tabs offers.
const TABS: [&str; 2] = ["PIN", "App"];

/// A rule that the value of an element has broken.
type Problem = (String, &'static str);

/// What comes of the values of a form.
enum Verdict {
    Next,
    /// The same form again.
    Again {
        problems: Vec<Problem>,
        last_error: Option<&'static str>,
        /// What the bank says, where it was asked.
        error: Option<Word>,
    },
    Over {
        last_error: &'static str,
        message: &'static str,
    },
}

impl Verdict {
    fn unchanged() -> Self {
        Self::Again { problems: Vec::new(), last_error: None, error: None }
    }

    fn invalid(problems: Vec<Problem>) -> Self {
        Self::Again { problems, last_error: Some("validation_failed"), error: None }
    }
}

impl World {
    pub(super) fn advance_wizard(&mut self, user: &str, body: &Fields, base_url: &str) -> Outcome {
        let key = body.text("key")?.ok_or_else(|| Refusal::invalid("The key is required"))?;
        let action = body
            .choice("action", &["back", "switch-login-tabs", "poll", "change-language", "abort"])?;
        let now = self.now();
        let session = self
            .sessions
            .values_mut()
            .find(|session| session.user == user && session.key == key)
            .ok_or_else(Refusal::not_found)?;
        let transaction = session.transaction.clone();
        if !session.is_open() {
            return Ok(self.show(&transaction, &[], None, base_url));
        }
        session.touched = now;

        let verdict = match action {
            Some("abort") => {
                Verdict::Over { last_error: "client_aborted", message: "The session was aborted" }
            }
            Some("back") => {
                session.at = session.at.saturating_sub(1);
                session.tries = 0;
                Verdict::unchanged()
            }
            Some("change-language") => {
                session.language = body
                    .choice("language", Language::NAMES)?
                    .and_then(Language::from_name)
                    .ok_or_else(|| Refusal::invalid("The language is required"))?;
                Verdict::unchanged()
            }
            Some("switch-login-tabs") => {
                let wanted = body.text("login_tab")?.unwrap_or_default();
                let tab = TABS
                    .iter()
                    .position(|tab| *tab == wanted)
                    .or_else(|| wanted.parse().ok().filter(|index| *index < TABS.len()))
                    .ok_or_else(|| Refusal::invalid("The login_tab is not valid"))?;
                if session.step() == Some(Step::Login) && session.bank.is_some_and(|bank| bank.tabs)
                {
                    session.app_tab = tab == 1;
                }
                Verdict::unchanged()
            }
            Some("poll") => {
                session.polls += 1;
                waits_no_more(session)
            }
            _ if body.0.keys().all(|name| name == "key" || name == "action") => {
                waits_no_more(session)
            }
            _ => self.judge(&transaction, body)?,
        };

        match verdict {
            Verdict::Next => {
                let over = self.sessions.get_mut(&transaction).is_some_and(|session| {
                    session.at += 1;
                    session.tries = 0;
                    session.polls = 0;
                    session.approved = false;
                    session.at >= session.steps.len()
                });
                if over {
                    self.finish_session(&transaction);
                }
                Ok(self.show(&transaction, &[], None, base_url))
            }
            Verdict::Again { problems, last_error, error } => {
                if let Some(session) = self.sessions.get_mut(&transaction) {
                    session.last_error = last_error.or(session.last_error);
                }
                Ok(self.show(&transaction, &problems, error, base_url))
            }
            Verdict::Over { last_error, message } => {
                self.fail_session(&transaction, last_error, message);
                Ok(self.show(&transaction, &[], None, base_url))
            }
        }
    }

    /// Holds the values of the present form against its rules and the bank.
    fn judge(&mut self, transaction: &str, body: &Fields) -> Result<Verdict, Refusal> {
        let Some(session) = self.sessions.get(transaction) else {
            return Err(Refusal::not_found());
        };
        match session.step() {
            Some(Step::Bank) => self.judge_bank(transaction, body),
            Some(Step::Login) => self.judge_login(transaction, body),
            Some(Step::Challenge(Challenge::Tan | Challenge::Flicker)) => {
                self.judge_secret(transaction, body, "TAN", "wrong_tan", "max_tan_tries")
            }
            Some(Step::Challenge(Challenge::Captcha)) => {
                self.judge_secret(transaction, body, "CAPTCHA", "login_failed", "max_login_tries")
            }
            Some(Step::Challenge(Challenge::Accounts)) => self.judge_accounts(transaction, body),
            Some(Step::Challenge(Challenge::App | Challenge::Redirect)) | None => {
                Ok(waits_no_more(session))
            }
        }
    }

    fn judge_bank(&mut self, transaction: &str, body: &Fields) -> Result<Verdict, Refusal> {
        let (country, code) = (body.text("country_id")?, body.text("bank_code")?);
        let Some(session) = self.sessions.get_mut(transaction) else {
            return Err(Refusal::not_found());
        };
        let country = country.or_else(|| session.country.clone());
        let mut problems =
            required(&[("country_id", country.is_some()), ("bank_code", code.is_some())]);
        let (Some(country), Some(code)) = (country, code) else {
            return Ok(Verdict::invalid(problems));
        };
        let found = bank::by_code(&code).filter(|bank| bank.country.eq_ignore_ascii_case(&country));
        session.country = Some(country);
        Ok(match found {
            Some(bank) if bank.supported => {
                session.bank = Some(bank);
                Verdict::Next
            }
            other => {
                problems.push(("bank_code".to_owned(), "supported"));
                Verdict::Again {
                    problems,
                    last_error: Some(match other {
                        Some(_) => "no_transports_found",
                        None => "bank_code_unknown",
                    }),
                    error: None,
                }
            }
        })
    }

    fn judge_login(&mut self, transaction: &str, body: &Fields) -> Result<Verdict, Refusal> {
        let (name, pin) = (body.text("USER_NAME")?, body.text("USER_PIN")?);
        let agreed = body.flag("privacy_policy")?;
        let Some(session) = self.sessions.get_mut(transaction) else {
            return Err(Refusal::not_found());
        };
        let by_app = session.app_tab;
        let problems = required(&[
            ("USER_NAME", name.is_some()),
            ("USER_PIN", by_app || pin.is_some()),
            ("privacy_policy", agreed),
        ]);
        let Some(name) = name.filter(|_| problems.is_empty()) else {
            return Ok(Verdict::invalid(problems));
        };

        let fault = self.logins.get(&name).copied();
        if fault == Some(BankFault::Unavailable) {
            return Ok(self.bank_says_no(
                transaction,
                "tech_error",
                "The bank cannot be reached at present",
            ));
        }
        let wrong = pin.as_deref() == Some(bank::WRONG) || fault == Some(BankFault::WrongPassword);
        if wrong && !by_app {
            return Ok(self.wrong(transaction, "USER_PIN", "login_failed", "max_login_tries"));
        }

        let mut steps: Vec<Step> =
            bank::challenges(&name).into_iter().map(Step::Challenge).collect();
        if fault == Some(BankFault::TanRequired)
            && !steps.contains(&Step::Challenge(Challenge::Tan))
        {
            steps.push(Step::Challenge(Challenge::Tan));
        }
        if by_app && !steps.contains(&Step::Challenge(Challenge::App)) {
            steps.insert(0, Step::Challenge(Challenge::App));
        }
        let choice = Step::Challenge(Challenge::Accounts);
        match session.purpose {
            Purpose::Create { selection: Selection::Multi | Selection::Single, .. }
                if !steps.contains(&choice) =>
            {
                steps.push(choice);
            }
            Purpose::Create { .. } => {}
            // The accounts of a connection were chosen when it was made.
            Purpose::Sync { .. } | Purpose::Reset { .. } => steps.retain(|step| *step != choice),
        }
        session.login = Some(name);
        session.steps.truncate(session.at + 1);
        session.steps.append(&mut steps);
        Ok(Verdict::Next)
    }

    fn judge_secret(
        &mut self,
        transaction: &str,
        body: &Fields,
        element: &str,
        wrong: &'static str,
        too_often: &'static str,
    ) -> Result<Verdict, Refusal> {
        Ok(match body.text(element)?.as_deref() {
            None => Verdict::invalid(required(&[(element, false)])),
            Some(bank::WRONG) => self.wrong(transaction, element, wrong, too_often),
            Some(_) => Verdict::Next,
        })
    }

    fn judge_accounts(&mut self, transaction: &str, body: &Fields) -> Result<Verdict, Refusal> {
        let offered = AccountType::OF_A_LOGIN.len();
        let mut picked = Vec::new();
        for position in 0..offered {
            if body.flag(&format!("account_{position}"))? {
                picked.push(position);
            }
        }
        let one = body.text("account")?.and_then(|index| index.parse().ok());
        let Some(session) = self.sessions.get_mut(transaction) else {
            return Err(Refusal::not_found());
        };
        if session.is_single_choice() {
            picked = one.into_iter().filter(|position| *position < offered).collect();
        }
        if picked.is_empty() {
            let element = if session.is_single_choice() { "account" } else { "account_0" };
            return Ok(Verdict::invalid(required(&[(element, false)])));
        }
        session.picked = Some(picked);
        Ok(Verdict::Next)
    }

    /// A wrong PIN or TAN: the form again, or the end after too many.
    fn wrong(
        &mut self,
        transaction: &str,
        element: &str,
        last_error: &'static str,
        too_often: &'static str,
    ) -> Verdict {
        let tries = self.sessions.get_mut(transaction).map_or(0, |session| {
            session.tries += 1;
            session.tries
        });
        if tries >= MAX_TRIES {
            return self.bank_says_no(
                transaction,
                too_often,
                "The bank has rejected the login too often",
            );
        }
        Verdict::Again {
            problems: vec![(element.to_owned(), "accepted_by_bank")],
            last_error: Some(last_error),
            error: Some(Word::Rejected),
        }
    }

    /// The bank ends the session; if it was a sync, the sync has failed.
    fn bank_says_no(
        &mut self,
        transaction: &str,
        last_error: &'static str,
        message: &'static str,
    ) -> Verdict {
        if let Some(session) = self.sessions.get(transaction)
            && let Purpose::Sync { connection } = &session.purpose
        {
            let connection = connection.clone();
            self.sync_failed(&connection, message, false);
        }
        Verdict::Over { last_error, message }
    }

    /// The answer that shows where the session stands.
    fn show(
        &self,
        transaction: &str,
        problems: &[Problem],
        error: Option<Word>,
        base_url: &str,
    ) -> Answer {
        let Some(session) = self.sessions.get(transaction) else {
            return Refusal::not_found().into();
        };
        let response = object! {
            "code": 200,
            "message": "OK",
            "error": Json::Null,
            "polling": Json::Null,
            "form": Json::Null,
            "additional_data": Json::Null,
        };
        let response = match &session.state {
            State::Open => {
                let error = error.map(|word| {
                    object! {
                        "message": word.in_language(session.language),
                        "recoverable": true,
                    }
                });
                let waits_for_app = session.step() == Some(Step::Challenge(Challenge::App));
                let polling = waits_for_app.then(|| object! { "interval": POLL_INTERVAL });
                response
                    .with("error", error)
                    .with("polling", polling)
                    .with("form", session.form(problems, base_url))
            }
            State::Finished { credentials } => {
                let form = object! {
                    "name": "finish",
                    "elements": [session.help(Word::Finished)],
                };
                let half = credentials.as_ref().map(|half| object! { "credentials": half });
                response.with("form", form).with("additional_data", half)
            }
            State::Failed { message } => {
                let error = object! { "message": message, "recoverable": false };
                response.with("message", message).with("error", error)
            }
        };
        Answer::json(200, response)
    }
}

/// Whether the user has approved what the session waits for.
fn waits_no_more(session: &Session) -> Verdict {
    let done = match session.step() {
        Some(Step::Challenge(Challenge::App)) => {
            session.approved || session.polls >= APPROVING_POLL
        }
        Some(Step::Challenge(Challenge::Redirect)) => session.approved,
        _ => false,
    };
    if done { Verdict::Next } else { Verdict::unchanged() }
}

fn required(elements: &[(&str, bool)]) -> Vec<Problem> {
    elements
        .iter()
        .filter(|(_, given)| !given)
        .map(|(name, _)| ((*name).to_owned(), "required"))
        .collect()
}

impl Session {
    fn is_single_choice(&self) -> bool {
        matches!(self.purpose, Purpose::Create { selection: Selection::Single, .. })
    }

    fn form(&self, problems: &[Problem], base_url: &str) -> Json {
        let (name, mut elements) = match self.step() {
            Some(Step::Bank) => ("bank", self.bank_form()),
            Some(Step::Login) => ("login", self.login_form()),
            Some(Step::Challenge(challenge)) => self.challenge_form(challenge, base_url),
            None => ("finish", Vec::new()),
        };
        for (name, rule) in problems {
            let word = if *rule == "required" { Word::Required } else { Word::Rejected };
            for element in elements.iter_mut().filter(|e| e.text_of("name") == Some(name)) {
                *element = element
                    .clone()
                    .with("invalid", true)
                    .with("failed_validation_rules", [rule])
                    .with("validation_error", word.in_language(self.language));
            }
        }
        object! { "name": name, "elements": elements }
    }

    fn bank_form(&self) -> Vec<Json> {
        let countries = object! {
            "DE": Word::Germany.in_language(self.language),
            "AT": Word::Austria.in_language(self.language),
            "CH": Word::Switzerland.in_language(self.language),
        };
        let country = self
            .input("select", "country_id", Word::Country)
            .with("selected", self.country.as_deref().unwrap_or("DE"))
            .with("options", countries);
        let code = self
            .input("text", "bank_code", Word::BankCode)
            .with("value", self.bank.map(|bank| bank.code));
        vec![country, code]
    }

    fn login_form(&self) -> Vec<Json> {
        let mut elements = Vec::new();
        if self.bank.is_some_and(|bank| bank.tabs) {
            let [pin, app] = TABS;
            elements.push(object! {
                "type": "tabs",
                "name": "login_tab",
                "label": Word::WayIn.in_language(self.language),
                "tabs": TABS,
                "selected": if self.app_tab { app } else { pin },
            });
        }
        elements.push(self.input("text", "USER_NAME", Word::UserName));
        if !self.app_tab {
            elements.push(self.input("password", "USER_PIN", Word::Pin));
        }
        let privacy = self.input("checkbox", "privacy_policy", Word::Privacy);
        elements.push(privacy.with("checked", false));
        elements
    }

    fn challenge_form(&self, challenge: Challenge, base_url: &str) -> (&'static str, Vec<Json>) {
        match challenge {
            Challenge::Tan => {
                ("tan", vec![self.help(Word::EnterTan), self.input("password", "TAN", Word::Tan)])
            }
            Challenge::Flicker => {
                let code = [
                    ["1", "0", "1", "0", "1"],
                    ["0", "1", "1", "0", "1"],
                    ["1", "1", "1", "1", "1"],
                ];
                let element = self.input("flicker", "TAN", Word::Tan).with("code", code);
                ("tan", vec![self.help(Word::EnterTan), element])
            }
            Challenge::Captcha => {
                let element = self.input("captcha", "CAPTCHA", Word::Captcha);
                ("captcha", vec![element.with("data", PICTURE)])
            }
            Challenge::Accounts => ("accounts", self.accounts_form()),
            Challenge::App => ("app", vec![self.help(Word::ApproveInApp)]),
            Challenge::Redirect => (
                "redirect",
                vec![object! {
                    "type": "redirect",
                    "name": "redirect",
                    "url": format!("{base_url}/sandbox/bank/{}", self.id()),
                    "label": Word::ContinueAtBank.in_language(self.language),
                    "back": Word::Back.in_language(self.language),
                }],
            ),
        }
    }

    fn accounts_form(&self) -> Vec<Json> {
        let kinds = AccountType::OF_A_LOGIN;
        if self.is_single_choice() {
            let options = kinds.map(|kind| object! { "label": kind.title(), "disabled": false });
            let element = self.input("radio", "account", Word::WhichAccounts);
            return vec![element.with("checked", 0_u32).with("options", options)];
        }
        let help = self.help(Word::WhichAccounts);
        let boxes = kinds.iter().enumerate().map(|(position, kind)| {
            object! {
                "type": "checkbox",
                "name": format!("account_{position}"),
                "label": kind.title(),
                "checked": false,
                "validation": Json::Null,
                "invalid": false,
                "failed_validation_rules": Json::List(Vec::new()),
                "validation_error": Json::Null,
            }
        });
        std::iter::once(help).chain(boxes).collect()
    }

    /// An element that has to be filled in.
    fn input(&self, kind: &str, name: &str, label: Word) -> Json {
        object! {
            "type": kind,
            "name": name,
            "label": label.in_language(self.language),
            "validation": "required",
            "invalid": false,
            "failed_validation_rules": Json::List(Vec::new()),
            "validation_error": Json::Null,
        }
    }

    fn help(&self, text: Word) -> Json {
        object! {
            "type": "help_text",
            "title": Json::Null,
            "text": text.in_language(self.language),
        }
    }
}

/// One white dot as PNG, in base64.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==";
