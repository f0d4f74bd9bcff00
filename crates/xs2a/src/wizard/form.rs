//! What the wizard asks for: steps, forms and their elements.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};
use xs2a_client::types::{AdditionalData, WizardElement, WizardForm, WizardResponse};
use xs2a_client::{Secret, quote};

/// What the wizard asks for next, or how the session ended.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the wizard goes on with what the step asks for"]
pub enum WizardStep {
    /// Show this form and send the answers.
    Form(Form),
    /// The last answers were rejected. Show the form again, with its
    /// [`rejections`](Form::rejections), and ask the user for other answers: a bank locks the login
    /// after a few wrong ones, so a program never sends the same answers again by itself.
    Rejected(Form),
    /// The user is busy elsewhere, usually with an approval in the app of the bank.
    Waiting(Waiting),
    /// The user is through.
    Completed(Completed),
    /// The session is over, and only a new session helps.
    Failed(SessionFailed),
}

/// A wait for something that happens outside of the wizard.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waiting {
    /// What to show meanwhile. Elements to fill in can be answered instead of waiting.
    pub form: Option<Form>,
    /// The pace at which the server wants to be asked.
    pub interval: Duration,
}

/// The good end of a session, as far as the wizard tells. The proof is to find the connection
/// ([`Connections::wait_for_user`](crate::Connections::wait_for_user)). That the service tells an
/// aborted session from a completed one is assumed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Completed {
    /// What to show at the end.
    pub form: Option<Form>,
    /// What the session hands over. It is assumed that the customer's half of the credentials of a
    /// connection in mode `shared` is here.
    pub additional_data: Option<AdditionalData>,
}

impl Completed {
    /// The customer's half of the credentials, for a connection in mode `shared`. `None` where the
    /// session hands over none. That the half is named `credentials` is assumed.
    ///
    /// ```
    /// use xs2a::types::WizardResponse;
    /// use xs2a::wizard::WizardStep;
    ///
    /// let end = r#"{"code":200,"additional_data":{"credentials":"our half"}}"#;
    /// let end: WizardResponse = serde_json::from_str(end)?;
    /// let WizardStep::Completed(completed) = WizardStep::from(end) else { panic!("an end") };
    /// assert_eq!(completed.credentials().unwrap().expose(), "our half");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn credentials(&self) -> Option<Secret> {
        let half = self.additional_data.as_ref()?.0.get("credentials")?.as_str()?;
        (!half.is_empty()).then(|| Secret::from(half))
    }
}

/// The bad end of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionFailed {
    /// What the service says about it, [quoted](xs2a_client::quote).
    pub message: Option<String>,
}

impl fmt::Display for SessionFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = self.message.as_deref().unwrap_or("no reason was given");
        write!(f, "the wizard session has failed: {why}")
    }
}

impl std::error::Error for SessionFailed {}

impl WizardStep {
    /// The session is over when there is no form, or when the form is named `finish`. It has failed
    /// when an error is final, or when an error came without a form to try again with. A code of
    /// 400 or more is an error like any other.
    ///
    /// These secrets were sent: what is printed or stored of the server's words does not repeat them.
    pub(super) fn concealing(response: WizardResponse, secrets: Vec<Secret>) -> Self {
        let is_over =
            response.form.as_ref().is_none_or(|form| form.name.as_deref() == Some("finish"));
        let interval = response.polling.and_then(|polling| polling.interval);
        let interval =
            interval.map(|pause| Duration::from_millis(u64::try_from(pause).unwrap_or(0)));
        // An error that says nothing is the service's way to say that there is no error.
        let error = response.error.filter(|error| {
            error.message.is_some() || error.code.is_some() || error.recoverable.is_some()
        });
        // Beside an error that is its code alone stands whether the session can go on.
        let is_final = error
            .as_ref()
            .is_some_and(|error| error.recoverable.or(response.recoverable) == Some(false));
        let has_failed = error.is_some() || response.code.is_some_and(|code| code >= 400);
        let message = error.and_then(|error| error.message.or(error.code)).or(response.message);
        let message = message.filter(|_| has_failed);
        let failed = || {
            let message = message.as_ref().map(|words| quote(words, &secrets));
            Self::Failed(SessionFailed { message })
        };
        let form = response.form.map(|form| Form {
            form,
            message: message.clone(),
            secrets: secrets.clone(),
        });
        match (interval, form) {
            _ if is_final => failed(),
            (Some(interval), form) if form.is_none() || !is_over => {
                Self::Waiting(Waiting { form, interval })
            }
            (_, Some(form)) if !is_over && (has_failed || !form.rejections().is_empty()) => {
                Self::Rejected(form)
            }
            (_, Some(form)) if !is_over => Self::Form(form),
            _ if has_failed => failed(),
            (_, form) => {
                Self::Completed(Completed { form, additional_data: response.additional_data })
            }
        }
    }
}

