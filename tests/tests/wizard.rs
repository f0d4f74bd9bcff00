//! The wizard against the sandbox: how a user gets through, and how not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use xs2a::types::{AccountSelection, CreateConnectionRequest, Language, SyncMode, WizardElement};
use xs2a::wizard::{AnswerError, Answers, Element, Form, Markup, Span, Waiting, WizardStep};
use xs2a::{ErrorKind, Fate, Operation, RetryPolicy, UserClient, UserSession, Wizard};
use xs2a_sandbox::{Fault, Sandbox};
use xs2a_tests::forms::sandbox;
use xs2a_tests::in_both_forms;
use xs2a_tests::raw_server::{Answer, RawServer, Reaction};

const LONG: Duration = Duration::from_secs(3600);

async fn client(sandbox: &Sandbox) -> UserClient {
    let user = sandbox.add_user("Erika");
    UserClient::builder(user.token()).base_url(sandbox.base_url()).build().unwrap()
}

async fn session(user: &UserClient, request: &CreateConnectionRequest) -> (UserSession, Wizard) {
    let session = user.connections().create(request).await.unwrap();
    let wizard = user.wizard(session.key().clone());
    (session, wizard)
}

#[track_caller]
fn form(step: WizardStep) -> Form {
    match step {
        WizardStep::Form(form) | WizardStep::Rejected(form) => form,
        other => panic!("no form: {other:?}"),
    }
}

#[track_caller]
fn waiting(step: WizardStep) -> Waiting {
    match step {
        WizardStep::Waiting(waiting) => waiting,
        other => panic!("no wait: {other:?}"),
    }
}

fn credentials<'f>(form: &'f Form, name: &str, pin: &str) -> Answers<'f> {
    let answers = form.answers().enter("USER_NAME", name).unwrap();
    answers.enter("USER_PIN", pin).unwrap().tick("privacy_policy", true).unwrap()
}

/// Opens a session and goes to the login form.
async fn login_form(wizard: &Wizard) -> Form {
    let bank = form(wizard.open().await.unwrap());
    assert_eq!(bank.name(), "bank");
    let answers = bank.answers().choose("country_id", "DE").unwrap();
    let answers = answers.enter("bank_code", "88888888").unwrap();
    let login = form(wizard.send(answers).await.unwrap());
    assert_eq!(login.name(), "login");
    login
}

async fn log_in(wizard: &Wizard, name: &str, pin: &str) -> WizardStep {
    let login = login_form(wizard).await;
    wizard.send(credentials(&login, name, pin)).await.unwrap()
}

#[track_caller]
fn element<'f>(form: &'f Form, name: &str) -> Element<'f> {
    form.elements().find(|element| element.name() == Some(name)).unwrap()
}

