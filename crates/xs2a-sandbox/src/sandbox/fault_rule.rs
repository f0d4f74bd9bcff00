//! Which calls a fault hits.

use crate::{
    routes::Operation,
    server::Shared,
    service::{Fault, When},
};

/// A fault that does not know yet which calls it hits; made by
/// [`Sandbox::fault`](crate::Sandbox::fault).
///
/// [`Fault`] has an example.
#[derive(Debug)]
#[must_use = "a fault is armed by `call`, `next` or `always`"]
pub struct FaultRule<'a> {
    shared: &'a Shared,
    fault: Fault,
    operation: Option<Operation>,
}

impl<'a> FaultRule<'a> {
    pub(super) fn new(shared: &'a Shared, fault: Fault) -> Self {
        Self { shared, fault, operation: None }
    }

    /// Only calls of this operation, such as `sync_connection`. Default: any operation.
    ///
    /// # Panics
    /// If there is no such operation. A fault that could never hit would let a test pass that has
    /// tested nothing.
    #[allow(clippy::panic, reason = "a test with a misspelt operation must not pass")]
    pub fn on(mut self, operation: &str) -> Self {
        match Operation::from_id(operation) {
            Some(found) => self.operation = Some(found),
            None => panic!("there is no operation {operation:?}"),
        }
        self
    }

    /// Arms the fault for the nth such call from now on, counted from 1.
    pub fn call(self, number: usize) {
        self.arm(When::Call(number.max(1)));
    }

    /// Arms the fault for the next such call.
    pub fn next(self) {
        self.call(1);
    }

    /// Arms the fault for every such call until
    /// [`Sandbox::clear_faults`](crate::Sandbox::clear_faults).
    pub fn always(self) {
        self.arm(When::Always);
    }

    fn arm(self, when: When) {
        self.shared.lock().arm(self.fault, self.operation, when);
    }
}
