//! All SQL, and no SQL elsewhere: one file a table or purpose.
//!
//! Functions take the connection or transaction to work in: where a transaction begins and ends is the
//! services' and the importer's business.

pub mod attempts;
pub mod endings;
pub mod failures;
pub mod games;
pub mod import_dates;
pub mod import_log_counts;
pub mod import_logs;
pub mod import_rejects;
pub mod installation;
pub mod jobs;
pub mod outcomes;
pub mod processes;
pub mod recovery;
pub mod results;
pub mod schedule;
pub mod sessions;
pub mod staged_results;
pub mod staging;

use std::time::Duration;

use sqlx::{
    PgConnection, PgTransaction, Row as _,
    postgres::{PgPool, PgPoolOptions},
};

/// Connects to PostgreSQL.
///
/// # Errors
/// When no connection can be made within five seconds.
pub async fn connect(url: &str, connections: u32) -> sqlx::Result<PgPool> {
    pool_options()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .connect(url)
        .await
}

/// A pool that takes back sound connections only.
#[must_use]
pub fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new()
        .after_release(|connection, _| Box::pin(async move { Ok(is_sound(connection).await) }))
}

/// Begins a transaction that only reads, and sees one moment however many statements it has.
///
/// # Errors
/// When no connection can be had.
pub async fn begin_reading(pool: &PgPool) -> sqlx::Result<PgTransaction<'static>> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
}

/// Whether a connection may be given to the next one who asks. sqlx 0.9 can leave a transaction open, or an answer
/// unread, on a connection whose future was dropped half-way (sqlx issue 4393; and a `COPY` that is just being
/// finished). The next statement would then be part of that transaction, or be given the answer of the one before.
async fn is_sound(connection: &mut PgConnection) -> bool {
    const PATIENCE: Duration = Duration::from_secs(5);
    // Outside of a transaction, and with PostgreSQL's simple protocol, the two instants are the same.
    let asked = sqlx::raw_sql("SELECT now() = statement_timestamp()").fetch_one(connection);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(row)) => row.try_get(0).unwrap_or(false),
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Whether an error is of the kind that passes by itself: trouble with the connection, a rollback by conflict, a
/// lack of resources, an operator's intervention (PostgreSQL manual, appendix A: classes 08, 40, 53, 57).
#[must_use]
pub fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "40", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class))
        }),
        sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::RowNotFound => false,
        _ => true,
    }
}

/// Brings the schema up to date: NumWatch's own, and the job queue's. Safe to run from several processes at once.
///
/// # Errors
/// When a migration can't be applied.
pub async fn migrate(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::migrate!().run(pool).await?;
    jobs::migrate(pool).await
}

/// Answers whether the database can be reached.
///
/// # Errors
/// When it can't.
pub async fn ping(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!("SELECT 1 AS one")
        .fetch_one(pool)
        .await
        .map(drop)
}
