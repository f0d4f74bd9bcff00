//! Counts instructions, and holds our side against the other by a recorded limit.
//!
//! Time is too uncertain for a check of each change. Instructions of one build are not: the same
//! program runs both sides, so that a new compiler moves both, and the ratio stays.

use std::process::{Command, Stdio};

use crate::Error;

/// What is counted, by its key: how often the job is done, and the ratio that is too much.
///
/// A limit is some three hundredths above what was counted last. Where it is a tenth above, the check
/// fails too: a slow-down of a tenth would pass.
const LIMITS: [(&str, u64, f64); 4] =
    [("connections", 20, 0.99), ("turnovers", 10, 1.05), ("page", 100, 1.01), ("sync", 100, 1.03)];

/// What makes up a slow-down that has to be noticed.
const SLOW_DOWN: f64 = 1.1;

/// Counts, prints and judges. Prints a line and passes where the counter, valgrind, is missing.
///
/// `handicap` makes our side do a tenth more, which shows that the check fails.
///
/// # Errors
/// When a ratio is over its limit, or so far below that the limit says nothing.
pub fn check(handicap: bool) -> Result<(), Error> {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !valgrind.is_ok_and(|status| status.success()) {
        println!("instructions are not counted: valgrind is not installed");
        return Ok(());
    }
    let mut wrong = Vec::new();
    println!("{:<12} {:>12} {:>12} {:>7} {:>7}", "", "without us", "ours", "ratio", "limit");
    for (key, times, limit) in LIMITS {
        let bare = per_job(key, 0, times)?;
        let ours = per_job(key, 1, times)? * if handicap { SLOW_DOWN } else { 1.0 };
        let ratio = ours / bare;
        println!("{key:<12} {bare:>12.0} {ours:>12.0} {ratio:>7.3} {limit:>7.3}");
        if ratio > limit {
            wrong.push(format!(
                "{key}: our side runs {ratio:.3} times the instructions of the other; at most \
                 {limit} are allowed. `cargo xtask bench --only {key}` measures the time"
            ));
        } else if ratio * SLOW_DOWN <= limit {
            wrong.push(format!(
                "{key}: the limit of {limit} would let a slow-down of a tenth pass; set it to \
                 {:.2} in tests/bench/src/instructions.rs",
                ratio + 0.03
            ));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Instructions for one job: the difference of two runs, so that starting does not count.
fn per_job(key: &str, side: usize, times: u64) -> Result<f64, Error> {
    let (few, many) = (count(key, side, times)?, count(key, side, 3 * times)?);
    Ok(many.saturating_sub(few) as f64 / (2 * times) as f64)
}

fn count(key: &str, side: usize, times: u64) -> Result<u64, Error> {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["side", key, &side.to_string(), &times.to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = instructions(&said).filter(|_| output.status.success());
    count.ok_or_else(|| format!("{key}: valgrind counted nothing\n{said}").into())
}

/// The number of instructions that valgrind reports: `==7== I   refs:      269,171,480`.
fn instructions(said: &str) -> Option<u64> {
    let count = said.lines().find_map(|line| {
        let (head, count) = line.split_once("refs:")?;
        head.trim_end().ends_with('I').then_some(count)
    })?;
    count.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_in_what_valgrind_says() {
        let said = "==7== Cachegrind\n==7== \n==7== I   refs:      269,171,480\n";
        assert_eq!(instructions(said), Some(269_171_480));
        assert_eq!(instructions("==7== D   refs: 1"), None);
    }
}
