//! What goes wrong on the way between client and service, when a test orders it: a fault, and the
//! rule that says which calls the fault hits.

mod edit;
mod fault;

pub use edit::Edit;
use fault::Acting;
pub use fault::Fault;
pub(crate) use fault::Portion;

use crate::{answer::Answer, routes::Operation};

/// The calls that a fault hits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aim {
    /// Only calls of this operation.
    pub(crate) operation: Option<Operation>,
    /// Only calls whose path contains this id.
    pub(crate) id: Option<String>,
    /// Only calls that the service has answered with this status.
    pub(crate) answered: Option<u16>,
    /// Whether the service acts before the answer of the fault replaces its own.
    pub(crate) after_acting: bool,
    pub(crate) when: When,
}

/// Which ones of the calls that fit. A call fits if the operation, the id and the status do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum When {
    /// Every one.
    #[default]
    Always,
    /// The nth one after the fault was armed, counted from 1.
    Call(usize),
    /// The next ones, this many.
    Times(usize),
    /// Each nth one.
    Every(usize),
}

#[derive(Clone, Debug)]
struct Rule {
    fault: Fault,
    aim: Aim,
    /// How many calls have fitted.
    seen: usize,
}

impl Rule {
    fn fits(&self, operation: Operation, path: &[&str]) -> bool {
        self.aim.operation.is_none_or(|wanted| wanted == operation)
            && self.aim.id.as_deref().is_none_or(|wanted| path.contains(&wanted))
    }

    /// Counts a call that fits. Whether the rule hits it.
    fn counts(&mut self) -> bool {
        self.seen += 1;
        match self.aim.when {
            When::Always => true,
            When::Call(number) => self.seen == number,
            When::Times(number) => self.seen <= number,
            When::Every(number) => self.seen.is_multiple_of(number),
        }
    }

    fn in_words(&self) -> String {
        let Aim { operation, id, answered, after_acting, when } = &self.aim;
        let when = match when {
            When::Always => "every call".to_owned(),
            When::Call(number) => format!("call {} from now", number - self.seen),
            When::Times(number) => format!("the next {} calls", number - self.seen),
            When::Every(number) => format!("one call in {number}"),
        };
        let operation = operation.map_or("any operation", Operation::id);
        let mut words = vec![self.fault.name().to_owned(), operation.to_owned(), when];
        words.extend(id.as_ref().map(|id| format!("about {id}")));
        words.extend(answered.map(|status| format!("answered with {status}")));
        words.extend(after_acting.then(|| "after acting".to_owned()));
        words.join(", ")
    }

    /// Whether the rule can hit no further call.
    fn is_over(&self) -> bool {
        match self.aim.when {
            When::Call(number) | When::Times(number) => self.seen >= number,
            When::Always | When::Every(_) => false,
        }
    }
}

/// A fault that hits a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    pub(crate) fault: Fault,
    after_acting: bool,
}

impl Hit {
    /// The answer in whose place the service does not act. None if the service acts.
    pub(crate) fn instead_of_acting(&self) -> Option<Answer> {
        let acts = self.after_acting || self.fault.acting() == Acting::Always;
        (!acts).then(|| self.fault.answer())
    }

    /// What the client gets of the answer of a service that has acted.
    pub(crate) fn change(&self, answer: Answer) -> Answer {
        if self.after_acting { self.fault.answer() } else { self.fault.change(answer) }
    }
}

