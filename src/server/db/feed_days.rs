//! `feed_days`: what is known of each day that the feed was asked for.

use chrono::NaiveDate;
use sqlx::PgExecutor;

/// Notes how asking for a day has ended, in the transaction that notes it for its import: how many draws the answer held, or why
/// there is none. Then what the answer before it held stays known.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    db: impl PgExecutor<'_>,
    date: NaiveDate,
    answer: Result<i32, &str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO feed_days (date, succeeded, message, draws) VALUES ($1, $2, $3, $4)
         ON CONFLICT (date) DO UPDATE
         SET asked_at = now(), succeeded = excluded.succeeded, message = excluded.message,
             draws = coalesce(excluded.draws, feed_days.draws),
             unusual = CASE WHEN excluded.succeeded THEN NULL ELSE feed_days.unusual END",
        date,
        answer.is_ok(),
        answer.err(),
        answer.ok()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Notes that a day, which has just been noted, has brought an unusual number of draws.
///
/// # Errors
/// When the database refuses.
pub async fn mark_unusual(
    db: impl PgExecutor<'_>,
    date: NaiveDate,
    sentence: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE feed_days SET unusual = $2 WHERE date = $1",
        date,
        sentence
    )
    .execute(db)
    .await
    .map(drop)
}

/// A day that is not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete {
    pub date: NaiveDate,
    /// Draws that wait for their result.
    pub waiting: i64,
    pub asked: bool,
    /// Why asking for it failed the last time.
    pub failure: Option<String>,
}

/// So many days before today are looked at, whatever the gap: what was missed for longer is for an operator to ask for.
const LONGEST_GAP: i32 = 31;

/// The days until today that are not complete, in order: those since the newest success that never succeeded; and of the
/// last `look_back` days those that failed, or have a draw that waits for its result. Today is one if it failed.
///
/// # Errors
/// When the database refuses.
pub async fn incomplete(
    db: impl PgExecutor<'_>,
    today: NaiveDate,
    look_back: i32,
) -> sqlx::Result<Vec<Incomplete>> {
    sqlx::query_as!(
        Incomplete,
        r#"SELECT day.date AS "date!", draws.waiting AS "waiting!", known.date IS NOT NULL AS "asked!", known.message AS failure
           FROM (SELECT $1::date - back AS date, back FROM generate_series(0, greatest($2::integer, $3::integer)) AS back) AS day
           LEFT JOIN feed_days known ON known.date = day.date
           CROSS JOIN (SELECT max(date) AS date FROM feed_days WHERE succeeded AND date <= $1) AS newest
           CROSS JOIN LATERAL (
               SELECT count(*) AS waiting FROM results
               WHERE day.back BETWEEN 1 AND $2 AND result_date = day.date AND status = 'waiting') AS draws
           WHERE draws.waiting > 0
              OR known.date IS NOT NULL AND NOT known.succeeded AND day.back <= $2
              OR day.back > 0 AND NOT coalesce(known.succeeded, false) AND day.date > newest.date
           ORDER BY day.date"#,
        today,
        look_back,
        LONGEST_GAP
    )
    .fetch_all(db)
    .await
}
