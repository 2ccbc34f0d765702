//! The check of a backup: its transaction, and what takes the place of the statements that would write.
//!
//! Temporary tables, as those of [`super::staging`]; so these queries can't be checked when the program is compiled.

use std::time::Duration;

use sqlx::{Executor as _, PgConnection, PgPool, PgTransaction, Row as _};

use super::staging;
use crate::model::checked::NewGame;

/// Begins a check: the staging tables are there, and from here on PostgreSQL itself refuses whatever would write to others
/// or move a sequence (PostgreSQL manual, "SET TRANSACTION"). All its statements see one moment, and each ends after
/// `limit`, though nobody waits for it any more.
///
/// # Errors
/// When the database refuses.
pub async fn begin(pool: &PgPool, limit: Duration) -> sqlx::Result<PgTransaction<'static>> {
    let mut tx = pool
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ")
        .await?;
    staging::create(&mut tx).await?;
    // Between two pieces of a file its store may be slow.
    tx.execute("SET TRANSACTION READ ONLY; SET LOCAL idle_in_transaction_session_timeout = '2min'")
        .await?;
    sqlx::query("SELECT set_config('statement_timeout', $1, true)")
        .bind(limit.as_millis().to_string())
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

/// Notes which game each file id means, as [`staging::merge_games`] does: games that aren't known yet get numbers that no
/// game has. Answers how many those are.
///
/// # Errors
/// When the database refuses.
pub async fn number_games(db: &mut PgConnection) -> sqlx::Result<i64> {
    db.execute(
        "INSERT INTO staged_game_ids
             SELECT DISTINCT file_id, coalesce(game.id, -nth::integer), base_game_id
             FROM (SELECT *, dense_rank() OVER (ORDER BY base_game_id) AS nth FROM staged_games WHERE base_game_id IS NOT NULL) AS file
             LEFT JOIN games game USING (base_game_id)
             WHERE file_id NOT IN (SELECT file_id FROM ambiguous_ids);
         ANALYZE staged_game_ids;",
    )
    .await?;
    sqlx::query(
        "SELECT count(DISTINCT base_game_id) FROM staged_games
         WHERE base_game_id IS NOT NULL AND base_game_id NOT IN (SELECT base_game_id FROM games)",
    )
    .fetch_one(db)
    .await?
    .try_get(0)
}

/// The first games of the file that aren't known yet, in the file's order.
///
/// # Errors
/// When the database refuses.
pub async fn new_games(db: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<NewGame>> {
    let found = sqlx::query(
        "SELECT base_game_id, game_name, country_code
         FROM (SELECT DISTINCT ON (base_game_id) * FROM staged_games
               WHERE base_game_id IS NOT NULL AND base_game_id NOT IN (SELECT base_game_id FROM games)
               ORDER BY base_game_id, position) AS game
         ORDER BY position LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    let game = |row: &sqlx::postgres::PgRow| {
        Ok(NewGame {
            base_game_id: row.try_get(0)?,
            game_name: row.try_get(1)?,
            country_code: row.try_get(2)?,
        })
    };
    found.iter().map(game).collect()
}
