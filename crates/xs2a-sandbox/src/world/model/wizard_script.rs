//! Wizard sessions that a test has written, and what was posted to them.

use std::fmt;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::json::Json;

/// What the wizard shows in a session, in place of its own forms: each form in turn, and then the
/// end of the session.
///
/// Every JSON is sent letter by letter, and is not held against the spec. So a test can play forms
/// that nobody has seen yet, and look afterwards at what came back.
///
/// ```
/// use xs2a_sandbox::{ConnectionSeed, Sandbox, ScriptedForm, SyncMode, WizardScript};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let user = sandbox.add_user("Ada");
/// let seed = ConnectionSeed::new(SyncMode::None).login("ada");
/// let connection = sandbox.add_connection(&user, seed);
/// let tan = r#"{"name":"tan","elements":[
///     {"type":"hidden","name":"state","value":"abc"},
///     {"type":"hologram","name":"TAN"}]}"#;
/// let script = WizardScript::new([ScriptedForm::form(tan).requires("state", "abc")]);
/// // The last answer is written, too. With `fail`, the bank would reject the user there.
/// let script = script.finish(r#"{"form":{"name":"finish"},"additional_data":[]}"#);
/// sandbox.set_forms("ada", Some(script));
///
/// # let http = reqwest::Client::new();
/// # let post = async |path: &str, body: serde_json::Value| {
/// #     let url = format!("{}{path}", sandbox.base_url());
/// #     let call = http.post(url).basic_auth("api", Some(user.token())).json(&body);
/// #     let answer = call.send().await.unwrap().bytes().await.unwrap();
/// #     serde_json::from_slice::<serde_json::Value>(&answer).unwrap()
/// # };
/// // The code under test syncs, shows the form, and posts what the user has entered.
/// # let sync = format!("/v1/api/connections/{connection}/sync");
/// # let session = post(&sync, serde_json::json!({})).await;
/// # let key = &session["wizard_session_key"];
/// # let body = serde_json::json!({ "key": key, "TAN": "123456", "state": "abc" });
/// # let end = post("/v1/api/wizard", body).await;
/// # assert_eq!(end["form"]["name"], "finish");
/// let [transaction] = sandbox.sessions(&connection).try_into().unwrap();
/// let posted = sandbox.posts(&transaction);
/// assert_eq!(posted[0].value("TAN").unwrap(), "123456");
/// assert_eq!(posted[0].names().collect::<Vec<_>>(), ["TAN", "state"]);
/// assert_eq!((posted[0].action(), posted[0].at() < sandbox.now()), (None, false));
/// # });
/// ```
#[derive(Clone)]
#[must_use]
pub struct WizardScript {
    pub(crate) forms: Vec<ScriptedForm>,
    pub(crate) end: Option<ScriptedEnd>,
}

/// How a written session ends.
#[derive(Clone)]
pub(crate) enum ScriptedEnd {
    /// The user is through, and the answer is this.
    Finished(String),
    /// The bank has rejected the user, and the answer is this.
    Failed(String),
}

impl WizardScript {
    /// These forms, one after the other. After the last one the session ends as usual: the user is
    /// through.
    pub fn new(forms: impl IntoIterator<Item = ScriptedForm>) -> Self {
        Self { forms: forms.into_iter().collect(), end: None }
    }

    /// Has the session end with this answer: the user is through.
    pub fn finish(mut self, answer: impl Into<String>) -> Self {
        self.end = Some(ScriptedEnd::Finished(answer.into()));
        self
    }

    /// Has the session end with this answer: the bank has rejected the user. If the session was a
    /// sync, the sync has failed.
    pub fn fail(mut self, answer: impl Into<String>) -> Self {
        self.end = Some(ScriptedEnd::Failed(answer.into()));
        self
    }
}

