//! What was measured, as text, as Markdown and as JSON.

use std::fmt::Write;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Format {
    /// Tables for a terminal.
    #[default]
    Text,
    /// Tables for `docs/benchmarks.md`, with the reasons.
    Markdown,
    /// For programs.
    Json,
}

/// A table: one comparison.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    /// Names the table on the command line.
    pub key: String,
    /// The job that is compared.
    pub title: String,
    /// What is compared, and why that is fair.
    pub reason: String,
    /// What the columns have: a name, and how many digits come after the point.
    pub columns: Vec<(String, usize)>,
    /// The rows: a name, and a value for each column.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

/// All tables.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// In the order of measuring.
    pub tables: Vec<Table>,
}

impl Table {
    fn cells(&self) -> Vec<Vec<String>> {
        let head = self.columns.iter().map(|(name, _)| name.clone());
        let mut lines = vec![std::iter::once(String::new()).chain(head).collect::<Vec<_>>()];
        for (name, values) in &self.rows {
            let values = values.iter().zip(&self.columns).map(|(value, (_, digits))| match value {
                Some(value) => format!("{value:.digits$}"),
                None => String::new(),
            });
            lines.push(std::iter::once(name.clone()).chain(values).collect());
        }
        lines
    }

    fn text(&self) -> String {
        let cells = self.cells();
        let widths: Vec<usize> = (0..=self.columns.len())
            .map(|at| cells.iter().map(|line| line[at].chars().count()).max().unwrap_or_default())
            .collect();
        let mut text = format!("{} [{}]\n", self.title, self.key);
        for line in cells {
            let _ = write!(text, "  {:<1$}", line[0], widths[0]);
            for (cell, width) in line.iter().zip(&widths).skip(1) {
                let _ = write!(text, "  {cell:>width$}");
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    fn markdown(&self) -> String {
        let mut lines = self.cells().into_iter().map(|line| format!("| {} |\n", line.join(" | ")));
        let head = lines.next().unwrap_or_default();
        let rule = format!("|---|{}\n", "---:|".repeat(self.columns.len()));
        let rows: String = lines.collect();
        format!("## {}\n\n{}\n\n{head}{rule}{rows}", upper_first(&self.title), self.reason)
    }
}

impl Report {
    /// The report in this format. `arguments` are those that the benchmark was called with.
    pub fn write(&self, format: Format, arguments: &[String]) -> String {
        match format {
            Format::Text => self.tables.iter().map(|table| table.text() + "\n").collect(),
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default() + "\n",
            Format::Markdown => {
                let tables: Vec<_> = self.tables.iter().map(Table::markdown).collect();
                format!("{}\n{}", preface(arguments), tables.join("\n"))
            }
        }
    }
}

fn preface(arguments: &[String]) -> String {
    format!(
        "\
# What the client costs

This page is the output of `cargo xtask bench {}`, run on a busy virtual machine with two cores. Times \
differ from machine to machine: look at the ratios, which compare within one run.

CPU time is that of the client's process, because wall-clock time tells more about what else the \
machine does. The sides of a comparison take turns, round after round, and a ratio is the median of \
the rounds' ratios. Nothing is reported of sides that did not do the same: what they made is compared \
before, field by field, as are the requests that the server saw, byte by byte, and the number of \
entries is compared after each round.
",
        arguments.join(" ")
    )
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(char::to_uppercase).into_iter().flatten().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let table = Table {
            key: "job".to_owned(),
            title: "do a job".to_owned(),
            reason: "Both do it.".to_owned(),
            columns: vec![("CPU µs".to_owned(), 1), ("ratio".to_owned(), 2)],
            rows: vec![
                ("bare".to_owned(), vec![Some(2.0), Some(1.0)]),
                ("ours".to_owned(), vec![Some(13.0), None]),
            ],
        };
        Report { tables: vec![table] }
    }

    #[test]
    fn the_columns_of_a_table_stand_below_each_other() {
        let expected =
            "do a job [job]\n        CPU µs  ratio\n  bare     2.0   1.00\n  ours    13.0\n\n";
        assert_eq!(report().write(Format::Text, &[]), expected);
    }

    #[test]
    fn a_table_in_markdown_has_its_reason() {
        let arguments = ["--only", "job"].map(str::to_owned);
        let markdown = report().write(Format::Markdown, &arguments);
        let expected = "## Do a job\n\nBoth do it.\n\n|  | CPU µs | ratio |\n|---|---:|---:|\n| bare | 2.0 | 1.00 |\n| ours | 13.0 |  |\n";
        assert!(markdown.ends_with(expected), "{markdown}");
        assert!(markdown.contains("the output of `cargo xtask bench --only job`"), "{markdown}");
    }

    #[test]
    fn json_is_read_back() {
        let again: Result<Report, _> = serde_json::from_str(&report().write(Format::Json, &[]));
        assert_eq!(
            again.ok().map(|report| report.write(Format::Text, &[])),
            Some(self::report().write(Format::Text, &[]))
        );
    }
}
