//! Which draws are stored of which days, and what is known of asking the feed for those.
//!
//! Results have no index by date, since a bulk load pays for each: days are read game by game, by the key.

use chrono::NaiveDate;
use sqlx::PgExecutor;

use crate::model::{game::ResultStatus, volume};

/// A game, and its draws of some days.
#[derive(Clone, Debug)]
pub struct GameDraws {
    pub base_game_id: String,
    pub game_name: String,
    pub is_active: bool,
    /// Day by day from the first on, four numbers each: which of its draws there is says the status.
    draws: Vec<i32>,
}

impl GameDraws {
    /// The status of the draw of each of so many days, where there is one.
    #[must_use]
    pub fn by_day(&self, days: usize) -> Vec<Option<ResultStatus>> {
        let mut found = vec![None; days];
        for draw in &self.draws {
            let status = match draw.rem_euclid(4) {
                0 => ResultStatus::Completed,
                1 => ResultStatus::Waiting,
                2 => ResultStatus::Cancelled,
                _ => ResultStatus::NoResult,
            };
            let day = usize::try_from(draw.div_euclid(4)).ok();
            if let Some(day) = day.and_then(|day| found.get_mut(day)) {
                *day = Some(status);
            }
        }
        found
    }
}

/// Those of some games, named by their database ids, that come after one (all: after the empty text), up to `limit`, by their
/// ids in the feed; each with its draws from `first` to `last`.
///
/// # Errors
/// When the database refuses.
pub async fn draws(
    db: impl PgExecutor<'_>,
    first: NaiveDate,
    last: NaiveDate,
    games: &[i32],
    after: &str,
    limit: i64,
) -> sqlx::Result<Vec<GameDraws>> {
    sqlx::query_as!(
        GameDraws,
        r#"SELECT base_game_id, game_name, is_active, coalesce(stored.draws, '{}') AS "draws!"
           FROM (SELECT * FROM games
                 WHERE base_game_id > $4 AND id = ANY($3)
                 ORDER BY base_game_id LIMIT $5) AS game
           CROSS JOIN LATERAL (
               SELECT array_agg((result_date - $1) * 4
                          + CASE status WHEN 'completed' THEN 0 WHEN 'waiting' THEN 1 WHEN 'cancelled' THEN 2 ELSE 3 END) AS draws
               FROM results WHERE game_id = game.id AND result_date BETWEEN $1 AND $2) AS stored
           ORDER BY base_game_id"#,
        first,
        last,
        games,
        after,
        limit
    )
    .fetch_all(db)
    .await
}

/// How many draws of all games are stored of each of these days.
///
/// # Errors
/// When the database refuses.
pub async fn draws_per_day(
    db: impl PgExecutor<'_>,
    first: NaiveDate,
    last: NaiveDate,
) -> sqlx::Result<Vec<(NaiveDate, i64)>> {
    sqlx::query!(
        r#"SELECT result_date, count(*) AS "draws!"
           FROM games CROSS JOIN LATERAL (
               SELECT result_date FROM results WHERE game_id = games.id AND result_date BETWEEN $1 AND $2
               OFFSET 0) AS draws
           GROUP BY result_date"#,
        first,
        last
    )
    .fetch_all(db)
    .await
    .map(|rows| {
        let rows = rows.into_iter();
        rows.map(|row| (row.result_date, row.draws)).collect()
    })
}

/// How many draws each of these days is known to have, as [`volume::known`] says. What is not known of the others is no number.
///
/// # Errors
/// When the database refuses.
pub async fn known_draws(db: impl PgExecutor<'_>, days: &[NaiveDate]) -> sqlx::Result<Vec<u32>> {
    let known = sqlx::query!(
        r#"SELECT counted.draws AS "stored!", answer.draws AS "answered?", coalesce(answer.succeeded, false) AS "succeeded!"
           FROM unnest($1::date[]) AS day (date)
           CROSS JOIN LATERAL (
               SELECT count(*) AS draws FROM games CROSS JOIN LATERAL (
                   SELECT FROM results WHERE game_id = games.id AND result_date = day.date OFFSET 0) AS draw) AS counted
           LEFT JOIN feed_days answer ON answer.date = day.date"#,
        days
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .filter_map(|day| volume::known(day.stored, day.answered, day.succeeded));
    Ok(known.collect())
}

/// What is known of asking for a day.
#[derive(Clone, Debug)]
pub struct AskedDay {
    pub date: NaiveDate,
    /// How it went the last time, if it was asked for.
    pub succeeded: Option<bool>,
    /// How many draws its latest answer held, if that was kept.
    pub answered: Option<i32>,
    pub unusual: Option<String>,
    /// The latest import that asked for it, of those whose logs still stand.
    pub import_id: Option<i32>,
    /// That import is still to ask.
    pub is_running: bool,
    /// What it brought was taken back since.
    pub is_taken_back: bool,
}

/// What is known of each of these days.
///
/// # Errors
/// When the database refuses.
pub async fn asked_days(
    db: impl PgExecutor<'_>,
    first: NaiveDate,
    last: NaiveDate,
) -> sqlx::Result<Vec<AskedDay>> {
    sqlx::query_as!(
        AskedDay,
        r#"SELECT day.date AS "date!", known.succeeded AS "succeeded?", known.draws AS "answered?", known.unusual AS "unusual?",
                  latest.import_id AS "import_id?", coalesce(latest.is_running, false) AS "is_running!",
                  coalesce(latest.is_taken_back, false) AS "is_taken_back!"
           FROM (SELECT $1::date + nth AS date FROM generate_series(0, $2::date - $1::date) AS nth) AS day
           LEFT JOIN feed_days known ON known.date = day.date
           LEFT JOIN LATERAL (
               SELECT import_id, outcome = 'pending' AS is_running,
                      outcome = 'success' AND log.undone_at IS NOT NULL AS is_taken_back
               FROM import_dates asked JOIN import_logs log ON log.id = asked.import_id
               WHERE asked.date = day.date AND (asked.outcome <> 'pending' OR log.status = 'running')
               ORDER BY import_id DESC LIMIT 1) AS latest ON true
           ORDER BY day.date"#,
        first,
        last
    )
    .fetch_all(db)
    .await
}
