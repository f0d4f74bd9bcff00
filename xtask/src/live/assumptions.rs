//! What became of the assumptions of the spec.

use serde_json::Value;

use crate::document::{Document, child};
use crate::lint::assumptions::assumptions;

use super::judge::{Difference, Verdict};

/// What the walk found out about one assumption, beyond the form of an answer.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) pointer: &'static str,
    pub(super) finding: Finding,
    /// The exchange that shows it.
    pub(super) exchange: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Finding {
    /// The service does so. The text is what was seen.
    Held(String),
    /// The service does otherwise: what was seen, and the edit of the spec.
    Contradicted(String, String),
    /// What was seen proves nothing, or only a part.
    Open(String),
}

/// What is known about an assumption now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The service does so.
    Held,
    /// The service does otherwise.
    Contradicted,
    /// Nothing has come up that tells.
    NotReached,
}

/// One assumption of the spec.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// Its place in the spec.
    pub pointer: String,
    /// What is assumed.
    pub what: String,
    /// What is known now.
    pub state: State,
    /// What was seen.
    pub notes: Vec<String>,
    /// What contradicts it, with the number of the exchange.
    pub differences: Vec<(usize, Difference)>,
}

/// Assumptions that the mere form of an answer does not show.
const PROBED: [&str; 9] = [
    VALID_UNTIL,
    VALID_UNTIL_CREATED,
    VALID_UNTIL_REFRESHED,
    TOKEN_PAGE,
    TOKEN_PER_PAGE,
    SYNC_MESSAGE,
    FAIL_COUNTER,
    LAST_SYNCED,
    ADDITIONAL_DATA,
];

pub(super) const VALID_UNTIL: &str = "/components/schemas/AccessToken/properties/valid_until";
pub(super) const VALID_UNTIL_CREATED: &str =
    "/components/schemas/CreateAccessTokenRequest/properties/valid_until";
pub(super) const VALID_UNTIL_REFRESHED: &str =
    "/components/schemas/RefreshAccessTokenRequest/properties/valid_until";
pub(super) const TOKEN_PAGE: &str =
    "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/parameters/1";
pub(super) const TOKEN_PER_PAGE: &str =
    "/paths/~1v1~1api~1users~1{user_id}~1accesstokens/get/parameters/2";
pub(super) const SYNC_MESSAGE: &str = "/components/schemas/Connection/properties/sync_message";
pub(super) const FAIL_COUNTER: &str = "/components/schemas/Connection/properties/sync_fail_counter";
pub(super) const LAST_SYNCED: &str = "/components/schemas/Connection/properties/last_synced";
pub(super) const ADDITIONAL_DATA: &str =
    "/components/schemas/WizardResponse/properties/additional_data";
pub(super) const EVENT_TYPE: &str = "/components/schemas/Event/properties/type";

/// Says of each assumption whether it holds.
pub(super) fn settle(
    document: &Document,
    verdicts: &[(u16, &Verdict)],
    probes: &[Probe],
) -> Vec<Assumption> {
    let mut found = Vec::new();
    marks(document.value(), "", &mut found);
    found.into_iter().map(|pointer| settle_one(document, pointer, verdicts, probes)).collect()
}

fn settle_one(
    document: &Document,
    pointer: String,
    verdicts: &[(u16, &Verdict)],
    probes: &[Probe],
) -> Assumption {
    let inside = format!("{pointer}/");
    let mut differences = Vec::new();
    let mut notes = Vec::new();
    let mut statuses: Vec<(u16, bool)> = Vec::new();
    let mut is_touched = false;
    let mut is_held = false;
    for (number, (status, verdict)) in verdicts.iter().enumerate() {
        if verdict.touched.contains(&pointer) {
            is_touched = true;
            statuses.push((*status, verdict.has_body));
        }
        for difference in &verdict.differences {
            let is_about = difference.pointer == pointer
                || difference.pointer.starts_with(&inside)
                || difference.response.as_deref() == Some(pointer.as_str());
            if is_about {
                differences.push((number, difference.clone()));
            }
        }
    }
    for probe in probes.iter().filter(|probe| probe.pointer == pointer) {
        match &probe.finding {
            Finding::Held(note) => {
                is_held = true;
                notes.push(note.clone());
            }
            Finding::Open(note) => notes.push(note.clone()),
            Finding::Contradicted(what, edit) => differences.push((
                probe.exchange,
                Difference {
                    pointer: pointer.clone(),
                    response: None,
                    what: what.clone(),
                    edit: edit.clone(),
                },
            )),
        }
    }
    let shows_by_itself = !PROBED.contains(&pointer.as_str());
    let state = if !differences.is_empty() {
        State::Contradicted
    } else if is_held || shows_by_itself && is_touched {
        State::Held
    } else {
        State::NotReached
    };
    if pointer.ends_with("/2XX") && state == State::Held {
        statuses.sort_unstable();
        statuses.dedup();
        let text: Vec<String> = statuses
            .iter()
            .map(|(status, has_body)| {
                format!("`'{status}'` {} a body", if *has_body { "with" } else { "without" })
            })
            .collect();
        notes.push(format!("the spec can say {}, in the place of `2XX`", text.join(" and ")));
    }
    notes.dedup();
    Assumption { what: what_of(document, &pointer), pointer, state, notes, differences }
}

