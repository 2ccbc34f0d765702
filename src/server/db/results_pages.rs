//! `results`, page by page: by game, date and status.
//!
//! There is no index by date, since a bulk load pays for each index: each statement here reads of each game the few results
//! that stand next to where the page begins, by the primary key, or of a status that is the exception by the index of those.

use chrono::NaiveDate;
use sqlx::PgExecutor;

use crate::model::{
    difference::DrawValues,
    game::ResultStatus,
    results::{Draw, Place},
};

/// Of some games the dates between which their results are looked for, both included: game by game, as PostgreSQL's
/// `unnest` takes them.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    games: Vec<i32>,
    lowers: Vec<NaiveDate>,
    uppers: Vec<NaiveDate>,
}

impl FromIterator<(i32, NaiveDate, NaiveDate)> for Spans {
    /// Those of a game's id, its first date and its last. What has no date in between is left out.
    fn from_iter<T: IntoIterator<Item = (i32, NaiveDate, NaiveDate)>>(all: T) -> Self {
        let mut spans = Self::default();
        for (game, lower, upper) in all {
            if lower <= upper {
                spans.games.push(game);
                spans.lowers.push(lower);
                spans.uppers.push(upper);
            }
        }
        spans
    }
}

/// Which way results are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the newest date to the oldest, within a date by the games' ids.
    NewestFirst,
    /// The other way round.
    OldestFirst,
}

/// Which of the statuses, for the index that serves it.
#[derive(Clone, Copy, Debug)]
enum Which {
    Any,
    /// Almost all have it.
    Completed,
    /// Few have it: migration `results`.
    Exceptional,
}

impl Which {
    const fn of(status: Option<ResultStatus>) -> Self {
        match status {
            None => Self::Any,
            Some(ResultStatus::Completed) => Self::Completed,
            Some(_) => Self::Exceptional,
        }
    }
}

/// Calls a macro with what a status asks of a result, in SQL. A partial index serves only where its own condition stands.
macro_rules! by_status {
    ($status:expr, $statement:ident, $($rest:tt)*) => {
        match Which::of($status) {
            Which::Any => $statement!("$4::text IS NULL", $($rest)*),
            Which::Completed => $statement!("status = $4", $($rest)*),
            Which::Exceptional => $statement!("status = $4 AND status <> 'completed'", $($rest)*),
        }
    };
}

macro_rules! count_statement {
    ($of_status:literal, $db:expr, $spans:expr, $status:expr, $most:expr) => {
        sqlx::query_scalar!(
            r#"SELECT count(*) AS "counted!" FROM (
                   SELECT FROM unnest($1::int[], $2::date[], $3::date[]) AS span (game, lower, upper) CROSS JOIN LATERAL (
                       SELECT FROM results
                       WHERE game_id = span.game AND result_date BETWEEN span.lower AND span.upper AND "#
                + $of_status
                + " LIMIT $5) AS matches
                   LIMIT $5) AS first",
            &$spans.games,
            &$spans.lowers,
            &$spans.uppers,
            $status,
            $most
        )
        .fetch_one($db)
        .await
    };
}

/// How many results there are with a status, or any, up to `most`.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: impl PgExecutor<'_>,
    spans: &Spans,
    status: Option<ResultStatus>,
    most: i64,
) -> sqlx::Result<i64> {
    let word = status.map(ResultStatus::as_str);
    by_status!(status, count_statement, db, spans, word, most)
}

