//! The attempts of one call: send, classify what failed, wait, repeat.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span, warn};
use xs2a_client::{Answer, Call, Credentials, Fate, Request, Response, RetryClass};

use super::caller::{Auth, Caller, instant_after};
use super::gate::{Attempt, Pass};
use super::retry::{date, is_repeatable, retry_after};
use super::token_source::Ticket;
use crate::error::{Error, ErrorKind};
use crate::ids::ConnectionKey;

impl Caller {
    /// Makes one call, repeated as the class of its operation allows.
    pub(crate) fn call<T>(&self, call: Call<T>) -> impl Future<Output = Result<T, Error>> {
        let class = call.operation().retry();
        self.attempt(call, class, |_| false, Response::into_inner)
    }

    /// Makes one call, and gives the status and headers with the answer.
    pub(crate) fn call_with_head<T>(
        &self,
        call: Call<T>,
    ) -> impl Future<Output = Result<Response<T>, Error>> {
        let class = call.operation().retry();
        self.attempt(call, class, |_| false, |response| response)
    }

    /// Makes one call of another class than its operation's, where the layer knows better.
    pub(crate) fn call_as<T>(
        &self,
        class: RetryClass,
        call: Call<T>,
    ) -> impl Future<Output = Result<T, Error>> {
        self.attempt(call, class, |_| false, Response::into_inner)
    }

    /// Makes one call of a DELETE. A 404 after an attempt of unknown fate means that the attempt
    /// has deleted what is not found any more.
    pub(crate) async fn delete(&self, call: Call<()>) -> Result<(), Error> {
        let class = call.operation().retry();
        let is_done =
            |error: &Error| error.kind() == ErrorKind::NotFound && error.fate() != Fate::NotActed;
        match self.attempt(call, class, is_done, Response::into_inner).await {
            Err(error) if is_done(&error) => Ok(()),
            result => result,
        }
    }

    /// Attempts a call until an answer can be read, and gives what is taken out of the answer. `is_done`
    /// tells the errors that the caller takes for a success. All that does not depend on the type of
    /// the answer is in [`Attempts`].
    async fn attempt<T, R>(
        &self,
        call: Call<T>,
        class: RetryClass,
        is_done: fn(&Error) -> bool,
        take: fn(Response<T>) -> R,
    ) -> Result<R, Error> {
        let (request, read) = call.into_parts();
        let mut attempts = Box::new(Attempts::new(self, request, class, is_done));
        loop {
            let (sent, answer) = attempts.answer().await?;
            match attempts.span.in_scope(|| read(answer)) {
                Ok(response) => {
                    attempts.succeeded(&sent, response.status(), date(response.headers()));
                    return Ok(take(response));
                }
                Err(error) => attempts.failed(sent, error).await?,
            }
        }
    }
}

/// The attempts of one call, in its span. The type of the answer does not appear here, so this code is
/// compiled once for all calls.
struct Attempts<'c> {
    caller: &'c Caller,
    request: Request,
    class: RetryClass,
    /// Tells the errors that the caller takes for a success.
    is_done: fn(&Error) -> bool,
    span: Span,
    /// The connection that the call is about, where there are gates: they alone ask for it.
    connection: Option<ConnectionKey>,
    started: Instant,
    deadline: Instant,
    /// How many attempts were made.
    made: u32,
    /// What may have become of all attempts.
    fate: Fate,
    /// Whether a refused token was replaced, which a call does once.
    renewed: bool,
    /// Why the last attempt has failed.
    last: Option<Error>,
}

/// An attempt that was sent.
struct Sent {
    attempt: Attempt,
    ticket: Ticket,
    at: Instant,
    /// Held until the attempt has ended.
    _passes: Vec<Pass>,
}

