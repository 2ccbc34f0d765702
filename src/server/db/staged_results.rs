//! The staged results of a bulk import, and the statements that merge them into the data (see [`super::staging`]).
//!
//! Longer than 300 lines: the statements are built from the same few conditions, which stand in one place.

use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use sqlx::{PgConnection, Row as _, postgres::PgRow};

use super::staging::rejects;
use crate::model::{
    difference::{DIFFERENCES_KEPT, Difference, DrawValues},
    import_log::ImportReject,
};

/// Whether a staged result, beside the game that its id means, can't be used.
macro_rules! unusable {
    () => {
        "(base_game_id IS NULL OR code_game <> base_game_id)"
    };
}

/// The usable staged results, with the game of each.
macro_rules! usable {
    () => {
        "staged_results
         JOIN staged_game_ids ON file_id = game_file_id AND coalesce(code_game = base_game_id, true)"
    };
}

/// Whether a result `known` was added by this very import: then the file repeats its draw.
macro_rules! is_mine {
    () => {
        "known.xmin = pg_current_xact_id()::xid"
    };
}

/// Whether a result `known` lacks digits that its `file` has, and contradicts it nowhere: then it is filled in. One that
/// this import has added itself takes what it lacks in any case: it stands for the same draw of the same file.
macro_rules! fills {
    () => {
        concat!(
            "((known.result_3up IS NULL AND file.result_3up IS NOT NULL
               OR known.result_2down IS NULL AND file.result_2down IS NOT NULL
               OR known.result_4up IS NULL AND file.result_4up IS NOT NULL)
              AND (",
            is_mine!(),
            " OR NOT coalesce(known.result_3up <> file.result_3up, false)
                 AND NOT coalesce(known.result_2down <> file.result_2down, false)
                 AND NOT coalesce(known.result_4up <> file.result_4up, false)))"
        )
    };
}

/// Whether a result `known` isn't what its `file` says, and stays.
macro_rules! differs {
    () => {
        concat!(
            "((known.result_3up, known.result_2down, known.result_4up, known.status)
              IS DISTINCT FROM (file.result_3up, file.result_2down, file.result_4up, file.status) AND NOT ",
            fills!(),
            ")"
        )
    };
}

/// The status of a result `known` once its digits are filled in: one that had none takes the file's, which stands in the
/// table of this name; a cancelled one stays so.
macro_rules! status_once_filled {
    ($file:literal) => {
        concat!(
            "CASE WHEN known.status IN ('waiting', 'no_result') THEN ",
            $file,
            ".status ELSE known.status END"
        )
    };
}

pub(super) use {differs, fills, is_mine, status_once_filled};

/// The first staged results that can't be used, in the file's order: their game isn't in the file, was rejected itself,
/// or could be either of two; or their full game code is another game's.
pub fn unusable_results(
    db: &mut PgConnection,
    limit: i64,
) -> BoxStream<'_, sqlx::Result<ImportReject>> {
    rejects(
        db,
        concat!("SELECT 'results' AS section, position,
                CASE
                    WHEN base_game_id IS NOT NULL THEN
                        format('full_game_code is that of game %s, but game_id %s is game %s.', code_game, game_file_id, base_game_id)
                    WHEN game_file_id IN (SELECT file_id FROM ambiguous_ids) THEN
                        format('game_id %s is the id of more than one game in this file.', game_file_id)
                    WHEN rejected.position_of_game IS NOT NULL THEN
                        format('game_id %s is that of game %s in this file, which was rejected.', game_file_id, rejected.position_of_game)
                    ELSE format('game_id %s is the id of no game in this file.', game_file_id)
                END AS reason,
                json_build_object('game_id', game_file_id, 'full_game_code', code_game || to_char(result_date, '-YYYYMMDD'),
                                  'result_date', result_date, 'result_3up', result_3up, 'result_2down', result_2down,
                                  'result_4up', result_4up, 'status', status)::text AS record
         FROM staged_results result
         LEFT JOIN staged_game_ids ON file_id = game_file_id
         LEFT JOIN (SELECT file_id AS rejected_id, min(position) AS position_of_game
                    FROM staged_games WHERE base_game_id IS NULL GROUP BY file_id) AS rejected ON rejected_id = game_file_id
         WHERE ", unusable!(), " ORDER BY position LIMIT $1"),
        limit,
    )
}

/// The staged results beside what is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Survey {
    /// How many can be used.
    pub usable: i64,
    /// How many of those are stored just so.
    pub equal: i64,
}

