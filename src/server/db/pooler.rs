//! What a pooler between NumWatch and PostgreSQL makes of a connection, such as PgBouncer. It may lend it one session for as
//! long as it lasts, as if there were no pooler; or another one for each transaction, and lend that to others in between.
//! No pooler says which, but it shows.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, Row as _};

use super::connect_alone;
use crate::server::secret::SecretString;

/// What stands behind a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// A session of its own.
    Own,
    /// Whichever session is free, for each transaction. Statements that are prepared follow the connection.
    Shared,
    /// The same, but a statement stays in the session that it was prepared in.
    SharedWithoutStatements,
}

/// For all that is asked here.
const PATIENCE: Duration = Duration::from_secs(10);
/// Others may take a session between two of our questions, so that a single look can miss it.
const LOOKS: usize = 3;

/// Finds out what a URL leads to.
///
/// # Errors
/// When no connection can be made, or what it leads to doesn't answer for long.
pub async fn sessions(url: &SecretString) -> sqlx::Result<Sessions> {
    tokio::time::timeout(PATIENCE, look(url))
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

async fn look(url: &SecretString) -> sqlx::Result<Sessions> {
    let mut one = connect_alone(url).await?;
    let mut other = connect_alone(url).await?;
    let mut sessions = Sessions::Own;
    for _ in 0..LOOKS {
        if are_shared(&mut one, &mut other).await? {
            sessions = shared(&mut one, &mut other).await?;
            break;
        }
    }
    let _ = one.close().await;
    let _ = other.close().await;
    Ok(sessions)
}

/// Whether a session changes hands: while the other connection keeps one in a transaction, it was ours just before, or isn't
/// ours any more.
async fn are_shared(one: &mut PgConnection, other: &mut PgConnection) -> sqlx::Result<bool> {
    let before = session(one).await?;
    execute(other, "BEGIN").await?;
    let kept = session(other).await?;
    let is_shared = kept == before || session(one).await? != before;
    execute(other, "ROLLBACK").await?;
    Ok(is_shared)
}

/// Whether a statement that was prepared in one session is found in the next one, and doesn't get into another's way there.
async fn shared(one: &mut PgConnection, other: &mut PgConnection) -> sqlx::Result<Sessions> {
    const ONE: &str = "SELECT 1";
    const OTHER: &str = "SELECT 2";
    let prepared = async {
        run(one, ONE).await?;
        run(other, OTHER).await?;
        execute(other, "BEGIN").await?;
        run(other, OTHER).await?;
        run(one, ONE).await
    };
    match prepared.await {
        Ok(()) => {
            execute(other, "ROLLBACK").await?;
            Ok(Sessions::Shared)
        }
        // The connections are closed after this.
        Err(sqlx::Error::Database(error)) if is_of_statements(error.code().as_deref()) => {
            Ok(Sessions::SharedWithoutStatements)
        }
        Err(error) => Err(error),
    }
}

/// There is no such statement, or already one of that name (PostgreSQL manual, appendix A).
fn is_of_statements(code: Option<&str>) -> bool {
    matches!(code, Some("26000" | "42P05"))
}

/// Runs a statement that is prepared before, unless the connection has done so already.
async fn run(connection: &mut PgConnection, statement: &'static str) -> sqlx::Result<()> {
    sqlx::query(statement).execute(connection).await.map(drop)
}

/// The number of the session behind a connection, asked without a prepared statement.
async fn session(connection: &mut PgConnection) -> sqlx::Result<String> {
    sqlx::raw_sql("SELECT pg_backend_pid()::text")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

async fn execute(connection: &mut PgConnection, statement: &'static str) -> sqlx::Result<()> {
    sqlx::raw_sql(statement).execute(connection).await.map(drop)
}

/// Whether the role, or whoever set the session up, lets nothing take without a limit.
///
/// # Errors
/// When the database refuses.
pub async fn has_limits(pool: &sqlx::PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT bool_and(setting <> '0') FROM pg_settings
         WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')",
    )
    .fetch_one(pool)
    .await
}
