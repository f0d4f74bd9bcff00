//! What goes wrong on the way between client and service, when a test orders it.

use std::time::Duration;

use crate::{
    answer::{Answer, Refusal},
    json::{Json, object},
    line::Ending,
    routes::Operation,
};

/// What happens to a call instead of its plain answer.
///
/// A fault that breaks the connection breaks it below HTTP: a reset is a TCP reset, and a stall is
/// silence on an open connection. Calls on other connections are not disturbed.
///
/// ```
/// use std::time::Duration;
/// use xs2a_sandbox::{Fault, Sandbox};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// // The second sync from now on is carried out, but its answer is lost.
/// sandbox.fault(Fault::ResetAfterActing).on("sync_connection").call(2);
/// // The next call, whatever it asks for, is answered by a gateway.
/// sandbox.fault(Fault::Html(502)).next();
/// // From now on every list of accounts comes a minute late.
/// sandbox.fault(Fault::Delay(Duration::from_secs(60))).on("list_accounts").always();
/// // Nothing of this is to happen after all.
/// sandbox.clear_faults();
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The service answers with this status and an error body of its own form, and does not act.
    Status(u16),
    /// The service answers with 429, and does not act.
    Throttle {
        /// Value of the `Retry-After` header. None leaves the header out.
        retry_after: Option<String>,
    },
    /// A gateway answers with this status and an HTML page. The service does not act.
    Html(u16),
    /// A gateway answers with this status and no body. The service does not act.
    Empty(u16),
    /// A gateway sends the client to another address. The service does not act.
    Redirect {
        /// Status of the answer, such as 307.
        status: u16,
        /// Value of the `Location` header.
        location: String,
    },
    /// The client gets exactly this answer, which is not held against the spec. The service does
    /// not act.
    Answer {
        /// Status of the answer.
        status: u16,
        /// Content type of the answer.
        content_type: String,
        /// Body of the answer.
        body: String,
    },
    /// The service acts, and the answer is this late. The delay takes real time, or time of tokio's
    /// paused clock.
    Delay(Duration),
    /// The connection is reset after the request was read. The service does not act.
    ResetBeforeActing,
    /// The service acts, and the connection is reset instead of an answer.
    ResetAfterActing,
    /// The connection is closed after the request was read. The service does not act.
    CloseBeforeActing,
    /// The service acts, and the connection is closed without an answer.
    CloseAfterActing,
    /// The request is read, and nothing comes back. The service does not act.
    StallBeforeActing,
    /// The service acts, and nothing comes back.
    StallAfterActing,
    /// The service acts. The head of the answer and half of its body come, and nothing more.
    StallBody,
    /// The service acts. The head of the answer and half of its body come, and the connection is
    /// closed.
    CutBody,
    /// The service acts and answers, and then closes the connection without having announced it:
    /// the next call finds a dead connection in its pool.
    CloseAfterAnswer,
    /// The call is reset, and the service does not act. For this long nothing listens on the port:
    /// every new connection is refused. The time is real time, or time of tokio's paused clock. To
    /// refuse the very first call, use
    /// [`Sandbox::refuse_connections`](crate::Sandbox::refuse_connections).
    Refuse {
        /// How long the port stays closed.
        lasting: Duration,
    },
}

/// Which calls a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// The nth matching call after the fault was armed, counted from 1.
    Call(usize),
    /// Every matching call.
    Always,
}

#[derive(Clone, Debug)]
struct Rule {
    fault: Fault,
    /// The operation that the rule is for. None stands for any operation.
    operation: Option<Operation>,
    when: When,
    /// How many matching calls there were.
    seen: usize,
}

impl Rule {
    fn matches(&self, operation: Operation) -> bool {
        self.operation.is_none_or(|wanted| wanted == operation)
    }

    /// Whether the rule hits the call that was counted last.
    fn hits(&self) -> bool {
        match self.when {
            When::Call(number) => self.seen == number,
            When::Always => true,
        }
    }

    /// Whether the rule can hit no further call.
    fn is_over(&self) -> bool {
        match self.when {
            When::Call(number) => self.seen >= number,
            When::Always => false,
        }
    }
}

