//! The check of a backup: its transaction, and what takes the place of the statements that would write.
//!
//! Temporary tables, as those of [`super::staging`]; so these queries can't be checked when the program is compiled.

use std::time::Duration;

use sqlx::{Executor as _, PgConnection, PgPool, PgTransaction, Row as _};

use super::{
    staged_results::{differs, fills, is_mine, status_once_filled, values},
    staging,
};
use crate::model::checked::{CheckedDraw, DRAWS_SHOWN, NewGame};

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

/// The results of a file that don't contradict what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// None is stored for their draw.
    New,
    /// They have digits that the stored one lacks.
    Completing,
    /// They are stored just so.
    Equal,
}

/// The file's draws that are of a kind, beside what is stored and what it becomes, of which the first are wanted. The names
/// are looked up for those alone: a game that isn't known yet is called as its first record in the file says.
macro_rules! first_draws {
    ($condition:expr) => {
        concat!(
            "SELECT first.base_game_id,
                    coalesce(game.game_name, (SELECT game_name FROM staged_games named
                                              WHERE named.base_game_id = first.base_game_id ORDER BY named.position LIMIT 1)),
                    result_date, old_3up, old_2down, old_4up, old_status, result_3up, result_2down, result_4up, status,
                    coalesce(old_3up, result_3up), coalesce(old_2down, result_2down), coalesce(old_4up, result_4up),
                    coalesce(status_then, status)
             FROM (SELECT file.*, known.result_3up AS old_3up, known.result_2down AS old_2down, known.result_4up AS old_4up,
                          known.status AS old_status, ",
            status_once_filled!("file"),
            " AS status_then
                   FROM staged_draws file LEFT JOIN results known USING (game_id, result_date)
                   WHERE ",
            $condition,
            " ORDER BY file.position LIMIT $1) AS first
             LEFT JOIN games game ON game.id = first.game_id
             ORDER BY position"
        )
    };
}

/// The first results of a kind in the file's order, of which there are `all`: once they are compared.
///
/// # Errors
/// When the database refuses.
pub async fn first_draws(
    db: &mut PgConnection,
    kind: Kind,
    all: i64,
) -> sqlx::Result<Vec<CheckedDraw>> {
    if all == 0 {
        return Ok(Vec::new());
    }
    let query = match kind {
        Kind::New => first_draws!("known.game_id IS NULL"),
        Kind::Completing => first_draws!(concat!("known.game_id IS NOT NULL AND ", fills!())),
        Kind::Equal => first_draws!(concat!(
            "known.game_id IS NOT NULL AND NOT ",
            fills!(),
            " AND NOT ",
            differs!()
        )),
    };
    let found = sqlx::query(query).bind(DRAWS_SHOWN).fetch_all(db).await?;
    let draw = |row: &sqlx::postgres::PgRow| {
        let stored: Option<String> = row.try_get(6)?;
        Ok(CheckedDraw {
            base_game_id: row.try_get(0)?,
            game_name: row.try_get(1)?,
            result_date: row.try_get(2)?,
            stored: stored.map(|_| values(row, 3)).transpose()?,
            brought: values(row, 7)?,
            becomes: values(row, 11)?,
        })
    };
    found.iter().map(draw).collect()
}
