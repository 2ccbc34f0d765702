//! Who is writing an import's data, so that whoever takes the import over can end a writer that is stuck.
//!
//! A process that is frozen, or cut off from the database, keeps its transaction open and with it the keys of the
//! games and results it has written: every other import of them, its own next attempt above all, would wait for
//! it. So each transaction that writes data holds an advisory lock in the import's name (PostgreSQL manual,
//! "Advisory Locks"), by which its session is found. A role may end sessions of its own without further rights.
//!
//! A session in the middle of its COMMIT is left alone. Where it waits for a standby (PostgreSQL manual, "Synchronous
//! Replication"), its transaction stands in the primary's log already: ended, it would be shown to everybody at once, and
//! be gone all the same if the standby took over.

use sqlx::{PgConnection, PgExecutor};

use super::attempts::AttemptKey;

/// The first half of the locks' keys; the second is the import's id. The view `import_writers` has the same number.
const WRITES_IMPORT: i32 = 20_055;

/// Marks the caller's transaction as the one that writes this import's data. Ends the session of an earlier
/// attempt that still does: this attempt's number is newer, so its commit would be refused anyway. A stale attempt
/// ends nobody's. The transaction may take its time.
///
/// # Errors
/// When the database refuses.
pub async fn write_import(db: &mut PgConnection, key: AttemptKey) -> sqlx::Result<()> {
    super::take_time(&mut *db).await?;
    // Another import may have locked the same games for a while; and between two pieces of a file its store may be slow. A
    // session that is stuck is ended with its lease.
    sqlx::raw_sql(
        "SET LOCAL lock_timeout = '2min'; SET LOCAL idle_in_transaction_session_timeout = '2min'",
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "SELECT pg_terminate_backend(pid) FROM import_writers
         JOIN import_runs run USING (import_id) JOIN pg_stat_activity USING (pid)
         WHERE import_id = $1 AND run.attempt = $2 AND pid <> pg_backend_pid() AND query <> 'COMMIT'",
        key.import_id,
        key.number
    )
    .fetch_all(&mut *db)
    .await?;
    sqlx::query!(
        "SELECT pg_advisory_xact_lock($1, $2)",
        WRITES_IMPORT,
        key.import_id
    )
    .execute(db)
    .await
    .map(drop)
}

/// Ends the session that still writes an import's data for an attempt that was given up: PostgreSQL would otherwise
/// finish its statement, and whoever wants the same records would wait for it.
///
/// # Errors
/// When the database refuses.
pub async fn end(db: impl PgExecutor<'_>, key: AttemptKey) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT pg_terminate_backend(pid) FROM import_writers
         JOIN import_runs run USING (import_id) JOIN pg_stat_activity USING (pid)
         WHERE import_id = $1 AND run.attempt = $2 AND query <> 'COMMIT'",
        key.import_id,
        key.number
    )
    .fetch_all(db)
    .await
    .map(drop)
}

/// Whether PostgreSQL works on an import's data: it doesn't while it has no session that would, or that session waits for its
/// client itself (PostgreSQL manual, "Wait Events of Type Client").
///
/// # Errors
/// When the database refuses.
pub async fn works_for(db: impl PgExecutor<'_>, import_id: i32) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM import_writers JOIN pg_stat_activity USING (pid)
               WHERE import_id = $1 AND wait_event_type IS DISTINCT FROM 'Client'
           ) AS "works!""#,
        import_id
    )
    .fetch_one(db)
    .await
}

/// Ends the sessions that write data of imports whose lease has ended.
///
/// # Errors
/// When the database refuses.
pub async fn end_abandoned(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT pg_terminate_backend(pid) FROM import_writers
         JOIN import_runs run USING (import_id) JOIN pg_stat_activity USING (pid)
         WHERE run.phase <> 'queued' AND run.lease_until < now() AND query <> 'COMMIT'"
    )
    .fetch_all(db)
    .await
    .map(drop)
}