in_both_forms! {
    #[tokio::test]
    async fn a_plain_login_is_through_after_the_login_form(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (session, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let WizardStep::Completed(end) = log_in(&wizard, "abcdef", "123456").await else {
            panic!("not finished");
        };
        assert_eq!(end.form.unwrap().name(), "finish");
        let connection = user
            .connections()
            .get(session.transaction())
            .await
            .unwrap();
        assert_eq!(connection.transaction.as_ref(), Some(session.transaction()));
        assert_eq!(
            user.accounts()
                .of_connection(&connection.id)
                .all()
                .await
                .unwrap()
                .len(),
            3
        );
    }

    #[tokio::test]
    async fn a_shared_connection_hands_over_the_customers_half_at_the_end(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let request = CreateConnectionRequest::new().sync_mode(SyncMode::Shared);
        let (session, wizard) = session(&user, &request).await;
        let WizardStep::Completed(end) = log_in(&wizard, "abcdef", "123456").await else {
            panic!("not finished");
        };
        let half = end.additional_data.unwrap().0["credentials"]
            .as_str()
            .unwrap()
            .to_owned();
        let connection = user
            .connections()
            .get(session.transaction())
            .await
            .unwrap();
        assert_eq!(sandbox.credentials(connection.id.as_str()), Some(half));
    }

    #[tokio::test]
    async fn a_wrong_pin_brings_the_form_back_and_the_right_one_gets_through(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let again = form(log_in(&wizard, "abcdef", "000000").await);
        assert_eq!(again.name(), "login");
        assert!(again.message().is_some());
        let rejection = element(&again, "USER_PIN").error().unwrap();
        assert_eq!(rejection.field.as_deref(), Some("USER_PIN"));
        assert_eq!(rejection.rules, ["accepted_by_bank"]);
        assert!(again.rejections().contains(&rejection));
        assert_eq!(element(&again, "USER_NAME").error(), None);
        let end = wizard
            .send(credentials(&again, "abcdef", "123456"))
            .await
            .unwrap();
        assert!(matches!(end, WizardStep::Completed(_)));
    }

    #[tokio::test]
    async fn too_many_wrong_pins_end_the_session_for_good(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let mut step = log_in(&wizard, "abcdef", "000000").await;
        for _ in 0..2 {
            step = wizard
                .send(credentials(&form(step), "abcdef", "000000"))
                .await
                .unwrap();
        }
        let WizardStep::Failed(failure) = step else {
            panic!("not failed")
        };
        assert!(failure.message.is_some());
        assert!(matches!(wizard.open().await.unwrap(), WizardStep::Failed(_)));
    }

    #[tokio::test]
    async fn a_tan_is_asked_for_and_may_be_wrong_once(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let tan = form(log_in(&wizard, "tan", "123456").await);
        assert_eq!(tan.name(), "tan");
        let answers = tan.answers().enter("TAN", "000000").unwrap();
        let again = form(wizard.send(answers).await.unwrap());
        assert_eq!(again.name(), "tan");
        let answers = again.answers().enter("TAN", "424242").unwrap();
        assert!(matches!(
            wizard.send(answers).await.unwrap(),
            WizardStep::Completed(_)
        ));
    }

    #[tokio::test]
    async fn a_captcha_and_a_flickering_code_are_answered_with_text(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let captcha = form(log_in(&wizard, "captcha-flicker", "123456").await);
        assert_eq!(captcha.elements().map(Element::kind).collect::<Vec<_>>(), ["captcha"]);
        let answers = captcha.answers().enter("CAPTCHA", "x7kq").unwrap();
        let flicker = form(wizard.send(answers).await.unwrap());
        let code = flicker.elements().find_map(|element| match element.data() {
            WizardElement::Flicker(flicker) => Some(flicker.code.clone()),
            _ => None,
        });
        assert_eq!(code.unwrap()[0], ["1", "0", "1", "0", "1"]);
        let answers = flicker.answers().enter("TAN", "424242").unwrap();
        assert!(matches!(
            wizard.send(answers).await.unwrap(),
            WizardStep::Completed(_)
        ));
    }

    #[tokio::test]
    async fn of_several_accounts_the_user_ticks_some(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let request = CreateConnectionRequest::new().account_selection(AccountSelection::Multi);
        let (session, wizard) = session(&user, &request).await;
        let choice = form(log_in(&wizard, "abcdef", "123456").await);
        assert_eq!(choice.name(), "accounts");
        let answers = choice
            .answers()
            .tick("account_0", true)
            .unwrap()
            .tick("account_2", true)
            .unwrap();
        assert!(matches!(
            wizard.send(answers).await.unwrap(),
            WizardStep::Completed(_)
        ));
        let connection = user
            .connections()
            .get(session.transaction())
            .await
            .unwrap();
        assert_eq!(
            user.accounts()
                .of_connection(&connection.id)
                .all()
                .await
                .unwrap()
                .len(),
            2
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_approval_is_polled_for_at_the_servers_pace_until_the_form_changes(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let wait = waiting(log_in(&wizard, "app", "123456").await);
        assert_eq!(wait.form.as_ref().unwrap().name(), "app");
        let before = (
            tokio::time::Instant::now(),
            sandbox.received("advance_wizard"),
        );
        assert!(matches!(
            wizard.wait(&wait, LONG).await.unwrap(),
            WizardStep::Completed(_)
        ));
        let polls = sandbox.received("advance_wizard") - before.1;
        assert_eq!(polls, 3);
        assert!(before.0.elapsed() >= 3 * wait.interval);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_takes_too_long_is_an_error_and_can_go_on(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (session, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let wait = waiting(log_in(&wizard, "app", "123456").await);
        let polls = sandbox.received("advance_wizard");
        let late = wizard.wait(&wait, wait.interval / 2).await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Timeout);
        assert_eq!(
            sandbox.received("advance_wizard"),
            polls,
            "nothing is asked before it is time"
        );
        assert!(sandbox.approve(session.transaction().as_str()));
        assert!(matches!(
            wizard.wait(&wait, LONG).await.unwrap(),
            WizardStep::Completed(_)
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_poll_that_stalls_does_not_prolong_the_wait(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let wait = waiting(log_in(&wizard, "app", "123456").await);
        sandbox
            .fault(Fault::StallBeforeActing)
            .on("advance_wizard")
            .next();
        let limit = wait.interval + Duration::from_secs(1);
        let begun = tokio::time::Instant::now();
        let late = wizard.wait(&wait, limit).await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Timeout);
        assert_eq!(begun.elapsed().as_secs(), limit.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_poll_is_repeated_like_a_read_and_answers_are_sent_once(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let wait = waiting(log_in(&wizard, "app", "123456").await);
        sandbox
            .fault(Fault::ResetAfterActing)
            .on("advance_wizard")
            .next();
        assert!(matches!(
            wizard.wait(&wait, LONG).await.unwrap(),
            WizardStep::Completed(_)
        ));

        let (_, wizard) = self::session(&user, &CreateConnectionRequest::new()).await;
        let login = login_form(&wizard).await;
        let sent = sandbox.received("advance_wizard");
        sandbox
            .fault(Fault::ResetAfterActing)
            .on("advance_wizard")
            .next();
        let error = wizard
            .send(credentials(&login, "abcdef", "123456"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.fate()),
            (ErrorKind::Interrupted, Fate::Unknown)
        );
        assert_eq!(sandbox.received("advance_wizard"), sent + 1);
        // Where the session stands is seen by opening it.
        assert!(matches!(wizard.open().await.unwrap(), WizardStep::Completed(_)));
    }

    #[tokio::test]
    async fn a_redirect_is_over_when_the_user_is_back(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (session, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let redirect = form(log_in(&wizard, "redirect", "123456").await);
        let element = redirect.elements().next().unwrap();
        let WizardElement::Redirect(address) = element.data() else {
            panic!("no redirect: {redirect:?}");
        };
        assert_eq!(redirect.elements().count(), 1);
        assert!(address.url.as_ref().unwrap().expose().starts_with("http"));
        assert!(!format!("{redirect:?}").contains(address.url.as_ref().unwrap().expose()));
        assert_eq!(form(wizard.open().await.unwrap()), redirect);
        assert!(sandbox.approve(session.transaction().as_str()));
        assert!(matches!(wizard.open().await.unwrap(), WizardStep::Completed(_)));
    }

    #[tokio::test]
    async fn one_can_go_back_and_change_the_tab_and_the_language(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        login_form(&wizard).await;
        let bank = form(wizard.back().await.unwrap());
        assert_eq!(bank.name(), "bank");

        // The bank code that was entered is still in the form, and sent as it is unless changed.
        let answers = bank.answers().enter("bank_code", "88888889").unwrap();
        let login = form(wizard.send(answers).await.unwrap());
        assert!(
            matches!(login.elements().next().unwrap().data(), WizardElement::Tabs(tabs) if tabs.tabs.values().eq(["PIN", "App"]))
        );
        let error = wizard.switch_tab(&login, "Oracle").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidRequest, 0)
        );
        let app = form(wizard.switch_tab(&login, "App").await.unwrap());
        assert!(
            app.elements().all(|element| element.kind() != "password")
        );

        let label = |form: &Form| element(form, "USER_NAME").label().map(str::to_owned);
        let german = form(wizard.change_language(Language::De).await.unwrap());
        let english = form(wizard.change_language(Language::En).await.unwrap());
        assert_ne!(label(&german), label(&english));
    }

    #[tokio::test]
    async fn an_aborted_session_is_over(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (session, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        login_form(&wizard).await;
        wizard.abort().await.unwrap();
        assert!(matches!(wizard.open().await.unwrap(), WizardStep::Failed(_)));
        assert!(
            !sandbox.approve(session.transaction().as_str()),
            "nothing is open any more"
        );
        let error = user
            .connections()
            .get(session.transaction())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn an_expired_session_is_final(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let login = login_form(&wizard).await;
        sandbox.advance(Duration::from_secs(24 * 3600));
        let step = wizard
            .send(credentials(&login, "abcdef", "123456"))
            .await
            .unwrap();
        let WizardStep::Failed(failure) = step else {
            panic!("not failed")
        };
        assert!(
            failure
                .to_string()
                .starts_with("the wizard session has failed: ")
        );
    }

    #[tokio::test]
    async fn a_session_that_nobody_knows_is_not_found(sandbox: &Sandbox) {
        let error = client(sandbox)
            .await
            .wizard("wsk-nobody")
            .open()
            .await
            .unwrap_err();
        assert_eq!(
            (error.operation(), error.kind()),
            (Operation::AdvanceWizard, ErrorKind::NotFound)
        );
    }

    #[tokio::test]
    async fn answers_that_do_not_fit_the_form_are_refused_before_they_are_sent(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (_, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let bank = form(wizard.open().await.unwrap());
        let refused = |result: Result<Answers<'_>, AnswerError>| result.map(drop).unwrap_err();
        assert_eq!(
            refused(bank.answers().enter("bank", "x")),
            AnswerError::UnknownElement("bank".to_owned())
        );
        assert_eq!(
            refused(bank.answers().enter("country_id", "DE")),
            AnswerError::WrongKind("country_id".to_owned())
        );
        assert_eq!(
            refused(bank.answers().tick("bank_code", true)),
            AnswerError::WrongKind("bank_code".to_owned())
        );
        assert_eq!(
            refused(bank.answers().choose("country_id", "Germany")).to_string(),
            "the element `country_id` offers: DE, AT, CH"
        );

        let sent = sandbox.received("advance_wizard");
        let error = wizard.send(bank.answers()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.fate()),
            (ErrorKind::InvalidRequest, Fate::NotActed)
        );
        assert!(
            error.to_string().contains("`bank_code` has to be answered"),
            "{error}"
        );
        let login = login_form(&wizard).await;
        let unticked = credentials(&login, "abcdef", "123456")
            .tick("privacy_policy", false)
            .unwrap();
        let error = wizard.send(unticked).await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`privacy_policy` has to be answered"),
            "{error}"
        );
        assert_eq!(
            sandbox.received("advance_wizard"),
            sent + 2,
            "opened and sent the bank, no more"
        );
    }

    #[tokio::test]
    async fn nothing_that_the_user_enters_is_ever_printed(sandbox: &Sandbox) {
        let user = client(sandbox).await;
        let (session, wizard) = session(&user, &CreateConnectionRequest::new()).await;
        let login = login_form(&wizard).await;
        let answers = credentials(&login, "hunter1", "hunter2");
        let printed = format!("{answers:?} {wizard:?} {session:?} {user:?}");
        assert!(!printed.contains("hunter"), "{printed}");
        assert!(
            !printed.contains(session.key().expose()),
            "{printed}"
        );
        sandbox
            .fault(Fault::ResetBeforeActing)
            .on("advance_wizard")
            .always();
        let error = wizard.send(answers).await.unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains("hunter") && !printed.contains(session.key().expose()));
    }
}

#[tokio::test]
async fn of_several_accounts_the_user_chooses_one_by_its_label_or_position() {
    for (option, dialect) in [("Savings account", false), ("1", true)] {
        let sandbox = sandbox(dialect).await;
        let user = client(&sandbox).await;
        let request = CreateConnectionRequest::new().account_selection(AccountSelection::Single);
        let (session, wizard) = session(&user, &request).await;
        let choice = form(log_in(&wizard, "abcdef", "123456").await);
        let answers = choice.answers().choose("account", option).unwrap();
        assert!(matches!(wizard.send(answers).await.unwrap(), WizardStep::Completed(_)));
        let connection = user.connections().get(session.transaction()).await.unwrap();
        let accounts = user.accounts().of_connection(&connection.id).all().await.unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].type_.as_ref().unwrap().as_str(), "savings");
    }
}

/// A client whose wizard answers as told.
async fn scripted(body: &str) -> (RawServer, Wizard) {
    let server = RawServer::start([], Reaction::Answer(Answer::json(200, body))).await;
    let user = UserClient::builder("token")
        .base_url(server.url())
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    (server, user.wizard("wsk-1"))
}

#[tokio::test]
async fn what_the_user_entered_does_not_print_where_the_server_repeats_it() {
    let form_with = |more: &str| {
        format!(
            r#""form":{{"name":"login","elements":[{{"type":"password","name":"PIN"{more}}},
                {{"type":"checkbox","name":"agreed"}}]}}"#
        )
    };
    let again = form_with(r#","validation_error":"98765 is wrong""#);
    let again = format!(r#"{{"error":{{"message":"98765 is wrong"}},{again}}}"#);
    let over =
        r#"{"error":{"message":"98765 is wrong, agreed has to be true","recoverable":false}}"#;
    for answer in [again, over.to_owned()] {
        let first = format!("{{{}}}", form_with(""));
        let react = Reaction::by(move |request| {
            let body = if request.body.contains("PIN") { &answer } else { &first };
            Answer::json(200, body.clone())
        });
        let server = RawServer::start([], react).await;
        let user = UserClient::builder("token").base_url(server.url()).build().unwrap();
        let wizard = user.wizard("wsk-1");
        let shown = form(wizard.open().await.unwrap());
        let answers = shown.answers().enter("PIN", "98765").unwrap();
        let step = wizard.send(answers.tick("agreed", true).unwrap()).await.unwrap();
        assert!(!format!("{step:?}").contains("98765"), "{step:?}");
        match step {
            WizardStep::Rejected(form) => assert_eq!(form.message(), Some("98765 is wrong")),
            WizardStep::Failed(failure) => {
                assert!(failure.to_string().ends_with("agreed has to be true"))
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_form_cannot_fill_in_what_belongs_to_the_request() {
    let (server, wizard) = scripted(
        r#"{"form":{"name":"login","elements":[{"type":"text","name":"key","value":"other"},
            {"type":"text","name":"action","value":"abort"}]}}"#,
    )
    .await;
    let shown = form(wizard.open().await.unwrap());
    assert!(shown.answers().enter("action", "abort").is_err());
    let _ = wizard.send(shown.answers()).await.unwrap();
    assert_eq!(server.log().requests[1].body, r#"{"key":"wsk-1"}"#);
}

#[tokio::test]
async fn an_element_of_an_unknown_kind_keeps_its_json_and_can_be_answered() {
    let (server, wizard) = scripted(
        r#"{"code":200,"error":[],"polling":{},"form":{"name":"login","elements":[
            {"type":"hologram","name":"EYE","depth":3},{"type":"text","name":"USER_NAME"}]}}"#,
    )
    .await;
    let shown = form(wizard.open().await.unwrap());
    let element = shown.elements().next().unwrap();
    let WizardElement::Unknown(hologram) = element.data() else { panic!("known") };
    assert_eq!((element.kind(), element.name()), ("hologram", Some("EYE")));
    assert_eq!(hologram.tag(), "hologram");
    assert!(hologram.json().contains(r#""depth":3"#), "{}", hologram.json());
    let _ = wizard.send(shown.answers().enter("EYE", "blue").unwrap()).await.unwrap();
    let log = server.log();
    assert!(log.requests[1].body.contains(r#""EYE":"blue""#), "{}", log.requests[1].body);
}

#[tokio::test]
async fn what_a_form_came_with_is_sent_unless_it_is_answered_otherwise() {
    let (server, wizard) = scripted(
        r#"{"code":200,"form":{"name":"x","elements":[
            {"type":"text","name":"a","value":"kept"},
            {"type":"checkbox","name":"b","checked":"1"},
            {"type":"select","name":"c","selected":1,"options":{"Z":"z","A":"a"}},
            {"type":"select","name":"d","selected":"A","options":{"Z":"z","A":"a"}},
            {"type":"radio","name":"e","checked":"1","options":[{"label":"x"},{"label":"y"}]},
            {"type":"multi","name":"f","selected":"TWO","elements":[
                {"value":"ONE","elements":[{"type":"text","name":"one","validation":"required"}]},
                {"value":"TWO","elements":[{"type":"text","name":"two","value":"2"}]}]}]}}"#,
    )
    .await;
    let shown = form(wizard.open().await.unwrap());
    let _ = wizard.send(shown.answers()).await.unwrap();
    let changed = shown.answers().choose("f", "ONE").unwrap();
    let missing = wizard.send(changed.clone()).await.unwrap_err();
    assert!(missing.to_string().contains("`one` has to be answered"), "{missing}");
    let changed = changed.enter("one", "1").unwrap().choose("c", "Z").unwrap();
    let _ = wizard.send(changed.tick("b", false).unwrap()).await.unwrap();
    let refused = shown.answers().enter("one", "1").map(drop);
    assert_eq!(refused, Err(AnswerError::UnknownElement("one".to_owned())), "not chosen");
    let sent: Vec<_> = server.log().requests.into_iter().map(|request| request.body).collect();
    assert_eq!(
        sent[1],
        r#"{"key":"wsk-1","a":"kept","b":"true","c":"A","d":"A","e":"1","f":"TWO","two":"2"}"#
    );
    assert_eq!(
        sent[2],
        r#"{"key":"wsk-1","a":"kept","c":"Z","d":"A","e":"1","f":"ONE","one":"1"}"#
    );
}

#[tokio::test]
async fn a_disabled_option_cannot_be_chosen() {
    let (_server, wizard) = scripted(
        r#"{"code":200,"form":{"name":"x","elements":[{"type":"radio","name":"method","checked":0,
            "options":[{"label":"App","disabled":"0"},{"label":"SMS","disabled":"1"}]}]}}"#,
    )
    .await;
    let shown = form(wizard.open().await.unwrap());
    for option in ["SMS", "1", "2"] {
        let refused = shown.answers().choose("method", option).map(drop).unwrap_err();
        assert_eq!(refused.to_string(), "the element `method` offers: App");
    }
}

