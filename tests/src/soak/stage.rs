//! Where a scenario plays: the sandbox, its clock, and the notes taken of every call.

use std::fmt::{Debug, Write as _};
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};
use xs2a::sync::SyncReport;
use xs2a::{Error, SyncError, SyncOutcome};
use xs2a_sandbox::Sandbox;

use super::evidence::{Call, Ended, Evidence, What};
use crate::reports::{fate_of, report_of};

/// The place and the notes.
pub(super) struct Stage {
    /// The server.
    pub(super) sandbox: Sandbox,
    notes: Arc<Mutex<Evidence>>,
    jobs: Mutex<usize>,
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
    pub(super) fn new(sandbox: Sandbox, notes: Arc<Mutex<Evidence>>) -> Self {
        Self { sandbox, notes, jobs: Mutex::new(0) }
    }

    /// The time of day on a clock that is this far ahead of the server's.
    pub(super) fn clock(
        self: &Arc<Self>,
        ahead: SignedDuration,
    ) -> impl Fn() -> Timestamp + Clone + Send + Sync + use<> {
        let stage = Arc::clone(self);
        move || stage.sandbox.now() + ahead
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
        let ended = |result: &Result<T, Error>| match result {
            Ok(_) => Ended::Well,
            Err(error) => Ended::Badly {
                operation: error.operation(),
                kind: error.kind(),
                fate: error.fate(),
                attempts: error.attempts(),
            },
        };
        self.note(client, what, deadline, patience, ended, call).await
    }

    /// Waits for a sync and takes notes of it.
    pub(super) async fn sync(
        &self,
        client: &str,
        what: What,
        deadline: Duration,
        patience: Patience,
        run: impl Future<Output = Result<SyncOutcome, SyncError>>,
    ) -> Option<Result<SyncOutcome, SyncError>> {
        let ended = |result: &Result<SyncOutcome, SyncError>| {
            let error = result.as_ref().err().and_then(SyncError::error);
            let (report, fate) = (word(&report_of(result)), fate_of(result));
            Ended::Reported { report, kind: error.map(Error::kind), fate }
        };
        self.note(client, what, Some(deadline), patience, ended, run).await
    }

    async fn note<T: Debug, E: std::error::Error + 'static>(
        &self,
        client: &str,
        what: What,
        deadline: Option<Duration>,
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
            deadline,
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
