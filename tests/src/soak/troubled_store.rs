//! A store that compares and swaps, and has troubles of its own: it fails, hangs, panics and is slow,
//! before it has written and after.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::sleep;
use xs2a::sync::{JobUpdate, Stored, SyncHistory, SyncJob};

use super::actors::pick;
use super::sabotage::Sabotage;
use super::stage::Stage;
use crate::job_store::JobStore;

/// What a panic of the store says. The panic is the store's own, and the client lets it through.
pub(super) const PANIC: &str = "the store has panicked, as it was told to";

/// What the database of a program has of a connection. Clones are the same row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    store: JobStore,
    /// The number that the stored job has in the notes.
    number: Arc<AtomicUsize>,
}

/// How often a store made a run wait: each such time the run may pass its deadline by what a store
/// is given at least.
pub(super) type Waits = Arc<AtomicU32>;

#[derive(Clone, Copy, Debug)]
enum Trouble {
    Fails,
    Hangs,
    Panics,
    IsSlow,
}

impl Row {
    /// The stored job, if it has not ended, and its number.
    pub(super) fn open_job(&self) -> Option<(usize, SyncJob)> {
        let job = self.store.last().filter(|job| job.report().is_none())?;
        Some((self.number.load(Ordering::Relaxed), job))
    }

    /// What the syncs of the connection have left.
    pub(super) fn history(&self) -> SyncHistory {
        self.store.last().map(|job| job.history().clone()).unwrap_or_default()
    }

    /// What a run is given to store the job of this number with.
    pub(super) fn saver(
        &self,
        stage: &Arc<Stage>,
        random: &mut fastrand::Rng,
        number: usize,
    ) -> (impl Fn(JobUpdate) -> BoxFuture<'static, io::Result<Stored>> + Send + Sync + use<>, Waits)
    {
        let (row, stage, waits) = (self.clone(), Arc::clone(stage), Waits::default());
        let share = pick(random, &[0.0, 0.0, 0.05, 0.3]);
        let (random, counter) = (Mutex::new(random.fork()), Arc::clone(&waits));
        let save = move |update: JobUpdate| {
            let json = serde_json::to_string(update.job()).expect("a job can be stored");
            stage.print(&json);
            let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
            let troubles = [Trouble::Fails, Trouble::Hangs, Trouble::Panics, Trouble::IsSlow];
            let trouble = (random.f64() < share).then(|| pick(&mut random, &troubles));
            let has_written = random.bool();
            let takes = Duration::from_millis(random.u64(0..20_000));
            let (row, stage, waits) = (row.clone(), Arc::clone(&stage), Arc::clone(&counter));
            async move {
                let keep = || row.keep(&update, number, &stage);
                let Some(trouble) = trouble else { return Ok(keep()) };
                stage.meet(trouble.name());
                match trouble {
                    Trouble::IsSlow => {
                        waits.fetch_add(1, Ordering::Relaxed);
                        // A database goes on with what it has begun, whether or not anybody waits.
                        let (row, stage) = (row.clone(), Arc::clone(&stage));
                        let written = tokio::spawn(async move {
                            sleep(takes).await;
                            row.keep(&update, number, &stage)
                        });
                        written.await.map_err(io::Error::other)
                    }
                    _ if has_written => {
                        let _lost_answer = keep();
                        trouble.fail(&waits).await
                    }
                    _ => trouble.fail(&waits).await,
                }
            }
            .boxed()
        };
        (save, waits)
    }

    fn keep(&self, update: &JobUpdate, number: usize, stage: &Stage) -> Stored {
        let stored = match stage.sabotage == Some(Sabotage::OverwriteJobs) {
            true => self.store.overwrite(update),
            false => self.store.keep(update),
        };
        if stored == Stored::Kept {
            self.number.store(number, Ordering::Relaxed);
            stage.note_kept(number, update);
        }
        stored
    }
}

impl Trouble {
    fn name(self) -> &'static str {
        match self {
            Self::Fails => "store failed",
            Self::Hangs => "store hung",
            Self::Panics => "store panicked",
            Self::IsSlow => "store slow",
        }
    }

    async fn fail(self, waits: &Waits) -> io::Result<Stored> {
        match self {
            // No hook is called, so that the output of a soak stays readable.
            Self::Panics => std::panic::resume_unwind(Box::new(PANIC)),
            Self::Hangs => {
                waits.fetch_add(1, Ordering::Relaxed);
                std::future::pending().await
            }
            Self::Fails | Self::IsSlow => Err(io::Error::other("the disk is full")),
        }
    }
}
