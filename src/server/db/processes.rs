//! `processes`: who is alive, and what each can do. PostgreSQL's clock decides.

use std::time::Duration;

use sqlx::PgExecutor;
use uuid::Uuid;

use crate::model::scheduler::Process;

/// A process that hasn't been seen for so long counts as gone.
pub const ALIVE_FOR: Duration = Duration::from_secs(30);
/// What is said of a process that is gone is kept for so long.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// What a process says of itself.
#[derive(Clone, Debug)]
pub struct Presence {
    pub id: Uuid,
    /// For people: the command, the machine and the process number there.
    pub name: String,
    pub runs_imports: bool,
    pub has_timer: bool,
    pub store: Option<String>,
    pub feed: Option<String>,
}

/// Says that a process is alive. Forgets those that have been gone for long.
///
/// # Errors
/// When the database refuses.
pub async fn be_seen(db: impl PgExecutor<'_>, presence: &Presence) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH forgotten AS (DELETE FROM processes WHERE seen_at < now() - make_interval(secs => $7))
         INSERT INTO processes (id, name, runs_imports, has_timer, store, feed) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET seen_at = now()",
        presence.id,
        presence.name,
        presence.runs_imports,
        presence.has_timer,
        presence.store,
        presence.feed,
        KEPT_FOR.as_secs_f64()
    )
    .execute(db)
    .await
    .map(drop)
}

/// A process that stops says goodbye.
///
/// # Errors
/// When the database refuses.
pub async fn leave(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM processes WHERE id = $1", id)
        .execute(db)
        .await
        .map(drop)
}

/// All processes that are alive, or were within the last hour and did not say goodbye; the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Process>> {
    sqlx::query_as!(
        Process,
        r#"SELECT name, started_at, seen_at, runs_imports, has_timer,
                  seen_at > now() - make_interval(secs => $1) AS "is_alive!"
           FROM processes ORDER BY started_at, id"#,
        ALIVE_FOR.as_secs_f64()
    )
    .fetch_all(db)
    .await
}

/// The names of the living processes that keep uploads in another store than this one, the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn with_another_store(db: impl PgExecutor<'_>, store: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "SELECT name FROM processes
         WHERE store <> $1 AND seen_at > now() - make_interval(secs => $2)
         ORDER BY started_at, id",
        store,
        ALIVE_FOR.as_secs_f64()
    )
    .fetch_all(db)
    .await
}
