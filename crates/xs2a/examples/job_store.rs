//! Two stores for sync jobs, one in memory and one in SQLite, and two workers that hold one stored
//! job: `cargo run -p xs2a --example job_store`.
//!
//! A store compares and swaps: it keeps a job only if it holds the revision that the job replaces.
//! The worker that comes second is superseded, and ends without a call.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use xs2a::sync::{JobUpdate, Stored, SyncJob, SyncPolicy};
use xs2a::{ConnectionId, UserClient};
use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Jobs in the memory of one process: for tests, and where a crash may lose them.
#[derive(Clone, Default)]
struct MemoryStore(Arc<Mutex<HashMap<ConnectionId, SyncJob>>>);

impl MemoryStore {
    async fn save(self, update: JobUpdate) -> Outcome<Stored> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = update.job().connection_id().clone();
        let held = jobs.get(&id).filter(|job| job.report().is_none()).map(SyncJob::revision);
        if held != update.replaces() {
            return Ok(Stored::Superseded);
        }
        jobs.insert(id, update.job().clone());
        Ok(Stored::Kept)
    }
}

/// Jobs in SQLite: they survive the process, and any number of processes may share the file.
#[derive(Clone)]
struct SqliteStore(Arc<Mutex<Connection>>);

impl SqliteStore {
    fn open(path: &str) -> Outcome<Self> {
        let database = Connection::open(path)?;
        database.execute_batch(
            "CREATE TABLE IF NOT EXISTS jobs
                 (connection TEXT PRIMARY KEY, revision INTEGER, is_over INTEGER, job TEXT);",
        )?;
        Ok(Self(Arc::new(Mutex::new(database))))
    }

    async fn save(self, update: JobUpdate) -> Outcome<Stored> {
        let job = update.job();
        let json = serde_json::to_string(job)?;
        let database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One statement, so that nothing comes between the comparison and the swap.
        let kept = database.execute(
            "INSERT INTO jobs VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (connection) DO UPDATE
                 SET revision = excluded.revision, is_over = excluded.is_over, job = excluded.job
                 WHERE CASE WHEN jobs.is_over THEN NULL ELSE jobs.revision END IS ?5",
            params![
                job.connection_id().as_str(),
                i64::try_from(job.revision())?,
                job.report().is_some(),
                json,
                update.replaces().map(i64::try_from).transpose()?,
            ],
        )?;
        Ok(if kept == 1 { Stored::Kept } else { Stored::Superseded })
    }

    fn load(&self, id: &ConnectionId) -> Outcome<Option<SyncJob>> {
        let database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let query = "SELECT job FROM jobs WHERE connection = ?1";
        let row = database.query_row(query, [id.as_str()], |row| row.get::<_, String>(0));
        Ok(row.optional()?.map(|json| serde_json::from_str(&json)).transpose()?)
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let sandbox = Sandbox::start().await?;
    let erika = sandbox.add_user("Erika");
    let id = sandbox.add_connection(&erika, ConnectionSeed::new(SyncMode::Full));
    let id = ConnectionId::from(id.as_str());
    let now = sandbox.now();
    let client = || {
        UserClient::builder(erika.token()).base_url(sandbox.base_url()).clock(move || now).build()
    };

    let memory = MemoryStore::default();
    let run = client()?.connections().sync(&id).save_with(move |job| memory.clone().save(job));
    println!("with the store in memory: {}", run.await?);

    // A job that was stored before it called, as a queue may deliver it to two workers.
    let store = SqliteStore::open(":memory:")?;
    let ours = store.clone();
    let job = SyncJob::new(&id, SyncPolicy::default(), now);
    let (first, second) = (client()?, client()?);
    let (theirs, job_of_theirs) = (store.clone(), job.clone());
    let (first, second) = tokio::join!(
        async {
            first.connections().resume(job).save_with(move |job| ours.clone().save(job)).await
        },
        async {
            let run = second.connections().resume(job_of_theirs);
            run.save_with(move |job| theirs.clone().save(job)).await
        },
    );
    for (worker, ended) in [("one", first), ("two", second)] {
        match ended {
            Ok(outcome) => println!("worker {worker}: {outcome}"),
            Err(error) => println!("worker {worker}: {error}"),
        }
    }
    let stored = store.load(&id)?.ok_or("the job was stored")?;
    println!("calls on record: {}", stored.history().calls_in_a_day(now));
    println!("syncs at the server: {}", sandbox.received("sync_connection"));
    Ok(())
}