/// The faults that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    /// Arms the fault. The error says which part of the order makes no sense, and why.
    pub(crate) fn arm(&mut self, fault: Fault, aim: Aim) -> Result<(), String> {
        Self::check(&fault, &aim)?;
        self.rules.push(Rule { fault, aim, seen: 0 });
        Ok(())
    }

    /// Whether the fault can be armed.
    pub(crate) fn check(fault: &Fault, aim: &Aim) -> Result<(), String> {
        let acting = fault.acting();
        if let Some(flaw) = fault.flaw() {
            return Err(flaw);
        }
        if aim.after_acting && acting != Acting::Replaced {
            let name = fault.name();
            return Err(format!("after_acting: the fault {name} has no answer of its own"));
        }
        if aim.answered.is_some() && !aim.after_acting && acting != Acting::Always {
            let name = fault.name();
            return Err(format!("answered: the service does not answer a call with {name}"));
        }
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The faults that wait for their calls, the oldest first, in words.
    pub(crate) fn armed(&self) -> impl Iterator<Item = String> {
        self.rules.iter().map(Rule::in_words)
    }

    /// The fault for this call, before the service acts. The call counts for every rule that fits
    /// it. If several rules hit, the oldest decides.
    pub(crate) fn before_acting(&mut self, operation: Operation, path: &[&str]) -> Option<Hit> {
        self.next(|rule| rule.aim.answered.is_none() && rule.fits(operation, path))
    }

    /// The fault for this call among those that ask for the status of the service's answer.
    pub(crate) fn once_answered(
        &mut self,
        operation: Operation,
        path: &[&str],
        status: u16,
    ) -> Option<Hit> {
        self.next(|rule| rule.aim.answered == Some(status) && rule.fits(operation, path))
    }

    fn next(&mut self, fits: impl Fn(&Rule) -> bool) -> Option<Hit> {
        let mut hit = None;
        for rule in self.rules.iter_mut().filter(|rule| fits(rule)) {
            if rule.counts() && hit.is_none() {
                hit = Some(Hit { fault: rule.fault.clone(), after_acting: rule.aim.after_acting });
            }
        }
        self.rules.retain(|rule| !rule.is_over());
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNC: Operation = Operation::SyncConnection;

    fn armed(fault: Fault, aim: Aim) -> Faults {
        let mut faults = Faults::default();
        faults.arm(fault, aim).unwrap();
        faults
    }

    /// Which of six syncs of these connections a rule hits.
    fn hits(aim: Aim) -> Vec<usize> {
        let mut faults = armed(Fault::Status(500), aim);
        let ids = ["a", "b", "a", "a", "b", "a"];
        let is_hit = |id: &str| faults.before_acting(SYNC, &[id]).is_some();
        let hit = ids.into_iter().map(is_hit).enumerate().filter(|(_, hit)| *hit);
        hit.map(|(position, _)| position + 1).collect()
    }

    #[test]
    fn a_fault_hits_the_calls_it_is_armed_for_and_no_other() {
        let of = |id: &str, when| Aim { id: Some(id.to_owned()), when, ..Aim::default() };
        for (aim, expected) in [
            (Aim { when: When::Call(2), ..Aim::default() }, vec![2]),
            (Aim { when: When::Times(2), ..Aim::default() }, vec![1, 2]),
            (Aim { when: When::Every(2), ..Aim::default() }, vec![2, 4, 6]),
            (Aim::default(), vec![1, 2, 3, 4, 5, 6]),
            (of("b", When::Call(2)), vec![5]),
            (of("a", When::Every(2)), vec![3, 6]),
            (of("a", When::Times(3)), vec![1, 3, 4]),
            (of("c", When::Always), vec![]),
            (Aim { operation: Some(SYNC), when: When::Call(6), ..Aim::default() }, vec![6]),
            (Aim { operation: Some(Operation::GetEvent), ..Aim::default() }, vec![]),
        ] {
            let asked = format!("{aim:?}");
            assert_eq!(hits(aim), expected, "{asked}");
        }
    }

    #[test]
    fn a_fault_that_waits_is_told_in_words() {
        let mut faults = armed(Fault::Html(502), Aim { when: When::Times(3), ..Aim::default() });
        let aim = Aim {
            operation: Some(SYNC),
            id: Some("a".to_owned()),
            answered: Some(202),
            after_acting: true,
            when: When::Call(2),
        };
        faults.arm(Fault::Html(502), aim).unwrap();
        faults.arm(Fault::CutBody, Aim { when: When::Every(9), ..Aim::default() }).unwrap();
        faults.before_acting(SYNC, &["b"]);
        assert_eq!(
            faults.armed().collect::<Vec<_>>(),
            [
                "html, any operation, the next 2 calls",
                "html, sync_connection, call 2 from now, about a, answered with 202, after acting",
                "cut_body, any operation, one call in 9",
            ]
        );
    }

    #[test]
    fn a_standing_fault_hits_every_operation_until_it_is_cleared() {
        let mut faults = armed(Fault::Empty(503), Aim::default());
        for &operation in Operation::ALL {
            assert_eq!(faults.before_acting(operation, &[]).unwrap().fault, Fault::Empty(503));
        }
        faults.clear();
        assert_eq!(faults.before_acting(Operation::ListConnections, &[]), None);
    }

    #[test]
    fn a_fault_that_asks_for_a_status_hits_the_nth_answer_with_this_status() {
        let aim = Aim { answered: Some(202), when: When::Call(2), ..Aim::default() };
        let mut faults = armed(Fault::CutBody, aim);
        assert_eq!(faults.before_acting(SYNC, &[]), None);
        for (status, hits) in [(202, false), (204, false), (202, true), (202, false)] {
            assert_eq!(faults.once_answered(SYNC, &[], status).is_some(), hits, "{status}");
        }
    }

    #[test]
    fn the_service_acts_before_a_fault_that_was_told_so_and_before_one_that_keeps_its_answer() {
        let own = Answer::empty(204);
        let sent = |fault, after_acting| {
            let hit = Hit { fault, after_acting };
            let acts = hit.instead_of_acting().is_none();
            (acts, hit.instead_of_acting().unwrap_or_else(|| hit.change(own.clone())).status)
        };
        assert_eq!(sent(Fault::Html(502), false), (false, 502));
        assert_eq!(sent(Fault::Html(502), true), (true, 502));
        assert_eq!(sent(Fault::date("soon"), false), (true, 204));
        assert_eq!(sent(Fault::ResetAfterActing, false), (true, 204));
        assert_eq!(sent(Fault::ResetBeforeActing, false), (false, 503));
    }

    #[test]
    fn an_order_that_makes_no_sense_is_not_armed() {
        let header = |name: &str, value: &str| Fault::Header {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let acted = || Aim { after_acting: true, ..Aim::default() };
        let answered = || Aim { answered: Some(202), ..Aim::default() };
        for (fault, aim, reason) in [
            (Fault::CutBody, acted(), "after_acting: the fault cut_body has no answer"),
            (Fault::ResetBeforeActing, acted(), "after_acting: the fault reset_before_acting"),
            (Fault::Html(502), answered(), "answered: the service does not answer"),
            (Fault::StallBeforeActing, answered(), "answered: the service does not answer"),
            (Fault::Edit(vec![]), Aim::default(), "edits: there is none"),
            (Fault::Edit(vec![Edit::remove("a")]), Aim::default(), "does not start with a slash"),
            (Fault::Edit(vec![Edit::set("/a", "{")]), Aim::default(), "is not JSON"),
            (header("two words", ""), Aim::default(), "name: is not the name of a header"),
            (header("Content-Length", "1"), Aim::default(), "name: content-length cannot"),
            (header("date", "\n"), Aim::default(), "value: no header"),
        ] {
            let told = Faults::default().arm(fault, aim).unwrap_err();
            assert!(told.contains(reason), "{told}");
        }
        let both = Aim { after_acting: true, ..answered() };
        Faults::default().arm(Fault::Html(502), both).unwrap();
    }
}
