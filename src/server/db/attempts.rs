//! What a worker writes to the log it works on, and how abandoned work is found again.
//!
//! A worker owns a log while the attempt number is its own and the status is `running`. Every statement here
//! checks both, so a worker that was given up for dead and wakes up late changes nothing. The lease is kept by
//! PostgreSQL's clock, the one that all machines share.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgExecutor};

use super::jobs;
use crate::model::import_log::{FailureKind, ImportType, Phase, Requester};

/// One attempt at one import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptKey {
    pub import_id: i32,
    /// 0 while the upload arrives; then 1 for the first worker's, and so on.
    pub number: i32,
}

/// An import that this process may work on now.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: i32,
    pub attempt: i32,
    /// Attempts so far that count against the limit, this one included.
    pub tries: i32,
    pub import_type: ImportType,
    pub payload: Option<String>,
    pub file_size: Option<i64>,
    pub range_start: Option<NaiveDate>,
    pub range_end: Option<NaiveDate>,
}

/// Takes an import that waits, or whose worker's lease has ended. `None`: somebody else has it, it is over, or
/// it may not be tried again.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: impl PgExecutor<'_>, id: i32, lease: Duration, max: i32) -> sqlx::Result<Option<Claimed>> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE import_logs
           SET attempt = attempt + 1, lease_until = now() + make_interval(secs => $2), progress = 0,
               phase = CASE import_type WHEN 'date_range' THEN 'fetching' ELSE 'reading' END
           WHERE id = $1 AND status = 'running' AND cancelled_by IS NULL AND attempt - handed_back < $3
             AND (phase = 'queued' OR phase <> 'uploading' AND lease_until < now())
           RETURNING id, attempt, attempt - handed_back AS "tries!", import_type AS "import_type: ImportType", payload, file_size, range_start, range_end"#,
        id,
        lease.as_secs_f64(),
        max
    )
    .fetch_optional(db)
    .await
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    /// Bytes of a file or days of a range.
    pub done: i64,
    pub total: Option<i64>,
    /// `None` leaves the log's number as it is.
    pub records: Option<i32>,
}

/// What a worker learns when it writes its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    Goes,
    /// Somebody asked for it to stop.
    Cancelled,
    /// The import is no longer this attempt's.
    Lost,
}

/// Renews the lease and writes the progress, outside the import's own transaction.
///
/// # Errors
/// When the database refuses.
pub async fn heartbeat(
    db: impl PgExecutor<'_>,
    key: AttemptKey,
    lease: Duration,
    progress: &Progress,
) -> sqlx::Result<Heartbeat> {
    let cancelled = sqlx::query_scalar!(
        r#"UPDATE import_logs
           SET lease_until = now() + make_interval(secs => $3), phase = $4, progress = $5,
               progress_total = coalesce($6, progress_total), records_processed = coalesce($7, records_processed)
           WHERE id = $1 AND attempt = $2 AND status = 'running'
           RETURNING cancelled_by IS NOT NULL AS "cancelled!""#,
        key.import_id,
        key.number,
        lease.as_secs_f64(),
        progress.phase.as_str(),
        progress.done,
        progress.total,
        progress.records,
    )
    .fetch_optional(db)
    .await?;
    Ok(match cancelled {
        None => Heartbeat::Lost,
        Some(true) => Heartbeat::Cancelled,
        Some(false) => Heartbeat::Goes,
    })
}

/// The upload is complete and stored: its name, size and hash are known, and it waits for a worker.
/// Answers whether the log was still waiting for it.
///
/// # Errors
/// When the database refuses.
pub async fn uploaded(
    db: impl PgExecutor<'_>,
    id: i32,
    payload: &str,
    filename: Option<&str>,
    size: i64,
    sha256: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs
         SET phase = 'queued', payload = $2, filename = coalesce(left($3, 255), filename), file_size = $4,
             payload_sha256 = $5, progress = 0, progress_total = $4, lease_until = now() + interval '60 seconds'
         WHERE id = $1 AND status = 'running' AND phase = 'uploading' AND cancelled_by IS NULL",
        id,
        payload,
        filename,
        size,
        sha256
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// The name that a backup's own `_metadata` gives it, for an upload that came without one.
///
/// # Errors
/// When the database refuses.
pub async fn name(db: impl PgExecutor<'_>, key: AttemptKey, filename: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE import_logs SET filename = left($3, 255)
         WHERE id = $1 AND attempt = $2 AND status = 'running' AND filename IS NULL",
        key.import_id,
        key.number,
        filename
    )
    .execute(db)
    .await
    .map(drop)
}

/// What an import brought, counted by the statements that did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub records: i64,
    pub games_created: i64,
    pub results_created: i64,
    pub results_updated: i64,
    pub results_unchanged: i64,
    pub duplicates: i64,
    pub rejected: i64,
}

