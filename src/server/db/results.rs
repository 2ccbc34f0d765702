//! `results`: reading them, and writing a feed's draws. A backup's bulk load stands in [`super::staging`].

use chrono::NaiveDate;
use futures::{StreamExt as _, stream::BoxStream};
use sqlx::{PgConnection, PgExecutor};

use crate::model::{
    difference::DrawValues,
    game::{DrawResult, Game, ResultStatus, full_game_code},
};

/// Results column by column, as PostgreSQL's `unnest` takes them. No draw stands there twice.
#[derive(Debug, Default)]
pub struct Rows {
    pub game_ids: Vec<i32>,
    pub dates: Vec<NaiveDate>,
    results_3up: Vec<Option<String>>,
    results_2down: Vec<Option<String>>,
    results_4up: Vec<Option<String>>,
    statuses: Vec<&'static str>,
}

impl Rows {
    pub fn push(&mut self, (game_id, date): DrawKey, values: DrawValues) {
        self.game_ids.push(game_id);
        self.dates.push(date);
        self.results_3up.push(values.result_3up);
        self.results_2down.push(values.result_2down);
        self.results_4up.push(values.result_4up);
        self.statuses.push(values.status.as_str());
    }
}

/// Which draw: the game's database id and the date.
pub type DrawKey = (i32, NaiveDate);

/// What is stored of these draws. Their rows are locked for the caller's transaction, in the order of their keys, so
/// that imports at the same time wait for each other instead of deadlocking.
///
/// # Errors
/// When the database refuses.
pub async fn lock(
    db: impl PgExecutor<'_>,
    game_ids: &[i32],
    dates: &[NaiveDate],
) -> sqlx::Result<Vec<(DrawKey, DrawValues)>> {
    sqlx::query!(
        r#"SELECT game_id, result_date, result_3up, result_2down, result_4up, status AS "status: ResultStatus"
           FROM results JOIN unnest($1::int[], $2::date[]) AS draw (game_id, result_date) USING (game_id, result_date)
           ORDER BY game_id, result_date FOR UPDATE OF results"#,
        game_ids,
        dates
    )
    .fetch_all(db)
    .await
    .map(|rows| {
        rows.into_iter()
            .map(|row| {
                let values = DrawValues {
                    result_3up: row.result_3up,
                    result_2down: row.result_2down,
                    result_4up: row.result_4up,
                    status: row.status,
                };
                ((row.game_id, row.result_date), values)
            })
            .collect()
    })
}

/// Creates results, as this import's, in the order of their keys. Answers which: not those that somebody else has created
/// meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    db: impl PgExecutor<'_>,
    import_id: i32,
    rows: &Rows,
) -> sqlx::Result<Vec<DrawKey>> {
    sqlx::query!(
        "INSERT INTO results (game_id, result_date, result_3up, result_2down, result_4up, status, created_by)
         SELECT *, $7 FROM unnest($1::int[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[])
                       AS draw (game_id, result_date, result_3up, result_2down, result_4up, status)
         ORDER BY game_id, result_date
         ON CONFLICT (game_id, result_date) DO NOTHING
         RETURNING game_id, result_date",
        &rows.game_ids,
        &rows.dates,
        &rows.results_3up as &[Option<String>],
        &rows.results_2down as &[Option<String>],
        &rows.results_4up as &[Option<String>],
        &rows.statuses as &[&str],
        import_id,
    )
    .fetch_all(db)
    .await
    .map(|rows| {
        rows.into_iter()
            .map(|row| (row.game_id, row.result_date))
            .collect()
    })
}

/// Gives results, which the caller has locked, these values, and keeps what stood there before. Answers how many there were.
///
/// # Errors
/// When the database refuses.
pub async fn update(db: impl PgExecutor<'_>, import_id: i32, rows: &Rows) -> sqlx::Result<u64> {
    sqlx::query!(
        "WITH draw AS MATERIALIZED (
             SELECT draw.*, old.result_3up AS old_3up, old.result_2down AS old_2down, old.result_4up AS old_4up,
                    old.status AS old_status, old.change_id AS previous, nextval('result_changes_id_seq') AS change_id
             FROM unnest($1::int[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[])
                  AS draw (game_id, result_date, result_3up, result_2down, result_4up, status)
             JOIN results old USING (game_id, result_date)),
         written AS (
             UPDATE results
             SET result_3up = draw.result_3up, result_2down = draw.result_2down, result_4up = draw.result_4up,
                 status = draw.status, change_id = draw.change_id
             FROM draw WHERE results.game_id = draw.game_id AND results.result_date = draw.result_date
             RETURNING draw.*)
         INSERT INTO result_changes (id, import_id, previous, game_id, result_date, old_3up, old_2down, old_4up, old_status,
                                     new_3up, new_2down, new_4up, new_status)
         SELECT change_id, $7, previous, game_id, result_date, old_3up, old_2down, old_4up, old_status,
                result_3up, result_2down, result_4up, status
         FROM written ORDER BY change_id",
        &rows.game_ids,
        &rows.dates,
        &rows.results_3up as &[Option<String>],
        &rows.results_2down as &[Option<String>],
        &rows.results_4up as &[Option<String>],
        &rows.statuses as &[&str],
        import_id,
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected())
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
            full_game_code: full_game_code(&row.base_game_id, row.result_date),
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
