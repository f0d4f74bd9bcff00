//! How a change is written down: the verdict and the sentence first, then what was done to what.

use super::super::{Impact, Thing, Verb};

/// What a change means for callers, and the sentence that says it.
pub(super) struct Verdict {
    impact: Impact,
    line: String,
}

/// Code that compiles today no longer does, or does something else in silence.
pub(super) fn breaking(line: impl Into<String>) -> Verdict {
    Verdict { impact: Impact::Breaking, line: line.into() }
}

/// Code that compiles today goes on compiling.
pub(super) fn compatible(line: impl Into<String>) -> Verdict {
    Verdict { impact: Impact::Compatible, line: line.into() }
}

/// Only what people read has changed.
pub(super) fn documentation(line: impl Into<String>) -> Verdict {
    Verdict { impact: Impact::Documentation, line: line.into() }
}

/// The client does not show it.
pub(super) fn spec_only(line: impl Into<String>) -> Verdict {
    Verdict { impact: Impact::Spec, line: line.into() }
}

impl Verdict {
    pub(super) fn added(self, thing: Thing, subject: impl Into<String>) -> Entry {
        self.entry(Verb::Added, thing, subject)
    }

    pub(super) fn removed(self, thing: Thing, subject: impl Into<String>) -> Entry {
        self.entry(Verb::Removed, thing, subject)
    }

    pub(super) fn renamed(self, thing: Thing, subject: impl Into<String>) -> Entry {
        self.entry(Verb::Renamed, thing, subject)
    }

    pub(super) fn changed(self, thing: Thing, subject: impl Into<String>) -> Entry {
        self.entry(Verb::Changed, thing, subject)
    }

    fn entry(self, verb: Verb, thing: Thing, subject: impl Into<String>) -> Entry {
        let Self { impact, line } = self;
        Entry { impact, thing, verb, subject: subject.into(), line, note: None, place: None }
    }
}

/// A change whose place in the working spec is still a JSON pointer.
pub(super) struct Entry {
    pub(super) impact: Impact,
    pub(super) thing: Thing,
    pub(super) verb: Verb,
    pub(super) subject: String,
    pub(super) line: String,
    pub(super) note: Option<String>,
    /// Where the change stands in the working spec. What was removed has no place there.
    pub(super) place: Option<String>,
}

impl Entry {
    /// Says where the change stands in the working spec.
    pub(super) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.place = Some(pointer.into());
        self
    }

    /// Says what follows for callers, where the sentence does not say it already.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// The name in Rust stays, the name on the wire does not.
pub(super) fn respelt(shown: &str, now: &str, before: &str) -> Verdict {
    compatible(format!("{shown} is `{now}` on the wire (before `{before}`)."))
}

/// What follows for callers where the name on the wire is another.
pub(super) const RESPELT: &str =
    "behaviour: no code changes, but the old spelling is no longer read or sent";

/// What follows where a value or a kind is known that the client has read before as unknown.
pub(super) const UNKNOWN_BEFORE: &str =
    "behaviour: arrived as unknown before, so code that handles it as `Unknown` no longer sees it";

/// What follows where the types stay and the tolerance does not.
pub(super) const OTHER_ANSWERS: &str = "behaviour: no code changes, but other answers can be read";

/// What follows where arguments of one type change places.
pub(super) const PLACES_CHANGED: &str =
    "behaviour: calls still compile, and send each value in the place of another";
