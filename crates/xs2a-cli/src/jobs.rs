//! Syncs under way, and what is known of a connection's earlier syncs: one file under the state
//! directory, so that a command can go on where another was cut off.
//!
//! SQLite compares and swaps in one statement, survives a crash between any two writes, and lets
//! commands share the file. The file is its owner's alone.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use xs2a::ConnectionId;
use xs2a::sync::{JobUpdate, Stored, SyncJob};

use crate::failure::{Exit, Failure, Outcome};
use crate::secret_file;

/// How long a command waits for another one that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// The jobs of one service.
#[derive(Clone)]
pub(crate) struct Jobs {
    file: Arc<Mutex<Connection>>,
    service: String,
}

#[derive(Debug)]
pub(crate) struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file of the syncs under way cannot be used: {}", self.0)
    }
}

impl std::error::Error for Broken {}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::new(Exit::Machine, broken.to_string(), "choose another place: --state-dir DIR")
    }
}

impl Jobs {
    /// Opens the file in `folder`, and makes it where it is missing. Jobs are kept by service, since
    /// two services may give the same id.
    pub(crate) fn open(folder: &Path, service: &str) -> Outcome<Self> {
        let path = folder.join("syncs.db");
        // Made here, since SQLite would let others read it. Its journals take over the rights.
        secret_file::touch(&path)?;
        Ok(Self::connect(&path, service)?)
    }

    fn connect(path: &Path, service: &str) -> Result<Self, Broken> {
        let file = Connection::open(path)?;
        file.busy_timeout(PATIENCE)?;
        file.execute_batch(
            "CREATE TABLE IF NOT EXISTS jobs (
                 service TEXT NOT NULL, connection TEXT NOT NULL, revision INTEGER NOT NULL,
                 is_over INTEGER NOT NULL, job TEXT NOT NULL, PRIMARY KEY (service, connection)
             ) WITHOUT ROWID;",
        )?;
        Ok(Self { file: Arc::new(Mutex::new(file)), service: service.to_owned() })
    }

    fn file(&self) -> MutexGuard<'_, Connection> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a job if the file holds what the job replaces.
    pub(crate) fn save(&self, update: &JobUpdate) -> Result<Stored, Broken> {
        let (job, number) = (update.job(), |n: u64| i64::try_from(n).unwrap_or(i64::MAX));
        // One statement, so that nothing comes between the comparison and the swap.
        let kept = self.file().execute(
            "INSERT INTO jobs VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (service, connection) DO UPDATE
                 SET revision = excluded.revision, is_over = excluded.is_over, job = excluded.job
                 WHERE CASE WHEN jobs.is_over THEN NULL ELSE jobs.revision END IS ?6",
            params![
                self.service,
                job.connection_id().as_str(),
                number(job.revision()),
                job.report().is_some(),
                serde_json::to_string(job)?,
                update.replaces().map(number),
            ],
        )?;
        Ok(if kept == 1 { Stored::Kept } else { Stored::Superseded })
    }

    /// The latest job of a connection.
    pub(crate) fn of(&self, id: &ConnectionId) -> Result<Option<SyncJob>, Broken> {
        let query = "SELECT job FROM jobs WHERE service = ?1 AND connection = ?2";
        let found = self.file().query_row(query, [&self.service, id.as_str()], |row| row.get(0));
        let json: Option<String> = found.optional()?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// The connections whose jobs have not ended.
    pub(crate) fn under_way(&self) -> Result<Vec<ConnectionId>, Broken> {
        let file = self.file();
        let query = "SELECT connection FROM jobs WHERE service = ?1 AND NOT is_over ORDER BY 1";
        let mut query = file.prepare(query)?;
        let rows = query.query_map([&self.service], |row| row.get::<_, String>(0))?;
        Ok(rows.map(|id| id.map(ConnectionId::from)).collect::<Result<_, _>>()?)
    }
}
