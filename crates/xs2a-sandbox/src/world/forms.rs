//! How the wizard shows a session: its forms, and what stands around them.

use super::model::{
    account::AccountType,
    bank::Challenge,
    session::{Purpose, Selection, Session, State, Step},
    wizard_script::{ScriptedEnd, Shown, Until},
    words::Word,
};
use crate::{
    answer::Answer,
    json::{Json, object},
};

/// Milliseconds between two polls.
const POLL_INTERVAL: u32 = 200;
/// The seconds that a form with a countdown begins with.
const COUNTDOWN: u32 = 120;
/// By how many seconds a countdown is further at each poll.
const COUNTDOWN_STEP: u32 = 2;
/// The tabs of the login form of a bank that has tabs.
pub(super) const TABS: [&str; 2] = ["PIN", "App"];

/// A rule that the value of an element has broken.
#[derive(Debug)]
pub(super) struct Problem {
    /// Name of the element.
    pub(super) element: String,
    pub(super) rule: &'static str,
}

/// The answer that shows where the session stands. `error` is what the bank says to the last
/// request, if the bank was asked.
pub(super) fn show(
    session: &Session,
    problems: &[Problem],
    error: Option<Word>,
    base_url: &str,
) -> Answer {
    if let Some(answer) = scripted(session) {
        return answer;
    }
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
                object! { "message": word.in_language(session.language), "recoverable": true }
            });
            let waits_for_app = session.step() == Some(Step::Challenge(Challenge::App));
            let polling = waits_for_app.then(|| object! { "interval": POLL_INTERVAL });
            response
                .with("error", error)
                .with("polling", polling)
                .with("form", form(session, problems, base_url))
        }
        State::Finished { credentials } => {
            let form = object! { "name": "finish", "elements": [help(session, Word::Finished)] };
            let response = response.with("form", form);
            match credentials {
                Some(half) if session.has_word("half") => {
                    return Answer::json(200, response.with("additional_data", half)).verbatim();
                }
                Some(half) => response.with("additional_data", object! { "credentials": half }),
                None => response,
            }
        }
        State::Failed { message } => {
            let error = object! { "message": message, "recoverable": false };
            response.with("message", message).with("error", error)
        }
    };
    Answer::json(200, response)
}

/// What a test has written for the place where the session stands.
fn scripted(session: &Session) -> Option<Answer> {
    let sent = |json: String| Answer::raw(200, "application/json", json).verbatim();
    match (&session.state, session.scripted_end()) {
        (State::Finished { .. }, Some(ScriptedEnd::Finished(json)))
        | (State::Failed { .. }, Some(ScriptedEnd::Failed(json))) => {
            return Some(sent(json.clone()));
        }
        (State::Open, _) => {}
        _ => return None,
    }
    let Some(Step::Scripted(position)) = session.step() else {
        return None;
    };
    let form = session.scripted(position)?;
    Some(sent(match &form.shown {
        Shown::Answer(json) => json.clone(),
        Shown::Form(json) => {
            let polling = match form.until {
                Until::Poll(_) => object! { "interval": POLL_INTERVAL },
                Until::Values | Until::ForGood => Json::Null,
            };
            format!(
                r#"{{"code":200,"message":"OK","error":null,"polling":{polling},"form":{json},"additional_data":null}}"#
            )
        }
    }))
}

fn form(session: &Session, problems: &[Problem], base_url: &str) -> Json {
    let (name, mut elements) = match session.step() {
        Some(Step::Bank) => ("bank", bank_form(session)),
        Some(Step::Login) => ("login", login_form(session)),
        Some(Step::Challenge(challenge)) => challenge_form(session, challenge, base_url),
        Some(Step::Scripted(_)) | None => ("finish", Vec::new()),
    };
    if let Some(state) = session.hidden_state() {
        let word = |word: Word| word.in_language(session.language);
        let notice = object! {
            "type": "paragraph",
            "title": word(Word::Notice),
            "text": word(Word::GoesToBank),
            "severity": "info",
        };
        let submit =
            object! { "type": "submit", "label": word(Word::Continue), "back": word(Word::Back) };
        elements.insert(0, notice);
        elements.extend([object! { "type": "hidden", "name": "state", "value": state }, submit]);
    }
    for Problem { element, rule } in problems {
        let word = if *rule == "required" { Word::Required } else { Word::Rejected };
        for shown in elements.iter_mut().filter(|shown| shown.text_of("name") == Some(element)) {
            *shown = shown
                .clone()
                .with("invalid", true)
                .with("failed_validation_rules", [rule])
                .with("validation_error", word.in_language(session.language));
        }
    }
    object! { "name": name, "elements": elements }
}

