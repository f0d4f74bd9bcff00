//! The wizard: what the values of a form lead to.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{
    forms::{self, Problem, TABS},
    lifecycle,
    model::{
        account::AccountType,
        bank::{self, Challenge},
        bank_fault::BankFault,
        session::{Purpose, Selection, Session, Step},
        wizard_script::{ScriptedEnd, Until, WizardScript},
        words::{Language, Word},
    },
    sessions,
    state::World,
};
use crate::{
    answer::{Outcome, Refusal},
    request::Fields,
};

/// The number of wrong PINs, TANs or captchas after which a session is over.
const MAX_TRIES: u32 = 3;
/// The poll that finds the login approved, if nobody has approved it before.
const APPROVING_POLL: u32 = 3;

/// What a user can do instead of sending the values of a form.
const ACTIONS: &[&str] = &["back", "switch-login-tabs", "poll", "change-language", "abort"];

/// What is set for the logins with a user name.
struct Standing<'a> {
    faults: &'a HashMap<String, BankFault>,
    scripts: &'a HashMap<String, Arc<WizardScript>>,
}

/// What comes of a request.
enum Verdict {
    /// The next form.
    Next,
    /// The same form again.
    Again {
        problems: Vec<Problem>,
        last_error: Option<&'static str>,
        /// What the bank says, if the bank was asked.
        error: Option<Word>,
    },
    /// The user has ended the session.
    Aborted,
    /// The bank has ended the session. If the session was a sync, the sync has failed.
    RejectedByBank { last_error: &'static str, message: &'static str },
}

impl Verdict {
    fn unchanged() -> Self {
        Self::Again { problems: Vec::new(), last_error: None, error: None }
    }

    fn invalid(problems: Vec<Problem>) -> Self {
        Self::Again { problems, last_error: Some("validation_failed"), error: None }
    }
}

pub(super) fn advance(world: &mut World, user: &str, body: &Fields, base_url: &str) -> Outcome {
    let key = body.text("key")?.ok_or_else(|| Refusal::invalid("The key is required"))?;
    let action = body.text("action")?;
    let now = world.now();
    let transaction = world.session_keys.get(&key).cloned().ok_or_else(Refusal::not_found)?;
    let session = world.sessions.get_mut(&transaction).filter(|session| session.user == user);
    let session = session.ok_or_else(Refusal::not_found)?;
    // A form that a test has written may know further actions.
    if !matches!(session.step(), Some(Step::Scripted(_))) {
        body.choice("action", ACTIONS)?;
    }
    session.receive(now, &body.0);
    let verdict = if session.is_open() {
        session.touched = now;
        let standing = Standing { faults: &world.logins, scripts: &world.scripts };
        judge(session, &standing, action.as_deref(), body)?
    } else {
        Verdict::unchanged()
    };

    let (mut problems, mut error) = (Vec::new(), None);
    match verdict {
        Verdict::Next => {
            session.at += 1;
            session.tries = 0;
            session.polls = 0;
            session.approved = false;
            if session.step().is_none() {
                end(world, &transaction);
            }
        }
        Verdict::Again { problems: found, last_error, error: said } => {
            session.last_error = last_error.or(session.last_error);
            (problems, error) = (found, said);
        }
        Verdict::Aborted => {
            sessions::fail(world, &transaction, "client_aborted", "The session was aborted");
        }
        Verdict::RejectedByBank { last_error, message } => {
            reject(world, &transaction, last_error, message);
        }
    }
    let session = world.sessions.get(&transaction).ok_or_else(Refusal::not_found)?;
    Ok(forms::show(session, &problems, error, base_url))
}

/// The user has come to the end of the forms.
fn end(world: &mut World, transaction: &str) {
    let session = world.sessions.get(transaction);
    match session.and_then(Session::scripted_end) {
        Some(ScriptedEnd::Failed(_)) => {
            reject(world, transaction, "login_failed", "The bank has rejected the login");
        }
        Some(ScriptedEnd::Finished(_)) | None => drop(sessions::finish(world, transaction)),
    }
}

/// The bank has ended the session.
fn reject(world: &mut World, transaction: &str, last_error: &'static str, message: &'static str) {
    let purpose = world.sessions.get(transaction).map(|session| session.purpose.clone());
    if let Some(Purpose::Sync { connection }) = purpose {
        lifecycle::user_was_rejected(world, &connection, message);
    }
    sessions::fail(world, transaction, last_error, message);
}

