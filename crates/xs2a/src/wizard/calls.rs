//! The calls of a wizard session.

use std::time::Duration;

use indexmap::IndexMap;
use tokio::time::{Instant, sleep, timeout_at};
use xs2a_client::types::{Language, WizardAction, WizardElement, WizardRequest};
use xs2a_client::{Fate, Operation, RetryClass, Secret};

use super::answers::{AnswerError, Answers};
use super::form::{Form, Waiting, WizardStep};
use crate::call::{Caller, instant_after};
use crate::client::UserClient;
use crate::error::{Error, ErrorKind};

/// A wizard session: a series of forms that ends with a connection, or with a reason why not.
///
/// The session comes from a create, a reset, or a sync that needs the user. Each step leads to the
/// next: show a [`Form`] and send what the user entered, or wait while the user approves in the app
/// of the bank, until the session is [`Completed`](WizardStep::Completed) or has
/// [`Failed`](WizardStep::Failed). What the user enters never prints, and is wiped from this crate's
/// memory once it is sent.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
/// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
/// # let erika = sandbox.add_user("Erika");
/// use std::time::Duration;
/// use xs2a::types::CreateConnectionRequest;
/// use xs2a::wizard::WizardStep;
///
/// let user = api.user(erika.id());
/// let session = user.connections().create(&CreateConnectionRequest::new()).await?;
/// let wizard = user.wizard(session.key());
/// let mut step = wizard.open().await?;
/// loop {
///     step = match step {
///         WizardStep::Form(form) => {
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
///         // A program asks the user for other answers; this one has none.
///         WizardStep::Rejected(form) => return Err(form.rejections()[0].to_string().into()),
///         WizardStep::Waiting(waiting) => wizard.wait(&waiting, Duration::from_secs(300)).await?,
///         WizardStep::Completed(_) => break,
///         WizardStep::Failed(failure) => return Err(failure.into()),
///     };
/// }
/// let connection = user.connections().get(session.transaction()).await?;
/// # let _ = connection;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Wizard {
    caller: Caller,
    key: Secret,
}

impl UserClient {
    /// Continues a wizard session by its key. Makes no call.
    pub fn wizard(&self, key: impl Into<Secret>) -> Wizard {
        Wizard { caller: self.caller.clone(), key: key.into() }
    }
}

/// Each step is one call, sent at most once: the bank tries what the user entered, and locks the
/// login after a few wrong answers. After an error of unknown fate, [`open`](Self::open) shows
/// where the session stands. A call of a session that the service does not know any more ends in
/// [`ErrorKind::NotFound`].
impl Wizard {
    /// Opens the session, or shows again where it stands, after the user has reloaded a page for
    /// example. Where the session waits for something outside, ask with [`poll`](Self::poll) instead:
    /// a page that opens the session anew with each reload may never see the wait end.
    pub async fn open(&self) -> Result<WizardStep, Error> {
        self.advance(None, IndexMap::new()).await
    }

    /// Sends the answers to a form.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`], and nothing is sent, when
    /// an element that the form requires has no answer. What the bank rejects is not an error: the
    /// form comes back.
    pub async fn send(&self, answers: Answers<'_>) -> Result<WizardStep, Error> {
        self.advance(None, answers.values()?).await
    }

    /// Follows a [link that submits](super::Span::Submit): sends what the form came with, and the
    /// fields of the link. The user may leave the form unanswered.
    pub async fn follow(
        &self,
        form: &Form,
        fields: impl IntoIterator<Item = (String, String)>,
    ) -> Result<WizardStep, Error> {
        let mut values = form.answers().entered();
        let mut action = None;
        for (name, value) in fields {
            match name.as_str() {
                "key" => {}
                "action" => action = Some(WizardAction::from(value)),
                _ => drop(values.insert(name, value.into())),
            }
        }
        self.advance(action, values).await
    }

