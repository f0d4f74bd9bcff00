//! What each request of this worker passes: its share of the pace.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use xs2a::{Attempt, ErrorKind, Gate, Operation, Pass};

use crate::rules::Share;

/// How long all wait after a 429 that does not say how long.
const THROTTLED: Duration = Duration::from_secs(1);

/// How long a turn that was taken beforehand holds.
const RESERVED: Duration = Duration::from_millis(200);

/// The gate of one worker. It is closed while the worker has no share: before the others have made
/// room for it, and when its heartbeat is late.
pub(super) struct Turnstile {
    state: Mutex<State>,
    /// Whoever holds it is the next to pass.
    queue: tokio::sync::Mutex<Passed>,
    changed: Notify,
    passed: AtomicU64,
    /// Turns that were taken for calls that are being stored, by connection.
    reserved: Mutex<HashMap<String, Instant>>,
    /// Pauses that the service has asked for, and that the other workers have not been told.
    asked: Mutex<Option<Duration>>,
    pub(super) was_asked: Notify,
}

struct State {
    share: Share,
    open_until: Option<Instant>,
    hold_until: Option<Instant>,
}

/// When the last requests passed: as many as may pass in a second.
#[derive(Default)]
struct Passed(VecDeque<Instant>);

impl Passed {
    /// When the next request may pass: evenly spread, and never more in any second than the share.
    fn next(&self, per_second: f64) -> Option<Instant> {
        let last = *self.0.back()?;
        // A timer wakes up to a millisecond late: what it was late by is not lost.
        let even = last + Duration::from_secs_f64(1.0 / per_second);
        let even = even.checked_sub(Duration::from_millis(1)).unwrap_or(even);
        let in_a_second = per_second.floor().max(1.0) as usize;
        let whole = Duration::from_secs_f64((1.0 / per_second).max(1.0));
        let oldest = self.0.len().checked_sub(in_a_second).and_then(|at| self.0.get(at));
        Some(oldest.map_or(even, |oldest| even.max(*oldest + whole)))
    }

    fn pass(&mut self, now: Instant, per_second: f64) {
        self.0.push_back(now);
        while self.0.len() > per_second.floor().max(1.0) as usize {
            self.0.pop_front();
        }
    }
}

impl Turnstile {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State { share: Share::NONE, open_until: None, hold_until: None }),
            queue: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            passed: AtomicU64::new(0),
            reserved: Mutex::default(),
            asked: Mutex::default(),
            was_asked: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the share, which holds until the next heartbeat is late.
    pub(super) fn set(&self, share: Share, open_until: Instant, hold_until: Option<Instant>) {
        let mut state = self.state();
        state.share = share;
        state.open_until = Some(open_until);
        state.hold_until = state.hold_until.max(hold_until);
        drop(state);
        self.changed.notify_waiters();
    }

    /// The share, or nothing while the gate is closed.
    pub(super) fn share(&self) -> Share {
        let state = self.state();
        let is_open = state.open_until.is_some_and(|until| Instant::now() < until);
        if is_open { state.share } else { Share::NONE }
    }

    /// Whether the service has asked all to wait.
    pub(super) fn is_held(&self) -> bool {
        self.state().hold_until.is_some_and(|until| Instant::now() < until)
    }

    /// How many requests have passed.
    pub(super) fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// The pause that the service has asked for since the last question.
    pub(super) fn take_asked(&self) -> Option<Duration> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Takes the turn of a call that is stored before it is sent: what is stored as called and waits
    /// for its turn would be lost for the night if the process ended.
    pub(super) async fn reserve(&self, connection: &str) {
        self.turn().await;
        let now = Instant::now();
        let mut reserved = self.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        reserved.retain(|_, at| now.duration_since(*at) < RESERVED);
        reserved.insert(connection.to_owned(), now);
    }

    /// Whether the turn of this attempt has been taken right before.
    fn has_reserved(&self, attempt: &Attempt) -> bool {
        let Some(connection) = &attempt.connection else { return false };
        if attempt.operation != Operation::SyncConnection || attempt.number != 1 {
            return false;
        }
        let mut reserved = self.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        let at = reserved.remove(connection.as_str());
        at.is_some_and(|at| at.elapsed() < RESERVED) && self.share().per_second > 0.0
    }

    async fn turn(&self) {
        let mut passed = self.queue.lock().await;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let share = self.share();
            let now = Instant::now();
            let hold = self.state().hold_until.filter(|until| now < *until);
            if let Some(hold) = hold {
                sleep_until(hold).await;
            } else if share.per_second <= 0.0 {
                changed.await;
            } else if let Some(next) = passed.next(share.per_second).filter(|next| now < *next) {
                sleep_until(next).await;
            } else {
                passed.pass(now, share.per_second);
                self.passed.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    }
}

/// The gate as the client has it.
pub(super) struct Turns(pub(super) Arc<Turnstile>);

impl Gate for Turns {
    fn pass<'a>(&'a self, attempt: &'a Attempt) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async move {
            if !self.0.has_reserved(attempt) {
                self.0.turn().await;
            }
            Pass::free()
        })
    }

    fn ended(&self, _: &Attempt, error: Option<&xs2a::Error>) {
        let Some(error) = error.filter(|error| error.kind() == ErrorKind::Throttled) else {
            return;
        };
        let pause = error.retry_after().unwrap_or(THROTTLED).min(Duration::from_secs(24 * 3600));
        let until = Instant::now() + pause;
        let mut state = self.0.state();
        state.hold_until = state.hold_until.max(Some(until));
        drop(state);
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = (*asked).max(Some(pause));
        drop(asked);
        self.0.was_asked.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The instants of passing, in milliseconds, of 500 requests that come at once.
    async fn passes(per_second: f64) -> Vec<u128> {
        let gate = Turnstile::new();
        let start = Instant::now();
        let share = Share { at_once: 10, per_second };
        gate.set(share, start + Duration::from_secs(1_000_000), None);
        let mut passed = Vec::new();
        for _ in 0..500 {
            gate.turn().await;
            passed.push(start.elapsed().as_millis());
        }
        passed
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_the_share_and_little_of_it_is_lost() {
        for per_second in [0.2, 1.0, 3.0, 33.3, 100.0, 400.0] {
            let passed = passes(per_second).await;
            let most = per_second.floor().max(1.0) as usize;
            for window in passed.windows(most + 1) {
                let took = window[most] - window[0];
                assert!(took >= 1000, "{per_second}: {} within {took} ms", most + 1);
            }
            let whole = passed[499] as f64 / 1000.0;
            let ideal = 499.0 / if per_second < 1.0 { per_second } else { per_second.floor() };
            assert!(whole <= ideal * 1.05 + 1.0, "{per_second}: {whole} s, ideally {ideal} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_gate_is_closed_without_a_share_and_when_the_heartbeat_is_late() {
        let gate = Arc::new(Turnstile::new());
        let late = tokio::time::timeout(Duration::from_secs(3600), gate.turn()).await;
        assert!(late.is_err(), "a worker without a share");
        let share = Share { at_once: 1, per_second: 5.0 };
        gate.set(share, Instant::now() + Duration::from_secs(10), None);
        gate.turn().await;
        tokio::time::advance(Duration::from_secs(11)).await;
        let late = tokio::time::timeout(Duration::from_secs(3600), gate.turn()).await;
        assert!(late.is_err(), "a worker whose heartbeat is late");
        assert_eq!(gate.passed(), 1);
    }
}