/// Knows no secrets that the server's words may repeat; the methods of [`Wizard`](crate::Wizard) do.
impl From<WizardResponse> for WizardStep {
    fn from(response: WizardResponse) -> Self {
        Self::concealing(response, Vec::new())
    }
}

/// A form to show to the user.
///
/// A form can be stored and read back, without the secrets in it: what a field was filled in with,
/// and the way back from redirects. What the server says of the last answers may repeat them, so it
/// is stored as a [quotation](xs2a_client::quote).
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
/// # let ada = sandbox.add_user("Ada");
/// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
/// use xs2a::types::CreateConnectionRequest;
/// use xs2a::wizard::{Form, WizardStep};
///
/// let session = user.connections().create(&CreateConnectionRequest::new()).await?;
/// let wizard = user.wizard(session.key());
/// let WizardStep::Form(form) = wizard.open().await? else { panic!("a form") };
/// for element in form.elements() {
///     println!("{} {:?} {:?}", element.kind(), element.name(), element.label());
/// }
/// let stored = serde_json::to_string(&form)?;
/// let form: Form = serde_json::from_str(&stored)?;
/// let answers = form.answers().fill([("country_id", "DE"), ("bank_code", "88888888")])?;
/// let next = wizard.send(answers).await?;
/// # assert!(matches!(next, WizardStep::Form(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Deserialize)]
pub struct Form {
    form: WizardForm,
    message: Option<String>,
    /// What was sent, and the server's words may repeat.
    #[serde(skip)]
    secrets: Vec<Secret>,
}

impl Form {
    /// The name of the form, such as `login`. The names are the service's and change over time.
    pub fn name(&self) -> &str {
        self.form.name.as_deref().unwrap_or_default()
    }

    /// What to show, in this order. Elements of a kind that this version does not know keep their
    /// JSON.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.form.elements.iter().map(|element| Element { element, secrets: &self.secrets })
    }

    /// Why the last answers were not accepted, such as a wrong PIN: tell the user, who may try again.
    /// The text is as it was sent, so it may repeat an answer: show it to the user, and log
    /// [`rejections`](Self::rejections) instead.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// All that was rejected: the [`message`](Self::message) of the form, and the
    /// [`error`](Element::error) of each element, also of those in a group. Empty where nothing was
    /// rejected.
    pub fn rejections(&self) -> Vec<Rejection> {
        let message = self.message.as_ref().map(|words| quote(words, &self.secrets));
        let of_form =
            message.map(|text| Rejection { field: None, rules: Vec::new(), text: Some(text) });
        let mut rejections: Vec<_> = of_form.into_iter().collect();
        let mut elements: Vec<_> = self.elements().collect();
        elements.reverse();
        while let Some(element) = elements.pop() {
            rejections.extend(element.error());
            if let WizardElement::Multi(multi) = element.data() {
                let inner = multi.elements.iter().flat_map(|group| &group.elements);
                elements.extend(inner.rev().map(|inner| Element { element: inner, ..element }));
            }
        }
        rejections
    }

    pub(super) fn raw(&self) -> &[WizardElement] {
        &self.form.elements
    }
}

/// By names alone: the server's texts may repeat what the user entered.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.elements().filter_map(Element::name).collect();
        let mut form = f.debug_struct("Form");
        form.field("name", &self.name()).field("elements", &names).finish_non_exhaustive()
    }
}

