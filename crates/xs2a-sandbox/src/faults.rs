//! What goes wrong on the way between client and service, by order of a test.

use std::time::Duration;

use crate::{answer::Answer, line::Ending, routes::Operation};

/// What happens to a call instead of its plain answer.
///
/// Whatever breaks the connection breaks it below HTTP: a reset is a TCP reset, a stall is
/// silence on an open connection. The calls of other connections go on undisturbed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The service answers with this status and its own kind of error body, and does not act.
    Status(u16),
    /// 429, not acted on.
    Throttle {
        /// Value of the `Retry-After` header; none leaves the header out.
        retry_after: Option<String>,
    },
    /// A gateway answers with this status and an HTML page; the service does not act.
    Html(u16),
    /// A gateway answers with this status and no body; the service does not act.
    Empty(u16),
    /// A gateway sends the caller elsewhere with this status; the service does not act.
    Redirect {
        /// Status of the answer, such as 307.
        status: u16,
        /// Value of the `Location` header.
        location: String,
    },
    /// This answer word for word, not acted on. The spec does not judge it.
    Answer {
        /// Status of the answer.
        status: u16,
        /// Content type of the answer.
        content_type: String,
        /// Body of the answer.
        body: String,
    },
    /// The service acts, and the answer is this late. Takes real time, or that of tokio's paused
    /// clock.
    Delay(Duration),
    /// The connection is reset when the request was read; the service does not act.
    ResetBeforeActing,
    /// The service acts, and the connection is reset in place of an answer.
    ResetAfterActing,
    /// The connection ends when the request was read; the service does not act.
    CloseBeforeActing,
    /// The service acts, and the connection ends without an answer.
    CloseAfterActing,
    /// The request is read and nothing comes back; the service does not act.
    StallBeforeActing,
    /// The service acts, and nothing comes back.
    StallAfterActing,
    /// The service acts; the head of the answer comes, half of its body, and nothing more.
    StallBody,
    /// The service acts; the head of the answer comes, half of its body, and the connection ends.
    CutBody,
    /// The service acts and answers, and then ends the connection without having said so: the
    /// next call finds a dead connection in its pool.
    CloseAfterAnswer,
    /// The call is reset, not acted on, and for this long nothing listens on the port: whoever
    /// connects is refused. Takes real time, or that of tokio's paused clock. To refuse the very
    /// first call, see [`Sandbox::refuse_connections`](crate::Sandbox::refuse_connections).
    Refuse {
        /// How long the port stays closed.
        lasting: Duration,
    },
}

/// Which calls a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// The nth matching call from the arming on.
    Call(usize),
    /// Every matching call.
    Always,
}

#[derive(Clone, Debug)]
struct Rule {
    fault: Fault,
    /// None hits any operation.
    operation: Option<Operation>,
    when: When,
    seen: usize,
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

    /// The fault for this call, which counts for every rule that it matches. Where several
    /// rules hit, the oldest has its way.
    pub(crate) fn next(&mut self, operation: Operation) -> Option<Fault> {
        let mut hit = None;
        self.rules.retain_mut(|rule| {
            if rule.operation.is_some_and(|wanted| wanted != operation) {
                return true;
            }
            rule.seen += 1;
            let hits = match rule.when {
                When::Call(number) => rule.seen == number,
                When::Always => true,
            };
            if hits && hit.is_none() {
                hit = Some(rule.fault.clone());
            }
            !matches!(rule.when, When::Call(number) if rule.seen >= number)
        });
        hit
    }
}

impl Fault {
    /// What the call comes to without acting; none when the service acts.
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
            // No answer is ever seen of these; 503 is what the log shows.
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

    /// How much of the answer is let through and how the connection ends, where it breaks.
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
    /// The head and half of the body; half of the head when there is no body.
    Half,
    All,
}

fn error(status: u16) -> Answer {
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    crate::answer::Refusal::new(status, reason).into()
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
