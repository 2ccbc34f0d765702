//! `account_sessions`: who is signed in. The database's clock says for how long.

use sqlx::PgExecutor;

use super::words::Granted;
pub use crate::model::accounts::Session;
use crate::{model::access::Role, server::config::Lasting};

/// Whose a session is.
#[derive(Clone, Debug)]
pub struct Owner {
    pub id: i32,
    pub name: String,
    pub role: Role,
    /// It was last noted as used more than a minute ago.
    pub is_stale: bool,
}

/// What begins a session.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    pub hash: &'a [u8],
    pub account: i32,
    pub kind: &'a str,
    pub address: Option<&'a str>,
    pub agent: Option<&'a str>,
}

/// Whose this session is, if it still lasts.
///
/// # Errors
/// When the database refuses.
pub async fn owner(
    db: impl PgExecutor<'_>,
    hash: &[u8],
    lasting: Lasting,
) -> sqlx::Result<Option<Owner>> {
    sqlx::query_as!(
        Owner,
        r#"SELECT account.id, account.name, account.role AS "role: Granted",
                  session.used_at < now() - interval '1 minute' AS "is_stale!"
           FROM account_sessions session JOIN accounts account ON account.id = session.account_id
           WHERE session.hash = $1 AND account.disabled_at IS NULL
             AND session.used_at > now() - make_interval(secs => $2)
             AND session.created_at > now() - make_interval(secs => $3)"#,
        hash,
        lasting.idle.as_secs_f64(),
        lasting.at_most.as_secs_f64()
    )
    .fetch_optional(db)
    .await
}

/// Notes that a session is used.
///
/// # Errors
/// When the database refuses.
pub async fn used(db: impl PgExecutor<'_>, hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE account_sessions SET used_at = now() WHERE hash = $1",
        hash
    )
    .execute(db)
    .await
    .map(drop)
}

/// Begins one.
///
/// # Errors
/// When the database refuses.
pub async fn begin(db: impl PgExecutor<'_>, new: &NewSession<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO account_sessions (hash, account_id, kind, address, agent) VALUES ($1, $2, $3, $4, left($5, 255))",
        new.hash,
        new.account,
        new.kind,
        new.address,
        new.agent
    )
    .execute(db)
    .await
    .map(drop)
}

/// Those of an account, the latest used first. `hash` is the one that asks.
///
/// # Errors
/// When the database refuses.
pub async fn of_account(
    db: impl PgExecutor<'_>,
    account: i32,
    hash: Option<&[u8]>,
    lasting: Lasting,
) -> sqlx::Result<Vec<Session>> {
    sqlx::query_as!(
        Session,
        r#"SELECT id, kind, created_at, used_at, address, agent, coalesce(hash = $2, false) AS "is_this!"
           FROM account_sessions
           WHERE account_id = $1 AND used_at > now() - make_interval(secs => $3)
             AND created_at > now() - make_interval(secs => $4)
           ORDER BY used_at DESC, id DESC"#,
        account,
        hash,
        lasting.idle.as_secs_f64(),
        lasting.at_most.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// Ends one.
///
/// # Errors
/// When the database refuses.
pub async fn end(db: impl PgExecutor<'_>, hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM account_sessions WHERE hash = $1", hash)
        .execute(db)
        .await
        .map(drop)
}

/// Ends all of an account but the one that is kept, and answers how many those were.
///
/// # Errors
/// When the database refuses.
pub async fn end_others(
    db: impl PgExecutor<'_>,
    account: i32,
    kept: Option<&[u8]>,
) -> sqlx::Result<u64> {
    let ended = sqlx::query!(
        "DELETE FROM account_sessions WHERE account_id = $1 AND hash IS DISTINCT FROM $2",
        account,
        kept
    );
    ended.execute(db).await.map(|done| done.rows_affected())
}

/// Removes those that have ended by themselves.
///
/// # Errors
/// When the database refuses.
pub async fn tidy(db: impl PgExecutor<'_>, lasting: Lasting) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM account_sessions
         WHERE used_at < now() - make_interval(secs => $1) OR created_at < now() - make_interval(secs => $2)",
        lasting.idle.as_secs_f64(),
        lasting.at_most.as_secs_f64()
    )
    .execute(db)
    .await
    .map(drop)
}
