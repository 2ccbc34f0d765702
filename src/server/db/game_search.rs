//! `games`, looked for by their ids and names. There are thousands of them at most: all are looked at.

use sqlx::PgExecutor;

use crate::model::results::GameName;

/// The games whose id or name has this text, in any case and however its characters are composed; all of them without one.
/// By their database ids.
///
/// # Errors
/// When the database refuses.
pub async fn named(
    db: impl PgExecutor<'_>,
    text: Option<&str>,
) -> sqlx::Result<Vec<(i32, GameName)>> {
    let games = sqlx::query!(
        "SELECT id, base_game_id, game_name FROM games
         WHERE $1::text IS NULL
            OR position(lower(normalize($1, NFKC)) IN lower(normalize(base_game_id || E'\n' || game_name, NFKC))) > 0
         ORDER BY id",
        text
    )
    .fetch_all(db)
    .await?;
    let named = games.into_iter().map(|row| {
        let name = GameName {
            base_game_id: row.base_game_id,
            game_name: row.game_name,
        };
        (row.id, name)
    });
    Ok(named.collect())
}

/// Whether there is any game.
///
/// # Errors
/// When the database refuses.
pub async fn any(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM games) AS "any!""#)
        .fetch_one(db)
        .await
}
