//! The latest lines of what has happened, for people who watch: calls and events, in order.

use std::collections::VecDeque;

use tokio::sync::watch;

use crate::json::{Json, ToJson as _};

/// How many lines are kept.
const KEPT: usize = 200;

/// One line, and what is shown when somebody opens the line.
#[derive(Debug)]
struct Line {
    summary: Json,
    detail: Json,
}

/// The latest lines. Each has a number, and no number comes twice.
#[derive(Debug)]
pub(crate) struct Trail {
    lines: VecDeque<Line>,
    /// Number of the oldest line that is kept.
    first: usize,
    changed: watch::Sender<()>,
}

impl Default for Trail {
    fn default() -> Self {
        Self { lines: VecDeque::new(), first: 0, changed: watch::Sender::new(()) }
    }
}

impl Trail {
    /// Adds a line; gives its number.
    pub(super) fn push(&mut self, summary: Json, detail: Json) -> usize {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
            self.first += 1;
        }
        let number = self.next();
        self.lines.push_back(Line { summary: summary.with("number", number), detail });
        self.touch();
        number
    }

    /// Puts another line in the place of this one, if that is still kept.
    pub(super) fn replace(&mut self, number: usize, summary: Json, detail: Json) {
        let position = number.checked_sub(self.first);
        if let Some(line) = position.and_then(|position| self.lines.get_mut(position)) {
            *line = Line { summary: summary.with("number", number), detail };
        }
    }

    /// Forgets all lines.
    pub(super) fn clear(&mut self) {
        self.first = self.next();
        self.lines.clear();
        self.touch();
    }

    /// Wakes those who watch.
    pub(crate) fn touch(&self) {
        self.changed.send_replace(());
    }

    /// Hears of every change from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The number of the next line.
    pub(crate) fn next(&self) -> usize {
        self.first + self.lines.len()
    }

    /// The number of the oldest line that is kept.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// The lines from this number on, without their details.
    pub(crate) fn since(&self, number: usize) -> Json {
        let seen = number.saturating_sub(self.first);
        self.lines.iter().skip(seen).map(|line| &line.summary).collect::<Vec<_>>().to_json()
    }

    /// A line with its details. None if it is no longer kept.
    pub(crate) fn line(&self, number: usize) -> Option<Json> {
        let line = self.lines.get(number.checked_sub(self.first)?)?;
        Some(line.summary.clone().with("detail", &line.detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::object;

    #[test]
    fn the_latest_lines_are_kept_and_no_number_comes_twice() {
        let mut trail = Trail::default();
        for number in 0..KEPT + 10 {
            assert_eq!(trail.push(object! { "is": number }, Json::Null), number);
        }
        assert_eq!((trail.first(), trail.next()), (10, KEPT + 10));
        assert_eq!(trail.line(9), None);
        assert_eq!(trail.line(10).unwrap().to_string(), r#"{"is":10,"number":10,"detail":null}"#);
        assert_eq!(trail.since(KEPT + 9).to_value().as_array().unwrap().len(), 1);
        assert_eq!(trail.since(0).to_value().as_array().unwrap().len(), KEPT);
        trail.replace(9, Json::Null, Json::Null);
        trail.replace(10, object! { "is": "new" }, Json::Null);
        assert_eq!(trail.line(10).unwrap().text_of("is"), Some("new"));
        trail.clear();
        assert_eq!(trail.line(10), None);
        assert_eq!(trail.push(Json::Null, Json::Null), KEPT + 10);
    }
}
