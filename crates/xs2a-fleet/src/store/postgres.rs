//! Postgres: for the workers of many machines.
//!
//! Works through PgBouncer in transaction mode: no prepared statement and no setting of a session is
//! relied on, with the exception of `LISTEN`, which needs a direct connection.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{maybe_done, poll_fn};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls};
use tracing::{debug, warn};

use super::queue::{Answer, Busy, Queue, Statement};
use super::schema;
use super::tls::PostgresTls;
use super::value::{Record, Value, unexpected};
use crate::error::Error;

/// Opens a store in a Postgres database.
///
/// ```no_run
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use xs2a_fleet::store::Postgres;
///
/// let store = Postgres::new("postgres://fleet@db.example.com/fleet")?.open().await?;
/// # let _ = store;
/// # Ok::<(), xs2a_fleet::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "nothing is opened until `open`"]
pub struct Postgres {
    config: Config,
    listen_at: Option<Config>,
    tls: Option<PostgresTls>,
    connections: usize,
    patience: Duration,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        f.debug_struct("Postgres").field("connections", &self.connections).finish_non_exhaustive()
    }
}

/// The longest that a transaction may take before its connection is taken for dead.
const TRANSACTION: Duration = Duration::from_secs(30);

/// The name under which nudges are sent.
const CHANNEL: &str = "xs2a_fleet";

/// The lock under which the schema is brought up to date, of this crate alone.
const MIGRATION_LOCK: i64 = 0x7873_3261;

/// The lock under which rows are claimed. Two claims at once would not see which users the other takes.
const CLAIM_LOCK: i64 = MIGRATION_LOCK + 1;

const LOCK: &str = "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)";

impl Postgres {
    /// A store at this address, as `postgres://user:password@host:port/database`, or as
    /// `host=… user=…`. Tables are made in the first schema of the user's search path.
    ///
    /// # Errors
    /// [`Error::Database`] where the address cannot be read.
    pub fn new(address: &str) -> Result<Self, Error> {
        Ok(Self {
            config: read(address)?,
            listen_at: None,
            tls: None,
            connections: 4,
            patience: Duration::from_secs(120),
        })
    }

    /// Has nudges listened for at another address than the statements': the database's own, where the
    /// first leads to PgBouncer.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn listen_at(mut self, address: &str) -> Result<Self, Error> {
        self.listen_at = Some(read(address)?);
        Ok(self)
    }

    /// Sets TLS. Whether the database may do without it is said in the address: `sslmode=require`
    /// is what you want beyond loopback.
    pub fn tls(mut self, tls: PostgresTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// How many connections this worker holds. Default: 4, and two others when they are needed: for
    /// counting, and for nudges.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How long a statement waits for a database that is away: that restarts, for example. Default:
    /// two minutes. Opening does not wait.
    pub fn patience(mut self, wait: Duration) -> Self {
        self.patience = wait;
        self
    }

    pub(super) async fn backend(self) -> Result<Backend, Error> {
        let nudged = Arc::default();
        let (client, _) =
            connect(&self.config, self.tls.as_ref(), &nudged).await.map_err(explain)?;
        // Where this fails, the connection ends with the client, and its transaction with it.
        migrate(&client).await?;
        Ok(Backend(Arc::new(Shared {
            config: self.config,
            listen_at: self.listen_at,
            tls: self.tls,
            patience: self.patience,
            queue: Queue::new(self.connections),
            // The last one is for what reads many rows.
            slots: (0..=self.connections).map(|_| Slot::default()).collect(),
            nudged,
            listener: OnceLock::new(),
        })))
    }
}

fn read(address: &str) -> Result<Config, Error> {
    let mut config: Config = address.parse().map_err(|_| Error::Database {
        reason: "its address cannot be read; write postgres://user@host/database".to_owned(),
    })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    if config.get_application_name().is_none() {
        config.application_name("xs2a-fleet");
    }
    Ok(config)
}

/// The task of a connection. It ends with the connection.
type Driver = JoinHandle<Result<(), tokio_postgres::Error>>;

