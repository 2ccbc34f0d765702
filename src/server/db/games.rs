//! `games`.

use std::collections::HashMap;

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

impl FeedGames<'_> {
    /// Those that are not among the known ones.
    #[must_use]
    pub fn without(&self, known: &HashMap<String, i32>) -> Self {
        let mut others = Self::default();
        let columns = self.base_game_ids.iter().zip(&self.names);
        for ((&id, &name), &country_code) in columns.zip(&self.country_codes) {
            if !known.contains_key(id) {
                others.base_game_ids.push(id);
                others.names.push(name);
                others.country_codes.push(country_code);
            }
        }
        others
    }
}

/// What a feed's games did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    pub created: i64,
    /// Known games that got another name or country.
    pub updated: i64,
}

/// Gives known games the feed's name and country where those differ, and keeps what stood there before. In the order of
/// their ids, as every import does it, so that imports at the same time wait for each other instead of deadlocking.
/// Answers how many there were.
///
/// # Errors
/// When the database refuses.
pub async fn rename(
    db: impl PgExecutor<'_>,
    import_id: i32,
    games: &FeedGames<'_>,
) -> sqlx::Result<u64> {
    sqlx::query!(
        "WITH held AS MATERIALIZED (
             SELECT game.id, game.game_name AS old_name, game.country_code AS old_country, game.change_id AS previous,
                    feed.game_name, coalesce(feed.country_code, game.country_code) AS country_code
             FROM games game
             JOIN unnest($1::text[], $2::text[], $3::text[]) AS feed (base_game_id, game_name, country_code) USING (base_game_id)
             WHERE (game.game_name, game.country_code)
                   IS DISTINCT FROM (feed.game_name, coalesce(feed.country_code, game.country_code))
             ORDER BY base_game_id FOR NO KEY UPDATE OF game),
         changed AS MATERIALIZED (SELECT *, nextval('game_changes_id_seq') AS change_id FROM held),
         written AS (
             UPDATE games SET game_name = changed.game_name, country_code = changed.country_code, change_id = changed.change_id
             FROM changed WHERE games.id = changed.id
             RETURNING changed.*)
         INSERT INTO game_changes (id, import_id, previous, game_id, old_name, old_country, new_name, new_country)
         SELECT change_id, $4, previous, id, old_name, old_country, game_name, country_code FROM written ORDER BY change_id",
        &games.base_game_ids as &[&str],
        &games.names as &[&str],
        &games.country_codes as &[Option<&str>],
        import_id,
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}

/// Creates games, as this import's, in the order of their ids. Answers how many: not those that somebody else has created
/// meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    db: impl PgExecutor<'_>,
    import_id: i32,
    games: &FeedGames<'_>,
) -> sqlx::Result<u64> {
    sqlx::query!(
        "INSERT INTO games (base_game_id, game_name, country_code, created_by)
         SELECT *, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS feed (base_game_id, game_name, country_code)
         ORDER BY base_game_id
         ON CONFLICT (base_game_id) DO NOTHING",
        &games.base_game_ids as &[&str],
        &games.names as &[&str],
        &games.country_codes as &[Option<&str>],
        import_id,
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected())
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
