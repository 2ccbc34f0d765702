//! Starting, repeating and stopping imports. The one place that starts any: the log row and the job are written
//! in one transaction, so that neither exists without the other.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use sqlx::{PgConnection, PgPool};
use tokio::sync::Semaphore;

use super::{ServiceError, in_time, under_way::UnderWay};
use crate::{
    error::ErrorKind,
    model::import_log::{
        FailureKind, ImportLog, ImportStatus, ImportType, LONGEST_RANGE, Phase, Requester, Started,
    },
    server::{
        clock::Clock,
        db::{
            self,
            attempts::AttemptKey,
            endings::Endings,
            import_dates,
            import_logs::{self, NewLog},
            jobs, outcomes, recovery,
        },
        importer::{SAMPLE, SAMPLE_FILENAME},
        payloads::Payloads,
    },
};

/// Uploads take turns, chunk by chunk: many at once must not keep everybody else from the processor.
const CHUNKS_AT_ONCE: usize = 2;

/// What is said where a feed is needed and none is configured.
pub(super) const NO_FEED: &str =
    "No results feed is configured: set EXTERNAL_API_URL and start the server again.";

/// Starts, repeats and stops imports.
#[derive(Clone, Debug)]
pub struct Imports {
    pub(super) pool: PgPool,
    pub(super) payloads: Payloads,
    pub(super) clock: Clock,
    pub(super) endings: Endings,
    /// Bytes.
    pub(super) max_upload: u64,
    pub(super) feed_configured: bool,
    /// Whose turn it is to work on a chunk of an upload.
    pub(super) chunks: Arc<Semaphore>,
    pub(super) uploads: UnderWay,
}

impl Imports {
    #[must_use]
    pub fn new(
        pool: PgPool,
        payloads: Payloads,
        clock: Clock,
        endings: Endings,
        max_upload: u64,
        feed_configured: bool,
    ) -> Self {
        Self {
            pool,
            payloads,
            clock,
            endings,
            max_upload,
            feed_configured,
            chunks: Arc::new(Semaphore::new(CHUNKS_AT_ONCE)),
            uploads: UnderWay::default(),
        }
    }

