//! Statements that wait for a connection. Those that come while all connections are busy go together
//! when one is free: a commit costs a write through to the disk, however many rows it holds.

use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;
#[cfg(feature = "postgres")]
use tokio::time::Instant;

use super::schema;
use super::value::{Record, Value};
use crate::error::Error;
use crate::lock::lock;

pub(super) type Answer = Result<Vec<Record>, Error>;

/// A statement, its parameters, and who waits for its answer.
pub(super) struct Statement {
    pub(super) sql: &'static str,
    pub(super) params: Vec<Value>,
    /// Since when it waits: a database that is away is not waited for without end.
    #[cfg(feature = "postgres")]
    pub(super) since: Instant,
    answer: oneshot::Sender<Answer>,
}

impl Statement {
    /// A statement, and its answer to come.
    pub(super) fn new(
        sql: &'static str,
        params: Vec<Value>,
    ) -> (Self, impl Future<Output = Answer>) {
        let (answer, answered) = oneshot::channel();
        let answered = async {
            let ended = "the runtime that worked on it has ended; ask again".to_owned();
            answered.await.unwrap_or(Err(Error::Unreachable { reason: ended }))
        };
        let statement = Self {
            sql,
            params,
            #[cfg(feature = "postgres")]
            since: Instant::now(),
            answer,
        };
        (statement, answered)
    }

    /// The row that the statement is about, for most: its first parameter.
    #[cfg(feature = "postgres")]
    pub(super) fn key(&self) -> Option<&str> {
        match self.params.first() {
            Some(Value::Text(key)) => key.as_deref(),
            _ => None,
        }
    }

    /// Whether nobody would learn which rows the statement claimed.
    fn claims_for_nobody(&self) -> bool {
        self.sql == schema::CLAIM && self.answer.is_closed()
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
    connections: usize,
}

/// So many statements go together at most. A commit costs each of them little, and so does one that
/// fails.
const TOGETHER: usize = 100;

impl Queue {
    /// A queue before so many connections, all idle.
    pub(super) fn new(connections: usize) -> Arc<Self> {
        let idle = (0..connections).rev().collect();
        Arc::new(Self(Mutex::new(Waiting { statements: Vec::new(), idle, connections })))
    }

    /// Adds a statement. Gives the connection that has to begin with it; where there is none, all are
    /// busy, and one of them takes it next.
    pub(super) fn push(self: &Arc<Self>, statement: Statement) -> Option<Busy> {
        let mut waiting = lock(&self.0);
        waiting.statements.push(statement);
        let connection = waiting.idle.pop()?;
        Some(Busy { queue: Arc::clone(self), connection, is_done: false })
    }
}

/// A connection that works the queue off. The connection is idle again when this value goes, also with
/// a runtime that ends in the middle.
pub(super) struct Busy {
    queue: Arc<Queue>,
    pub(super) connection: usize,
    is_done: bool,
}

impl Busy {
    /// Takes the statements that go together next: those at the front, up to the first that has to go
    /// alone. With none, the connection becomes idle.
    pub(super) fn next(&mut self, goes_alone: impl Fn(&Statement) -> bool) -> Vec<Statement> {
        let mut waiting = lock(&self.queue.0);
        waiting.statements.retain(|next| !next.claims_for_nobody());
        let front = waiting.statements.iter().take(TOGETHER);
        let together = front.take_while(|next| !goes_alone(next)).count();
        let last = together.max(1).min(waiting.statements.len());
        if last == 0 {
            waiting.idle.push(self.connection);
            self.is_done = true;
        }
        waiting.statements.drain(..last).collect()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        let mut waiting = lock(&self.queue.0);
        waiting.idle.push(self.connection);
        if waiting.idle.len() == waiting.connections {
            // Nobody would come for those that wait: they hear that they have to ask again.
            waiting.statements.clear();
        }
    }
}
