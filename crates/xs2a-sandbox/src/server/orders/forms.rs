//! Orders about the forms of the wizard.

use indexmap::IndexMap;
use serde::Deserialize;

use super::{
    bounds::Number,
    verbatim::{Verbatim, even_null},
};
use crate::{
    answer::Refusal,
    world::{ScriptedForm, WizardScript},
};

/// What the wizard shows in a session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Forms {
    forms: Vec<OneForm>,
    #[serde(default, deserialize_with = "even_null")]
    finish: Option<Verbatim>,
    #[serde(default, deserialize_with = "even_null")]
    fail: Option<Verbatim>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneForm {
    #[serde(default, deserialize_with = "even_null")]
    form: Option<Verbatim>,
    #[serde(default, deserialize_with = "even_null")]
    answer: Option<Verbatim>,
    until_poll: Option<Number<1, 1_000_000>>,
    #[serde(default)]
    for_good: bool,
    #[serde(default)]
    requires: IndexMap<String, String>,
}

impl Forms {
    pub(in crate::server) fn script(self) -> Result<WizardScript, Refusal> {
        let forms: Result<Vec<ScriptedForm>, Refusal> =
            self.forms.into_iter().map(OneForm::scripted).collect();
        let script = WizardScript::new(forms?);
        match (self.finish, self.fail) {
            (None, None) => Ok(script),
            (Some(json), None) => Ok(script.finish(json.get())),
            (None, Some(json)) => Ok(script.fail(json.get())),
            _ => Err(Refusal::new(400, "a session ends with either finish or fail")),
        }
    }
}

impl OneForm {
    fn scripted(self) -> Result<ScriptedForm, Refusal> {
        let form = match (self.form, self.answer) {
            (Some(json), None) => ScriptedForm::form(json.get()),
            (None, Some(json)) => ScriptedForm::answer(json.get()),
            _ => return Err(Refusal::new(400, "forms: each one needs either form or answer")),
        };
        let form = match (self.until_poll, self.for_good) {
            (None, false) => form,
            (Some(number), false) => form.until_poll(number.get()),
            (None, true) => form.for_good(),
            _ => {
                let message = "forms: a form stays either until_poll or for_good";
                return Err(Refusal::new(400, message));
            }
        };
        Ok(self.requires.into_iter().fold(form, |form, (name, value)| form.requires(name, value)))
    }
}
