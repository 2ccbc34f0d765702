//! What settles failures: what they lack has come since, or somebody dismisses them. A trigger does the third: a retry
//! that failed as well stands for what it repeated. Which are open then, the column `open_failure` says.
//!
//! Several rows are locked in the order of their ids, here, in the trigger and by a clear, so that all take turns.

use chrono::NaiveDate;
use sqlx::{PgConnection, PgExecutor};

use crate::model::import_log::Requester;

/// Marks as resolved by this success the failures that lack nothing but what it brought: those of the same bytes, and
/// of the sample. Those of ranges are resolved day by day ([`resolve_day`]).
///
/// # Errors
/// When the database refuses.
pub async fn resolve_same(db: &mut PgConnection, id: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH good AS (SELECT import_type, payload_sha256 FROM import_logs WHERE id = $1),
         same AS (
             SELECT id FROM import_logs
             WHERE status = 'failed' AND resolved_by IS NULL
               AND payload_sha256 = (SELECT payload_sha256 FROM good WHERE import_type = 'backup')
             UNION ALL
             SELECT id FROM import_logs
             WHERE status = 'failed' AND resolved_by IS NULL AND import_type = 'sample_data'
               AND (SELECT import_type FROM good) = 'sample_data'),
         held AS MATERIALIZED (
             SELECT id FROM import_logs
             WHERE id IN (SELECT id FROM same) AND status = 'failed' AND resolved_by IS NULL
             ORDER BY id FOR UPDATE)
         UPDATE import_logs SET resolved_by = $1 WHERE id IN (SELECT id FROM held)",
        id
    )
    .execute(db)
    .await
    .map(drop)
}

/// Notes in the failed imports that lack this day that it has come, and marks as resolved those that lack nothing else.
///
/// # Errors
/// When the database refuses.
pub async fn resolve_day(db: &mut PgConnection, id: i32, date: NaiveDate) -> sqlx::Result<()> {
    let lacked: Vec<i32> = sqlx::query_scalar!(
        "WITH held AS MATERIALIZED (
             SELECT log.id FROM import_logs log JOIN import_dates lacking ON lacking.import_id = log.id
             WHERE lacking.date = $2 AND lacking.outcome <> 'success' AND lacking.resolved_by IS NULL
               AND log.status = 'failed' AND log.resolved_by IS NULL
             ORDER BY log.id FOR UPDATE OF log)
         UPDATE import_dates SET resolved_by = $1
         WHERE import_id IN (SELECT id FROM held) AND date = $2
         RETURNING import_id",
        id,
        date
    )
    .fetch_all(&mut *db)
    .await?;
    if lacked.is_empty() {
        return Ok(());
    }
    // A statement of its own: it sees what others have committed while this one waited for the locks.
    sqlx::query!(
        "UPDATE import_logs log SET resolved_by = $1
         WHERE id = ANY($2) AND NOT EXISTS (
             SELECT FROM import_dates
             WHERE import_id = log.id AND outcome <> 'success' AND resolved_by IS NULL)",
        id,
        &lacked
    )
    .execute(db)
    .await
    .map(drop)
}

/// Settles an open failure that nobody will retry. Answers whether it was one.
///
/// # Errors
/// When the database refuses.
pub async fn dismiss(db: impl PgExecutor<'_>, id: i32, by: Requester) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs SET dismissed_by = $2, dismissed_at = now() WHERE id = $1 AND open_failure",
        id,
        by.as_str()
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}
