//! The wizard in the terminal: shows each form of a session, asks for the answers, and waits where
//! the user is busy elsewhere.

use std::time::Duration;

use anstyle::AnsiColor;
use indicatif::{ProgressBar, ProgressStyle};
use xs2a::types::{SelectElement, TabsElement, WizardElement};
use xs2a::wizard::{Answers, Completed, Element, Form, Wizard, WizardStep};
use xs2a::{UserClient, UserSession};

use crate::failure::Outcome;
use crate::output::{note, note_in};
use crate::picture::Picture;
use crate::prompt::{self, Answer, Choice};

/// How long the user may take to approve something elsewhere.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Walks through a session with the person at the terminal, to its good end.
pub(crate) async fn walk(user: &UserClient, session: &UserSession) -> Outcome<Completed> {
    let wizard = user.wizard(session.key());
    let mut step = wizard.open().await?;
    loop {
        step = match step {
            WizardStep::Form(form) => fill_in(&wizard, &form).await?,
            WizardStep::Rejected(form) => {
                tell_rejections(&form);
                fill_in(&wizard, &form).await?
            }
            WizardStep::Waiting(waiting) => {
                if let Some(form) = &waiting.form {
                    show(form);
                }
                let spinner = spinner("waiting until you have approved the login elsewhere");
                let next = wizard.wait(&waiting, PATIENCE).await;
                spinner.finish_and_clear();
                next?
            }
            WizardStep::Completed(completed) => {
                completed.form.iter().for_each(show);
                return Ok(completed);
            }
            WizardStep::Failed(failed) => return Err(failed.into()),
        };
    }
}

/// Tells what was rejected: once, where the form says the same as its elements.
fn tell_rejections(form: &Form) {
    let rejections = form.rejections();
    let of_fields =
        |text| rejections.iter().any(|other| other.field.is_some() && other.text == text);
    for rejection in &rejections {
        if rejection.field.is_some() || !of_fields(rejection.text.clone()) {
            note_in(AnsiColor::Red, &rejection.to_string());
        }
    }
}

