//! Which calls a fault hits.

use crate::{
    routes::Operation,
    server::Shared,
    service::{Aim, Fault, When},
};

/// A fault that does not know yet which calls it hits; made by
/// [`Sandbox::fault`](crate::Sandbox::fault).
///
/// The calls are narrowed down first, and then counted: `.of(&id).call(2)` is the second call about
/// this id. [`Fault`] has more examples.
///
/// ```
/// use xs2a_sandbox::{ConnectionSeed, Fault, Sandbox, SyncMode};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let user = sandbox.add_user("Ada");
/// let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::None));
/// // The service opens a wizard session for the user, and the answer that tells of it is lost.
/// sandbox.fault(Fault::CutBody).on("sync_connection").of(&connection).answered(202).next();
/// // The connection is deleted, and a gateway says that there is no such thing.
/// sandbox.fault(Fault::Html(404)).on("delete_connection").of(&connection).after_acting().next();
/// // A gateway is down for the next three looks at it.
/// sandbox.fault(Fault::Html(503)).on("get_connection").of(&connection).times(3);
/// // This connection has had its syncs for today.
/// let limit = Fault::Throttle { retry_after: None };
/// sandbox.fault(limit).on("sync_connection").of(&connection).always();
/// # });
/// ```
///
/// # Panics
/// The methods that arm the fault panic if the fault could never hit or never act, as an
/// [`Edit`](crate::Edit) whose value is not JSON: a test with such a fault would pass and would
/// have tested nothing.
#[derive(Debug)]
#[must_use = "a fault is armed by `next`, `call`, `times`, `every` or `always`"]
pub struct FaultRule<'a> {
    shared: &'a Shared,
    fault: Fault,
    aim: Aim,
}

impl<'a> FaultRule<'a> {
    pub(super) fn new(shared: &'a Shared, fault: Fault) -> Self {
        Self { shared, fault, aim: Aim::default() }
    }

    /// Only calls of this operation, such as `sync_connection`. Default: any operation.
    ///
    /// # Panics
    /// If there is no such operation.
    #[allow(clippy::panic, reason = "a test with a misspelt operation must not pass")]
    pub fn on(mut self, operation: &str) -> Self {
        match Operation::from_id(operation) {
            Some(found) => self.aim.operation = Some(found),
            None => panic!("there is no operation {operation:?}"),
        }
        self
    }

    /// Only calls whose path contains this id: of a connection, an account, a user, a transaction.
    /// Default: any path.
    pub fn of(mut self, id: &str) -> Self {
        self.aim.id = Some(id.to_owned());
        self
    }

    /// Only calls that the service has acted on and has answered with this status, such as the 202
    /// of a sync that needs the user. Default: any call. Only for faults that let the service act.
    pub fn answered(mut self, status: u16) -> Self {
        self.aim.answered = Some(status);
        self
    }

    /// Has the service act before the fault replaces its answer. Default: the service does not act.
    /// Only for faults that are an answer, such as [`Fault::Html`].
    pub fn after_acting(mut self) -> Self {
        self.aim.after_acting = true;
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

    /// Arms the fault for the next calls, this many.
    pub fn times(self, number: usize) {
        self.arm(When::Times(number.max(1)));
    }

    /// Arms the fault for each nth call, until
    /// [`Sandbox::clear_faults`](crate::Sandbox::clear_faults).
    pub fn every(self, number: usize) {
        self.arm(When::Every(number.max(1)));
    }

    /// Arms the fault for every such call until
    /// [`Sandbox::clear_faults`](crate::Sandbox::clear_faults).
    pub fn always(self) {
        self.arm(When::Always);
    }

    #[allow(clippy::panic, reason = "a test whose fault cannot hit must not pass")]
    fn arm(mut self, when: When) {
        self.aim.when = when;
        let armed = self.shared.lock().arm(self.fault, self.aim);
        if let Err(reason) = armed {
            panic!("this fault cannot be ordered: {reason}");
        }
    }
}
