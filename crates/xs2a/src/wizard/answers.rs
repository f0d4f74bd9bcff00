//! What the user enters, checked against the form.

use std::fmt;

use indexmap::IndexMap;
use xs2a_client::types::{MultiElement, RadioElement, SelectElement, WizardElement};
use xs2a_client::{Operation, Secret, quote};

use super::form::{Element, Form};
use crate::error::Error;

/// An answer that does not fit the form. Nothing was sent. Each variant names the element.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The form, as it is answered so far, has no such element.
    UnknownElement(String),
    /// The element takes another kind of answer.
    WrongKind(String),
    /// The element has no such option, or the option is disabled. The list has the options that can
    /// be chosen.
    UnknownOption(String, Vec<String>),
    /// The form requires an answer here.
    Missing(String),
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = |text: &str| quote(text, []);
        match self {
            Self::UnknownElement(name) => {
                write!(f, "the form has no element `{}`", quote(name))
            }
            Self::WrongKind(name) => {
                write!(f, "the element `{}` takes another kind of answer", quote(name))
            }
            Self::UnknownOption(name, options) => {
                write!(f, "the element `{}` offers: {}", quote(name), quote(&options.join(", ")))
            }
            Self::Missing(name) => write!(f, "the element `{}` has to be answered", quote(name)),
        }
    }
}

impl std::error::Error for AnswerError {}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        Self::refused(Operation::AdvanceWizard, error.to_string())
    }
}

impl Form {
    /// Begins to fill in the form. What the form came with, such as a ticked checkbox, counts until
    /// it is answered otherwise.
    pub fn answers(&self) -> Answers<'_> {
        let mut answers = Answers { form: self, values: IndexMap::new() };
        answers.prefill(self.raw());
        answers
    }
}

/// A form as far as it is filled in. Each answer is checked against its element.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
/// # let ada = sandbox.add_user("Ada");
/// # let user = xs2a::UserClient::builder(ada.token()).base_url(sandbox.base_url()).build()?;
/// # let session = user.connections().create(&xs2a::types::CreateConnectionRequest::new()).await?;
/// # let wizard = user.wizard(session.key());
/// # let xs2a::wizard::WizardStep::Form(form) = wizard.open().await? else { panic!("a form") };
/// // Answer by answer, with the kind of each element in mind:
/// let answers = form.answers().choose("country_id", "DE")?.enter("bank_code", "88888888")?;
/// // Or as a browser posts the form:
/// let answers = form.answers().fill([("country_id", "DE"), ("bank_code", "88888888")])?;
/// # let _ = wizard.send(answers).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "answers have to be sent"]
pub struct Answers<'form> {
    form: &'form Form,
    values: IndexMap<String, Secret>,
}

impl<'form> Answers<'form> {
    /// Enters text into a text, password, captcha or flicker element, or into an element of a kind
    /// that this version does not know.
    pub fn enter(self, name: &str, text: impl Into<Secret>) -> Result<Self, AnswerError> {
        match self.element(name)?.data() {
            WizardElement::Text(_)
            | WizardElement::Password(_)
            | WizardElement::Captcha(_)
            | WizardElement::Flicker(_)
            | WizardElement::Unknown(_) => Ok(self.with(name, text)),
            _ => Err(AnswerError::WrongKind(name.to_owned())),
        }
    }

