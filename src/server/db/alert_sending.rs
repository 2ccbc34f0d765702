//! `alerts` on their way: which are sent next, and how each attempt went. PostgreSQL's clock decides.

use std::time::Duration;

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// How an attempt ended, if it was no delivery.
#[derive(Clone, Copy, Debug)]
pub struct Missed<'a> {
    pub host: &'a str,
    /// Why: a sentence.
    pub trouble: &'a str,
    /// The pause before the next attempt. `None`: there is none.
    pub pause: Option<Duration>,
}

/// Takes the turn to choose what is sent, until the caller's transaction ends. `false`: another process has it.
///
/// # Errors
/// When the database refuses.
pub async fn take_turn(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    /// Of the advisory locks.
    const CHOOSING: i32 = 20061;
    sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock($1, 1) AS "taken!""#,
        CHOOSING
    )
    .fetch_one(db)
    .await
}

/// How many messages, tests aside, have been begun within a time, or are summaries that are to be.
///
/// # Errors
/// When the database refuses.
pub async fn begun_within(db: impl PgExecutor<'_>, time: Duration) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM alerts
                   WHERE begun_at > now() - make_interval(secs => $1) AND event <> 'test')
                + (SELECT count(*) FROM alerts
                   WHERE state = 'waiting' AND attempts = 0 AND event = 'summary') AS "begun!""#,
        time.as_secs_f64()
    )
    .fetch_one(db)
    .await
}

/// The first so many that nobody has tried to send yet, in the order in which they came.
///
/// # Errors
/// When the database refuses.
pub async fn fresh(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM alerts WHERE state = 'waiting' AND attempts = 0 AND event NOT IN ('test', 'summary')
         ORDER BY created_at, id LIMIT $1",
        limit
    )
    .fetch_all(db)
    .await
}

/// Lets one message tell of all that nobody has tried to send yet but these. What comes meanwhile, or changes just then, waits
/// for the next: this waits for nothing that ends an import.
///
/// # Errors
/// When the database refuses.
pub async fn sum_up(db: &mut PgConnection, but: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH rest AS MATERIALIZED (
             SELECT id, event FROM alerts
             WHERE state = 'waiting' AND attempts = 0 AND event NOT IN ('test', 'summary') AND id <> ALL ($1)
             ORDER BY created_at, id FOR UPDATE SKIP LOCKED),
         summary AS (
             INSERT INTO alerts (event, subject, detail)
             SELECT 'summary', gen_random_uuid()::text, jsonb_build_object('counts', jsonb_object_agg(event, number))
             FROM (SELECT event, count(*) AS number FROM rest GROUP BY event) AS each HAVING count(*) > 0
             RETURNING id)
         UPDATE alerts SET state = 'summed_up', ended_at = clock_timestamp(), summary_id = summary.id
         FROM summary WHERE alerts.id IN (SELECT id FROM rest)",
        but
    )
    .execute(db)
    .await
    .map(drop)
}

/// Takes up to so many that are due, each for so long: those of `fresh`, and all that were tried before, tests and summaries.
///
/// # Errors
/// When the database refuses.
pub async fn take(
    db: impl PgExecutor<'_>,
    fresh: &[Uuid],
    limit: i64,
    lease: Duration,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "UPDATE alerts
         SET attempts = attempts + 1, begun_at = coalesce(begun_at, clock_timestamp()),
             due_at = now() + make_interval(secs => $3)
         WHERE id IN (
             SELECT id FROM alerts
             WHERE state = 'waiting' AND due_at <= now()
               AND (attempts > 0 OR event IN ('test', 'summary') OR id = ANY ($1))
             ORDER BY due_at, created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id",
        fresh,
        limit,
        lease.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// Notes that an attempt was a delivery, if it is still the latest.
///
/// # Errors
/// When the database refuses.
pub async fn delivered(
    db: impl PgExecutor<'_>,
    id: Uuid,
    attempt: i32,
    host: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE alerts SET state = 'delivered', ended_at = clock_timestamp(), host = $3, trouble = NULL
         WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        id,
        attempt,
        host
    )
    .execute(db)
    .await
    .map(drop)
}

/// Notes that an attempt was none, if it is still the latest.
///
/// # Errors
/// When the database refuses.
pub async fn missed(
    db: impl PgExecutor<'_>,
    id: Uuid,
    attempt: i32,
    missed: Missed<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE alerts
         SET host = $3, trouble = $4, state = CASE WHEN $5::float8 IS NULL THEN 'given_up' ELSE state END,
             ended_at = CASE WHEN $5::float8 IS NULL THEN clock_timestamp() END,
             due_at = clock_timestamp() + make_interval(secs => coalesce($5::float8, 0))
         WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        id,
        attempt,
        missed.host,
        missed.trouble,
        missed.pause.map(|pause| pause.as_secs_f64())
    )
    .execute(db)
    .await
    .map(drop)
}
