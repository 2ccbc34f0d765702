//! The job queue's tables, which are apalis's own.

use apalis::prelude::{TaskBuilder, TaskId};
use apalis_postgres::{PostgresStorage, queries::push_tasks};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use ulid::Ulid;

/// The queue's name.
pub const QUEUE: &str = "imports";

/// What a worker is told: which import to run. All else stands in the import's log.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ImportJob {
    pub import_id: i32,
}

/// Creates or updates apalis's tables.
pub(super) async fn migrate(pool: &PgPool) -> sqlx::Result<()> {
    PostgresStorage::setup(pool).await.map_err(into_sqlx)
}

/// Puts an import on the queue, in the caller's transaction: the job exists when the log row does.
/// A worker hears of it (`NOTIFY`) when that transaction commits.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(conn: &mut PgConnection, import_id: i32) -> sqlx::Result<()> {
    let args =
        serde_json::to_vec(&ImportJob { import_id }).map_err(|e| sqlx::Error::Encode(e.into()))?;
    // apalis reads its ids back as ULIDs and stops at any other.
    let job_id = Ulid::generate().to_string();
    let task = TaskBuilder::new(args)
        .task_id(TaskId::from_string(&job_id))
        .build();
    push_tasks(&mut *conn, QUEUE, vec![task])
        .await
        .map_err(into_sqlx)?;
    sqlx::query!(
        "UPDATE import_logs SET job_id = $2 WHERE id = $1",
        import_id,
        job_id
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Removes jobs that are done, and workers that are gone: what they did stands in the logs.
///
/// # Errors
/// When the database refuses.
pub async fn remove_finished(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM apalis.jobs
         WHERE job_type = $1 AND (status IN ('Done', 'Killed') AND done_at < now() - interval '10 minutes'
            OR status IN ('Queued', 'Running') AND lock_at < now() - interval '1 day')",
        QUEUE
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        "DELETE FROM apalis.workers worker
         WHERE worker_type = $1 AND last_seen < now() - interval '1 hour'
           AND NOT EXISTS (SELECT FROM apalis.jobs WHERE lock_by = worker.id)",
        QUEUE
    )
    .execute(pool)
    .await
    .map(drop)
}

fn into_sqlx(error: apalis_postgres::Error) -> sqlx::Error {
    match error {
        apalis_postgres::Error::Database(error) => error,
        other => sqlx::Error::Protocol(other.to_string()),
    }
}
