//! Writes what the walk has shown, as text and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diff::Format;
use crate::document::Document;

use super::COULD_NOT_RUN;
use super::assumptions::{Assumption, State, settle};
use super::exchange::{Exchange, Secrets};
use super::forms::Note;
use super::judge::{Contract, Difference};
use super::walk::{Stop, Walk};

/// A difference, as it is shown.
struct Shown {
    what: String,
    edit: String,
    /// File and line of the place in the spec.
    place: String,
    pointer: String,
    exchange: String,
    sent: Option<String>,
    answer: String,
}

impl Shown {
    fn to_json(&self) -> Value {
        json!({
            "what": self.what,
            "edit": self.edit,
            "place": self.place,
            "pointer": self.pointer,
            "exchange": self.exchange,
            "sent": self.sent,
            "answer": self.answer,
        })
    }

    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "- {}", self.what);
        let _ = writeln!(text, "    exchange: {}", self.exchange);
        if let Some(sent) = &self.sent {
            let _ = writeln!(text, "    sent: {sent}");
        }
        if !self.answer.is_empty() {
            let _ = writeln!(text, "    answer: {}", self.answer.replace('\n', " "));
        }
        let _ = writeln!(text, "    edit: at {}: {}", self.place, self.edit);
    }
}

/// A place in the spec.
struct Place {
    /// File and line.
    line: String,
    name: String,
}

/// A form that is not that of the spec, and how many times it came.
struct Seen {
    /// What stands at the place.
    name: String,
    what: String,
    is_new: bool,
    pointer: String,
    place: String,
    times: usize,
}

/// What the walk has shown.
pub struct Report {
    host: String,
    exchanges: usize,
    operations: (usize, usize),
    assumptions: Vec<(Assumption, Place, Vec<Shown>)>,
    /// Differences that touch no assumption.
    differences: Vec<Shown>,
    notes: Vec<Seen>,
    gaps: Vec<String>,
    left: Vec<String>,
    stopped: Option<String>,
}

impl Report {
    pub(super) fn new(
        document: &Document,
        contract: &Contract<'_>,
        host: &str,
        walk: Walk<'_>,
        ended: Result<(), Stop>,
    ) -> Self {
        let Walk { records, probes, gaps, left, secrets, .. } = walk;
        let verdicts: Vec<_> =
            records.iter().map(|record| (record.exchange.status, &record.verdict)).collect();
        let settled = settle(document, &verdicts, &probes);
        let shown = |number: usize, difference: &Difference| {
            records
                .get(number)
                .map(|record| show(document, contract, &secrets, &record.exchange, difference))
        };
        let told: BTreeSet<(usize, String)> = settled
            .iter()
            .flat_map(|assumption| &assumption.differences)
            .map(|(number, difference)| (*number, difference.what.clone()))
            .collect();
        let mut differences: Vec<Shown> = Vec::new();
        for (number, record) in records.iter().enumerate() {
            for difference in &record.verdict.differences {
                let is_told = told.contains(&(number, difference.what.clone()));
                let what = secrets.conceal(&difference.what);
                if is_told || differences.iter().any(|known| known.what == what) {
                    continue;
                }
                differences.extend(shown(number, difference));
            }
        }
        let assumptions = settled.into_iter().map(|assumption| {
            let mut against: Vec<Shown> = Vec::new();
            for (number, difference) in &assumption.differences {
                let Some(difference) = shown(*number, difference) else { continue };
                if !against.iter().any(|known| known.what == difference.what) {
                    against.push(difference);
                }
            }
            let line = place(document, &assumption.pointer);
            let place = Place { line, name: name_of(document, &assumption.pointer) };
            (assumption, place, against)
        });
        let called: BTreeSet<&str> =
            records.iter().map(|record| record.exchange.operation).collect();
        let all = crate::spec::Spec::new(document).operations().len();
        let notes =
            gather(document, &secrets, records.iter().flat_map(|record| &record.verdict.notes));
        Self {
            host: host.to_owned(),
            exchanges: records.len(),
            operations: (called.len(), all),
            assumptions: assumptions.collect(),
            differences,
            notes,
            gaps: gaps.iter().map(|gap| secrets.conceal(gap)).collect(),
            left: left.iter().map(|left| secrets.conceal(left)).collect(),
            stopped: ended.err().map(|stop| secrets.conceal(&reason(&stop))),
        }
    }

