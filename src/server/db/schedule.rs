//! `schedule`: the scheduler's switch and its last tick, shared by all processes.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::{model::import_log::Requester, server::actor::Actor};

/// The database's clock, which all processes share.
///
/// # Errors
/// When the database refuses.
pub async fn now(db: impl PgExecutor<'_>) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar!(r#"SELECT now() AS "now!""#)
        .fetch_one(db)
        .await
}

/// The switch, and when the last tick was taken.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub enabled: bool,
    pub last_tick: Option<DateTime<Utc>>,
    /// Since when it is off, and through which door it was switched off.
    pub stopped_at: Option<DateTime<Utc>>,
    pub stopped_by: Option<Requester>,
    pub stopped_by_name: Option<String>,
}

/// How it stands.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: impl PgExecutor<'_>) -> sqlx::Result<Schedule> {
    sqlx::query_as!(
        Schedule,
        r#"SELECT enabled, last_tick, stopped_at, stopped_by AS "stopped_by: Requester", stopped_by_name FROM schedule"#
    )
    .fetch_one(db)
    .await
}

/// Switches it on or off; who does, is kept of the latter. What came due while it was off is over.
///
/// # Errors
/// When the database refuses.
pub async fn set_enabled(
    db: impl PgExecutor<'_>,
    enabled: bool,
    by: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE schedule
         SET enabled = $1, last_tick = CASE WHEN enabled THEN last_tick ELSE $2 END,
             stopped_at = CASE WHEN $1 THEN NULL WHEN enabled THEN $2 ELSE stopped_at END,
             stopped_by = CASE WHEN $1 THEN NULL WHEN enabled THEN $3 ELSE stopped_by END,
             stopped_by_name = CASE WHEN $1 THEN NULL WHEN enabled THEN $4 ELSE stopped_by_name END",
        enabled,
        now,
        by.door.as_str(),
        by.name()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Takes the schedule for the caller's transaction. `None`: another process has it, and nobody waits.
///
/// # Errors
/// When the database refuses.
pub async fn take(db: impl PgExecutor<'_>) -> sqlx::Result<Option<Schedule>> {
    sqlx::query_as!(
        Schedule,
        r#"SELECT enabled, last_tick, stopped_at, stopped_by AS "stopped_by: Requester", stopped_by_name
           FROM schedule FOR UPDATE SKIP LOCKED"#
    )
    .fetch_optional(db)
    .await
}

/// Notes when it was last looked at, and a tick taken if one was due.
///
/// # Errors
/// When the database refuses.
pub async fn set_last_tick(db: impl PgExecutor<'_>, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE schedule SET last_tick = $1", at)
        .execute(db)
        .await
        .map(drop)
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
