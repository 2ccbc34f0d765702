//! The worker: takes imports that wait in line, runs the pipeline, and writes how each ended.

mod settle;
mod slots;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt as _;
use sqlx::PgPool;
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use self::slots::Slots;
use crate::{
    model::import_log::{ImportType, Phase},
    server::{
        attempt::Attempt,
        config,
        db::{
            attempts::AttemptKey,
            listener::Listener,
            runs::{self, Claimed, Lane, Needs, Wanted},
        },
        importer::{Importer, error::ImportError, rejects::Rejects},
        metrics::Outcome,
        services::in_time,
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
            () = self.inner.closing.cancelled() => return Ok(()),
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

    /// Makes an attempt. Each line that is logged for it says which import it is of, and which request began that.
    async fn attempt(&self, import: &Claimed) {
        let span = tracing::info_span!(
            "import",
            id = import.id,
            attempt = import.attempt,
            "type" = import.import_type.as_str(),
            request = import.request_id,
        );
        self.make_attempt(import).instrument(span).await;
    }

    async fn make_attempt(&self, import: &Claimed) {
        let begun = Instant::now();
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
        tracing::info!("import begins");
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
        let took = begun.elapsed();
        let counts = &self.inner.importer.counts;
        let outcome = match result {
            Ok(()) => {
                tracing::info!("import succeeded");
                if let Some((bytes, records)) = attempt.has_read() {
                    counts.read(import.import_type, bytes, records, took);
                }
                Outcome::Success
            }
            Err(error) => self.settle(import, &attempt, &rejects, error).await,
        };
        counts.ended(import.import_type, outcome, took);
        drop(attempt);
    }

    /// Takes no more imports, lets running ones finish within `grace`, and puts the others back in line.
    pub async fn shut_down(&self, grace: Duration) {
        const PATIENCE: Duration = Duration::from_secs(5);
        self.inner.closing.cancel();
        // What a round is just taking is run, or handed back, like all else.
        let _ = tokio::time::timeout(PATIENCE, self.inner.queued.lock()).await;
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
