//! `accounts`: who may sign in. None is ever removed.

use sqlx::PgExecutor;

use super::words::Granted;
use crate::model::access::Role;
pub use crate::model::accounts::Account;

/// A query for whole accounts; `$tail` is what follows `FROM accounts`.
macro_rules! accounts {
    ($tail:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            Account,
            r#"SELECT id, name, email, role AS "role: Granted", created_at, created_by, last_login, disabled_at
               FROM accounts "# + $tail
            $(, $arg)*
        )
    };
}

/// All of them, by name.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Account>> {
    accounts!("ORDER BY name").fetch_all(db).await
}

/// One.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Option<Account>> {
    accounts!("WHERE id = $1", id).fetch_optional(db).await
}

/// The one of that name, locked for the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Option<Account>> {
    accounts!("WHERE name = $1 FOR UPDATE", name)
        .fetch_optional(db)
        .await
}

/// Locks all that may let others in, so that of two who take that from one another one is left. Answers their ids.
///
/// # Errors
/// When the database refuses.
pub async fn lock_admins(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(
        "SELECT id FROM accounts WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE"
    )
    .fetch_all(db)
    .await
}

/// What is kept of the password of an account that may sign in.
///
/// # Errors
/// When the database refuses.
pub async fn password(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Option<(i32, String)>> {
    let found = sqlx::query!(
        "SELECT id, password FROM accounts WHERE name = $1 AND disabled_at IS NULL",
        name
    );
    let found = found.fetch_optional(db).await?;
    Ok(found.map(|account| (account.id, account.password)))
}

/// What tells the password that an account has from any other that it had or will have. Nothing can be made of it: what it
/// is made of has a salt of its own.
///
/// # Errors
/// When the database refuses.
pub async fn password_mark(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<String> {
    sqlx::query_scalar!(
        r#"SELECT left(encode(sha256(convert_to(password, 'UTF8')), 'hex'), 32) AS "mark!" FROM accounts WHERE id = $1"#,
        id
    )
    .fetch_one(db)
    .await
}

/// Creates one. `None`: there is one of that name.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    db: impl PgExecutor<'_>,
    name: &str,
    role: Role,
    password: &str,
    by: Option<&str>,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "INSERT INTO accounts (name, role, password, created_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO NOTHING RETURNING id",
        name,
        role.as_str(),
        password,
        by
    )
    .fetch_optional(db)
    .await
}

/// Gives it another role.
///
/// # Errors
/// When the database refuses.
pub async fn set_role(db: impl PgExecutor<'_>, id: i32, role: Role) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE accounts SET role = $2 WHERE id = $1",
        id,
        role.as_str()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Gives it another password, with which it may sign in again if it was disabled.
///
/// # Errors
/// When the database refuses.
pub async fn set_password(db: impl PgExecutor<'_>, id: i32, password: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE accounts SET password = $2, disabled_at = NULL WHERE id = $1",
        id,
        password
    )
    .execute(db)
    .await
    .map(drop)
}

/// Changes its password, if it is still the one that this is kept of and may sign in. Answers whether it was.
///
/// # Errors
/// When the database refuses.
pub async fn change_password(
    db: impl PgExecutor<'_>,
    id: i32,
    present: &str,
    new: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE accounts SET password = $3 WHERE id = $1 AND password = $2 AND disabled_at IS NULL",
        id,
        present,
        new
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Lets it sign in no more.
///
/// # Errors
/// When the database refuses.
pub async fn disable(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE accounts SET disabled_at = coalesce(disabled_at, now()) WHERE id = $1",
        id
    )
    .execute(db)
    .await
    .map(drop)
}

/// Notes that it has signed in.
///
/// # Errors
/// When the database refuses.
pub async fn signed_in(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<()> {
    sqlx::query!("UPDATE accounts SET last_login = now() WHERE id = $1", id)
        .execute(db)
        .await
        .map(drop)
}

/// Whether there is, or ever was, any account or token: then nobody is let in without one.
///
/// # Errors
/// When the database refuses.
pub async fn anybody(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM accounts) OR EXISTS (SELECT FROM api_tokens) AS "anybody!""#
    )
    .fetch_one(db)
    .await
}
