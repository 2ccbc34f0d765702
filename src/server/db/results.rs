//! `results`: reading them, and the upsert of a feed's draws. A backup's bulk load stands in [`super::staging`].

use chrono::NaiveDate;
use futures::{StreamExt as _, stream::BoxStream};
use sqlx::{PgConnection, PgExecutor};

use crate::model::game::{DrawResult, Game, ResultStatus};

/// The draws of a feed, column by column, as PostgreSQL's `unnest` takes them.
#[derive(Debug, Default)]
pub struct Draws<'a> {
    pub base_game_ids: Vec<&'a str>,
    pub dates: Vec<NaiveDate>,
    pub results_3up: Vec<Option<&'a str>>,
    pub results_2down: Vec<Option<&'a str>>,
    pub results_4up: Vec<Option<&'a str>>,
    pub statuses: Vec<&'a str>,
}

/// What [`upsert`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upserted {
    pub created: i64,
    pub updated: i64,
}

/// Creates results that aren't known, updates those that differ, and leaves the rest alone. The games exist.
/// No draw may stand in `draws` twice.
///
/// # Errors
/// When the database refuses.
pub async fn upsert(db: impl PgExecutor<'_>, draws: &Draws<'_>) -> sqlx::Result<Upserted> {
    // xmax is 0 in a row that this statement inserted, and its own transaction's id in one that it updated.
    sqlx::query_as!(
        Upserted,
        r#"WITH written AS (
               INSERT INTO results AS known (game_id, result_date, result_3up, result_2down, result_4up, status)
               SELECT game.id, draw.date, draw.result_3up, draw.result_2down, draw.result_4up, draw.status
               FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[])
                    AS draw (base_game_id, date, result_3up, result_2down, result_4up, status)
               JOIN games game USING (base_game_id)
               ORDER BY game.id, draw.date
               ON CONFLICT (game_id, result_date) DO UPDATE
               SET result_3up = excluded.result_3up, result_2down = excluded.result_2down,
                   result_4up = excluded.result_4up, status = excluded.status
               WHERE (known.result_3up, known.result_2down, known.result_4up, known.status)
                     IS DISTINCT FROM (excluded.result_3up, excluded.result_2down, excluded.result_4up, excluded.status)
               RETURNING xmax = 0 AS is_new)
           SELECT count(*) FILTER (WHERE is_new) AS "created!", count(*) FILTER (WHERE NOT is_new) AS "updated!" FROM written"#,
        &draws.base_game_ids as &[&str],
        &draws.dates,
        &draws.results_3up as &[Option<&str>],
        &draws.results_2down as &[Option<&str>],
        &draws.results_4up as &[Option<&str>],
        &draws.statuses as &[&str],
    )
    .fetch_one(db)
    .await
}

/// Whether there is any result.
///
/// # Errors
/// When the database refuses.
pub async fn any(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM results) AS "any!""#)
        .fetch_one(db)
        .await
}

/// A result with its game, as one row of a join.
struct Joined {
    result_date: NaiveDate,
    result_3up: Option<String>,
    result_2down: Option<String>,
    result_4up: Option<String>,
    status: ResultStatus,
    created_at: chrono::DateTime<chrono::Utc>,
    game_id: i32,
    base_game_id: String,
    game_name: String,
    country_code: Option<String>,
    is_active: bool,
    game_created_at: chrono::DateTime<chrono::Utc>,
}

impl From<Joined> for DrawResult {
    fn from(row: Joined) -> Self {
        Self {
            game_id: row.game_id,
            full_game_code: format!("{}-{}", row.base_game_id, row.result_date.format("%Y%m%d")),
            result_date: row.result_date,
            result_3up: row.result_3up,
            result_2down: row.result_2down,
            result_4up: row.result_4up,
            status: row.status,
            created_at: row.created_at,
            game: Game {
                id: row.game_id,
                base_game_id: row.base_game_id,
                game_name: row.game_name,
                country_code: row.country_code,
                is_active: row.is_active,
                created_at: row.game_created_at,
            },
        }
    }
}

/// Results from `since` on (`None`: all), newest first, row by row.
pub fn stream_since(
    db: &mut PgConnection,
    since: Option<NaiveDate>,
) -> BoxStream<'_, sqlx::Result<DrawResult>> {
    sqlx::query_as!(
        Joined,
        r#"SELECT result.result_date, result.result_3up, result.result_2down, result.result_4up,
                  result.status AS "status: ResultStatus", result.created_at, game.id AS game_id, game.base_game_id,
                  game.game_name, game.country_code, game.is_active, game.created_at AS game_created_at
           FROM results result JOIN games game ON game.id = result.game_id
           WHERE $1::date IS NULL OR result.result_date >= $1
           ORDER BY result.result_date DESC, result.game_id"#,
        since
    )
    .fetch(db)
    .map(|row| row.map(DrawResult::from))
    .boxed()
}

/// All results in the order of their key, row by row.
pub fn stream_by_key(db: &mut PgConnection) -> BoxStream<'_, sqlx::Result<DrawResult>> {
    sqlx::query_as!(
        Joined,
        r#"SELECT result.result_date, result.result_3up, result.result_2down, result.result_4up,
                  result.status AS "status: ResultStatus", result.created_at, game.id AS game_id, game.base_game_id,
                  game.game_name, game.country_code, game.is_active, game.created_at AS game_created_at
           FROM results result JOIN games game ON game.id = result.game_id
           ORDER BY result.game_id, result.result_date"#
    )
    .fetch(db)
    .map(|row| row.map(DrawResult::from))
    .boxed()
}

/// Removes all results and games; answers how many of each. Waits for imports that are about to commit: a result
/// that came between the two statements would keep its game.
///
/// # Errors
/// When the database refuses.
pub async fn clear(db: &mut PgConnection) -> sqlx::Result<(u64, u64)> {
    // In the order in which imports write to them.
    sqlx::query!("LOCK TABLE games, results IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *db)
        .await?;
    let results = sqlx::query!("DELETE FROM results")
        .execute(&mut *db)
        .await?
        .rows_affected();
    let games = sqlx::query!("DELETE FROM games")
        .execute(db)
        .await?
        .rows_affected();
    Ok((results, games))
}

/// Makes what [`stream_since`] and the games' stream read one and the same moment.
///
/// # Errors
/// When the database refuses.
pub async fn freeze(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .execute(db)
        .await
        .map(drop)
}
