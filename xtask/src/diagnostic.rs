//! What is wrong with the spec, where, and how to mend it.

use std::fmt;

/// A place in a source file; lines and columns count from 1, columns in characters.
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
    /// File the finding is about, as it was named on reading.
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
            // Tabs stay tabs, so that the caret lands under its column however wide they show.
            let indent: String = source
                .chars()
                .take(column - 1)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            writeln!(f, "{gutter} |")?;
            writeln!(f, "{number} | {source}")?;
            writeln!(f, "{gutter} | {indent}^")?;
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "help: {hint}")?;
        }
        Ok(())
    }
}

/// Joins findings the way they are printed: a blank line between two.
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
}
