//! SQLite: one file, for the workers of one machine.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::task::spawn_blocking;

use super::queue::{Answer, Busy, Queue, Statement};
use super::schema;
use super::value::{Record, Value, unexpected};
use crate::error::Error;
use crate::lock::lock;

/// Opens a store in an SQLite file, which is made where there is none.
///
/// Settings that keep what was committed through a crash of the machine: a write-ahead log, written
/// through to the disk at each commit. Any number of processes of one machine may share the file.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use xs2a_fleet::store::Sqlite;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("fleet.db");
/// let store = Sqlite::new(path).open().await?;
/// assert_eq!(store.counts().await?.enrolled, 0);
/// # Ok::<(), xs2a_fleet::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "nothing is opened until `open`"]
pub struct Sqlite {
    path: PathBuf,
    clock: Arc<Clock>,
    patience: Duration,
}

type Clock = dyn Fn() -> Timestamp + Send + Sync;

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Sqlite {
    /// A store in this file.
    pub fn new(path: impl AsRef<Path>) -> Self {
        let clock: Arc<Clock> = Arc::new(Timestamp::now);
        Self { path: path.as_ref().to_owned(), clock, patience: Duration::from_secs(10) }
    }

    /// The clock of leases and due instants. Default: the system's.
    pub fn clock(mut self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// How long to wait for a lock that another process holds. Default: ten seconds.
    pub fn patience(mut self, wait: Duration) -> Self {
        self.patience = wait;
        self
    }

    pub(super) async fn backend(self) -> Result<Backend, Error> {
        let opened = spawn_blocking(move || {
            let mut connection = connect(&self)?;
            migrate(&mut connection, schema::MIGRATIONS)?;
            Ok::<_, Error>(Backend(Arc::new(Shared {
                connection: Mutex::new(connection),
                reader: Mutex::new(connect(&self)?),
                queue: Queue::new(1),
            })))
        });
        opened.await.map_err(|error| unexpected(error.to_string()))?
    }
}

fn connect(options: &Sqlite) -> Result<Connection, Error> {
    let connection = Connection::open(&options.path).map_err(explain)?;
    let set_up = || {
        connection.busy_timeout(options.patience)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.set_prepared_statement_cache_capacity(64);
        let clock = Arc::clone(&options.clock);
        let now = move |_: &rusqlite::functions::Context<'_>| Ok(clock().as_millisecond());
        connection.create_scalar_function("xs2a_now", 0, FunctionFlags::SQLITE_UTF8, now)
    };
    set_up().map_err(explain)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), Error> {
    let migrate = |connection: &mut Connection| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(schema::ROOT)?;
        let found = transaction.query_row(
            "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM xs2a_fleet WHERE name = 'schema'",
            [],
            |row| row.get(0),
        )?;
        let missing = match schema::missing(migrations, found) {
            Ok(missing) => missing,
            Err(newer) => return Ok(Err(newer)),
        };
        for migration in missing {
            transaction.execute_batch(&dialect(migration))?;
        }
        if !missing.is_empty() {
            let now = migrations.len().to_string();
            transaction.execute(
                "INSERT INTO xs2a_fleet VALUES ('schema', ?1)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [now],
            )?;
        }
        transaction.commit()?;
        Ok(Ok(()))
    };
    migrate(connection).map_err(explain)?
}

fn dialect(sql: &str) -> String {
    sql.replace("{now}", "xs2a_now()")
        .replace("{skip_locked}", "")
        .replace("{storage}", "")
        .replace("{vacuum}", "")
        .replace('$', "?")
}

/// One connection, and what waits for it; and another one that reads while the first writes.
#[derive(Clone)]
pub(super) struct Backend(Arc<Shared>);

struct Shared {
    connection: Mutex<Connection>,
    reader: Mutex<Connection>,
    queue: Arc<Queue>,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sqlite")
    }
}

