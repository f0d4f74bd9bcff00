//! A step of the wizard, and answers to its form.

use xs2a::Operation;
use xs2a::types::{WizardElement, WizardResponse};
use xs2a::wizard::{Form, WizardStep};
use xs2a::xs2a_client::wire::decode;

use crate::{assert_fit_to_log, of_two_parts, seeds, two_parts};

/// The answer of the wizard, a line of three dashes, and lines of `name=value`.
pub fn run(data: &[u8]) {
    let (answer, input) = two_parts(data);
    let response = match decode::<WizardResponse>(answer) {
        Ok(response) => response,
        Err(error) => return assert_fit_to_log(&error.to_string()),
    };
    let step = WizardStep::from(response);
    assert!(!format!("{step:?}").is_empty());
    match &step {
        WizardStep::Form(form) | WizardStep::Rejected(form) => fill_in(form, input),
        WizardStep::Waiting(waiting) => {
            if let Some(form) = &waiting.form {
                fill_in(form, input);
            }
        }
        WizardStep::Failed(failed) => assert_fit_to_log(&failed.to_string()),
        WizardStep::Completed(_) => {}
    }
}

/// Answers made of the spec's examples, filled in as their elements are named.
pub fn seeds() -> Vec<Vec<u8>> {
    let wizards =
        seeds::bodies().into_iter().filter(|(operation, _)| *operation == Operation::AdvanceWizard);
    let mut seeds = Vec::new();
    for (_, body) in wizards {
        let elements = body.pointer("/form/elements").and_then(|elements| elements.as_array());
        let names = elements.into_iter().flatten().filter_map(|element| element["name"].as_str());
        let lines: Vec<String> = names.map(|name| format!("{name}=1")).collect();
        seeds.push(of_two_parts(body.to_string(), lines.join("\n")));
    }
    seeds
}

fn fill_in(form: &Form, input: &[u8]) {
    for element in form.elements() {
        let text = (element.kind(), element.name(), element.label(), element.is_required());
        assert!(!format!("{text:?} {:?}", element.error()).is_empty());
        if let WizardElement::Unknown(unknown) = element.data() {
            assert!(!format!("{unknown:?}").is_empty());
        }
    }
    for rejection in form.rejections() {
        assert!(!rejection.to_string().is_empty());
    }

    // Secrets are left out when a form is stored, so that it is stored twice before it is compared.
    let stored = serde_json::to_string(form).expect("a form can be stored");
    let read: Form = serde_json::from_str(&stored).expect("a stored form can be read");
    let again = serde_json::to_string(&read).expect("a form can be stored");
    assert_eq!(stored, again, "a form that is stored and read back is the same form");
    assert_eq!(form.elements().count(), read.elements().count());

    let input = String::from_utf8_lossy(input);
    let pairs = || input.lines().filter_map(|line| line.split_once('='));
    match form.answers().fill(pairs()) {
        Ok(answers) => assert!(!format!("{answers:?}").is_empty()),
        Err(error) => assert_fit_to_log(&error.to_string()),
    }
    for (name, value) in pairs() {
        let outcomes = [
            form.answers().enter(name, value),
            form.answers().choose(name, value),
            form.answers().tick(name, !value.is_empty()),
        ];
        for error in outcomes.into_iter().filter_map(Result::err) {
            assert_fit_to_log(&error.to_string());
        }
    }
}