/// Makes a connection, which passes on to `nudged` what is listened for on it.
async fn connect(
    config: &Config,
    tls: Option<&PostgresTls>,
    nudged: &Arc<Notify>,
) -> Result<(Client, Driver), tokio_postgres::Error> {
    match tls {
        #[cfg(feature = "postgres-tls")]
        Some(tls) => {
            let (client, connection) = config.connect(tls.connect.clone()).await?;
            Ok((client, tokio::spawn(drive(connection, Arc::clone(nudged)))))
        }
        #[cfg(not(feature = "postgres-tls"))]
        Some(tls) => match tls.never {},
        None => {
            let (client, connection) = config.connect(NoTls).await?;
            Ok((client, tokio::spawn(drive(connection, Arc::clone(nudged)))))
        }
    }
}

async fn drive<S, T>(
    mut connection: Connection<S, T>,
    nudged: Arc<Notify>,
) -> Result<(), tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(_) = message? {
            nudged.notify_one();
        }
    }
    Ok(())
}

async fn migrate(client: &Client) -> Result<(), Error> {
    client.batch_execute("BEGIN").await.map_err(explain)?;
    query(client, LOCK, &[MIGRATION_LOCK.into()]).await.map_err(explain)?;
    client.batch_execute(schema::ROOT).await.map_err(explain)?;
    let found = query(client, schema::GET, &["schema".into()]).await.map_err(explain)?;
    let found = match found.into_iter().flatten().next() {
        Some(Value::Text(Some(number))) => {
            number.parse().map_err(|_| unexpected("the number of the schema"))?
        }
        _ => 0,
    };
    let missing = schema::missing(schema::MIGRATIONS, found)?;
    for migration in missing {
        client.batch_execute(&dialect(migration)).await.map_err(explain)?;
    }
    if !missing.is_empty() {
        let now = schema::MIGRATIONS.len().to_string();
        query(client, schema::SET, &["schema".into(), now.into()]).await.map_err(explain)?;
    }
    client.batch_execute("COMMIT").await.map_err(explain)
}

/// A claim goes through the index entries of rows that had their turn since the last vacuum. Postgres
/// would wait with the vacuum until they are a fifth of the table.
const VACUUM: &str = "ALTER TABLE xs2a_connection SET (autovacuum_vacuum_scale_factor = 0.01)";

fn dialect(sql: &str) -> String {
    sql.replace("{now}", "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)")
        .replace("{skip_locked}", "FOR UPDATE SKIP LOCKED")
        .replace("{storage}", "WITH (fillfactor = 80)")
        .replace("{vacuum}", VACUUM)
}

/// A few connections, each made when it is needed, and made anew when it has gone.
#[derive(Clone)]
pub(super) struct Backend(Arc<Shared>);

struct Shared {
    config: Config,
    listen_at: Option<Config>,
    tls: Option<PostgresTls>,
    patience: Duration,
    queue: Arc<Queue>,
    slots: Vec<Slot>,
    nudged: Arc<Notify>,
    listener: OnceLock<JoinHandle<()>>,
}

type Slot = Mutex<Option<Arc<Client>>>;

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.get() {
            listener.abort();
        }
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postgres")
    }
}

const NOTIFY: &str = "SELECT CAST(pg_notify($1, '') AS TEXT)";

/// What does not share its transaction: statements that lock many rows, so that other workers wait no
/// longer than each takes, and the one whose commit takes a lock of the whole server.
const ALONE: [&str; 9] = [
    schema::CLAIM,
    schema::BURY,
    schema::FREE,
    schema::FREE_OF,
    schema::NOT_REACHED,
    schema::WITHDRAW_USER,
    schema::WITHDRAW_ALL,
    schema::FORGET_USER,
    NOTIFY,
];