    /// Goes back to the form before.
    pub async fn back(&self) -> Result<WizardStep, Error> {
        self.act(WizardAction::Back).await
    }

    /// Opens another of the ways to log in that the tabs of a form offer.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`], and nothing is sent, when the
    /// form offers no such tab.
    pub async fn switch_tab(&self, form: &Form, tab: &str) -> Result<WizardStep, Error> {
        let mut offered = form.elements().filter_map(|element| match element.data() {
            WizardElement::Tabs(tabs) => Some(tabs),
            _ => None,
        });
        let found = offered.find_map(|tabs| {
            let mut ways = tabs.tabs.iter().enumerate();
            let (at, (key, text)) = ways.find(|(_, (key, text))| *text == tab || *key == tab)?;
            // A list has no keys but the positions, and a way goes by its text.
            Some((tabs, if *key == at.to_string() { text } else { key }))
        });
        let (element, tab) = found.ok_or_else(|| AnswerError::UnknownElement(tab.to_owned()))?;
        let action = element.action.clone().unwrap_or(WizardAction::SwitchLoginTabs);
        let name = element.name.clone().unwrap_or_else(|| action.as_str().to_owned());
        self.advance(Some(action), IndexMap::from([(name, Secret::from(tab.as_str()))])).await
    }

    /// Shows the form in another language.
    pub async fn change_language(&self, language: Language) -> Result<WizardStep, Error> {
        let values = IndexMap::from([("language".to_owned(), language.as_str().into())]);
        self.advance(Some(WizardAction::ChangeLanguage), values).await
    }

    /// Asks whether the user is done elsewhere. Changes nothing, so it is repeated like a read.
    pub async fn poll(&self) -> Result<WizardStep, Error> {
        self.act(WizardAction::Poll).await
    }

    /// Polls at the server's pace until the user is done elsewhere. The limit is one limit, however
    /// often the form changes meanwhile, by a countdown for example. One call per poll.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when the user is not done by `deadline` from now. The session waits on:
    /// [`poll`](Self::poll) or wait again, or [`abort`](Self::abort).
    pub async fn wait(&self, waiting: &Waiting, deadline: Duration) -> Result<WizardStep, Error> {
        // A server that asks to be polled without a pause is not obeyed.
        const SHORTEST: Duration = Duration::from_millis(100);
        let deadline = instant_after(Instant::now(), deadline);
        let mut interval = waiting.interval;
        loop {
            let poll = async {
                sleep(interval.max(SHORTEST)).await;
                self.poll().await
            };
            match timeout_at(deadline, poll).await {
                Ok(Ok(WizardStep::Waiting(still))) => interval = still.interval,
                Ok(changed) => return changed,
                Err(_late) => {
                    let late =
                        Error::new(Operation::AdvanceWizard, ErrorKind::Timeout, Fate::NotActed);
                    return Err(late.saying("the user is not done yet"));
                }
            }
        }
    }

    /// Ends the session. The user would have to begin with a new one.
    pub async fn abort(&self) -> Result<(), Error> {
        self.act(WizardAction::Abort).await.map(drop)
    }

    async fn act(&self, action: WizardAction) -> Result<WizardStep, Error> {
        self.advance(Some(action), IndexMap::new()).await
    }

    async fn advance(
        &self,
        action: Option<WizardAction>,
        values: IndexMap<String, Secret>,
    ) -> Result<WizardStep, Error> {
        let is_read = action == Some(WizardAction::Poll);
        let mut request = WizardRequest::new(self.key.clone()).extra(values);
        request.action = action;
        let entered = request.extra.values().chain([&request.key]).cloned();
        let caller = self.caller.concealing(entered);
        let call = caller.client.advance_wizard(&request);
        let response = match is_read {
            true => caller.call_as(RetryClass::Safe, call).await?,
            false => caller.call(call).await?,
        };
        Ok(WizardStep::concealing(response, caller.secrets()))
    }
}
