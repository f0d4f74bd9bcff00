//! What is repeated after a failure, how long to wait before, and how often at most.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use xs2a_client::{Fate, Operation, RetryClass};

use crate::error::ErrorKind;

/// How long a call may take and how often a failed attempt is repeated.
///
/// A policy is plain data. [`ClientBuilder::retry`](crate::ClientBuilder::retry) sets it for a
/// client, [`ApiClient::with_retry`](crate::ApiClient::with_retry) and
/// [`UserClient::with_retry`](crate::UserClient::with_retry) for single calls. *Which* failures are
/// repeated is no matter of policy: that follows from the operation (see
/// [the retry rules](crate::retry_rules)).
///
/// ```
/// use std::time::Duration;
/// use xs2a::{Operation, RetryPolicy};
///
/// let impatient = RetryPolicy::default()
///     .with_deadline(Duration::from_secs(5))
///     .with_attempt_timeout(Duration::from_secs(2))
///     .with_max_attempts(3)
///     .with_backoff(Duration::from_millis(100), Duration::from_secs(1));
/// assert_eq!(impatient.deadline_of(Operation::GetUser), Duration::from_secs(5));
/// assert_eq!(impatient.attempt_timeout_of(Operation::SyncConnection), Duration::from_secs(2));
/// let patient = RetryPolicy::default();
/// assert_eq!(patient.attempt_timeout_of(Operation::SyncConnection), Duration::from_secs(180));
/// assert_eq!(impatient.first_backoff(), Duration::from_millis(100));
/// assert_eq!(impatient.longest_backoff(), Duration::from_secs(1));
/// assert_eq!(RetryPolicy::off().max_attempts(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing by itself"]
pub struct RetryPolicy {
    deadline: Option<Duration>,
    attempt_timeout: Option<Duration>,
    /// What is left of a time that several calls share.
    left: Duration,
    max_attempts: u32,
    first_backoff: Duration,
    longest_backoff: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            deadline: None,
            attempt_timeout: None,
            left: Duration::MAX,
            max_attempts: 5,
            first_backoff: Duration::from_millis(250),
            longest_backoff: Duration::from_secs(8),
        }
    }
}

impl RetryPolicy {
    /// A policy of one attempt per call: no failure is repeated. A call that is refused with a 401
    /// is made once more where a [`TokenSource`](crate::TokenSource) has a new token. The time
    /// limits are the default ones; to keep those of another policy, set its
    /// [`max_attempts`](Self::with_max_attempts) to 1.
    pub fn off() -> Self {
        Self::default().with_max_attempts(1)
    }

    /// Sets the longest that a call of any operation may take, from the first attempt to the last
    /// answer, with the waits between the attempts. Default: 40 s more than one attempt of the
    /// operation may take, so 60 s for most.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets the longest that one attempt of any operation may take, from connecting to the last byte
    /// of the answer. Default: what the specification gives the operation
    /// ([`Operation::attempt_timeout`]): 180 s for creating a connection, a sync, a reset and the
    /// wizard, which ask the bank, and 20 s for the others.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the most attempts of a call, the first one included; 0 counts as 1. Default: 5.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the upper bound of the wait before the first repetition, which doubles with each
    /// further repetition, and the bound at which doubling stops. Default: 250 ms and 8 s.
    pub fn with_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first_backoff = first;
        self.longest_backoff = longest;
        self
    }

    /// The longest that a call of this operation may take.
    pub fn deadline_of(&self, operation: Operation) -> Duration {
        const AROUND: Duration = Duration::from_secs(40);
        let default = || operation.attempt_timeout().saturating_add(AROUND);
        self.deadline.unwrap_or_else(default).min(self.left)
    }

    /// The longest that one attempt of this operation may take.
    pub fn attempt_timeout_of(&self, operation: Operation) -> Duration {
        self.attempt_timeout.unwrap_or_else(|| operation.attempt_timeout())
    }

    /// The shortest time that any operation has for an attempt and for a call.
    pub(crate) fn shortest(&self) -> (Duration, Duration) {
        let operation = Operation::GetConnection;
        (self.attempt_timeout_of(operation), self.deadline_of(operation))
    }

    /// The same policy for a call that has this time left.
    pub(crate) fn within(mut self, left: Duration) -> Self {
        self.left = self.left.min(left);
        self
    }

    /// The most attempts of a call.
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The upper bound of the wait before the first repetition.
    pub fn first_backoff(&self) -> Duration {
        self.first_backoff
    }

    /// The upper bound of any wait.
    pub fn longest_backoff(&self) -> Duration {
        self.longest_backoff
    }

    /// The wait before the next attempt. `None` ends the call.
    ///
    /// Full jitter: anything between nothing and the doubled bound, so that clients which failed
    /// together do not come back together. A wait is never shorter than a Retry-After.
    pub(crate) fn next_wait(
        &self,
        attempts_made: u32,
        retry_after: Option<Duration>,
        random: f64,
        remaining: Duration,
    ) -> Option<Duration> {
        if attempts_made >= self.max_attempts {
            return None;
        }
        let doublings = attempts_made.saturating_sub(1).min(31);
        let bound = self.first_backoff.saturating_mul(1 << doublings).min(self.longest_backoff);
        let wait = bound.mul_f64(random.clamp(0.0, 1.0)).max(retry_after.unwrap_or_default());
        (wait < remaining).then_some(wait)
    }
}

