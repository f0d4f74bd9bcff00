//! How records are printed: tables for people, JSON and CSV for programs. Standard output has
//! nothing else.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::{Exit, Failure, Outcome};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// As wide as the terminal
    #[default]
    Table,
    /// One object for each list or thing; schema/output.json describes it
    Json,
    /// A line with the names of the fields, and a line for each record
    Csv,
}

/// How good the news of a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Careful,
    Bad,
    Plain,
}

/// What is printed: one thing, flat. Its JSON form is in the schema, its CSV form has a column for
/// each field.
pub(crate) trait Record: Serialize + Default {
    /// What the JSON names the kind.
    const KIND: &'static str;
    /// The fields that a table of many shows, with their headings.
    const COLUMNS: &'static [(&'static str, &'static str)];

    /// The news of this field.
    fn tone(&self, _field: &str) -> Tone {
        Tone::Plain
    }

    /// What a table of this one thing shows. Default: all fields that have a value.
    fn details(&self) -> Outcome<Vec<(String, String)>> {
        let (names, rows) = fields(std::slice::from_ref(self))?;
        let row = rows.into_iter().flatten();
        let pairs = names.into_iter().map(|name| name.replace('_', " ")).zip(row);
        Ok(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }
}

#[derive(Serialize)]
struct Document<'a, R> {
    kind: &'static str,
    items: &'a [R],
}

/// Prints many things.
pub(crate) fn list<R: Record>(format: Format, records: &[R]) -> Outcome {
    match format {
        Format::Table if records.is_empty() => {
            note("none");
            Ok(())
        }
        Format::Table => {
            let (names, rows) = fields(records)?;
            let at = |field: &str| names.iter().position(|name| name == field);
            let columns: Vec<_> =
                R::COLUMNS.iter().filter_map(|(h, f)| Some((h, f, at(f)?))).collect();
            let mut table = table();
            table.set_header(columns.iter().map(|(heading, ..)| bold(heading)));
            for (record, row) in records.iter().zip(&rows) {
                table.add_row(columns.iter().map(|(_, field, at)| {
                    let value = row.get(*at).map_or("", String::as_str);
                    toned(value, record.tone(field))
                }));
            }
            // What has no space is an id or an instant: it is copied, and not broken.
            let whole = columns.iter().map(|(_, _, at)| {
                let is_whole = |row: &Vec<String>| row.get(*at).is_none_or(|it| !it.contains(' '));
                rows.iter().all(is_whole)
            });
            let whole: Vec<_> = whole.collect();
            for (column, _) in table.column_iter_mut().zip(whole).filter(|(_, whole)| *whole) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            print_table(table)
        }
        _ => program(format, records),
    }
}

/// Prints one thing.
pub(crate) fn one<R: Record>(format: Format, record: &R) -> Outcome {
    if format != Format::Table {
        return program(format, std::slice::from_ref(record));
    }
    let mut table = table();
    for (name, value) in record.details()? {
        table.add_row([bold(&name), toned(&value, record.tone(&name))]);
    }
    print_table(table)
}

/// Prints one thing after the other, as they come: in JSON an object a line.
pub(crate) struct Stream {
    format: Format,
    is_first: bool,
}

impl Stream {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, is_first: true }
    }

    pub(crate) fn next<R: Record>(&mut self, record: &R) -> Outcome {
        let is_first = std::mem::take(&mut self.is_first);
        let records = std::slice::from_ref(record);
        match self.format {
            Format::Json => program(self.format, records),
            Format::Csv => {
                let text = String::from_utf8_lossy(&csv_of(records)?).into_owned();
                let names = text.find('\n').map_or(0, |end| end + 1);
                print(if is_first { &text } else { &text[names..] })
            }
            Format::Table => {
                let (names, rows) = fields(records)?;
                let shown = R::COLUMNS.iter().filter_map(|(_, field)| {
                    let at = names.iter().position(|name| name == field)?;
                    Some(printable(rows.first()?.get(at)?))
                });
                print(&(shown.collect::<Vec<_>>().join("  ") + "\n"))
            }
        }
    }
}

/// For programs: the same form for one thing and for many.
fn program<R: Record>(format: Format, items: &[R]) -> Outcome {
    let text = match format {
        Format::Csv => String::from_utf8_lossy(&csv_of(items)?).into_owned(),
        _ => {
            let document = Document { kind: R::KIND, items };
            serde_json::to_string(&document).map_err(|error| unprintable(&error))? + "\n"
        }
    };
    print(&text)
}

/// Prints to standard output, as it is.
pub(crate) fn print(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    printed.map_err(|error| not_printed(&error))
}

fn print_table(mut table: Table) -> Outcome {
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    let mut out = AutoStream::auto(io::stdout().lock());
    // Cells are as wide as their column; the last need not be.
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>();
    let printed = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
    printed.map_err(|error| not_printed(&error))
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        // Whether colours show is decided where the table is printed.
        table.enforce_styling();
    }
    table
}

fn bold(text: &str) -> Cell {
    Cell::new(printable(text)).add_attribute(Attribute::Bold)
}

fn toned(text: &str, tone: Tone) -> Cell {
    let cell = Cell::new(printable(text));
    match tone {
        Tone::Good => cell.fg(Color::Green),
        Tone::Careful => cell.fg(Color::Yellow),
        Tone::Bad => cell.fg(Color::Red),
        Tone::Plain => cell,
    }
}

/// The server's words without what would steer the terminal.
pub(crate) fn printable(text: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n';
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The names of the fields, and the fields of each record as text.
fn fields<R: Record>(records: &[R]) -> Outcome<(Vec<String>, Vec<Vec<String>>)> {
    let bytes = csv_of(records)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let mut rows = Vec::with_capacity(records.len() + 1);
    for row in reader.records() {
        let row = row.map_err(|error| unprintable(&error))?;
        rows.push(row.iter().map(str::to_owned).collect::<Vec<_>>());
    }
    let rest = rows.split_off(1.min(rows.len()));
    Ok((rows.pop().unwrap_or_default(), rest))
}

fn csv_of<R: Record>(records: &[R]) -> Outcome<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    for record in records {
        writer.serialize(record).map_err(|error| unprintable(&error))?;
    }
    if records.is_empty() {
        // The names stand there even where there is nothing.
        writer.serialize(R::default()).map_err(|error| unprintable(&error))?;
        let bytes = writer.into_inner().map_err(|error| unprintable(&error))?;
        let names = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        return Ok(bytes[..names].to_vec());
    }
    writer.into_inner().map_err(|error| unprintable(&error))
}

fn unprintable(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Machine, format!("the answer cannot be printed: {error}"), "report this")
}

/// Nobody reads any more: the command ends quietly, as one that is done.
fn not_printed(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::quiet();
    }
    Failure::file("standard output", error)
}

/// A line for the person at the terminal, beside the data.
pub(crate) fn note(text: &str) {
    styled("", Style::new(), text);
}

/// A line for the person at the terminal, in a colour.
pub(crate) fn note_in(color: AnsiColor, text: &str) {
    styled(text, color.on_default(), "");
}

/// What happened and what to do, in two lines.
pub(crate) fn tell(failure: &Failure) {
    let red = AnsiColor::Red.on_default().bold();
    styled("error: ", red, &failure.what.replace('\n', " "));
    styled("next:  ", Style::new().bold(), &failure.next.replace('\n', " "));
}

fn styled(label: &str, style: Style, text: &str) {
    let mut out = AutoStream::auto(io::stderr().lock());
    // If nobody reads the line, the exit code still tells.
    let _ = writeln!(out, "{style}{}{style:#}{}", printable(label), printable(text));
}
