//! Imports that are to stop, or that nobody works on any more.

use std::time::Duration;

use sqlx::PgExecutor;

use super::{attempts::AttemptKey, processes};
use crate::model::import_log::{Phase, Requester};

/// A run that is to end.
#[derive(Clone, Debug)]
pub struct Run {
    pub import_id: i32,
    pub attempt: i32,
    /// Attempts so far that count against the limit.
    pub tries: i32,
    pub phase: Phase,
    /// Bytes of a file, days of a range.
    pub progress: i64,
    pub cancelled_by: Option<Requester>,
    pub needs_store: bool,
    pub feed: Option<String>,
}

impl Run {
    #[must_use]
    pub const fn key(&self) -> AttemptKey {
        AttemptKey {
            import_id: self.import_id,
            number: self.attempt,
        }
    }
}

/// A query for whole runs; `$tail` is what follows `FROM import_runs`.
macro_rules! runs {
    ($tail:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            Run,
            r#"SELECT import_id, attempt, attempt - handed_back AS "tries!", phase AS "phase: Phase", progress,
                      cancelled_by AS "cancelled_by: Requester", store IS NOT NULL AS "needs_store!", feed
               FROM import_runs "# + $tail
            $(, $arg)*
        )
    };
}

/// Locks the run of an import for the caller's transaction, if it has one.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: impl PgExecutor<'_>, import_id: i32) -> sqlx::Result<Option<Run>> {
    runs!("WHERE import_id = $1 FOR UPDATE", import_id)
        .fetch_optional(db)
        .await
}

/// Notes who asked for an import to stop; the first one stands. A worker that runs it learns of it with its next
/// heartbeat.
///
/// # Errors
/// When the database refuses.
pub async fn ask_to_stop(
    db: impl PgExecutor<'_>,
    import_id: i32,
    by: Requester,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE import_runs SET cancelled_by = coalesce(cancelled_by, $2) WHERE import_id = $1",
        import_id,
        by.as_str()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Locks the runs whose lease has ended, for the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn lock_expired(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Run>> {
    runs!("WHERE phase <> 'queued' AND lease_until < now() FOR UPDATE SKIP LOCKED")
        .fetch_all(db)
        .await
}

/// Locks the runs that are due for so long and that no living process can take, for the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn lock_stranded(db: impl PgExecutor<'_>, patience: Duration) -> sqlx::Result<Vec<Run>> {
    runs!(
        "WHERE phase = 'queued' AND greatest(queued_at, due_at) < now() - make_interval(secs => $1)
           AND NOT EXISTS (
               SELECT FROM processes process
               WHERE process.runs_imports AND process.seen_at > now() - make_interval(secs => $2)
                 AND (import_runs.store IS NULL OR process.store = import_runs.store)
                 AND (import_runs.feed IS NULL OR process.feed = import_runs.feed))
         FOR UPDATE SKIP LOCKED",
        patience.as_secs_f64(),
        processes::ALIVE_FOR.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// Running logs that have had no run for so long: something else inserted them, and nothing works on them.
///
/// # Errors
/// When the database refuses.
pub async fn without_run(db: impl PgExecutor<'_>, patience: Duration) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(
        "SELECT id FROM import_logs log
         WHERE status = 'running' AND created_at < now() - make_interval(secs => $1)
           AND NOT EXISTS (SELECT FROM import_runs WHERE import_id = log.id)",
        patience.as_secs_f64()
    )
    .fetch_all(db)
    .await
}
