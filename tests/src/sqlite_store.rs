//! Jobs in SQLite, shared by real processes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use xs2a::ConnectionId;
use xs2a::sync::{JobUpdate, Stored, SyncJob};

/// A database of jobs. Clones are the same connection to it.
#[derive(Clone)]
pub struct SqliteStore(Arc<Mutex<Connection>>);

impl SqliteStore {
    /// Opens the file, and creates what is not there.
    pub fn open(path: &str) -> Self {
        let database = Connection::open(path).unwrap();
        database.busy_timeout(Duration::from_secs(30)).unwrap();
        database
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 CREATE TABLE IF NOT EXISTS jobs
                     (connection TEXT PRIMARY KEY, revision INTEGER, is_over INTEGER, job TEXT);",
            )
            .unwrap();
        Self(Arc::new(Mutex::new(database)))
    }

    fn with<T>(&self, run: impl FnOnce(&Connection) -> T) -> T {
        run(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a connection without a job.
    pub fn enrol(&self, id: &ConnectionId) {
        let insert = "INSERT INTO jobs VALUES (?1, NULL, 0, NULL)";
        self.with(|database| database.execute(insert, [id.as_str()]).unwrap());
    }

    /// The connections whose job has not ended.
    pub fn open_connections(&self) -> Vec<ConnectionId> {
        self.with(|database| {
            let mut query =
                database.prepare("SELECT connection FROM jobs WHERE NOT is_over").unwrap();
            let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
            rows.map(|id| ConnectionId::from(id.unwrap())).collect()
        })
    }

    /// The job of a connection.
    pub fn load(&self, id: &ConnectionId) -> Option<SyncJob> {
        let query = "SELECT job FROM jobs WHERE connection = ?1";
        let json = self.with(|database| {
            let row =
                database.query_row(query, [id.as_str()], |row| row.get::<_, Option<String>>(0));
            row.optional().unwrap().flatten()
        });
        json.map(|json| serde_json::from_str(&json).unwrap())
    }

    /// Compares and swaps in one statement.
    pub async fn save(self, update: JobUpdate) -> Result<Stored, rusqlite::Error> {
        let job = update.job();
        let kept = self.with(|database| {
            database.execute(
                "UPDATE jobs SET revision = ?2, is_over = ?3, job = ?4
                 WHERE connection = ?1 AND NOT is_over AND revision IS ?5",
                params![
                    job.connection_id().as_str(),
                    i64::try_from(job.revision()).unwrap(),
                    job.report().is_some(),
                    serde_json::to_string(job).unwrap(),
                    update.replaces().map(|revision| i64::try_from(revision).unwrap()),
                ],
            )
        })?;
        Ok(if kept == 1 { Stored::Kept } else { Stored::Superseded })
    }
}
