//! Each fuzz target for a few seconds, on seeds that were cut, doubled, mixed and garbled.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use xs2a_fuzz_targets::{TARGETS, Target};

/// One edit of a seed.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Cut(Index),
    Double(Index, usize),
    /// Goes on as another seed does.
    Mix(Index, Index),
    Word(Index, &'static str),
}

/// What readers stumble over.
const WORDS: [&str; 16] = [
    "null",
    "-0",
    "1e999",
    "99999999999999999999",
    "\"\"",
    "[]",
    "{}",
    "[[[[",
    "\\ud800",
    "\u{202e}",
    "\u{0}",
    "\r\n",
    "..",
    "%2e",
    "true",
    "\"type\":\"multi\",",
];

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (at(), vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (at(), 1_usize..64).prop_map(|(at, length)| Edit::Remove(at, length)),
        at().prop_map(Edit::Cut),
        (at(), 1_usize..256).prop_map(|(at, length)| Edit::Double(at, length)),
        (at(), at()).prop_map(|(at, other)| Edit::Mix(at, other)),
        (at(), 0..WORDS.len()).prop_map(|(at, word)| Edit::Word(at, WORDS[word])),
    ]
}

fn apply(edit: &Edit, data: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let whole = data.len();
    let place = |at: &Index| at.index(whole + 1);
    let range = |at: &Index, length: usize| place(at)..(place(at) + length).min(whole);
    match edit {
        Edit::Set(at, byte) => {
            if let Some(old) = data.get_mut(place(at)) {
                *old = *byte;
            }
        }
        Edit::Insert(at, bytes) => drop(data.splice(place(at)..place(at), bytes.iter().copied())),
        Edit::Remove(at, length) => drop(data.drain(range(at, *length))),
        Edit::Cut(at) => data.truncate(place(at)),
        Edit::Double(at, length) => {
            let part = data[range(at, *length)].to_vec();
            drop(data.splice(place(at)..place(at), part));
        }
        Edit::Mix(at, other) => {
            let other = other.get(seeds);
            data.truncate(place(at));
            data.extend_from_slice(&other[at.index(other.len() + 1)..]);
        }
        Edit::Word(at, word) => drop(data.splice(place(at)..place(at), word.bytes())),
    }
}

fn target(name: &str) -> Target {
    *TARGETS.iter().find(|target| target.name == name).expect("a target of this name")
}

/// Runs a target on its seeds, and on so many mutations of them.
fn holds(name: &str, cases: u32) {
    let target = target(name);
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    seeds.iter().for_each(|seed| (target.run)(seed));
    let input = (any::<Index>(), vec(edit(), 0..6)).prop_map(|(seed, edits)| {
        let mut data = seed.get(&seeds).clone();
        edits.iter().for_each(|edit| apply(edit, &mut data, &seeds));
        data
    });
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&input, |data| {
        (target.run)(&data);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{name}: {error}");
    }
}

#[test]
fn any_answer_is_read_or_refused() {
    holds("answers", 3_000);
}

#[test]
fn any_delivery_is_read_or_refused() {
    holds("webhook", 3_000);
}

#[test]
fn any_form_can_be_shown_stored_and_answered() {
    holds("forms", 1_500);
}

#[test]
fn whatever_the_headers_ask_for_a_call_ends_by_its_deadline() {
    holds("headers", 300);
}

#[test]
fn whatever_was_stored_a_job_never_calls_twice() {
    holds("stored", 4_000);
}

#[test]
fn any_spec_becomes_a_client_or_diagnostics_with_a_place() {
    holds("spec", 60);
}

#[test]
fn any_two_specs_can_be_compared() {
    holds("diff", 60);
}

#[test]
fn whatever_is_sent_to_the_sandbox_it_answers_by_the_spec_and_serves_on() {
    holds("sandbox", 300);
}

#[test]
fn each_target_has_its_file_in_the_fuzz_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let files = fs::read_dir(folder.join("fuzz_targets")).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(files, names);
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
