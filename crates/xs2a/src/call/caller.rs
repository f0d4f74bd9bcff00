//! The loop around each call: send an attempt, classify its failure, wait, repeat.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span, warn};
use url::Url;
use xs2a_client::{Call, Client, Credentials, Fate, Operation, Response, RetryClass, Secret};

use super::gate::{Attempt, Gate};
use super::retry::{Bucket, RetryPolicy, date, is_repeatable, retry_after};
use super::server_clock::ServerClock;
use super::token_source::{Ticket, TokenSource};
use crate::error::{Error, ErrorKind, SourceError};
use crate::ids::ConnectionKey;

/// Makes calls for one scope. Cheap to clone; clones share the connection pool and the budget.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    /// Shared, since each bank user has callers of its own.
    pub(crate) policy: Arc<RetryPolicy>,
    pub(crate) auth: Auth,
    pub(crate) shared: Arc<Shared>,
    /// What the call sends beside its own secret, and no error may repeat.
    pub(crate) concealed: Vec<Secret>,
}

/// What all calls of a client have in common.
pub(crate) struct Shared {
    pub(crate) base_url: Url,
    pub(crate) budget: Bucket,
    pub(crate) random: Mutex<fastrand::Rng>,
    pub(crate) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub(crate) server_clock: Mutex<ServerClock>,
    /// What each attempt passes before it is sent.
    pub(crate) gates: Vec<Arc<dyn Gate>>,
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

    /// The time by the server's clock, as far as its answers have told it. The server judges how
    /// long a token is valid.
    pub(crate) fn server_now(&self) -> Timestamp {
        let ahead = self.server_ahead().unwrap_or_default();
        self.now().saturating_add(ahead).unwrap_or(self.now())
    }

    /// By how much the server's clock is ahead of ours. `None` before its first answer.
    pub(crate) fn server_ahead(&self) -> Option<SignedDuration> {
        self.shared.server_clock.lock().unwrap_or_else(PoisonError::into_inner).ahead()
    }

    /// Takes in what an answer that took as long as `took` says of the server's clock.
    fn note(&self, server_time: Option<Timestamp>, took: Duration) {
        if let Some(time) = server_time {
            let mut clock = self.shared.server_clock.lock().unwrap_or_else(PoisonError::into_inner);
            clock.note(time, self.now(), took);
        }
    }