/// Carries out the action, or holds the values of the form against its rules and the bank.
fn judge(
    session: &mut Session,
    standing: &Standing<'_>,
    action: Option<&str>,
    body: &Fields,
) -> Result<Verdict, Refusal> {
    match action {
        Some("abort") => return Ok(Verdict::Aborted),
        Some("back") => {
            session.at = session.at.saturating_sub(1);
            session.tries = 0;
            return Ok(Verdict::unchanged());
        }
        Some("change-language") => {
            let language = body.choice("language", Language::NAMES)?;
            session.language = language
                .and_then(Language::from_name)
                .ok_or_else(|| Refusal::invalid("The language is required"))?;
            return Ok(Verdict::unchanged());
        }
        Some("poll") => {
            session.polls += 1;
            return Ok(after_waiting(session));
        }
        Some("switch-login-tabs") if !matches!(session.step(), Some(Step::Scripted(_))) => {
            return switch_tabs(session, body);
        }
        _ => {}
    }
    if body.0.keys().all(|name| name == "key" || name == "action") {
        return Ok(after_waiting(session));
    }
    if let Some(state) = session.hidden_state() {
        let problems = came_back(&state, body.0.get("state"));
        if !problems.is_empty() {
            return Ok(Verdict::invalid(problems));
        }
    }
    match session.step() {
        Some(Step::Bank) => judge_bank(session, body),
        Some(Step::Login) => judge_login(session, standing, body),
        Some(Step::Challenge(Challenge::Tan | Challenge::Flicker)) => {
            judge_secret(session, body, "TAN", "wrong_tan", "max_tan_tries")
        }
        Some(Step::Challenge(Challenge::Captcha)) => {
            judge_secret(session, body, "CAPTCHA", "login_failed", "max_login_tries")
        }
        Some(Step::Challenge(Challenge::Accounts)) => judge_accounts(session, body),
        Some(Step::Scripted(position)) => Ok(judge_scripted(session, position, body)),
        Some(Step::Challenge(Challenge::App | Challenge::Redirect)) | None => {
            Ok(after_waiting(session))
        }
    }
}

/// The problem with the value of the hidden element, which has to come back as it was shown.
fn came_back(state: &str, value: Option<&Value>) -> Vec<Problem> {
    let rule = match value {
        None | Some(Value::Null) => "required",
        Some(Value::String(text)) if text == state => return Vec::new(),
        Some(_) => "same",
    };
    vec![Problem { element: "state".to_owned(), rule }]
}

/// The verdict on values for a form that a test has written.
fn judge_scripted(session: &Session, position: usize, body: &Fields) -> Verdict {
    let Some(form) = session.scripted(position).filter(|form| form.until == Until::Values) else {
        return Verdict::unchanged();
    };
    let text_of = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let is_there = |(name, expected): &(String, String)| {
        body.0.get(name).map(text_of).as_ref() == Some(expected)
    };
    if form.required.iter().all(is_there) { Verdict::Next } else { Verdict::unchanged() }
}

/// Shows the other tab of the login form. The tab is named by its text or by its position.
fn switch_tabs(session: &mut Session, body: &Fields) -> Result<Verdict, Refusal> {
    let wanted = body.text("login_tab")?.unwrap_or_default();
    let is_wanted =
        |(position, tab): &(usize, &str)| *tab == wanted || position.to_string() == wanted;
    let Some((position, _)) = TABS.into_iter().enumerate().find(is_wanted) else {
        return Err(Refusal::invalid("The login_tab is not valid"));
    };
    if session.step() == Some(Step::Login) && session.bank.is_some_and(|bank| bank.tabs) {
        session.app_tab = position == 1;
    }
    Ok(Verdict::unchanged())
}

/// The next form if the user has approved what the session waits for, or if there is no form.
fn after_waiting(session: &Session) -> Verdict {
    let is_over = match session.step() {
        Some(Step::Challenge(Challenge::App)) => {
            let by_itself = session.polls >= APPROVING_POLL && !session.has_word("nobody");
            session.approved || by_itself
        }
        Some(Step::Challenge(Challenge::Redirect)) => session.approved,
        Some(Step::Scripted(position)) => match session.scripted(position).map(|form| form.until) {
            Some(Until::Poll(number)) => session.approved || session.polls >= number,
            _ => false,
        },
        None => true,
        _ => false,
    };
    if is_over { Verdict::Next } else { Verdict::unchanged() }
}

fn judge_bank(session: &mut Session, body: &Fields) -> Result<Verdict, Refusal> {
    let (country, code) = (body.text("country_id")?, body.text("bank_code")?);
    let country = country.or_else(|| session.country.clone());
    let problems = required(&[("country_id", country.is_some()), ("bank_code", code.is_some())]);
    let (Some(country), Some(code)) = (country, code) else {
        return Ok(Verdict::invalid(problems));
    };
    let found = bank::by_code(&code).filter(|bank| bank.country.eq_ignore_ascii_case(&country));
    session.country = Some(country);
    let last_error = match found {
        Some(bank) if bank.supported => {
            session.bank = Some(bank);
            return Ok(Verdict::Next);
        }
        Some(_) => "no_transports_found",
        None => "bank_code_unknown",
    };
    let problems = vec![Problem { element: "bank_code".to_owned(), rule: "supported" }];
    Ok(Verdict::Again { problems, last_error: Some(last_error), error: None })
}

