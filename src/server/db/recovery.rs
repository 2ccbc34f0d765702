//! Imports that are to stop, are handed on, or were abandoned.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use super::{attempts::AttemptKey, jobs, sessions};
use crate::model::import_log::Requester;

/// Asks for an import to stop. One that only waits for a worker ends at once; a worker that runs it learns of
/// it with its next heartbeat.
///
/// # Errors
/// When the database refuses.
pub async fn cancel(
    db: &mut PgConnection,
    id: i32,
    by: Requester,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE import_logs SET cancelled_by = coalesce(cancelled_by, $2) WHERE id = $1 AND status = 'running'",
        id,
        by.as_str()
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE import_logs log
         SET status = 'failed', phase = 'ended', completed_at = greatest($2, started_at), failure_kind = 'cancelled',
             error_message = cancelled_message(log)
         WHERE id = $1 AND status = 'running' AND phase = 'queued'",
        id,
        at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Ends an attempt that somebody asked to stop. Answers whether that was so, and the log still this attempt's.
///
/// # Errors
/// When the database refuses.
pub async fn end_cancelled(
    db: impl PgExecutor<'_>,
    key: AttemptKey,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs log
         SET status = 'failed', phase = 'ended', completed_at = greatest($3, started_at), failure_kind = 'cancelled',
             error_message = cancelled_message(log)
         WHERE id = $1 AND attempt = $2 AND status = 'running' AND cancelled_by IS NOT NULL",
        key.import_id,
        key.number,
        at
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Hands an import back to the queue, so that another worker begins it at once. Unless it `counts`, the attempt
/// that ends here is none of those that are allowed: a rolling restart is nobody's failure. One that was cancelled is
/// not handed on.
///
/// # Errors
/// When the database refuses.
pub async fn hand_back(db: &mut PgConnection, key: AttemptKey, counts: bool) -> sqlx::Result<bool> {
    let handed = sqlx::query!(
        "UPDATE import_logs SET phase = 'queued', lease_until = now() + interval '60 seconds',
                handed_back = handed_back + (1 - $3::int)
         WHERE id = $1 AND attempt = $2 AND status = 'running' AND phase <> 'uploading' AND cancelled_by IS NULL",
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
/// queue or, when that can't help, ends them with a reason. Sessions that still write their data are ended: they
/// may be stuck, and would hold up the next attempt. Any process may run it at any time.
///
/// # Errors
/// When the database refuses.
pub async fn recover(
    db: &mut PgConnection,
    max_attempts: i32,
    at: DateTime<Utc>,
) -> sqlx::Result<Recovered> {
    sessions::end_abandoned(&mut *db).await?;
    let failed = sqlx::query!(
        "UPDATE import_logs log
         SET status = 'failed', phase = 'ended', completed_at = greatest($2, started_at),
             failure_kind = CASE WHEN cancelled_by IS NOT NULL THEN 'cancelled' ELSE 'interrupted' END,
             error_message = CASE
                 WHEN cancelled_by IS NOT NULL THEN cancelled_message(log)
                 WHEN phase = 'uploading' THEN format(
                     'The upload was cut off after %s bytes: the server that received it stopped, or lost its database. Upload the file again.',
                     progress)
                 WHEN job_id IS NULL THEN 'Nothing is working on this import. Start it again.'
                 ELSE format('Interrupted: the server stopped in the middle, %s. ',
                             CASE attempt - handed_back WHEN 1 THEN 'once' WHEN 2 THEN 'twice'
                                                        ELSE format('%s times', attempt - handed_back) END) ||
                     CASE WHEN successful_dates > 0 THEN format(
                         '%s of %s days had been imported, and stay. Retry asks for the rest.', successful_dates, progress_total)
                     ELSE 'Nothing half done was kept; retry it.' END
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

/// Puts an import that waits on the queue again, when its job was taken by a process that can't begin it any more.
///
/// # Errors
/// When the database refuses.
pub async fn put_back(db: &mut PgConnection, id: i32) -> sqlx::Result<()> {
    let waits = sqlx::query!(
        "UPDATE import_logs SET lease_until = now() + interval '60 seconds'
         WHERE id = $1 AND status = 'running' AND phase = 'queued' AND cancelled_by IS NULL",
        id
    )
    .execute(&mut *db)
    .await?;
    if waits.rows_affected() == 1 {
        jobs::enqueue(db, id).await?;
    }
    Ok(())
}