fn what_of(document: &Document, pointer: &str) -> String {
    if let Some((_, what)) = assumptions().find(|(place, _)| place == pointer) {
        return what.to_owned();
    }
    let operation = pointer.rsplit_once("/responses/").map(|(operation, _)| operation);
    let id = operation
        .and_then(|operation| document.value().pointer(operation)?.get("operationId")?.as_str());
    match id {
        Some(id) => format!("which success `{id}` answers with, and with what body"),
        None => "what stands there".to_owned(),
    }
}

/// The places of all marks.
fn marks(value: &Value, at: &str, found: &mut Vec<String>) {
    if value.get("x-assumed") == Some(&Value::Bool(true)) {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                marks(value, &child(at, key), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                marks(item, &child(at, &index.to_string()), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Document {
        let text = include_str!("../../../spec/xs2a.yaml");
        Document::parse("spec/xs2a.yaml", text).unwrap()
    }

    fn state(probes: &[Probe], verdict: &Verdict, pointer: &str) -> State {
        let settled = settle(&spec(), &[(200, verdict)], probes);
        settled.into_iter().find(|one| one.pointer == pointer).unwrap().state
    }

    fn probe(pointer: &'static str, finding: Finding) -> Probe {
        Probe { pointer, finding, exchange: 0 }
    }

    #[test]
    fn what_was_touched_is_held_unless_its_form_proves_nothing() {
        let hidden = "/components/schemas/HiddenElement";
        let mut verdict = Verdict::default();
        assert_eq!(state(&[], &verdict, hidden), State::NotReached);
        verdict.touched.insert(hidden.to_owned());
        verdict.touched.insert(FAIL_COUNTER.to_owned());
        assert_eq!(state(&[], &verdict, hidden), State::Held);
        assert_eq!(state(&[], &verdict, FAIL_COUNTER), State::NotReached);
        let open = probe(FAIL_COUNTER, Finding::Open("no sync failed".to_owned()));
        assert_eq!(state(&[open], &verdict, FAIL_COUNTER), State::NotReached);
        let held = probe(FAIL_COUNTER, Finding::Held("it counts".to_owned()));
        assert_eq!(state(&[held], &verdict, FAIL_COUNTER), State::Held);
    }

    #[test]
    fn one_contradiction_outweighs_what_holds() {
        let held = probe(FAIL_COUNTER, Finding::Held("it counts".to_owned()));
        let against = Finding::Contradicted("it stays at 1".to_owned(), "describe it".to_owned());
        let probes = [held, probe(FAIL_COUNTER, against)];
        assert_eq!(state(&probes, &Verdict::default(), FAIL_COUNTER), State::Contradicted);

        let hidden = "/components/schemas/HiddenElement";
        let mut verdict = Verdict::default();
        verdict.touched.insert(hidden.to_owned());
        verdict.differences.push(Difference {
            pointer: format!("{hidden}/properties/name"),
            response: None,
            what: "there is no `name`".to_owned(),
            edit: "remove it".to_owned(),
        });
        assert_eq!(state(&[], &verdict, hidden), State::Contradicted);
    }

    #[test]
    fn every_probe_is_about_a_mark_of_the_spec() {
        let mut found = Vec::new();
        marks(spec().value(), "", &mut found);
        for pointer in PROBED.into_iter().chain([EVENT_TYPE]) {
            assert!(found.iter().any(|mark| mark == pointer), "{pointer}");
        }
    }

    #[test]
    fn every_assumption_says_what_is_assumed() {
        for one in settle(&spec(), &[], &[]) {
            assert_ne!(one.what, "what stands there", "{}", one.pointer);
        }
    }
}