    /// Imports the bundled sample.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start_sample(&self, by: Requester) -> Result<Started, ServiceError> {
        let mut log = NewLog::new(ImportType::SampleData, by, self.clock.now());
        log.filename = Some(SAMPLE_FILENAME);
        log.file_size = i64::try_from(SAMPLE.len()).ok();
        let mut tx = self.pool.begin().await?;
        let started = start(&mut tx, &log).await?;
        tx.commit().await?;
        Ok(started)
    }

    /// Imports each day from `start` to `end`, both included, from the feed.
    ///
    /// # Errors
    /// When the dates are no possible range, no feed is configured (which is logged as a failed import), or the
    /// database refuses.
    pub async fn start_range(
        &self,
        start: NaiveDate,
        end: NaiveDate,
        by: Requester,
    ) -> Result<Started, ServiceError> {
        let dates = self.dates_of(start, end)?;
        let mut tx = self.pool.begin().await?;
        let started = self.start_dates(&mut tx, &dates, None, by).await?;
        tx.commit().await?;
        if self.feed_configured {
            Ok(started)
        } else {
            let kind = ErrorKind::Unavailable;
            Err(ServiceError::of_import(started.id, kind, NO_FEED))
        }
    }

    fn dates_of(&self, start: NaiveDate, end: NaiveDate) -> Result<Vec<NaiveDate>, ServiceError> {
        let refuse = |sentence: String| Err(ServiceError::told(ErrorKind::Unprocessable, sentence));
        let today = self.clock.today();
        if end < start {
            return refuse(format!(
                "The range ends ({end}) before it starts ({start}). Swap the two dates."
            ));
        }
        if end > today {
            return refuse(format!(
                "The range ends on {end}, which is in the future: today in Bangkok is {today}."
            ));
        }
        if (end - start).num_days() >= LONGEST_RANGE {
            return refuse(format!(
                "The range from {start} to {end} is longer than {LONGEST_RANGE} days. Import it in parts."
            ));
        }
        Ok(start.iter_days().take_while(|date| *date <= end).collect())
    }

    /// Logs and queues an import of these dates in the caller's transaction. Without a feed the log is a failure
    /// at once.
    pub(super) async fn start_dates(
        &self,
        tx: &mut PgConnection,
        dates: &[NaiveDate],
        retry_of: Option<i32>,
        by: Requester,
    ) -> Result<Started, ServiceError> {
        let mut log = NewLog::new(ImportType::DateRange, by, self.clock.now());
        log.range = dates.first().copied().zip(dates.last().copied());
        log.progress_total = i64::try_from(dates.len()).ok();
        log.retry_of = retry_of;
        let started = start(&mut *tx, &log).await?;
        import_dates::plan(&mut *tx, started.id, dates).await?;
        if !self.feed_configured {
            let key = AttemptKey {
                import_id: started.id,
                number: 0,
            };
            outcomes::fail(
                tx,
                key,
                self.clock.now(),
                FailureKind::SourceUnavailable,
                NO_FEED,
            )
            .await?;
        }
        Ok(started)
    }

    /// Asks a running import to stop. That it will is certain when this answers; when, its log says.
    ///
    /// # Errors
    /// When there is no such import, it has ended, or the database refuses.
    pub async fn cancel(&self, id: i32, by: Requester) -> Result<(), ServiceError> {
        let mut tx = self.pool.begin().await?;
        let log = import_logs::lock(&mut tx, id)
            .await?
            .ok_or_else(|| no_such_import(id))?;
        if log.status != ImportStatus::Running {
            return Err(ServiceError::told(
                ErrorKind::Conflict,
                format!(
                    "Import #{id} has ended already ({}); there is nothing to cancel.",
                    log.status.as_str()
                ),
            ));
        }
        recovery::cancel(&mut tx, id, by, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The log of an import as it stands.
    ///
    /// # Errors
    /// When there is no such import or the database refuses.
    pub async fn log(&self, id: i32) -> Result<ImportLog, ServiceError> {
        import_logs::get(&self.pool, id)
            .await?
            .ok_or_else(|| no_such_import(id))
    }

    /// Waits until an import has ended and answers its log. The database may be away for a while meanwhile.
    ///
    /// # Errors
    /// When there is no such import, or the database refuses or stays away.
    pub async fn wait(&self, id: i32) -> Result<ImportLog, ServiceError> {
        // The log is also looked at now and then, for the case that a notification got lost with its connection.
        const LOOK_EVERY: Duration = Duration::from_secs(2);
        const PATIENCE: Duration = Duration::from_secs(30);
        let mut endings = self.endings.subscribe();
        let mut seen = Instant::now();
        loop {
            match in_time(self.log(id)).await {
                Ok(log) if log.status != ImportStatus::Running => return Ok(log),
                Ok(_) => seen = Instant::now(),
                Err(ServiceError::Database(error)) if db::is_passing(&error) => {
                    if seen.elapsed() > PATIENCE {
                        tracing::error!(import = id, %error, "database");
                        return Err(ServiceError::told(
                            ErrorKind::Unavailable,
                            format!(
                                "Import #{id} was started, but the database can't be reached any more. Its log will say how it ended."
                            ),
                        ));
                    }
                }
                Err(error) => return Err(error),
            }
            let ended = async { while endings.recv().await.is_ok_and(|ended| ended != id) {} };
            let _ = tokio::time::timeout(LOOK_EVERY, ended).await;
        }
    }
}

/// Writes the log row and the job.
pub(super) async fn start(
    tx: &mut PgConnection,
    log: &NewLog<'_>,
) -> Result<Started, ServiceError> {
    debug_assert_eq!(log.phase, Phase::Queued);
    let id = import_logs::create(&mut *tx, log).await?;
    jobs::enqueue(tx, id).await?;
    Ok(Started { id })
}

pub(super) fn no_such_import(id: i32) -> ServiceError {
    ServiceError::told(
        ErrorKind::NotFound,
        format!("There is no import #{id}. Its log may have been cleared."),
    )
}