/// How many repetitions a client may send beyond its calls. All calls of a client share one budget.
///
/// Every call adds [`refill`](Self::refill), every repetition takes 1, and the budget never holds
/// more than [`burst`](Self::burst). Under a total outage the server therefore sees at most
/// `calls × (1 + refill) + burst` requests. Default: a burst of 10 and a refill of 0.1.
///
/// ```
/// let budget = xs2a::RetryBudget::new(20, 0.05);
/// assert_eq!((budget.burst(), budget.refill()), (20, 0.05));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a budget does nothing by itself"]
pub struct RetryBudget {
    burst: u32,
    refill: f64,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { burst: 10, refill: 0.1 }
    }
}

impl RetryBudget {
    /// A budget of `burst` repetitions at once and `refill` more per call. A refill that is no
    /// positive number counts as 0.
    pub fn new(burst: u32, refill: f64) -> Self {
        Self { burst, refill: if refill.is_finite() { refill.max(0.0) } else { 0.0 } }
    }

    /// The repetitions that may be sent at once.
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// What each call adds.
    pub fn refill(&self) -> f64 {
        self.refill
    }
}

/// The budget at work. Counted in thousandths of a repetition: sums of 0.1 would drift.
#[derive(Debug)]
pub(crate) struct Bucket {
    capacity: u64,
    per_call: u64,
    level: Mutex<u64>,
}

const REPETITION: u64 = 1000;

impl Bucket {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        let capacity = u64::from(budget.burst) * REPETITION;
        let per_call = (budget.refill * REPETITION as f64) as u64;
        Self { capacity, per_call, level: Mutex::new(capacity) }
    }

    pub(crate) fn call_started(&self) {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        *level = level.saturating_add(self.per_call).min(self.capacity);
    }

    /// Takes one repetition, if there is one left.
    pub(crate) fn take(&self) -> bool {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let left = level.checked_sub(REPETITION);
        *level = left.unwrap_or(*level);
        left.is_some()
    }
}

/// Whether a failed attempt may be repeated, by the class that the specification gives the operation.
pub(crate) fn is_repeatable(
    class: RetryClass,
    kind: ErrorKind,
    status: Option<u16>,
    fate: Fate,
) -> bool {
    // A 408 that was not acted on comes from a server that closes an idle connection.
    let never_acted = matches!(kind, ErrorKind::Connect | ErrorKind::Throttled)
        || (status == Some(408) && fate == Fate::NotActed);
    match class {
        RetryClass::Safe | RetryClass::Idempotent => {
            never_acted
                || matches!(
                    kind,
                    ErrorKind::Timeout
                        | ErrorKind::Interrupted
                        | ErrorKind::Truncated
                        | ErrorKind::Gateway
                )
                || matches!(status, Some(408 | 425 | 429 | 500 | 502 | 503 | 504))
        }
        // A class that this crate does not know yet is treated like the most careful one.
        _ => never_acted,
    }
}