#[tokio::test]
async fn what_an_answer_means_follows_from_error_polling_and_form() {
    let login = r#""form":{"name":"login","elements":[]}"#;
    let finish = r#""form":{"name":"finish","elements":[]}"#;
    let recoverable = r#""error":{"message":"No","recoverable":"1"}"#;
    let fatal = r#""error":{"message":"No","recoverable":false}"#;
    let none = r#""error":[],"polling":{}"#;
    let polling = r#""polling":{"interval":"2000"}"#;
    for (answer, meaning) in [
        (format!("{none},{login}"), "Form"),
        (format!("{recoverable},{login}"), "Rejected"),
        (format!("{fatal},{login}"), "Failed"),
        (format!("{none},{finish}"), "Completed"),
        (none.to_owned(), "Completed"),
        (format!("{polling},{login}"), "Waiting"),
        (polling.to_owned(), "Waiting"),
        (format!("{polling},{finish}"), "Completed"),
        (recoverable.to_owned(), "Failed"),
        (format!("{recoverable},{finish}"), "Failed"),
        (format!("{fatal},{polling}"), "Failed"),
        (format!(r#""error":{{"message":"No"}},{login}"#), "Rejected"),
        (format!(r#""error":{{"recoverable":true}},{login}"#), "Rejected"),
        (r#""error":{"message":"No","recoverable":null}"#.to_owned(), "Failed"),
        (format!(r#""error":{{}},{login}"#), "Form"),
        (r#""code":500,"message":"Broken""#.to_owned(), "Failed"),
        (format!(r#""code":422,{login}"#), "Rejected"),
        (r#""error":{"message":null}"#.to_owned(), "Completed"),
    ] {
        let (_server, wizard) = scripted(&format!("{{{answer}}}")).await;
        let step = format!("{:?}", wizard.open().await.unwrap());
        assert!(step.starts_with(meaning), "{answer} means {step}");
    }
}

/// A form with an element of every kind that a browser posts, and secrets wherever there may be.
const EVERY_INPUT: &str = r#"{"form":{"name":"login","elements":[
    {"type":"text","name":"user","value":"s3cr3t-user","validation":"required"},
    {"type":"password","name":"pin","value":"s3cr3t-pin"},
    {"type":"captcha","name":"captcha","value":"s3cr3t-captcha","data":"aW1hZ2U="},
    {"type":"flicker","name":"tan","value":"s3cr3t-tan","code":[["1"]]},
    {"type":"checkbox","name":"privacy","checked":true},
    {"type":"checkbox","name":"news","checked":true},
    {"type":"select","name":"country","selected":"DE","options":{"DE":"Germany","AT":"Austria"}},
    {"type":"radio","name":"method","checked":0,"options":[{"label":"App"},{"label":"SMS"}]},
    {"type":"multi","name":"way","selected":"A","elements":[
        {"value":"A","elements":[{"type":"text","name":"card","value":"s3cr3t-card"}]},
        {"value":"B","elements":[{"type":"checkbox","name":"saved","checked":true},
                                 {"type":"password","name":"code"}]}]},
    {"type":"hidden","name":"state","value":"needed"},
    {"type":"redirect","url":"https://bank.example/","back":"https://back.example/s3cr3t"}]}}"#;

/// What is sent when the form of [`EVERY_INPUT`] is filled in with these pairs.
async fn posted(pairs: &[(&str, &str)]) -> String {
    let (server, wizard) = scripted(EVERY_INPUT).await;
    let shown = form(wizard.open().await.unwrap());
    let answers = shown.answers().fill(pairs.iter().copied()).unwrap();
    let _ = wizard.send(answers).await.unwrap();
    server.log().requests[1].body.clone()
}

#[tokio::test]
async fn a_form_is_filled_in_from_the_pairs_that_an_html_form_posts() {
    let pairs = [
        ("user", "ada"),
        ("pin", "123456"),
        ("captcha", "x7kq"),
        ("tan", ""),
        ("privacy", "on"),
        ("country", "AT"),
        ("method", "SMS"),
        ("way", "B"),
        ("code", "42"),
        ("state", "needed"),
    ];
    assert_eq!(
        posted(&pairs).await,
        r#"{"key":"wsk-1","user":"ada","pin":"123456","captcha":"x7kq","tan":"","privacy":"true","country":"AT","method":"1","way":"B","state":"needed","code":"42"}"#,
        "what is not ticked is not posted, in the group that is chosen, too"
    );
    let pairs = [
        ("saved", "1"),
        ("method", "0"),
        ("privacy", "false"),
        ("news", "true"),
        ("way", "B"),
        ("state", "tampered"),
    ];
    assert_eq!(
        posted(&pairs).await,
        r#"{"key":"wsk-1","user":"s3cr3t-user","news":"true","country":"DE","method":"0","way":"B","state":"needed","saved":"true"}"#,
        "in any order, and a hidden element keeps its value"
    );

    let (_server, wizard) = scripted(EVERY_INPUT).await;
    let shown = form(wizard.open().await.unwrap());
    for (pair, error) in [
        (("csrf", "1"), AnswerError::UnknownElement("csrf".to_owned())),
        (("code", "42"), AnswerError::UnknownElement("code".to_owned())),
        (
            ("country", "FR"),
            AnswerError::UnknownOption("country".to_owned(), vec!["DE".into(), "AT".into()]),
        ),
    ] {
        assert_eq!(shown.answers().fill([pair]).map(drop), Err(error));
    }
}

#[tokio::test]
async fn a_form_is_stored_without_secrets_and_answered_after_it_was_read_back() {
    let (server, wizard) = scripted(EVERY_INPUT).await;
    let shown = form(wizard.open().await.unwrap());
    let stored = serde_json::to_string(&shown).unwrap();
    assert!(!stored.contains("s3cr3t"), "{stored}");
    assert!(stored.contains("https://bank.example/"), "the way to the bank is needed: {stored}");

    let read: Form = serde_json::from_str(&stored).unwrap();
    let all = |form: &Form| {
        let told = |element: Element<'_>| {
            let texts = [Some(element.kind()), element.name(), element.label()];
            (texts.map(|text| text.map(str::to_owned)), element.is_required(), element.error())
        };
        form.elements().map(told).collect::<Vec<_>>()
    };
    assert_eq!(all(&read), all(&shown));
    assert_eq!((read.name(), read.message()), (shown.name(), shown.message()));
    let missing = wizard.send(read.answers()).await.unwrap_err();
    assert!(missing.to_string().contains("`user` has to be answered"), "{missing}");
    let answers = read.answers().fill([("user", "ada"), ("pin", "123456"), ("privacy", "on")]);
    let _ = wizard.send(answers.unwrap()).await.unwrap();
    assert_eq!(
        server.log().requests[1].body,
        r#"{"key":"wsk-1","user":"ada","pin":"123456","privacy":"true","country":"DE","method":"0","way":"A","state":"needed"}"#
    );
}

#[tokio::test]
async fn a_stored_form_keeps_what_was_rejected_and_the_order_of_its_options() {
    let (_server, wizard) = scripted(
        r#"{"error":{"message":"Try again"},"form":{"name":"login","elements":[
            {"type":"password","name":"pin","invalid":true,"failed_validation_rules":["min"],
             "validation_error":"too short"},
            {"type":"select","name":"country","options":{"Z":"z","A":"a","M":"m"}}]}}"#,
    )
    .await;
    let WizardStep::Rejected(shown) = wizard.open().await.unwrap() else { panic!("accepted") };
    let stored = serde_json::to_string(&shown).unwrap();
    let read: Form = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, shown);
    assert_eq!(read.rejections().len(), 2);
    let refused = read.answers().choose("country", "B").map(drop).unwrap_err();
    assert_eq!(refused.to_string(), "the element `country` offers: Z, A, M");
}

#[tokio::test]
async fn a_link_that_submits_sends_its_fields_beside_what_the_form_came_with() {
    let (server, wizard) = scripted(
        r#"{"form":{"name":"login","elements":[
            {"type":"hidden","name":"state","value":"abc"},
            {"type":"text","name":"USER_NAME","validation":"required"},
            {"type":"paragraph","text":"No app? [Use a TAN|autosubmit::way=tan%20list&action=submit&key=other]"}]}}"#,
    )
    .await;
    let shown = form(wizard.open().await.unwrap());
    let WizardElement::Paragraph(paragraph) = shown.elements().nth(2).unwrap().data() else {
        panic!("no paragraph")
    };
    let mut spans = Markup(paragraph.text.as_deref().unwrap()).spans();
    let Some(Span::Submit { words, fields }) = spans.nth(1) else { panic!("no link") };
    assert_eq!(words, "Use a TAN");
    let _ = wizard.follow(&shown, fields).await.unwrap();
    assert_eq!(
        server.log().requests[1].body,
        r#"{"key":"wsk-1","action":"submit","state":"abc","way":"tan list"}"#,
        "the key of the session is never a field of a link"
    );
}