impl<'c> Attempts<'c> {
    /// Begins a call, before its first attempt.
    fn new(
        caller: &'c Caller,
        request: Request,
        class: RetryClass,
        is_done: fn(&Error) -> bool,
    ) -> Self {
        let operation = request.operation();
        let base_url = &caller.shared.base_url;
        let span = info_span!(
            "xs2a.call",
            otel.name = format_args!("{} {}", operation.method(), operation.path_template()),
            otel.kind = "client",
            xs2a.operation = operation.id(),
            http.request.method = operation.method().as_str(),
            url.template = operation.path_template(),
            server.address = base_url.host_str(),
            server.port = base_url.port_or_known_default(),
            http.response.status_code = Empty,
            http.request.resend_count = Empty,
            error.type = Empty,
            xs2a.fate = Empty,
        );
        let connection = match caller.shared.gates[..] {
            [] => None,
            _ => request.path_parameter("connection_id").map(ConnectionKey::from),
        };
        let started = Instant::now();
        let deadline = instant_after(started, caller.policy.deadline_of(operation));
        caller.shared.budget.call_started();
        Self {
            caller,
            request,
            class,
            is_done,
            span,
            connection,
            started,
            deadline,
            made: 0,
            fate: Fate::NotActed,
            renewed: false,
            last: None,
        }
    }

    /// Sends attempts until one is answered with a success. An error ends the call.
    async fn answer(&mut self) -> Result<(Sent, Answer), Error> {
        let span = self.span.clone();
        let answer = async {
            loop {
                let sent = self.clear().await?;
                match self.request.send().await {
                    Ok(answer) => return Ok((sent, answer)),
                    Err(error) => self.wait_after(sent, error).await?,
                }
            }
        };
        // Boxed: the future of each layer above would hold the attempts in full, and move them as often.
        Box::pin(answer.instrument(span)).await
    }

    /// Takes in that the answer of an attempt could be read.
    fn succeeded(&self, sent: &Sent, status: StatusCode, server_time: Option<Timestamp>) {
        let _span = self.span.enter();
        self.caller.note(server_time, sent.at.elapsed());
        self.caller.accepted(&sent.ticket);
        self.gates_hear(&sent.attempt, None);
        let attempts = self.made + 1;
        self.record(Some(status), attempts);
        debug!(
            http.response.status_code = status.as_u16(),
            http.request.resend_count = self.made,
            "attempt answered"
        );
    }

    /// Takes in that the answer of an attempt could not be read. Waits until the next may be sent. An error
    /// ends the call.
    async fn failed(&mut self, sent: Sent, error: xs2a_client::Error) -> Result<(), Error> {
        let span = self.span.clone();
        Box::pin(self.wait_after(sent, error).instrument(span)).await
    }

    /// Waits for what an attempt needs, and puts the attempt into the request.
    async fn clear(&mut self) -> Result<Sent, Error> {
        let Self { caller, deadline, .. } = *self;
        let operation = self.request.operation();
        let gates = &caller.shared.gates;
        let attempt = Attempt::new(operation, self.connection.clone(), self.made + 1);
        let cleared = async {
            let ticket = caller.ticket().await?;
            let mut passes = Vec::new();
            for gate in gates {
                passes.push(gate.pass(&attempt).await);
            }
            Ok((ticket, passes))
        };
        let cleared = timeout_at(deadline, cleared).await;
        let at = Instant::now();
        let left = deadline - at;
        let unsent = |kind| Error::new(operation, kind, Fate::NotActed);
        let (ticket, passes) = match cleared {
            Ok(Err(cause)) => {
                let error = unsent(ErrorKind::NoToken).caused_by(cause);
                return Err(self.ended(self.after(error)));
            }
            Ok(Ok(cleared)) if left > caller.least_time(operation) => cleared,
            _too_late_for_an_attempt => {
                let error = self.last.take().unwrap_or_else(|| unsent(ErrorKind::Timeout));
                return Err(self.ended(self.after(error)));
            }
        };
        if let Auth::Source(_) = caller.auth {
            self.request.set_credentials(Credentials::new(ticket.secret.clone()));
        }
        if !gates.is_empty() {
            let mut headers = HeaderMap::new();
            gates.iter().for_each(|gate| gate.headers(&attempt, &mut headers));
            self.request.set_headers(headers);
        }
        self.request.set_timeout(caller.policy.attempt_timeout_of(operation).min(left));
        Ok(Sent { attempt, ticket, at, _passes: passes })
    }

