//! Edits of the spec, as a maintainer makes them.

use xtask::document::Document;

/// An edit of the spec, at a JSON pointer.
pub(crate) enum Edit {
    /// Inserts lines before the entry.
    Before(&'static str, &'static str),
    /// Removes the entry.
    Remove(&'static str),
    /// Replaces a text within the entry.
    Replace(&'static str, &'static str, &'static str),
    /// Moves the entry to the place before another one.
    Move(&'static str, &'static str),
}
use Edit::{Before, Move, Remove, Replace};

/// The text after all edits.
pub(crate) fn edited(mut text: String, edits: &[Edit]) -> String {
    for edit in edits {
        text = match edit {
            Before(pointer, inserted) => {
                let (head, entry, tail) = cut(&text, pointer);
                format!("{head}{inserted}{entry}{tail}")
            }
            Remove(pointer) => {
                let (head, _, tail) = cut(&text, pointer);
                format!("{head}{tail}")
            }
            Replace(pointer, old, new) => {
                let (head, entry, tail) = cut(&text, pointer);
                assert!(entry.contains(old), "no {old} in {entry}");
                format!("{head}{}{tail}", entry.replacen(old, new, 1))
            }
            Move(pointer, target) => {
                let (head, moved, tail) = cut(&text, pointer);
                let without = format!("{head}{tail}");
                let (head, entry, tail) = cut(&without, target);
                format!("{head}{moved}{entry}{tail}")
            }
        };
    }
    text
}

/// The lines before an entry, its own, and those behind it.
fn cut(text: &str, pointer: &str) -> (String, String, String) {
    let document = Document::parse("spec/xs2a.yaml", text).unwrap();
    assert!(document.value().pointer(pointer).is_some(), "there is no {pointer}");
    let lines: Vec<&str> = text.lines().collect();
    let start = document.locate_key(pointer).line - 1;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let end = (start + 1..lines.len())
        .find(|&at| !lines[at].is_empty() && indent(lines[at]) <= indent(lines[start]))
        .unwrap_or(lines.len());
    let whole = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect();
    (whole(&lines[..start]), whole(&lines[start..end]), whole(&lines[end..]))
}
