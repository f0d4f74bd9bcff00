//! Questions to the person: at a terminal with hidden PINs and choices, else line by line from
//! standard input. Questions go to standard error; what is typed is never shown or printed again
//! where it is secret.

use std::fmt;
use std::io::{self, BufRead, IsTerminal, Write};

use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Select, Text};
use xs2a::Secret;

use crate::failure::{Exit, Failure, Outcome};
use crate::output::printable;

/// What became of a question.
pub(crate) enum Answer<T> {
    Given(T),
    /// Esc: the person wants to go back to what was asked before.
    Back,
}

impl<T> Answer<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Given(answer) => Answer::Given(change(answer)),
            Self::Back => Answer::Back,
        }
    }

    pub(crate) fn try_map<U>(self, change: impl FnOnce(T) -> Outcome<U>) -> Outcome<Answer<U>> {
        match self {
            Self::Given(answer) => change(answer).map(Answer::Given),
            Self::Back => Ok(Answer::Back),
        }
    }
}

/// One of the things that can be chosen.
#[derive(Clone)]
pub(crate) struct Choice {
    pub(crate) key: String,
    pub(crate) label: String,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.label))
    }
}

/// Whether a person can be asked.
pub(crate) fn somebody_is_there() -> bool {
    io::stdin().is_terminal()
}

/// Asks for text. An empty answer takes what stands in the field already.
pub(crate) async fn text(label: &str) -> Outcome<Answer<String>> {
    let label = printable(label);
    ask(move || match somebody_is_there() {
        true => Text::new(&label).prompt().map_err(Unanswered::from),
        false => line(&label),
    })
    .await
}

/// Asks for a PIN, a TAN or the like, which is not shown.
pub(crate) async fn hidden(label: &str) -> Outcome<Answer<Secret>> {
    let label = printable(label);
    ask(move || match somebody_is_there() {
        true => {
            let question = Password::new(&label).without_confirmation();
            let question = question.with_display_mode(PasswordDisplayMode::Masked);
            question.prompt().map(Secret::from).map_err(Unanswered::from)
        }
        false => line(&label).map(Secret::from),
    })
    .await
}

/// Asks for one of several. Without a terminal, the line is the key or the label of the choice; an
/// empty line takes the one at `start`.
pub(crate) async fn choose(
    label: &str,
    choices: Vec<Choice>,
    start: usize,
) -> Outcome<Answer<Choice>> {
    let label = printable(label);
    ask(move || {
        if somebody_is_there() {
            let question = Select::new(&label, choices).with_starting_cursor(start);
            return question.without_filtering().prompt().map_err(Unanswered::from);
        }
        let names: Vec<_> = choices.iter().map(|choice| choice.key.as_str()).collect();
        let said = line(&format!("{label} ({})", printable(&names.join(", "))))?;
        let chosen = match said.as_str() {
            "" => choices.get(start),
            said => choices.iter().find(|choice| choice.key == said || choice.label == said),
        };
        let wrong =
            || Failure::usage(format!("{label}: no such choice"), "choose one of those named");
        chosen.cloned().ok_or_else(|| Unanswered::Failed(wrong()))
    })
    .await
}

/// Asks for a yes or a no.
pub(crate) async fn confirm(label: &str, default: bool) -> Outcome<Answer<bool>> {
    let label = printable(label);
    ask(move || {
        if somebody_is_there() {
            return Confirm::new(&label).with_default(default).prompt().map_err(Unanswered::from);
        }
        let said = line(&format!("{label} (y/n)"))?;
        Ok(if said.is_empty() { default } else { matches!(&*said, "y" | "yes" | "true" | "1") })
    })
    .await
}

/// Whether to delete. Nothing is deleted without a yes: of the person, or of the option.
pub(crate) async fn may_delete(what: &str, yes: bool) -> Outcome {
    if yes {
        return Ok(());
    }
    if !somebody_is_there() {
        return Err(Failure::usage(
            format!("{what} is not deleted: nobody is there to be asked"),
            "say so by name: --yes",
        ));
    }
    match confirm(&format!("Delete {what}?"), false).await? {
        Answer::Given(true) => Ok(()),
        _ => Err(Failure::interrupted(format!("{what} is not deleted"), "nothing has changed")),
    }
}

/// Why there is no answer.
enum Unanswered {
    Back,
    Failed(Failure),
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<InquireError> for Unanswered {
    fn from(error: InquireError) -> Self {
        match error {
            InquireError::OperationCanceled => Self::Back,
            InquireError::OperationInterrupted => Self::Failed(Failure::interrupted(
                "ended by Ctrl-C",
                "what was sent stays sent; begin again when you like",
            )),
            error => Self::Failed(Failure::new(
                Exit::Machine,
                format!("the terminal cannot be asked: {error}"),
                "pipe the answers in, line by line",
            )),
        }
    }
}

/// Waits for an answer beside what else the command does.
async fn ask<T: Send + 'static>(
    question: impl FnOnce() -> Result<T, Unanswered> + Send + 'static,
) -> Outcome<Answer<T>> {
    match tokio::task::spawn_blocking(question).await {
        Ok(Ok(answer)) => Ok(Answer::Given(answer)),
        Ok(Err(Unanswered::Back)) => Ok(Answer::Back),
        Ok(Err(Unanswered::Failed(failure))) => Err(failure),
        Err(error) => Err(Failure::new(Exit::Machine, error.to_string(), "try again")),
    }
}

/// A line of standard input, without its end.
fn line(label: &str) -> Result<String, Unanswered> {
    // If nobody reads the question, the answer still counts.
    let _ = writeln!(io::stderr().lock(), "{label}:");
    let mut line = String::new();
    let failed = |error| Failure::file("standard input", &error);
    if io::stdin().lock().read_line(&mut line).map_err(failed)? == 0 {
        let next = "answer each question with a line, or call the command at a terminal";
        return Err(Failure::usage(format!("{label}: the input ended"), next).into());
    }
    let end = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(end);
    Ok(line)
}
