//! The loop around every call: attempt, classify, wait, repeat.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span, warn};
use url::Url;
use xs2a_client::{Client, Credentials, Fate, Operation, Response, RetryClass, Secret};

use crate::error::{Error, ErrorKind};
use crate::in_flight::InFlight;
use crate::nudge::Nudges;
use crate::retry::{Bucket, RetryPolicy, date, is_repeatable, retry_after};
use crate::tokens::{SourceError, Ticket, TokenSource};

/// `call!(self.call, GetUser, get_user(id))`: one call of an operation by the generated client's
/// method for it, repeated as the caller's `call` or `delete` sees fit. Arguments are borrowed.
macro_rules! call {
    ($self:ident.$call:ident, $operation:ident, $method:ident($($argument:expr),*)) => {
        $self
            .caller
            .$call(xs2a_client::Operation::$operation, |client: xs2a_client::Client| async move {
                client.$method($($argument),*).await
            })
            .await
    };
}

pub(crate) use call;

/// One attempt: a call of the generated client.
pub(crate) trait Attempt<T>:
    Future<Output = Result<Response<T>, xs2a_client::Error>>
{
}

impl<T, F: Future<Output = Result<Response<T>, xs2a_client::Error>>> Attempt<T> for F {}

/// Makes calls for one scope. Cheap to clone; clones share the connection pool and the budget.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) policy: RetryPolicy,
    pub(crate) auth: Auth,
    pub(crate) shared: Arc<Shared>,
    pub(crate) in_flight: Arc<InFlight>,
    /// What the call sends beside its own secret, and no error may repeat.
    pub(crate) concealed: Vec<Secret>,
}

/// What all calls of a client have in common.
pub(crate) struct Shared {
    pub(crate) base_url: Url,
    pub(crate) budget: Bucket,
    pub(crate) random: Mutex<fastrand::Rng>,
    pub(crate) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// By how many seconds the server's clock was ahead of ours when it last answered.
    pub(crate) server_ahead: AtomicI64,
    pub(crate) nudges: Nudges,
    pub(crate) connect_timeout: Duration,
}

/// Where the secret of the next attempt comes from.
#[derive(Clone)]
pub(crate) enum Auth {
    Fixed(Secret),
    Source(TokenSource),
}

impl Caller {
    pub(crate) fn now(&self) -> Timestamp {
        (self.shared.clock)()
    }

