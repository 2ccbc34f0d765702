//! `schedule`: the scheduler's switch and its last tick, shared by all processes.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

/// Whether the scheduler is switched on.
///
/// # Errors
/// When the database refuses.
pub async fn is_enabled(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!("SELECT enabled FROM schedule")
        .fetch_one(db)
        .await
}

/// Switches it on or off.
///
/// # Errors
/// When the database refuses.
pub async fn set_enabled(db: impl PgExecutor<'_>, enabled: bool) -> sqlx::Result<()> {
    sqlx::query!("UPDATE schedule SET enabled = $1", enabled)
        .execute(db)
        .await
        .map(drop)
}

/// Takes a tick for the caller's transaction: of all processes that try, one gets `true`. The others wait for
/// its transaction to end, so the tick isn't lost when that process dies before it commits.
///
/// # Errors
/// When the database refuses.
pub async fn take_tick(db: impl PgExecutor<'_>, tick: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE schedule SET last_tick = $1 WHERE enabled AND (last_tick IS NULL OR last_tick < $1)",
        tick
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Locks the schedule for the caller's transaction, so that two clicks on *Run now* come one after the other.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("SELECT enabled FROM schedule FOR UPDATE")
        .fetch_one(db)
        .await
        .map(drop)
}
