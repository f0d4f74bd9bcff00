//! The wizard: the forms that a user walks through at her bank.

use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;
use tokio::time::{Instant, sleep, timeout_at};
use xs2a_client::types::{
    AdditionalData, Language, MultiElement, RadioElement, SelectElement, WizardAction,
    WizardElement, WizardForm, WizardRequest, WizardResponse,
};
use xs2a_client::{Client, Operation, RetryClass, Secret, conceal};

use crate::call::{Caller, later};
use crate::client::UserClient;
use crate::error::Error;

/// A wizard session: a series of forms that ends with a connection, or with a reason why not.
///
/// The session comes from a create, a reset, or a sync that needs the user. Each step answers with
/// the next one: show a [`Form`] and send what the user entered, wait while she approves in the
/// app of her bank, until the wizard is [`Finished`](Step::Finished) or has
/// [`Failed`](Step::Failed). What the user enters never prints, and is wiped
/// from this crate's memory once it is sent.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
/// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
/// # let erika = api.users().create(&xs2a::types::CreateBankUserRequest::new("erika@example.com", "Erika")).await?;
/// use std::time::Duration;
/// use xs2a::{Step, types};
///
/// let user = api.user(&erika.id);
/// let session = user.connections().create(&types::CreateConnectionRequest::new()).await?;
/// let wizard = user.wizard(session.wizard_session_key);
/// let mut step = wizard.open().await?;
/// loop {
///     step = match step {
///         Step::Form(form) => {
///             // A program shows the elements and asks the user; this one knows the test bank.
///             let answers = match form.name() {
///                 "bank" => form.answers().choose("country_id", "DE")?.enter("bank_code", "88888888")?,
///                 _ => form
///                     .answers()
///                     .enter("USER_NAME", "abcdef")?
///                     .enter("USER_PIN", "123456")?
///                     .tick("privacy_policy", true)?,
///             };
///             wizard.send(answers).await?
///         }
///         Step::Waiting(waiting) => wizard.wait(&waiting, Duration::from_secs(300)).await?,
///         Step::Finished(_) => break,
///         Step::Failed(failure) => return Err(failure.into()),
///     };
/// }
/// let connection = user.connections().get(session.transaction).await?;
/// # let _ = connection;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Wizard {
    caller: Caller,
    key: Secret,
}

/// What the wizard asks for next, or how it ended.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the wizard goes on with what the step asks for"]
pub enum Step {
    /// Show this form and send the answers. Input that was rejected comes back as the same form
    /// with a [`message`](Form::message), or with what is wrong on its elements.
    Form(Form),
    /// The user is busy elsewhere, usually with approving in the app of her bank.
    Waiting(Waiting),
    /// The user is through.
    Finished(Finished),
    /// The session is over, and only a new one helps.
    Failed(Failure),
}

/// A form to show to the user.
#[derive(Clone, PartialEq)]
pub struct Form {
    form: WizardForm,
    message: Option<String>,
}

/// A wait for something that happens outside of the wizard.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waiting {
    /// What to show meanwhile. Where it has elements to fill in, they can be sent instead of waiting.
    pub form: Option<Form>,
    /// The pace at which the server wants to be asked.
    pub interval: Duration,
}

/// The good end of a session, as far as the wizard tells: to find the connection by the session's
/// transaction id ([`Connections::get`](crate::Connections::get)) is the proof. The service is
/// assumed to tell an aborted session from one that is through.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finished {
    /// What to show at the end.
    pub form: Option<Form>,
    /// What the session hands over, such as (it is assumed) the customer's half of the credentials
    /// of a connection in mode `shared`.
    pub additional_data: Option<AdditionalData>,
}

/// The bad end of a session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the wizard session has failed: {}", .message.as_deref().unwrap_or("no reason was given"))]
#[non_exhaustive]
pub struct Failure {
    /// What the service says about it.
    pub message: Option<String>,
}

/// An answer that does not fit the form. Nothing was sent. Each names the element.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The form, as it is answered so far, has no such element.
    #[error("the form has no element `{0}`")]
    UnknownElement(String),
    /// The element takes another kind of answer.
    #[error("the element `{0}` takes another kind of answer")]
    WrongKind(String),
    /// The element has no such option, or the option is disabled; these are the ones it has.
    #[error("the element `{0}` offers: {list}", list = .1.join(", "))]
    UnknownOption(String, Vec<String>),
    /// The form requires an answer here.
    #[error("the element `{0}` has to be answered")]
    Missing(String),
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        Self::refused(Operation::AdvanceWizard, error.to_string())
    }
}

impl UserClient {
    /// Continues a wizard session by its key. Makes no call.
    pub fn wizard(&self, key: impl Into<Secret>) -> Wizard {
        Wizard { caller: self.caller.clone(), key: key.into() }
    }
}

