//! Each worker's share of what all workers may do together.

/// What one worker may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How many connections it may work on at once.
    pub at_once: usize,
    /// How many requests a second it may send.
    pub per_second: f64,
}

impl Share {
    /// Nothing.
    pub const NONE: Self = Self { at_once: 0, per_second: 0.0 };

    /// The share of the worker number `rank`, counted from 0, of `live` workers. All shares together
    /// are the whole, exactly. Requests are shared out as whole numbers for each second, as long as
    /// there are no more workers than requests; beyond that, the pace holds over several seconds.
    ///
    /// ```
    /// use xs2a_fleet::rules::Share;
    ///
    /// let shares: Vec<_> = (0..3).map(|rank| Share::of(20, 90, 3, rank).at_once).collect();
    /// assert_eq!(shares, [7, 7, 6]);
    /// assert_eq!(Share::of(20, 90, 3, 2).per_second, 30.0);
    /// ```
    pub fn of(at_once: usize, per_second: u32, live: usize, rank: usize) -> Self {
        if live == 0 || rank >= live {
            return Self::NONE;
        }
        let part = |whole: usize| whole / live + usize::from(rank < whole % live);
        let whole = per_second as usize;
        let per_second = match whole < live {
            true => f64::from(per_second) / live as f64,
            false => part(whole) as f64,
        };
        Self { at_once: part(at_once), per_second }
    }

    /// How many connections the worker may have in hand: no more than can pass the gate in ten
    /// seconds, so that no call waits there until its deadline.
    pub fn in_hand(&self) -> usize {
        let passing = (self.per_second * 10.0).ceil() as usize;
        self.at_once.min(passing.max(usize::from(self.per_second > 0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_are_the_whole() {
        for live in 1..50 {
            for at_once in [1, 3, 20, 1000] {
                for per_second in [1, 7, 100] {
                    let shares = (0..live).map(|rank| Share::of(at_once, per_second, live, rank));
                    let (mut held, mut rate) = (0, 0.0);
                    for share in shares {
                        held += share.at_once;
                        rate += share.per_second;
                    }
                    assert_eq!(held, at_once);
                    assert!((rate - f64::from(per_second)).abs() < 1e-9);
                }
            }
        }
        assert_eq!(Share::of(20, 10, 2, 2), Share::NONE);
        assert_eq!(Share::of(20, 10, 0, 0), Share::NONE);
    }

    #[test]
    fn no_more_is_in_hand_than_passes_in_ten_seconds() {
        assert_eq!(Share { at_once: 1000, per_second: 2.0 }.in_hand(), 20);
        assert_eq!(Share { at_once: 3, per_second: 100.0 }.in_hand(), 3);
        assert_eq!(Share { at_once: 5, per_second: 0.01 }.in_hand(), 1);
        assert_eq!(Share::NONE.in_hand(), 0);
    }
}