impl Backend {
    /// Runs a statement, again where the database was away. So each statement is one that may come
    /// twice: it changes a row only where worker and fence match, or sets what it set before. The second
    /// time, an enrolment answers that nothing is new. A claim that came twice leaves rows that nobody
    /// works on; the next heartbeat frees them.
    pub(super) async fn run(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Record>, Error> {
        let (statement, answer) = Statement::new(sql, params);
        if let Some(busy) = self.0.queue.push(statement) {
            // Not awaited: whoever is dropped while waiting takes nothing from the others.
            tokio::spawn(work_off(Arc::clone(&self.0), busy));
        }
        answer.await
    }

    /// Runs a statement that reads many rows: on a connection that no other statement waits for.
    pub(super) async fn read(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Record>, Error> {
        let (statement, answer) = Statement::new(sql, params);
        self.0.carry_out(self.0.slots.len() - 1, vec![statement]).await;
        answer.await
    }

    /// Tells all workers that something was nudged.
    pub(super) async fn notify(&self) -> Result<(), Error> {
        self.run(NOTIFY, vec![CHANNEL.into()]).await.map(drop)
    }

    /// Returns when a worker was told so.
    pub(super) async fn notified(&self) {
        let begin = || {
            let config = self.0.listen_at.as_ref().unwrap_or(&self.0.config).clone();
            tokio::spawn(listen(config, self.0.tls.clone(), Arc::clone(&self.0.nudged)))
        };
        self.0.listener.get_or_init(begin);
        self.0.nudged.notified().await;
    }
}

async fn work_off(shared: Arc<Shared>, mut busy: Busy) {
    loop {
        let batch = busy.next(|next| ALONE.contains(&next.sql));
        if batch.is_empty() {
            return;
        }
        shared.carry_out(busy.connection, batch).await;
    }
}

impl Shared {
    /// Runs statements on a connection, and answers each, as soon as the database is there.
    async fn carry_out(&self, slot: usize, mut batch: Vec<Statement>) {
        // All transactions lock their rows in one order, so no two of them wait for each other.
        batch.sort_by(|one, other| one.key().cmp(&other.key()));
        let mut pause = Duration::from_millis(50);
        while !batch.is_empty() {
            let (answers, error) = self.once(slot, &batch).await;
            for (one, its) in batch.drain(..answers.len()).zip(answers) {
                one.answer(its);
            }
            let Some(error) = error else { return };
            let is_away = matches!(error, Error::Unreachable { .. });
            let next = Instant::now() + pause;
            let (over, left): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|one| !is_away || next > one.since + self.patience);
            over.into_iter().for_each(|one| one.answer(Err(error.copy())));
            if left.is_empty() {
                return;
            }
            batch = left;
            debug!(%error, "the database is away");
            *self.slots[slot].lock().await = None;
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// Runs statements in one transaction. Where one of them fails, each has a transaction of its own
    /// instead, so that it fails alone. Gives the answers of the first statements, and what kept the
    /// others from having one.
    async fn once(&self, slot: usize, batch: &[Statement]) -> (Vec<Answer>, Option<Error>) {
        let client = match in_time(async { self.client(slot).await.map_err(explain) }).await {
            Ok(client) => client,
            Err(error) => return (Vec::new(), Some(error)),
        };
        if batch.len() > 1 {
            match in_time(together(&client, batch)).await {
                Ok(answers) => return (answers.into_iter().map(Ok).collect(), None),
                Err(error @ Error::Unreachable { .. }) => return (Vec::new(), Some(error)),
                Err(_) => {}
            }
        }
        let mut answers = Vec::new();
        for one in batch {
            match in_time(together(&client, std::slice::from_ref(one))).await {
                Ok(mut records) => answers.push(Ok(records.pop().unwrap_or_default())),
                Err(error @ Error::Unreachable { .. }) => return (answers, Some(error)),
                Err(error) => answers.push(Err(error)),
            }
        }
        (answers, None)
    }

    async fn client(&self, slot: usize) -> Result<Arc<Client>, tokio_postgres::Error> {
        let mut slot = self.slots[slot].lock().await;
        if let Some(client) = slot.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let (client, _) = connect(&self.config, self.tls.as_ref(), &self.nudged).await?;
        Ok(Arc::clone(slot.insert(Arc::new(client))))
    }
}

/// How long a transaction waits for a row that somebody else has locked, because its own rows stay locked
/// meanwhile; and how long these stay locked after the machine at this end has gone.
const LIMITS: &str = "SELECT set_config('lock_timeout', '5s', true), \
    set_config('idle_in_transaction_session_timeout', '30s', true)";

/// Sends a whole transaction before its first answer comes. Where a statement fails, nothing was changed.
async fn together(client: &Client, batch: &[Statement]) -> Result<Vec<Vec<Record>>, Error> {
    let statements = batch.iter().map(|one| (one.sql, one.params.as_slice()));
    let bare = |sql| (sql, [].as_slice());
    let key = [CLAIM_LOCK.into()];
    let mut whole = vec![bare("BEGIN ISOLATION LEVEL READ COMMITTED"), bare(LIMITS)];
    whole.extend(batch.iter().any(claims).then_some((LOCK, key.as_slice())));
    let first = whole.len();
    whole.extend(statements);
    whole.push(bare("COMMIT"));
    let mut sent = Vec::new();
    for (sql, params) in whole {
        let mut answer = Box::pin(maybe_done(query(client, sql, params)));
        // A statement is sent when its answer is asked for the first time.
        let _ = answer.as_mut().now_or_never();
        sent.push(answer);
    }
    let mut answers = Vec::new();
    for mut answer in sent {
        answer.as_mut().await;
        let records = answer.as_mut().take_output().transpose().map_err(explain)?;
        answers.push(records.unwrap_or_default());
    }
    Ok(answers.into_iter().skip(first).take(batch.len()).collect())
}

async fn in_time<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = "it does not answer".to_owned();
    timeout(TRANSACTION, asked).await.unwrap_or(Err(Error::Unreachable { reason: late }))
}

fn claims(statement: &Statement) -> bool {
    statement.sql == schema::CLAIM
}

/// Listens for nudges for ever. Without them due rows are found a little later.
async fn listen(config: Config, tls: Option<PostgresTls>, nudged: Arc<Notify>) {
    loop {
        let listening = async {
            let (client, driver) = connect(&config, tls.as_ref(), &nudged).await?;
            client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
            driver.await.unwrap_or(Ok(()))
        };
        if let Err(error) = listening.await {
            let error = explain(error);
            warn!(%error, "nudges cannot be listened for");
        }
        sleep(Duration::from_secs(5)).await;
    }
}

async fn query(
    client: &Client,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Record>, tokio_postgres::Error> {
    let typed: Vec<(&(dyn ToSql + Sync), Type)> = params
        .iter()
        .map(|value| match value {
            Value::Int(value) => (value as &(dyn ToSql + Sync), Type::INT8),
            Value::Text(value) => (value as &(dyn ToSql + Sync), Type::TEXT),
        })
        .collect();
    let rows = client.query_typed(&dialect(sql), &typed).await?;
    rows.iter()
        .map(|row| {
            let column = |(at, column): (usize, &tokio_postgres::Column)| {
                Ok(match *column.type_() {
                    Type::INT8 => Value::Int(row.try_get(at)?),
                    Type::INT4 => Value::Int(row.try_get::<_, Option<i32>>(at)?.map(i64::from)),
                    _ => Value::Text(row.try_get(at)?),
                })
            };
            row.columns().iter().enumerate().map(column).collect()
        })
        .collect()
}

/// What the database says, in the fleet's words.
#[expect(clippy::needless_pass_by_value, reason = "an end of a chain of map_err")]
fn explain(error: tokio_postgres::Error) -> Error {
    let reason = xs2a::with_causes(&error);
    let Some(state) = error.code() else {
        return match error.is_closed() || std::error::Error::source(&error).is_some() {
            true => Error::Unreachable { reason },
            false => Error::Refused { reason },
        };
    };
    let passes = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    match state.code() {
        _ if passes.contains(state) => Error::Unreachable { reason },
        code if code.starts_with("08") => Error::Unreachable { reason },
        code if code.starts_with("28") || code.starts_with("3D") => Error::Refused { reason },
        "42501" => Error::Refused { reason },
        "25006" => Error::ReadOnly { reason },
        "53100" => Error::Full { reason },
        "55P03" => Error::Locked { reason },
        _ => Error::Database { reason },
    }
}