/// Each step is one call, sent at most once: what the user entered is tried at the bank, which locks
/// her login after a few wrong ones. After an error of unknown fate, [`open`](Self::open) shows
/// where the session stands. A session that the service no longer knows is
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound), and over.
impl Wizard {
    /// Opens the session, or shows again where it stands.
    pub async fn open(&self) -> Result<Step, Error> {
        self.advance(None, IndexMap::new()).await
    }

    /// Sends the answers to a form.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), and nothing is sent, when
    /// an element that the form requires has no answer. What the bank rejects is not an error: the
    /// form comes back.
    pub async fn send(&self, answers: Answers<'_>) -> Result<Step, Error> {
        self.advance(None, answers.values()?).await
    }

    /// Goes back to the form before.
    pub async fn back(&self) -> Result<Step, Error> {
        self.act(WizardAction::Back).await
    }

    /// Opens another of the ways to log in that the tabs of a form offer.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), and nothing is sent, when the
    /// form offers no such tab.
    pub async fn switch_tab(&self, form: &Form, tab: &str) -> Result<Step, Error> {
        let mut offered = form.elements().iter().filter_map(|element| match element {
            WizardElement::Tabs(tabs) => Some(tabs),
            _ => None,
        });
        let element = offered.find(|tabs| tabs.tabs.iter().any(|name| name == tab));
        let element = element.ok_or_else(|| AnswerError::UnknownElement(tab.to_owned()))?;
        let values = IndexMap::from([(element.name.clone(), Secret::from(tab))]);
        self.advance(Some(WizardAction::SwitchLoginTabs), values).await
    }

    /// Shows the form in another language.
    pub async fn change_language(&self, language: Language) -> Result<Step, Error> {
        let values = IndexMap::from([("language".to_owned(), language.as_str().into())]);
        self.advance(Some(WizardAction::ChangeLanguage), values).await
    }

    /// Asks whether the user is done elsewhere. Changes nothing, so it is repeated like a read.
    pub async fn poll(&self) -> Result<Step, Error> {
        self.act(WizardAction::Poll).await
    }

    /// Polls at the server's pace until the form changes, and no longer than `limit`: then it gives
    /// the wait back as it stands. One call per poll.
    pub async fn wait(&self, waiting: &Waiting, limit: Duration) -> Result<Step, Error> {
        // A server that says "at once" is not obeyed to the letter.
        const SHORTEST: Duration = Duration::from_millis(100);
        let deadline = later(Instant::now(), limit);
        let mut interval = waiting.interval;
        loop {
            let poll = async {
                sleep(interval.max(SHORTEST)).await;
                self.poll().await
            };
            match timeout_at(deadline, poll).await {
                Ok(Ok(Step::Waiting(still))) if still.form == waiting.form => {
                    interval = still.interval;
                }
                Ok(changed) => return changed,
                Err(_late) => {
                    let form = waiting.form.clone();
                    return Ok(Step::Waiting(Waiting { form, interval }));
                }
            }
        }
    }

    /// Ends the session. The user would have to begin anew.
    pub async fn abort(&self) -> Result<(), Error> {
        self.act(WizardAction::Abort).await.map(drop)
    }

    async fn act(&self, action: WizardAction) -> Result<Step, Error> {
        self.advance(Some(action), IndexMap::new()).await
    }

    async fn advance(
        &self,
        action: Option<WizardAction>,
        values: IndexMap<String, Secret>,
    ) -> Result<Step, Error> {
        let operation = Operation::AdvanceWizard;
        let class = match action {
            Some(WizardAction::Poll) => RetryClass::Safe,
            _ => operation.retry(),
        };
        let mut request = WizardRequest::new(self.key.clone()).extra(values);
        request.action = action;
        let request = &request;
        let advance = |client: Client| async move { client.advance_wizard(request).await };
        let entered = request.extra.values().chain([&request.key]).cloned();
        let caller = self.caller.concealing(entered);
        Ok(match Step::from(caller.traced(operation, class, None, advance).await?) {
            Step::Failed(Failure { message }) => {
                let message = message.map(|text| conceal(text, &caller.concealed));
                Step::Failed(Failure { message })
            }
            step => step,
        })
    }
}

