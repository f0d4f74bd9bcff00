//! Where a scenario plays: the sandbox, its clock, and the notes taken of every call.

use std::fmt::{Debug, Write as _};
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};
use xs2a::sync::{JobUpdate, SyncReport};
use xs2a::{Error, Fate, SyncError, SyncOutcome};
use xs2a_sandbox::Sandbox;

use super::evidence::{Call, Ended, Evidence, Kept, What};
use super::machine_clock::MachineClock;
use super::sabotage::Sabotage;
use super::troubled_store::{self, Waits};
use crate::reports::{fate_of, report_of};

/// The place and the notes.
pub(super) struct Stage {
    /// The server.
    pub(super) sandbox: Sandbox,
    notes: Arc<Mutex<Evidence>>,
    jobs: Mutex<usize>,
    /// The rule that the programs break, if any.
    pub(super) sabotage: Option<Sabotage>,
}

/// When a caller stops waiting for its call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Patience {
    /// It does not.
    Endless,
    /// After so long.
    For(Duration),
    /// After the call has gone on so many times: somewhere between writing and reading.
    Polls(u32),
}

impl Stage {
    /// An empty stage. What is written to `notes` from elsewhere counts as printed, too.
    pub(super) fn new(
        sandbox: Sandbox,
        notes: Arc<Mutex<Evidence>>,
        sabotage: Option<Sabotage>,
    ) -> Self {
        Self { sandbox, notes, jobs: Mutex::new(0), sabotage }
    }

    /// The time of day on a machine's clock.
    pub(super) fn clock(
        self: &Arc<Self>,
        clock: &Arc<MachineClock>,
    ) -> impl Fn() -> Timestamp + Clone + Send + Sync + use<> {
        let (stage, clock) = (Arc::clone(self), Arc::clone(clock));
        move || stage.sandbox.now() + clock.ahead()
    }

    /// Counts what went wrong beside the server.
    pub(super) fn meet(&self, trouble: &'static str) {
        *self.notes().troubles.entry(trouble).or_default() += 1;
    }

    /// Takes down what a store kept.
    pub(super) fn note_kept(&self, job: usize, update: &JobUpdate) {
        let place = self.sandbox.log().len();
        let connection = update.job().connection_id().clone();
        let is_intention = update.is_intention();
        let has_ended = update.job().report().is_some();
        self.notes().kept.push(Kept { place, connection, job, is_intention, has_ended });
    }

    /// Lets the sandbox's time pass with tokio's. Never ends.
    pub(super) async fn pace(&self) {
        const STEP: Duration = Duration::from_secs(1);
        loop {
            sleep(STEP).await;
            self.sandbox.advance(STEP);
        }
    }

    /// A new number for a sync job.
    pub(super) fn new_job(&self) -> usize {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        *jobs += 1;
        *jobs
    }