/// Elements as banks and gateways send them, and whether each has a name to answer by.
const ODD: [(&str, Option<&str>); 30] = [
    (r#"{"type":"radio","name":"x","options":["App","SMS"]}"#, Some("App")),
    (
        r#"{"type":"radio","name":"x","options":[{"label":"App"},"SMS"],"checked":false}"#,
        Some("SMS"),
    ),
    (r#"{"type":"radio","name":"x","options":{"a":"App"},"checked":"Fax"}"#, Some("a")),
    (r#"{"type":"radio","name":"x","options":{"a":{"label":"App"}},"checked":{}}"#, Some("App")),
    (r#"{"type":"radio","name":"x","options":[[1],{"label":{}}]}"#, Some("1")),
    (r#"{"type":"radio","name":"x","options":7}"#, Some("7")),
    (r#"{"type":"tabs","action":"switch-login-tabs","selected":"pin","tabs":{"pin":"PIN"}}"#, None),
    (r#"{"type":"tabs","tabs":null}"#, None),
    (r#"{"type":"tabs","tabs":{"pin":{"label":"PIN"}}}"#, None),
    (r#"{"type":"redirect"}"#, None),
    (r#"{"type":"redirect","url":{"href":"https://bank.example"}}"#, None),
    (r#"{"type":"captcha","name":"x","data":null}"#, Some("k4q")),
    (r#"{"type":"captcha","name":"x","data":["a"],"label":7}"#, Some("k4q")),
    (r#"{"type":"flicker","name":"x","code":[[1,0],["1"]]}"#, Some("123")),
    (r#"{"type":"flicker","name":"x","code":"1010"}"#, Some("123")),
    (r#"{"type":"text","name":"x","failed_validation_rules":"required"}"#, Some("a")),
    (
        r#"{"type":"text","name":"x","failed_validation_rules":{"0":"required","1":null}}"#,
        Some("a"),
    ),
    (r#"{"type":"text","name":"x","validation_error":["a","b"],"placeholder":7}"#, Some("a")),
    (r#"{"type":"text","name":"x","maxlength":"many"}"#, Some("a")),
    (r#"{"type":"text","name":7,"disabled":"perhaps"}"#, None),
    (r#"{"type":"text"}"#, None),
    (r#"{"type":"select","name":"x","options":["Germany","Austria"],"selected":true}"#, Some("0")),
    (r#"{"type":"select","name":"x","options":{"DE":null,"AT":["Austria"]}}"#, None),
    (
        r#"{"type":"multi","name":"x","elements":[{"value":"A","elements":[{"type":"text"},7]}]}"#,
        Some("A"),
    ),
    (r#"{"type":"checkbox","name":"x","checked":"Y"}"#, Some("on")),
    (r#"{"type":"autosubmit","interval":"soon"}"#, None),
    (r#"{"type":"hologram","name":"x","depth":[[[1]]]}"#, Some("blue")),
    (r#"{"name":"x","label":"no kind"}"#, Some("a")),
    ("null", None),
    ("[[]]", None),
];

#[tokio::test]
async fn a_form_stays_usable_whatever_an_element_is_and_any_element_with_a_name_is_answered() {
    for (odd, answer) in ODD {
        let (server, wizard) = scripted(&format!(
            r#"{{"code":"200","error":false,"polling":false,"form":{{"name":"login","elements":[
                {{"type":"hidden","name":"state","value":"abc"}},{odd},
                {{"type":"token","name":"later","value":12.50}},
                {{"type":"text","name":"USER_NAME"}}]}}}}"#
        ))
        .await;
        // What was rejected last is told, and the form can be answered all the same.
        let shown = form(wizard.open().await.unwrap());
        assert_eq!(shown.elements().count(), 4, "{odd}");
        let pairs = answer.map(|answer| ("x", answer)).into_iter().chain([("USER_NAME", "ada")]);
        let answers = shown.answers().fill(pairs).unwrap_or_else(|error| panic!("{error}: {odd}"));
        let _ = wizard.send(answers).await.unwrap();
        let sent: serde_json::Value = serde_json::from_str(&server.log().requests[1].body).unwrap();
        assert_eq!((&sent["state"], &sent["USER_NAME"]), (&"abc".into(), &"ada".into()), "{odd}");
        assert_eq!(sent["later"], "12.50", "a value goes back as it came");
        assert_eq!(sent.get("x").is_some(), answer.is_some(), "{odd}: {sent}");
    }
}

/// Every answer of this server is the same form, whose text counts down, and asks to be polled.
async fn counting_down() -> (RawServer, Wizard) {
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = RawServer::start(
        [],
        Reaction::by(move |_| {
            let left = 300 - count.fetch_add(1, std::sync::atomic::Ordering::Relaxed).min(300);
            Answer::json(
                200,
                format!(
                    r#"{{"polling":{{"interval":2000}},"form":{{"name":"app-{left}","elements":[
                        {{"type":"help_text","text":"{left} seconds left"}}]}}}}"#
                ),
            )
        }),
    )
    .await;
    let user = UserClient::builder("token").base_url(server.url()).build().unwrap();
    (server, user.wizard("wsk-1"))
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_wait_is_one_limit_however_often_the_form_changes() {
    let (server, wizard) = counting_down().await;
    let wait = waiting(wizard.open().await.unwrap());
    let begun = tokio::time::Instant::now();
    let error = wizard.wait(&wait, Duration::from_secs(300)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(299) && took <= Duration::from_secs(301), "{took:?}");
    let polls = server.log().reactions - 1;
    assert!((140..=150).contains(&polls), "{polls} polls at a pace of 2 s");
}

/// A bank that keeps the form open, whatever is sent: a loop that sends the same answers until the
/// form goes away would lock the login.
#[tokio::test]
async fn a_loop_as_the_docs_show_it_sends_a_wrong_pin_once() {
    for rejected in [
        r#""error":{"message":"Wrong PIN","recoverable":true},"form":{"name":"login","elements":[
            {"type":"password","name":"PIN"}]}"#,
        r#""error":"login_failed","form":{"name":"login","elements":[{"type":"password","name":"PIN"}]}"#,
        r#""error":[],"form":{"name":"login","elements":[
            {"type":"password","name":"PIN","invalid":true,"validation_error":null}]}"#,
        r#""error":false,"form":{"name":"login","elements":[{"type":"password","name":"PIN",
            "failed_validation_rules":"accepted_by_bank"}]}"#,
        r#""error":[],"form":{"name":"login","elements":[{"type":"multi","name":"way","selected":"A",
            "elements":[{"value":"A","elements":[{"type":"password","name":"PIN","invalid":"Y"}]}]}]}"#,
    ] {
        let first = r#"{"form":{"name":"login","elements":[{"type":"password","name":"PIN"}]}}"#;
        let (shown, rejected) = (rejected, format!("{{{rejected}}}"));
        let react = Reaction::by(move |request| {
            Answer::json(200, if request.body.contains("PIN") { &rejected } else { first })
        });
        let server = RawServer::start([], react).await;
        let user = UserClient::builder("token").base_url(server.url()).build().unwrap();
        let wizard = user.wizard("wsk-1");
        let mut step = wizard.open().await.unwrap();
        let rejections = loop {
            step = match step {
                WizardStep::Form(form) => {
                    assert!(server.log().reactions < 2, "not rejected: {shown}");
                    wizard.send(form.answers().enter("PIN", "000000").unwrap()).await.unwrap()
                }
                WizardStep::Rejected(form) => break form.rejections(),
                other => panic!("{other:?}"),
            };
        };
        assert!(!rejections.is_empty());
        assert!(rejections.iter().all(|rejection| !rejection.to_string().is_empty()));
        assert_eq!(server.log().reactions, 2, "the PIN was sent once");
    }
}
