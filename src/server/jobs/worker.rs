//! The worker: takes imports off the queue, runs the pipeline, and writes how each ended.
//!
//! apalis hands out jobs; who may work on an import is decided by the log's own lease and attempt number, so a
//! job that comes twice, or late, does no harm.

use std::{sync::Arc, time::Duration};

use apalis::{
    layers::WorkerBuilderExt as _,
    prelude::{BackendExt as _, BoxDynError, Data, WorkerBuilder, WorkerError},
};
use apalis_postgres::{Config as QueueConfig, PostgresStorage};
use backon::{ExponentialBuilder, Retryable as _};
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    model::import_log::{FailureKind, ImportType, Phase},
    server::{
        attempt::Attempt,
        config,
        db::{
            attempts::{self, AttemptKey, Claimed},
            import_dates,
            jobs::{ImportJob, QUEUE},
            outcomes, recovery, sessions,
        },
        importer::{Importer, error::ImportError, rejects::Rejects, summary},
        services::in_time,
    },
};

/// The queue is also looked at this often, in case a notification was missed.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// Runs imports.
#[derive(Clone, Debug)]
pub struct Worker {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    importer: Importer,
    limits: config::Attempts,
    /// One permit for each import that may run at a time.
    slots: Arc<Semaphore>,
    concurrency: usize,
    running: TaskTracker,
    /// No import is begun any more.
    closing: CancellationToken,
    /// Imports that still run have to be handed back.
    hand_back: CancellationToken,
}