    /// Takes in why an attempt has failed. Waits until the next may be sent. An error ends the call.
    async fn wait_after(&mut self, sent: Sent, error: xs2a_client::Error) -> Result<(), Error> {
        let caller = self.caller;
        let secrets = caller.secrets();
        let secrets: Vec<_> = secrets.iter().chain([&sent.ticket.secret]).collect();
        let error = Error::from_client(error, &secrets);
        // A request that was refused before it was sent is no attempt.
        if error.kind() != ErrorKind::InvalidRequest {
            self.made += 1;
        }
        let fate = error.fate();
        self.fate = self.fate.max(fate);
        let headers = error.response().and_then(xs2a_client::Error::headers);
        let server_time = headers.and_then(date);
        let took = sent.at.elapsed();
        caller.note(server_time, took);
        let asked = headers.and_then(|headers| retry_after(headers, caller.server_now()));
        let error = self.after(error.asking(asked));
        self.gates_hear(&sent.attempt, Some(&error));

        if error.response().is_some_and(xs2a_client::Error::is_from_service)
            && error.kind() != ErrorKind::Unauthorized
        {
            caller.accepted(&sent.ticket);
        }
        // After a 401 nothing was acted on, whatever the class: once more with a new token.
        if let (ErrorKind::Unauthorized, Auth::Source(source), false) =
            (error.kind(), &caller.auth, self.renewed)
        {
            // A server that refuses a token means its `Date`, too: the new token has to be valid
            // by that clock.
            caller.note(server_time, took);
            if source.refused(&sent.ticket, || caller.shared.budget.take()) {
                self.renewed = true;
                log_failure(&error, Some(Duration::ZERO));
                self.last = Some(error);
                return Ok(());
            }
        }
        let least = caller.least_time(self.request.operation());
        let remaining = (self.deadline - Instant::now()).saturating_sub(least);
        let mut wait = None;
        let status = error.status().map(|status| status.as_u16());
        if is_repeatable(self.class, error.kind(), status, fate) {
            wait = caller.policy.next_wait(self.made, asked, caller.random(), remaining);
        }
        let wait = wait.filter(|_| caller.shared.budget.take());
        log_failure(&error, wait);
        let Some(wait) = wait else {
            return Err(self.ended(error));
        };
        // Whoever waits at a gate does not wait for this call's next attempt.
        drop(sent);
        sleep(wait).await;
        self.last = Some(error);
        Ok(())
    }

    /// The error with what is known of all attempts.
    fn after(&self, error: Error) -> Error {
        error.after(self.made, self.started.elapsed(), self.fate)
    }

    /// Records in the span how the call has failed.
    fn ended(&self, error: Error) -> Error {
        self.record(error.status(), error.attempts());
        if !(self.is_done)(&error) {
            self.span
                .record("error.type", error_type(&error))
                .record("xs2a.fate", error.fate().as_str());
        }
        error
    }

    /// Records in the span the status of the last attempt, and how many there were before it.
    fn record(&self, status: Option<StatusCode>, attempts: u32) {
        self.span
            .record("http.response.status_code", status.map(|status| status.as_u16()))
            .record("http.request.resend_count", attempts.saturating_sub(1));
    }

    fn gates_hear(&self, attempt: &Attempt, error: Option<&Error>) {
        self.caller.shared.gates.iter().for_each(|gate| gate.ended(attempt, error));
    }
}

/// OpenTelemetry's `error.type`: the status where there was an answer, else a word.
fn error_type(error: &Error) -> String {
    match error.status() {
        Some(status) if !status.is_success() => status.as_u16().to_string(),
        _ => error.kind().as_str().to_owned(),
    }
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
