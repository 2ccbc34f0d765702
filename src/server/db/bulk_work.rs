//! What is done to many logs at once (`bulk_work`): how much there is to do, what was done, and the removal of a batch.
//!
//! A batch waits for nobody: rows that somebody has locked are passed over. Nobody waits long for a batch either.

use sqlx::{PgConnection, PgExecutor};

use super::{history::Facets, stretch::Stretch};
use crate::model::{
    history::{BulkKind, BulkState, BulkWork, Place},
    import_log::REJECTS_KEPT,
};

/// How many logs a facet has.
#[derive(Clone, Debug)]
pub struct Counted {
    pub status: String,
    pub open: bool,
    pub logs: i64,
}

/// How many logs there are in a stretch, all of them, by status and whether they are open.
///
/// # Errors
/// When the database refuses.
pub async fn count_all(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    within: Stretch,
) -> sqlx::Result<Vec<Counted>> {
    sqlx::query_as!(
        Counted,
        r#"SELECT split_part(facet, '/', 2) AS "status!", split_part(facet, '/', 5) = 'open' AS "open!", logs AS "logs!"
           FROM (SELECT facet, count(*) AS logs FROM import_logs
                 WHERE facet = ANY($1) AND (started_at, id) > ($2, $3) AND (started_at, id) < ($4, $5)
                 GROUP BY facet) AS counted"#,
        &facets.wanted,
        within.above.started_at,
        within.above.id,
        within.below.started_at,
        within.below.id
    )
    .fetch_all(db)
    .await
}

/// The same of these logs.
///
/// # Errors
/// When the database refuses.
pub async fn count_these(db: impl PgExecutor<'_>, places: &[Place]) -> sqlx::Result<Vec<Counted>> {
    sqlx::query_as!(
        Counted,
        r#"SELECT status AS "status!", open_failure AS "open!", count(*) AS "logs!"
           FROM import_logs WHERE id = ANY($1) GROUP BY status, open_failure"#,
        &ids(places)
    )
    .fetch_all(db)
    .await
}

/// What a batch removed, and how many of the logs that it was given it is done with.
#[derive(Clone, Copy, Debug)]
pub struct Removed {
    pub logs: i64,
    pub looked_at: usize,
}

/// The id of the log that was created last.
///
/// # Errors
/// When the database refuses.
pub async fn last_id(db: impl PgExecutor<'_>) -> sqlx::Result<i32> {
    sqlx::query_scalar!(r#"SELECT coalesce(max(id), 0) AS "last!" FROM import_logs"#)
        .fetch_one(db)
        .await
}

/// Removes those of these logs that have ended, up to an id; open failures only when they aren't to be kept. What somebody else is busy
/// with stays, and so does what the filter wants no more. It stops after the log with which 50,000 rejects and days go.
///
/// # Errors
/// When the database refuses.
pub async fn remove(
    db: &mut PgConnection,
    facets: &Facets,
    places: &[Place],
    keep_open_failures: bool,
    up_to: i32,
) -> sqlx::Result<Removed> {
    let removed = sqlx::query!(
        r#"WITH held AS MATERIALIZED (
               SELECT id, least(records_rejected, $5) + CASE import_type WHEN 'date_range' THEN coalesce(progress_total, range_end - range_start + 1, 0) ELSE 0 END AS rows FROM import_logs
               WHERE id = ANY($1) AND status <> 'running' AND NOT ($2 AND open_failure) AND ($3 OR facet = ANY($4)) AND id <= $6
               ORDER BY id FOR UPDATE SKIP LOCKED),
           given AS (
               SELECT given.id, nth, held.id IS NOT NULL AS goes,
                      sum(coalesce(rows, 0)) OVER (ORDER BY nth) - coalesce(rows, 0) AS rows_before
               FROM unnest($1::integer[]) WITH ORDINALITY AS given(id, nth) LEFT JOIN held ON held.id = given.id),
           batch AS MATERIALIZED (SELECT * FROM given WHERE rows_before < 50000),
           gone AS (
               DELETE FROM import_logs WHERE id = ANY (ARRAY(SELECT id FROM batch WHERE goes)) RETURNING id)
           SELECT (SELECT count(*) FROM gone) AS "logs!", (SELECT coalesce(max(nth), 0) FROM batch) AS "looked_at!""#,
        &ids(places),
        keep_open_failures,
        facets.all,
        &facets.wanted,
        i32::try_from(REJECTS_KEPT).unwrap_or(i32::MAX),
        up_to
    )
    .fetch_one(db)
    .await?;
    Ok(Removed {
        logs: removed.logs,
        looked_at: usize::try_from(removed.looked_at).unwrap_or(places.len()),
    })
}

/// Notes that work begins, and forgets what is over. Answers its id.
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    db: impl PgExecutor<'_>,
    kind: BulkKind,
    total: Option<i64>,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "WITH over AS (
             DELETE FROM bulk_work
             WHERE coalesce(ended_at, seen_at) < now() - CASE WHEN ended_at IS NULL THEN interval '1 minute' ELSE interval '1 hour' END)
         INSERT INTO bulk_work (kind, total) VALUES ($1, $2) RETURNING id",
        kind.as_str(),
        total
    )
    .fetch_one(db)
    .await
}

/// Adds to what was done, and to what could not be.
///
/// # Errors
/// When the database refuses.
pub async fn add(db: impl PgExecutor<'_>, id: i32, done: i64, refused: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE bulk_work SET done = done + $2, refused = refused + $3, seen_at = now() WHERE id = $1",
        id,
        done,
        refused
    )
    .execute(db)
    .await
    .map(drop)
}

/// Notes that all of it is done.
///
/// # Errors
/// When the database refuses.
pub async fn end(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<()> {
    sqlx::query!("UPDATE bulk_work SET ended_at = now() WHERE id = $1", id)
        .execute(db)
        .await
        .map(drop)
}

/// Notes that the rest will not be done.
///
/// # Errors
/// When the database refuses.
pub async fn break_off(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE bulk_work SET seen_at = '-infinity' WHERE id = $1",
        id
    )
    .execute(db)
    .await
    .map(drop)
}

/// The work that is to be told of: the one with this id; else the newest, unless it has ended. What only a newer version
/// can do is that one's to tell.
///
/// # Errors
/// When the database refuses.
pub async fn told(db: impl PgExecutor<'_>, id: Option<i32>) -> sqlx::Result<Option<BulkWork>> {
    let known = BulkKind::ALL.map(|kind| kind.as_str().to_owned());
    let row = sqlx::query!(
        r#"SELECT kind AS "kind: BulkKind", total, done, refused, ended_at IS NOT NULL AS "ended!",
                  seen_at < now() - interval '1 minute' AS "is_silent!"
           FROM bulk_work
           WHERE (id = $1 OR ended_at IS NULL AND greatest(seen_at, begun_at) > now() - interval '1 hour') AND kind = ANY($2)
           ORDER BY id = $1 DESC NULLS LAST, id DESC LIMIT 1"#,
        id,
        &known
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| BulkWork {
        kind: row.kind,
        state: match (row.ended, row.is_silent) {
            (true, _) => BulkState::Ended,
            (false, true) => BulkState::BrokenOff,
            (false, false) => BulkState::Running,
        },
        total: row.total,
        done: row.done,
        refused: row.refused,
    }))
}

fn ids(places: &[Place]) -> Vec<i32> {
    places.iter().map(|place| place.id).collect()
}
