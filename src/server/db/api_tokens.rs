//! `api_tokens`: programs that may call the API. None is ever removed.

use sqlx::PgExecutor;

use super::words::Granted;
use crate::model::access::Role;
pub use crate::model::accounts::Token;

/// A query for whole tokens; `$tail` is what follows `FROM api_tokens`.
macro_rules! tokens {
    ($tail:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            Token,
            r#"SELECT id, name, role AS "role: Granted", created_at, created_by, expires_at, used_at, revoked_at,
                      (revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())) AS "is_good!"
               FROM api_tokens "# + $tail
            $(, $arg)*
        )
    };
}

/// All of them, by name.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Token>> {
    tokens!("ORDER BY name").fetch_all(db).await
}

/// One.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Option<Token>> {
    tokens!("WHERE id = $1", id).fetch_optional(db).await
}

/// Whose a good token is.
#[derive(Clone, Debug)]
pub struct Owner {
    pub id: i32,
    pub name: String,
    pub role: Role,
    /// It was last noted as used more than a minute ago, if ever.
    pub is_stale: bool,
}

/// The good one that this is the hash of, if there is one.
///
/// # Errors
/// When the database refuses.
pub async fn owner(db: impl PgExecutor<'_>, hash: &[u8]) -> sqlx::Result<Option<Owner>> {
    sqlx::query_as!(
        Owner,
        r#"SELECT id, name, role AS "role: Granted",
                  (used_at IS NULL OR used_at < now() - interval '1 minute') AS "is_stale!"
           FROM api_tokens
           WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"#,
        hash
    )
    .fetch_optional(db)
    .await
}

/// Notes that one is used.
///
/// # Errors
/// When the database refuses.
pub async fn used(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<()> {
    sqlx::query!("UPDATE api_tokens SET used_at = now() WHERE id = $1", id)
        .execute(db)
        .await
        .map(drop)
}

/// Creates one. `None`: there is one of that name.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    db: impl PgExecutor<'_>,
    name: &str,
    role: Role,
    hash: &[u8],
    days: Option<i32>,
    by: Option<&str>,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "INSERT INTO api_tokens (name, role, hash, expires_at, created_by)
         VALUES ($1, $2, $3, now() + make_interval(days => $4), $5)
         ON CONFLICT (name) DO NOTHING RETURNING id",
        name,
        role.as_str(),
        hash,
        days,
        by
    )
    .fetch_optional(db)
    .await
}

/// Lets nobody in with it any more. Answers whether there is one of that name.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now()) WHERE name = $1",
        name
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}
