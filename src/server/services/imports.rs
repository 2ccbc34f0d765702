//! Starting and stopping imports. The one place that starts any: the log row and its place in line are written
//! in one transaction, so that neither exists without the other.
//!
//! Above 300 lines, since each way to start one ends in the same few steps.

use std::{sync::Arc, time::Duration};

use chrono::NaiveDate;
use sqlx::{PgConnection, PgPool};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{ServiceError, cancelling};
use crate::{
    error::{AppError, ErrorKind},
    model::{
        access::Action,
        audit::Detail,
        import_log::{
            FailureKind, ImportLog, ImportStatus, ImportType, LONGEST_RANGE, Phase, Started,
        },
    },
    server::{
        actor::{Actor, Permit, Who},
        clock::Clock,
        config::Limits,
        db::{
            audit, import_dates,
            import_logs::{self, NewLog},
            listener::Listener,
            outcomes, recovery,
            runs::{self, Lane, Needs, NewRun},
        },
        importer::{SAMPLE, SAMPLE_FILENAME},
        payloads::Payloads,
    },
};

/// Uploads take turns, chunk by chunk: many at once must not keep everybody else from the processor.
const CHUNKS_AT_ONCE: usize = 2;

/// Whoever has too many imports waiting may come again after so long.
const COME_AGAIN: Duration = Duration::from_secs(30);

/// No feed has draws of earlier days.
const EARLIEST: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(date) => date,
    None => unreachable!(),
};

/// What is said where a feed is needed and none is configured.
pub(super) const NO_FEED: &str =
    "No results feed is configured: set EXTERNAL_API_URL and start the server again.";

/// Starts, repeats and stops imports.
#[derive(Clone, Debug)]
pub struct Imports {
    pub(super) pool: PgPool,
    pub(super) payloads: Payloads,
    pub(super) clock: Clock,
    pub(super) listener: Listener,
    /// What this process has that imports may need; those that it starts name it.
    pub(super) has: Needs,
    pub(super) limits: Limits,
    /// Whose turn it is to work on a chunk of an upload.
    pub(super) chunks: Arc<Semaphore>,
    /// Uploads that arrive.
    pub(super) arriving: TaskTracker,
    /// The process stops, and they with it.
    pub(super) stopping: CancellationToken,
}

impl Imports {
    #[must_use]
    pub fn new(
        pool: PgPool,
        payloads: Payloads,
        clock: Clock,
        listener: Listener,
        has: Needs,
        limits: Limits,
    ) -> Self {
        Self {
            pool,
            payloads,
            clock,
            listener,
            has,
            limits,
            chunks: Arc::new(Semaphore::new(CHUNKS_AT_ONCE)),
            arriving: TaskTracker::new(),
            stopping: CancellationToken::new(),
        }
    }