    /// A number between 0 and 1.
    pub(crate) fn random(&self) -> f64 {
        self.shared.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// The same caller for calls that also send these secrets.
    pub(crate) fn concealing(&self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { concealed: secrets.into_iter().collect(), ..self.clone() }
    }

    /// The secrets of a call that has just ended.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let own = match &self.auth {
            Auth::Fixed(secret) => vec![secret.clone()],
            Auth::Source(source) => source.secrets(),
        };
        self.concealed.iter().cloned().chain(own).collect()
    }

    /// The same caller for calls that end at `end`, or earlier by their policy.
    pub(crate) fn until(&self, end: Instant) -> Self {
        let left = end - Instant::now();
        let policy = RetryPolicy::clone(&self.policy).within(left);
        Self { policy: Arc::new(policy), ..self.clone() }
    }

    /// The same caller for calls of one attempt.
    pub(crate) fn once(&self) -> Self {
        let policy = RetryPolicy::clone(&self.policy).with_max_attempts(1);
        Self { policy: Arc::new(policy), ..self.clone() }
    }

    /// The time that has to be left for another attempt. An attempt with less time could end while
    /// it connects, and nobody could say whether it was sent. Under a policy that never leaves as
    /// much, attempts are made all the same, and their fate is unknown.
    fn least_time(&self, operation: Operation) -> Duration {
        let connect = self.shared.connect_timeout;
        let policy = &self.policy;
        let longest = policy.attempt_timeout_of(operation).min(policy.deadline_of(operation));
        if connect < longest { connect } else { Duration::ZERO }
    }

    /// Whether a call that has to end at `end` has the time to connect. Without that time its fate
    /// could be left open for nothing. Where `whole`, the time for everything, is shorter than
    /// connecting may take, any time will do.
    pub(crate) fn has_time_to_connect(&self, end: Instant, whole: Duration) -> bool {
        let (left, connect) = (end - Instant::now(), self.shared.connect_timeout);
        if connect < whole { left > connect } else { !left.is_zero() }
    }

    /// Makes one call, repeated as the class of its operation allows.
    pub(crate) async fn call<T>(&self, call: Call<T>) -> Result<T, Error> {
        self.call_with_head(call).await.map(Response::into_inner)
    }

    /// Makes one call, and gives the status and headers with the answer.
    pub(crate) async fn call_with_head<T>(&self, call: Call<T>) -> Result<Response<T>, Error> {
        let class = call.operation().retry();
        self.traced(call, class, |_| false).await
    }

    /// Makes one call of another class than its operation's, where the layer knows better.
    pub(crate) async fn call_as<T>(&self, class: RetryClass, call: Call<T>) -> Result<T, Error> {
        self.traced(call, class, |_| false).await.map(Response::into_inner)
    }

    /// Makes one call of a DELETE. A 404 after an attempt of unknown fate means that the attempt
    /// has deleted what is not found any more.
    pub(crate) async fn delete(&self, call: Call<()>) -> Result<(), Error> {
        let class = call.operation().retry();
        let is_done =
            |error: &Error| error.kind() == ErrorKind::NotFound && error.fate() != Fate::NotActed;
        match self.traced(call, class, is_done).await {
            Err(error) if is_done(&error) => Ok(()),
            result => result.map(Response::into_inner),
        }
    }

    /// One call in its span. `is_done` tells the errors that the caller takes for a success.
    async fn traced<T>(
        &self,
        call: Call<T>,
        class: RetryClass,
        is_done: fn(&Error) -> bool,
    ) -> Result<Response<T>, Error> {
        let operation = call.operation();
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
        // Boxed: the future of each layer above would hold the attempts in full, and move them as often.
        let attempts = Box::pin(self.attempts(&span, call, class));
        let result = attempts.instrument(span.clone()).await;
        if let Err(error) = &result {
            record(&span, error.status(), error.attempts());
            if !is_done(error) {
                span.record("error.type", error_type(error))
                    .record("xs2a.fate", error.fate().as_str());
            }
        }
        result
    }

    async fn attempts<T>(
        &self,
        span: &Span,
        mut call: Call<T>,
        class: RetryClass,
    ) -> Result<Response<T>, Error> {
        let operation = call.operation();
        // Gates alone ask for it.
        let connection = match self.shared.gates[..] {
            [] => None,
            _ => call.path_parameter("connection_id").map(ConnectionKey::from),
        };
        let gates_hear = |attempt: &Attempt, error: Option<&Error>| {
            self.shared.gates.iter().for_each(|gate| gate.ended(attempt, error));
        };
        let started = Instant::now();
        let deadline = instant_after(started, self.policy.deadline_of(operation));
        let mut attempts = 0;
        let mut fate = Fate::NotActed;
        let mut renewed = false;
        let mut last = None;
        self.shared.budget.call_started();
        loop {
            let unsent = |kind| Error::new(operation, kind, Fate::NotActed);
            let attempt = Attempt::new(operation, connection.clone(), attempts + 1);
            let cleared = async {
                let ticket = self.ticket().await?;
                let mut passes = Vec::new();
                for gate in &self.shared.gates {
                    passes.push(gate.pass(&attempt).await);
                }
                Ok((ticket, passes))
            };
            let cleared = timeout_at(deadline, cleared).await;
            let sent_at = Instant::now();
            let left = deadline - sent_at;
            let (ticket, _passes) = match cleared {
                Ok(Err(cause)) => {
                    let error = unsent(ErrorKind::NoToken).caused_by(cause);
                    return Err(error.after(attempts, started.elapsed(), fate));
                }
                Ok(Ok(cleared)) if left > self.least_time(operation) => cleared,
                _too_late_for_an_attempt => {
                    let error = last.unwrap_or_else(|| unsent(ErrorKind::Timeout));
                    return Err(error.after(attempts, started.elapsed(), fate));
                }
            };
            if let Auth::Source(_) = self.auth {
                call = call.with_credentials(Credentials::new(ticket.secret.clone()));
            }
            if !self.shared.gates.is_empty() {
                let mut headers = HeaderMap::new();
                self.shared.gates.iter().for_each(|gate| gate.headers(&attempt, &mut headers));
                call = call.with_headers(headers);
            }
            call = call.with_timeout(self.policy.attempt_timeout_of(operation).min(left));
            let error = match call.send().await {
                Ok(response) => {
                    self.note(date(response.headers()), sent_at.elapsed());
                    self.accepted(&ticket);
                    gates_hear(&attempt, None);
                    attempts += 1;
                    record(span, Some(response.status()), attempts);
                    debug!(
                        http.response.status_code = response.status().as_u16(),
                        http.request.resend_count = attempts - 1,
                        "attempt answered"
                    );
                    return Ok(response);
                }
                Err(error) => {
                    let sent = self.secrets();
                    let secrets: Vec<_> = sent.iter().chain([&ticket.secret]).collect();
                    Error::from_client(error, &secrets)
                }
            };
            // A request that was refused before it was sent is no attempt.
            if error.kind() != ErrorKind::InvalidRequest {
                attempts += 1;
            }
            let attempt_fate = error.fate();
            fate = fate.max(attempt_fate);
            let headers = error.response().and_then(xs2a_client::Error::headers);
            let server_time = headers.and_then(date);
            let took = sent_at.elapsed();
            self.note(server_time, took);
            let asked = headers.and_then(|headers| retry_after(headers, self.server_now()));
            let error = error.asking(asked).after(attempts, started.elapsed(), fate);
            gates_hear(&attempt, Some(&error));

            if error.response().is_some_and(xs2a_client::Error::is_from_service)
                && error.kind() != ErrorKind::Unauthorized
            {
                self.accepted(&ticket);
            }
            // After a 401 nothing was acted on, whatever the class: once more with a new token.
            if let (ErrorKind::Unauthorized, Auth::Source(source), false) =
                (error.kind(), &self.auth, renewed)
            {
                // A server that refuses a token means its `Date`, too: the new token has to be valid
                // by that clock.
                self.note(server_time, took);
                if source.refused(&ticket, || self.shared.budget.take()) {
                    renewed = true;
                    log_failure(&error, Some(Duration::ZERO));
                    last = Some(error);
                    continue;
                }
            }
            let remaining = (deadline - Instant::now()).saturating_sub(self.least_time(operation));
            let mut wait = None;
            let status = error.status().map(|status| status.as_u16());
            if is_repeatable(class, error.kind(), status, attempt_fate) {
                wait = self.policy.next_wait(attempts, asked, self.random(), remaining);
            }
            let wait = wait.filter(|_| self.shared.budget.take());
            log_failure(&error, wait);
            let Some(wait) = wait else {
                return Err(error);
            };
            sleep(wait).await;
            last = Some(error);
        }
    }

    /// The secret of the next attempt.
    async fn ticket(&self) -> Result<Ticket, SourceError> {
        match &self.auth {
            Auth::Fixed(secret) => Ok(Ticket::from_secret(secret.clone())),
            Auth::Source(source) => source.ticket(self.server_now()).await,
        }
    }

    fn accepted(&self, ticket: &Ticket) {
        if let Auth::Source(source) = &self.auth {
            source.accepted(ticket);
        }
    }

    /// The generated client with the secret of this moment.
    pub(crate) async fn generated(&self) -> Result<Client, SourceError> {
        let ticket = self.ticket().await?;
        Ok(self.client.with_credentials(Credentials::new(ticket.secret)))
    }
}

/// The instant `after` from `start`, at most ten years ahead.
pub(crate) fn instant_after(start: Instant, after: Duration) -> Instant {
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

/// Records the status of the last attempt, and how many there were before it.
fn record(span: &Span, status: Option<StatusCode>, attempts: u32) {
    span.record("http.response.status_code", status.map(|status| status.as_u16()))
        .record("http.request.resend_count", attempts.saturating_sub(1));
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
    // A 404 is expected while a new connection waits for its user.
    if error.kind() == ErrorKind::NotFound { failed!(debug) } else { failed!(warn) }
}