    /// Takes down what must not be printed, and the form in which HTTP carries it.
    pub(super) fn keep_secret(&self, secret: &str) {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("api:{secret}"));
        self.notes().secrets.extend([secret.to_owned(), basic]);
    }

    /// Prints something that a user might print.
    pub(super) fn print(&self, value: &impl Debug) {
        // A string takes what is written to it.
        let _ = writeln!(self.notes().printed, "{value:?}");
    }

    /// Makes a call and takes notes of it. None when the caller did not wait, or it panicked.
    pub(super) async fn call<T: Debug>(
        &self,
        client: &str,
        what: What,
        deadline: Option<Duration>,
        patience: Patience,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Option<Result<T, Error>> {
        let fate_of = |error: &Error| match self.sabotage {
            Some(Sabotage::DenyActs) => Fate::NotActed,
            _ => error.fate(),
        };
        let ended = |result: &Result<T, Error>| match result {
            Ok(_) => Ended::Well,
            Err(error) => Ended::Badly {
                operation: error.operation(),
                kind: error.kind(),
                fate: fate_of(error),
                attempts: error.attempts(),
            },
        };
        let allowed = || deadline;
        self.note(client, what, allowed, patience, ended, call).await
    }

    /// Waits for a sync and takes notes of it. A store that makes the run wait gets a second, also
    /// where the deadline is nearer or past.
    pub(super) async fn sync(
        &self,
        client: &str,
        what: What,
        (deadline, waits): (Duration, Vec<Waits>),
        patience: Patience,
        run: impl Future<Output = Result<SyncOutcome, SyncError>>,
    ) -> Option<Result<SyncOutcome, SyncError>> {
        let ended = |result: &Result<SyncOutcome, SyncError>| {
            let error = result.as_ref().err().and_then(SyncError::error);
            let (report, fate) = (word(&report_of(result)), fate_of(result));
            Ended::Reported { report, kind: error.map(Error::kind), fate }
        };
        let allowed = || {
            let waits: u32 = waits.iter().map(|waits| waits.load(Ordering::Relaxed)).sum();
            Some(deadline + waits * Duration::from_secs(1))
        };
        self.note(client, what, allowed, patience, ended, run).await
    }

    async fn note<T: Debug, E: std::error::Error + 'static>(
        &self,
        client: &str,
        what: What,
        deadline: impl Fn() -> Option<Duration>,
        patience: Patience,
        ended: impl Fn(&Result<T, E>) -> Ended,
        call: impl Future<Output = Result<T, E>>,
    ) -> Option<Result<T, E>> {
        let (first, started) = (self.sandbox.log().len(), Instant::now());
        let result = self.wait(patience, call).await;
        let took = started.elapsed();
        // Whatever is on its way arrives, so that it counts for this call and not for the next.
        sleep(Duration::from_millis(1)).await;
        let ended = match &result {
            None => Ended::Dropped,
            Some(Err(panic)) if panic == troubled_store::PANIC => Ended::WithTheStore,
            Some(Err(panic)) => Ended::Panicked(panic.clone()),
            Some(Ok(result)) => {
                match result {
                    Ok(value) => self.print(value),
                    Err(error) => self.print_error(error),
                }
                ended(result)
            }
        };
        let during = first..self.sandbox.log().len();
        self.notes().calls.push(Call {
            client: client.to_owned(),
            what,
            ended,
            took,
            deadline: deadline(),
            during,
        });
        result?.ok()
    }

    async fn wait<T>(
        &self,
        patience: Patience,
        call: impl Future<Output = T>,
    ) -> Option<Result<T, String>> {
        let call = AssertUnwindSafe(call)
            .catch_unwind()
            .map(|result| result.map_err(|panic| message_of(&*panic)));
        match patience {
            Patience::Endless => Some(call.await),
            Patience::For(span) => tokio::time::timeout(span, call).await.ok(),
            Patience::Polls(left) => {
                let call = Box::pin(call);
                Impatient { call, left }.await
            }
        }
    }

    fn print_error(&self, error: &(dyn std::error::Error + 'static)) {
        let mut notes = self.notes();
        let mut cause = Some(error);
        while let Some(error) = cause {
            // A string takes what is written to it.
            let _ = writeln!(notes.printed, "{error}\n{error:?}");
            let answer = error.downcast_ref().and_then(Error::response);
            if let Some(answer) = answer {
                let _ = writeln!(notes.printed, "{answer}\n{answer:?}");
            }
            cause = error.source();
        }
    }

    fn notes(&self) -> MutexGuard<'_, Evidence> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The word for a report in the summary.
fn word(report: &SyncReport) -> &'static str {
    match report {
        SyncReport::Succeeded { .. } => "succeeded",
        SyncReport::Failed { .. } => "failed",
        SyncReport::UserNeeded => "user needed",
        SyncReport::Refused(_) => "refused by rule",
        SyncReport::RefusedByServer { .. } => "refused by the server",
        SyncReport::StillRunning => "still running",
        SyncReport::FateUnknown => "fate unknown",
        SyncReport::NotSent { .. } => "not sent",
        SyncReport::Gone => "gone",
        SyncReport::UserGone => "user gone",
        SyncReport::Throttled { .. } => "throttled",
        SyncReport::NotSeenToAct => "not seen to act",
        SyncReport::Superseded => "superseded",
        SyncReport::NoChange => "no change",
        _ => "other",
    }
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// A call that is dropped when it has been polled so often.
struct Impatient<F> {
    call: Pin<Box<F>>,
    left: u32,
}

impl<F: Future> Future for Impatient<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(output) = self.call.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Poll::Pending
            }
            None => Poll::Ready(None),
        }
    }
}

/// Where logs go: to the notes.
#[derive(Clone)]
pub(super) struct Pen(pub(super) Arc<Mutex<Evidence>>);

impl io::Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.printed.push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