/// By what was sent.
impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        (&self.form, &self.message) == (&other.form, &other.message)
    }
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Stored {
            // What is left is needed: where a redirect leads, and elements of a kind that is not known.
            #[serde(serialize_with = "xs2a_client::secret::exposed::serialize")]
            form: WizardForm,
            message: Option<String>,
        }
        let mut form = self.form.clone();
        forget_secrets(&mut form.elements, &self.secrets);
        let message = self.message.as_ref().map(|words| quote(words, &self.secrets));
        Stored { form, message }.serialize(serializer)
    }
}

fn forget_secrets(elements: &mut [WizardElement], secrets: &[Secret]) {
    macro_rules! quote_rejection {
        ($element:expr) => {{
            let words = $element.validation_error.iter_mut();
            words
                .chain(&mut $element.failed_validation_rules)
                .for_each(|words| *words = quote(words, secrets));
        }};
    }
    macro_rules! forget_answer {
        ($element:expr) => {{
            $element.value = None;
            quote_rejection!($element)
        }};
    }
    for element in elements {
        match element {
            WizardElement::Text(text) => forget_answer!(text),
            WizardElement::Password(password) => forget_answer!(password),
            WizardElement::Captcha(captcha) => forget_answer!(captcha),
            WizardElement::Flicker(flicker) => forget_answer!(flicker),
            WizardElement::Checkbox(checkbox) => quote_rejection!(checkbox),
            WizardElement::Radio(radio) => quote_rejection!(radio),
            WizardElement::Select(select) => quote_rejection!(select),
            WizardElement::Hidden(hidden) => quote_rejection!(hidden),
            WizardElement::Redirect(redirect) => {
                redirect.back = None;
            }
            WizardElement::Multi(multi) => {
                for group in &mut multi.elements {
                    forget_secrets(&mut group.elements, secrets);
                }
            }
            _ => {}
        }
    }
}

/// What was rejected: a field, or the form as a whole. The `Display` form is a sentence for the user.
/// The server's words are [quoted](xs2a_client::quote).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rejection {
    /// The name of the element. `None` where the form as a whole was rejected.
    pub field: Option<String>,
    /// The rules that the answer broke, such as `required`. Empty where the service names none.
    pub rules: Vec<String>,
    /// What the service says about it.
    pub text: Option<String>,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            write!(f, "`{field}` was rejected: ")?;
        }
        match &self.text {
            Some(text) => f.write_str(text),
            None if self.rules.is_empty() => f.write_str("the service gave no reason"),
            None => write!(f, "it breaks the rule {}", self.rules.join(", ")),
        }
    }
}

/// One element of a [`Form`].
#[derive(Clone, Copy)]
pub struct Element<'form> {
    element: &'form WizardElement,
    secrets: &'form [Secret],
}

/// By what was sent.
impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.element == other.element
    }
}

/// By kind and name: the server's texts may repeat what the user entered.
impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut element = f.debug_struct("Element");
        element.field("kind", &self.kind()).field("name", &self.name()).finish_non_exhaustive()
    }
}

impl<'form> Element<'form> {
    /// An element inside of this one.
    pub(super) fn around(self, inner: &'form WizardElement) -> Self {
        Self { element: inner, ..self }
    }