/// A sign that the command is at work; a line where standard error is no terminal.
pub(crate) fn spinner(text: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(text);
    if spinner.is_hidden() {
        note(text);
    }
    // The template is ours, and is right.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// Shows what a form says, without what it asks for.
fn show(form: &Form) {
    for element in form.elements() {
        let (title, text) = match element.data() {
            WizardElement::HelpText(help) => (&help.title, &help.text),
            WizardElement::Paragraph(paragraph) => (&paragraph.title, &paragraph.text),
            WizardElement::Description(description) => (&None, &description.text),
            _ => continue,
        };
        [title, text].into_iter().flatten().for_each(|text| note(text));
    }
}

/// Asks for what a form asks for, and sends it.
async fn fill_in(wizard: &Wizard, form: &Form) -> Outcome<WizardStep> {
    show(form);
    for element in form.elements() {
        if let WizardElement::Tabs(tabs) = element.data() {
            match choose_way(tabs).await? {
                Answer::Given(Some(way)) => return Ok(wizard.switch_tab(form, &way).await?),
                Answer::Given(None) => {}
                Answer::Back => return Ok(wizard.back().await?),
            }
        }
    }
    let mut answers = form.answers();
    let mut waiting: Vec<Element<'_>> = form.elements().collect();
    waiting.reverse();
    while let Some(element) = waiting.pop() {
        match answer(answers, element).await? {
            Answer::Given((filled_in, chosen)) => {
                answers = filled_in;
                if let Some(chosen) = chosen {
                    let group: Vec<_> = element.group(&chosen).collect();
                    waiting.extend(group.into_iter().rev());
                }
            }
            Answer::Back => return Ok(wizard.back().await?),
        }
    }
    Ok(wizard.send(answers).await?)
}

/// The other way to log in that the person wants, if it is another one.
async fn choose_way(tabs: &TabsElement) -> Outcome<Answer<Option<String>>> {
    let choices: Vec<_> = tabs.tabs.iter().map(choice).collect();
    let is_open = |(key, text): (&String, &String)| {
        tabs.selected.as_ref().is_some_and(|selected| selected == key || selected == text)
    };
    let open = tabs.tabs.iter().position(is_open).unwrap_or(0);
    let start = choices.get(open).map(|choice| choice.key.clone());
    let label = tabs.label.as_deref().unwrap_or("Way to log in");
    Ok(match prompt::choose(label, choices, open).await? {
        Answer::Given(way) if Some(&way.key) == start.as_ref() => Answer::Given(None),
        Answer::Given(way) => Answer::Given(Some(way.key)),
        Answer::Back => Answer::Back,
    })
}

fn choice((key, label): (&String, &String)) -> Choice {
    Choice { key: key.clone(), label: label.clone() }
}

/// Asks for one element; gives the answers, and what was chosen of a multi element.
async fn answer<'form>(
    answers: Answers<'form>,
    element: Element<'form>,
) -> Outcome<Answer<(Answers<'form>, Option<String>)>> {
    let name = element.name().unwrap_or_default();
    let label = element.label().unwrap_or(name);
    let asked = match element.data() {
        WizardElement::Text(text) if text.disabled != Some(true) => {
            prompt::text(label).await?.map(|said| said.into())
        }
        WizardElement::Password(_) => prompt::hidden(label).await?,
        WizardElement::Captcha(captcha) => {
            let picture = Picture::of_data(captcha.data.as_deref().unwrap_or_default())?;
            note(&format!("the picture is in {}", picture.path().display()));
            prompt::text(label).await?.map(|said| said.into())
        }
        WizardElement::Flicker(flicker) => {
            let picture = Picture::of_flicker(&flicker.code)?;
            note(&format!(
                "open this in a browser, and hold the reader to it: {}",
                picture.path().display()
            ));
            prompt::hidden(label).await?
        }
        WizardElement::Unknown(_) if element.name().is_some() => prompt::hidden(label).await?,
        WizardElement::Checkbox(checkbox) if checkbox.disabled != Some(true) => {
            let ticked = prompt::confirm(label, checkbox.checked == Some(true)).await?;
            return ticked.try_map(|ticked| Ok((answers.tick(name, ticked).map_err(wrong)?, None)));
        }
        WizardElement::Select(select) if select.disabled != Some(true) => {
            let choices = select.options.iter().map(choice).collect();
            let chosen = prompt::choose(label, choices, start_of(select)).await?;
            return chosen.try_map(|c| Ok((answers.choose(name, &c.key).map_err(wrong)?, None)));
        }
        WizardElement::Radio(radio) if radio.disabled != Some(true) => {
            let enabled = radio.options.iter().filter(|(_, option)| option.disabled != Some(true));
            let choices: Vec<_> = enabled
                .map(|(key, option)| {
                    let label = option.label.as_ref().unwrap_or(key).clone();
                    Choice { key: key.clone(), label }
                })
                .collect();
            let start =
                choices.iter().position(|choice| Some(&choice.key) == radio.checked.as_ref());
            let chosen = prompt::choose(label, choices, start.unwrap_or(0)).await?;
            return chosen.try_map(|c| Ok((answers.choose(name, &c.key).map_err(wrong)?, None)));
        }
        WizardElement::Multi(multi) => {
            let groups = multi.elements.iter().filter_map(|group| {
                let key = group.value.clone()?;
                Some(Choice { label: group.label.clone().unwrap_or_else(|| key.clone()), key })
            });
            let choices: Vec<_> = groups.collect();
            let start =
                choices.iter().position(|choice| Some(&choice.key) == multi.selected.as_ref());
            let chosen = prompt::choose(label, choices, start.unwrap_or(0)).await?;
            return chosen.try_map(|chosen| {
                let answers = answers.choose(name, &chosen.key).map_err(wrong)?;
                Ok((answers, Some(chosen.key)))
            });
        }
        WizardElement::Image(image) => {
            let picture = Picture::of_data(image.data.as_deref().unwrap_or_default())?.keep()?;
            note(&format!("a picture is in {}", picture.display()));
            return Ok(Answer::Given((answers, None)));
        }
        WizardElement::Redirect(redirect) => {
            if let Some(url) = &redirect.url {
                note(&format!("{}: {}", redirect.label.as_deref().unwrap_or("Open"), url.expose()));
            }
            let through = prompt::confirm("Are you through there?", true).await?;
            return Ok(through.map(|_| (answers, None)));
        }
        _ => return Ok(Answer::Given((answers, None))),
    };
    asked.try_map(|said| match said.expose().is_empty() {
        // What the form came with counts.
        true => Ok((answers, None)),
        false => Ok((answers.enter(name, said).map_err(wrong)?, None)),
    })
}

fn start_of(select: &SelectElement) -> usize {
    let selected = select.selected.as_deref().unwrap_or_default();
    let by_key = select.options.get_index_of(selected);
    by_key.or_else(|| selected.parse().ok().filter(|at| *at < select.options.len())).unwrap_or(0)
}

fn wrong(error: xs2a::wizard::AnswerError) -> crate::failure::Failure {
    crate::failure::Failure::usage(error.to_string(), "answer what the form asks for")
}
