//! `games`.

use futures::stream::BoxStream;
use sqlx::{PgConnection, PgExecutor};

use crate::model::game::Game;

/// All games, by their id in the feed.
///
/// # Errors
/// When the database refuses.
pub async fn all(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Game>> {
    sqlx::query_as!(
        Game,
        "SELECT id, base_game_id, game_name, country_code, is_active, created_at FROM games ORDER BY base_game_id"
    )
    .fetch_all(db)
    .await
}

/// All games, row by row, by id.
pub fn stream(db: &mut PgConnection) -> BoxStream<'_, sqlx::Result<Game>> {
    sqlx::query_as!(
        Game,
        "SELECT id, base_game_id, game_name, country_code, is_active, created_at FROM games ORDER BY id"
    )
    .fetch(db)
}

/// Creates the games of a feed that aren't known yet and answers how many. In the order of their ids, as every
/// import does it, so that imports at the same time wait for each other instead of deadlocking.
///
/// # Errors
/// When the database refuses.
pub async fn create_missing(
    db: impl PgExecutor<'_>,
    base_game_ids: &[&str],
    names: &[&str],
    country_codes: &[Option<&str>],
) -> sqlx::Result<i64> {
    sqlx::query!(
        "INSERT INTO games (base_game_id, game_name, country_code)
         SELECT DISTINCT ON (base_game_id) base_game_id, game_name, country_code
         FROM unnest($1::text[], $2::text[], $3::text[]) AS game (base_game_id, game_name, country_code)
         ORDER BY base_game_id
         ON CONFLICT (base_game_id) DO NOTHING",
        base_game_ids as &[&str],
        names as &[&str],
        country_codes as &[Option<&str>],
    )
    .execute(db)
    .await
    .map(|done| i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}
