//! What goes wrong on the way between client and service, by order of a test.

use std::time::Duration;

use crate::{answer::Answer, routes::Operation};

/// What happens to a call instead of its plain answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The service answers with this status and its own kind of error body, and does not act.
    Status(u16),
    /// 429 with `Retry-After` in seconds, not acted on.
    Throttle {
        /// Value of the `Retry-After` header; none leaves the header out.
        retry_after: Option<u32>,
    },
    /// A gateway answers with this status and an HTML page; the service does not act.
    Html(u16),
    /// A gateway answers with this status and no body; the service does not act.
    Empty(u16),
    /// This answer word for word, not acted on. The spec does not judge it.
    Answer {
        /// Status of the answer.
        status: u16,
        /// Content type of the answer.
        content_type: String,
        /// Body of the answer.
        body: String,
    },
    /// The service acts, and the answer is this late.
    Delay(Duration),
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
        self.rules.push(Rule {
            fault,
            operation,
            when,
            seen: 0,
        });
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
    /// The answer that takes the place of acting, where there is one.
    pub(crate) fn answer_instead(&self) -> Option<Answer> {
        Some(match self {
            Self::Status(status) => error(*status),
            Self::Throttle { retry_after: None } => error(429),
            Self::Throttle {
                retry_after: Some(seconds),
            } => error(429).with_header("retry-after", seconds.to_string()),
            Self::Html(status) => Answer::raw(
                *status,
                "text/html",
                format!(
                    "<html><head><title>{status}</title></head><body><h1>{status}</h1><p>gateway</p></body></html>\n"
                ),
            ),
            Self::Empty(status) => Answer::empty(*status),
            Self::Answer {
                status,
                content_type,
                body,
            } => Answer::raw(*status, content_type.clone(), body.clone()),
            Self::Delay(_) => return None,
        })
    }
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
        faults.arm(
            Fault::Status(500),
            Some(Operation::SyncConnection),
            When::Call(2),
        );
        assert_eq!(faults.next(Operation::SyncConnection), None);
        assert_eq!(faults.next(Operation::GetConnection), None);
        assert_eq!(
            faults.next(Operation::SyncConnection),
            Some(Fault::Status(500))
        );
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
