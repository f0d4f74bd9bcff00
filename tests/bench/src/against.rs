//! Measures another revision by the same benchmarks, in turns with this one.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::compiling::workspace;
use crate::measure::median;
use crate::report::{Report, Table};

/// How often each revision is measured.
const TURNS: usize = 3;

const REASON: &str = "\
Both revisions are measured by the benchmarks of this one, in turns.";

/// Measures these tables here and at another revision.
///
/// # Errors
/// When the revision is not there, or does not build with the benchmarks of this one.
pub fn report(revision: &str, keys: &[&str], rounds: usize) -> Result<Report, Error> {
    let there = build(revision)?;
    let here = std::env::current_exe()?;
    let mut report = Report::default();
    for key in keys {
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            theirs.push(measure(&there, key, rounds)?);
            ours.push(measure(&here, key, rounds)?);
        }
        report.tables.push(compare(revision, &theirs, &ours)?);
    }
    Ok(report)
}

/// Builds the benchmarks of this revision with the crates of the other one, in a worktree.
fn build(revision: &str) -> Result<std::path::PathBuf, Error> {
    let (root, folder) = (workspace(), workspace().join("target/bench/against"));
    if folder.exists() {
        run(Command::new("git")
            .current_dir(&root)
            .args(["worktree", "remove", "--force"])
            .arg(&folder))?;
    }
    let mut add = Command::new("git");
    add.current_dir(&root).args(["worktree", "add", "--quiet", "--force", "--detach"]);
    run(add.arg(&folder).arg(revision))?;
    let ours = folder.join("tests/bench");
    if ours.exists() {
        fs::remove_dir_all(&ours)?;
    }
    copy(&root.join("tests/bench"), &ours)?;
    // A revision from before these benchmarks does not know them yet.
    let manifest = folder.join("Cargo.toml");
    let mut text = fs::read_to_string(&manifest)?;
    if !text.contains("\"tests/bench\"") {
        text = text.replacen("\"tests\"", "\"tests\", \"tests/bench\"", 1);
    }
    let known = fs::read_to_string(root.join("Cargo.toml"))?;
    if !text.contains("\nrustix = ") {
        let rustix = known.lines().find(|line| line.starts_with("rustix = ")).unwrap_or_default();
        text = text.replacen(
            "[workspace.dependencies]",
            &format!("[workspace.dependencies]\n{rustix}"),
            1,
        );
    }
    fs::write(manifest, text)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = root.join("target/bench/against-target");
    let mut build = Command::new(cargo);
    build.current_dir(&folder).env("CARGO_TARGET_DIR", &target);
    run(build.args(["build", "--quiet", "--release", "--package", "xs2a-bench"]))?;
    Ok(target.join("release/xs2a-bench"))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn measure(program: &Path, key: &str, rounds: usize) -> Result<Table, Error> {
    let rounds = rounds.to_string();
    let mut command = Command::new(program);
    let said = run(command.args(["--format", "json", "--only", key, "--rounds", &rounds]))?;
    let report: Report = serde_json::from_str(&said)?;
    report.tables.into_iter().next().ok_or_else(|| format!("`{key}` was not measured").into())
}

fn run(command: &mut Command) -> Result<String, Error> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The last column of both: a ratio, or what the table is about.
fn compare(revision: &str, theirs: &[Table], ours: &[Table]) -> Result<Table, Error> {
    let first = ours.first().ok_or("nothing was measured")?;
    let column = first.columns.iter().position(|(name, _)| name == "ratio").unwrap_or_default();
    let of = |tables: &[Table], row: usize| {
        let values = tables.iter().filter_map(|table| *table.rows.get(row)?.1.get(column)?);
        median(values.collect())
    };
    let rows = first.rows.iter().enumerate().map(|(at, (name, _))| {
        let (there, here) = (of(theirs, at), of(ours, at));
        (name.clone(), [there, here, here / there].map(Some).to_vec())
    });
    let name = first.columns.get(column).map_or("", |(name, _)| name);
    Ok(Table {
        key: first.key.clone(),
        title: first.title.clone(),
        reason: REASON.to_owned(),
        rows: rows.collect(),
        columns: vec![
            (format!("{name} at {revision}"), 3),
            (format!("{name} here"), 3),
            ("here / there".to_owned(), 3),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(ratio: f64) -> Table {
        Table {
            key: "job".to_owned(),
            title: "a job".to_owned(),
            reason: String::new(),
            columns: vec![("CPU µs".to_owned(), 1), ("ratio".to_owned(), 3)],
            rows: vec![("ours".to_owned(), vec![Some(7.0), Some(ratio)])],
        }
    }

    #[test]
    fn the_medians_of_the_ratios_are_compared() {
        let theirs = [table(2.0), table(90.0), table(1.0)];
        let ours = [table(1.0), table(1.0), table(0.5)];
        let compared = compare("v1", &theirs, &ours).map(|table| table.rows);
        let expected = vec![("ours".to_owned(), vec![Some(2.0), Some(1.0), Some(0.5)])];
        assert_eq!(compared.ok(), Some(expected));
    }
}
