//! What the Scheduler page shows, read in one go.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use tokio::{sync::Semaphore, time::Instant};

use super::{
    ServiceError, coalesce::Coalesced, data::Data, in_time, logs::Logs, scheduler::Scheduler,
};
use crate::{
    error::AppError,
    model::{import_log::ImportLog, scheduler::SchedulerPage},
    server::{
        clock::Clock,
        db::import_logs::{self, Counts},
    },
};

/// From so many logs on, counting them takes long enough to be worth doing less often, and beside the answers.
const MANY_LOGS: i64 = 10_000;
/// A count of many logs is made anew when it is older than this.
const COUNT_FOR: Duration = Duration::from_secs(2);

/// So many failures that are no longer among the latest logs are shown with them.
const OLDER_FAILURES: i64 = 10;

/// The Scheduler page's data.
#[derive(Clone, Debug)]
pub struct Overview {
    parts: Arc<Parts>,
    page: Coalesced<Result<SchedulerPage, AppError>>,
}

#[derive(Debug)]
struct Parts {
    pool: PgPool,
    clock: Clock,
    logs: Logs,
    scheduler: Scheduler,
    data: Data,
    /// Bytes.
    max_upload: u64,
    counted: Mutex<Option<(Instant, Counts)>>,
    /// One count of many logs at a time.
    counting: Arc<Semaphore>,
}

impl Overview {
    #[must_use]
    pub fn new(
        pool: PgPool,
        clock: Clock,
        logs: Logs,
        scheduler: Scheduler,
        data: Data,
        max_upload: u64,
    ) -> Self {
        Self {
            parts: Arc::new(Parts {
                pool,
                clock,
                logs,
                scheduler,
                data,
                max_upload,
                counted: Mutex::new(None),
                counting: Arc::new(Semaphore::new(1)),
            }),
            page: Coalesced::default(),
        }
    }

    /// All that the Scheduler page shows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn page(&self) -> Result<SchedulerPage, ServiceError> {
        let parts = self.parts.clone();
        let read = || async move { in_time(parts.read()).await.map_err(|error| error.tell()) };
        Ok(self.page.read(read).await?)
    }
}

impl Parts {
    async fn read(self: &Arc<Self>) -> Result<SchedulerPage, ServiceError> {
        let (logs, scheduler, has_results, counts) = tokio::try_join!(
            self.logs.latest(),
            self.scheduler.status(),
            self.data.has_results(),
            self.counts()
        )?;
        let older = if counts.unresolved > 0 {
            self.older_failures(&logs).await?
        } else {
            Vec::new()
        };
        Ok(SchedulerPage {
            now: self.clock.now(),
            today: self.clock.today(),
            older_failures: i64::try_from(older.len()).unwrap_or(0),
            logs: logs.iter().cloned().chain(older).collect(),
            finished_logs: counts.finished,
            running_logs: counts.running,
            unresolved_failures: counts.unresolved,
            newest_unresolved: counts.newest_unresolved,
            has_results,
            scheduler,
            max_upload_bytes: self.max_upload,
        })
    }

    /// Failures that are still open and would scroll out of sight: one click has to run them again.
    async fn older_failures(&self, latest: &[ImportLog]) -> Result<Vec<ImportLog>, ServiceError> {
        let most = i64::try_from(latest.len()).unwrap_or(0) + OLDER_FAILURES;
        let mut older = import_logs::unresolved(&self.pool, most).await?;
        older.retain(|failure| latest.iter().all(|log| log.id != failure.id));
        older.truncate(usize::try_from(OLDER_FAILURES).unwrap_or(0));
        Ok(older)
    }

    /// Counts the logs. Many are counted beside the answer, which has the latest count there is.
    async fn counts(self: &Arc<Self>) -> Result<Counts, ServiceError> {
        let known = *self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((at, counts)) = known.filter(|(_, counts)| counts.finished >= MANY_LOGS) else {
            return Ok(self.count().await?);
        };
        if at.elapsed() > COUNT_FOR
            && let Ok(turn) = self.counting.clone().try_acquire_owned()
        {
            let parts = self.clone();
            tokio::spawn(async move {
                if let Err(error) = in_time(parts.count()).await {
                    tracing::warn!(%error, "the logs could not be counted");
                }
                drop(turn);
            });
        }
        Ok(counts)
    }

    async fn count(&self) -> sqlx::Result<Counts> {
        let counts = import_logs::counts(&self.pool).await?;
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), counts));
        Ok(counts)
    }
}