/// Looks at the staged results before anything is done with them.
///
/// # Errors
/// When the database refuses.
pub async fn survey(db: &mut PgConnection) -> sqlx::Result<Survey> {
    sqlx::query_as(concat!(
        "SELECT count(*) AS usable,
                count(*) FILTER (WHERE (known.result_3up, known.result_2down, known.result_4up, known.status)
                    IS NOT DISTINCT FROM (file.result_3up, file.result_2down, file.result_4up, file.status)) AS equal
         FROM (SELECT game_id, staged_results.* FROM ",
        usable!(),
        ") AS file LEFT JOIN results known USING (game_id, result_date)"
    ))
    .fetch_one(db)
    .await
}

/// How many different draws the usable results are that were stored before this import.
///
/// # Errors
/// When the database refuses.
pub async fn count_known(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query(concat!(
        "SELECT count(*) FROM (SELECT DISTINCT game_id, staged_results.result_date FROM ",
        usable!(),
        " JOIN results known USING (game_id, result_date) WHERE NOT ",
        is_mine!(),
        ") AS draw"
    ))
    .fetch_one(db)
    .await?
    .try_get(0)
}

/// Finds the draws of the file among its usable results, each once: of several for one draw the first with digits, else
/// the first. Answers how many they are.
///
/// # Errors
/// When the database refuses.
pub async fn find_draws(db: &mut PgConnection) -> sqlx::Result<u64> {
    let found = sqlx::query(concat!(
        "INSERT INTO staged_draws
             SELECT DISTINCT ON (game_id, result_date) game_id, base_game_id, position, result_date, result_3up,
                    result_2down, result_4up, status, created_at
             FROM ",
        usable!(),
        " ORDER BY game_id, result_date, coalesce(result_3up, result_2down, result_4up) IS NULL, position"
    ))
    .execute(&mut *db)
    .await?;
    sqlx::query("ANALYZE staged_draws").execute(db).await?;
    Ok(found.rows_affected())
}

/// Joins the digits of results that stand for the same draw: of each value, the first that the file has.
///
/// # Errors
/// When the database refuses.
pub async fn join_repeated(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(concat!(
        "UPDATE staged_draws draw
         SET result_3up = coalesce(draw.result_3up, all_of_it.result_3up),
             result_2down = coalesce(draw.result_2down, all_of_it.result_2down),
             result_4up = coalesce(draw.result_4up, all_of_it.result_4up)
         FROM (SELECT game_id, staged_results.result_date,
                      (array_agg(result_3up ORDER BY position) FILTER (WHERE result_3up IS NOT NULL))[1] AS result_3up,
                      (array_agg(result_2down ORDER BY position) FILTER (WHERE result_2down IS NOT NULL))[1] AS result_2down,
                      (array_agg(result_4up ORDER BY position) FILTER (WHERE result_4up IS NOT NULL))[1] AS result_4up
               FROM ",
        usable!(),
        " GROUP BY game_id, staged_results.result_date HAVING count(*) > 1) AS all_of_it
         WHERE draw.game_id = all_of_it.game_id AND draw.result_date = all_of_it.result_date"
    ))
    .execute(db)
    .await
    .map(drop)
}

/// Locks the stored results that aren't what the file says, in the order of the key and before any is added, as every
/// import does it: imports at the same time wait for each other instead of deadlocking, and what is compared stays.
///
/// # Errors
/// When the database refuses.
pub async fn lock_results(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT FROM results known JOIN staged_draws file USING (game_id, result_date)
         WHERE (known.result_3up, known.result_2down, known.result_4up, known.status)
               IS DISTINCT FROM (file.result_3up, file.result_2down, file.result_4up, file.status)
         ORDER BY known.game_id, known.result_date FOR UPDATE OF known",
    )
    .execute(db)
    .await
    .map(drop)
}

/// Adds the results that aren't stored yet, as this import's, in the order of the key, so that the index is filled from
/// left to right. Answers how many were created.
///
/// # Errors
/// When the database refuses.
pub async fn add_results(
    db: &mut PgConnection,
    import_id: i32,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    sqlx::query(
        "INSERT INTO results (game_id, result_date, result_3up, result_2down, result_4up, status, created_at, created_by)
         SELECT game_id, result_date, result_3up, result_2down, result_4up, status, coalesce(created_at, $1), $2
         FROM staged_draws ORDER BY game_id, result_date
         ON CONFLICT (game_id, result_date) DO NOTHING",
    )
    .bind(now)
    .bind(import_id)
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}

/// The file's draws beside those that were stored before this import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Compared {
    /// How many were stored.
    pub known: i64,
    /// Those that aren't what the file says, and stay.
    pub differing: i64,
    /// Those that lack digits which the file has.
    pub lacking: i64,
    /// Whether any lacks digits that the file has: one that this import has added, too.
    pub fillable: bool,
}