fn bank_form(session: &Session) -> Vec<Json> {
    let countries = object! {
        "DE": Word::Germany.in_language(session.language),
        "AT": Word::Austria.in_language(session.language),
        "CH": Word::Switzerland.in_language(session.language),
    };
    let country = input(session, "select", "country_id", Word::Country)
        .with("selected", session.country.as_deref().unwrap_or("DE"))
        .with("options", countries);
    let code = input(session, "text", "bank_code", Word::BankCode)
        .with("value", session.bank.map(|bank| bank.code));
    vec![country, code]
}

fn login_form(session: &Session) -> Vec<Json> {
    let mut elements = Vec::new();
    if session.bank.is_some_and(|bank| bank.tabs) {
        let [pin, app] = TABS;
        elements.push(object! {
            "type": "tabs",
            "name": "login_tab",
            "label": Word::WayIn.in_language(session.language),
            "tabs": TABS,
            "selected": if session.app_tab { app } else { pin },
        });
    }
    elements.push(input(session, "text", "USER_NAME", Word::UserName));
    if !session.app_tab {
        elements.push(input(session, "password", "USER_PIN", Word::Pin));
    }
    let privacy = input(session, "checkbox", "privacy_policy", Word::Privacy);
    elements.push(privacy.with("checked", false));
    elements
}

fn challenge_form(
    session: &Session,
    challenge: Challenge,
    base_url: &str,
) -> (&'static str, Vec<Json>) {
    match challenge {
        Challenge::Tan => {
            let tan = input(session, "password", "TAN", Word::Tan);
            ("tan", vec![help(session, Word::EnterTan), tan])
        }
        Challenge::Flicker => {
            let code =
                [["1", "0", "1", "0", "1"], ["0", "1", "1", "0", "1"], ["1", "1", "1", "1", "1"]];
            let tan = input(session, "flicker", "TAN", Word::Tan).with("code", code);
            ("tan", vec![help(session, Word::EnterTan), tan])
        }
        Challenge::Captcha => {
            let captcha = input(session, "captcha", "CAPTCHA", Word::Captcha);
            ("captcha", vec![captcha.with("data", PICTURE)])
        }
        Challenge::Accounts => ("accounts", accounts_form(session)),
        Challenge::App => {
            let mut elements = vec![help(session, Word::ApproveInApp)];
            if session.has_word("countdown") {
                elements.push(countdown(session));
            }
            ("app", elements)
        }
        Challenge::Redirect => {
            let redirect = object! {
                "type": "redirect",
                "name": "redirect",
                "url": format!("{base_url}/sandbox/bank/{}", session.id),
                "label": Word::ContinueAtBank.in_language(session.language),
                "back": Word::Back.in_language(session.language),
            };
            ("redirect", vec![redirect])
        }
    }
}

fn accounts_form(session: &Session) -> Vec<Json> {
    let kinds = AccountType::OF_A_LOGIN;
    if is_single_choice(session) {
        let options = kinds.map(|kind| object! { "label": kind.title(), "disabled": false });
        let element = input(session, "radio", "account", Word::WhichAccounts);
        return vec![element.with("checked", 0).with("options", options)];
    }
    let mut elements = vec![help(session, Word::WhichAccounts)];
    for (position, kind) in kinds.iter().enumerate() {
        elements.push(object! {
            "type": "checkbox",
            "name": format!("account_{position}"),
            "label": kind.title(),
            "checked": false,
            "validation": Json::Null,
            "invalid": false,
            "failed_validation_rules": Json::List(Vec::new()),
            "validation_error": Json::Null,
        });
    }
    elements
}

/// Whether the user picks one account by its position, rather than several by their boxes.
pub(super) fn is_single_choice(session: &Session) -> bool {
    matches!(session.purpose, Purpose::Create { selection: Selection::Single, .. })
}

/// An element that has to be filled in.
fn input(session: &Session, kind: &str, name: &str, label: Word) -> Json {
    object! {
        "type": kind,
        "name": name,
        "label": label.in_language(session.language),
        "validation": "required",
        "invalid": false,
        "failed_validation_rules": Json::List(Vec::new()),
        "validation_error": Json::Null,
    }
}

/// How long the user has for an approval. The text is another one at each poll.
fn countdown(session: &Session) -> Json {
    let left = COUNTDOWN.saturating_sub(COUNTDOWN_STEP.saturating_mul(session.polls));
    let text = format!("{left} {}", Word::SecondsLeft.in_language(session.language));
    object! { "type": "help_text", "title": Json::Null, "text": text }
}

fn help(session: &Session, text: Word) -> Json {
    object! {
        "type": "help_text",
        "title": Json::Null,
        "text": text.in_language(session.language),
    }
}

/// One white dot as PNG, in base64.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==";