/// A number of records as the seed's INTEGER columns hold it.
fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Ends an import as a success, in the transaction that holds its data. Answers whether the log was still this
/// attempt's: if not, the caller must roll back.
///
/// # Errors
/// When the database refuses.
pub async fn succeed(db: &mut PgConnection, key: AttemptKey, at: DateTime<Utc>, counters: &Counters) -> sqlx::Result<bool> {
    let ended = sqlx::query!(
        "UPDATE import_logs
         SET status = 'success', phase = 'ended', completed_at = greatest($3, started_at), error_message = NULL,
             progress = coalesce(progress_total, progress), records_processed = $4, games_created = $5,
             results_created = $6, results_updated = $7, results_unchanged = $8, duplicates = $9, records_rejected = $10
         WHERE id = $1 AND attempt = $2 AND status = 'running' AND cancelled_by IS NULL",
        key.import_id,
        key.number,
        at,
        int(counters.records),
        int(counters.games_created),
        int(counters.results_created),
        int(counters.results_updated),
        int(counters.results_unchanged),
        int(counters.duplicates),
        int(counters.rejected),
    )
    .execute(&mut *db)
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(false);
    }
    resolve_ancestors(db, key.import_id).await?;
    Ok(true)
}

/// Marks the failures that led to this success as resolved by it.
async fn resolve_ancestors(db: &mut PgConnection, id: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH RECURSIVE ancestor(id) AS (
             SELECT retry_of FROM import_logs WHERE id = $1 AND retry_of IS NOT NULL
             UNION
             SELECT log.retry_of FROM import_logs log JOIN ancestor ON log.id = ancestor.id WHERE log.retry_of IS NOT NULL)
         UPDATE import_logs SET resolved_by = $1
         WHERE id IN (SELECT id FROM ancestor) AND status = 'failed' AND resolved_by IS NULL",
        id
    )
    .execute(db)
    .await
    .map(drop)
}

/// Ends an import as a failure. Answers whether the log was still this attempt's.
///
/// # Errors
/// When the database refuses.
pub async fn fail(
    db: impl PgExecutor<'_>,
    key: AttemptKey,
    at: DateTime<Utc>,
    kind: FailureKind,
    message: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs
         SET status = 'failed', phase = 'ended', completed_at = greatest($3, started_at), failure_kind = $4, error_message = $5
         WHERE id = $1 AND attempt = $2 AND status = 'running'",
        key.import_id,
        key.number,
        at,
        kind.as_str(),
        message
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Notes what a failed backup had read, for its log: the data itself was rolled back.
///
/// # Errors
/// When the database refuses.
pub async fn note_rejected(db: impl PgExecutor<'_>, key: AttemptKey, records: i64, rejected: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE import_logs SET records_processed = $3, records_rejected = $4
         WHERE id = $1 AND attempt = $2 AND status = 'running'",
        key.import_id,
        key.number,
        int(records),
        int(rejected)
    )
    .execute(db)
    .await
    .map(drop)
}

/// Adds one date's counters to its range's log, in the transaction that holds the date's data. Answers whether
/// the log was still this attempt's: if not, the caller must roll back.
///
/// # Errors
/// When the database refuses.
pub async fn add_date(db: impl PgExecutor<'_>, key: AttemptKey, counters: &Counters, success: bool) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs
         SET records_processed = records_processed + $3, games_created = games_created + $4,
             results_created = results_created + $5, results_updated = results_updated + $6,
             results_unchanged = results_unchanged + $7, duplicates = duplicates + $8,
             records_rejected = records_rejected + $9, successful_dates = successful_dates + $10::int,
             failed_dates = failed_dates + (1 - $10::int)
         WHERE id = $1 AND attempt = $2 AND status = 'running'",
        key.import_id,
        key.number,
        int(counters.records),
        int(counters.games_created),
        int(counters.results_created),
        int(counters.results_updated),
        int(counters.results_unchanged),
        int(counters.duplicates),
        int(counters.rejected),
        i32::from(success),
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Ends a range whose dates all succeeded; its counters stand already. Answers whether the log was still this
/// attempt's.
///
/// # Errors
/// When the database refuses.
pub async fn succeed_range(db: &mut PgConnection, key: AttemptKey, at: DateTime<Utc>) -> sqlx::Result<bool> {
    let ended = sqlx::query!(
        "UPDATE import_logs
         SET status = 'success', phase = 'ended', completed_at = greatest($3, started_at), progress = coalesce(progress_total, progress)
         WHERE id = $1 AND attempt = $2 AND status = 'running' AND cancelled_by IS NULL",
        key.import_id,
        key.number,
        at
    )
    .execute(&mut *db)
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(false);
    }
    resolve_ancestors(db, key.import_id).await?;
    Ok(true)
}

