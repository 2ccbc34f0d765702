//! Who is writing an import's data, so that whoever takes the import over can end a writer that is stuck.
//!
//! A process that is frozen, or cut off from the database, keeps its transaction open and with it the keys of the
//! games and results it has written: every other import of them, its own next attempt above all, would wait for
//! it. So each transaction that writes data holds an advisory lock in the import's name (PostgreSQL manual,
//! "Advisory Locks"), by which its session is found. A role may end sessions of its own without further rights.

use sqlx::PgConnection;

/// The first half of the locks' keys; the second is the import's id.
const WRITES_IMPORT: i32 = 0x4e57;

/// Marks the caller's transaction as the one that writes this import's data. Ends the session of an earlier
/// attempt that still does: this attempt's number is newer, so its commit would be refused anyway.
///
/// # Errors
/// When the database refuses.
pub async fn write_import(db: &mut PgConnection, import_id: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND pid <> pg_backend_pid()
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND classid::bigint = $1::int AND objid::bigint = $2::int",
        WRITES_IMPORT,
        import_id
    )
    .fetch_all(&mut *db)
    .await?;
    sqlx::query!(
        "SELECT pg_advisory_xact_lock($1, $2)",
        WRITES_IMPORT,
        import_id
    )
    .execute(db)
    .await
    .map(drop)
}

/// Ends the sessions that write data of imports whose lease has ended.
///
/// # Errors
/// When the database refuses.
pub async fn end_abandoned(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT pg_terminate_backend(pid) FROM pg_locks
         JOIN import_logs log ON log.id = objid::bigint
         WHERE locktype = 'advisory' AND objsubid = 2 AND granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND classid::bigint = $1::int AND log.status = 'running' AND log.lease_until < now()",
        WRITES_IMPORT
    )
    .fetch_all(db)
    .await
    .map(drop)
}