    /// 0 if the spec holds, 1 if the service does something else, 2 if it could not be asked to the
    /// end.
    pub fn exit_code(&self) -> u8 {
        let is_contradicted = !self.differences.is_empty()
            || self.assumptions.iter().any(|(one, ..)| one.state == State::Contradicted);
        match (is_contradicted, &self.stopped) {
            (true, _) => 1,
            (false, Some(_)) => COULD_NOT_RUN,
            (false, None) if !self.left.is_empty() => COULD_NOT_RUN,
            (false, None) => 0,
        }
    }

    /// The assumptions, each with what is known now.
    pub fn assumptions(&self) -> impl Iterator<Item = &Assumption> {
        self.assumptions.iter().map(|(assumption, ..)| assumption)
    }

    /// The report as text or JSON.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.to_text(),
            Format::Json => format!("{:#}\n", self.to_json()),
        }
    }

    fn of_state(&self, state: State) -> impl Iterator<Item = &(Assumption, Place, Vec<Shown>)> {
        self.assumptions.iter().filter(move |(assumption, ..)| assumption.state == state)
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        let (called, all) = self.operations;
        let _ = writeln!(
            text,
            "{}: {} exchanges, {called} of {all} operations",
            self.host, self.exchanges
        );
        if let Some(reason) = &self.stopped {
            let _ = writeln!(text, "\nStopped: {reason}");
        }
        let heading = |text: &mut String, heading: &str, count: usize| {
            if count > 0 {
                let _ = writeln!(text, "\n{heading} ({count})");
            }
        };
        heading(&mut text, "Left behind, to be deleted by hand", self.left.len());
        for left in &self.left {
            let _ = writeln!(text, "- {left}");
        }
        let contradicted: Vec<_> = self.of_state(State::Contradicted).collect();
        heading(&mut text, "Assumptions contradicted", contradicted.len());
        for (assumption, place, against) in contradicted {
            let _ = writeln!(text, "{}: `{}`: {}", place.line, place.name, assumption.what);
            against.iter().for_each(|difference| difference.write(&mut text));
        }
        heading(&mut text, "Other differences from the spec", self.differences.len());
        self.differences.iter().for_each(|difference| difference.write(&mut text));
        for (title, state) in
            [("Assumptions held", State::Held), ("Assumptions not reached", State::NotReached)]
        {
            let found: Vec<_> = self.of_state(state).collect();
            if found.len() == self.assumptions.len() {
                continue;
            }
            heading(&mut text, title, found.len());
            for (assumption, place, _) in found {
                let _ = writeln!(text, "{}: `{}`: {}", place.line, place.name, assumption.what);
                for note in &assumption.notes {
                    let _ = writeln!(text, "    {note}");
                }
            }
        }
        for (title, is_new) in [
            ("Forms, keys and values that have not been seen before", true),
            ("Loose forms that were known", false),
        ] {
            let found: Vec<_> = self.notes.iter().filter(|seen| seen.is_new == is_new).collect();
            heading(&mut text, title, found.len());
            let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for seen in found {
                let places = kinds.entry(&seen.what).or_default();
                places.push(format!("{} ({})", seen.name, seen.times));
            }
            for (what, places) in kinds {
                let _ = writeln!(text, "- {what}: {}", places.join(", "));
            }
        }
        heading(&mut text, "Not walked", self.gaps.len());
        for gap in &self.gaps {
            let _ = writeln!(text, "- {gap}");
        }
        let count = |state| self.of_state(state).count();
        let _ = writeln!(
            text,
            "\n{} assumptions held, {} contradicted, {} not reached; {} other differences",
            count(State::Held),
            count(State::Contradicted),
            count(State::NotReached),
            self.differences.len(),
        );
        text
    }

    fn to_json(&self) -> Value {
        let assumptions = self.assumptions.iter().map(|(assumption, place, against)| {
            json!({
                "pointer": assumption.pointer,
                "place": place.line,
                "what": assumption.what,
                "state": match assumption.state {
                    State::Held => "held",
                    State::Contradicted => "contradicted",
                    State::NotReached => "not_reached",
                },
                "notes": assumption.notes,
                "differences": against.iter().map(Shown::to_json).collect::<Vec<_>>(),
            })
        });
        let notes = self.notes.iter().map(|seen| {
            json!({
                "pointer": seen.pointer,
                "place": seen.place,
                "name": seen.name,
                "what": seen.what,
                "seen_before": !seen.is_new,
                "times": seen.times,
            })
        });
        json!({
            "host": self.host,
            "exchanges": self.exchanges,
            "operations": { "called": self.operations.0, "all": self.operations.1 },
            "stopped": self.stopped,
            "left_behind": self.left,
            "not_walked": self.gaps,
            "assumptions": assumptions.collect::<Vec<_>>(),
            "differences": self.differences.iter().map(Shown::to_json).collect::<Vec<_>>(),
            "forms": notes.collect::<Vec<_>>(),
        })
    }
}

