//! What those who watch an installation want to know of all of it, whichever process they ask. Cheap, however many logs there
//! are: sums are kept (`monitoring`), and the newest logs stand first in an index.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{alerts, monitoring, processes};
use crate::model::{
    alert::AlertCounts,
    import_log::{ImportType, Requester},
    monitoring::Counted,
};

/// What the database knows.
#[derive(Debug)]
pub struct Installation {
    /// All logs, summed up.
    pub imports: Vec<Counted>,
    pub last_successes: Vec<LastSuccess>,
    pub now: Present,
    /// Those of the last thirty days.
    pub alerts: AlertCounts,
}

/// The newest success of a type that came through a door.
#[derive(Clone, Copy, Debug)]
pub struct LastSuccess {
    pub import_type: ImportType,
    pub requested_by: Requester,
    /// When it ended.
    pub at: DateTime<Utc>,
}

/// How it stands at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Present {
    /// Imports in line that are due.
    pub waiting: i64,
    /// Imports in line that are not, after an attempt that failed.
    pub pausing: i64,
    /// Uploads.
    pub arriving: i64,
    /// Imports that a worker has.
    pub running: i64,
    /// How long the first of those waiting has been due.
    pub oldest_seconds: f64,
    /// That are alive.
    pub processes: i64,
    pub workers: i64,
    pub scheduler_on: bool,
    /// Since when the scheduler owes a success: its latest, or when it was switched on. `None`: it is off, or has no feed.
    pub success_awaited_since: Option<DateTime<Utc>>,
}

/// Reads it.
///
/// # Errors
/// When the database refuses.
pub async fn installation(db: &mut PgConnection) -> sqlx::Result<Installation> {
    Ok(Installation {
        now: present(&mut *db).await?,
        imports: monitoring::ever(&mut *db).await?,
        last_successes: last_successes(&mut *db).await?,
        alerts: alerts::counts(db).await?,
    })
}

async fn present(db: &mut PgConnection) -> sqlx::Result<Present> {
    sqlx::query_as!(
        Present,
        r#"SELECT count(*) FILTER (WHERE phase = 'queued' AND due_at <= now()) AS "waiting!",
                  count(*) FILTER (WHERE phase = 'queued' AND due_at > now()) AS "pausing!",
                  count(*) FILTER (WHERE phase = 'uploading') AS "arriving!",
                  count(*) FILTER (WHERE phase NOT IN ('queued', 'uploading')) AS "running!",
                  coalesce(extract(epoch FROM now() - min(greatest(queued_at, due_at)) FILTER (WHERE phase = 'queued' AND due_at <= now())),
                           0)::float8 AS "oldest_seconds!",
                  (SELECT count(*) FROM processes WHERE seen_at > now() - make_interval(secs => $1)) AS "processes!",
                  (SELECT count(*) FROM processes WHERE runs_imports AND seen_at > now() - make_interval(secs => $1)) AS "workers!",
                  coalesce((SELECT enabled FROM schedule), false) AS "scheduler_on!",
                  (SELECT since FROM awaited_success) AS success_awaited_since
           FROM import_runs"#,
        processes::ALIVE_FOR.as_secs_f64()
    )
    .fetch_one(db)
    .await
}

/// Found as pages of the history are (`history`): by jumping through the index from one facet to the next.
async fn last_successes(db: &mut PgConnection) -> sqlx::Result<Vec<LastSuccess>> {
    sqlx::query_as!(
        LastSuccess,
        r#"WITH RECURSIVE known(facet) AS (
               (SELECT facet FROM import_logs ORDER BY facet LIMIT 1)
               UNION ALL
               SELECT (SELECT facet FROM import_logs WHERE facet > known.facet ORDER BY facet LIMIT 1)
               FROM known WHERE known.facet IS NOT NULL)
           SELECT split_part(facet, '/', 1) AS "import_type!: ImportType", split_part(facet, '/', 4) AS "requested_by!: Requester",
                  max(newest.completed_at) AS "at!"
           FROM known CROSS JOIN LATERAL (
               SELECT completed_at FROM import_logs log
               WHERE log.facet = known.facet AND completed_at IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT 1) AS newest
           WHERE split_part(facet, '/', 2) = 'success'
           GROUP BY 1, 2"#
    )
    .fetch_all(db)
    .await
}