impl Backend {
    /// Runs a statement. Statements that come together are committed together.
    pub(super) async fn run(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Record>, Error> {
        let (statement, answer) = Statement::new(sql, params);
        if let Some(busy) = self.0.queue.push(statement) {
            let shared = Arc::clone(&self.0);
            // Not awaited: whoever is dropped while waiting takes nothing from the others.
            drop(spawn_blocking(move || work_off(&shared, busy)));
        }
        answer.await
    }

    /// Runs a statement that changes nothing beside the others.
    pub(super) async fn read(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Record>, Error> {
        let shared = Arc::clone(&self.0);
        let read = spawn_blocking(move || query(&lock(&shared.reader), sql, &params));
        read.await.map_err(|error| unexpected(error.to_string()))?.map_err(explain)
    }
}

fn work_off(shared: &Shared, mut busy: Busy) {
    loop {
        let batch = busy.next(|_| false);
        if batch.is_empty() {
            return;
        }
        let answers = run_together(&mut lock(&shared.connection), &batch);
        batch.into_iter().zip(answers).for_each(|(one, its)| one.answer(its));
    }
}

/// Runs all statements in one transaction. A statement that fails changes nothing, and the others
/// stand; where the transaction fails, none does.
fn run_together(connection: &mut Connection, batch: &[Statement]) -> Vec<Answer> {
    let only_reads = batch.iter().all(|statement| statement.sql.starts_with("SELECT"));
    let behavior = match only_reads {
        true => TransactionBehavior::Deferred,
        false => TransactionBehavior::Immediate,
    };
    let run = |connection: &mut Connection| {
        let transaction = connection.transaction_with_behavior(behavior).map_err(explain)?;
        let mut answers = Vec::new();
        for Statement { sql, params, .. } in batch {
            let answer = query(&transaction, sql, params).map_err(explain);
            match answer {
                // The database has rolled everything back.
                Err(error) if transaction.is_autocommit() => return Err(error),
                answer => answers.push(answer),
            }
        }
        transaction.commit().map_err(explain)?;
        Ok(answers)
    };
    run(connection).unwrap_or_else(|failure| batch.iter().map(|_| Err(failure.copy())).collect())
}

fn query(
    connection: &Connection,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Record>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(&dialect(sql))?;
    let columns = statement.column_count();
    let rows = statement.query_map(rusqlite::params_from_iter(params), |row| {
        (0..columns)
            .map(|column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Integer(value) => Value::Int(Some(value)),
                    ValueRef::Text(text) => {
                        Value::Text(Some(String::from_utf8_lossy(text).into_owned()))
                    }
                    _ => Value::Text(None),
                })
            })
            .collect()
    })?;
    rows.collect()
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        let value = match self {
            Self::Int(Some(value)) => ValueRef::Integer(*value),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Int(None) | Self::Text(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// What the database says, in the fleet's words.
fn explain(error: rusqlite::Error) -> Error {
    let reason = xs2a::with_causes(&error);
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            Error::ReadOnly { reason }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { reason },
        Some(ErrorCode::DiskFull) => Error::Full { reason },
        _ => Error::Database { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema_of(connection: &Connection) -> String {
        let sql = "SELECT value FROM xs2a_fleet WHERE name = 'schema'";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_store_of_the_first_version_is_brought_up_to_date_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let options = Sqlite::new(folder.path().join("fleet.db"));
        let mut connection = connect(&options).unwrap();
        let first = &schema::MIGRATIONS[..1];
        migrate(&mut connection, first).unwrap();
        let row = "INSERT INTO xs2a_connection
            (connection_id, user_id, priority, lane, due_at, next_lane, next_at)
            VALUES ('con-1', 'usr-1', 2, 2, 7, 2, 7)";
        connection.execute_batch(row).unwrap();

        let broken = [first[0], "ALTER TABLE xs2a_connection ADD COLUMN note TEXT; NONSENSE"];
        let error = migrate(&mut connection, &broken).unwrap_err();
        assert!(matches!(error, Error::Database { .. }), "{error:?}");
        assert!(connection.prepare("SELECT note FROM xs2a_connection").is_err());
        assert_eq!(schema_of(&connection), "1");

        let second = [first[0], "ALTER TABLE xs2a_connection ADD COLUMN note TEXT DEFAULT 'none'"];
        for _ in 0..2 {
            migrate(&mut connection, &second).unwrap();
            assert_eq!(schema_of(&connection), "2");
        }
        let (due, note): (i64, String) = connection
            .query_row("SELECT due_at, note FROM xs2a_connection", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!((due, note.as_str()), (7, "none"));
        let error = migrate(&mut connection, first).unwrap_err();
        assert!(matches!(error, Error::NewerSchema { found: 2, known: 1 }), "{error:?}");
    }
}
