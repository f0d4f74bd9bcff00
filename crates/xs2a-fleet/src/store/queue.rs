//! Statements that wait for a connection. Those that come while all connections are busy go together
//! when one is free: a commit costs a write through to the disk, however many rows it holds.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::value::{Record, Value};
use crate::error::Error;

pub(super) type Answer = Result<Vec<Record>, Error>;

/// A statement, its parameters, and who waits for its answer.
pub(super) struct Statement {
    pub(super) sql: &'static str,
    pub(super) params: Vec<Value>,
    answer: oneshot::Sender<Answer>,
}

impl Statement {
    pub(super) fn new(sql: &'static str, params: Vec<Value>) -> (Self, oneshot::Receiver<Answer>) {
        let (answer, answered) = oneshot::channel();
        (Self { sql, params, answer }, answered)
    }

    pub(super) fn answer(self, answer: Answer) {
        // Nobody may wait for it any more.
        let _ = self.answer.send(answer);
    }
}

/// What waits, and which connections have nothing to do.
pub(super) struct Queue(Mutex<Waiting>);

struct Waiting {
    statements: Vec<Statement>,
    idle: Vec<usize>,
}

impl Queue {
    /// A queue before so many connections, all idle.
    pub(super) fn new(connections: usize) -> Self {
        Self(Mutex::new(Waiting { statements: Vec::new(), idle: (0..connections).rev().collect() }))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a statement. Gives the connection that has to begin with it; where there is none, all are
    /// busy, and one of them takes it next.
    pub(super) fn push(&self, statement: Statement) -> Option<usize> {
        let mut waiting = self.lock();
        waiting.statements.push(statement);
        waiting.idle.pop()
    }

    /// What goes together next on a connection: all that wait, up to the first that `goes_alone`. The
    /// connection is idle again where nothing waits.
    pub(super) fn next(
        &self,
        connection: usize,
        goes_alone: impl Fn(&Statement) -> bool,
    ) -> Vec<Statement> {
        let mut waiting = self.lock();
        let together = waiting.statements.iter().take_while(|next| !goes_alone(next)).count();
        let last = together.max(1).min(waiting.statements.len());
        if last == 0 {
            waiting.idle.push(connection);
        }
        waiting.statements.drain(..last).collect()
    }
}
