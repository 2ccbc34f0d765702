//! `alerts`: what is to be told, and what became of it. Triggers write most of it (migration `alerts`). PostgreSQL's clock decides.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, types::Json};
use uuid::Uuid;

use super::processes;
use crate::model::alert::{AlertCounts, AlertDetail, AlertState, AlertedImport, Event, Receiver};

/// What waits for so long is given up: longer than all attempts take.
const STALE_AFTER: Duration = Duration::from_hours(26);
/// What is over is kept for so long.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);

/// An alert as it stands.
#[derive(Clone, Debug)]
pub struct Stored {
    pub id: Uuid,
    pub event: Event,
    pub import_id: Option<i32>,
    pub import: Option<AlertedImport>,
    pub detail: AlertDetail,
    pub created_at: DateTime<Utc>,
    pub state: AlertState,
    pub attempts: i32,
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub host: Option<String>,
    pub trouble: Option<String>,
    pub summary_id: Option<Uuid>,
}

/// A query for whole alerts; `$tail` is what follows `FROM alerts`.
macro_rules! alerts {
    ($tail:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id, event AS "event: Event", import_id, import AS "import: Json<AlertedImport>",
                      detail AS "detail: Json<AlertDetail>", created_at, state AS "state: AlertState", attempts, due_at,
                      ended_at, host, trouble, summary_id
               FROM alerts "# + $tail
            $(, $arg)*
        )
    };
}

struct Row {
    id: Uuid,
    event: Event,
    import_id: Option<i32>,
    import: Option<Json<AlertedImport>>,
    detail: Json<AlertDetail>,
    created_at: DateTime<Utc>,
    state: AlertState,
    attempts: i32,
    due_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    host: Option<String>,
    trouble: Option<String>,
    summary_id: Option<Uuid>,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            event: row.event,
            import_id: row.import_id,
            import: row.import.map(|Json(import)| import),
            detail: row.detail.0,
            created_at: row.created_at,
            state: row.state,
            attempts: row.attempts,
            due_at: row.due_at,
            ended_at: row.ended_at,
            host: row.host,
            trouble: row.trouble,
            summary_id: row.summary_id,
        }
    }
}

/// The newest, up to so many.
///
/// # Errors
/// When the database refuses.
pub async fn latest(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Stored>> {
    let rows = alerts!("ORDER BY created_at DESC, id DESC LIMIT $1", limit)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// One of them.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Stored>> {
    let row = alerts!("WHERE id = $1", id).fetch_optional(db).await?;
    Ok(row.map(Stored::from))
}

/// Those of these ids, in the order in which they came.
///
/// # Errors
/// When the database refuses.
pub async fn these(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Stored>> {
    let rows = alerts!("WHERE id = ANY ($1) ORDER BY created_at, id", ids)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// How many there are of each fate.
///
/// # Errors
/// When the database refuses.
pub async fn counts(db: impl PgExecutor<'_>) -> sqlx::Result<AlertCounts> {
    sqlx::query_as!(
        AlertCounts,
        r#"SELECT count(*) FILTER (WHERE state = 'delivered') AS "delivered!",
                  count(*) FILTER (WHERE state = 'given_up') AS "given_up!",
                  count(*) FILTER (WHERE state = 'waiting') AS "waiting!",
                  count(*) FILTER (WHERE state = 'summed_up') AS "summed_up!"
           FROM alerts"#
    )
    .fetch_one(db)
    .await
}

/// Says that a process sends alerts to somebody. Forgets whom nobody sends any more.
///
/// # Errors
/// When the database refuses.
pub async fn be_sender(db: impl PgExecutor<'_>, to: &Receiver) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH forgotten AS (DELETE FROM alert_receivers WHERE seen_at < now() - interval '1 hour' AND host <> $1)
         INSERT INTO alert_receivers (host, signed) VALUES ($1, $2)
         ON CONFLICT (host) DO UPDATE SET signed = $2, seen_at = now()
         WHERE alert_receivers.seen_at < now() - interval '5 seconds' OR alert_receivers.signed <> $2",
        to.host,
        to.signed
    )
    .execute(db)
    .await
    .map(drop)
}

/// To whom living processes send alerts.
///
/// # Errors
/// When the database refuses.
pub async fn receivers(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Receiver>> {
    sqlx::query_as!(
        Receiver,
        "SELECT host, signed FROM alert_receivers WHERE seen_at > now() - make_interval(secs => $1) ORDER BY host",
        processes::ALIVE_FOR.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// Adds one that somebody asked for, to see whether it arrives.
///
/// # Errors
/// When the database refuses.
pub async fn add_test(db: impl PgExecutor<'_>) -> sqlx::Result<Uuid> {
    sqlx::query_scalar!(
        "INSERT INTO alerts (event, subject) VALUES ('test', gen_random_uuid()::text) RETURNING id"
    )
    .fetch_one(db)
    .await
}

/// Adds one if, while the scheduler is on, no import of its has succeeded for more than so many hours, and that wasn't told yet.
/// Answers whether it did. Who looks need not have the feed itself: who has it may be gone, which is when nothing succeeds.
///
/// # Errors
/// When the database refuses.
pub async fn add_overdue(db: impl PgExecutor<'_>, hours: i64) -> sqlx::Result<bool> {
    // Of two processes that see it the subject lets one write.
    sqlx::query!(
        "INSERT INTO alerts (event, subject, detail)
         SELECT 'success_overdue', extract(epoch FROM since)::text, jsonb_build_object('since', since, 'hours', $1::bigint)
         FROM awaited_success
         WHERE since < now() - make_interval(hours => $1::bigint::integer)
           AND NOT EXISTS (SELECT FROM alerts WHERE event = 'success_overdue' AND recovered_at IS NULL)
         ON CONFLICT DO NOTHING",
        hours
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Gives up what has waited for more than a day, since whoever came to hear of it now would take it for news; and forgets what is
/// long over. An import that ends just then waits for neither.
///
/// # Errors
/// When the database refuses.
pub async fn forget(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH stale AS (
             UPDATE alerts SET state = 'given_up', ended_at = clock_timestamp(),
                 trouble = coalesce(trouble, 'No process that sends alerts was there for a day.')
             WHERE id IN (SELECT id FROM alerts WHERE state = 'waiting' AND created_at < now() - make_interval(secs => $2)
                          FOR UPDATE SKIP LOCKED))
         DELETE FROM alerts WHERE id IN (
             SELECT id FROM alerts WHERE created_at < now() - make_interval(secs => $1) FOR UPDATE SKIP LOCKED)",
        KEPT_FOR.as_secs_f64(),
        STALE_AFTER.as_secs_f64()
    )
    .execute(db)
    .await
    .map(drop)
}
