//! The clock of a program's machine, which is wrong, and jumps.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::SignedDuration;

/// By how many seconds a machine's clock is ahead of the server's.
#[derive(Debug)]
pub(super) struct MachineClock {
    ahead: AtomicI64,
    most: AtomicI64,
}

impl MachineClock {
    /// A clock that is so far ahead.
    pub(super) fn new(seconds: i64) -> Self {
        Self { ahead: seconds.into(), most: seconds.into() }
    }

    /// By how much the clock is ahead now.
    pub(super) fn ahead(&self) -> SignedDuration {
        SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed))
    }

    /// By how much less the clock is ahead than it ever was: what a program believes of the server's
    /// time, as an answer before the jump has told it, may be behind by that much.
    pub(super) fn set_back(&self) -> SignedDuration {
        SignedDuration::from_secs(self.most.load(Ordering::Relaxed)) - self.ahead()
    }

    /// Sets the clock anew.
    pub(super) fn jump(&self, random: &mut fastrand::Rng) {
        let span = super::actors::pick(random, &[60, 3_600, 3 * 86_400]);
        let ahead = random.i64(-span..span);
        self.ahead.store(ahead, Ordering::Relaxed);
        self.most.fetch_max(ahead, Ordering::Relaxed);
    }
}
