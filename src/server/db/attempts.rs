//! What a worker writes of an import it works on, while it works.
//!
//! A worker owns an import while the attempt number of its run is its own. Every statement here and in
//! [`super::outcomes`] checks it, so a worker that was given up for dead and wakes up late changes nothing. The lease is
//! kept by PostgreSQL's clock, the one that all machines share.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::model::import_log::Phase;

/// One attempt at one import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptKey {
    pub import_id: i32,
    /// 0 while the upload arrives; then 1 for the first worker's, and so on.
    pub number: i32,
}

/// How far an attempt is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    /// Bytes of a file or days of a range.
    pub done: i64,
    pub total: Option<i64>,
    /// `None`: nobody counts them before the end.
    pub records: Option<i32>,
    /// `None` while nobody can know.
    pub bytes_per_second: Option<i64>,
    pub seconds_left: Option<i32>,
    /// Until when it waits, and for what trouble to pass.
    pub waits_until: Option<DateTime<Utc>>,
    pub trouble: Option<String>,
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
        r#"UPDATE import_runs
           SET lease_until = now() + make_interval(secs => $3), phase = $4, progress = $5,
               progress_total = coalesce($6, progress_total), records = coalesce($7, records),
               bytes_per_second = $8, seconds_left = $9, waits_until = $10, trouble = $11
           WHERE import_id = $1 AND attempt = $2 AND phase <> 'queued'
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
        progress.trouble,
    )
    .fetch_optional(db)
    .await?;
    Ok(match cancelled {
        None => Heartbeat::Lost,
        Some(true) => Heartbeat::Cancelled,
        Some(false) => Heartbeat::Goes,
    })
}

/// The name that a backup's own `_metadata` gives it, for an upload that came without one.
///
/// # Errors
/// When the database refuses.
pub async fn name(db: impl PgExecutor<'_>, key: AttemptKey, filename: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE import_logs log SET filename = left($3, 255) FROM import_runs run
         WHERE log.id = $1 AND run.import_id = log.id AND run.attempt = $2 AND log.filename IS NULL",
        key.import_id,
        key.number,
        filename
    )
    .execute(db)
    .await
    .map(drop)
}
