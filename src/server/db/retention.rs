//! `retention`: when old logs were last removed, and how many; and their removal, a batch at a time.
//!
//! A batch waits for nobody: rows that somebody has locked are passed over, and go the next night. Nobody waits long for a
//! batch either, and for rows only that are old.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use crate::model::{import_log::REJECTS_KEPT, scheduler::Retained};

/// When the removal last ran.
#[derive(Clone, Copy, Debug)]
pub struct LastRun {
    /// The nights before this are over.
    pub created_at: DateTime<Utc>,
    pub ran_at: Option<DateTime<Utc>>,
}

/// What one statement removed or gave up.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How many logs.
    pub logs: usize,
    /// The highest of their ids: the next batch begins after it. `None`: there is no more.
    pub last_id: Option<i32>,
    /// The uploads that they referred to.
    pub payloads: Vec<String>,
}

struct Row {
    id: i32,
    payload: Option<String>,
}

impl Batch {
    fn of(rows: Vec<Row>) -> Self {
        let mut payloads = Vec::new();
        let (logs, last_id) = (rows.len(), rows.iter().map(|row| row.id).max());
        payloads.extend(rows.into_iter().filter_map(|row| row.payload));
        payloads.sort_unstable();
        payloads.dedup();
        Self {
            logs,
            last_id,
            payloads,
        }
    }
}

/// What the last run removed. `None`: there was none yet.
///
/// # Errors
/// When the database refuses.
pub async fn last(db: impl PgExecutor<'_>) -> sqlx::Result<Option<Retained>> {
    sqlx::query_as!(
        Retained,
        r#"SELECT ran_at AS "at!", logs_removed AS logs, payloads_removed AS payloads
           FROM retention WHERE ran_at IS NOT NULL"#
    )
    .fetch_optional(db)
    .await
}

/// Takes the row for the caller's transaction. `None`: another process has it, and nobody waits.
///
/// # Errors
/// When the database refuses.
pub async fn take(db: impl PgExecutor<'_>) -> sqlx::Result<Option<LastRun>> {
    sqlx::query_as!(
        LastRun,
        "SELECT created_at, ran_at FROM retention FOR UPDATE SKIP LOCKED"
    )
    .fetch_optional(db)
    .await
}

/// Notes that a run begins, which has removed nothing yet.
///
/// # Errors
/// When the database refuses.
pub async fn begin(db: impl PgExecutor<'_>, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE retention SET ran_at = $1, logs_removed = 0, payloads_removed = 0",
        at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Adds to what the run has removed.
///
/// # Errors
/// When the database refuses.
pub async fn add(db: impl PgExecutor<'_>, logs: i64, payloads: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE retention SET logs_removed = logs_removed + $1, payloads_removed = payloads_removed + $2",
        logs,
        payloads
    )
    .execute(db)
    .await
    .map(drop)
}

/// Removes some of the first logs after an id that ended before `before`, or before `open_before` if they are open failures, with
/// their rejects and days: a thousand logs, or as many as have 50,000 of these.
///
/// # Errors
/// When the database refuses.
pub async fn remove_logs(
    db: &mut PgConnection,
    after: i32,
    before: DateTime<Utc>,
    open_before: DateTime<Utc>,
) -> sqlx::Result<Batch> {
    // A log that something else inserted may have ended without saying when.
    let rows = sqlx::query_as!(
        Row,
        "WITH old AS MATERIALIZED (
             SELECT id, least(records_rejected, $4) + CASE import_type WHEN 'date_range' THEN coalesce(progress_total, range_end - range_start + 1, 0) ELSE 0 END AS rows
             FROM import_logs
             WHERE id > $1 AND status <> 'running'
               AND coalesce(completed_at, started_at) < CASE WHEN open_failure THEN $3::timestamptz ELSE $2 END
             ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED),
         first AS (SELECT id, sum(rows) OVER (ORDER BY id) - rows AS rows_before FROM old)
         DELETE FROM import_logs
         WHERE id = ANY (ARRAY(SELECT id FROM first WHERE rows_before < 50000)) RETURNING id, payload",
        after,
        before,
        open_before,
        i32::try_from(REJECTS_KEPT).unwrap_or(i32::MAX)
    )
    .fetch_all(db)
    .await?;
    Ok(Batch::of(rows))
}

/// Gives up the uploads of the first thousand failures after an id that ended before an instant.
///
/// # Errors
/// When the database refuses.
pub async fn release_payloads(
    db: &mut PgConnection,
    after: i32,
    before: DateTime<Utc>,
) -> sqlx::Result<Batch> {
    let rows = sqlx::query_as!(
        Row,
        "WITH old AS MATERIALIZED (
             SELECT id, payload FROM import_logs
             WHERE id > $1 AND payload IS NOT NULL AND status = 'failed'
               AND coalesce(completed_at, started_at) < $2
             ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)
         UPDATE import_logs log SET payload = NULL, payload_store = NULL
         FROM old WHERE log.id = old.id RETURNING log.id, old.payload",
        after,
        before
    )
    .fetch_all(db)
    .await?;
    Ok(Batch::of(rows))
}
