//! What many scenarios came to, for a person to read.

use std::collections::BTreeMap;
use std::fmt;

use super::evidence::{Ended, Evidence, What};
use super::promises::{Promise, Verdict};

/// Sums over scenarios.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    scenarios: usize,
    outages: usize,
    calls: BTreeMap<String, usize>,
    requests: usize,
    faults: BTreeMap<&'static str, usize>,
    syncs: BTreeMap<&'static str, usize>,
    checked: BTreeMap<Promise, usize>,
    broken: BTreeMap<Promise, usize>,
}

impl Summary {
    /// Adds a scenario.
    pub fn add(&mut self, evidence: &Evidence, verdict: &Verdict) {
        self.scenarios += 1;
        self.outages += usize::from(!evidence.outages.is_empty());
        self.requests += evidence.requests.len();
        for call in &evidence.calls {
            let ended = match (&call.ended, call.what) {
                (Ended::Reported { report, .. }, _) => {
                    *self.syncs.entry(report).or_default() += 1;
                    "reported on a sync".to_owned()
                }
                (Ended::Dropped, What::Sync { .. }) => {
                    *self.syncs.entry("dropped half-way").or_default() += 1;
                    "dropped half-way".to_owned()
                }
                (Ended::Dropped, _) => "dropped half-way".to_owned(),
                (Ended::Well, _) => "well".to_owned(),
                (Ended::Badly { kind, .. }, _) => kind.as_str().to_owned(),
                (Ended::WithTheStore, _) => "panicked with the store".to_owned(),
                (Ended::Panicked(_), _) => "panicked".to_owned(),
            };
            *self.calls.entry(ended).or_default() += 1;
        }
        for fault in evidence.requests.iter().filter_map(|request| request.fault) {
            *self.faults.entry(fault).or_default() += 1;
        }
        for (trouble, count) in &evidence.troubles {
            *self.faults.entry(trouble).or_default() += count;
        }
        for (promise, count) in &verdict.checked {
            *self.checked.entry(*promise).or_default() += count;
        }
        for broken in &verdict.broken {
            *self.broken.entry(broken.promise).or_default() += 1;
        }
    }

    /// Adds what other scenarios came to.
    pub fn merge(&mut self, other: Self) {
        fn add<K: Ord>(sums: &mut BTreeMap<K, usize>, others: BTreeMap<K, usize>) {
            others.into_iter().for_each(|(key, count)| *sums.entry(key).or_default() += count);
        }
        self.scenarios += other.scenarios;
        self.outages += other.outages;
        self.requests += other.requests;
        add(&mut self.calls, other.calls);
        add(&mut self.faults, other.faults);
        add(&mut self.syncs, other.syncs);
        add(&mut self.checked, other.checked);
        add(&mut self.broken, other.broken);
    }

    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }

    /// How often a promise was held against something.
    pub fn checked(&self, promise: Promise) -> usize {
        self.checked.get(&promise).copied().unwrap_or_default()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls: usize = self.calls.values().sum();
        writeln!(
            f,
            "{} scenarios ({} of them a total outage), {calls} calls, {} requests at the server",
            self.scenarios, self.outages, self.requests
        )?;
        table(f, "calls, by how they ended", &self.calls)?;
        table(f, "faults met, by kind", &self.faults)?;
        table(f, "syncs, by outcome", &self.syncs)?;
        writeln!(f, "\n{:<28} {:>9} {:>8}", "promises", "checked", "broken")?;
        for promise in Promise::ALL {
            let broken = self.broken.get(&promise).copied().unwrap_or_default();
            let checked = self.checked(promise);
            writeln!(f, "  {:<26} {checked:>9} {broken:>8}", promise.to_string())?;
        }
        Ok(())
    }
}

fn table<K: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    counts: &BTreeMap<K, usize>,
) -> fmt::Result {
    writeln!(f, "\n{title}")?;
    let mut counts: Vec<(String, usize)> =
        counts.iter().map(|(kind, count)| (kind.to_string(), *count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (kind, count) in counts {
        writeln!(f, "  {kind:<26} {count:>9}")?;
    }
    Ok(())
}