/// One form of a [`WizardScript`]. By default, the next form comes when values are posted.
///
/// ```
/// use xs2a_sandbox::{Sandbox, ScriptedForm, WizardScript};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// // A form that counts down: it changes at each poll. Then an answer with odd parts around its
/// // form, which stays for good.
/// let count = |seconds: u32| {
///     let text = format!(r#"{{"type":"help_text","text":"{seconds} seconds left"}}"#);
///     ScriptedForm::form(format!(r#"{{"name":"app","elements":[{text}]}}"#)).until_poll(1)
/// };
/// let odd = r#"{"error":"login_failed","polling":false,"form":{"name":"login","elements":[]}}"#;
/// let odd = ScriptedForm::answer(odd).for_good();
/// sandbox.script_next_session(WizardScript::new([count(60), count(58), odd]));
/// # });
/// ```
#[derive(Clone)]
#[must_use]
pub struct ScriptedForm {
    pub(crate) shown: Shown,
    pub(crate) until: Until,
    /// Values that have to come back.
    pub(crate) required: Vec<(String, String)>,
}

/// What is shown of a written form.
#[derive(Clone)]
pub(crate) enum Shown {
    /// This form, in an answer of the wizard.
    Form(String),
    /// This answer.
    Answer(String),
}

/// How long a written form stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    Values,
    Poll(u32),
    ForGood,
}

impl ScriptedForm {
    fn new(shown: Shown) -> Self {
        Self { shown, until: Until::Values, required: Vec::new() }
    }

    /// A form, as the JSON that stands in `form` of an answer of the wizard. What stands around the
    /// form is as usual.
    pub fn form(json: impl Into<String>) -> Self {
        Self::new(Shown::Form(json.into()))
    }

    /// A whole answer of the wizard, with whatever stands around its form.
    pub fn answer(json: impl Into<String>) -> Self {
        Self::new(Shown::Answer(json.into()))
    }

    /// Keeps the form until the nth poll, counted from 1, or until
    /// [`Sandbox::approve`](crate::Sandbox::approve). The answer says how often to poll. Values lead
    /// nowhere.
    pub fn until_poll(mut self, number: u32) -> Self {
        self.until = Until::Poll(number);
        self
    }

    /// Keeps the form whatever is posted: a PIN that is always wrong, or an approval that nobody
    /// gives. The user can abort, and the session expires as usual.
    pub fn for_good(mut self) -> Self {
        self.until = Until::ForGood;
        self
    }

    /// Keeps the form until this value comes back under this name, such as the value of a hidden
    /// element.
    pub fn requires(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.required.push((name.into(), value.into()));
        self
    }
}

/// What was posted to a wizard session in one request; see
/// [`Sandbox::posts`](crate::Sandbox::posts).
///
/// The values may be secrets: `Debug` shows their names alone. [`WizardScript`] has an example.
#[derive(Clone, PartialEq)]
pub struct Posted {
    at: Timestamp,
    fields: IndexMap<String, Value>,
}

impl Posted {
    /// These fields of a request without the key of the session.
    pub(crate) fn new(at: Timestamp, fields: &IndexMap<String, Value>) -> Self {
        let mut fields = fields.clone();
        fields.shift_remove("key");
        Self { at, fields }
    }

    /// When the request came, on the sandbox's clock.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The action, such as `poll`.
    pub fn action(&self) -> Option<&str> {
        self.fields.get("action")?.as_str()
    }

    /// The value that was posted under this name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// The names of everything that was posted, in this order, without the key of the session.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    pub(crate) fn values(&self) -> Json {
        let values = self.fields.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        Json::Object(values.collect())
    }
}

// Most values are secrets.
impl fmt::Debug for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.names().collect();
        f.debug_struct("Posted")
            .field("at", &self.at)
            .field("names", &names)
            .finish_non_exhaustive()
    }
}

// The words of a test may hold what it takes for secrets.
impl fmt::Debug for WizardScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WizardScript").field("forms", &self.forms.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ScriptedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedForm").field("until", &self.until).finish_non_exhaustive()
    }
}
