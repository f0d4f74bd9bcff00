//! Postgres: for the workers of many machines.
//!
//! Works through PgBouncer in transaction mode: no prepared statement and no setting of a session is
//! relied on, with the exception of `LISTEN`, which needs a direct connection.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};
use tracing::{debug, warn};

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

/// The longest that a statement may take before its connection is taken for dead.
const STATEMENT: Duration = Duration::from_secs(30);

/// The name under which nudges are sent.
const CHANNEL: &str = "xs2a_fleet";

/// The lock under which the schema is brought up to date, of this crate alone.
const MIGRATION_LOCK: i64 = 0x7873_3261;

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
        let client = connect(&self.config, self.tls.as_ref()).await.map_err(explain)?;
        let migrated = migrate(&client).await;
        if migrated.is_err() {
            // The connection ends with the client, and its transaction with it.
            drop(client);
        }
        migrated?;
        // The last one is for what reads many rows.
        let slots = (0..=self.connections).map(|_| Mutex::default()).collect();
        Ok(Backend(Arc::new(Shared {
            config: self.config,
            listen_at: self.listen_at,
            tls: self.tls,
            patience: self.patience,
            slots,
            next: AtomicUsize::new(0),
            nudged: Arc::default(),
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

async fn connect(
    config: &Config,
    tls: Option<&PostgresTls>,
) -> Result<Client, tokio_postgres::Error> {
    match tls {
        #[cfg(feature = "postgres-tls")]
        Some(tls) => {
            let (client, connection) = config.connect(tls.connect.clone()).await?;
            tokio::spawn(connection);
            Ok(client)
        }
        #[cfg(not(feature = "postgres-tls"))]
        Some(tls) => match tls.never {},
        None => {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        }
    }
}

async fn migrate(client: &Client) -> Result<(), Error> {
    client.batch_execute("BEGIN").await.map_err(explain)?;
    query(client, "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)", &[MIGRATION_LOCK.into()])
        .await
        .map_err(explain)?;
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

fn dialect(sql: &str) -> String {
    sql.replace("{now}", "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)")
        .replace("{skip_locked}", "FOR UPDATE SKIP LOCKED")
        .replace("{storage}", "WITH (fillfactor = 80)")
}

/// A few connections, each made when it is needed, and made anew when it has gone.
#[derive(Clone)]
pub(super) struct Backend(Arc<Shared>);

struct Shared {
    config: Config,
    listen_at: Option<Config>,
    tls: Option<PostgresTls>,
    patience: Duration,
    slots: Vec<Mutex<Option<Arc<Client>>>>,
    next: AtomicUsize,
    nudged: Arc<Notify>,
    listener: OnceLock<JoinHandle<()>>,
}

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

impl Backend {
    /// Runs a statement, again where the database was away. So each statement is one that may come
    /// twice: it changes a row only where worker and fence match, or sets what it set before. A claim
    /// that came twice leaves rows that nobody works on; the next heartbeat frees them.
    pub(super) async fn run(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Record>, Error> {
        let turn = self.0.next.fetch_add(1, Ordering::Relaxed) % (self.0.slots.len() - 1);
        self.run_on(turn, sql, params).await
    }

    /// Runs a statement that reads many rows: on a connection that no other statement waits for.
    pub(super) async fn read(
        &self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Record>, Error> {
        self.run_on(self.0.slots.len() - 1, sql, params).await
    }

    async fn run_on(
        &self,
        turn: usize,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Record>, Error> {
        let until = Instant::now() + self.0.patience;
        let mut pause = Duration::from_millis(50);
        loop {
            let error = match timeout(STATEMENT, self.once(turn, sql, &params)).await {
                Ok(Ok(records)) => return Ok(records),
                Ok(Err(error)) => explain(error),
                Err(_) => Error::Unreachable { reason: "it does not answer".to_owned() },
            };
            let is_away = matches!(error, Error::Unreachable { .. });
            if !is_away || Instant::now() + pause > until {
                return Err(error);
            }
            debug!(%error, "the database is away");
            *self.0.slots[turn].lock().await = None;
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    async fn once(
        &self,
        turn: usize,
        sql: &str,
        params: &[Value],
    ) -> Result<Vec<Record>, tokio_postgres::Error> {
        let client = {
            let mut slot = self.0.slots[turn].lock().await;
            match slot.as_ref().filter(|client| !client.is_closed()) {
                Some(client) => Arc::clone(client),
                None => {
                    let client = connect(&self.0.config, self.0.tls.as_ref()).await?;
                    Arc::clone(slot.insert(Arc::new(client)))
                }
            }
        };
        query(&client, sql, params).await
    }

    /// Tells all workers that something was nudged.
    pub(super) async fn notify(&self) -> Result<(), Error> {
        self.run("SELECT CAST(pg_notify($1, '') AS TEXT)", vec![CHANNEL.into()]).await.map(drop)
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

/// Listens for nudges for ever. Without them due rows are found a little later.
async fn listen(config: Config, tls: Option<PostgresTls>, nudged: Arc<Notify>) {
    loop {
        let result = match &tls {
            #[cfg(feature = "postgres-tls")]
            Some(tls) => listen_on(config.connect(tls.connect.clone()).await, &nudged).await,
            #[cfg(not(feature = "postgres-tls"))]
            Some(tls) => match tls.never {},
            None => listen_on(config.connect(NoTls).await, &nudged).await,
        };
        if let Err(error) = result {
            let error = explain(error);
            warn!(%error, "nudges cannot be listened for");
        }
        sleep(Duration::from_secs(5)).await;
    }
}

async fn listen_on<S, T>(
    connected: Result<(Client, tokio_postgres::Connection<S, T>), tokio_postgres::Error>,
    nudged: &Notify,
) -> Result<(), tokio_postgres::Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (client, mut connection) = connected?;
    let command = format!("LISTEN {CHANNEL}");
    let begin = client.batch_execute(&command);
    let messages = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(_) = message? {
                nudged.notify_one();
            }
        }
        Ok(())
    };
    let (begun, ended) = tokio::join!(begin, messages);
    begun.and(ended)
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
