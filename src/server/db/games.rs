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

/// Games of a feed, column by column, as PostgreSQL's `unnest` takes them. Each stands there once.
#[derive(Debug, Default)]
pub struct FeedGames<'a> {
    pub base_game_ids: Vec<&'a str>,
    pub names: Vec<&'a str>,
    /// `None`: the feed doesn't say.
    pub country_codes: Vec<Option<&'a str>>,
}

/// What [`refresh`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refreshed {
    pub created: i64,
    /// Known games that got another name or country.
    pub updated: i64,
}

/// Creates the games that aren't known yet, and gives known ones the feed's name and country where those differ. In
/// the order of their ids, as every import does it, so that imports at the same time wait for each other instead of
/// deadlocking.
///
/// # Errors
/// When the database refuses.
pub async fn refresh(db: impl PgExecutor<'_>, games: &FeedGames<'_>) -> sqlx::Result<Refreshed> {
    // xmax is 0 in a row that this statement inserted, and its own transaction's id in one that it updated.
    sqlx::query_as!(
        Refreshed,
        r#"WITH written AS (
               INSERT INTO games AS known (base_game_id, game_name, country_code)
               SELECT feed.base_game_id, feed.game_name, feed.country_code
               FROM unnest($1::text[], $2::text[], $3::text[]) AS feed (base_game_id, game_name, country_code)
               LEFT JOIN games game ON game.base_game_id = feed.base_game_id
               WHERE game.id IS NULL OR game.game_name <> feed.game_name
                  OR game.country_code IS DISTINCT FROM coalesce(feed.country_code, game.country_code)
               ORDER BY feed.base_game_id
               ON CONFLICT (base_game_id) DO UPDATE
               SET game_name = excluded.game_name, country_code = coalesce(excluded.country_code, known.country_code)
               WHERE (known.game_name, known.country_code)
                     IS DISTINCT FROM (excluded.game_name, coalesce(excluded.country_code, known.country_code))
               RETURNING xmax = 0 AS is_new)
           SELECT count(*) FILTER (WHERE is_new) AS "created!", count(*) FILTER (WHERE NOT is_new) AS "updated!" FROM written"#,
        &games.base_game_ids as &[&str],
        &games.names as &[&str],
        &games.country_codes as &[Option<&str>],
    )
    .fetch_one(db)
    .await
}

/// The database's ids of these games.
///
/// # Errors
/// When the database refuses.
pub async fn ids(
    db: impl PgExecutor<'_>,
    base_game_ids: &[&str],
) -> sqlx::Result<Vec<(String, i32)>> {
    sqlx::query!(
        "SELECT base_game_id, id FROM games WHERE base_game_id = ANY($1::text[])",
        base_game_ids as &[&str]
    )
    .fetch_all(db)
    .await
    .map(|rows| {
        rows.into_iter()
            .map(|row| (row.base_game_id, row.id))
            .collect()
    })
}
