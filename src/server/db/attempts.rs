//! What a worker writes to the log it works on, while it works.
//!
//! A worker owns a log while the attempt number is its own and the status is `running`. Every statement here and
//! in [`super::outcomes`] checks both, so a worker that was given up for dead and wakes up late changes nothing.
//! The lease is kept by PostgreSQL's clock, the one that all machines share.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::model::import_log::{ImportType, Phase};

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
    /// Bytes of the payload, or days of a range.
    pub progress_total: Option<i64>,
    pub range_start: Option<NaiveDate>,
    pub range_end: Option<NaiveDate>,
}

/// Takes an import that waits, or whose worker's lease has ended. `None`: somebody else has it, it is over, or
/// it may not be tried again.
///
/// # Errors
/// When the database refuses.
pub async fn claim(
    db: impl PgExecutor<'_>,
    id: i32,
    lease: Duration,
    max: i32,
) -> sqlx::Result<Option<Claimed>> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE import_logs
           SET attempt = attempt + 1, lease_until = now() + make_interval(secs => $2), progress = 0,
               bytes_per_second = NULL, seconds_left = NULL, waits_until = NULL,
               records_processed = CASE import_type WHEN 'date_range' THEN records_processed ELSE 0 END,
               phase = CASE import_type WHEN 'date_range' THEN 'fetching' ELSE 'reading' END
           WHERE id = $1 AND status = 'running' AND cancelled_by IS NULL AND attempt - handed_back < $3
             AND (phase = 'queued' OR phase <> 'uploading' AND lease_until < now())
           RETURNING id, attempt, attempt - handed_back AS "tries!", import_type AS "import_type: ImportType", payload, progress_total, range_start, range_end"#,
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
    /// `None` while nobody can know.
    pub bytes_per_second: Option<i64>,
    pub seconds_left: Option<i32>,
    /// Until when the feed asked to wait.
    pub waits_until: Option<DateTime<Utc>>,
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

/// Renews the lease and writes the progress, outside the import's own transaction. One that comes when the import has
/// been handed on already is lost.
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
               progress_total = coalesce($6, progress_total), records_processed = coalesce($7, records_processed),
               bytes_per_second = $8, seconds_left = $9, waits_until = $10
           WHERE id = $1 AND attempt = $2 AND status = 'running' AND phase <> 'queued'
           RETURNING cancelled_by IS NOT NULL AS "cancelled!""#,
        key.import_id,
        key.number,
        lease.as_secs_f64(),
        progress.phase.as_str(),
        progress.done,
        progress.total,
        progress.records,
        progress.bytes_per_second,
        progress.seconds_left,
        progress.waits_until,
    )
    .fetch_optional(db)
    .await?;
    Ok(match cancelled {
        None => Heartbeat::Lost,
        Some(true) => Heartbeat::Cancelled,
        Some(false) => Heartbeat::Goes,
    })
}

/// An upload that is stored whole.
#[derive(Clone, Copy, Debug)]
pub struct Uploaded<'a> {
    pub payload: &'a str,
    pub filename: Option<&'a str>,
    /// Bytes of the upload, packed or not.
    pub arrived: i64,
    /// Bytes of the payload.
    pub unpacked: i64,
    /// Of the payload.
    pub sha256: &'a str,
}

/// The upload is complete and stored: its name, sizes and hash are known, and it waits for a worker.
/// Answers whether the log was still waiting for it.
///
/// # Errors
/// When the database refuses.
pub async fn uploaded(
    db: impl PgExecutor<'_>,
    id: i32,
    upload: &Uploaded<'_>,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs
         SET phase = 'queued', payload = $2, filename = coalesce(left($3, 255), filename), file_size = $4,
             payload_sha256 = $5, progress = 0, progress_total = $6, lease_until = now() + interval '60 seconds'
         WHERE id = $1 AND status = 'running' AND phase = 'uploading' AND cancelled_by IS NULL",
        id,
        upload.payload,
        upload.filename,
        upload.arrived,
        upload.sha256,
        upload.unpacked
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
