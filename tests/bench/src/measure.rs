//! Measuring in turns: whatever else the machine does meanwhile hits both sides alike.
//!
//! What counts is the CPU time of this process, which other processes hardly move. The sides take
//! turns, round after round; the ratio is the median of the rounds' ratios.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Error;

/// One side of a comparison.
pub struct Side<'a> {
    /// What this side is.
    pub name: &'static str,
    /// Does the job once, and gives all that it has made, as text.
    pub prove: Box<dyn FnMut() -> Result<String, Error> + 'a>,
    /// Does the job so many times, and gives the number of entries that came of it.
    pub run: Box<dyn FnMut(usize) -> Result<usize, Error> + 'a>,
}

/// Two sides that do the same job, or more. The first one is what the others are measured by.
pub struct Comparison<'a> {
    /// Names the comparison on the command line.
    pub key: &'static str,
    /// The job.
    pub title: String,
    /// What is compared, and why that is fair.
    pub reason: &'static str,
    /// How often the job is done in a round.
    pub times: usize,
    /// The sides.
    pub sides: Vec<Side<'a>>,
}

/// What was measured of one side.
pub struct Measured {
    /// What the side is.
    pub name: &'static str,
    /// CPU time of the process for one job: the median of the rounds.
    pub cpu: Duration,
    /// The CPU time beside that of the first side: the median of the rounds.
    pub ratio: f64,
}

impl Comparison<'_> {
    /// Runs all sides in turns.
    ///
    /// # Errors
    /// When a side fails, or when two sides did not do the same.
    pub fn run(mut self, rounds: usize) -> Result<Vec<Measured>, Error> {
        self.prove()?;
        let mut spent: Vec<Vec<Duration>> = vec![Vec::new(); self.sides.len()];
        // The first round fills caches and pools, and does not count.
        for round in 0..=rounds {
            let mut made = None;
            for (side, spent) in self.sides.iter_mut().zip(&mut spent) {
                let before = cpu_time();
                let entries = (side.run)(self.times)?;
                let cpu = cpu_time().saturating_sub(before);
                if *made.get_or_insert(entries) != entries {
                    return Err(
                        format!("{}: `{}` made {entries} entries", self.title, side.name).into()
                    );
                }
                if round > 0 {
                    spent.push(cpu);
                }
            }
        }
        let first = spent[0].clone();
        let times = u32::try_from(self.times)?;
        let measured = self.sides.iter().zip(spent).map(|(side, spent)| {
            let ratios = spent.iter().zip(&first);
            let ratios = ratios.map(|(own, first)| own.as_secs_f64() / first.as_secs_f64());
            let ratio = median(ratios.collect());
            let cpu = median(spent.iter().map(Duration::as_secs_f64).collect());
            Measured { name: side.name, cpu: Duration::from_secs_f64(cpu) / times, ratio }
        });
        Ok(measured.collect())
    }

    /// Holds what the sides make against one another.
    ///
    /// # Errors
    /// When a side fails, or when two sides did not do the same.
    pub fn prove(&mut self) -> Result<(), Error> {
        let mut first: Option<(&str, String)> = None;
        for side in &mut self.sides {
            let made = (side.prove)()?;
            match &first {
                None => first = Some((side.name, made)),
                Some((_, expected)) if *expected == made => {}
                Some((name, expected)) => {
                    let at = expected.bytes().zip(made.bytes()).take_while(|(a, b)| a == b).count();
                    let shown = |text: &str| -> String {
                        text.chars().skip(at.saturating_sub(40)).take(120).collect()
                    };
                    return Err(format!(
                        "{}: nothing is reported, because two sides did not do the same\n  {name}: …{}…\n  {}: …{}…",
                        self.title, shown(expected), side.name, shown(&made)
                    )
                    .into());
                }
            }
        }
        Ok(())
    }
}

/// The CPU time that this process has used, in all of its threads.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(name: &'static str, made: &'static str, entries: usize) -> Side<'static> {
        Side {
            name,
            prove: Box::new(|| Ok(made.to_owned())),
            run: Box::new(move |times| Ok(entries * times)),
        }
    }

    fn compare(sides: Vec<Side<'static>>) -> Result<Vec<Measured>, Error> {
        Comparison { key: "job", title: "a job".to_owned(), reason: "", times: 2, sides }.run(3)
    }

    #[test]
    fn the_median_is_not_moved_by_one_slow_round() {
        assert_eq!(median(vec![5.0, 1.0, 900.0, 2.0, 3.0]), 3.0);
    }

    #[test]
    fn sides_that_made_something_else_are_not_reported() {
        let error = compare(vec![side("bare", "id: 1", 1), side("ours", "id: 2", 1)]);
        let error = error.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("did not do the same") && error.contains("id: 2"), "{error}");
    }

    #[test]
    fn sides_that_made_less_are_not_reported() {
        let error = compare(vec![side("bare", "", 2), side("ours", "", 1)]);
        let error = error.err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error, "a job: `ours` made 2 entries");
    }

    #[test]
    fn the_first_side_is_the_measure() {
        let measured = compare(vec![side("bare", "", 1), side("ours", "", 1)]).unwrap_or_default();
        let names: Vec<_> = measured.iter().map(|side| side.name).collect();
        assert_eq!((names, measured[0].ratio), (vec!["bare", "ours"], 1.0));
    }
}
