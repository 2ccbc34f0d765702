//! All SQL, and no SQL elsewhere: one file a table or purpose.
//!
//! Functions take the connection or transaction to work in: where a transaction begins and ends is the
//! services' and the importer's business.

pub mod attempts;
pub mod games;
pub mod import_dates;
pub mod import_logs;
pub mod import_rejects;
pub mod installation;
pub mod jobs;
pub mod outcomes;
pub mod recovery;
pub mod results;
pub mod schedule;
pub mod staging;

use std::time::Duration;

use sqlx::postgres::{PgPool, PgPoolOptions};

/// Connects to PostgreSQL.
///
/// # Errors
/// When no connection can be made within ten seconds.
pub async fn connect(url: &str, connections: u32) -> sqlx::Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .connect(url)
        .await
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
