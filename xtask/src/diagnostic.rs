//! Findings about the spec: what is wrong, where it stands, and how to mend it.

use std::fmt;

/// A place in a source file. Lines and columns count from 1, and columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

impl Position {
    /// The first character of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// One finding about the spec, at the place where it has to be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Name of the rule that was broken, as `cargo xtask lint --list` prints it.
    pub rule: &'static str,
    /// File that the finding is about, by the name under which it was read.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// The text of the line, if there is one.
    pub source: Option<String>,
}

impl Diagnostic {
    /// Where the finding is.
    pub fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, file, line, column, message, .. } = self;
        writeln!(f, "{file}:{line}:{column}: {message} [{rule}]")?;
        if let Some(source) = &self.source {
            let number = line.to_string();
            let gutter = " ".repeat(number.len());
            let (before, behind) = window(source, *column);
            // Tabs stay tabs, so that the caret stands under its column whatever the width of a tab.
            let indent: String =
                before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            writeln!(f, "{gutter} |")?;
            writeln!(f, "{number} | {before}{behind}")?;
            writeln!(f, "{gutter} | {indent}^")?;
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "help: {hint}")?;
        }
        Ok(())
    }
}

/// How much of a line is shown before and behind its column. A spec may be one line of JSON.
const WINDOW: usize = 60;

/// The part of the line before the column, and the part from the column on. An ellipsis stands for
/// what is cut off.
fn window(source: &str, column: usize) -> (String, String) {
    let characters: Vec<char> = source.chars().collect();
    let (before, behind) = characters.split_at((column - 1).min(characters.len()));
    if characters.len() <= 2 * WINDOW {
        return (before.iter().collect(), behind.iter().collect());
    }
    let before = match before.len().checked_sub(WINDOW) {
        Some(cut) if cut > 0 => format!("…{}", String::from_iter(&before[cut..])),
        _ => String::from_iter(before),
    };
    let behind = match behind.get(..WINDOW) {
        Some(start) if behind.len() > WINDOW => format!("{}…", String::from_iter(start)),
        _ => String::from_iter(behind),
    };
    (before, behind)
}

/// Joins findings as they are printed, with a blank line between two findings.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(Diagnostic::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_place_line_caret_and_help() {
        let diagnostic = Diagnostic {
            rule: "retry-class",
            file: "spec/xs2a.yaml".to_owned(),
            line: 12,
            column: 5,
            message: "no retry class".to_owned(),
            hint: Some("say `x-retry: safe`".to_owned()),
            source: Some("    get:".to_owned()),
        };
        assert_eq!(
            diagnostic.to_string(),
            "spec/xs2a.yaml:12:5: no retry class [retry-class]\n   \
             |\n12 |     get:\n   |     ^\nhelp: say `x-retry: safe`\n"
        );
    }

    #[test]
    fn of_a_long_line_a_window_is_shown_around_the_place() {
        let at = |column| Diagnostic {
            rule: "structure",
            file: "spec.json".to_owned(),
            line: 1,
            column,
            message: "no".to_owned(),
            hint: None,
            source: Some(format!("{}X{}", "a".repeat(50_000), "b".repeat(50_000))),
        };
        let (before, behind) = ("a".repeat(60), "b".repeat(59));
        let caret = " ".repeat(61);
        assert_eq!(
            at(50_001).to_string(),
            format!(
                "spec.json:1:50001: no [structure]\n  |\n1 | …{before}X{behind}…\n  | {caret}^\n"
            )
        );
        let first = at(1).to_string();
        assert!(first.ends_with(&format!("\n1 | {before}…\n  | ^\n")), "{first}");
        let last = at(100_001).to_string();
        assert!(last.ends_with(&format!("1 | …{behind}bb\n  | {caret}^\n")), "{last}");
    }
}