impl From<WizardResponse> for Step {
    /// Over is a session without a form, or with the one named `finish`; failed it has when an error
    /// cannot be recovered from, or came without a form to try again with. A code that is a failure's
    /// is an error like any other.
    fn from(response: WizardResponse) -> Self {
        let over = response.form.as_ref().is_none_or(|form| form.name == "finish");
        let interval = response.polling.and_then(|polling| polling.interval);
        let interval =
            interval.map(|pause| Duration::from_millis(u64::try_from(pause).unwrap_or(0)));
        // Without a word it is the service's way to say that there is none.
        let error = response.error.filter(|it| it.message.is_some() || it.recoverable.is_some());
        let is_final = error.as_ref().is_some_and(|error| error.recoverable == Some(false));
        let has_failed = error.is_some() || response.code.is_some_and(|code| code >= 400);
        let message = error.and_then(|error| error.message).or(response.message);
        let message = message.filter(|_| has_failed);
        let form = response.form.map(|form| Form { form, message: message.clone() });
        match (interval, form) {
            _ if is_final => Self::Failed(Failure { message }),
            (Some(interval), form) if form.is_none() || !over => {
                Self::Waiting(Waiting { form, interval })
            }
            (_, Some(form)) if !over => Self::Form(form),
            _ if has_failed => Self::Failed(Failure { message }),
            (_, form) => {
                Self::Finished(Finished { form, additional_data: response.additional_data })
            }
        }
    }
}

/// By names alone: the server's texts may repeat what the user entered.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            self.elements().iter().filter_map(input).map(|(name, _)| name).collect();
        let mut form = f.debug_struct("Form");
        form.field("name", &self.name()).field("elements", &names).finish_non_exhaustive()
    }
}

impl Form {
    /// The name of the form, such as `login`. The names are the service's and change over time.
    pub fn name(&self) -> &str {
        &self.form.name
    }

    /// What to show, in this order. Elements of a kind that is not known yet keep their JSON.
    pub fn elements(&self) -> &[WizardElement] {
        &self.form.elements
    }

    /// Why the answers before were not good, such as a wrong PIN: tell the user, who may try again.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Begins to fill in the form. What it came with, such as a ticked checkbox, counts until it is
    /// answered otherwise.
    pub fn answers(&self) -> Answers<'_> {
        let mut answers = Answers { form: self, values: IndexMap::new() };
        answers.prefill(self.elements());
        answers
    }
}

/// A form as far as it is filled in. Each answer is checked against its element.
#[derive(Clone, Debug)]
#[must_use = "answers have to be sent"]
pub struct Answers<'form> {
    form: &'form Form,
    values: IndexMap<String, Secret>,
}

impl<'form> Answers<'form> {
    /// Enters text: into a text, password, captcha or flicker element, or into one of a kind that
    /// is not known yet.
    pub fn enter(self, name: &str, text: impl Into<Secret>) -> Result<Self, AnswerError> {
        match self.element(name)? {
            WizardElement::Text(_)
            | WizardElement::Password(_)
            | WizardElement::Captcha(_)
            | WizardElement::Flicker(_)
            | WizardElement::Unknown(_) => Ok(self.with(name, text)),
            _ => Err(AnswerError::WrongKind(name.to_owned())),
        }
    }

    /// Ticks a checkbox, or takes the tick away. As from a browser, only a tick is sent: the text
    /// `false` would be as good as one for a service that is not careful.
    pub fn tick(mut self, name: &str, ticked: bool) -> Result<Self, AnswerError> {
        match self.element(name)? {
            WizardElement::Checkbox(_) if ticked => Ok(self.with(name, "true")),
            WizardElement::Checkbox(_) => {
                self.values.shift_remove(name);
                Ok(self)
            }
            _ => Err(AnswerError::WrongKind(name.to_owned())),
        }
    }

    /// Chooses an option: of a select element by its key, of a multi element by its value, of a
    /// radio element by its label or its position, counted from 0.
    pub fn choose(self, name: &str, option: &str) -> Result<Self, AnswerError> {
        let options: Vec<String> = match self.element(name)? {
            WizardElement::Select(select) => select.options.keys().cloned().collect(),
            WizardElement::Multi(multi) => groups(multi).map(|(value, _)| value.into()).collect(),
            WizardElement::Radio(radio) => match position(radio, option) {
                Some(position) => return Ok(self.with(name, position)),
                None => enabled(radio).map(|(_, label)| label.into()).collect(),
            },
            _ => return Err(AnswerError::WrongKind(name.to_owned())),
        };
        if !options.iter().any(|offered| offered == option) {
            return Err(AnswerError::UnknownOption(name.to_owned(), options));
        }
        let mut chosen = self.with(name, option);
        if let WizardElement::Multi(multi) = chosen.element(name)? {
            for (_, elements) in groups(multi).filter(|(value, _)| *value == option) {
                chosen.prefill(elements);
            }
        }
        Ok(chosen)
    }