    /// Ticks a checkbox, or takes the tick away. As a browser does, the request has only ticks: a
    /// careless service could take the text `false` for a tick.
    pub fn tick(mut self, name: &str, ticked: bool) -> Result<Self, AnswerError> {
        match self.element(name)?.data() {
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
        let options: Vec<String> = match self.element(name)?.data() {
            WizardElement::Select(select) => select.options.keys().cloned().collect(),
            WizardElement::Multi(multi) => groups(multi).map(|(value, _)| value.into()).collect(),
            WizardElement::Radio(radio) => match chosen(radio, option) {
                Some(key) => return Ok(self.with(name, key)),
                None => enabled(radio).map(|(_, label)| label.into()).collect(),
            },
            _ => return Err(AnswerError::WrongKind(name.to_owned())),
        };
        if !options.iter().any(|offered| offered == option) {
            return Err(AnswerError::UnknownOption(name.to_owned(), options));
        }
        let mut chosen = self.with(name, option);
        if let WizardElement::Multi(multi) = chosen.element(name)?.data() {
            for (_, elements) in groups(multi).filter(|(value, _)| *value == option) {
                chosen.prefill(elements);
            }
        }
        Ok(chosen)
    }

    /// Fills in the form from pairs of name and value, as an HTML form posts them. A value is the
    /// text of an input, the key of an option, the label or position of a radio option, or anything
    /// but `false`, `off`, `0` and nothing for a tick. A checkbox without a pair is not ticked.
    /// A hidden element keeps the value that the form came with, whatever the pair says.
    ///
    /// # Errors
    /// The first pair that does not fit. A pair whose name the form does not have is
    /// [`AnswerError::UnknownElement`]: take out the fields that are your own before.
    pub fn fill<N, V>(self, pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, AnswerError>
    where
        N: AsRef<str>,
        V: Into<Secret>,
    {
        let pairs: Vec<(N, Secret)> =
            pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
        let mut answers = self;
        // Which groups are chosen decides which elements there are.
        for (name, value) in &pairs {
            let element = answers.element(name.as_ref());
            if let Ok(WizardElement::Multi(_)) = element.map(Element::data) {
                answers = answers.choose(name.as_ref(), value.expose())?;
            }
        }
        for element in answers.elements() {
            if let (WizardElement::Checkbox(_), Some(name)) = (element.data(), element.name()) {
                answers.values.shift_remove(name);
            }
        }
        for (name, value) in pairs {
            let name = name.as_ref();
            answers = match answers.element(name)?.data() {
                WizardElement::Checkbox(_) => {
                    let is_ticked = !matches!(value.expose(), "" | "0" | "false" | "off");
                    answers.tick(name, is_ticked)?
                }
                WizardElement::Select(_) | WizardElement::Radio(_) => {
                    answers.choose(name, value.expose())?
                }
                WizardElement::Multi(_) | WizardElement::Hidden(_) => answers,
                _ => answers.enter(name, value)?,
            };
        }
        Ok(answers)
    }

    fn with(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// Takes over what the form came with, as a browser does.
    fn prefill(&mut self, elements: &'form [WizardElement]) {
        for element in elements {
            let (name, value) = match element {
                WizardElement::Text(text) => (&text.name, text.value.clone()),
                WizardElement::Checkbox(checkbox) => {
                    let ticked = checkbox.checked == Some(true);
                    (&checkbox.name, ticked.then(|| Secret::from("true")))
                }
                WizardElement::Radio(radio) => {
                    let checked = radio.checked.as_deref();
                    let key = checked.and_then(|checked| chosen(radio, checked));
                    (&radio.name, key.map(Secret::from))
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
                WizardElement::Hidden(hidden) => (&hidden.name, hidden.value.clone()),
                // Such as a state that the server wants back.
                WizardElement::Unknown(unknown) => match unknown.text("name") {
                    Some(name) => (&name.to_owned(), unknown.text("value").map(Secret::from)),
                    None => continue,
                },
                _ => continue,
            };
            if let Some(value) = value {
                self.values.insert(name.clone(), value);
            }
        }
    }

    /// The elements to fill in: those of the form, and of the groups that are chosen.
    fn elements(&self) -> Vec<Element<'form>> {
        let mut elements: Vec<_> = self.form.elements().collect();
        let mut next = 0;
        while let Some(element) = elements.get(next).copied() {
            if let WizardElement::Multi(multi) = element.data() {
                let chosen = self.values.get(&multi.name).map(Secret::expose);
                for (_, group) in groups(multi).filter(|(value, _)| chosen == Some(value)) {
                    elements.extend(group.iter().map(|inner| element.around(inner)));
                }
            }
            next += 1;
        }
        elements
    }

    fn element(&self, name: &str) -> Result<Element<'form>, AnswerError> {
        let mut named = self.elements().into_iter().filter(|element| element.name() == Some(name));
        named.next().ok_or_else(|| AnswerError::UnknownElement(name.to_owned()))
    }

    /// The values to send: those of the form as it is answered now, if none is missing.
    pub(super) fn values(&self) -> Result<IndexMap<String, Secret>, AnswerError> {
        let values = self.entered();
        let is_empty = |name| values.get(name).is_none_or(|value| value.expose().is_empty());
        for element in self.elements().into_iter().filter(|element| element.is_required()) {
            if let Some(name) = element.name().filter(|name| is_empty(*name)) {
                return Err(AnswerError::Missing(name.to_owned()));
            }
        }
        Ok(values)
    }

    /// The values of the form as it is answered now.
    pub(super) fn entered(&self) -> IndexMap<String, Secret> {
        let elements = self.elements().into_iter();
        let named = elements.filter_map(Element::name);
        named.filter_map(|name| Some((name.to_owned(), self.values.get(name)?.clone()))).collect()
    }
}

/// The groups of a multi element that can be chosen: their value and what is in them.
fn groups(multi: &MultiElement) -> impl Iterator<Item = (&str, &[WizardElement])> {
    multi.elements.iter().filter_map(|group| Some((group.value.as_deref()?, &*group.elements)))
}

/// The options of a radio element that can be chosen: their key, usually their position, and label.
fn enabled(radio: &RadioElement) -> impl Iterator<Item = (&str, &str)> {
    let enabled = radio.options.iter().filter(|(_, option)| option.disabled != Some(true));
    enabled.map(|(key, option)| (key.as_str(), option.label.as_deref().unwrap_or_default()))
}

/// The key of an option that is named by its label, or else by its key.
fn chosen<'form>(radio: &'form RadioElement, option: &str) -> Option<&'form str> {
    let by_label = enabled(radio).find(|(_, label)| *label == option);
    let found = by_label.or_else(|| enabled(radio).find(|(key, _)| *key == option));
    found.map(|(key, _)| key)
}

/// The key of the option that is chosen. Sources disagree on whether a form names the option by its
/// key or by its position.
fn selected(select: &SelectElement) -> Option<&String> {
    let selected = select.selected.as_deref()?;
    match select.options.get_key_value(selected) {
        Some((key, _)) => Some(key),
        None => select.options.get_index(selected.parse().ok()?).map(|(key, _)| key),
    }
}