impl Worker {
    #[must_use]
    pub fn new(importer: Importer, limits: config::Attempts, concurrency: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                importer,
                limits,
                slots: Arc::new(Semaphore::new(concurrency)),
                concurrency,
                running: TaskTracker::new(),
                closing: CancellationToken::new(),
                hand_back: CancellationToken::new(),
            }),
        }
    }

    fn pool(&self) -> &PgPool {
        &self.inner.importer.pool
    }

    /// Takes jobs off the queue until [`Self::shut_down`]. A queue that fails (the database restarts) is opened
    /// again; imports that run meanwhile are not touched by it.
    pub async fn run(&self) {
        while !self.inner.closing.is_cancelled() {
            if let Err(error) = self.take_jobs().await {
                tracing::warn!(%error, "the queue broke off; opening it again");
            }
            tokio::select! {
                () = self.inner.closing.cancelled() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn take_jobs(&self) -> Result<(), BoxDynError> {
        let storage = PostgresStorage::<ImportJob>::new(self.pool())
            .with_config(QueueConfig::default().queue(QUEUE).batch_size(1))
            .with_pubsub()
            .poll_with_interval(POLL_EVERY);
        let closing = self.inner.closing.clone();
        WorkerBuilder::new(format!("numwatch-{}", uuid::Uuid::now_v7()).as_str())
            .backend(storage)
            .concurrency(self.inner.concurrency)
            .data(self.clone())
            .build(handle)
            .run_until(async move {
                closing.cancelled().await;
                Ok::<_, WorkerError>(())
            })
            .await
            .map_err(Into::into)
    }

    /// Runs an import if nobody else does. Ends when the import has, or has been handed back.
    pub async fn work_on(&self, import_id: i32) {
        let Ok(slot) = self.inner.slots.clone().acquire_owned().await else {
            return;
        };
        if self.inner.closing.is_cancelled() {
            self.put_back(import_id).await;
            return;
        }
        // In a task of its own: a queue that breaks off drops its handlers, and an import isn't to go with them.
        let worker = self.clone();
        let work = self.inner.running.spawn(async move {
            let limits = worker.inner.limits;
            match attempts::claim(worker.pool(), import_id, limits.lease.length, limits.max).await {
                Ok(Some(import)) => worker.attempt(&import).await,
                Ok(None) => tracing::debug!(import_id, "nothing to do"),
                Err(error) => tracing::warn!(import_id, %error, "the import could not be claimed"),
            }
            drop(slot);
        });
        if let Err(error) = work.await {
            tracing::error!(import_id, %error, "an import ended in a panic");
        }
    }

    /// Another process is to take the job that this one can't begin any more.
    async fn put_back(&self, import_id: i32) {
        let put_back = async {
            let mut tx = self.pool().begin().await?;
            recovery::put_back(&mut tx, import_id).await?;
            tx.commit().await
        };
        if let Err(error) = in_time(put_back).await {
            tracing::warn!(import_id, %error, "the import could not be put back; housekeeping will");
        }
    }

    async fn attempt(&self, import: &Claimed) {
        let key = AttemptKey {
            import_id: import.id,
            number: import.attempt,
        };
        let phase = if import.import_type == ImportType::DateRange {
            Phase::Fetching
        } else {
            Phase::Reading
        };
        let attempt = Attempt::begin(self.pool().clone(), key, self.inner.limits.lease, phase);
        tracing::info!(
            import = key.import_id,
            attempt = key.number,
            kind = import.import_type.as_str(),
            "import begins"
        );
        let rejects = Rejects::new(self.pool().clone(), key);
        let result = tokio::select! {
            biased;
            result = self.inner.importer.run(import, &attempt, &rejects) => result,
            stopped = attempt.stopped() => Err(stopped.into()),
            () = self.inner.hand_back.cancelled() => Err(ImportError::Stopping),
        };
        match result {
            Ok(()) => tracing::info!(import = key.import_id, "import succeeded"),
            Err(error) => {
                self.settle(import, &attempt, &rejects, error).await;
            }
        }
        drop(attempt);
    }

    /// Writes how an attempt without success ended. The database may be away for a while; when it stays away
    /// for longer than the lease, recovery ends the import instead.
    async fn settle(
        &self,
        import: &Claimed,
        attempt: &Attempt,
        rejects: &Rejects,
        error: ImportError,
    ) {
        let key = attempt.key;
        tracing::warn!(import = key.import_id, attempt = key.number, %error, "import did not succeed");
        let end = || async {
            // What was read of a file, and what was wrong with it, is worth most when its import fails.
            match rejects.write().await {
                Err(ImportError::Database(error)) => return Err(error),
                Err(cause) => {
                    tracing::debug!(import = key.import_id, %cause, "no rejects are kept");
                }
                Ok(()) => attempt.report().await?,
            }
            self.write_end(import, key, &error).await
        };
        let written = (|| in_time(end()))
            .retry(
                ExponentialBuilder::default()
                    .with_max_delay(Duration::from_secs(2))
                    .with_max_times(10),
            )
            .await;
        if let Err(cause) = written {
            tracing::error!(import = key.import_id, %cause, "how the import ended could not be written");
        }
    }

    async fn write_end(
        &self,
        import: &Claimed,
        key: AttemptKey,
        error: &ImportError,
    ) -> sqlx::Result<()> {
        let attempts_left = import.tries < self.inner.limits.max;
        let now = self.inner.importer.clock.now();
        if matches!(error, ImportError::Cancelled | ImportError::Stopping) {
            sessions::end(self.pool(), key).await?;
        }
        match error {
            // A commit that was refused may have been so because of a cancel that came before it.
            ImportError::Lost | ImportError::Cancelled => {
                recovery::end_cancelled(self.pool(), key, now)
                    .await
                    .map(drop)
            }
            ImportError::Stopping => self.hand_back(key, false).await,
            error if error.is_passing() && attempts_left => self.hand_back(key, true).await,
            error => {
                let (kind, mut message) = error.tell();
                let mut tx = self.pool().begin().await?;
                if import.import_type == ImportType::DateRange
                    && !matches!(error, ImportError::Dates(..))
                {
                    let dates = import_dates::of(&mut *tx, import.id).await?;
                    if let Some(rest) = summary::of_rest(&dates) {
                        message = format!("{message} {rest}");
                    }
                }
                if outcomes::fail(&mut *tx, key, now, kind, &message).await?
                    && (kind == FailureKind::InvalidInput || error.is_without_payload())
                    && let Some(payload) = &import.payload
                {
                    // The same bytes can only fail again, or are gone. What can't be deleted now, housekeeping deletes.
                    let needed = outcomes::release_payload(&mut tx, import.id, payload).await?;
                    tx.commit().await?;
                    if !needed {
                        let _ = self.inner.importer.payloads.delete(payload).await;
                    }
                    return Ok(());
                }
                tx.commit().await
            }
        }
    }

    /// Hands an import back to the queue, or ends it if somebody has cancelled it meanwhile.
    async fn hand_back(&self, key: AttemptKey, counts: bool) -> sqlx::Result<()> {
        let mut tx = self.pool().begin().await?;
        if !recovery::hand_back(&mut tx, key, counts).await? {
            let now = self.inner.importer.clock.now();
            recovery::end_cancelled(&mut *tx, key, now).await?;
        }
        tx.commit().await
    }

    /// Stops taking jobs, lets running imports finish within `grace`, and hands the others back to the queue.
    pub async fn shut_down(&self, grace: Duration) {
        self.inner.closing.cancel();
        self.inner.running.close();
        if tokio::time::timeout(grace, self.inner.running.wait())
            .await
            .is_err()
        {
            tracing::info!(
                imports = self.inner.running.len(),
                "handing running imports back to the queue"
            );
            self.inner.hand_back.cancel();
            // Without a database they can't be; their leases end by themselves.
            let _ = tokio::time::timeout(self.inner.limits.lease.length, self.inner.running.wait())
                .await;
        }
    }
}

/// apalis calls this with each job.
async fn handle(job: ImportJob, worker: Data<Worker>) -> Result<(), BoxDynError> {
    worker.work_on(job.import_id).await;
    Ok(())
}
