//! What the Scheduler page shows, read in one go; and not again while nothing has changed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use tokio::time::Instant;

use super::{
    ServiceError,
    changes::{Changes, Moment},
    coalesce::Coalesced,
    data::Data,
    folding::fold,
    in_time,
    logs::SHOWN,
    retention::Retention,
    scheduler::Scheduler,
};
use crate::{
    error::AppError,
    model::{asked::Shows, fold::Fold, import_log::ImportLog, scheduler::SchedulerPage},
    server::{
        clock::Clock,
        db::{
            self, folds,
            import_log_counts::{self, Counts},
            import_logs,
        },
    },
};

/// So many open failures that are no longer among the latest logs are shown with them.
const OLDER_FAILURES: i64 = 50;
/// And so many to those who ask for all: more make a page that no browser likes.
const ALL_OLDER_FAILURES: i64 = 1000;

/// Some of what is shown changes by itself, as time passes: which process is alive, which day it is, when the next run
/// comes. So a reading is good for so long.
const GOOD_FOR: Duration = Duration::from_secs(5);
/// And for so long while an import runs, which is expected to take less and less time; or while changes aren't heard of.
const GOOD_FOR_NOW: Duration = Duration::from_secs(1);

/// The Scheduler page's data.
#[derive(Clone, Debug)]
pub struct Overview {
    parts: Arc<Parts>,
    changes: Changes,
    page: Coalesced<Result<SchedulerPage, AppError>>,
    readers: Coalesced<Result<Arc<SchedulerPage>, AppError>>,
    latest: Arc<Mutex<Option<Latest>>>,
}

/// The latest reading for many.
#[derive(Clone, Debug)]
struct Latest {
    page: Arc<SchedulerPage>,
    /// Before it was read.
    moment: Moment,
    at: Instant,
}

#[derive(Debug)]
struct Parts {
    pool: PgPool,
    clock: Clock,
    scheduler: Scheduler,
    data: Data,
    retention: Retention,
    /// Bytes.
    max_upload: u64,
}

impl Overview {
    #[must_use]
    pub fn new(
        pool: PgPool,
        clock: Clock,
        scheduler: Scheduler,
        data: Data,
        retention: Retention,
        changes: Changes,
        max_upload: u64,
    ) -> Self {
        Self {
            parts: Arc::new(Parts {
                pool,
                clock,
                scheduler,
                data,
                retention,
                max_upload,
            }),
            changes,
            page: Coalesced::default(),
            readers: Coalesced::default(),
            latest: Arc::default(),
        }
    }

    /// The same as [`Self::page`] for those who ask for nothing of their own, but read only if something may have changed
    /// since it was read last. While it shows the same it is the very same, and its clock (`now`) stands still: whoever
    /// shows it puts the present into it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest(&self) -> Result<Arc<SchedulerPage>, ServiceError> {
        if let Some(page) = self.still_good() {
            return Ok(page);
        }
        let overview = self.clone();
        let read = || async move {
            // The reading before this one may have been begun after the last change.
            if let Some(page) = overview.still_good() {
                return Ok(page);
            }
            overview.read_latest().await
        };
        Ok(self.readers.read(read).await?)
    }

    fn still_good(&self) -> Option<Arc<SchedulerPage>> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = latest.as_ref()?;
        let hurry = latest.page.running_logs > 0 || !self.changes.are_heard();
        let good_for = if hurry { GOOD_FOR_NOW } else { GOOD_FOR };
        (latest.moment == self.changes.moment() && latest.at.elapsed() < good_for)
            .then(|| latest.page.clone())
    }

    async fn read_latest(&self) -> Result<Arc<SchedulerPage>, AppError> {
        let (moment, at) = (self.changes.moment(), Instant::now());
        let read = in_time(self.parts.read(Shows::default())).await;
        let mut page = Arc::new(read.map_err(|error| error.tell())?);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = latest.as_ref().filter(|it| shows_same(&it.page, &page)) {
            page = before.page.clone();
        }
        *latest = Some(Latest {
            page: page.clone(),
            moment,
            at,
        });
        Ok(page)
    }

    /// All that the Scheduler page shows, or as much of the imports as is asked for.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn page(&self, shows: Shows) -> Result<SchedulerPage, ServiceError> {
        if shows != Shows::default() {
            return Box::pin(in_time(self.parts.read(shows))).await;
        }
        let parts = self.parts.clone();
        let read = || async move {
            in_time(parts.read(Shows::default()))
                .await
                .map_err(|error| error.tell())
        };
        Ok(self.page.read(read).await?)
    }
}

/// Whether two readings show the same, but for the clock: the present, and when a process that is alive was last seen.
fn shows_same(one: &SchedulerPage, other: &SchedulerPage) -> bool {
    let mut still = other.clone();
    still.now = one.now;
    let both = still.scheduler.processes.iter_mut();
    for (process, before) in both.zip(&one.scheduler.processes) {
        if process.is_alive {
            process.seen_at = before.seen_at;
        }
    }
    still == *one
}

/// The logs that are shown, and the numbers of them all.
struct Shown {
    logs: Vec<ImportLog>,
    folds: Vec<Fold>,
    /// How many of them are older failures.
    older: i64,
    counts: Counts,
}

impl Parts {
    async fn read(&self, shows: Shows) -> Result<SchedulerPage, ServiceError> {
        let (rows, scheduler, has_results, retained) = tokio::try_join!(
            self.logs(shows),
            self.scheduler.status(),
            self.data.has_results(),
            self.retention.last(),
        )?;
        let open = rows.logs.iter().filter(|log| log.open_failure).count();
        Ok(SchedulerPage {
            now: self.clock.now(),
            today: self.clock.today(),
            older_failures: rows.older,
            more_failures: rows.counts.open_failures - number(open),
            logs: rows.logs,
            folds: rows.folds,
            finished_logs: rows.counts.finished,
            running_logs: rows.counts.running,
            unresolved_failures: rows.counts.open_failures,
            newest_unresolved: rows.counts.newest_open_failure,
            has_results,
            scheduler,
            max_upload_bytes: self.max_upload,
            kept_days: self.retention.keeps.logs,
            open_failures_kept_days: self.retention.keeps.open_failures(),
            retained,
        })
    }

    /// The rows and their numbers, of one and the same moment. Open failures would scroll out of sight, and one click
    /// has to run them again: they follow the latest.
    async fn logs(&self, shows: Shows) -> Result<Shown, ServiceError> {
        let mut moment = db::begin_reading(&self.pool).await?;
        let (mut logs, folds) = if shows.all_runs {
            (import_logs::latest(&mut *moment, SHOWN).await?, Vec::new())
        } else {
            let stretches = folds::stretches(&mut *moment, SHOWN).await?;
            let (own, folds) = fold(&stretches, usize::try_from(SHOWN).unwrap_or_default());
            (import_logs::of_ids(&mut *moment, &own).await?, folds)
        };
        let counts = import_log_counts::read(&mut *moment).await?;
        let open = logs.iter().filter(|log| log.open_failure).count();
        let older = if counts.open_failures > number(open) {
            let latest: Vec<i32> = logs.iter().map(|log| log.id).collect();
            let most = if shows.all_failures {
                ALL_OLDER_FAILURES
            } else {
                OLDER_FAILURES
            };
            import_logs::open_failures(&mut *moment, &latest, most).await?
        } else {
            Vec::new()
        };
        moment.commit().await?;
        let number_of_older = number(older.len());
        logs.extend(older);
        Ok(Shown {
            logs,
            folds,
            older: number_of_older,
            counts,
        })
    }
}

fn number(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