fn judge_login(
    session: &mut Session,
    standing: &Standing<'_>,
    body: &Fields,
) -> Result<Verdict, Refusal> {
    let (name, pin) = (body.text("USER_NAME")?, body.text("USER_PIN")?);
    let agreed = body.flag("privacy_policy")?;
    let by_app = session.app_tab;
    let problems = required(&[
        ("USER_NAME", name.is_some()),
        ("USER_PIN", by_app || pin.is_some()),
        ("privacy_policy", agreed),
    ]);
    let Some(name) = name.filter(|_| problems.is_empty()) else {
        return Ok(Verdict::invalid(problems));
    };

    let fault = standing.faults.get(&name).copied();
    if fault == Some(BankFault::Unavailable) {
        let message = "The bank cannot be reached at present";
        return Ok(Verdict::RejectedByBank { last_error: "tech_error", message });
    }
    let is_wrong = pin.as_deref() == Some(bank::WRONG) || fault == Some(BankFault::WrongPassword);
    if is_wrong && !by_app {
        return Ok(wrong(session, &name, "USER_PIN", "login_failed", "max_login_tries"));
    }

    let next = session.at + 1;
    if let Some(script) = standing.scripts.get(&name) {
        session.follow(Arc::clone(script), next);
    } else {
        let steps = steps_after_login(session, &name, fault);
        session.steps.truncate(next);
        session.steps.extend(steps.into_iter().map(Step::Challenge));
    }
    session.login = Some(name);
    Ok(Verdict::Next)
}

/// What the bank asks for after the login, in this order.
fn steps_after_login(session: &Session, name: &str, fault: Option<BankFault>) -> Vec<Challenge> {
    let mut steps = bank::challenges(name);
    if fault == Some(BankFault::TanRequired) && !steps.contains(&Challenge::Tan) {
        steps.push(Challenge::Tan);
    }
    if session.app_tab && !steps.contains(&Challenge::App) {
        steps.insert(0, Challenge::App);
    }
    match session.purpose {
        Purpose::Create { selection: Selection::Multi | Selection::Single, .. } => {
            if !steps.contains(&Challenge::Accounts) {
                steps.push(Challenge::Accounts);
            }
        }
        Purpose::Create { selection: Selection::All, .. } => {}
        // The accounts of a connection were chosen when the connection was made.
        Purpose::Sync { .. } | Purpose::Reset { .. } => {
            steps.retain(|step| *step != Challenge::Accounts);
        }
    }
    steps
}

fn judge_secret(
    session: &mut Session,
    body: &Fields,
    element: &str,
    last_error: &'static str,
    too_often: &'static str,
) -> Result<Verdict, Refusal> {
    Ok(match body.text(element)?.as_deref() {
        None => Verdict::invalid(required(&[(element, false)])),
        Some(bank::WRONG) => {
            let name = session.login.clone().unwrap_or_default();
            wrong(session, &name, element, last_error, too_often)
        }
        Some(_) => Verdict::Next,
    })
}

fn judge_accounts(session: &mut Session, body: &Fields) -> Result<Verdict, Refusal> {
    let offered = AccountType::OF_A_LOGIN.len();
    let mut picked = Vec::new();
    for position in 0..offered {
        if body.flag(&format!("account_{position}"))? {
            picked.push(position);
        }
    }
    let one: Option<usize> = body.text("account")?.and_then(|position| position.parse().ok());
    let single = forms::is_single_choice(session);
    if single {
        picked = one.into_iter().filter(|position| *position < offered).collect();
    }
    if picked.is_empty() {
        let element = if single { "account" } else { "account_0" };
        return Ok(Verdict::invalid(required(&[(element, false)])));
    }
    session.picked = Some(picked);
    Ok(Verdict::Next)
}

/// The verdict on a wrong PIN, TAN or captcha: the form again, or the end after too many. The bank
/// of a patient user name never has too many.
fn wrong(
    session: &mut Session,
    name: &str,
    element: &str,
    last_error: &'static str,
    too_often: &'static str,
) -> Verdict {
    session.tries += 1;
    if session.tries >= MAX_TRIES && !bank::has_word(name, "patient") {
        let message = "The bank has rejected the login too often";
        return Verdict::RejectedByBank { last_error: too_often, message };
    }
    Verdict::Again {
        problems: vec![Problem { element: element.to_owned(), rule: "accepted_by_bank" }],
        last_error: Some(last_error),
        error: Some(Word::Rejected),
    }
}

/// A problem for each element without a value.
fn required(elements: &[(&str, bool)]) -> Vec<Problem> {
    let missing = elements.iter().filter(|(_, is_given)| !is_given);
    missing.map(|(name, _)| Problem { element: (*name).to_owned(), rule: "required" }).collect()
}