fn show(
    document: &Document,
    contract: &Contract<'_>,
    secrets: &Secrets,
    exchange: &Exchange,
    difference: &Difference,
) -> Shown {
    Shown {
        what: secrets.conceal(&difference.what),
        edit: secrets.conceal(&difference.edit),
        place: place(document, &difference.pointer),
        pointer: difference.pointer.clone(),
        exchange: exchange.title(secrets),
        sent: exchange.shown_request(secrets, contract.shown()),
        answer: exchange.shown(secrets, contract.shown()),
    }
}

/// What stands at a place, as `Connection.sync_message` or `get_user 200`.
fn name_of(document: &Document, pointer: &str) -> String {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    match parts.as_slice() {
        ["components", _, name] => (*name).to_owned(),
        ["components", _, name, "properties", property, ..] => format!("{name}.{property}"),
        ["components", _, name, ..] => (*name).to_owned(),
        ["paths", path, method, rest @ ..] => {
            let operation = document.value().pointer(&format!("/paths/{path}/{method}"));
            let id = operation.and_then(|operation| operation["operationId"].as_str());
            let id = id.unwrap_or_default();
            let parameter = document.value().pointer(pointer);
            match (rest, parameter.and_then(|parameter| parameter["name"].as_str())) {
                (["parameters", ..], Some(name)) => format!("{id} {name}"),
                (["responses", status, ..], _) => format!("{id} {status}"),
                _ => id.to_owned(),
            }
        }
        _ => pointer.to_owned(),
    }
}

/// File and line of a place, as editors open them.
fn place(document: &Document, pointer: &str) -> String {
    format!("{}:{}", document.name(), document.locate_key(pointer).line)
}

fn reason(stop: &Stop) -> String {
    match stop {
        Stop::Interrupted => "interrupted".to_owned(),
        Stop::NoAnswer(error) => error.to_string(),
        Stop::Unusable(reason) => reason.clone(),
        Stop::KeyRefused(status) => {
            format!("the service refuses the key with {status}: check XS2A_API_KEY")
        }
        Stop::NotInTestMode(reason) => {
            format!("{reason}: use a key in test mode, or say `--not-in-test-mode`")
        }
    }
}

/// Counts equal notes.
fn gather<'a>(
    document: &Document,
    secrets: &Secrets,
    notes: impl Iterator<Item = &'a (String, Note)>,
) -> Vec<Seen> {
    let mut counted: BTreeMap<&(String, Note), usize> = BTreeMap::new();
    for note in notes {
        *counted.entry(note).or_default() += 1;
    }
    let mut seen: Vec<Seen> = counted
        .into_iter()
        .map(|((pointer, note), times)| {
            let (what, is_new) = match note {
                Note::Form(form) => (form.name.to_owned(), !form.seen_before),
                Note::Key(key, kind) => (format!("unknown key `{key}`, {kind}"), true),
                Note::Value(value) => (format!("unknown value {value:?}"), true),
            };
            Seen {
                name: name_of(document, pointer),
                what: secrets.conceal(&what),
                is_new,
                place: place(document, pointer),
                pointer: pointer.clone(),
                times,
            }
        })
        .collect();
    seen.sort_by(|one, other| (&one.name, &one.what).cmp(&(&other.name, &other.what)));
    seen
}