    /// Imports the bundled sample.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start_sample(&self, by: &Actor) -> Result<Started, ServiceError> {
        let permit = by.permit(Action::Import)?;
        let mut log = NewLog::new(ImportType::SampleData, by, self.clock.now());
        log.filename = Some(SAMPLE_FILENAME);
        log.file_size = i64::try_from(SAMPLE.len()).ok();
        let mut tx = self.pool.begin().await?;
        let started = self
            .start(&mut tx, &permit, &log, Lane::Short, &Needs::default())
            .await?;
        tx.commit().await?;
        Ok(started)
    }

    /// Whether a feed is configured in this process.
    pub(super) fn has_feed(&self) -> bool {
        self.has.feed.is_some()
    }

    /// Imports each day from `start` to `end`, both included, from the feed.
    ///
    /// # Errors
    /// When the dates are no possible range, the same range waits or runs, no feed is configured (which is logged as a
    /// failed import), or the database refuses.
    pub async fn start_range(
        &self,
        start: NaiveDate,
        end: NaiveDate,
        by: &Actor,
    ) -> Result<Started, ServiceError> {
        let permit = by.permit(Action::Import)?;
        let dates = self.dates_of(start, end)?;
        let which = format!("The range from {start} to {end} is");
        self.start_alone(&dates, &which, &permit).await
    }

    /// Imports just these days, in whatever order they are given, from the feed.
    ///
    /// # Errors
    /// When they are none, too many, or no possible days, the same days wait or are being imported, no feed is configured
    /// (which is logged as a failed import), or the database refuses.
    pub async fn start_days(
        &self,
        mut dates: Vec<NaiveDate>,
        by: &Actor,
    ) -> Result<Started, ServiceError> {
        let permit = by.permit(Action::Import)?;
        dates.sort_unstable();
        dates.dedup();
        self.check_days(&dates)?;
        let which = match dates.as_slice() {
            [date] => format!("{date} is"),
            dates => format!("These {} days are", dates.len()),
        };
        self.start_alone(&dates, &which, &permit).await
    }

    /// Imports these days unless somebody does so already; `which` says so.
    async fn start_alone(
        &self,
        dates: &[NaiveDate],
        which: &str,
        permit: &Permit,
    ) -> Result<Started, ServiceError> {
        let mut tx = self.pool.begin().await?;
        if let Some(same) = runs::same_dates(&mut tx, dates).await? {
            return Err(ServiceError::told(
                ErrorKind::Conflict,
                format!(
                    "{which} being imported already, as #{same}. Wait for it to end, or cancel it."
                ),
            ));
        }
        let started = self.start_dates(&mut tx, dates, None, permit).await?;
        tx.commit().await?;
        if self.has_feed() {
            Ok(started)
        } else {
            let kind = ErrorKind::Unavailable;
            Err(ServiceError::of_import(started.id, kind, NO_FEED))
        }
    }

    /// Refuses days, which are in order, that can't be asked for.
    fn check_days(&self, dates: &[NaiveDate]) -> Result<(), ServiceError> {
        let refuse = |sentence: String| Err(ServiceError::told(ErrorKind::Unprocessable, sentence));
        let today = self.clock.today();
        let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
            return refuse("No day was named. Choose at least one.".to_owned());
        };
        if *last > today {
            return refuse(format!(
                "{last} is in the future: today in Bangkok is {today}. Leave it out."
            ));
        }
        if *first < EARLIEST {
            return refuse(format!(
                "On {first} there were no draws yet. Ask for {EARLIEST} or later."
            ));
        }
        if i64::try_from(dates.len()).is_ok_and(|days| days > LONGEST_RANGE) {
            return refuse(format!(
                "These are {} days, which is more than {LONGEST_RANGE}. Import them in parts.",
                dates.len()
            ));
        }
        Ok(())
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
        if start < EARLIEST {
            return refuse(format!(
                "The range starts on {start}, when there were no draws yet. Ask for {EARLIEST} or later."
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
        permit: &Permit,
    ) -> Result<Started, ServiceError> {
        let mut log = NewLog::new(ImportType::DateRange, permit.actor(), self.clock.now());
        log.range = dates.first().copied().zip(dates.last().copied());
        log.progress_total = i64::try_from(dates.len()).ok();
        log.retry_of = retry_of;
        if self.has_feed() {
            let needs = Needs {
                store: None,
                ..self.has.clone()
            };
            let started = self
                .start(&mut *tx, permit, &log, Lane::Feed, &needs)
                .await?;
            import_dates::plan(&mut *tx, started.id, dates).await?;
            return Ok(started);
        }
        let id = self.create(&mut *tx, permit, &log).await?;
        import_dates::plan(&mut *tx, id, dates).await?;
        let (now, kind) = (self.clock.now(), FailureKind::SourceUnavailable);
        outcomes::fail_without_run(tx, id, now, kind, NO_FEED).await?;
        Ok(Started { id })
    }

    /// Asks a running import to stop. That it will is certain when this answers; when, its log says.
    ///
    /// # Errors
    /// When there is no such import, it has ended, or the database refuses.
    pub async fn cancel(&self, id: i32, by: &Actor) -> Result<(), ServiceError> {
        let permit = by.permit(Action::Cancel)?;
        let mut tx = self.pool.begin().await?;
        // The run before the log, as everybody does.
        let run = recovery::lock(&mut *tx, id).await?;
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
        let now = self.clock.now();
        if let Some(mut run) = run {
            recovery::ask_to_stop(&mut *tx, id, by.door).await?;
            run.cancelled_by.get_or_insert(by.door);
            // One that only waits for a worker ends at once.
            if run.phase == Phase::Queued {
                cancelling::end_cancelled(&mut tx, &run, now).await?;
            }
        } else {
            let message = format!("Cancelled from the {}. Nothing was working on it.", by.door);
            let kind = FailureKind::Cancelled;
            outcomes::fail_without_run(&mut *tx, id, now, kind, &message).await?;
        }
        audit::note(&mut *tx, &permit, Some(id), Detail::default()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Writes the log row and puts the import in line.
    pub(super) async fn start(
        &self,
        tx: &mut PgConnection,
        permit: &Permit,
        log: &NewLog<'_>,
        lane: Lane,
        needs: &Needs,
    ) -> Result<Started, ServiceError> {
        let import_id = self.create(&mut *tx, permit, log).await?;
        let run = NewRun {
            import_id,
            phase: Phase::Queued,
            lane,
            needs,
            upload_name: None,
            progress_total: log.progress_total,
            lease: Duration::ZERO,
        };
        runs::create(tx, &run).await?;
        Ok(Started { id: import_id })
    }

    /// Writes the log row, and who asked for it, unless too much of theirs waits already.
    pub(super) async fn create(
        &self,
        tx: &mut PgConnection,
        permit: &Permit,
        log: &NewLog<'_>,
    ) -> Result<i32, ServiceError> {
        let by = permit.actor();
        if by.who != Who::Scheduler {
            let (name, most) = (by.name(), i64::from(self.limits.waiting));
            let mut waiting = runs::waiting_of(&mut *tx, name.as_deref()).await?;
            if waiting >= most / 2 {
                // Near the limit they take turns: many at once count each other.
                runs::take_turns(&mut *tx, name.as_deref()).await?;
                waiting = runs::waiting_of(&mut *tx, name.as_deref()).await?;
            }
            if waiting >= most {
                return Err(ServiceError::TooMany {
                    error: AppError::new(
                        ErrorKind::TooMany,
                        format!(
                            "{waiting} imports of yours wait already, and no more may (NUMWATCH_MAX_WAITING). Try again when some of them have ended."
                        ),
                    ),
                    wait: COME_AGAIN,
                });
            }
        }
        let id = import_logs::create(&mut *tx, log).await?;
        let detail = Detail {
            what: Some(log.import_type.as_str().to_owned()),
            name: log.filename.map(ToOwned::to_owned),
            days: log.range,
            ..Detail::default()
        };
        audit::note(tx, permit, Some(id), detail).await?;
        Ok(id)
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
}

pub(super) fn no_such_import(id: i32) -> ServiceError {
    ServiceError::told(
        ErrorKind::NotFound,
        format!("There is no import #{id}. Its log may have been cleared."),
    )
}