macro_rules! first_statement {
    ($of_status:literal, $order:literal, $within:literal, $db:expr, $spans:expr, $status:expr, $each:expr, $limit:expr) => {
        sqlx::query_as!(
            Place,
            r#"SELECT result_date AS "date!", game_id AS "game_id!"
               FROM unnest($1::int[], $2::date[], $3::date[]) AS span (game, lower, upper) CROSS JOIN LATERAL (
                   SELECT game_id, result_date FROM results
                   WHERE game_id = span.game AND result_date BETWEEN span.lower AND span.upper AND "#
                + $of_status
                + " ORDER BY "
                + $order
                + " LIMIT $5) AS first ORDER BY "
                + $within
                + " LIMIT $6",
            &$spans.games,
            &$spans.lowers,
            &$spans.uppers,
            $status,
            $each,
            $limit
        )
        .fetch_all($db)
        .await
    };
}

/// Of each game the first `each` results with a status, or any, and of these the first `limit`: where they stand.
///
/// # Errors
/// When the database refuses.
pub async fn first(
    db: impl PgExecutor<'_>,
    spans: &Spans,
    status: Option<ResultStatus>,
    order: Order,
    each: i64,
    limit: i64,
) -> sqlx::Result<Vec<Place>> {
    let word = status.map(ResultStatus::as_str);
    match order {
        Order::NewestFirst => {
            by_status!(
                status,
                first_statement,
                "result_date DESC",
                "result_date DESC, game_id",
                db,
                spans,
                word,
                each,
                limit
            )
        }
        Order::OldestFirst => {
            by_status!(
                status,
                first_statement,
                "result_date",
                "result_date, game_id DESC",
                db,
                spans,
                word,
                each,
                limit
            )
        }
    }
}

/// A result as its row is.
struct Row {
    game_id: i32,
    result_date: NaiveDate,
    result_3up: Option<String>,
    result_2down: Option<String>,
    result_4up: Option<String>,
    status: ResultStatus,
    created_by: Option<i32>,
    changed_by: Option<i32>,
}

impl From<Row> for Draw {
    fn from(row: Row) -> Self {
        Self {
            place: Place {
                date: row.result_date,
                game_id: row.game_id,
            },
            values: DrawValues {
                result_3up: row.result_3up,
                result_2down: row.result_2down,
                result_4up: row.result_4up,
                status: row.status,
            },
            created_by: row.created_by,
            changed_by: row.changed_by,
        }
    }
}

macro_rules! draws_statement {
    ($of_status:literal, $order:literal, $db:expr, $spans:expr, $status:expr, $limit:expr) => {
        sqlx::query_as!(
            Row,
            r#"SELECT game_id AS "game_id!", result_date AS "result_date!", result_3up, result_2down, result_4up,
                      status AS "status!: ResultStatus", created_by,
                      (SELECT import_id FROM result_changes change WHERE change.id = change_id) AS changed_by
               FROM (SELECT draw.*
                     FROM unnest($1::int[], $2::date[], $3::date[]) AS span (game, lower, upper) CROSS JOIN LATERAL (
                         SELECT * FROM results
                         WHERE game_id = span.game AND result_date BETWEEN span.lower AND span.upper AND "#
                + $of_status
                + ") AS draw ORDER BY "
                + $order
                + " LIMIT $5) AS draws ORDER BY "
                + $order,
            &$spans.games,
            &$spans.lowers,
            &$spans.uppers,
            $status,
            $limit
        )
        .fetch_all($db)
        .await
    };
}

/// The first `limit` results with a status, or any. All that lie in the spans are read: they are to be short.
///
/// # Errors
/// When the database refuses.
pub async fn draws(
    db: impl PgExecutor<'_>,
    spans: &Spans,
    status: Option<ResultStatus>,
    order: Order,
    limit: i64,
) -> sqlx::Result<Vec<Draw>> {
    let word = status.map(ResultStatus::as_str);
    let rows = match order {
        Order::NewestFirst => {
            by_status!(
                status,
                draws_statement,
                "result_date DESC, game_id",
                db,
                spans,
                word,
                limit
            )
        }
        Order::OldestFirst => {
            by_status!(
                status,
                draws_statement,
                "result_date, game_id DESC",
                db,
                spans,
                word,
                limit
            )
        }
    };
    rows.map(|rows| rows.into_iter().map(Draw::from).collect())
}
