//! Which rows the Scheduler page shows: the latest imports, with scheduled runs that brought nothing folded into one row
//! where they stand next to each other.
//!
//! Which runs are quiet says the column `facet` (migration `history`): its index leads to them, and past them.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::model::fold::{FOLD_COUNTS, FOLD_SHOWS};

/// An import that stands for itself, and the quiet runs right above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// None: there is no older import than the quiet runs.
    pub below: Option<i32>,
    /// How many quiet runs there are, up to one more than [`FOLD_COUNTS`].
    pub runs: i64,
    /// When the oldest and the newest of them started.
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// The newest of them, up to [`FOLD_SHOWS`], newest first, and when each started.
    pub ids: Vec<i32>,
    pub times: Vec<DateTime<Utc>>,
}

/// The latest imports that stand for themselves, up to `limit`, newest first, each with the quiet runs right above it;
/// then those below the last, when it is the oldest of all.
///
/// # Errors
/// When the database refuses.
pub async fn stretches(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Stretch>> {
    sqlx::query_as!(
        Stretch,
        r#"WITH RECURSIVE known(facet) AS (
               (SELECT facet FROM import_logs ORDER BY facet LIMIT 1)
               UNION ALL
               SELECT (SELECT facet FROM import_logs WHERE facet > known.facet ORDER BY facet LIMIT 1)
               FROM known WHERE known.facet IS NOT NULL),
           quiet AS MATERIALIZED (SELECT facet FROM known WHERE facet LIKE '%/quiet'),
           loud AS MATERIALIZED (
               SELECT newest.id, newest.started_at
               FROM known CROSS JOIN LATERAL (
                   SELECT id, started_at FROM import_logs log WHERE log.facet = known.facet
                   ORDER BY started_at DESC, id DESC LIMIT $1) AS newest
               WHERE known.facet NOT LIKE '%/quiet'
               ORDER BY newest.started_at DESC, newest.id DESC LIMIT $1),
           edges AS (
               SELECT id, started_at FROM loud
               UNION ALL
               SELECT NULL, '-infinity' WHERE (SELECT count(*) FROM loud) < $1),
           gaps AS (
               SELECT id AS below, started_at AS below_at,
                      lag(id, 1, 0) OVER downwards AS above, lag(started_at, 1, 'infinity') OVER downwards AS above_at
               FROM edges WINDOW downwards AS (ORDER BY started_at DESC, id DESC NULLS LAST))
           SELECT below, runs AS "runs!", first, last, ids AS "ids!", times AS "times!"
           FROM gaps CROSS JOIN LATERAL (
               SELECT count(*) AS runs, min(started_at) AS first, max(started_at) AS last,
                      coalesce((array_agg(id ORDER BY started_at DESC, id DESC))[:$3], '{}') AS ids,
                      coalesce((array_agg(started_at ORDER BY started_at DESC, id DESC))[:$3], '{}') AS times
               FROM (
                   SELECT run.id, run.started_at FROM quiet CROSS JOIN LATERAL (
                       SELECT id, started_at FROM import_logs log
                       WHERE log.facet = quiet.facet
                         AND (log.started_at, log.id) < (above_at, above)
                         AND (log.started_at, log.id) > (below_at, coalesce(below, 0))
                       ORDER BY log.started_at DESC, log.id DESC LIMIT $2::int8 + 1) AS run
                   ORDER BY run.started_at DESC, run.id DESC LIMIT $2::int8 + 1) AS run) AS folded
           ORDER BY below_at DESC, below DESC NULLS LAST"#,
        limit,
        FOLD_COUNTS,
        FOLD_SHOWS
    )
    .fetch_all(db)
    .await
}
