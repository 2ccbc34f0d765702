//! Who starts the import of a checked file. The store lets one process have it and the database writes the log: until both
//! are done, the starting transaction holds an advisory lock in the file's name (PostgreSQL manual, "Advisory Locks"), so
//! that nobody takes a start that is under way for one that was lost.

use sqlx::PgConnection;

/// The first half of the locks' keys; the second is a sum over the payload's.
const STARTS_CHECKED: i32 = 20_057;

/// Waits until nobody else starts the import of this payload, until the caller's transaction has ended.
///
/// # Errors
/// When the database refuses.
pub async fn hold(db: &mut PgConnection, payload: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock($1, hashtext($2))",
        STARTS_CHECKED,
        payload
    )
    .execute(db)
    .await
    .map(drop)
}

/// The same without waiting. Answers whether nobody else does.
///
/// # Errors
/// When the database refuses.
pub async fn try_hold(db: &mut PgConnection, payload: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS "held!""#,
        STARTS_CHECKED,
        payload
    )
    .fetch_one(db)
    .await
}
