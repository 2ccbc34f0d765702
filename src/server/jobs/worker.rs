//! The worker: takes imports that wait in line, runs the pipeline, and writes how each ended.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use futures::FutureExt as _;
use sqlx::PgPool;
use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    model::import_log::{FailureKind, ImportType, Phase},
    server::{
        attempt::Attempt,
        config,
        db::{
            attempts::AttemptKey,
            import_dates,
            listener::Listener,
            outcomes, recovery,
            runs::{self, Again, Claimed, Lane, Needs, Wanted},
            sessions,
        },
        importer::{Importer, error::ImportError, rejects::Rejects, summary},
        services::{cancelling, in_time},
    },
};

/// The queue is also looked at this often: a notification may be missed, and an import that is tried again is due without
/// one.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs imports.
#[derive(Clone, Debug)]
pub struct Worker {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    importer: Importer,
    /// What this process has that imports may need.
    has: Needs,
    limits: config::Attempts,
    slots: Slots,
    /// Changes when an import comes in line.
    queued: Mutex<watch::Receiver<()>>,
    running: TaskTracker,
    /// No import is begun any more.
    closing: CancellationToken,
    /// Imports that still run have to be handed back.
    hand_back: CancellationToken,
}

/// How many imports may run at a time: each lane has its own number, so that none holds up another.
#[derive(Debug)]
struct Slots {
    lanes: [(Lane, Arc<Semaphore>); Lane::ALL.len()],
    /// One has become free.
    freed: Notify,
}

impl Slots {
    /// So many files and so many ranges; and a short one beside them.
    fn new(imports: usize) -> Self {
        Self {
            lanes: Lane::ALL.map(|lane| {
                let slots = if lane == Lane::Short { 1 } else { imports };
                (lane, Arc::new(Semaphore::new(slots)))
            }),
            freed: Notify::new(),
        }
    }

    /// The lanes in which an import may begin.
    fn free(&self) -> Vec<Lane> {
        self.lanes
            .iter()
            .filter(|(_, slots)| slots.available_permits() > 0)
            .map(|(lane, _)| *lane)
            .collect()
    }

    fn take(&self, lane: &str) -> Option<OwnedSemaphorePermit> {
        let (_, slots) = self.lanes.iter().find(|(it, _)| it.as_str() == lane)?;
        slots.clone().try_acquire_owned().ok()
    }
}

impl Worker {
    #[must_use]
    pub fn new(
        importer: Importer,
        has: Needs,
        listener: &Listener,
        limits: config::Attempts,
        concurrency: usize,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                importer,
                has,
                limits,
                slots: Slots::new(concurrency),
                queued: Mutex::new(listener.queued()),
                running: TaskTracker::new(),
                closing: CancellationToken::new(),
                hand_back: CancellationToken::new(),
            }),
        }
    }

    fn pool(&self) -> &PgPool {
        &self.inner.importer.pool
    }

    /// Waits until an import may have come in line, then begins all that there are slots for.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn round(&self) -> sqlx::Result<()> {
        let mut queued = self.inner.queued.lock().await;
        tokio::select! {
            _ = queued.changed() => {}
            () = self.inner.slots.freed.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        loop {
            let lanes = self.inner.slots.free();
            if lanes.is_empty() || self.inner.closing.is_cancelled() {
                return Ok(());
            }
            let Some(import) = self.claim(&lanes, None).await? else {
                return Ok(());
            };
            let slot = self.inner.slots.take(&import.lane);
            let worker = self.clone();
            self.inner.running.spawn(async move {
                worker.attempt(&import).await;
                drop(slot);
                worker.inner.slots.freed.notify_one();
            });
        }
    }

    async fn claim(&self, lanes: &[Lane], import_id: Option<i32>) -> sqlx::Result<Option<Claimed>> {
        let wanted = Wanted {
            lanes,
            has: &self.inner.has,
            import_id,
            lease: self.inner.limits.lease.length,
        };
        runs::claim(self.pool(), &wanted).await
    }

    /// Runs one import, if it waits and nobody else runs it, beside whatever else runs. Ends when it has, or has been
    /// handed back.
    pub async fn work_on(&self, import_id: i32) {
        if self.inner.closing.is_cancelled() {
            return;
        }
        match in_time(self.claim(&Lane::ALL, Some(import_id))).await {
            Ok(Some(import)) => {
                self.inner.running.track_future(self.attempt(&import)).await;
            }
            Ok(None) => tracing::debug!(import_id, "nothing to do"),
            Err(error) => tracing::warn!(import_id, %error, "the import could not be claimed"),
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
        let running = self.inner.importer.run(import, &attempt, &rejects);
        let result = tokio::select! {
            biased;
            result = AssertUnwindSafe(running).catch_unwind() => {
                result.unwrap_or_else(|_| Err(ImportError::Internal("the import panicked".into())))
            }
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
        match error {
            // A commit that was refused may have been so because of a cancel that came before it.
            ImportError::Lost | ImportError::Cancelled => {
                if matches!(error, ImportError::Cancelled) {
                    sessions::end(self.pool(), key).await?;
                }
                self.end_cancelled(key).await
            }
            ImportError::Stopping => {
                sessions::end(self.pool(), key).await?;
                self.hand_back(key, Again::Stopping).await
            }
            error if error.is_passing() && attempts_left => {
                let (_, why) = error.tell();
                self.hand_back(key, Again::Failed(&why)).await
            }
            error => self.fail(import, key, error).await,
        }
    }

    async fn fail(
        &self,
        import: &Claimed,
        key: AttemptKey,
        error: &ImportError,
    ) -> sqlx::Result<()> {
        let (kind, mut message) = error.tell();
        let now = self.inner.importer.clock.now();
        let mut tx = self.pool().begin().await?;
        if import.import_type == ImportType::DateRange && !matches!(error, ImportError::Dates(..)) {
            let dates = import_dates::of(&mut *tx, import.id).await?;
            if let Some(rest) = summary::of_rest(&dates) {
                message = format!("{message} {rest}");
            }
        }
        let failed = outcomes::fail(&mut *tx, key, now, kind, &message).await?;
        let mut unneeded = None;
        if failed
            && (kind == FailureKind::InvalidInput || error.is_without_payload())
            && let Some(payload) = &import.payload
            && !outcomes::release_payload(&mut tx, import.id, payload).await?
        {
            unneeded = Some(payload);
        }
        tx.commit().await?;
        if let Some(payload) = unneeded {
            // The same bytes can only fail again, or are gone. What can't be deleted now, housekeeping deletes.
            let _ = self.inner.importer.payloads.delete(payload).await;
        }
        Ok(())
    }

    /// Puts an import back in line, or ends it if somebody has cancelled it meanwhile.
    async fn hand_back(&self, key: AttemptKey, again: Again<'_>) -> sqlx::Result<()> {
        if runs::hand_back(self.pool(), key, again).await? {
            return Ok(());
        }
        self.end_cancelled(key).await
    }

    /// Ends an import that somebody has cancelled, if it is still this attempt's.
    async fn end_cancelled(&self, key: AttemptKey) -> sqlx::Result<()> {
        let now = self.inner.importer.clock.now();
        let mut tx = self.pool().begin().await?;
        if let Some(run) = recovery::lock(&mut *tx, key.import_id).await?
            && run.key() == key
        {
            cancelling::end_cancelled(&mut tx, &run, now).await?;
        }
        tx.commit().await
    }

    /// Takes no more imports, lets running ones finish within `grace`, and puts the others back in line.
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