    /// The element with all that is known of its kind. An element of a kind that this version does
    /// not know is [`WizardElement::Unknown`], with its JSON.
    pub fn data(self) -> &'form WizardElement {
        self.element
    }

    /// The elements of a multi element's group: those that have to be answered when the group of this
    /// value is chosen. Empty where there is no such group.
    pub fn group(self, value: &str) -> impl Iterator<Item = Element<'form>> {
        let groups = match self.element {
            WizardElement::Multi(multi) => multi.elements.as_slice(),
            _ => &[],
        };
        let group = groups.iter().find(|group| group.value.as_deref() == Some(value));
        let elements = group.map_or(&[][..], |group| group.elements.as_slice());
        elements.iter().map(move |element| Element { element, ..self })
    }

    /// The kind, as it stands on the wire, such as `text` or `password`.
    pub fn kind(self) -> &'form str {
        self.element.tag()
    }

    /// The name that an answer goes by. `None` where the element takes no answer.
    pub fn name(self) -> Option<&'form str> {
        Some(self.input()?.name)
    }

    /// What to show beside the element.
    pub fn label(self) -> Option<&'form str> {
        let label = match self.element {
            WizardElement::Text(text) => &text.label,
            WizardElement::Password(password) => &password.label,
            WizardElement::Captcha(captcha) => &captcha.label,
            WizardElement::Flicker(flicker) => &flicker.label,
            WizardElement::Image(image) => &image.label,
            WizardElement::Checkbox(checkbox) => &checkbox.label,
            WizardElement::Radio(radio) => &radio.label,
            WizardElement::Select(select) => &select.label,
            WizardElement::Tabs(tabs) => &tabs.label,
            WizardElement::Multi(multi) => &multi.label,
            WizardElement::Redirect(redirect) => &redirect.label,
            WizardElement::HelpText(help) => &help.title,
            WizardElement::Paragraph(paragraph) => &paragraph.title,
            WizardElement::Description(description) => &description.text,
            WizardElement::Submit(submit) => &submit.label,
            WizardElement::Restart(restart) => &restart.label,
            WizardElement::Abort(abort) => &abort.label,
            WizardElement::Unknown(unknown) => return unknown.text("label"),
            _ => &None,
        };
        label.as_deref()
    }

    /// Whether the form requires an answer here.
    pub fn is_required(self) -> bool {
        let rules = self.input().and_then(|input| input.rules);
        rules.is_some_and(|rules| rules.split('|').any(|rule| rule == "required"))
    }

    /// What was wrong with the last answer. `None` where nothing was.
    pub fn error(self) -> Option<Rejection> {
        let checks = self.input()?.checks?;
        let is_rejected = checks.invalid == Some(true)
            || checks.text.is_some()
            || !checks.failed_rules.is_empty();
        is_rejected.then(|| Rejection {
            field: self.name().map(str::to_owned),
            rules: checks.failed_rules.iter().map(|rule| quote(rule, self.secrets)).collect(),
            text: checks.text.as_ref().map(|words| quote(words, self.secrets)),
        })
    }

    /// What the elements that take an answer have in common.
    fn input(self) -> Option<Input<'form>> {
        macro_rules! input {
            ($element:expr) => {
                Input {
                    name: &$element.name,
                    rules: $element.validation.as_deref(),
                    checks: Some(Checks {
                        invalid: $element.invalid,
                        failed_rules: &$element.failed_validation_rules,
                        text: &$element.validation_error,
                    }),
                }
            };
        }
        let input = match self.element {
            WizardElement::Text(text) => input!(text),
            WizardElement::Password(password) => input!(password),
            WizardElement::Captcha(captcha) => input!(captcha),
            WizardElement::Flicker(flicker) => input!(flicker),
            WizardElement::Checkbox(checkbox) => input!(checkbox),
            WizardElement::Radio(radio) => input!(radio),
            WizardElement::Select(select) => input!(select),
            WizardElement::Multi(multi) => Input { name: &multi.name, rules: None, checks: None },
            WizardElement::Hidden(hidden) => Input {
                name: &hidden.name,
                rules: None,
                checks: Some(Checks {
                    invalid: hidden.invalid,
                    failed_rules: &hidden.failed_validation_rules,
                    text: &hidden.validation_error,
                }),
            },
            WizardElement::Unknown(unknown) => {
                Input { name: unknown.text("name")?, rules: None, checks: None }
            }
            _ => return None,
        };
        // The request has fields of its own by these two names.
        let is_free = !matches!(input.name, "key" | "action");
        is_free.then_some(input)
    }
}

struct Input<'form> {
    name: &'form str,
    /// Rules for the answer, joined by `|`.
    rules: Option<&'form str>,
    checks: Option<Checks<'form>>,
}

struct Checks<'form> {
    invalid: Option<bool>,
    failed_rules: &'form [String],
    text: &'form Option<String>,
}
