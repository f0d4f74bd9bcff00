//! What each request of this worker passes: its share of the pace.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use xs2a::{Attempt, ErrorKind, Gate, Operation, Pass};

use crate::lock::lock;
use crate::rules::{Share, Turn, Turnstile};

/// How long a turn that was taken beforehand holds.
const RESERVED: Duration = Duration::from_millis(200);

/// The gate of one worker: a [`Turnstile`] at which its requests queue.
pub(super) struct Queue {
    turnstile: Mutex<Turnstile>,
    start: Instant,
    /// Whoever holds it is the next to pass.
    next: tokio::sync::Mutex<()>,
    changed: Notify,
    passed: AtomicU64,
    /// Turns that were taken for calls that are being stored, by connection.
    reserved: Mutex<HashMap<String, Instant>>,
    /// Pauses that the service has asked for, and that the other workers have not been told.
    asked: Mutex<Option<Duration>>,
    pub(super) was_asked: Notify,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self {
            turnstile: Mutex::default(),
            start: Instant::now(),
            next: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            passed: AtomicU64::new(0),
            reserved: Mutex::default(),
            asked: Mutex::default(),
            was_asked: Notify::new(),
        }
    }

    fn turnstile(&self) -> MutexGuard<'_, Turnstile> {
        lock(&self.turnstile)
    }

    /// Sets the share, which holds until the next heartbeat is late.
    pub(super) fn set(&self, share: Share, open_until: Instant, hold_until: Option<Instant>) {
        let since = |at: Instant| at.duration_since(self.start);
        self.turnstile().set(self.start.elapsed(), share, since(open_until), hold_until.map(since));
        self.changed.notify_waiters();
    }

    /// The share, or nothing while the gate is closed.
    pub(super) fn share(&self) -> Share {
        self.turnstile().share(self.start.elapsed())
    }

    /// Waits, because the service has asked another worker for a pause.
    pub(super) fn hold(&self, pause: Duration) {
        self.turnstile().throttled(self.start.elapsed(), Some(pause));
    }

    /// Whether the service has asked all to wait.
    pub(super) fn is_held(&self) -> bool {
        self.turnstile().is_held(self.start.elapsed())
    }

    /// How many requests for one connection have passed: looks and syncs. Those of an enrolment, of
    /// the event feed and for tokens are not what a turn costs.
    pub(super) fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// The pause that the service has asked for since the last question.
    pub(super) fn take_asked(&self) -> Option<Duration> {
        lock(&self.asked).take()
    }

    /// Takes the turn of a call that is stored before it is sent: what is stored as called and waits
    /// for its turn would be lost for the night if the process ended.
    pub(super) async fn reserve(&self, connection: &str) {
        self.turn().await;
        self.passed.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let mut reserved = lock(&self.reserved);
        reserved.retain(|_, at| now.duration_since(*at) < RESERVED);
        reserved.insert(connection.to_owned(), now);
    }

    /// Whether the turn of this attempt has been taken right before.
    fn has_reserved(&self, attempt: &Attempt) -> bool {
        let Some(connection) = &attempt.connection else { return false };
        if attempt.operation != Operation::SyncConnection || attempt.number != 1 {
            return false;
        }
        let mut reserved = lock(&self.reserved);
        let at = reserved.remove(connection.as_str());
        at.is_some_and(|at| at.elapsed() < RESERVED) && self.share().per_second > 0.0
    }

    async fn turn(&self) {
        let _next = self.next.lock().await;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let turn = self.turnstile().turn(self.start.elapsed());
            match turn {
                Turn::Now => break,
                Turn::At(next) => sleep_until(self.start + next).await,
                Turn::Closed => changed.await,
            }
        }
    }
}

/// The gate as the client has it.
pub(super) struct Turns(pub(super) Arc<Queue>);

impl Gate for Turns {
    fn pass<'a>(&'a self, attempt: &'a Attempt) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async move {
            if !self.0.has_reserved(attempt) {
                self.0.turn().await;
                let is_of_a_turn = attempt.connection.is_some();
                self.0.passed.fetch_add(u64::from(is_of_a_turn), Ordering::Relaxed);
            }
            Pass::free()
        })
    }

    fn ended(&self, _: &Attempt, error: Option<&xs2a::Error>) {
        // A 503 may ask for a pause as a 429 does.
        let asks = |error: &&xs2a::Error| {
            error.kind() == ErrorKind::Throttled || error.retry_after().is_some()
        };
        let Some(error) = error.filter(asks) else { return };
        let elapsed = self.0.start.elapsed();
        let pause = self.0.turnstile().throttled(elapsed, error.retry_after());
        let mut asked = lock(&self.0.asked);
        *asked = (*asked).max(Some(pause));
        drop(asked);
        self.0.was_asked.notify_one();
    }
}