/// How long the server asks to wait: seconds, or a date. A date is measured against the answer's
/// own `Date` header (against `now` without one), so that clocks which disagree do no harm.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let until = http_date(value)?;
    let servers_now = date(headers).unwrap_or(now);
    Some(until.duration_since(servers_now).try_into().unwrap_or_default())
}

/// What the server's clock showed when it answered.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// Reads the three forms of RFC 9110, section 5.6.7. Nearly every answer has a date of the first form,
/// so that form is tried with the faster parser.
fn http_date(text: &str) -> Option<Timestamp> {
    /// A weekday that is not the date's says nothing against the date.
    const FIRST: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    const FORMS: [&str; 3] = ["%a, %d %b %Y %T GMT", "%A, %d-%b-%y %T GMT", "%a %b %e %T %Y"];
    if let Ok(time) = FIRST.parse_timestamp(text) {
        return Some(time);
    }
    let mut told = FORMS.iter().find_map(|form| BrokenDownTime::parse(form, text).ok())?;
    told.set_weekday(None);
    let time = told.to_datetime().ok()?;
    // A header can name a day of the year 9999 that is past the last timestamp.
    Some(TimeZone::UTC.to_timestamp(time).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const AMPLE: Duration = Duration::from_secs(3600);

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn headers(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_bound_doubles_until_the_longest_backoff() {
        let policy =
            RetryPolicy::default().with_max_attempts(100).with_backoff(seconds(1), seconds(5));
        let waits: Vec<_> =
            (1..=5).map(|made| policy.next_wait(made, None, 1.0, AMPLE).unwrap()).collect();
        assert_eq!(waits, [1, 2, 4, 5, 5].map(seconds));
        assert_eq!(policy.next_wait(90, None, 1.0, AMPLE), Some(seconds(5)));
    }

    #[test]
    fn jitter_reaches_from_nothing_to_the_bound() {
        let policy = RetryPolicy::default().with_backoff(seconds(2), seconds(8));
        assert_eq!(policy.next_wait(1, None, 0.0, AMPLE), Some(Duration::ZERO));
        assert_eq!(policy.next_wait(1, None, 0.5, AMPLE), Some(seconds(1)));
    }

    #[test]
    fn retry_after_is_the_least_wait() {
        let policy = RetryPolicy::default().with_backoff(seconds(2), seconds(8));
        assert_eq!(policy.next_wait(1, Some(seconds(30)), 1.0, AMPLE), Some(seconds(30)));
        assert_eq!(policy.next_wait(1, Some(Duration::ZERO), 1.0, AMPLE), Some(seconds(2)));
    }

    #[test]
    fn a_wait_that_reaches_the_deadline_ends_the_call() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.next_wait(1, Some(seconds(10)), 0.0, seconds(10)), None);
        assert_eq!(policy.next_wait(1, Some(Duration::MAX), 0.0, AMPLE), None);
        assert_eq!(policy.next_wait(1, Some(seconds(9)), 0.0, seconds(10)), Some(seconds(9)));
    }

    #[test]
    fn switched_off_nothing_is_repeated() {
        assert_eq!(RetryPolicy::off().next_wait(1, None, 0.0, AMPLE), None);
        assert_eq!(RetryPolicy::default().with_max_attempts(0), RetryPolicy::off());
    }

    #[test]
    fn the_budget_allows_the_burst_and_then_a_tenth_of_the_calls() {
        let bucket = Bucket::new(RetryBudget::default());
        let mut repetitions = 0;
        for _ in 0..1000 {
            bucket.call_started();
            while bucket.take() {
                repetitions += 1;
            }
        }
        assert_eq!(repetitions, 10 + 99, "the first call finds the bucket full and adds nothing");
    }

    #[test]
    fn a_quiet_time_fills_the_budget_to_the_burst_and_not_beyond() {
        let bucket = Bucket::new(RetryBudget::new(2, 0.5));
        while bucket.take() {}
        (0..100).for_each(|_| bucket.call_started());
        assert_eq!((0..100).filter(|_| bucket.take()).count(), 2);
    }

    #[test]
    fn a_budget_of_nothing_repeats_nothing() {
        let bucket = Bucket::new(RetryBudget::new(0, f64::NAN));
        bucket.call_started();
        assert!(!bucket.take());
    }

    #[test]
    fn retry_after_in_seconds() {
        let ask = |value| retry_after(&headers(&[(RETRY_AFTER, value)]), Timestamp::UNIX_EPOCH);
        assert_eq!(ask("120"), Some(seconds(120)));
        assert_eq!(ask("99999999999999999999999"), Some(Duration::MAX));
        for garbage in ["", "-1", "1.5", "soon"] {
            assert_eq!(ask(garbage), None, "{garbage}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn a_retry_after_date_is_measured_against_the_date_of_the_answer() {
        let answer = headers(&[
            (RETRY_AFTER, "Wed, 21 Oct 2015 07:28:30 GMT"),
            (DATE, "Wed, 21 Oct 2015 07:28:00 GMT"),
        ]);
        assert_eq!(retry_after(&answer, Timestamp::now()), Some(seconds(30)));
    }

    #[test]
    fn a_retry_after_date_without_date_header_is_measured_against_our_clock() {
        let answer = headers(&[(RETRY_AFTER, "Thu, 01 Jan 1970 00:01:00 GMT")]);
        let at = |secs| Timestamp::UNIX_EPOCH + seconds(secs);
        assert_eq!(retry_after(&answer, at(45)), Some(seconds(15)));
        assert_eq!(retry_after(&answer, at(90)), Some(Duration::ZERO));
    }

    #[test]
    fn a_date_is_read_in_each_form_of_http() {
        let sent = http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(sent, "1994-11-06T08:49:37Z".parse().ok());
        let others = [
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            // It was a Sunday.
            "Mon, 06 Nov 1994 08:49:37 GMT",
        ];
        for other in others {
            assert_eq!(http_date(other), sent, "{other}");
        }
        assert_eq!(
            http_date("Saturday, 31-Jan-26 10:00:30 GMT"),
            "2026-01-31T10:00:30Z".parse().ok()
        );
        assert_eq!(http_date("Fri, 31 Dec 9999 23:59:59 GMT"), Some(Timestamp::MAX));
        let no_dates = [
            "",
            "yesterday",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        ];
        for text in no_dates {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_repeated_follows_the_class() {
        use ErrorKind::*;
        // (failure, repeated when safe or idempotent, repeated when unsent)
        let transport = [
            (Connect, true, true),
            (Timeout, true, false),
            (Interrupted, true, false),
            (Truncated, true, false),
            (Gateway, true, false),
            (TooLarge, false, false),
            (Undecodable, false, false),
            (InvalidRequest, false, false),
            (NoToken, false, false),
        ];
        let is_repeated = |class, kind, status| is_repeatable(class, kind, status, Fate::Unknown);
        for (kind, repeatable, unsent) in transport {
            assert_eq!(is_repeated(RetryClass::Safe, kind, None), repeatable, "{kind:?}");
            assert_eq!(is_repeated(RetryClass::Idempotent, kind, None), repeatable, "{kind:?}");
            assert_eq!(is_repeated(RetryClass::Unsent, kind, None), unsent, "{kind:?}");
        }
        let repeated = [408, 425, 429, 500, 502, 503, 504];
        for code in 100..=599 {
            let kind = ErrorKind::from_status(http::StatusCode::from_u16(code).unwrap());
            let expected = repeated.contains(&code);
            let status = Some(code);
            assert_eq!(is_repeated(RetryClass::Safe, kind, status), expected, "{code}");
            assert_eq!(is_repeated(RetryClass::Idempotent, kind, status), expected, "{code}");
            assert_eq!(is_repeated(RetryClass::Unsent, kind, status), code == 429, "{code}");
        }
    }

    #[test]
    fn a_408_of_a_server_that_closes_an_idle_connection_is_repeated_whatever_the_class() {
        let repeated =
            |fate| is_repeatable(RetryClass::Unsent, ErrorKind::Rejected, Some(408), fate);
        assert!(repeated(Fate::NotActed) && !repeated(Fate::Unknown));
    }
}
