//! What the crates read from strangers, as functions of bytes. Each target panics where a rule does
//! not hold.
//!
//! The fuzzer (`fuzz/`) runs the targets on what it finds with the help of coverage, and
//! `tests/properties.rs` for a few seconds each on mutations of the same seeds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod answers;
pub mod diff;
pub mod forms;
pub mod headers;
pub mod sandbox;
mod seeds;
pub mod spec;
pub mod stored;
pub mod webhook;

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name, which is the name of its file in `fuzz/fuzz_targets`, too.
    pub name: &'static str,
    /// What is run.
    pub run: fn(&[u8]),
    /// Where to begin.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target { name: "answers", run: answers::run, seeds: answers::seeds },
    Target { name: "webhook", run: webhook::run, seeds: webhook::seeds },
    Target { name: "forms", run: forms::run, seeds: forms::seeds },
    Target { name: "headers", run: headers::run, seeds: headers::seeds },
    Target { name: "stored", run: stored::run, seeds: stored::seeds },
    Target { name: "spec", run: spec::run, seeds: spec::seeds },
    Target { name: "diff", run: diff::run, seeds: diff::seeds },
    Target { name: "sandbox", run: sandbox::run, seeds: sandbox::seeds },
];

/// Splits an input of two parts at its first line of three dashes.
fn two_parts(data: &[u8]) -> (&[u8], &[u8]) {
    const LINE: &[u8] = b"\n---\n";
    match data.windows(LINE.len()).position(|window| window == LINE) {
        Some(at) => (&data[..at], &data[at + LINE.len()..]),
        None => (data, &[]),
    }
}

/// An input of two parts.
fn of_two_parts(first: impl AsRef<[u8]>, second: impl AsRef<[u8]>) -> Vec<u8> {
    [first.as_ref(), b"\n---\n", second.as_ref()].concat()
}

/// Checks a text of ours that a program may log: it is short and has no line breaks or other control
/// characters, whatever a stranger sent.
#[track_caller]
fn assert_fit_to_log(text: &str) {
    assert!(text.len() <= 4_000, "{} bytes: {:.200}…", text.len(), text);
    assert!(!text.chars().any(char::is_control), "{text:?}");
}