/// Compares the file's draws with what is stored. All of them are once [`add_results`] went before; in a check the others
/// are new.
///
/// # Errors
/// When the database refuses.
pub async fn compare_results(db: &mut PgConnection) -> sqlx::Result<Compared> {
    sqlx::query_as(concat!(
        "SELECT count(*) FILTER (WHERE NOT mine) AS known, count(*) FILTER (WHERE differs AND NOT mine) AS differing,
                count(*) FILTER (WHERE fills AND NOT mine) AS lacking, coalesce(bool_or(fills), false) AS fillable
         FROM (SELECT ",
        is_mine!(),
        " AS mine, ",
        fills!(),
        " AS fills, ",
        differs!(),
        " AS differs FROM staged_draws file JOIN results known USING (game_id, result_date)) AS draw"
    ))
    .fetch_one(db)
    .await
}

/// Fills in the digits that stored results lack and the file has, and the status that goes with them. What stood there before is kept. Answers how many there were that were stored before this
/// import.
///
/// # Errors
/// When the database refuses.
pub async fn fill_results(db: &mut PgConnection, import_id: i32) -> sqlx::Result<i64> {
    sqlx::query(concat!(
        "WITH filled AS MATERIALIZED (
             SELECT game_id, result_date, file.result_3up, file.result_2down, file.result_4up, file.status,
                    known.result_3up AS old_3up, known.result_2down AS old_2down, known.result_4up AS old_4up,
                    known.status AS old_status, known.change_id AS previous,
                    CASE WHEN NOT ",
        is_mine!(),
        " THEN nextval('result_changes_id_seq') END AS change_id
             FROM results known JOIN staged_draws file USING (game_id, result_date) WHERE ",
        fills!(),
        "), written AS (
             UPDATE results known
             SET result_3up = coalesce(known.result_3up, filled.result_3up),
                 result_2down = coalesce(known.result_2down, filled.result_2down),
                 result_4up = coalesce(known.result_4up, filled.result_4up),
                 status = CASE WHEN filled.change_id IS NULL THEN known.status ELSE ",
        status_once_filled!("filled"),
        " END,
                 change_id = filled.change_id
             FROM filled WHERE known.game_id = filled.game_id AND known.result_date = filled.result_date
             RETURNING filled.change_id, previous, known.game_id, known.result_date, old_3up, old_2down, old_4up, old_status,
                       known.result_3up, known.result_2down, known.result_4up, known.status),
         noted AS (
             INSERT INTO result_changes (id, import_id, previous, game_id, result_date, old_3up, old_2down, old_4up, old_status,
                                         new_3up, new_2down, new_4up, new_status)
             SELECT change_id, $1, previous, game_id, result_date, old_3up, old_2down, old_4up, old_status,
                    result_3up, result_2down, result_4up, status
             FROM written WHERE change_id IS NOT NULL ORDER BY change_id
             RETURNING 1)
         SELECT count(*) FROM noted"
    ))
    .bind(import_id)
    .fetch_one(db)
    .await?
    .try_get(0)
}

/// The first results that aren't what the file says, in the file's order.
///
/// # Errors
/// When the database refuses.
pub async fn differing_results(db: &mut PgConnection) -> sqlx::Result<Vec<Difference>> {
    sqlx::query(concat!(
        "SELECT file.base_game_id, game.game_name, file.result_date,
                known.result_3up, known.result_2down, known.result_4up, known.status,
                file.result_3up, file.result_2down, file.result_4up, file.status
         FROM staged_draws file JOIN results known USING (game_id, result_date) JOIN games game ON game.id = game_id
         WHERE NOT ",
        is_mine!(),
        " AND ",
        differs!(),
        " ORDER BY file.position LIMIT $1"
    ))
    .bind(i64::try_from(DIFFERENCES_KEPT).unwrap_or(i64::MAX))
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        Ok(Difference {
            base_game_id: row.try_get(0)?,
            game_name: row.try_get(1)?,
            result_date: row.try_get(2)?,
            stored: values(row, 3)?,
            brought: values(row, 7)?,
        })
    })
    .collect()
}

/// The values that stand in a row from this column on.
pub(super) fn values(row: &PgRow, from: usize) -> sqlx::Result<DrawValues> {
    let status: String = row.try_get(from + 3)?;
    Ok(DrawValues {
        result_3up: row.try_get(from)?,
        result_2down: row.try_get(from + 1)?,
        result_4up: row.try_get(from + 2)?,
        status: status
            .parse()
            .map_err(|word: String| sqlx::Error::Decode(word.into()))?,
    })
}
