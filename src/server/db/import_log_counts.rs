//! How many logs there are. `import_log_counts` holds the number of all, kept by triggers.

use sqlx::PgExecutor;

/// How many logs there are of each sort.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    pub finished: i64,
    pub running: i64,
    /// Failures that are open, and the newest of them.
    pub open_failures: i64,
    pub newest_open_failure: Option<i32>,
}

/// Counts the logs. However many there are, it reads few rows: the number of all is kept by triggers in
/// `import_log_counts`, and those that run or are open failures have indexes of their own.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: impl PgExecutor<'_>) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"SELECT (stored.logs - running.logs)::bigint AS "finished!", running.logs AS "running!",
                  open.logs AS "open_failures!", open.newest AS newest_open_failure
           FROM (SELECT sum(logs) AS logs FROM import_log_counts) AS stored,
                (SELECT count(*) AS logs FROM import_logs WHERE status = 'running') AS running,
                (SELECT count(*) AS logs, max(id) AS newest FROM import_logs WHERE open_failure) AS open"#
    )
    .fetch_one(db)
    .await
}
