//! `installation`: which NumWatch this database is.

use sqlx::PgExecutor;
use uuid::Uuid;

/// The id that this database was given when it was created.
///
/// # Errors
/// When the database refuses.
pub async fn id(db: impl PgExecutor<'_>) -> sqlx::Result<Uuid> {
    sqlx::query_scalar!("SELECT id FROM installation")
        .fetch_one(db)
        .await
}