    fn with(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// Sends what the form came with, as a browser would.
    fn prefill(&mut self, elements: &'form [WizardElement]) {
        for element in elements {
            let (name, value) = match element {
                WizardElement::Text(text) => (&text.name, text.value.clone()),
                WizardElement::Checkbox(checkbox) => {
                    let ticked = checkbox.checked == Some(true);
                    (&checkbox.name, ticked.then(|| Secret::from("true")))
                }
                WizardElement::Radio(radio) => {
                    let checked = radio.checked.map(|checked| checked.to_string());
                    let mut positions = enabled(radio).map(|(position, _)| Some(position));
                    let position = positions.find(|position| *position == checked).flatten();
                    (&radio.name, position.map(Secret::from))
                }
                WizardElement::Select(select) => {
                    let key = selected(select);
                    (&select.name, key.map(|key| Secret::from(key.as_str())))
                }
                WizardElement::Multi(multi) => {
                    for (_, elements) in
                        groups(multi).filter(|(value, _)| multi.selected.as_deref() == Some(value))
                    {
                        self.prefill(elements);
                    }
                    (&multi.name, multi.selected.clone().map(Secret::from))
                }
                _ => continue,
            };
            if let Some(value) = value {
                self.values.insert(name.clone(), value);
            }
        }
    }

    /// The elements to fill in: those of the form, and of the groups that are chosen.
    fn elements(&self) -> Vec<&'form WizardElement> {
        let mut elements: Vec<&WizardElement> = self.form.elements().iter().collect();
        let mut next = 0;
        while let Some(element) = elements.get(next) {
            if let WizardElement::Multi(multi) = element {
                let chosen = self.values.get(&multi.name).map(Secret::expose);
                for (_, group) in groups(multi).filter(|(value, _)| chosen == Some(value)) {
                    elements.extend(group);
                }
            }
            next += 1;
        }
        elements
    }

    fn element(&self, name: &str) -> Result<&'form WizardElement, AnswerError> {
        let named =
            |element: &&WizardElement| input(element).is_some_and(|(found, _)| found == name);
        let element = self.elements().into_iter().find(named);
        element.ok_or_else(|| AnswerError::UnknownElement(name.to_owned()))
    }

    /// The values to send: those of the form as it is answered now, if none is missing.
    fn values(&self) -> Result<IndexMap<String, Secret>, AnswerError> {
        let mut values = IndexMap::new();
        for (name, rules) in self.elements().into_iter().filter_map(input) {
            let required = rules.split('|').any(|rule| rule == "required");
            match self.values.get(name) {
                Some(value) if !(required && value.expose().is_empty()) => {
                    values.insert(name.to_owned(), value.clone());
                }
                _ if required => return Err(AnswerError::Missing(name.to_owned())),
                _ => {}
            }
        }
        Ok(values)
    }
}

/// The name of an element that takes an answer, and the rules for the answer, joined by `|`.
fn input(element: &WizardElement) -> Option<(&str, &str)> {
    let (name, rules) = match element {
        WizardElement::Text(text) => (&*text.name, &text.validation),
        WizardElement::Password(password) => (&*password.name, &password.validation),
        WizardElement::Captcha(captcha) => (&*captcha.name, &captcha.validation),
        WizardElement::Flicker(flicker) => (&*flicker.name, &flicker.validation),
        WizardElement::Checkbox(checkbox) => (&*checkbox.name, &checkbox.validation),
        WizardElement::Radio(radio) => (&*radio.name, &radio.validation),
        WizardElement::Select(select) => (&*select.name, &select.validation),
        WizardElement::Multi(multi) => (&*multi.name, &None),
        WizardElement::Unknown(unknown) => (unknown.json().get("name")?.as_str()?, &None),
        _ => return None,
    };
    // These two the request has of its own.
    let is_free = !matches!(name, "key" | "action");
    is_free.then(|| (name, rules.as_deref().unwrap_or_default()))
}

/// The groups of a multi element that can be chosen: their value and what is in them.
fn groups(multi: &MultiElement) -> impl Iterator<Item = (&str, &[WizardElement])> {
    multi.elements.iter().filter_map(|group| Some((group.value.as_deref()?, &*group.elements)))
}

/// The options of a radio element that can be chosen: their position and label.
fn enabled(radio: &RadioElement) -> impl Iterator<Item = (String, &str)> {
    let options = radio.options.iter().enumerate();
    let enabled = options.filter(|(_, option)| option.disabled != Some(true));
    enabled.map(|(at, option)| (at.to_string(), option.label.as_deref().unwrap_or_default()))
}

/// The position of an option that is named by its label, or else by its position.
fn position(radio: &RadioElement, option: &str) -> Option<String> {
    let by_label = enabled(radio).find(|(_, label)| *label == option);
    let found = by_label.or_else(|| enabled(radio).find(|(position, _)| position == option));
    found.map(|(position, _)| position)
}

/// The key of the option that is chosen: sources disagree on whether a form names it by its key or
/// by its position.
fn selected(select: &SelectElement) -> Option<&String> {
    let selected = select.selected.as_deref()?;
    match select.options.get_key_value(selected) {
        Some((key, _)) => Some(key),
        None => select.options.get_index(selected.parse().ok()?).map(|(key, _)| key),
    }
}