/// The faults that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    pub(crate) fn arm(&mut self, fault: Fault, operation: Option<Operation>, when: When) {
        self.rules.push(Rule { fault, operation, when, seen: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The faults that wait for their calls, the oldest first.
    pub(crate) fn armed(&self) -> impl Iterator<Item = Json> {
        self.rules.iter().map(|rule| {
            let call = match rule.when {
                When::Call(number) => Some(number - rule.seen),
                When::Always => None,
            };
            object! {
                "fault": rule.fault.name(),
                "operation": rule.operation.map(Operation::id),
                "call": call,
            }
        })
    }

    /// The fault for this call. The call counts for every rule that it matches. If several rules
    /// hit, the oldest decides.
    pub(crate) fn next(&mut self, operation: Operation) -> Option<Fault> {
        let mut hit = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.matches(operation)) {
            rule.seen += 1;
            if hit.is_none() && rule.hits() {
                hit = Some(rule.fault.clone());
            }
        }
        self.rules.retain(|rule| !rule.is_over());
        hit
    }
}

impl Fault {
    /// The answer in whose place the service does not act. None if the service acts.
    pub(crate) fn instead_of_acting(&self) -> Option<Answer> {
        Some(match self {
            Self::Status(status) => error(*status),
            Self::Throttle { retry_after: None } => error(429),
            Self::Throttle { retry_after: Some(wait) } => {
                error(429).with_header("retry-after", wait.as_str())
            }
            Self::Html(status) => Answer::raw(
                *status,
                "text/html",
                format!(
                    "<html><head><title>{status}</title></head><body><h1>{status}</h1><p>gateway</p></body></html>\n"
                ),
            ),
            Self::Empty(status) => Answer::empty(*status),
            Self::Redirect { status, location } => {
                Answer::empty(*status).with_header("location", location.as_str())
            }
            Self::Answer { status, content_type, body } => {
                Answer::raw(*status, content_type.clone(), body.clone())
            }
            // The client never sees the answer to these calls. The log shows a 503.
            Self::ResetBeforeActing
            | Self::CloseBeforeActing
            | Self::StallBeforeActing
            | Self::Refuse { .. } => error(503),
            Self::Delay(_)
            | Self::ResetAfterActing
            | Self::CloseAfterActing
            | Self::StallAfterActing
            | Self::StallBody
            | Self::CutBody
            | Self::CloseAfterAnswer => return None,
        })
    }

    /// How much of the answer is let through and how the connection ends, if the fault breaks it.
    pub(crate) fn on_the_wire(&self) -> Option<(Portion, Ending)> {
        Some(match self {
            Self::ResetBeforeActing | Self::ResetAfterActing | Self::Refuse { .. } => {
                (Portion::Nothing, Ending::Reset)
            }
            Self::CloseBeforeActing | Self::CloseAfterActing => (Portion::Nothing, Ending::Close),
            Self::StallBeforeActing | Self::StallAfterActing => (Portion::Nothing, Ending::Silence),
            Self::StallBody => (Portion::Half, Ending::Silence),
            Self::CutBody => (Portion::Half, Ending::Close),
            Self::CloseAfterAnswer => (Portion::All, Ending::Close),
            _ => return None,
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Throttle { .. } => "throttle",
            Self::Html(_) => "html",
            Self::Empty(_) => "empty",
            Self::Redirect { .. } => "redirect",
            Self::Answer { .. } => "answer",
            Self::Delay(_) => "delay",
            Self::ResetBeforeActing => "reset_before_acting",
            Self::ResetAfterActing => "reset_after_acting",
            Self::CloseBeforeActing => "close_before_acting",
            Self::CloseAfterActing => "close_after_acting",
            Self::StallBeforeActing => "stall_before_acting",
            Self::StallAfterActing => "stall_after_acting",
            Self::StallBody => "stall_body",
            Self::CutBody => "cut_body",
            Self::CloseAfterAnswer => "close_after_answer",
            Self::Refuse { .. } => "refuse",
        }
    }
}

/// How much of an answer is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Portion {
    Nothing,
    /// The head and half of the body. Without a body, half of the head.
    Half,
    All,
}

fn error(status: u16) -> Answer {
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    Refusal::new(status, reason).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_call_it_is_armed_for_and_no_other() {
        let mut faults = Faults::default();
        faults.arm(Fault::Status(500), Some(Operation::SyncConnection), When::Call(2));
        assert_eq!(faults.next(Operation::SyncConnection), None);
        assert_eq!(faults.next(Operation::GetConnection), None);
        assert_eq!(faults.next(Operation::SyncConnection), Some(Fault::Status(500)));
        assert_eq!(faults.next(Operation::SyncConnection), None);
    }

    #[test]
    fn a_standing_fault_hits_every_call_until_it_is_cleared() {
        let mut faults = Faults::default();
        faults.arm(Fault::Empty(503), None, When::Always);
        for &operation in Operation::ALL {
            assert_eq!(faults.next(operation), Some(Fault::Empty(503)));
        }
        faults.clear();
        assert_eq!(faults.next(Operation::ListConnections), None);
    }
}