/// Gives up the payload of an import that has succeeded, and of the failures that it resolved.
///
/// # Errors
/// When the database refuses.
pub async fn release_payload(db: impl PgExecutor<'_>, payload: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE import_logs SET payload = NULL WHERE payload = $1", payload)
        .execute(db)
        .await
        .map(drop)
}

/// Asks for an import to stop. One that only waits for a worker ends at once; a worker that runs it learns of
/// it with its next heartbeat.
///
/// # Errors
/// When the database refuses.
pub async fn cancel(db: &mut PgConnection, id: i32, by: Requester, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE import_logs SET cancelled_by = coalesce(cancelled_by, $2) WHERE id = $1 AND status = 'running'",
        id,
        by.as_str()
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE import_logs
         SET status = 'failed', phase = 'ended', completed_at = greatest($2, started_at), failure_kind = 'cancelled',
             error_message = $3
         WHERE id = $1 AND status = 'running' AND phase = 'queued'",
        id,
        at,
        cancelled_message(by.as_str())
    )
    .execute(db)
    .await
    .map(drop)
}

/// Who asked for an import to stop.
///
/// # Errors
/// When the database refuses.
pub async fn cancelled_by(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("SELECT cancelled_by FROM import_logs WHERE id = $1", id)
        .fetch_optional(db)
        .await
        .map(Option::flatten)
}

/// The sentence for an import that was stopped before it brought anything.
#[must_use]
pub fn cancelled_message(by: &str) -> String {
    format!("Cancelled from the {by}. Nothing of it was imported; retry it whenever you like.")
}

/// Hands an import back to the queue, so that another worker begins it at once. Unless it `counts`, the attempt
/// that ends here is none of those that are allowed: a rolling restart is nobody's failure.
///
/// # Errors
/// When the database refuses.
pub async fn hand_back(db: &mut PgConnection, key: AttemptKey, counts: bool) -> sqlx::Result<bool> {
    let handed = sqlx::query!(
        "UPDATE import_logs SET phase = 'queued', lease_until = now() + interval '60 seconds',
                handed_back = handed_back + (1 - $3::int)
         WHERE id = $1 AND attempt = $2 AND status = 'running' AND phase <> 'uploading'",
        key.import_id,
        key.number,
        i32::from(counts)
    )
    .execute(&mut *db)
    .await?;
    if handed.rows_affected() == 0 {
        return Ok(false);
    }
    jobs::enqueue(db, key.import_id).await?;
    Ok(true)
}

/// What [`recover`] found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Ended as failures.
    pub failed: u64,
    /// Put back on the queue.
    pub requeued: u64,
}

/// Finds `running` logs that nobody works on any more (their lease has ended) and either puts them back on the
/// queue or, when that can't help, ends them with a reason. Any process may run it at any time.
///
/// # Errors
/// When the database refuses.
pub async fn recover(db: &mut PgConnection, max_attempts: i32, at: DateTime<Utc>) -> sqlx::Result<Recovered> {
    let failed = sqlx::query!(
        "UPDATE import_logs
         SET status = 'failed', phase = 'ended', completed_at = greatest($2, started_at),
             failure_kind = CASE WHEN cancelled_by IS NOT NULL THEN 'cancelled' ELSE 'interrupted' END,
             error_message = CASE
                 WHEN cancelled_by IS NOT NULL THEN format('Cancelled from the %s.', cancelled_by)
                 WHEN phase = 'uploading' THEN format(
                     'The upload was cut off after %s bytes: the server that received it stopped. Upload the file again.',
                     progress)
                 WHEN job_id IS NULL THEN 'Nothing is working on this import. Start it again.'
                 ELSE format('Interrupted: the server stopped in the middle, %s times. Nothing half done was kept; retry it.',
                     attempt - handed_back)
             END
         WHERE id IN (
             SELECT id FROM import_logs
             WHERE status = 'running' AND lease_until < now()
               AND (cancelled_by IS NOT NULL OR phase = 'uploading' OR job_id IS NULL OR attempt - handed_back >= $1)
             FOR UPDATE SKIP LOCKED)",
        max_attempts,
        at
    )
    .execute(&mut *db)
    .await?
    .rows_affected();

    // A job that still waits its turn in the queue is no orphan, however long the queue is.
    let orphans = sqlx::query!(
        r#"UPDATE import_logs log
           SET lease_until = now() + interval '60 seconds', phase = 'queued'
           WHERE id IN (
               SELECT id FROM import_logs WHERE status = 'running' AND lease_until < now() FOR UPDATE SKIP LOCKED)
           RETURNING id,
               EXISTS (SELECT FROM apalis.jobs job WHERE job.id = log.job_id AND job.status = 'Pending') AS "waits!""#
    )
    .fetch_all(&mut *db)
    .await?;
    let mut requeued = 0;
    for orphan in orphans.iter().filter(|orphan| !orphan.waits) {
        jobs::enqueue(db, orphan.id).await?;
        requeued += 1;
    }
    Ok(Recovered { failed, requeued })
}
