//! What each attempt passes before it is sent: pace and concurrency for callers who have many.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};
use xs2a_client::Operation;

use crate::error::Error;
use crate::ids::ConnectionKey;

/// What each attempt of a client passes before it is sent: for pace, headers and metrics. [`Pace`] is a
/// small one; [`ClientBuilder::gate`](crate::ClientBuilder::gate) adds one. A gate never sees the
/// authorization or a body.
///
/// The time at the gate counts as time of the call: a call that is not let through by its deadline
/// ends with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), and nothing was sent.
///
/// ```
/// use std::pin::Pin;
/// use xs2a::{Attempt, Gate, Pass};
///
/// /// Prints each attempt.
/// struct Printer;
///
/// impl Gate for Printer {
///     fn pass<'a>(
///         &'a self,
///         attempt: &'a Attempt,
///     ) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
///         Box::pin(async move {
///             println!("attempt {} of {}", attempt.number, attempt.operation);
///             Pass::free()
///         })
///     }
/// }
///
/// let api = xs2a::ApiClient::builder("api-key")
/// #   .base_url("http://127.0.0.1:1")
///     .gate(Printer)
///     .build()?;
/// # let _ = api;
/// # Ok::<(), xs2a::BuildError>(())
/// ```
pub trait Gate: Send + Sync + 'static {
    /// Waits until the attempt may be sent. The pass is held until the attempt has ended.
    fn pass<'a>(&'a self, attempt: &'a Attempt) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>>;

    /// Adds headers to the attempt, such as a trace context or a request id. Headers of HTTP itself, the
    /// authorization and the media types stay as they are. Default: adds none.
    fn headers(&self, attempt: &Attempt, headers: &mut HeaderMap) {
        let _ = (attempt, headers);
    }

    /// Hears how the attempt ended: `None` is a success. A gate that slows down when the server
    /// throttles reads [`Error::retry_after`](crate::Error::retry_after) here. Default: does nothing.
    fn ended(&self, attempt: &Attempt, error: Option<&Error>) {
        let _ = (attempt, error);
    }
}

/// An attempt that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The operation.
    pub operation: Operation,
    /// The connection that the call is about, where its path names one.
    pub connection: Option<ConnectionKey>,
    /// The number of the attempt in its call, counted from 1.
    pub number: u32,
}

impl Attempt {
    pub(super) fn new(
        operation: Operation,
        connection: Option<ConnectionKey>,
        number: u32,
    ) -> Self {
        Self { operation, connection, number }
    }
}

/// The right to send one attempt. Whatever it holds is dropped when the attempt has ended.
pub struct Pass(
    #[expect(dead_code, reason = "held until it is dropped")] Option<Box<dyn Any + Send>>,
);

impl Pass {
    /// A pass that holds nothing.
    pub fn free() -> Self {
        Self(None)
    }

    /// A pass that drops this when the attempt has ended, such as the permit of a semaphore.
    pub fn holding(held: impl Send + 'static) -> Self {
        Self(Some(Box::new(held)))
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass")
    }
}

/// At most so many attempts at once, and so many a second. One pace may be the gate of several
/// clients.
///
/// ```
/// let pace = xs2a::Pace::new(20, 100);
/// let api = xs2a::ApiClient::builder("api-key")
/// #   .base_url("http://127.0.0.1:1")
///     .gate(pace.clone())
///     .build()?;
/// let other = xs2a::ApiClient::builder("other-key")
/// #   .base_url("http://127.0.0.1:1")
///     .gate(pace)
///     .build()?;
/// # let _ = (api, other);
/// # Ok::<(), xs2a::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pace {
    at_once: Arc<Semaphore>,
    between: Duration,
    next: Arc<Mutex<Option<Instant>>>,
}

impl Pace {
    /// At most `at_once` attempts at once and `per_second` a second; 0 counts as 1.
    pub fn new(at_once: usize, per_second: u32) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS))),
            between: Duration::from_secs(1) / per_second.max(1),
            next: Arc::default(),
        }
    }

    /// The instant of the next attempt.
    fn take_turn(&self) -> Instant {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.between);
        turn
    }
}

impl Gate for Pace {
    fn pass<'a>(&'a self, _: &'a Attempt) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async move {
            // The semaphore is never closed.
            let permit = Arc::clone(&self.at_once).acquire_owned().await.ok();
            sleep_until(self.take_turn()).await;
            Pass::holding(permit)
        })
    }
}
