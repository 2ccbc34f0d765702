//! What the Scheduler page shows, read in one go.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use tokio::time::Instant;

use super::{
    ServiceError, coalesce::Coalesced, data::Data, in_time, logs::Logs, scheduler::Scheduler,
};
use crate::{
    error::AppError,
    model::scheduler::SchedulerPage,
    server::{
        clock::Clock,
        db::import_logs::{self, Counts},
    },
};

/// From so many logs on, counting them takes long enough to be worth doing less often.
const MANY_LOGS: i64 = 10_000;
/// How long a count of many logs is good for.
const COUNT_FOR: Duration = Duration::from_secs(2);

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
    async fn read(&self) -> Result<SchedulerPage, ServiceError> {
        let (logs, scheduler, has_results, counts) = tokio::try_join!(
            self.logs.latest(),
            self.scheduler.status(),
            self.data.has_results(),
            self.counts()
        )?;
        Ok(SchedulerPage {
            now: self.clock.now(),
            today: self.clock.today(),
            logs: logs.to_vec(),
            finished_logs: counts.finished,
            running_logs: counts.running,
            unresolved_failures: counts.unresolved,
            newest_unresolved: counts.newest_unresolved,
            has_results,
            scheduler,
            max_upload_bytes: self.max_upload,
        })
    }

    async fn counts(&self) -> Result<Counts, ServiceError> {
        let known = *self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, counts)) = known
            && counts.finished >= MANY_LOGS
            && at.elapsed() < COUNT_FOR
        {
            return Ok(counts);
        }
        let counts = import_logs::counts(&self.pool).await?;
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), counts));
        Ok(counts)
    }
}