    /// The time by the server's clock, as far as its answers have told it: what is valid until when
    /// is for the server to judge.
    pub(crate) fn server_now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.shared.server_ahead.load(Ordering::Relaxed));
        self.now().checked_add(ahead).unwrap_or(self.now())
    }

    fn note_date(&self, headers: &HeaderMap) {
        if let Some(Ok(date)) = date(headers).map(Timestamp::try_from) {
            let ahead = self.now().duration_until(date).as_secs();
            self.shared.server_ahead.store(ahead, Ordering::Relaxed);
        }
    }

    /// Somewhere between 0 and 1.
    pub(crate) fn random(&self) -> f64 {
        self.shared.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// For calls that send these secrets, too.
    pub(crate) fn concealing(&self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { concealed: secrets.into_iter().collect(), ..self.clone() }
    }

    /// For calls that end by then, if not earlier by their policy.
    pub(crate) fn until(&self, end: Instant) -> Self {
        let mut caller = self.clone();
        caller.policy.deadline = caller.policy.deadline.min(end - Instant::now());
        caller
    }

    /// The time that has to be left for another attempt: with less, it could end while it connects
    /// and pass for one that was sent. A policy that never leaves as much gets its attempts all the
    /// same; it is told that their fate is unknown.
    fn least_time(&self) -> Duration {
        let connect = self.shared.connect_timeout;
        let longest = self.policy.attempt_timeout.min(self.policy.deadline);
        if connect < longest { connect } else { Duration::ZERO }
    }

    /// Makes one call, repeated as the operation's class allows.
    pub(crate) async fn call<T, F: Attempt<T>>(
        &self,
        operation: Operation,
        attempt: impl FnMut(Client) -> F,
    ) -> Result<T, Error> {
        self.traced(operation, operation.retry(), None, attempt).await
    }

    /// Makes one call of a DELETE: to find nothing after an attempt that may have acted means that
    /// it did.
    pub(crate) async fn delete<F: Attempt<()>>(
        &self,
        operation: Operation,
        attempt: impl FnMut(Client) -> F,
    ) -> Result<(), Error> {
        self.traced(operation, operation.retry(), Some(()), attempt).await
    }

    /// One call in its span. `class` may differ from the operation's where the caller knows better;
    /// `gone` is the result if nothing is found that may have been there.
    pub(crate) async fn traced<T, F: Attempt<T>>(
        &self,
        operation: Operation,
        class: RetryClass,
        gone: Option<T>,
        attempt: impl FnMut(Client) -> F,
    ) -> Result<T, Error> {
        let span = info_span!(
            "xs2a.call",
            otel.name = format_args!("{} {}", operation.method(), operation.path_template()),
            otel.kind = "client",
            xs2a.operation = operation.id(),
            http.request.method = operation.method().as_str(),
            url.template = operation.path_template(),
            server.address = self.shared.base_url.host_str(),
            server.port = self.shared.base_url.port_or_known_default(),
            http.response.status_code = Empty,
            http.request.resend_count = Empty,
            error.type = Empty,
            xs2a.fate = Empty,
        );
        let result =
            self.attempts(&span, operation, class, gone, attempt).instrument(span.clone()).await;
        if let Err(error) = &result {
            // Of the last attempt, as all of it: one before may have been answered.
            let status = error.status().map(|status| status.as_u16());
            span.record("http.response.status_code", status)
                .record("http.request.resend_count", error.attempts().saturating_sub(1))
                .record("error.type", error_type(error))
                .record("xs2a.fate", error.fate().as_str());
        }
        result
    }

    async fn attempts<T, F: Attempt<T>>(
        &self,
        span: &Span,
        operation: Operation,
        class: RetryClass,
        mut gone: Option<T>,
        mut attempt: impl FnMut(Client) -> F,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let deadline = later(started, self.policy.deadline);
        let mut attempts = 0;
        let mut fate = Fate::NotActed;
        let mut renewed = false;
        let mut last = None;
        self.shared.budget.call_started();
        loop {
            let unsent = |kind| Error::new(operation, kind, Fate::NotActed);
            let (client, ticket) = timeout_at(deadline, self.authorized())
                .await
                .ok()
                .filter(|got| got.is_err() || deadline - Instant::now() > self.least_time())
                .ok_or_else(|| last.take().unwrap_or_else(|| unsent(ErrorKind::Timeout)))
                .and_then(|got| got.map_err(|error| unsent(ErrorKind::NoToken).caused_by(error)))
                .map_err(|error| error.after(attempts, started.elapsed(), fate))?;
            attempts += 1;
            let limit = self.policy.attempt_timeout.min(deadline - Instant::now());
            let error = match attempt(client.with_timeout(limit)).await {
                Ok(response) => {
                    self.note_date(response.headers());
                    record_attempt(span, response.status().as_u16(), attempts);
                    return Ok(response.into_inner());
                }
                Err(error) => {
                    debug_assert_eq!(error.operation(), operation, "named beside its method");
                    let secrets: Vec<_> = self.concealed.iter().chain([&ticket.secret]).collect();
                    Error::of_client(error, &secrets)
                }
            };
            // Refused before sending: no attempt was made.
            attempts -= u32::from(error.kind() == ErrorKind::InvalidRequest);
            fate = fate.max(error.fate());
            let headers = error.response().and_then(xs2a_client::Error::headers);
            headers.inspect(|headers| self.note_date(headers));
            let asked = headers.and_then(|headers| retry_after(headers, self.server_now().into()));
            let error = error.asking(asked).after(attempts, started.elapsed(), fate);

            let found_nothing = error.kind() == ErrorKind::NotFound && fate != Fate::NotActed;
            if let Some(done) = gone.take_if(|_| found_nothing) {
                record_attempt(span, 404, attempts);
                return Ok(done);
            }
            // Nothing was acted on, whatever the class: once with a new token.
            if let (ErrorKind::Unauthorized, Auth::Source(source), false) =
                (error.kind(), &self.auth, renewed)
            {
                renewed = true;
                source.invalidate(&ticket);
                log_failure(&error, Some(Duration::ZERO));
                last = Some(error);
                continue;
            }
            let wait = is_repeatable(class, error.kind(), error.status())
                .then(|| {
                    let remaining = (deadline - Instant::now()).saturating_sub(self.least_time());
                    self.policy.next_wait(attempts, asked, self.random(), remaining)
                })
                .flatten()
                .filter(|_| self.shared.budget.take());
            log_failure(&error, wait);
            let Some(wait) = wait else {
                return Err(error);
            };
            sleep(wait).await;
            last = Some(error);
        }
    }

    /// The generated client with the secret of the next attempt.
    pub(crate) async fn authorized(&self) -> Result<(Client, Ticket), SourceError> {
        match &self.auth {
            Auth::Fixed(secret) => Ok((self.client.clone(), Ticket::of(secret.clone()))),
            Auth::Source(source) => {
                let ticket = source.ticket(self.server_now()).await?;
                let credentials = Credentials::new(ticket.secret.clone());
                Ok((self.client.with_credentials(credentials), ticket))
            }
        }
    }
}

/// The instant `after` from `start`; years ahead where the clock cannot tell.
pub(crate) fn later(start: Instant, after: Duration) -> Instant {
    const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
    start.checked_add(after.min(YEARS)).unwrap_or(start)
}

/// OpenTelemetry's `error.type`: the status where there was an answer, else a word.
fn error_type(error: &Error) -> String {
    match error.status() {
        Some(status) if !status.is_success() => status.as_u16().to_string(),
        _ => error.kind().as_str().to_owned(),
    }
}

fn record_attempt(span: &Span, status: u16, attempts: u32) {
    let resends = attempts - 1;
    span.record("http.response.status_code", status).record("http.request.resend_count", resends);
    debug!(
        http.response.status_code = status,
        http.request.resend_count = resends,
        "attempt answered"
    );
}

fn log_failure(error: &Error, wait: Option<Duration>) {
    macro_rules! failed {
        ($log:ident) => {
            $log!(
                http.response.status_code = error.status().map(|status| status.as_u16()),
                http.request.resend_count = error.attempts().saturating_sub(1),
                error.type = error_type(error),
                xs2a.fate = error.fate().as_str(),
                xs2a.retry_in_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                "attempt failed"
            )
        };
    }
    // Whoever waits for a user finds nothing until she is through.
    if error.kind() == ErrorKind::NotFound { failed!(debug) } else { failed!(warn) }
}
