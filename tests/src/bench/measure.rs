//! Measuring in turns: whatever else the machine does meanwhile hits every candidate alike.
//!
//! The candidates of a comparison are run one after the other, round after round, and the median of
//! the rounds counts. Wall-clock figures differ from machine to machine; the ratio to the first
//! candidate is what to look at.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a round of one candidate lasts, about.
const ROUND: Duration = Duration::from_millis(40);
/// Rounds that count, after one that does not.
const ROUNDS: usize = 15;

/// Candidates that do the same job.
pub struct Comparison<'a> {
    title: String,
    candidates: Vec<Candidate<'a>>,
}

struct Candidate<'a> {
    name: String,
    job: Box<dyn FnMut() + 'a>,
    times: u32,
    rounds: Vec<Duration>,
}

impl<'a> Comparison<'a> {
    /// A comparison of what does the job that the title names.
    pub fn of(title: impl Into<String>) -> Self {
        Self { title: title.into(), candidates: Vec::new() }
    }

    /// Adds a candidate. The first one is what the others are measured by.
    pub fn with<T>(mut self, name: impl Into<String>, mut job: impl FnMut() -> T + 'a) -> Self {
        let job = Box::new(move || {
            black_box(job());
        });
        self.candidates.push(Candidate { name: name.into(), job, times: 1, rounds: Vec::new() });
        self
    }

    /// Runs everything.
    pub fn run(mut self) -> Table {
        for candidate in &mut self.candidates {
            candidate.warm_up();
        }
        for _ in 0..ROUNDS {
            for candidate in &mut self.candidates {
                candidate.round();
            }
        }
        let medians: Vec<(String, f64)> = self
            .candidates
            .into_iter()
            .map(|candidate| (candidate.name, median(candidate.rounds)))
            .collect();
        Table { title: self.title, rows: medians }
    }
}

impl Candidate<'_> {
    /// Finds out how often the job fits into a round, while caches and pools get warm.
    fn warm_up(&mut self) {
        let started = Instant::now();
        let mut done = 0;
        while started.elapsed() < ROUND {
            (self.job)();
            done += 1;
        }
        self.times = done;
    }

    fn round(&mut self) {
        let started = Instant::now();
        for _ in 0..self.times {
            (self.job)();
        }
        self.rounds.push(started.elapsed() / self.times);
    }
}

fn median(mut rounds: Vec<Duration>) -> f64 {
    rounds.sort();
    rounds[rounds.len() / 2].as_secs_f64() * 1e6
}

/// Medians in microseconds, and what they are of the first one.
pub struct Table {
    title: String,
    rows: Vec<(String, f64)>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = &self.title;
        writeln!(f, "{title:<58} {:>12} {:>7}", "median", "ratio")?;
        let first = self.rows.first().map_or(f64::NAN, |(_, median)| *median);
        for (name, median) in &self.rows {
            writeln!(f, "  {name:<56} {median:>9.1} µs {:>7.2}", median / first)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_not_moved_by_one_slow_round() {
        let rounds = [5, 1, 900, 2, 3].map(Duration::from_micros).to_vec();
        assert_eq!(median(rounds).round(), 3.0);
    }

    #[test]
    fn the_first_candidate_is_the_measure() {
        let table = Table {
            title: "a job".to_owned(),
            rows: vec![("plain".to_owned(), 2.0), ("better".to_owned(), 3.0)],
        };
        let lines = table.to_string();
        let ratios: Vec<&str> =
            lines.lines().skip(1).filter_map(|line| line.split_whitespace().last()).collect();
        assert_eq!(ratios, ["1.00", "1.50"]);
    }
}
